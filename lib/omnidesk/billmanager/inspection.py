"""What the panel's database is like: its catalogue and counts. No row of a person is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from omnidesk.core.database import Database, Row


@dataclass(frozen=True)
class Server:
    """The server's version, sql_mode, and which of the variables asked for it has."""

    version: str
    mode: str
    variables: frozenset[str]


@dataclass(frozen=True)
class Column:
    """A column's type and character set, as the catalogue writes them."""

    table: str
    name: str
    type: str
    charset: str = ""


@dataclass(frozen=True)
class Level:
    """How many users have a level, how many of them are enabled, and how many have a real name."""

    level: int
    users: int
    enabled: int
    named: int


@dataclass(frozen=True)
class Clock:
    """The time zones in use, the offset in minutes, and how many seconds old the newest message is (None: none)."""

    zone: str
    system_zone: str
    offset: int
    age: int | None


@dataclass(frozen=True)
class DeleteRule:
    """What becomes of a table's rows when those they refer to are deleted."""

    table: str
    refers_to: str
    rule: str


@dataclass(frozen=True)
class OtherTable:
    """A table with its comment and about how many rows."""

    name: str
    comment: str
    rows: object


class Inspection:
    """Asks the catalogue and counts."""

    def __init__(self, db: Database) -> None:
        self.db = db

    # The server and the catalogue

    def server(self, variables: Sequence[str]) -> Server:
        """The server; ``variables``: names to look for."""
        row = self.db.row("SELECT VERSION() AS version, @@sql_mode AS mode") or {}
        known = {
            str(one["Variable_name"]) for name in variables for one in self.db.rows("SHOW VARIABLES LIKE %s", name)
        }
        return Server(str(row.get("version")), str(row.get("mode")), frozenset(known))

    def columns(self, tables: Sequence[str]) -> list[Column]:
        """The columns of these tables, in order."""
        marks = ", ".join(["%s"] * len(tables))
        rows = self.db.rows(
            "SELECT table_name AS t, column_name AS c, column_type AS type, character_set_name AS charset"
            f" FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name IN ({marks})"
            " ORDER BY table_name, ordinal_position",
            *tables,
        )
        return [Column(str(row["t"]), str(row["c"]), str(row["type"]), str(row["charset"])) for row in rows]

    def indexed_by_ticket(self, tables: Sequence[str]) -> set[str]:
        """Which of these tables have an index that begins with the column ``ticket``."""
        marks = ", ".join(["%s"] * len(tables))
        rows = self.db.rows(
            "SELECT table_name AS t, index_name AS i, column_name AS c FROM information_schema.statistics"
            f" WHERE table_schema = DATABASE() AND table_name IN ({marks}) AND column_name = 'ticket'"
            " AND seq_in_index = 1",
            *tables,
        )
        return {str(row["t"]) for row in rows}

    def read_by_ticket(self, table: str) -> str:
        """How the server would read a ticket's rows of this table."""
        plan = self.db.row(f"EXPLAIN SELECT id FROM {table} WHERE ticket = 1") or {}
        return str(plan.get("type") or "const")

    def numbering(self, tables: Sequence[str]) -> list[str]:
        """Which of these tables number their rows by themselves."""
        marks = ", ".join(["%s"] * len(tables))
        rows = self.db.rows(
            "SELECT table_name AS t FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name IN"
            f" ({marks}) AND column_name = 'id' AND extra LIKE '%%auto_increment%%'",
            *tables,
        )
        return [str(row["t"]) for row in rows]

    def rating_candidates(self) -> list[Column]:
        """Columns whose names could be those of ratings."""
        rows = self.db.rows(
            "SELECT table_name AS t, column_name AS c, data_type AS kind FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND table_name NOT LIKE '%%2external%%' AND ("
            "(table_name LIKE 'ticket%%' AND column_name RLIKE 'rat|score|attit|star|mark|like|grade')"
            " OR column_name RLIKE 'rating|score|attitude') ORDER BY table_name LIKE 'ticket%%' DESC, table_name,"
            " column_name LIMIT 30"
        )
        return [Column(str(row["t"]), str(row["c"]), str(row["kind"])) for row in rows]

    def delete_rules(self) -> list[DeleteRule]:
        """The foreign keys of the tables of tickets."""
        rows = self.db.rows(
            "SELECT table_name AS t, referenced_table_name AS r, delete_rule AS rule FROM"
            " information_schema.referential_constraints WHERE constraint_schema = DATABASE()"
            " AND table_name LIKE 'ticket%%' ORDER BY table_name, referenced_table_name LIMIT 30"
        )
        return [DeleteRule(str(row["t"]), str(row["r"]), str(row["rule"])) for row in rows]

    def other_tables(self) -> list[OtherTable]:
        """Tables with names like those of this module and of the original one."""
        rows = self.db.rows(
            "SELECT table_name AS t, table_comment AS c, table_rows AS n FROM information_schema.tables"
            " WHERE table_schema = DATABASE() AND (table_name LIKE '%%2external%%' OR table_name LIKE '%%omni%%')"
            " ORDER BY table_name LIMIT 30"
        )
        return [OtherTable(str(row["t"]), str(row["c"] or ""), row["n"]) for row in rows]

    def names_of_columns(self, table: str) -> list[str]:
        """The first columns of a table, in order."""
        rows = self.db.rows(
            "SELECT column_name AS c FROM information_schema.columns WHERE table_schema = DATABASE()"
            " AND table_name = %s ORDER BY ordinal_position LIMIT 50",
            table,
        )
        return [str(row["c"]) for row in rows]

    def referring_to_messages(self) -> list[str]:
        """The tables with a column ``ticket_message``."""
        rows = self.db.rows(
            "SELECT table_name AS t FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name ="
            " %s",
            "ticket_message",
        )
        return [str(row["t"]) for row in rows]

    # Counts

    def statuses(self) -> dict[str, int]:
        """How many tickets have which status."""
        rows = self.db.rows("SELECT status, COUNT(*) AS n FROM ticket GROUP BY status ORDER BY n DESC LIMIT 20")
        return {str(int(row["status"])): int(row["n"]) for row in rows if row["status"] is not None}

    def values(self, column: str, most: int) -> list[tuple[object, int]]:
        """(value, how often it stands) in a column of ``ticket_message``, among the newest messages."""
        rows = self.db.rows(
            f"SELECT `{column}` AS v, COUNT(*) AS n FROM (SELECT `{column}` FROM ticket_message ORDER BY id DESC"
            f" LIMIT 100000) newest GROUP BY v ORDER BY v LIMIT {most}"
        )
        return [(row["v"], int(row["n"])) for row in rows]

    def levels(self) -> list[Level]:
        """The levels of users; those without one are left out."""
        rows = self.db.rows(
            "SELECT level, COUNT(*) AS n, SUM(enabled = 'on') AS enabled, SUM(realname IS NOT NULL AND realname <> '')"
            " AS named FROM user GROUP BY level ORDER BY level LIMIT 30"
        )
        return [_level(row) for row in rows if row["level"] is not None]

    def clock(self) -> Clock:
        """By which time zone the database writes, and how old its newest message seems to be."""
        row = self.db.row(
            "SELECT @@session.time_zone AS zone, @@system_time_zone AS system_zone,"
            " TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), NOW()) AS off,"
            " (SELECT TIMESTAMPDIFF(SECOND, date_post, NOW()) FROM ticket_message ORDER BY id DESC LIMIT 1) AS age"
        ) or {}  # fmt: skip
        age = row.get("age")
        return Clock(
            zone=str(row.get("zone")),
            system_zone=str(row.get("system_zone")),
            offset=int(row.get("off") or 0),
            age=None if age is None else int(age),
        )


def _level(row: Row) -> Level:
    return Level(int(row["level"]), int(row["n"]), int(row["enabled"] or 0), int(row["named"] or 0))
