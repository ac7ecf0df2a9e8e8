"""Giving a ticket to another employee, as its case was given to him in Omnidesk, or back to its department."""

from __future__ import annotations

import logging

from omnidesk.billmanager.models import DEPARTMENT_LEVEL, Assignment, Person, Ticket
from omnidesk.context import Context
from omnidesk.core.errors import Refused
from omnidesk.sync import actions as do
from omnidesk.sync.assignments import Assignments
from omnidesk.sync.resolve import PlanAgain

log = logging.getLogger("billmanager")


class Hands:
    """Hands one ticket over. It never opens one that nobody has any more."""

    def __init__(self, context: Context, ticket: Ticket, held: Assignments) -> None:
        self.context = context
        self.ticket = ticket
        self._held = held

    def assign(self, action: do.AssignTicket) -> None:
        """Give it to him. What the panel refuses stays as it is, which is reported, and is not tried again."""
        rows, wanted = self._held.rows(), action.assigned
        if not rows:
            raise PlanAgain
        person = self._whom(wanted.employee)
        try:
            self._give(rows, person, action.of)
        except Refused as refusal:
            if not self._held.rows():
                raise PlanAgain from refusal
            why = f"{person.label if person else '—'}: {refusal.value}"
            log.error("%s", Refused("not_assigned", str(self.ticket.id), why).phrase.full())
        self._held.agree_assignee(wanted.staff, wanted.employee)
        log.info("ticket %s: %s (%s)", self.ticket.id, action.title(), action.why)

    def _whom(self, employee: int) -> Person | None:
        """The employee, or for 0 the department that is responsible for the ticket, if one is."""
        person = self.context.reader.person(employee or self.ticket.responsible)
        if person is None or not person.enabled or (person.level == DEPARTMENT_LEVEL) != (not employee):
            return None
        return person

    def _give(self, rows: tuple[Assignment, ...], person: Person | None, of: tuple[int, ...]) -> None:
        """Move the assignments of those who had it; an employee to whom none can be moved takes the ticket."""
        if person is None:
            raise Refused("panel_refused", "support_tool_responsible", "?")
        leaving = [one for one in rows if one.user in of] or [one for one in rows if one.level == DEPARTMENT_LEVEL][:1]
        refusals = [self._held.move(row, person.user, person.level) for row in leaving]
        now = self._held.rows()
        if any(one.user == person.user for one in now) or not now:
            return
        if person.level == DEPARTMENT_LEVEL:
            raise next(filter(None, reversed(refusals)), None) or Refused(
                "panel_ignored", "support_tool_responsible", ""
            )
        self.context.panel.take(self.ticket.id, person.login)
        if not self._held.has(person.user):
            raise Refused("panel_ignored", "ticket_all.edit", "ok_get")
