"""The link tables of tickets, messages and users, as one object. One statement a call, each complete in itself."""

from __future__ import annotations

from omnidesk.store.notices import Notices
from omnidesk.store.ticket_transitions import TicketTransitions
from omnidesk.store.users import Users


class Links(TicketTransitions, Notices, Users):
    """What is read from the link tables and written into them."""
