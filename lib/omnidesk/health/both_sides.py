"""A ticket and its case side by side, and what would be done next, read afresh; writes nothing anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from omnidesk.billmanager import conversation, notes_table
from omnidesk.billmanager.models import Person, Ticket, TicketMessage, TicketNote
from omnidesk.content import incoming
from omnidesk.context import Context
from omnidesk.core.errors import Failure, Misconfigured, Refused
from omnidesk.core.phrase import Phrase, load
from omnidesk.core.tables import MESSAGES, TICKETS
from omnidesk.helpdesk.models import Case, Message, address_of_case
from omnidesk.store import schema
from omnidesk.store.models import DUE, DueTicket, MessageLink, TicketLink
from omnidesk.sync.actions import Action
from omnidesk.sync.agreement import NOT_SET_UP, Agreement, agreement
from omnidesk.sync.observe import Observation
from omnidesk.sync.reconcile import preview
from omnidesk.sync.view import View

NEWEST = 50  # messages and notes each that are shown without --full


@dataclass(frozen=True)
class Side:
    """One message or note on one side. ``role``: client, staff, note or system; ``at`` in Unix seconds."""

    id: int
    at: float
    role: str
    author: str
    text: str
    files: int = 0


@dataclass(frozen=True)
class Pair:
    """The same on both sides, as far as it is there. ``state``: of the link, "" without one."""

    left: Side | None
    right: Side | None
    state: str = ""
    direction: str = ""
    tries: int = 0
    error: Phrase | None = None
    external_message: int = 0

    @property
    def at(self) -> float:
        """When it was written; a row of the panel may have no date."""
        return next((one.at for one in (self.left, self.right) if one and one.at), 0.0)


@dataclass(frozen=True)
class Sight:
    """All that is shown of one ticket. ``away``: why Omnidesk could not be asked; ``unlinked``: there are no tables."""

    ticket: Ticket
    link: TicketLink
    url: str = ""
    case: Case | None = None
    due: DueTicket | None = None
    pairs: tuple[Pair, ...] = ()
    left_out: int = 0
    actions: tuple[Action, ...] = ()
    away: Failure | None = None
    agreement: Agreement = NOT_SET_UP
    unlinked: bool = False
    now: float = 0.0
    whole: bool = field(default=False)


def look(context: Context, number: int, full: bool) -> Sight:
    """Read both sides; a side that cannot be asked leaves what the links know of it."""
    ticket = context.reader.ticket(number)
    if ticket is None:
        raise Refused("no_ticket", value=str(number))
    if not schema.up_to_date(context.db):
        pairs, left_out = _pairs(context, number, full, (), linked=False)
        return Sight(ticket, TicketLink(number), pairs=pairs, left_out=left_out, unlinked=True, now=context.clock())
    seen, actions = _plan(context, number)
    link, case, away = seen.view.link, seen.case, seen.failure
    thread: Sequence[Message] = seen.thread.messages if seen.thread else ()
    if link.case_id and case is None and away is None:
        case, thread, away = _read_case(context, link)
    pairs, left_out = _pairs(context, number, full, thread, linked=True)
    return Sight(
        ticket,
        link,
        url=address_of_case(context.settings.url, link.case_number) if link.case_number else "",
        case=case,
        due=_due(context, number),
        pairs=pairs,
        left_out=left_out,
        actions=tuple(actions),
        away=away,
        agreement=agreement(context, replace(seen, failure=seen.failure or away), actions),
        now=context.clock(),
        whole=full,
    )


def _plan(context: Context, number: int) -> tuple[Observation, list[Action]]:
    """What both sides hold and what would be done next; as far as it is known where Omnidesk cannot be asked."""
    try:
        seen, actions = preview(context, number)
    except Misconfigured:
        raise
    except Failure as failure:  # the account's fields are not remembered, say: then there is no plan without asking
        return Observation(View(None, context.links.ticket(number)), failure=failure), []
    if isinstance(seen.failure, Misconfigured):
        raise seen.failure
    return seen, actions


def _read_case(context: Context, link: TicketLink) -> tuple[Case | None, Sequence[Message], Failure | None]:
    """The case itself, where the plan did not need it: a call is in doubt, or the case is gone."""
    case: Case | None = None
    try:
        case = context.client.case(link.case_id)
        return case, context.client.messages(link.case_id), None
    except Failure as failure:
        return case, (), failure


def _due(context: Context, number: int) -> DueTicket | None:
    """The ticket's place in the queue; None when nothing waits and nothing failed."""
    row = context.db.row(
        f"SELECT {DUE} FROM {TICKETS} WHERE ticket = %s AND (due_at IS NOT NULL OR set_aside = 1 OR error_type <> '')",
        number,
    )
    return DueTicket.of(row) if row else None


