"""This panel's own calls of the last minute, and what they show of the account: how long a call takes, who else calls.

A call counts from when it is sent until a minute after its answer, which is at least as long as Omnidesk counts it,
whether its minutes begin at fixed times, with the first call, or with each call. So with at most the limit counted here
no minute of Omnidesk's holds more, however long the answers take and in whatever order they come.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

WINDOW = 60.0
PART = 0.5  # seconds: answers are counted together by such parts
LOST = 180.0  # seconds after which a call without an answer is one of a process that was killed
LONGEST = 10.0  # seconds of one call that count for how long calls take: a large file says nothing of the others
WEIGHT = 0.1  # of the newest call in that average
REMEMBERED = 600.0  # seconds for which others are reckoned with after they were noticed last
FEW = 3  # calls of others in a minute that are no matter
PEAK = 120.0  # seconds after which what they used at most is measured again


@dataclass(frozen=True)
class Calls:
    """``number``: of the last call that was sent. ``under_way``: (number, when it was sent, how many were under way
    then). ``answered``: (end of a part of a second, calls answered in it). ``sure``: calls that are left for sure.
    ``learned``, ``learned_at``: the newest call whose answer said what is left, and when. ``seconds``: what a call
    takes, 0.0 while that is not known. ``since``: when this record begins; ``base``: what had been used then.
    ``others``: what others used in one minute at most; ``peak_at``, ``others_at``: when that was, and when they were
    noticed last.
    """

    number: int = 0
    under_way: tuple[tuple[int, float, int], ...] = ()
    answered: tuple[tuple[float, int], ...] = ()
    sure: int = 0
    learned: int = 0
    learned_at: float = 0.0
    seconds: float = 0.0
    since: float = 0.0
    base: int = 0
    others: int = 0
    peak_at: float = 0.0
    others_at: float = 0.0

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Calls:
        """As it was written; :class:`ValueError` or :class:`TypeError` for what cannot be one."""
        values: dict[str, Any] = {name: type(value)(given[name]) for name, value in _EMPTY.items() if name in given}
        values["under_way"] = tuple(
            (int(number), float(at), int(beside)) for number, at, beside in given.get("under_way", ())
        )
        values["answered"] = tuple((float(end), int(count)) for end, count in given.get("answered", ()))
        made = cls(**values)
        times = (made.learned_at, made.seconds, made.since, made.peak_at, made.others_at)
        pairs = (*(at for _, at, _ in made.under_way), *(end for end, _ in made.answered))
        if not all(map(math.isfinite, (*times, *pairs))):
            raise ValueError("no time")
        return made

    def sent(self, now: float) -> Calls:
        """One more call."""
        number = self.number + 1
        since = self.since or now
        beside = self._under_way(now)
        under_way = (*beside, (number, now, len(beside)))
        return replace(self, number=number, under_way=under_way, since=since, sure=max(0, self.sure - 1))

    def over(self, number: int | None, now: float, *, answered: bool) -> Calls:
        """A call has ended; None: the one that has been under way longest. ``answered``: its duration counts."""
        mine = next((one for one in self.under_way if number is None or one[0] == number), None)
        if mine is None:  # of a record that is lost
            return self
        parts = {end: count for end, count in self.answered if end + WINDOW > now}
        end = math.ceil(now / PART) * PART
        parts[end] = parts.get(end, 0) + 1
        took = now - mine[1] if answered and number is not None else -1.0
        return replace(
            self,
            under_way=tuple(one for one in self._under_way(now) if one != mine),
            answered=tuple(sorted(parts.items())),
            seconds=self._average(took),
        )

    def _average(self, took: float) -> float:
        if not 0.0 <= took <= LONGEST:
            return self.seconds
        return self.seconds + WEIGHT * (took - self.seconds) if self.seconds else took

    def _under_way(self, now: float) -> tuple[tuple[int, float, int], ...]:
        return tuple(one for one in self.under_way if now - LOST < one[1] <= now + WINDOW)

    def counted(self, now: float) -> int:
        """How many calls count."""
        return len(self._under_way(now)) + sum(count for end, count in self.answered if end + WINDOW > now)

    def waiting(self, now: float) -> int:
        """How many answers will come soon, as far as can be expected."""
        soon = max(1.0, 4 * self.seconds)
        return sum(1 for _, at, _ in self._under_way(now) if now - at < soon)

    def a_moment(self) -> float:
        """How long to wait for one of them."""
        return min(1.0, max(0.05, self.seconds / 2))

    def until_below(self, most: int, now: float) -> float:
        """Seconds until fewer than ``most`` calls count; 0.0: now."""
        count = self.counted(now)
        if count < most:
            return 0.0
        for end, calls in self.answered:
            if end + WINDOW > now:
                count -= calls
                if count < most:
                    return end + WINDOW - now
        return self.a_moment() if self.waiting(now) else WINDOW

    def left_after(self, number: int, left: int) -> int:
        """How many calls are left for sure if the answer to this one says so many.

        It counts what was served before it: perhaps none of the calls that were under way beside it or sent since.
        """
        beside = next((one[2] for one in self.under_way if one[0] == number), self.number)
        return max(0, left - beside - (self.number - number))

    def learn(self, number: int | None, limit: int, left: int, now: float) -> Calls:
        """What an answer says of others: so many calls are used, and these are ours."""
        learned = max(self.learned, number or 0)
        known = replace(self, learned=learned, learned_at=now, since=self.since or now)
        strange = limit - left - self.counted(now)
        if not self.learned_at:
            known = replace(known, base=max(0, strange))
        elif now - known.since <= WINDOW + PART:  # what was called before this record began leaves the minute
            known = replace(known, base=max(0, min(self.base, strange)))
        else:
            known = replace(known, base=0)
        others = strange - known.base
        if others < max(FEW, limit // 50):
            return known
        if others >= self.others or now - self.peak_at > PEAK:
            known = replace(known, others=others, peak_at=now)
        return replace(known, others_at=now)

    def shared(self, now: float) -> bool:
        """Whether others call this account as well."""
        return bool(self.others) and now - self.others_at < REMEMBERED


_EMPTY: dict[str, Any] = {name: value for name, value in vars(Calls()).items() if name not in ("under_way", "answered")}
