"""Shapes seen in live accounts: kinds of messages, values of fields, totals that are larger than the rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.omnidesk import views
from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
POLL = ["GET /api/cases.json"]


def texts(workshop: Workshop, ticket: int) -> list[str]:
    return [message.text for message in workshop.panel.messages(ticket)]


def test_a_forwarded_note_is_a_note(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("раз")
    workshop.tick()
    workshop.desk.agent_note(workshop.case(ticket), workshop.anna_staff, text="переслано").kind = "note_fwd_message"
    workshop.settle()
    assert texts(workshop, ticket) == ["раз"]
    assert "переслано" in workshop.panel.notes(ticket)[-1].text


@pytest.mark.parametrize("named", [True, False], ids=["an employee's name", "nobody's name"])
def test_an_automatic_reply_of_a_rule_without_a_type_reaches_the_client(workshop: Workshop, named: bool) -> None:
    ticket = workshop.linked_ticket("раз")
    workshop.tick()
    workshop.desk.rule_reply(workshop.case(ticket), "Мы получили ваше обращение", workshop.anna_staff if named else 0)
    workshop.settle()
    assert len(texts(workshop, ticket)) == 2 and "Мы получили" in texts(workshop, ticket)[1]
    assert not workshop.context.queue.listing()


@pytest.mark.parametrize("value", [["1", "2"], [], {}, "-", "0", "", False, None, 0, "удалённый вариант"])
def test_any_value_of_a_field_is_read(workshop: Workshop, value: object) -> None:
    field = workshop.desk.add_field("Поле", "select", options={"0": "нет", "1": "один", "2": "два"})
    other = workshop.desk.add_field("Другое")
    path = workshop.root / "etc" / "omnidesk" / "custom_fields.json"
    path.write_text(f'[{{"field": "{other.key}", "value": "ticket"}}]')
    workshop.restart()
    ticket = workshop.linked_ticket("раз")
    workshop.desk.cases[workshop.case(ticket)].custom_fields[field.key] = value
    workshop.agent_replies(ticket, "ответ")
    workshop.settle()
    workshop.client_writes(ticket, "два")
    workshop.panel.client_archives(ticket)
    workshop.settle()
    workshop.assert_equal(ticket)
    assert workshop.desk.cases[workshop.case(ticket)].custom_fields == {field.key: value, other.key: str(ticket)}


def test_a_field_of_a_company_is_named_and_left_out(workshop: Workshop, caplog: pytest.LogCaptureFixture) -> None:
    company, own = workshop.desk.add_field("Компания", level="company"), workshop.desk.add_field("Номер")
    path = workshop.root / "etc" / "omnidesk" / "custom_fields.json"
    path.write_text(f'[{{"field": "{company.key}", "value": "ticket"}}, {{"field": "{own.key}", "value": "ticket"}}]')
    workshop.restart()
    ticket = workshop.linked_ticket("раз")
    assert workshop.desk.cases[workshop.case(ticket)].custom_fields == {own.key: str(ticket)}
    assert company.key in caplog.text
    workshop.assert_equal(ticket)


@pytest.fixture
def counting(make_workshop: Make) -> Workshop:
    """An account that counts records of the system in its totals and pages, and does not show them."""
    return make_workshop(desk=Settings(system_messages=True, records_shown=False), poll_seconds=3600)


def test_a_total_larger_than_the_rows_loses_no_reply(counting: Workshop) -> None:
    ticket = counting.linked_ticket("раз")
    for number in range(3):
        counting.agent_sets(ticket, "waiting")
        counting.agent_sets(ticket, "open")
        counting.agent_replies(ticket, f"ответ {number}")
    counting.settle()
    assert texts(counting, ticket) == ["раз", "ответ 0", "ответ 1", "ответ 2"]
    assert not counting.context.queue.listing()


def test_a_total_larger_than_the_rows_costs_no_call_once_a_message_is_known(counting: Workshop) -> None:
    ticket = counting.linked_ticket("раз")
    counting.agent_sets(ticket, "waiting")
    counting.agent_sets(ticket, "open")
    counting.agent_replies(ticket, "ответ")
    counting.settle()
    counting.agent_replies(ticket, "ещё")
    counting.deliver_webhooks()
    case = counting.case(ticket)
    assert counting.calls(lambda: counting.sync(force=False)) == [f"GET /api/cases/{case}/messages.json"]


def test_short_pages_lose_no_reply(counting: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omnidesk.helpdesk.client.PAGE", 4)
    ticket = counting.linked_ticket("раз")
    for number in range(9):
        counting.agent_replies(ticket, f"ответ {number}")
        counting.agent_sets(ticket, "waiting")
        counting.agent_sets(ticket, "open")
    counting.settle()
    assert texts(counting, ticket) == ["раз", *(f"ответ {number}" for number in range(9))]
    counting.tick(3600)
    counting.settle()
    assert counting.notes_to_staff(ticket) == ([], []), "nothing is taken for deleted"


def test_a_poll_that_counts_cases_it_does_not_show_goes_on(make_workshop: Make) -> None:
    workshop = make_workshop()
    tickets = [workshop.linked_ticket(str(number)) for number in range(3)]
    hidden = workshop.desk.client_case("x@example.com", "Чужое", "чужое")
    hidden.channel = workshop.channel.key
    workshop.desk.settings.hidden_cases = frozenset({hidden.case_id})
    for ticket in tickets:
        workshop.agent_sets(ticket, "closed")
    calls = workshop.calls(lambda: workshop.run_pass(force=True))
    assert calls.count(POLL[0]) <= 2
    workshop.settle()
    workshop.assert_all_equal(tickets)


def test_a_poll_of_which_nothing_is_shown_fails_nothing(make_workshop: Make) -> None:
    """The only case that changed lately is counted and not shown."""
    workshop = make_workshop()
    ticket = workshop.linked_ticket("раз")
    workshop.tick(3600)
    workshop.run_pass()
    hidden = workshop.desk.client_case("x@example.com", "Чужое", "чужое")
    hidden.channel = workshop.channel.key
    workshop.desk.settings.hidden_cases = frozenset({hidden.case_id})
    calls = workshop.calls(lambda: workshop.run_pass(force=True))
    assert len(calls) <= 2 and set(calls) == set(POLL)
    assert workshop.context.state.get("failing:poll") is None
    workshop.agent_sets(ticket, "closed")
    workshop.settle()
    workshop.assert_equal(ticket)


def hide(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """From now on no answer about a case says this."""
    given = views.case
    monkeypatch.setattr(
        views, "case", lambda *args, **more: {key: it for key, it in given(*args, **more).items() if key != name}
    )


@pytest.mark.parametrize("single", ["bare", "note"])
def test_an_answer_about_one_object_may_be_named_otherwise(
    make_workshop: Make, single: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The names are documented for the bodies of requests; of answers there are samples only."""
    workshop = make_workshop(desk=Settings(single=single))
    ticket = workshop.linked_ticket("раз")
    workshop.client_writes(ticket, "два")
    workshop.panel.employee_notes(workshop.anna, ticket, "заметка")
    workshop.settle()
    workshop.agent_replies(ticket, "ответ")
    workshop.settle()
    workshop.panel.client_archives(ticket)
    workshop.settle()
    workshop.assert_equal(ticket)
    assert "could not be parsed" not in caplog.text


