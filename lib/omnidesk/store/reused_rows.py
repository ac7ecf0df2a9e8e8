"""What becomes of the links of a row when its number belongs to another row, or the row to another ticket.

Which links these are: :mod:`omnidesk.billmanager.linked_rows`. A ticket can be split: messages are moved
to another ticket and keep their numbers. There they are messages of that ticket and have no link yet; the former
ticket's link keeps what it says of Omnidesk's side.
"""

from __future__ import annotations

import logging

from omnidesk.billmanager import linked_rows
from omnidesk.core.database import Database
from omnidesk.core.tables import MESSAGES, TICKETS

log = logging.getLogger("links")
_UNDONE = "state IN ('intent', 'refused') AND intent_at IS NULL"


def free(db: Database, kind: str, number: int) -> None:
    """A link of another row that had this number before, or of another ticket that had this row, gives it up.

    What it says of Omnidesk's side stays.
    """
    for link in linked_rows.other_links(db, kind, number):
        if link.moved:
            _move(db, kind, number, link.ticket, link.place)
            continue
        log.warning(
            "ticket %s: BILLmanager has reused the number of %s %s; its link with Omnidesk message %s is"
            " removed", link.ticket, kind, number, link.external_message or "(number not known)",
        )  # fmt: skip
        _end(db, "kind = %s AND ticket_message = %s", kind, number)
        if kind == "message":
            _end(db, "part_of = %s", number)


def _move(db: Database, kind: str, number: int, ticket: int, place: int) -> None:
    """A row is in another ticket now: there it is to be sent, with all that this ticket holds; here it stays sent."""
    log.info("ticket %s: %s %s was moved to ticket %s", ticket, kind, number, place)
    db.write(
        f"UPDATE {MESSAGES} SET moved_to = %s, moved_message = IF({_UNDONE}, NULL, %s),"
        f" state = IF({_UNDONE}, 'skipped', state), ticket_message = NULL WHERE kind = %s AND ticket_message = %s",
        place, number, kind, number,
    )  # fmt: skip
    if kind != "note":
        _end(db, "part_of = %s", number)
    db.write(f"UPDATE {TICKETS} SET split_to = %s, client_at = IF(client_message = %s, 0, client_at)"
             " WHERE ticket = %s", place, number if kind == "message" else 0, ticket)  # fmt: skip
    db.write(f"UPDATE {TICKETS} SET history = 1 WHERE ticket = %s AND external_case IS NULL", place)


def _end(db: Database, which: str, *values: object) -> None:
    """What was never sent is forgotten; of the rest, the side in Omnidesk stays known."""
    db.write(f"DELETE FROM {MESSAGES} WHERE {which} AND {_UNDONE}", *values)
    db.write(f"UPDATE {MESSAGES} SET ticket_message = NULL, part_of = NULL WHERE {which}", *values)


def end_ticket(db: Database, ticket: int) -> None:
    """The links of a ticket whose number belongs to another one now."""
    db.write(f"DELETE FROM {MESSAGES} WHERE ticket = %s AND state IN ('intent', 'refused')", ticket)
    db.write(f"UPDATE {MESSAGES} SET ticket = 0, ticket_message = NULL, part_of = NULL WHERE ticket = %s", ticket)
