"""A workshop for random play: its worker can die at any step, things happen in the middle of a step, and all of it is
repeatable.

A *step* is one SQL statement of the module, one API call, or one run of mgrctl.

With several lanes the steps of their threads alternate as they come, so a play is not the same each time. When a worker
dies in one of them, it dies in all: no thread takes another step, and the next worker begins when all have ended.
"""

from __future__ import annotations

import json
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any, TypeVar

import pymysql
import requests

from omnidesk.billmanager.program import Ran
from omnidesk.context import Context
from omnidesk.core.database import Database
from omnidesk.hooks import webhook_body
from omnidesk.worker.one_pass import Pass, Report
from sandbox.billmanager.events import Event
from sandbox.mariadb import MariaDB
from sandbox.omnidesk.adapter import OmnideskAdapter
from sandbox.omnidesk.model import Omnidesk
from tests.judge import texts
from tests.judge.history import Habits, History, Person, Polled, Refused
from tests.judge.look import Watch
from tests.judge.places import Places
from tests.judge.verdict import POLL
from tests.stateful.injectors import SqlFaults, disk, set_full, set_zone
from tests.support.hook import event_records
from tests.support.workshop import Workshop

T = TypeVar("T")
SETTLE = 10
# What says nothing against the text that was to be written: the same is taken later.
_FOR_NOW = ("db", "client")
_ERROR = re.compile(rb'<error type="(\w+)"')


class Died(BaseException):
    """The worker's process ends here, as by ``kill -9``; nothing of the module may catch it."""


