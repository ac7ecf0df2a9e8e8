"""What is due, failed or set aside, a page at a time, worst first.

Four groups follow each other: tickets set aside, tickets of which only a message was refused, tickets that failed and
will be tried again, tickets that wait for their turn. Each is read by an index in its own order, so a page costs the
rows it shows and those before it in the index, however many tickets are linked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from omnidesk.billmanager.subjects import SUBJECT, with_subject
from omnidesk.core.database import Database, Row
from omnidesk.core.phrase import Phrase, load
from omnidesk.core.tables import MESSAGES, TICKETS
from omnidesk.store.models import reason
from omnidesk.store.queue import FAR
from omnidesk.store.schema import ABOUT

STATES = ("now", "later", "running", "aside", "refused")
MOST_REFUSED = 500  # refused messages looked at for one page
_COLUMNS = (
    "q.ticket, q.case_number, q.due_at, q.due_reason, q.wait_since, q.attempts, q.error_type, q.error_params,"
    f" q.error_text, q.error_at, q.set_aside, {SUBJECT}"
)
_WORST = ("attempts DESC", "due_at DESC", "ticket DESC")
_NEXT = ("due_at", "ticket")
_ALONE = (  # refused messages of tickets that are in none of the other groups
    f"{MESSAGES} m LEFT JOIN {TICKETS} o ON o.ticket = m.ticket AND (o.due_at IS NOT NULL OR o.set_aside = 1)"
)


@dataclass(frozen=True)
class Word:
    """A word of a reason: it may be in the text of a failure (one of these ``types``) or of why a ticket is due (these
    ``reasons``), or in what is put into it.
    """

    text: str
    types: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    def condition(self, table: str = "") -> tuple[str, tuple[str, ...]]:
        written = json.dumps(self.text, ensure_ascii=False)[1:-1]  # as the parameters of an error are stored
        parts = [f"{table}error_params LIKE %s", f"{table}error_text LIKE %s"]
        if self.types:
            parts.append(f"{table}error_type IN ({', '.join(['%s'] * len(self.types))})")
        reasons = () if table else self.reasons
        if reasons:
            parts.append(f"(error_type = '' AND due_reason IN ({', '.join(['%s'] * len(reasons))}))")
        return f"({' OR '.join(parts)})", (_like(written), _like(self.text), *self.types, *reasons)


def _like(text: str) -> str:
    """A pattern of LIKE for what holds ``text``, with the backslash that is its escape by default."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"


@dataclass(frozen=True)
class Wanted:
    """A filter: one of :data:`STATES`, a ticket, and words that the reason has, each empty for any."""

    state: str = ""
    ticket: int = 0
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class NotTaken:
    """A message the other side does not take."""

    message: int
    why: Phrase | None
    tries: int


@dataclass(frozen=True)
class Entry:
    """One ticket of the list. Times are Unix seconds, 0 for none; ``refused_only``: nothing else is to be done."""

    ticket: int
    subject: str
    case_number: str
    due_at: float = 0.0
    reason: Phrase | None = None
    wait_since: float = 0.0
    attempts: int = 0
    error: Phrase | None = None
    error_at: float = 0.0
    set_aside: bool = False
    refused_only: bool = False
    refused: tuple[NotTaken, ...] = ()


@dataclass(frozen=True)
class Counters:
    """How many tickets are due now, wait for their next try, and are set aside; how many messages are refused."""

    now: int = 0
    later: int = 0
    aside: int = 0
    refused: int = 0


@dataclass(frozen=True)
class _Group:
    condition: str
    values: tuple[Any, ...]
    order: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """Rows ``first`` and following of ``total``."""

    entries: list[Entry] = field(default_factory=list)
    total: int = 0
    number: int = 1


