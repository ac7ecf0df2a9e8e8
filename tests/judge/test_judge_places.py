"""The judge of departments and groups, with places that are wrong on purpose."""

from __future__ import annotations

from tests.judge.places import Place, Places

TICKET, CASE = 17, 900001
GROUPS = {1: 10, 2: 20}


def judged(places: Places, department: int, group: int) -> int:
    """How many complaints there are."""
    return len(places.complaints({TICKET: Place(department, CASE, group)}))


def places() -> Places:
    found = Places(GROUPS)
    assert judged(found, 1, 10) == 0
    return found


def test_a_case_that_stays_behind_its_ticket() -> None:
    found = places()
    found.ticket_moved(TICKET)
    assert judged(found, 2, 10) == 1


def test_a_case_that_nobody_moved() -> None:
    assert judged(places(), 1, 20) == 2


def test_a_ticket_that_the_panel_did_not_move_stays_until_somebody_does() -> None:
    found = places()
    found.case_moved(TICKET, 20)
    found.refused.add(TICKET)
    assert judged(found, 1, 20) == 0
    assert judged(found, 1, 20) == 0
    found.ticket_moved(TICKET)
    assert judged(found, 1, 20) == 1
