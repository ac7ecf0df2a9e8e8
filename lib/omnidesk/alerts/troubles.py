"""What is wrong at this moment and worth an alert: a few reads by index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from omnidesk.context import Context
from omnidesk.core.phrase import Phrase, full
from omnidesk.core.tables import MESSAGES, TICKETS, USERS
from omnidesk.store.state import LAST_WEBHOOK

MOST = 100  # tickets and clients each; beyond that nobody reads them one by one
LOGIN = ("omnidesk_key", "omnidesk_login")  # failures that end only when somebody acts


@dataclass(frozen=True)
class Trouble:
    """``key`` is the same as long as it lasts. ``after``: seconds that it has to last before it is alerted."""

    key: str
    kind: str
    after: float = 0.0
    params: dict[str, Any] = field(default_factory=dict)


def now(context: Context) -> list[Trouble]:
    """All of it. While the module is switched off there is nothing to be done, so nothing is wrong."""
    if not context.settings.sync:
        return []
    return [*_paused(context), *_silence(context), *_held(context), *_tickets(context), *_clients(context)]


def of_pause(settings_minutes: int, kind: str, why: Phrase) -> Trouble:
    """A pause as a trouble; one that only a person can end does not have to last."""
    if kind in LOGIN:
        return Trouble("key", "key", params={"why": full(why)})
    return Trouble("paused", "paused", settings_minutes * 60.0, {"why": full(why)})


def _paused(context: Context) -> Iterator[Trouble]:
    """A pause, or a poll or scan that fails: of an outage either may show, now the one and now the other."""
    for name in ("paused", "failing:poll", "failing:scan"):
        found = context.state.get(name, None, dict)
        if found:
            why = Phrase.of(found, found.get("text"))
            yield of_pause(context.settings.alert_pause_minutes, str(found.get("type", "")), why)
            return


def _silence(context: Context) -> Iterator[Trouble]:
    """Neither a poll that was answered nor a webhook. Before the first poll nothing is known to be missing."""
    limit = context.settings.alert_silence_hours * 3600.0
    polled = context.state.age("poll_since")
    if not limit or polled is None:
        return
    webhook = context.state.since(LAST_WEBHOOK)
    age = polled if webhook is None else min(polled, webhook)
    if age > limit:
        yield Trouble("silence", "silence", params={"age": age})


def _held(context: Context) -> Iterator[Trouble]:
    for what, count in context.holds.counts().items():
        yield Trouble(f"held:{what}", "held", params={"changes": Phrase(f"overview.held_{what}", count=count)})


def _tickets(context: Context) -> Iterator[Trouble]:
    """Set aside, or with a message that the other side does not take."""
    rows = context.db.rows(
        f"(SELECT ticket FROM {TICKETS} WHERE set_aside = 1 ORDER BY ticket LIMIT {MOST}) UNION"
        f" (SELECT DISTINCT ticket FROM {MESSAGES} WHERE state = 'refused' AND kind = 'message' LIMIT {MOST})"
    )
    for row in rows:
        yield Trouble(f"ticket:{row['ticket']}", "ticket", params={"ticket": int(row["ticket"])})


def _clients(context: Context) -> Iterator[Trouble]:
    rows = context.db.rows(f"SELECT user FROM {USERS} WHERE blocked > 'a' ORDER BY user LIMIT {MOST}")
    for row in rows:
        yield Trouble(f"client:{row['user']}", "client", params={"client": f"#{row['user']}"})
