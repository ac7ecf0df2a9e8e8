"""The worker: passes, and between them a short wait for the next event. It exits when idle."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable

import omnidesk
from omnidesk.alerts import without_database
from omnidesk.context import Context
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.errors import Misconfigured, Paused, TryLater
from omnidesk.core.locks import TicketLocks
from omnidesk.core.paths import Paths
from omnidesk.core.settings import Settings
from omnidesk.core.shutdown import Stop
from omnidesk.hooks import spool, worker_start
from omnidesk.worker.one_pass import BUSY_SECONDS, LONGEST, LONGEST_REST, Pass, Report

log = logging.getLogger("worker")
SOON = 2.0
TURN = 0.5  # seconds between two looks whether another process is done
# Whatever installs the module exchanges these; a package manager the one at the begin, the other near the end.
CODE = (omnidesk.__file__ or "", __file__)
REFUSED_REST = 1.0  # seconds after a pass that was refused as a whole during which no event starts another


class Worker:
    """Runs passes. ``make`` opens a fresh context whenever the settings have changed or a trial has found something."""

    def __init__(
        self, paths: Paths, make: Callable[[], Context], stop: Stop, dependencies: Dependencies | None = None
    ) -> None:
        self.paths = paths
        self.dependencies = dependencies or Dependencies()
        self.make = make
        self.stop = stop
        self._context: Context | None = None
        self._stamp: object = None
        self._installed = [_stamp(path) for path in CODE]
        self._database_away = False

    def context(self) -> Context:
        """The context in force; settings that changed, and what a trial has stored, are read again."""
        stamp = _stamp(self.paths.settings), _stamp(self.paths.trial_report)
        if self._context is None or stamp != self._stamp:
            if self._context is not None:
                self._context.close()
            self._context, self._stamp = self.make(), stamp
        return self._context

    def close(self) -> None:
        if self._context is not None:
            self._context.close()

    def ends(self) -> bool:
        """Whether it was asked to stop, or the module was installed again: what is imported from then on is of another
        version than what was imported before."""
        return self.stop() or [_stamp(path) for path in CODE] != self._installed

    def serve(self, linger: float | None, *, stay: bool) -> Report | None:
        """Be the worker until nothing has come for ``linger`` seconds (``stay``: until it :meth:`ends`).

        ``linger`` None is the setting LingerSeconds, which hooks leave to the worker to read.

        None when another process is the worker; it was nudged. Who is to stay waits for it to leave: one that was
        started by an event may be about to.
        """
        total = Report()
        lock = worker_start.acquire(self.paths)
        if lock is None:
            worker_start.nudge(self.paths)
            if not stay:
                return None
        while lock is None and not self.stop():
            time.sleep(TURN)
            lock = worker_start.acquire(self.paths)
        locks = TicketLocks(self.paths.ticket_locks)
        try:
            while lock is not None:
                self._lead(locks, linger, stay, total)
                known = spool.snapshot(self.paths.spool) if self.ends() or total.paused else frozenset()
                lock = worker_start.leave(self.paths, lock, known)
        finally:
            locks.close()
            if lock is not None:
                worker_start.release(lock)
        if self.ends() and not self.stop():
            log.info("the module was installed again; this worker ends, the next one is of the new version")
        return total

    def _lead(self, locks: TicketLocks, linger: float | None, stay: bool, total: Report) -> None:
        """Passes and waits while this process holds the worker's lock."""
        pipe = worker_start.open_pipe(self.paths)
        self.stop.pipe = pipe
        quiet_since = time.monotonic()
        try:
            while not self.ends():
                report = self._pass(locks)
                total.add(report)
                if report.events or report.tried:
                    quiet_since = time.monotonic()
                left = LONGEST_REST if stay else quiet_since + self._linger(linger) - time.monotonic()
                if left <= 0 or self.ends():
                    return
                self._pause(pipe, min(left, report.rest), REFUSED_REST if report.paused else 0.0)
        finally:
            self.stop.pipe = -1
            os.close(pipe)

    def _pause(self, pipe: int, seconds: float, deaf: float) -> None:
        """Wait for an event, at most ``seconds``. Events of the first ``deaf`` seconds wait until these are over: under
        load each would start a pass that is refused like the one before."""
        woken = False
        hears = time.monotonic() + min(seconds, deaf)
        while not self.stop() and (left := hears - time.monotonic()) > 0:
            woken = worker_start.wait(pipe, left) or woken
        if not woken and not self.stop():
            worker_start.wait(pipe, seconds - min(seconds, deaf))

    def _pass(self, locks: TicketLocks) -> Report:
        """One pass, and when the next has work; a database that goes away anywhere in it only makes it a pause."""
        report = Report()
        try:
            context = self.context()
            lasts = min(LONGEST, context.settings.poll_seconds)
            report = Pass(context, locks, stopping=self.ends, lasts=lasts).run()
            if report.replies and context.gate.budget().plentiful:
                # Who answers often sets the status too, and no webhook tells that: look soon instead of in a minute.
                context.state.remove("poll_done")
            if report.off:  # what is due stays so; switching on writes an event; after an edit of the file this long
                report.rest = float(context.settings.poll_seconds)
            elif report.paused is None:
                report.rest = 0.0 if report.over else self._next_work(context)
        except Paused as pause:  # the events stay where they are
            report.paused = pause
        except TryLater as busy:
            report.paused = Paused(busy.type, busy.object, busy.words, seconds=BUSY_SECONDS)
        except Misconfigured as problem:  # this run ends, and so does each one that the timer starts
            without_database.away(self.paths, self.dependencies, problem)
            raise
        if report.paused is not None:
            report.rest = max(0.05, report.paused.seconds)
        self._log_outage(report.paused)
        return report

    def _log_outage(self, pause: Paused | None) -> None:
        """An outage of the database is logged as an error once. The pass logs other pauses, and stores them there."""
        if pause is not None and pause.type.startswith("database"):
            level = logging.DEBUG if self._database_away else logging.ERROR
            log.log(level, "%s Again in %.0f s.", pause, pause.seconds)
            self._database_away = True
            without_database.away(self.paths, self.dependencies, pause)
            return
        without_database.back(self.paths, self.dependencies)
        if self._database_away:
            log.info("the database is available again")
            self._database_away = False

    def _linger(self, given: float | None) -> float:
        """Seconds to stay: as given, else the setting; without a database the settings have not been read yet."""
        if given is not None:
            return given
        return self._context.settings.linger_seconds if self._context is not None else Settings.linger_seconds

    def _next_work(self, context: Context) -> float:
        """Seconds until something comes due by itself. What is due and was left by the pass, another process has."""
        due = context.queue.next_due()
        soonest = LONGEST_REST if due is None else due - context.clock()
        age = context.state.age("poll_done")
        left = min(soonest, SOON if age is None or age < 0 else context.settings.poll_seconds - age)
        return max(0.05, left) if left > 0 else TURN


def _stamp(path: str) -> object:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
