"""Files of internal notes, as far as this panel has any: that is not public, so its tables are looked at.

Where ``ticket_message_attach`` has a column ``ticket_note``, their numbers are those that ``ticket.file`` takes. In a
table of its own they have other numbers, by which that function would hand out somebody else's file: they are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from omnidesk.billmanager.models import TicketFile
from omnidesk.core.database import Database

_OF_MESSAGES = "ticket_message_attach"


@dataclass(frozen=True)
class NoteFiles:
    """By note. ``counted``: files that no function hands out."""

    files: Mapping[int, tuple[TicketFile, ...]] = field(default_factory=dict)
    counted: Mapping[int, int] = field(default_factory=dict)


def tables(db: Database) -> list[str]:
    """The tables that hold files of notes."""
    rows = db.rows(
        "SELECT table_name AS name FROM information_schema.columns WHERE table_schema = DATABASE()"
        " AND column_name = 'ticket_note' AND table_name LIKE 'ticket%%attach%%' ORDER BY table_name"
    )
    return [str(row["name"]) for row in rows]


def read(db: Database, among: Sequence[str], notes: Sequence[int]) -> NoteFiles:
    """The files of these notes in these tables."""
    found: dict[int, tuple[TicketFile, ...]] = {}
    counted: Counter[int] = Counter()
    marks = ", ".join(["%s"] * len(notes))
    for table in among if notes else ():
        sql = f"SELECT id, ticket_note FROM `{table}` WHERE ticket_note IN ({marks}) ORDER BY id"
        for row in db.rows(sql, *notes):
            note = int(row["ticket_note"])
            if table == _OF_MESSAGES:
                found[note] = (*found.get(note, ()), TicketFile(int(row["id"])))
            else:
                counted[note] += 1
    return NoteFiles(found, counted)
