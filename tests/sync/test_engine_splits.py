"""Tickets that are split in BILLmanager: messages are moved to another ticket and keep their numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.billmanager.panel import PanelOptions
from sandbox.omnidesk.settings import Settings
from tests.judge.module_at_rest import left_over
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


@pytest.fixture(params=["none", "null", "service"])
def split(request: pytest.FixtureRequest, make_workshop: Make) -> Workshop:
    """A workshop in whose first ticket a conversation took place; the panel writes lines of its own, or not."""
    workshop = make_workshop(panel_options=PanelOptions(system_rows=request.param))
    workshop.first = workshop.linked_ticket("один")  # type: ignore[attr-defined]
    workshop.tick(3600)
    workshop.second = workshop.client_writes(workshop.first, "два")  # type: ignore[attr-defined]
    workshop.settle()
    workshop.agent_replies(workshop.first, "ответ на два")  # type: ignore[attr-defined]
    workshop.settle()
    workshop.tick(3600)
    workshop.settle()
    return workshop


def said(workshop: Workshop, ticket: int) -> list[str]:
    """What people said in the ticket's case."""
    rows = workshop.desk.messages(workshop.case(ticket))
    return [one.content or one.content_html for one in rows if not one.note]


def notices(workshop: Workshop, ticket: int) -> list[str]:
    return workshop.notes_to_staff(ticket)[1]


def test_the_new_ticket_gets_a_case_with_what_was_moved(split: Workshop) -> None:
    first, before = split.first, said(split, split.first)  # type: ignore[attr-defined]
    other = split.panel.split_ticket(first, split.second)  # type: ignore[attr-defined]
    split.settle()
    assert split.case(other) not in (0, split.case(first))
    assert ["два" in said(split, other)[0], "ответ на два" in said(split, other)[1]] == [True, True]
    assert len(said(split, other)) == 2
    assert said(split, first) == before, "the old case keeps its copies"
    (notice,) = notices(split, first)
    assert split.link(other).case_number in notice
    assert notices(split, other) == []
    opener = split.desk.messages(split.case(other))[0]
    assert opener.created_at < split.clock() - 3000, "with the date at which it was written"


def test_later_messages_and_replies_go_to_the_right_ticket(split: Workshop) -> None:
    first = split.first  # type: ignore[attr-defined]
    other = split.panel.split_ticket(first, split.second)  # type: ignore[attr-defined]
    split.settle()
    split.client_writes(other, "в новом")
    split.client_writes(first, "в старом")
    split.settle()
    split.agent_replies(first, "ответ в старом")
    split.agent_replies(other, "ответ в новом")
    split.settle()
    assert said(split, other)[2:] == ["в новом", "ответ в новом"]
    assert said(split, first)[3:] == ["в старом", "ответ в старом"]
    here = {ticket: [one.text for one in split.panel.messages(ticket) if not one.system] for ticket in (first, other)}
    assert here[first] == ["один", "в старом", "ответ в старом"]
    assert here[other] == ["два", "ответ на два", "в новом", "ответ в новом"]
    assert len(notices(split, first)) == 1
    before = len(split.desk.calls)
    split.tick(700)
    split.settle()
    assert [call.method for call in split.desk.calls[before:] if call.method != "GET"] == []


def test_a_split_is_found_although_the_numbers_are_old(split: Workshop) -> None:
    first = split.first  # type: ignore[attr-defined]
    highest = split.panel.query("SELECT MAX(id) AS id FROM ticket_message")[0]["id"]
    split.panel.execute(f"ALTER TABLE ticket_message AUTO_INCREMENT = {highest + 5000}")
    newer = split.linked_ticket("другой запрос")
    for _ in range(3):
        split.tick(400)
        split.sync()
    other = split.panel.split_ticket(first, split.second)  # type: ignore[attr-defined]
    split.settle()
    assert split.case(other) not in (0, split.case(first), split.case(newer))
    assert len(said(split, other)) == 2


def test_messages_that_were_never_sent_are_found_in_the_new_ticket(split: Workshop) -> None:
    first = split.first  # type: ignore[attr-defined]
    split.desk.faults.server_error(on="POST *", times=None)
    third = split.client_writes(first, "три")
    split.sync()
    split.desk.faults.clear()
    other = split.panel.split_ticket(first, third)
    split.settle()
    assert said(split, other) == ["три"]
    assert len(said(split, first)) == 3


def test_a_split_of_everything_leaves_the_old_ticket_what_it_was(split: Workshop) -> None:
    first, case = split.first, split.case(split.first)  # type: ignore[attr-defined]
    start = split.panel.messages(first)[0].id
    other = split.panel.split_ticket(first, start)
    split.settle()
    assert split.case(first) == case, "its number was not given to another ticket"
    assert len(said(split, first)) == len(said(split, other)) == 3
    split.client_writes(first, "снова здесь")
    split.settle()
    assert said(split, first)[3:] == ["снова здесь"]


