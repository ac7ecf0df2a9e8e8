"""A workshop for random play: its worker can die at any step, things happen in the middle of a step, and all of it is
repeatable.

A *step* is one SQL statement of the module, one API call, or one run of mgrctl.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from email.utils import formatdate
from pathlib import Path
from typing import Any, TypeVar

import pymysql
import requests

from omnidesk import spool, webhook_body
from omnidesk.billing.panel import Ran
from omnidesk.context import Context
from omnidesk.db import Database
from omnidesk.links.schema import MESSAGES
from omnidesk.refusals import TRIES
from omnidesk.run import Pass, Report
from sandbox.billmanager.events import Event
from sandbox.mariadb import MariaDB
from sandbox.omnidesk.adapter import OmnideskAdapter
from sandbox.omnidesk.model import Omnidesk
from sandbox.omnidesk.state import Message
from tests.stateful.injectors import SqlFaults, disk, set_zone
from tests.support.doorbell import event_rings
from tests.support.workshop import Workshop

T = TypeVar("T")
SETTLE = 10


class Died(BaseException):
    """The worker's process ends here, as by ``kill -9``; nothing of the module may catch it."""


class SteppedDatabase(Database):
    """The module's connection: each statement is a step."""

    stage: Stage

    def _open(self) -> pymysql.Connection[Any]:
        if self._connection is None:
            self.stage.sql.connecting()
        connection = super()._open()
        self.stage.sql.wrap(connection)
        return connection

    def _run(self, sql: str, values: Sequence[Any]) -> tuple[list[dict[str, Any]], int, int]:
        clock = self.stage.clock

        def perform() -> tuple[list[dict[str, Any]], int, int]:
            if "NOW(" in sql:
                super(SteppedDatabase, self)._run("SET SESSION timestamp = %s", (clock(),))
            return super(SteppedDatabase, self)._run(sql, values)

        return self.stage.step(f"SQL {' '.join(sql.split())[:60]}", perform, late=False)


class SteppedAdapter(OmnideskAdapter):
    """The way to Omnidesk: each call is a step, takes a moment, and its answer carries the account's date."""

    def __init__(self, desk: Omnidesk, stage: Stage) -> None:
        super().__init__(desk)
        self.stage = stage

    def send(self, request: requests.PreparedRequest, *given: Any, **more: Any) -> requests.Response:
        self.stage.pass_time(self.stage.call_seconds)
        faults = self.stage.desk.faults
        for kind in ("unreachable", "key_revoked"):
            self.stage.met[kind.replace("_", " ")] += getattr(faults, kind)
        answer = self.stage.step(
            f"{request.method} {request.path_url[:60]}",
            lambda: super(SteppedAdapter, self).send(request, *given, **more),
        )
        answer.headers["Date"] = formatdate(self.stage.desk.clock(), usegmt=True)
        return answer


class Fuse:
    """What happens at the ``steps``-th step from now on.

    ``how``: the worker dies ``before`` it or ``after`` it, or dies and the call takes effect ``late``; or something is
    done ``meanwhile`` (``act``) and the step goes on.
    """

    def __init__(self, steps: int, how: str, act: Callable[[], object] | None = None) -> None:
        self.steps = steps
        self.how = how
        self.act = act


