"""Lines that the panel itself writes into a conversation (seen in a client area; how they are stored is not public)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.billmanager.core import PanelCore

ARCHIVED = "Запрос перемещён в архив"
RETURNED = "Запрос возвращён из архива"
EXPIRED = "Запрос автоматически перемещён в архив"
SPLIT = "Запрос разделён, новое обсуждение в запросе {ticket}"
CONTINUED = "Предыдущее обсуждение в запросе {ticket}"
Change = Callable[..., int]
Row = Callable[..., "dict[str, Any] | None"]


def write(panel: PanelCore, row: Row, change: Change, ticket: int, text: str, created: datetime | None = None) -> None:
    """Add a line to the conversation, if this panel stores any. ``row`` and ``change`` run a statement."""
    if panel.options.system_rows == "none":
        return
    author = _author(panel.options.system_rows, row, change, ticket)
    change("SET SESSION foreign_key_checks=0")  # a table that has zeros in it has no foreign key
    message = change(
        "INSERT INTO ticket_message (ticket, user, message, date_post) VALUES (%s, %s, %s, COALESCE(%s, NOW()))",
        ticket,
        author,
        text,
        created,
    )
    change("SET SESSION foreign_key_checks=1")
    if panel.schema.message_type:
        change("UPDATE ticket_message SET `type`='system' WHERE id=%s", message)
    panel.system_rows.add(message)


def _author(kind: str, row: Row, change: Change, ticket: int) -> int | None:
    """Who signs a line of the panel's."""
    if kind == "client":
        sql = "SELECT MIN(u.id) AS id FROM user u JOIN ticket t ON t.account_client=u.account WHERE t.id=%s"
        return int((row(sql, ticket) or {})["id"])
    return _service_user(row, change) if kind == "service" else 0 if kind == "zero" else None


def _service_user(row: Row, change: Change) -> int:
    found = row("SELECT id FROM user WHERE name='system'")
    if found is not None:
        return int(found["id"])
    return change("INSERT INTO user (name, realname, level) VALUES ('system', 'System', 30)")
