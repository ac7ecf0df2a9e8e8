"""``import``: old tickets are sent, oldest first, with their dates; current tickets always go first.

Each ticket goes the way every ticket goes (plan, apply, intents), so a run can be stopped or killed at any point and
started again: what has a case is not looked at any more. The import never takes the account's last calls, and waits
while tickets of today are due, so clients who write now notice nothing of it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from omnidesk.context import Context
from omnidesk.core.errors import Failure, Misconfigured, Paused, TryLater
from omnidesk.core.locks import TicketLocks
from omnidesk.core.paths import Paths
from omnidesk.core.phrase import Phrase
from omnidesk.core.shutdown import Stop
from omnidesk.hooks import spool
from omnidesk.hooks.worker_start import wake_worker
from omnidesk.migration.selection import Cost, Selection, cost, pages
from omnidesk.sync.reconcile import Result, reconcile
from omnidesk.worker.fairness import TURN

log = logging.getLogger("import")
TAKEN_UP = 600.0  # seconds after which the worker goes on with a ticket whose import was cut off
LOOK = 0.25  # seconds between two looks whether today's tickets are done
PATIENCE = 300.0  # seconds that today's tickets are waited for: a worker that cannot work must not stop the import
# The administrator has to fix these; everything else passes by itself, and the import waits for it.
FATAL = ("omnidesk_key", "omnidesk_login", "omnidesk_address", "omnidesk_certificate", "database_refused")


@dataclass
class Figures:
    """What an import did so far. ``empty``: tickets with nothing to open a case with (their client is deleted, say)."""

    total: int = 0
    imported: int = 0
    empty: int = 0
    failed: int = 0
    actions: int = 0
    stopped: bool = False
    problems: list[Phrase] = field(default_factory=list)

    @property
    def tried(self) -> int:
        return self.imported + self.empty + self.failed


Progress = Callable[[Figures, int, Phrase | None], None]
"""Told before and after each ticket: figures, the ticket, and what is waited for ("" when nothing is)."""


def estimate(context: Context, wanted: Selection) -> Cost:
    """What there is to import; memory stays flat however much it is."""
    return sum((cost(context, page) for page in pages(context, wanted)), Cost())


def minutes(context: Context, needed: int) -> float | None:
    """How long so many calls take at the account's limit; None when the limit is not known."""
    limit = context.gate.budget().limit
    return needed / (limit - reserve(limit)) if limit else None


def reserve(limit: int) -> int:
    """Calls of each minute that are left to today's tickets: a tenth, at least one."""
    return max(1, limit // 10)


class Import:
    """One run. ``count``: how many tickets there are, for the progress; the last three are replaced by tests."""

    def __init__(
        self,
        context: Context,
        locks: TicketLocks,
        wanted: Selection,
        count: int,
        stop: Stop,
        progress: Progress = lambda figures, ticket, waits: None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
        wake: Callable[[Paths], object] = wake_worker,
    ) -> None:
        self.context = context
        self.locks = locks
        self.wanted = wanted
        self.stop = stop
        self.progress = progress
        self.sleep = sleep
        self.now = now
        self.wake = wake
        self.figures = Figures(count)
        self._due_seq = 0

    def run(self) -> Figures:
        """Import until all is done or the run is asked to stop. Raises what the administrator has to fix."""
        for page in pages(self.context, self.wanted):
            for ticket in page:
                if self.stop():
                    self.figures.stopped = True
                    return self.figures
                self._today_first(ticket)
                self._one(ticket)
        return self.figures

    # One ticket

    def _one(self, ticket: int) -> None:
        self.progress(self.figures, ticket, None)
        begun = False
        while not self.stop():
            try:
                begun = self._carry_over(ticket, begun)
            except Paused as pause:
                if pause.type in FATAL:
                    raise
                begun = True
                self._wait(ticket, pause.seconds, pause.phrase)
                continue
            except TryLater as failure:
                if failure.type == "settling":  # a call of this very ticket is in doubt
                    begun = True
                    self._wait(ticket, float(str(failure.params.get("seconds", 1))) + 0.1, failure.phrase)
                    continue
                self._failed(ticket, failure)
            except Misconfigured:
                raise
            except Failure as failure:
                self._failed(ticket, failure)
            break
        self.progress(self.figures, ticket, None)

    def _carry_over(self, ticket: int, begun: bool) -> bool:
        """The ticket, under its lock, unless somebody has linked it meanwhile. Nothing waits while the lock is held."""
        while True:
            self.context.client.reserve = reserve(self.context.gate.budget().limit)
            try:
                with self.locks.held(ticket) as mine:
                    if not mine or (self.context.links.ticket(ticket).has_case and not begun):
                        self.figures.total -= 1  # the worker has it
                        return begun
                    result = self._some(ticket)
            finally:
                self.context.client.reserve = 0
            if not result.turn:
                return True
            begun = True
            self._today_first(ticket)  # a long conversation is sent a few messages at a time

    def _some(self, ticket: int) -> Result:
        """Some messages of the ticket, perhaps the last ones. What happens to it meanwhile is left to the worker."""
        links, queue = self.context.links, self.context.queue
        links.ensure_ticket(ticket)
        due_seq, began = links.ticket(ticket).due_seq, self.context.clock()
        self._due_seq = due_seq
        queue.begin_history(ticket, TAKEN_UP)
        result = reconcile(self.context, ticket, stopping=self.stop, most=TURN)
        link = links.ticket(ticket)
        self.figures.actions += len(result.done)
        if result.unfinished and not result.turn:  # asked to stop
            queue.leave_history(ticket, due_seq, begun=bool(link.case_id))
        elif not result.turn:
            queue.done(ticket, due_seq, began)
            links.history_imported(ticket, ended=link.ticket_status != "open")
            self.figures.imported += bool(link.case_id)
            self.figures.empty += not link.case_id
        return result

    def _failed(self, ticket: int, failure: Failure) -> None:
        """Written down like any other failure: ``status`` shows it, the worker tries it again."""
        self.figures.failed += 1
        self.context.links.ensure_ticket(ticket)
        wait = self.context.queue.failed(ticket, failure, due_seq=self._due_seq)
        log.warning("ticket %s: %s The worker tries it again in %.0f s.", ticket, failure.phrase.full(), wait)
        problem = Phrase("import.problem", ticket=ticket, why=failure.phrase)
        self.figures.problems = [*self.figures.problems[-9:], problem]

    # Waiting

    def _wait(self, ticket: int, seconds: float, why: Phrase) -> None:
        """For the account's next minute, or for a neighbour that is away."""
        log.info("waiting %.0f s: %s", seconds, why)
        self.progress(self.figures, ticket, why)
        ends = self.now() + max(0.05, seconds)
        while not self.stop() and (left := ends - self.now()) > 0:
            self.sleep(min(left, 1.0))

    def _today_first(self, ticket: int) -> None:
        """While tickets of today are due, the worker has the account to itself."""
        ends = self.now() + PATIENCE
        while not self.stop() and self._is_busy() and self.now() < ends:
            self.progress(self.figures, ticket, Phrase("import.today_first"))
            try:
                self.wake(self.context.paths)
            except OSError as error:
                log.warning("no worker can be started for today's tickets: %s", error)
                return
            self.sleep(LOOK)

    def _is_busy(self) -> bool:
        if not self.context.settings.sync:
            return False  # nobody works on today's tickets until synchronisation is switched on
        return bool(self.context.queue.due(1)) or bool(spool.snapshot(self.context.paths.spool))
