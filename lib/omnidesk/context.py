"""Everything one run works with, put together once: settings, both sides, the links, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import pymysql

from omnidesk.billmanager.changes import Changes
from omnidesk.billmanager.history import History
from omnidesk.billmanager.mgrctl import Mgrctl
from omnidesk.billmanager.models import Person, Ticket
from omnidesk.billmanager.panel import Panel
from omnidesk.billmanager.priority_column import PriorityColumn
from omnidesk.billmanager.program import runner
from omnidesk.billmanager.rating_column import RatingColumn
from omnidesk.billmanager.reader import Reader
from omnidesk.billmanager.upload import Uploader
from omnidesk.core import database as database
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.locks import Places
from omnidesk.core.paths import Paths
from omnidesk.core.ratings import BAD, GOOD, MOST_STARS
from omnidesk.core.settings import Secret, Settings
from omnidesk.custom_fields.live import LiveCatalogue, LiveLinks
from omnidesk.custom_fields.values import FieldValues
from omnidesk.helpdesk.client import Client
from omnidesk.helpdesk.connection import Proof
from omnidesk.helpdesk.rate_limit import RateGate
from omnidesk.routing.live import LiveRoutes
from omnidesk.store import schema
from omnidesk.store.account import Account
from omnidesk.store.approvals import Approvals
from omnidesk.store.blocked_clients import BlockedClients
from omnidesk.store.daily import Daily
from omnidesk.store.holds import Holds
from omnidesk.store.links import Links
from omnidesk.store.queue import Queue
from omnidesk.store.staff_cases import StaffCases
from omnidesk.store.state import State
from omnidesk.store.trial_marks import Trials

C = TypeVar("C", bound=Client)


@dataclass
class Context:
    """One run's tools; call :meth:`close` at the end.

    ``read_only``: for commands that only look. Nothing is written to the database, not even lists of the account.
    """

    paths: Paths
    settings: Settings
    dependencies: Dependencies = field(default_factory=Dependencies)
    read_only: bool = False
    functions: set[str] = field(default_factory=set)  # of the panel, whose events are known to come
    _history_ends: tuple[int, int] | None = field(default=None, init=False, repr=False)
    lanes: list[Context] = field(default_factory=list)  # made by lane() and not in use now

    @property
    def clock(self) -> Callable[[], float]:
        return self.dependencies.clock

    @cached_property
    def address(self) -> database.Address:
        return database.address(self.paths)

    @cached_property
    def db(self) -> database.Database:
        return database.Database(self.address, read_only=self.read_only)

    @cached_property
    def reader(self) -> Reader:
        return Reader(self.db)

    @cached_property
    def changes(self) -> Changes:
        return Changes(self.db, self.reader.authors)

    @cached_property
    def history(self) -> History:
        return History(self.db, self.reader.authors)

    @cached_property
    def rating_column(self) -> RatingColumn:
        return RatingColumn(self.db, self.state, self.settings.rating_column, keep=not self.read_only)

    @cached_property
    def priority_column(self) -> PriorityColumn:
        return PriorityColumn(self.db, self.clock, dict(self.settings.sync_priority or ()))

    @cached_property
    def gate(self) -> RateGate:
        return RateGate(self.paths.rate_state, self.clock)

    @cached_property
    def proof(self) -> Proof:
        return Proof()

    @cached_property
    def client(self) -> Client:
        return self.make_client(Client)

    def make_client(self, kind: type[C]) -> C:
        """A client of this kind for the account of the settings."""
        client = kind(
            self.settings.url,
            self.settings.email,
            self.settings.api_key,
            self.gate,
            timeout=self.settings.request_timeout,
            sleep=self.dependencies.sleep,
            proof=self.proof,
        )
        if self.dependencies.adapter is not None:
            client.session.mount(self.settings.url, self.dependencies.adapter)
        return client

    @cached_property
    def mgrctl(self) -> Mgrctl:
        run, timeout = self.dependencies.run_mgrctl or runner(self.paths), self.settings.panel_timeout
        places = Places(self.settings.panel_lanes)
        return Mgrctl(run, timeout, self.paths.mgrctl, self.state, keep=not self.read_only, places=places)

    @cached_property
    def uploader(self) -> Uploader:
        return Uploader(self.mgrctl, self.settings.panel_url, self.settings.panel_timeout)

    @cached_property
    def panel(self) -> Panel:
        return Panel(self.mgrctl, self.uploader.post, None if self.read_only else self.state)

    @cached_property
    def links(self) -> Links:
        return Links(self.db, self.clock)

    @cached_property
    def blocked(self) -> BlockedClients:
        return BlockedClients(self.db, self.clock)

    @cached_property
    def queue(self) -> Queue:
        return Queue(self.db, self.clock)

    @cached_property
    def holds(self) -> Holds:
        return Holds(self.db)

    @cached_property
    def state(self) -> State:
        return State(self.db, self.clock)

    @cached_property
    def daily(self) -> Daily:
        return Daily(self.db, self.clock)

    @cached_property
    def staff_cases(self) -> StaffCases:
        return StaffCases(self.db, self.state, self.clock)

    @cached_property
    def trials(self) -> Trials:
        return Trials(self.state)

    @cached_property
    def account(self) -> Account:
        return Account(self.client, self.state, keep=not self.read_only)

    @cached_property
    def routes(self) -> LiveRoutes:
        return LiveRoutes(self.paths.routing, self.account, self.reader)

    @property
    def channels(self) -> tuple[str, ...]:
        """The custom channels whose cases are the module's; the one of ``OmnideskChannel`` first."""
        named = (channel for channel, _ in self.settings.channel_secrets)
        return tuple(dict.fromkeys((self.settings.channel, *self.routes.current().channels, *named)))

    @cached_property
    def field_links(self) -> LiveLinks:
        return LiveLinks(self.paths.field_links)

    @cached_property
    def fields(self) -> FieldValues:
        return FieldValues(
            LiveCatalogue(self.paths.catalogue),
            self.field_links,
            Approvals(self.state, keep=not self.read_only),
            self._fields_connection,
        )

    def _fields_connection(self) -> pymysql.Connection[Any]:
        settings = self.settings
        password: Secret | None = settings.fields_db_password if settings.fields_db_user else None
        return database.connect(self.address, settings.fields_db_user, password)

    @cached_property
    def levels(self) -> dict[int, str]:
        """Ratings to Omnidesk's levels, for good, bad and every number of stars the map covers."""
        levels = {one: self.settings.rating_level(one) for one in (GOOD, BAD, *range(1, MOST_STARS + 1))}
        return {rating: level for rating, level in levels.items() if level}

    @cached_property
    def departments(self) -> set[int]:
        """Ids of the departments to synchronise; empty: all."""
        found = {one for name in self.settings.departments for one in self.reader.departments_named(name)}
        return found or ({-1} if self.settings.departments else set())  # a name nobody has must not mean "all"

    def covers(self, ticket: Ticket | None) -> bool:
        """Whether the ticket is in a department that is synchronised, and was not made by ``probe --trial``."""
        if ticket is not None and self.trials.made(ticket.subject):
            return False
        places = {ticket.responsible, *(one.user for one in ticket.assignments)} if ticket else set()
        return not self.departments or bool(places & self.departments)

    def first_message(self) -> int:
        """The baseline: messages up to this id are history, and open no case until somebody writes in their ticket."""
        return self.history_ends()[0]

    def history_ends(self) -> tuple[int, int]:
        """The last message and note of the baseline, which is written once; (0, 0) before it is."""
        if self._history_ends is None and (found := self.state.get("baseline")):
            self._history_ends = int(found[1]), int(found[2])
        return self._history_ends or (0, 0)

    def integration_employee(self) -> Person | None:
        """The BILLmanager employee with the integration's e-mail."""
        return self.reader.employee_by_email(self.settings.email)

    def prepare(self) -> int:
        """Bring the module's tables up to date; how many migrations ran."""
        return schema.migrate(self.db)

    def lane(self) -> Context:
        """The same tools for another thread: connections of its own, what is known of both sides in common.

        Give it back into :attr:`lanes` when the thread is done with it.
        """
        if self.lanes:
            return self.lanes.pop()
        made = Context(self.paths, self.settings, self.dependencies, self.read_only, self.functions)
        made.address, made.gate, made.proof = self.address, self.gate, self.proof
        made.db = self.db.another()
        made.account = self.account.of_lane(made.client, made.state)
        made.mgrctl = self.mgrctl.of_lane(made.state)
        return made

    def refresh(self) -> None:
        """Before work after a pause: connections that were ended meanwhile, people who have changed."""
        self.db.refresh()
        self.reader.forget_people()

    def interrupt(self) -> None:
        """End the call that another thread makes with these tools, as far as possible."""
        if "client" in self.__dict__:
            self.client.sockets.shut_down()
        if "db" in self.__dict__:
            self.db.interrupt()

    def close(self) -> None:
        while self.lanes:
            self.lanes.pop().close()
        if "fields" in self.__dict__:
            self.fields.close()
        if "client" in self.__dict__:
            self.client.session.close()
        if "db" in self.__dict__:
            self.db.close()
