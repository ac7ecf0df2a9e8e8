"""Moving a ticket to the department of its case's group."""

from __future__ import annotations

import logging

from omnidesk.billmanager.models import DEPARTMENT_LEVEL, Ticket
from omnidesk.context import Context
from omnidesk.core.errors import Refused
from omnidesk.sync import actions as do
from omnidesk.sync.assignee import named
from omnidesk.sync.counterparts import employees_of, speakers
from omnidesk.sync.to_billmanager import ToBillmanager

log = logging.getLogger("omnidesk")


class Moves:
    """Moves one ticket."""

    def __init__(self, context: Context, ticket: Ticket, here: ToBillmanager) -> None:
        self.context = context
        self.ticket = ticket
        self.here = here
        self.links = context.links

    def move_ticket(self, action: do.MoveTicket) -> None:
        """Give the ticket to a department: the assignment of the department that has it, else of whoever has it."""
        rows, ticket = self.context.reader.assignments(self.ticket.id), self.ticket.id
        self.links.ticket_moving(ticket, action.department)
        if not rows or any(one.user == action.department for one in rows):
            return
        known = self.links.ticket(ticket).routed_department
        row = min(rows, key=lambda one: (one.user != known, one.level != DEPARTMENT_LEVEL, one.id))
        try:
            self.context.panel.move(
                ticket, row.id, self.here.speaker().login, action.department, DEPARTMENT_LEVEL, lasting=True
            )
        except Refused:
            self.links.ticket_moving(ticket, 0)
            raise
        if all(one.user != action.department for one in self.context.reader.assignments(ticket)):
            self.links.ticket_moving(ticket, 0)
            raise Refused("panel_ignored", "support_tool_responsible", f"department {action.department} has it not")
        self._unassigned()
        log.info("ticket %s: moved to department %s (%s)", ticket, action.department, action.why)

    def _unassigned(self) -> None:
        """That whoever had it has it no more is our own doing: the case keeps its assignee."""
        if not self.context.settings.sync_assignee:
            return
        left = employees_of(self.context.reader.assignments(self.ticket.id), speakers(self.context)[0])
        staff = self.links.ticket(self.ticket.id).agreed_staff
        self.links.assignee_agreed(self.ticket.id, staff, next(reversed(left), 0), named(left))
