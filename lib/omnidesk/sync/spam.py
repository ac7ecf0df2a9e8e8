"""Cases in spam. Marking a case as spam blocks its client, whose new cases start in spam as well (documented).

So a case that lies in spam is followed by one attempt with a new case. If that one starts in spam, no more are made for
this client: his messages wait, staff and the administrator learn why, and Omnidesk is asked ever more rarely whether he
is unblocked. On accounts where spam blocks nobody the new case is like any other.
"""

from __future__ import annotations

import logging

from omnidesk.billmanager.models import Ticket
from omnidesk.context import Context
from omnidesk.core.errors import OnHold, Refused
from omnidesk.helpdesk.models import Case
from omnidesk.store.blocked_clients import BlockedClient
from omnidesk.store.models import TicketLink

log = logging.getLogger("spam")
SAME_MOMENT = 1.0  # Omnidesk stamps a case a moment after the message that changed it


def swallowed(link: TicketLink, case: Case) -> bool:
    """Whether what we sent last went into a case that lay in spam or trash already, where nobody reads it.

    Known by this: no list has shown the case since, and nothing changed it after our own last writing.
    """
    return link.unconfirmed and case.updated_at <= link.own_write_at + SAME_MOMENT


def take_back(context: Context, link: TicketLink, why: str) -> None:
    """What went into such a case waits again. If it is all there is in it, the case has started in spam."""
    opener = context.blocked.opener_waits(link.ticket, link.case_id) if why == "spam" else 0
    if opener:
        context.links.opener_in_spam(link.ticket, opener)
        context.blocked.found(link.client_user, link.external_user)
        return
    count = context.blocked.take_back(link.ticket, link.case_id, link.alive_at)
    if count:
        log.warning("ticket %s: %s messages were sent to case %s while it was unavailable; they are sent again",
                    link.ticket, count, link.case_number)  # fmt: skip


def is_back(context: Context, link: TicketLink, case: Case) -> None:
    """The ticket's case was taken out of trash or spam before another one was made: it goes on there."""
    log.info("ticket %s: case %s was restored", link.ticket, case.case_number)
    if link.case_gone == "spam" and link.intent_message and not link.intent_at:
        context.blocked.opener_arrived(link.ticket, link.intent_message, link.case_id)
    context.blocked.arrived(link.ticket, link.case_id)
    context.links.case_returned(link.ticket)
    context.links.case_seen(link.ticket, case.status, case.updated_at, case.closed_at, case.staff_id)
    if link.case_gone == "spam" and link.client_user:
        context.blocked.try_again(link.ticket)
        _wake_others(context, link.client_user, link.ticket)


def _wake_others(context: Context, user: int, ticket: int) -> None:
    for other in context.blocked.waiting(user, ticket):
        context.queue.make_due(other, "unblocked")


def look(context: Context, ticket: Ticket, client: BlockedClient) -> None:
    """Ask whether a blocked client is unblocked, if it is time; raises :class:`OnHold` while he is not."""
    link = context.links.ticket(ticket.id)
    context.links.client_blocked(ticket.id, client.user)
    if client.may_be_asked(context.clock()):
        if link.case_gone == "spam" and _case_is_back(context, link):
            return
        why = _why(context, client)
        if not why:
            log.info("ticket %s: its client is unblocked in Omnidesk", ticket.id)
            context.blocked.unblocked(client.user)
            _wake_others(context, client.user, ticket.id)
            return
        context.blocked.asked(client.user, why)
    name = ticket.client.label if ticket.client else f"#{client.user}"
    raise OnHold("client_blocked", name, str(ticket.id))


def _case_is_back(context: Context, link: TicketLink) -> bool:
    try:
        case = context.client.case(link.case_id)
    except Refused:  # emptied meanwhile
        return False
    if case.spam or case.deleted or case.parent_case_id:
        return False
    is_back(context, link, case)
    return True


def _why(context: Context, client: BlockedClient) -> str:
    """What keeps the client's cases in spam, as far as Omnidesk says; "" when nothing does any more."""
    try:
        active = context.client.user_is_active(client.external_user)
    except Refused:
        active = True
    if not active:
        return "blocked"
    # He is not blocked, yet his case started in spam: a new one would, too.
    return "" if client.why == "blocked" else "spam"
