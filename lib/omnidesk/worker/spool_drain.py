"""From the spool into the queue: what the doorbells left is noted as due, then dropped."""

from __future__ import annotations

import logging

from omnidesk.context import Context
from omnidesk.core import ratings
from omnidesk.hooks import spool

log = logging.getLogger("rings")
FRESH = 10.0  # seconds: of an older rating event the row may hold a later rating, whose event was lost
WRITES = "clientticket.edit"  # the function by which clients write; others also archive or reassign


def drain(context: Context) -> tuple[int, bool]:
    """Note all waiting rings as due; (how many, whether one of them asks for a scan).

    A ring is dropped only after its ticket is due in the database, and worked on only after it was dropped, so one that
    comes in between is covered by the work that follows.
    """
    rings = spool.entries(context.paths.spool, lambda text: log.warning("%s", text))
    scan = False
    for ring in rings:
        if ring.kind == "case":
            _case(context, ring)
        elif ring.kind == "rating":
            scan = not _rating(context, ring) or scan
            spool.drop_unchanged(ring)
            continue
        elif ring.kind == "ticket":
            context.queue.ring(ring.id, "the panel rang", since=ring.at)
            if ring.fields.get("function") == WRITES:
                context.queue.written_in(ring.id)
        else:
            ticket = context.reader.ticket_of_assignment(ring.id) if ring.kind == "t2u" else 0
            if ticket:
                context.queue.ring(ticket, "the panel rang", since=ring.at)
            scan = scan or not ticket
        spool.drop(ring)
    return len(rings), scan


def _rating(context: Context, ring: spool.Ring) -> bool:
    """Note how a client has rated a message; False when it is not known in which ticket that is."""
    named = ring.fields.get("ticket", "")
    ticket = context.reader.ticket_of_message(ring.id) or (int(named) if named.isascii() and named.isdigit() else 0)
    rating = ratings.parse(ring.fields.get("rating", ""))
    if not ticket:
        log.warning("message %s was rated, and is in no ticket", ring.id)
        return False
    if rating:
        context.state.note_rating(ticket, ring.id, rating)
        if 0 <= context.clock() - ring.at <= FRESH:
            context.rating_column.teach(ring.id, rating)
    context.queue.ring(ticket, "a rating")
    return True


def _case(context: Context, ring: spool.Ring) -> None:
    """A webhook's case. It may not be linked yet; noting it first and looking second leaves no gap (see State).

    The channel's webhook names the new message, so the messages are read. A rule's may mean anything, mostly a status:
    the case is read, and its messages if it shows that there are new ones. What a number stands for is known of linked
    cases only: to ask Omnidesk would cost a call for each case of other channels, too, for which a rule calls.
    """
    context.state.note_orphan(ring.number or ring.id)
    case_id = context.links.case_of_number(ring.number) if ring.number else ring.id
    tickets = context.links.tickets_of_case(case_id)
    if tickets:
        context.state.take_orphan(ring.number or ring.id)
    for ticket in tickets:
        message = "message" in ring.fields
        context.queue.ring(ticket, "Omnidesk rang", look_case=not message, look_messages=message, since=ring.at)
    former = 0 if tickets else context.links.former_case_changed(case_id)
    if former:
        context.queue.ring(former, "Omnidesk rang", since=ring.at)
    elif not tickets:
        log.info("Omnidesk rang for case %s, which no ticket has (yet)", ring.number or case_id)
