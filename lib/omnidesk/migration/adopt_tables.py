"""The original module's link tables, renamed by the administrator: which of their columns is which, and what they say.

Their names are documented, their columns are not (docs/unverified.md). So columns are found by foreign keys, by names
that such columns could have, and by what is in them; a doubt is an error that names the columns, and the option
``--columns`` settles it. Nothing is ever written there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from omnidesk.billmanager.original_tables import Column, OriginalTables, Pair
from omnidesk.core.database import Database
from omnidesk.core.errors import Misconfigured
from omnidesk.core.phrase import Phrase
from omnidesk.core.tables import MESSAGES, TICKETS, USERS

SUFFIX = "_original"
SAMPLE = 500  # rows whose values are looked at
MOST_ALIEN = 0.1  # of the values of a column that is known by its values only
MOST_ALIEN_NAMED = 0.5  # of one known by its name: tickets are deleted
_NAME = re.compile(r"[A-Za-z0-9_$]{1,64}")
_WHOLE = ("tinyint", "smallint", "mediumint", "int", "bigint", "decimal")
_TEXT = ("char", "varchar", "text", "tinytext", "mediumtext", "longtext")
CASE_NUMBER = r"^[0-9]{3}-[0-9]{6}$"  # (seen in public integrations)


@dataclass(frozen=True)
class Role:
    """What a column is to hold. ``table``: the panel's table whose ids it holds; "" for ids of Omnidesk.

    ``names``: what such a column could be called; ``else_names``: what it could be called when none of those is there.
    """

    name: str
    table: str
    names: tuple[str, ...]
    else_names: tuple[str, ...] = ()
    or_number: bool = False


@dataclass(frozen=True)
class Source:
    """A table and the two columns that are wanted of it."""

    table: str
    columns: tuple[Role, Role]


SOURCES = (
    Source(
        TICKETS,
        (
            Role("ticket", "ticket", ("ticket", "ticket_id", "ticketid", "internal_ticket", "local_ticket")),
            Role(
                "case",
                "",
                ("external_case", "external_case_id", "case_id", "caseid", "omnidesk_case", "omnidesk_case_id",
                 "external_id", "externalid", "external", "case"),
                ("case_number", "external_case_number", "number"),
                or_number=True,
            ),
        ),
    ),
    Source(
        MESSAGES,
        (
            Role("message", "ticket_message", ("ticket_message", "ticket_message_id", "internal_message",
                                               "local_message", "message")),
            Role(
                "external_message",
                "",
                ("external_case_message", "external_case_message_id", "external_message", "external_message_id",
                 "case_message", "case_message_id", "omnidesk_message", "external_id", "externalid", "external",
                 "message_id"),
            ),
        ),
    ),
    Source(
        USERS,
        (
            Role("user", "user", ("user", "user_id", "userid", "internal_user", "local_user")),
            Role("external_user", "", ("external_user", "external_user_id", "omnidesk_user", "omnidesk_user_id",
                                       "external_id", "externalid", "external")),
        ),
    ),
)  # fmt: skip
ROLES = tuple(role.name for source in SOURCES for role in source.columns)
NONE = "none"  # --columns message=none: that table is not used


@dataclass(frozen=True)
class Taken:
    """Two columns of a table that is there, and how each was known: named, key, name, or values."""

    table: str
    here: str
    there: str
    how: tuple[str, str]

    @property
    def pair(self) -> Pair:
        return Pair(self.table, self.here, self.there)


class Original:
    """What the original's tables say. ``suffix``: what they are called behind their names; ``named``: role -> column.

    Raises :class:`Misconfigured` ``original_tables`` when they were asked for (``wanted``) and are not there,
    ``original_columns`` when it is not clear which column is which.
    """

    def __init__(self, db: Database, suffix: str = "", named: str = "") -> None:
        self.tables = OriginalTables(db)
        self.taken: dict[str, Taken] = {}
        chosen = _chosen(named)
        suffix, wanted = suffix or SUFFIX, bool(suffix or named)
        if not _NAME.fullmatch(suffix):
            raise Misconfigured("bad_option", "--tables", suffix[:40])
        for source in SOURCES:
            found = self._source(source, f"{source.table}{suffix}", chosen)
            if found is not None:
                self.taken[source.table] = found
        if wanted and TICKETS not in self.taken:
            raise Misconfigured("original_tables", f"{TICKETS}{suffix}")

    # What they say

    def cases(self, tickets: Sequence[int]) -> dict[int, list[str]]:
        """The cases of tickets, as ids or numbers; a ticket may have had several."""
        found: dict[int, list[str]] = {}
        for ticket, case in self._pairs(TICKETS, tickets):
            if case not in found.setdefault(ticket, []):
                found[ticket].append(case)
        return found

    def tickets(self, case: str) -> list[int]:
        """The tickets that have this case there; more than one is a doubt."""
        return self.tables.tickets(self.taken[TICKETS].pair, case)

    def named(self, cases: Sequence[str]) -> set[str]:
        """Which of these cases (ids and numbers) have a row there."""
        taken = self.taken.get(TICKETS)
        if taken is None or not cases:
            return set()
        return self.tables.named(taken.pair, cases)

    def messages(self, ids: Sequence[int]) -> list[tuple[int, int]]:
        """(ticket message, Omnidesk message) of these ticket messages."""
        return [(one, int(other)) for one, other in self._pairs(MESSAGES, ids) if _is_id(other)]

    def externals(self, users: Sequence[int]) -> set[int]:
        """The Omnidesk users that these users are."""
        return {int(other) for _, other in self._pairs(USERS, users) if _is_id(other)}

    def _pairs(self, table: str, ids: Sequence[int]) -> Iterable[tuple[int, str]]:
        taken = self.taken.get(table)
        if taken is None:
            return
        for start in range(0, len(ids), SAMPLE):
            for here, there in self.tables.pairs(taken.pair, ids[start : start + SAMPLE]):
                if _is_id(here) and there not in ("", "0"):
                    yield int(here), there

    # Which column is which

    def _source(self, source: Source, table: str, chosen: dict[str, str]) -> Taken | None:
        if NONE in (chosen.get(role.name) for role in source.columns):
            return None
        columns = self.tables.columns(table)
        if not columns or not self.tables.holds_rows(table):
            return None
        here, there = source.columns
        first, how = self._column(table, columns, here, chosen.get(here.name, ""))
        rest = [one for one in columns if one.name != first]
        second, how_second = self._column(table, rest, there, chosen.get(there.name, ""))
        return Taken(table, first, second, (how, how_second))

    def _column(self, table: str, columns: list[Column], role: Role, chosen: str) -> tuple[str, str]:
        """(the column, how it was known)."""
        if chosen:
            if chosen not in (one.name for one in columns):
                raise self._doubt(table, columns, role, [])
            return chosen, "named"
        keys = self.tables.keys(table, role.table) if role.table else set()
        by_key = [one for one in columns if one.name in keys]
        if len(by_key) == 1:
            return by_key[0].name, "key"
        by_name = [one for one in columns if one.name.lower() in role.names]
        by_name = by_name or [one for one in columns if one.name.lower() in role.else_names]
        fitting = [one for one in by_name if self._fits(table, one, role, named=True)]
        if len(fitting) == 1:
            return fitting[0].name, "name"
        if not by_name:
            fitting = [one for one in columns if not one.counted and self._fits(table, one, role)]
            if len(fitting) == 1:
                return fitting[0].name, "values"
        raise self._doubt(table, columns, role, fitting)

    def _fits(self, table: str, column: Column, role: Role, named: bool = False) -> bool:
        """Whether a column's values can be what the role says."""
        if column.type not in (*_WHOLE, *_TEXT):
            return False
        patterns = ["^[0-9]{1,18}$", *([CASE_NUMBER] if role.or_number else [])]
        found = self.tables.values(table, column.name, patterns, role.table, SAMPLE)
        if not found.count or found.formed < found.count:
            return False
        if role.table:
            return found.known >= found.count * (1 - (MOST_ALIEN_NAMED if named else MOST_ALIEN))
        return named or found.different * 2 > found.count  # a state or a kind has few values

    def _doubt(self, table: str, columns: list[Column], role: Role, fitting: list[Column]) -> Misconfigured:
        there, could = ", ".join(one.name for one in columns)[:500], ", ".join(one.name for one in fitting) or "–"
        return Misconfigured(
            "original_columns",
            table,
            Phrase("adopt.could_be", role=role.name, could=could, there=there),
        )


def _chosen(named: str) -> dict[str, str]:
    """``ticket=a,case=b`` as a mapping."""
    found: dict[str, str] = {}
    for part in filter(None, (one.strip() for one in named.split(","))):
        role, equals, column = (one.strip() for one in part.partition("="))
        if not equals or role not in ROLES or not _NAME.fullmatch(column):
            raise Misconfigured("bad_option", "--columns", part[:80])
        found[role] = column
    return found


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18 and int(text) > 0
