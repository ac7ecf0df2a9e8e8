"""The webhook under load, beside a bare CGI of the same interpreter: ``python -m bench.load`` (see ``--help``).

300 at once and a steady 50 a second for 30 seconds, through nginx with fcgiwrap and through the sandbox's web server;
each with both products there, and with MariaDB and Omnidesk down. Bare and webhook take turns. The milliseconds are
those of this machine and of what else it does, so look at the share of the bare CGI's throughput. Ends with 1 when a
webhook was not answered 2xx or was lost.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from bench import webserver
from bench.generator import Load, Reply, fire_apart
from bench.stage import Stage, Work
from sandbox.world import World

PROMISED = 5.0  # seconds that Omnidesk gives a webhook
LEAD = 1.5  # seconds to start the generator in
Url = Callable[[str, str], str]


@dataclass
class Row:
    """One line of a table: all rounds of one kind together."""

    label: str
    replies: list[Reply] = field(default_factory=list)
    seconds: float = 0.0  # from the first webhook until the last answer, summed over the rounds
    works: list[Work] = field(default_factory=list)

    def add(self, load: Load, replies: list[Reply]) -> None:
        self.replies += replies
        gap = 1 / load.rate if load.rate else 0.0
        self.seconds += max(number * gap + one.seconds for number, one in enumerate(replies))

    @property
    def good(self) -> int:
        return sum(one.good for one in self.replies)

    @property
    def pace(self) -> float:
        """Webhooks answered well, a second."""
        return self.good / self.seconds

    @property
    def times(self) -> list[float]:
        return sorted(one.seconds for one in self.replies)

    @property
    def lost(self) -> list[str]:
        return [one for work in self.works for one in work.lost]

    def quantile(self, share: float) -> float:
        return self.times[min(len(self.times) - 1, int(len(self.times) * share))]


@dataclass(frozen=True)
class Plan:
    """What to send: ``rate`` 0 is all at once."""

    title: str
    webhooks: int
    rate: float
    rounds: int


class Bench:
    """Plans on one stage, through one web server after the other."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.broken: list[str] = []

    def run(self, plan: Plan, where: str, url: Url) -> None:
        """Measure one plan through one web server and print its table."""
        rows = [Row("bare python -I -S"), Row("webhook"), Row("webhook, both down")]
        for number in range(plan.rounds):
            tell(f"{where}: {plan.title}, round {number + 1} of {plan.rounds}")
            self._bare(plan, rows[0], url)
            self._webhook(plan, rows[1], url)
            self._webhook_while_down(plan, rows[2], url)
        print(f"\n{plan.title}, {where}")
        for line in table(rows):
            print(line)
        for row in rows:
            bad = len(row.replies) - row.good
            reasons = sorted({one.error or f"HTTP {one.status}" for one in row.replies if not one.good})
            self.broken += [f"{where}, {plan.title}, {row.label}: {bad} not 2xx: {reasons}"] if bad else []
            self.broken += [f"{where}, {plan.title}, {row.label}: lost: {row.lost}"] if row.lost else []

    def _load(self, plan: Plan, url: str) -> Load:
        return Load(url, self.stage.cases(plan.webhooks), plan.rate, time.monotonic() + LEAD if plan.rate else 0.0)

    def _bare(self, plan: Plan, row: Row, url: Url) -> None:
        load = self._load(plan, url("bare", ""))
        row.add(load, fire_apart(load))

    def _webhook(self, plan: Plan, row: Row, url: Url) -> None:
        self.stage.begin()
        row.works.append(self.stage.work(self._fire(plan, row, url)))
        self.stage.rest()

    def _webhook_while_down(self, plan: Plan, row: Row, url: Url) -> None:
        self.stage.down()
        self.stage.begin()
        try:
            replies = self._fire(plan, row, url)
            missing = self.stage.not_in_spool(replies)
            workers = self.stage.work_so_far().workers
        finally:
            self.stage.up()
        work = self.stage.work(replies)
        row.works.append(replace(work, workers=workers, lost=(*missing, *work.lost)))
        self.stage.rest()

    def _fire(self, plan: Plan, row: Row, url: Url) -> list[Reply]:
        load = self._load(plan, url("omnidesk_webhook", self.stage.world.secret))
        with self.stage.replies(load):
            replies = fire_apart(load)
        row.add(load, replies)
        return replies


def table(rows: list[Row]) -> Iterator[str]:
    """The first row is the bare CGI; shares are of its pace."""
    yield (
        f"{'':20}{'2xx':>10}{'lost':>6}{'ms: min':>9}{'median':>8}{'p95':>7}{'p99':>7}{'max':>7}"
        f"{'per s':>8}{'of bare':>9}{'workers':>9}{'API calls':>11}"
    )
    for row in rows:
        figures = [row.times[0], statistics.median(row.times), row.quantile(0.95), row.quantile(0.99), row.times[-1]]
        line = f"{row.label:20}{f'{row.good}/{len(row.replies)}':>10}{len(row.lost) if row.works else '-':>6}"
        line += "".join(f"{seconds * 1000:{width}.0f}" for seconds, width in zip(figures, (9, 8, 7, 7, 7), strict=True))
        line += f"{row.pace:8.1f}{row.pace / rows[0].pace:9.0%}"
        if row.works:
            line += f"{sum(work.workers for work in row.works):9}{sum(work.calls for work in row.works):11}"
        late = sum(seconds > PROMISED for seconds in row.times)
        yield line + (f"   {late} later than {PROMISED:.0f} s" if late else "")


def tell(text: str) -> None:
    """Progress, which takes minutes."""
    print(f"  … {text}", file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    """The command line's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--burst", type=int, default=300, help="webhooks at once (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of bursts (%(default)s)")
    parser.add_argument("--rate", type=float, default=50, help="webhooks a second (%(default)s)")
    parser.add_argument("--seconds", type=float, default=30, help="of the steady load (%(default)s)")
    parser.add_argument("--linked", type=int, default=10, help="cases named by half of the webhooks (%(default)s)")
    return parser.parse_args()


def main() -> int:
    """Measure and print."""
    given = arguments()
    plans = [
        Plan(f"{given.burst} at once, {given.rounds} rounds", given.burst, 0.0, given.rounds),
        Plan(f"{given.rate:g} a second for {given.seconds:g} s", int(given.rate * given.seconds), given.rate, rounds=1),
    ]
    webserver.get()
    with World(webhooks=False, settings={"PollSeconds": "3600"}) as world, ExitStack() as stack:
        bench = Bench(Stage(world, given.linked))
        routes: list[tuple[str, Url]] = [("through the sandbox", world.panel_server.cgi_url)]
        try:
            routes.insert(0, ("through nginx and fcgiwrap", stack.enter_context(_server(world)).url))
        except webserver.NotHere as reason:
            print(f"Left out: through nginx and fcgiwrap ({reason})")
        print(f"Half of the webhooks are about {given.linked} linked cases, each other one about a case of its own.")
        for where, url in routes:
            for plan in plans:
                bench.run(plan, where, url)
    for line in bench.broken:
        print(f"BROKEN: {line}")
    return 1 if bench.broken else 0


def _server(world: World) -> webserver.WebServer:
    return webserver.WebServer(world.folder, world.root)


if __name__ == "__main__":
    sys.exit(main())
