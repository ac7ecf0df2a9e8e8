"""What is due, failed and why, and when either side was heard last: what ``status`` and the page of the panel show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from omnidesk.alerts.watch import failing as failing_channels
from omnidesk.context import Context
from omnidesk.core.phrase import Phrase, full, load
from omnidesk.core.phrase import plain as plain_text
from omnidesk.core.tables import MESSAGES
from omnidesk.helpdesk.rate_limit import Budget
from omnidesk.hooks import spool
from omnidesk.routing.live import PROBLEMS
from omnidesk.routing.table import LiveTable
from omnidesk.store.models import DueTicket
from omnidesk.store.schema import ABOUT
from omnidesk.store.state import LAST_EVENT, LAST_WEBHOOK
from omnidesk.sync.agreement import doubts
from omnidesk.wording.screen import Screen, span
from omnidesk.worker.discovery import Failing, failing

MOST_ROWS = 200  # of each table; the figures count all
MOST_REFUSED = 100


@dataclass(frozen=True)
class RefusedMessage:
    """A message that the other side does not take."""

    ticket: int
    message: int
    why: Phrase

    def data(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"ticket": self.ticket, "message": self.message, "text": self.why.full()}


@dataclass(frozen=True)
class Overview:
    """Everything ``status`` shows. Times are Unix seconds; ages are seconds, None where there was nothing yet."""

    now: float
    linked: int
    rows: list[DueTicket]
    failures: int
    refused: list[RefusedMessage]
    budget: Budget
    events: int
    polled: float | None
    scanned: float | None
    switched_off: bool = False
    paused: dict[str, Any] = field(default_factory=dict)
    failing: list[Failing] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)
    oldest_wait: float | None = None
    webhook: float | None = None  # age of the newest one
    event: float | None = None  # of the newest event of the panel
    alerts: list[tuple[str, float, Phrase]] = field(default_factory=list)  # channels that fail, since when and why
    routing: list[Phrase] = field(default_factory=list)  # what is wrong with the routing table
    pause: float = 60.0  # between two polls

    @property
    def doubt(self) -> str:
        """Why it is not known that everything was carried over; "" when it is."""
        return doubts(off=self.switched_off, paused=bool(self.paused), held=bool(self.held), polled=self.polled,
                      scanned=self.scanned, pause=self.pause)  # fmt: skip

    @property
    def pause_reason(self) -> Phrase:
        return Phrase.of(self.paused, self.paused.get("text"))

    @property
    def pause_seconds(self) -> float:
        return max(0.0, float(self.paused.get("until", 0)) - self.now)


def look(context: Context) -> Overview:
    """Read it all: a few reads by index, whatever the number of tickets."""
    paused = context.state.get("paused")
    refused = context.db.rows(
        f"SELECT ticket, {ABOUT} AS message, error_type, error_params, error_text"
        f" FROM {MESSAGES} WHERE state = 'refused' ORDER BY id LIMIT {MOST_REFUSED}"
    )
    return Overview(
        now=context.clock(),
        linked=context.links.linked_tickets(),
        rows=context.queue.listing(MOST_ROWS),
        failures=context.queue.failures(),
        refused=[
            RefusedMessage(
                int(row["ticket"]),
                int(row["message"]),
                load(row["error_type"], row["error_params"], row["error_text"]) or plain_text(""),
            )
            for row in refused
        ],
        budget=context.gate.budget(),
        events=len(spool.snapshot(context.paths.spool)),
        polled=context.state.age("poll_since"),
        scanned=context.state.age("scan_marks"),
        switched_off=not getattr(context.settings, "sync", True),
        paused=paused if isinstance(paused, dict) else {},
        failing=failing(context.state),
        held=context.holds.counts(),
        oldest_wait=context.queue.oldest_wait(),
        webhook=context.state.since(LAST_WEBHOOK),
        event=context.state.since(LAST_EVENT),
        alerts=failing_channels(context),
        routing=_routing(context),
        pause=context.settings.poll_seconds,
    )


def _routing(context: Context) -> list[Phrase]:
    """What was wrong with the routing table when it was used last; nothing is asked for."""
    table = LiveTable(context.paths.routing, lambda _: None)
    rows = table.current()
    if table.problem is not None:
        return [table.problem.phrase]
    return [Phrase.of(one) for one in context.state.get(PROBLEMS, [])] if rows else []


def facts(seen: Overview, screen: Screen) -> list[tuple[str, str, str]]:
    """The summary's lines: name, words, style."""
    say, language = screen.text, screen.language
    found: list[tuple[str, str, str]] = []
    if seen.switched_off:
        found.append((say("overview.synchronisation"), say("overview.off"), "warn"))
    elif seen.paused:
        time = span(seen.pause_seconds, language)
        found.append((say("overview.paused"), say("overview.again", why=full(seen.pause_reason), time=time), "bad"))
    for one in seen.failing:
        time = span(max(0.0, seen.now - one.since), language)
        found.append((say(f"overview.{one.what}"), say("overview.failing", time=time, why=full(one.why)), "bad"))
    for what, count in seen.held.items():
        changes = Phrase(f"overview.held_{what}", count=count)
        found.append((say("overview.on_hold"), say("overview.held", changes=changes), "bad"))
    for name, since, why in seen.alerts:
        found.append((say("overview.alerts"), said_of(name, since, why, seen.now, language).text(language), "bad"))
    found += [(say("overview.routing"), wrong.text(language), "bad") for wrong in seen.routing]
    found.append((say("overview.linked"), str(seen.linked), ""))
    failing = "bad" if seen.failures else "good"
    found.append((say("overview.failures"), str(seen.failures), failing))
    if seen.oldest_wait is not None:
        waits = span(max(0.0, seen.now - seen.oldest_wait), language)
        found.append((say("overview.waits"), waits, ""))
    found.append((say("overview.calls"), _calls(seen, screen), ""))
    found.append((say("overview.polled"), _ago(seen.polled, screen), ""))
    found.append((say("overview.scanned"), _ago(seen.scanned, screen), ""))
    found.append((say("overview.webhook"), _ago(seen.webhook, screen), ""))
    found.append((say("overview.event"), _ago(seen.event, screen), ""))
    found.append((say("overview.events"), str(seen.events), ""))
    return found


def _calls(seen: Overview, screen: Screen) -> str:
    budget = seen.budget
    if budget.left < 0:
        return screen.text("overview.calls_unknown")
    if seen.now >= budget.window_ends and budget.limit:
        return screen.text("overview.all_calls", limit=budget.limit)
    time = span(budget.window_ends - seen.now, screen.language)
    key = "overview.calls_of" if budget.limit else "overview.calls_left"
    return screen.text(key, left=budget.left, limit=budget.limit, time=time)


def _ago(age: float | None, screen: Screen) -> str:
    if age is None:
        return screen.text("overview.never")
    return screen.text("overview.ago", time=span(age, screen.language))


def said_of(channel: str, since: float, why: Phrase, now: float, language: str) -> Phrase:
    """That alerts are not taken by a channel."""
    time = span(max(0.0, now - since), language)
    return Phrase("alert.failing", channel=Phrase(f"alert.{channel}"), time=time, why=why)