class SteppedDatabase(Database):
    """The module's connection: each statement is a step."""

    stage: Stage

    def another(self) -> Database:
        made = SteppedDatabase(self.where, read_only=self.read_only)
        made.stage = self.stage
        return made

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
        if request.method == "POST" and answer.status_code in (400, 403, 404, 413, 422):
            self.stage.refused_there(request.body)
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
    """A workshop whose time goes by in fractions, with a fuse, and a history of what was done for the judge."""

    def __init__(
        self,
        mariadb: MariaDB,
        folder: Path,
        *,
        required_at_closing: bool = False,
        routing: str = "",
        **switches: Any,
    ) -> None:
        self.fuse: Fuse | None = None
        self.turn = threading.RLock()  # of what threads do here; no SQL of the module's is run with it
        self.dead = False  # the worker died; its other threads have not noticed yet
        self._in_room = 0
        self.working = False  # a pass is running
        self.overdue: list[tuple[float, Callable[[], object]]] = []
        self.call_seconds = 0.05
        self.event_mode = "arrives"
        self.log: list[str] = []
        self.met: Counter[str] = Counter()  # how often a fault was met
        self.sql = SqlFaults(mariadb, self.met)
        self.disk_full = False
        self.rates_in_words = switches.get("rating_values", "words") == "words"
        self.host_ahead = 0.0  # what the panel's host is ahead of Omnidesk
        super().__init__(mariadb, folder, settle_seconds=SETTLE, **switches)
        self.desk.clock = lambda: self.clock() - self.host_ahead
        self.zone = self.desk.utc_offset
        if required_at_closing:
            self.desk.settings.required_at_closing = frozenset({self.desk.add_field("Причина закрытия").key})
        self.places = self._route(routing) if routing else None
        self.watch = Watch(self.panel, self.desk)
        self.history = History(self._people(), self._habits())

    def _route(self, rows: str) -> Places:
        """A routing table with these ``rows``: ``each`` department has a group, both have ``one``, or only the first
        (``half``). A further group has no row."""
        first, second, _ = (self.desk.add_group(name) for name in ("Первая", "Вторая", "Третья"))
        groups = {"each": {self.support: first, self.billing: second}, "half": {self.support: first}}.get(
            rows, {self.support: first, self.billing: first}
        )
        table: list[dict[str, object]] = [{"department": one, "group": group} for one, group in groups.items()]
        table += [{"priority": "high"}]
        (self.root / "etc" / "omnidesk" / "routing.json").write_text(json.dumps(table), encoding="utf-8")
        return Places(groups)

    def _people(self) -> tuple[Person, ...]:
        names = {row["id"]: row["realname"] for row in self.panel.query("SELECT id, realname FROM user")}
        clients = [(user, client.account) for client in (self.ivan, self.petra) for user in client.users]
        return (
            Person("Omnidesk", self.integration, self.integration_staff),
            Person("Анна Ким", self.anna, self.anna_staff),
            Person("Борис Лунин", self.boris),
            Person("Вера Орлова", 0, self.vera_staff),
            *(Person(names[user], user, 0, account) for user, account in clients),
        )

    def _habits(self) -> Habits:
        limit = self.desk.settings.rate_limit
        return Habits(
            self._people()[0],
            self.settings.sync_notes,
            edits=self.settings.omnidesk_edits,
            archive_refuses=not self.panel.options.archived_takes_messages,
            required=bool(self.desk.settings.required_at_closing),
            small=limit is not None and limit < 100,
            assignee=self.settings.sync_assignee,
            priority=self.settings.sync_priority is not None,
            takes_nobody=self.desk.settings.takes_nobody,
        )

    def now(self) -> float:
        """The moment by a clock that is right."""
        return self.clock() - self.host_ahead

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
        with self._room():
            fuse = self._burnt(what)
            if fuse is None or fuse.how == "meanwhile":
                return perform()
            if fuse.how == "after":
                perform()
            elif fuse.how == "late" and late:
                with self.turn:
                    self.overdue.append((self.clock() + random.uniform(0.1, SETTLE - 2), perform))
            raise Died(what)

    def _burnt(self, what: str) -> Fuse | None:
        """The fuse if it burns down with this step; what happens meanwhile happens."""
        with self.turn:
            if self.dead:
                raise Died(what)
            fuse = self.fuse
            if fuse is None:
                return None
            fuse.steps -= 1
            if fuse.steps > 0:
                return None
            self.fuse = None
            self.log.append(f"    {fuse.how} {what}")
            if fuse.how == "meanwhile":
                assert fuse.act is not None
                fuse.act()
            else:
                self.dead = True
            return fuse

    @contextmanager
    def _room(self) -> Iterator[None]:
        """What is outside of the module has room on the disk, whatever its other threads do."""
        with self.turn:
            self._in_room += 1
            if self.disk_full and self._in_room == 1:
                set_full(False)
        try:
            yield
        finally:
            with self.turn:
                self._in_room -= 1
                if self.disk_full and self.working and not self._in_room:
                    set_full(True)

    def pass_time(self, seconds: float) -> None:
        """Time passes, and with it comes what was still under way when its caller died."""
        with self.turn:
            self._pass_time(seconds)

    def _pass_time(self, seconds: float) -> None:
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

    def _mgrctl(self, arguments: Sequence[str], variables: Mapping[str, str], timeout: float) -> Ran:
        with self.turn:
            return self._run_mgrctl(arguments, variables, timeout)

    def _run_mgrctl(self, arguments: Sequence[str], variables: Mapping[str, str], timeout: float) -> Ran:
        self.pass_time(self.call_seconds)
        shown = " ".join(part for part in arguments[2:] if "message=" not in part)
        ran = self.step(f"mgrctl {shown[:80]}", lambda: super(Stage, self)._mgrctl(arguments, variables, timeout))
        if arguments[2] != "whoami":
            self._refused_here(ran)
        return ran

    def _refused_here(self, ran: Ran) -> None:
        error = _ERROR.search(ran.out)
        if error is not None and error[1].decode() not in _FOR_NOW:
            request = self.panel.requests[-1]
            params = request.params
            text = params.get("note_message") or params.get("message") or ""
            ticket = int(params.get("plid") or params.get("elid") or 0)
            self.history.acts.append(Refused(self.now(), "B", text, ticket))
            if self.places is not None and request.func == "support_tool_responsible":
                self.places.refused.add(ticket)

    def refused_there(self, body: bytes | str | None) -> None:
        """Omnidesk said no to what this call was to write."""
        try:
            given = json.loads(body or "")
        except ValueError:
            return
        for value in given.values():
            text = str(value.get("content") or texts.read(str(value.get("content_html") or "")))
            self.history.acts.append(Refused(self.now(), "O", text))

    def run_pass(self, *, force: bool = False, **options: Any) -> Report:
        """One pass; a worker that dies in it is followed by another one some time later.

        Polls and scans come at the module's own pace; ``force``: in this pass, too.
        """
        self.tick()
        began, before = self.now(), len(self.desk.calls)
        self.met["disk full"] += self.disk_full
        try:
            with disk(self.disk_full), self.sql.met_by(self.context.db), self._work():
                report = Pass(self.context, self.locks, **options).run(force=force, wait=True)
            if report.replies and self.context.gate.budget().plentiful:
                self.context.state.remove("poll_done")  # as the worker does, which may die of it too
        except Died:
            self.restart()
            return Report()
        polls = [one for one in self.desk.calls[before:] if f"{one.method} {one.path}" == POLL]
        if report.paused is None and any(one.status == 200 and not one.fault for one in polls):
            self.history.acts.append(Polled(began, self.now()))
        return report

    @contextmanager
    def _work(self) -> Iterator[None]:
        self.working = True
        try:
            yield
        finally:
            self.working = False

    def restart(self, **settings: Any) -> None:
        """Another worker; one that died is waited for in all its threads."""
        for one in threading.enumerate():
            if one.name.startswith("lane-"):
                one.join()
        self.dead = False
        super().restart(**settings)

    # Events

    def _event(self, event: Event) -> None:
        if event.stage != "final" or not self.panel.event_system.plugins.for_event(event.func, event.stage):
            return
        if self.event_mode != "lost":
            for name, fields in event_records(event).items():
                for _ in range(2 if self.event_mode == "doubled" else 1):
                    self._put(name, fields)

    def receive_webhook(self, body: bytes, content_type: str) -> None:
        fields = webhook_body.read(body, content_type)
        if "case" in fields:
            self._put(f"case-{fields['case']}", fields)

    def _put(self, name: str, fields: dict[str, str]) -> None:
        """What a hook does; with a full disk it says that it could not, and the sender does not try again."""
        try:
            with disk(self.disk_full):
                self._leave(name, fields)
        except OSError as refused:
            assert self.disk_full, refused
            self.met["disk full"] += 1
            self.log.append(f"{self.clock():.2f}     the event {name} is lost: {refused.strerror}")
