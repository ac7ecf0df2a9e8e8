"""What can happen to a webhook on its way: lost, doubled, late, out of order."""

from __future__ import annotations

import random
from typing import Any


class HookFaults:
    """The switches: counters for the next ones, chances (0…1) for any, and ``held`` for "late".

    ``held`` True keeps everything back until ``Webhooks.release(order)``.
    """

    def __init__(self, seed: int = 1) -> None:
        self.lose_next = 0
        self.double_next = 0
        self.lose_chance = 0.0
        self.double_chance = 0.0
        self.held = False
        self._random = random.Random(seed)

    def seed(self, seed: int) -> None:
        """Makes what is random repeatable."""
        self._random = random.Random(seed)

    def fate(self) -> str:
        """What becomes of the webhook that is due now: ``lost``, ``doubled`` or nothing special."""
        if self.lose_next > 0:
            self.lose_next -= 1
            return "lost"
        if self.double_next > 0:
            self.double_next -= 1
            return "doubled"
        drawn = self._random.random()
        if drawn < self.lose_chance:
            return "lost"
        return "doubled" if drawn < self.lose_chance + self.double_chance else ""

    def reorder(self, due: list[Any], order: str) -> None:
        """Rearranges what is due in place."""
        if order == "reversed":
            due.reverse()
        elif order == "shuffled":
            self._random.shuffle(due)
