"""The merge of department and group: for any table and any moves it comes to rest, and a second plan is empty."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from omnidesk.billmanager.models import Assignment, Ticket
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk.models import Named
from omnidesk.routing.resolve import Known, resolve
from omnidesk.routing.routes import Place, Routes
from omnidesk.routing.table import parse
from omnidesk.store.models import TicketLink
from omnidesk.sync import actions as do
from omnidesk.sync.routing import department_of, routed

DEPARTMENTS, GROUPS, PROJECTS = (1, 2, 3, 4), (10, 20, 30), (5, 6)
KNOWN = Known(
    {one: f"d{one}" for one in DEPARTMENTS},
    {one: f"p{one}" for one in PROJECTS},
    group=tuple(Named(one, f"g{one}") for one in GROUPS),
)
ROW = st.fixed_dictionaries(
    {"group": st.sampled_from(GROUPS)},
    optional={
        "department": st.lists(st.sampled_from(DEPARTMENTS), min_size=1, max_size=3),
        "project": st.lists(st.sampled_from(PROJECTS), min_size=1, max_size=2),
    },
)
TABLE = st.lists(ROW, min_size=1, max_size=5)
BEFORE = st.tuples(st.sampled_from((0, *DEPARTMENTS)), st.sampled_from((0, *GROUPS)))


def table(rows: list[dict[str, object]]) -> Routes:
    return resolve(parse(json.dumps(rows)), KNOWN)


def applied(link: TicketLink, place: Place, plan: list[do.Action]) -> tuple[TicketLink, Place]:
    """What is there after a plan, without AgreePlace if the run dies before it."""
    for one in plan:
        match one:
            case do.MoveTicket():
                place = replace(place, department=one.department, responsible=one.department)
                link = replace(link, department_begun=one.department)
            case do.UpdateCase():
                link = replace(link, seen_group=one.group, group_begun=one.group)
            case do.AgreePlace():
                link = replace(
                    link, routed_department=one.department, routed_group=one.group,
                    routed_responsible=one.responsible, department_begun=0, group_begun=0,
                )  # fmt: skip
    return link, place


def planned(link: TicketLink, place: Place) -> list[do.Action]:
    return routed(place, link, [], opened=True, fresh=True)


@given(TABLE, BEFORE, st.sampled_from(DEPARTMENTS), st.sampled_from(GROUPS), st.sampled_from((0, *PROJECTS)))
def test_it_comes_to_rest(rows: list[dict[str, object]], before: tuple[int, int], department: int, group: int,
                          project: int) -> None:  # fmt: skip
    link = TicketLink(1, case_id=9, routed_department=before[0], routed_group=before[1], seen_group=group)
    place = Place(table(rows), department, department, project)
    moves = 0
    for _ in range(4):
        plan = planned(link, place)
        moves += any(not isinstance(one, do.AgreePlace) for one in plan)
        link, place = applied(link, place, plan)
    assert planned(link, place) == []
    assert moves <= 1, "something goes back and forth"


@given(TABLE, st.sampled_from(DEPARTMENTS), st.sampled_from(DEPARTMENTS), st.sampled_from(GROUPS))
def test_who_moved_decides(rows: list[dict[str, object]], known: int, department: int, group: int) -> None:
    routes = table(rows)
    first = routes.of(known, 0).group or GROUPS[0]
    link = TicketLink(1, case_id=9, routed_department=known, routed_group=first, seen_group=group)
    place = Place(routes, department, department)
    for _ in range(3):
        link, place = applied(link, place, planned(link, place))
    if group != first:  # Omnidesk's move counts, whatever happened to the ticket
        assert link.seen_group == group
        there = routes.departments_of(group, 0)
        assert place.department == department if not there or department in there else there[0]
    elif department != known:
        assert place.department == department
        assert link.seen_group == (routes.of(department, 0).group or group)


def test_a_move_of_ours_that_was_not_recorded_is_nobodys_decision() -> None:
    """The agent moved the case and, after we had moved the ticket and died, back again."""
    routes = table([{"department": [1], "group": 10}, {"department": [2], "group": 20}])
    link = TicketLink(1, case_id=9, routed_department=1, routed_group=10, seen_group=10, department_begun=2)
    assert planned(link, Place(routes, 2, 2)) == [do.MoveTicket(Phrase("why.case_moved"), 1)]
    link = TicketLink(1, case_id=9, routed_department=1, routed_group=10, seen_group=20, group_begun=20)
    (back,) = planned(link, Place(routes, 1, 1))
    assert isinstance(back, do.UpdateCase) and back.group == 10


def test_a_status_and_a_group_are_one_call() -> None:
    routes = table([{"department": [1], "group": 10}, {"department": [2], "group": 20}])
    link = TicketLink(1, case_id=9, routed_department=1, routed_group=10, seen_group=10)
    closing = do.UpdateCase(Phrase("why.same"), "closed", {}, "")
    assert routed(Place(routes, 2, 2), link, [closing], opened=False, fresh=True) == [replace(closing, group=20)]
    (read,) = routed(Place(routes, 2, 2), link, [], opened=True, fresh=False)
    assert isinstance(read, do.ReadCase)


def test_the_department_of_a_ticket() -> None:
    def of(*having: tuple[int, int], responsible: int = 1, **known: Any) -> int:
        rows = tuple(Assignment(at, user, level) for at, (user, level) in enumerate(having, 1))
        ticket = Ticket(1, "", 7, "open", None, responsible, rows)
        return department_of(ticket, TicketLink(1, **known), DEPARTMENTS)

    agreed = {"routed_department": 2, "routed_responsible": 1}
    assert of() == 1
    assert of((3, 28)) == 3
    assert of((3, 28), (2, 28), responsible=2) == 2
    assert of((40, 29)) == 1
    assert of((40, 29), **agreed) == 2  # an employee took it from there
    assert of((3, 28), (2, 28), **agreed) == 2
    assert of((3, 28), (40, 29), **agreed) == 3
    assert of((2, 28), (3, 28), responsible=3, **agreed) == 3
    assert of(responsible=4, **agreed) == 4
    assert of((40, 29), responsible=40, **agreed) == 2
    assert of((2, 28), (3, 28), **agreed, department_begun=3) == 3
