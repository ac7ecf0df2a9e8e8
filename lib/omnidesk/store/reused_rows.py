"""What the links of a row remember of it, and what becomes of them when its number belongs to another row.

Whether a row is the one of a link: :mod:`omnidesk.billmanager.row_identity`. A ticket can be split: messages are moved
to another ticket and keep their numbers. There they are messages of that ticket and have no link yet; the former
ticket's link keeps what it says of Omnidesk's side.
"""

from __future__ import annotations

import logging

from omnidesk.billmanager.row_identity import TABLES, moved, same, wall
from omnidesk.core.database import Database
from omnidesk.core.tables import MESSAGES, TICKETS
from omnidesk.store.models import Overlap

log = logging.getLogger("links")


def learned(row: str, link: str = "l") -> str:
    """The SQL assignments by which ``link`` remembers its row."""
    return (
        f"{link}.poster = {row}.user, {link}.posted_wall = {wall(row)},"
        f" {link}.posted_at = UNIX_TIMESTAMP({row}.date_post)"
    )


def learn(db: Database, kind: str, which: str, value: int) -> None:
    """Let the links that the condition selects (``l``: link, ``m``: row) remember the rows they are about."""
    db.write(
        f"UPDATE {MESSAGES} l JOIN {TABLES[kind]} m ON m.id = l.ticket_message SET {learned('m')}"
        f" WHERE l.kind = %s AND {which}",
        kind, value,
    )  # fmt: skip


def learn_ticket(db: Database, ticket: int) -> None:
    """The same for all links of a ticket that do not know their row yet."""
    for kind in TABLES:
        learn(db, kind, "l.ticket = %s AND l.posted_wall IS NULL AND l.ticket = m.ticket", ticket)


def free(db: Database, kind: str, number: int) -> None:
    """A link of another row that had this number before, or of another ticket that had this row, gives it up.

    What it says of Omnidesk's side stays.
    """
    rows = db.rows(
        f"SELECT l.ticket, l.external_message, m.ticket AS place, {moved('m')} AS moved FROM {MESSAGES} l"
        f" JOIN {TABLES[kind]} m ON m.id = l.ticket_message"
        f" WHERE l.kind = %s AND l.ticket_message = %s AND NOT {same('m')}",
        kind, number,
    )  # fmt: skip
    for row in rows:
        if row["moved"]:
            _move(db, kind, number, int(row["ticket"]), int(row["place"]))
            continue
        log.warning(
            "ticket %s: BILLmanager has given the number of %s %s to another one; its link with Omnidesk message %s is"
            " ended", row["ticket"], kind, number, row["external_message"] or "(number not known)",
        )  # fmt: skip
        _end(db, "kind = %s AND ticket_message = %s", kind, number)
        if kind == "message":
            _end(db, "part_of = %s", number)


def _move(db: Database, kind: str, number: int, ticket: int, place: int) -> None:
    """A row is in another ticket now: there it is to be sent, with all that this ticket holds; here it stays sent."""
    log.info("ticket %s: %s %s was moved to ticket %s", ticket, kind, number, place)
    which = "kind = %s AND ticket_message = %s"
    db.write(f"UPDATE {MESSAGES} SET moved_message = %s, moved_to = %s WHERE {which}", number, place, kind, number)
    _end(db, which, kind, number)
    if kind != "note":
        _end(db, "part_of = %s", number)
    db.write(f"UPDATE {TICKETS} SET split_to = %s, client_at = IF(client_message = %s, 0, client_at)"
             " WHERE ticket = %s", place, number if kind == "message" else 0, ticket)  # fmt: skip
    db.write(f"UPDATE {TICKETS} SET history = 1 WHERE ticket = %s AND external_case IS NULL", place)


def _end(db: Database, which: str, *values: object) -> None:
    """What never went over is forgotten; of the rest, the side in Omnidesk stays known."""
    undone = "state IN ('intent', 'refused') AND intent_at IS NULL"
    db.write(f"DELETE FROM {MESSAGES} WHERE {which} AND {undone}", *values)
    db.write(f"UPDATE {MESSAGES} SET ticket_message = NULL, part_of = NULL WHERE {which}", *values)


def end_ticket(db: Database, ticket: int) -> None:
    """The links of a ticket whose number belongs to another one now."""
    db.write(f"DELETE FROM {MESSAGES} WHERE ticket = %s AND state IN ('intent', 'refused')", ticket)
    db.write(f"UPDATE {MESSAGES} SET ticket = 0, ticket_message = NULL, part_of = NULL WHERE ticket = %s", ticket)


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
