"""The command ``import``: what it counts, shows and says at the end."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from omnidesk.context import Context
from omnidesk.core.locks import TicketLocks
from omnidesk.core.phrase import Phrase
from omnidesk.core.shutdown import Stop, Stopped
from omnidesk.migration.imports import Figures, Import, Progress, estimate, minutes
from omnidesk.migration.selection import Cost, select
from omnidesk.wording.answer import Answer
from omnidesk.wording.arguments import Arguments
from omnidesk.worker.scan import baseline

log = logging.getLogger("import")
LINE_SECONDS = 30.0  # between two lines where there is no terminal


def run(context: Context, given: Arguments) -> Answer:
    """Import what was asked for, or say what it would take. The answer of a run that was stopped says how to go on."""
    baseline(context)  # what is written from now on is today's
    wanted = select(context, given.since, given.department, given.open_only)
    needed = estimate(context, wanted)
    if context.gate.budget().limit == 0 and needed.calls:
        context.client.channels()  # its answer tells the account's limit
    if given.dry_run:
        return _estimated(context, needed)
    stop, locks = Stop(), TicketLocks(context.paths.ticket_locks)
    figures = Figures(needed.tickets)
    try:
        with stop.installed(), shown(given, Phrase("import.label")) as progress:
            work = Import(context, locks, wanted, needed.tickets, stop, progress)
            figures = work.figures
            figures = work.run()
    except Stopped:
        figures.stopped = True
    finally:
        locks.close()
    return _answer(figures)


def _estimated(context: Context, needed: Cost) -> Answer:
    answer = Answer()
    time_needed = minutes(context, needed.calls) if needed.calls else None
    time = (
        "" if time_needed is None else Phrase("import.time", time=Phrase("span", seconds=max(60.0, time_needed * 60)))
    )
    figures: dict[str, Any] = {
        "tickets": needed.tickets,
        "messages": needed.messages,
        "notes": needed.notes,
        "calls": needed.calls,
    }
    answer.say(Phrase("import.estimated", **figures, time=time))
    answer.element(
        "import", **figures, minutes="" if time_needed is None else round(time_needed, 1),
    )  # fmt: skip
    return answer


def _answer(figures: Figures) -> Answer:
    answer = Answer()
    answer.say(Phrase("import.done", imported=figures.imported, failed=figures.failed, empty=figures.empty))
    for problem in figures.problems:
        answer.say(problem)
    if figures.failed:
        answer.say(Phrase("import.failed"))
    if figures.stopped:
        answer.say(Phrase("adopt.stopped"))
    answer.element(
        "import", imported=figures.imported, failed=figures.failed, empty=figures.empty, actions=figures.actions,
        stopped=int(figures.stopped),
    )  # fmt: skip
    return answer


# Showing it


@contextmanager
def shown(given: Arguments, label: Phrase) -> Iterator[Progress]:
    """A bar on a person's terminal, lines now and then otherwise; the log has each ticket in any case."""
    if given.watched and sys.stderr.isatty():
        with _bar(label, given.language) as progress:
            yield progress
    else:
        yield Lines(given.watched, given.language)


class Lines:
    """Plain lines: into the log, and on stderr where a person has redirected it."""

    def __init__(self, watched: bool, language: str = "en", now: Callable[[], float] = time.monotonic) -> None:
        self.watched = watched
        self.language = language
        self.now = now
        self.began = now()
        self._last = self.began

    def __call__(self, figures: Figures, ticket: int, waits: Phrase | None) -> None:
        if self.now() - self._last < LINE_SECONDS and figures.tried < figures.total:
            return
        self._last = self.now()
        line = Phrase(
            "import.progress",
            tried=figures.tried,
            total=figures.total,
            rate=rate(figures, self.now() - self.began),
            ticket=ticket,
            waits=Phrase("import.waits", why=waits) if waits else "",
        )
        log.info("%s", line)
        if self.watched:
            print(line.text(self.language), file=sys.stderr, flush=True)


def rate(figures: Figures, seconds: float) -> Phrase:
    """Tickets a minute."""
    return Phrase("import.rate", count=f"{figures.tried * 60 / seconds:.0f}" if seconds >= 1 else "–")


@contextmanager
def _bar(label: Phrase, language: str) -> Iterator[Progress]:
    import click

    began = time.monotonic()
    with click.progressbar(
        length=1, label=label.text(language), file=sys.stderr, show_pos=True, item_show_func=lambda item: item or ""
    ) as bar:

        def show(figures: Figures, ticket: int, waits: Phrase | None) -> None:
            bar.length = max(1, figures.total)
            speed = rate(figures, time.monotonic() - began).text(language)
            shown = f"{speed} #{ticket} {waits.text(language) if waits else ''}".strip()
            bar.update(figures.tried - bar.pos, current_item=shown)
            bar.render_progress()

        yield show