# Messages and notes


def _pairs(
    context: Context, number: int, full: bool, thread: Sequence[Message], *, linked: bool
) -> tuple[tuple[Pair, ...], int]:
    """Everything written on either side, in order of time; how many older ones were left out."""
    ours, left_out = _ours(context, number, full)
    links = context.links.messages(number) if linked else []
    errors = _errors(context, number) if linked else {}
    theirs = {one.message_id: one for one in thread}
    linked_there = context.links.by_external(list(theirs)).values() if linked else ()
    foreign = {one.external_message for one in linked_there if one.ticket != number}
    by_ours = {("note" if one.kind == "note" else "message", one.ticket_message): one for one in links
               if one.ticket_message}  # fmt: skip
    found: list[Pair] = []
    for kind, side in ours:
        link = by_ours.get((kind, side.id))
        right = theirs.pop(link.external_message, None) if link and link.external_message else None
        found.append(_pair(side, _their(context, right) if right else None, link, errors))
    known = {one.external_message: one for one in links if one.external_message}
    oldest = min((side.at for _, side in ours), default=0.0) if left_out else 0.0
    for message in theirs.values():
        if message.message_id not in foreign and message.created_at >= oldest:
            found.append(_pair(None, _their(context, message), known.get(message.message_id), errors))
    return tuple(sorted(found, key=lambda one: one.at)), left_out


def _pair(left: Side | None, right: Side | None, link: MessageLink | None, errors: dict[int, Phrase]) -> Pair:
    if link is None:
        return Pair(left, right)
    error = errors.get(link.id)
    return Pair(left, right, link.state, link.direction, link.tries, error, link.external_message)


def _errors(context: Context, number: int) -> dict[int, Phrase]:
    rows = context.db.rows(
        f"SELECT id, error_type, error_params, error_text FROM {MESSAGES} WHERE ticket = %s AND state <> 'done'", number
    )
    found = {int(row["id"]): load(row["error_type"], row["error_params"], row["error_text"]) for row in rows}
    return {id: error for id, error in found.items() if error}


def _ours(context: Context, number: int, full: bool) -> tuple[list[tuple[str, Side]], int]:
    """BILLmanager's messages and notes: the newest ones, or all."""
    left_out = 0
    found: list[tuple[str, Side]] = []
    for kind in ("message", "note") if notes_table.readable(context.db) else ("message",):
        mark = 0 if full else conversation.newest_begin(context.db, number, kind, NEWEST)
        if mark:
            left_out += conversation.count_up_to(context.db, number, kind, mark)
        found += [(kind, side) for side in _after(context, number, kind, mark)]
    return found, left_out


def _after(context: Context, number: int, kind: str, mark: int) -> Iterable[Side]:
    read: Any = context.reader.messages_after if kind == "message" else context.reader.notes_after
    while batch := read(number, mark):
        files = conversation.file_counts(context.db, [one.id for one in batch]) if kind == "message" else {}
        for one in batch:
            yield _our(one, kind, files.get(one.id, 0))
        mark = batch[-1].id


def _our(one: TicketMessage | TicketNote, kind: str, files: int) -> Side:
    if isinstance(one, TicketMessage) and not one.by_person:
        return Side(one.id, one.posted_at, "system", "", one.text, files)
    role = "note" if kind == "note" else "client" if one.author.is_client else "staff"
    return Side(one.id, one.posted_at, role, _name(one.author), one.text, files)


def _name(author: Person) -> str:
    return author.label if author.known else f"#{author.user}"


def _their(context: Context, one: Message) -> Side:
    said = incoming.of_message(one.content, one.content_html)
    if one.is_system:
        return Side(one.message_id, one.created_at, "system", "", said)
    role = "note" if one.note else "staff" if one.staff_id else "client"
    return Side(one.message_id, one.created_at, role, _staff(context, one.staff_id), said, len(one.attachments))


def _staff(context: Context, staff_id: int) -> str:
    """An employee's name as it is remembered; his number when it is not, or cannot be asked for."""
    if not staff_id:
        return ""
    try:
        return next((one.name for one in context.account.staff(inf) if one.staff_id == staff_id), f"#{staff_id}")
    except Failure:
        return f"#{staff_id}"
