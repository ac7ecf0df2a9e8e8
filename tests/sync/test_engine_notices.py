"""Notes of the module's own: staff learn once, where they look, what did not reach whom; nothing else happens."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.billmanager.faults import Rule
from sandbox.omnidesk.wire import Request
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


def says(text: str) -> Callable[[Request], bool]:
    """Creating calls whose body holds this text."""
    return lambda request: request.method == "POST" and text in request.body.decode("utf-8", "replace")


def notes_to_cases(request: Request) -> bool:
    return request.method == "POST" and "/note" in request.path


def quiet(workshop: Workshop) -> None:
    """A while passes, with all looks at both sides."""
    workshop.settle()
    for _ in range(3):
        workshop.tick(900)
        workshop.settle()


def refuse_messages(workshop: Workshop, text: str = "плохое") -> None:
    workshop.desk.faults.answer(400, '{"error":"wrong_content"}', on=says(text), times=None)


def refuse_reply(workshop: Workshop, ticket: int, text: str = "плохое") -> Rule:
    """A reply that the panel refuses for good; the fault, to be lifted."""
    fault = workshop.panel.faults.fail("value", "message", "bad", lambda request: request.params.get("message") == text)
    workshop.agent_replies(ticket, text)
    workshop.settle()
    return fault


def test_a_reply_that_is_refused_for_good_is_told_once_in_the_case(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    refuse_reply(workshop, ticket)
    quiet(workshop)
    here, there = workshop.notes_to_staff(ticket)
    assert here == [] and len(there) == 1
    (reply,) = workshop.message_links(ticket, "refused")
    assert f"запрос №{ticket}" in there[0] and str(reply.external_message) in there[0]
    assert "Анна Ким" in there[0] and "«плохое»" in there[0] and f"pmomnidesk retry {ticket}" in there[0]
    assert "Панель отказала" in there[0]
    workshop.agent_replies(ticket, "хорошее")
    quiet(workshop)
    assert len(workshop.notes_to_staff(ticket)[1]) == 1, "a further try that fails is no news"
    assert workshop.panel.notes(ticket) == [], "it is no note of a person"


def test_a_note_in_the_case_moves_no_status(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.agent_sets(ticket, "closed")
    workshop.settle()
    state = workshop.panel.ticket_state(ticket).state
    refuse_reply(workshop, ticket)
    quiet(workshop)
    assert len(workshop.notes_to_staff(ticket)[1]) == 1
    assert (workshop.panel.ticket_state(ticket).state, workshop.both_sides(ticket).status) == (state, "closed")


def test_a_reply_that_is_delivered_after_all_is_told_too(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    fault = refuse_reply(workshop, ticket)
    quiet(workshop)
    fault.lift()
    workshop.context.queue.retry(ticket)
    quiet(workshop)
    _, there = workshop.notes_to_staff(ticket)
    assert len(there) == 2 and "теперь передан" in there[1]
    workshop.assert_equal(ticket)


def test_a_clients_message_that_is_refused_for_good_is_told_once_in_the_ticket(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    refuse_messages(workshop)
    message = workshop.client_writes(ticket, "плохое")
    before = workshop.panel.ticket_state(ticket)
    quiet(workshop)
    here, there = workshop.notes_to_staff(ticket)
    assert there == [] and len(here) == 1
    assert f"Сообщение {message} не передано" in here[0] and "wrong_content" in here[0]
    assert workshop.panel.ticket_state(ticket) == before
    assert not [one for one in workshop.desk.messages(workshop.case(ticket)) if one.note], "it stays in the panel"
    workshop.client_writes(ticket, "хорошее")
    quiet(workshop)
    assert len(workshop.notes_to_staff(ticket)[0]) == 1
    workshop.desk.faults.clear()
    workshop.context.queue.retry(ticket)
    quiet(workshop)
    here, _ = workshop.notes_to_staff(ticket)
    assert len(here) == 2 and "теперь передано" in here[1]
    workshop.assert_equal(ticket, in_order=False)


def test_a_ticket_that_nobody_has_is_not_opened_by_a_note(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    refuse_messages(workshop)
    workshop.client_writes(ticket, "плохое")
    workshop.sync()
    workshop.panel.employee_replies(workshop.anna, ticket, "ответ", close=True)
    quiet(workshop)
    assert len(workshop.notes_to_staff(ticket)[0]) == 1
    assert workshop.panel.ticket_state(ticket).state == "waiting"


def test_an_archived_ticket_stays_in_the_archive(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    refuse_messages(workshop)
    workshop.client_writes(ticket, "плохое")
    workshop.sync()
    workshop.panel.client_archives(ticket)
    quiet(workshop)
    assert workshop.notes_to_staff(ticket) == ([], [])
    assert workshop.panel.ticket_state(ticket).state == "closed"


@pytest.mark.parametrize("how", ["drop_after", "server_error"])
def test_a_note_whose_outcome_is_not_known_stands_once(workshop: Workshop, how: str) -> None:
    ticket = workshop.linked_ticket()
    if how == "drop_after":
        workshop.desk.faults.drop_after(notes_to_cases)
    else:
        workshop.desk.faults.server_error(502, committed=True, on=notes_to_cases)
    refuse_reply(workshop, ticket)
    quiet(workshop)
    assert len([one for one in workshop.desk.messages(workshop.case(ticket)) if one.note]) == 1
    assert len(workshop.notes_to_staff(ticket)[1]) == 1


def test_a_run_that_dies_after_the_note_in_the_ticket_does_not_write_it_twice(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    refuse_messages(workshop)
    workshop.panel.faults.die_after_commit(lambda request: "note_message" in request.params, 1)
    workshop.client_writes(ticket, "плохое")
    quiet(workshop)
    assert len(workshop.panel.notes(ticket)) == 1 == len(workshop.notes_to_staff(ticket)[0])


@pytest.mark.parametrize("status", [400, 500])
def test_a_note_that_cannot_be_written_costs_the_ticket_nothing(workshop: Workshop, status: int) -> None:
    """The other side takes no notes: the rest goes on, status shows it, retry writes it."""
    ticket = workshop.linked_ticket()
    workshop.desk.faults.answer(status, '{"error":"no_notes"}', on=notes_to_cases, times=None)
    refuse_reply(workshop, ticket)
    workshop.agent_replies(ticket, "хорошее")
    workshop.client_writes(ticket, "дальше")
    quiet(workshop)
    assert "хорошее" in [one.text for one in workshop.panel.messages(ticket)]
    assert "дальше" in [line.text for line in workshop.both_sides(ticket).omnidesk]
    assert workshop.context.queue.listing() == []
    assert [one.kind for one in workshop.message_links(ticket, "refused")] == ["message", "note"]
    workshop.desk.faults.clear()
    workshop.context.queue.retry(ticket)
    quiet(workshop)
    assert len(workshop.notes_to_staff(ticket)[1]) == 1


def test_notes_are_in_the_settings_language(make_workshop: Make) -> None:
    workshop = make_workshop(language="en")
    ticket = workshop.linked_ticket()
    refuse_reply(workshop, ticket)
    quiet(workshop)
    _, (note,) = workshop.notes_to_staff(ticket)
    assert note.startswith(f"This reply has not been delivered to the client (ticket {ticket} in BILLmanager)")


def test_a_first_message_that_is_refused_is_told_in_the_ticket(workshop: Workshop) -> None:
    refuse_messages(workshop)
    ticket = workshop.new_ticket("плохое")
    before = workshop.panel.ticket_state(ticket)
    quiet(workshop)
    (note,), _ = workshop.notes_to_staff(ticket)
    assert "wrong_content" in note and f"pmomnidesk retry {ticket}" in note
    assert workshop.panel.ticket_state(ticket) == before
    workshop.context.queue.retry()
    quiet(workshop)
    assert len(workshop.notes_to_staff(ticket)[0]) == 1, "told once"
    workshop.desk.faults.clear()
    workshop.context.queue.retry()
    quiet(workshop)
    workshop.assert_equal(ticket)


def test_replies_that_wait_for_an_employee_who_is_away_are_told_in_the_case(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.disable(workshop.integration)
    workshop.agent_replies(ticket, "Ответ", staff=workshop.vera_staff)
    quiet(workshop)
    _, (note,) = workshop.notes_to_staff(ticket)
    assert "не доходит до клиента" in note and "нет включённого сотрудника" in note
    workshop.panel.execute("UPDATE user SET enabled = 'on' WHERE id = %s", workshop.integration)
    workshop.context.queue.retry()
    quiet(workshop)
    workshop.assert_equal(ticket)
    assert len(workshop.notes_to_staff(ticket)[1]) == 1


def test_a_note_that_failed_and_is_not_needed_any_more_leaves_nothing_behind(workshop: Workshop) -> None:
    """The reply goes over after all before the note about it could be written."""
    ticket = workshop.linked_ticket()
    workshop.desk.faults.answer(500, '{"error":"no_notes"}', on=notes_to_cases, times=None)
    fault = refuse_reply(workshop, ticket)
    quiet(workshop)
    assert [one.kind for one in workshop.message_links(ticket, "refused")] == ["message", "note"]
    fault.lift()
    workshop.context.queue.retry(ticket)
    quiet(workshop)
    workshop.assert_equal(ticket)
    assert not workshop.message_links(ticket, "refused") and not workshop.message_links(ticket, "intent")


@pytest.mark.parametrize("answer", ["restored", "deleted"])
def test_a_note_for_an_earlier_case_that_is_deleted_meanwhile_is_given_up(workshop: Workshop, answer: str) -> None:
    """An agent has replied there; then nobody can be told."""
    ticket = workshop.linked_ticket("один")
    old = workshop.case(ticket)
    workshop.desk.trash(old)
    workshop.client_writes(ticket, "два")
    quiet(workshop)
    workshop.desk.restore(old)
    workshop.desk.agent_reply(old, workshop.anna_staff, text="в старом")
    status = 500 if answer == "restored" else 404
    workshop.desk.faults.answer(status, '{"error":"wrong_case"}', on=notes_to_cases, times=1 if status == 404 else None)
    workshop.settle()
    workshop.desk.delete(old)
    workshop.desk.faults.clear()
    quiet(workshop)
    workshop.context.queue.retry()
    quiet(workshop)
    assert not workshop.message_links(ticket, "refused") and not workshop.message_links(ticket, "intent")
    assert workshop.context.queue.listing() == []