class Rows:
    """The list as of ``now``, Unix seconds."""

    def __init__(self, db: Database, now: float) -> None:
        self.db = db
        self.now = now

    def counters(self) -> Counters:
        due = "set_aside = 0 AND due_at IS NOT NULL"
        later = "set_aside = 0 AND due_at > %s AND due_at <= %s"
        waiting = self._count(TICKETS, later, (self.now, self.now + FAR))
        return Counters(
            now=self._count(TICKETS, due, ()) - waiting,
            later=waiting,
            aside=self._count(TICKETS, "set_aside = 1", ()),
            refused=self._count(MESSAGES, "state = 'refused'", ()),
        )

    def page(self, wanted: Wanted, running: set[int], number: int, size: int) -> Page:
        """The page of this number (the last one when there are fewer), ``size`` rows each."""
        groups = self._groups(wanted, running)
        counts = [self._count_of(one) for one in groups]
        total = sum(counts)
        number = min(number, max(1, -(-total // size)))
        skip, left = (number - 1) * size, size
        found: list[Entry] = []
        for group, count in zip(groups, counts, strict=True):
            if left and skip < count:
                read = self._read(group, skip, left)
                found += read
                left -= len(read)
            skip = max(0, skip - count)
        return Page(self._with_refused(found), total, number)

    # The groups

    def _groups(self, wanted: Wanted, running: set[int]) -> list[_Group | None]:
        """``None`` is the group of refused messages, whose table is another one."""
        self._wanted = wanted
        aside, failed = "set_aside = 1", "set_aside = 0 AND attempts > 0 AND due_at IS NOT NULL"
        fresh = "set_aside = 0 AND attempts = 0 AND due_at IS NOT NULL"
        if wanted.state == "running":
            numbers = sorted(running)
            marks = ", ".join(["%s"] * len(numbers)) or "NULL"
            return [self._group(f"ticket IN ({marks})", tuple(numbers), _NEXT)]
        if wanted.state == "aside":
            return [self._group(aside, (), _WORST)]
        if wanted.state == "refused":
            return [None]
        limits: tuple[Any, ...] = (self.now, self.now + FAR)
        if wanted.state in ("now", "later"):
            when = (
                " AND (due_at <= %s OR due_at > %s)" if wanted.state == "now" else " AND due_at > %s AND due_at <= %s"
            )
            return [self._group(failed + when, limits, _WORST), self._group(fresh + when, limits, _NEXT)]
        return [
            self._group(aside, (), _WORST),
            None,
            self._group(failed, (), _WORST),
            self._group(fresh, (), _NEXT),
        ]

    def _group(self, condition: str, values: tuple[Any, ...], order: tuple[str, ...]) -> _Group:
        wanted = self._wanted
        if wanted.ticket:
            condition, values = f"{condition} AND ticket = %s", (*values, wanted.ticket)
        for word in wanted.words:
            text, given = word.condition()
            condition, values = f"{condition} AND {text}", (*values, *given)
        return _Group(condition, values, order)

    def _refused_condition(self) -> tuple[str, tuple[Any, ...]]:
        wanted = self._wanted
        condition, values = "m.state = 'refused'", tuple[Any, ...]()
        if wanted.state != "refused":
            condition += " AND o.ticket IS NULL"
        if wanted.ticket:
            condition, values = f"{condition} AND m.ticket = %s", (wanted.ticket,)
        for word in wanted.words:
            text, given = word.condition("m.")
            condition, values = f"{condition} AND {text}", (*values, *given)
        return condition, values

    # Reading

    def _count(self, table: str, condition: str, values: Sequence[Any]) -> int:
        row = self.db.row(f"SELECT COUNT(*) AS n FROM {table} WHERE {condition}", *values)
        return int(row["n"]) if row else 0

    def _count_of(self, group: _Group | None) -> int:
        if group is not None:
            return self._count(TICKETS, group.condition, group.values)
        condition, values = self._refused_condition()
        row = self.db.row(f"SELECT COUNT(DISTINCT m.ticket) AS n FROM {_ALONE} WHERE {condition}", *values)
        return int(row["n"]) if row else 0

    def _read(self, group: _Group | None, skip: int, size: int) -> list[Entry]:
        if group is None:
            condition, values = self._refused_condition()
            inner = (
                f"SELECT m.ticket, MIN(m.id) AS first FROM {_ALONE} WHERE {condition}"
                " GROUP BY m.ticket ORDER BY first LIMIT %s OFFSET %s"
            )
            outer, values = "p.first", (*values, size, skip)
        else:
            order = ", ".join(group.order)
            inner = f"SELECT ticket FROM {TICKETS} WHERE {group.condition} ORDER BY {order} LIMIT %s OFFSET %s"
            outer, values = ", ".join(f"q.{one}" for one in group.order), (*group.values, size, skip)
        rows = self.db.rows(
            f"SELECT p.ticket AS number, {_COLUMNS} FROM ({inner}) p LEFT JOIN {TICKETS} q ON q.ticket = p.ticket"
            f" {with_subject('p.ticket')} ORDER BY {outer}",
            *values,
        )
        return [_entry(row) for row in rows]

    def _with_refused(self, entries: list[Entry]) -> list[Entry]:
        """The same with their refused messages, the oldest first."""
        if not entries:
            return entries
        marks = ", ".join(["%s"] * len(entries))
        found: dict[int, list[NotTaken]] = {}
        for row in self.db.rows(
            f"SELECT ticket, {ABOUT} AS message, error_type, error_params, error_text, tries"
            f" FROM {MESSAGES} WHERE ticket IN ({marks}) AND state = 'refused' ORDER BY id LIMIT %s",
            *(one.ticket for one in entries), MOST_REFUSED,
        ):  # fmt: skip
            refused = NotTaken(int(row["message"]), _error(row), int(row["tries"]))
            found.setdefault(int(row["ticket"]), []).append(refused)
        return [_with(one, tuple(found.get(one.ticket, ()))) for one in entries]


def _with(entry: Entry, refused: tuple[NotTaken, ...]) -> Entry:
    only = bool(refused) and not entry.due_at and not entry.set_aside
    return replace(entry, refused=refused, refused_only=only)


def _error(row: Row) -> Phrase | None:
    return load(row["error_type"] or "", row["error_params"], row["error_text"])


def _entry(row: Row) -> Entry:
    return Entry(
        ticket=int(row["number"]),
        subject=str(row["subject"] or ""),
        case_number=row["case_number"] or "",
        due_at=float(row["due_at"] or 0),
        reason=reason(row["due_reason"]) if row["due_reason"] else None,
        wait_since=float(row["wait_since"] or 0),
        attempts=int(row["attempts"] or 0),
        error=_error(row),
        error_at=float(row["error_at"] or 0),
        set_aside=bool(row["set_aside"]),
    )
