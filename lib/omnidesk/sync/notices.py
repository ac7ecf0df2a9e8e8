"""Which notes the module has to write to staff, derived from the links and from what was read.

A note is due as long as the ticket has no link with its mark, so it stands once however often a run dies or is tried
again. It goes where those look who can act: into the case for agents, into the ticket for staff in the panel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from omnidesk.billmanager.models import Ticket
from omnidesk.content import incoming
from omnidesk.context import Context
from omnidesk.core import text as texts
from omnidesk.core.errors import Failure
from omnidesk.core.phrase import Phrase, full, plain
from omnidesk.helpdesk.models import Message
from omnidesk.store.blocked_clients import BlockedClient
from omnidesk.store.models import MessageLink, TicketLink
from omnidesk.sync import actions as do
from omnidesk.sync import case_note, edits
from omnidesk.sync.merged_cases import sharing
from omnidesk.sync.view import Stray

QUOTED = 100  # characters of a message, enough to know which one is meant


@dataclass(frozen=True)
class Facts:
    """What the notes of one ticket are worked out from.

    ``unfinished``: links begun or refused; ``read``: the case's messages as far as they were read; ``replies``: those
    of them that are to be delivered; ``blocked``: the client's new cases start in spam, and his messages wait for that.
    """

    ticket: Ticket
    link: TicketLink
    unfinished: Sequence[MessageLink] = ()
    read: Sequence[Message] = ()
    replies: Sequence[Message] = ()
    blocked: BlockedClient | None = None


def due(context: Context, facts: Facts) -> tuple[do.Notify, ...]:
    """The notes that have not been written yet. The links are asked only when there may be one."""
    notified = cache(lambda: context.links.notice_marks(facts.ticket.id))
    found = [
        *_merges(context, facts),
        *_splits(context, facts),
        *_refusals(context, facts),
        *_unreadable(context, facts),
        *_blocked(context, facts),
        *_not_ended(context, facts),
        *case_note.due(context, facts.ticket, facts.link, notified),
    ]
    return tuple(one for one in found if one.mark not in notified())


def _blocked(context: Context, facts: Facts) -> Iterator[do.Notify]:
    if facts.blocked is None:
        return
    name = facts.ticket.client.label if facts.ticket.client else f"#{facts.blocked.user}"
    case = facts.link.case_number if facts.link.case_gone == "spam" else ""
    where = Phrase("notice.blocked_in_spam", case=case) if case else ""
    text = Phrase("notice.blocked", client=name, where=where)
    yield do.Notify(Phrase("why.spam"), "ticket", f"n:blocked:{facts.blocked.at:.0f}",
                    Phrase("about.blocked"), text)  # fmt: skip


def _not_ended(context: Context, facts: Facts) -> Iterator[do.Notify]:
    """The case cannot be closed: once for each time that the ticket ends after a message of its client."""
    link = facts.link
    if link.refused_status and facts.ticket.status != "open":
        text = Phrase("notice.not_ended", ticket=link.ticket, why=link.refused_why)
        yield do.Notify(Phrase("why.not_closed"), "case", f"n:not_ended:{link.client_message}",
                        Phrase("about.not_ended"), text)  # fmt: skip


def shared_mark(case_id: int) -> str:
    """What the note about a case that several tickets share is marked with."""
    return f"n:shared:{case_id}"


def _merges(context: Context, facts: Facts) -> Iterator[do.Notify]:
    """A case is shared by several tickets since a merge, or was merged into another client's."""
    link = facts.link
    tickets = sharing(context, link) if link.joined_at and link.has_case else []
    if len(tickets) > 1 and tickets[-1].ticket == link.ticket:  # who joined last says it
        numbers = ", ".join(f"#{one.ticket}" for one in sorted(tickets, key=lambda one: one.ticket))
        text = Phrase("notice.shared", tickets=numbers, ticket=link.ticket)
        yield do.Notify(Phrase("why.merged"), "case", shared_mark(link.case_id), Phrase("about.shared"), text)
    if link.merged_into:
        for place, kind in (("case", "merged_here"), ("ticket", "merged_away")):
            text = Phrase(f"notice.{kind}", ticket=link.ticket)
            yield do.Notify(Phrase("why.merged_alien"), place, f"n:{kind}:{link.merged_into}",
                            Phrase("about.merged"), text, case_id=link.merged_into)  # fmt: skip


