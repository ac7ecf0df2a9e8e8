"""Counting what was delivered, with its delay: from when it was written on one side to when the other side had it.

Counted once, by who made it arrive: an action that was carried out, or a run that found what an earlier one had sent.
Of the latter the moment of arrival is not known, so no delay is. What was written before the module was there, or long
before its ticket began to wait (a past that was asked for, a ticket that came from another department), is history and
has none either. To count is never worth a delivery: what fails is logged and missing in the figures.
"""

from __future__ import annotations

import logging
import time

from omnidesk.context import Context
from omnidesk.core.errors import Failure
from omnidesk.store.daily import HISTORY, IN, NOT_MEASURED, OUT, range_of
from omnidesk.store.models import TicketLink
from omnidesk.sync import actions as do
from omnidesk.sync.ticket_row import TicketRow

log = logging.getLogger("daily")
HOUR = 3600.0
ANNOUNCED = 300.0  # an event may be lost: its message is found by the next scan, or with the event of a later one


def carried(context: Context, row: TicketRow, action: do.Action) -> None:
    """Count what this action has delivered, if anything."""
    try:
        match action:
            case do.DeliverReply() | do.DeliverNote() | do.DeliverClientMessage():
                context.daily.count(IN, range_of(_now_there(context) - action.reply.created_at))
            case do.CreateCase() | do.SendMessage():
                moved = isinstance(action, do.SendMessage) and bool(action.message.moved_from)
                old = action.message.id <= context.history_ends()[0]
                _sent(context, row.get(), action.message.posted_at, old=old, moved=moved)
            case do.SendNote():
                old = action.note.id <= context.history_ends()[1]
                _sent(context, row.get(), action.note.posted_at, old=old)
    except Failure as failure:
        _missing(failure)


def found(context: Context, direction: str) -> None:
    """Count what was delivered, at a moment that is not known for sure: an earlier run may have done it."""
    try:
        context.daily.count(direction, NOT_MEASURED)
    except Failure as failure:
        _missing(failure)


def _missing(failure: Failure) -> None:
    log.warning("a delivered message is missing in the daily figures: %s", failure)


def _sent(context: Context, link: TicketLink, posted_at: float, *, old: bool, moved: bool = False) -> None:
    """``old``: by its number it is history, unless its ticket waits for it; ``moved``: it had been sent before."""
    posted_at = _as_meant(posted_at, context.clock())
    past = posted_at < link.wait_since - ANNOUNCED if link.wait_since else old or link.history
    context.daily.count(OUT, HISTORY if past or moved else range_of(context.clock() - posted_at))


def _now_there(context: Context) -> float:
    """Omnidesk's clock, by which its messages are dated; ours before it has answered anything."""
    return context.client.now or context.clock()


def _as_meant(posted_at: float, now: float) -> float:
    """When a local date of BILLmanager was. In the night when an hour comes twice, the later one is meant."""
    twice = time.localtime(posted_at)[:6] == time.localtime(posted_at + HOUR)[:6]
    return posted_at + HOUR if twice and posted_at + HOUR <= now else posted_at
