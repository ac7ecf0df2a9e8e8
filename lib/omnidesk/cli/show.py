"""The command ``show``: a ticket and its case side by side, and what would be done next. Writes nothing anywhere."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from omnidesk.cli import show_text
from omnidesk.context import Context
from omnidesk.health.both_sides import Side, Sight, look
from omnidesk.wording.answer import Answer
from omnidesk.wording.arguments import Arguments
from omnidesk.wording.screen import plain

BEGINNING = 120  # characters of a text that are shown without --full


def show(context: Context, given: Arguments) -> Answer:
    """Both sides of a ticket, read afresh."""
    seen = look(context, given.id, given.full)
    answer = Answer(show_text.lines(seen, given.screen, given.full), data=as_data(seen))
    answer.element("status", ticket=seen.ticket.status, case=seen.case.status if seen.case else seen.link.seen_status)
    answer.element("agreement", str(seen.agreement.said), state=seen.agreement.state)
    for action in seen.actions:
        answer.element("action", str(action.why), name=type(action).__name__, title=action.title())
    return answer


# For programs


def as_data(seen: Sight) -> dict[str, Any]:
    """The same as plain values, for ``--json``; texts are cut as in the text."""

    def side(one: Side | None) -> dict[str, Any] | None:
        return None if one is None else asdict(one) | {"text": one.text if seen.whole else plain(one.text)[:BEGINNING]}

    link = seen.link
    return {
        "ticket": {
            "id": seen.ticket.id,
            "subject": seen.ticket.subject,
            "status": seen.ticket.status,
            "assignments": [asdict(one) for one in seen.ticket.assignments],
        },
        "case": {
            "id": link.case_id,
            "number": link.case_number,
            "status": seen.case.status if seen.case else None,
            "gone": link.case_gone,
            "url": seen.url,
        },
        "agreed": {"ticket": link.ticket_status, "case": link.case_status},
        "seen": {"status": link.seen_status, "at": link.seen_at, "read_at": link.read_at},
        "due": seen.due.data() if seen.due else None,
        "messages": [
            {
                "ours": side(one.left),
                "theirs": side(one.right),
                "theirs_id": one.external_message,
                "state": one.state,
                "direction": one.direction,
                "tries": one.tries,
                "error": one.error.full() if one.error else "",
            }
            for one in seen.pairs
        ],
        "left_out": seen.left_out,
        "next": [
            {"action": type(one).__name__, "title": str(one.title()), "why": str(one.why)} for one in seen.actions
        ],
        "agreement": {
            "state": seen.agreement.state,
            "reasons": [{"code": one.code, "text": str(one.said)} for one in seen.agreement.reasons],
        },
        "away": None if seen.away is None else {"type": seen.away.type, "text": str(seen.away)},
        "set_up": not seen.unlinked,
    }
