"""A run that dies anywhere, or whose call gets no answer, neither loses nor doubles anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from omnidesk.core.errors import Paused
from tests.support.crash import Crash, Crasher, Crashes
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


def everything_at_once(workshop: Workshop) -> int:
    """A ticket in which every kind of work waits: messages, replies, notes and statuses of both sides."""
    ticket = workshop.linked_ticket("0")
    workshop.panel.employee_closes(workshop.anna, ticket)
    workshop.settle()
    workshop.client_writes(ticket, "вопрос")
    workshop.panel.employee_replies(workshop.boris, ticket, "от Бориса", close=True)
    workshop.panel.employee_notes(workshop.anna, ticket, "заметка здесь")
    workshop.agent_replies(ticket, "от Анны")
    workshop.agent_notes(ticket, "заметка там", staff=workshop.vera_staff)
    workshop.agent_replies(ticket, "от Веры", staff=workshop.vera_staff, status="closed")
    workshop.deliver_webhooks()
    return ticket


def assert_everything_once(workshop: Workshop, ticket: int, died: str) -> None:
    sides = workshop.assert_equal(ticket, in_order=False)
    texts = [line.text for line in sides.billmanager]
    assert len(texts) == len(set(texts)), f"{died}\n{sides}"
    assert len(workshop.desk.cases) == 1, died


@pytest.mark.slow
def test_a_crash_at_any_effect_of_a_run_loses_and_doubles_nothing(make_workshop: Make) -> None:
    crashes = Crashes()
    for at in crashes:
        workshop = make_workshop()
        ticket = everything_at_once(workshop)
        died = crashes.run(workshop, at)
        workshop.settle()
        assert_everything_once(workshop, ticket, died)
        workshop.close()
    assert len(crashes.effects) >= 30, "the run was expected to have more effects"


def test_a_crash_at_any_effect_of_making_a_case_makes_one(make_workshop: Make) -> None:
    crashes = Crashes()
    for at in crashes:
        workshop = make_workshop()
        ticket = workshop.new_ticket("один")
        workshop.client_writes(ticket, "два")
        died = crashes.run(workshop, at)
        workshop.settle()
        assert_everything_once(workshop, ticket, died)
        workshop.close()
    assert len(crashes.effects) >= 8


@pytest.mark.parametrize("before", ["waiting", "closed"])
def test_a_crash_while_a_reply_is_written_decides_nothing_about_the_status(make_workshop: Make, before: str) -> None:
    """The reply takes the ticket first, which opens it: a run that dies there must not open the case as well."""
    crashes = Crashes()
    for at in crashes:
        workshop = make_workshop()
        ticket = workshop.linked_ticket("один")
        workshop.panel.employee_closes(workshop.anna, ticket)
        workshop.settle()
        if before == "closed":
            workshop.agent_sets(ticket, "closed")
            workshop.settle()
        workshop.agent_replies(ticket, "два")
        workshop.deliver_webhooks()
        died = crashes.run(workshop, at)
        workshop.settle()
        sides = workshop.assert_equal(ticket)
        assert (sides.state, sides.status) == ("waiting", before), died
        workshop.close()
    assert len(crashes.effects) >= 6


CREATING = {
    "POST /api/cases.json": "case",
    "POST /api/cases/*/messages.json": "message",
    "POST /api/cases/*/note.json": "note",
}


def one_of(workshop: Workshop, kind: str) -> int:
    """A ticket in which one creating call of this kind waits."""
    if kind == "case":
        return workshop.new_ticket("один")
    ticket = workshop.linked_ticket("один")
    if kind == "message":
        workshop.client_writes(ticket, "два")
    else:
        workshop.panel.employee_notes(workshop.anna, ticket, "два")
    return ticket


@pytest.mark.parametrize("fault", ["drop_after", "drop_before", "not_json", "server_error", "truncated", "hang"])
@pytest.mark.parametrize("pattern", CREATING, ids=list(CREATING.values()))
def test_a_creating_call_without_an_answer_is_looked_for_before_it_is_repeated(
    workshop: Workshop, pattern: str, fault: str
) -> None:
    ticket = one_of(workshop, CREATING[pattern])
    switch = getattr(workshop.desk.faults, fault)
    switch(commit="first", on=pattern) if fault == "hang" else switch(on=pattern)
    workshop.settle()
    assert workshop.desk.faults.fired, "the fault was to strike"
    assert_everything_once(workshop, ticket, fault)
    assert len(workshop.both_sides(ticket).omnidesk) == len(workshop.both_sides(ticket).billmanager)


@pytest.mark.parametrize("pattern", CREATING, ids=list(CREATING.values()))
def test_a_call_that_takes_effect_late_is_waited_for(make_workshop: Make, pattern: str) -> None:
    """The caller gave up, the other side carries it out a moment later: nothing is repeated while it may."""
    workshop = make_workshop(settle_seconds=10)
    ticket = one_of(workshop, CREATING[pattern])
    workshop.desk.faults.hang(commit="late", on=pattern)
    workshop.sync()
    workshop.tick(2)
    workshop.sync()
    before = workshop.posted()
    workshop.desk.faults.release()
    workshop.settle()
    assert workshop.posted() == before, "nothing was posted again"
    assert_everything_once(workshop, ticket, "late")


@pytest.mark.parametrize("kind", ["reply", "note", "client"])
@pytest.mark.parametrize("fault", ["die_after_commit", "lose_request"])
def test_a_panel_that_dies_around_the_commit_gets_everything_once(workshop: Workshop, kind: str, fault: str) -> None:
    ticket = workshop.linked_ticket("один")
    if kind == "reply":
        workshop.agent_replies(ticket, "два")
    elif kind == "note":
        workshop.agent_notes(ticket, "два", staff=workshop.vera_staff)
    else:
        workshop.tick()
        workshop.desk.client_message(workshop.case(ticket), "два")
    function = "clientticket.edit" if kind == "client" else "ticket.edit"
    getattr(workshop.panel.faults, fault)(function)
    workshop.settle()
    assert_everything_once(workshop, ticket, fault)


@pytest.mark.parametrize("kind", ["reply", "note", "client"])
@pytest.mark.parametrize("error", ["plugin", "access", "db", "client"])
def test_an_error_of_a_panel_that_has_written_all_the_same_is_no_refusal(
    workshop: Workshop, kind: str, error: str
) -> None:
    """Another plugin's handler fails behind the commit: the answer is an error, and the message is in the ticket."""
    ticket = workshop.linked_ticket("один")
    if kind == "reply":
        workshop.agent_replies(ticket, "два")
    elif kind == "note":
        workshop.agent_notes(ticket, "два", staff=workshop.vera_staff)
    else:
        workshop.tick()
        workshop.desk.client_message(workshop.case(ticket), "два")
    function = "clientticket.edit" if kind == "client" else "ticket.edit"
    workshop.panel.faults.fail_after_commit(error, "open" if error == "client" else "handler", "x", function, times=3)
    workshop.settle()
    assert_everything_once(workshop, ticket, error)
    assert workshop.notes_to_staff(ticket) == ([], [])


