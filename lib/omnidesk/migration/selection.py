"""Which tickets of the past are wanted, and what carrying them over will cost: by index, in pages of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from omnidesk.billmanager.models import EMPLOYEE_LEVEL
from omnidesk.context import Context
from omnidesk.core.database import Row
from omnidesk.core.errors import Failure
from omnidesk.core.tables import TICKETS, USERS

PAGE = 200
DEPARTMENT_LEVEL = 28  # documented
UNTOUCHED = "(k.ticket IS NULL OR (k.external_case IS NULL AND k.due_at IS NULL AND k.set_aside = 0))"


@dataclass(frozen=True)
class Selection:
    """What was asked for.

    ``since``: a local time of the panel's database, for tickets with a message from then on ("": all); ``departments``:
    ids (empty: all); ``open_only``: tickets that somebody has.
    """

    since: str = ""
    departments: frozenset[int] = frozenset()
    open_only: bool = False


@dataclass(frozen=True)
class Cost:
    """How much there is: tickets and what they hold, and the API calls for it (echoes and first reads included)."""

    tickets: int = 0
    messages: int = 0
    notes: int = 0
    calls: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.tickets + other.tickets,
            self.messages + other.messages,
            self.notes + other.notes,
            self.calls + other.calls,
        )


def select(context: Context, since: str, department: str, open_only: bool) -> Selection:
    """The selection that the command's options mean; :class:`Failure` ``bad_date`` or ``no_department``."""
    return Selection(_since(since), _departments(context, department), open_only)


def _since(text: str) -> str:
    if not text:
        return ""
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%d.%m.%Y"):
        try:
            return datetime.strptime(text.strip(), form).strftime("%Y-%m-%d %H:%M:%S")
        except ValueError:
            continue
    raise Failure("bad_date", "--since", text[:40])


def _departments(context: Context, wanted: str) -> frozenset[int]:
    """The settings' departments, or the one asked for by name or number."""
    if not wanted:
        return frozenset(context.departments)
    known = context.reader.departments()
    found = {id for id, name in known.items() if str(id) == wanted or name.casefold() == wanted.casefold()}
    if not found:
        raise Failure("no_department", ", ".join(known.values())[:500], wanted[:80])
    return frozenset(found)


def pages(context: Context, wanted: Selection, free: str = UNTOUCHED) -> Iterator[list[int]]:
    """Tickets not linked yet, oldest first, some at a time. What is due already is the worker's.

    ``free``: which rows of the ticket's table (``k``) make a ticket one of them.
    """
    after = 0
    sql, values = _query(wanted, free, context.reader.authors.written())
    while rows := context.db.rows(f"{sql} ORDER BY t.id LIMIT {PAGE}", after, *values):
        after = int(rows[-1]["id"])
        yield [int(row["id"]) for row in rows]
        if len(rows) < PAGE:
            return


def _query(wanted: Selection, free: str, written: str) -> tuple[str, list[object]]:
    values: list[object] = []
    sql = f"SELECT t.id FROM ticket t LEFT JOIN {TICKETS} k ON k.ticket = t.id WHERE t.id > %s AND {free}"
    if wanted.open_only:
        sql += " AND EXISTS(SELECT 1 FROM ticket2user a WHERE a.ticket = t.id)"
    if wanted.departments:
        marks = ", ".join(["%s"] * len(wanted.departments))
        sql += (
            f" AND (t.responsible IN ({marks})"
            f" OR EXISTS(SELECT 1 FROM ticket2user d WHERE d.ticket = t.id AND d.user IN ({marks})))"
        )
        values += [*sorted(wanted.departments), *sorted(wanted.departments)]
    if wanted.since:
        sql += f" AND EXISTS(SELECT 1 FROM ticket_message m WHERE m.ticket = t.id AND m.date_post >= %s AND {written})"
        values.append(wanted.since)
    return sql, values


def cost(context: Context, tickets: list[int]) -> Cost:
    """What these tickets hold and how many calls they take. Tickets without a message open no case."""
    if not tickets:
        return Cost()
    marks = ", ".join(["%s"] * len(tickets))
    rated = f"SUM({context.rating_column.is_rated})" if context.rating_column.name else "0"
    rows = context.db.rows(
        f"SELECT m.ticket, COUNT(*) AS messages, SUM(u.level >= {DEPARTMENT_LEVEL}) AS staff, {rated} AS rated,"
        f" EXISTS(SELECT 1 FROM ticket2user a WHERE a.ticket = m.ticket) AS open FROM ticket_message m"
        f" LEFT JOIN user u ON u.id = m.user WHERE m.ticket IN ({marks}) GROUP BY m.ticket",
        *tickets,
    )
    notes = _notes(context, [int(row["ticket"]) for row in rows])
    found = sum((_of_ticket(row, notes.get(int(row["ticket"]), 0)) for row in rows), Cost())
    return found + Cost(calls=_new_clients(context, [int(row["ticket"]) for row in rows]))


def _of_ticket(row: Row, notes: int) -> Cost:
    messages, staff, rated = int(row["messages"]), int(row["staff"] or 0), int(row["rated"] or 0)
    ended = not row["open"] and messages > 1  # one message goes over with its case's status
    echo = 1 if staff else 0  # Omnidesk rings for replies of staff, ours too; the case is then read once
    return Cost(1, messages, notes, messages + notes + rated + ended + echo)


def _notes(context: Context, tickets: list[int]) -> dict[int, int]:
    if not tickets or not context.settings.sync_notes:
        return {}
    marks = ", ".join(["%s"] * len(tickets))
    sql = f"SELECT ticket, COUNT(*) AS n FROM ticket_note WHERE ticket IN ({marks}) GROUP BY ticket"
    return {int(row["ticket"]): int(row["n"]) for row in context.db.rows(sql, *tickets)}


def _new_clients(context: Context, tickets: list[int]) -> int:
    """Clients whose user-level fields will be sent, one call each."""
    if not tickets or not context.field_links.current():
        return 0
    marks = ", ".join(["%s"] * len(tickets))
    row = context.db.row(
        "SELECT COUNT(DISTINCT t.account_client) AS n FROM ticket t JOIN user u ON u.account = t.account_client"
        f" LEFT JOIN {USERS} k ON k.user = u.id WHERE t.id IN ({marks}) AND u.level < {EMPLOYEE_LEVEL - 1}"
        " AND k.user IS NULL",
        *tickets,
    )
    return int(row["n"]) if row else 0
