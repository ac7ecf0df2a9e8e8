"""``import``: old tickets are sent, oldest first, with their dates; current tickets always go first.

Each ticket goes the way every ticket goes (plan, apply, intents), so a run can be stopped or killed at any point and
started again: what has a case is not looked at any more. The import never takes the account's last calls, and waits
while tickets of today are due, so clients who write now notice nothing of it.
"""

from __future__ import annotations

import logging
import threading
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
from omnidesk.migration.selection import Cost, Pages, Selection, cost, pages
from omnidesk.store.queue import only_waits
from omnidesk.sync.reconcile import Result, reconcile
from omnidesk.worker.fairness import TURN
from omnidesk.worker.lanes import Done, Handout, Lanes

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
    """Calls of each minute that are left to today's tickets: a tenth, one to ten of them, as they go first."""
    return max(1, min(limit // 10, 10))


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
        self._due_seqs: dict[int, int] = {}
        self._counting = threading.Lock()  # of what lanes count and show
        self._ending: BaseException | None = None

    def run(self) -> Figures:
        """Import until all is done or the run is asked to stop. Raises what the administrator has to fix."""
        with Lanes(self.context, self._one) as lanes:
            try:
                self._hand_out(lanes)
            except BaseException as error:
                self._ending = error  # the lanes stop between two actions, and this run waits for them
                raise
        if self._ending is not None:
            raise self._ending
        self.figures.stopped = self.stop()
        return self.figures

    def _hand_out(self, lanes: Lanes[None]) -> None:
        handout = Handout(lanes, Pages(pages(self.context, self.wanted)))
        while True:
            given = not self._stops() and lanes.free and handout.give()
            if not given and not lanes.working:
                break
            for done in lanes.finished(0.0 if given else None):
                self._end(done)
                handout.done()

    def _stops(self) -> bool:
        return self._ending is not None or self.stop()

    def _end(self, done: Done[None]) -> None:
        """A lane is done; what it raised ends the import, after the others have finished the action they are in."""
        if done.error is not None and not isinstance(done.error, Failure):
            raise done.error
        self._ending = self._ending or done.error

    # One ticket

    def _one(self, context: Context, ticket: int) -> None:
        self._today_first(context, ticket)
        self._show(ticket)
        begun = False
        while not self._stops():
            try:
                begun = self._carry_over(context, ticket, begun)
            except Paused as pause:
                if pause.type in FATAL:
                    raise
                begun = True
                self._wait(ticket, pause.seconds, pause.phrase)
                continue
            except TryLater as failure:
                if failure.type == "settling":  # a call of this very ticket is in doubt
                    begun = True
                    self._wait(ticket, only_waits(failure), failure.phrase)
                    continue
                self._failed(context, ticket, failure)
            except Misconfigured:
                raise
            except Failure as failure:
                self._failed(context, ticket, failure)
            break
        self._show(ticket)

    def _show(self, ticket: int, waits: Phrase | None = None) -> None:
        with self._counting:
            self.progress(self.figures, ticket, waits)

    def _carry_over(self, context: Context, ticket: int, begun: bool) -> bool:
        """The ticket, under its lock, unless somebody has linked it meanwhile. Nothing waits while the lock is held."""
        while True:
            context.client.reserve = reserve(context.gate.budget().limit)
            try:
                with self.locks.held(ticket) as mine:
                    if not mine or (context.links.ticket(ticket).has_case and not begun):
                        with self._counting:
                            self.figures.total -= 1  # the worker has it
                        return begun
                    result = self._some(context, ticket)
            finally:
                context.client.reserve = 0
            if not result.turn:
                return True
            begun = True
            self._today_first(context, ticket)  # a long conversation is sent a few messages at a time

    def _some(self, context: Context, ticket: int) -> Result:
        """Some messages of the ticket, perhaps the last ones. What happens to it meanwhile is left to the worker."""
        links, queue = context.links, context.queue
        links.ensure_ticket(ticket)
        due_seq, began = links.ticket(ticket).due_seq, context.clock()
        self._due_seqs[ticket] = due_seq
        queue.begin_history(ticket, TAKEN_UP)
        result = reconcile(context, ticket, stopping=self._stops, most=TURN)
        link = links.ticket(ticket)
        with self._counting:
            self.figures.actions += len(result.done)
        if result.unfinished and not result.turn:  # asked to stop
            queue.leave_history(ticket, due_seq, begun=bool(link.case_id))
        elif not result.turn:
            queue.done(ticket, due_seq, began)
            links.history_imported(ticket, ended=link.ticket_status != "open")
            with self._counting:
                self.figures.imported += bool(link.case_id)
                self.figures.empty += not link.case_id
        return result

    def _failed(self, context: Context, ticket: int, failure: Failure) -> None:
        """Written down like any other failure: ``status`` shows it, the worker tries it again."""
        context.links.ensure_ticket(ticket)
        wait = context.queue.failed(ticket, failure, due_seq=self._due_seqs.get(ticket, 0))
        log.warning("ticket %s: %s The worker tries it again in %.0f s.", ticket, failure.phrase.full(), wait)
        problem = Phrase("import.problem", ticket=ticket, why=failure.phrase)
        with self._counting:
            self.figures.failed += 1
            self.figures.problems = [*self.figures.problems[-9:], problem]

    # Waiting

    def _wait(self, ticket: int, seconds: float, why: Phrase) -> None:
        """For the account's next minute, or for a neighbour that is away."""
        log.info("waiting %.0f s: %s", seconds, why)
        self._show(ticket, why)
        ends = self.now() + max(0.05, seconds)
        while not self._stops() and (left := ends - self.now()) > 0:
            self.sleep(min(left, 1.0))

    def _today_first(self, context: Context, ticket: int) -> None:
        """While tickets of today are due, the worker has the account to itself."""
        ends = self.now() + PATIENCE
        while not self._stops() and self._is_busy(context) and self.now() < ends:
            self._show(ticket, Phrase("import.today_first"))
            try:
                self.wake(context.paths)
            except OSError as error:
                log.warning("no worker can be started for today's tickets: %s", error)
                return
            self.sleep(LOOK)

    def _is_busy(self, context: Context) -> bool:
        if not context.settings.sync:
            return False  # nobody works on today's tickets until synchronisation is switched on
        return bool(context.queue.due(1)) or bool(spool.snapshot(context.paths.spool))
