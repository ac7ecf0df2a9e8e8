"""The three-way merge of the statuses: one table over what happened since both sides agreed.

Everything here is a pure function of a view. :data:`RULES` is the whole decision; what follows it answers its four
questions and turns the answer into the two statuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from omnidesk.billmanager.models import Ticket
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk.models import Message, StatusChange
from omnidesk.store.models import TicketLink
from omnidesk.sync.view import View
from omnidesk.wording.action_texts import word

# Omnidesk's times are whole seconds, and a case is stamped a moment after the message that changed it.
SAME_MOMENT = 1.0
LONGEST_CALL = 60.0  # seconds from the begin of a call until it may still take effect


class Decides(Enum):
    """Whose state both sides take."""

    CLIENT = "the client"  # open, open
    NOBODY = "nobody"  # what was agreed stays
    TICKET = "the ticket"
    CASE = "the case"


@dataclass(frozen=True)
class Situation:
    """What happened since both sides agreed last."""

    client_wrote: bool
    staff_ended: bool  # the ticket or its case, after reading what the client wrote
    ticket_changed: bool
    case_changed: bool


@dataclass(frozen=True)
class Rule:
    """A row of the table; None fits both."""

    client_wrote: bool | None
    staff_ended: bool | None
    ticket_changed: bool | None
    case_changed: bool | None
    decides: Decides

    def fits(self, situation: Situation) -> bool:
        return all(getattr(self, name) in (None, value) for name, value in vars(situation).items())


# The first row that fits decides.
RULES = (
    Rule(True, False, None, None, Decides.CLIENT),
    Rule(None, None, False, False, Decides.NOBODY),
    Rule(None, None, True, False, Decides.TICKET),
    Rule(None, None, None, True, Decides.CASE),
)


@dataclass(frozen=True)
class Outcome:
    """The states both sides are to be in, who decided, and why. ``archive``: the ticket's place is the archive."""

    ticket: str  # open, or "ended": nobody has it
    case: str
    decides: Decides
    why: Phrase
    agreed_ticket: str
    archive: bool = False


def decide(situation: Situation) -> Decides:
    """Whose state counts."""
    return next(rule.decides for rule in RULES if rule.fits(situation))


def situation_of(view: View, ticket: Ticket, unknown: bool | None = None) -> Situation:
    """What happened, as far as the view shows. ``unknown``: what to suppose where only the case's history can tell;
    None: what does least harm."""
    staff_ended, now = _staff_ended(view, ticket), ticket_now(view, ticket)
    return Situation(
        client_wrote=client_wrote(view),
        staff_ended=bool(unknown) if staff_ended is None else staff_ended,
        ticket_changed=now not in (view.link.ticket_status, _mirrored(view, ticket)),
        case_changed=case_by_people(view) != view.link.case_base or _closed_again(view.link),
    )


def merge_statuses(view: View, ticket: Ticket, unknown: bool | None = None) -> Outcome:
    """What both sides come to; ``unknown`` as for :func:`situation_of`."""
    decides = decide(situation_of(view, ticket, unknown))
    now = ticket_now(view, ticket)
    case, why = _target(decides, now, view, case_by_people(view) or case_now(view.link))
    if case == "open":
        return Outcome("open", "open", decides, why, "open")
    archive = case == "closed" and (view.link.ticket_status == "closed" or decides is Decides.CASE)
    archive = archive and view.status_map.closed == "archived"
    return Outcome("ended", case, decides, why, ticket.status if ended(ticket.status) else "waiting", archive)


def history_is_needed(view: View, ticket: Ticket) -> bool:
    """Whether the states depend on what only the case's history can tell."""
    if view.history is not None:
        return False
    supposed = [merge_statuses(view, ticket, unknown) for unknown in (False, True)]
    if case_by_people(view) is None and any(one.decides is not Decides.CLIENT for one in supposed):
        return True  # people may have given it any status before our own message moved it
    return len({(one.ticket, one.case, one.agreed_ticket) for one in supposed}) > 1


# The client


def client_wrote(view: View) -> bool:
    """Whether there is a message of the client that no agreement covers."""
    return (
        bool(view.link.client_at) or any(one.author.is_client for one in view.messages) or bool(mailed_by_client(view))
    )


