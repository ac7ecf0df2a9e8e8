"""Random schedules: people act on both sides while every kind of fault is about; then both sides must be equal.

A schedule is decided by its seed alone: ``python -m tests.chaos schedules --seed N`` does the same as the N-th of
thousands, and tells what was done. The module runs in this process, against both simulated products and a real
MariaDB; time is simulated, so that hours of outage cost nothing.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import random
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.queues import Queue
from pathlib import Path

from omnidesk.core.logs import PanelHandler
from sandbox.mariadb import MariaDB
from tests.stateful.injectors import disk
from tests.stateful.resting import rest
from tests.stateful.stage import Died, Stage
from tests.stateful.troubles import API, LASTING, PANEL, SQL, WHERE, Troubles, quick_disk
from tests.stateful.walk import FORCED, Walk, desk_settings, panel_shape

COUNT = 2000
STEPS = 24
REST = 12  # steps after which all trouble ends and both sides are compared
HOURS = (0.1, 0.5, 3, 9, 30)
JUMPS = (-9 * 3600, -3700, -240, -20, 20, 240, 3700, 9 * 3600)
LONGEST = 3600.0  # simulated seconds after the end of all trouble within which everything must be over
TOLD = 60  # failures shown in full


class Schedule(Walk):
    """One seeded schedule."""

    def __init__(self, stage: Stage, seed: int) -> None:
        super().__init__(stage, seed, trouble=True)
        self.troubles = Troubles(self.play)
        self.lasts = 0.0  # when the outage that is on ends

    def step(self) -> None:
        """An act, a pass, some time, or trouble."""
        stage = self.play.stage
        if self.lasts and stage.clock() >= self.lasts:
            self.lasts = 0.0
            self.troubles.end()
        drawn = self.chance.random()
        if drawn < 0.42:
            self.act()()
        elif drawn < 0.62:
            self.play.sync(self.chance.random() < FORCED)
        elif drawn < 0.72:
            self.time_passes()
        elif drawn < 0.75:
            self.play.late_webhooks(self.chance.choice(("asis", "reversed", "shuffled")))
        elif drawn < 0.80:
            self.make_trouble()
        else:
            self.more_trouble()
            if self.chance.random() < 0.5:
                self.play.sync(self.chance.random() < FORCED)

    def rest(self) -> float:
        """All trouble ends; the simulated seconds until everything was where it belongs."""
        self.lasts = 0.0
        seconds = rest(self.play)
        assert seconds < LONGEST, f"{seconds:.0f} s until rest"
        return seconds

    def more_trouble(self) -> None:
        """One kind out of all."""
        chance, troubles = self.chance, self.troubles
        choices: list[tuple[float, Callable[[], None]]] = [
            (5, lambda: troubles.call(chance.choice(sorted(API)), chance.randrange(4), chance.choice((1, 1, 2, 5)))),
            (3, lambda: troubles.call(chance.choice(sorted(PANEL)), chance.randrange(3), chance.choice((1, 1, 2)))),
            (3, lambda: troubles.sql(chance.choice(SQL), chance.choice(WHERE), chance.randrange(12))),
            (4, self.outage),
            (1, self.flood),
            (1.2, self.wrong_time),
            (0.03, lambda: troubles.sql("restart", chance.choice(WHERE), chance.randrange(6))),
        ]
        chance.choices([one for _, one in choices], [weight for weight, _ in choices])[0]()

    def outage(self) -> None:
        """A neighbour is away for hours; people go on, passes fail, and it may still last when this returns."""
        chance, play = self.chance, self.play
        hours = chance.choice(HOURS)
        self.troubles.begin(chance.choice(LASTING))
        self.lasts = play.stage.clock() + 3600 * hours
        for _ in range(chance.randrange(1, 4)):
            self.act()()
            if chance.random() < 0.6:
                play.sync(chance.random() < FORCED)
            play.time_passes(3600 * hours * chance.random() / 2)

    def flood(self) -> None:
        """Webhooks nobody expects."""
        chance, troubles = self.chance, self.troubles
        kind = chance.randrange(3)
        if kind == 0:
            troubles.burst(chance.randrange(100), chance.randrange(1, 6))
        elif kind == 1:
            troubles.unknown_cases(chance.randrange(1, 9))
        else:
            troubles.a_day_late(chance.choice(("asis", "reversed", "shuffled")))

    def wrong_time(self) -> None:
        """Clocks and zones."""
        kind, seconds = self.chance.randrange(3), self.chance.choice(JUMPS)
        if kind == 0:
            self.troubles.module_clock(seconds)
        elif kind == 1:
            self.troubles.host_clock(seconds)
        else:
            self.troubles.zones(self.chance.randrange(100))


@dataclass(frozen=True)
class Outcome:
    """What became of a schedule; ``wrong`` is empty when all is well, ``log`` what was done.

    ``rested``: the longest simulated time, in seconds, from the end of all trouble until both sides were equal.
    """

    seed: int
    steps: int
    wrong: str
    log: str
    set: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    rested: float = 0.0


def play(
    mariadb: MariaDB, folder: Path, seed: int, steps: int = STEPS, *, verbose: bool = False, lanes: int = 1
) -> Outcome:
    """One schedule. With several ``lanes`` its threads alternate as they come, so it is not the same each time."""
    random.seed(seed)  # the pauses between tries
    draw = random.Random(seed)
    stage = Stage(mariadb, folder, desk=desk_settings(draw), lanes=lanes, **panel_shape(draw, seed))
    handlers: list[logging.Handler] = [PanelHandler(stage.paths.log, color=False)]
    if verbose:
        handlers.append(_IntoLog(stage))
    root = logging.getLogger()
    for handler in handlers:
        root.addHandler(handler)
    schedule: Schedule | None = None
    wrong, longest = "", 0.0
    with quick_disk():
        try:
            schedule = Schedule(stage, seed)
            for number in range(1, steps + 1):
                schedule.step()
                if number % REST == 0 or number == steps:
                    longest = max(longest, schedule.rest())
        except (Exception, Died) as error:  # noqa: BLE001  whatever goes wrong is this schedule's outcome
            wrong = f"{type(error).__name__}: {error}"
            stage.log.append("".join(traceback.format_exception(error)))
        finally:
            for handler in handlers:
                root.removeHandler(handler)
            with disk(full=False):
                stage.close()
    arranged = schedule.troubles.set if schedule is not None else Counter[str]()
    return Outcome(seed, steps, wrong, "\n".join(stage.log), arranged, stage.met, longest)


class _IntoLog(logging.Handler):
    """The module's own log beside what was done."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage

    def emit(self, record: logging.LogRecord) -> None:
        self.stage.log.append(f"{self.stage.clock():.2f}         {record.name}: {record.getMessage()}")


