"""The command ``status``: what is due, what failed and why, as a table or as JSON."""

from __future__ import annotations

from typing import Any

from omnidesk.context import Context
from omnidesk.core.phrase import Phrase
from omnidesk.health.overview import MOST_ROWS, Overview, facts, look
from omnidesk.store.models import DueTicket
from omnidesk.wording.answer import Answer
from omnidesk.wording.arguments import Arguments
from omnidesk.wording.screen import Screen, moment, plain, span, table, wrap


def status(context: Context, given: Arguments) -> Answer:
    """What is due, failed and why."""
    seen = look(context)
    answer = Answer(lines(seen, given.screen), data=as_data(seen))
    _elements(answer, seen)
    return answer


# For a person


def lines(seen: Overview, screen: Screen) -> list[str]:
    """The summary, then the tables of tickets and of refused messages."""
    return [*_summary(seen, screen), *_tickets(seen, screen), *_messages(seen, screen)]


def _summary(seen: Overview, screen: Screen) -> list[str]:
    found = facts(seen, screen)
    width = max(len(name) for name, _, _ in found)
    lines = []
    for name, words, style in found:
        first, *more = wrap(plain(words), max(20, screen.width - width - 2))
        lines.append(f"{name:<{width}}  {screen.paint(style, first)}")
        lines += [" " * (width + 2) + screen.paint(style, one) for one in more]
    return lines


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
        "routing": [str(one) for one in seen.routing],
        "oldest_wait_seconds": None if seen.oldest_wait is None else max(0.0, seen.now - seen.oldest_wait),
        "linked_tickets": seen.linked,
        "failures": seen.failures,
        "calls": {"left": seen.budget.left, "limit": seen.budget.limit, "until": seen.budget.window_ends},
        "polled_seconds_ago": seen.polled,
        "scanned_seconds_ago": seen.scanned,
        "webhook_seconds_ago": seen.webhook,
        "event_seconds_ago": seen.event,
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
    for wrong in seen.routing:
        answer.element("routing", str(wrong))
    for row in seen.rows:
        answer.element("ticket", row.error_text, id=row.ticket, case=row.case_number, set_aside=int(row.set_aside),
                       due_in=round(max(0, row.due_at - seen.now)), attempts=row.attempts,
                       error=row.error_type)  # fmt: skip
    for one in seen.refused:
        answer.element("message", one.why.full(), ticket=one.ticket, id=one.message)