def mailed_by_client(view: View) -> list[Message]:
    """What the client wrote in Omnidesk by another way, and is not in the ticket yet."""
    return [one for one in view.replies if one.user_id and not (one.staff_id or one.note or one.is_system)]


# Who ended the ticket


def _newest(view: View) -> int:
    """The newest message that was written in BILLmanager, as far as it counts."""
    return max([view.link.client_message, *(one.id for one in view.messages)])


def ticket_now(view: View, ticket: Ticket) -> str:
    """The ticket's state by the decisions of people: one that we only took to write into it is as it was before, as
    long as nobody else takes it as well."""
    taken = ticket.status == "open" and bool(view.link.taken_end) and _newest(view) <= view.link.taken_end
    if view.link.taken_by and any(one.user != view.link.taken_by for one in ticket.assignments):
        return ticket.status
    before = view.link.ticket_status if ended(view.link.ticket_status) else "waiting"
    return before if taken else ticket.status


def ended_by_us(view: View, ticket: Ticket) -> bool:
    """Whether we ended it ourselves, as somebody did in Omnidesk who had not read what came here until then."""
    ours = bool(view.link.own_end) and _newest(view) <= view.link.own_end
    now = ticket_now(view, ticket)
    return ours and (now == "waiting" or (now == "closed" and view.link.own_archive))


def _mirrored(view: View, ticket: Ticket) -> str:
    """The state that only follows from the case: of our ending, or of a client's mail that we wrote into a ticket that
    is to end (records of it as open, its case as ended, are left by nothing else)."""
    given = view.link.ticket_status == "open" and ended(view.link.case_status)
    return "waiting" if given else ticket_now(view, ticket) if ended_by_us(view, ticket) else ""


def read_here(view: View, ticket: Ticket) -> int:
    """Up to which message staff have read what was written in BILLmanager, as they ended the ticket after it; 0: none.

    A client's message there gives the ticket to somebody: where nobody has it, all that came there was read. This is
    remembered, because what we write into the ticket gives it to somebody as well.
    """
    here = ended(ticket_now(view, ticket)) and not ended_by_us(view, ticket)
    return max(_newest(view), view.link.read_here) if here else view.link.read_here


def _staff_ended(view: View, ticket: Ticket) -> bool | None:
    """Whether staff ended the ticket or its case after each message of the client; None when that cannot be seen."""
    read, link = read_here(view, ticket), view.link
    if any(one.author.is_client and one.id > read for one in view.messages):
        return False
    asked = [(one.created_at, one.message_id) for one in mailed_by_client(view)]
    if link.client_at and link.client_message > read:
        asked.append((link.client_at, link.client_external))
    if not asked:
        return client_wrote(view)
    return _ended_there(view, max(at for at, _ in asked), max(message for _, message in asked))


def _ended_there(view: View, wrote_at: float, newest: int) -> bool | None:
    """Whether staff ended the case after all messages of the client were in it. ``wrote_at``, ``newest``: the last of
    those that were not read here, and its id in Omnidesk; 0: not known."""
    link, case = view.link, case_now(view.link)
    opened = case == "open"
    by_people = case not in _own_effects(link) or _answered_since(view)  # no message of ours moved it to this since
    if opened and by_people:
        return False
    answers = [one for one in view.replies if is_answer(one) and comes_after_the_client(one, wrote_at, newest)]
    if by_people and any(one.created_at > link.own_status_at for one in answers):
        return True
    if answers:  # since then we may have given it its status: only the history tells whether they had ended it
        if view.history is None:
            return None
        if any(_ended_with(one, view.history, link) for one in answers):
            return True
    late = not answers and _read_late(link, wrote_at, newest)
    if not late and (opened or _moved_by_us(view)):
        return False
    closed_at = link.closed_at if case == "closed" else 0.0
    if closed_at > wrote_at + SAME_MOMENT and abs(closed_at - link.own_status_at) > SAME_MOMENT:
        return True
    # What we set followed the ticket, where a message that the client wrote in Omnidesk may not have been read. What we
    # wrote later moved the case's time as well; that nobody closed it since is known all the same.
    ours = max(wrote_at, link.own_write_at if closed_at else link.own_status_at)
    if not late and link.seen_at <= ours + SAME_MOMENT:
        return False
    return None if view.history is None else _ended_by_staff(view.history, wrote_at, link)


