"""The account's rate limit: so many calls in a minute, told in every answer's headers.

What a minute is, is not documented: the account's own ones, one that begins with its first call, or the last 60 seconds
before each call (``Settings.rate_window``).
"""

from __future__ import annotations

import math
from bisect import bisect_right

from .settings import Settings

MINUTE = 60.0


class RateLimit:
    """Counts calls; the caller holds the model's lock."""

    def __init__(self) -> None:
        self._times: list[float] = []  # of the calls that still count, in order
        self._began = 0.0

    def take(self, now: float, settings: Settings) -> bool:
        """Counts one call; False when the minute's calls are used up."""
        self._forget(now, settings)
        if settings.rate_limit is not None and len(self._times) >= settings.rate_limit:
            return False
        self._count(now)
        return True

    def use(self, calls: int, now: float, settings: Settings | None = None) -> None:
        """Somebody else's calls: another integration shares the limit (documented)."""
        self._forget(now, settings or Settings())
        for _ in range(calls):
            self._count(now)

    def left(self, now: float, settings: Settings) -> int:
        """Calls left in this minute; 0 also where there is no limit."""
        self._forget(now, settings)
        return max(0, (settings.rate_limit or 0) - len(self._times))

    def headers(self, now: float, settings: Settings) -> dict[str, str]:
        """``rate_limit_per_minute``, ``api_calls_left`` and, when nothing is left, ``retry_after`` (documented)."""
        if settings.rate_limit is None or not settings.rate_headers:
            return {}
        left = self.left(now, settings)
        found = {"rate_limit_per_minute": str(settings.rate_limit), "api_calls_left": str(left)}
        if not left:
            found["retry_after"] = str(self._retry_after(now, settings))
        if settings.rate_headers_dashed:
            found = {name.replace("_", "-"): value for name, value in found.items()}
        return found

    def _count(self, now: float) -> None:
        if not self._times:
            self._began = now
        self._times.append(now)

    def _forget(self, now: float, settings: Settings) -> None:
        """Drop what belongs to an earlier minute."""
        if self._times and self._times[-1] > now:  # the clock was set back
            self._times = []
        if settings.rate_window == "sliding":
            self._times = self._times[bisect_right(self._times, now - MINUTE) :]
        elif self._times and self._minute(self._times[0], settings) != self._minute(now, settings):
            self._times = []

    def _minute(self, at: float, settings: Settings) -> int:
        return int((at - self._begin(settings)) // MINUTE)

    def _begin(self, settings: Settings) -> float:
        return self._began if settings.rate_window == "first_call" else 0.0

    def _retry_after(self, now: float, settings: Settings) -> int:
        if settings.rate_window == "sliding":
            first = self._times[0] if self._times else now
            return max(1, math.ceil(first + MINUTE - now))
        return max(1, math.ceil(MINUTE - (now - self._begin(settings)) % MINUTE))
