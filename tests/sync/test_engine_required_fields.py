"""Fields required at closing: a refusal is reported once, everything else goes on, and a change tries again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from omnidesk.sync import notices
from omnidesk.sync.agreement import agreement
from omnidesk.sync.reconcile import preview
from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


@pytest.fixture
def strict(make_workshop: Make) -> Workshop:
    workshop = make_workshop(desk=Settings())
    field = workshop.desk.add_field("Причина закрытия")
    workshop.desk.settings.required_at_closing = frozenset({field.key})
    return workshop


def required(workshop: Workshop) -> str:
    (key,) = workshop.desk.settings.required_at_closing
    return key


def archived(workshop: Workshop) -> int:
    ticket = workshop.linked_ticket("один")
    workshop.panel.client_archives(ticket)
    workshop.settle()
    return ticket


def puts(workshop: Workshop) -> int:
    return workshop.desk.calls_count("PUT /api/cases/*")


def test_it_is_reported_once_and_tried_once(strict: Workshop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    ticket = archived(strict)
    for _ in range(5):
        strict.tick(1200)
        strict.settle()
    assert puts(strict) == 1
    assert strict.desk.cases[strict.case(ticket)].status == "open"
    assert strict.panel.ticket_state(ticket).state == "closed"
    here, there = strict.notes_to_staff(ticket)
    assert here == [] and len(there) == 1
    assert "required_fields_not_filled" in there[0] and f"pmomnidesk retry {ticket}" in there[0]
    assert sum("required_fields_not_filled" in record.getMessage() for record in caplog.records) == 1
    assert not strict.context.queue.listing()
    seen, actions = preview(strict.context, ticket)
    assert actions == []
    assert [one.code for one in agreement(strict.context, seen, actions).reasons] == ["not_ended"]


def test_everything_else_goes_on(strict: Workshop) -> None:
    ticket = archived(strict)
    strict.agent_replies(ticket, "ответ")
    strict.settle()
    assert [message.text for message in strict.panel.messages(ticket)] == ["один", "ответ"]
    strict.client_writes(ticket, "два")
    strict.settle()
    strict.agent_replies(ticket, "ещё ответ")
    strict.settle()
    assert [message.text for message in strict.panel.messages(ticket)] == ["один", "ответ", "два", "ещё ответ"]
    strict.assert_equal(ticket)


def test_an_agent_fills_in_the_field(strict: Workshop) -> None:
    ticket = archived(strict)
    strict.tick()
    strict.desk.set_fields(strict.case(ticket), {required(strict): "решено"})
    strict.settle()
    assert strict.desk.cases[strict.case(ticket)].status == "closed"
    assert strict.panel.ticket_state(ticket).state == "closed"
    strict.assert_equal(ticket)


def test_an_agent_closes_it_himself(strict: Workshop) -> None:
    ticket = archived(strict)
    strict.agent_sets(ticket, "closed")
    strict.settle()
    assert strict.link(ticket).refused_status == ""
    strict.assert_equal(ticket)


def test_the_client_writes_and_archives_again(strict: Workshop) -> None:
    ticket = archived(strict)
    strict.client_writes(ticket, "два")
    strict.settle()
    strict.assert_equal(ticket)
    assert strict.link(ticket).refused_status == ""
    strict.panel.client_archives(ticket)
    strict.settle()
    assert puts(strict) == 2
    assert len(strict.notes_to_staff(ticket)[1]) == 2


def test_a_value_of_ours_fills_the_field(strict: Workshop) -> None:
    ticket = archived(strict)
    path = strict.root / "etc" / "omnidesk" / "custom_fields.json"
    path.write_text(f'[{{"field": "{required(strict)}", "value": "ticket"}}]')
    strict.restart()
    strict.make_due(ticket)
    strict.settle()
    assert strict.desk.cases[strict.case(ticket)].custom_fields == {required(strict): str(ticket)}
    assert strict.desk.cases[strict.case(ticket)].status == "closed"


def test_retry_tries_at_once(strict: Workshop) -> None:
    ticket = archived(strict)
    strict.desk.settings.required_at_closing = frozenset()
    assert strict.context.queue.retry(ticket)
    strict.settle()
    assert strict.desk.cases[strict.case(ticket)].status == "closed"


def test_a_ticket_that_is_archived_already_gets_its_case(strict: Workshop) -> None:
    """With its subject and date; the case stays open, and staff learn why."""
    strict.hook = False
    ticket = strict.new_ticket("один", "Тема", created=strict.moment(86400))
    strict.panel.client_archives(ticket)
    strict.hook = True
    strict.context.links.ensure_ticket(ticket)
    strict.context.links.history_requested(ticket)
    strict.make_due(ticket)
    strict.settle()
    case = strict.desk.cases[strict.case(ticket)]
    assert "Тема" in case.subject and case.created_at < strict.clock() - 80000
    assert case.status == "open"
    assert len(strict.notes_to_staff(ticket)[1]) == 1


def test_many_such_tickets_are_no_mass_change(make_workshop: Make) -> None:
    workshop = make_workshop(mass_change_limit=2)
    field = workshop.desk.add_field("Причина закрытия")
    workshop.desk.settings.required_at_closing = frozenset({field.key})
    for _ in range(6):
        archived(workshop)
        workshop.tick(600)
    workshop.settle()
    other = workshop.linked_ticket("другой")
    workshop.panel.client_archives(other)
    workshop.settle()
    assert workshop.context.holds.counts() == {}


@pytest.mark.parametrize("code", [403, 500])
def test_another_failure_is_not_taken_for_it(strict: Workshop, code: int) -> None:
    ticket = strict.linked_ticket("один")
    strict.desk.settings.required_at_closing = frozenset()
    strict.desk.faults.answer(code, "<html>no</html>", "text/html", on="PUT /api/cases/*")
    strict.panel.client_archives(ticket)
    strict.settle()
    assert strict.desk.cases[strict.case(ticket)].status == "closed"


def test_a_ticket_that_is_open_again_is_no_reason_for_another_note(strict: Workshop) -> None:
    """Its client has written; the refusal stays known until both sides agree on that."""
    ticket = archived(strict)
    found, link = strict.context.reader.ticket(ticket), strict.link(ticket)
    assert found is not None and link.refused_status
    link = replace(link, client_message=link.client_message + 1)
    assert len(notices.due(strict.context, notices.Facts(found, link))) == 1
    assert notices.due(strict.context, notices.Facts(replace(found, status="open"), link)) == ()


def answered_and_archived(workshop: Workshop) -> int:
    """Our copy of an employee's reply has set the case waiting when its end is refused."""
    workshop.desk.settings.staff_reply_sets_waiting = True
    ticket = workshop.linked_ticket("один")
    workshop.panel.employee_replies(workshop.anna, ticket, "ответ")
    workshop.panel.client_archives(ticket)
    workshop.settle()
    assert workshop.desk.cases[workshop.case(ticket)].status == "waiting"
    return ticket


