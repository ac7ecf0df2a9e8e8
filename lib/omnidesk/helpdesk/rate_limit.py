"""The account's calls per minute, shared by every process of this panel.

Omnidesk says in each answer how many calls are left and, when none are, how long to wait (documented headers). That is
kept in one small locked file, so a process that starts knows what another one has learned, and a call that would
be refused is not made at all.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from math import isfinite
from typing import Any

from omnidesk.core.errors import Paused
from omnidesk.core.paths import private_folder

log = logging.getLogger("omnidesk")
WINDOW = 60.0
MOST_BYTES = 4096  # our own writing is a few hundred
LONGEST_BLOCK = 3600.0  # nothing blocks for longer
_KINDS: dict[str, Callable[[Any], Any]] = {
    "limit": int,
    "left": int,
    "window_ends": float,
    "blocked_until": float,
    "reason": str,
    "saved_at": float,
}


@dataclass(frozen=True)
class Budget:
    """What is known of the account's limit. ``left`` is -1 until an answer contains it; times in Unix seconds.

    ``saved_at``: when this was written, by the clock that its other times are of.
    """

    limit: int = 0
    left: int = -1
    window_ends: float = 0.0
    blocked_until: float = 0.0
    reason: str = ""
    saved_at: float = field(default=0.0, compare=False)

    @property
    def plentiful(self) -> bool:
        """At least half of the minute's calls are left: work that may wait need not."""
        return self.limit > 0 and self.left * 2 >= self.limit


class RateGate:
    """Asks before a call, learns from its answer."""

    def __init__(self, path: str, clock: Callable[[], float]) -> None:
        self.path = path
        self.clock = clock
        self._warned = False

    def enter(self, reserve: int = 0) -> None:
        """Take one call of the budget, leaving ``reserve`` to others; raises :class:`Paused` when none is left."""
        with self._locked() as (budget, save):
            now = self.clock()
            if budget.blocked_until > now:
                raise Paused(budget.reason or "omnidesk_rate", seconds=budget.blocked_until - now)
            if budget.left >= 0 and now < budget.window_ends:
                if budget.left <= reserve:
                    raise Paused("omnidesk_rate", seconds=budget.window_ends - now)
                save(replace(budget, left=budget.left - 1))

    def learn(self, limit: int | None, left: int | None, retry_after: float | None) -> None:
        """Take over what an answer's headers say (None where a header is absent)."""
        if left is None and retry_after is None:
            return
        with self._locked() as (budget, save):
            now = self.clock()
            fresh = now >= budget.window_ends
            if left is not None:
                known = left if fresh or budget.left < 0 else min(left, budget.left)
                ends = now + WINDOW if fresh else budget.window_ends
                budget = replace(budget, limit=limit or budget.limit, left=known, window_ends=ends)
            if retry_after is not None and (left is None or left <= 0):
                budget = replace(budget, left=0, window_ends=now + min(retry_after, LONGEST_BLOCK))
            save(budget)

    def block(self, seconds: float, reason: str) -> None:
        """Nobody calls for so long: the account or the network as a whole refuses."""
        with self._locked() as (budget, save):
            until = max(budget.blocked_until, self.clock() + seconds)
            save(replace(budget, blocked_until=until, reason=reason))

    def unblock(self) -> None:
        """An answer came, or the administrator changed something: what blocked is over."""
        with self._locked() as (budget, save):
            if budget.blocked_until:
                save(replace(budget, blocked_until=0.0, reason=""))

    def budget(self) -> Budget:
        with self._locked() as (budget, _):
            return budget

    @contextmanager
    def _locked(self) -> Iterator[tuple[Budget, Callable[[Budget], None]]]:
        private_folder(os.path.dirname(self.path))
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            text = os.pread(descriptor, MOST_BYTES, 0).decode("utf-8", "replace")
            budget = _read(text, self.clock())
            if budget is None:  # once and for all: what lies ahead now would be near later
                budget = Budget()
                self._save(descriptor, budget)
            yield budget, lambda changed: self._save(descriptor, changed)
        finally:
            os.close(descriptor)

    def _save(self, descriptor: int, budget: Budget) -> None:
        """Write the record over the old one; a full disk must not stop the calls, whose answers say the same again."""
        text = json.dumps(asdict(replace(budget, saved_at=self.clock())))
        try:
            os.ftruncate(descriptor, os.pwrite(descriptor, text.encode(), 0))
        except OSError as error:
            if not self._warned:
                log.warning("cannot write %s: %s", self.path, error.strerror)
            self._warned = True


def _read(text: str, now: float) -> Budget | None:
    """The budget as written; None for what a crash has torn, or what was written before the clock was set back: the
    next answer reports it again."""
    try:
        given = json.loads(text) if text else {}
        budget = Budget(**{name: _KINDS[name](value) for name, value in given.items()})
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None
    if not (isfinite(budget.window_ends) and isfinite(budget.blocked_until)):
        return None
    ahead = max(budget.window_ends, budget.blocked_until) - now > LONGEST_BLOCK
    return None if ahead or budget.saved_at - now > WINDOW else budget
