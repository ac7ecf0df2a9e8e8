"""What is new or different in BILLmanager's tables: rows above a number, and linked tickets' states and ratings.

Every statement reads by index from a number on, and no more rows than it is given as limit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from omnidesk.billmanager import notes_table
from omnidesk.billmanager.authors import Authors
from omnidesk.billmanager.models import ARCHIVED, DEPARTMENT_LEVEL, EMPLOYEE_LEVEL
from omnidesk.billmanager.priority_column import PriorityColumn
from omnidesk.billmanager.rating_column import RatingColumn
from omnidesk.billmanager.row_identity import TABLES, moved, same, unlinked
from omnidesk.core.database import Database, Row
from omnidesk.core.tables import MESSAGES, TICKETS

# What the panel itself writes is nobody's message: nobody waits for it, and it is of interest in a case only. A row
# without a ticket is left of a deleted one.
_NEW_MESSAGES = (
    "SELECT n.id, n.ticket, UNIX_TIMESTAMP(n.date_post) AS at, k.external_case AS c, {written} AS written"
    " FROM ticket_message n"
    f" LEFT JOIN {TICKETS} k ON k.ticket = n.ticket"
    f" WHERE n.id > %s AND n.ticket IS NOT NULL AND {unlinked('n', 'message', 'system')}"
    " AND ({written} OR (k.external_case > 0 AND k.case_gone = '')) ORDER BY n.id LIMIT %s"
)
_NEW_NOTES = (
    "SELECT n.id, n.ticket, UNIX_TIMESTAMP(n.date_post) AS at, k.external_case AS c, 1 AS written FROM ticket_note n"
    f" JOIN {TICKETS} k ON k.ticket = n.ticket AND k.external_case > 0"
    f" WHERE n.id > %s AND {unlinked('n', 'note')} AND k.case_gone = ''"  # a note alone opens no new case
    " ORDER BY n.id LIMIT %s"
)
# :func:`omnidesk.billmanager.models.status_of` in SQL.
_STATE = (
    f"CASE WHEN t.status = {ARCHIVED} THEN 'closed' WHEN EXISTS(SELECT 1 FROM ticket2user a WHERE a.ticket = t.id)"
    " THEN 'open' ELSE 'waiting' END"
)
_NTH = "SELECT {0} FROM {1} WHERE {2} = %s AND {0} > %s ORDER BY {0} LIMIT %s, 1"
_NO_END = 2**62


@dataclass(frozen=True)
class Cursor:
    """The highest ids at a moment of the database's clock."""

    at: float
    message: int
    note: int
    assignment: int
    ticket: int = -1  # not known in marks of earlier versions

    def row(self) -> list[float]:
        """As it is stored."""
        return [self.at, self.message, self.note, self.assignment, self.ticket]


@dataclass(frozen=True)
class NewRow:
    """A message or note without a link. ``written``: a person may have written it; ``at`` in Unix seconds."""

    id: int
    ticket: int
    at: float
    has_case: bool
    written: bool


@dataclass(frozen=True)
class OtherRow:
    """A row that is not the one its link was made for: ``moved`` from another ticket, or its number was given again."""

    id: int
    ticket: int
    kind: str
    moved: bool


@dataclass(frozen=True)
class StateNow:
    """A linked ticket. ``agreed``: the state agreed last; ``state``: the one it has, None for a ticket not there."""

    ticket: int
    agreed: str
    state: str | None


@dataclass(frozen=True)
class Caseless:
    """A due ticket that has no case. ``newest``: its last message, written at ``at``; ``since``: it waits, or None."""

    ticket: int
    since: float | None
    held: bool
    newest: int
    at: float


