"""Reading the rows of tickets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from omnidesk.core.database import Row
from omnidesk.core.tables import MESSAGES, TICKETS
from omnidesk.store.link_table import LinkTable
from omnidesk.store.models import TicketLink, own_messages

_KINDS: dict[object, Callable[..., Any]] = {"int": int, "float": float, "bool": bool, "str": str}
_RENAMED = {"case_id": "external_case", "due": "due_at", "missing": "missing_at", "former": "former_cases"}
_SHARED = f"EXISTS (SELECT 1 FROM {TICKETS} o WHERE o.external_case = {TICKETS}.external_case" + (
    f" AND o.ticket <> {TICKETS}.ticket) AS shared"
)
# The row has a column for each field, of its name; what is not as it stands there is read in :func:`_ticket`.
_TICKET_COLUMNS = ", ".join(
    _SHARED if one.name == "shared" else _RENAMED.get(one.name, one.name) for one in fields(TicketLink)
)
_PLAIN = {one.name: _KINDS[one.type] for one in fields(TicketLink) if one.type in _KINDS}


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
    values = {name: kind(row[_RENAMED.get(name, name)] or kind()) for name, kind in _PLAIN.items()}
    values |= {"due": row["due_at"] is not None, "missing": row["missing_at"] is not None}
    former = tuple(int(one) for one in (row["former_cases"] or "").split(",") if one)
    return TicketLink(**values, former=former, own_messages=own_messages(row["own_messages"]))
