"""Statuses that change while the module works, or that it has not been told of: the client's message wins.

Every class on every kind of account. What happens in the middle of a call is played inside that call of the panel.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
import requests

from omnidesk.core.database import Database
from sandbox.billmanager.panel import PanelOptions
from sandbox.omnidesk.settings import Settings
from tests.support.amount import spread
from tests.support.crash import Crashes
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
ACCOUNTS = [
    pytest.param(Settings(client_message_reopens=reopens, staff_reply_sets_waiting=waits),
                 id=f"{'reopens' if reopens else 'keeps'}-{'waits' if waits else 'stays'}",
                 marks=[] if reopens == waits else pytest.mark.thorough)
    for reopens, waits in itertools.product((True, False), repeat=2)
]  # fmt: skip
account = pytest.mark.parametrize("desk", ACCOUNTS)
extremes = pytest.mark.parametrize("desk", [ACCOUNTS[0], ACCOUNTS[3]])  # does everything by itself, or nothing
ended = pytest.mark.parametrize("status", ["waiting", "closed"])


def before_call(workshop: Workshop, func: str, act: Callable[[], object], *, skip: int = 0) -> list[str]:
    """Let something happen right before the module's next call of a panel function (after ``skip`` of them)."""
    call, left, seen = workshop.panel.call, [skip], list[str]()

    def calling(name: str, *args: object, **options: object) -> object:
        if name == func and options.get("via") == "mgrctl":
            left[0] -= 1
            if left[0] == -1:
                act()
                seen.append(func)
        return call(name, *args, **options)  # type: ignore[arg-type]

    workshop.panel.call = calling  # type: ignore[method-assign, assignment]
    return seen


