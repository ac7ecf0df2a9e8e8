"""What changed in BILLmanager, by index from cursors: whatever no event reported.

New messages, notes and assignments are found above a cursor that follows the tables' ends at a distance, because ids
are given out before their rows are committed: some minutes, and at least the newest few hundred rows. What was
announced already is known by its id. What leaves no new row (an archived ticket, a rating) is found by the audit.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from omnidesk.billmanager.changes import Cursor, NewRow
from omnidesk.context import Context
from omnidesk.core.logs import extinfo
from omnidesk.store.reused_rows import free
from omnidesk.sync import mass_change
from omnidesk.worker import audit

log = logging.getLogger("scan")
OVERLAP = 300.0
SPAN = 500  # newest rows that are always looked at again, however old: a transaction may take longer than the overlap
BATCH = 1000
SLICE = 500


def baseline(context: Context) -> bool:
    """Write down where the module begins: what is older is left alone until it is touched. True when it was written."""
    marks = context.state.get("scan_marks")
    if marks is not None:
        return False
    start = context.changes.ends()
    context.state.put_once("baseline", start.row())
    written = context.state.put_once("scan_marks", [start.row()])
    if written:
        log.info("baseline: messages up to %s and notes up to %s are history", start.message, start.note)
    return written


def scan(context: Context, *, allow_mass_change: bool = False) -> int:
    """Make tickets due whose rows are new or whose state differs from the one agreed; how many."""
    marks = _marks(context)
    now = context.changes.ends()
    start = _start(context, marks, now)
    made_due = _announce(context, "messages", context.changes.new_messages, start.message)
    if context.settings.sync_notes:
        made_due += _announce(context, "notes", context.changes.new_notes, start.note)
    made_due += _new_tickets(context, start.ticket, now.ticket)
    made_due += _reused(context, start)
    made_due += audit.compare(context, start.assignment, allowed=allow_mass_change)
    recent = [mark.row() for mark in marks if mark.at > now.at - 2 * OVERLAP or mark == _old(marks, now)]
    context.state.put("scan_marks", [*recent, now.row()][-200:])
    extinfo(log, "%s tickets made due", made_due)
    return made_due


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
    message, note = (_back(context, kind, found, now) for kind in ("message", "note"))
    back = Cursor(found.at, message, note, 0, found.ticket)
    if back != found:
        log.warning(
            "BILLmanager's tables end before the baseline: they were restored. The baseline is now message %s, note %s",
            back.message, back.note,
        )  # fmt: skip
        context.state.put("baseline", back.row())
    return back


def _back(context: Context, kind: str, found: Cursor, now: Cursor) -> int:
    """The end of the history of messages or notes (``kind``), which a table that was not restored still has."""
    known = int(getattr(found, kind))
    return known if getattr(now, kind) >= known else min(known, context.changes.last_before(kind, found.at, SPAN))


def _announce(context: Context, reason: str, read: Callable[[int, int], list[NewRow]], cursor: int) -> int:
    """Make tickets due for their rows above the cursor that have no link. Each row is announced once: a ticket that
    failed has its next try by itself, and is not to be tried at every scan."""
    name = f"announced:{reason}"
    known = set(context.state.get(name, []))
    found: set[int] = set()
    since: dict[int, float] = {}
    while True:
        rows = read(cursor, BATCH)
        found |= {row.id for row in rows}
        for row in rows:
            if row.id not in known:  # the first of a ticket has waited longest
                since.setdefault(row.ticket, _since(context, row))
        if len(rows) < BATCH:
            break
        cursor = rows[-1].id
    for ticket, at in since.items():
        context.queue.make_due(ticket, reason, since=at)
    if found != known:
        context.state.put(name, sorted(found))
    return len(since)


def _since(context: Context, row: NewRow) -> float:
    """When it was written. An old message of a ticket without a case is one that was found now (see the guard)."""
    if not row.written:
        return 0.0
    now = context.clock()
    return row.at if row.has_case or now - row.at <= mass_change.OLD else now


def _new_tickets(context: Context, after: int, last: int) -> int:
    """New tickets that no event reported: when a ticket is split, the new one gets messages with old numbers."""
    if last <= after:
        return 0
    tickets = context.changes.new_tickets(after, BATCH)
    for ticket in tickets:
        context.queue.make_due(ticket, "messages", since=context.clock())
    return len(tickets)


def _reused(context: Context, start: Cursor) -> int:
    """Tickets with rows below the cursor that have the number of another row, which was linked, or were moved from
    another ticket: such a row is new."""
    tickets: set[int] = set()
    for kind, cursor in (("message", start.message), ("system", start.message), ("note", start.note)):
        for row in context.changes.other_rows(kind, cursor - SLICE, cursor, BATCH):
            tickets.add(row.ticket)
            if not row.moved:
                free(context.db, row.kind, row.id)
    for ticket in sorted(tickets):
        context.queue.make_due(ticket, "messages", since=context.clock())
    return len(tickets)
