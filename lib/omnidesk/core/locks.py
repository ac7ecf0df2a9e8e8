"""One run at a time per ticket, however many are started, in this process or in others; and few at once in the panel.

Byte ranges of one file, one byte a ticket: nothing accumulates on disk, and the kernel frees them at once when their
process dies, in whatever way. (A lock in the database would be gone when the server restarts, while the call it
protects still runs.) The locks belong to the process: its children do not hold them, and its threads all do, so these
keep a list of their own.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from omnidesk.core.paths import private_folder

POLL = 0  # no ticket has this number


class TicketLocks:
    """The lock file, opened once a process (closing any descriptor of it would free all locks of the process)."""

    def __init__(self, path: str) -> None:
        private_folder(os.path.dirname(path))
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        self._mine: dict[int, int] = {}  # the thread that has or wants the lock of a ticket
        self._freed = threading.Condition()

    @contextmanager
    def held(self, number: int, *, wait: bool = False) -> Iterator[bool]:
        """Hold the lock of a ticket; yields False when another thread or process has it and ``wait`` is not set."""
        if not self._claim(number, wait):
            yield False
            return
        try:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), 1, number)
            except (BlockingIOError, PermissionError):
                yield False
                return
            try:
                yield True
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)
        finally:
            self._release(number)

    def _claim(self, number: int, wait: bool) -> bool:
        """Be the only thread of this process that may have the lock."""
        with self._freed:
            while number in self._mine:
                if not wait:
                    return False
                self._freed.wait()
            self._mine[number] = threading.get_ident()
        return True

    def _release(self, number: int) -> None:
        with self._freed:
            del self._mine[number]
            self._freed.notify_all()

    def close(self) -> None:
        """Close the file. What an abandoned thread still holds stays locked until the process ends."""
        with self._freed:
            if not set(self._mine.values()) - {threading.get_ident()}:
                os.close(self._file)


class Places:
    """At most so many threads at a time; one that is inside may come in again."""

    def __init__(self, count: int) -> None:
        self._free = threading.BoundedSemaphore(count)
        self._inside = threading.local()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a place and keep it."""
        if getattr(self._inside, "yes", False):
            yield
            return
        with self._free:
            self._inside.yes = True
            try:
                yield
            finally:
                self._inside.yes = False
