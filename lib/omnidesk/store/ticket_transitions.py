"""What happens to a ticket on BILLmanager's side, and what both sides agree on: one method for each event.

What a ticket's row can be in, and which of these methods lead where: :mod:`omnidesk.store.ticket_states`.
"""

from __future__ import annotations

from omnidesk.core.tables import TICKETS
from omnidesk.store import reused_rows
from omnidesk.store.case_transitions import CaseTransitions
from omnidesk.store.models import ENDING


class TicketTransitions(CaseTransitions):
    """The changes of tickets' rows that do not come from their cases."""

    # The ticket itself

    def ticket_seen(self, ticket: int, account: int) -> None:
        """BILLmanager has the ticket. ``account``: its client's, 0 when it is not known."""
        if account:
            self._set_ticket(ticket, missing_at=None, account=account)
        else:
            self._set_ticket(ticket, missing_at=None)

    def ticket_missing(self, ticket: int) -> None:
        """BILLmanager has tickets, but not this one."""
        self._set_ticket(ticket, missing_at=self.clock())

    def ticket_replaced(self, ticket: int, account: int) -> None:
        """The number belongs to another ticket now: its case and all links are those of the former one.

        The other ticket is new, so it gets a case whatever the numbers of its messages: they may be reused, too, and
        then lie below the baseline.
        """
        with self.db.transaction():
            reused_rows.end_ticket(self.db, ticket)
            row = self.db.row(
                f"SELECT due_at, due_seq, due_reason, wait_since FROM {TICKETS} WHERE ticket = %s", ticket
            )
            self.db.write(f"DELETE FROM {TICKETS} WHERE ticket = %s", ticket)
            self.ensure_ticket(ticket)
            self._set_ticket(ticket, account=account or None, history=True, **(row or {}))

    def history_requested(self, ticket: int) -> None:
        """A person or a decision of the administrator's wants the ticket's case, however old its messages are."""
        self._set_ticket(ticket, history=True)

    def history_imported(self, ticket: int, *, ended: bool) -> None:
        """An import has carried over all that the ticket holds; ``ended``: nothing can be new in its case."""
        if ended:
            self._set_ticket(ticket, history=False, unread=False)
        else:
            self._set_ticket(ticket, history=False)

    # Who has it, and how it ends. Each is written before the call that does it, which may take effect unseen.

    def ticket_opened_by_client(self, ticket: int) -> None:
        """A client's message of Omnidesk is being written into the ticket, which opens it."""
        self._set_ticket(ticket, ticket_status="open")

    def client_message_noted(self, ticket: int) -> None:
        """A client's message becomes a note: whoever ended the ticket has not read it."""
        self._set_ticket(ticket, own_end=ENDING, read_here=0)

    def ticket_ended_by_staff(self, ticket: int, message: int) -> None:
        """Staff ended the ticket in BILLmanager: they had read what was written there, up to this message."""
        self._set_ticket(ticket, read_here=message)

    def answer_seen(self, ticket: int, message: int) -> None:
        """Staff answered in Omnidesk after all that we have written there."""
        self._set_ticket(ticket, answered=message)

    def ticket_taken(self, ticket: int, newest: int, user: int) -> None:
        """A ticket that was ended is being taken for this employee, to write into it. ``newest``: its last message."""
        self._set_ticket(ticket, taken_end=newest, taken_by=user)

    def ticket_left(self, ticket: int) -> None:
        """A ticket that was taken is ended again, as it was, or staff have written in it since: who has it then took it
        himself."""
        self._set_ticket(ticket, taken_end=0)

    def ticket_ending(self, ticket: int, *, archive: bool = False) -> None:
        """The call that ends the ticket, or moves it to the ``archive``, is being made."""
        self._set_ticket(ticket, own_end=ENDING, own_archive=archive)

    def ticket_not_ended(self, ticket: int, before: int) -> None:
        """That call certainly had no effect. ``before``: ``own_end`` before it."""
        self._set_ticket(ticket, own_end=before, own_archive=False)

    def ticket_ended(self, ticket: int, message: int) -> None:
        """That call has taken effect: messages up to this one may have been written before it."""
        self._set_ticket(ticket, own_end=message)

    def ticket_moving(self, ticket: int, department: int) -> None:
        """The call that gives the ticket to this department is being made; 0: it was refused."""
        self._set_ticket(ticket, department_begun=department)

    # Both sides

    def priority_agreed(self, ticket: int, case: str, here: str) -> None:
        """Both sides agree on the priority, or are left as they are. ``here``: what stands in BILLmanager."""
        self._set_ticket(ticket, agreed_priority=case, agreed_priority_here=here)

    def assignee_agreed(self, ticket: int, staff: int, employee: int, holders: str) -> None:
        """Both sides agree on who works on it, or are left as they are: the base of the next merge."""
        self._set_ticket(ticket, agreed_staff=staff, agreed_employee=employee, agreed_holders=holders, own_assignee=0)

    def place_agreed(self, ticket: int, department: int, group: int, responsible: int) -> None:
        """The ticket is in this department and its case in this group, 0: not known, and that is as it should be."""
        self._set_ticket(
            ticket,
            seen_group=group,
            routed_department=department,
            routed_group=group,
            routed_responsible=responsible,
            group_begun=0,
            department_begun=0,
        )

    def status_agreed(self, ticket: int, ticket_status: str, case_status: str) -> None:
        """Both sides have these statuses, by Omnidesk's time of the last answer.

        Open: a message of the client's that was in the case before it was seen to be open is covered.
        """
        covered = "client_at = IF(seen_status = 'open' AND client_at < seen_at, 0, client_at)"
        settled = f"own_end = 0, own_archive = 0, {covered}" if ticket_status == "open" else "client_at = 0"
        self.db.write(
            f"UPDATE {TICKETS} SET ticket_status = %s, case_status = %s, agreed_at = seen_at,"
            " refused_status = '', refused_from = '',"
            " status_begun = IF(seen_at > own_status_at, '', status_begun),"  # else not known yet
            f" taken_end = 0, {settled}, updated_at = %s WHERE ticket = %s",
            ticket_status, case_status, self.clock(), ticket,
        )  # fmt: skip