def _read_late(link: TicketLink, wrote_at: float, newest: int) -> bool:
    """Whether the client wrote in Omnidesk himself, and we have written into the case before we read that: our writing
    hides what staff did between the two."""
    own = any(one.id == newest for one in link.own_messages)
    return bool(newest) and not own and wrote_at + SAME_MOMENT < max(link.own_status_at, link.own_message_at)


def _ended_with(answer: Message, history: tuple[StatusChange, ...], link: TicketLink) -> bool:
    """Whether the case was ended with this answer. An account may set it waiting first, and then to what he chose."""
    chosen = [
        one.status
        for one in history
        if one.by == f"staff_{answer.staff_id}"
        and 0 <= one.at - answer.created_at <= SAME_MOMENT
        and not (ended(one.status) and _is_own_effect(one, link))
    ]
    return bool(chosen) and ended(chosen[-1])


def _ended_by_staff(history: tuple[StatusChange, ...], wrote_at: float, link: TicketLink) -> bool:
    """Whether staff ended the case after the client wrote, and left it so; rules of the account read nothing.

    In the moment in which we set its status, that is the line of our employee; any of them may be where none is his.
    """
    near = [one for one in history if abs(one.at - link.own_status_at) <= SAME_MOMENT]
    ours = [one for one in near if one.key] or near
    chosen = [
        one.status
        for one in history
        if one.by.startswith("staff") and one.at > wrote_at + SAME_MOMENT
        and one not in ours and not _is_own_effect(one, link)
    ]  # fmt: skip
    return bool(chosen) and ended(chosen[-1])


def is_answer(message: Message) -> bool:
    """Whether staff wrote it to the client; a rule of the account answers without having read anything."""
    return bool(message.staff_id) and not (message.note or message.is_system or message.sent_via_rule)


def comes_after_the_client(answer: Message, wrote_at: float, newest: int) -> bool:
    """Whether an answer was written after the client's message of this time and id. Ids grow (docs/unverified.md), so
    they tell it within a second too; only times do where Omnidesk's id of the client's message is not known (0)."""
    if newest:
        return answer.message_id > newest and answer.created_at >= wrote_at - SAME_MOMENT
    return answer.created_at > wrote_at


# The states


def case_now(link: TicketLink) -> str:
    """The case's status as Omnidesk last reported it."""
    return link.seen_status or link.case_status


def ended(status: str) -> bool:
    """Whether nobody works on it. BILLmanager cannot tell waiting from closed by staff: both end the assignment."""
    return status in ("waiting", "closed")


def case_by_people(view: View) -> str | None:
    """The case's status by the decisions of people, whatever our own messages did to it (accounts differ); None where
    only the case's history can tell."""
    link, now = view.link, case_now(view.link)
    if now == link.case_base or _opened_by_us(link):
        return link.case_base
    ours = now in _own_effects(link) and not _answered_since(view)
    if not ours and not _may_be_ours(view):
        return now
    if not view.history:  # an account may give no history: then an open case stays open
        return None if view.history is None else now if ended(link.case_base) else link.case_base
    if all(one.status != now for one in view.history):
        return now
    decided = link.case_base
    for change in view.history:
        own = _is_own_effect(change, link)
        client_won = own and change.status == "open" and not _read_before(link)
        if client_won or _is_in_doubt(change, link):
            decided = link.case_base
        elif change.at >= link.agreed_at and not own:
            decided = change.status
    return decided


def _closed_again(link: TicketLink) -> bool:
    """Whether people opened the case and closed it again since both sides agreed that it is closed."""
    closed = link.case_status == case_now(link) == "closed" and abs(link.closed_at - link.own_status_at) > SAME_MOMENT
    return closed and link.closed_at > link.agreed_at + SAME_MOMENT


