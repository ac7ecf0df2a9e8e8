"""Whether a ticket of BILLmanager is the one that was linked: its number may have been reused."""

from __future__ import annotations

from collections.abc import Iterator

from omnidesk.billmanager.linked_rows import Overlap
from omnidesk.billmanager.models import Ticket
from omnidesk.context import Context
from omnidesk.store.models import TicketLink
from omnidesk.sync.observations import Finding, TicketMissing, TicketReplaced, TicketSeen


def identify(context: Context, ticket: Ticket, link: TicketLink) -> list[Finding]:
    """That the ticket is another one, or what is to be remembered of it; nothing where all is known already."""
    if not (link.case_id or link.client_user):
        return []
    overlap = context.links.overlap(ticket.id, ticket.account)
    if _is_another(context, link, ticket, overlap):
        return [TicketReplaced(link.case_number or str(link.case_id or ""), ticket.account)]
    if overlap.unknown or link.missing or ticket.account not in (0, link.account):
        return [TicketSeen(ticket.account)]
    return []


def missing(context: Context, link: TicketLink) -> Iterator[Finding]:
    """That a linked ticket was deleted, once, and only where an empty answer can mean nothing else."""
    if link.case_id and not link.missing and context.reader.readable():
        yield TicketMissing(link.case_number or str(link.case_id))


def _is_another(context: Context, link: TicketLink, ticket: Ticket, overlap: Overlap) -> bool:
    """By what is left of the messages that were linked.

    Accounts can be merged: then the client, or one who wrote in the ticket, belongs to the new account.
    """
    if overlap.links and not overlap.same:
        return overlap.rows
    moved = bool(link.account and ticket.account and link.account != ticket.account)
    if not moved or overlap.clients:
        return False
    return context.reader.account_of(link.client_user) != ticket.account
