"""Cases merged in Omnidesk: the ticket of a merged case continues with the remaining case.

Only within one client: another client's case may hold what is none of his business, so there the ticket gets a new case
with its next message. When both cases have tickets, the tickets share the surviving case from then on. What is written
in it then belongs to the ticket whose client spoke last before it, so that an answer stands where the question was; an
agent who means another one begins his reply with its number (``#12``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from omnidesk.content.identity import is_ours, readings
from omnidesk.context import Context
from omnidesk.core.errors import Gone
from omnidesk.helpdesk.models import Case, Message
from omnidesk.store.models import MessageLink, TicketLink
from omnidesk.sync.observations import CaseJoined

_ADDRESS = re.compile(r"\A\s*[#№]\s?(?P<ticket>[0-9]{1,18})(?![0-9])[\s:.,—–-]*")
_ADDRESS_IN_HTML = re.compile(
    r"\A((?:\s|&nbsp;|<[^>]*>)*)(?:#|№|&#35;|&#8470;)(?:\s|&nbsp;)?(?P<ticket>[0-9]{1,18})(?![0-9])(?:\s|&nbsp;|[:.,—–-])*"
)
LONGEST_CHAIN = 10  # merges of merges; a ring of them ends here too


def merged(case: Case) -> bool:
    """Whether a case was merged into another one (``parent_case_id``, seen in public integrations)."""
    return bool(case.parent_case_id) and case.parent_case_id != case.case_id


def survivor_of(context: Context, case: Case) -> Case | None:
    """The case that a merged one leads to, through merges of merges; None when that is gone, or they go in a circle."""
    survivor = case
    try:
        for _ in range(LONGEST_CHAIN):
            survivor = context.client.case(survivor.parent_case_id)
            if not merged(survivor):
                break
    except Gone:
        return None
    return None if merged(survivor) or survivor.deleted or survivor.spam else survivor


def follow(context: Context, link: TicketLink, case: Case, survivor: Case | None) -> CaseJoined | None:
    """With which case the ticket goes on; None when that cannot be: another client's, or gone."""
    if survivor is None or not _is_his(context, link, case, survivor):
        return None
    shared = bool(context.links.tickets_of_case(survivor.case_id))
    return CaseJoined(case.case_number, survivor, case.updated_at, shared)


def _is_his(context: Context, link: TicketLink, case: Case, survivor: Case) -> bool:
    """Whether the surviving case is of the ticket's client. His user may be another one, if his own was merged."""
    if survivor.user_id == link.external_user:
        return True
    return survivor.user_id == case.user_id and context.client.user_is_gone(link.external_user)


def addressed(message: Message) -> int:
    """The ticket that an agent named at the beginning of his reply (``#12``), 0 for none."""
    html = message.content_html.strip()
    found = _ADDRESS_IN_HTML.match(html) if html else _ADDRESS.match(message.content)
    return int(found["ticket"]) if found and message.staff_id else 0


def without_address(context: Context, link: TicketLink, message: Message) -> Message:
    """A reply in a shared case as its client is to read it: without the number of his ticket at its beginning."""
    if addressed(message) != link.ticket or len(sharing(context, link)) < 2:
        return message
    return replace(
        message,
        content=_ADDRESS.sub("", message.content, count=1),
        content_html=_ADDRESS_IN_HTML.sub(r"\1", message.content_html, count=1),
    )


def sharing(context: Context, link: TicketLink) -> list[TicketLink]:
    """The tickets that have this one's case, the one it was made for first; this one's joining may not be recorded."""
    if not link.shared:
        return [link]
    there = context.links.tickets_of_cases([link.case_id]).get(link.case_id, [])
    others = [one for one in there if one.ticket != link.ticket]
    return sorted([*others, link], key=lambda one: (one.joined_at, one.ticket))


def own_replies(
    context: Context, link: TicketLink, rows: Sequence[Message], known: Mapping[int, MessageLink] | None = None
) -> tuple[Message, ...]:
    """The messages of a case, by id, that no link knows and that are this ticket's. ``known``: their links, if read."""
    if known is None:
        known = context.links.by_external([row.message_id for row in rows])
    new = [row for row in rows if row.message_id not in known]
    if not new:
        return ()
    openers = {row.message_id: _sent_as_opener(context, link, row) for row in new}
    tickets = sharing(context, link)
    if not link.joined_at and len(tickets) < 2:
        return tuple(row for row in new if (openers[row.message_id] or link.ticket) == link.ticket)
    for sent in context.links.in_doubt([one.ticket for one in tickets]):
        openers |= {row.message_id: sent.ticket for row in new if may_be(sent, row)}
    owners = _owners(context, rows, known, openers, tickets)
    return tuple(row for row in new if owners[row.message_id] == link.ticket)


def may_be(sent: MessageLink, row: Message) -> bool:
    """Whether this message of a case can be what a call made whose outcome is not known: same author, same text.

    The client's user may be another one by now: users can be merged.
    """
    kind, _, author = sent.author.partition(":")
    signed = str(row.staff_id) == author if kind == "staff" else bool(row.user_id)
    return signed and row.note == (sent.kind != "message") and is_ours(sent.digest, row.content, row.content_html)


def _owners(
    context: Context,
    rows: Sequence[Message],
    known: Mapping[int, MessageLink],
    openers: dict[int, int],
    tickets: Sequence[TicketLink],
) -> dict[int, int]:
    """Whose each message is: of the ticket it names, else of the one whose client's message was the last up to it.

    Before the first such message it is the ticket's whose own case this has always been. If there is none (the case
    came to Omnidesk by mail, say), what is older than the merge is nobody's.
    """
    first = tickets[0]  # the case was made for it, unless it joined, too
    spoke = context.links.spoke_last([one.ticket for one in tickets], rows[0].message_id)
    owner = spoke or (0 if first.joined_at else first.ticket)
    found: dict[int, int] = {}
    numbers = {one.ticket for one in tickets}
    for row in rows:
        sent = known.get(row.message_id)
        if sent is not None and sent.direction == "out" and sent.kind == "message" and not sent.staff:
            owner = sent.ticket
        elif openers.get(row.message_id):
            owner = openers[row.message_id]
        elif not owner and row.created_at >= first.joined_at:
            owner = first.ticket
        named = addressed(row)
        found[row.message_id] = named if named in numbers else owner
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
