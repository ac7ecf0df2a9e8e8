"""The account's rate limit: so many calls in each minute of the account's clock, told in every answer's headers."""

from __future__ import annotations

from .settings import Settings


class RateLimit:
    """Counts calls in windows of one minute; the caller holds the model's lock."""

    def __init__(self) -> None:
        self._window = -1
        self._used = 0

    def take(self, now: float, settings: Settings) -> bool:
        """Counts one call; False when the minute's calls are used up."""
        window = int(now // 60)
        if window != self._window:
            self._window, self._used = window, 0
        if settings.rate_limit is not None and self._used >= settings.rate_limit:
            return False
        self._used += 1
        return True

    def use(self, calls: int, now: float) -> None:
        """Somebody else's calls: another integration shares the limit (documented)."""
        window = int(now // 60)
        if window != self._window:
            self._window, self._used = window, 0
        self._used += calls

    def left(self, now: float, settings: Settings) -> int:
        """Calls left in this minute; 0 also where there is no limit."""
        used = self._used if int(now // 60) == self._window else 0
        return max(0, (settings.rate_limit or 0) - used)

    def headers(self, now: float, settings: Settings) -> dict[str, str]:
        """``rate_limit_per_minute``, ``api_calls_left`` and, when nothing is left, ``retry_after`` (documented)."""
        if settings.rate_limit is None or not settings.rate_headers:
            return {}
        left = self.left(now, settings)
        found = {"rate_limit_per_minute": str(settings.rate_limit), "api_calls_left": str(left)}
        if not left:
            found["retry_after"] = str(60 - int(now) % 60)
        if settings.rate_headers_dashed:
            found = {name.replace("_", "-"): value for name, value in found.items()}
        return found