class Changes:
    """Asks the tables what changed."""

    def __init__(self, db: Database, authors: Authors) -> None:
        self.db = db
        self.authors = authors

    # Where the tables end

    def ends(self) -> Cursor:
        """Where the tables end now; MAX of a primary key reads one row. Notes that cannot be read are no new ones."""
        tables = ("ticket_message", "ticket_note", "ticket2user", "ticket")
        of = {table: f"(SELECT MAX(id) FROM {table})" for table in tables}
        if not notes_table.readable(self.db):
            of[notes_table.TABLE] = str(_NO_END)
        ends = ", ".join(f"{end} AS {table}_end" for table, end in of.items())
        # Not NOW(): a local time occurs twice in the night when summer time ends, and goes back an hour then.
        row = self.db.row(f"SELECT UNIX_TIMESTAMP() AS at, {ends}") or {}
        return Cursor(float(row.get("at") or 0), *(int(row.get(f"{table}_end") or 0) for table in tables))

    def last_before(self, kind: str, at: float, newest: int) -> int:
        """The last message or note (``kind``) that was written before this time, among the ``newest`` ones."""
        row = self.db.row(
            f"SELECT MAX(id) AS id FROM (SELECT id, date_post FROM {TABLES[kind]} ORDER BY id DESC LIMIT {newest}) r"
            " WHERE UNIX_TIMESTAMP(date_post) <= %s",
            at,
        )
        return int((row or {}).get("id") or 0)

    # New rows

    def new_messages(self, after: int, limit: int) -> list[NewRow]:
        """Messages above a number that have no link, oldest first."""
        return self._new(_NEW_MESSAGES.replace("{written}", self.authors.written("n")), after, limit)

    def new_notes(self, after: int, limit: int) -> list[NewRow]:
        """The same for notes; only of tickets with a case."""
        return self._new(_NEW_NOTES, after, limit) if notes_table.readable(self.db) else []

    def _new(self, sql: str, after: int, limit: int) -> list[NewRow]:
        return [
            NewRow(int(row["id"]), int(row["ticket"]), float(row["at"] or 0), bool(row["c"]), bool(row["written"]))
            for row in self.db.rows(sql, after, limit)
        ]

    def new_tickets(self, after: int, limit: int) -> list[int]:
        """Tickets above a number that have messages and are not known to the module."""
        rows = self.db.rows(
            f"SELECT t.id FROM ticket t LEFT JOIN {TICKETS} k ON k.ticket = t.id WHERE t.id > %s AND k.ticket IS NULL"
            " AND EXISTS (SELECT 1 FROM ticket_message m WHERE m.ticket = t.id) ORDER BY t.id LIMIT %s",
            after, limit,
        )  # fmt: skip
        return [int(row["id"]) for row in rows]

    def new_assignments(self, after: int, limit: int) -> list[int]:
        """Linked tickets that somebody got since, and that were not agreed to be open."""
        rows = self.db.rows(
            f"SELECT t.ticket FROM ticket2user t JOIN {TICKETS} k ON k.ticket = t.ticket"
            " WHERE t.id > %s AND k.external_case > 0 AND k.case_gone = '' AND k.due_at IS NULL"
            " AND k.ticket_status <> 'open' AND k.held = '' LIMIT %s",
            after, limit,
        )  # fmt: skip
        return [int(row["ticket"]) for row in rows]

    def other_rows(self, kind: str, after: int, last: int, limit: int) -> list[OtherRow]:
        """Rows above ``after`` up to ``last`` whose link of this kind was made for another row or ticket."""
        if kind == "note" and not notes_table.readable(self.db):
            return []
        rows = self.db.rows(  # of one kind: with several, the server reads all links for each row
            f"SELECT m.id, m.ticket, {moved('m')} AS moved FROM {TABLES[kind]} m"
            f" JOIN {MESSAGES} l ON l.kind = %s AND l.ticket_message = m.id AND NOT {same('m')}"
            " WHERE m.id > %s AND m.id <= %s LIMIT %s",
            kind, after, last, limit,
        )  # fmt: skip
        return [OtherRow(int(row["id"]), int(row["ticket"]), kind, bool(row["moved"])) for row in rows]

    # States and ratings. The server compares, and returns what differs, which is little.

    def ends_of(self, parts: Mapping[str, tuple[int, int]]) -> dict[str, int | None]:
        """Where parts end: by a state agreed upon, the last of so many tickets after one; None when these are all.

        ``parts``: (the ticket, how many) by the state. An index holds all that is read.
        """
        ends = ", ".join(f"({_NTH.format('ticket', TICKETS, 'ticket_status')}) AS `{agreed}`" for agreed in parts)
        values = [value for agreed, (after, count) in parts.items() for value in (agreed, after, count - 1)]
        row = self.db.row(f"SELECT {ends}", *values) or {}
        return {agreed: None if row[agreed] is None else int(row[agreed]) for agreed in parts}

    def other_states(self, agreed: str, after: int, last: int | None) -> list[StateNow]:
        """Tickets agreed to be in this state that are in another, above ``after`` up to ``last`` (None: to the end)."""
        found = self.db.rows(  # what an index holds of a row is enough here
            f"SELECT k.ticket FROM {TICKETS} k JOIN ticket t ON t.id = k.ticket"
            f" WHERE k.ticket_status = %s AND k.ticket > %s AND k.ticket <= %s AND {_STATE} <> %s",
            agreed, after, last or _NO_END, agreed,
        )  # fmt: skip
        return self._idle([int(row["ticket"]) for row in found])

    def other_departments(self, after: int, last: int | None) -> list[int]:
        """Tickets agreed to be open that are in another department than was agreed, as
        :func:`omnidesk.sync.routing.department_of` says, above ``after`` up to ``last`` (None: to the end)."""
        has = "EXISTS (SELECT 1 FROM ticket2user a{} WHERE a.ticket = k.ticket{})"
        department = f" JOIN user d ON d.id = a.user AND d.level = {DEPARTMENT_LEVEL}"
        known = has.format("", " AND a.user IN (k.routed_department, k.department_begun)")
        given = f"SELECT 1 FROM user r WHERE r.id = t.responsible AND r.level = {DEPARTMENT_LEVEL}"
        taken_on = has.format("", " AND a.user = t.responsible")
        rows = self.db.rows(
            f"SELECT k.ticket FROM {TICKETS} k JOIN ticket t ON t.id = k.ticket WHERE k.ticket_status = 'open'"
            " AND k.ticket > %s AND k.ticket <= %s AND k.due_at IS NULL AND k.set_aside = 0 AND k.external_case > 0"
            " AND k.case_gone = '' AND k.held = '' AND k.routed_department > 0 AND ("
            f"(NOT {known} AND ({has.format(department, '')} OR"
            f" (t.responsible NOT IN (k.routed_responsible, k.routed_department, k.department_begun)"
            f" AND EXISTS ({given}))))"
            f" OR (t.responsible NOT IN (k.routed_responsible, k.routed_department, k.department_begun)"
            f" AND EXISTS ({given}) AND {taken_on})) LIMIT %s",
            after, last or _NO_END, 1000,
        )  # fmt: skip
        return [int(row["ticket"]) for row in rows]

    def _idle(self, tickets: list[int]) -> list[StateNow]:
        """Those of the tickets that are not worked on, held back, or in a state that was refused for their case."""
        if not tickets:
            return []
        return self._states(
            f"k.ticket IN ({', '.join(['%s'] * len(tickets))}) AND k.due_at IS NULL AND k.set_aside = 0"
            f" AND k.external_case > 0 AND k.case_gone = '' AND k.held = '' AND {_STATE} <> k.refused_status",
            *tickets,
        )

    def other_holders(self, after: int, last: int | None, nobody: Collection[int]) -> list[int]:
        """Open tickets that other employees have than when both sides agreed; ``nobody``: who does not count."""
        but = f" AND a.user NOT IN ({', '.join(['%s'] * len(nobody))})" if nobody else ""
        rows = self.db.rows(
            f"SELECT k.ticket FROM {TICKETS} k WHERE k.ticket_status = 'open' AND k.ticket > %s AND k.ticket <= %s"
            " AND k.agreed_staff >= 0 AND k.due_at IS NULL AND k.set_aside = 0 AND k.case_gone = '' AND k.held = ''"
            " AND COALESCE((SELECT LEFT(GROUP_CONCAT(DISTINCT a.user ORDER BY a.user), 255) FROM ticket2user a"
            f" JOIN user w ON w.id = a.user AND w.level >= {EMPLOYEE_LEVEL} WHERE a.ticket = k.ticket{but}), '')"
            " <> IF(k.agreed_holders = '-', '', k.agreed_holders)",
            after, last or _NO_END, *sorted(nobody),
        )  # fmt: skip
        return [int(row["ticket"]) for row in rows]

    def other_priorities(self, column: PriorityColumn, after: int, last: int | None) -> list[int]:
        """Open tickets with another priority than when both sides agreed on it."""
        rows = self.db.rows(
            f"SELECT k.ticket FROM {TICKETS} k JOIN ticket t ON t.id = k.ticket WHERE k.ticket_status = 'open'"
            " AND k.ticket > %s AND k.ticket <= %s AND k.agreed_priority_here <> '-' AND k.due_at IS NULL"
            f" AND k.set_aside = 0 AND k.case_gone = '' AND k.held = '' AND {column.sql} <> k.agreed_priority_here",
            after, last or _NO_END,
        )  # fmt: skip
        return [int(row["ticket"]) for row in rows]

    def states_of_held(self, what: str) -> list[StateNow]:
        """The tickets held back for this reason."""
        return self._states("k.held = %s", what)

    def _states(self, which: str, *values: object) -> list[StateNow]:
        rows = self.db.rows(
            f"SELECT k.ticket, k.ticket_status, IF(t.id IS NULL, NULL, {_STATE}) AS state"
            f" FROM {TICKETS} k LEFT JOIN ticket t ON t.id = k.ticket WHERE {which}",
            *values,
        )
        return [StateNow(int(row["ticket"]), str(row["ticket_status"]), row["state"]) for row in rows]

    def end_of_answers(self, after: int, count: int) -> int | None:
        """The last of the next ``count`` answers of staff, by their links' ids; None when these are all."""
        row = self.db.row(_NTH.format("id", MESSAGES, "staff"), 1, after, count - 1)
        return int(row["id"]) if row else None

    def other_ratings(self, column: RatingColumn, after: int, last: int | None) -> list[int]:
        """Tickets with a rating that was not sent, of an answer whose link is above ``after`` up to ``last``."""
        rows = self.db.rows(
            f"SELECT l.id, l.ticket, l.rating, {column.sql} AS raw FROM {MESSAGES} l"
            # a rating waits until the ticket has a case again
            f" JOIN {TICKETS} k ON k.ticket = l.ticket AND k.case_gone = ''"
            f" JOIN ticket_message m ON m.id = l.ticket_message WHERE l.staff = 1 AND l.id > %s AND l.id <= %s"
            f" AND (l.rating <> 0 OR {column.is_filled})",
            after, last or _NO_END,
        )  # fmt: skip
        found = column.read({int(row["id"]): row["raw"] for row in rows})
        return sorted({int(row["ticket"]) for row in rows if found.get(int(row["id"]), row["rating"]) != row["rating"]})

    def due_without_case(self, now: float) -> list[Caseless]:
        """Due tickets without a case that are not history, with their last message of a person."""
        rows = self.db.rows(
            "SELECT k.ticket, k.wait_since, k.held, MAX(m.id) AS newest, MAX(UNIX_TIMESTAMP(m.date_post)) AS at"
            f" FROM {TICKETS} k JOIN ticket_message m ON m.ticket = k.ticket AND {self.authors.written()}"
            " WHERE k.set_aside = 0 AND k.due_at <= %s AND k.external_case IS NULL AND k.history = 0"
            " GROUP BY k.ticket, k.wait_since, k.held",
            now,
        )
        return [_caseless(row) for row in rows]


def _caseless(row: Row) -> Caseless:
    since = float(row["wait_since"]) if row["wait_since"] else None
    return Caseless(int(row["ticket"]), since, bool(row["held"]), int(row["newest"]), float(row["at"] or 0))
