"""The routes in force: the table reread when it changes, its names looked up in lists that are read once a day.

Without a table nothing is read. A name that the remembered lists do not have is looked up once more, in fresh ones.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import TypeVar

from omnidesk.billmanager.reader import Reader
from omnidesk.core.errors import Refused, TryLater
from omnidesk.helpdesk.models import Named
from omnidesk.routing.resolve import LISTS, Known, resolve
from omnidesk.routing.routes import Routes
from omnidesk.routing.table import BrokenTable, LiveTable, Row, parse, read_text
from omnidesk.store.account import Account

log = logging.getLogger("routing")
DAY = 86400.0
AGAIN = 60.0  # seconds for which what was looked up is taken as it is
JUST_NOW = 5.0
PROBLEMS = "routing_problems"  # in the state table: what was wrong with the rows when they were looked up last
_ASKED = "routing_asked"  # in the state table: names that were looked up in fresh lists already
_LAST = "routing_last"  # in the state table: the file as it could be read last
T = TypeVar("T")


class LiveRoutes:
    """The routes of one run."""

    def __init__(self, path: str, account: Account, reader: Reader) -> None:
        self.table = LiveTable(path)
        self.account = account
        self.reader = reader
        self._remembered: tuple[Row, ...] | None = None
        self._made: tuple[tuple[Row, ...], float, Routes] = ((), 0.0, Routes())

    def current(self) -> Routes:
        """The routes; no rows without a table."""
        rows = self._rows()
        if not rows:
            return Routes()
        known, at, routes = self._made
        now = self.account.state.clock()
        if rows is known and 0 <= now - at < AGAIN:
            return routes
        routes = self._looked_up(rows)
        self._made = (rows, now, routes)
        return routes

    def fresh(self) -> Routes:
        """The routes by lists that are asked for now (``check_connection``)."""
        rows = self._rows()
        routes = resolve(rows, self._known(rows, JUST_NOW)) if rows else Routes()
        self._made = (rows, self.account.state.clock(), routes)
        self._keep(routes)
        return routes

    def _rows(self) -> tuple[Row, ...]:
        """The rows in force. Where the file is broken when a run begins, those that could be read last."""
        rows = self.table.current()
        if self.table.problem is None:
            self._remember(rows)
            return rows
        if self._remembered is None:
            try:
                self._remembered = parse(self.account.state.get(_LAST, "", str))
            except BrokenTable:
                self._remembered = rows
        return self._remembered

    def _remember(self, rows: tuple[Row, ...]) -> None:
        """Without a table there is nothing to remember, and nothing is asked, unless this run has read one."""
        if rows is self._remembered or not (rows or self._remembered or os.path.exists(self.table.path)):
            return
        self._remembered = rows
        try:
            text = read_text(self.table.path)
            if self.account.keep and parse(text) == rows and text != self.account.state.get(_LAST, "", str):
                self.account.state.put(_LAST, text)
        except BrokenTable:
            pass  # it has changed since: the next look sees that

    def _keep(self, routes: Routes) -> None:
        said = [one.in_row.data() for one in routes.problems]
        if self.account.keep and said != self.account.state.get(PROBLEMS, []):
            self.account.state.put(PROBLEMS, said)

    def _looked_up(self, rows: tuple[Row, ...]) -> Routes:
        routes = resolve(rows, self._known(rows, DAY))
        unknown = sorted({str(one.said) for one in routes.problems if one.field in LISTS})
        if unknown and unknown != self.account.state.get(_ASKED, []):
            routes = resolve(rows, self._known(rows, AGAIN))
            if self.account.keep:
                self.account.state.put(_ASKED, unknown)
            for problem in routes.problems:
                log.warning("routing.json: %s", problem.in_row)
        self._keep(routes)
        return routes

    def _known(self, rows: tuple[Row, ...], older: float) -> Known:
        """The lists that the table's names are looked up in; those that it names nothing of are not read."""
        account = self.account
        lists: dict[str, Callable[[], tuple[Named, ...]]] = {
            "group": lambda: tuple(account.groups(older)),
            "labels": lambda: tuple(account.labels(older)),
            "language": lambda: tuple(account.languages(older)),
            "channel": lambda: tuple(
                Named(int(one.key[3:]), one.title, one.key) for one in account.channels(older)
                if one.active and one.key[3:].isdigit()
            ),
        }  # fmt: skip
        named = {name for name in lists if any(getattr(row, name) for row in rows)}
        found = {name: self._read(name, read) if name in named else () for name, read in lists.items()}
        projects = self._read("project", self.reader.projects) if any(row.project for row in rows) else {}
        return Known(self._read("department", self.reader.departments), projects, **found)

    def _read(self, name: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except (TryLater, Refused) as failure:
            log.warning("the list for %s in routing.json cannot be read: %s", name, failure)
            return None
