"""Trouble beyond that of :class:`Play`: every kind of refusal, outages that last, floods of webhooks, wrong clocks."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from tests.stateful.injectors import set_zone
from tests.stateful.play import Play
from tests.stateful.stage import SETTLE

DAY = 86400.0
BURST = 1000
ZONES = (("+0300", None), ("+0000", "UTC"), ("-0500", "America/New_York"), ("+0545", "Asia/Kathmandu"))
Script = Callable[[Any], None]  # adds a fault to the account's or the panel's switches

# One call or a few meet it; ``on`` decides which. The names are those of the figures.
API: dict[str, Callable[[Any, Any, int | None], None]] = {
    "connection dropped before": lambda faults, on, times: faults.drop_before(on, times),
    "connection dropped after": lambda faults, on, times: faults.drop_after(on, times),
    "500 JSON": lambda faults, on, times: faults.server_error(500, False, on=on, times=times),
    "500 HTML, carried out": lambda faults, on, times: faults.server_error(500, True, True, on=on, times=times),
    "502 HTML": lambda faults, on, times: faults.server_error(502, on=on, times=times),
    "502 JSON, carried out": lambda faults, on, times: faults.server_error(502, False, True, on=on, times=times),
    "503 HTML": lambda faults, on, times: faults.server_error(503, on=on, times=times),
    "503 JSON": lambda faults, on, times: faults.server_error(503, False, on=on, times=times),
    "429 with retry_after": lambda faults, on, times: faults.rate_limited(30, on, times),
    "429 without retry_after": lambda faults, on, times: faults.rate_limited(None, on, times),
    "not JSON, carried out": lambda faults, on, times: faults.not_json(True, on=on, times=times),
    "not JSON": lambda faults, on, times: faults.not_json(False, on=on, times=times),
    "cut off": lambda faults, on, times: faults.truncated(False, on, times),
    "half a body": lambda faults, on, times: faults.truncated(True, on, times),
    "no body": lambda faults, on, times: faults.answer(200, "", committed=True, on=on, times=times),
    "hangs": lambda faults, on, times: faults.hang("never", on, times),
    "hangs, carried out": lambda faults, on, times: faults.hang("first", on, times),
    "403 login": lambda faults, on, times: faults.answer(403, "", on=on, times=times),
}
PANEL: dict[str, Callable[[Any, Any, int | None], Any]] = {
    "panel restarting": lambda faults, on, times: faults.refuse(on, times),
    "panel deadlock": lambda faults, on, times: faults.fail("db", "1213", "deadlock", on, times),
    "panel read-only": lambda faults, on, times: faults.fail("db", "1290", "read-only", on, times),
    "panel refuses a value": lambda faults, on, times: faults.fail("value", "message", "x", on, times),
    "su denied": lambda faults, on, times: faults.fail("access", "su", "x", on, times),
    "panel request lost": lambda faults, on, times: faults.lose_request(on, times),
    "panel dies after commit": lambda faults, on, times: faults.die_after_commit(on, times),
    "panel dies without events": lambda faults, on, times: faults.die_after_commit(on, times, False),
}
SQL = ("killed", "lost", "deadlock", "lock_wait")
WHERE = ("any", "write", "inside")
LASTING_API = ("503 HTML", "429 without retry_after", "hangs", "403 login", "not JSON", "connection dropped before")
LASTING_PANEL = ("panel restarting", "panel request lost", "panel read-only", "su denied")
LASTING = (*LASTING_API, *LASTING_PANEL, "unreachable", "key revoked", "too many connections",
           "database read-only", "disk full")  # fmt: skip


@dataclass
class Troubles:
    """What is wrong in a play; ``set`` counts by kind what was arranged, ``stage.met`` what the module met."""

    play: Play
    set: Counter[str] = field(default_factory=Counter)

    def _begin(self, kind: str, words: str = "", *, met: bool = False) -> None:
        self.play.disturbed(kind)
        self.set[kind] += 1
        self.play.stage.met[kind] += met
        self.play.tell(f"trouble: {kind} {words}")

    def _on(self, kind: str, skip: int, times: int, *, panel: bool = False) -> Callable[[Any], bool]:
        """Whether a call is one that meets the fault: ``times`` of them after ``skip`` others (0: all)."""
        seen = 0

        def on(request: Any) -> bool:
            nonlocal seen
            if panel and (request.via != "mgrctl" or (kind == "su denied" and "su" not in request.params)):
                return False
            seen += 1
            hit = skip < seen and (not times or seen <= skip + times)
            self.play.stage.met[kind] += hit
            return hit

        return on

    def call(self, kind: str, skip: int, times: int = 1) -> None:
        """Some of the module's calls to either product meet a fault."""
        self._begin(kind, f"after {skip} calls, {times or 'all'}")
        stage = self.play.stage
        if kind in API:
            API[kind](stage.desk.faults, self._on(kind, skip, times), None)
        else:
            PANEL[kind](stage.panel.faults, self._on(kind, skip, times, panel=True), None)

    def sql(self, kind: str, where: str, skip: int) -> None:
        """One statement of the module meets a fault."""
        self._begin(f"sql {kind}", f"{where} after {skip}")
        self.play.stage.sql.shoot(kind, where, skip)

    # What lasts

    def begin(self, kind: str) -> None:
        """An outage that lasts until :meth:`end`."""
        stage, desk = self.play.stage, self.play.stage.desk
        if kind in LASTING_API or kind in LASTING_PANEL:
            self.call(kind, 0, 0)
            return
        self._begin(kind)
        if kind == "unreachable":
            desk.faults.unreachable = True
        elif kind == "key revoked":
            desk.faults.key_revoked = True
        elif kind == "disk full":
            stage.disk_full = True
        else:
            stage.sql.refusing = kind == "too many connections"
            stage.sql.read_only = kind == "database read-only"

    def end(self) -> None:
        """Every fault of the neighbours and the disk is over."""
        stage = self.play.stage
        stage.desk.faults.clear()
        stage.panel.faults.clear()
        stage.sql.clear()
        stage.disk_full = False
        self.play.tell("the outage is over")

    # Webhooks

    def burst(self, number: int, unknown: int) -> None:
        """A thousand webhooks at once, most for one case, the others for cases nobody knows: one look for each."""
        stage = self.play.stage
        case = self.play.case(number)
        self._begin("webhook burst", f"case {case}", met=True)
        before = len(stage.spooled())
        with quick_disk():
            for at in range(BURST):
                self._receive(case if case and at % 10 else 900_000_000 + at % unknown)
        kept = len(stage.spooled()) - before
        assert stage.disk_full or kept <= unknown + 1, f"a thousand webhooks left {kept} events"
        calls = len(stage.desk.calls)
        self.play.sync(force=False)
        made = [f"{call.method} {call.path}" for call in stage.desk.calls[calls:]]
        assert len(made) < 100, f"a thousand webhooks for {unknown + 1} cases caused {len(made)} calls"
        assert not any("/9000000" in one for one in made), made

    def unknown_cases(self, many: int) -> None:
        """Webhooks for cases that are of no ticket."""
        self._begin("webhooks for unknown cases", str(many), met=True)
        for at in range(many):
            self._receive(900_000_000 + at)

    def _receive(self, case: int) -> None:
        body = json.dumps({"type": "message_new", "object": {"case_id": case, "message_id": 1, "content": "x"}})
        self.play.stage.receive_webhook(body.encode(), "application/json")

    def a_day_late(self, order: str) -> None:
        """What was held back comes after a day."""
        self._begin("webhooks a day late", met=True)
        self.play.time_passes(DAY)
        self.play.late_webhooks(order)

    # Clocks

    def module_clock(self, ahead: float) -> None:
        """The clock of the module's next process is wrong."""
        self._settle()
        self._begin("module's clock jumps", f"{ahead:+.0f} s", met=True)
        self.play.stage.restart_clock(ahead)

    def host_clock(self, seconds: float) -> None:
        """The clock of the panel's host is set forward or back."""
        self._settle()
        self._begin("host's clock jumps", f"{seconds:+.0f} s", met=True)
        self.play.stage.jump(seconds)

    def _settle(self) -> None:
        """No call is under way whose sender is dead when a clock jumps: the time it is given would be over at once."""
        self.play.stage.tick(SETTLE + 1)

    def zones(self, number: int) -> None:
        """The account, the module's process and its database are in another zone from now on."""
        offset, name = ZONES[number % len(ZONES)]
        self._begin("time zone changes", f"{offset} {name}", met=True)
        self.play.stage.desk.utc_offset = offset
        set_zone(name)
        self.play.stage.restart()


@contextmanager
def quick_disk() -> Iterator[None]:
    """No waiting for the disk: nothing here is about power cuts."""
    with mock.patch.object(os, "fsync", lambda descriptor: None):
        yield
