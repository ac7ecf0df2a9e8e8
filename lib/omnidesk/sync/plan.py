"""What has to be done so that both sides of one ticket are equal: a pure function of what both hold.

No I/O, no clock, no randomness: the same view gives the same plan, and a plan carried out gives an empty next one.
The order of actions is part of the meaning: a case is reopened before a client's message goes in and closed after the
last reply has, so a stop between any two actions leaves a state from which the next plan goes on.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import replace

from omnidesk.billmanager.models import Ticket, TicketMessage, TicketNote
from omnidesk.content.identity import readings
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk.models import Message
from omnidesk.routing.routes import NOWHERE
from omnidesk.store.models import MessageLink
from omnidesk.sync import actions as do
from omnidesk.sync.plan_assignee import Part, assignee
from omnidesk.sync.plan_priority import with_priority
from omnidesk.sync.routing import routed
from omnidesk.sync.status_merge import (
    Decides,
    Outcome,
    case_now,
    case_of_ticket,
    ended,
    ended_by_us,
    history_is_needed,
    is_answer,
    mailed_by_client,
    merge_statuses,
    ticket_now,
)
from omnidesk.sync.view import Policy, View
from omnidesk.wording.action_texts import word

AT_ONCE = 7200.0  # seconds between a message and the event that reports it: clocks may differ


def plan(view: View, policy: Policy) -> list[do.Action]:
    """The actions, in order; empty when both sides are equal as far as is known."""
    doubts = list(_doubts(view))
    if doubts:
        return doubts
    if view.ticket is None:
        return [*_strays(view), *_needless(view), *_read(view)]
    if not view.link.has_case:
        return [*_opening(view, view.ticket, policy), *_needless(view)]
    going_on = list(_going_on(view, view.ticket, policy))
    opened = ticket_now(view, view.ticket) == "open"
    return [*routed(view.place, view.link, going_on, opened=opened, fresh=view.case_is_fresh), *_needless(view)]


def _doubts(view: View) -> Iterator[do.Action]:
    """Calls whose outcome is unknown come first and alone: everything else depends on what came of them."""
    if view.link.intent_at:
        yield do.LookForCase(Phrase("why.creating_unknown"))
    for link in view.intents:
        yield do.LookForMessage(Phrase("why.sending_unknown"), link)


def _strays(view: View) -> Iterator[do.Action]:
    for stray in view.strays:
        if stray.notice:
            yield stray.notice
        if stray.replies or stray.former:
            yield do.LeaveStray(stray.why, stray.case_id, stray.replies)


def _needless(view: View) -> Iterator[do.Action]:
    """Notes and corrections that could not be written and are not due any more: the case is gone, the ticket archived,
    the message was delivered later or has another text by now."""
    notes = [*view.notices, *(stray.notice for stray in view.strays), *view.edits]
    due = {("note", one.mark) for one in notes if isinstance(one, do.Notify) and _has_place(view, one)}
    due |= {("message", one.edit.mark) for one in view.edits if isinstance(one, do.Correct)}
    for link in view.unwritten:
        if (link.kind, link.source) not in due:
            yield do.DropNotice(Phrase("why.needless"), link)


def _opening(view: View, ticket: Ticket, policy: Policy) -> Iterator[do.Action]:
    """A ticket without a living case gets one when there is something to say, and somebody to say it for."""
    case = _new_case(view, ticket, policy)
    if case is None or view.blocked:
        yield from _strays(view)
        yield from _notices(view, view.notices)
    if case is not None:
        yield do.LookForUnblocking(Phrase("why.spam"), view.blocked) if view.blocked else case


def _new_case(view: View, ticket: Ticket, policy: Policy) -> do.CreateCase | None:
    if not view.messages or not (policy.covers or view.link.case_id):
        return None
    moved = any(one.moved_from for one in view.messages)
    if not (view.link.case_id or view.link.history or moved or _is_news(view, policy)):
        return None  # archived or reassigned, but nobody has written in it since the module is there
    if ticket.client is None and not view.link.external_user:
        return None  # the client was deleted before the ticket was ever sent: nobody to write to
    first, gone = view.messages[0], view.link.case_gone
    why = Phrase("why.case_lost", gone=word("gone", gone)) if gone else Phrase("why.no_case")
    # What is still to come may reopen the case, so a status that ends it is set after the last message.
    alone = len(view.messages) == 1 and first.author.is_client
    status = case_of_ticket(view, ticket.status) if alone and not ended_by_us(view, ticket) else "open"
    return do.CreateCase(why, first, status, view.place or NOWHERE)


def _is_news(view: View, policy: Policy) -> bool:
    """Whether the newest message came after the module did, or just when an event reported it."""
    newest = view.newest or view.messages[-1]
    return newest.id > policy.history or abs(view.link.wait_since - newest.posted_at) < AT_ONCE


def _going_on(view: View, ticket: Ticket, policy: Policy) -> Iterator[do.Action]:
    learned, view = _recognised(view)
    yield from learned
    if not view.case_is_fresh and _may_hide_an_ending(view):
        yield do.ReadCase(Phrase("why.stale_status"))
    outcome = merge_statuses(view, ticket)
    doubtful = history_is_needed(view, ticket)
    if doubtful:  # first, as what is sent changes what the states show
        yield do.ReadHistory(Phrase("why.history"))
        outcome = replace(outcome, ticket="open")  # if it cannot be asked for now, what is sent ends nothing
    reads = list(_reads(view, outcome))
    waits = bool(doubtful or reads)
    work = Part() if waits else with_priority(assignee(view, ticket, outcome), view, ticket, outcome)
    if not waits and outcome.case == "open" and case_now(view.link) != "open":
        follows = "open" if ticket_now(view, ticket) == "open" else ""  # who ends the ticket later has changed it
        put = work.put or do.UpdateCase(outcome.why)
        yield replace(put, why=outcome.why, status="open", follows=follows)
        work = replace(work, put=None)
    for part in view.parts:
        yield do.SendPart(Phrase("why.more_files"), part)
    conversation = list(_conversation(view, outcome, policy, opens=not waits and outcome.ticket == "open"))
    yield from conversation
    if not waits:
        yield from _statuses(view, ticket, outcome, conversation, work.put)
    yield from work.actions
    yield from _client_data(view)
    yield from _ratings(view, policy)
    yield from _strays(view)
    leaves = waits or outcome.ticket == "open" or any(isinstance(one, do.TO_BILLMANAGER) for one in conversation)
    postponed = _postponed(view, ticket, leaves)
    yield from _notices(view, () if postponed else view.edits)
    yield from _notices(view, view.notices)
    if not postponed:
        yield from _read(view)
    yield from reads or work.reads


def _postponed(view: View, ticket: Ticket, leaves: bool) -> bool:
    """Whether edits wait for the next plan: archived tickets take no correction, and this one may leave the archive."""
    return bool(view.edits) and ticket.status == "closed" and leaves


def _read(view: View) -> Iterator[do.Action]:
    """How far the case was read, once that is more than was known."""
    covered = view.link.unread and view.link.own_write_at <= view.read_covers
    if view.read_up_to > view.link.read_at or (view.read_up_to and covered):
        yield do.MarkRead(Phrase("why.all_read"), view.read_up_to, view.read_covers)


# Statuses


def _may_hide_an_ending(view: View) -> bool:
    """Whether a client's message goes into a case that staff have answered, and may have ended, since it was last read:
    the message may open it, and nothing would show then that they had ended it."""
    return any(one.author.is_client for one in view.messages) and any(is_answer(one) for one in view.replies)


def _reads(view: View, outcome: Outcome) -> Iterator[do.Action]:
    """What has to be known before a status is written. It holds up statuses only, so it is read last.

    A client's message that is not in the case yet opens it whatever it was. One that is may have been read there since.
    """
    changes = outcome.case != case_now(view.link) and not _refused(view, outcome)
    overrules = outcome.decides is not Decides.CLIENT or view.link.client_at or mailed_by_client(view)
    if changes and overrules and not view.case_is_fresh:
        yield do.ReadCase(Phrase("why.stale_status"))


def _statuses(
    view: View, ticket: Ticket, outcome: Outcome, conversation: list[do.Action], put: do.UpdateCase | None
) -> Iterator[do.Action]:
    link = view.link
    yield from _case_data(view, outcome, put)
    yield from _ticket_status(ticket, outcome, conversation)
    if _refused(view, outcome):
        return
    if outcome.archive and (ticket.status != "closed" or _opened(conversation)):
        yield do.Archive(outcome.why, outcome.case)
        return
    outcome = _after(outcome, conversation)
    # Agreement on one kind of state also settles what is remembered of the other kind.
    if link.status_begun:  # its call is in doubt until the case has changed after it
        settles = link.seen_at > link.own_status_at
    else:
        settles = link.own_status_at > link.agreed_at
    settles = settles or bool(link.taken_end or link.refused_status)
    settles = settles or bool(link.own_end if outcome.ticket == "open" else link.client_at)
    if settles or (outcome.agreed_ticket, outcome.case) != (link.ticket_status, link.case_status):
        yield do.Agree(Phrase("why.same_now"), outcome.agreed_ticket, outcome.case)


def _after(outcome: Outcome, conversation: list[do.Action]) -> Outcome:
    """What is written into an archived ticket takes it out of the archive: our own doing, and nobody's decision."""
    opened = _opened(conversation) and outcome.agreed_ticket == "closed"
    return replace(outcome, agreed_ticket="waiting") if opened else outcome


