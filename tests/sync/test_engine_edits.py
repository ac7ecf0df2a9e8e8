"""What staff change or delete in Omnidesk after it was delivered: told to staff by a note, if wanted; never more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from omnidesk.sync.actions import Notify
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


@pytest.fixture
def workshop(make_workshop: Make) -> Workshop:
    return make_workshop(omnidesk_edits="note")


def answered(workshop: Workshop, *texts: str) -> tuple[int, list[int]]:
    """A ticket with these replies from Omnidesk, and their ids there."""
    ticket = workshop.linked_ticket()
    ids = []
    for text in texts or ("Перезагрузите роутер",):
        ids.append(workshop.agent_replies(ticket, text).message_id)
        workshop.settle()
    return ticket, ids


def notes(workshop: Workshop, ticket: int) -> list[str]:
    return [note.text for note in workshop.panel.notes(ticket)]


def said(workshop: Workshop, ticket: int) -> list[str]:
    return [message.text for message in workshop.panel.messages(ticket)]


def quiet(workshop: Workshop) -> None:
    workshop.settle()
    for _ in range(3):
        workshop.tick(900)
        workshop.settle()


def edit(workshop: Workshop, ticket: int, message: int, text: str) -> None:
    workshop.tick(60)
    workshop.desk.edit_message(workshop.case(ticket), message, text=text)


def test_an_edit_is_told_once_and_the_client_keeps_what_he_read(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop)
    before = said(workshop, ticket), workshop.panel.ticket_state(ticket)
    edit(workshop, ticket, reply, "Не перезагружайте роутер!")
    quiet(workshop)
    (note,) = notes(workshop, ticket)
    assert f"изменено сообщение {reply}" in note and note.endswith("Не перезагружайте роутер!")
    assert (said(workshop, ticket), workshop.panel.ticket_state(ticket)) == before
    assert [message.kind for message in workshop.desk.messages(workshop.case(ticket))].count("note") == 0


def test_each_further_edit_is_told_and_so_is_going_back(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop, "раз")
    for text in ("два", "три", "раз", "два"):
        edit(workshop, ticket, reply, text)
        quiet(workshop)
    assert [note.splitlines()[-1] for note in notes(workshop, ticket)] == ["два", "три", "раз", "два"]


def test_going_back_before_anything_was_told_is_none(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop, "раз")
    edit(workshop, ticket, reply, "два")
    edit(workshop, ticket, reply, "раз")
    quiet(workshop)
    assert notes(workshop, ticket) == []


def test_a_deletion_deletes_nothing_and_is_told(workshop: Workshop) -> None:
    ticket, (first, _) = answered(workshop, "первый ответ", "второй ответ")
    workshop.tick(60)
    workshop.desk.delete_message(workshop.case(ticket), first)
    quiet(workshop)
    (note,) = notes(workshop, ticket)
    assert f"удалено сообщение {first}" in note and note.endswith("первый ответ")
    assert said(workshop, ticket)[1:] == ["первый ответ", "второй ответ"]


def test_nothing_is_told_when_it_is_switched_off(make_workshop: Make) -> None:
    workshop = make_workshop(omnidesk_edits="off")
    ticket, (first, second) = answered(workshop, "первый ответ", "второй ответ")
    edit(workshop, ticket, second, "другое")
    workshop.desk.delete_message(workshop.case(ticket), first)
    quiet(workshop)
    assert notes(workshop, ticket) == []


def test_what_only_looks_different_is_no_edit(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop, "Смотрите https://cdn.example/a?sign=1 и «готово»")
    workshop.tick(60)
    workshop.desk.edit_message(
        workshop.case(ticket),
        reply,
        html="<div>Смотрите <b>https://cdn.example/a?sign=2</b><br>и &laquo;готово&raquo;</div>",
    )
    quiet(workshop)
    assert notes(workshop, ticket) == []


def test_an_archived_ticket_stays_in_the_archive(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop)
    workshop.agent_sets(ticket, "closed")
    workshop.settle()
    workshop.panel.client_archives(ticket)
    workshop.settle()
    edit(workshop, ticket, reply, "другое")
    quiet(workshop)
    assert (notes(workshop, ticket), workshop.panel.ticket_state(ticket).state) == ([], "closed")


def test_a_note_that_could_not_be_written_before_the_ticket_was_archived_waits_until_it_is_open(
    workshop: Workshop,
) -> None:
    ticket, (reply,) = answered(workshop)
    edit(workshop, ticket, reply, "другое")
    workshop.panel.faults.lose_request(lambda request: request.func == "ticket.edit", 1)
    workshop.run_pass()
    workshop.panel.client_archives(ticket)
    quiet(workshop)
    assert (notes(workshop, ticket), workshop.panel.ticket_state(ticket).state) == ([], "closed")
    assert workshop.context.links.messages(ticket, ("intent",)) == []
    workshop.client_writes(ticket, "Ещё вопрос")
    quiet(workshop)
    assert len(notes(workshop, ticket)) == 1


def test_a_run_that_dies_after_the_note_does_not_tell_it_twice(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop)
    edit(workshop, ticket, reply, "другое")
    workshop.panel.faults.die_after_commit(lambda request: request.func == "ticket.edit", 1)
    quiet(workshop)
    assert len(notes(workshop, ticket)) == 1


def test_a_panel_that_refuses_the_note_holds_nothing_up(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop)
    edit(workshop, ticket, reply, "другое")
    workshop.agent_replies(ticket, "ещё ответ")
    refused = lambda request: "note_message" in request.params  # noqa: E731
    workshop.panel.faults.fail("value", "note_message", "x", refused, 100)
    quiet(workshop)
    assert said(workshop, ticket)[-1] == "ещё ответ" and notes(workshop, ticket) == []
    assert workshop.context.queue.listing() == []


def test_the_dry_run_names_what_would_be_told(workshop: Workshop) -> None:
    ticket, (first, second) = answered(workshop, "первый ответ", "второй ответ")
    edit(workshop, ticket, second, "другое")
    workshop.desk.delete_message(workshop.case(ticket), first)
    planned = workshop.deeds(ticket)
    assert [type(action) for action in planned] == [Notify, Notify]
    assert str(second) in str(planned[0].title()) and str(first) in str(planned[1].title())


def test_a_thread_that_comes_back_empty_or_shorter_at_its_end_deletes_nothing(workshop: Workshop) -> None:
    """A failed read is not an absence: only what is missing between two messages that are there is gone."""
    ticket, (first, second) = answered(workshop, "первый ответ", "второй ответ")
    thread = workshop.desk.threads[workshop.case(ticket)]
    last = thread.pop(second)
    workshop.context.links.case_has_news(ticket)
    workshop.context.queue.make_due(ticket, "test")
    workshop.settle()
    assert notes(workshop, ticket) == []
    thread[second] = last
    quiet(workshop)
    assert notes(workshop, ticket) == [] and first
