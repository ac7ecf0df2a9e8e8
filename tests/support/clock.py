"""A clock that stands still until it is told to go on."""

from __future__ import annotations

START = 1_780_000_020.0  # a whole minute, so that a test has a minute of Omnidesk's calls before it


class Clock:
    """Unix seconds as everybody in a workshop sees them: the module, Omnidesk, the panel and its database."""

    def __init__(self, start: float = START) -> None:
        self.start = start
        self.now = start

    def __call__(self) -> float:
        return self.now

    def tick(self, seconds: float = 1.0) -> float:
        """Let time pass; what it is then."""
        self.now += seconds
        return self.now
