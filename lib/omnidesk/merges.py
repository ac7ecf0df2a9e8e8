"""Cases merged in Omnidesk: the ticket of a case that was merged away goes on with the case that survives.

Only within one client: another client's case may hold what is none of his business, so there the ticket gets a new case
with its next message. When both cases have tickets, the tickets share the surviving case from then on. What is written
in it then belongs to the ticket whose client spoke last before it, so that an answer stands where the question was.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from omnidesk.context import Context
from omnidesk.errors import Gone
from omnidesk.formatting.identity import readings
from omnidesk.helpdesk.objects import Case, Message
from omnidesk.links.records import MessageLink, TicketLink

log = logging.getLogger("merges")
LONGEST_CHAIN = 10  # merges of merges; a ring of them ends here too


def merged(case: Case) -> bool:
    """Whether a case was merged into another one (``parent_case_id``, seen in public integrations)."""
    return bool(case.parent_case_id) and case.parent_case_id != case.case_id


def follow(context: Context, link: TicketLink, case: Case) -> bool:
    """Take the ticket over to the case that survives; False when that cannot be: another client's, or gone itself."""
    survivor = case
    try:
        for _ in range(LONGEST_CHAIN):
            survivor = context.client.case(survivor.parent_case_id)
            if not merged(survivor):
                break
    except Gone:
        return False
    if merged(survivor) or survivor.deleted or survivor.spam or survivor.user_id != link.external_user:
        return False
    log.info("ticket %s: case %s was merged into %s, which it goes on with", link.ticket, case.case_number,
             survivor.case_number)  # fmt: skip
    context.links.join(link.ticket, survivor, case.updated_at)
    return True


def own_replies(context: Context, link: TicketLink, rows: Sequence[Message]) -> tuple[Message, ...]:
    """The messages of a case, by id, that no link knows and that are this ticket's."""
    known = context.links.by_external([row.message_id for row in rows])
    new = [row for row in rows if row.message_id not in known]
    if not new:
        return ()
    openers = {row.message_id: _sent_as_opener(context, link, row) for row in new}
    sharing = context.links.tickets_of_case(link.case_id)
    if not link.joined_at and len(sharing) < 2:
        return tuple(row for row in new if (openers[row.message_id] or link.ticket) == link.ticket)
    owners = _owners(context, rows, known, openers, sharing)
    return tuple(row for row in new if owners[row.message_id] == link.ticket)


def _owners(
    context: Context,
    rows: Sequence[Message],
    known: dict[int, MessageLink],
    openers: dict[int, int],
    sharing: Sequence[int],
) -> dict[int, int]:
    """Whose each message is: of the ticket whose client's message was the last one up to it.

    Before the first such message it is the ticket's whose own case this has always been. If there is none (the case
    came to Omnidesk by mail, say), what is older than the merge is nobody's.
    """
    first = context.links.ticket(sharing[0])  # the case was made for it, unless it joined, too
    owner = context.links.spoke_last(sharing, rows[0].message_id) or (0 if first.joined_at else first.ticket)
    found: dict[int, int] = {}
    for row in rows:
        sent = known.get(row.message_id)
        if sent is not None and sent.direction == "out" and sent.kind == "message" and not sent.staff:
            owner = sent.ticket
        elif openers.get(row.message_id):
            owner = openers[row.message_id]
        elif not owner and row.created_at >= first.joined_at:
            owner = first.ticket
        found[row.message_id] = owner
    return found


def _sent_as_opener(context: Context, link: TicketLink, row: Message) -> int:
    """The ticket whose case began with this message, perhaps a case that was merged into this one since; 0: none.

    Omnidesk does not tell the id of a case's first message when the case is made (documented), so its text decides,
    among the tickets of the same client.
    """
    if row.note or row.staff_id or not row.user_id:
        return 0
    said = sorted(readings(row.content, row.content_html))
    tickets = [one.ticket for each in said for one in context.links.openers_of_client(link.client_user, each)]
    return link.ticket if link.ticket in tickets else next(iter(tickets), 0)
