"""What changed in BILLmanager, by index from cursors: whatever no doorbell told of.

New messages, notes and assignments are found above a cursor that follows the tables' ends at a distance, because ids
are given out before their rows are committed: some minutes, and at least the newest few hundred rows. What was
announced already is known by its id. What leaves no new row (an archived ticket, a rating) is found by an audit that
walks over the linked tickets, a slice a run.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from omnidesk.billmanager.models import status_of
from omnidesk.billmanager.reader import number
from omnidesk.billmanager.row_identity import moved, same
from omnidesk.context import Context
from omnidesk.core.database import Row
from omnidesk.core.logs import extinfo
from omnidesk.core.tables import MESSAGES, TICKETS
from omnidesk.store.reused_rows import TABLES, free
from omnidesk.sync import mass_change

log = logging.getLogger("scan")
OVERLAP = 300.0
SPAN = 500  # newest rows that are always looked at again, however old: a transaction may take longer than the overlap
BATCH = 1000
SLICE = 500
Change = tuple[str, str]  # a ticket's state as agreed, and as it is
_ARCHIVED, _ASSIGNED = ("waiting", "closed"), ("", "open")
# What the panel itself writes is nobody's message: nobody waits for it, and it is of interest in a case only.
_MESSAGES = (
    "SELECT n.id, n.ticket, UNIX_TIMESTAMP(n.date_post) AS at, k.external_case AS c, {written} AS written"
    " FROM ticket_message n"
    f" LEFT JOIN {MESSAGES} l ON l.kind IN ('message', 'system') AND l.ticket_message = n.id AND {same('n')}"
    f" LEFT JOIN {TICKETS} k ON k.ticket = n.ticket"
    " WHERE n.id > %s AND l.id IS NULL AND ({written} OR (k.external_case > 0 AND k.case_gone = ''))"
    " ORDER BY n.id LIMIT %s"
)
_NOTES = (
    "SELECT n.id, n.ticket, UNIX_TIMESTAMP(n.date_post) AS at, k.external_case AS c, 1 AS written FROM ticket_note n"
    f" LEFT JOIN {MESSAGES} l ON l.kind = 'note' AND l.ticket_message = n.id AND {same('n')}"
    f" JOIN {TICKETS} k ON k.ticket = n.ticket AND k.external_case > 0"
    " WHERE n.id > %s AND l.id IS NULL AND k.case_gone = '' ORDER BY n.id LIMIT %s"  # a note alone opens no new case
)


@dataclass(frozen=True)
class Cursor:
    """The highest ids at a moment of the database's clock."""

    at: float
    message: int
    note: int
    assignment: int
    ticket: int = -1  # not known in marks of earlier versions

    def row(self) -> list[float]:
        return [self.at, self.message, self.note, self.assignment, self.ticket]


def _highest(context: Context) -> Cursor:
    """Where the tables end now; MAX of a primary key reads one row."""
    tables = ("ticket_message", "ticket_note", "ticket2user", "ticket")
    ends = ", ".join(f"(SELECT MAX(id) FROM {table}) AS {table}_end" for table in tables)
    # Not NOW(): a local time is told twice in the night when summer time ends, and goes back an hour then.
    row = context.db.row(f"SELECT UNIX_TIMESTAMP() AS at, {ends}") or {}
    return Cursor(float(row.get("at") or 0), *(int(row.get(f"{table}_end") or 0) for table in tables))


def baseline(context: Context) -> bool:
    """Write down where the module begins: what is older is left alone until it is touched. True when it was written."""
    marks = context.state.get("scan_marks")
    if marks is not None:
        return False
    start = _highest(context)
    context.state.put_once("baseline", start.row())
    written = context.state.put_once("scan_marks", [start.row()])
    if written:
        log.info("baseline: messages up to %s and notes up to %s are history", start.message, start.note)
    return written


def scan(context: Context, *, allow_mass_change: bool = False) -> int:
    """Make tickets due whose rows are new or whose state differs from the one agreed; how many."""
    marks = _marks(context)
    now = _highest(context)
    start = _start(context, marks, now)
    messages = _MESSAGES.replace("{written}", context.reader.authors.written("n"))
    rung = _announce(context, "new messages", messages, start.message)
    if context.settings.sync_notes:
        rung += _announce(context, "new notes", _NOTES, start.note)
    rung += _new_tickets(context, start.ticket, now.ticket)
    rung += _reused(context, start)
    rung += _states(context, start.assignment, allow_mass_change)
    rung += _ratings(context)
    recent = [mark.row() for mark in marks if mark.at > now.at - 2 * OVERLAP or mark == _old(marks, now)]
    context.state.put("scan_marks", [*recent, now.row()][-200:])
    extinfo(log, "%s tickets made due", rung)
    return rung


def _marks(context: Context) -> list[Cursor]:
    """Where earlier scans found the ends of the tables; the baseline before the first scan."""
    found = context.state.get("scan_marks", [])
    if not found:
        baseline(context)
        found = context.state.get("scan_marks", [])
    return [Cursor(*mark) for mark in found]


