"""Panels that call one account as fast as they may, in simulated time: what comes of it for the account's limit."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from pathlib import Path

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
        random.seed(seed)  # the gates' own pauses
        self.refused = 0
        self.answered: dict[int, int] = {}  # calls of each panel that were not refused
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def panel(self, number: int, lanes: int = 0, reserve: int = 0) -> None:
        """A panel with its own record and so many lanes; 0: as many as it would have."""
        lanes = lanes or Budget(limit=self.settings.rate_limit or 0, calls=Calls(seconds=self.seconds)).lanes
        gate = RateGate(str(self.folder / f"panel{number}" / "rate"), self.clock)
        self.answered[number] = 0
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
        allowed = self.account.take(now, self.settings)
        self.refused += not allowed
        self.answered[panel] += allowed
        headers = self.account.headers(now, self.settings)
        self._at(self._some(), lambda: self._answer(panel, gate, reserve, number, headers))

    def _answer(self, panel: int, gate: RateGate, reserve: int, number: int, headers: dict[str, str]) -> None:
        retry = headers.get("retry_after")
        limit, left = int(headers["rate_limit_per_minute"]), int(headers["api_calls_left"])
        gate.learn(limit, left, float(retry) if retry else None, number)
        self._at(self.chance.uniform(0.005, 0.03), lambda: self._call(panel, gate, reserve))
