"""How much of an account's limit the module uses, and how soon a burst has arrived.

``make bench THROUGHPUT="--limits 750 --seconds 0.3"``. Three tables of docs/performance.md: calls a minute of an import
(worker's backlogs go the same way) as a share of the limit; seconds from a client's click to the case when many click
at once, and from an agent's reply to the ticket; and several panels that share one account, in simulated time. The
worker, MariaDB and both simulated products share the machine, so a large limit needs a machine that is otherwise idle.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from omnidesk.helpdesk.rate_limit import RateGate
from sandbox.billmanager.panel import Client
from sandbox.omnidesk.settings import Settings
from sandbox.omnidesk.wire import Call
from sandbox.watch import Watch
from sandbox.world import World
from tests.support.traffic import WINDOWS, Traffic

LIMITS, SECONDS, BURSTS = (20, 100, 750, 1500), (0.05, 0.3, 1.0), (40, 300)
CLIENTS = 40
MINUTE = 60.0
AT_ONCE = 16  # people who click at the same moment, as far as this machine can
LONGEST = 300.0


def clients(world: World, number: int) -> list[Client]:
    """So many clients of the panel."""
    return [world.panel.add_client(f"Client {one}", f"client{one}@example.com") for one in range(number)]


def history(world: World, people: Sequence[Client], tickets: int) -> None:
    """Old tickets, each with one message, of all clients in turn."""
    accounts = ", ".join(str(one.account) for one in people)
    users = ", ".join(str(one.user) for one in people)
    turn = f"seq MOD {len(people)} + 1"
    world.panel.execute(
        "INSERT INTO ticket (id, name, account_client, status)"
        f" SELECT seq, CONCAT('Subject ', seq), ELT({turn}, {accounts}), 2 FROM seq_1_to_{tickets}"
    )
    world.panel.execute(
        "INSERT INTO ticket_message (id, ticket, user, message, date_post) SELECT seq, seq,"
        f" ELT({turn}, {users}), CONCAT('Text ', seq), NOW() - INTERVAL 30 DAY + INTERVAL seq SECOND"
        f" FROM seq_1_to_{tickets}"
    )


def used(limit: int, seconds: float, minutes: float) -> str:
    """Calls of an import as a share of the limit, and how many were refused."""
    with World(events=False, webhooks=False, omnidesk=Settings(rate_limit=limit)) as world:
        history(world, clients(world, CLIENTS), int(limit * minutes * 1.2) + 100)
        world.sync()
        time.sleep(MINUTE - time.time() % MINUTE)  # a fresh minute of the account
        made: list[tuple[float, int]] = []

        def note(call: Call) -> None:
            made.append((time.monotonic(), call.status))

        world.omnidesk.on_call(note)
        world.omnidesk.faults.delay(seconds, times=None)
        process = subprocess.Popen(
            [world.root / "processing" / "pmomnidesk", "--command", "import"], stdout=subprocess.DEVNULL
        )
        Watch(world).until("the first call", lambda: made)
        begin = made[0][0]
        while process.poll() is None and time.monotonic() < begin + minutes * MINUTE:
            time.sleep(0.2)
        lanes = RateGate(str(world.root / "var" / "omnidesk" / "rate"), time.time).budget().lanes
        process.send_signal(signal.SIGTERM)
        process.wait()
    taken = [status for at, status in made if at <= begin + minutes * MINUTE]
    return f"| {limit} | {seconds} | {lanes} | {len(taken) / minutes / limit:.1%} | {taken.count(429)} |"


def percentiles(waits: Sequence[float]) -> str:
    """The median, nine tenths, the longest."""
    row = sorted(waits)
    return " | ".join(f"{row[min(len(row) - 1, int(len(row) * part))]:.2f}" for part in (0.5, 0.9, 1.0))


class Burst:
    """Many clients who click at once, then agents who answer all of them."""

    def __init__(self, world: World, count: int, limit: int, seconds: float) -> None:
        self.world = world
        self.count = count
        self.watch = Watch(world)
        self.people = clients(world, count)
        self.head = f"{count} | {limit} | {seconds}"
        for number, one in enumerate(self.people[:3]):  # the worker measures how long a call takes
            world.panel.client_creates_ticket(one.user, f"Warm {number}", "Text")
        self.watch.until("the first cases", lambda: len(world.omnidesk.cases) == 3)
        self.watch.settled()

    def clicks(self) -> str:
        """Seconds from each click to its case."""
        world, clicked, arrived = self.world, dict[str, float](), dict[str, float]()
        known = set(world.omnidesk.cases)

        def note(call: Call) -> None:
            for case in [one for number, one in list(world.omnidesk.cases.items()) if number not in known]:
                arrived.setdefault(case.subject, time.monotonic())

        world.omnidesk.on_call(note)

        def click(number: int) -> None:
            subject = f"Burst {number}"
            world.panel.client_creates_ticket(self.people[number].user, subject, f"Text {number}")
            clicked[subject] = time.monotonic()

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(click, range(self.count)))
        self.watch.until("all cases", lambda: len(world.omnidesk.cases) == self.count + 3, LONGEST)
        found = [arrived[one] - at for one, at in self._by_case(clicked, arrived)]
        last = max(arrived.values()) - max(clicked.values())
        return f"| tickets | {self.head} | {percentiles(found)} | {max(0.0, last):.2f} |"

    def _by_case(self, clicked: dict[str, float], arrived: dict[str, float]) -> list[tuple[str, float]]:
        """The subject of each case, which holds the ticket's, and when that was clicked."""
        return [(one, next(at for subject, at in clicked.items() if one.endswith(subject))) for one in arrived]

    def replies(self) -> str:
        """Seconds from each agent's reply to the ticket's message."""
        world, said, arrived = self.world, dict[str, float](), dict[str, float]()
        cases = [one.case_id for one in world.omnidesk.cases.values() if "Burst" in one.subject]

        def note(event: object) -> None:
            for row in world.panel.query("SELECT message FROM ticket_message WHERE message LIKE 'Answer %%'"):
                arrived.setdefault(str(row["message"]), time.monotonic())

        world.panel.on_event(note)
        for number, case in enumerate(cases):
            said[f"Answer {number}."] = time.monotonic()
            world.omnidesk.agent_reply(case, world.anna_staff, text=f"Answer {number}.")
        self.watch.until("all replies", lambda: len(arrived) == len(cases), LONGEST)
        found = [at - said[one] for one, at in arrived.items()]
        last = max(arrived.values()) - max(said.values())
        return f"| replies | {self.head} | {percentiles(found)} | {max(0.0, last):.2f} |"