def _splits(context: Context, facts: Facts) -> Iterator[do.Notify]:
    """Messages of the ticket were moved to another one: where the conversation continues, once that has its case."""
    for other in context.links.split_into(facts.ticket.id) if facts.link.split_to else ():
        there = context.links.ticket(other)
        if not there.has_case and context.covers(context.reader.ticket(other)):
            continue
        kind = "split" if there.has_case else "split_uncovered"
        case = there.case_number or there.case_id
        text = Phrase(f"notice.{kind}", ticket=facts.ticket.id, other=other, case=case)
        yield do.Notify(Phrase("why.split"), "case", f"n:split:{other}",
                        Phrase("about.split", ticket=other), text)  # fmt: skip


def _unreadable(context: Context, facts: Facts) -> Iterator[do.Notify]:
    """Replies to a client who cannot log in: they go into the ticket, and he does not see them there."""
    client, replies = facts.ticket.client, [one for one in facts.replies if _is_reply(one)]
    if not replies or (client and client.enabled) or context.reader.somebody_enabled(facts.ticket.account):
        return
    for one in replies:
        text = Phrase(
            "notice.unreadable" if client else "notice.no_client", ticket=facts.ticket.id,
            message=quoted(context, one), client=client.login if client else "",
        )  # fmt: skip
        yield do.Notify(Phrase("why.client_disabled"), "case", f"n:unreadable:{one.message_id}",
                        Phrase("about.unreadable", message=one.message_id), text)  # fmt: skip


def _is_reply(message: Message) -> bool:
    return bool(message.staff_id) and not message.note and not message.is_system


def of_deleted_ticket(context: Context, link: TicketLink, rows: Sequence[Message]) -> Stray:
    """What agents wrote in the case of a ticket that was deleted."""
    why = Phrase("why.ticket_deleted")
    return _stray(context, link, link.case_id, rows, why, "ticket_deleted", former=False)


def in_former_case(context: Context, link: TicketLink, case_id: int, rows: Sequence[Message]) -> Stray:
    """What agents wrote in an earlier case of the ticket."""
    return _stray(context, link, case_id, rows, Phrase("why.former_case"), "former_case", former=True)


def _stray(
    context: Context, link: TicketLink, case_id: int, rows: Sequence[Message], why: Phrase, kind: str, *, former: bool
) -> Stray:
    replies = sorted((one for one in rows if _is_reply(one)), key=lambda one: one.message_id)
    if not replies:
        return Stray(case_id, why, former=former)
    said = "; ".join(quoted(context, one) for one in replies)
    text = Phrase(f"notice.{kind}", ticket=link.ticket, message=said, case=link.case_number or link.case_id)
    notice = do.Notify(why, "case", f"n:stray:{replies[-1].message_id}",
                       Phrase("about.stray", count=len(replies)), text, case_id=case_id)  # fmt: skip
    notified = notice.mark in context.links.notice_marks(link.ticket)
    return Stray(case_id, why, tuple(one.message_id for one in replies), None if notified else notice, former)


def _refusals(context: Context, facts: Facts) -> Iterator[do.Notify]:
    for one in facts.unfinished:
        if one.state == "refused" and one.kind == "message":
            yield (_not_corrected if one.is_correction else _refused)(context, facts.link, one, facts.read)


