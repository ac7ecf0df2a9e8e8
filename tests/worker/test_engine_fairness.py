"""No message waits for a whole backlog: replies and client messages alternate, history comes last."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from omnidesk.core.shutdown import Stop
from omnidesk.core.tables import TICKETS
from omnidesk.worker.fairness import ORDER
from omnidesk.worker.main_loop import Worker
from omnidesk.worker.one_pass import Pass
from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
LIMIT = 20
MANY = 120


@pytest.fixture
def small(make_workshop: Make) -> Workshop:
    """An account of 20 calls a minute, its lists known."""
    workshop = make_workshop(desk=Settings(rate_limit=LIMIT), call_seconds=0.05, poll_seconds=600)
    workshop.context.account.refresh()
    return workshop


def turn(workshop: Workshop, act: Callable[[], object] = lambda: None) -> None:
    """One pass, ``act`` after each ticket; then as much time as a pause wants."""

    def progress(done: int, ticket: int) -> None:
        act()

    paused = Pass(workshop.context, workshop.locks, progress=progress).run().paused
    workshop.deliver_webhooks()
    workshop.tick(paused.seconds + 0.1 if paused else 0.1)


def until(workshop: Workshop, arrived: Callable[[], bool], act: Callable[[], object] = lambda: None) -> int:
    """How many API calls are made until something has arrived."""
    before = len(workshop.desk.calls)
    found: list[int] = []

    def look() -> None:
        if not found and arrived():
            found.append(len(workshop.desk.calls) - before)
        act()

    for _ in range(60):
        turn(workshop, look)
        if found:
            return found[0]
    raise AssertionError("it never arrives")


def quiet(workshop: Workshop) -> None:
    """All is done, and the rechecks behind it too."""
    workshop.settle(limit=100)
    for _ in range(3):
        workshop.tick(3600)
        workshop.settle(limit=100)
    workshop.context.db.write(f"UPDATE {TICKETS} SET unread = 0")


def test_a_reply_does_not_wait_for_a_backlog_of_new_tickets(small: Workshop) -> None:
    ticket = small.linked_ticket("первый")
    quiet(small)
    backlog = [small.new_ticket(f"запрос {number}") for number in range(60)]
    small.agent_replies(ticket, "ответ")
    small.deliver_webhooks()
    calls = until(small, lambda: len(small.panel.messages(ticket)) == 2)
    assert calls <= 6
    small.settle(limit=200)
    small.assert_all_equal([ticket, backlog[0], backlog[-1]])


def test_a_reply_arrives_while_clients_write_as_much_as_the_account_takes(small: Workshop) -> None:
    """Twenty new client messages a minute, all the calls there are."""
    ticket = small.linked_ticket("первый")
    others = [small.linked_ticket(f"другой {number}") for number in range(5)]
    quiet(small)
    for number in range(40):
        small.client_writes(others[number % 5], f"вопрос {number}")
    small.agent_replies(ticket, "ответ")
    small.deliver_webhooks()
    written = [0]

    def more() -> None:
        written[0] += 1
        small.client_writes(others[written[0] % 5], f"ещё {written[0]}")

    assert until(small, lambda: len(small.panel.messages(ticket)) == 2, more) <= 8


def test_client_messages_do_not_wait_for_a_backlog_of_replies(small: Workshop) -> None:
    tickets = [small.new_ticket(f"запрос {number}") for number in range(60)]
    quiet(small)
    for one in tickets[1:]:
        small.agent_replies(one, "ответ")
    small.deliver_webhooks()
    small.client_writes(tickets[0], "срочно")
    calls = until(small, lambda: len(small.desk.messages(small.case(tickets[0]))) == 2)
    assert calls <= 6


def test_a_long_conversation_leaves_room_for_the_others(small: Workshop) -> None:
    """Five hundred messages in one ticket: others' messages go over in between, and its own keep their order."""
    long, short = small.linked_ticket("длинный"), small.linked_ticket("короткий")
    quiet(small)
    for number in range(60):
        small.client_writes(long, f"строка {number}")
    small.client_writes(short, "вопрос")
    small.agent_replies(short, "ответ")
    small.deliver_webhooks()

    def both() -> bool:
        return len(small.panel.messages(short)) == 3 and len(small.desk.messages(small.case(short))) == 3

    before = len(small.desk.calls)
    assert until(small, both) <= 12
    assert len(small.desk.messages(small.case(long))) < 60
    small.settle(limit=200)
    small.assert_equal(long)
    small.assert_equal(short, in_order=False)
    calls = [f"{call.method} {call.path}" for call in small.desk.calls[before:] if str(small.case(long)) in call.path]
    assert set(calls) == {f"POST /api/cases/{small.case(long)}/messages.json"}, "turns cost no call"


def test_a_ticket_that_always_fails_is_not_served_before_the_others(small: Workshop) -> None:
    bad = small.new_ticket("яд")
    small.desk.faults.answer(502, on=lambda request: "яд".encode() in request.body, times=None)
    turn(small)
    attempts = [small.link(bad).attempts]
    for number in range(30):
        ticket = small.new_ticket(f"запрос {number}")
        small.tick(30)
        turn(small)
        assert small.case(ticket)
        attempts.append(small.link(bad).attempts)
    assert attempts[-1] > 3, "it is tried again, in its turn"


