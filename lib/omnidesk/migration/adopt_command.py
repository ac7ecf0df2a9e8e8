"""The command ``adopt``: a report of what would be adopted, or with ``--yes`` the adoption itself."""

from __future__ import annotations

from typing import Any

from omnidesk.context import Context
from omnidesk.core.errors import Failure
from omnidesk.core.locks import TicketLocks
from omnidesk.core.phrase import Phrase
from omnidesk.core.shutdown import Stop, Stopped
from omnidesk.migration.adopt_report import Report
from omnidesk.migration.adopt_run import Adoption, count
from omnidesk.migration.adopt_tables import Original
from omnidesk.migration.import_command import shown
from omnidesk.migration.imports import Figures
from omnidesk.migration.selection import select
from omnidesk.wording.answer import Answer
from omnidesk.wording.arguments import Arguments
from omnidesk.worker.scan import baseline


def run(context: Context, given: Arguments) -> Answer:
    """Compare, and with ``--yes`` take over. Without it nothing is written but the report's file."""
    wanted = select(context, given.since, given.department, given.open_only)
    original = Original(context.db, given.tables, given.columns)
    channels = _channels(context, given.channel)
    if given.yes:
        baseline(context)  # what is written from now on is today's
    stop, locks = Stop(), TicketLocks(context.paths.ticket_locks)
    number = count(context, wanted)
    figures = Figures(number)
    options = {"dry": not given.yes, "syncing": context.settings.sync}
    with Report(context.paths, given.language, **options, now=context.clock()) as report:
        report.tables(original)
        try:
            with stop.installed(), shown(given, Phrase("adopt.label")) as progress:
                work = Adoption(
                    context, locks, wanted, number, stop, original, report,
                    channels=channels, dry=not given.yes, progress=progress,
                )  # fmt: skip
                figures = work.figures
                figures = work.run()
        except Stopped:
            figures.stopped = True
        finally:
            locks.close()
        return _answer(report, figures, given)


def _channels(context: Context, key: str) -> tuple[str, ...]:
    """The module's own channels, and the one that was asked for."""
    own = context.channels
    if not key or key in own:
        return own
    known = [channel.key for channel in context.account.channels()]
    if key not in known:
        raise Failure("bad_option", "--channel", key[:40])
    return (*own, key)


def _answer(report: Report, figures: Figures, given: Arguments) -> Answer:
    answer = Answer()
    for line, element in zip(report.lines, report.elements, strict=True):
        answer.say(line)
        kind = "table" if "table" in element else "ticket"
        answer.element(f"adopt_{kind}s/{kind}", **element)
    if report.cut:
        answer.say(Phrase("adopt.cut", count=report.cut))
    for line in report.summary():
        answer.say(line)
    if figures.stopped:
        answer.say(Phrase("adopt.stopped"))
    answer.say(Phrase("adopt.report", path=report.path))
    if not given.yes:
        answer.say(Phrase("adopt.dry"))
    reasons: dict[str, Any] = {f"left_{reason}": number for reason, number in report.reasons.items()}
    answer.element(
        "adopt", dry=int(not given.yes), adopted=figures.imported, left=figures.empty, failed=figures.failed,
        paired=report.totals["paired"], stopped=int(figures.stopped), report=report.path,
        **reasons,
    )  # fmt: skip
    return answer
