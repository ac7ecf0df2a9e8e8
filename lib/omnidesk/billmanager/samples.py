"""The newest ticket and client, and what they are called: what an administrator's statement is tried on."""

from __future__ import annotations

from omnidesk.core.database import Database


def newest_ticket(db: Database) -> int:
    """The highest number of a ticket; 0 when there is none."""
    row = db.row("SELECT MAX(id) AS id FROM ticket")
    return int(row["id"] or 0) if row else 0


def newest_client(db: Database) -> int:
    """The highest number of a client's user; 0 when there is none."""
    row = db.row("SELECT id FROM user WHERE level = 16 ORDER BY id DESC LIMIT 1")
    return int(row["id"]) if row else 0


def subject(db: Database, ticket: int) -> str | None:
    """A ticket's subject; None when there is no such ticket."""
    row = db.row("SELECT name AS who FROM ticket WHERE id = %s", ticket)
    return str(row["who"] or "") if row else None


def client_name(db: Database, user: int) -> str | None:
    """The real name of a client's user, else the login; None when there is no such user."""
    row = db.row("SELECT COALESCE(NULLIF(realname, ''), name) AS who FROM user WHERE id = %s AND level < 28", user)
    return str(row["who"] or "") if row else None
