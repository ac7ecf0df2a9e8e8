"""Names of the table become ids: of BILLmanager's departments and projects, and of what the Omnidesk account has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk.models import Named
from omnidesk.routing.routes import Problem, Route, Routes, unreachable
from omnidesk.routing.table import Row

LISTS = ("group", "labels", "language", "channel")  # of the account


@dataclass(frozen=True)
class Known:
    """What each side has; None for what could not be read: then ids are taken as they are."""

    departments: Mapping[int, str] | None = None
    projects: Mapping[int, str] | None = None
    group: tuple[Named, ...] | None = None
    labels: tuple[Named, ...] | None = None
    language: tuple[Named, ...] | None = None
    channel: tuple[Named, ...] | None = None


class _Unknown(Exception):
    def __init__(self, said: Phrase) -> None:
        super().__init__(said)
        self.said = said


def resolve(rows: Iterable[Row], known: Known) -> Routes:
    """The table with ids, and what is wrong with it."""
    problems: list[Problem] = []
    routes = tuple(_route(row, known, problems) for row in rows)
    return Routes(routes, (*problems, *unreachable(routes)), frozenset(known.departments or ()))


def _route(row: Row, known: Known, problems: list[Problem]) -> Route:
    if row.problem is not None:
        problems.append(Problem(row.number, "", row.problem))
    departments = _here(row, "department", known.departments, problems)
    projects = _here(row, "project", known.projects, problems)
    if row.problem is not None:
        nowhere = departments is None and projects is None
        return Route(row.number, () if nowhere else departments, projects, valid=False)
    before = len(problems)
    group = _there(row, "group", row.group, known.group, problems)
    labels = [_there(row, "labels", one, known.labels, problems) for one in row.labels]
    language = _there(row, "language", row.language, known.language, problems)
    channel = _there(row, "channel", row.channel, known.channel, problems)
    return Route(
        row.number, departments, projects, group, f"cch{channel}" if channel else "", row.priority.lower(),
        tuple(labels), language, valid=len(problems) == before,
    )  # fmt: skip


def _here(row: Row, field: str, known: Mapping[int, str] | None, problems: list[Problem]) -> tuple[int, ...] | None:
    """Ids on BILLmanager's side; None when the row names none. One that is not there has no tickets."""
    names: tuple[str, ...] = getattr(row, field)
    if not names:
        return None
    found = []
    for name in names:
        try:
            listed = None if known is None else tuple(Named(id, title) for id, title in known.items())
            found.append(_id(name, listed, "billmanager", field))
        except _Unknown as problem:
            problems.append(Problem(row.number, field, problem.said, fatal=len(names) == 1))
    return tuple(dict.fromkeys(found))


def _there(row: Row, field: str, name: str, known: tuple[Named, ...] | None, problems: list[Problem]) -> int:
    if not name:
        return 0
    try:
        return _id(name, known, "omnidesk", field)
    except _Unknown as problem:
        problems.append(Problem(row.number, field, problem.said))
        return 0


def _id(name: str, known: tuple[Named, ...] | None, side: str, field: str) -> int:
    digits = name[3:] if field == "channel" and name[:3].lower() == "cch" else name
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else 0
    what, where = Phrase(f"routing.the_{field}"), Phrase(f"side.{side}")
    if known is None:
        if number:
            return number
        raise _Unknown(Phrase("routing.not_read", what=what, name=name, where=where))
    if number and any(one.id == number for one in known):
        return number
    wanted = name.casefold()
    found = [one.id for one in known if wanted in (one.title.strip().casefold(), one.code.strip().casefold())]
    if len(found) == 1:
        return found[0]
    raise _Unknown(Phrase("routing.several" if found else "routing.unknown", what=what, name=name, where=where))