# On all cores


def _end_with_parent() -> None:
    """A process whose parent is gone has nobody to work for."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@dataclass
class Figures:
    """Schedules added up."""

    schedules: int = 0
    steps: int = 0
    set: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    rested: float = 0.0
    bad: list[Outcome] = field(default_factory=list)

    def add(self, one: Outcome) -> None:
        self.schedules += 1
        self.steps += one.steps
        self.set += one.set
        self.met += one.met
        self.rested = max(self.rested, one.rested)
        if one.wrong:
            self.bad.append(one)


def _work(seeds: Queue[int | None], outcomes: Queue[Outcome], steps: int, lanes: int) -> None:
    """A process with a database of its own."""
    logging.getLogger().setLevel(logging.INFO)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="chaos-") as name, MariaDB(Path(name) / "db") as mariadb:
        while (seed := seeds.get()) is not None:
            with tempfile.TemporaryDirectory(dir=name) as folder:
                outcomes.put(play(mariadb, Path(folder), seed, steps, lanes=lanes))


def run_many(first: int, count: int, jobs: int, steps: int = STEPS, lanes: int = 1) -> Figures:
    """Schedules ``first`` and the ``count`` - 1 after it, on so many processes."""
    began = time.monotonic()
    context = multiprocessing.get_context("spawn")
    seeds: Queue[int | None] = context.Queue()
    outcomes: Queue[Outcome] = context.Queue()
    for seed in [*range(first, first + count), *[None] * jobs]:
        seeds.put(seed)
    processes = [context.Process(target=_work, args=(seeds, outcomes, steps, lanes)) for _ in range(jobs)]
    for process in processes:
        process.start()
    total = Figures()
    for number in range(1, count + 1):
        outcome = outcomes.get()
        total.add(outcome)
        if outcome.wrong:
            print(f"VIOLATION in schedule {outcome.seed}: {outcome.wrong[:600]}", flush=True)
        if number % 100 == 0:
            print(f"{time.monotonic() - began:5.0f} s  {number}/{count} schedules, {len(total.bad)} violations",
                  file=sys.stderr, flush=True)  # fmt: skip
    for process in processes:
        process.join()
    return total


def tell(total: Figures, first: int, seconds: float, jobs: int, steps: int, lanes: int = 1) -> int:
    """Print the figures; the exit code."""
    print(f"\nschedules       {total.schedules} (seeds {first} to {first + total.schedules - 1})"
          f"\nsteps           {total.steps}"
          f"\nfaults          {sum(total.set.values())} arranged, met {sum(total.met.values())} times"
          f"\nlongest rest    {total.rested / 60:.0f} simulated minutes after the end of the faults"
          f"\nviolations      {len(total.bad)}"
          f"\ntime            {seconds:.0f} s on {jobs} processes")  # fmt: skip
    for kind in sorted(set(total.set) | set(total.met)):
        print(f"    {kind:28} {total.set[kind]:6} arranged {total.met[kind]:7} met")
    more = (f" --steps {steps}" if steps != STEPS else "") + (f" --lanes {lanes}" if lanes > 1 else "")
    for outcome in total.bad[:TOLD]:
        print(f'replay: make chaos ARGS="schedules --seed {outcome.seed}{more}"')
    return int(bool(total.bad))


def replay(seed: int, steps: int, *, verbose: bool, lanes: int = 1) -> int:
    """One schedule, and what was done in it."""
    logging.getLogger().setLevel(logging.DEBUG if verbose else logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="chaos-") as name, MariaDB(Path(name) / "db") as mariadb:
        outcome = play(mariadb, Path(name), seed, steps, verbose=verbose, lanes=lanes)
    print(f"{outcome.log}\n{'VIOLATION: ' + outcome.wrong if outcome.wrong else 'all is well'}")
    return int(bool(outcome.wrong))


def main(arguments: list[str]) -> int:
    """``python -m tests.chaos schedules``."""
    parser = argparse.ArgumentParser(prog="make chaos ARGS=schedules", description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--first", type=int, default=1, help="the first seed; the others count on")
    parser.add_argument("--seed", type=int, help="replay this one and tell what is done")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--lanes", type=int, default=1, help="of the worker; with several a replay may differ")
    parser.add_argument("--verbose", action="store_true", help="with --seed: the module's log beside what is done")
    options = parser.parse_args(arguments)
    if options.seed is not None:
        return replay(options.seed, options.steps, verbose=options.verbose, lanes=options.lanes)
    began = time.monotonic()
    total = run_many(options.first, options.count, options.jobs, options.steps, options.lanes)
    return tell(total, options.first, time.monotonic() - began, options.jobs, options.steps, options.lanes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
