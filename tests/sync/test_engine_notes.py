"""Notes travel as notes, or not at all."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


def test_notes_travel_both_ways_as_notes(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.employee_notes(workshop.anna, ticket, "клиент важный")
    workshop.settle()
    workshop.agent_notes(ticket, "согласна")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert [note.text for note in workshop.panel.notes(ticket)] == ["клиент важный", "согласна"]
    assert [message.note for message in workshop.desk.messages(workshop.case(ticket))] == [False, True, True]
    assert len(workshop.panel.messages(ticket)) == 1


def test_notes_of_the_unknown_are_named(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.employee_notes(workshop.boris, ticket, "от Бориса")
    workshop.agent_notes(ticket, "от Веры", staff=workshop.vera_staff)
    workshop.settle()
    workshop.assert_equal(ticket, in_order=False)
    assert "Вера Орлова" in workshop.panel.notes(ticket)[-1].text
    assert "Борис Лунин" in workshop.desk.messages(workshop.case(ticket))[-1].content


def test_notes_stay_where_they_are_when_switched_off(make_workshop: Make) -> None:
    workshop = make_workshop(sync_notes=False)
    ticket = workshop.linked_ticket()
    workshop.panel.employee_notes(workshop.anna, ticket, "только здесь")
    workshop.agent_notes(ticket, "только там")
    workshop.settle()
    assert [note.text for note in workshop.panel.notes(ticket)] == ["только здесь"]
    assert len(workshop.panel.messages(ticket)) == 1
    assert [m.content or m.content_html for m in workshop.desk.messages(workshop.case(ticket))][1:] == ["только там"]


def test_notes_left_while_switched_off_stay_left_when_switched_on(make_workshop: Make) -> None:
    workshop = make_workshop(sync_notes=False)
    ticket = workshop.linked_ticket()
    workshop.panel.employee_notes(workshop.anna, ticket, "старая здесь")
    workshop.agent_notes(ticket, "старая там")
    workshop.settle()
    workshop.restart(sync_notes=True)
    workshop.panel.employee_notes(workshop.anna, ticket, "новая здесь")
    workshop.agent_notes(ticket, "новая там")
    workshop.settle()
    assert [note.text for note in workshop.panel.notes(ticket)] == ["старая здесь", "новая здесь", "новая там"]
    texts = [line.text for line in workshop.both_sides(ticket).omnidesk]
    assert sorted(texts) == sorted(["Сайт не открывается", "старая там", "новая здесь", "новая там"])


def test_a_note_neither_opens_nor_closes_the_ticket(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.employee_closes(workshop.anna, ticket)
    workshop.settle()
    workshop.agent_notes(ticket, "на будущее")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert workshop.panel.ticket_state(ticket).state == "waiting"
    taken = workshop.linked_ticket()
    workshop.panel.employee_takes(workshop.anna, taken)
    workshop.settle()
    workshop.agent_notes(taken, "на будущее")
    workshop.settle()
    workshop.assert_equal(taken)
    assert workshop.panel.ticket_state(taken).assignees == (workshop.anna,)


def test_a_note_without_a_webhook_is_found_by_the_poll(make_workshop: Make) -> None:
    workshop = make_workshop(desk=Settings(webhook_notes=False))
    ticket = workshop.linked_ticket()
    workshop.agent_notes(ticket, "тихо")
    workshop.settle()
    workshop.assert_equal(ticket)


def test_a_note_whose_event_was_lost_is_found_by_the_scan(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.hook = False
    workshop.panel.employee_notes(workshop.anna, ticket, "тихо")
    workshop.settle()
    workshop.assert_equal(ticket)


def test_a_note_on_a_ticket_without_a_case_waits_for_the_first_message(workshop: Workshop) -> None:
    ticket = workshop.new_ticket()
    workshop.panel.employee_notes(workshop.anna, ticket, "сразу заметка")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert len(workshop.desk.cases) == 1


def test_system_records_of_a_case_are_left(make_workshop: Make) -> None:
    workshop = make_workshop(desk=Settings(system_messages=True))
    ticket = workshop.linked_ticket()
    workshop.agent_sets(ticket, "waiting")
    workshop.agent_replies(ticket, "Ответ", status="closed")
    workshop.settle()
    assert [message.text for message in workshop.panel.messages(ticket)] == ["Сайт не открывается", "Ответ"]
    assert workshop.plan(ticket) == []
