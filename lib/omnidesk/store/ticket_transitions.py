"""What happens to a ticket and its case, written into the ticket's row: one method for each event."""

from __future__ import annotations

from typing import Any

from omnidesk.core.tables import MESSAGES, TICKETS
from omnidesk.helpdesk.models import Case
from omnidesk.store import reused_rows
from omnidesk.store.models import OwnMessage, joined, lost
from omnidesk.store.tickets import Tickets

_OWN_MESSAGES = 8  # of our last ones that are kept
_RENAMED = {"case_id": "external_case", "user_id": "external_user"}


class TicketTransitions(Tickets):
    """The changes of tickets' rows."""

    def ensure_ticket(self, ticket: int) -> None:
        now = self.clock()
        self.db.write(
            f"INSERT IGNORE INTO {TICKETS} (ticket, created_at, updated_at) VALUES (%s, %s, %s)",
            ticket, now, now,
        )  # fmt: skip

    def set_ticket(self, ticket: int, **values: Any) -> None:
        """Set columns of the ticket's row; keys are the names of :class:`TicketLink`."""
        columns = [_RENAMED.get(name, name) for name in values]
        sets = ", ".join(f"{column} = %s" for column in columns)
        self.db.write(
            f"UPDATE {TICKETS} SET {sets}, updated_at = %s WHERE ticket = %s",
            *values.values(), self.clock(), ticket,
        )  # fmt: skip

    def saw_case(self, ticket: int, status: str, updated_at: float, closed_at: float, staff: int) -> None:
        """Remember what Omnidesk says of the ticket's case; an answer older than the one known changes nothing.

        A case that is open after the client's message was in it: both sides have agreed on that message.
        """
        self.db.write(
            f"UPDATE {TICKETS} SET seen_status = %s, seen_at = %s, closed_at = %s, seen_staff = %s, unconfirmed = 0,"
            " alive_at = %s,"
            " client_at = IF(%s = 'open' AND client_at <= %s, 0, client_at)"
            " WHERE ticket = %s AND seen_at <= %s",
            status, updated_at, closed_at, staff, self.clock(), status, updated_at, ticket, updated_at,
        )  # fmt: skip

    def client_wrote(self, ticket: int, at: float, message: int = 0, external: int = 0) -> None:
        """The client's message is in the case since then (Omnidesk's clock); no agreement covers it yet.

        ``message``, ``external``: its ids in BILLmanager and in Omnidesk, as far as they are known.
        """
        self.db.write(
            f"UPDATE {TICKETS} SET client_at = GREATEST(client_at, %s), client_message = GREATEST(client_message, %s),"
            " client_external = GREATEST(client_external, %s) WHERE ticket = %s",
            at, message, external, ticket,
        )  # fmt: skip

    def own_message(self, ticket: int, own: OwnMessage) -> None:
        """We wrote this into the case, after what is known of it already."""
        self.db.write(
            f"UPDATE {TICKETS} SET"
            " own_messages = SUBSTRING_INDEX(CONCAT_WS(';', NULLIF(own_messages, ''), %s), ';', %s) WHERE ticket = %s",
            own.text(), -_OWN_MESSAGES, ticket,
        )  # fmt: skip

    def staff_answered(self, ticket: int) -> None:
        """An answer of staff in Omnidesk: they have read what the client wrote before, and left the case as it is."""
        self.db.write(f"UPDATE {TICKETS} SET client_at = 0 WHERE ticket = %s", ticket)

    def lost_case(self, ticket: int, why: str) -> None:
        """The case takes no more messages: the next message opens a new one."""
        self.set_ticket(ticket, **lost(why))
        self.db.write(  # refused here and certainly not made: what the case held is no longer to be had
            f"DELETE FROM {MESSAGES} WHERE ticket = %s AND direction = 'in' AND state = 'intent' AND intent_at IS NULL",
            ticket,
        )

    def join(self, ticket: int, survivor: Case, merged_at: float, *, shared: bool) -> None:
        """The ticket's case was merged into another one, with which it goes on."""
        self.set_ticket(ticket, **{**joined(survivor, merged_at, shared), "own_messages": ""}, unconfirmed=0)

    def look_at_former(self, case_id: int) -> int:
        """Something happened in a case no ticket has now: the ticket that had it is to look there; 0 for no such."""
        row = self.db.row(
            f"SELECT ticket FROM {MESSAGES} WHERE external_case = %s AND kind = 'message' ORDER BY id DESC LIMIT 1",
            case_id,
        )
        if row is None:
            return 0
        self.db.write(
            f"UPDATE {TICKETS} SET former_cases = CONCAT_WS(',', NULLIF(former_cases, ''), %s)"
            " WHERE ticket = %s AND NOT FIND_IN_SET(%s, former_cases) AND external_case <> %s",
            str(case_id), int(row["ticket"]), str(case_id), case_id,
        )  # fmt: skip
        return int(row["ticket"])

    def end_ticket(self, ticket: int, account: int) -> None:
        """This number belongs to another ticket now: its case and all links are those of the former one.

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
            self.set_ticket(ticket, account=account or None, history=1, **(row or {}))
