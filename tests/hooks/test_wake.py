from __future__ import annotations

import fcntl
import os
import select
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnidesk.core.paths import Paths
from omnidesk.hooks import spool, worker_start
from tests.hooks.hook_tree import FOLLOWS_PROTOCOL, PATIENCE, SECRET, Tree


@pytest.fixture
def lock(paths: Paths) -> Iterator[int]:
    """This process is the worker."""
    held = worker_start.acquire(paths)
    assert held is not None
    yield held
    try:
        os.close(held)
    except OSError:
        return  # released by the test


# --- the lock and the FIFO ------------------------------------------------------------------------


def test_one_worker_at_a_time(paths: Paths) -> None:
    first = worker_start.acquire(paths)
    assert first is not None
    assert worker_start.acquire(paths) is None
    worker_start.release(first)
    second = worker_start.acquire(paths)
    assert second is not None
    worker_start.release(second)


def test_modes_of_what_is_made(paths: Paths, lock: int) -> None:
    os.close(worker_start.open_pipe(paths))
    modes = {name: stat.S_IMODE(os.stat(name).st_mode) for name in (paths.var, paths.worker_lock, paths.wake_pipe)}
    assert list(modes.values()) == [0o700, 0o600, 0o600]
    assert stat.S_ISFIFO(os.stat(paths.wake_pipe).st_mode)


def test_the_lock_is_not_inherited_by_the_workers_children(paths: Paths, lock: int) -> None:
    """Else mgrctl, hung, would keep the next worker out after this one's death."""
    assert not os.get_inheritable(lock)


