"""What the installed plugin descriptions register and describe (``etc/xml/billmgr_mod_*.xml``, documented)."""

from __future__ import annotations

import os
import threading
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

from sandbox.billmanager.descriptions import Descriptions

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
    """The registrations and descriptions, read again when a file changed."""

    def __init__(self, root: Path) -> None:
        self._folder = root / "etc" / "xml"
        self._lock = threading.Lock()
        self._stamp: tuple[tuple[str, int], ...] | None = None
        self._handlers: tuple[Handler, ...] = ()
        self._descriptions: Descriptions | None = None
        self.broken: dict[str, str] = {}

    def handlers(self) -> tuple[Handler, ...]:
        """Every registered handler, in the order of the files' names."""
        self._refresh()
        return self._handlers

    def descriptions(self) -> Descriptions:
        """The core's own forms, lists and texts with what the plugins add."""
        self._refresh()
        assert self._descriptions is not None
        return self._descriptions

    def for_event(self, func: str, stage: str) -> list[Handler]:
        return [handler for handler in self.handlers() if (func, stage) in handler.events]

    def for_function(self, func: str) -> Handler | None:
        return next((handler for handler in self.handlers() if func in handler.functions), None)

    def _refresh(self) -> None:
        there = os.listdir(self._folder) if self._folder.is_dir() else []  # asked several times a call: glob takes long
        files = [self._folder / name for name in sorted(there) if fnmatchcase(name, "billmgr_mod_*.xml")]
        stamp = tuple((file.name, file.stat().st_mtime_ns) for file in files)
        with self._lock:
            if stamp == self._stamp:
                return
            self._handlers, self._descriptions, broken = _read(tuple((file.name, file.read_bytes()) for file in files))
            self.broken = dict(broken)
            self._stamp = stamp


@lru_cache(maxsize=4)
def _read(files: tuple[tuple[str, bytes], ...]) -> tuple[tuple[Handler, ...], Descriptions, dict[str, str]]:
    """What the files say, and what is wrong with each that is left out. Panels of a process mostly have the same."""
    broken: dict[str, str] = {}
    roots = [root for name, content in files if (root := _parsed(name, content, broken)) is not None]
    handlers = tuple(_handler(node) for root in roots for node in root.iter("handler"))
    return handlers, Descriptions(roots), broken


def _parsed(name: str, content: bytes, broken: dict[str, str]) -> ET.Element | None:
    try:
        root = ET.fromstring(content)
    except ET.ParseError as error:  # the core leaves the file out and says so in its log
        broken[name] = str(error)
        return None
    if root.tag != "mgrdata":
        broken[name] = f"the root is <{root.tag}>, not <mgrdata>"
        return None
    return root


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
