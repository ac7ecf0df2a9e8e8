"""Moving a ticket to the department of its case's group."""

from __future__ import annotations

import logging
from dataclasses import replace

from omnidesk.billmanager.models import DEPARTMENT_LEVEL, Assignment, Ticket
from omnidesk.context import Context
from omnidesk.core.errors import Refused
from omnidesk.core.phrase import Phrase
from omnidesk.sync import actions as do
from omnidesk.sync.assignments import Assignments
from omnidesk.sync.routing import place_of

log = logging.getLogger("omnidesk")


class Moves:
    """Moves one ticket."""

    def __init__(self, context: Context, ticket: Ticket, held: Assignments) -> None:
        self.context = context
        self.ticket = ticket
        self._held = held
        self.links = context.links

    def move_ticket(self, action: do.MoveTicket) -> None:
        """Give the ticket to a department. What the panel refuses stays as it is, which is reported, and is not tried
        again: the case keeps its group."""
        rows, ticket = self._held.rows(), self.ticket.id
        self.links.ticket_moving(ticket, action.department)
        if not rows or any(one.user == action.department for one in rows):
            return
        try:
            self._move(rows, action.department)
        except Refused as refusal:
            log.error("ticket %s: BILLmanager refused department %s, the ticket stays where it is: %s",
                      ticket, action.department, refusal)  # fmt: skip
            self.context.state.note_refusal("department", f"{ticket}: {refusal.value}")
            place = place_of(self.context, self.ticket, replace(self.links.ticket(ticket), department_begun=0))
            if place is not None:
                group = self.links.ticket(ticket).seen_group
                self.links.place_agreed(ticket, place.department, group, place.responsible)
            return
        self.context.state.forget_refusal("department")
        if self.context.settings.sync_assignee:  # that whoever had it has it no more is our own doing
            self._held.agree_assignee(self.links.ticket(ticket).agreed_staff)
        log.info("ticket %s: moved to department %s (%s)", ticket, action.department, action.why)

    def _move(self, rows: tuple[Assignment, ...], department: int) -> None:
        """Move the assignment of the department that has it, else of whoever has it; where the panel moves none, the
        ticket is given to the department as well, and that assignment ends."""
        known = self.links.ticket(self.ticket.id).routed_department
        row = min(rows, key=lambda one: (one.user != known, one.level != DEPARTMENT_LEVEL, one.id))
        refusal = self._held.move(row, department, DEPARTMENT_LEVEL, lasting=True)
        if refusal is not None:
            log.info("ticket %s: %s", self.ticket.id, refusal)
        if self._held.has(department):
            return
        speaker = self._held.speaker().login
        self.context.panel.reopen(self.ticket.id, speaker, department, DEPARTMENT_LEVEL, lasting=True)
        if not self._held.has(department):
            raise Refused("panel_ignored", "support_tool_responsible", Phrase("said.not_there", number=department))
        try:
            self._held.leave(row)
        except Refused as refusal:
            log.warning("ticket %s: %s has it as well: %s", self.ticket.id, row.user, refusal)
