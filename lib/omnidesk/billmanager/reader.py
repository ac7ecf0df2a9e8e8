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
    DEPARTMENT_LEVEL,
    EMPLOYEE_LEVEL,
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
from omnidesk.core import emails
from omnidesk.core.database import Database, Row
from omnidesk.core.errors import TryLater

log = logging.getLogger("panel")
LATEST = 2**32  # Unix seconds: a date behind it is a mistake
BATCH = 200
W = TypeVar("W", TicketMessage, TicketNote)
_PERSON = (
    " u.id AS u_id, u.name AS u_login, u.realname AS u_name, u.email AS u_email, u.level AS u_level,"
    " u.account AS u_account, u.enabled AS u_enabled"
)
# The client (u) is the user of the client's account who wrote first, else the account's first user (its primary one).
_ACCOUNT = "(SELECT COALESCE(c.account_client, 0) FROM ticket c WHERE c.id = %s)"
_TICKET = (
    "t.id, t.name, t.account_client, t.responsible, t.status, a.id AS a_id, a.user AS a_user, w.level AS a_level,"
    f"{_PERSON} FROM ticket t LEFT JOIN ticket2user a ON a.ticket = t.id LEFT JOIN user w ON w.id = a.user"
    " LEFT JOIN user u ON u.id = COALESCE("
    "(SELECT m.user FROM ticket_message m JOIN user x ON x.id = m.user"
    f" WHERE m.ticket = %s AND x.account = {_ACCOUNT} AND x.level < 28 ORDER BY m.id LIMIT 1),"
    f" (SELECT MIN(y.id) FROM user y WHERE y.account = {_ACCOUNT} AND y.level < 28))"
    " WHERE t.id = %s ORDER BY a.id"
)
_REGISTERED = "SELECT registration_date AS day FROM account WHERE id = {}"
_KINDS = ("message", "system")  # of links that rows of ticket_message have
_MOVED_FROM = f"{moved_from('m', *_KINDS)} AS moved_from"
_NOTES = (
    f"SELECT n.id, n.ticket, n.user, n.note AS text, UNIX_TIMESTAMP(n.date_post) AS posted_at,{_PERSON}"
    " FROM ticket_note n LEFT JOIN user u ON u.id = n.user"
)


