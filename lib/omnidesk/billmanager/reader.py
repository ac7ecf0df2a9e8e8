"""Reading BILLmanager's tables. Only by index, only what is asked for, never a write.

Reading the form ``ticket.edit`` would clear the employee's unread mark (seen in public integrations), so tickets are
read by SQL; columns are those that public integrations and the panel's own logs show.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from omnidesk.billmanager import note_files, notes_table
from omnidesk.billmanager.authors import NOT_THERE, Authors
from omnidesk.billmanager.models import (
    Assignment,
    Origin,
    Person,
    Ticket,
    TicketFile,
    TicketMessage,
    TicketNote,
    status_of,
)
from omnidesk.billmanager.note_files import NoteFiles
from omnidesk.billmanager.row_identity import FINISHED, TABLES, moved_from, not_back, unlinked
from omnidesk.billmanager.users import PERSON, REGISTERED, Users, person_of
from omnidesk.billmanager.values import moment, number, words
from omnidesk.core.database import Database, Row
from omnidesk.core.errors import TryLater

log = logging.getLogger("panel")
BATCH = 200
W = TypeVar("W", TicketMessage, TicketNote)
# The client (u) is the user of the client's account who wrote first, else the account's first user (its primary one).
_ACCOUNT = "(SELECT COALESCE(c.account_client, 0) FROM ticket c WHERE c.id = %s)"
_TICKET = (
    "t.id, t.name, t.account_client, t.responsible, t.status, a.id AS a_id, a.user AS a_user, w.level AS a_level,"
    f"{PERSON} FROM ticket t LEFT JOIN ticket2user a ON a.ticket = t.id LEFT JOIN user w ON w.id = a.user"
    " LEFT JOIN user u ON u.id = COALESCE("
    "(SELECT m.user FROM ticket_message m JOIN user x ON x.id = m.user"
    f" WHERE m.ticket = %s AND x.account = {_ACCOUNT} AND x.level < 28 ORDER BY m.id LIMIT 1),"
    f" (SELECT MIN(y.id) FROM user y WHERE y.account = {_ACCOUNT} AND y.level < 28))"
    " WHERE t.id = %s ORDER BY a.id"
)
_KINDS = ("message", "system")  # of links that rows of ticket_message have
_MOVED_FROM = f"{moved_from('m', *_KINDS)} AS moved_from"
_NOTES = (
    f"SELECT n.id, n.ticket, n.user, n.note AS text, UNIX_TIMESTAMP(n.date_post) AS posted_at,{PERSON}"
    " FROM ticket_note n LEFT JOIN user u ON u.id = n.user"
)


class Reader(Users):
    """Tickets, messages, notes and people of BILLmanager."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.authors = Authors(db)

    def forget_people(self) -> None:
        """Ask for employees and authors again: a new pass begins."""
        super().forget_people()
        self.authors.forget()

    @cached_property
    def four_bytes(self) -> bool:
        """Whether ``ticket_message.message`` stores 4-byte characters (utf8mb4); emoji are named otherwise."""
        row = self.db.row(
            "SELECT character_set_name AS charset FROM information_schema.columns WHERE table_schema = DATABASE()"
            " AND table_name = 'ticket_message' AND column_name = 'message'"
        )
        return row is None or str(row["charset"]).lower() not in ("utf8", "utf8mb3", "ucs2")

    # Tickets

    def ticket(self, ticket: int) -> Ticket | None:
        """The ticket, or None when the table has no such row. A read that fails raises; it is never "no such row"."""
        registered = f"({REGISTERED.format('t.account_client')})" if self.dates_accounts else "NULL"
        rows = self.db.rows(f"SELECT {registered} AS registered, {_TICKET}", *[ticket] * 4)
        if not rows:
            return None
        row = rows[0]
        assignments = tuple(_assignment(one) for one in rows if one["a_id"] is not None)
        return Ticket(
            id=int(row["id"]),
            subject=words(row["name"]),
            account=number(row["account_client"]),
            status=status_of(number(row["status"]), bool(assignments)),
            client=replace(person_of(row), registered=str(row["registered"] or ""))
            if row["u_id"] is not None
            else None,
            responsible=number(row["responsible"]),
            assignments=assignments,
        )

    def highest_ticket(self) -> int:
        row = self.db.row("SELECT MAX(id) AS n FROM ticket")
        return number(row["n"]) if row else 0

    def tickets_after(self, mark: int, account: int) -> list[int]:
        """The numbers of a client's tickets above this one."""
        sql = "SELECT id FROM ticket WHERE id > %s AND account_client = %s ORDER BY id LIMIT 100"
        return [int(row["id"]) for row in self.db.rows(sql, mark, account)]

    def exists(self, ticket: int) -> bool:
        """Whether the table has a ticket of this number."""
        return self.db.row("SELECT id FROM ticket WHERE id = %s", ticket) is not None

    def readable(self) -> bool:
        """Whether the table of tickets is there and holds any: only then is a missing one really missing."""
        return self.db.row("SELECT id FROM ticket LIMIT 1") is not None

    def assignments(self, ticket: int) -> tuple[Assignment, ...]:
        """Who has the ticket now."""
        rows = self.db.rows(
            "SELECT a.id AS a_id, a.user AS a_user, w.level AS a_level FROM ticket2user a"
            " LEFT JOIN user w ON w.id = a.user WHERE a.ticket = %s ORDER BY a.id",
            ticket,
        )
        return tuple(map(_assignment, rows))

    def ticket_of_assignment(self, assignment: int) -> int:
        """The ticket of a ``ticket2user`` id; 0 when the row is gone (an answer that closes removes it)."""
        row = self.db.row("SELECT ticket FROM ticket2user WHERE id = %s", assignment)
        return number(row["ticket"]) if row else 0

    def ticket_of_message(self, message: int) -> int:
        """The ticket a message is in; 0 when there is no such message."""
        row = self.db.row("SELECT ticket FROM ticket_message WHERE id = %s", message)
        return number(row["ticket"]) if row else 0

    # Messages and notes

    def _messages(self, more: str = "0 AS moved_from") -> str:
        return (
            f"SELECT {more}, m.id, m.ticket, m.user, m.message AS text, UNIX_TIMESTAMP(m.date_post) AS posted_at,"
            f" {self.authors.columns()},{PERSON} FROM ticket_message m LEFT JOIN user u ON u.id = m.user"
        )

    def _read(self, rows: list[Row], files: dict[int, tuple[TicketFile, ...]]) -> list[TicketMessage]:
        people = [person_of(row) if row["u_id"] is not None else None for row in rows]
        authors = self.authors.of(rows, people, files)
        return [
            _ticket_message(row, author, origin, files.get(int(row["id"]), ()))
            for row, (author, origin) in zip(rows, authors, strict=True)
        ]

    def unlinked_messages(self, ticket: int, limit: int = BATCH) -> list[TicketMessage]:
        """The ticket's messages that have no finished link, oldest first."""
        rows = self.db.rows(
            f"{self._messages(_MOVED_FROM)} WHERE m.ticket = %s"
            f" AND {unlinked('m', *_KINDS, state=FINISHED)} AND {not_back('m', *_KINDS)}"
            " ORDER BY m.id LIMIT %s",
            ticket,
            limit,
        )
        return _growing(self._read(rows, self._files([int(row["id"]) for row in rows])))

    def waiting(self, ticket: int) -> TicketMessage | None:
        """The oldest message of a person that has no finished link."""
        return next((one for one in self.unlinked_messages(ticket) if one.by_person), None)

    def message(self, message: int) -> TicketMessage | None:
        """One message by its id."""
        rows = self.db.rows(f"{self._messages()} WHERE m.id = %s", message)
        return next(iter(self._read(rows, self._files([message]) if rows else {})), None)

    def newest_message(self, ticket: int) -> TicketMessage | None:
        """The last message that a person wrote in the ticket."""
        rows = self.db.rows(f"{self._messages()} WHERE m.ticket = %s ORDER BY m.id DESC LIMIT {BATCH}", ticket)
        return next((one for one in self._read(rows, {}) if one.by_person), None)

    def messages_after(self, ticket: int, mark: int) -> list[TicketMessage]:
        """Messages of a ticket with an id above ``mark``: where the result of a call is looked for."""
        sql = f"{self._messages()} WHERE m.ticket = %s AND m.id > %s ORDER BY m.id LIMIT 100"
        return self._read(self.db.rows(sql, ticket, mark), {})

    def elsewhere_after(self, ticket: int, mark: int) -> list[TicketMessage]:
        """Such messages of the client's other tickets: what a split has moved keeps its id."""
        sql = (
            f"{self._messages()} WHERE m.id > %s AND m.ticket IN (SELECT o.id FROM ticket o JOIN ticket t"
            " ON t.account_client = o.account_client WHERE t.id = %s AND o.id <> t.id) ORDER BY m.id LIMIT 100"
        )
        return self._read(self.db.rows(sql, mark, ticket), {})

    def notes_after(self, ticket: int, mark: int) -> list[TicketNote]:
        """Notes of a ticket with an id above ``mark``."""
        if not notes_table.readable(self.db):
            return []
        rows = self.db.rows(f"{_NOTES} WHERE n.ticket = %s AND n.id > %s ORDER BY n.id LIMIT 100", ticket, mark)
        return [_ticket_note(row) for row in rows]

    def unlinked_notes(self, ticket: int, limit: int = BATCH) -> list[TicketNote]:
        """The ticket's notes that have no finished link, oldest first."""
        if not notes_table.readable(self.db):
            return []
        rows = self.db.rows(
            f"{_NOTES} WHERE n.ticket = %s AND {unlinked('n', 'note', state=FINISHED)} AND {not_back('n', 'note')}"
            " ORDER BY n.id LIMIT %s",
            ticket,
            limit,
        )
        found = _growing([_ticket_note(row) for row in rows])
        files = note_files.read(self.db, self._note_tables, [one.id for one in found]) if found else NoteFiles()
        return [
            replace(one, files=files.files.get(one.id, ()), unread_files=files.counted.get(one.id, 0)) for one in found
        ]

    @cached_property
    def _note_tables(self) -> list[str]:
        return note_files.tables(self.db)

    def highest(self, ticket: int, kind: str) -> int:
        """The highest message (or note) id of a ticket; 0 when it has none."""
        if kind == "note" and not notes_table.readable(self.db):
            return 0
        table = TABLES[kind]
        row = self.db.row(f"SELECT MAX(id) AS id FROM {table} WHERE ticket = %s", ticket)
        return int(row["id"] or 0) if row else 0

    def _files(self, messages: list[int]) -> dict[int, tuple[TicketFile, ...]]:
        if not messages:
            return {}
        marks = ", ".join(["%s"] * len(messages))
        try:
            rows = self.db.rows(
                f"SELECT id, ticket_message FROM ticket_message_attach WHERE ticket_message IN ({marks}) ORDER BY id",
                *messages,
            )
        except TryLater as failure:
            if failure.object not in NOT_THERE:
                raise  # a message must not go over without its files because of a moment's trouble
            log.error("files are left out: %s", failure)
            return {}
        found: dict[int, tuple[TicketFile, ...]] = {}
        for row in rows:
            message = int(row["ticket_message"])
            found[message] = (*found.get(message, ()), TicketFile(int(row["id"])))
        return found


