"""One pass over everything that is due: events, poll, scan, tickets. The kind of a failure decides what follows."""

from __future__ import annotations

import logging
import math
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from omnidesk.alerts.watch import watch
from omnidesk.attachments.incoming import sweep
from omnidesk.context import Context
from omnidesk.core.errors import Failure, Misconfigured, OnHold, Paused, Refused, TryLater
from omnidesk.core.locks import POLL, TicketLocks
from omnidesk.store.staff_cases import SINCE
from omnidesk.sync import mass_change, notify
from omnidesk.sync.actions import CARRYING, DeliverReply
from omnidesk.sync.reconcile import ENDLESS, Result, reconcile
from omnidesk.worker import discovery, spool_drain, staff_cases
from omnidesk.worker.fairness import ORDER, TURN, Turns
from omnidesk.worker.lanes import LOOK, Done, Handout, Lanes
from omnidesk.worker.poll import poll
from omnidesk.worker.scan import baseline, scan

log = logging.getLogger("worker")
GIVE_UP = 6  # refusals of one ticket as a whole before it is set aside
AGAIN = 20  # tries of one ticket in one pass; what comes for it then waits for the next pass
TROUBLES = 3  # tickets in a row that met a server's trouble before something independent is asked
TROUBLE_SECONDS = 30.0
BUSY_SECONDS = 5.0
LONGEST_REST = 3600.0
LONGEST = 60.0  # seconds of a worker's pass: then events that never pause wait for poll, scan, alerts and new settings
SWITCHED_OFF = "switched_off"  # in the state table while the setting Sync is off and that was logged
_TROUBLE = (
    "omnidesk_trouble",
    "omnidesk_no_answer",
    "omnidesk_broken_answer",
    "panel_no_answer",
    "panel_answer",
    "panel_timeout",
)


@dataclass
class Report:
    """What a pass did: counters, why it stopped early if it did, and ``rest``: seconds until something comes due.

    ``off``: the setting Sync is off, so events were noted and nothing else was done. ``over``: its time was over, and
    what is due is left for the next pass.
    """

    events: int = 0
    done: int = 0
    failed: int = 0
    set_aside: int = 0
    actions: int = 0
    replies: int = 0
    paused: Paused | None = None
    off: bool = False
    over: bool = False
    tried: set[int] = field(default_factory=set)
    rest: float = LONGEST_REST

    def add(self, other: Report) -> None:
        self.events += other.events
        self.done += other.done
        self.failed += other.failed
        self.set_aside += other.set_aside
        self.actions += other.actions
        self.replies += other.replies
        self.paused = other.paused
        self.off = other.off
        self.tried |= other.tried


