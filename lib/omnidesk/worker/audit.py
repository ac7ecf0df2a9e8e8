"""What leaves no new row in BILLmanager's tables: an ended or archived ticket, a rating. Found by comparing, in SQL.

Each state and the ratings have a walk of their own over the linked rows, a part with every scan, so that a walk is over
within an hour, ratings within most of a day, at any size. In an ordinary installation a part is all there is.
"""

from __future__ import annotations

import math

from omnidesk.billmanager import linked_rows
from omnidesk.context import Context
from omnidesk.sync import mass_change
from omnidesk.sync.counterparts import speakers

BATCH = 1000
LEAST = {"open": 2000, "waiting": 500, "closed": 500, "ratings": 500}  # rows of a part, however many there are
FIRST = 50_000  # rows of a part at most while it is not known how many there are
HOUR, DAY = 3000.0, 20 * 3600.0  # seconds a walk may take, some of them left for scans that fail
NEWEST = 500  # answers of staff whose ratings are looked at with every scan
WALKS = "audit"  # in the state table
_ROUTED = "routing_base"  # there: since when cases follow their tickets between departments
Change = tuple[str, str]  # a ticket's state as agreed, and as it is
_STATES = ("open", "waiting", "closed")
_ARCHIVED, _ASSIGNED = ("waiting", "closed"), ("", "open")


class Walks:
    """The walks over rows by their ids, remembered in the state table: where each goes on (``after``), the rows it has
    ``seen``, and the ``size`` of the one before, 0 at first."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._known: dict[str, dict[str, int]] = {
            name: walk
            for name, walk in context.state.get(WALKS, {}).items()
            if isinstance(walk, dict) and all(type(value) is int for value in walk.values())
        }
        age = context.state.age("scan_done")
        self._since = context.settings.poll_seconds if age is None or age < 0 else age

    def after(self, name: str) -> int:
        """The last row that was looked at; 0 at the begin."""
        return self._known.get(name, {}).get("after", 0)

    def part(self, name: str, seconds: float) -> int:
        """How many rows to look at with this scan, so that the walk takes no more than so many seconds."""
        walk, least = self._known.get(name, {}), LEAST[name]
        size = walk.get("size", 0)
        if not size:
            return min(max(least, walk.get("seen", 0)), FIRST)
        return max(least, math.ceil(size * min(1.0, self._since / seconds)))

    def went(self, name: str, count: int, last: int | None) -> None:
        """So many rows were looked at, up to ``last``; None: to the end."""
        walk = self._known.get(name, {})
        seen = walk.get("seen", 0) + count
        on = {"after": last, "seen": seen, "size": walk.get("size", 0)} if last is not None else {"size": max(seen, 1)}
        self._known = {**self._known, name: on}

    def save(self) -> None:
        """Remember them for the next scan."""
        self.context.state.put(WALKS, self._known)


def compare(context: Context, cursor: int, *, allowed: bool) -> int:
    """Make tickets due with another state or rating than the one that was agreed or sent; how many.

    ``cursor``: assignments up to this one are known; ``allowed``: also as many as the guard would hold back.
    """
    walks = Walks(context)
    found = _states(context, walks, cursor, allowed) + _ratings(context, walks)
    walks.save()
    return found


def _states(context: Context, walks: Walks, cursor: int, allowed: bool) -> int:
    """Tickets whose state differs from the one agreed, unless so many changed that the guard holds them back.

    What nobody had and is archived now is no matter for the guard: the panel does that by itself after a time, with as
    many tickets as there are.
    """
    changes = context.changes
    changed = dict.fromkeys(changes.new_assignments(cursor, BATCH), _ASSIGNED)
    parts = {agreed: (walks.after(agreed), walks.part(agreed, HOUR)) for agreed in _STATES}
    ends = changes.ends_of(parts)
    for agreed, (after, count) in parts.items():
        rows = changes.other_states(agreed, after, ends[agreed])
        changed |= {row.ticket: (agreed, row.state) for row in rows if row.state is not None}
        walks.went(agreed, count, ends[agreed])
    moved = _moved(context, parts["open"][0], ends["open"])
    whole = not parts["open"][0] and ends["open"] is None
    archived = {ticket for ticket, change in changed.items() if change == _ARCHIVED}
    others, looked_at = set(changed) - archived, 0 if whole else parts["open"][1]
    kept = mass_change.tickets(context, others, allowed=allowed, looked_at=looked_at) | archived
    for ticket in sorted(kept | moved):
        context.queue.make_due(ticket, "status")
    if context.settings.sync_assignee:
        for ticket in changes.other_holders(parts["open"][0], ends["open"], speakers(context)):
            context.queue.make_due(ticket, "assignee")  # which those that are due by now are not among
    if context.settings.sync_priority is not None and context.priority_column.name:
        for ticket in changes.other_priorities(context.priority_column, parts["open"][0], ends["open"]):
            context.queue.make_due(ticket, "priority")
    return len(kept | moved)


def _moved(context: Context, after: int, last: int | None) -> set[int]:
    """Open tickets in another department than was agreed, where cases follow their tickets."""
    if not context.routes.current().by_group:
        if context.state.get(_ROUTED):
            context.state.remove(_ROUTED)
        return set()
    if context.state.put_once(_ROUTED, 1):  # what was moved while there was no table stays where it is
        linked_rows.agree_places(context.db)
    return set(context.changes.other_departments(after, last))


def _ratings(context: Context, walks: Walks) -> int:
    """Tickets with a rating that was not sent: among the newest answers of staff, and a part of all."""
    column = context.rating_column
    if not column.name:
        return 0
    changes = context.changes
    after, count = walks.after("ratings"), walks.part("ratings", DAY)
    last = changes.end_of_answers(after, count)
    tickets = {*changes.other_ratings(column, max(context.links.last_message() - NEWEST, 0), None),
               *changes.other_ratings(column, after, last)}  # fmt: skip
    walks.went("ratings", count, last)
    for ticket in sorted(tickets):
        context.queue.make_due(ticket, "rating")
    return len(tickets)