def test_messages_moved_into_a_ticket_that_has_a_case_go_into_it(split: Workshop) -> None:
    first = split.first  # type: ignore[attr-defined]
    other = split.linked_ticket("другой")
    split.panel.split_ticket(first, split.second, into=other)  # type: ignore[attr-defined]
    split.settle()
    assert len(said(split, other)) == 3
    assert len(notices(split, first)) == 1


def test_what_is_moved_back_is_not_sent_again(split: Workshop) -> None:
    first, before = split.first, said(split, split.first)  # type: ignore[attr-defined]
    other = split.panel.split_ticket(first, split.second)  # type: ignore[attr-defined]
    split.settle()
    there = said(split, other)
    split.panel.split_ticket(other, split.second, into=first)  # type: ignore[attr-defined]
    split.settle()
    assert said(split, first) == before
    assert said(split, other) == there
    split.client_writes(first, "дальше")
    split.settle()
    assert said(split, first) == [*before, "дальше"]


def test_a_rating_of_a_moved_reply_goes_to_the_new_case(split: Workshop) -> None:
    first = split.first  # type: ignore[attr-defined]
    other = split.panel.split_ticket(first, split.second)  # type: ignore[attr-defined]
    split.settle()
    reply = next(one.id for one in split.panel.messages(other) if one.staff)
    split.panel.client_rates(reply, "good")
    split.settle()
    rated = [one.rating for one in split.desk.messages(split.case(other)) if one.staff_id and not one.note]
    assert rated == ["high"]


def test_whoever_a_further_case_is_for_is_not_named_in_it(make_workshop: Make) -> None:
    """What was moved begins with a reply, so the first case was for the account's first user."""
    workshop = make_workshop()
    first = workshop.linked_ticket("один")
    reply = workshop.panel.employee_replies(workshop.anna, first, "ответ")
    workshop.settle()
    other = workshop.panel.split_ticket(first, reply)
    workshop.settle()
    before = workshop.case(other)
    workshop.desk.trash(before)
    workshop.panel.client_writes(workshop.ivan.users[1], other, "снова я")
    workshop.settle()
    (opener,) = workshop.desk.messages(workshop.case(other))
    client = workshop.desk.users[opener.user_id]
    assert workshop.case(other) != before
    assert (client.identity, opener.content) == (str(workshop.ivan.users[1]), "снова я")


@pytest.mark.parametrize("columns", ["rating", None])
def test_a_rating_whose_reply_is_moved_before_it_goes_over(make_workshop: Make, columns: str | None) -> None:
    """The event names the old ticket; the reply stands in the new one when the rating is sent."""
    workshop = make_workshop(rating_column=columns)
    first = workshop.linked_ticket("один")
    second = workshop.client_writes(first, "два")
    workshop.settle()
    workshop.agent_replies(first, "ответ на два")
    workshop.settle()
    reply = next(one.id for one in workshop.panel.messages(first) if one.staff)
    workshop.desk.faults.server_error(on="PUT */rate/*", times=None)
    workshop.panel.client_rates(reply, "good")
    workshop.sync()
    other = workshop.panel.split_ticket(first, second)
    workshop.desk.faults.clear()
    workshop.settle()
    workshop.tick(900)
    workshop.settle()
    rated = [one.rating for one in workshop.desk.messages(workshop.case(other)) if one.staff_id and not one.note]
    assert rated == ["high"]
    assert workshop.context.queue.listing() == []


def test_a_split_while_the_case_cannot_be_made(split: Workshop) -> None:
    first = split.first  # type: ignore[attr-defined]
    split.desk.faults.drop_after(on="POST *cases.json*")
    other = split.panel.split_ticket(first, split.second)  # type: ignore[attr-defined]
    split.settle()
    assert len(said(split, other)) == 2
    assert len(notices(split, first)) == 1
    assert len(split.desk.cases) == 2


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_split_while_it_is_not_known_whether_a_message_has_arrived(split: Workshop, fault: str) -> None:
    first = split.first  # type: ignore[attr-defined]
    getattr(split.desk.faults, fault)(on="POST *messages.json*")
    third = split.client_writes(first, "три")
    split.sync()
    other = split.panel.split_ticket(first, third)
    split.settle()
    assert said(split, other) == ["три"]
    assert said(split, first).count("три") == (fault == "drop_after")
    assert left_over(split.panel) == []


@pytest.mark.parametrize("answer", ["code", "other", "empty"])
def test_a_split_whose_old_case_was_deleted_leaves_no_notice_behind(make_workshop: Make, answer: str) -> None:
    workshop = make_workshop(desk=Settings(case_not_found_status=400, case_not_found_answer=answer))
    first = workshop.linked_ticket("один")
    second = workshop.client_writes(first, "два")
    workshop.settle()
    workshop.tick(3600)
    workshop.settle()
    workshop.desk.delete(workshop.case(first))
    other = workshop.panel.split_ticket(first, second)
    workshop.settle()
    assert said(workshop, other) == ["два"]
    assert left_over(workshop.panel) == []
