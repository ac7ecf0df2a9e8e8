"""The table with ids in the place of names: which row a ticket has, and which department a group belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from omnidesk.core.phrase import Phrase


@dataclass(frozen=True)
class Route:
    """A row with ids; 0 and "" for what it does not say. ``departments`` and ``projects`` None: any.

    Not ``valid``: its tickets go as without a row.
    """

    number: int
    departments: tuple[int, ...] | None = None
    projects: tuple[int, ...] | None = None
    group: int = 0
    channel: str = ""
    priority: str = ""
    labels: tuple[int, ...] = ()
    language: int = 0
    valid: bool = True

    def fits(self, department: int, project: int) -> bool:
        """Whether the row is about tickets of this department and project."""
        here = self.departments is None or department in self.departments
        return here and (self.projects is None or project in self.projects)


NOTHING = Route(0)


@dataclass(frozen=True)
class Problem:
    """Something wrong with a row. ``field``: where; ``fatal``: its tickets go as without a row."""

    number: int
    field: str
    said: Phrase
    fatal: bool = True

    @property
    def in_row(self) -> Phrase:
        """The problem, with its row."""
        return Phrase("routing.in_row", number=self.number, said=self.said)


@dataclass(frozen=True)
class Routes:
    """All rows. The first that fits counts, also if it is not valid: another one must not take its tickets over."""

    rows: tuple[Route, ...] = ()
    problems: tuple[Problem, ...] = ()
    departments: frozenset[int] = frozenset()  # all that BILLmanager has

    def of(self, department: int, project: int) -> Route:
        """The row of a ticket; :data:`NOTHING` when it has none, or one that is not valid."""
        found = next((one for one in self.rows if one.fits(department, project)), NOTHING)
        return found if found.valid else NOTHING

    def departments_of(self, group: int, project: int) -> tuple[int, ...]:
        """The departments whose tickets have this group, by the rows that count for them: so a ticket that is moved
        there keeps the group, and nothing goes in a circle."""
        named = [one for row in self.rows if row.group == group for one in row.departments or ()]
        return tuple(one for one in dict.fromkeys(named) if group and self.of(one, project).group == group)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that rows name."""
        return tuple(dict.fromkeys(one.channel for one in self.rows if one.channel and one.valid))

    @property
    def by_project(self) -> bool:
        """Whether a row depends on the ticket's project."""
        return any(one.projects is not None for one in self.rows)

    @property
    def by_group(self) -> bool:
        """Whether tickets and cases follow each other at all."""
        return any(one.group and one.valid for one in self.rows)


@dataclass(frozen=True)
class Place:
    """Where a ticket is in BILLmanager, and the table. ``department`` 0: not known."""

    routes: Routes = Routes()
    department: int = 0
    responsible: int = 0
    project: int = 0

    @property
    def route(self) -> Route:
        """The ticket's row."""
        return self.routes.of(self.department, self.project)


NOWHERE = Place()  # where there is no table


def unreachable(rows: tuple[Route, ...]) -> list[Problem]:
    """Rows whose tickets an earlier row has, or some of whose departments it has."""
    found = []
    for place, row in enumerate(rows):
        for department in row.departments if row.departments is not None else (None,):
            before = next((one for one in rows[:place] if _covers(one, row, department)), None)
            if before is not None:
                said = Phrase("routing.unreachable", department=department or "", first=before.number) if department \
                    else Phrase("routing.unreachable_row", first=before.number)  # fmt: skip
                found.append(Problem(row.number, "department", said, fatal=False))
    return found


def _covers(one: Route, other: Route, department: int | None) -> bool:
    """Whether every ticket of the other row (in this department; None: in any) has this row already."""
    here = one.departments is None or (department is not None and department in one.departments)
    if one.projects is None:
        return here
    return here and other.projects is not None and set(other.projects) <= set(one.projects)
