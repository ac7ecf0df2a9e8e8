"""What was noticed, what is still to be sent and by which channel: one value of the state table.

It is written before and after sending, so a run that dies in between repeats one alert and loses none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from omnidesk.core.phrase import Phrase
from omnidesk.store.state import State

NAME = "alerts"
HOUR = 3600.0
HOURLY = 3  # alerts in an hour; what comes then goes together into the next one
MOST_EVENTS = 50  # of one alert
MOST_WAITING = 10  # alerts that a channel has not taken
KEPT = 86400.0  # seconds for which they are tried
FIRST_PAUSE, LONGEST_PAUSE = 60.0, 1800.0


@dataclass
class Failing:
    """A channel that does not work: since when, why, and when it is tried again."""

    since: float
    why: dict[str, Any]
    tries: int = 1
    again: float = 0.0


@dataclass
class Ledger:
    """``open``: troubles that last, by key: since when, and whether their begin was noted. ``events``: what is to go
    into the next alert. ``waiting``: alerts with the channels that have not taken them. ``sent``: when the last ones
    were made.
    """

    open: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    left_out: int = 0
    waiting: list[dict[str, Any]] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    failing: dict[str, Failing] = field(default_factory=dict)

    @classmethod
    def load(cls, state: State) -> Ledger:
        """As it was kept; an empty one in the place of one that is damaged."""
        found = state.get(NAME, None, dict) or {}
        try:
            failing = {name: Failing(**row) for name, row in found.get("failing", {}).items()}
            ledger = cls(**{**found, "failing": failing})
            ledger.check()
        except (TypeError, KeyError, AttributeError, ValueError):
            return cls()
        return ledger

    def check(self) -> None:
        """Raise one of the errors above unless every part can be worked with."""
        for one in self.open.values():
            float(one["since"] + one["seen"] + one["after"])
            one["kind"].strip()
            one["params"].items()
            bool(one["told"])
        for event in self.events:
            float(event["at"])
            event["params"].items()
        for alert in self.waiting:
            float(alert["at"])
            alert["to"].copy()
            alert["subject"].strip()
            alert["text"].strip()
        sum(self.sent)
        for channel in self.failing.values():
            float(channel.since + channel.again + channel.tries)
            Phrase.of(channel.why)

    def save(self, state: State) -> None:
        state.put(NAME, asdict(self))

    def note(self, event: Mapping[str, Any]) -> None:
        """An event for the next alert; of too many the first ones are named and the others counted."""
        if len(self.events) < MOST_EVENTS:
            self.events.append(dict(event))
        else:
            self.left_out += 1

    def room(self, now: float) -> bool:
        """Whether another alert may be made in this hour. A clock that was set back does not forbid it for ever."""
        self.sent = [at for at in self.sent if now - HOUR < at <= now]
        return len(self.sent) < HOURLY

    def failed(self, channel: str, why: Phrase, now: float) -> None:
        known = self.failing.get(channel)
        tries = known.tries + 1 if known else 1
        pause = min(FIRST_PAUSE * 2 ** min(tries - 1, 10), LONGEST_PAUSE)
        self.failing[channel] = Failing(known.since if known else now, why.data(), tries, now + pause)

    def may_try(self, channel: str, now: float) -> bool:
        known = self.failing.get(channel)
        return known is None or not known.again - LONGEST_PAUSE <= now < known.again
