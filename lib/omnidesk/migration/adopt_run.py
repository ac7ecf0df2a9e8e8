"""``adopt``: tickets that already have cases are adopted while the worker goes on with current tickets.

Reading is all that is asked of Omnidesk, and nothing is asked of the panel. Each ticket is written down as a whole, in
its lock, so a run can be stopped or killed at any point: what has its case is passed over by the next.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from omnidesk.context import Context
from omnidesk.core.errors import Failure
from omnidesk.core.locks import TicketLocks
from omnidesk.core.shutdown import Stop
from omnidesk.migration.adopt_cases import Finder, Found, LeftAlone
from omnidesk.migration.adopt_report import Report
from omnidesk.migration.adopt_search import Threads
from omnidesk.migration.adopt_tables import Original
from omnidesk.migration.adopt_takeover import Comparer
from omnidesk.migration.imports import Figures, Import, reserve
from omnidesk.migration.selection import Selection, pages

log = logging.getLogger("adopt")
# Also what is due, as long as it has no case: while synchronisation is off, events only make tickets due.
UNLINKED = "(k.ticket IS NULL OR (k.external_case IS NULL AND k.intent_at IS NULL))"


class Adoption(Import):
    """One run. ``dry``: nothing is written but the report.

    In its figures ``imported`` are the tickets taken over, ``empty`` those left alone.
    """

    def __init__(
        self,
        context: Context,
        locks: TicketLocks,
        wanted: Selection,
        count: int,
        stop: Stop,
        original: Original,
        report: Report,
        *,
        channels: Sequence[str],
        dry: bool,
        **tools: Any,
    ) -> None:
        super().__init__(context, locks, wanted, count, stop, **tools)
        threads = Threads(context)
        self.original = original
        self.report = report
        self.dry = dry
        self.finder = Finder(context, original, threads, channels)
        self.comparer = Comparer(context, original, threads)
        self._rows: dict[int, list[str]] = {}
        self._joined: list[int] = []
        self._last = False

    def run(self) -> Figures:
        """Take over until all is done or the run is asked to stop. Raises what the administrator has to fix.

        Tickets whose case was merged into another come last: the other one's own ticket has its messages then.
        """
        for ticket in self._tickets():
            if self.stop():
                self.figures.stopped = True
                break
            self._one(self.context, ticket)
        return self.figures

    def _tickets(self) -> Iterator[int]:
        for page in pages(self.context, self.wanted, UNLINKED):
            self._rows = self.original.cases(page)
            yield from page
        self._last = True
        for ticket in self._joined:
            self._rows = self.original.cases([ticket])
            yield ticket

    def _carry_over(self, context: Context, ticket: int, begun: bool) -> bool:
        self.context.client.reserve = reserve(self.context.gate.budget().limit)
        try:
            with self.locks.held(ticket) as mine:
                if mine:
                    self._take_over(ticket)
                else:
                    self._left(ticket, LeftAlone("busy"))
        finally:
            self.context.client.reserve = 0
        return True

    def _take_over(self, ticket_id: int) -> None:
        link = self.context.links.ticket(ticket_id)
        ticket = self.context.reader.ticket(ticket_id)
        if link.case_id or link.intent_at or ticket is None:
            self.figures.total -= 1  # the worker has made a case for it meanwhile, or it was deleted
            return
        found = self.finder.find(ticket, self._rows.get(ticket_id, ()))
        if isinstance(found, Found) and found.joined_at and not self._last:
            self._joined.append(ticket_id)
            return
        if isinstance(found, Found) and not self.dry:
            self._take_unlinked(found)  # what the webhook was about is read now
        taken = self.comparer.compare(ticket, found) if isinstance(found, Found) else found
        if isinstance(taken, LeftAlone):
            self._left(ticket_id, taken)
            return
        if not self.dry:
            self.comparer.write(taken)
        self.report.adopted(taken)
        self.figures.imported += 1
        if not self.dry and self._take_unlinked(taken.found):
            self.context.queue.make_due(ticket_id, "early_webhook", look_messages=True)

    def _take_unlinked(self, found: Found) -> bool:
        return self.context.state.take_unlinked(found.case.case_id, found.case.case_number)

    def _left(self, ticket: int, why: LeftAlone) -> None:
        self.figures.empty += 1
        self.report.left(ticket, why)

    def _failed(self, context: Context, ticket: int, failure: Failure) -> None:
        """Told in the report; the ticket is as it was, so the next run tries it again."""
        self.figures.failed += 1
        log.warning("ticket %s is not adopted: %s", ticket, failure)
        self.report.failed(ticket, failure)


def count(context: Context, wanted: Selection) -> int:
    """How many tickets there are to look at."""
    return sum(len(page) for page in pages(context, wanted, UNLINKED))
