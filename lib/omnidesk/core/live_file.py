"""Files that are reread when they change; while they are broken, their last valid content is used.

The administrator edits a file while the worker runs. A comma too many must not empty what it says for every ticket, so
the worker goes on with what it read before and says so once for each change of the file.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Generic, TypeVar

from omnidesk.core.errors import Misconfigured

T = TypeVar("T")
P = TypeVar("P", bound=Misconfigured)
_log = logging.getLogger(__name__)
_Stamp = tuple[int, int, int] | None
_UNSEEN = (-1, -1, -1)  # no file has it; a missing one has None


class LiveFile(Generic[T, P]):
    """The content of one file, read again when its time, size or inode has changed.

    ``report`` is called once for each change that leaves it broken; without one the problem is logged as an error.
    """

    def __init__(self, path: str | os.PathLike[str], empty: T, report: Callable[[P], None] | None) -> None:
        self.path = os.fspath(path)
        self.problem: P | None = None
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

    def _read(self, last: T) -> tuple[T, P | None]:
        raise NotImplementedError


def _log_problem(problem: Misconfigured) -> None:
    _log.error("%s; the last valid content is used", problem)


def _stamp(path: str) -> _Stamp:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
