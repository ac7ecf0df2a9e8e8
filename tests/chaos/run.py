"""``make chaos``: every point of death of every story, and pairs of deaths, on all cores there are.

``ARGS="--story NAME --point N [--then M]"`` replays one and tells what it died at; ``--seed`` chooses the pairs;
``--every`` also dies where nothing has changed since the point before.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import threading
import time
from dataclasses import dataclass, field
from multiprocessing.queues import Queue
from typing import Any

from tests.chaos.play import Outcome, Player, telling
from tests.chaos.stage import Stage
from tests.chaos.stories import STORIES

PAIRS = 400
# The stories have no answers in a case that came back, no notes about a blocked client and no lines of the panel's own:
# tests/sync/test_engine_undelivered.py, test_engine_spam.py and test_engine_system_rows.py have.
JUDGED_ELSEWHERE = {"LeaveStray", "LookForUnblocking", "SendSystem"}


@dataclass(frozen=True)
class Task:
    """Play some deaths of a story: of its points those that fall to this ``lane``, and ``pairs`` pairs."""

    story: str
    lane: int
    lanes: int
    pairs: int
    seed: int
    every: bool
    sample: int = 0  # only so many points of the story, all lanes together


@dataclass
class Figures:
    """What was done, added up."""

    stories: set[str] = field(default_factory=set)
    points: int = 0
    played: int = 0
    pairs: int = 0
    actions: set[str] = field(default_factory=set)
    bad: list[Outcome] = field(default_factory=list)

    def add(self, other: Figures) -> None:
        """Another task's."""
        self.stories |= other.stories
        self.points += other.points
        self.played += other.played
        self.pairs += other.pairs
        self.actions |= other.actions
        self.bad += other.bad


def carry_out(player: Player, task: Task) -> Figures:
    """One task on one stage."""
    story = STORIES[task.story]
    points = player.points(story)
    figures = Figures({task.story}, points=0 if task.lane else len(points))
    chosen = list(range(1, len(points) + 1)) if task.every else telling(points)
    if task.sample:
        chosen = sample(points, chosen, task.sample)
    for at in ([0, *chosen] if not task.sample else chosen)[task.lane :: task.lanes]:
        _count(figures, player.play(story, *([at] if at else [])))
        figures.played += 1 if at else 0
    draw = random.Random(f"{task.seed} {task.story} {task.lane}")
    for _ in range(0 if story.hook else task.pairs):
        outcome = player.play(story, draw.choice(telling(points)), draw.randint(1, len(points)))
        figures.pairs += len(outcome.died) == 2 and outcome.died[1] != "its end"
        _count(figures, outcome)
    return figures


