"""Whose turn it is: replies from Omnidesk, messages from BILLmanager, and everything else, in alternation.

Within each of the three, the ticket whose oldest message has waited longest comes first. A ticket that failed, or whose
turn ended with work left, waits from then on. So nothing waits for the whole backlog of something else, and neither a
long conversation nor a ticket that fails every time is served again and again before the others.
"""

from __future__ import annotations

from collections.abc import Set

from omnidesk.store.queue import Queue

ORDER = ("reply", "message", "reply", "message", "other")
AHEAD = 8  # tickets read at once: few, so that what comes meanwhile is soon among them
TURN = 5  # messages of one ticket before the next ticket's turn


class Turns:
    """Hands out due tickets. :meth:`forget` after something new has become due."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self._ready: dict[str, list[int]] = {}
        self._at = 0
        self._given = False

    def next(self, skip: Set[int]) -> int | None:
        """The ticket whose turn it is; None when nothing is due but what is to be skipped."""
        found = self._next(skip)
        if found is None and self._given:  # something may have come since the tickets were read
            self.forget()
            found = self._next(skip)
        self._given = found is not None
        return found

    def forget(self) -> None:
        """Read again what is due."""
        self._ready = {}

    def _next(self, skip: Set[int]) -> int | None:
        for step in range(len(ORDER)):
            at = (self._at + step) % len(ORDER)
            ticket = self._first(ORDER[at], skip)
            if ticket is not None:
                self._at = (at + 1) % len(ORDER)
                return ticket
        return None

    def _first(self, kind: str, skip: Set[int]) -> int | None:
        if kind not in self._ready:
            self._ready[kind] = self.queue.due(AHEAD, skip, kind)
        ready = self._ready[kind]
        while ready:
            ticket = ready.pop(0)
            if ticket not in skip:
                if not ready:
                    del self._ready[kind]
                return ticket
        return None
