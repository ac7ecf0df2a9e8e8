"""What a plan does so that the ticket and its case have the same priority."""

from __future__ import annotations

from dataclasses import replace

from omnidesk.billmanager.models import Ticket
from omnidesk.core.phrase import Phrase
from omnidesk.sync import actions as do
from omnidesk.sync.assignee import Wanted
from omnidesk.sync.plan_assignee import Part, reads_first
from omnidesk.sync.priority import merge, settled
from omnidesk.sync.status_merge import Outcome
from omnidesk.sync.view import View


def with_priority(part: Part, view: View, ticket: Ticket, outcome: Outcome) -> Part:
    """The part of a plan with what the priority of an open ticket needs; both are sent by one call."""
    now, link = view.priorities, view.link
    if now is None or ticket.status != "open" or outcome.ticket != "open":
        return part
    merged = merge(link, now)
    if reads_first(view, merged.wanted):
        return replace(part, reads=part.reads or (do.ReadCase(Phrase("why.stale_priority")),))
    if merged.wanted is Wanted.PUT:
        put = part.put or do.UpdateCase(merged.why)
        return replace(part, put=replace(put, priority=merged.agreed))
    if merged.wanted is Wanted.GIVE:
        return replace(part, actions=(*part.actions, do.SetPriority(merged.why, merged.agreed)))
    if merged.wanted in (Wanted.READ, Wanted.WAIT) or settled(link, merged.agreed):
        return part
    return replace(part, actions=(*part.actions, do.AgreePriority(merged.why, merged.agreed)))