def sample(points: list[str], chosen: list[int], most: int) -> list[int]:
    """At most so many of the chosen points, spread over those around calls of the neighbours, if there are any."""
    calls = [at for at in chosen if points[at - 1].startswith(("http", "started", "returned", "rename"))] or chosen
    return sorted({calls[(2 * number + 1) * len(calls) // (2 * most)] for number in range(most)})


def _count(figures: Figures, outcome: Outcome) -> None:
    figures.actions |= outcome.actions
    if outcome.violations:
        figures.bad.append(outcome)


# On all cores


def _end_with_parent() -> None:
    """A process whose parent is gone has nobody to work for."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(tasks: Queue[Task | None], results: Queue[Any], of_worker: int) -> None:
    """A process with a stage of its own."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with Stage(lanes=of_worker) as stage:
        player = Player(stage)
        while True:
            task = tasks.get()
            if task is None:
                return
            try:
                results.put((task, carry_out(player, task)))
            except BaseException as error:
                results.put((task, f"{type(error).__name__}: {error}"))
                raise


def run_all(options: argparse.Namespace) -> int:
    """Everything; the exit code."""
    began = time.monotonic()
    if options.sample:
        options.pairs = 0
    names = [name for name in STORIES if not options.only or name in options.only.split(",")]
    share = -(-options.pairs // (len(names) * options.jobs)) if options.pairs else 0
    lanes = 1 if options.sample else options.jobs
    work = [
        Task(name, lane, lanes, share, options.seed, options.every, options.sample)
        for name in names
        for lane in range(lanes)
    ]
    context = multiprocessing.get_context("spawn")
    tasks: Queue[Task | None] = context.Queue()
    results: Queue[Any] = context.Queue()
    for task in [*work, *[None] * options.jobs]:
        tasks.put(task)
    processes = [
        context.Process(target=_work, args=(tasks, results, options.lanes), daemon=False) for _ in range(options.jobs)
    ]
    for process in processes:
        process.start()
    total, broken = _collect(results, len(work), began)
    for process in processes:
        if broken:
            process.terminate()
        process.join()
    return _tell(total, broken, options, time.monotonic() - began)


def _collect(results: Queue[Any], expected: int, began: float) -> tuple[Figures, list[str]]:
    total, broken = Figures(), []
    for number in range(1, expected + 1):
        task, figures = results.get()
        if isinstance(figures, str):
            broken.append(f"{task.story}: {figures}")
            break
        total.add(figures)
        for outcome in figures.bad:
            print(outcome, flush=True)
        print(f"{time.monotonic() - began:5.0f} s  {number}/{expected}  {task.story}: {figures.played} deaths,"
              f" {figures.pairs} pairs, {len(figures.bad)} violations", file=sys.stderr, flush=True)  # fmt: skip
    return total, broken


def _tell(total: Figures, broken: list[str], options: argparse.Namespace, seconds: float) -> int:
    from omnidesk.sync import actions

    every = {one.__name__ for one in actions.Action.__subclasses__()} - JUDGED_ELSEWHERE
    missing = sorted(every - total.actions) if not options.only else []
    left_out = "" if options.every or options.sample else " (elsewhere nothing had changed since the point before)"
    print(
        f"\nstories         {len(total.stories)}"
        f"\nactions used    {len(total.actions & every)} of {len(every)}"
        + (f", not {missing}" if missing else "")
        + f"\ncrash points    {total.points}"
        f"\ndeaths played   {total.played}{left_out}"
        f"\ndouble crashes  {total.pairs} (seed {options.seed})"
        f"\nviolations      {len(total.bad)}"
        f"\ntime            {seconds:.0f} s on {options.jobs} processes"
    )
    for one in broken:
        print(f"broken off: {one}")
    for outcome in total.bad:
        points = dict(zip(("--point", "--then"), outcome.points, strict=False))
        words = " ".join(f"{name} {at}" for name, at in points.items())
        print(f'replay: make chaos ARGS="--story {outcome.story} {words}"')
    return int(bool(total.bad or broken or missing))


def replay(options: argparse.Namespace) -> int:
    """One story with the deaths asked for, and what became of it."""
    with Stage(lanes=options.lanes) as stage:
        player = Player(stage)
        story = STORIES[options.story]
        if not options.point:
            for number, point in enumerate(player.points(story), 1):
                print(f"{number:4} {point}")
            return 0
        outcome = player.play(story, *[at for at in (options.point, options.then) if at])
        print(outcome if outcome.violations else f"{outcome}\n    all is well")
        if options.log:
            print(stage.world.log())
        return int(bool(outcome.violations))


def main(arguments: list[str]) -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=PAIRS, help="double crashes")
    parser.add_argument("--every", action="store_true", help="die at points where nothing has changed, too")
    parser.add_argument("--sample", type=int, default=0, help="only so many points of each story, and no pairs")
    parser.add_argument("--only", default="", help="names of stories, with commas")
    parser.add_argument("--story", help="replay one story; without --point its points are listed")
    parser.add_argument("--point", type=int, default=0)
    parser.add_argument("--then", type=int, default=0)
    parser.add_argument("--lanes", type=int, default=1, help="of the worker; with several a replay may differ")
    parser.add_argument("--log", action="store_true", help="print the module's log after a replay")
    options = parser.parse_args(arguments)
    return replay(options) if options.story else run_all(options)
