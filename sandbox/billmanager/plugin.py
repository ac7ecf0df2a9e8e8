"""Which handlers the installed plugin descriptions register (``etc/xml/billmgr_mod_*.xml``, documented)."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

STAGES = ("before", "after", "final")


@dataclass(frozen=True)
class Handler:
    """One ``<handler>``: an executable in ``addon/``, the events and the functions it is for."""

    name: str
    type: str
    ignore_errors: bool
    events: tuple[tuple[str, str], ...]
    functions: tuple[str, ...]


class Plugins:
    """The registrations, read again when a description changed."""

    def __init__(self, root: Path) -> None:
        self._folder = root / "etc" / "xml"
        self._stamp: tuple[tuple[str, int], ...] | None = None
        self._handlers: tuple[Handler, ...] = ()
        self.broken: dict[str, str] = {}

    def handlers(self) -> tuple[Handler, ...]:
        """Every registered handler, in the order of the files' names."""
        files = sorted(self._folder.glob("billmgr_mod_*.xml"))
        stamp = tuple((str(file), file.stat().st_mtime_ns) for file in files)
        if stamp != self._stamp:
            self.broken = {}
            self._handlers = tuple(handler for file in files for handler in self._read(file))
            self._stamp = stamp
        return self._handlers

    def for_event(self, func: str, stage: str) -> list[Handler]:
        return [handler for handler in self.handlers() if (func, stage) in handler.events]

    def for_function(self, func: str) -> Handler | None:
        return next((handler for handler in self.handlers() if func in handler.functions), None)

    def _read(self, file: Path) -> list[Handler]:
        try:
            root = ET.parse(file).getroot()
        except ET.ParseError as error:  # the core leaves the file out and says so in its log
            self.broken[file.name] = str(error)
            return []
        return [_handler(node) for node in root.iter("handler")]


def _handler(node: ET.Element) -> Handler:
    events = tuple(
        (event.get("name", ""), stage)
        for event in node.findall("event")
        for stage in STAGES
        if event.get(stage) == "yes"
    )
    return Handler(
        name=node.get("name", ""),
        type=node.get("type", "xml"),
        ignore_errors=node.get("ignore_errors") == "yes",
        events=events,
        functions=tuple(func.get("name", "") for func in node.findall("func")),
    )
