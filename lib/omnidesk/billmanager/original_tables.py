"""The link tables of the original module, which an administrator has renamed: their columns and what stands in them.

They are in the panel's database and refer to its tables. Which column means what is decided by
:mod:`omnidesk.migration.adopt_tables`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from omnidesk.billmanager.columns import as_text
from omnidesk.core.database import Database


@dataclass(frozen=True)
class Column:
    """A column of such a table. ``counted``: it numbers its rows by itself."""

    name: str
    type: str
    counted: bool


@dataclass(frozen=True)
class Pair:
    """A table's two columns that are read: ``here`` an id of the panel, ``there`` one of Omnidesk."""

    table: str
    here: str
    there: str


@dataclass(frozen=True)
class Values:
    """What stands in a column's first rows: how many values, how many of the form asked for, how many different ones,
    and how many are ids of the panel's table that was named."""

    count: int
    formed: int
    different: int
    known: int


class OriginalTables:
    """Reads them. All names of tables and columns come from the database itself, or were checked by the caller."""

    def __init__(self, db: Database) -> None:
        self.db = db

    # What they are

    def columns(self, table: str) -> list[Column]:
        """A table's columns in order; none when there is no such table."""
        rows = self.db.rows(
            "SELECT column_name AS name, data_type AS type, extra AS extra FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND table_name = %s ORDER BY ordinal_position",
            table,
        )
        return [
            Column(str(row["name"]), str(row["type"]).lower(), "auto_increment" in str(row["extra"]).lower())
            for row in rows
        ]

    def holds_rows(self, table: str) -> bool:
        """Whether a table has any row."""
        return self.db.row(f"SELECT 1 AS yes FROM `{table}` LIMIT 1") is not None

    def keys(self, table: str, refers_to: str) -> set[str]:
        """The columns whose foreign key leads to the ids of a table."""
        rows = self.db.rows(
            "SELECT column_name AS name FROM information_schema.key_column_usage WHERE table_schema = DATABASE()"
            " AND table_name = %s AND referenced_table_name = %s AND referenced_column_name = 'id'",
            table, refers_to,
        )  # fmt: skip
        return {str(row["name"]) for row in rows}

    def values(self, table: str, column: str, forms: Sequence[str], ids_of: str, limit: int) -> Values:
        """The first values of a column. ``forms``: regular expressions; ``ids_of``: a table of the panel or ""."""
        form = " OR ".join(f"s.v REGEXP '{one}'" for one in forms)
        known = f"LEFT JOIN `{ids_of}` r ON r.id = CAST(s.v AS UNSIGNED)" if ids_of else ""
        row = self.db.row(
            f"SELECT COUNT(*) AS n, SUM({form}) AS formed, COUNT(DISTINCT s.v) AS distinct_values,"
            f" {'SUM(r.id IS NOT NULL)' if ids_of else '0'} AS known FROM (SELECT `{column}` AS v"
            f" FROM `{table}` WHERE `{column}` IS NOT NULL LIMIT {limit}) s {known}"
        ) or {}  # fmt: skip
        count, formed, different, known_ids = (
            int(row.get(name) or 0) for name in ("n", "formed", "distinct_values", "known")
        )
        return Values(count, formed, different, known_ids)

    # What they say

    def pairs(self, pair: Pair, ids: Sequence[int]) -> Iterable[tuple[str, str]]:
        """Both columns of the rows with these ids of the panel as texts, whatever their types; "" for NULL."""
        marks = ", ".join(["%s"] * len(ids))
        sql = f"SELECT `{pair.here}` AS here, `{pair.there}` AS there FROM `{pair.table}`"
        for row in self.db.rows(f"{sql} WHERE `{pair.here}` IN ({marks})", *ids):
            yield as_text(row["here"]), as_text(row["there"])

    def tickets(self, pair: Pair, case: str) -> list[int]:
        """Tickets of BILLmanager, some at most, whose row has this case."""
        sql = (
            f"SELECT DISTINCT t.id FROM `{pair.table}` o JOIN ticket t ON t.id = o.`{pair.here}`"
            f" WHERE o.`{pair.there}` = %s LIMIT 10"
        )
        return [int(row["id"]) for row in self.db.rows(sql, case)]

    def named(self, pair: Pair, values: Sequence[str]) -> set[str]:
        """Which of these values of Omnidesk's column have a row."""
        marks = ", ".join(["%s"] * len(values))
        sql = f"SELECT DISTINCT `{pair.there}` AS there FROM `{pair.table}` WHERE `{pair.there}` IN ({marks})"
        return {as_text(row["there"]) for row in self.db.rows(sql, *values)}
