"""The note that a new case begins with (setting ``CaseNote``)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.crash import Crashes
from tests.support.workshop import Workshop

Open = Callable[..., Workshop]
ALL = ("link", "card", "thread")


@pytest.fixture
def begun(make_workshop: Open) -> Open:
    """A workshop whose module has made its first pass, so that what comes is no history."""

    def make(**settings: Any) -> Workshop:
        workshop = make_workshop(**settings)
        workshop.run_pass()
        workshop.tick(5)
        return workshop

    return make


def note(workshop: Workshop, ticket: int) -> str:
    """The only note of the module in the ticket's cases."""
    here, there = workshop.notes_to_staff(ticket)
    assert here == []
    (found,) = there
    return found


def catalogue(workshop: Workshop, **values: str) -> None:
    """Values of clients, by key."""
    entries = {key: {"entity": "user", "name": key.upper(), "sql": sql} for key, sql in values.items()}
    (workshop.root / "etc/omnidesk/custom_fields_values.json").write_text(json.dumps(entries), encoding="utf-8")


def lose(workshop: Workshop, ticket: int) -> str:
    """The case goes to the trash and its client writes again; the number of the lost case."""
    number = workshop.link(ticket).case_number
    workshop.desk.trash(workshop.case(ticket))
    workshop.tick(61)
    workshop.settle()
    workshop.client_writes(ticket, "Вы здесь?")
    workshop.settle()
    return number


@pytest.mark.parametrize("url", ["", "https://panel.example:1500"])
def test_a_new_case_begins_with_a_link_to_its_ticket(begun: Open, url: str) -> None:
    workshop = begun(case_note=("link",), public_url=url)
    ticket = workshop.linked_ticket()
    said = note(workshop, ticket)
    assert f"Запрос №{ticket} в BILLmanager" in said
    assert (f"{url}/billmgr?startform=ticket_all.edit&elid={ticket}" in said.replace("&amp;", "&")) == bool(url)
    for _ in range(3):
        workshop.tick(700)
        workshop.client_writes(ticket, "Ещё")
        workshop.settle()
    assert note(workshop, ticket) == said
    assert workshop.panel.notes(ticket) == []
    workshop.assert_equal(ticket)


def test_the_card_shows_values_of_the_catalogue(begun: Open) -> None:
    """One that is not there, or whose statement fails, is missing; the others are shown."""
    workshop = begun(case_note=("card",), case_note_values=("name", "none", "broken", "login", "empty"))
    catalogue(
        workshop,
        name="SELECT realname FROM user WHERE id = __id__",
        broken="SELECT nothing FROM nowhere WHERE id = __id__",
        login="SELECT name FROM user WHERE id = __id__",
        empty="SELECT '' FROM user WHERE id = __id__",
    )
    ticket = workshop.linked_ticket()
    assert note(workshop, ticket) == "Клиент:\nNAME: Иван Петров\nLOGIN: ivan@example.com"


def test_a_card_without_values_is_no_note(begun: Open) -> None:
    workshop = begun(case_note=("card", "thread"), case_note_values=("none",))
    ticket = workshop.linked_ticket()
    assert workshop.notes_to_staff(ticket) == ([], [])


def test_a_case_that_replaces_a_lost_one_begins_with_the_conversation(begun: Open) -> None:
    workshop = begun(case_note=("thread",))
    ticket = workshop.linked_ticket("Сайт не открывается")
    workshop.agent_replies(ticket, "Проверяем **всё**")
    workshop.agent_notes(ticket, "между собой")
    workshop.settle()
    assert workshop.notes_to_staff(ticket) == ([], [])
    number = lose(workshop, ticket)
    said = note(workshop, ticket)
    assert said.startswith(f"Переписка до этого, из обращения {number}:")
    assert said.index("Иван Петров:\nСайт не открывается") < said.index("Анна Ким:\nПроверяем")
    assert "Вы здесь?" not in said and "между собой" not in said


def test_a_long_conversation_is_cut_at_its_beginning(begun: Open) -> None:
    workshop = begun(case_note=("thread",))
    ticket = workshop.linked_ticket("сообщение 0")
    for number in range(1, 40):
        workshop.client_writes(ticket, f"сообщение {number}")
    workshop.settle()
    workshop.tick(700)
    workshop.settle()
    lose(workshop, ticket)
    said = note(workshop, ticket)
    assert "без первых сообщений, их 10" in said
    assert "сообщение 39" in said and "сообщение 9\n" not in said


def test_old_tickets_and_old_cases_get_none(begun: Open) -> None:
    """Neither what is imported, nor what was linked before the setting was there."""
    workshop = begun()
    ticket = workshop.linked_ticket()
    workshop.tick(1300)
    workshop.settle()
    workshop.restart(case_note=ALL)
    workshop.client_writes(ticket, "Ещё")
    workshop.settle()
    assert workshop.notes_to_staff(ticket) == ([], [])


def test_a_note_that_is_refused_holds_up_nothing(begun: Open) -> None:
    workshop = begun(case_note=("link",))
    workshop.desk.faults.answer(400, '{"error":"wrong"}', on="POST /api/cases/*/note", times=None)
    ticket = workshop.linked_ticket()
    workshop.client_writes(ticket, "Ещё")
    workshop.settle()
    assert [one.text for one in workshop.both_sides(ticket).omnidesk] == ["Сайт не открывается", "Ещё"]


def test_it_costs_one_call_of_each_new_case(begun: Open) -> None:
    workshop = begun(case_note=("link",))
    ticket = workshop.new_ticket("Сайт не открывается")
    calls = workshop.calls(lambda: workshop.sync(force=False))
    assert [one.split()[0] for one in calls if "staff" not in one] == ["POST", "POST"]
    assert workshop.notes_to_staff(ticket)[1]


@pytest.mark.slow
def test_a_worker_that_dies_anywhere_writes_one_note(begun: Open) -> None:
    crashes = Crashes()
    for at in crashes:
        workshop = begun(case_note=("link",), settle_seconds=10)
        ticket = workshop.new_ticket("Сайт не открывается")
        died = crashes.run(workshop, at)
        for _ in range(3):
            workshop.tick(61)
            workshop.settle()
        assert note(workshop, ticket), died
        workshop.assert_equal(ticket)
        workshop.close()