def test_an_inherited_lock_is_taken_over(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    held = worker_start.try_lock(paths)
    assert held is not None
    os.set_inheritable(held, True)
    monkeypatch.setenv(worker_start.LOCK_VARIABLE, str(held))
    assert worker_start.acquire(paths) == held
    assert not os.get_inheritable(held)
    assert worker_start.LOCK_VARIABLE not in os.environ
    worker_start.release(held)


@pytest.mark.parametrize("value", ["", "0", "-1", "99999", "x", "9" * 30, "²"])
def test_a_number_that_is_not_our_lock_is_ignored(paths: Paths, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """The variable may come from anywhere; a descriptor of something else is neither locked nor closed."""
    monkeypatch.setenv(worker_start.LOCK_VARIABLE, value)
    held = worker_start.acquire(paths)
    assert held is not None and str(held) != value
    worker_start.release(held)


def test_event_and_wait(paths: Paths, lock: int) -> None:
    """Many events are one waking, and none is left for the next pause."""
    pipe = worker_start.open_pipe(paths)
    assert worker_start.wait(pipe, 0) is False
    for _ in range(5):
        assert worker_start.wake_worker(paths) == 0
    assert worker_start.wait(pipe, PATIENCE) is True
    assert worker_start.wait(pipe, 0) is False
    os.close(pipe)


def test_a_hung_up_writer_does_not_end_the_pause(paths: Paths, lock: int) -> None:
    """After the last writer has gone, a FIFO opened only for reading would be readable forever."""
    pipe = worker_start.open_pipe(paths)
    assert worker_start.nudge(paths)
    assert worker_start.wait(pipe, PATIENCE)
    poll = select.poll()
    poll.register(pipe, select.POLLIN | select.POLLHUP)
    assert poll.poll(0) == []
    os.close(pipe)


def test_a_full_fifo_is_an_event_as_well(paths: Paths, lock: int) -> None:
    pipe = worker_start.open_pipe(paths)
    try:
        while True:
            os.write(pipe, b"x" * 4096)
    except BlockingIOError:
        assert worker_start.nudge(paths) is True
    assert worker_start.wait(pipe, 0) is True
    assert worker_start.wait(pipe, 0) is False
    os.close(pipe)


def test_nobody_listens(paths: Paths) -> None:
    """No FIFO yet, then one without a reader."""
    assert worker_start.nudge(paths) is False
    os.mkdir(paths.var)
    os.mkfifo(paths.wake_pipe)
    assert worker_start.nudge(paths) is False


def test_a_file_in_the_place_of_the_fifo(paths: Paths, lock: int) -> None:
    Path(paths.wake_pipe).write_text("what a restored backup left")
    pipe = worker_start.open_pipe(paths)
    assert worker_start.nudge(paths) and worker_start.wait(pipe, 0)
    os.close(pipe)


def test_a_signal_handler_can_end_the_pause(paths: Paths, lock: int) -> None:
    pipe = worker_start.open_pipe(paths)
    threading.Timer(0, os.write, (pipe, b"!")).start()
    assert worker_start.wait(pipe, PATIENCE)
    os.close(pipe)


def test_a_worker_that_cannot_be_started_is_an_error_and_frees_the_lock(paths: Paths) -> None:
    with pytest.raises(FileNotFoundError):
        worker_start.wake_worker(paths)
    held = worker_start.try_lock(paths)
    assert held is not None
    worker_start.release(held)


# --- leaving --------------------------------------------------------------------------------------


def test_a_worker_leaves_an_empty_spool(paths: Paths, lock: int) -> None:
    assert worker_start.leave(paths, lock) is None
    again = worker_start.try_lock(paths)
    assert again is not None
    worker_start.release(again)


def test_records_it_could_not_take_do_not_keep_it(paths: Paths, lock: int) -> None:
    """With the database down, the worker must go, and not run in circles; a new event brings it back."""
    spool.put(paths.spool, "case-1", {})
    seen = spool.snapshot(paths.spool)
    assert worker_start.leave(paths, lock, seen) is None
    held = worker_start.acquire(paths)
    assert held is not None
    spool.put(paths.spool, "case-1", {})
    again = worker_start.leave(paths, held, seen)
    assert again is not None
    worker_start.release(again)


def _write_event(paths: Paths) -> None:
    spool.put(paths.spool, "case-1", {})
    if worker_start.try_lock(paths) is None:
        worker_start.nudge(paths)
    else:
        raise AssertionError("this event would have started a worker of its own")


def test_an_event_just_before_the_lock_is_released(paths: Paths, lock: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It found the lock held, so the leaving worker has to serve it."""
    release = worker_start.release

    def late(held: int) -> None:
        _write_event(paths)
        release(held)

    monkeypatch.setattr(worker_start, "release", late)
    again = worker_start.leave(paths, lock)
    assert again is not None and len(spool.entries(paths.spool)) == 1
    os.close(again)


def test_an_event_after_the_lock_is_released(paths: Paths, lock: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It got the lock and starts a worker; the leaving one sees the record, finds the lock taken, and goes."""
    release, started = worker_start.release, []

    def early(held: int) -> None:
        release(held)
        spool.put(paths.spool, "case-1", {})
        started.append(worker_start.try_lock(paths))

    monkeypatch.setattr(worker_start, "release", early)
    assert worker_start.leave(paths, lock) is None
    (taken,) = started
    assert taken is not None
    os.close(taken)


Step = Callable[[], None]


class Schedule:
    """Hooks and workers as steps of the real functions, run in one given order of turns.

    ``turns`` says at each point who goes next, by index among those that still have steps; when it is used up, the
    first goes. ``choices`` records how many there were at each point, so that all orders can be walked through.
    """

    def __init__(self, paths: Paths, turns: list[int], events: tuple[str, ...]) -> None:
        self.paths = paths
        self.turns = turns
        self.events = events
        self.choices: list[int] = []
        self.workers_at_once = 0
        self.served: set[str] = set()

    def run(self) -> None:
        first = worker_start.try_lock(self.paths)
        assert first is not None
        actors = [self.worker(first), *map(self.hook, self.events)]
        while actors:
            point = len(self.choices)
            self.choices.append(len(actors))
            turn = self.turns[point] % len(actors) if point < len(self.turns) else 0
            try:
                started = next(actors[turn])
            except StopIteration:
                actors.pop(turn)
            else:
                actors += [started] if started is not None else []

    def hook(self, name: str) -> Iterator[Iterator[None] | None]:
        spool.put(self.paths.spool, name, {})
        yield None
        held = worker_start.try_lock(self.paths)
        yield None if held is None else self.worker(held)
        if held is None:
            worker_start.nudge(self.paths)

    def worker(self, lock: int | None) -> Iterator[None]:
        self.workers_at_once += 1
        assert self.workers_at_once == 1
        pipe = worker_start.open_pipe(self.paths)
        yield
        while lock is not None:
            for event in spool.entries(self.paths.spool):
                spool.drop(event)
                self.served.add(event.name)
            yield
            if worker_start.wait(pipe, 0):
                continue
            worker_start.release(lock)
            self.workers_at_once -= 1
            yield
            there = spool.snapshot(self.paths.spool)
            yield
            lock = worker_start.try_lock(self.paths) if there else None
            if lock is not None:
                self.workers_at_once += 1
        os.close(pipe)


def _turn(turns: list[int], at: int) -> int:
    return turns[at] if at < len(turns) else 0


def test_every_order_of_an_event_and_a_leaving_worker(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """All interleavings of the protocol's steps: never two workers, and never an event that nobody serves."""
    monkeypatch.setattr(os, "fsync", lambda _: None)  # durability is not what is tried here
    turns: list[int] = []
    orders, last = 0, 0
    while last >= 0:
        schedule = Schedule(paths, turns, ("case-1",))
        schedule.run()
        orders += 1
        assert schedule.served == {"case-1"}, f"lost in order {turns}"
        assert spool.entries(paths.spool) == []
        last = max((at for at, most in enumerate(schedule.choices) if _turn(turns, at) + 1 < most), default=-1)
        turns = [_turn(turns, at) for at in range(last)] + [_turn(turns, last) + 1]
    assert orders > 30


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), max_size=25))
def test_many_orders_of_three_events(turns: list[int]) -> None:
    """The same with more hooks than can be walked through."""
    with tempfile.TemporaryDirectory() as root, mock.patch("os.fsync"):
        os.mkdir(f"{root}/var")
        schedule = Schedule(Paths(root), turns, ("case-1", "case-2", "case-1"))
        schedule.run()
        assert schedule.served == {"case-1", "case-2"}
        assert spool.entries(Paths(root).spool) == []


# --- real processes -------------------------------------------------------------------------------


DEAF_TO = (signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD)


def _deaf() -> None:
    """As a server may start its children: with signals ignored or blocked, which children inherit."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])


def test_what_a_started_worker_gets(tree: Tree) -> None:
    """Its arguments, a session of its own, the lock, /dev/null three times, and nothing of the request."""
    noise = {"HTTP_COOKIE": "billmgrses5=1", "HTTP_PROXY": "http://evil", "PARAM_elid": "1", "AUTH_USER": "root"}
    noise |= {"LC_ALL": "ru_RU.UTF-8", "PYTHONPATH": "/evil", "HTTPS": "on", "SERVER_NAME": "x", "LD_PRELOAD": ""}
    ours, theirs = os.pipe()
    os.set_inheritable(theirs, True)
    form = b"object[case_id]=5"
    given = {"REQUEST_METHOD": "POST", "QUERY_STRING": SECRET, "CONTENT_LENGTH": str(len(form)), **noise}
    process = tree.start("cgi/omnidesk_webhook", given, close_fds=False, preexec_fn=_deaf)
    os.close(theirs)
    assert process.communicate(form, PATIENCE)[0].startswith(b"Status: 200")
    facts = tree.told("started")
    assert facts["argv"] == ["--command", "sync", "--no-wait", "--linger"]
    lock = facts["env"].pop(worker_start.LOCK_VARIABLE)
    assert set(facts["env"]) <= {"PATH", "LC_ALL", "LC_CTYPE"}
    links = {name: link for name, link in facts["fds"].items() if not link.startswith("/proc/")}
    files = {"0": "/dev/null", "1": "/dev/null", "2": "/dev/null", lock: f"{tree.root}/var/omnidesk/worker.lock"}
    assert {name: link for name, link in links.items() if not link.endswith("processing/pmomnidesk")} == files
    assert facts["sid"] == facts["pid"]
    for number in DEAF_TO:
        assert not (int(facts["ignored"], 16) | int(facts["blocked"], 16)) >> (number - 1) & 1
    assert os.read(ours, 1) == b""  # no copy of the server's pipe is left open
    os.close(ours)


def test_a_worker_holds_the_lock_from_birth_until_its_end(tree: Tree) -> None:
    """Killed, it frees the lock, and the record it did not drop is served by the next."""
    tree.worker(
        "import os, signal\nos.write(os.open('told', os.O_WRONLY), b'{\"event\": \"started\"}\\n')\nsignal.pause()"
    )
    paths = Paths(str(tree.root))
    spool.put(paths.spool, "case-1", {})
    command = "import sys; sys.path.insert(0, 'lib')\nfrom omnidesk.hooks.worker_start import wake_worker\n"
    command += "from omnidesk.core.paths import Paths\nprint(wake_worker(Paths('.')))"
    waking = [sys.executable, "-IS", "-c", command]
    first = int(subprocess.run(waking, cwd=tree.root, capture_output=True, check=True, timeout=PATIENCE).stdout)
    assert first
    tree.told("started")
    assert worker_start.try_lock(paths) is None
    again = subprocess.run(waking, cwd=tree.root, capture_output=True, check=True, timeout=PATIENCE).stdout
    assert int(again) == 0
    os.kill(first, 9)
    with open(paths.worker_lock) as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # waits for the kernel to have dropped it
    tree.worker("LINGER = False\n" + FOLLOWS_PROTOCOL)
    assert int(subprocess.run(waking, cwd=tree.root, capture_output=True, check=True, timeout=PATIENCE).stdout)
    assert tree.told("seen")["name"] == "case-1"
    tree.told("ended")


def _storm(tree: Tree, count: int) -> set[str]:
    """That many hooks of both kinds at once, each for a subject of its own; the names of their records."""
    running = []
    for number in range(1, count + 1):
        if number % 2:
            form = f"object[case_id]={number}".encode()
            given = {"REQUEST_METHOD": "POST", "QUERY_STRING": SECRET, "CONTENT_LENGTH": str(len(form))}
            process = tree.start("cgi/omnidesk_webhook", given)
        else:
            form = b"<doc/>"
            process = tree.start(
                "addon/omnidesk", {"PARAM_func": "clientticket.edit", "PARAM_sok": "ok", "PARAM_elid": str(number)}
            )
        assert process.stdin is not None
        process.stdin.write(form)
        process.stdin.flush()
        running.append(process)
    for number, process in enumerate(running, 1):
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, err) == (0, b"")
        assert out.startswith(b"Status: 200") if number % 2 else out == b"<doc/>"
    return {f"case-{number}" if number % 2 else f"ticket-{number}" for number in range(1, count + 1)}


def test_a_storm_starts_one_worker_and_loses_no_event(tree: Tree) -> None:
    """A hundred events at once: one start, and every subject is seen by it."""
    tree.worker("LINGER = True\n" + FOLLOWS_PROTOCOL)
    sent = _storm(tree, 100)
    (tree.root / "finish").touch()
    worker_start.nudge(Paths(str(tree.root)))
    said: list[dict[str, str]] = []
    while not said or said[-1]["event"] != "ended":
        said.append(tree.told())
    assert [item["event"] for item in said].count("started") == 1
    assert {item["name"] for item in said if item["event"] == "seen"} == sent
    assert "refused" not in {item["event"] for item in said}
    assert tree.events() == []


def test_workers_that_leave_at_once_lose_no_event(tree: Tree) -> None:
    """Each looks once and goes, so that many events meet a worker that is just leaving."""
    tree.worker("LINGER = False\n" + FOLLOWS_PROTOCOL)
    sent = _storm(tree, 60)
    seen: set[str] = set()
    living = 0
    while not sent <= seen or living:
        item = tree.told()
        living += {"started": 1, "returned": 1, "leaving": -1}.get(item["event"], 0)
        assert item["event"] != "refused"
        seen |= {item["name"]} if item["event"] == "seen" else set()
    assert seen == sent
    assert tree.events() == []
