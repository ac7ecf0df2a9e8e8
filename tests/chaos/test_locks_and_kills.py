"""Any number of workers at once, workers that are killed, and workers told to stop while a neighbour hangs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from omnidesk.core.locks import TicketLocks
from omnidesk.core.shutdown import Stop, Stopped
from omnidesk.core.tables import MESSAGES, TICKETS
from omnidesk.hooks import spool
from sandbox.guardian import processes_in
from sandbox.watch import Watch
from sandbox.world import World
from tests.support.amount import ALL
from tests.support.commands import CommandWorld

WORKERS = 10 if ALL else 5
TICKETS_AT_ONCE = 12 if ALL else 8
Hung = AbstractContextManager[Callable[[], object]]
AWAITED = 60  # seconds in which a process that was told to end has to; its neighbour hangs for minutes
PATIENT = {"RequestTimeout": "300", "PanelTimeout": "600", "SettleSeconds": "0", "LingerSeconds": "0"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A world whose module waits for minutes for its neighbours, without event handlers and webhooks.

    Processes are those only that are killed, told to stop, or at work at the same time.
    """
    with CommandWorld(settings=PATIENT, events=False, webhooks=False) as world:
        world.sync()
        yield world


@pytest.fixture(scope="module")
def watch(world: World) -> Watch:
    return Watch(world)


