"""A ticket's row during one round of work: read once, and again only after what may have changed whose case it is."""

from __future__ import annotations

from omnidesk.store.links import Links
from omnidesk.store.models import TicketLink


class TicketRow:
    """The row of a ticket, for what messages and notes leave as it is: its case, user and client, and its attempts.

    Its times and what it says of the end of the ticket change with every message; they are read where they are needed.
    """

    def __init__(self, links: Links, ticket: int, read: TicketLink | None = None) -> None:
        self._links = links
        self._ticket = ticket
        self._read = read

    def get(self) -> TicketLink:
        """The row as it was read last."""
        if self._read is None:
            self._read = self._links.ticket(self._ticket)
        return self._read

    def forget(self) -> None:
        """Something may have changed it: it is read again when it is needed."""
        self._read = None
