"""Whether a refusal is about the message or about its case: one read of the case decides.

A deleted case refuses what is read or written in it with 400, in words that are not public. So does one that dislikes
a message. The case itself, asked for by its id, has nothing else to refuse.
"""

from __future__ import annotations

import logging

from omnidesk.context import Context
from omnidesk.core.errors import Failure, Gone, Refused
from omnidesk.helpdesk.models import Case
from omnidesk.store.holds import CASE
from omnidesk.store.models import TicketLink
from omnidesk.sync.case_state import judge, why_gone
from omnidesk.sync.observations import CaseLost, record

log = logging.getLogger("omnidesk")


class PlanAgain(Exception):
    """The case is not what the plan was made for, which is recorded: gone, another one, or one that takes no status."""


def resolve(context: Context, ticket: int, refusal: Refused) -> Case | None:
    """Read the ticket's case after it refused a call; raises :class:`PlanAgain` if that explains the refusal.

    Else the case is there and the refusal is the call's own. None: the case could not be read, the next run does.
    """
    link = context.links.ticket(ticket)
    try:
        case = context.client.case(link.case_id)
        record(context, ticket, [judge(context, link, case)])
    except Gone as gone:
        lost(context, link, gone)
        case = None
    except Failure as failure:
        log.info("ticket %s: %s", ticket, failure)
        context.links.case_not_read(ticket)
        return None
    if _place(context.links.ticket(ticket)) != _place(link):
        raise PlanAgain from refusal
    return case


def lost(context: Context, link: TicketLink, gone: Gone) -> None:
    """Omnidesk says that the ticket's case is not there: the next plan opens a new one, unless the guard holds it."""
    if link.held != CASE:
        log.info("ticket %s: its case: %s", link.ticket, gone.value)
        record(context, link.ticket, [CaseLost("deleted", link.case_number or str(link.case_id))])


def is_gone(context: Context, case_id: int) -> bool:
    """Whether a case whose messages cannot be read takes none any more; raises what keeps it from being asked for."""
    try:
        return why_gone(context.client.case(case_id)) in ("trash", "spam")
    except Gone:
        return True


def _place(link: TicketLink) -> tuple[int, str, int]:
    """Where a message of the ticket goes, and whose it is there."""
    return link.case_id, link.case_gone, link.external_user
