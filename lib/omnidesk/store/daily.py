"""What was delivered on each day in either direction, and how long it took: counters, for the page of the panel.

A day is that of the host's calendar when the message arrived, so a clock or a time zone that is changed moves no count
and counts nothing twice. Delays are counted in fixed ranges: a median is read from their sums, and the table holds
:data:`KEPT_DAYS` days of a few dozen rows, however many messages there are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from omnidesk.core.database import Database
from omnidesk.core.tables import DAILY

KEPT_DAYS = 90
IN, OUT = "in", "out"
NOT_MEASURED, HISTORY = 0, -1
# Upper ends of the ranges in seconds; both products date messages to the second. The last one holds all that is longer.
RANGES = (1, 2, 3, 5, 8, 12, 20, 30, 45, 60, 90, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400, 259200,
          604800, 2147483647)  # fmt: skip


@dataclass(frozen=True)
class Delivered:
    """Messages of one or several days in one direction. ``delays``: how many by the upper end of their range."""

    messages: int = 0
    history: int = 0
    delays: Mapping[int, int] = field(default_factory=dict)

    def __add__(self, other: Delivered) -> Delivered:
        delays = {one: self.delays.get(one, 0) + other.delays.get(one, 0) for one in {*self.delays, *other.delays}}
        return Delivered(self.messages + other.messages, self.history + other.history, delays)

    def delay(self, share: float) -> float | None:
        """The delay that this share of the messages did not exceed, to the precision of the ranges; None: unknown."""
        left = share * sum(self.delays.values())
        if left <= 0:
            return None
        for end in sorted(self.delays):
            count = self.delays[end]
            if left <= count:
                begin = max((one for one in RANGES if one < end), default=0)
                return begin + (end - begin) * left / count if end != RANGES[-1] else float(begin)
            left -= count
        return None


def range_of(seconds: float) -> int:
    """The upper end of the range that holds this delay; a clock that was set back makes none below zero."""
    return next((end for end in RANGES[:-1] if seconds <= end), RANGES[-1])


class Daily:
    """The counters."""

    def __init__(self, db: Database, clock: Callable[[], float]) -> None:
        self.db = db
        self.clock = clock

    def count(self, direction: str, within: int) -> None:
        """One more message; ``within``: one of :data:`RANGES`, :data:`NOT_MEASURED` or :data:`HISTORY`."""
        self.db.write(
            f"INSERT INTO {DAILY} (day, direction, within_seconds, messages) VALUES (%s, %s, %s, 1)"
            " ON DUPLICATE KEY UPDATE messages = messages + 1",
            self.today(), direction, within,
        )  # fmt: skip

    def today(self) -> date:
        return date(*time.localtime(self.clock())[:3])

    def days(self, count: int) -> dict[date, dict[str, Delivered]]:
        """The last ``count`` days up to today, each with both directions."""
        today = self.today()
        found = {today - timedelta(days=ago): {IN: Delivered(), OUT: Delivered()} for ago in reversed(range(count))}
        rows = self.db.rows(
            f"SELECT day, direction, within_seconds, messages FROM {DAILY} WHERE day > %s AND day <= %s",
            today - timedelta(days=count), today,
        )  # fmt: skip
        for row in rows:
            number, within = int(row["messages"]), int(row["within_seconds"])
            if within == HISTORY:
                more = Delivered(history=number)
            else:
                more = Delivered(number, 0, {} if within == NOT_MEASURED else {within: number})
            directions = found[row["day"]]
            directions[row["direction"]] = directions[row["direction"]] + more
        return found

    def expire(self) -> int:
        """Forget what is older than :data:`KEPT_DAYS` days; how many rows."""
        return self.db.write(f"DELETE FROM {DAILY} WHERE day <= %s", self.today() - timedelta(days=KEPT_DAYS))