@pytest.mark.parametrize("reply", [False, True])
def test_a_case_that_an_agent_opens_after_its_end_was_refused_is_open(strict: Workshop, reply: bool) -> None:
    """What it was at the refusal is the base of his change, not the status that was agreed before."""
    ticket = answered_and_archived(strict)
    if reply:
        strict.desk.settings.staff_reply_sets_waiting = False
        strict.agent_replies(ticket, "открываю снова")
    strict.agent_sets(ticket, "open")
    strict.settle()
    assert strict.desk.cases[strict.case(ticket)].status == strict.panel.ticket_state(ticket).state == "open"


def test_a_refused_end_is_no_decision_of_staff(strict: Workshop) -> None:
    """Polls that show the case again neither read its history nor take its status for a change; fields try it again."""
    ticket = answered_and_archived(strict)
    before = strict.desk.calls_count("GET /api/cases/*/changelog.json")
    for _ in range(3):
        strict.tick(61)
        strict.settle()
    assert strict.desk.calls_count("GET /api/cases/*/changelog.json") == before
    assert strict.panel.ticket_state(ticket).state == "closed"
    strict.tick()
    strict.desk.set_fields(strict.case(ticket), {required(strict): "решено"})
    strict.settle()
    assert strict.desk.cases[strict.case(ticket)].status == "closed"
