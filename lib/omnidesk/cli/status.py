"""The command ``status``: what is due, what failed and why, as a table, as JSON, or as figures for a monitor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from omnidesk.context import Context
from omnidesk.core.errors import Failure
from omnidesk.core.phrase import Phrase, full, load
from omnidesk.core.phrase import plain as plain_text
from omnidesk.core.tables import MESSAGES
from omnidesk.helpdesk.rate_limit import Budget
from omnidesk.hooks import spool
from omnidesk.store.models import DueTicket
from omnidesk.store.schema import ABOUT
from omnidesk.sync.agreement import doubts
from omnidesk.wording.answer import Answer
from omnidesk.wording.arguments import Arguments
from omnidesk.wording.screen import Screen, moment, plain, span, table, wrap
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


def status(context: Context, given: Arguments) -> Answer:
    """What is due, failed and why; with ``--prometheus`` as figures, in a file if one is named."""
    if given.prometheus or given.output:
        return figures(context, given)
    seen = look(context)
    answer = Answer(lines(seen, given.screen), data=as_data(seen))
    _elements(answer, seen)
    return answer


def figures(context: Context, given: Arguments) -> Answer:
    """Figures for a monitor. Without ``--output`` they are the answer; a file that cannot be written is a failure."""
    from omnidesk.health import metrics

    found = metrics.collect(context)
    content = metrics.text(found)
    if not given.output:
        return Answer(content.splitlines(), data={"metrics": metrics.as_data(found)})
    try:
        metrics.write(given.output, content)
    except OSError as error:
        raise Failure("disk", given.output, error.strerror or type(error).__name__) from error
    written = given.screen.text("overview.metrics", count=len(found), file=given.output)
    return Answer([written], data={"metrics": metrics.as_data(found)})


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
        pause=context.settings.poll_seconds,
    )


# For a person


def lines(seen: Overview, screen: Screen) -> list[str]:
    """The summary, then the tables of tickets and of refused messages."""
    return [*_summary(seen, screen), *_tickets(seen, screen), *_messages(seen, screen)]


def _summary(seen: Overview, screen: Screen) -> list[str]:
    say, language = screen.text, screen.language
    facts: list[tuple[str, str, str]] = []
    if seen.switched_off:
        facts.append((say("overview.synchronisation"), say("overview.off"), "warn"))
    elif seen.paused:
        time = span(seen.pause_seconds, language)
        facts.append((say("overview.paused"), say("overview.again", why=full(seen.pause_reason), time=time), "bad"))
    for one in seen.failing:
        time = span(max(0.0, seen.now - one.since), language)
        facts.append((say(f"overview.{one.what}"), say("overview.failing", time=time, why=full(one.why)), "bad"))
    for what, count in seen.held.items():
        changes = Phrase(f"overview.held_{what}", count=count)
        facts.append((say("overview.on_hold"), say("overview.held", changes=changes), "bad"))
    facts.append((say("overview.linked"), str(seen.linked), ""))
    failing = "bad" if seen.failures else "good"
    facts.append((say("overview.failures"), str(seen.failures), failing))
    if seen.oldest_wait is not None:
        waits = span(max(0.0, seen.now - seen.oldest_wait), language)
        facts.append((say("overview.waits"), waits, ""))
    facts.append((say("overview.calls"), _calls(seen, screen), ""))
    facts.append((say("overview.polled"), _ago(seen.polled, screen), ""))
    facts.append((say("overview.scanned"), _ago(seen.scanned, screen), ""))
    facts.append((say("overview.events"), str(seen.events), ""))
    width = max(len(name) for name, _, _ in facts)
    lines = []
    for name, words, style in facts:
        first, *more = wrap(plain(words), max(20, screen.width - width - 2))
        lines.append(f"{name:<{width}}  {screen.paint(style, first)}")
        lines += [" " * (width + 2) + screen.paint(style, one) for one in more]
    return lines


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


def _tickets(seen: Overview, screen: Screen) -> list[str]:
    say = screen.text
    if not seen.rows:
        if seen.doubt:
            return ["", screen.paint("warn", say("overview.nothing_but", why=Phrase(f"agreement.{seen.doubt}")))]
        return ["", screen.paint("" if seen.failures else "good", say("overview.nothing"))]
    heads = (say("overview.ticket"), say("overview.case"), say("overview.next"),
             say("overview.tries"), say("overview.why"))  # fmt: skip
    cells = [
        (
            str(row.ticket),
            row.case_number or "—",
            say("overview.aside") if row.set_aside else _when(row, seen.now, screen),
            str(row.attempts),
            plain(why(row, screen.language)),
        )
        for row in seen.rows
    ]
    styles = ["bad" if row.set_aside else "warn" if row.error_type else "" for row in seen.rows]
    more = [say("overview.first", count=MOST_ROWS)] if len(seen.rows) >= MOST_ROWS else []
    return ["", *table(screen, heads, cells, styles), *more]


def _when(row: DueTicket, now: float, screen: Screen) -> str:
    if row.due_at <= now:
        return screen.text("overview.now")
    return screen.text("overview.in", time=span(row.due_at - now, screen.language))


def why(row: DueTicket, language: str) -> str:
    """Why a ticket is in the list: its failure with the cure, else who made it due."""
    return row.why.full(language)


def _messages(seen: Overview, screen: Screen) -> list[str]:
    if not seen.refused:
        return []
    say = screen.text
    heads = (say("overview.ticket"), say("overview.message"), say("overview.refused"))
    language = screen.language
    cells = [(str(one.ticket), str(one.message), plain(one.why.full(language))) for one in seen.refused]
    return ["", *table(screen, heads, cells, ["bad"] * len(cells))]


# For programs


def as_data(seen: Overview) -> dict[str, Any]:
    """The same as plain values, for ``--json``."""
    return {
        "now": seen.now,
        "switched_off": seen.switched_off,
        "paused": _pause_data(seen) if seen.paused else None,
        "held": seen.held,
        "failing": [one.data() for one in seen.failing],
        "doubt": seen.doubt,
        "oldest_wait_seconds": None if seen.oldest_wait is None else max(0.0, seen.now - seen.oldest_wait),
        "linked_tickets": seen.linked,
        "failures": seen.failures,
        "calls": {"left": seen.budget.left, "limit": seen.budget.limit, "until": seen.budget.window_ends},
        "polled_seconds_ago": seen.polled,
        "scanned_seconds_ago": seen.scanned,
        "events": seen.events,
        "tickets": [row.data() | {"due": moment(row.due_at)} for row in seen.rows],
        "refused_messages": [one.data() for one in seen.refused],
    }


def _pause_data(seen: Overview) -> dict[str, Any]:
    return {"type": seen.paused["type"], "text": seen.pause_reason.full(), "until": seen.paused["until"],
            "seconds": round(seen.pause_seconds)}  # fmt: skip


def _elements(answer: Answer, seen: Overview) -> None:
    """The panel's document."""
    if seen.switched_off:
        answer.element("switched_off")
    if seen.paused:
        answer.element("paused", seen.pause_reason.full(), type=seen.paused["type"], seconds=round(seen.pause_seconds))
    if seen.doubt:
        answer.element("doubt", str(Phrase(f"agreement.{seen.doubt}")), type=seen.doubt)
    for failed in seen.failing:
        answer.element("failing", failed.why.full(), what=failed.what, type=failed.type,
                       seconds=round(max(0.0, seen.now - failed.since)))  # fmt: skip
    for what, count in seen.held.items():
        answer.element("held", what=what, count=count)
    for row in seen.rows:
        answer.element("ticket", row.error_text, id=row.ticket, case=row.case_number, set_aside=int(row.set_aside),
                       due_in=round(max(0, row.due_at - seen.now)), attempts=row.attempts,
                       error=row.error_type)  # fmt: skip
    for one in seen.refused:
        answer.element("message", one.why.full(), ticket=one.ticket, id=one.message)