def _old(marks: list[Cursor], now: Cursor) -> Cursor:
    """The newest mark that is older than the overlap, else the oldest there is.

    Every mark of the last minutes is kept beside it, so the start moves on as time does. A clock that was set back only
    makes the scan begin earlier.
    """
    old = [mark for mark in marks if mark.at <= now.at - OVERLAP]
    return old[-1] if old else marks[0]


def _start(context: Context, marks: list[Cursor], now: Cursor) -> Cursor:
    """Where this scan begins. A table that ends before the mark was restored, and is looked at from its end back."""
    first, mark = _first(context, marks, now), _old(marks, now)
    return Cursor(
        mark.at,
        max(first.message, min(mark.message, now.message - SPAN)),
        max(first.note, min(mark.note, now.note - SPAN)),
        max(0, min(mark.assignment, now.assignment - SPAN)),
        now.ticket if mark.ticket < 0 else min(mark.ticket, now.ticket),
    )


def _first(context: Context, marks: list[Cursor], now: Cursor) -> Cursor:
    """The baseline. In a database restored from before it, the ids given out since are below it: the dates tell."""
    known = context.state.get("baseline")
    if known is None:  # a version before this one wrote down the marks only
        known = marks[0].row()
        context.state.put("baseline", known)
    found = Cursor(*known)
    if now.message >= found.message and now.note >= found.note:
        return found
    message = min(found.message, _last_before(context, "ticket_message", found.at))
    note = min(found.note, _last_before(context, "ticket_note", found.at))
    back = Cursor(found.at, message, note, 0, found.ticket)
    if back != found:
        log.warning("BILLmanager's tables end before the baseline: they were restored. It is now message %s", message)
        context.state.put("baseline", back.row())
    return back


def _last_before(context: Context, table: str, at: float) -> int:
    """The newest row that was written before this time, among the newest ones."""
    row = context.db.row(
        f"SELECT MAX(id) AS id FROM (SELECT id, date_post FROM {table} ORDER BY id DESC LIMIT {SPAN}) r"
        " WHERE UNIX_TIMESTAMP(date_post) <= %s",
        at,
    )
    return int((row or {}).get("id") or 0)


def _announce(context: Context, reason: str, sql: str, cursor: int) -> int:
    """Make tickets due for their rows above the cursor that have no link. Each row is announced once: a ticket that
    failed has its next try by itself, and is not to be tried at every scan."""
    name = f"announced:{reason.removeprefix('new ')}"
    known = set(context.state.get(name, []))
    found: set[int] = set()
    since: dict[int, float] = {}
    while True:
        rows = context.db.rows(sql, cursor, BATCH)
        found |= {int(row["id"]) for row in rows}
        for row in rows:
            if int(row["id"]) not in known:  # the first of a ticket has waited longest
                since.setdefault(int(row["ticket"]), _since(context, row))
        if len(rows) < BATCH:
            break
        cursor = int(rows[-1]["id"])
    for ticket, at in since.items():
        context.queue.ring(ticket, reason, since=at)
    if found != known:
        context.state.put(name, sorted(found))
    return len(since)


def _since(context: Context, row: Row) -> float:
    """When it was written. An old message of a ticket without a case is one that was found now (see the guard)."""
    if not row["written"]:
        return 0.0
    at, now = float(row["at"] or 0), context.clock()
    return at if row["c"] or now - at <= mass_change.OLD else now


def _new_tickets(context: Context, after: int, last: int) -> int:
    """New tickets that nothing told of: when a ticket is split, the new one gets messages with old numbers."""
    if last <= after:
        return 0
    rows = context.db.rows(
        f"SELECT t.id FROM ticket t LEFT JOIN {TICKETS} k ON k.ticket = t.id WHERE t.id > %s AND k.ticket IS NULL"
        " AND EXISTS (SELECT 1 FROM ticket_message m WHERE m.ticket = t.id) ORDER BY t.id LIMIT %s",
        after, BATCH,
    )  # fmt: skip
    for ticket in [int(row["id"]) for row in rows]:
        context.queue.ring(ticket, "new messages", since=context.clock())
    return len(rows)


# States


def _states(context: Context, cursor: int, allowed: bool) -> int:
    """Tickets whose state differs from the one agreed, unless so many changed that the guard holds them back.

    What nobody had and is archived now is no matter for the guard: the panel does that by itself after a time, with as
    many tickets as there are.
    """
    changed = dict.fromkeys(_assignments(context, cursor), _ASSIGNED) | _audit(context)
    archived = {ticket for ticket, change in changed.items() if change == _ARCHIVED}
    kept = mass_change.tickets(context, set(changed) - archived, allowed=allowed) | archived
    for ticket in sorted(kept):
        context.queue.ring(ticket, "its state changed")
    return len(kept)


