"""Carrying out the actions of one plan, each recorded as soon as it is done."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from omnidesk.billmanager.models import Ticket
from omnidesk.context import Context
from omnidesk.core import ratings
from omnidesk.store.models import MessageLink, TicketLink
from omnidesk.sync import actions as do
from omnidesk.sync import spam, tally
from omnidesk.sync.assign_ticket import Hands
from omnidesk.sync.case_changes import Changes, remember_rating
from omnidesk.sync.case_creation import CaseCreation
from omnidesk.sync.corrections import Corrector
from omnidesk.sync.moves import Moves
from omnidesk.sync.notify import Notifier
from omnidesk.sync.recovery import Recovery
from omnidesk.sync.set_priority import Priority
from omnidesk.sync.ticket_row import TicketRow
from omnidesk.sync.to_billmanager import ToBillmanager
from omnidesk.sync.to_omnidesk import ToOmnidesk

log = logging.getLogger("apply")


class Applier:
    """Carries out the actions of one plan, made for the ticket as it was read. ``read``: its row, as it still is."""

    def __init__(self, context: Context, ticket: Ticket, read: TicketLink | None = None) -> None:
        self.context = context
        self.ticket = ticket
        self._row = row = TicketRow(context.links, ticket.id, read)
        here, there = ToBillmanager(context, ticket, row), ToOmnidesk(context, ticket, row)
        held, corrector = here.assignments, Corrector(context, ticket, here)
        cases = CaseCreation(context, ticket, there)
        changes, doubt = Changes(context, ticket), Recovery(context, ticket, cases.linked)
        self._ways: dict[type[do.Action], Callable[[Any], None]] = {
            do.LookForCase: doubt.case,
            do.LookForMessage: doubt.message,
            do.LookForUnblocking: lambda one: spam.look(context, ticket, one.client),
            do.CreateCase: cases.create_case,
            do.SendMessage: there.send_message,
            do.SendPart: there.send_part,
            do.SendNote: there.send_note,
            do.SendSystem: there.send_system,
            do.UpdateCase: changes.update_case,
            do.UpdateUser: changes.update_user,
            do.Rate: changes.rate,
            do.DeliverReply: here.deliver_reply,
            do.DeliverNote: here.deliver_note,
            do.DeliverClientMessage: here.deliver_client_message,
            do.Notify: Notifier(context, ticket, here, there).notify,
            do.Correct: corrector.correct,
            do.KeepEdit: lambda one: corrector.keep(one.edit),
            do.EndAssignment: held.end_all,
            do.Reopen: held.reopen,
            do.Archive: held.archive,
            do.SetPriority: Priority(context, ticket, held).set,
            do.AssignTicket: Hands(context, ticket, held).assign,
            do.MoveTicket: Moves(context, ticket, held).move_ticket,
            do.AgreePlace: lambda one: context.links.place_agreed(
                ticket.id, one.department, one.group, one.responsible
            ),
            do.Skip: here.skip,
        }

    def apply(self, action: do.Action) -> None:
        """Carry out one action."""
        kept = False
        try:
            self._ways.get(type(action), self._remember)(action)
            kept = isinstance(action, do.SAME_CASE)
            tally.carried(self.context, self._row, action)
        finally:
            if not kept:
                self._row.forget()

    def _remember(self, action: do.Action) -> None:
        """Actions that only write into the links."""
        links, ticket = self.context.links, self.ticket.id
        match action:
            case do.SkipOut():
                links.add_done(MessageLink(0, ticket, action.kind, "out", "skipped", action.id))
            case do.Learn():
                links.message_identified(action.link.id, action.message_id)
            case do.LeaveStray():
                for reply in action.replies:
                    links.add_done(MessageLink(0, ticket, "message", "in", "skipped", 0, action.case_id, reply))
                links.former_case_read(ticket, [one for one in links.ticket(ticket).former if one != action.case_id])
            case do.DropNotice():
                links.drop_notice(action.link.id)
            case do.KeepRating():
                remember_rating(self.context, action.link, action.rating)
            case do.RefuseRating():
                which = action.link.ticket_message
                rating = ratings.label(action.rating)
                log.warning("ticket %s: rating %s of message %s: %s", ticket, rating, which, action.why)
                remember_rating(self.context, action.link, action.rating)
            case do.Agree() | do.AgreeAssignee() | do.AgreePriority():
                self._agree(action)
            case do.ReadCase() | do.ReadHistory():
                pass  # the next look reads it
            case do.MarkRead():
                links.messages_read(ticket, action.updated_at, action.covers)
            case _:
                raise AssertionError(f"no way to perform {action!r}")

    def _agree(self, action: do.Agree | do.AgreeAssignee | do.AgreePriority) -> None:
        """Bases of merges."""
        links, ticket = self.context.links, self.ticket.id
        match action:
            case do.Agree():
                links.status_agreed(ticket, action.ticket, action.case)
            case do.AgreeAssignee(_, assigned):
                links.assignee_agreed(ticket, assigned.staff, assigned.employee, assigned.holders)
            case do.AgreePriority(_, agreed):
                links.priority_agreed(ticket, agreed.there, agreed.here)