@contextmanager
def started(world: World, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """The module as a process that is still running."""
    process = subprocess.Popen(
        [str(world.root / "processing" / "pmomnidesk"), "--command", *(arguments or ("sync",))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def is_free(world: World, ticket: int) -> bool:
    """Whether another process (this one) gets the ticket's lock."""
    locks = TicketLocks(str(world.root / "var" / "omnidesk" / "tickets.lock"))
    try:
        with locks.held(ticket) as mine:
            return mine
    finally:
        locks.close()


def linked(world: World, text: str) -> tuple[int, int]:
    """A new ticket and its case."""
    ticket = world.panel.client_creates_ticket(world.ivan.user, "Тема", text)
    world.sync()
    return ticket, int(world.panel.query(f"SELECT external_case AS c FROM {TICKETS} WHERE ticket = %s", ticket)[0]["c"])


def put_event(world: World, name: str) -> None:
    """What a hook leaves; here it starts nobody."""
    spool.put(str(world.root / "var" / "omnidesk" / "spool"), name, {})


def texts(world: World, ticket: int, case: int) -> tuple[list[str], list[str]]:
    here = [message.text for message in world.panel.messages(ticket)]
    return here, [entry.text for entry in world.omnidesk.thread(case)]


def assert_equal(world: World, ticket: int, case: int, *said: str) -> None:
    """After runs to rest, everything said is on both sides once and nothing is left in doubt."""
    for _ in range(2):
        world.sync()
    here, there = texts(world, ticket, case)
    assert sorted(here) == sorted(there) == sorted(said)
    assert not world.panel.query(f"SELECT * FROM {MESSAGES} WHERE state = 'intent'")


def test_many_workers_at_once_do_each_ticket_once_and_one_at_a_time(world: World) -> None:
    """Nothing is doubled, nobody fails, and no ticket is worked on by two at the same time."""
    users = [*world.ivan.users, world.petra.user]
    tickets = [
        world.panel.client_creates_ticket(users[number % 3], f"Тема {number}", f"текст {number}")
        for number in range(TICKETS_AT_ONCE)
    ]
    for ticket in tickets:
        world.panel.client_writes(users[tickets.index(ticket) % 3], ticket, "и ещё")
    before = len(world.omnidesk.cases)
    overlaps, busy, guard = [], set(), threading.Lock()
    handle = world.omnidesk.handle

    def watched(request):  # type: ignore[no-untyped-def]
        case = re.match(r"/api/cases/(\d+)/", request.path)
        if case is None:
            return handle(request)
        with guard:
            if case[1] in busy:
                overlaps.append(request.path)
            busy.add(case[1])
        try:
            return handle(request)
        finally:
            with guard:
                busy.discard(case[1])

    world.omnidesk.handle = watched  # type: ignore[method-assign]
    processes = [
        subprocess.Popen(
            [str(world.root / "processing" / "pmomnidesk"), "--command", "sync"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for _ in range(WORKERS)
    ]
    outputs = [process.communicate(timeout=120)[0].decode() for process in processes]
    world.omnidesk.handle = handle  # type: ignore[method-assign]
    assert [process.returncode for process in processes] == [0] * WORKERS, outputs
    assert not overlaps
    assert len(world.omnidesk.cases) - before == TICKETS_AT_ONCE
    for number, ticket in enumerate(tickets):
        case = world.panel.query(f"SELECT external_case AS c FROM {TICKETS} WHERE ticket = %s", ticket)[0]["c"]
        assert [entry.text for entry in world.omnidesk.thread(int(case))] == [f"текст {number}", "и ещё"]
        _assert_taken_in_turns(world.log(), ticket)


def _assert_taken_in_turns(log: str, ticket: int) -> None:
    """Of the processes that worked on a ticket each had it as a whole."""
    found = re.findall(rf"\[(\d+)\].* ticket {ticket}: ", log)
    turns = [process for at, process in enumerate(found) if at == 0 or found[at - 1] != process]
    assert len(turns) == len(set(turns)), f"ticket {ticket}: {turns}"


@pytest.mark.parametrize("arguments", [("sync",), ("sync", "--no-wait", "--linger", "0")], ids=["sync", "worker"])
def test_a_worker_killed_in_a_call_frees_its_locks_at_once(
    world: World, watch: Watch, arguments: tuple[str, ...]
) -> None:
    """Nobody has to wait for a dead process: the kernel drops what it held."""
    ticket, case = linked(world, "раз")
    world.panel.client_writes(world.ivan.user, ticket, "два")
    put_event(world, f"ticket-{ticket}")
    world.omnidesk.faults.hang(on="POST /api/cases/*/messages.json")
    with started(world, *arguments) as process:
        watch.until("the worker hangs", lambda: _calls(world, f"/api/cases/{case}/messages.json", "POST"), every=0.02)
        assert not is_free(world, ticket)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(AWAITED)
        assert is_free(world, ticket)
    world.omnidesk.faults.release()
    assert_equal(world, ticket, case, "раз", "два")


def _calls(world: World, path: str, method: str) -> bool:
    return any(call.path == path and call.method == method for call in world.omnidesk.calls)


# SIGTERM while a neighbour hangs


@contextmanager
def hung_omnidesk(world: World, watch: Watch, ticket: int, case: int) -> Iterator[Callable[[], object]]:
    world.panel.client_writes(world.ivan.user, ticket, "два")
    world.omnidesk.faults.hang(on=f"POST /api/cases/{case}/messages.json")
    yield lambda: _calls(world, f"/api/cases/{case}/messages.json", "POST")
    world.omnidesk.faults.release()


@contextmanager
def hung_download(world: World, watch: Watch, ticket: int, case: int) -> Iterator[Callable[[], object]]:
    """A file of a reply never comes; what was downloaded of another waits with its message."""
    files = (("a.txt", "text/plain", b"a"), ("b.txt", "text/plain", b"b"))
    world.omnidesk.agent_reply(case, world.anna_staff, text="два", attachments=files)
    left = [2]

    def second(request: object) -> bool:
        left[0] -= "/attachments/" in getattr(request, "path", "")
        return left[0] == 0

    world.omnidesk.faults.hang(on=second)
    yield lambda: left[0] == 0
    world.omnidesk.faults.release()


@contextmanager
def hung_panel(world: World, watch: Watch, ticket: int, case: int) -> Iterator[Callable[[], object]]:
    world.omnidesk.agent_reply(case, world.anna_staff, text="два")
    rule = world.panel.faults.hang("ticket.edit")
    yield rule.struck.is_set
    rule.lift()
    watch.until("the panel has done it", lambda: len(world.panel.messages(ticket)) == 2, every=0.02)


@contextmanager
def hung_database(world: World, watch: Watch, ticket: int, case: int) -> Iterator[Callable[[], object]]:
    """Another program has locked a table."""
    world.panel.client_writes(world.ivan.user, ticket, "два")
    with world.mariadb.connect(world.panel.schema.database) as connection, connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLES {MESSAGES} WRITE")

        def waits() -> bool:
            cursor.execute("SHOW PROCESSLIST")
            return any("metadata lock" in str(row[6]) for row in cursor.fetchall())

        yield waits


HUNG = [hung_omnidesk, hung_download, hung_panel, hung_database]


@pytest.mark.parametrize("lanes", ["1", "3"])
@pytest.mark.parametrize(
    ("hung", "arguments"),
    [*((one, ("sync",)) for one in HUNG), (hung_panel, ("sync", "--no-wait", "--linger", "0"))],
    ids=[*(one.__name__ for one in HUNG), "hung_panel-worker"],
)
def test_a_worker_told_to_stop_ends_although_its_neighbour_hangs(
    world: World, watch: Watch, hung: Callable[..., Hung], arguments: tuple[str, ...], lanes: str
) -> None:
    """It leaves no lock, no program and half of no file behind, and the next run does what is left, once.

    Only the main thread gets the signal; with several lanes it is one of the others that hangs.
    """
    world.write_settings(Lanes=lanes)
    ticket, case = linked(world, "раз")
    world.omnidesk.calls.clear()
    with hung(world, watch, ticket, case) as hangs:
        put_event(world, f"ticket-{ticket}")
        put_event(world, f"case-{case}")
        _stop(world, watch, ticket, hangs, arguments)
    assert_equal(world, ticket, case, "раз", "два")
    assert not _downloads(world)


def _stop(world: World, watch: Watch, ticket: int, hangs: Callable[[], object], arguments: tuple[str, ...]) -> None:
    with started(world, *arguments) as process:
        watch.until("the worker hangs", hangs, every=0.02)
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=AWAITED)[0].decode()
        assert process.returncode == 0, output
        assert "<stopped/>" in output
        assert is_free(world, ticket)
        assert not processes_in(str(world.root)), "mgrctl still runs"
        assert not [path for path in _downloads(world) if path.suffix == ".part"], "half a file"


def _downloads(world: World) -> list[Path]:
    folder = world.root / "var" / "omnidesk" / "files"
    return list(folder.rglob("*")) if folder.is_dir() else []


def test_a_worker_told_to_stop_between_two_actions_ends_as_usual(world: World, watch: Watch) -> None:
    """One that stays is told while it waits for an event."""
    with started(world, "worker") as process:
        watch.until("it waits", lambda: (world.root / "var/omnidesk/wake").exists() and _waits(process.pid), every=0.02)
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=AWAITED)[0].decode()
    assert process.returncode == 0, output
    assert "<stopped/>" not in output


def _waits(process: int) -> bool:
    """Whether a process sleeps in poll."""
    with open(f"/proc/{process}/syscall", encoding="ascii") as file:
        return file.read().split()[0] in ("7", "271", "73")


# The handler itself


def test_a_signal_that_finds_the_waiting_pipe_full_is_taken() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"!" * 65536)
    except BlockingIOError:
        stop = Stop()
    stop.pipe = writing
    with stop.installed():
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop()
    os.close(reading)
    os.close(writing)


def test_a_call_that_comes_back_soon_is_not_abandoned() -> None:
    """What ends within the grace ends as usual, and no alarm is left behind."""
    stop = Stop()
    with stop.installed():
        os.kill(os.getpid(), signal.SIGTERM)
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_no_handler_of_failures_takes_a_stop_for_one() -> None:
    assert not issubclass(Stopped, Exception)
