"""A ticket's conversation as the pages show it, and what lists tell of a ticket."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import defaultdict

from sandbox.billmanager import schema
from sandbox.billmanager.answer import add
from sandbox.billmanager.request import CLIENT, DEPARTMENT, Context

LAST_MESSAGE = "(SELECT MAX(m.date_post) FROM ticket_message m WHERE m.ticket=t.id)"
RESPONSIBLE = (
    "(SELECT GROUP_CONCAT(u.realname ORDER BY x.id SEPARATOR ', ') FROM ticket2user x JOIN user u ON u.id=x.user "
    "WHERE x.ticket=t.id)"
)


def ticket_state(status: int, client_read: str, assigned: bool, for_client: bool) -> str:
    """The state's name in lists: what the client sees, or what the staff see (documented, 4.2 of their manual)."""
    if status == schema.ARCHIVED:
        return "archived"
    if for_client and client_read == "off":
        return "unread"
    if assigned:
        return "progress"
    return "reviewed" if for_client else "waiting"


def add_conversation(context: Context, ticket: int, notes: bool) -> None:
    """Fill ``mlist/message`` and its ``rates`` (seen in integrations); files and ``note`` are the sandbox's own."""
    files = _files(context, ticket)
    conversation = ET.SubElement(context.doc, "mlist")
    for message in context.rows(
        "SELECT m.id, m.message, m.date_post, r.name AS rating, u.realname, u.level FROM ticket_message m "
        f"LEFT JOIN user u ON u.id=m.user LEFT JOIN {schema.RATINGS_TABLE} r ON r.ticket_message=m.id "
        "WHERE m.ticket=%s ORDER BY m.id",
        ticket,
    ):
        kind = "outcoming" if (message["level"] or CLIENT) >= DEPARTMENT else "incoming"
        node = ET.SubElement(conversation, "message", {"type": kind, "id": str(message["id"])})
        add(node, "date_post", message["date_post"])
        add(node, "user_realname", message["realname"])
        add(node, "body", message["message"])
        if message["rating"]:
            add(ET.SubElement(node, "rates"), "rate", name=message["rating"])
        for attachment, name in files[int(message["id"])]:
            add(node, "file", name, id=str(attachment))
    if notes:
        for note in context.rows(
            "SELECT n.id, n.note, n.date_post, u.realname FROM ticket_note n LEFT JOIN user u ON u.id=n.user "
            "WHERE n.ticket=%s ORDER BY n.id",
            ticket,
        ):
            node = ET.SubElement(conversation, "note", {"id": str(note["id"])})
            add(node, "date_post", note["date_post"])
            add(node, "user_realname", note["realname"])
            add(node, "body", note["note"])


def _files(context: Context, ticket: int) -> dict[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for row in context.rows(
        f"SELECT f.id, f.ticket_message, f.{schema.ATTACHMENT_NAME} AS name FROM ticket_message_attach f "
        "JOIN ticket_message m ON m.id=f.ticket_message WHERE m.ticket=%s ORDER BY f.id",
        ticket,
    ):
        found[int(row["ticket_message"])].append((int(row["id"]), row["name"] or ""))
    return found