def _read_before(link: TicketLink) -> bool:
    """Whether staff had read the client's messages in BILLmanager, and ended the ticket, before they went over."""
    return bool(link.client_message) and link.client_message <= link.read_here


def _opened_by_us(link: TicketLink) -> bool:
    """Whether we opened the case, both sides have not agreed since, and nobody else has touched it."""
    opened = case_now(link) == "open" and link.own_status_at > link.agreed_at
    return opened and link.seen_at <= link.own_write_at + SAME_MOMENT


def _moved_by_us(view: View) -> bool:
    """Whether the case surely has a status that our own messages moved it to: nothing happened in it since."""
    link = view.link
    return link.seen_at <= link.own_message_at + SAME_MOMENT and case_now(link) in _own_effects(link)


def _own_effects(link: TicketLink) -> set[str]:
    """The statuses that our own messages since the agreement may have given the case (accounts differ).

    Each of them may have: where a client's message opens a case and a reply of staff leaves its status alone, a reply
    that follows in the same run hides nothing of it.
    """
    written = (("open", link.own_client_at), ("waiting", link.own_reply_at))
    return {status for status, at in written if at and at >= link.agreed_at}


def newest_answer(view: View) -> int:
    """The id of the newest answer of staff that came after all our messages; 0: none did. Ids grow, so they tell it
    within a second too."""
    newest = max([view.link.answered, *(one.message_id for one in view.replies if is_answer(one))])
    return newest if all(newest > one.id for one in view.link.own_messages) else 0


def _answered_since(view: View) -> bool:
    """Whether staff answered after our newest message, and left the case as it is."""
    return bool(newest_answer(view))


def _may_be_ours(view: View) -> bool:
    """Whether the status may be one that we began to set, and of which we do not know whether it was set. Who answered
    after that left the case as it is."""
    begun = case_now(view.link) == view.link.status_begun
    return begun and not any(is_answer(one) and one.created_at > view.link.own_status_at for one in view.replies)


def _is_in_doubt(change: StatusChange, link: TicketLink) -> bool:
    """Whether this is such a status: our employee gave it, within the time that a call may take."""
    began = change.at - link.own_status_at
    return change.status == link.status_begun and change.key and -SAME_MOMENT <= began <= LONGEST_CALL


def _is_own_effect(change: StatusChange, link: TicketLink) -> bool:
    """Whether the case was given this status by a message of ours: in its moment, and not by another employee.

    One that a client opened is taken for ours: what he wrote in Omnidesk himself decides as his message.
    """
    if change.status == "open" and change.by.startswith("user"):
        return True
    return any(
        change.status == ("waiting" if own.staff else "open")
        and 0 <= change.at - own.at <= SAME_MOMENT + own.span
        and (change.key or not change.by.startswith("staff") or change.by == f"staff_{own.staff}")
        for own in link.own_messages
    )


def case_of_ticket(view: View, ticket: str) -> str:
    """The status of a case that follows its ticket in this state, by the setting ``StatusMap``."""
    return {"waiting": view.status_map.ended, "closed": view.status_map.archived}.get(ticket, ticket)


def _target(decides: Decides, ticket: str, view: View, by_people: str) -> tuple[str, Phrase]:
    """The status the case is to have, and why; the ticket's follows from it."""
    case, agreed = case_now(view.link), view.link.case_status
    if decides is Decides.CLIENT:
        return "open", Phrase("why.client_wrote")
    if decides is Decides.TICKET:
        # An archived ticket opens nothing: where it is to leave its case waiting, one that is closed stays closed.
        stays = ticket == "closed" and ended(by_people) and view.status_map.archived == "waiting"
        return by_people if stays else case_of_ticket(view, ticket), Phrase("why.ticket_changed")
    if decides is Decides.NOBODY and ended(ticket) == ended(agreed):
        return agreed, Phrase("why.own_message") if case != agreed else Phrase("why.same")
    # Nobody: we ended or took the ticket, and the run died before it was recorded: that only follows what the case is.
    if by_people != case:
        return by_people, Phrase("why.case_was", status=word("status", by_people))
    return case, Phrase("why.case_opened") if case == "open" else Phrase("why.case_is", status=word("status", case))
