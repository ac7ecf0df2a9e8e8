"""The commands ``sync`` and ``worker``: passes until there is nothing left that was due."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from omnidesk.context import Context
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.locks import TicketLocks
from omnidesk.core.paths import Paths
from omnidesk.core.phrase import Phrase
from omnidesk.core.shutdown import Stop, Stopped
from omnidesk.wording.answer import Answer
from omnidesk.wording.arguments import Arguments
from omnidesk.worker.discovery import Failing, failing
from omnidesk.worker.main_loop import Worker
from omnidesk.worker.one_pass import Pass, Report

log = logging.getLogger("sync")
LONGEST_PAUSE = 90.0  # a pause shorter than this is waited for: the account's minute is over then
MOST_REFUSED = 3  # such pauses in a row after which no call was allowed


def sync(
    paths: Paths,
    make: Callable[[], Context],
    given: Arguments,
    *,
    stay: bool,
    tell: Callable[[str], None],
    dependencies: Dependencies | None = None,
) -> Answer:
    """Do all that is due. ``--no-wait`` leaves it to a worker that is running; else all that was due at the start has
    been tried when this returns, by itself or by others."""
    stop = Stop()
    worker = Worker(paths, make, stop, dependencies)
    try:
        with stop.installed():
            if given.no_wait or stay:
                report = worker.serve(given.linger, stay=stay)
                if report is None:
                    return Answer([Phrase("answer.worker_runs")], [("worker", {"running": "1"}, "")])
            else:
                report = _once(worker.context(), paths, given, stop, tell)
            broken = failing(worker.context().state) if report.paused is None else []
    except Stopped:
        log.warning("stopped during a call that did not return; the next run checks whether it took effect")
        return Answer([Phrase("answer.stopped")], [("stopped", {}, "")])
    finally:
        worker.close()
    return _answer(report, broken)


def _once(context: Context, paths: Paths, given: Arguments, stop: Stop, tell: Callable[[str], None]) -> Report:
    locks = TicketLocks(paths.ticket_locks)
    total, refused, began = Report(), 0, context.clock()

    def progress(done: int, ticket: int) -> None:
        tell(Phrase("answer.progress", ticket=ticket, done=done).text(given.language))

    try:
        while True:
            run = Pass(
                context,
                locks,
                stopping=stop,
                progress=progress,
                allow_mass_change=given.allow_mass_change,
            )
            answered = context.proof.answered
            report = run.run(force=total.paused is None or not _polled(context, began), wait=True)
            total.add(report)
            pause = report.paused
            if pause is None or pause.type != "omnidesk_rate" or pause.seconds > LONGEST_PAUSE or stop():
                break
            refused = refused + 1 if context.proof.answered == answered else 0
            if refused > MOST_REFUSED:
                break
            tell(pause.phrase.text(given.language))
            time.sleep(pause.seconds)
    finally:
        locks.close()
    if total.paused is not None:
        raise total.paused
    return total


def _polled(context: Context, began: float) -> bool:
    """Whether Omnidesk was asked for changes since then: the account's limit may have refused it."""
    age = context.state.age("poll_done")
    return age is not None and 0 <= age <= context.clock() - began


def _answer(report: Report, broken: Sequence[Failing]) -> Answer:
    answer = Answer()
    if report.off:
        answer.say(Phrase("answer.sync_off"))
        answer.element("switched_off")
    figures = {"done": report.done, "failed": report.failed, "aside": report.set_aside, "actions": report.actions}
    answer.say(Phrase("answer.sync", **figures))
    answer.element("sync", done=report.done, failed=report.failed, set_aside=report.set_aside, actions=report.actions)
    for one in broken:
        answer.say(Phrase(f"answer.{one.what}_fails", why=one.why))
        answer.element("failing", one.why.full(), what=one.what, type=one.type)
    if report.paused is not None:
        answer.say(Phrase("answer.paused", why=report.paused.phrase))
        answer.element("paused", type=report.paused.type, seconds=round(report.paused.seconds))
    return answer