def test_what_comes_for_a_ticket_of_this_pass_gets_its_turn_in_it(small: Workshop) -> None:
    """A pass through a backlog may take long."""
    first = small.new_ticket("первый")
    small.new_ticket("второй")
    small.tick()
    wrote: list[int] = []

    def again() -> None:
        if small.case(first) and not wrote:
            wrote.append(small.client_writes(first, "ещё"))

    turn(small, again)
    assert [line.content for line in small.desk.messages(small.case(first))] == ["первый", "ещё"]


# Since when a message waits


def waits(workshop: Workshop) -> float:
    since = workshop.context.queue.oldest_wait()
    return 0.0 if since is None else workshop.clock() - since


def test_a_message_waits_from_its_event_on_through_an_outage(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("раз")
    workshop.client_writes(ticket, "два")
    workshop.desk.faults.unreachable = True
    for _ in range(3):
        workshop.run_pass()
        workshop.tick(600)
        workshop.client_writes(ticket, "три")
    assert waits(workshop) == pytest.approx(1800, abs=60)
    workshop.desk.faults.clear()
    workshop.settle()
    assert waits(workshop) == 0
    workshop.assert_equal(ticket)


def test_a_message_waits_while_the_key_is_revoked_and_while_synchronisation_is_off(make_workshop: Make) -> None:
    workshop = make_workshop()
    ticket = workshop.linked_ticket("раз")
    workshop.desk.faults.key_revoked = True
    workshop.client_writes(ticket, "два")
    workshop.run_pass()
    workshop.tick(600)
    workshop.run_pass()
    assert waits(workshop) == pytest.approx(600, abs=60)
    workshop.desk.faults.clear()
    workshop.context.gate.unblock()
    workshop.settle()
    workshop.restart(sync=False)
    workshop.agent_replies(ticket, "ответ")
    workshop.deliver_webhooks()
    workshop.run_pass()
    workshop.tick(900)
    workshop.run_pass()
    assert waits(workshop) == pytest.approx(900, abs=60), "a reply waits too"
    workshop.restart(sync=True)
    workshop.settle()
    assert waits(workshop) == 0


@pytest.mark.parametrize("way", ["scan", "poll"])
def test_what_no_event_reported_waits_from_when_it_was_written(workshop: Workshop, way: str) -> None:
    ticket = workshop.linked_ticket("раз")
    workshop.hook = False
    if way == "scan":
        workshop.client_writes(ticket, "два")
    else:
        workshop.agent_replies(ticket, "ответ")
        workshop.deliver_webhooks(lose=1000)
    workshop.tick(300)
    workshop.desk.faults.answer(502, on="* /api/cases/*/messages.json", times=1)
    workshop.sync()
    assert waits(workshop) == pytest.approx(300, abs=30)
    workshop.settle()
    assert waits(workshop) == 0
    assert workshop.context.db.row(f"SELECT turn_at FROM {TICKETS} WHERE ticket = %s", ticket) == {"turn_at": None}


@pytest.mark.parametrize("back", [0, 3600])
def test_events_that_never_pause_put_no_poll_off(make_workshop: Make, back: int) -> None:
    """Only the poll shows that an agent closed a case, and only the begin of a pass reads settings and sends alerts.
    ``back``: seconds by which the clock is set back meanwhile."""
    workshop = make_workshop(poll_seconds=60)
    closed = workshop.linked_ticket("закрытый")
    workshop.sync()
    workshop.agent_sets(closed, "closed")
    workshop.context.state.put("poll_done", 1)  # the poll of this minute was made before it
    tickets = [workshop.new_ticket("запрос 0")]

    def rush(call: object) -> None:
        workshop.tick(-back if len(tickets) == MANY // 4 else 0.5)
        if len(tickets) < MANY:
            tickets.append(workshop.new_ticket(f"запрос {len(tickets)}"))

    workshop.desk.on_call(rush)
    worker = Worker(workshop.paths, lambda: workshop.context, Stop(), workshop.context.dependencies)
    reports = [worker._pass(workshop.locks) for _ in range(2)]
    assert workshop.panel.ticket_state(closed).state != "open"
    assert len(tickets) < MANY and reports[0].rest == 0.0
    workshop.settle(limit=100)
    workshop.assert_all_equal([closed, tickets[0], tickets[-1]])


@pytest.mark.parametrize("seconds", [5, 100])
def test_a_pass_whose_time_is_over_gives_everything_its_turn_first(workshop: Workshop, seconds: int) -> None:
    """Slow calls leave no time at all."""
    backlog = [workshop.new_ticket(f"запрос {number}") for number in range(8)]
    workshop.tick()
    workshop.desk.on_call(lambda call: workshop.tick(seconds))
    report = Pass(workshop.context, workshop.locks, lasts=5).run()
    assert report.over and len(report.tried) == len(ORDER)
    workshop.settle()
    workshop.assert_all_equal(backlog)


def test_a_pass_without_a_limit_takes_everything_although_the_clock_is_set_back(workshop: Workshop) -> None:
    """The command ``sync`` has tried all that was due when it returns."""
    backlog = [workshop.new_ticket(f"запрос {number}") for number in range(8)]
    workshop.run_pass()  # they are due
    more = [workshop.new_ticket(f"ещё {number}") for number in range(8)]
    workshop.tick(7200)
    workshop.desk.on_call(
        lambda call: workshop.tick(-3600) if workshop.desk.calls_count("POST /api/cases.json") == 11 else None
    )
    report = Pass(workshop.context, workshop.locks).run()
    assert not report.over and set(more) <= report.tried
    workshop.assert_all_equal(backlog)
