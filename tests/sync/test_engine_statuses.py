"""Statuses: three-way, with every account's habits, and nothing decided twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.omnidesk.settings import Settings
from tests.support.amount import spread
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


def begin(workshop: Workshop, state: str) -> int:
    """A ticket and its case in one of the three states, agreed."""
    ticket = workshop.linked_ticket("начало")
    if state == "waiting":
        workshop.panel.employee_closes(workshop.anna, ticket)
    elif state == "closed":
        workshop.panel.client_archives(ticket)
    workshop.settle()
    sides = workshop.assert_equal(ticket)
    assert (sides.state, sides.status) == (state, state)
    return ticket


def change_ticket(workshop: Workshop, ticket: int, state: str) -> None:
    """Bring the ticket into a state, by people's acts."""
    if state == "open":
        workshop.panel.employee_takes(workshop.boris, ticket)
    elif state == "waiting":
        if workshop.panel.ticket_state(ticket).state == "closed":
            workshop.panel.employee_takes(workshop.boris, ticket)
        for user in workshop.panel.ticket_state(ticket).assignees:
            employee = user if user != workshop.support else workshop.boris
            workshop.panel.employee_closes(employee, ticket)
    else:
        workshop.panel.client_archives(ticket)


CHANGES = [
    # before, ticket, case -> both afterwards (ticket, case)
    ("open", "waiting", None, "waiting", "waiting"),
    ("open", "closed", None, "closed", "closed"),
    ("waiting", "open", None, "open", "open"),
    ("waiting", "closed", None, "closed", "closed"),
    ("closed", "open", None, "open", "open"),
    ("closed", "waiting", None, "waiting", "waiting"),
    ("open", None, "waiting", "waiting", "waiting"),
    ("open", None, "closed", "waiting", "closed"),
    ("waiting", None, "open", "open", "open"),
    ("waiting", None, "closed", "waiting", "closed"),
    ("closed", None, "open", "open", "open"),
    ("closed", None, "waiting", "closed", "waiting"),
    ("open", "waiting", "waiting", "waiting", "waiting"),
    ("open", "waiting", "closed", "waiting", "closed"),
    ("open", "closed", "waiting", "closed", "waiting"),
    ("open", "closed", "closed", "closed", "closed"),
    ("waiting", "open", "open", "open", "open"),
    ("waiting", "open", "closed", "waiting", "closed"),
    ("waiting", "closed", "open", "open", "open"),
    ("waiting", "closed", "closed", "closed", "closed"),
    ("closed", "open", "open", "open", "open"),
    ("closed", "open", "waiting", "waiting", "waiting"),
    ("closed", "waiting", "open", "open", "open"),
    ("closed", "waiting", "waiting", "waiting", "waiting"),
]


@pytest.mark.parametrize(("before", "here", "there", "ticket_after", "case_after"), spread(CHANGES, 12))
def test_statuses_changed_between_two_runs(
    workshop: Workshop, before: str, here: str | None, there: str | None, ticket_after: str, case_after: str
) -> None:
    """Where both sides changed to different ends, Omnidesk wins."""
    ticket = begin(workshop, before)
    workshop.tick(5)
    if here:
        change_ticket(workshop, ticket, here)
    if there:
        workshop.agent_sets(ticket, there)
    workshop.make_due(ticket)
    workshop.settle()
    sides = workshop.both_sides(ticket)
    assert (sides.state, sides.status) == (ticket_after, case_after)
    assert len(workshop.panel.messages(ticket)) == len(workshop.desk.messages(workshop.case(ticket))) == 1
    assert workshop.deeds(ticket) == []


@pytest.mark.parametrize("status", ["waiting", "closed"])
def test_a_new_client_message_wins_over_a_case_ended_meanwhile(workshop: Workshop, status: str) -> None:
    ticket = begin(workshop, "open")
    workshop.client_writes(ticket, "Постойте")
    workshop.agent_sets(ticket, status)
    workshop.settle()
    sides = workshop.assert_equal(ticket)
    assert (sides.state, sides.status) == ("open", "open")


@pytest.mark.parametrize("reopens", [True, False], ids=["Omnidesk reopens by itself", "it does not"])
@pytest.mark.parametrize("state", ["waiting", "closed"])
def test_a_clients_message_reopens_both_sides(make_workshop: Make, reopens: bool, state: str) -> None:
    workshop = make_workshop(desk=Settings(client_message_reopens=reopens))
    ticket = begin(workshop, state)
    workshop.client_writes(ticket, "Снова не работает")
    workshop.settle()
    sides = workshop.assert_equal(ticket)
    assert (sides.state, sides.status) == ("open", "open")
    assert workshop.deeds(ticket) == []


@pytest.mark.parametrize("waits", [True, False], ids=["Omnidesk waits after a reply", "it does not"])
@pytest.mark.parametrize("close", [True, False], ids=["ends the assignment", "keeps it"])
def test_an_employees_answer_leaves_both_sides_as_he_left_the_ticket(
    make_workshop: Make, waits: bool, close: bool
) -> None:
    workshop = make_workshop(desk=Settings(staff_reply_sets_waiting=waits))
    ticket = begin(workshop, "open")
    workshop.panel.employee_replies(workshop.anna, ticket, "Ответ", close=close)
    workshop.settle()
    workshop.tick(300)
    workshop.settle()
    sides = workshop.assert_equal(ticket)
    assert sides.state == ("waiting" if close else "open")
    assert sides.status == sides.state
    assert workshop.deeds(ticket) == []


