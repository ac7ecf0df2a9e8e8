"""Replies that reach no client, and words of a client that cannot stand in his name: staff learn it where they look."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


def quiet(workshop: Workshop) -> None:
    workshop.settle()
    for _ in range(3):
        workshop.tick(900)
        workshop.settle()


def notes_in(workshop: Workshop, case: int) -> list[str]:
    """Every note in a case, whoever wrote it."""
    return [one.content or one.content_html for one in workshop.desk.messages(case) if one.note]


@pytest.mark.parametrize("webhooks", [True, False], ids=["by webhook", "by poll"])
def test_a_reply_in_the_case_of_a_deleted_ticket_is_told_once(workshop: Workshop, webhooks: bool) -> None:
    ticket = workshop.linked_ticket()
    case = workshop.case(ticket)
    workshop.panel.delete_ticket(ticket)
    workshop.settle()
    workshop.agent_replies(ticket, "Вы здесь?")
    if not webhooks:
        workshop.deliver_webhooks(lose=10)
    quiet(workshop)
    (note,) = notes_in(workshop, case)
    assert f"запрос №{ticket} удалён" in note and "«Вы здесь?»" in note and "Анна Ким" in note
    workshop.agent_replies(ticket, "Ещё раз")
    quiet(workshop)
    assert len(notes_in(workshop, case)) == 2 and "«Ещё раз»" in notes_in(workshop, case)[1]
    assert workshop.context.queue.listing() == []


def test_a_case_of_a_deleted_ticket_is_read_once_for_a_reply(workshop: Workshop) -> None:
    """The next polls list it again, because they begin some minutes before the last one."""
    ticket = workshop.linked_ticket()
    workshop.panel.delete_ticket(ticket)
    workshop.settle()
    workshop.agent_replies(ticket, "Вы здесь?")
    workshop.settle()
    for _ in range(3):
        workshop.tick(61)
        assert len(workshop.calls(workshop.settle)) <= 1


def test_a_note_about_a_deleted_ticket_whose_outcome_is_not_known_stands_once(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    case = workshop.case(ticket)
    workshop.panel.delete_ticket(ticket)
    workshop.settle()
    workshop.desk.faults.drop_after(lambda request: request.method == "POST" and "/note" in request.path)
    workshop.agent_replies(ticket, "Вы здесь?")
    quiet(workshop)
    assert len(notes_in(workshop, case)) == 1


def test_a_note_that_fails_at_first_is_not_lost(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    case = workshop.case(ticket)
    workshop.panel.delete_ticket(ticket)
    workshop.settle()
    workshop.desk.faults.server_error(500, on=lambda request: request.method == "POST" and "/note" in request.path)
    workshop.agent_replies(ticket, "Вы здесь?")
    quiet(workshop)
    assert len(notes_in(workshop, case)) == 1


def test_a_deleted_ticket_without_replies_costs_nothing(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    case = workshop.case(ticket)
    workshop.panel.delete_ticket(ticket)
    workshop.desk.agent_note(case, workshop.anna_staff, text="заметка")
    quiet(workshop)
    assert len(notes_in(workshop, case)) == 1, "the agent's own"
    assert workshop.context.queue.listing() == []


@pytest.mark.parametrize("webhooks", [True, False], ids=["by webhook", "by poll"])
def test_a_reply_in_a_restored_earlier_case_is_told_once(workshop: Workshop, webhooks: bool) -> None:
    ticket = workshop.linked_ticket("один")
    old = workshop.case(ticket)
    workshop.desk.trash(old)
    workshop.client_writes(ticket, "два")
    quiet(workshop)
    workshop.desk.restore(old)
    workshop.tick(700)
    workshop.desk.agent_reply(old, workshop.anna_staff, text="в старом")
    if not webhooks:
        workshop.deliver_webhooks(lose=10)
    quiet(workshop)
    (note,) = notes_in(workshop, old)
    assert workshop.link(ticket).case_number in note and "«в старом»" in note and f"запрос №{ticket}" in note
    assert workshop.case(ticket) != old
    assert [one.text for one in workshop.panel.messages(ticket)] == ["один", "два"]
    workshop.agent_replies(ticket, "в новом")
    quiet(workshop)
    assert [one.text for one in workshop.panel.messages(ticket)] == ["один", "два", "в новом"]
    assert len(notes_in(workshop, old)) == 1 and not notes_in(workshop, workshop.case(ticket))


def test_a_restored_earlier_case_is_read_once_and_then_left(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    old = workshop.case(ticket)
    workshop.desk.trash(old)
    workshop.client_writes(ticket, "два")
    quiet(workshop)
    workshop.desk.restore(old)
    quiet(workshop)
    assert notes_in(workshop, old) == [] and workshop.link(ticket).former == ()
    assert workshop.calls(workshop.settle) == ["GET /api/cases.json"]


def test_a_reply_to_a_client_whose_login_is_disabled_is_delivered_and_told(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket(user=workshop.petra.user)
    workshop.panel.disable(workshop.petra.user)
    workshop.agent_replies(ticket, "Ответ")
    quiet(workshop)
    assert [one.text for one in workshop.panel.messages(ticket)][-1] == "Ответ"
    (note,) = notes_in(workshop, workshop.case(ticket))
    assert "не может прочитать" in note and "«Ответ»" in note and "отключён" in note
    quiet(workshop)
    assert len(notes_in(workshop, workshop.case(ticket))) == 1


def test_a_client_of_whom_another_user_can_log_in_reads_it(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.disable(workshop.ivan.user)
    workshop.agent_replies(ticket, "Ответ")
    quiet(workshop)
    assert notes_in(workshop, workshop.case(ticket)) == []


@pytest.mark.parametrize("known", [True, False], ids=["the database says so", "only the panel says so"])
def test_a_disabled_client_who_writes_another_way_stands_in_a_note(workshop: Workshop, known: bool) -> None:
    ticket = workshop.linked_ticket()
    if known:
        workshop.panel.disable(workshop.ivan.user)
    else:
        workshop.panel.faults.deny_su(workshop.ivan.user)
    workshop.tick(60)
    workshop.desk.client_message(workshop.case(ticket), "пишу с почты")
    workshop.deliver_webhooks()
    quiet(workshop)
    (note,) = [one.text for one in workshop.panel.notes(ticket)]
    assert note.endswith("пишу с почты") and "Клиент Иван Петров написал это в Омнидеске" in note
    assert ("отключён" if known else "не разрешает писать") in note
    assert len(workshop.panel.messages(ticket)) == 1
    assert workshop.context.queue.listing() == [] and not workshop.message_links(ticket, "refused")
    assert [one.note for one in workshop.desk.messages(workshop.case(ticket))] == [False, False], "nothing goes back"