def burst(count: int, limit: int, seconds: float) -> list[str]:
    """The lines of one burst."""
    with World(omnidesk=Settings(rate_limit=limit), settings={"LingerSeconds": "120"}) as world:
        world.omnidesk.faults.delay(seconds, times=None)
        world.sync()
        made = Burst(world, count, limit, seconds)
        time.sleep(MINUTE - time.time() % MINUTE)
        lines = [made.clicks()]
        made.watch.settled(LONGEST)
        time.sleep(MINUTE - time.time() % MINUTE)
        return [*lines, made.replies()]


def shared(limit: int, seconds: float, window: str, panels: int = 3) -> str:
    """Several panels that have much to do on one account, for ten simulated minutes after the first."""
    with tempfile.TemporaryDirectory() as name:
        traffic = Traffic(Path(name), limit, window, seconds)
        for number in range(panels):
            traffic.panel(number)
        traffic.run(MINUTE)
        first, before = traffic.refused, dict(traffic.answered)
        traffic.run(10 * MINUTE)
    shares = [(traffic.answered[one] - before[one]) / limit / 10 for one in before]
    parts = ", ".join(f"{one:.0%}" for one in shares)
    return f"| {limit} | {seconds} | {window} | {parts} | {sum(shares):.0%} | {first} | {traffic.refused - first} |"


def numbers(text: str) -> list[float]:
    """A list with commas."""
    return [float(one) for one in text.split(",") if one]


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--limits", default=",".join(map(str, LIMITS)), help="calls per minute")
    parser.add_argument("--seconds", default=",".join(map(str, SECONDS)), help="that Omnidesk takes for an answer")
    parser.add_argument("--bursts", default=",".join(map(str, BURSTS)))
    parser.add_argument("--minutes", type=float, default=1.0, help="for which an import is measured")
    parser.add_argument("--only", default="used,bursts,shared")
    given = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    if "used" in given.only:
        print("\n| limit | s per call | lanes | of the limit used | refused |\n|---|---|---|---|---|")
        for limit in numbers(given.limits):
            for seconds in numbers(given.seconds):
                print(used(int(limit), seconds, given.minutes), flush=True)
    if "bursts" in given.only:
        print("\n| of | at once | limit | s per call | median, s | p90 | most | last after the last, s |")
        print("|---|---|---|---|---|---|---|---|")
        for count in numbers(given.bursts):
            for line in burst(int(count), 750, 0.3):
                print(line, flush=True)
    if "shared" in given.only:
        print("\n| limit | s per call | window | each panel's share | all | refused in the 1st minute | in 10 more |")
        print("|---|---|---|---|---|---|---|")
        for limit in numbers(given.limits):
            for window in WINDOWS:
                print(shared(int(limit), 0.3, window), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
