"""The employee who has the ticket and the case's assignee (``SyncAssignee``), by passes of the module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.billmanager.panel import PanelOptions
from sandbox.omnidesk.settings import Settings as Desk
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
MOVES = pytest.mark.parametrize("moves", [True, False], ids=["assignments can be moved", "they cannot"])
ASSIGNS = pytest.mark.parametrize("assigns", [True, False], ids=["a reply assigns", "it does not"])


def made(make_workshop: Make, *, assigns: bool = True, moves: bool = True, **more: object) -> Workshop:
    """The setting is on; Gleb is on both sides, as Anna is. Polls come with each pass."""
    desk = Desk(staff_reply_assigns=assigns)
    options = PanelOptions(moves_assignments=moves)
    workshop = make_workshop(**{"sync_assignee": True, "desk": desk, "panel_options": options, **more})
    workshop.gleb = workshop.panel.add_employee("gleb", "gleb@example.com", "Глеб Рогов")  # type: ignore[attr-defined]
    workshop.gleb_staff = workshop.desk.add_staff("Gleb@example.com", "Глеб Рогов").staff_id  # type: ignore[attr-defined]
    return workshop


def has(workshop: Workshop, ticket: int) -> tuple[int, ...]:
    return workshop.panel.ticket_state(ticket).assignees


def case(workshop: Workshop, ticket: int) -> int:
    return workshop.desk.cases[workshop.case(ticket)].staff_id


def at_rest(workshop: Workshop, ticket: int) -> None:
    """Everything is done, and stays so."""
    for _ in range(2):
        workshop.tick(61)
        workshop.settle()
    workshop.tick(700)  # behind its own writes it looks once more
    workshop.settle()
    requests = len(workshop.panel.requests)
    assert workshop.calls(workshop.sync) == ["GET /api/cases.json"]
    assert len(workshop.panel.requests) == requests
    assert workshop.deeds(ticket) == []
    workshop.settle()


def test_without_the_setting_neither_side_changes(make_workshop: Make) -> None:
    workshop = made(make_workshop, sync_assignee=False)
    ticket = workshop.linked_ticket()
    workshop.panel.employee_takes(workshop.anna, ticket)
    workshop.settle()
    assert case(workshop, ticket) == 0
    workshop.desk.assign(workshop.case(ticket), workshop.anna_staff)
    workshop.panel.reassign(ticket, f"e_{workshop.boris}", workshop.boris)
    workshop.settle()
    assert workshop.anna_staff == case(workshop, ticket)


def test_who_takes_the_ticket_becomes_the_cases_assignee(make_workshop: Make) -> None:
    workshop = made(make_workshop)
    ticket = workshop.linked_ticket()
    workshop.panel.employee_takes(workshop.anna, ticket)
    workshop.settle()
    assert case(workshop, ticket) == workshop.anna_staff
    assert workshop.both_sides(ticket).status == "open"
    at_rest(workshop, ticket)
    workshop.panel.employee_takes(workshop.gleb, ticket)  # type: ignore[attr-defined]
    workshop.settle()
    assert case(workshop, ticket) == workshop.gleb_staff, "who took it last"  # type: ignore[attr-defined]
    assert set(has(workshop, ticket)) == {workshop.anna, workshop.gleb}  # type: ignore[attr-defined]
    at_rest(workshop, ticket)


@MOVES
def test_the_ticket_goes_to_the_cases_assignee(make_workshop: Make, moves: bool) -> None:
    workshop = made(make_workshop, moves=moves)
    ticket = workshop.linked_ticket()
    workshop.desk.assign(workshop.case(ticket), workshop.anna_staff)
    workshop.settle()
    assert has(workshop, ticket) == (workshop.anna,)
    at_rest(workshop, ticket)
    workshop.desk.assign(workshop.case(ticket), workshop.gleb_staff)  # type: ignore[attr-defined]
    workshop.settle()
    gleb = workshop.gleb  # type: ignore[attr-defined]
    assert set(has(workshop, ticket)) == ({gleb} if moves else {workshop.anna, gleb})
    assert case(workshop, ticket) == workshop.gleb_staff  # type: ignore[attr-defined]
    at_rest(workshop, ticket)
    assert workshop.both_sides(ticket).status == "open"


@MOVES
def test_a_case_that_nobody_has_gives_the_ticket_back_to_its_department(make_workshop: Make, moves: bool) -> None:
    workshop = made(make_workshop, moves=moves)
    ticket = workshop.linked_ticket()
    workshop.panel.employee_takes(workshop.anna, ticket)
    workshop.settle()
    workshop.desk.assign(workshop.case(ticket), 0)
    workshop.settle()
    assert has(workshop, ticket) == ((workshop.support,) if moves else (workshop.anna,))
    assert case(workshop, ticket) == 0, "where the panel refuses, both sides stay as they are"
    at_rest(workshop, ticket)


@pytest.mark.parametrize("nobody", [True, False], ids=["staff_id 0 is taken", "it is refused"])
def test_a_ticket_passed_to_a_department_takes_the_case_from_its_assignee(make_workshop: Make, nobody: bool) -> None:
    workshop = made(make_workshop)
    workshop.desk.settings.takes_nobody = nobody
    ticket = workshop.linked_ticket()
    row = workshop.panel.employee_takes(workshop.anna, ticket)
    workshop.settle()
    params = {"elid": row, "plid": ticket, "set_responsible": f"d_{workshop.billing}", "sok": "ok"}
    workshop.panel.call("support_tool_responsible", params, workshop.anna)
    workshop.settle()
    assert has(workshop, ticket) == (workshop.billing,)
    assert case(workshop, ticket) == (0 if nobody else workshop.anna_staff)
    at_rest(workshop, ticket)


def test_where_both_changed_omnidesk_wins(make_workshop: Make) -> None:
    workshop = made(make_workshop)
    ticket = workshop.linked_ticket()
    workshop.settle()
    workshop.panel.employee_takes(workshop.anna, ticket)
    workshop.desk.assign(workshop.case(ticket), workshop.gleb_staff)  # type: ignore[attr-defined]
    workshop.settle()
    assert case(workshop, ticket) == workshop.gleb_staff  # type: ignore[attr-defined]
    assert workshop.gleb in has(workshop, ticket)  # type: ignore[attr-defined]
    at_rest(workshop, ticket)


@pytest.mark.parametrize("staffed", ["vera", "integration"])
def test_staff_without_an_employee_leave_the_ticket_as_it_is(make_workshop: Make, staffed: str) -> None:
    """Vera is no employee of BILLmanager; the integration employee is nobody."""
    workshop = made(make_workshop)
    ticket = workshop.linked_ticket()
    staff = workshop.vera_staff if staffed == "vera" else workshop.integration_staff
    workshop.desk.assign(workshop.case(ticket), staff)
    workshop.settle()
    assert has(workshop, ticket) == (workshop.support,)
    assert case(workshop, ticket) == staff
    at_rest(workshop, ticket)
    workshop.panel.employee_takes(workshop.anna, ticket)
    workshop.settle()
    assert case(workshop, ticket) == workshop.anna_staff, "somebody took it afterwards"
    at_rest(workshop, ticket)


def test_an_employee_without_staff_leaves_the_case_as_it_is(make_workshop: Make) -> None:
    """Boris is unknown in Omnidesk."""
    workshop = made(make_workshop)
    ticket = workshop.linked_ticket()
    workshop.panel.employee_takes(workshop.boris, ticket)
    workshop.settle()
    assert case(workshop, ticket) == 0
    at_rest(workshop, ticket)
    workshop.desk.assign(workshop.case(ticket), workshop.anna_staff)
    workshop.settle()
    assert set(has(workshop, ticket)) == {workshop.boris, workshop.anna}, "nothing is taken away from Boris"
    at_rest(workshop, ticket)


@ASSIGNS
@pytest.mark.parametrize("close", [True, False], ids=["and closes", "and keeps it"])
def test_an_employees_reply(make_workshop: Make, assigns: bool, close: bool) -> None:
    """The account may make its author the assignee by itself; the ticket is his in either case, while it is open."""
    workshop = made(make_workshop, assigns=assigns)
    ticket = workshop.linked_ticket()
    workshop.panel.employee_replies(workshop.anna, ticket, "Ответ", close=close)
    workshop.settle()
    at_rest(workshop, ticket)
    sides = workshop.assert_equal(ticket)
    assert sides.state == ("waiting" if close else "open")
    assert has(workshop, ticket) == (() if close else (workshop.anna,))
    assert case(workshop, ticket) == (workshop.anna_staff if assigns or not close else 0)


@ASSIGNS
def test_a_reply_that_goes_over_as_the_integration_employees_does_not_take_the_case_away(
    make_workshop: Make, assigns: bool
) -> None:
    """Boris writes in the ticket that Anna has; every reply may change the assignee by itself."""
    workshop = made(make_workshop, assigns=assigns)
    ticket = workshop.linked_ticket()
    workshop.panel.employee_takes(workshop.anna, ticket)
    workshop.settle()
    workshop.panel.employee_replies(workshop.boris, ticket, "Подскажу", close=False)
    workshop.settle()
    at_rest(workshop, ticket)
    assert case(workshop, ticket) == workshop.anna_staff
    assert workshop.anna in has(workshop, ticket)


@ASSIGNS
def test_an_agents_reply_gives_him_the_ticket_where_it_gives_him_the_case(make_workshop: Make, assigns: bool) -> None:
    workshop = made(make_workshop, assigns=assigns)
    ticket = workshop.linked_ticket()
    workshop.settle()
    workshop.desk.agent_reply(workshop.case(ticket), workshop.anna_staff, text="Смотрю")
    workshop.settle()
    at_rest(workshop, ticket)
    assert has(workshop, ticket) == ((workshop.anna,) if assigns else (workshop.support,))
    assert case(workshop, ticket) == (workshop.anna_staff if assigns else 0)


@pytest.mark.parametrize("status", ["waiting", "closed"])
def test_an_ended_ticket_is_not_opened_by_an_assignee(make_workshop: Make, status: str) -> None:
    workshop = made(make_workshop)
    ticket = workshop.linked_ticket()
    workshop.agent_sets(ticket, status)
    workshop.settle()
    workshop.desk.assign(workshop.case(ticket), workshop.anna_staff)
    workshop.settle()
    at_rest(workshop, ticket)
    sides = workshop.both_sides(ticket)
    assert (sides.state, sides.status) == ("waiting", status)
    assert case(workshop, ticket) == workshop.anna_staff
    workshop.client_writes(ticket, "Опять")
    workshop.settle()
    assert has(workshop, ticket) == (workshop.anna,), "the client's message opens it for whoever the case is"
    assert case(workshop, ticket) == workshop.anna_staff
    at_rest(workshop, ticket)


def test_who_takes_an_ended_ticket_gets_the_case(make_workshop: Make) -> None:
    """Its assignee of before does not count against him."""
    workshop = made(make_workshop)
    ticket = workshop.linked_ticket()
    workshop.desk.agent_reply(workshop.case(ticket), workshop.anna_staff, text="Готово", status="waiting")
    workshop.settle()
    at_rest(workshop, ticket)
    assert case(workshop, ticket) == workshop.anna_staff
    puts = workshop.calls(lambda: (workshop.panel.employee_takes(workshop.gleb, ticket), workshop.sync()))  # type: ignore[attr-defined]
    assert [one for one in puts if one.startswith("PUT")] == [f"PUT /api/cases/{workshop.case(ticket)}.json"]
    assert case(workshop, ticket) == workshop.gleb_staff  # type: ignore[attr-defined]
    assert workshop.both_sides(ticket).status == "open", "status and assignee in one call"
    at_rest(workshop, ticket)


def test_a_lost_event_is_found_by_the_scan(make_workshop: Make) -> None:
    workshop = made(make_workshop)
    ticket = workshop.linked_ticket()
    workshop.settle()
    at_rest(workshop, ticket)
    workshop.hook = False
    workshop.panel.employee_takes(workshop.anna, ticket)  # the department's row becomes hers
    workshop.settle()
    assert case(workshop, ticket) == workshop.anna_staff
    at_rest(workshop, ticket)


def test_a_ticket_that_ends_meanwhile_stays_ended(make_workshop: Make) -> None:
    """Between the plan and the call, and in the middle of it."""
    workshop = made(make_workshop, moves=False)
    panel = workshop.context.panel
    move = panel.move
    ticket = workshop.linked_ticket()
    workshop.settle()

    def raced(*given: Any, **more: Any) -> None:
        del panel.move
        workshop.panel.employee_closes(workshop.boris, ticket)
        move(*given, **more)

    panel.move = raced  # type: ignore[method-assign]
    workshop.desk.assign(workshop.case(ticket), workshop.anna_staff)
    workshop.settle()
    sides = workshop.both_sides(ticket)
    assert (sides.state, sides.status) == ("waiting", "waiting")
    at_rest(workshop, ticket)


def test_a_panel_that_refuses_to_hand_over_is_reported_once(
    make_workshop: Make, caplog: pytest.LogCaptureFixture
) -> None:
    workshop = made(make_workshop, moves=False)
    workshop.panel.forbidden[workshop.anna] = frozenset({"ticket_all.edit"})
    ticket = workshop.linked_ticket()
    workshop.settle()
    workshop.desk.assign(workshop.case(ticket), workshop.anna_staff)
    workshop.settle()
    assert has(workshop, ticket) == (workshop.support,)
    assert case(workshop, ticket) == workshop.anna_staff
    at_rest(workshop, ticket)
    found = [one.getMessage() for one in caplog.records if "does not give ticket" in one.getMessage()]
    assert len(found) == 1
    assert "Анна Ким" in found[0]


def test_tickets_of_before_the_setting_are_left_as_they_are(make_workshop: Make) -> None:
    """Only a side that has nobody follows the other."""
    workshop = made(make_workshop, sync_assignee=False)
    tickets = [workshop.linked_ticket(str(number)) for number in range(3)]
    for ticket in tickets[:2]:
        workshop.panel.employee_takes(workshop.anna, ticket)
    for ticket in tickets[1:]:
        workshop.desk.assign(workshop.case(ticket), workshop.gleb_staff)  # type: ignore[attr-defined]
    workshop.panel.execute("UPDATE ticket2external_case SET agreed_staff = -1")  # as a version before this left them
    workshop.settle()
    workshop.restart(sync_assignee=True)
    for ticket in tickets:
        workshop.make_due(ticket)
    workshop.settle()
    gleb, staff = workshop.gleb, workshop.gleb_staff  # type: ignore[attr-defined]
    assert [has(workshop, one) for one in tickets] == [(workshop.anna,), (workshop.anna,), (gleb,)]
    assert [case(workshop, one) for one in tickets] == [workshop.anna_staff, staff, staff]
    for ticket in tickets:
        assert workshop.deeds(ticket) == []


@MOVES
def test_an_employee_who_is_in_billmanager_twice_keeps_his_ticket(make_workshop: Make, moves: bool) -> None:
    workshop = made(make_workshop, moves=moves)
    again = workshop.panel.add_employee("anna2", "anna@example.com", "Анна Ким")
    ticket = workshop.linked_ticket()
    workshop.panel.employee_takes(again, ticket)
    workshop.settle()
    assert case(workshop, ticket) == workshop.anna_staff
    at_rest(workshop, ticket)
    assert has(workshop, ticket) == (again,)
    workshop.agent_replies(ticket, "Ответ")
    workshop.settle()
    at_rest(workshop, ticket)
    workshop.assert_equal(ticket)


def test_the_integrations_employee_is_nobodys_assignee(make_workshop: Make) -> None:
    workshop = made(make_workshop)
    ticket = workshop.linked_ticket()
    workshop.desk.assign(workshop.case(ticket), workshop.integration_staff)
    workshop.settle()
    at_rest(workshop, ticket)
    assert has(workshop, ticket) == (workshop.support,)
