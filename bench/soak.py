"""A working day's rush for half an hour: is everything on both sides once, and does the worker's memory stay flat?

``make soak`` (``ARGS="--minutes 5 --rate 60"``). Clients open so many tickets a minute; an agent answers each as soon
as it has a case, every second one with an end; every third client writes again at the same moment. Each minute has a
line, with what still waits and the memory of the module's processes. At the end both sides of every ticket are
compared. Exit code 1: they differ.
"""

from __future__ import annotations

import argparse
import time
from collections import deque
from dataclasses import replace
from pathlib import Path

from bench.throughput import clients
from sandbox.demo.sides import Side, differences, omnidesk_side, panel_side
from sandbox.omnidesk.settings import Settings
from sandbox.watch import Watch
from sandbox.world import World

CLIENTS = 40
LONGEST = 900.0  # seconds for what is left at the end
SHOWN = 20  # differences shown in full


def megabytes(world: World) -> float:
    """The resident memory of the largest of the module's processes, 0.0 while none runs."""
    found = [0.0]
    for process in world.workers():
        try:
            status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
        except OSError:  # it has ended
            continue
        found += [int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:")]
    return max(found)


class Rush:
    """What people do. ``tickets``: tickets by their subject; ``answered``: the cases that an agent has answered."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.people = clients(world, CLIENTS)
        self.tickets: dict[str, int] = {}
        self.answered: set[int] = set()
        self._to_answer: deque[int] = deque()
        world.omnidesk.on_call(lambda call: self._note_new())
        self._known: set[int] = set(world.omnidesk.cases)

    def _note_new(self) -> None:
        new = [one for one in list(self.world.omnidesk.cases) if one not in self._known]
        self._known.update(new)
        self._to_answer.extend(new)

    def open(self) -> None:
        """A client opens a ticket."""
        number = len(self.tickets)
        subject = f"Subject {number}."
        person = self.people[number % len(self.people)]
        self.tickets[subject] = self.world.panel.client_creates_ticket(person.user, subject, f"Text {number}")

    def answer(self) -> None:
        """An agent answers what has come, and every third client writes again."""
        while self._to_answer:
            case = self._to_answer.popleft()
            number = len(self.answered)
            self.answered.add(case)
            status = "closed" if number % 2 else "open"
            self.world.omnidesk.agent_reply(case, self.world.anna_staff, text=f"Answer {number}", status=status)
            if number % 3 == 0:
                subject = next(one for one in self.tickets if self.world.omnidesk.cases[case].subject.endswith(one))
                person = self.people[int(subject[8:-1]) % len(self.people)]
                self.world.panel.client_writes(person.user, self.tickets[subject], f"Thanks {number}")

    def wrong(self) -> list[str]:
        """In what the two sides of each ticket differ, or a ticket has not exactly one case."""
        cases: dict[str, list[int]] = {}
        for one in self.world.omnidesk.cases.values():
            cases.setdefault("Subject " + one.subject.rpartition("Subject ")[2], []).append(one.case_id)
        found = []
        for subject, ticket in self.tickets.items():
            theirs = cases.get(subject, [])
            if len(theirs) != 1:
                found.append(f"ticket {ticket} has {len(theirs)} cases")
                continue
            there = omnidesk_side(self.world, theirs[0])
            here = panel_side(self.world, ticket, there.fields)
            here, there = _sorted(here), _sorted(there)
            found += [f"ticket {ticket}: {one}" for one in differences(here, there) if not one.startswith("subject")]
        return found


def _sorted(side: Side) -> Side:
    """What was written at the same moment on both sides has no common order."""
    return replace(side, messages=tuple(sorted(side.messages, key=lambda one: one.text)))


def minute(rush: Rush, rate: int, end: float) -> None:
    """A minute of it, evenly spread."""
    begin, opened = time.monotonic(), 0
    while time.monotonic() < end:
        if time.monotonic() >= begin + opened * 60.0 / rate and opened < rate:
            rush.open()
            opened += 1
        else:
            rush.answer()
            time.sleep(0.01)


def main() -> int:
    """Print a line a minute."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--rate", type=int, default=200, help="new tickets a minute")
    parser.add_argument("--limit", type=int, default=1500, help="calls per minute of the account")
    parser.add_argument("--seconds", type=float, default=0.3, help="that Omnidesk takes for an answer")
    given = parser.parse_args()
    # Half of all open tickets are ended within a minute, which the guard would hold back.
    settings = {"LingerSeconds": "120", "MassChangeLimit": "1000000"}
    with World(omnidesk=Settings(rate_limit=given.limit), settings=settings) as world:
        world.omnidesk.faults.delay(given.seconds, times=None)
        world.sync()
        watch, rush = Watch(world), Rush(world)
        print("| minute | tickets | cases | answers | due | MB |\n|---|---|---|---|---|---|", flush=True)
        begin = time.monotonic()
        for number in range(1, given.minutes + 1):
            minute(rush, given.rate, begin + 60.0 * number)
            row = (number, len(rush.tickets), len(world.omnidesk.cases), len(rush.answered), len(watch.due()))
            print("| " + " | ".join(map(str, row)) + f" | {megabytes(world):.1f} |", flush=True)
        ended = time.monotonic()
        while len(rush.answered) < len(rush.tickets) and time.monotonic() < ended + LONGEST:
            rush.answer()
            time.sleep(0.1)
        watch.settled(LONGEST)
        wrong = rush.wrong()
        while wrong and time.monotonic() < ended + LONGEST:
            world.sync()  # polls show the statuses, which no webhook tells; one of the worker may be under way
            watch.settled(LONGEST)
            wrong = rush.wrong()
        print(f"everything was done {time.monotonic() - ended:.1f} s after the last minute", flush=True)
        refused = sum(call.status == 429 for call in world.omnidesk.calls)
        for line in wrong[:SHOWN]:
            print(line)
        print(f"{len(world.omnidesk.calls)} calls, {refused} refused with 429; {len(wrong)} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
