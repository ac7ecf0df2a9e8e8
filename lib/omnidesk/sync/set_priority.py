"""Giving a ticket the priority of its case, by whichever function of the panel does it."""

from __future__ import annotations

import logging

from omnidesk.billmanager.models import Ticket
from omnidesk.billmanager.priority_column import PriorityColumn
from omnidesk.context import Context
from omnidesk.core.errors import Refused
from omnidesk.sync import actions as do
from omnidesk.sync.assignments import Assignments
from omnidesk.sync.resolve import PlanAgain

log = logging.getLogger("billmanager")


class Priority:
    """Sets one ticket's priority, and looks afterwards whether it stands there."""

    def __init__(self, context: Context, ticket: Ticket, held: Assignments) -> None:
        self.context = context
        self.ticket = ticket
        self._held = held

    def set(self, action: do.SetPriority) -> None:
        """Set it. What the panel refuses stays as it is, which is reported, and is not tried again."""
        column = self.context.priority_column
        try:
            self._set(column, action.agreed.here)
        except Refused as refusal:
            log.error("%s", Refused("not_prioritised", str(self.ticket.id), refusal.words).phrase.full())
        raw = column.of_ticket(self.ticket.id)
        self.context.links.priority_agreed(self.ticket.id, action.agreed.there, raw)
        log.info("ticket %s: %s (%s)", self.ticket.id, action.title(), action.why)

    def _set(self, column: PriorityColumn, value: str) -> None:
        """Try the ways that this panel may take, first the one that worked here last."""
        panel, failure = self.context.panel, Refused("panel_ignored", "ticket_all.edit", column.form_field)
        for way in panel.ways_to_prioritise():
            rows = self._held.rows()
            if not rows:
                raise PlanAgain  # it was ended meanwhile
            before = self.context.reader.highest(self.ticket.id, "message")
            try:
                panel.prioritise(self.ticket.id, rows[0].id, self._held.speaker().login, column.form_field, value, way)
            except Refused as refusal:
                failure = refusal
                continue
            written = self.context.reader.messages_after(self.ticket.id, before)
            if any(not one.author.is_client and not one.text.strip() for one in written):
                log.error("ticket %s: %s has posted an empty message", self.ticket.id, way)
                panel.prioritised_by("")
                return
            if column.of_ticket(self.ticket.id) == value:
                panel.prioritised_by(way)
                return
        raise failure
