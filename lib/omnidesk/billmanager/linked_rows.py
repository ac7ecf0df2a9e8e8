"""The rows that links are about: what a link remembers of its row, and which links are about another row by now.

Whether a row is the one of a link: :mod:`omnidesk.billmanager.row_identity`. Statements that write change the module's
own table only.
"""

from __future__ import annotations

from dataclasses import dataclass

from omnidesk.billmanager import notes_table
from omnidesk.billmanager.models import DEPARTMENT_LEVEL
from omnidesk.billmanager.row_identity import TABLES, moved, same, wall
from omnidesk.core.database import Database
from omnidesk.core.tables import MESSAGES, TICKETS


@dataclass(frozen=True)
class OtherLink:
    """A link whose row is not the one it was made for.

    ``moved``: the row is the same and in another ticket (``place``) now; else its number was given to another row.
    """

    ticket: int
    external_message: int
    place: int
    moved: bool


@dataclass(frozen=True)
class Overlap:
    """How many links of a ticket's messages there are, and of how many the row is still in the ticket.

    ``clients``: of those, rows whose author belongs to the account asked for; ``unknown``: links that do not know
    their row's author and time yet; ``rows``: whether the ticket has any message at all.
    """

    links: int = 0
    same: int = 0
    clients: int = 0
    unknown: int = 0
    rows: bool = False


# What a link remembers of its row ``m``. The time comes last: that it is there says that the row is remembered.
REMEMBERED = {"poster": "m.user", "posted_at": "UNIX_TIMESTAMP(m.date_post)", "posted_wall": wall("m")}


def with_row(db: Database, kind: str) -> str:
    """The join with the row ``m`` of this kind and number (a value), if there is one, to remember it.

    Only these columns of it are visible to the statement: others could have the names of a link's columns.
    """
    if kind == "note" and not notes_table.readable(db):
        return "LEFT JOIN (SELECT %s AS user, NULL AS date_post) m ON 1 = 0"
    return f"LEFT JOIN (SELECT user, date_post FROM {TABLES[kind]} WHERE id = %s) m ON 1 = 1"


def learn_ticket(db: Database, ticket: int) -> None:
    """Let all links of a ticket remember their rows that do not know them yet."""
    learned = ", ".join(f"l.{column} = {value}" for column, value in REMEMBERED.items())
    for kind, table in TABLES.items():
        if kind == "note" and not notes_table.readable(db):
            continue
        db.write(
            f"UPDATE {MESSAGES} l JOIN {table} m ON m.id = l.ticket_message SET {learned}"
            " WHERE l.kind = %s AND l.ticket = %s AND l.posted_wall IS NULL AND l.ticket = m.ticket",
            kind, ticket,
        )  # fmt: skip


def other_links(db: Database, kind: str, number: int) -> list[OtherLink]:
    """The links of this number that were made for another row, or for another ticket."""
    rows = db.rows(
        f"SELECT l.ticket, l.external_message, m.ticket AS place, {moved('m')} AS moved FROM {MESSAGES} l"
        f" JOIN {TABLES[kind]} m ON m.id = l.ticket_message"
        f" WHERE l.kind = %s AND l.ticket_message = %s AND NOT {same('m')}",
        kind, number,
    )  # fmt: skip
    return [
        OtherLink(int(row["ticket"]), int(row["external_message"] or 0), int(row["place"]), bool(row["moved"]))
        for row in rows
    ]


def overlap(db: Database, ticket: int, account: int) -> Overlap:
    """How much of what was linked for this ticket is still there."""
    there = f"COALESCE({same('m')}, 0)"
    row = db.row(
        f"SELECT SUM(NOT COALESCE({moved('m')}, 0)) AS links, SUM({there}) AS kept,"
        f" SUM({there} AND COALESCE(u.account = %s, 0)) AS clients,"
        " SUM(l.posted_wall IS NULL AND m.ticket = l.ticket) AS unknown,"
        " EXISTS (SELECT 1 FROM ticket_message x WHERE x.ticket = %s) AS any_row"
        f" FROM {MESSAGES} l LEFT JOIN ticket_message m ON m.id = l.ticket_message LEFT JOIN user u ON u.id = m.user"
        " WHERE l.ticket = %s AND l.kind = 'message' AND l.ticket_message IS NOT NULL",
        account, ticket, ticket,
    )  # fmt: skip
    if row is None:
        return Overlap()
    links, kept, clients, unknown = (int(row[name] or 0) for name in ("links", "kept", "clients", "unknown"))
    return Overlap(links, kept, clients, unknown, bool(row["any_row"]))


def agree_places(db: Database) -> None:
    """The department of each linked ticket and the group of its case are where they belong, wherever they are."""
    db.write(
        f"UPDATE {TICKETS} k JOIN ticket t ON t.id = k.ticket SET k.routed_department = COALESCE("
        f"(SELECT d.id FROM ticket2user a JOIN user d ON d.id = a.user AND d.level = {DEPARTMENT_LEVEL}"
        " WHERE a.ticket = k.ticket ORDER BY d.id <> COALESCE(t.responsible, 0), a.id LIMIT 1),"
        f" (SELECT r.id FROM user r WHERE r.id = t.responsible AND r.level = {DEPARTMENT_LEVEL}), 0),"
        " k.routed_responsible = COALESCE(t.responsible, 0), k.routed_group = k.seen_group,"
        " k.group_begun = 0, k.department_begun = 0 WHERE k.external_case > 0"
    )
