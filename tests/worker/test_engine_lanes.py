"""Several tickets at the same time: what holds with one lane holds with many."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from omnidesk.context import Context
from omnidesk.core.errors import Misconfigured, Paused
from omnidesk.core.locks import Places, TicketLocks
from omnidesk.core.settings import parse
from omnidesk.core.tables import TICKETS
from omnidesk.helpdesk.call_log import Calls
from omnidesk.helpdesk.connection import Connection
from omnidesk.helpdesk.rate_limit import Budget
from omnidesk.sync.reconcile import Result
from omnidesk.worker import one_pass, spool_drain
from omnidesk.worker.lanes import count
from omnidesk.worker.one_pass import Pass
from sandbox.billmanager.panel import Client
from sandbox.omnidesk.settings import Settings as DeskSettings
from tests.support.meeting import Meeting
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
LANES = 4


def clients(workshop: Workshop, number: int) -> list[Client]:
    """So many more clients."""
    return [workshop.panel.add_client(f"Клиент {one}", f"client{one}@example.com") for one in range(number)]


def test_tickets_of_several_clients_are_worked_on_at_the_same_time(make_workshop: Make) -> None:
    workshop = make_workshop(lanes=LANES)
    tickets = [workshop.new_ticket(f"текст {one.user}", user=one.user) for one in clients(workshop, 8)]
    meeting = Meeting(workshop, LANES, only="POST /api/cases.json")
    workshop.sync()
    assert meeting.most == LANES
    workshop.assert_all_equal(tickets)
    assert len(workshop.desk.cases) == 8


def test_one_lane_works_in_the_thread_of_the_run(make_workshop: Make) -> None:
    """Nothing is started for a small account."""
    workshop = make_workshop(desk=DeskSettings(rate_limit=20), lanes=0)
    tickets = [workshop.new_ticket(f"текст {one.user}", user=one.user) for one in clients(workshop, 3)]
    threads: set[str] = set()
    send = workshop.adapter.send

    def seen(*args: Any, **options: Any) -> requests.Response:
        threads.add(threading.current_thread().name)
        return send(*args, **options)

    workshop.adapter.send = seen  # type: ignore[method-assign]
    workshop.settle()
    workshop.assert_all_equal(tickets)
    assert threads == {threading.current_thread().name}
    assert not workshop.context.lanes


@pytest.mark.parametrize(
    ("limit", "seconds", "lanes"),
    [
        (0, 0.3, 1),
        (20, 0.3, 1),
        (100, 0.3, 1),
        (750, 0.0, 1),
        (750, 0.05, 4),
        (750, 0.3, 8),
        (1500, 0.3, 15),
        (1500, 1, 16),
    ],
)
def test_the_number_follows_from_the_limit_and_the_time_of_a_call(limit: int, seconds: float, lanes: int) -> None:
    """One while nothing is known, and for a small account."""
    assert Budget(limit=limit, calls=Calls(seconds=seconds)).lanes == lanes


def test_the_time_of_a_call_is_measured(make_workshop: Make) -> None:
    workshop = make_workshop(lanes=0, call_seconds=0.3)
    assert count(workshop.context) == 1
    workshop.new_ticket()
    workshop.sync()
    assert workshop.context.gate.budget().calls.seconds == pytest.approx(0.3, abs=0.01)
    assert count(workshop.context) == 8


def test_the_settings() -> None:
    needed = "OmnideskUrl acme\nOmnideskEmail i@x.com\nOmnideskApiKey k\nOmnideskChannel 1\nOmnideskSecret 12345678\n"
    assert (parse(needed).lanes, parse(needed).panel_lanes) == (0, 2)
    assert parse(needed + "Lanes auto\n").lanes == 0
    assert parse(needed + "Lanes 16\nPanelLanes 3\n").lanes == 16
    for wrong in ("Lanes 0", "Lanes 17", "Lanes many", "PanelLanes 0"):
        with pytest.raises(Misconfigured):
            parse(needed + wrong)


# Who may run beside whom


@pytest.mark.parametrize("deleted", [False, True], ids=["new", "deleted in Omnidesk"])
def test_a_client_is_made_by_one_call(make_workshop: Make, deleted: bool) -> None:
    """Two at once that both name a client Omnidesk does not know could make two. The next ones need not wait. That a
    client was deleted there is not known before a call is made."""
    workshop = make_workshop(lanes=LANES)
    if deleted:
        workshop.linked_ticket("раз")
        workshop.desk.drop_user(next(iter(workshop.desk.users.values())))
    tickets = [workshop.new_ticket(f"текст {number}") for number in range(3)]
    known: list[int] = []
    send, begun, others = workshop.adapter.send, threading.Event(), threading.Barrier(2, timeout=60)

    def slow(request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        if f"{request.method} {request.path_url}" == "POST /api/cases.json":
            known.append(len(workshop.desk.users))
            if begun.is_set():
                others.wait()  # both are here
            begun.set()
            threading.Event().wait(0.3)  # longer than it takes to find work for a free lane
        return send(request, *args, **options)

    workshop.adapter.send = slow  # type: ignore[method-assign]
    workshop.sync()
    assert known[0] == 0
    assert min(known[1:]) > 0, "another case was begun before the client was made"
    workshop.assert_all_equal(tickets)


def test_tickets_that_share_a_case_follow_each_other(make_workshop: Make) -> None:
    workshop = make_workshop(lanes=LANES)
    first, second = workshop.linked_ticket("раз"), workshop.linked_ticket("два")
    workshop.desk.merge(workshop.case(second), workshop.case(first), workshop.anna_staff)
    workshop.settle()
    assert workshop.case(first) == workshop.case(second)
    for ticket in (first, second):
        workshop.client_writes(ticket, f"ещё {ticket}")
    meeting = Meeting(workshop, 2, only="/messages.json", patience=0.3)  # long enough to see that nobody comes
    workshop.sync()
    assert meeting.most == 1


def test_a_ticket_is_never_in_two_lanes(make_workshop: Make) -> None:
    """Not when events about it come while it is worked on."""
    workshop = make_workshop(lanes=LANES)
    tickets = [workshop.linked_ticket(f"раз {number}") for number in range(3)]
    at_work: Counter[str] = Counter()
    doubled: list[str] = []
    counting = threading.Lock()
    send = workshop.adapter.send

    def seen(request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        case = request.path_url.split("/")[3] if request.path_url.count("/") > 3 else ""
        with counting:
            at_work[case] += 1
            if case and at_work[case] > 1:
                doubled.append(case)
        for ticket in tickets:
            workshop.make_due(ticket)
        try:
            return send(request, *args, **options)
        finally:
            with counting:
                at_work[case] -= 1

    workshop.adapter.send = seen  # type: ignore[method-assign]
    for ticket in tickets:
        for number in range(7):
            workshop.client_writes(ticket, f"сообщение {number}")
    workshop.settle()
    assert not doubled
    workshop.assert_all_equal(tickets)


def test_threads_of_a_process_keep_each_other_out(tmp_path: Path) -> None:
    """The kernel's locks belong to the process: it would let a second thread in."""
    locks, found = TicketLocks(str(tmp_path / "tickets.lock")), list[bool]()

    def take(wait: bool) -> None:
        with locks.held(17, wait=wait) as mine:
            found.append(mine)

    with locks.held(17):
        other = threading.Thread(target=take, args=(False,))
        other.start()
        other.join()
        waiting = threading.Thread(target=take, args=(True,))
        waiting.start()
    waiting.join()
    assert found == [False, True]
    locks.close()