class Reader:
    """Tickets, messages, notes and people of BILLmanager."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.authors = Authors(db)
        self._employees: list[Person] | None = None
        self._hinted: set[str] = set()  # e-mails that no employee has, and of which that was said

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
        registered = f"({_REGISTERED.format('t.account_client')})" if self._dates_accounts else "NULL"
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
            client=replace(_person(row), registered=str(row["registered"] or "")) if row["u_id"] is not None else None,
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

    @property
    def _dates_accounts(self) -> bool:
        return self.db.has("account", "registration_date")

    def registered(self, account: int) -> str:
        """When an account was registered, as it stands there; "" where that is not known."""
        if not account or not self._dates_accounts:
            return ""
        row = self.db.row(_REGISTERED.format("%s"), account)
        return str(row["day"] or "") if row else ""

    def account_of(self, user: int) -> int:
        """The account a user belongs to; 0 when there is no such user."""
        row = self.db.row("SELECT account FROM user WHERE id = %s", user)
        return int(row["account"] or 0) if row else 0

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
            f" {self.authors.columns()},{_PERSON} FROM ticket_message m LEFT JOIN user u ON u.id = m.user"
        )

    def _read(self, rows: list[Row], files: dict[int, tuple[TicketFile, ...]]) -> list[TicketMessage]:
        people = [_person(row) if row["u_id"] is not None else None for row in rows]
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

    # People

    def person(self, user: int) -> Person | None:
        row = self.db.row(f"SELECT {_PERSON} FROM user u WHERE u.id = %s", user)
        return _person(row) if row else None

    def language_of(self, user: int) -> str:
        """The language in which a user reads the panel, such as "ru"; "" where that is not known."""
        if not self.db.has("user", "language"):
            return ""
        row = self.db.row("SELECT language FROM user WHERE id = %s", user)
        return words(row["language"]).strip().lower()[:2] if row else ""

    def somebody_enabled(self, account: int) -> bool:
        """Whether some user of a client's account can log in."""
        sql = "SELECT 1 AS yes FROM user WHERE account = %s AND level < 28 AND enabled = 'on' LIMIT 1"
        return self.db.row(sql, account) is not None

    def employee_by_email(self, email: str) -> Person | None:
        """The employee (level 29 and above) with this e-mail; enabled ones first."""
        wanted = emails.key(email)
        found = next((one for one in self._staff if wanted and emails.key(one.email) == wanted), None)
        if found is None and wanted not in self._hinted:
            self._hinted.add(wanted)
            for other in emails.near(email, [one.email for one in self._staff]):
                log.warning("no employee of BILLmanager has the e-mail %r; %r is similar, not the same", email, other)
        return found

    @property
    def _staff(self) -> list[Person]:
        """All employees, enabled ones first; read once a pass (:meth:`forget_people`), as no index for it is known."""
        if self._employees is None:
            sql = f"SELECT {_PERSON} FROM user u WHERE u.level >= %s ORDER BY u.enabled = 'on' DESC, u.id"
            self._employees = [_person(row) for row in self.db.rows(sql, EMPLOYEE_LEVEL)]
        return self._employees

    def employee_by_login(self, login: str) -> Person | None:
        """The employee (level 29 and above) who logs in by this name."""
        sql = f"SELECT {_PERSON} FROM user u WHERE {_is('u.name', login)} AND u.level >= %s ORDER BY u.id LIMIT 1"
        row = self.db.row(sql, login, EMPLOYEE_LEVEL)
        return _person(row) if row else None

    def client_by_login(self, login: str) -> Person | None:
        """The client's user who logs in by this name."""
        sql = f"SELECT {_PERSON} FROM user u WHERE {_is('u.name', login)} AND u.level = 16 ORDER BY u.id LIMIT 1"
        row = self.db.row(sql, login)
        return _person(row) if row else None

    def clients_by_email(self, email: str) -> list[Person]:
        """The clients' users with this e-mail, by number; an e-mail need not be one user's only."""
        wanted = emails.key(email)
        if not wanted:
            return []
        sql = f"SELECT {_PERSON} FROM user u WHERE {_is('u.email', email)} AND u.level < %s ORDER BY u.id LIMIT 20"
        found = [_person(row) for row in self.db.rows(sql, email.strip(), DEPARTMENT_LEVEL)]
        return [one for one in found if emails.key(one.email) == wanted and one.account]

    def employees(self, limit: int = 5000) -> list[Person]:
        """The enabled employees (level 29 and above)."""
        return [one for one in self._staff if one.enabled][:limit]

    def forget_people(self) -> None:
        """Ask for employees again: a new pass begins."""
        self._employees = None
        self.authors.forget()

    def departments(self) -> dict[int, str]:
        """Departments by id (level 28, documented to live in ``user``)."""
        rows = self.db.rows("SELECT id, name, realname FROM user WHERE level = 28 ORDER BY id LIMIT 1000")
        return {int(row["id"]): str(row["realname"] or row["name"] or "") for row in rows}

    def projects(self) -> dict[int, str]:
        """Projects (brands) by id."""
        rows = self.db.rows("SELECT id, name FROM project ORDER BY id LIMIT 1000")
        return {int(row["id"]): words(row["name"]) for row in rows}

    def project(self, ticket: int) -> int:
        """The ticket's project, else the first of its client's account; 0 for none."""
        row = self.db.row(
            "SELECT COALESCE(t.project, (SELECT MIN(p.project) FROM account2project p WHERE p.account ="
            " t.account_client)) AS project FROM ticket t WHERE t.id = %s",
            ticket,
        )
        return number(row["project"]) if row else 0

    def project_of_account(self, account: int) -> int:
        """The first project of a client's account; 0 for none."""
        row = self.db.row("SELECT MIN(project) AS project FROM account2project WHERE account = %s", account)
        return number(row["project"]) if row else 0


def _is(column: str, text: str) -> str:
    """The condition that a column holds this text. One that stores fewer characters is not compared with others as it
    is (error 1267)."""
    return f"{column} = %s" if text.isascii() else f"CONVERT({column} USING utf8mb4) = %s"


def number(value: object) -> int:
    """A whole number as the database gives it; 0 for what is none: something optional must not cost the row."""
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return 0


def moment(value: object) -> float:
    """Unix seconds; 0.0 for a date that is none ('0000-00-00' and its like)."""
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return found if 0 <= found < LATEST else 0.0


def words(value: object) -> str:
    """A text; a column of bytes is read as UTF-8."""
    if isinstance(value, (bytes, bytearray)):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)


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


def _person(row: Row) -> Person:
    return Person(
        user=int(row["u_id"]),
        login=words(row["u_login"]),
        name=words(row["u_name"]),
        email=words(row["u_email"]).strip().lower(),
        level=number(row["u_level"]),
        account=number(row["u_account"]),
        enabled=(words(row["u_enabled"]) or "on") == "on",
    )


def _author(row: Row) -> Person:
    if row["u_id"] is None:
        return Person(user=number(row["user"]), known=False)
    return _person(row)


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
