"""What the module's own tables and folders say, read past the module."""

from __future__ import annotations

from typing import Any

from omnidesk.core.tables import TICKETS
from sandbox.world import World
from tests.judge.module_at_rest import left_over


class Links:
    """Reading only."""

    def __init__(self, world: World) -> None:
        self.world = world

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Rows of the panel's database."""
        return self.world.panel.query(sql, *values)

    def made(self) -> bool:
        """Whether the tables are there."""
        return bool(self.rows("SHOW TABLES LIKE %s", TICKETS))

    def next_due(self) -> float:
        """When the earliest ticket comes due; 0.0 when none does."""
        row = self.rows(f"SELECT MIN(due_at) AS at FROM {TICKETS} WHERE set_aside = 0")[0]
        return float(row["at"] or 0.0)

    def left_over(self) -> list[str]:
        """What is not finished, in words."""
        return left_over(self.world.panel)

    def spooled(self) -> list[str]:
        """Names of the records that wait."""
        folder = self.world.root / "var" / "omnidesk" / "spool"
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        return sorted(name for name in names if not name.startswith("."))