@pytest.mark.parametrize("waits", [True, False], ids=["Omnidesk waits after a reply", "it does not"])
@pytest.mark.parametrize("status", ["open", "waiting", "closed", None])
@pytest.mark.parametrize("before", ["open", "waiting", "closed"])
def test_an_agents_reply_leaves_both_sides_as_he_left_the_case(
    make_workshop: Make, waits: bool, status: str | None, before: str
) -> None:
    workshop = make_workshop(desk=Settings(staff_reply_sets_waiting=waits))
    ticket = begin(workshop, before)
    workshop.agent_replies(ticket, "Ответ", status=status)
    left = workshop.desk.cases[workshop.case(ticket)].status
    workshop.settle()
    workshop.tick(300)
    workshop.settle()
    sides = workshop.assert_equal(ticket)
    assert sides.status == left
    assert (sides.state == "open") == (left == "open")
    assert workshop.deeds(ticket) == []


def test_a_reply_to_a_ticket_archived_meanwhile_arrives(workshop: Workshop) -> None:
    ticket = begin(workshop, "open")
    workshop.panel.client_archives(ticket)
    workshop.agent_replies(ticket, "Всё готово")
    workshop.settle()
    sides = workshop.assert_equal(ticket)
    assert sides.billmanager[-1].text == "Всё готово"
    assert sides.state in ("waiting", "closed")
    assert workshop.deeds(ticket) == []


def test_a_reply_to_a_ticket_archived_meanwhile_does_not_make_the_case_flicker(workshop: Workshop) -> None:
    ticket = begin(workshop, "open")
    workshop.panel.client_archives(ticket)
    workshop.agent_replies(ticket, "Всё готово")
    calls = workshop.calls(workshop.settle)
    assert len([call for call in calls if call.startswith("PUT /api/cases/")]) <= 1


def test_a_status_alone_costs_one_call(workshop: Workshop) -> None:
    ticket = begin(workshop, "open")
    workshop.panel.employee_closes(workshop.anna, ticket)
    calls = workshop.calls(lambda: workshop.sync(force=False))
    assert calls == [f"PUT /api/cases/{workshop.case(ticket)}.json"]


def test_a_reopened_ticket_goes_back_to_its_department(workshop: Workshop) -> None:
    ticket = begin(workshop, "waiting")
    workshop.agent_sets(ticket, "open")
    workshop.settle()
    assert workshop.panel.ticket_state(ticket).assignees == (workshop.support,)


def test_every_assignment_ends_when_the_case_ends(workshop: Workshop) -> None:
    ticket = begin(workshop, "open")
    workshop.panel.employee_takes(workshop.anna, ticket)
    workshop.panel.employee_takes(workshop.boris, ticket)
    workshop.settle()
    assert len(workshop.panel.ticket_state(ticket).assignees) == 2
    workshop.agent_replies(ticket, "Готово", status="closed")
    workshop.settle()
    assert workshop.panel.ticket_state(ticket).assignees == ()
    workshop.assert_equal(ticket)


def test_an_archived_ticket_found_by_the_audit_closes_its_case(workshop: Workshop) -> None:
    """Archiving leaves no new row and may fire no event."""
    ticket = begin(workshop, "waiting")
    workshop.hook = False
    workshop.panel.client_archives(ticket)
    workshop.settle()
    assert workshop.both_sides(ticket).status == "closed"


def test_a_ticket_taken_while_the_hook_was_broken_is_found_by_the_scan(workshop: Workshop) -> None:
    ticket = begin(workshop, "waiting")
    workshop.hook = False
    workshop.panel.employee_takes(workshop.anna, ticket)
    workshop.settle()
    assert workshop.both_sides(ticket).status == "open"


def test_a_status_set_by_an_agent_is_found_without_a_webhook(workshop: Workshop) -> None:
    ticket = begin(workshop, "open")
    workshop.agent_sets(ticket, "waiting")
    assert workshop.desk.webhooks.pending() == 0
    workshop.sync()
    assert workshop.panel.ticket_state(ticket).state == "waiting"


def test_nothing_changed_costs_one_poll_however_many_tickets(workshop: Workshop) -> None:
    tickets = [begin(workshop, "open") for _ in range(4)]
    for _ in range(3):  # looking behind our own writes, a few at a time
        workshop.tick(700)
        workshop.settle()
    assert workshop.calls(workshop.sync) == ["GET /api/cases.json"]
    workshop.assert_all_equal(tickets)


@pytest.mark.parametrize(("words", "ended", "archived"), [
    (("waiting", "closed"), "waiting", "closed"),
    (("closed", "closed"), "closed", "closed"),
    (("waiting", "waiting"), "waiting", "waiting"),
    (("closed", "waiting"), "closed", "closed"),
])  # fmt: skip
def test_what_an_ended_ticket_makes_of_its_case_can_be_set(
    make_workshop: Make, words: tuple[str, str], ended: str, archived: str
) -> None:
    workshop = make_workshop(status_map=words)
    ticket = workshop.linked_ticket("Вопрос")
    workshop.panel.employee_replies(workshop.boris, ticket, "Готово")
    workshop.settle()
    assert workshop.desk.cases[workshop.case(ticket)].status == ended
    workshop.panel.client_archives(ticket)
    workshop.settle()
    assert workshop.desk.cases[workshop.case(ticket)].status == archived
    workshop.client_writes(ticket, "Не готово")
    workshop.settle()
    sides = workshop.assert_equal(ticket)
    assert (sides.state, sides.status) == ("open", "open")
    workshop.agent_replies(ticket, "Теперь готово", status="waiting")
    workshop.settle()
    assert workshop.desk.cases[workshop.case(ticket)].status == "waiting", "what agents choose stays as it is"
