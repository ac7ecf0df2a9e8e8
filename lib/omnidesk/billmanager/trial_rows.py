"""What a trial's calls left in the panel's tables: the rows of its ticket, and the row of its rated answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from omnidesk.billmanager import note_files as of_notes
from omnidesk.core.database import Database


@dataclass(frozen=True)
class TrialMessage:
    """A message of the trial's ticket; ``user`` None where the row names no author."""

    id: int
    user: int | None


@dataclass(frozen=True)
class TrialRows:
    """The numbers of the rows that belong to some tickets."""

    assignments: frozenset[int] = frozenset()
    messages: frozenset[int] = frozenset()
    files: frozenset[int] = frozenset()


def tickets(db: Database, account: int, above: int, subject: str) -> set[int]:
    """An account's tickets above a number with this subject; the panel may have added something to it."""
    rows = db.rows(
        "SELECT id FROM ticket WHERE account_client = %s AND id > %s AND INSTR(name, %s) > 0",
        account, above, subject,
    )  # fmt: skip
    return {int(row["id"]) for row in rows}


def rows_of(db: Database, tickets: Collection[int]) -> TrialRows:
    """All rows of these tickets."""
    marks, few = ", ".join(["%s"] * len(tickets)), sorted(tickets)

    def numbers(sql: str) -> frozenset[int]:
        return frozenset(int(row["id"]) for row in db.rows(sql, *few))

    return TrialRows(
        assignments=numbers(f"SELECT id FROM ticket2user WHERE ticket IN ({marks})"),
        messages=numbers(f"SELECT id FROM ticket_message WHERE ticket IN ({marks})"),
        files=numbers(
            "SELECT f.id FROM ticket_message_attach f JOIN ticket_message m ON m.id = f.ticket_message"
            f" WHERE m.ticket IN ({marks})"
        ),
    )


def messages(db: Database, ticket: int, after: int) -> list[TrialMessage]:
    """A ticket's messages above a number, in order."""
    rows = db.rows("SELECT id, user FROM ticket_message WHERE ticket = %s AND id > %s ORDER BY id", ticket, after)
    return [TrialMessage(int(row["id"]), None if row["user"] is None else int(row["user"])) for row in rows]


def notes(db: Database, ticket: int) -> int:
    """How many notes a ticket has."""
    row = db.row("SELECT COUNT(*) AS n FROM ticket_note WHERE ticket = %s", ticket)
    return int(row["n"]) if row else 0


def note_files(db: Database, ticket: int) -> int:
    """How many files a ticket's notes have."""
    numbers = [int(row["id"]) for row in db.rows("SELECT id FROM ticket_note WHERE ticket = %s", ticket)]
    found = of_notes.read(db, of_notes.tables(db), numbers)
    return sum(map(len, found.files.values())) + sum(found.counted.values())


def status(db: Database, ticket: int) -> int:
    """A ticket's status as it stands in the table; -1 when there is no such ticket."""
    row = db.row("SELECT status FROM ticket WHERE id = %s", ticket)
    return int(row["status"] or 0) if row else -1


def message_columns(db: Database, message: int) -> Mapping[str, object]:
    """A message's row in all its columns, whatever they are: a rating stands in one of them."""
    return db.row("SELECT * FROM ticket_message WHERE id = %s", message) or {}


def referring(db: Database, table: str, message: int) -> int:
    """How many rows of a table with a column ``ticket_message`` refer to a message."""
    row = db.row(f"SELECT COUNT(*) AS n FROM `{table}` WHERE ticket_message = %s", message)
    return int(row["n"]) if row else 0