# The panel


def test_no_more_calls_of_the_panel_than_the_setting_says(make_workshop: Make) -> None:
    workshop = make_workshop(lanes=6, panel_lanes=2)
    tickets = [workshop.linked_ticket(f"текст {one.user}", user=one.user) for one in clients(workshop, 6)]
    for ticket in tickets:
        workshop.agent_replies(ticket, f"ответ {ticket}")
    workshop.deliver_webhooks()
    most, here, counting = 0, 0, threading.Condition()
    call = workshop.panel.call

    def counted(*args: Any, **options: Any) -> Any:
        nonlocal most, here
        with counting:
            here += 1
            most = max(most, here)
            counting.notify_all()
            counting.wait_for(lambda: most >= 3, timeout=0.1)  # would a third come?
        try:
            return call(*args, **options)
        finally:
            with counting:
                here -= 1

    workshop.panel.call = counted  # type: ignore[method-assign]
    workshop.sync()
    workshop.assert_all_equal(tickets)
    assert most == 2


def test_an_upload_takes_one_place() -> None:
    """It makes a call of its own, for its session."""
    places = Places(1)
    with places.taken(), places.taken():
        pass
    with places.taken():
        pass


# The end of a pass


@contextmanager
def failing(failure: Exception, at: int) -> Iterator[list[str]]:
    """The ``at``-th call of Omnidesk raises this; the paths of all calls."""
    seen, counting, enter = list[str](), threading.Lock(), Connection._enter

    def entered(self: Connection) -> int:
        with counting:
            seen.append("call")
            number = len(seen)
        if number == at:
            raise failure
        return enter(self)

    Connection._enter = entered  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        Connection._enter = enter  # type: ignore[method-assign]


