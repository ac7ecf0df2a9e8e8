"""Reading the rows of tickets."""

from __future__ import annotations

from collections.abc import Sequence

from omnidesk.core.database import Row
from omnidesk.core.tables import MESSAGES, TICKETS
from omnidesk.store.link_table import LinkTable
from omnidesk.store.models import TicketLink, own_messages

_TICKET_COLUMNS = (
    "ticket, external_case, case_number, replaced, external_user, client_user, case_gone, ticket_status, case_status,"
    " seen_status, seen_at, read_at, own_write_at, own_message_at, own_reply_at, unread, intent_at, intent_message,"
    " intent_digest, fields_digest,"
    " look_case, look_messages, due_seq, attempts, set_aside, due_at, joined_at, unconfirmed, alive_at,"
    " former_cases, closed_at, own_status_at, status_begun, client_at, client_message, own_end, merged_into, account,"
    " missing_at, held, wait_since, history, own_client_at, agreed_at, client_external, client_stamp, split_to,"
    " taken_end, taken_by, read_here, seen_staff, own_messages,"
    " refused_status, refused_fields, refused_why,"
    f" EXISTS (SELECT 1 FROM {TICKETS} o WHERE o.external_case = {TICKETS}.external_case"
    f" AND o.ticket <> {TICKETS}.ticket) AS shared"
)


class Tickets(LinkTable):
    """The rows of tickets."""

    def ticket(self, ticket: int) -> TicketLink:
        """The ticket's row; an empty one when it has none yet."""
        row = self.db.row(f"SELECT {_TICKET_COLUMNS} FROM {TICKETS} WHERE ticket = %s", ticket)
        return _ticket(row) if row else TicketLink(ticket)

    def tickets_of_case(self, case_id: int) -> list[int]:
        """The tickets whose case this is now, the one it was made for first; more than one after a merge."""
        sql = f"SELECT ticket FROM {TICKETS} WHERE external_case = %s ORDER BY joined_at, ticket"
        return [int(row["ticket"]) for row in self.db.rows(sql, case_id)]

    def case_of_number(self, number: str) -> int:
        """The id of the case that people know by this number; 0 when no ticket has it."""
        sql = f"SELECT external_case FROM {TICKETS} WHERE case_number = %s AND external_case > 0 LIMIT 1"
        row = self.db.row(sql, number)
        return int(row["external_case"]) if row else 0

    def tickets_of_cases(self, cases: Sequence[int]) -> dict[int, list[TicketLink]]:
        """The rows of the tickets that these cases belong to, by case."""
        if not cases:
            return {}
        marks = ", ".join(["%s"] * len(cases))
        rows = self.db.rows(f"SELECT {_TICKET_COLUMNS} FROM {TICKETS} WHERE external_case IN ({marks})", *cases)
        found: dict[int, list[TicketLink]] = {}
        for link in sorted(map(_ticket, rows), key=lambda one: (one.joined_at, one.ticket)):
            found.setdefault(link.case_id, []).append(link)
        return found

    def cases_in_doubt(self, client: int) -> list[int]:
        """The client's tickets for which a case was begun and of which it is not known whether it was made."""
        sql = f"SELECT ticket FROM {TICKETS} WHERE intent_at IS NOT NULL AND client_user = %s"
        return [int(row["ticket"]) for row in self.db.rows(sql, client)]

    def linked_tickets(self) -> int:
        """How many tickets have a living case."""
        row = self.db.row(f"SELECT COUNT(*) AS n FROM {TICKETS} WHERE external_case > 0 AND case_gone = ''")
        return int(row["n"]) if row else 0

    def open_tickets(self) -> int:
        """How many of them are open, as both sides agreed last."""
        row = self.db.row(f"SELECT COUNT(*) AS n FROM {TICKETS} WHERE ticket_status = 'open' AND case_gone = ''")
        return int(row["n"]) if row else 0

    def split_from(self, ticket: int) -> list[int]:
        """The tickets from which messages were moved to this one."""
        sql = f"SELECT DISTINCT ticket FROM {MESSAGES} WHERE moved_to = %s"
        return [int(row["ticket"]) for row in self.db.rows(sql, ticket)]

    def split_into(self, ticket: int) -> list[int]:
        """The tickets to which messages of this one were moved."""
        sql = f"SELECT DISTINCT moved_to FROM {MESSAGES} WHERE ticket = %s AND moved_to IS NOT NULL ORDER BY moved_to"
        return [int(row["moved_to"]) for row in self.db.rows(sql, ticket)]


def _ticket(row: Row) -> TicketLink:
    return TicketLink(
        ticket=int(row["ticket"]),
        case_id=int(row["external_case"] or 0),
        case_number=row["case_number"],
        replaced=row["replaced"],
        external_user=int(row["external_user"] or 0),
        client_user=int(row["client_user"] or 0),
        case_gone=row["case_gone"],
        ticket_status=row["ticket_status"],
        case_status=row["case_status"],
        seen_status=row["seen_status"],
        seen_at=float(row["seen_at"]),
        read_at=float(row["read_at"]),
        own_write_at=float(row["own_write_at"]),
        own_message_at=float(row["own_message_at"]),
        own_reply_at=float(row["own_reply_at"]),
        own_client_at=float(row["own_client_at"]),
        client_stamp=float(row["client_stamp"]),
        own_messages=own_messages(row["own_messages"]),
        seen_staff=int(row["seen_staff"]),
        refused_status=row["refused_status"],
        refused_fields=row["refused_fields"],
        refused_why=row["refused_why"],
        agreed_at=float(row["agreed_at"]),
        unread=bool(row["unread"]),
        intent_at=float(row["intent_at"] or 0),
        intent_message=int(row["intent_message"] or 0),
        intent_digest=row["intent_digest"],
        fields_digest=row["fields_digest"],
        look_case=bool(row["look_case"]),
        look_messages=bool(row["look_messages"]),
        due_seq=int(row["due_seq"]),
        attempts=int(row["attempts"]),
        set_aside=bool(row["set_aside"]),
        due=row["due_at"] is not None,
        joined_at=float(row["joined_at"]),
        unconfirmed=bool(row["unconfirmed"]),
        alive_at=float(row["alive_at"]),
        merged_into=int(row["merged_into"] or 0),
        former=tuple(int(one) for one in (row["former_cases"] or "").split(",") if one),
        closed_at=float(row["closed_at"]),
        own_status_at=float(row["own_status_at"]),
        status_begun=str(row["status_begun"]),
        client_at=float(row["client_at"]),
        client_message=int(row["client_message"]),
        client_external=int(row["client_external"]),
        taken_end=int(row["taken_end"]),
        taken_by=int(row["taken_by"]),
        read_here=int(row["read_here"]),
        own_end=int(row["own_end"]),
        account=int(row["account"] or 0),
        missing=row["missing_at"] is not None,
        held=row["held"],
        wait_since=float(row["wait_since"] or 0),
        history=bool(row["history"]),
        split_to=int(row["split_to"] or 0),
        shared=bool(row["shared"]),
    )
