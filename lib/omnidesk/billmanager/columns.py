"""A column of the panel's tables whose values are words or numbers, and these values as texts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from omnidesk.core.database import Row

NUMBERS = ("tinyint", "smallint", "mediumint", "int", "bigint", "bit", "decimal", "float", "double")
TEXTS = ("char", "varchar", "enum", "set", "tinytext", "text", "binary", "varbinary")
_WHOLE = re.compile(r"(?<=[0-9])\.0+$")  # what columns with decimals put behind a whole number


@dataclass(frozen=True)
class Column:
    """A column as the database describes it. ``default``: what stands in a row that nobody has rated."""

    name: str
    kind: str
    flag: bool = False
    default: str = ""
    declared: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Row) -> Column:
        kind, full = str(row["kind"]).lower(), as_text(row["full"])
        default = as_text(row["fallback"]).strip("'")
        if not default and row["nullable"] == "NO" and kind in NUMBERS:
            default = "0"
        declared = tuple(re.findall(r"'([^']*)'", full)) if kind in ("enum", "set") else ()
        return cls(str(row["name"]), kind, full in ("tinyint(1)", "bit(1)"), default, declared)

    def sql(self, row: str) -> str:
        """Its value in a row of this alias."""
        return f"{row}.`{self.name}` + 0" if self.kind == "bit" else f"{row}.`{self.name}`"


def as_text(value: object) -> str:
    """A value as a word or a number is written."""
    if isinstance(value, (bytes, bytearray)):
        value = value.decode("utf-8", "replace")
    return "" if value is None else _WHOLE.sub("", str(value).strip(" \t\r\n\0").lower())
