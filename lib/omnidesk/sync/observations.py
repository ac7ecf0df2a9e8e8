"""What reading a case has shown of it, as values. A plan is made with them in memory; one place records them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace

from omnidesk.context import Context
from omnidesk.helpdesk.models import NOT_SAID, Case
from omnidesk.store.models import ClientIdentity, MessageLink, TicketLink, joined, lost
from omnidesk.sync.spam import take_back

log = logging.getLogger("observed")


@dataclass(frozen=True)
class CaseSeen:
    """An answer about the ticket's case. ``news``: the case may hold messages that were not read.

    ``filled``: its custom fields are others than when it could not be ended. ``user``: whose it is now, if that is
    another user than before (users can be merged), else 0. ``staff``: the case's assignee.
    ``group``: its group, 0: not said.
    """

    status: str
    updated_at: float
    news: bool
    closed_at: float = 0.0
    filled: bool = False
    user: int = 0
    staff: int = 0
    group: int = 0
    priority: str = ""


@dataclass(frozen=True)
class CaseLost:
    """The case takes no more messages. ``why``: deleted, trash, spam or merged; ``case``: its number, for the log.

    ``unseen``: what we sent last went into it while it lay in trash or spam. ``into``: another client's case that it
    was merged into.
    """

    why: str
    case: str
    unseen: bool = False
    into: int = 0


@dataclass(frozen=True)
class CaseJoined:
    """The case was merged into ``survivor``, with which the ticket goes on; ``shared``: other tickets have it, too."""

    case: str
    survivor: Case
    merged_at: float
    shared: bool


@dataclass(frozen=True)
class MessagesMoved:
    """These messages of Omnidesk are in this case now."""

    case_id: int
    ids: tuple[int, ...]


@dataclass(frozen=True)
class ThreadEmpty:
    """The case answered without any message, although it has at least its first: the next run reads the case itself."""


@dataclass(frozen=True)
class LookAgain:
    """The ticket has to be read again soon, its case included."""

    reason: str


@dataclass(frozen=True)
class EndSettled:
    """The call that ended the ticket has taken effect by now; messages up to this one may have come before."""

    message: int


@dataclass(frozen=True)
class EndedByStaff:
    """Staff have ended the ticket in BILLmanager, having read what was written there up to this message."""

    message: int


@dataclass(frozen=True)
class TicketSeen:
    """The ticket is there. ``account``: its client's; what is not known yet of the linked rows is to be remembered."""

    account: int


@dataclass(frozen=True)
class TicketMissing:
    """BILLmanager has tickets, but not this one."""

    case: str


@dataclass(frozen=True)
class TicketReplaced:
    """The number belongs to another ticket now. ``case``: of the former one, for the log."""

    case: str
    account: int


@dataclass(frozen=True)
class ClientSeen:
    """By what the client is known besides the number of his user, which has changed or was not known yet."""

    user: int
    identity: ClientIdentity


@dataclass(frozen=True)
class AnswerSeen:
    """Staff answered in Omnidesk after all that we have written there. ``message``: the answer's id."""

    message: int


OfCase = CaseSeen | CaseLost | CaseJoined | MessagesMoved | ThreadEmpty | LookAgain
OfTicket = TicketSeen | TicketMissing | TicketReplaced | ClientSeen | EndSettled | EndedByStaff | AnswerSeen
Finding = OfTicket | OfCase


def learn(link: TicketLink, findings: Iterable[Finding]) -> TicketLink:
    """The ticket's row as it will be when the findings are recorded, as far as a plan needs it."""
    for finding in findings:
        match finding:
            case CaseSeen():
                link = _seen(link, finding)
            case CaseLost(why):
                link = replace(link, **lost(why), merged_into=finding.into or link.merged_into)
            case CaseJoined():
                found = joined(finding.survivor, finding.merged_at, finding.shared)
                link = replace(link, **found, shared=finding.shared, own_messages=())
            case ThreadEmpty():
                link = replace(link, look_case=True)
            case EndSettled(message):
                link = replace(link, own_end=message)
            case EndedByStaff(message):
                link = replace(link, read_here=message)
            case AnswerSeen(message):
                link = replace(link, answered=message)
            case TicketReplaced():
                link = _replaced(link, finding.account)
            case _:
                pass
    return link


