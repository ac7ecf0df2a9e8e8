"""The account's calls per minute, shared by every thread and process of this panel.

Omnidesk says in each answer how many calls are left and, when none are, how long to wait (documented headers). That is
kept in one small locked file together with this panel's own calls of the last minute (:mod:`call_log`), so a process
that starts knows what another one has learned, and a call that would be refused is not made at all.

Where others call the same account, say further panels of the provider, a reserve stays unused. It is as large as what
all of them may have under way before their next answers say that little is left, so nobody meets a refusal.
"""

from __future__ import annotations

import fcntl
import json
import logging
import math
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from omnidesk.core.errors import Paused
from omnidesk.core.paths import private_folder
from omnidesk.core.settings import MOST_LANES
from omnidesk.helpdesk.call_log import WINDOW, Calls

log = logging.getLogger("omnidesk")
MOST_BYTES = 32768  # our own writing is some thousand
LONGEST_BLOCK = 3600.0  # nothing blocks for longer
ENOUGH = 0.6  # calls under way on average up to which one lane, which also computes and writes, makes them all
SPARE = 2  # times as many lanes as are busy on average: what comes at once may use a minute's calls in half a minute
LEAST = 0.15  # seconds from one call of a lane to the next, however fast Omnidesk answers: it also works between them
STALE = 5.0  # seconds: an older answer says little of what others left
_KINDS: dict[str, Callable[[Any], Any]] = {
    "limit": int,
    "left": int,
    "window_ends": float,
    "blocked_until": float,
    "reason": str,
    "saved_at": float,
    "calls": Calls.of,
}


@dataclass(frozen=True)
class Budget:
    """What is known of the account's limit. ``left`` is -1 until an answer contains it; times in Unix seconds.

    ``saved_at``: when this was written, by the clock that its other times are of. ``calls``: this panel's own.
    """

    limit: int = 0
    left: int = -1
    window_ends: float = 0.0
    blocked_until: float = 0.0
    reason: str = ""
    saved_at: float = field(default=0.0, compare=False)
    calls: Calls = field(default_factory=Calls, compare=False)

    @property
    def plentiful(self) -> bool:
        """At least half of the minute's calls are left: work that may wait need not."""
        return self.limit > 0 and self.left * 2 >= self.limit

    @property
    def lanes(self) -> int:
        """How many lanes use the account to its limit: calls per second times seconds per call, with some to spare."""
        a_second, seconds = self.limit / WINDOW, self.calls.seconds
        if a_second * seconds <= ENOUGH:
            return 1
        return min(MOST_LANES, math.ceil(SPARE * a_second * max(seconds, LEAST)))

    def wait(self, now: float, reserve: int) -> float:
        """Seconds until one more call may be made that leaves ``reserve`` of the minute's calls; 0.0: now."""
        calls, shared = self.calls, self.calls.shared(now)
        kept = reserve + (_kept_for_others(self.limit) if shared else 0)
        left = min(self.left, calls.sure) if shared else self.left
        if self.left >= 0 and now < self.window_ends and left <= kept:
            if calls.waiting(now):  # their answers say more
                return calls.a_moment()
            ends = self.window_ends - now
            if self.left <= 0:
                return ends
            again = calls.learned_at + _look_again(self.limit) - now
            if again > 0:  # then one call finds out whether more are left by now
                return min(ends, again)
        if shared and now - calls.learned_at > STALE and calls.waiting(now):
            return calls.a_moment()  # after a while one call finds out what others left
        if not self.limit or (
            calls.sure > kept and not shared
        ):  # whatever a minute is, Omnidesk says itself that there are more
            return 0.0
        most = self.limit - reserve
        if shared:  # nobody takes all of it, and who uses little leaves the rest
            most = min(most, max(self.limit // 2, self.limit - calls.others - kept))
        return calls.until_below(most, now)


def _kept_for_others(limit: int) -> int:
    """What panels like this one may have under way before they know how little is left."""
    return min(max(3, limit // 12), limit // 4)


def _look_again(limit: int) -> float:
    """Seconds until a call finds out whether a new minute has begun; at random, or the same panel would be first each
    time. All who look take a part of the reserve only."""
    return float(min(WINDOW, 4 * WINDOW / max(1, _kept_for_others(limit))) * random.uniform(0.75, 1.0))  # noqa: S311


class RateGate:
    """Asks before a call, learns from its answer."""

    def __init__(self, path: str, clock: Callable[[], float]) -> None:
        self.path = path
        self.clock = clock
        self._warned = False

    def enter(self, reserve: int = 0) -> int:
        """Take one call of the budget, leaving ``reserve`` to others; raises :class:`Paused` when none is left.

        The call's number, for :meth:`learn` or :meth:`over`, of which one has to follow.
        """
        with self._locked() as (budget, save):
            now = self.clock()
            if budget.blocked_until > now:
                raise Paused(budget.reason or "omnidesk_rate", seconds=budget.blocked_until - now)
            wait = budget.wait(now, reserve)
            if wait > 0:
                raise Paused("omnidesk_rate", seconds=wait)
            calls = budget.calls.sent(now)
            known = budget.left >= 0 and now < budget.window_ends
            save(replace(budget, left=budget.left - 1 if known else budget.left, calls=calls))
            return calls.number

    def over(self, call: int) -> None:
        """The call got no answer that says anything of the limit."""
        with self._locked() as (budget, save):
            save(replace(budget, calls=budget.calls.over(call, self.clock(), answered=False)))

    def learn(self, limit: int | None, left: int | None, retry_after: float | None, call: int | None = None) -> None:
        """Take over what the answer to a call says in its headers (None where one is absent).

        ``call`` None: it is not known which; then the answer counts as an old one, which gives no calls back.
        """
        with self._locked() as (budget, save):
            now = self.clock()
            sure = budget.calls.left_after(call, left) if call is not None and left is not None else 0
            budget = replace(budget, calls=budget.calls.over(call, now, answered=True))
            if call is not None and left is not None and call > budget.calls.learned:
                budget = replace(budget, calls=replace(budget.calls, sure=sure))
            if left is not None:
                budget = _with_left(replace(budget, limit=limit or budget.limit), left, call, now)
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
        saved = replace(budget, saved_at=self.clock())
        text = json.dumps({**vars(saved), "calls": vars(saved.calls)})
        try:
            os.ftruncate(descriptor, os.pwrite(descriptor, text.encode(), 0))
        except OSError as error:
            if not self._warned:
                log.warning("cannot write %s: %s", self.path, error.strerror)
            self._warned = True


def _with_left(budget: Budget, left: int, call: int | None, now: float) -> Budget:
    """The budget after an answer that says how many calls are left. Answers overtake each other."""
    calls = budget.calls
    newest = call is not None and call > calls.learned
    mine = max(0, left - (calls.number - call)) if call is not None else left  # what was sent since is not in it yet
    fresh = now >= budget.window_ends or budget.left < 0
    if fresh or (newest and mine > budget.left + len(calls.under_way) + 1):  # a new minute has begun
        budget = replace(budget, left=mine, window_ends=now + WINDOW)
    elif newest:
        budget = replace(budget, left=mine)
    elif call is None:
        budget = replace(budget, left=min(mine, budget.left))
    return replace(budget, calls=calls.learn(call, budget.limit, left, now)) if budget.limit else budget


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
