"""Adding an e-mail to a user merges users, so that a case belongs to another one: no stored id stands in the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


@pytest.fixture
def merged(make_workshop: Make) -> tuple[Workshop, int]:
    """A ticket whose client was merged into a user with an e-mail."""
    workshop = make_workshop(desk=Settings(only_case_user_writes=True))
    ticket = workshop.linked_ticket("раз")
    user = workshop.desk.cases[workshop.case(ticket)].user_id
    workshop.desk.client_case("ivan@example.com", "Почта", "письмо")
    workshop.tick()
    workshop.desk.add_contact(user, "ivan@example.com")
    return workshop, ticket


def user_of(workshop: Workshop, ticket: int) -> int:
    return workshop.desk.cases[workshop.case(ticket)].user_id


def test_the_next_message_goes_over_as_the_other_user(merged: tuple[Workshop, int]) -> None:
    workshop, ticket = merged
    case = workshop.case(ticket)
    workshop.client_writes(ticket, "два")
    report = workshop.sync(force=False)
    assert report.failed == 0
    assert workshop.case(ticket) == case
    assert workshop.desk.messages(case)[-1].user_id == user_of(workshop, ticket)
    workshop.settle()
    workshop.assert_equal(ticket)


def test_a_poll_learns_it_without_a_call(merged: tuple[Workshop, int]) -> None:
    workshop, ticket = merged
    case = workshop.case(ticket)
    workshop.agent_replies(ticket, "ответ")
    workshop.settle()
    workshop.client_writes(ticket, "два")
    assert workshop.calls(lambda: workshop.sync(force=False)) == [f"POST /api/cases/{case}/messages.json"]
    workshop.assert_equal(ticket)


def test_a_message_in_doubt_is_found(make_workshop: Make) -> None:
    workshop = make_workshop()
    ticket = workshop.linked_ticket("раз")
    workshop.desk.faults.drop_after(on="POST /api/cases/*/messages.json")
    workshop.client_writes(ticket, "два")
    workshop.sync(force=False)
    workshop.desk.add_contact(user_of(workshop, ticket), "ivan@example.com")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert len(workshop.desk.messages(workshop.case(ticket))) == 2


def test_the_name_goes_to_the_other_user(merged: tuple[Workshop, int]) -> None:
    workshop, ticket = merged
    workshop.client_writes(ticket, "два")
    workshop.settle()
    workshop.panel.execute("UPDATE user SET realname = 'Иван Новый' WHERE id = %s", workshop.ivan.user)
    workshop.context.reader.forget_people()
    workshop.client_writes(ticket, "три")
    workshop.settle()
    assert "Новый" in workshop.desk.users[user_of(workshop, ticket)].full_name


def test_a_case_merged_afterwards_is_followed(merged: tuple[Workshop, int]) -> None:
    workshop, ticket = merged
    other = workshop.desk.agent_case(user_of(workshop, ticket), "Другое", "<p>другое</p>")
    workshop.desk.merge(workshop.case(ticket), other.case_id)
    workshop.settle()
    assert workshop.case(ticket) == other.case_id
    workshop.client_writes(ticket, "два")
    workshop.settle()
    assert "два" in [line.text for line in workshop.both_sides(ticket).omnidesk]


def test_another_clients_case_is_not_followed(make_workshop: Make) -> None:
    """Even if the merge gave the case to the other client: his own user is there."""
    workshop = make_workshop()
    ticket = workshop.linked_ticket("раз")
    other = workshop.desk.client_case("petra@example.com", "Чужое", "чужое")
    workshop.desk.merge(workshop.case(ticket), other.case_id)
    workshop.desk.cases[workshop.case(ticket)].user_id = other.user_id
    workshop.settle()
    workshop.client_writes(ticket, "два")
    workshop.settle()
    assert workshop.case(ticket) != other.case_id
    assert [line.text for line in workshop.both_sides(ticket).omnidesk] == ["два"]


def test_a_new_ticket_of_the_client_belongs_to_the_other_user(merged: tuple[Workshop, int]) -> None:
    workshop, ticket = merged
    other = workshop.linked_ticket("ещё вопрос")
    workshop.client_writes(other, "и ещё")
    workshop.settle()
    workshop.assert_equal(other)
    assert user_of(workshop, other) == user_of(workshop, ticket)
