"""How much a ticket's conversation holds: for a view of its newest part, and for a look at what replies became."""

from __future__ import annotations

from collections.abc import Sequence

from omnidesk.billmanager.row_identity import TABLES
from omnidesk.core.database import Database
from omnidesk.core.tables import MESSAGES


def newest_begin(db: Database, ticket: int, kind: str, newest: int) -> int:
    """The last message or note (``kind``) of a ticket that is not among the ``newest`` ones; 0 when all are."""
    row = db.row(f"SELECT id FROM {TABLES[kind]} WHERE ticket = %s ORDER BY id DESC LIMIT 1 OFFSET {newest}", ticket)
    return int(row["id"]) if row else 0


def count_up_to(db: Database, ticket: int, kind: str, last: int) -> int:
    """How many messages or notes (``kind``) a ticket has up to this one."""
    count = db.row(f"SELECT COUNT(*) AS n FROM {TABLES[kind]} WHERE ticket = %s AND id <= %s", ticket, last)
    return int(count["n"]) if count else 0


def file_counts(db: Database, messages: Sequence[int]) -> dict[int, int]:
    """How many files these messages have; one without is left out."""
    marks = ", ".join(["%s"] * len(messages))
    rows = db.rows(
        f"SELECT ticket_message AS id, COUNT(*) AS n FROM ticket_message_attach WHERE ticket_message IN ({marks})"
        " GROUP BY ticket_message",
        *messages,
    )
    return {int(row["id"]): int(row["n"]) for row in rows}


def ends_of_replies(db: Database, characters: int, limit: int) -> list[str]:
    """The ends of the texts that the newest replies from Omnidesk became, the newest first."""
    rows = db.rows(
        f"SELECT RIGHT(m.message, {characters}) AS text FROM {MESSAGES} l JOIN ticket_message m"
        " ON m.id = l.ticket_message"
        " WHERE l.direction = 'in' AND l.kind = 'message' AND l.state = 'done' ORDER BY l.id DESC LIMIT %s",
        limit,
    )
    return [row["text"] or "" for row in rows]
