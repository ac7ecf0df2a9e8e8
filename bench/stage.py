"""A world to send webhooks to: the installed module, linked cases, a bare CGI for comparison; what became of them."""

from __future__ import annotations

import itertools
import os
import select
import signal
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.generator import Load, Reply
from sandbox.watch import Watch
from sandbox.world import World

UNKNOWN = 5_000_000  # case ids from here on belong to no ticket
AHEAD = 0.5  # seconds from a reply in Omnidesk to the webhook that tells of it
API_SECONDS = 0.1  # what Omnidesk takes for an answer: over the internet it is no less
# Reads its input as the webhook does: fcgiwrap may answer 502 for a program that ends before.
BARE = """import os
os.read(0, 65536)
os.write(1, b'Status: 200\\r\\nContent-Type: application/json\\r\\n\\r\\n{"result":"ok"}')
os._exit(0)
"""
# The module's executable, which notes each start; exec keeps the process and the lock it was born with.
COUNTING = '#!/bin/sh\necho $$ >>"{starts}"\nexec "{real}" "$@"\n'


@dataclass(frozen=True)
class Work:
    """What came of a load behind the hook: worker processes started, API calls made, what got lost."""

    workers: int
    calls: int
    lost: tuple[str, ...] = ()


class Stage:
    """``linked`` tickets with cases. Every second webhook is about one of them, the others each about a case of its own
    that no ticket has: those show that every single webhook arrived, the linked ones that webhooks are merged."""

    def __init__(self, world: World, linked: int, api_seconds: float = API_SECONDS) -> None:
        self.world = world
        self.watch = Watch(world)
        self.starts = world.folder / "worker-starts"
        self._unknown = itertools.count(UNKNOWN)
        self._said: dict[int, list[str]] = {}
        self._started = self._called = 0
        self.tickets = {}
        for number in range(linked):
            ticket = world.panel.client_creates_ticket(world.ivan.user, f"Ticket {number}", "My site is down")
            self.watch.until("a case", lambda count=number: len(world.omnidesk.cases) > count)  # type: ignore[misc]
            self.tickets[max(world.omnidesk.cases)] = ticket
        self.watch.settled()
        self._add_programs()
        self.rest()
        if api_seconds:
            world.omnidesk.faults.delay(api_seconds, times=None)

    def _add_programs(self) -> None:
        cgi = self.world.root / "cgi"
        first = (cgi / "omnidesk_webhook").read_text(encoding="utf-8").split("\n", 1)[0]
        _executable(cgi / "bare", f"{first}\n{BARE}")
        installed = self.world.root / "processing" / "pmomnidesk"
        real = installed.with_name("pmomnidesk-itself")
        installed.rename(real)
        _executable(installed, COUNTING.format(starts=self.starts, real=real))

    # A load

    def cases(self, webhooks: int) -> tuple[int, ...]:
        """The cases to send webhooks about."""
        linked = itertools.cycle(self.tickets)
        return tuple(next(linked) if number % 2 else next(self._unknown) for number in range(webhooks))

    def begin(self) -> None:
        """Count workers and calls from here on."""
        self._started, self._called = len(self.started()), len(self.world.omnidesk.calls)

    @contextmanager
    def replies(self, load: Load) -> Iterator[None]:
        """Staff answer in each linked case shortly before the last webhook about it, so that this webhook matters."""
        last = {case: number for number, case in enumerate(load.cases) if case in self.tickets}
        thread = threading.Thread(target=self._reply_in_time, args=(load, sorted(last.items(), key=lambda one: one[1])))
        if load.rate:
            thread.start()
        else:
            thread.run()
        yield
        if load.rate:
            thread.join()

    def _reply_in_time(self, load: Load, last: Sequence[tuple[int, int]]) -> None:
        for case, number in last:
            if load.rate:
                time.sleep(max(0.0, load.start + number / load.rate - AHEAD - time.monotonic()))
            text = f"Answer {len(self._said.get(case, ())) + 1}"
            self.world.omnidesk.agent_reply(case, self.world.anna_staff, text=text)
            self._said.setdefault(case, []).append(text)

    # What became of it

    def work(self, replies: Iterable[Reply], limit: float = 180.0) -> Work:
        """Wait until everything is worked off, then count and judge."""
        self.watch.until("all webhooks are worked off", self.watch.is_settled, limit, 0.1)
        return replace(self.work_so_far(), lost=tuple(self.lost(replies)))

    def work_so_far(self) -> Work:
        """Workers and calls since :meth:`begin`."""
        return Work(len(self.started()) - self._started, len(self.world.omnidesk.calls) - self._called)

    def lost(self, replies: Iterable[Reply]) -> list[str]:
        """Webhooks that were answered well and left no trace, and replies that are not in their ticket exactly once."""
        noted = {
            int(str(row["name"]).partition(":")[2])
            for row in self.world.panel.query("SELECT name FROM omnidesk_state WHERE name LIKE 'orphan:%%'")
        }
        sent = {one.case for one in replies if one.good and one.case not in self.tickets}
        found = [f"case {case}" for case in sorted(sent - noted)]
        for case, texts in self._said.items():
            there = [one.text for one in self.world.panel.messages(self.tickets[case]) if one.staff]
            found += [f"{text} of case {case}: {there.count(text)} times" for text in texts if there.count(text) != 1]
        return found

    def not_in_spool(self, replies: Iterable[Reply]) -> list[str]:
        """Cases that webhooks named and that have no record; only while nobody can take any out."""
        there = set(self.watch.events())
        return [f"case {one.case}" for one in replies if one.good and f"case-{one.case}" not in there]

    # Outages and workers

    def down(self) -> None:
        """MariaDB and Omnidesk both go."""
        self.world.mariadb.stop()
        self.world.omnidesk_server.close_port()

    def up(self, limit: float = 120.0) -> None:
        """Both are back, and the timer's minutes pass until a run has gone through."""
        self.world.mariadb.start()
        self.world.omnidesk_server.open_port()
        self.rest()
        deadline = time.monotonic() + limit
        while (run := self.world.run("--command", "sync")).returncode:
            if time.monotonic() > deadline:
                raise AssertionError(f"no run goes through: {run.stdout.decode()}{run.stderr.decode()}")
            time.sleep(0.5)

    def started(self) -> list[int]:
        """The process ids of the workers (and other runs of the module) started so far."""
        return [int(line) for line in self.starts.read_text().split()] if self.starts.exists() else []

    def rest(self) -> None:
        """The worker that lingers is asked to leave, so that the next load has to start one."""
        for process in self.world.workers():
            _end(process)


def _executable(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def _end(process: int) -> None:
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(handle, signal.SIGTERM)
        select.select([handle], [], [], 30)
    except ProcessLookupError:
        return
    finally:
        os.close(handle)