class Pass:
    """One pass. ``stopping`` is asked between tickets; ``progress`` is called after each (done so far, ticket).

    ``lasts``: seconds after which it hands out no more tickets, but for a whole round of turns.
    """

    def __init__(
        self,
        context: Context,
        locks: TicketLocks,
        *,
        stopping: Callable[[], bool] = lambda: False,
        progress: Callable[[int, int], None] = lambda done, ticket: None,
        allow_mass_change: bool = False,
        lasts: float = math.inf,
    ) -> None:
        self.context = context
        self.locks = locks
        self.stopping = stopping
        self.progress = progress
        self.allow_mass_change = allow_mass_change
        self.report = Report()
        self._lasts, self._began = lasts, context.clock()
        self._given = 0  # turns
        self._calls = context.client.calls
        self._troubles = 0
        self._tries: Counter[int] = Counter()
        self._over: set[int] = set()  # tickets not to be tried again in this pass
        self._cases: set[int] = set()  # cases without a ticket that were looked at in this pass
        self._counting = threading.Lock()  # of what lanes count
        self._ending: BaseException | None = None  # a lane met what ends the pass; the others stop between two actions

    def run(self, *, force: bool = False, wait: bool = False) -> Report:
        """Drain, poll, scan, reconcile. A refusal of the whole account or panel ends the pass and is in the report.

        ``force``: poll and scan although it is not time yet; ``wait``: also for tickets another process works on.
        """
        try:
            self.context.db.refresh()
            self.context.reader.forget_people()
            known = discovery.repair_cursors(self.context)
            if "scan_marks" not in known:
                baseline(self.context)
            if self._switched_off():
                self.report.events, asked = spool_drain.drain(self.context)
                return self._noted(asked)
            sweep(self.context, self.locks)
            self.report.events, asked = spool_drain.drain(self.context)
            self._look(force, asked)
            more = True
            while more and not self._over_time():
                more = self._started(known)
                self._tickets(wait)
            self.report.over = self._over_time()
            if "paused" in known:
                self._recovered()
        except Paused as pause:
            self._paused(pause)
        except TryLater as failure:  # of the run itself, not of a ticket: the database was busy
            self._paused(Paused(failure.type, failure.object, failure.words, seconds=BUSY_SECONDS))
        watch(self.context)
        return self.report

    # Switched off

    def _switched_off(self) -> bool:
        """Whether the setting Sync is off; a change of it is reported once, however often passes are started."""
        state = self.context.state
        self.report.off = not self.context.settings.sync
        if not self.report.off:
            if state.remove(SWITCHED_OFF):
                log.info("synchronisation is switched on again; changes made meanwhile are processed now")
        elif state.put_once(SWITCHED_OFF, self.context.clock()):
            log.warning("synchronisation is switched off by the setting Sync: events are recorded, not processed")
        return self.report.off

    def _noted(self, asked: bool) -> Report:
        """Events have become due tickets, which wait; one that asks for a look at all tickets is kept as well."""
        if asked:
            self.context.state.remove("scan_done")
        return self.report

    # Looking

    def _look(self, force: bool, asked: bool) -> None:
        """Poll and scan when it is time, one process at a time."""
        with self.locks.held(POLL) as mine:
            if not mine:
                return
            if force or asked or self._time("scan"):
                discovery.make(
                    self.context, "scan", lambda: scan(self.context, allow_mass_change=self.allow_mass_change)
                )
            if force or self._time("poll"):
                discovery.make(
                    self.context, "poll", lambda: poll(self.context, allow_mass_change=self.allow_mass_change)
                )
                self._unreadable()

    def _started(self, known: set[str]) -> bool:
        """Tickets for some of the cases that staff opened in Omnidesk, by one process at a time; whether more wait."""
        if self.context.settings.cases_from_omnidesk == staff_cases.OFF:
            if SINCE in known:
                self.context.staff_cases.switched_off()
            return False
        with self.locks.held(POLL) as mine:
            if not mine or self._stops():
                return False
            return staff_cases.run(self.context, self._cases, allow_mass_change=self.allow_mass_change)

    def _unreadable(self) -> None:
        """Changed cases whose row in the list cannot be read are asked for one by one: each fails for its ticket."""
        for case_id in self.context.client.take_unreadable():
            for ticket in self.context.links.tickets_of_case(case_id):
                self.context.queue.make_due(ticket, "changed", look_case=True)

    def _time(self, what: str) -> bool:
        age = self.context.state.age(f"{what}_done")
        return age is None or age < 0 or age >= self.context.settings.poll_seconds

    # Tickets

    def _tickets(self, wait: bool) -> None:
        """Hand out the due tickets. Events that come meanwhile are noted by this thread only, and before more tickets
        are handed out, so what the guard holds back is the same with any number of lanes."""
        busy: set[int] = set()
        mass_change.new_cases(self.context, allowed=self.allow_mass_change)
        with Lanes(self.context, self._try) as lanes:
            try:
                self._hand_out(lanes, busy)
            except BaseException as error:
                self._ending = error  # the lanes stop between two actions, and the pass waits for them
                raise
        if self._ending is not None:
            raise self._ending
        for ticket in sorted(busy if wait else ()):
            self._try(self.context, ticket, wait=True)
            self.progress(len(self.report.tried), ticket)

    def _hand_out(self, lanes: Lanes[bool], busy: set[int]) -> None:
        """Until nothing is due any more; ``busy``: the tickets that other processes have."""
        turns = Turns(self.context.queue)
        handout = Handout(lanes, turns)
        while True:
            given = not self._stops() and not self._over_time() and lanes.free and handout.give(self._over | busy)
            self._given += given
            if not given and not lanes.working:
                break
            for done in lanes.finished(0.0 if given else self._patience(lanes)):
                self._taken(done, busy)
                handout.done()
            if self._ending is None:
                self._drain(turns)

    def _patience(self, lanes: Lanes[bool]) -> float | None:
        """How long to wait for a lane: a free one wants to know of new events."""
        return LOOK if lanes.free and not self._stops() else None

    def _stops(self) -> bool:
        return self._ending is not None or self.stopping()

    def _over_time(self) -> bool:
        """Whether it has lasted long enough. Not before everything could have its turn, however long a poll takes."""
        lasted = abs(self.context.clock() - self._began)  # the clock may be set back
        return self._given >= len(ORDER) and lasted >= self._lasts

    def _drain(self, turns: Turns) -> None:
        came, asked = spool_drain.drain(self.context)
        if came:
            mass_change.new_cases(self.context, allowed=False)
            turns.forget()
        self._noted(asked)

    def _taken(self, done: Done[bool], busy: set[int]) -> None:
        """A lane is done with a ticket."""
        if done.error is not None:
            if not isinstance(done.error, Failure):
                raise done.error
            if self._ending is None or isinstance(done.error, Misconfigured):
                self._ending = done.error
        elif not done.result:
            busy.add(done.ticket)
        else:
            self.progress(len(self.report.tried), done.ticket)

    def _try(self, context: Context, ticket: int, *, wait: bool = False) -> bool:
        """Reconcile one ticket under its lock, in a lane; False when another process has it."""
        with self.locks.held(ticket, wait=wait) as mine:
            if not mine:
                return False
            with self._counting:
                self.report.tried.add(ticket)
                self._count(ticket)
            due_seq, began = context.links.ticket(ticket).due_seq, context.clock()
            try:
                result = reconcile(context, ticket, stopping=self._stops, most=ENDLESS if wait else TURN)
            except Failure as failure:
                self._failed(context, ticket, due_seq, failure)
            except Exception as error:  # an internal error in one ticket must not affect the others
                log.exception("ticket %s", ticket)
                self._failed(context, ticket, due_seq, TryLater("internal", str(ticket), type(error).__name__))
            else:
                self._done(context, ticket, due_seq, began, result)
            return True

    def _count(self, ticket: int) -> None:
        """What comes for a ticket that had its turn gets another one in this pass, which may take long."""
        self._tries[ticket] += 1
        if self._tries[ticket] > AGAIN:
            self._over.add(ticket)

    def _done(self, context: Context, ticket: int, due_seq: int, began: float, result: Result) -> None:
        with self._counting:
            self._troubles = 0
            self.report.done += 1
            self.report.actions += len(result.done)
            self.report.replies += sum(isinstance(one, DeliverReply) for one in result.done)
            self._tries[ticket] -= result.turn
        if result.missing:
            log.info("ticket %s does not exist in BILLmanager; its case, if any, is not changed", ticket)
        if result.turn:
            context.queue.turn_over(ticket, due_seq, read=result.read)
        elif not result.unfinished:
            context.queue.done(ticket, due_seq, began)
            if any(isinstance(one, CARRYING) for one in result.done):
                context.queue.take_up(ticket)
            if result.missing:
                context.queue.forget(ticket, due_seq)

    def _failed(self, context: Context, ticket: int, due_seq: int, failure: Failure) -> None:
        """A failure of this ticket costs this ticket; one of the account or the configuration ends the pass."""
        if isinstance(failure, (Paused, Misconfigured)):
            raise failure
        queue = context.queue
        wait = queue.failed(ticket, failure, due_seq=due_seq)
        attempts = context.links.ticket(ticket).attempts
        hopeless = isinstance(failure, OnHold) or (isinstance(failure, Refused) and attempts >= GIVE_UP)
        aside = hopeless and queue.set_aside(ticket, failure, due_seq=due_seq)
        with self._counting:
            self.report.failed += 1
            self.report.set_aside += aside
        if aside:
            if not isinstance(failure, OnHold):  # of what it is on hold for, staff have been notified
                notify.of_setting_aside(context, ticket, failure)
            why, again = failure.phrase.full(), f"pmomnidesk retry {ticket}"
            log.error("ticket %s is set aside after %s tries: %s%s",
                      ticket, attempts, why, "" if again in why else f" Then: {again}")  # fmt: skip
            return
        log.warning("ticket %s: %s Next try in %.0f s.", ticket, failure.phrase.full(), wait)
        if self._is_suspicious(failure):
            try:
                self._ask_independently(context, failure)
            except Paused:
                context.links.forgive_sends(ticket)
                raise

    def _is_suspicious(self, failure: Failure) -> bool:
        """Whether so many tickets in a row met trouble, or a call got no answer, that something else is asked."""
        with self._counting:
            self._troubles = self._troubles + 1 if failure.type in _TROUBLE else 0
            many = self._troubles >= TROUBLES
            single = bool(self._troubles) and failure.uncertain
            self._troubles = 0 if many else self._troubles
        return many or single

    def _ask_independently(self, context: Context, failure: Failure) -> None:
        """A ticket met trouble: the pass ends only if a call that is about no ticket fails, too."""
        try:
            if failure.type.startswith("panel"):
                context.panel.who()
            else:
                context.client.answers()
        except TryLater as trouble:
            raise Paused(trouble.type, trouble.object, trouble.words, seconds=TROUBLE_SECONDS) from None
        except Refused:
            pass  # it answers, and that was the question

    # Pauses

    def _paused(self, pause: Paused) -> None:
        self.report.paused = pause
        if pause.type.startswith("database"):
            return  # nowhere to remember it: whoever runs the passes tells
        try:
            known = self.context.state.get("paused")
            loud = not isinstance(known, dict) or known.get("type") != pause.type
            log.log(logging.ERROR if loud else logging.DEBUG, "%s Again in %.0f s.", pause.phrase.full(), pause.seconds)
            until = self.context.clock() + pause.seconds
            self.context.state.put("paused", {**pause.phrase.data(), "type": pause.type, "until": until})
        except (Paused, TryLater) as failure:
            log.warning("%s The pause could not be saved: %s", pause, failure)

    def _recovered(self) -> None:
        """A pass that asked nobody (no poll was due, no ticket) has not found that anything works again."""
        asked = self.report.done or self.context.client.calls > self._calls
        if asked and self.context.state.remove("paused"):
            log.info("working again")
