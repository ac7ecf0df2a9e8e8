"""Setting columns of the module's tables directly, where no transition of the store leads to the state wanted."""

from __future__ import annotations

from omnidesk.core.database import Database
from omnidesk.core.tables import MESSAGES, TICKETS


def set_ticket(db: Database, ticket: int, **columns: object) -> None:
    """Set columns of a ticket's row."""
    _set(db, TICKETS, "ticket", ticket, columns)


def set_message(db: Database, link: int, **columns: object) -> None:
    """Set columns of a message's link."""
    _set(db, MESSAGES, "id", link, columns)


def _set(db: Database, table: str, key: str, number: int, columns: dict[str, object]) -> None:
    sets = ", ".join(f"{name} = %s" for name in columns)
    db.write(f"UPDATE {table} SET {sets} WHERE {key} = %s", *columns.values(), number)