def _reused(context: Context, start: Cursor) -> int:
    """Tickets with rows below the cursor that have the number of another row, which was linked, or were moved from
    another ticket: such a row is new."""
    tickets: set[int] = set()
    for table, cursor in (("ticket_message", start.message), ("ticket_note", start.note)):
        kinds = [kind for kind, named in TABLES.items() if named == table]
        marks = ", ".join(["%s"] * len(kinds))
        rows = context.db.rows(
            f"SELECT m.id, m.ticket, l.kind, {moved('m')} AS moved FROM {table} m"
            f" JOIN {MESSAGES} l ON l.kind IN ({marks}) AND l.ticket_message = m.id AND NOT {same('m')}"
            " WHERE m.id > %s AND m.id <= %s LIMIT %s",
            *kinds, cursor - SLICE, cursor, BATCH,
        )  # fmt: skip
        for row in rows:
            tickets.add(int(row["ticket"]))
            if not row["moved"]:
                free(context.db, str(row["kind"]), int(row["id"]))
    for ticket in sorted(tickets):
        context.queue.ring(ticket, "new messages", since=context.clock())
    return len(tickets)


def _assignments(context: Context, cursor: int) -> set[int]:
    """Linked tickets that somebody got since, and that were not agreed to be open."""
    rows = context.db.rows(
        f"SELECT t.ticket FROM ticket2user t JOIN {TICKETS} k ON k.ticket = t.ticket"
        " WHERE t.id > %s AND k.external_case > 0 AND k.case_gone = '' AND k.due_at IS NULL"
        " AND k.ticket_status <> 'open' AND k.held = '' LIMIT %s",
        cursor, BATCH,
    )  # fmt: skip
    return {int(row["ticket"]) for row in rows}


def _audit(context: Context) -> dict[int, Change]:
    """Linked tickets whose state differs from the one agreed, and how: all open ones, and a slice of the others."""
    changed: dict[int, Change] = {}
    position: int | None = -1
    while position is not None:
        position = _slice(context, "open", position, changed)
    for status in ("waiting", "closed"):
        name = f"audit:{status}"
        last = _slice(context, status, int(context.state.get(name, -1)), changed)
        context.state.put(name, -1 if last is None else last)
    return changed


def _slice(context: Context, agreed: str, after: int, changed: dict[int, Change]) -> int | None:
    """Compare one slice; the last ticket looked at, None at the end."""
    rows = context.db.rows(
        "SELECT k.ticket, k.refused_status, t.status, t.id AS present,"
        " EXISTS(SELECT 1 FROM ticket2user a WHERE a.ticket = k.ticket) AS assigned"
        f" FROM {TICKETS} k LEFT JOIN ticket t ON t.id = k.ticket"
        " WHERE k.ticket_status = %s AND k.ticket > %s ORDER BY k.ticket LIMIT %s",
        agreed, after, SLICE,
    )  # fmt: skip
    states = {int(row["ticket"]): _state(row) for row in rows if row["present"] is not None}
    refused = {(int(row["ticket"]), str(row["refused_status"])) for row in rows}  # by Omnidesk, for the ticket's case
    due = {one for one, state in states.items() if state != agreed and (one, state) not in refused}
    if due:
        marks = ", ".join(["%s"] * len(due))
        idle = context.db.rows(
            f"SELECT ticket FROM {TICKETS} WHERE ticket IN ({marks}) AND due_at IS NULL AND set_aside = 0"
            " AND external_case > 0 AND case_gone = '' AND held = ''",
            *sorted(due),
        )
        changed.update({int(row["ticket"]): (agreed, states[int(row["ticket"])]) for row in idle})
    return int(rows[-1]["ticket"]) if len(rows) == SLICE else None


def _state(row: Row) -> str:
    return status_of(number(row["status"]), bool(row["assigned"]))


def _ratings(context: Context) -> int:
    """Tickets with a rating that was not sent: among the newest staff messages, and a slice of the older ones."""
    column = context.rating_column
    if not column.name:
        return 0
    top = context.db.row(f"SELECT MAX(id) AS id FROM {MESSAGES}")
    newest = max(int((top or {}).get("id") or 0) - SLICE, 0)
    position = int(context.state.get("audit:ratings", 0))
    tickets: set[int] = set()
    for after in {newest, position}:
        rows = context.db.rows(
            f"SELECT l.id, l.ticket, l.rating, {column.sql} AS raw FROM (SELECT id, ticket, ticket_message, rating"
            f" FROM {MESSAGES} WHERE staff = 1 AND id > %s ORDER BY id LIMIT %s) l"
            f" JOIN {TICKETS} k ON k.ticket = l.ticket"
            " LEFT JOIN ticket_message m ON m.id = l.ticket_message"
            " AND k.case_gone = ''",  # a rating waits until the ticket has a case again
            after, SLICE,
        )  # fmt: skip
        found = column.read({int(row["id"]): row["raw"] for row in rows})
        tickets |= {int(row["ticket"]) for row in rows if found.get(int(row["id"]), row["rating"]) != row["rating"]}
        if after == position:
            context.state.put("audit:ratings", int(rows[-1]["id"]) if len(rows) == SLICE else 0)
    for ticket in tickets:
        context.queue.ring(ticket, "a rating")
    return len(tickets)
