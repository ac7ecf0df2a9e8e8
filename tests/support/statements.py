"""What the module sends to a real server, and what the server reads for it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from omnidesk.core.database import Database, Row


@dataclass
class Recorder:
    """Every statement of a database, as it was sent, and how many seconds each took."""

    database: Database

    def __post_init__(self) -> None:
        self.statements: list[tuple[str, tuple[Any, ...]]] = []
        self.seconds: list[float] = []
        self._run = self.database._run
        self.database._run = self._recorded  # type: ignore[method-assign]

    def _recorded(self, sql: str, values: Any) -> tuple[list[Row], int, int]:
        self.statements.append((sql, tuple(values)))
        begin = time.perf_counter()
        try:
            return self._run(sql, values)
        finally:
            self.seconds.append(time.perf_counter() - begin)

    def stop(self) -> None:
        self.database._run = self._run  # type: ignore[method-assign]

    def shapes(self) -> dict[str, tuple[Any, ...]]:
        """Each different statement once, with the values of its last use."""
        kinds = ("SELECT", "UPDATE", "DELETE")
        return {sql: values for sql, values in self.statements if sql.lstrip().upper().startswith(kinds)}


def rows_read(database: Database) -> int:
    """Rows and index entries that the server has read for this connection so far."""
    return sum(int(row["Value"]) for row in database.rows("SHOW SESSION STATUS LIKE 'Handler_read%%'"))
