"""What a function of the panel works with: opened when needed, closed at the end.

Lists and the settings form have to work while the settings are missing or broken: the database does not ask for them.
"""

from __future__ import annotations

from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING

from omnidesk.core import database as database
from omnidesk.core import settings as module_settings
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.logs import PanelHandler
from omnidesk.core.paths import Paths
from omnidesk.core.settings import Settings
from omnidesk.store import schema
from omnidesk.store.holds import Holds
from omnidesk.store.links import Links
from omnidesk.store.queue import Queue
from omnidesk.store.state import State

if TYPE_CHECKING:
    from omnidesk.context import Context


class Desk:
    """One call's tools, as a context manager."""

    def __init__(self, paths: Paths, dependencies: Dependencies, handler: PanelHandler) -> None:
        self.paths = paths
        self.dependencies = dependencies
        self.handler = handler
        self._contexts: list[Context] = []

    def __enter__(self) -> Desk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for context in self._contexts:
            context.close()
        if "db" in self.__dict__:
            self.db.close()

    @cached_property
    def settings(self) -> Settings:
        """The settings as saved; :class:`omnidesk.core.errors.Misconfigured` when missing or broken."""
        return self.keep_quiet(module_settings.load(self.paths.settings))

    def keep_quiet(self, settings: Settings) -> Settings:
        """Have the log blot out these settings' secrets."""
        self.handler.secrets.update(settings.secrets)
        return settings

    @cached_property
    def db(self) -> database.Database:
        """The panel's database with the module's tables in it."""
        opened = database.Database(database.address(self.paths))
        schema.migrate(opened)
        return opened

    @cached_property
    def links(self) -> Links:
        return Links(self.db, self.dependencies.clock)

    @cached_property
    def queue(self) -> Queue:
        return Queue(self.db, self.dependencies.clock)

    @cached_property
    def holds(self) -> Holds:
        return Holds(self.db)

    @cached_property
    def state(self) -> State:
        return State(self.db, self.dependencies.clock)

    def context(self, settings: Settings | None = None) -> Context:
        """Everything a command works with, by the saved settings or by ``settings`` that are being tried."""
        from omnidesk.context import Context

        made = Context(self.paths, self.keep_quiet(settings) if settings else self.settings, self.dependencies)
        self._contexts.append(made)
        return made
