"""What changed in BILLmanager, by index from cursors: whatever no doorbell told of.

New messages, notes and assignments are found above the highest id seen some minutes ago (ids are given out before they
are committed, so the seam is read again). What leaves no new row (an archived ticket, a rating) is found by an audit
that walks over the linked tickets, a slice a run.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from omnidesk.billing.objects import status_of
from omnidesk.context import Context
from omnidesk.db import Row
from omnidesk.guard import unlikely
from omnidesk.links.same import TABLES, free, same
from omnidesk.links.schema import MESSAGES, TICKETS
from omnidesk.logs import extinfo

log = logging.getLogger("scan")
OVERLAP = 300.0
BATCH = 1000
SLICE = 500


@dataclass(frozen=True)
class Cursor:
    """The highest ids at a moment of the database's clock."""

    at: float
    message: int
    note: int
    assignment: int

    def row(self) -> list[float]:
        return [self.at, self.message, self.note, self.assignment]


def _highest(context: Context) -> Cursor:
    """Where the tables end now; MAX of a primary key reads one row."""
    ids = [
        int((context.db.row(f"SELECT MAX(id) AS id FROM {table}") or {}).get("id") or 0)
        for table in ("ticket_message", "ticket_note", "ticket2user")
    ]
    return Cursor(context.reader.now(), *ids)


def baseline(context: Context) -> bool:
    """Write down where the module begins: what is older is left alone until it is touched. True when it was written."""
    if context.state.get("scan_marks") is not None:
        return False
    start = _highest(context)
    written = context.state.put_once("scan_marks", [start.row()])
    if written:
        log.info("baseline: messages up to %s and notes up to %s are history", start.message, start.note)
    return written


def scan(context: Context, *, allow_mass_change: bool = False) -> int:
    """Make tickets due whose rows are new or whose state differs from the one agreed; how many."""
    baseline(context)
    marks = [Cursor(*mark) for mark in context.state.get("scan_marks", [])]
    now = _highest(context)
    start = _start(marks, now)
    rung = _messages(context, start.message)
    rung += _notes(context, start.note)
    rung += _reused(context, start)
    changed = _assignments(context, start.assignment) | _audit(context)
    if not unlikely(context, len(changed), "tickets", allowed=allow_mass_change):
        for ticket in sorted(changed):
            context.queue.ring(ticket, "its state changed")
        rung += len(changed)
    rung += _ratings(context)
    recent = [mark.row() for mark in marks if mark.at > now.at - 2 * OVERLAP or mark == start]
    context.state.put("scan_marks", [*recent, now.row()][-200:])
    extinfo(log, "%s tickets made due", rung)
    return rung


def _start(marks: list[Cursor], now: Cursor) -> Cursor:
    """The newest mark that is older than the overlap, else the oldest there is.

    Every mark of the last minutes is kept beside it, so the start moves on as time does. A clock that was set back only
    makes the scan begin earlier.
    """
    old = [mark for mark in marks if mark.at <= now.at - OVERLAP]
    return old[-1] if old else marks[0]


def _messages(context: Context, cursor: int) -> int:
    """Tickets with messages above the cursor that have no link; each message is announced once."""
    rung = 0
    while True:
        rows = context.db.rows(
            "SELECT m.id, m.ticket, UNIX_TIMESTAMP(m.date_post) AS at, u.level, k.seen_message"
            " FROM ticket_message m LEFT JOIN user u ON u.id = m.user"
            f" LEFT JOIN {MESSAGES} l ON l.kind = 'message' AND l.ticket_message = m.id AND {same('m')}"
            f" LEFT JOIN {TICKETS} k ON k.ticket = m.ticket"
            " WHERE m.id > %s AND l.id IS NULL ORDER BY m.id LIMIT %s",
            cursor, BATCH,
        )  # fmt: skip
        newest: dict[int, Row] = {}
        for row in rows:
            newest.setdefault(int(row["ticket"]), row)  # the first of a ticket: its client has waited longest
        highest = {int(row["ticket"]): int(row["id"]) for row in rows}
        for ticket, row in newest.items():
            if highest[ticket] > int(row["seen_message"] or 0):
                context.queue.ring(ticket, "new messages")
                context.links.set_ticket(ticket, seen_message=highest[ticket])
                if int(row["level"] or 0) < 28:
                    context.queue.waiting(ticket, float(row["at"] or 0))
                rung += 1
        if len(rows) < BATCH:
            return rung
        cursor = int(rows[-1]["id"])


def _notes(context: Context, cursor: int) -> int:
    if not context.settings.sync_notes:
        return 0
    rows = context.db.rows(
        "SELECT DISTINCT n.ticket FROM ticket_note n"
        f" LEFT JOIN {MESSAGES} l ON l.kind = 'note' AND l.ticket_message = n.id AND {same('n')}"
        f" JOIN {TICKETS} k ON k.ticket = n.ticket AND k.external_case > 0 AND k.attempts = 0 AND k.due_at IS NULL"
        " WHERE n.id > %s AND l.id IS NULL AND k.case_gone = '' LIMIT %s",  # a note alone opens no new case
        cursor, BATCH,
    )  # fmt: skip
    for row in rows:
        context.queue.ring(int(row["ticket"]), "new notes")
    return len(rows)


