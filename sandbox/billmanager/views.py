"""What a test or the demo sees of the panel's tickets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.billmanager import schema
from sandbox.billmanager.core import PanelCore
from sandbox.billmanager.request import DEPARTMENT


@dataclass(frozen=True)
class Attachment:
    """A file of a message with its content."""

    id: int
    name: str
    content: bytes


@dataclass(frozen=True)
class Message:
    """One message; ``staff`` when an employee wrote it, ``system`` when the panel itself did.

    ``rating``: good, bad, a number of stars, or "".
    """

    id: int
    user: int | None
    author: str
    staff: bool
    text: str
    date: datetime
    rating: str
    files: tuple[Attachment, ...]
    system: bool = False


@dataclass(frozen=True)
class Note:
    """One internal note."""

    id: int
    user: int | None
    text: str
    date: datetime
    files: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class TicketState:
    """``state`` in Omnidesk's words: open (somebody has it), waiting (nobody), closed (archived)."""

    id: int
    name: str
    state: str
    assignees: tuple[int, ...]
    status: int
    responsible: int | None
    client_read: str


class Views(PanelCore):
    """Reading, past all rights and events."""

    def ticket_state(self, ticket: int) -> TicketState:
        """The ticket as it stands; LookupError when it was deleted."""
        rows = self.query("SELECT * FROM ticket WHERE id=%s", ticket)
        if not rows:
            raise LookupError(f"no ticket {ticket}")
        row = rows[0]
        users = self.query("SELECT user FROM ticket2user WHERE ticket=%s ORDER BY id", ticket)
        assignees = tuple(int(found["user"]) for found in users)
        state = "closed" if row["status"] == schema.ARCHIVED else "open" if assignees else "waiting"
        return TicketState(ticket, row["name"], state, assignees, row["status"], row["responsible"], row["client_read"])

    def tickets(self) -> list[int]:
        """The ids of all tickets."""
        return [int(row["id"]) for row in self.query("SELECT id FROM ticket ORDER BY id")]

    def messages(self, ticket: int) -> list[Message]:
        """The ticket's messages in the order they were stored."""
        rows = self.query(
            "SELECT m.id, m.user, m.message, m.date_post, r.name AS rating, u.realname, u.level "
            "FROM ticket_message m LEFT JOIN user u ON u.id=m.user "
            f"LEFT JOIN {schema.RATINGS_TABLE} r ON r.ticket_message=m.id WHERE m.ticket=%s ORDER BY m.id",
            ticket,
        )
        files = self._files(ticket)
        return [
            Message(
                row["id"],
                row["user"],
                row["realname"] or "",
                (row["level"] or 0) >= DEPARTMENT and row["id"] not in self.system_rows,
                row["message"],
                row["date_post"],
                row["rating"] or "",
                tuple(files.get(row["id"], ())),
                row["id"] in self.system_rows,
            )
            for row in rows
        ]

    def notes(self, ticket: int) -> list[Note]:
        """The ticket's internal notes in the order they were stored."""
        rows = self.query("SELECT id, user, note, date_post FROM ticket_note WHERE ticket=%s ORDER BY id", ticket)
        files = self._files_of_notes(ticket) if self.schema.note_files != "none" else {}
        return [
            Note(row["id"], row["user"], row["note"], row["date_post"], tuple(files.get(row["id"], ()))) for row in rows
        ]

    def _files_of_notes(self, ticket: int) -> dict[int, list[Attachment]]:
        table = "ticket_message_attach" if self.schema.note_files == "column" else "ticket_note_attach"
        found: dict[int, list[Attachment]] = {}
        for row in self.query(
            f"SELECT f.id, f.ticket_note, f.{schema.ATTACHMENT_NAME} AS name, f.{schema.ATTACHMENT_FILE} AS path "
            f"FROM {table} f JOIN ticket_note n ON n.id=f.ticket_note WHERE n.ticket=%s ORDER BY f.id",
            ticket,
        ):
            attachment = Attachment(row["id"], row["name"], (self.root / row["path"]).read_bytes())
            found.setdefault(row["ticket_note"], []).append(attachment)
        return found

    def _files(self, ticket: int) -> dict[int, list[Attachment]]:
        rows = self.query(
            f"SELECT f.id, f.ticket_message, f.{schema.ATTACHMENT_NAME} AS name, f.{schema.ATTACHMENT_FILE} AS path "
            "FROM ticket_message_attach f JOIN ticket_message m ON m.id=f.ticket_message WHERE m.ticket=%s "
            "ORDER BY f.id",
            ticket,
        )
        found: dict[int, list[Attachment]] = {}
        for row in rows:
            attachment = Attachment(row["id"], row["name"], (self.root / row["path"]).read_bytes())
            found.setdefault(row["ticket_message"], []).append(attachment)
        return found
