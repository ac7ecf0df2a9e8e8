"""What a plan does so that the employee who has the ticket and the case's assignee are the same person."""

from __future__ import annotations

from dataclasses import dataclass

from omnidesk.billmanager.models import Ticket
from omnidesk.core.phrase import Phrase
from omnidesk.sync import actions as do
from omnidesk.sync.assignee import Wanted, as_ended, merge, settled
from omnidesk.sync.status_merge import Outcome
from omnidesk.sync.view import View


@dataclass(frozen=True)
class Part:
    """``put``: the case gets this assignee, with whatever else is sent to it. ``reads``: what has to be known first."""

    put: do.UpdateCase | None = None
    actions: tuple[do.Action, ...] = ()
    reads: tuple[do.Action, ...] = ()


def reads_first(view: View, wanted: Wanted) -> bool:
    """Whether the case has to be read before: it is not known what it says, or it would be written over unseen. What
    its answer does not say is not asked for again."""
    if wanted is Wanted.READ:
        return not view.case_was_read
    return wanted is Wanted.PUT and not view.case_is_fresh


def assignee(view: View, ticket: Ticket, outcome: Outcome) -> Part:
    """The part of a plan; empty where nothing of it is synchronised, or nothing can be said of it yet.

    Somebody has an open ticket only. A reply of staff that is still to go over makes its author the case's assignee.
    """
    now, link = view.holders, view.link
    if now is None:
        return Part()
    if outcome.ticket == "ended":
        over = as_ended(link, now)
        done = ticket.status == "open" or settled(link, over)
        return Part() if done else Part(actions=(do.AgreeAssignee(Phrase("why.nobody_has"), over),))
    if ticket.status != "open" or view.parts or any(not one.author.is_client for one in view.messages):
        return Part()
    merged = merge(link, now)
    if reads_first(view, merged.wanted):
        return Part(reads=(do.ReadCase(Phrase("why.stale_assignee")),))
    if merged.wanted is Wanted.PUT:
        return Part(put=do.UpdateCase(merged.why, assigned=merged.assigned))
    if merged.wanted is Wanted.GIVE:
        of = (link.agreed_employee,) if now.employee else tuple(one.user for one in now.known_there)
        return Part(actions=(do.AssignTicket(merged.why, merged.assigned, of),))
    if merged.wanted in (Wanted.READ, Wanted.WAIT) or settled(link, merged.assigned):
        return Part()
    return Part(actions=(do.AgreeAssignee(merged.why, merged.assigned),))
