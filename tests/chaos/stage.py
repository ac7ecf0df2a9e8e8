"""A world in which time stands still until something happens, people who act in it, and a record of what they said."""

from __future__ import annotations

import copy
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sandbox.omnidesk.webhooks import post_over_http
from sandbox.world import World
from tests.chaos.links import Links
from tests.chaos.runner import Run, Runner
from tests.chaos.snapshot import Snapshot
from tests.judge.history import Habits, History, Opened, Person
from tests.judge.look import Watch

START = 1_780_000_020.0  # a whole minute
INSURANCE = 700.0  # beyond the ten minutes after which the module looks behind its own writes
SYNC = ("--command", "sync")


class Clock:
    """Unix seconds for Omnidesk, the panel's database and the module."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


@dataclass
class Script:
    """What has happened so far and what is expected of it; belongs to a snapshot."""

    history: History
    opened: list[Opened] = field(default_factory=list)
    statuses: dict[int, tuple[str, str]] = field(default_factory=dict)  # ticket -> both states wanted, "" for any
    places: dict[int, tuple[int, int]] = field(default_factory=dict)  # ticket -> department and group wanted
    clock: float = START


class Stage:
    """One world for any number of stories and deaths; a context manager."""

    def __init__(self, folder: Path | None = None, lanes: int = 1) -> None:
        self.clock = Clock()
        self.all_actions: list[str] = []  # of every run there was
        self._world = World(
            folder,
            clock=self.clock,
            priority_column="priority",
            priority_values="enum",
            note_files="column",
            settings={"SettleSeconds": "0", "LingerSeconds": "0", "PollSeconds": "60", "Lanes": str(lanes)},
        )

    def __enter__(self) -> Stage:
        self.world = self._world.__enter__()
        try:
            self._begin()
        except BaseException:
            self._world.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *given: Any) -> None:
        self.runner.close()
        self._free_worker_lock()
        self._world.__exit__(*given)

    def _begin(self) -> None:
        world = self.world
        self.panel, self.desk = world.panel, world.omnidesk
        connect = world.mariadb.connect

        def clocked(database: str | None = None, **options: Any) -> Any:
            connection = connect(database, **options)
            with connection.cursor() as cursor:
                cursor.execute("SET SESSION timestamp = %s", (self.clock.now,))
            return connection

        world.mariadb.connect = clocked  # type: ignore[method-assign]
        self.desk.on_call(lambda call: self.tick(0.05))
        self.desk.webhooks.hold()
        self.runner = Runner(world)
        self.links = Links(world)
        self.watch = Watch(self.panel, self.desk)
        self.script = Script(self._history())
        self._lock = -1
        self.events: list[str] = []
        self.hold_worker_lock()
        self._link_fields()
        self._options = replace(self.panel.options)
        self._origin = Snapshot(world, "origin")
        self._origin.take()
        self._prepared = Snapshot(world, "prepared")
        self._kept = copy.deepcopy(self.script)

    def _history(self) -> History:
        """One in which nothing has been done."""
        world, panel = self.world, self.panel
        names = {int(row["id"]): str(row["realname"]) for row in panel.query("SELECT id, realname FROM user")}
        staff = self.desk.staff
        integration = Person(names[world.integration], world.integration, self.desk.integration.staff_id)
        people = (
            integration,
            Person(names[world.anna], world.anna, world.anna_staff),
            Person(names[world.boris], world.boris),
            Person(staff[world.vera_staff].name, 0, world.vera_staff),
            *(Person(names[user], user, 0, one.account) for one in (world.ivan, world.petra) for user in one.users),
        )
        return History(people, Habits(integration))

    def _link_fields(self) -> None:
        """One custom field of the case, one of the client."""
        case_field = self.desk.add_field("Тема", "text")
        user_field = self.desk.add_field("Телефон", "text", "user")
        links = [
            {"field": case_field.key, "value": "ticket_subject"},
            {"field": user_field.key, "value": "user_phone"},
        ]
        path = self.world.root / "etc" / "omnidesk" / "custom_fields.json"
        path.write_text(json.dumps(links), encoding="utf-8")

    # States

    def begin(self) -> None:
        """A new story: the world as it was made, the module installed and never run."""
        self._origin.restore()
        self.panel.options = replace(self._options)
        self.script = Script(self._history())
        self.clock.now = START
        self.hold_worker_lock()
        self.runner.put_back_executables()
        self.world.write_settings()

    def keep(self) -> None:
        """What is now is where :meth:`again` goes back to."""
        self.script.clock = self.clock.now
        self._kept = copy.deepcopy(self.script)
        self._prepared.take()

    def again(self) -> None:
        """Back to what was kept."""
        self._prepared.restore()
        self.script = copy.deepcopy(self._kept)
        self.clock.now = self.script.clock
        self.hold_worker_lock()

    def tick(self, seconds: float = 1.0) -> None:
        """Let time pass."""
        self.clock.now += seconds

    # The worker's lock: while the stage has it, hooks start nobody.

    def hold_worker_lock(self) -> None:
        """Hooks leave the work to runs of the stage."""
        if self._lock < 0:
            path = self.world.root / "var" / "omnidesk" / "worker.lock"
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def _free_worker_lock(self) -> None:
        """Hooks start workers."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    # Runs

    def run(self, arguments: tuple[str, ...] = SYNC, at: int = 0) -> Run:
        """One run of the module that may die."""
        self.tick()
        if "--no-wait" in arguments:
            done = self._serve(arguments, at)
        else:
            done = self.runner.run(list(arguments), self.clock.now, at)
            self.all_actions += done.actions
        assert not done.endless, f"calls without a timeout: {done.endless}"
        self.tick()
        return done

    def _serve(self, arguments: tuple[str, ...], at: int) -> Run:
        """A run that is the worker; the panel's handlers may start another when it has died."""
        with self.hooks_start_workers():
            done = self.runner.run(list(arguments), self.clock.now, at)
        self.all_actions += done.actions
        return done

    @contextmanager
    def hooks_start_workers(self, hook: str = "", at: int = 0) -> Iterator[None]:
        """While this lasts they do (and those named die at a point); at the end their workers are waited for."""
        self.runner.arm(hook, self.clock.now, at)
        self._free_worker_lock()
        try:
            yield
        finally:
            self.events, actions = self.runner.disarmed(hook)
            self.all_actions += actions
            self.hold_worker_lock()
            self.runner.arm("", self.clock.now)

    def clean(self) -> Run:
        """One run that nothing happens to."""
        done = self.run()
        assert done.code == 0, f"sync failed ({done.code}): {done.output}"
        return done

    def webhooks(self) -> int:
        """Bring what is due to the hook; how many."""
        hooks = self.desk.webhooks
        hooks.release()
        try:
            return hooks.deliver(post_over_http(10.0))
        finally:
            hooks.hold()

    def settle(self) -> Run:
        """Webhooks, runs, and as much time as retries want, until nothing is left to do; the last run."""
        for _ in range(40):
            self.webhooks()
            done = self.clean()
            due = self.links.next_due()
            if due:
                self.tick(max(0.0, due - self.clock.now) + 0.1)
            elif not self.desk.webhooks.pending() and not self.links.spooled():
                return done
        raise AssertionError(f"it does not come to rest: {self.links.left_over()}")

    def links_due(self) -> float:
        """When the next ticket comes due; 0.0 when none does or there are no tables yet."""
        return self.links.next_due() if self.links.made() else 0.0

    def rest(self) -> None:
        """Until nothing is left to do, and once more behind the time after which the module looks again by itself."""
        self.settle()
        self.tick(INSURANCE)
        self.settle()
