"""Tickets of the past: which there are, what they hold, and whose they are; for import and adoption.

Pages are of bounded size and begin above a number; everything else is asked for named tickets or one account.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from omnidesk.billmanager import notes_table
from omnidesk.billmanager.authors import Authors
from omnidesk.billmanager.models import DEPARTMENT_LEVEL, EMPLOYEE_LEVEL
from omnidesk.billmanager.rating_column import RatingColumn
from omnidesk.core.database import Database
from omnidesk.core.tables import MESSAGES, TICKETS, USERS


@dataclass(frozen=True)
class Wanted:
    """Which tickets: with a message from ``since`` on (a local time of the database, "": any), of some departments
    (empty: any), that somebody has (``open_only``). ``free``: an SQL condition on the module's row ``k`` of a ticket.
    """

    free: str
    since: str = ""
    departments: Collection[int] = ()
    open_only: bool = False


@dataclass(frozen=True)
class Contents:
    """What a ticket holds: messages, those of ``staff``, those that are ``rated``. ``open``: somebody has it."""

    ticket: int
    messages: int
    staff: int
    rated: int
    open: bool


class History:
    """Asks the tables what there is."""

    def __init__(self, db: Database, authors: Authors) -> None:
        self.db = db
        self.authors = authors

    # Which tickets, and how much they hold

    def tickets(self, wanted: Wanted, after: int, limit: int) -> list[int]:
        """Wanted tickets above a number, by number."""
        sql, values = self._query(wanted)
        return [int(row["id"]) for row in self.db.rows(f"{sql} ORDER BY t.id LIMIT {limit}", after, *values)]

    def _query(self, wanted: Wanted) -> tuple[str, list[object]]:
        values: list[object] = []
        sql = f"SELECT t.id FROM ticket t LEFT JOIN {TICKETS} k ON k.ticket = t.id WHERE t.id > %s AND {wanted.free}"
        if wanted.open_only:
            sql += " AND EXISTS(SELECT 1 FROM ticket2user a WHERE a.ticket = t.id)"
        if wanted.departments:
            marks = _marks(wanted.departments)
            sql += (
                f" AND (t.responsible IN ({marks})"
                f" OR EXISTS(SELECT 1 FROM ticket2user d WHERE d.ticket = t.id AND d.user IN ({marks})))"
            )
            values += [*sorted(wanted.departments), *sorted(wanted.departments)]
        if wanted.since:
            written = self.authors.written()
            sql += (
                f" AND EXISTS(SELECT 1 FROM ticket_message m WHERE m.ticket = t.id AND m.date_post >= %s AND {written})"
            )
            values.append(wanted.since)
        return sql, values

    def contents(self, tickets: Sequence[int], column: RatingColumn) -> list[Contents]:
        """What these tickets hold; one without a message is left out."""
        rated = f"SUM({column.is_rated})" if column.name else "0"
        rows = self.db.rows(
            f"SELECT m.ticket, COUNT(*) AS messages, SUM(u.level >= {DEPARTMENT_LEVEL}) AS staff, {rated} AS rated,"
            f" EXISTS(SELECT 1 FROM ticket2user a WHERE a.ticket = m.ticket) AS open FROM ticket_message m"
            f" LEFT JOIN user u ON u.id = m.user WHERE m.ticket IN ({_marks(tickets)}) GROUP BY m.ticket",
            *tickets,
        )
        return [
            Contents(
                ticket=int(row["ticket"]),
                messages=int(row["messages"]),
                staff=int(row["staff"] or 0),
                rated=int(row["rated"] or 0),
                open=bool(row["open"]),
            )
            for row in rows
        ]

    def notes(self, tickets: Sequence[int]) -> dict[int, int]:
        """How many notes these tickets have; one without is left out."""
        if not notes_table.readable(self.db):
            return {}
        sql = f"SELECT ticket, COUNT(*) AS n FROM ticket_note WHERE ticket IN ({_marks(tickets)}) GROUP BY ticket"
        return {int(row["ticket"]): int(row["n"]) for row in self.db.rows(sql, *tickets)}

    def new_clients(self, tickets: Sequence[int]) -> int:
        """How many accounts these tickets are of that have a user whom the module does not know yet."""
        row = self.db.row(
            "SELECT COUNT(DISTINCT t.account_client) AS n FROM ticket t JOIN user u ON u.account = t.account_client"
            f" LEFT JOIN {USERS} k ON k.user = u.id WHERE t.id IN ({_marks(tickets)})"
            f" AND u.level < {EMPLOYEE_LEVEL - 1} AND k.user IS NULL",
            *tickets,
        )
        return int(row["n"]) if row else 0

    # One client's account

    def users(self, account: int, limit: int) -> list[int]:
        """The account's users, by number."""
        sql = f"SELECT id FROM user WHERE account = %s AND level < 28 ORDER BY id LIMIT {limit}"
        return [int(row["id"]) for row in self.db.rows(sql, account)]

    def caseless(self, account: int) -> dict[int, str]:
        """The subjects of the account's tickets without a case, by number."""
        rows = self.db.rows(
            f"SELECT t.id, t.name FROM ticket t LEFT JOIN {TICKETS} k ON k.ticket = t.id"
            " WHERE t.account_client = %s AND k.external_case IS NULL ORDER BY t.id",
            account,
        )
        return {int(row["id"]): str(row["name"] or "") for row in rows}

    def begun(self, tickets: Sequence[int]) -> list[tuple[int, float]]:
        """(ticket, when its first message was written), for tickets with a message."""
        rows = self.db.rows(
            "SELECT m.ticket, UNIX_TIMESTAMP(m.date_post) AS at FROM ticket_message m JOIN"
            f" (SELECT MIN(id) AS id FROM ticket_message WHERE ticket IN ({_marks(tickets)}) GROUP BY ticket) f"
            " ON f.id = m.id",
            *tickets,
        )
        return [(int(row["ticket"]), float(row["at"] or 0)) for row in rows]

    def first_message_at(self, account: int) -> float:
        """When the account's first message was written; 0 without one."""
        row = self.db.row(
            "SELECT UNIX_TIMESTAMP(MIN(m.date_post)) AS at FROM ticket t JOIN ticket_message m ON m.ticket = t.id"
            " WHERE t.account_client = %s",
            account,
        )
        return float((row or {}).get("at") or 0)

    def cases_had(self, account: int) -> set[int]:
        """The cases that messages of the account's tickets are or were in."""
        rows = self.db.rows(
            f"SELECT DISTINCT m.external_case AS c FROM ticket t JOIN {MESSAGES} m ON m.ticket = t.id"
            " WHERE t.account_client = %s AND m.external_case IS NOT NULL",
            account,
        )
        return {int(row["c"]) for row in rows}

    def accounts_among(self, numbers: Sequence[int]) -> set[int]:
        """Which of these numbers are those of accounts with users."""
        rows = self.db.rows(f"SELECT DISTINCT account FROM user WHERE account IN ({_marks(numbers)})", *numbers)
        return {int(row["account"]) for row in rows}

    def is_user_of_another(self, account: int) -> bool:
        """Whether a user of another account has this account's number."""
        return self.db.row("SELECT id FROM user WHERE id = %s AND account <> %s", account, account) is not None


def _marks(values: Collection[object]) -> str:
    return ", ".join(["%s"] * len(values))