def _opened(conversation: list[do.Action]) -> bool:
    """Whether something is written into the ticket, which takes it out of the archive."""
    return any(isinstance(one, do.TO_BILLMANAGER) for one in conversation)


def _ticket_status(ticket: Ticket, outcome: Outcome, conversation: list[do.Action]) -> Iterator[do.Action]:
    # A client's message gives the ticket to somebody, also one that staff have answered in Omnidesk since.
    given = any(isinstance(action, do.DeliverClientMessage) for action in conversation)
    if outcome.ticket == "ended" and (given or ticket.status == "open"):
        yield do.EndAssignment(outcome.why)
        return
    # Who replies takes the ticket first, which opens it; opening it again would hand it to somebody else as well.
    replied = any(isinstance(action, do.DeliverReply) for action in conversation)
    if outcome.ticket == "open" and ticket.status != "open" and not replied:
        yield do.Reopen(outcome.why)


def _case_data(view: View, outcome: Outcome, put: do.UpdateCase | None) -> Iterator[do.Action]:
    """A status that ends the case, changed custom fields, and another assignee, in one call."""
    changed = _fields_changed(view)
    ends = outcome.case != case_now(view.link) and ended(outcome.case) and not _refused(view, outcome)
    status = outcome.case if ends else ""
    if status or changed or put:
        digest_now = view.case_fields_digest if changed else ""
        follows = outcome.agreed_ticket if status and outcome.decides is Decides.TICKET else ""
        fields = view.case_fields if changed else {}
        set_too = put or do.UpdateCase(Phrase("why.fields_changed"))
        why = outcome.why if status else set_too.why
        yield replace(set_too, why=why, status=status, fields=fields, digest=digest_now, follows=follows)


