"""One run at a time per ticket, however many are started.

Byte ranges of one file, one byte a ticket: nothing accumulates on disk, and the kernel frees them at once when their
process dies, in whatever way. (A lock in the database would be gone when the server restarts, while the call it
protects still runs.) The locks belong to the process: its children do not hold them.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from omnidesk.core.paths import private_folder

POLL = 0  # no ticket has this number


class TicketLocks:
    """The lock file, opened once a process (closing any descriptor of it would free all locks of the process)."""

    def __init__(self, path: str) -> None:
        private_folder(os.path.dirname(path))
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)

    @contextmanager
    def held(self, number: int, *, wait: bool = False) -> Iterator[bool]:
        """Hold the lock of a ticket; yields False when another process has it and ``wait`` is not set."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), 1, number)
        except (BlockingIOError, PermissionError):
            yield False
            return
        try:
            yield True
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)

    def close(self) -> None:
        os.close(self._file)
