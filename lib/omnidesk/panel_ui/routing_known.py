"""What is known of the routing table and of both sides' names, even if part of it is broken or unavailable."""

from __future__ import annotations

from dataclasses import dataclass, replace

from omnidesk.context import Context
from omnidesk.core.errors import Failure
from omnidesk.helpdesk.models import Named
from omnidesk.panel_ui.desk import Desk
from omnidesk.routing import saved
from omnidesk.routing.resolve import LISTS, Known, resolve
from omnidesk.routing.routes import Routes
from omnidesk.routing.table import PRIORITIES, BrokenTable, Row

PATIENCE = 10  # seconds for Omnidesk's answer while somebody waits in the panel
FRESH = 60.0  # an administrator who has just added a group there wants to see it here
ANY_AGE = float("inf")


@dataclass(frozen=True)
class Table:
    """``rows`` by their keys; ``broken``: the file cannot be read; ``away``: why Omnidesk could not be asked."""

    rows: dict[str, Row]
    routes: Routes
    known: Known
    broken: BrokenTable | None = None
    away: Failure | None = None

    def offered(self, field: str) -> list[tuple[str, str]]:
        """What a field of the form offers: (number, title)."""
        if field == "priority":
            return [(one, one) for one in PRIORITIES]
        if field in ("department", "project"):
            here = self.known.departments if field == "department" else self.known.projects
            return [(str(id), title or str(id)) for id, title in (here or {}).items()]
        there: tuple[Named, ...] = getattr(self.known, field) or ()
        return [(one.code if field == "channel" else str(one.id), one.title or str(one.id)) for one in there]

    def titled(self, field: str, name: str) -> str:
        """A name or number of the table as people know it."""
        return dict(self.offered(field)).get(self.number(field, name), name)

    def number(self, field: str, name: str) -> str:
        """A name or number as the form's choices have it; itself where there is none such."""
        wanted, offered = name.casefold(), self.offered(field)
        if field == "channel" and name.isdigit():
            wanted = f"cch{name}"
        for key, _ in offered:
            if key.casefold() == wanted:
                return key
        named = [key for key, title in offered if title.casefold() == wanted]
        if field == "language" and not named:
            named = [str(one.id) for one in self.known.language or () if one.code.casefold() == wanted]
        return named[0] if len(named) == 1 else name


def read(desk: Desk, older: float = FRESH) -> Table:
    """The file and all names that can be had."""
    rows: dict[str, Row] = {}
    broken: BrokenTable | None = None
    try:
        rows = saved.keys(desk.paths)
    except BrokenTable as problem:
        broken = problem
    known, away = _known(desk, older)
    return Table(rows, resolve(rows.values(), known), known, broken, away)


def _known(desk: Desk, older: float) -> tuple[Known, Failure | None]:
    settings = desk.settings
    context = desk.context(replace(settings, request_timeout=min(settings.request_timeout, PATIENCE)))
    away: list[Failure] = []
    found: dict[str, tuple[Named, ...]] = {}
    for name in LISTS:
        try:
            found[name] = _list(context, name, older)
        except Failure as failure:
            away.append(failure)
    return Known(context.reader.departments(), context.reader.projects(), **found), away[0] if away else None


def _list(context: Context, name: str, older: float) -> tuple[Named, ...]:
    account = context.account
    if name == "channel":
        rows = [one for one in account.channels(older) if one.active and one.key[3:].isdigit()]
        return tuple(Named(int(one.key[3:]), one.title, one.key) for one in rows)
    found = {"group": account.groups, "labels": account.labels, "language": account.languages}[name](older)
    return tuple(found)
