"""Many processes at once do what one would do."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from omnidesk.core.locks import POLL, TicketLocks
from omnidesk.core.shutdown import Stop
from omnidesk.worker.main_loop import Worker
from omnidesk.worker.one_pass import Pass
from sandbox.world import World
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


def test_workers_and_commands_started_at_once_do_everything_once() -> None:
    """Real processes: four full runs, the worker that the hooks start, and commands for single tickets."""
    with World() as world:
        users = [world.ivan.users[0], world.ivan.users[1], world.petra.user]
        tickets = [world.panel.client_creates_ticket(user, f"Тема {user}", f"текст {user}") for user in users]

        def run(arguments: tuple[object, ...]) -> subprocess.CompletedProcess[bytes]:
            return world.run(*arguments)

        commands: list[tuple[object, ...]] = [("--command", "sync")] * 4
        commands += [("--command", "create_case", "--id", ticket) for ticket in tickets]
        with ThreadPoolExecutor(len(commands)) as pool:
            for done in pool.map(run, commands):
                assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
        assert len(world.omnidesk.cases) == len(tickets)
        for case in list(world.omnidesk.cases.values()):
            world.omnidesk.agent_reply(case.case_id, world.anna_staff, text="ответ")
        with ThreadPoolExecutor(4) as pool:
            for done in pool.map(run, [("--command", "sync")] * 4):
                assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
        for ticket in tickets:
            assert [message.text for message in world.panel.messages(ticket)][1:] == ["ответ"]


def test_a_ticket_another_process_works_on_is_left_to_it(workshop: Workshop) -> None:
    ticket = workshop.new_ticket("раз")
    other = subprocess.Popen(
        ["python3", "-c", _HOLD, workshop.paths.ticket_locks, str(ticket)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert other.stdin is not None and other.stdout is not None
    other.stdout.readline()
    workshop.run_pass()
    assert not workshop.case(ticket)
    assert not workshop.reports[-1].tried
    other.stdin.close()
    other.wait()
    workshop.settle()
    workshop.assert_equal(ticket)


def test_one_process_polls_while_the_others_go_on(workshop: Workshop) -> None:
    ticket = workshop.new_ticket("раз")
    other = subprocess.Popen(
        ["python3", "-c", _HOLD, workshop.paths.ticket_locks, str(POLL)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdin is not None and other.stdout is not None
    other.stdout.readline()
    calls = workshop.calls(workshop.run_pass)
    assert "GET /api/cases.json" not in calls
    assert workshop.case(ticket)
    other.stdin.close()
    other.wait()


@pytest.mark.parametrize("what", ["ticket", "poll"])
def test_a_worker_waits_for_another_process_without_passes_in_a_row(workshop: Workshop, what: str) -> None:
    ticket = workshop.new_ticket("раз")
    number = ticket if what == "ticket" else POLL
    other = subprocess.Popen(
        ["python3", "-c", _HOLD, workshop.paths.ticket_locks, str(number)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert other.stdin is not None and other.stdout is not None
    other.stdout.readline()
    workshop.tick(100)
    worker = Worker(workshop.paths, lambda: workshop.context, Stop(), workshop.context.dependencies)
    assert 0.5 <= worker._pass(workshop.locks).rest < 5
    other.stdin.close()
    other.wait()


def test_a_clock_that_is_set_back_in_a_pass_puts_no_poll_off(workshop: Workshop) -> None:
    workshop.sync()
    worker = Worker(workshop.paths, lambda: workshop.context, Stop(), workshop.context.dependencies)
    workshop.tick(-86400)
    assert worker._next_work(workshop.context) <= workshop.context.settings.poll_seconds


def test_an_event_during_the_work_is_not_swallowed_by_its_end(workshop: Workshop) -> None:
    """What comes while a ticket is worked on makes it due again."""
    ticket = workshop.new_ticket("раз")

    written: list[int] = []

    def progress(done: int, which: int) -> None:
        if not written:
            written.append(workshop.client_writes(ticket, "два"))

    workshop.tick()
    Pass(workshop.context, workshop.locks, progress=progress).run()
    workshop.settle()
    workshop.assert_equal(ticket)


def test_locks_of_different_tickets_do_not_meet(workshop: Workshop) -> None:
    locks = TicketLocks(workshop.paths.ticket_locks + ".test")
    with locks.held(5) as first, locks.held(6) as second:
        assert first and second
    locks.close()


_HOLD = """
import fcntl, os, sys
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.lockf(file, fcntl.LOCK_EX, 1, int(sys.argv[2]))
print("held", flush=True)
sys.stdin.read()
"""
