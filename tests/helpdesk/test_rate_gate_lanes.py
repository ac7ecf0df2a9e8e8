"""The account's calls per minute with many calls under way: never more than allowed, and nearly all of them used.

What Omnidesk's minute is, is not known, so each kind is played: calls leave at any time, reach the account and are
answered after random times in any order, in threads and processes that share the record.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from omnidesk.core.errors import Paused
from omnidesk.helpdesk.call_log import Calls
from omnidesk.helpdesk.rate_limit import Budget, RateGate
from sandbox.omnidesk.limits import RateLimit
from sandbox.omnidesk.settings import Settings
from tests.support.clock import Clock

WINDOWS = ("minute", "first_call", "sliding")


class Traffic:
    """Lanes of one or several panels that call as fast as they may; ``seconds``: what a call takes on average."""

    def __init__(self, folder: Path, limit: int, window: str, seconds: float, seed: int = 1) -> None:
        self.clock = Clock()
        self.folder = folder
        self.seconds = seconds
        self.settings = Settings(rate_limit=limit, rate_window=window)
        self.account = RateLimit()
        self.chance = random.Random(seed)
        self.refused = 0
        self.made: dict[int, int] = {}
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def panel(self, number: int, lanes: int, reserve: int = 0) -> None:
        """A panel with its own record and so many lanes."""
        gate = RateGate(str(self.folder / f"panel{number}" / "rate"), self.clock)
        self.made[number] = 0
        for _ in range(lanes):
            self._at(self.chance.uniform(0, 1), lambda: self._call(number, gate, reserve))

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        until = self.clock() + seconds
        while self._events and self._events[0][0] <= until:
            at, _, act = heapq.heappop(self._events)
            self.clock.now = max(self.clock.now, at)
            act()
        self.clock.now = until

    def _at(self, seconds: float, act: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (self.clock() + seconds, self._count, act))

    def _call(self, panel: int, gate: RateGate, reserve: int) -> None:
        try:
            number = gate.enter(reserve)
        except Paused as pause:
            assert 0 < pause.seconds <= 61
            self._at(pause.seconds, lambda: self._call(panel, gate, reserve))
            return
        self._at(self._some(), lambda: self._arrive(panel, gate, reserve, number))

    def _some(self) -> float:
        """Half of what a call takes: mostly about that, now and then much more."""
        half = self.seconds / 2
        return self.chance.uniform(0.6, 1.2) * half if self.chance.random() < 0.95 else self.chance.uniform(1, 6) * half

    def _arrive(self, panel: int, gate: RateGate, reserve: int, number: int) -> None:
        now = self.clock()
        self.refused += not self.account.take(now, self.settings)
        self.made[panel] += 1
        headers = self.account.headers(now, self.settings)
        self._at(self._some(), lambda: self._answer(panel, gate, reserve, number, headers))

    def _answer(self, panel: int, gate: RateGate, reserve: int, number: int, headers: dict[str, str]) -> None:
        retry = headers.get("retry_after")
        limit, left = int(headers["rate_limit_per_minute"]), int(headers["api_calls_left"])
        gate.learn(limit, left, float(retry) if retry else None, number)
        self._at(self.chance.uniform(0.005, 0.03), lambda: self._call(panel, gate, reserve))


@pytest.mark.parametrize(
    ("limit", "seconds", "window"),
    [*((limit, seconds, one) for limit, seconds in ((20, 0.3), (100, 1.0), (750, 0.3)) for one in WINDOWS),
     (1500, 0.3, "minute")],
)  # fmt: skip
def test_the_limit_is_used_and_never_exceeded(tmp_path: Path, limit: int, seconds: float, window: str) -> None:
    """As many lanes as follow from the limit and the time of a call."""
    traffic = Traffic(tmp_path, limit, window, seconds)
    traffic.panel(1, Budget(limit=limit, calls=Calls(seconds=seconds)).lanes)
    traffic.run(60)
    before = traffic.made[1]
    traffic.run(120)
    used = (traffic.made[1] - before) / (2 * limit)
    assert not traffic.refused
    assert used >= 0.95, f"{used:.1%} of the limit"


@pytest.mark.parametrize("window", WINDOWS)
def test_history_leaves_a_reserve_and_uses_the_rest(tmp_path: Path, window: str) -> None:
    """An import leaves some calls of each minute to today's tickets, in any kind of minute."""
    traffic, limit = Traffic(tmp_path, 200, window, 0.3), 200
    traffic.panel(1, 4, reserve=10)
    traffic.run(60)
    before = traffic.made[1]
    traffic.run(120)
    assert not traffic.refused
    assert 0.9 * limit <= (traffic.made[1] - before) / 2 <= limit - 10


def test_a_call_of_a_killed_process_is_not_counted_for_ever(tmp_path: Path) -> None:
    """It took a place and nothing was heard of it."""
    clock = Clock()
    gate = RateGate(str(tmp_path / "rate"), clock)
    gate.learn(2, 2, None, gate.enter())
    clock.tick(61)
    gate.enter()  # of a process that is killed now
    gate.learn(2, 1, None, gate.enter())
    with pytest.raises(Paused):
        gate.enter()
    clock.tick(200)
    gate.enter()
