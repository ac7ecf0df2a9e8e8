"""From the spool into the queue: events are recorded as due tickets, then deleted."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from omnidesk.context import Context
from omnidesk.core import ratings
from omnidesk.hooks import spool
from omnidesk.hooks.panel_event import KNOWN
from omnidesk.store.state import LAST_EVENT, LAST_WEBHOOK

log = logging.getLogger("events")
FRESH = 10.0  # seconds: of an older rating event the row may hold a later rating, whose event was lost
POLL_APART = 15.0  # seconds between polls that webhooks of unknown cases ask for
WRITES = "clientticket.edit"  # the function by which clients write; others also archive or reassign


def drain(context: Context) -> tuple[int, bool]:
    """Note all waiting events as due; (how many, whether one of them asks for a scan).

    An event is dropped only after its ticket is due in the database, and processed only after that, so one that
    comes in between is covered by the work that follows.
    """
    events = spool.entries(context.paths.spool, lambda text: log.warning("%s", text))
    scan = False
    new = {one.fields.get("function", "") for one in events} & set(KNOWN) - context.functions
    if new:
        context.state.note_functions(new)
        context.functions |= new
    _heard(context, events)
    for event in events:
        if event.kind == "case":
            _case(context, event)
        elif event.kind == "rating":
            scan = not _rating(context, event) or scan
            spool.drop_unchanged(event)
            continue
        elif event.kind == "ticket":
            context.queue.make_due(event.id, "event", since=event.at)
            if event.fields.get("function") == WRITES:
                context.queue.written_in(event.id)
        else:
            ticket = context.reader.ticket_of_assignment(event.id) if event.kind == "t2u" else 0
            if ticket:
                context.queue.make_due(ticket, "event", since=event.at)
            scan = scan or not ticket
        spool.drop(event)
    return len(events), scan


def _poll_soon(context: Context) -> None:
    """An unknown case may be one that staff have opened: the poll tells which are real, in one call for all of them."""
    age = context.state.age("poll_done")
    if age is not None and age >= POLL_APART:
        context.state.remove("poll_done")


def _heard(context: Context, events: Sequence[spool.Event]) -> None:
    """When either side was heard last: a webhook of Omnidesk's, an event of the panel's (and not a button of ours)."""
    for name, of_webhook in ((LAST_WEBHOOK, True), (LAST_EVENT, False)):
        times = [one.at for one in events if (one.kind == "case") == of_webhook
                 and (of_webhook or one.fields.get("function") in KNOWN)]  # fmt: skip
        if times:
            context.state.put(name, max(times))


def _rating(context: Context, event: spool.Event) -> bool:
    """Note how a client has rated a message; False when it is not known in which ticket that is."""
    named = event.fields.get("ticket", "")
    ticket = context.reader.ticket_of_message(event.id) or (int(named) if named.isascii() and named.isdigit() else 0)
    rating = ratings.parse(event.fields.get("rating", ""))
    if not ticket:
        log.warning("message %s was rated, but belongs to no ticket", event.id)
        return False
    if rating:
        context.state.note_rating(ticket, event.id, rating)
        if 0 <= context.clock() - event.at <= FRESH:
            context.rating_column.teach(event.id, rating)
    context.queue.make_due(ticket, "rating")
    return True


def _case(context: Context, event: spool.Event) -> None:
    """A webhook's case. It may not be linked yet; noting it first and looking second leaves no gap (see State).

    The channel's webhook names the new message, so the messages are read. A rule's may mean anything, mostly a status:
    the case is read, and its messages if it shows that there are new ones. What a number stands for is known of linked
    cases only: to ask Omnidesk would cost a call for each case of other channels, too, for which a rule calls.
    """
    context.state.note_unlinked(event.number or event.id)
    case_id = context.links.case_of_number(event.number) if event.number else event.id
    tickets = context.links.tickets_of_case(case_id)
    if tickets:
        context.state.take_unlinked(event.number or event.id)
    for ticket in tickets:
        message = "message" in event.fields
        context.queue.make_due(ticket, "webhook", look_case=not message, look_messages=message, since=event.at)
    former = 0 if tickets else context.links.former_case_changed(case_id)
    if former:
        context.queue.make_due(former, "webhook", since=event.at)
    elif not tickets:
        log.info("webhook for case %s, which is not linked to a ticket (yet)", event.number or case_id)
        if context.settings.cases_from_omnidesk != "off":
            _poll_soon(context)