def _growing(written: list[W]) -> list[W]:
    """Dates made to grow with the ids. ``date_post`` has no zone, so when summer time ends an hour occurs twice."""
    found: list[W] = []
    for one in written:
        if found and one.posted_at < found[-1].posted_at:
            one = replace(one, posted_at=found[-1].posted_at + 1)
        found.append(one)
    return found


def _assignment(row: Row) -> Assignment:
    return Assignment(int(row["a_id"]), number(row["a_user"]), number(row["a_level"]))


def _author(row: Row) -> Person:
    if row["u_id"] is None:
        return Person(user=number(row["user"]), known=False)
    return person_of(row)


def _ticket_message(row: Row, author: Person, origin: Origin, files: tuple[TicketFile, ...]) -> TicketMessage:
    return TicketMessage(
        id=int(row["id"]),
        ticket=number(row["ticket"]),
        author=author,
        text=words(row["text"]),
        posted_at=moment(row["posted_at"]),
        files=files,
        origin=origin,
        moved_from=number(row["moved_from"]),
    )


def _ticket_note(row: Row) -> TicketNote:
    return TicketNote(
        id=int(row["id"]),
        ticket=number(row["ticket"]),
        author=_author(row),
        text=words(row["text"]),
        posted_at=moment(row["posted_at"]),
    )
