"""The panel's own log, ``var/billmgr.log``: every request with its parameters as the core writes it."""

from __future__ import annotations

import itertools
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.billmanager.answer import PanelError
    from sandbox.billmanager.request import Request

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class PanelLog:
    """Appends lines in the panel's format and colours."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._numbers = itertools.count(500)

    def request(self, request: Request, private: frozenset[str] = frozenset()) -> None:
        """Log a call with everything in its parameters but the values of private fields."""
        params = {name: "******" if name in private else value for name, value in request.params.items()}
        shown = {"func": request.func, **params}
        text = "&".join(f"{name}={value}" for name, value in sorted(shown.items()))
        actor = "root" if not request.actor.id else f"{request.actor.name}({request.actor.id})"
        self._write("1;32mINFO", f"Request [{request.label}][{actor}] '{text}'")

    def error(self, error: PanelError) -> None:
        """Log an error the panel answered with."""
        self._write("1;31mERROR", f"Error: Type: '{error.type}' Object: '{error.object}' Value: '{error.value}'")

    def _write(self, level: str, text: str) -> None:
        now = time.localtime()
        stamp = f"{_MONTHS[now.tm_mon - 1]} {now.tm_mday:2d} {time.strftime('%H:%M:%S', now)}"
        line = f"{stamp} [{os.getpid()}:{next(self._numbers)}] core_module \x1b[{level} {text}\x1b[0m\n"
        with self._path.open("ab") as file:
            file.write(line.encode("utf-8", "replace"))
