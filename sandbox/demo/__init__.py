"""``make demo``: a ticket's story between both products, played by real processes, then compared message by message."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

from sandbox.demo.report import compare, introduce
from sandbox.demo.screen import Screen
from sandbox.demo.stage import POLL_SECONDS, Stage
from sandbox.demo.steps import Steps
from sandbox.demo.story import Story
from sandbox.mariadb import NoServer
from sandbox.timer import Cron
from sandbox.watch import Stuck
from sandbox.world import World

INTERRUPTED = 130
TIMER_SECONDS = 15.0  # a panel's cron takes a minute; on a machine so slow that the worker has left, nobody would wait


def main(arguments: Sequence[str] | None = None, out: TextIO | None = None) -> int:
    """Play and compare; 0 when both sides are equal, 1 when not or when something never came over."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--lang", choices=("ru", "en"), default="ru", help="the language of the story")
    parser.add_argument("--width", type=int, default=0, help="columns of the page (default: the terminal's, or 100)")
    given = parser.parse_args(arguments)
    page = out or sys.stdout
    if out is None:
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # an old locale must not end the story
    screen = Screen(page, given.width)
    try:
        return _play(screen, given.lang)
    except KeyboardInterrupt:
        screen.close()
        print("interrupted; nothing is left behind", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        with suppress(OSError):  # nobody reads any more: the interpreter must not try again at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except NoServer as problem:
        print(problem, file=sys.stderr)
        return 1


def _play(screen: Screen, language: str) -> int:
    started = time.monotonic()
    settings = {"PollSeconds": str(POLL_SECONDS), "Language": language}
    with World(settings=settings) as world, Cron(world.root, TIMER_SECONDS):
        stage = Stage(world, language)
        introduce(stage, screen, time.monotonic() - started)
        steps = Steps(stage, screen)
        try:
            Story(stage, steps).play()
        except Stuck as stuck:
            screen.close()
            screen.line(f"✗ {stuck}", "bad")
            return 1
        return compare(stage, steps, screen, started)
