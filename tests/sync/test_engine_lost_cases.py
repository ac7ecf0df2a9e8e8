"""A case that takes no more messages: the next message opens a new one, and nothing is sent twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
WAYS = ("delete", "trash", "spam", "merge")


def lose(workshop: Workshop, ticket: int, way: str) -> None:
    """An agent takes the ticket's case away."""
    workshop.tick()
    case = workshop.case(ticket)
    if way == "merge":
        other = workshop.desk.client_case("somebody@example.com", "Другое", "другое")
        workshop.desk.merge(case, other.case_id)
    else:
        getattr(workshop.desk, way)(case)


@pytest.mark.parametrize("noticed", [True, False], ids=["noticed by the poll", "met by the next message"])
@pytest.mark.parametrize("way", WAYS)
def test_the_next_message_opens_a_new_case_and_nothing_is_sent_twice(
    make_workshop: Make, way: str, noticed: bool
) -> None:
    workshop = make_workshop(desk=Settings(spam_accepts_messages=False, spam_blocks_user=False))
    ticket = workshop.linked_ticket("один")
    workshop.client_writes(ticket, "два")
    workshop.settle()
    old, posted = workshop.case(ticket), workshop.posted(notes=False)
    lose(workshop, ticket, way)
    if noticed:
        workshop.sync()
    assert workshop.posted(notes=False) == posted, "a lost case alone makes no new one"
    workshop.client_writes(ticket, "три")
    workshop.client_writes(ticket, "четыре")
    workshop.settle()
    assert workshop.case(ticket) != old
    assert [line.text for line in workshop.both_sides(ticket).omnidesk] == ["три", "четыре"]
    assert workshop.posted(notes=False) == posted + 2
    workshop.agent_replies(ticket, "пять")
    workshop.settle()
    assert [message.text for message in workshop.panel.messages(ticket)] == ["один", "два", "три", "четыре", "пять"]
    assert workshop.link(ticket).case_gone == ""


@pytest.mark.parametrize("way", WAYS)
def test_a_lost_case_changes_nothing_in_the_ticket(workshop: Workshop, way: str) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.employee_takes(workshop.anna, ticket)
    workshop.settle()
    before = workshop.panel.ticket_state(ticket)
    lose(workshop, ticket, way)
    workshop.settle()
    workshop.tick(3600)
    workshop.settle()
    assert workshop.panel.ticket_state(ticket) == before
    assert len(workshop.panel.messages(ticket)) == 1


def test_employees_are_named_in_the_message_that_opens_the_new_case(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.desk.delete(workshop.case(ticket))
    workshop.panel.employee_replies(workshop.anna, ticket, "Посмотрели")
    workshop.settle()
    message = workshop.desk.messages(workshop.case(ticket))[0]
    assert message.user_id
    assert "Анна Ким" in message.content
    assert workshop.desk.cases[workshop.case(ticket)].status == "waiting", "nobody has the ticket any more"


def test_a_reply_in_the_old_case_after_the_new_one_was_made_is_not_lost_in_the_new_one(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    old = workshop.case(ticket)
    workshop.desk.trash(old)
    workshop.client_writes(ticket, "два")
    workshop.settle()
    workshop.desk.restore(old)
    workshop.tick()
    workshop.desk.agent_reply(old, workshop.anna_staff, text="в старом")
    workshop.settle()
    assert workshop.case(ticket) != old
    assert "в старом" not in [line.text for line in workshop.both_sides(ticket).omnidesk]


def test_a_case_taken_out_of_the_trash_before_anything_was_written_is_used_again(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    case = workshop.case(ticket)
    workshop.desk.trash(case)
    workshop.sync()
    workshop.tick()
    workshop.desk.restore(case)
    workshop.tick()
    workshop.desk.agent_reply(case, workshop.anna_staff, text="два")
    workshop.settle()
    workshop.client_writes(ticket, "три")
    workshop.settle()
    assert [message.text for message in workshop.panel.messages(ticket)] == ["один", "два", "три"]


def test_a_message_swallowed_by_the_trash_is_followed_by_a_look_at_the_case(make_workshop: Make) -> None:
    """Where the trash takes messages, the case that does not show up as changed is asked for, and found gone.

    Staff do not see what went into the trash, so it goes again into the new case.
    """
    workshop = make_workshop(desk=Settings(trash_accepts_messages=True))
    ticket = workshop.linked_ticket("один")
    old = workshop.case(ticket)
    workshop.settle()
    workshop.desk.trash(old)
    workshop.client_writes(ticket, "два")
    workshop.sync()
    assert workshop.case(ticket) == old
    workshop.tick(60)
    workshop.sync()
    assert workshop.case(ticket) != old
    workshop.client_writes(ticket, "три")
    workshop.settle()
    assert [line.text for line in workshop.both_sides(ticket).omnidesk] == ["два", "три"]


def test_a_case_that_shows_up_as_changed_is_not_asked_for(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    workshop.client_writes(ticket, "два")
    workshop.sync()
    workshop.tick(60)
    calls = workshop.calls(workshop.sync)
    assert calls == ["GET /api/cases.json"]


def test_a_deleted_ticket_leaves_its_case_as_it_is(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    case = workshop.case(ticket)
    workshop.panel.delete_ticket(ticket)
    workshop.settle()
    workshop.tick()
    workshop.desk.agent_reply(case, workshop.anna_staff, text="Вы здесь?")
    workshop.settle()
    assert workshop.desk.cases[case].status == "open"
    assert workshop.context.queue.next_due() is None


@pytest.mark.parametrize("way", ["trash", "spam"])
def test_a_case_that_comes_back_before_the_next_message_goes_on(make_workshop: Make, way: str) -> None:
    """Taken out of the trash again, the same case takes the next message; no second case is made."""
    workshop = make_workshop()
    ticket = workshop.linked_ticket("один")
    case = workshop.case(ticket)
    lose(workshop, ticket, way)
    workshop.context.queue.make_due(ticket, "a test", look_case=True)
    workshop.settle()
    assert workshop.context.links.ticket(ticket).case_gone == way
    workshop.tick()
    workshop.desk.restore(case)
    workshop.settle()
    workshop.client_writes(ticket, "два")
    workshop.settle()
    assert workshop.case(ticket) == case
    workshop.assert_equal(ticket)
