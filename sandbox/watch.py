"""Waiting for something to happen in a world: by its events, never by the clock."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import pymysql

if TYPE_CHECKING:
    from sandbox.world import World

T = TypeVar("T")
LIMIT = 60.0  # seconds; only a defect takes so long
UNSEEN = 0.02  # seconds between two looks at what announces itself to nobody: files, other processes
_NO_SUCH_TABLE = 1146


class Stuck(AssertionError):
    """What was waited for did not happen; the text ends with the worker's last words."""


class Watch:
    """Wakes whenever the panel has finished a call or Omnidesk has answered one.

    There is one for the whole life of a world, because both products keep whom they tell.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._changed = threading.Condition()
        self._events = 0
        world.panel.on_event(lambda event: self._tell())
        world.omnidesk.on_call(lambda call: self._tell())

    def until(self, what: str, condition: Callable[[], T], limit: float = LIMIT, every: float = 1.0) -> T:
        """The first true value of ``condition``, looked at after each event, and ``every`` so many seconds besides.

        Raises :class:`Stuck` after ``limit`` seconds.
        """
        deadline = time.monotonic() + limit
        while True:
            with self._changed:
                seen = self._events
            found = condition()
            if found:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise Stuck(f"waited {limit:.0f} s in vain: {what}\n{self._last_words()}")
            self._wait(seen, min(left, every))

    def settled(self, limit: float = LIMIT) -> None:
        """Wait until no webhook is under way, no event waits and no ticket is due."""
        self.until("everything is done", self.is_settled, limit, UNSEEN)

    def is_settled(self) -> bool:
        """Looked at in the order in which news travels, so none can slip by."""
        return not self.world.omnidesk.webhooks.pending() and not self.events() and not self.due()

    def next_second(self, moment: int) -> None:
        """Wait until Omnidesk's clock, which knows whole seconds, is past ``moment``."""
        self.until("a later second", lambda: self.world.omnidesk.now() > moment, LIMIT, UNSEEN)

    def events(self) -> list[str]:
        """The names of the records that wait in the spool."""
        folder = self.world.root / "var" / "omnidesk" / "spool"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def due(self) -> list[int]:
        """The tickets that still have to be looked at, those that failed included."""
        try:
            rows = self.world.panel.query("SELECT ticket FROM ticket2external_case WHERE due_at IS NOT NULL")
        except pymysql.ProgrammingError as error:
            if error.args[0] != _NO_SUCH_TABLE:  # the first run of the module makes it
                raise
            return []
        return [int(row["ticket"]) for row in rows]

    def _tell(self) -> None:
        with self._changed:
            self._events += 1
            self._changed.notify_all()

    def _wait(self, seen: int, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._events != seen, seconds)

    def _last_words(self) -> str:
        log = re.sub(r"\x1b\[[\d;]*m", "", self.world.log())
        lines = log.splitlines()[-15:] + [str(one) for one in self.world.panel.complaints]
        return "\n".join(lines) or "(the worker has written nothing)"
