"""What leaves no new row in BILLmanager's tables: an ended or archived ticket, a rating. Found by comparing, in SQL.

Each state and the ratings have a walk of their own over the linked rows, a part with every scan, so that a walk is over
within an hour, ratings within most of a day, at any size. In an ordinary installation a part is all there is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from omnidesk.context import Context
from omnidesk.sync import mass_change

BATCH = 1000
LEAST = 2000  # rows of a part, however many there are
FIRST = 50_000  # rows of a part at most while it is not known how many there are
HOUR, DAY = 3000.0, 20 * 3600.0  # seconds a walk may take, some of them left for scans that fail
NEWEST = 500  # answers of staff whose ratings are looked at with every scan
Change = tuple[str, str]  # a ticket's state as agreed, and as it is
_ARCHIVED, _ASSIGNED = ("waiting", "closed"), ("", "open")


@dataclass
class Walk:
    """A walk over rows by their ids, remembered in the state table. ``size``: rows of the walk before, 0 at first."""

    context: Context
    name: str
    seconds: float

    def __post_init__(self) -> None:
        known = self.context.state.get(f"audit:{self.name}", None)
        at = known if isinstance(known, dict) else {}  # a version before this one kept the position only
        self.after, self.seen, self.size = int(at.get("after", 0)), int(at.get("seen", 0)), int(at.get("size", 0))

    def part(self) -> int:
        """How many rows to look at with this scan."""
        if not self.size:
            return min(max(LEAST, self.seen), FIRST)
        age = self.context.state.age("scan_done")
        since = self.context.settings.poll_seconds if age is None or age < 0 else age
        return max(LEAST, math.ceil(self.size * min(1.0, since / self.seconds)))

    def went(self, count: int, last: int | None) -> None:
        """So many rows were looked at, up to ``last``; None: to the end."""
        seen = self.seen + count
        now = {"after": last, "seen": seen, "size": self.size} if last is not None else {"size": max(seen, 1)}
        self.context.state.put(f"audit:{self.name}", now)


def states(context: Context, cursor: int, allowed: bool) -> int:
    """Make tickets due whose state differs from the one agreed, unless so many changed that the guard holds them back.

    What nobody had and is archived now is no matter for the guard: the panel does that by itself after a time, with as
    many tickets as there are.
    """
    changed = dict.fromkeys(context.changes.new_assignments(cursor, BATCH), _ASSIGNED)
    looked_at = 0
    for agreed in ("open", "waiting", "closed"):
        walk = Walk(context, agreed, HOUR)
        count = walk.part()
        rows, last = context.changes.other_states(agreed, walk.after, count)
        whole = last is None and not walk.after
        if agreed == "open":
            looked_at = 0 if whole else count
        walk.went(count, last)
        changed |= {row.ticket: (agreed, row.state) for row in rows if row.state is not None}
    archived = {ticket for ticket, change in changed.items() if change == _ARCHIVED}
    kept = mass_change.tickets(context, set(changed) - archived, allowed=allowed, looked_at=looked_at) | archived
    for ticket in sorted(kept):
        context.queue.make_due(ticket, "status")
    return len(kept)


def ratings(context: Context) -> int:
    """Make tickets due with a rating that was not sent: among the newest answers of staff, and a part of all."""
    column = context.rating_column
    if not column.name:
        return 0
    newest = max(context.links.last_message() - NEWEST, 0)
    tickets = set(context.changes.other_ratings(column, newest, NEWEST)[0])
    walk = Walk(context, "ratings", DAY)
    count = walk.part()
    found, last = context.changes.other_ratings(column, walk.after, count)
    walk.went(count, last)
    for ticket in sorted(tickets | set(found)):
        context.queue.make_due(ticket, "rating")
    return len(tickets | set(found))
