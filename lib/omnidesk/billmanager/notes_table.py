"""Internal notes are optional: where their table is missing or has other columns, everything else is synchronised."""

from __future__ import annotations

from omnidesk.core.database import Database

TABLE = "ticket_note"
COLUMNS = ("id", "ticket", "user", "note", "date_post")


def readable(db: Database) -> bool:
    """Whether the panel's notes can be read."""
    return db.has(TABLE, *COLUMNS)