def test_an_employees_own_words_are_not_adopted_for_a_reply_that_never_arrived(workshop: Workshop) -> None:
    """Anna writes something in the panel while her reply from Omnidesk is in doubt: both are there in the end."""
    ticket = workshop.linked_ticket("один")
    workshop.agent_replies(ticket, "Ответ из Омнидеска, довольно длинный")
    workshop.panel.faults.lose_request("ticket.edit")
    workshop.deliver_webhooks()
    workshop.run_pass()
    workshop.panel.employee_replies(workshop.anna, ticket, "Совсем другое, написанное здесь")
    workshop.settle()
    assert_everything_once(workshop, ticket, "lost")
    assert len(workshop.panel.messages(ticket)) == 3


def test_an_old_tickets_case_is_found_again_by_its_own_date(workshop: Workshop) -> None:
    """A case made with the ticket's old date is not among the client's newest."""
    ticket = workshop.new_ticket("давно", created=workshop.moment(ago=400 * 86400))
    workshop.desk.faults.drop_after(on="POST /api/cases.json")
    workshop.settle()
    assert_everything_once(workshop, ticket, "dated")


def test_a_message_that_was_certainly_not_sent_leaves_no_doubt_behind(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    workshop.client_writes(ticket, "два")
    workshop.desk.faults.unreachable = True
    workshop.sync()
    assert workshop.message_links(ticket, "intent") == []
    workshop.desk.faults.unreachable = False
    calls = workshop.calls(workshop.settle)
    assert [call for call in calls if call.startswith("GET") and "messages" in call] == []
    workshop.assert_equal(ticket)


def test_a_case_that_vanished_while_a_message_was_in_doubt_is_made_anew(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    workshop.client_writes(ticket, "два")
    workshop.desk.faults.drop_before(on="POST /api/cases/*/messages.json")
    workshop.run_pass()
    workshop.desk.delete(workshop.case(ticket))
    workshop.settle()
    assert [line.text for line in workshop.both_sides(ticket).omnidesk] == ["два"]


def test_a_webhook_for_a_case_whose_making_is_not_recorded_yet_is_kept(workshop: Workshop) -> None:
    ticket = workshop.new_ticket("один")
    crasher = Crasher(workshop)
    with pytest.raises(Crash), crasher.armed():
        original = crasher._effect

        def die_after_post(name, act):  # type: ignore[no-untyped-def]
            done = original(name, act)
            if name.startswith("POST /api/cases.json"):
                raise Crash
            return done

        crasher._effect = die_after_post  # type: ignore[method-assign]
        workshop.run_pass()
    case = next(iter(workshop.desk.cases))
    workshop.desk.agent_reply(case, workshop.anna_staff, text="быстрый ответ")
    workshop.restart()
    workshop.deliver_webhooks()
    workshop.run_pass(force=False)
    workshop.sync(force=False)
    assert [message.text for message in workshop.panel.messages(ticket)] == ["один", "быстрый ответ"]
    workshop.assert_equal(ticket)


def test_a_webhook_for_a_case_nobody_has_costs_nothing_and_is_forgotten(workshop: Workshop) -> None:
    workshop.sync()
    case = workshop.desk.agent_case(
        workshop.desk.client_case("a@example.com", "x", "y").user_id, "Тема", "<p>текст</p>"
    )
    workshop.receive_webhook(f"object[case_id]={case.case_id}".encode(), "application/x-www-form-urlencoded")
    workshop.sync()
    assert workshop.context.state.get(f"orphan:{case.case_id}") == 1
    workshop.tick(8 * 86400)
    workshop.sync()
    assert workshop.context.state.get(f"orphan:{case.case_id}") is None
    assert workshop.panel.tickets() == []


@pytest.mark.parametrize("status", ["waiting", "closed"])
@pytest.mark.parametrize("by_reply", [True, False])
@pytest.mark.parametrize("ended", [True, False])
def test_a_case_that_was_ended_before_its_making_was_known_stays_ended(
    make_workshop: Make, status: str, by_reply: bool, ended: bool
) -> None:
    """The answer to its making was lost; an agent answers, or ends it, before the case is found."""
    workshop = make_workshop(settle_seconds=60)
    workshop.desk.faults.drop_after(on="POST /api/cases.json")
    ticket = workshop.new_ticket("раз")
    if ended:
        workshop.panel.employee_closes(workshop.boris, ticket)
    workshop.sync()
    (case,) = workshop.desk.cases
    if by_reply:
        workshop.desk.agent_reply(case, workshop.anna_staff, text="Готово", status=status)
    else:
        workshop.desk.set_status(case, status, workshop.anna_staff)
    workshop.settle()
    workshop.tick(700)
    workshop.settle()
    assert list(workshop.desk.cases) == [case]
    assert workshop.panel.ticket_state(ticket).state == "waiting"
    assert workshop.desk.cases[case].status == status


def test_a_list_of_the_account_is_used_although_the_answer_to_storing_it_was_lost(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database took it and went; the process goes on."""
    workshop.restart()
    state, account = workshop.context.state, workshop.context.account
    put = state.put

    def failing(name: str, value: Any) -> None:
        put(name, value)
        raise Paused("database", "2013", "lost", seconds=1)

    with monkeypatch.context() as patched:
        patched.setattr(state, "put", failing)
        with pytest.raises(Paused):
            account.staff_by_id(workshop.anna_staff)
    found = account.staff_by_id(workshop.anna_staff)
    assert found is not None
    assert found.email == "anna@example.com"


def test_a_status_that_was_set_although_the_call_failed_is_nobodys_decision(workshop: Workshop) -> None:
    """Omnidesk closes the case and answers 500; before the next try an employee reopens the ticket."""
    ticket = workshop.linked_ticket()
    workshop.tick(60)
    workshop.panel.employee_closes(workshop.boris, ticket)
    workshop.desk.faults.server_error(500, committed=True, on="PUT /api/cases/*", times=1)
    workshop.run_pass()
    assert workshop.desk.cases[workshop.case(ticket)].status == "waiting"
    workshop.panel.employee_takes(workshop.boris, ticket)
    workshop.settle()
    workshop.tick(700)
    workshop.settle()
    assert workshop.panel.ticket_state(ticket).state == "open"
    assert workshop.desk.cases[workshop.case(ticket)].status == "open"
