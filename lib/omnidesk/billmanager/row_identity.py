"""Whether a row of BILLmanager is the one that a link was made for: the number alone is not enough.

A table's counter goes back when the last rows are deleted and the server restarts (InnoDB of older servers), or when a
part of the database is restored; then a number is given to another message, note or ticket. A row is known by its
number, its author and its time. ``date_post`` has no zone, so the time is kept twice: as it stands in the row, which a
change of the server's zone leaves as it is where the column is a DATETIME, and in Unix seconds, which it leaves as they
are where it is a TIMESTAMP. One of them is enough.

All functions give parts of SQL statements.
"""

from __future__ import annotations

from omnidesk.core.tables import MESSAGES

FINISHED = " AND l.state <> 'intent'"  # of a link ``l``
TABLES = {"message": "ticket_message", "note": "ticket_note", "system": "ticket_message"}  # by the kind of a link


def wall(row: str) -> str:
    """The row's time as it stands there, in seconds without a zone."""
    return f"TIMESTAMPDIFF(SECOND, '1970-01-01', {row}.date_post)"


def joined(kind: str) -> str:
    """The join of a link ``l`` of this kind with the row ``m`` that has its number now, if one has."""
    return f"LEFT JOIN {TABLES[kind]} m ON m.id = l.ticket_message"


def same(row: str, link: str = "l") -> str:
    """The SQL condition that ``row`` (alias of a message or note) is the one of ``link`` (of the same number).

    A link that does not know its row's time yet is believed within its ticket.
    """
    return f"({link}.ticket = {row}.ticket AND IF({link}.posted_wall IS NULL, 1, {_alike(row, link)}))"


def moved(row: str, link: str = "l") -> str:
    """The same condition for a row that is in another ticket than that of its link."""
    return f"({link}.ticket <> {row}.ticket AND IF({link}.posted_wall IS NULL, 0, {_alike(row, link)}))"


def unlinked(row: str, *kinds: str, state: str = "") -> str:
    """The SQL condition that no link of these kinds was made for ``row``. ``state``: more about such a link ``l``.

    One look-up for each kind: with ``kind IN (...)`` the server reads all links of the ticket for every row of it.
    """
    return " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {MESSAGES} l WHERE l.kind = '{kind}' AND l.ticket_message = {row}.id{state}"
        f" AND {same(row)})"
        for kind in kinds
    )


def moved_from(row: str, *kinds: str) -> str:
    """The SQL value of the ticket whose link of one of these kinds ``row`` has, which is in another now; else NULL."""
    found = (
        f"(SELECT o.ticket FROM {MESSAGES} o WHERE o.kind = '{kind}' AND o.ticket_message = {row}.id"
        f" AND {moved(row, 'o')})"
        for kind in kinds
    )
    return f"COALESCE({', '.join(found)})"


def not_back(row: str, *kinds: str) -> str:
    """The SQL condition that ``row`` was not moved away and back into a ticket that has sent it before."""
    names = ", ".join(f"'{kind}'" for kind in kinds)
    return (
        f"NOT EXISTS (SELECT 1 FROM {MESSAGES} b WHERE b.moved_message = {row}.id AND b.kind IN ({names})"
        f" AND b.state <> 'intent' AND {same(row, 'b')})"
    )


def _alike(row: str, link: str) -> str:
    """Another author means another row, unless the former one is no longer there: accounts can be merged, and who is
    deleted leaves NULL or his number."""
    return (
        f"(({link}.posted_wall = {wall(row)} OR {link}.posted_at = UNIX_TIMESTAMP({row}.date_post))"
        f" AND ({link}.poster IS NULL OR {row}.user IS NULL OR {link}.poster = {row}.user"
        f" OR NOT EXISTS (SELECT 1 FROM user was WHERE was.id = {link}.poster)))"
    )
