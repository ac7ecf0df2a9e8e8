"""Files that are reread when they change; while they are broken, their last valid content is used.

The administrator edits the catalogue while the worker runs. A comma too many must not empty the fields of every ticket,
so the worker goes on with what it read before and says so once for each change of the file.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Generic, TypeVar

from omnidesk.custom_fields.catalogue import Catalogue, Link, load_links, parse, read_text
from omnidesk.custom_fields.problems import BrokenFile

Report = Callable[[BrokenFile], None]
"""Called once for each change of a file that leaves it broken; without one the problem is logged as an error."""

_log = logging.getLogger(__name__)

T = TypeVar("T")
_Stamp = tuple[int, int, int] | None
_UNSEEN = (-1, -1, -1)  # no file has it; a missing one has None


class _Live(Generic[T]):
    """The content of one file, read again when its time, size or inode has changed."""

    def __init__(self, path: str | os.PathLike[str], empty: T, report: Report | None) -> None:
        self.path = os.fspath(path)
        self.problem: BrokenFile | None = None
        self._report = report or _log_problem
        self._content = empty
        self._stamp: _Stamp = _UNSEEN

    def current(self) -> T:
        """The content in force; never raises. ``problem`` tells whether the file itself is broken at present."""
        stamp = _stamp(self.path)
        if stamp != self._stamp:
            self._stamp = stamp  # taken before reading: a change in between is seen the next time
            self._content, self.problem = self._read(self._content)
            if self.problem is not None:
                self._report(self.problem)
        return self._content

    def _read(self, last: T) -> tuple[T, BrokenFile | None]:
        raise NotImplementedError


def _log_problem(problem: BrokenFile) -> None:
    _log.error("%s; the last valid content is used", problem)


def _stamp(path: str) -> _Stamp:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


class LiveCatalogue(_Live[Catalogue]):
    """The catalogue in force. A broken entry keeps its last good meaning, a broken file keeps all of them."""

    def __init__(self, path: str | os.PathLike[str], report: Report | None = None) -> None:
        super().__init__(path, Catalogue(), report)

    def _read(self, last: Catalogue) -> tuple[Catalogue, BrokenFile | None]:
        name = os.path.basename(self.path)
        try:
            found = parse(read_text(self.path, "catalogue"), name)
        except BrokenFile as problem:
            return Catalogue(last.values, problem.problems), problem
        if not found.problems:
            return found, None
        kept = {key: value for key, value in last.values.items() if key in found.broken}
        content = Catalogue({**found.values, **kept}, found.problems, found.broken)
        return content, BrokenFile("catalogue", name, found.problems)


class LiveLinks(_Live[tuple[Link, ...]]):
    """The links in force; a missing file means none."""

    def __init__(self, path: str | os.PathLike[str], report: Report | None = None) -> None:
        super().__init__(path, (), report)

    def _read(self, last: tuple[Link, ...]) -> tuple[tuple[Link, ...], BrokenFile | None]:
        try:
            return load_links(self.path), None
        except BrokenFile as problem:
            return last, problem