def _replaced(link: TicketLink, account: int) -> TicketLink:
    """The same as :meth:`~omnidesk.store.ticket_transitions.TicketTransitions.ticket_replaced`."""
    return TicketLink(
        link.ticket, account=account, due_seq=link.due_seq, due=link.due, wait_since=link.wait_since, history=True
    )


def _seen(link: TicketLink, case: CaseSeen) -> TicketLink:
    """The same as :meth:`~omnidesk.store.case_transitions.CaseTransitions.case_seen`."""
    if link.seen_at <= case.updated_at:
        agreed = (link.ticket_status, link.case_status) == ("open", "open")
        covered = agreed and case.status == "open" and link.client_at <= case.updated_at
        link = replace(
            link, seen_status=case.status, seen_at=case.updated_at, closed_at=case.closed_at,
            client_at=0.0 if covered else link.client_at,
            agreed_at=case.updated_at if covered and link.client_at else link.agreed_at,
            seen_staff=link.seen_staff if case.staff == NOT_SAID else case.staff,
            staff_known=link.staff_known or case.staff != NOT_SAID,
            seen_group=case.group or link.seen_group,
            seen_priority=case.priority or link.seen_priority,
        )  # fmt: skip
    if case.filled:
        link = replace(link, refused_status="")
    if case.user:
        link = replace(link, external_user=case.user)
    return replace(link, look_messages=link.look_messages or case.news)


def place(link: MessageLink, findings: Iterable[Finding]) -> MessageLink:
    """The link of a message as it will be: in the case that the message is in now."""
    for finding in findings:
        if isinstance(finding, MessagesMoved) and link.external_message in finding.ids:
            link = replace(link, case_id=finding.case_id)
    return link


def _lost(context: Context, ticket: int, finding: CaseLost) -> None:
    log.warning("ticket %s: case %s is gone (%s)", ticket, finding.case, finding.why)
    if finding.unseen:
        take_back(context, context.links.ticket(ticket), finding.why)
    context.links.case_lost(ticket, finding.why, finding.into)


def record(context: Context, ticket: int, findings: Iterable[Finding]) -> None:
    """Write down what was seen; the only place that does."""
    links = context.links
    for finding in findings:
        match finding:
            case CaseSeen(status, updated_at, news, closed_at):
                links.case_seen(ticket, status, updated_at, closed_at, finding.staff, finding.group, finding.priority)
                if finding.filled:
                    links.fields_filled(ticket)
                if finding.user:
                    log.info("ticket %s: its case now belongs to user %s", ticket, finding.user)
                    links.case_owner_changed(ticket, finding.user)
                if news:
                    links.case_has_news(ticket)
            case CaseLost():
                _lost(context, ticket, finding)
            case CaseJoined(case, survivor):
                log.info("ticket %s: case %s was merged into %s, the ticket continues there", ticket, case,
                         survivor.case_number)  # fmt: skip
                links.case_joined(ticket, survivor, finding.merged_at, shared=finding.shared)
            case MessagesMoved(case_id, ids):
                links.moved(ticket, case_id, ids)
            case ThreadEmpty():
                links.case_not_read(ticket)
            case LookAgain(reason):
                context.queue.make_due(ticket, reason, look_case=True, since=context.clock())
            case _:
                _record_ticket(context, ticket, finding)


def _record_ticket(context: Context, ticket: int, finding: Finding) -> None:
    """What was seen in BILLmanager, and what both sides together show."""
    links = context.links
    match finding:
        case EndSettled(message):
            links.ticket_ended(ticket, message)
        case EndedByStaff(message):
            links.ticket_ended_by_staff(ticket, message)
        case AnswerSeen(message):
            links.answer_seen(ticket, message)
        case ClientSeen(user, identity):
            links.know_user(user, identity)
        case TicketSeen(account):
            links.ticket_seen(ticket, account)
            links.learn_rows(ticket)
        case TicketMissing(case):
            log.warning("ticket %s no longer exists in BILLmanager; its case %s is not changed", ticket, case)
            links.ticket_missing(ticket)
        case TicketReplaced(case, account):
            log.warning(
                "ticket %s is not the ticket of case %s: that ticket was deleted and its number reused."
                " The case is not changed; the new ticket gets its own",
                ticket,
                case or "(none)",
            )
            links.ticket_replaced(ticket, account)
