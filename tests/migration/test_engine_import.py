"""Tickets of the past: all of them, once, oldest first, with their dates, and never in the way of today's."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from omnidesk.core.errors import Failure, Paused
from omnidesk.core.phrase import Phrase
from omnidesk.core.shutdown import Stop
from omnidesk.migration import import_command
from omnidesk.migration.imports import Figures, Import, estimate, reserve
from omnidesk.migration.selection import Selection, pages, select
from sandbox.omnidesk.settings import Settings
from sandbox.omnidesk.wire import Request
from tests.support.meeting import Meeting
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
DAY = 86400.0


@pytest.fixture
def workshop(make_workshop: Make) -> Workshop:
    """A panel whose tickets are there before the module is."""
    return make_workshop(hook=False)


def old_ticket(workshop: Workshop, days: float, text: str = "старый запрос", user: int = 0) -> int:
    return workshop.new_ticket(text, user=user, created=workshop.moment(days * DAY))


def reply(workshop: Workshop, ticket: int, days: float, text: str, close: bool = True) -> int:
    return workshop.panel.employee_replies(workshop.anna, ticket, text, close, created=workshop.moment(days * DAY))


def begin(workshop: Workshop) -> None:
    """The module is installed now: what is there is history."""
    workshop.sync()
    assert workshop.desk.cases == {}


def run(workshop: Workshop, wanted: Selection | None = None, **more: Any) -> Figures:
    chosen = wanted or Selection()
    count = estimate(workshop.context, chosen).tickets
    tools: dict[str, Any] = {"sleep": workshop.tick, "now": workshop.clock, "wake": lambda paths: workshop.sync()}
    work = Import(workshop.context, workshop.locks, chosen, count, Stop(), **{**tools, **more})
    return work.run()


def texts(workshop: Workshop, ticket: int) -> list[str]:
    return [line.text for line in workshop.both_sides(ticket).omnidesk]


def test_the_whole_past_goes_over_once_with_dates_authors_states_and_ratings(workshop: Workshop) -> None:
    first, second = old_ticket(workshop, 400), old_ticket(workshop, 300, user=workshop.petra.user)
    answer = reply(workshop, first, 399, "ответ")
    workshop.panel.client_rates(answer, "good")
    reply(workshop, second, 299, "не закрыто", close=False)
    workshop.panel.employee_notes(workshop.anna, second, "заметка", created=workshop.moment(298 * DAY))
    begin(workshop)
    expected = estimate(workshop.context, Selection())
    before = len(workshop.desk.calls)
    figures = run(workshop)
    assert (figures.imported, figures.failed, figures.empty, figures.total) == (2, 0, 0, 2)
    workshop.settle()
    workshop.assert_equal(first)
    workshop.assert_equal(second)
    there = workshop.desk.messages(workshop.case(first))
    assert [round((workshop.clock() - message.created_at) / DAY) for message in there] == [400, 399]
    assert workshop.case(first) < workshop.case(second)
    assert len(workshop.desk.calls) - before <= expected.calls + 2
    again = run(workshop)
    assert (again.tried, again.total) == (0, 0)


def test_what_the_client_reads_is_not_written_again_by_the_echo(workshop: Workshop) -> None:
    """Omnidesk calls the webhook for what we post in the name of staff; nothing comes back as new."""
    ticket = old_ticket(workshop, 30)
    reply(workshop, ticket, 29, "ответ")
    begin(workshop)
    before = [message.text for message in workshop.panel.messages(ticket)]
    run(workshop)
    workshop.settle()
    assert [message.text for message in workshop.panel.messages(ticket)] == before
    posts = [call for call in workshop.desk.calls if call.method == "POST" and "messages" in call.path]
    assert len(posts) == 1
    sent = workshop.desk.messages(workshop.case(ticket))[-1]
    assert sent.staff_id == workshop.anna_staff


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Selection(), ["a", "b", "c"]),
        (Selection(open_only=True), ["a", "c"]),
        (Selection(since="2999-01-01 00:00:00"), []),
    ],
)
def test_only_what_was_asked_for_goes_over(workshop: Workshop, wanted: Selection, expected: list[str]) -> None:
    tickets = {name: old_ticket(workshop, 90 - 10 * number, name) for number, name in enumerate("abc")}
    reply(workshop, tickets["b"], 60, "ответ")
    begin(workshop)
    run(workshop, wanted)
    assert [name for name, ticket in tickets.items() if workshop.case(ticket)] == expected


def test_since_means_a_message_from_then_on(workshop: Workshop) -> None:
    quiet, revived = old_ticket(workshop, 500, "давно"), old_ticket(workshop, 400, "ожил")
    reply(workshop, revived, 2, "свежий ответ")
    begin(workshop)
    since = workshop.moment(10 * DAY).strftime("%Y-%m-%d")
    run(workshop, select(workshop.context, since, "", False))
    assert (bool(workshop.case(quiet)), bool(workshop.case(revived))) == (False, True)
    assert texts(workshop, revived) == ["ожил", "свежий ответ"]


def test_a_department_is_known_by_name_and_number(workshop: Workshop) -> None:
    support = old_ticket(workshop, 20, "техника")
    billing = workshop.new_ticket("оплата", department=workshop.billing, created=workshop.moment(10 * DAY))
    begin(workshop)
    assert select(workshop.context, "", str(workshop.billing), False) == select(
        workshop.context, "", "отдел оплаты", False
    )
    run(workshop, select(workshop.context, "", "Отдел оплаты", False))
    assert (bool(workshop.case(support)), bool(workshop.case(billing))) == (False, True)
    with pytest.raises(Failure, match="Техническая поддержка"):
        select(workshop.context, "", "нет такого", False)
    with pytest.raises(Failure, match="not a date"):
        select(workshop.context, "вчера", "", False)


def test_the_account_s_limit_is_used_up_and_never_passed(make_workshop: Make) -> None:
    workshop = make_workshop(hook=False, desk=Settings(rate_limit=20))
    for number in range(30):
        old_ticket(workshop, 100 - number, f"запрос {number}")
    begin(workshop)
    began = workshop.clock()
    figures = run(workshop)
    assert figures.imported == 30
    assert [call for call in workshop.desk.calls if call.status == 429] == []
    assert workshop.clock() - began < 2.5 * 60  # 30 calls, 18 of each minute's 20
    assert reserve(20) == 2


def test_several_tickets_at_once_go_over_once_and_in_order(make_workshop: Make) -> None:
    workshop = make_workshop(hook=False, lanes=4)
    users = [workshop.panel.add_client(f"Клиент {one}", f"client{one}@example.com").user for one in range(6)]
    tickets = [old_ticket(workshop, 100 - number, f"запрос {number}", users[number % 6]) for number in range(18)]
    for ticket in tickets:
        reply(workshop, ticket, 50, f"ответ {ticket}")
    begin(workshop)
    meeting = Meeting(workshop, 4, only="POST /api/cases.json")
    figures = run(workshop, wake=lambda paths: None)
    assert (figures.imported, figures.failed, meeting.most) == (18, 0, 4)
    workshop.settle()
    for number, ticket in enumerate(tickets):
        assert texts(workshop, ticket) == [f"запрос {number}", f"ответ {ticket}"]
    assert len(workshop.desk.cases) == 18


def test_what_the_administrator_has_to_fix_ends_all_lanes(make_workshop: Make) -> None:
    workshop = make_workshop(hook=False, lanes=4)
    users = [workshop.panel.add_client(f"Клиент {one}", f"client{one}@example.com").user for one in range(12)]
    for number, user in enumerate(users):
        old_ticket(workshop, 100 - number, f"запрос {number}", user)
    begin(workshop)
    send, counted = workshop.adapter.send, itertools.count()

    def revoked(*args: Any, **options: Any) -> Any:
        workshop.desk.faults.key_revoked = next(counted) >= 4
        return send(*args, **options)

    workshop.adapter.send = revoked  # type: ignore[method-assign]
    with pytest.raises(Paused) as caught:
        run(workshop, wake=lambda paths: None)
    assert caught.value.type == "omnidesk_key"
    workshop.adapter.send = send  # type: ignore[method-assign]
    workshop.desk.faults.key_revoked = False
    workshop.context.gate.unblock()
    workshop.tick(700)
    run(workshop, wake=lambda paths: None)
    workshop.settle()
    assert len(workshop.desk.cases) == 12


def test_today_s_tickets_come_first(make_workshop: Make) -> None:
    """In the middle of an import a client writes: his ticket has its case before the next old one has."""
    workshop = make_workshop(desk=Settings(rate_limit=20), hook=False)
    old = [old_ticket(workshop, 100 - number, f"старый {number}") for number in range(5)]
    begin(workshop)
    workshop.hook = True
    fresh: list[int] = []

    def watch(figures: Figures, ticket: int, waits: Phrase | None) -> None:
        if figures.imported == 2 and not fresh:
            fresh.append(workshop.new_ticket("срочно"))

    assert run(workshop, progress=watch).imported == 5
    order = sorted([*old, *fresh], key=workshop.case)
    assert order.index(fresh[0]) == 2


def test_switched_off_nobody_works_on_today_s_tickets_so_none_is_waited_for(make_workshop: Make) -> None:
    workshop = make_workshop(hook=False)
    old = old_ticket(workshop, 50)
    begin(workshop)
    workshop.restart(sync=False)
    workshop.hook = True
    workshop.new_ticket("сегодня")
    slept: list[float] = []
    assert run(workshop, sleep=slept.append).imported == 2  # what was written today is there as well
    assert workshop.case(old) and slept == []


def third(calls: Iterator[int], request: Request) -> bool:
    return next(calls) == 2


def test_a_run_that_ends_in_the_middle_of_a_ticket_loses_and_doubles_nothing(workshop: Workshop) -> None:
    tickets = [old_ticket(workshop, 50 - number, f"запрос {number}") for number in range(4)]
    for ticket in tickets:
        reply(workshop, ticket, 10, f"ответ {ticket}")
    begin(workshop)
    for turn in range(12):  # each run is cut off at its third call
        calls = itertools.count()
        (workshop.desk.faults.drop_after if turn % 2 else workshop.desk.faults.drop_before)(on=partial(third, calls))
        stop = Stop()

        def cut(figures: Figures, ticket: int, waits: Phrase | None, stop: Stop = stop) -> None:
            stop.asked = bool(waits)

        tools: dict[str, Any] = {"sleep": workshop.tick, "now": workshop.clock, "wake": lambda paths: None}
        Import(workshop.context, workshop.locks, Selection(), 4, stop, cut, **tools).run()
        workshop.desk.faults.clear()
        workshop.tick(700)
        workshop.restart()
        workshop.context.gate.unblock()
    workshop.settle()
    run(workshop)
    workshop.settle()
    for number, ticket in enumerate(tickets):
        assert texts(workshop, ticket) == [f"запрос {number}", f"ответ {ticket}"]
    assert len(workshop.desk.cases) == 4


def test_a_ticket_that_fails_is_left_to_the_worker_and_the_others_go_on(workshop: Workshop) -> None:
    bad, good = old_ticket(workshop, 9, "яд"), old_ticket(workshop, 8, "добро")
    begin(workshop)
    poison = lambda request: "яд".encode() in request.body  # noqa: E731
    workshop.desk.faults.answer(400, '{"error": "invalid_content"}', on=poison, times=None)
    figures = run(workshop)
    assert (figures.imported, figures.failed) == (1, 1)
    assert str(bad) in str(figures.problems[0]) and workshop.case(good)
    assert [row.ticket for row in workshop.context.queue.listing()] == [bad]
    workshop.desk.faults.clear()
    workshop.settle()
    assert workshop.case(bad)


def test_a_revoked_key_ends_the_import_and_says_so(workshop: Workshop) -> None:
    old_ticket(workshop, 9)
    begin(workshop)
    workshop.desk.faults.answer(401, '{"error": "unauthorized"}', times=None)
    with pytest.raises(Paused) as caught:
        run(workshop)
    assert caught.value.type == "omnidesk_key"


def test_a_client_who_is_gone_has_nothing_to_open_a_case_with(workshop: Workshop) -> None:
    ticket = old_ticket(workshop, 9)
    workshop.panel.execute("UPDATE ticket SET account_client = NULL WHERE id = %s", ticket)
    workshop.panel.execute("UPDATE ticket_message SET user = NULL WHERE ticket = %s", ticket)
    begin(workshop)
    figures = run(workshop)
    assert (figures.empty, figures.imported) == (1, 0)
    assert workshop.context.queue.listing() == []


def test_pages_are_bounded_however_many_tickets_there_are(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omnidesk.migration.selection.PAGE", 3)
    tickets = [old_ticket(workshop, 30 - number, str(number)) for number in range(8)]
    begin(workshop)
    found = list(pages(workshop.context, Selection()))
    assert [len(page) for page in found] == [3, 3, 2]
    assert [ticket for page in found for ticket in page] == tickets


def test_lines_come_now_and_then_and_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    seconds = [0.0]
    lines = import_command.Lines(watched=False, now=lambda: seconds[0])
    caplog.set_level("INFO")
    figures = Figures(total=100)
    for number in range(1, 101):
        seconds[0] += 1
        figures.imported = number
        lines(figures, number, None)
    assert len(caplog.messages) == 4
    assert caplog.messages[-1].startswith("100 of 100 tickets, 60/min")


def at_call(workshop: Workshop, number: int, act: Callable[[], object]) -> None:
    """Something happens while the creating call of this number is made."""
    calls = itertools.count(1)

    def hook(request: Request) -> bool:
        if request.method == "POST" and next(calls) == number:
            act()
        return False

    workshop.desk.faults.answer(500, on=hook, times=None)


def test_an_event_during_the_import_of_its_ticket_is_not_swallowed(workshop: Workshop) -> None:
    ticket = old_ticket(workshop, 30)
    reply(workshop, ticket, 29, "ответ")
    begin(workshop)
    at_call(workshop, 2, lambda: workshop.context.queue.make_due(ticket, "a test", look_messages=True))
    run(workshop)
    link = workshop.link(ticket)
    assert (link.due, link.look_messages) == (True, True)
    assert workshop.context.queue.due() == [ticket], "it is not put off either"


def test_an_event_before_the_import_of_its_ticket_is_not_put_off(workshop: Workshop) -> None:
    ticket = old_ticket(workshop, 30)
    begin(workshop)
    workshop.context.links.ensure_ticket(ticket)
    stop = Stop()

    def cut(figures: Figures, number: int, waits: Phrase | None) -> None:
        workshop.context.queue.make_due(ticket, "a test")
        stop.asked = True

    workshop.desk.faults.answer(502, times=None)
    work = Import(workshop.context, workshop.locks, Selection(), 1, stop, cut, workshop.tick, workshop.clock)
    work.run()
    assert workshop.context.queue.due() == [ticket]


def test_today_s_tickets_come_in_the_middle_of_a_long_conversation(make_workshop: Make) -> None:
    workshop = make_workshop(hook=False)
    old = old_ticket(workshop, 100, "старый")
    for number in range(30):
        workshop.panel.client_writes(workshop.ivan.user, old, f"строка {number}", created=workshop.moment(90 * DAY))
    begin(workshop)
    workshop.hook = True
    fresh: list[int] = []
    seen: list[int] = []

    def write() -> None:
        fresh.append(workshop.new_ticket("срочно"))

    at_call(workshop, 3, write)

    def wake(paths: object) -> None:
        workshop.sync()
        seen.append(len(workshop.desk.messages(workshop.case(old))))

    assert run(workshop, wake=wake).imported == 1
    assert workshop.case(fresh[0])
    assert seen[0] < 10, "the rest of the conversation came later"
    workshop.settle()
    workshop.assert_equal(old)


def test_only_what_is_open_is_read_again_behind_an_import(workshop: Workshop) -> None:
    """A read for each of thousands of cases that ended long ago would take days."""
    ended, running = old_ticket(workshop, 30, "закрыт"), old_ticket(workshop, 20, "открыт")
    reply(workshop, ended, 29, "ответ")
    begin(workshop)
    run(workshop)
    assert (workshop.link(ended).unread, workshop.link(running).unread) == (False, True)