def _fields_changed(view: View) -> bool:
    return bool(view.case_fields_digest) and view.case_fields_digest != view.link.fields_digest


def _refused(view: View, outcome: Outcome) -> bool:
    """Whether Omnidesk has refused to end the case so, and nothing has changed since that may be the reason."""
    same = outcome.case == view.link.refused_status and outcome.case != case_now(view.link)
    return same and not _fields_changed(view)


# Messages and notes


def _conversation(view: View, outcome: Outcome, policy: Policy, *, opens: bool) -> Iterator[do.Action]:
    """What has to go over in either direction, oldest first; each side's own order is never changed. ``opens``: the
    ticket is to be open, which is certain."""
    outgoing = _timed((m.posted_at, do.SendMessage(Phrase("why.not_in_case"), m)) for m in view.messages)
    notes = _timed((note.posted_at, _note_out(note, policy)) for note in view.notes)
    system = _timed((row.posted_at, _system_out(row, policy)) for row in view.system)
    incoming = _timed(_incoming(view, outcome, policy, opens=opens))
    for _, action in heapq.merge(outgoing, notes, system, incoming, key=lambda pair: pair[0]):
        yield action


def _timed(pairs: Iterable[tuple[float, do.Action]]) -> list[tuple[float, do.Action]]:
    """Times made to grow with the order given (by id), so that merging by time cannot reorder one side."""
    latest, found = 0.0, []
    for moment, action in pairs:
        latest = max(latest, moment)
        found.append((latest, action))
    return found