def of_setting_aside(context: Context, ticket: Ticket, link: TicketLink, failure: Failure) -> Iterator[do.Notify]:
    """The ticket as a whole is not tried any more, so what is written on either side does not reach the other."""
    why = full(failure.phrase)
    waiting = context.reader.waiting(ticket.id)
    if waiting and ticket.status != "closed":
        text = Phrase("notice.aside", ticket=ticket.id, why=why)
        yield do.Notify(Phrase("why.aside"), "ticket", f"n:aside:out:{waiting.id}", Phrase("about.aside"),
                        text)  # fmt: skip
    if link.has_case and (link.look_messages or not waiting):
        text = Phrase("notice.aside_there", ticket=ticket.id, why=why)
        yield do.Notify(Phrase("why.aside"), "case", f"n:aside:in:{link.read_at:.0f}", Phrase("about.aside"),
                        text)  # fmt: skip


def late(context: Context, unfinished: Sequence[MessageLink]) -> dict[tuple[str, int], do.Notify]:
    """The notes to follow for undelivered messages that staff were notified of and that are tried again, by message."""
    again = [one for one in unfinished if one.state == "intent" and one.kind == "message" and _id(one)]
    notified = context.links.notice_marks(again[0].ticket) if again else set()
    return {key(one): _late(one) for one in again if _mark(one) in notified}


def key(link: MessageLink) -> tuple[str, int]:
    """A message by the side it was written on and its id there."""
    return link.direction, _id(link)


def _id(link: MessageLink) -> int:
    """The id of a message on the side it was written on."""
    return link.external_message if link.direction == "in" else link.ticket_message or link.part_of


def _mark(link: MessageLink, what: str = "refused") -> str:
    return f"n:{what}:{link.direction}:{_id(link)}"


def _refused(context: Context, link: TicketLink, one: MessageLink, read: Sequence[Message]) -> do.Notify:
    why = full(one.error) if one.error else ""
    if one.direction == "in":
        said = next((row for row in read if row.message_id == one.external_message), None)
        message = quoted(context, said) if said else str(one.external_message)
        text = Phrase("notice.reply_refused", ticket=link.ticket, message=message, why=why)
        return do.Notify(Phrase("why.refused"), "case", _mark(one),
                         Phrase("about.reply_refused", message=one.external_message), text)  # fmt: skip
    message = str(one.ticket_message)
    text = Phrase("notice.message_refused", ticket=link.ticket, message=message, why=why)
    return do.Notify(
        Phrase("why.refused"), "ticket", _mark(one), Phrase("about.message_refused", message=message), text
    )


def _not_corrected(context: Context, link: TicketLink, one: MessageLink, read: Sequence[Message]) -> do.Notify:
    """A correction that the panel refuses: the client still reads the former text."""
    reply = context.links.link(edits.corrected(one))
    number = reply.external_message if reply else 0
    said = next((row for row in read if row.message_id == number), None)
    message = quoted(context, said) if said else str(number)
    why = Phrase("notice.edit_refused", what=one.error or plain(""))
    text = Phrase("notice.not_corrected", ticket=link.ticket, message=message, why=why)
    about = Phrase("about.not_corrected", message=number)
    return do.Notify(Phrase("why.refused"), "case", f"n:uncorrected:{one.id}", about, text)


def _late(one: MessageLink) -> do.Notify:
    kind, place = ("reply_late", "case") if one.direction == "in" else ("message_late", "ticket")
    text = Phrase(f"notice.{kind}", ticket=one.ticket, message=_id(one))
    about = Phrase(f"about.{kind}", message=_id(one))
    return do.Notify(Phrase("why.refused_before"), place, _mark(one, "late"), about, text)


def quoted(context: Context, message: Message) -> str:
    """A message of Omnidesk as an agent recognises it: its id, its author, how it begins."""
    staff = context.account.staff_by_id(message.staff_id) if message.staff_id else None
    said = " ".join(texts.clean(incoming.of_message(message.content, message.content_html)).split())
    start = f"«{texts.shorten(said, QUOTED)}»" if said else ""
    return ", ".join(part for part in (str(message.message_id), staff.name if staff else "", start) if part)