def test_a_case_of_staff_that_names_no_channel_becomes_a_ticket(
    make_workshop: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only cases of the module's channel were asked for."""
    workshop = make_workshop(cases_from_omnidesk="channel")
    workshop.run_pass()
    workshop.tick(5)
    hide(monkeypatch, "channel")
    user = workshop.desk.add_user("custom", str(workshop.ivan.user), workshop.channel.key)
    case = workshop.desk.agent_case(user.user_id, "Домен", "<p>Скоро истекает</p>", workshop.anna_staff).case_id
    workshop.settle()
    (ticket,) = workshop.context.links.tickets_of_case(case)
    assert "Скоро истекает" in texts(workshop, ticket)[0]
    workshop.assert_equal(ticket)


def test_an_account_that_tells_of_no_priority_is_not_asked_for_it_again_and_again(
    make_workshop: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (("1", "low"), ("2", "normal"), ("3", "high"))
    workshop = make_workshop(sync_priority=words, priority_column="client_priority", priority_values="numbers")
    hide(monkeypatch, "priority")
    ticket = workshop.linked_ticket("раз")
    workshop.panel.execute("UPDATE ticket SET client_priority = 3 WHERE id = %s", ticket)
    workshop.make_due(ticket)
    calls = workshop.calls(workshop.settle)
    assert calls.count(f"GET /api/cases/{workshop.case(ticket)}.json") <= 1
    workshop.client_writes(ticket, "два")
    workshop.settle()
    workshop.assert_equal(ticket)


def test_an_answer_without_an_assignee_gives_nobodys_ticket_away(
    make_workshop: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = make_workshop(sync_assignee=True)
    ticket = workshop.linked_ticket("раз")
    workshop.panel.employee_takes(workshop.anna, ticket)
    workshop.settle()
    with monkeypatch.context() as patch:
        hide(patch, "staff_id")
        workshop.agent_replies(ticket, "ответ")
        for _ in range(2):
            workshop.settle()
            workshop.tick(700)
        assert workshop.panel.ticket_state(ticket).assignees == (workshop.anna,)
    workshop.desk.assign(workshop.case(ticket), 0)
    workshop.settle()
    assert workshop.panel.ticket_state(ticket).assignees == (workshop.support,)
    workshop.assert_equal(ticket)