@contextmanager
def before_step(workshop: Workshop, at: int, act: Callable[[], object]) -> Iterator[list[str]]:
    """Let something happen right before this look at the ticket or API call, counted from 1; all are in the list."""
    run, send, seen = Database._run, workshop.adapter.send, list[str]()

    def counted(name: str) -> None:
        seen.append(name)
        if len(seen) == at:
            act()

    def sql(database: Database, text: str, values: Sequence[Any]) -> Any:
        if re.search(r"FROM (ticket|ticket_message|ticket2user)\b", text):
            counted(text)
        return run(database, text, values)

    def http(request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        counted(f"{request.method} {request.path_url}")
        return send(request, *args, **options)

    with mock.patch.object(Database, "_run", sql), mock.patch.object(workshop.adapter, "send", http):
        yield seen


def states(workshop: Workshop, ticket: int) -> str:
    sides = workshop.assert_equal(ticket, in_order=False)
    return f"{sides.state}, {sides.status}"


def at_its_own_pace(workshop: Workshop) -> None:
    """Minutes in which the worker polls and scans when it is time, and no webhook comes."""
    for _ in range(4):
        workshop.tick(61)
        workshop.sync(force=False)


def polled(workshop: Workshop) -> int:
    """A linked ticket, nothing left to do, and the last poll a while ago."""
    ticket = workshop.linked_ticket("начало")
    workshop.settle()
    workshop.tick(20)
    return ticket


# The case was ended, and nothing has told us


@account
@ended
@pytest.mark.parametrize("events", [True, False], ids=["event", "no event"])
def test_a_message_into_a_case_that_was_ended_unseen_opens_both_sides(
    make_workshop: Make, desk: Settings, status: str, events: bool
) -> None:
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.agent_sets(ticket, status)
    workshop.hook = events
    workshop.client_writes(ticket, "Постойте")
    workshop.sync(force=False)
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "open, open"
    workshop.settle()
    assert states(workshop, ticket) == "open, open"


@pytest.mark.slow
@extremes
def test_the_same_with_the_worker_dying_anywhere(make_workshop: Make, desk: Settings) -> None:
    crashes = Crashes()
    for at in crashes:
        workshop = make_workshop(desk=desk)
        ticket = polled(workshop)
        workshop.agent_sets(ticket, "closed")
        workshop.client_writes(ticket, "Постойте")
        died = crashes.run(workshop, at)
        at_its_own_pace(workshop)
        assert states(workshop, ticket) == "open, open", died
        workshop.close()
    assert len(crashes.effects) >= 5


@account
def test_what_staff_end_after_the_message_stays_ended(make_workshop: Make, desk: Settings) -> None:
    """No poll comes in between, so only the case's own words tell in what order it happened."""
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.client_writes(ticket, "Вопрос")
    workshop.sync(force=False)
    workshop.tick(10)
    workshop.agent_sets(ticket, "closed")
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "waiting, closed"


@account
def test_what_staff_set_to_waiting_after_the_message_is_found_in_the_history(
    make_workshop: Make, desk: Settings
) -> None:
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.client_writes(ticket, "Вопрос")
    workshop.sync(force=False)
    workshop.tick(10)
    workshop.agent_sets(ticket, "waiting")
    calls = workshop.calls(lambda: at_its_own_pace(workshop))
    assert states(workshop, ticket) == "waiting, waiting"
    assert calls.count(f"GET /api/cases/{workshop.case(ticket)}/changelog.json") == 1


@pytest.mark.parametrize("fault", ["not_json", "server_error", "refused"])
def test_a_history_that_cannot_be_read_leaves_both_sides_open(make_workshop: Make, fault: str) -> None:
    """And holds nothing up."""
    workshop = make_workshop()
    ticket = polled(workshop)
    workshop.client_writes(ticket, "Вопрос")
    workshop.sync(force=False)
    workshop.tick(10)
    workshop.agent_sets(ticket, "waiting")
    faults = workshop.desk.faults

    def history(request: object) -> bool:
        return "changelog" in getattr(request, "path", "")

    if fault == "not_json":
        faults.not_json(on=history)
    elif fault == "server_error":
        faults.server_error(502, on=history)
    else:
        faults.server_error(400, on=history)
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "open, open"


@account
@ended
def test_an_answer_that_ends_the_case_needs_no_history(make_workshop: Make, desk: Settings, status: str) -> None:
    """The usual way: the client writes, staff answer and end, before any poll."""
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.client_writes(ticket, "Вопрос")
    workshop.sync(force=False)
    workshop.tick(10)
    workshop.agent_replies(ticket, "Ответ", status=status)
    workshop.deliver_webhooks()

    def without_webhooks() -> None:
        workshop.sync(force=False)
        at_its_own_pace(workshop)

    calls = workshop.calls(without_webhooks)
    assert states(workshop, ticket) == f"waiting, {status}"
    assert not [call for call in calls if "changelog" in call or call.startswith("PUT")]


# The client writes into the middle of our own ending


def raced(workshop: Workshop, ticket: int, user: int = 0) -> Callable[[], object]:
    return lambda: workshop.client_writes(ticket, "Постойте", user)


@account
@ended
@pytest.mark.parametrize("told", [True, False], ids=["event, poll", "no event, own pace"])
def test_a_message_in_the_middle_of_a_closing_reply(
    make_workshop: Make, desk: Settings, status: str, told: bool
) -> None:
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.agent_replies(ticket, "Готово", status=status)
    workshop.hook = told
    seen = before_call(workshop, "ticket.edit", raced(workshop, ticket))
    workshop.sync(force=told)
    at_its_own_pace(workshop)
    assert seen and states(workshop, ticket) == "open, open"
    workshop.settle()
    assert states(workshop, ticket) == "open, open"


@extremes
def test_a_message_at_any_moment_of_a_further_reply_to_a_ticket_nobody_has(make_workshop: Make, desk: Settings) -> None:
    """Before any read of either side or call: whoever reads the ticket before the client writes and the messages after
    it sees a message in a ticket that nobody has, which looks as if staff had read it."""

    def played(at: int) -> list[str]:
        workshop = make_workshop(desk=desk)
        ticket = polled(workshop)
        workshop.agent_replies(ticket, "Готово", status="closed")
        workshop.settle()
        workshop.tick(20)
        workshop.agent_replies(ticket, "Ещё одно", status="waiting")
        workshop.deliver_webhooks()
        with before_step(workshop, at, raced(workshop, ticket)) as steps:
            workshop.sync(force=False)
        at_its_own_pace(workshop)
        if at:
            assert len(steps) >= at and states(workshop, ticket) == "open, open", f"before step {at} of {steps}"
        workshop.close()
        return steps

    steps = played(0)
    assert len(steps) >= 10
    for at in spread(range(1, len(steps) + 1), 10):
        played(at)


@extremes
def test_a_message_of_the_second_user_in_the_middle(make_workshop: Make, desk: Settings) -> None:
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.agent_replies(ticket, "Готово", status="closed")
    seen = before_call(workshop, "ticket.edit", raced(workshop, ticket, workshop.ivan.users[-1]))
    workshop.settle()
    assert seen and states(workshop, ticket) == "open, open"


@extremes
def test_a_message_in_the_middle_of_a_note_that_ends(make_workshop: Make, desk: Settings) -> None:
    """A note is the last thing that staff wrote, so the ticket ends with it."""
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.agent_replies(ticket, "Ответ")
    workshop.agent_notes(ticket, "заметка")
    workshop.agent_sets(ticket, "closed")
    seen = before_call(workshop, "ticket.edit", raced(workshop, ticket), skip=1)
    workshop.settle()
    assert seen and states(workshop, ticket) == "open, open"


@account
def test_a_message_in_the_middle_of_a_note_into_a_ticket_nobody_has(make_workshop: Make, desk: Settings) -> None:
    """The note takes the ticket and gives it back."""
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.agent_sets(ticket, "closed")
    workshop.settle()
    workshop.agent_notes(ticket, "заметка")
    workshop.deliver_webhooks()
    seen = before_call(workshop, "ticket.edit", raced(workshop, ticket))
    workshop.settle()
    assert seen and states(workshop, ticket) == "open, open"


@extremes
@pytest.mark.parametrize("assignments", [1, 2])
@pytest.mark.parametrize("skip", [0, 1])
def test_a_message_in_the_middle_of_ending_assignments(
    make_workshop: Make, desk: Settings, assignments: int, skip: int
) -> None:
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.panel.employee_takes(workshop.anna, ticket)
    if assignments == 2:
        workshop.panel.employee_takes(workshop.boris, ticket)
    workshop.settle()
    workshop.agent_sets(ticket, "closed")
    seen = before_call(workshop, "ticket.edit", raced(workshop, ticket), skip=skip)
    workshop.settle()
    if skip >= assignments:
        raced(workshop, ticket)()
        workshop.settle()
    assert (seen or skip >= assignments) and states(workshop, ticket) == "open, open"


@pytest.mark.slow
@extremes
def test_a_message_in_the_middle_of_a_closing_reply_and_a_worker_that_dies_anywhere(
    make_workshop: Make, desk: Settings
) -> None:
    crashes = Crashes()
    for at in crashes:
        workshop = make_workshop(desk=desk)
        ticket = polled(workshop)
        workshop.agent_replies(ticket, "Готово", status="closed")
        workshop.deliver_webhooks()
        seen = before_call(workshop, "ticket.edit", raced(workshop, ticket))
        died = crashes.run(workshop, at)
        workshop.settle()
        if not seen:
            raced(workshop, ticket)()
            workshop.settle()
        assert states(workshop, ticket) == "open, open", died
        workshop.close()
    assert len(crashes.effects) >= 10


@account
def test_a_message_in_the_middle_of_a_closing_reply_whose_case_goes_then(make_workshop: Make, desk: Settings) -> None:
    """The new case is made open, and the ticket is given back."""
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.agent_replies(ticket, "Готово", status="closed")

    def act() -> None:
        workshop.client_writes(ticket, "Постойте")
        workshop.desk.trash(workshop.case(ticket))

    seen = before_call(workshop, "ticket.edit", act)
    workshop.settle()
    sides = workshop.both_sides(ticket)
    assert seen and (sides.state, sides.status) == ("open", "open")


@extremes
def test_staff_who_read_the_raced_message_can_end_the_ticket(make_workshop: Make, desk: Settings) -> None:
    """What we remember of our own ending is over once the ticket was open."""
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.agent_replies(ticket, "Готово", status="closed")
    before_call(workshop, "ticket.edit", raced(workshop, ticket))
    workshop.settle()
    for user in workshop.panel.ticket_state(ticket).assignees:
        workshop.panel.employee_closes(user if user != workshop.support else workshop.anna, ticket)
    workshop.settle()
    assert states(workshop, ticket) == "waiting, waiting"


# The client writes by another way


@account
@ended
@pytest.mark.parametrize("force", [True, False], ids=["polls each pass", "at its own pace"])
def test_a_message_mailed_into_an_ended_case_opens_both_sides(
    make_workshop: Make, desk: Settings, status: str, force: bool
) -> None:
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.agent_sets(ticket, status)
    workshop.settle()
    assert states(workshop, ticket) == f"waiting, {status}"
    workshop.tick(30)
    workshop.desk.client_message(workshop.case(ticket), "почтой: снова не работает")
    workshop.sync(force=force)
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "open, open"


@pytest.mark.slow
@extremes
def test_a_mailed_message_and_a_worker_that_dies_anywhere(make_workshop: Make, desk: Settings) -> None:
    crashes = Crashes()
    for at in crashes:
        workshop = make_workshop(desk=desk)
        ticket = polled(workshop)
        workshop.agent_sets(ticket, "closed")
        workshop.settle()
        workshop.tick(30)
        workshop.desk.client_message(workshop.case(ticket), "почтой: снова не работает")
        died = crashes.run(workshop, at)
        workshop.settle()
        assert states(workshop, ticket) == "open, open", died
        workshop.close()
    assert len(crashes.effects) >= 5


# A status written over one that may be stale


@pytest.mark.parametrize("waits", [True, False])
def test_a_case_closed_by_an_agent_stays_closed_when_an_employee_ends_his_work(
    make_workshop: Make, waits: bool
) -> None:
    workshop = make_workshop(desk=Settings(staff_reply_sets_waiting=waits))
    ticket = polled(workshop)
    workshop.agent_sets(ticket, "closed")
    workshop.panel.employee_closes(workshop.anna, ticket)
    calls = workshop.calls(lambda: workshop.sync(force=False))
    assert calls[0] == f"GET /api/cases/{workshop.case(ticket)}.json"
    assert not [call for call in calls if call.startswith("PUT")]
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "waiting, closed"


def test_a_case_opened_by_an_agent_is_not_ended_by_an_employee_a_moment_later(make_workshop: Make) -> None:
    """Both sides changed: Omnidesk decides."""
    workshop = make_workshop()
    ticket = polled(workshop)
    workshop.agent_sets(ticket, "waiting")
    workshop.settle()
    workshop.panel.employee_takes(workshop.anna, ticket)
    workshop.settle()
    workshop.agent_sets(ticket, "waiting")
    workshop.settle()
    workshop.tick(20)
    workshop.agent_sets(ticket, "open")
    workshop.panel.client_archives(ticket)
    workshop.sync(force=False)
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "open, open"


def test_a_ticket_taken_by_an_employee_does_not_open_a_case_closed_meanwhile(make_workshop: Make) -> None:
    workshop = make_workshop()
    ticket = polled(workshop)
    workshop.agent_sets(ticket, "waiting")
    workshop.settle()
    workshop.tick(20)
    workshop.agent_sets(ticket, "closed")
    workshop.panel.employee_takes(workshop.anna, ticket)
    workshop.sync(force=False)
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "waiting, closed"


def test_a_case_that_cannot_be_read_holds_up_the_status_only(make_workshop: Make) -> None:
    workshop = make_workshop()
    ticket = polled(workshop)
    case = workshop.case(ticket)
    workshop.panel.employee_replies(workshop.anna, ticket, "Готово", close=True)
    workshop.desk.faults.not_json(on=lambda request: request.path == f"/api/cases/{case}.json")
    workshop.run_pass(force=False)
    assert [one.text for one in workshop.desk.thread(case)] == ["начало", "Готово"]
    workshop.settle()
    assert states(workshop, ticket) == "waiting, waiting"


def test_what_the_read_shows_besides_is_delivered(make_workshop: Make) -> None:
    """An answer whose webhook was lost."""
    workshop = make_workshop()
    ticket = polled(workshop)
    workshop.agent_replies(ticket, "Ответ", status="closed")
    workshop.panel.employee_closes(workshop.anna, ticket)
    workshop.sync(force=False)
    assert states(workshop, ticket) == "waiting, closed"


def test_an_import_of_an_ended_ticket_reads_nothing_before_it_ends_the_case(make_workshop: Make) -> None:
    """Everything about the case was said by this very run."""
    workshop = make_workshop()
    ticket = workshop.new_ticket("начало")
    workshop.client_writes(ticket, "ещё")
    workshop.panel.employee_replies(workshop.anna, ticket, "Готово", close=True)
    calls = workshop.calls(lambda: workshop.sync(force=False))
    case = f"/api/cases/{workshop.case(ticket)}"
    assert [call for call in calls if case in call] == [f"POST {case}/messages.json"] * 2 + [f"PUT {case}.json"]
    assert states(workshop, ticket) == "waiting, waiting"


def test_a_status_that_is_refused_does_not_hold_up_the_fields_sent_with_it(make_workshop: Make) -> None:
    """An account can require fields that only people fill in before a case may be ended."""
    workshop = make_workshop()
    ticket = polled(workshop)
    field = workshop.desk.add_field("Billing id", level="case")
    (workshop.root / "etc" / "omnidesk" / "custom_fields.json").write_text(
        f'[{{"field": "{field.key}", "value": "ticket"}}]'
    )
    workshop.context.account.refresh()
    workshop.panel.employee_closes(workshop.anna, ticket)
    case = workshop.desk.cases[workshop.case(ticket)]

    def ending(request: object) -> bool:
        return getattr(request, "method", "") == "PUT" and b"waiting" in getattr(request, "body", b"")

    workshop.desk.faults.answer(400, '{"error": "required_fields"}', "application/json", on=ending, times=50)
    workshop.sync()
    assert case.custom_fields[field.key] == str(ticket) and case.status == "open"


# The account sets statuses by itself: what people decided counts, whatever our own messages did to the case


def closed(make_workshop: Make, desk: Settings) -> tuple[Workshop, int]:
    """A ticket whose case staff have closed, and both sides agree."""
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.agent_sets(ticket, "closed")
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "waiting, closed"
    return workshop, ticket


@account
@pytest.mark.parametrize("apart", [0.0, 10.0])
def test_a_reply_that_sets_the_case_waiting_before_ours_is_a_decision(
    make_workshop: Make, desk: Settings, apart: float
) -> None:
    """Both lie between two polls; where the account sets nothing by itself, the case stays closed."""
    workshop, ticket = closed(make_workshop, desk)
    workshop.agent_replies(ticket, "Ещё одно")
    workshop.deliver_webhooks()
    workshop.tick(apart)
    workshop.panel.employee_replies(workshop.boris, ticket, "И от нас", True)
    workshop.sync(force=False)
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == ("waiting, waiting" if desk.staff_reply_sets_waiting else "waiting, closed")


@account
def test_a_reply_in_the_second_of_ours_leaves_the_case_as_it_is(make_workshop: Make, desk: Settings) -> None:
    workshop, ticket = closed(make_workshop, desk)
    workshop.panel.employee_replies(workshop.boris, ticket, "И от нас", True)
    workshop.sync(force=False)
    workshop.agent_replies(ticket, "Ещё одно")
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == ("waiting, waiting" if desk.staff_reply_sets_waiting else "waiting, closed")


@account
@pytest.mark.parametrize("by_reply", [True, False])
def test_a_case_closed_before_our_reply_arrived_stays_closed(
    make_workshop: Make, desk: Settings, by_reply: bool
) -> None:
    """An employee ends the ticket with a reply; an agent closes the case before that reply is in it."""
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.panel.employee_replies(workshop.boris, ticket, "Готово", True)
    workshop.tick(2)
    if by_reply:
        workshop.agent_replies(ticket, "И у нас", status="closed")
        workshop.deliver_webhooks()
    else:
        workshop.agent_sets(ticket, "closed")
    workshop.sync(force=False)
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "waiting, closed"


@account
def test_a_closing_before_the_clients_message_does_not_end_the_case_after_a_later_answer(
    make_workshop: Make, desk: Settings
) -> None:
    """An agent closed the case, the client's message opened it, and an employee ends the ticket later."""
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.agent_sets(ticket, "closed")
    workshop.tick(2)
    workshop.client_writes(ticket, "Ещё вопрос")
    workshop.sync(force=False)
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "open, open"
    workshop.tick(20)
    workshop.panel.employee_replies(workshop.boris, ticket, "Готово", True)
    workshop.sync(force=False)
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "waiting, waiting"


@account
def test_a_note_of_ours_explains_no_status(make_workshop: Make, desk: Settings) -> None:
    """An agent's reply opens the closed case, a note goes over, and only then comes the poll."""
    workshop, ticket = closed(make_workshop, desk)
    workshop.agent_replies(ticket, "Открою ещё раз", status="open")
    workshop.panel.employee_notes(workshop.boris, ticket, "Заметка")
    workshop.sync(force=False)
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "open, open"


def test_a_ticket_taken_after_our_note_ended_it_again_is_open(make_workshop: Make) -> None:
    """The note took the archived ticket and ended it; what follows fails, and only then an employee takes it."""
    workshop = make_workshop()
    ticket = polled(workshop)
    workshop.agent_notes(ticket, "Заметка")
    workshop.panel.client_archives(ticket)
    workshop.desk.faults.server_error(502, on="PUT /api/cases/*")
    workshop.run_pass(force=True)
    assert workshop.panel.notes(ticket)
    workshop.panel.employee_takes(workshop.boris, ticket)
    at_its_own_pace(workshop)
    assert workshop.panel.ticket_state(ticket).state == "open"
    assert workshop.desk.cases[workshop.case(ticket)].status == "open"


@pytest.mark.parametrize("client", [False, True])
def test_an_archived_ticket_stays_ended_when_a_note_into_it_was_not_answered(make_workshop: Make, client: bool) -> None:
    """We took it and ended it again: not our decision, unless the client wrote meanwhile."""
    workshop = make_workshop()
    ticket = polled(workshop)
    workshop.agent_notes(ticket, "Заметка")
    workshop.panel.client_archives(ticket)
    if client:
        before_call(workshop, "ticket.edit", raced(workshop, ticket))
    workshop.panel.faults.die_after_commit(lambda request: request.func == "ticket.edit", 1)
    workshop.desk.faults.server_error(502, on="PUT /api/cases/*")
    workshop.run_pass(force=True)
    at_its_own_pace(workshop)
    both = (workshop.panel.ticket_state(ticket).state, workshop.desk.cases[workshop.case(ticket)].status)
    assert both == (("open", "open") if client else ("waiting", "waiting"))


@account
def test_an_archived_ticket_that_is_taken_for_a_reply_leaves_its_case_closed(
    make_workshop: Make, desk: Settings
) -> None:
    """An agent adds something to the closed case and leaves it closed; the panel fails when the ticket is taken."""
    workshop, ticket = closed(make_workshop, desk)
    workshop.panel.client_archives(ticket)
    at_its_own_pace(workshop)
    workshop.agent_replies(ticket, "Ещё одно", status="closed")
    workshop.panel.faults.die_after_commit(lambda request: request.func == "ticket_all.edit", 1)
    workshop.run_pass(force=True)
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "waiting, closed"


@account
def test_an_employee_who_answers_in_a_ticket_that_was_taken_for_his_note_leaves_it_open(
    make_workshop: Make, desk: Settings
) -> None:
    """The panel gave him the ended ticket for his note in Omnidesk, and failed; then he answers in BILLmanager."""
    workshop, ticket = closed(make_workshop, desk)
    workshop.agent_notes(ticket, "Заметка")
    workshop.panel.faults.die_after_commit(lambda request: request.func == "ticket_all.edit", 1)
    away = workshop.panel.faults.lose_request(lambda request: request.func != "ticket_all.edit", None)
    workshop.run_pass(force=True)  # it can neither be written into nor be ended again
    away.lift()
    workshop.panel.employee_replies(workshop.anna, ticket, "Уточните, пожалуйста", close=False)
    workshop.tick(20)
    workshop.sync(force=False)  # before the next poll
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "open, open"


@extremes
@pytest.mark.parametrize("lost", [True, False], ids=["case in trash", "case there"])
def test_an_employee_who_ends_a_ticket_after_an_ending_of_ours_whose_result_is_unknown(
    make_workshop: Make, desk: Settings, lost: bool
) -> None:
    """The panel did not answer when an agent closed the case; then an employee answers and closes the ticket."""
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.agent_sets(ticket, "closed")
    workshop.panel.faults.lose_request(lambda request: request.func == "ticket.edit", 1)
    workshop.run_pass(force=True)
    workshop.panel.employee_replies(workshop.anna, ticket, "Готово", close=True)
    if lost:
        workshop.desk.trash(workshop.case(ticket))
    workshop.tick(5)
    workshop.run_pass(force=True)
    at_its_own_pace(workshop)
    here, there = workshop.panel.ticket_state(ticket).state, workshop.desk.cases[workshop.case(ticket)].status
    assert here == "waiting" and there in ("waiting", "closed")


@account
@pytest.mark.parametrize("mailed", [True, False])
def test_a_message_sent_late_into_a_case_that_staff_ended_meanwhile(
    make_workshop: Make, desk: Settings, mailed: bool
) -> None:
    """The client wrote, could not wait, and archived his ticket; an agent had answered and ended the case. Our copy of
    his message opens the case by itself, on some accounts."""
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.hook = False
    workshop.client_writes(ticket, "Ещё вопрос")
    if mailed:
        workshop.desk.client_message(workshop.case(ticket), "почтой")
        workshop.tick(2)
    workshop.agent_replies(ticket, "Готово", status="waiting")
    workshop.tick(2)
    workshop.panel.client_archives(ticket)
    workshop.deliver_webhooks()
    workshop.sync(force=False)
    at_its_own_pace(workshop)
    here, there = workshop.panel.ticket_state(ticket).state, workshop.desk.cases[workshop.case(ticket)].status
    assert here in ("waiting", "closed") and there in ("waiting", "closed")


@extremes
def test_a_ticket_that_is_ended_again_before_its_opening_was_agreed_upon_ends_its_case(
    make_workshop: Make, desk: Settings
) -> None:
    """An employee writes in a ticket nobody has, and its case is opened; the run is cut short; then he closes it."""
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.panel.employee_replies(workshop.anna, ticket, "Готово")
    workshop.settle()
    workshop.tick(20)
    workshop.panel.employee_replies(workshop.anna, ticket, "Ещё", close=False)
    workshop.desk.faults.answer(429, '{"error":"limit"}', on="POST /api/cases/*/messages.json", times=1)
    workshop.sync()
    workshop.panel.employee_replies(workshop.anna, ticket, "Теперь готово", close=True)
    workshop.tick(120)
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "waiting, waiting"


@extremes
def test_a_ticket_ended_while_its_messages_go_over_stays_ended(make_workshop: Make, desk: Settings) -> None:
    """The pass read the ticket as open; an agent's reply that follows takes it again, which is nobody's decision."""
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.client_writes(ticket, "Ещё вопрос")
    workshop.panel.employee_replies(workshop.anna, ticket, "Смотрю", close=False)
    workshop.tick(2)
    workshop.agent_replies(ticket, "Отвечаю")
    workshop.deliver_webhooks()
    send, ended_by = workshop.adapter.send, list[str]()

    def ending(request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        if request.method == "POST" and not ended_by:
            workshop.panel.employee_closes(workshop.anna, ticket)
            ended_by.append(request.path_url)
        return send(request, *args, **options)

    with mock.patch.object(workshop.adapter, "send", ending):
        workshop.sync(force=False)
    assert ended_by
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "waiting, waiting"


@extremes
def test_a_case_whose_changes_cannot_be_listed_keeps_what_an_agent_set(make_workshop: Make, desk: Settings) -> None:
    """The client mails into the closed case, an agent makes a note and sets it waiting, and no poll says so."""
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.agent_sets(ticket, "closed")
    workshop.settle()
    workshop.tick(20)
    workshop.desk.client_message(workshop.case(ticket), "почтой")
    workshop.tick(20)
    workshop.agent_notes(ticket, "Позвонил клиенту")
    workshop.agent_sets(ticket, "waiting")
    workshop.desk.faults.not_json(on=lambda request: request.path == "/api/cases.json")
    workshop.deliver_webhooks()
    workshop.run_pass(force=False)
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "waiting, waiting"


@extremes
def test_an_ending_by_staff_counts_although_a_lost_reply_was_to_end_the_ticket_before(
    make_workshop: Make, desk: Settings
) -> None:
    """The panel never got the agent's closing reply, the client writes, and only then an employee ends the ticket."""
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.agent_replies(ticket, "Готово", status="waiting")
    workshop.deliver_webhooks()
    workshop.panel.faults.lose_request(lambda request: request.func == "ticket.edit", 1)
    workshop.run_pass(force=True)
    workshop.client_writes(ticket, "Ещё вопрос")
    workshop.tick(2)
    workshop.panel.employee_closes(workshop.anna, ticket)
    workshop.tick(20)
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == "waiting, waiting"


@extremes
def test_an_archived_ticket_is_opened_by_the_agent_who_answers_the_clients_mail(
    make_workshop: Make, desk: Settings
) -> None:
    """The panel takes the mail as a note only, as the ticket is archived; the reply opens it for good."""
    workshop = make_workshop(desk=desk, panel_options=PanelOptions(archived_takes_messages=False))
    ticket = polled(workshop)
    case = workshop.case(ticket)
    workshop.panel.employee_replies(workshop.anna, ticket, "Готово")
    workshop.panel.client_archives(ticket)
    workshop.desk.client_message(case, "почтой")
    workshop.tick(2)
    workshop.agent_replies(ticket, "Отвечаю", status="open")
    workshop.sync()
    at_its_own_pace(workshop)
    assert workshop.panel.ticket_state(ticket).state == "open" and workshop.desk.cases[case].status == "open"


@account
@pytest.mark.parametrize("client", [True, False], ids=["client", "employee"])
def test_an_answer_that_is_read_before_the_status_leaves_the_case_as_it_is(
    make_workshop: Make, desk: Settings, client: bool
) -> None:
    """An agent closes the case unseen, our message moves it, and an agent answers it; only then a poll tells of it."""
    workshop = make_workshop(desk=desk)
    ticket = polled(workshop)
    workshop.agent_sets(ticket, "closed")
    if client:
        workshop.client_writes(ticket, "Ещё вопрос")
    else:
        workshop.panel.employee_replies(workshop.anna, ticket, "Посмотрим", close=False)
    workshop.run_pass(force=False)
    workshop.agent_replies(ticket, "Отвечаю", staff=workshop.vera_staff)
    left = workshop.desk.cases[workshop.case(ticket)].status
    workshop.deliver_webhooks()
    workshop.run_pass(force=False)
    at_its_own_pace(workshop)
    assert states(workshop, ticket) == ("open, open" if left == "open" else f"waiting, {left}")