def _reused(context: Context, start: Cursor) -> int:
    """Tickets with rows below the cursor that have the number of another row, which was linked: such a row is new."""
    tickets: set[int] = set()
    for kind, cursor in (("message", start.message), ("note", start.note)):
        rows = context.db.rows(
            f"SELECT m.id, m.ticket FROM {TABLES[kind]} m"
            f" JOIN {MESSAGES} l ON l.kind = %s AND l.ticket_message = m.id AND NOT {same('m')}"
            " WHERE m.id > %s AND m.id <= %s LIMIT %s",
            kind, cursor - SLICE, cursor, BATCH,
        )  # fmt: skip
        for row in rows:
            tickets.add(int(row["ticket"]))
            free(context.db, kind, int(row["id"]))
    for ticket in sorted(tickets):
        context.queue.ring(ticket, "new messages")
    return len(tickets)


def _assignments(context: Context, cursor: int) -> set[int]:
    """Linked tickets that somebody got since, and that were not agreed to be open."""
    rows = context.db.rows(
        f"SELECT t.ticket FROM ticket2user t JOIN {TICKETS} k ON k.ticket = t.ticket"
        " WHERE t.id > %s AND k.external_case > 0 AND k.case_gone = '' AND k.due_at IS NULL"
        " AND k.ticket_status <> 'open' LIMIT %s",
        cursor, BATCH,
    )  # fmt: skip
    return {int(row["ticket"]) for row in rows}


def _audit(context: Context) -> set[int]:
    """Linked tickets whose state differs from the one agreed: all open ones, and a slice of the others."""
    changed: set[int] = set()
    position: int | None = -1
    while position is not None:
        position = _slice(context, "open", position, changed)
    for status in ("waiting", "closed"):
        name = f"audit:{status}"
        last = _slice(context, status, int(context.state.get(name, -1)), changed)
        context.state.put(name, -1 if last is None else last)
    return changed


def _slice(context: Context, agreed: str, after: int, changed: set[int]) -> int | None:
    """Compare one slice; the last ticket looked at, None at the end."""
    rows = context.db.rows(
        "SELECT k.ticket, t.status, t.id AS present,"
        " EXISTS(SELECT 1 FROM ticket2user a WHERE a.ticket = k.ticket) AS assigned"
        f" FROM {TICKETS} k LEFT JOIN ticket t ON t.id = k.ticket"
        " WHERE k.ticket_status = %s AND k.ticket > %s ORDER BY k.ticket LIMIT %s",
        agreed, after, SLICE,
    )  # fmt: skip
    due = {int(row["ticket"]) for row in rows if row["present"] is not None and _differs(row, agreed)}
    if due:
        marks = ", ".join(["%s"] * len(due))
        idle = context.db.rows(
            f"SELECT ticket FROM {TICKETS} WHERE ticket IN ({marks}) AND due_at IS NULL AND set_aside = 0"
            " AND external_case > 0 AND case_gone = ''",
            *sorted(due),
        )
        changed.update(int(row["ticket"]) for row in idle)
    return int(rows[-1]["ticket"]) if len(rows) == SLICE else None


def _differs(row: Row, agreed: str) -> bool:
    return status_of(int(row["status"] or 0), bool(row["assigned"])) != agreed


def _ratings(context: Context) -> int:
    """Tickets with a rating that was not sent: among the newest staff messages, and a slice of the older ones."""
    if not context.reader.rating_column:
        return 0
    rated = context.reader.rated()
    top = context.db.row(f"SELECT MAX(id) AS id FROM {MESSAGES}")
    newest = max(int((top or {}).get("id") or 0) - SLICE, 0)
    position = int(context.state.get("audit:ratings", 0))
    tickets: set[int] = set()
    for after in {newest, position}:
        rows = context.db.rows(
            "SELECT l.id, l.ticket, m.id AS differs FROM (SELECT id, ticket, ticket_message, rating"
            f" FROM {MESSAGES} WHERE staff = 1 AND id > %s ORDER BY id LIMIT %s) l"
            f" JOIN {TICKETS} k ON k.ticket = l.ticket"
            f" LEFT JOIN ticket_message m ON m.id = l.ticket_message AND {rated} > 0 AND {rated} <> l.rating"
            " AND k.case_gone = ''",  # a rating waits until the ticket has a case again
            after, SLICE,
        )  # fmt: skip
        tickets |= {int(row["ticket"]) for row in rows if row["differs"] is not None}
        if after == position:
            context.state.put("audit:ratings", int(rows[-1]["id"]) if len(rows) == SLICE else 0)
    for ticket in tickets:
        context.queue.ring(ticket, "a rating")
    return len(tickets)