def _notices(view: View, planned: Iterable[do.Action]) -> Iterator[do.Action]:
    """Notes to staff, as they are planned."""
    for one in planned:
        if not isinstance(one, do.Notify) or _has_place(view, one):
            yield one


def _has_place(view: View, notice: do.Notify) -> bool:
    """Whether there is a case to write it into, if it is for one. One in an archived ticket would take it out of the
    archive, so it waits."""
    if notice.place != "case":
        return view.ticket is not None and view.ticket.status != "closed"
    return view.link.has_case or bool(notice.case_id)


def _note_out(note: TicketNote, policy: Policy) -> do.Action:
    if policy.sync_notes:
        return do.SendNote(Phrase("why.not_in_case"), note)
    return do.SkipOut(Phrase("why.notes_off"), "note", note.id)


def _system_out(row: TicketMessage, policy: Policy) -> do.Action:
    if policy.system_messages:
        return do.SendSystem(Phrase("why.author_unknown"), row)
    return do.SkipOut(Phrase("why.system_off"), "system", row.id)


def _recognised(view: View) -> tuple[list[do.Action], View]:
    """Messages of ours that are met in Omnidesk, whose ids were not known; the view without them."""
    openers, learned, others = list(view.openers), list[do.Action](), list[Message]()
    for reply in view.replies:
        opener = _opener_of(reply, openers, view.link.case_id if view.all_read else 0)
        if opener is None:
            others.append(reply)
            continue
        openers.remove(opener)
        learned.append(do.Learn(Phrase("why.ours"), opener, reply.message_id))
    return learned, replace(view, replies=tuple(others))


def _incoming(view: View, outcome: Outcome, policy: Policy, *, opens: bool) -> Iterator[tuple[float, do.Action]]:
    ended = outcome.ticket == "ended"
    found = [(reply.created_at, _delivery(reply, policy, read=ended, opens=opens)) for reply in view.replies]
    if ended:  # the last thing staff say ends the assignment with it
        for place in range(len(found) - 1, -1, -1):
            action = found[place][1]
            if isinstance(action, (do.DeliverReply, do.DeliverNote)):
                found[place] = (found[place][0], replace(action, end=True))
                break
    yield from found


def _delivery(reply: Message, policy: Policy, *, read: bool, opens: bool) -> do.Action:
    if reply.is_system or reply.is_blank:
        return do.Skip(Phrase("why.no_author"), reply.message_id)
    if reply.note:
        if not policy.sync_notes:
            return do.Skip(Phrase("why.notes_off"), reply.message_id)
        return do.DeliverNote(Phrase("why.not_in_ticket"), reply, False)
    if reply.user_id and not reply.staff_id:
        return do.DeliverClientMessage(Phrase("why.not_in_ticket"), reply, read)
    return do.DeliverReply(Phrase("why.not_in_ticket"), reply, False, opens)


def _opener_of(reply: Message, openers: list[MessageLink], case_id: int) -> MessageLink | None:
    """The link of ours this message is: a client message whose text is that of one we sent without learning its id.

    The call that makes a case does not say the id of its first message (documented). If the texts differ because the
    other side changed something, the oldest such link of this case is taken: nobody else can have written before it.
    ``case_id`` 0: not all of the case could be read, so that message may be one of those; then only the text counts.
    """
    if not openers or reply.note or reply.staff_id:
        return None
    found = readings(reply.content, reply.content_html)
    same = next((link for link in openers if link.digest in found), None)
    return same or next((link for link in openers if reply.user_id and link.case_id == case_id), None)


# Client data and ratings


def _client_data(view: View) -> Iterator[do.Action]:
    user = view.user
    if user and user.external_user and user.digest != user.sent_digest:
        yield do.UpdateUser(
            Phrase("why.client_changed"), user.user, user.external_user, user.name, user.fields, user.digest
        )


def _ratings(view: View, policy: Policy) -> Iterator[do.Action]:
    for link, rating in view.ratings:
        level = policy.levels.get(rating)
        if not link.staff:
            yield do.RefuseRating(Phrase("why.not_staff"), link, rating)
        elif not level:
            yield do.RefuseRating(Phrase("why.no_level"), link, rating)
        elif level == policy.levels.get(link.rating):
            yield do.KeepRating(Phrase("why.level_known"), link, rating)
        elif link.external_message:
            yield do.Rate(Phrase("why.rated"), link, rating, level)
