"""The subject of a ticket, as parts of a statement that lists tickets of the module's own table."""

from __future__ import annotations

SUBJECT = "t.name AS subject"  # NULL for a ticket that is not there


def with_subject(ticket: str) -> str:
    """The join that :data:`SUBJECT` needs; ``ticket``: the column with the number."""
    return f"LEFT JOIN ticket t ON t.id = {ticket}"