class Stage(Workshop):
    """A workshop whose time goes by in fractions, with a fuse, and a memory of cases that are gone."""

    def __init__(self, mariadb: MariaDB, folder: Path, **switches: Any) -> None:
        self.fuse: Fuse | None = None
        self.overdue: list[tuple[float, Callable[[], object]]] = []
        self.call_seconds = 0.05
        self.event_mode = "rings"
        self.log: list[str] = []
        self.gone: dict[int, list[Message]] = {}  # threads of cases that were deleted for good
        self.met: Counter[str] = Counter()  # how often a fault was met
        self.sql = SqlFaults(mariadb, self.met)
        self.aside: set[tuple[str, int]] = set()  # (kind, message of Omnidesk) that BILLmanager refused for a time
        self.disk_full = False
        self.host_ahead = 0.0  # what the panel's host is ahead of Omnidesk
        super().__init__(mariadb, folder, settle_seconds=SETTLE, **switches)
        self.desk.clock = lambda: self.clock() - self.host_ahead
        self.zone = self.desk.utc_offset

    def calm(self) -> None:
        """All trouble ends: neighbours answer, the disk has room, clocks and zones are right."""
        self.fuse = None
        self.desk.faults.clear()
        self.panel.faults.clear()
        self.sql.clear()
        self.disk_full = False
        if self._ahead:
            self.restart_clock(0.0)
        if self.host_ahead:
            self.jump(-self.host_ahead)

    def jump(self, seconds: float) -> None:
        """The clock of the panel's host (the module's and the database's, too) is set forward, or back."""
        self.host_ahead += seconds
        self.clock.now += seconds
        self.overdue = [(moment + seconds, perform) for moment, perform in self.overdue]

    def close(self) -> None:
        if self.disk_full or self.desk.utc_offset != self.zone:
            self.disk_full = False
            set_zone(None)
        super().close()

    # Steps

    def step(self, what: str, perform: Callable[[], T], *, late: bool = True) -> T:
        """Carry out a step, unless the fuse burns down with it."""
        with disk(full=False):  # what is outside of the module has room
            return self._step(what, perform, late)

    def _step(self, what: str, perform: Callable[[], T], late: bool) -> T:
        fuse = self.fuse
        if fuse is None:
            return perform()
        fuse.steps -= 1
        if fuse.steps > 0:
            return perform()
        self.fuse = None
        self.log.append(f"    {fuse.how} {what}")
        if fuse.how == "meanwhile":
            assert fuse.act is not None
            fuse.act()
            return perform()
        if fuse.how == "after":
            perform()
        elif fuse.how == "late" and late:
            self.overdue.append((self.clock() + random.uniform(0.1, SETTLE - 2), perform))
        raise Died(what)

    def pass_time(self, seconds: float) -> None:
        """Time passes, and with it comes what was still under way when its caller died."""
        until = self.clock() + seconds
        while self.overdue:
            self.overdue.sort(key=lambda pair: pair[0])
            moment, perform = self.overdue[0]
            if moment > until:
                break
            self.overdue.pop(0)
            self.clock.now = max(self.clock.now, moment)
            try:
                perform()
            except requests.RequestException as lost:
                self.log.append(f"    late call failed: {lost!r}")
        self.clock.now = until

    def tick(self, seconds: float = 0.3) -> None:
        """What an act or a pass takes."""
        self.pass_time(seconds)

    # The module

    def _open(self) -> Context:
        self.adapter = SteppedAdapter(self.desk, self)  # type: ignore[assignment]
        context = super()._open()
        database = SteppedDatabase(context.address)
        database.stage = self
        context.__dict__["db"] = database  # where cached_property keeps it
        return context

    def _mgrctl(self, arguments: Sequence[str], timeout: float) -> Ran:
        self.pass_time(self.call_seconds)
        shown = " ".join(part for part in arguments[2:] if "message=" not in part)
        return self.step(f"mgrctl {shown[:80]}", lambda: super(Stage, self)._mgrctl(arguments, timeout))

    def run_pass(self, *, force: bool = True, **options: Any) -> Report:
        """One pass; a worker that dies in it is followed by another one some time later."""
        self.tick()
        self.met["disk full"] += self.disk_full
        try:
            with disk(self.disk_full), self.sql.met_by(self.context.db):
                report = Pass(self.context, self.locks, **options).run(force=force, wait=True)
            if report.replies and self.context.gate.budget().plentiful:
                self.context.state.remove("poll_done")  # as the worker does, which may die of it too
        except Died:
            self.restart()
            return Report()
        finally:
            self._note_aside()
        return report

    def _note_aside(self) -> None:
        sql = f"SELECT kind, external_message AS id FROM {MESSAGES} WHERE direction = 'in' AND tries >= {TRIES}"
        self.aside |= {(str(row["kind"]), int(row["id"])) for row in self.panel.query(sql)}

    # Events

    def _event(self, event: Event) -> None:
        if event.stage != "final" or not self.panel.event_system.plugins.for_event(event.func, event.stage):
            return
        if self.event_mode != "lost":
            for name, fields in event_rings(event).items():
                for _ in range(2 if self.event_mode == "doubled" else 1):
                    self._put(name, fields)

    def ring_webhook(self, body: bytes, content_type: str) -> None:
        fields = webhook_body.read(body, content_type)
        if "case" in fields:
            self._put(f"case-{fields['case']}", fields)

    def _put(self, name: str, fields: dict[str, str]) -> None:
        """What a doorbell does; with a full disk it says that it could not, and nobody rings again."""
        try:
            with disk(self.disk_full):
                spool.put(self.paths.spool, name, fields)
        except OSError as refused:
            assert self.disk_full, refused
            self.met["disk full"] += 1
            self.log.append(f"{self.clock():.2f}     the ring {name} is lost: {refused.strerror}")

    # What is remembered beyond the products' own tables

    def delete_case(self, case: int) -> None:
        """Delete a case for good; what it held is kept for the comparison."""
        self.gone[case] = list(self.desk.messages(case))
        self.desk.delete(case)

    def thread(self, case: int) -> list[Message]:
        """The messages of a case, also of one that is no more, in the order they were made."""
        found = self.gone[case] if case in self.gone else self.desk.messages(case)
        return sorted(found, key=lambda one: one.message_id)
