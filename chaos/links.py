"""What the module's own tables and folders say, read past the module."""

from __future__ import annotations

from typing import Any

from omnidesk.links.schema import MESSAGES, TICKETS
from sandbox.world import World


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

    def cases(self, ticket: int) -> list[int]:
        """Every case a ticket has had, oldest first."""
        found = self.rows(
            f"SELECT external_case AS c FROM {TICKETS} WHERE ticket = %s"
            f" UNION SELECT external_case FROM {MESSAGES} WHERE ticket = %s",
            ticket, ticket,
        )  # fmt: skip
        return sorted({int(row["c"]) for row in found if row["c"]})

    def next_due(self) -> float:
        """When the earliest ticket comes due; 0.0 when none does."""
        row = self.rows(f"SELECT MIN(due_at) AS at FROM {TICKETS} WHERE set_aside = 0")[0]
        return float(row["at"] or 0.0)

    def waiting(self) -> list[dict[str, Any]]:
        """Tickets that are not at rest."""
        return self.rows(
            f"SELECT ticket, due_at, due_reason, error_type, error_text, set_aside, intent_at, look_case, look_messages"
            f" FROM {TICKETS} WHERE intent_at IS NOT NULL OR due_at IS NOT NULL OR set_aside <> 0 OR look_case <> 0"
            " OR look_messages <> 0"
        )

    def unfinished(self) -> list[dict[str, Any]]:
        """Messages that are neither over there nor left on purpose."""
        return self.rows(f"SELECT * FROM {MESSAGES} WHERE state NOT IN ('done', 'skipped')")

    def spooled(self) -> list[str]:
        """Names of the records that wait."""
        folder = self.world.root / "var" / "omnidesk" / "spool"
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        return sorted(name for name in names if not name.startswith("."))