@pytest.mark.parametrize(
    "failure",
    [Paused("omnidesk_key", seconds=60), Misconfigured("database_refused", "1045", "no")],
    ids=lambda failure: type(failure).__name__,
)
def test_what_ends_the_pass_ends_it_for_all(make_workshop: Make, failure: Exception) -> None:
    """The others finish the action they are in; afterwards everything goes on."""
    workshop = make_workshop(lanes=LANES)
    tickets = [workshop.new_ticket(f"текст {one.user}", user=one.user) for one in clients(workshop, 20)]
    with failing(failure, at=6) as seen:
        if isinstance(failure, Paused):
            assert workshop.run_pass(force=False).paused is failure
        else:
            with pytest.raises(Misconfigured):
                workshop.run_pass(force=False)
    assert len(seen) < 6 + 2 * LANES
    assert not [one for one in threading.enumerate() if one.name.startswith("lane-")]
    workshop.settle()
    workshop.assert_all_equal(tickets)


def test_no_lane_outlives_a_pass_that_ends_for_another_reason(
    make_workshop: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database went away for the thread that hands out the tickets: the next pass would not know what lanes do."""
    workshop = make_workshop(lanes=2)
    workshop.new_ticket("раз", user=workshop.ivan.user)
    workshop.new_ticket("два", user=workshop.petra.user)
    drained, working, ended, drain = list[int](), threading.Barrier(3, timeout=60), list[int](), spool_drain.drain

    def notes(context: Context) -> tuple[int, bool]:
        drained.append(1)
        if len(drained) == 1:
            return drain(context)
        if len(drained) == 3:
            working.wait()
            raise Paused("database_away", "2006", "gone", seconds=15)
        return 0, False

    def work(context: Context, ticket: int, stopping: Callable[[], bool], most: int) -> Result:
        working.wait()
        for _ in range(1000):
            if stopping():
                ended.append(ticket)
                break
            threading.Event().wait(0.01)
        return Result(unfinished=True)

    monkeypatch.setattr(spool_drain, "drain", notes)
    monkeypatch.setattr(one_pass, "reconcile", work)
    report = workshop.run_pass()
    assert report.paused is not None and report.paused.type == "database_away"
    assert len(ended) == 2
    assert not [one for one in threading.enumerate() if one.name.startswith("lane-")]


@pytest.mark.parametrize("lanes", [1, 2])
def test_a_pass_does_not_wait_for_a_ticket_that_no_lane_has(
    make_workshop: Make, monkeypatch: pytest.MonkeyPatch, lanes: int
) -> None:
    workshop = make_workshop(lanes=lanes)
    workshop.new_ticket("раз")
    gone = Paused("database_away", "2006", "gone", seconds=15)

    def fails(*_: object) -> None:
        raise gone

    monkeypatch.setattr(Pass, "_count", fails)
    monkeypatch.setattr(Context, "refresh", fails)
    assert workshop.run_pass().paused is gone


def test_a_run_that_is_to_stop_stops_all_lanes_between_two_actions(make_workshop: Make) -> None:
    workshop = make_workshop(lanes=LANES)
    tickets = [workshop.new_ticket(f"текст {one.user}", user=one.user) for one in clients(workshop, 20)]
    report = workshop.run_pass(stopping=lambda: workshop.posted() >= 5)
    assert report.paused is None
    assert 5 <= workshop.posted() < 5 + LANES
    workshop.settle()
    workshop.assert_all_equal(tickets)


# What is counted


def test_the_guard_holds_back_the_same_with_many_lanes(make_workshop: Make) -> None:
    """Old tickets that lost their links get no cases, however many lanes there are."""
    workshop = make_workshop(lanes=LANES, mass_change_limit=3)
    tickets = [workshop.linked_ticket(f"текст {one.user}", user=one.user) for one in clients(workshop, 8)]
    workshop.tick(10 * 86400)
    workshop.panel.execute(f"DELETE FROM {TICKETS}")
    workshop.panel.execute("DELETE FROM ticket_message2external_case_message")
    before = workshop.posted()
    for ticket in tickets:
        workshop.make_due(ticket)
    workshop.sync()
    assert workshop.posted() == before


def test_turns_alternate_with_many_lanes(make_workshop: Make) -> None:
    """Five messages of one ticket, then the others; what comes meanwhile does not wait for the backlog."""
    workshop = make_workshop(lanes=2)
    long, short = workshop.linked_ticket("длинный"), workshop.linked_ticket("короткий")
    for number in range(20):
        workshop.client_writes(long, f"сообщение {number}")
    workshop.client_writes(short, "и я")
    workshop.settle()
    workshop.assert_all_equal([long, short])
    sent = [call.path.split("/")[3] for call in workshop.desk.calls if call.path.endswith("/messages.json")]
    assert sent.index(str(workshop.case(short))) < len(sent) - 1


def test_the_account_is_asked_once_for_all_lanes(make_workshop: Make) -> None:
    """A list that is too old is read by one lane; the others wait for it."""
    workshop = make_workshop(lanes=LANES)
    tickets = [workshop.linked_ticket(f"текст {one.user}", user=one.user) for one in clients(workshop, 4)]
    workshop.settle()
    workshop.tick(7200)
    for ticket in tickets:
        workshop.panel.employee_replies(workshop.boris, ticket, "ответ")
    calls = workshop.calls(workshop.sync)
    assert calls.count("GET /api/staff.json") <= 1
    workshop.assert_all_equal(tickets)


def test_trouble_in_all_lanes_is_settled_by_one_call(make_workshop: Make) -> None:
    """Whether the whole account refuses is asked once, not by each lane."""
    workshop = make_workshop(lanes=LANES)
    tickets = [workshop.linked_ticket(f"текст {one.user}", user=one.user) for one in clients(workshop, 4)]
    for ticket in tickets:
        workshop.client_writes(ticket, "ещё")
    workshop.desk.faults.server_error(on="POST /api/cases/*/messages.json", times=4)
    calls = workshop.calls(lambda: workshop.run_pass(force=False))
    assert calls.count("GET /api/staff.json") == 1
    workshop.settle()
    workshop.assert_all_equal(tickets)
