"""Verdicts on tickets that were split, and on cases that the account does not close."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.judge.history import Filled, Moved, Opened, Refused, Said
from tests.judge.snapshot import Case, Entry, Ticket
from tests.judge.worlds import ANNA, INTEGRATION, IVAN, VERA, World

TICKET, CASE = 300, 900
OTHER, OTHERS = 301, 901  # the ticket and the case to which the conversation moved
NOTICE = f"Запрос №{TICKET} разделён: часть сообщений перенесена в запрос №{OTHER}. Продолжение в обращении 237-1."


def conversation() -> World:
    world = World()
    world.opens()
    world.staff(TICKET, CASE, "Смотрим")
    world.client(TICKET, CASE, "И ещё вопрос")
    world.agent(TICKET, CASE, "Ответ на вопрос", VERA)
    return world


def moved(world: World, into: int = 0) -> None:
    """The last two messages are moved in the panel; nothing has gone over yet."""
    world.tick()
    entries = world.tickets[TICKET].entries
    rows = tuple(Said(world.now, "B", "message", one.id, one.author, one.text, "", TICKET) for one in entries[-2:])
    if not into:
        world.act(Opened(world.now, OTHER, IVAN.account, f"Тема {OTHER}"))
        world.tickets[OTHER] = Ticket(OTHER, IVAN.account, "open")
    world.act(Moved(world.now, TICKET, into or OTHER, rows, not into))
    world.ticket_entries(TICKET, entries[:-2])
    world.ticket_entries(OTHER, (*world.tickets[OTHER].entries, *entries[-2:]))


def split() -> World:
    """A new ticket with the last two messages, and the case that it got."""
    world = conversation()
    moved(world)
    world.cases[OTHERS] = Case(OTHERS, f"Тема {OTHER}", IVAN.billmanager, "open")
    world.there(OTHERS, Entry(world.tick(), "client", IVAN.billmanager, "И ещё вопрос"))
    world.there(OTHERS, Entry(world.tick(), "staff", INTEGRATION.omnidesk, "Вера Орлова пишет:\n\nОтвет на вопрос"))
    world.there(CASE, Entry(world.tick(), "note", INTEGRATION.omnidesk, NOTICE))
    return world


def test_a_split_that_went_over_is_right() -> None:
    world = split()
    assert world.complaints() == []
    world.client(OTHER, OTHERS, "В новом")
    world.staff(TICKET, CASE, "В старом", ANNA)
    world.agent(OTHER, OTHERS, "Ответ в новом")
    world.rested()
    assert world.complaints() == []


def without_a_moved_message(world: World) -> None:
    world.case_entries(OTHERS, world.cases[OTHERS].entries[:-1])


def sent_to_the_old_case_again(world: World) -> None:
    world.there(CASE, replace(world.cases[CASE].entries[2], id=world.tick()))


def sent_to_the_new_case_twice(world: World) -> None:
    world.there(OTHERS, replace(world.cases[OTHERS].entries[0], id=world.tick()))


def in_another_order(world: World) -> None:
    first, second = world.cases[OTHERS].entries
    world.case_entries(OTHERS, (replace(second, id=first.id), replace(first, id=second.id)))


def not_told(world: World) -> None:
    world.case_entries(CASE, world.cases[CASE].entries[:-1])


def told_of_another_ticket(world: World) -> None:
    *others, notice = world.cases[CASE].entries
    world.case_entries(CASE, (*others, replace(notice, text=notice.text.replace(str(OTHER), "777"))))


def told_too_often(world: World) -> None:
    for _ in range(2):
        world.there(CASE, replace(world.cases[CASE].entries[-1], id=world.tick()))


def by_somebody_else(world: World) -> None:
    first, second = world.cases[OTHERS].entries
    world.case_entries(OTHERS, (first, replace(second, text="Анна Ким пишет:\n\nОтвет на вопрос")))


def what_stayed_sent_to_the_new_case(world: World) -> None:
    world.there(OTHERS, replace(world.cases[CASE].entries[1], id=world.tick()))


def a_reply_to_the_wrong_ticket(world: World) -> None:
    world.agent(OTHER, OTHERS, "Ответ в новом")
    *left, reply = world.tickets[OTHER].entries
    world.ticket_entries(OTHER, tuple(left))
    world.here(TICKET, reply)


def only_one_side_open(world: World) -> None:
    world.there(OTHERS, None, "waiting")


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (without_a_moved_message, "lost"),
        (sent_to_the_old_case_again, "repeated"),
        (sent_to_the_new_case_twice, "repeated"),
        (in_another_order, "order"),
        (not_told, "notice"),
        (told_of_another_ticket, "notice"),
        (told_too_often, "stranger"),
        (by_somebody_else, "text"),
        (what_stayed_sent_to_the_new_case, "stranger"),
        (a_reply_to_the_wrong_ticket, "ticket"),
        (only_one_side_open, "agreement"),
    ],
)
def test_a_mistake_with_a_split_is_noticed(spoil: Callable[[World], None], rule: str) -> None:
    world = split()
    spoil(world)
    assert rule in world.verdict(), world.complaints()


def test_what_comes_to_a_ticket_with_messages_may_come_late() -> None:
    world = conversation()
    world.opens(text="Другое")
    world.client(OTHER, OTHERS, "И ещё другое")
    moved(world, OTHER)
    world.tickets[OTHER] = replace(
        world.tickets[OTHER], entries=tuple(sorted(world.tickets[OTHER].entries, key=lambda one: one.id))
    )
    world.there(OTHERS, Entry(world.tick(), "client", IVAN.billmanager, "И ещё вопрос"))
    world.there(OTHERS, Entry(world.tick(), "staff", INTEGRATION.omnidesk, "Вера Орлова пишет:\n\nОтвет на вопрос"))
    world.there(CASE, Entry(world.tick(), "note", INTEGRATION.omnidesk, NOTICE))
    assert world.complaints() == []
    without_a_moved_message(world)
    assert world.verdict() == ["lost"]


def test_the_rating_of_a_moved_reply_is_in_the_new_case() -> None:
    world = split()
    reply = world.tickets[OTHER].entries[-1].id
    world.rates(OTHER, reply, "good")
    assert world.verdict() == ["rating"]
    *others, copy = world.cases[OTHERS].entries
    world.case_entries(OTHERS, (*others, replace(copy, rating="high")))
    assert world.complaints() == []


THIRD, THIRDS = 302, 902


def split_twice() -> World:
    """Both are moved on to a third ticket; that is said in the case of the ticket they came through only."""
    world = split()
    world.tick()
    entries = world.tickets[OTHER].entries
    rows = tuple(Said(world.now, "B", "message", one.id, one.author, one.text, "", TICKET) for one in entries)
    world.act(Opened(world.now, THIRD, IVAN.account, f"Тема {THIRD}"))
    world.act(Moved(world.now, OTHER, THIRD, rows, True))
    world.ticket_entries(OTHER, ())
    world.tickets[THIRD] = Ticket(THIRD, IVAN.account, "open", entries)
    world.cases[THIRDS] = Case(THIRDS, f"Тема {THIRD}", IVAN.billmanager, "open")
    for entry in world.cases[OTHERS].entries:
        world.there(THIRDS, replace(entry, id=world.tick()))
    text = NOTICE.replace(str(OTHER), str(THIRD)).replace(str(TICKET), str(OTHER))
    world.there(OTHERS, Entry(world.tick(), "note", INTEGRATION.omnidesk, text))
    return world


def test_notes_may_lead_from_case_to_case() -> None:
    world = split_twice()
    assert world.complaints() == []


@pytest.mark.parametrize("case", [CASE, OTHERS])  # whose note is missing
def test_a_message_moved_twice_is_found_from_the_case_it_was_in(case: int) -> None:
    world = split_twice()
    world.case_entries(case, world.cases[case].entries[:-1])
    assert "notice" in world.verdict()


def test_a_split_tickets_case_may_have_no_subject_if_the_moved_message_was_refused() -> None:
    world = split()
    world.cases[OTHERS] = replace(world.cases[OTHERS], subject=f"Запрос №{OTHER}")
    assert "case" in world.verdict()
    world.act(Refused(world.now, "O", "И ещё вопрос"))
    assert world.complaints() == []


# Fields that are required at closing


def stuck(*, required: bool = True) -> World:
    """The client archives his ticket, and the case stays open."""
    world = World()
    world.history.habits = replace(world.history.habits, required=required)
    world.opens()
    world.archives(TICKET, CASE)
    world.there(CASE, None, "open")
    words = f"Работа по запросу №{TICKET} закончена, но обращение не закрыть: required_fields_not_filled"
    world.there(CASE, Entry(world.tick(), "note", INTEGRATION.omnidesk, words))
    return world


def test_a_case_that_the_account_does_not_close_stays_open() -> None:
    world = stuck()
    assert world.complaints() == []
    world.rested()
    assert world.complaints() == []
    world.client(TICKET, CASE, "Ещё")
    assert world.complaints() == []


def test_where_no_field_is_required_it_does_not() -> None:
    assert "agreement" in stuck(required=False).verdict()


def test_nor_with_the_fields_filled_in() -> None:
    world = stuck()
    world.act(Filled(world.now, CASE))
    assert world.verdict() == ["agreement"]


def test_what_could_not_be_closed_is_closed_when_they_are_filled_in_later() -> None:
    world = World()
    world.history.habits = replace(world.history.habits, required=True)
    world.opens()
    world.ends(TICKET, CASE)
    world.archives(TICKET, CASE)
    world.there(CASE, None, "waiting")
    words = f"Работа по запросу №{TICKET} закончена, но обращение не закрыть: required_fields_not_filled"
    world.there(CASE, Entry(world.tick(), "note", INTEGRATION.omnidesk, words))
    world.rested()
    assert world.complaints() == []
    world.there(CASE, None, "closed")
    assert world.verdict() == ["status"]
    world.act(Filled(world.now, CASE))
    assert world.complaints() == []
    world.both(TICKET, CASE, "open")
    assert world.verdict() == ["status"]


def test_agents_are_told_once_why_it_is_open() -> None:
    world = stuck()
    world.there(CASE, replace(world.cases[CASE].entries[-1], id=world.tick()))
    assert world.verdict() == ["stranger"]
    world.case_entries(CASE, world.cases[CASE].entries[:-2])
    assert world.verdict() == ["notice"]


def test_a_ticket_that_is_open_beside_a_case_that_ended_is_wrong_there_too() -> None:
    world = stuck()
    world.here(TICKET, None, "open")
    world.there(CASE, None, "waiting")
    assert "agreement" in world.verdict()


def test_no_note_is_needed_where_the_case_waits_for_the_client_since_an_agents_reply() -> None:
    """Nothing tries to close it: his decision and the client's archiving came together, and the case's counts."""
    world = World()
    world.history.habits = replace(world.history.habits, required=True)
    world.opens()
    world.agent(TICKET, CASE, "Ответ", VERA, status="waiting")
    world.archives(TICKET, CASE)
    world.there(CASE, None, "waiting")
    assert world.complaints() == []
    world.rested()
    world.there(CASE, None, "open")
    world.archives(TICKET, CASE)
    world.there(CASE, None, "waiting")
    assert "notice" in world.verdict(), "what he decided before both sides were equal is settled"
