"""Looking at a ticket without leaving a trace: a context in which nothing is written to either side or to the links.

A plan is made from what reading brings, and reading normally notes what it learned (the case's status, that it is gone)
in the links. Here those notes are kept in memory: what is planned next sees them, the database does not. The server is
told as well that this connection only reads, so a mistake in this module cannot become a write.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from functools import cached_property
from typing import Any

import pymysql

from omnidesk.context import Context
from omnidesk.db import Database
from omnidesk.helpdesk.client import Client
from omnidesk.helpdesk.objects import Case, Message
from omnidesk.helpdesk.paging import Page
from omnidesk.links import schema
from omnidesk.links.records import TicketLink
from omnidesk.links.store import Links

_FIELDS = {one.name for one in fields(TicketLink)}


class LookingDatabase(Database):
    """Reads; a write is left undone."""

    def _open(self) -> pymysql.Connection[Any]:
        fresh = self._connection is None
        connection = super()._open()
        if fresh:
            with connection.cursor() as cursor:
                cursor.execute("SET SESSION TRANSACTION READ ONLY")
        return connection

    def write(self, sql: str, *values: Any) -> int:
        return 0

    def insert(self, sql: str, *values: Any) -> int:
        return 0


class LookingLinks(Links):
    """The links with what this look has learned laid over them. Before the first run there are no tables: no links."""

    def __init__(self, db: Database, clock: Callable[[], float]) -> None:
        super().__init__(db, clock)
        self._learned: dict[int, dict[str, Any]] = {}

    @cached_property
    def up_to_date(self) -> bool:
        """Whether the module's tables are there, and are those this version reads."""
        return schema.version(self.db) == len(schema.MIGRATIONS)

    def ticket(self, ticket: int) -> TicketLink:
        known = super().ticket(ticket) if self.up_to_date else TicketLink(ticket)
        return replace(known, **self._learned.get(ticket, {}))

    def set_ticket(self, ticket: int, **values: Any) -> None:
        self._learned.setdefault(ticket, {}).update({name: one for name, one in values.items() if name in _FIELDS})

    def saw_case(self, ticket: int, status: str, updated_at: float) -> None:
        if self.ticket(ticket).seen_at <= updated_at:
            self.set_ticket(ticket, seen_status=status, seen_at=updated_at)


class RememberingClient(Client):
    """Keeps the case and the messages that were read, so that what is shown is what was planned from."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.seen_case: Case | None = None
        self.seen_messages: dict[int, Message] = {}

    def case(self, case_id: int | str) -> Case:
        self.seen_case = super().case(case_id)
        return self.seen_case

    def messages(self, case_id: int, page: int = 1) -> Page[Message]:
        found = super().messages(case_id, page)
        self.seen_messages.update((one.message_id, one) for one in found)
        return found


class LookingContext(Context):
    """A context for commands that only look."""

    @cached_property
    def db(self) -> Database:
        return LookingDatabase(self.address)

    @cached_property
    def links(self) -> LookingLinks:
        return LookingLinks(self.db, self.clock)

    @cached_property
    def client(self) -> RememberingClient:
        settings = self.settings
        client = RememberingClient(
            settings.url, settings.email, settings.api_key, self.gate, timeout=settings.request_timeout
        )
        if self.seams.adapter is not None:
            client.session.mount(settings.url, self.seams.adapter)
        return client
