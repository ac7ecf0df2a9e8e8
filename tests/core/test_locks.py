"""One run at a time per ticket, and a worker that stops when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from omnidesk.core.locks import TicketLocks
from omnidesk.core.paths import Paths
from omnidesk.core.shutdown import Stop
from omnidesk.hooks import worker_start

# Holds a ticket's lock, says so, and lets go when its stdin closes.
HOLDER = (
    "import sys; from omnidesk.core.locks import TicketLocks\n"
    "with TicketLocks(sys.argv[1]).held(int(sys.argv[2]), wait=sys.argv[3] == 'wait') as mine:\n"
    "    print(mine, flush=True); sys.stdin.read()\n"
)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "var" / "tickets.lock")


def holder(path: str, ticket: int, wait: str = "no") -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", HOLDER, path, str(ticket), wait]
    return subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_another_process_is_kept_out(path: str) -> None:
    """Of this ticket, not of others; and only as long as it is held."""
    locks = TicketLocks(path)
    with holder(path, 17) as other:
        assert said(other) == "True"
        with locks.held(17) as mine:
            assert mine is False
        with locks.held(18) as mine:
            assert mine is True
        other.communicate("")
    with locks.held(17) as mine:
        assert mine is True
    locks.close()


def test_who_waits_gets_it_when_the_other_ends(path: str) -> None:
    """A command waits for the worker instead of giving up."""
    locks = TicketLocks(path)
    with locks.held(17) as mine:
        assert mine
        waiting = holder(path, 17, "wait")
    assert said(waiting) == "True"
    waiting.communicate("")
    locks.close()


def test_a_killed_process_holds_nothing(path: str) -> None:
    """The kernel lets go at once, in whatever way it died."""
    with holder(path, 17) as other:
        assert said(other) == "True"
        other.kill()
        other.wait()
    locks = TicketLocks(path)
    with locks.held(17) as mine:
        assert mine is True
    locks.close()


def test_a_refusal_lets_the_rest_go_on(path: str) -> None:
    """An exception in the work releases the lock too."""
    locks = TicketLocks(path)
    with pytest.raises(KeyError), locks.held(17):
        raise KeyError
    with holder(path, 17) as other:
        assert said(other) == "True"
        other.communicate("")
    locks.close()


def test_children_do_not_hold_the_locks(path: str) -> None:
    """A child that outlives the worker (mgrctl, say) must not keep the ticket."""
    locks = TicketLocks(path)
    with locks.held(17), subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        locks.close()
        with holder(path, 17) as other:
            assert said(other) == "True"
            other.communicate("")
        child.communicate(b"\n")
        locks._file = os.open(path, os.O_RDWR)  # for the end of `held`


def test_the_file_does_not_grow(path: str) -> None:
    """A byte range is locked, nothing is written, whatever the ticket's number."""
    locks = TicketLocks(path)
    with locks.held(2**40) as mine:
        assert mine
    assert os.stat(path).st_size == 0
    assert os.stat(path).st_mode & 0o777 == 0o600
    locks.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_wait_at_once(tmp_path: Path, number: signal.Signals) -> None:
    """The worker sleeps in its pipe, so the signal writes into it; afterwards the old handlers are back."""
    paths = Paths(str(tmp_path))
    before = signal.getsignal(number)
    stop = Stop()
    pipe = worker_start.open_pipe(paths)
    stop.pipe = pipe
    with stop.installed():
        assert not stop()
        os.kill(os.getpid(), number)
        assert worker_start.wait(pipe, 60.0) is True
        assert stop()
    assert signal.getsignal(number) is before
    os.close(pipe)


def test_a_signal_before_the_pipe_is_there(tmp_path: Path) -> None:
    """Nothing to wake then, but it is remembered."""
    stop = Stop()
    with stop.installed():
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop()
