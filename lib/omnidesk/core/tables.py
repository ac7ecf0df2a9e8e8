"""The names of the module's own tables; what is in them: :mod:`omnidesk.store.schema`."""

from __future__ import annotations

TICKETS = "ticket2external_case"
MESSAGES = "ticket_message2external_case_message"
USERS = "user2external_user"
STATE = "omnidesk_state"
DAILY = "omnidesk_daily"
