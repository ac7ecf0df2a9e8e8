"""The module's process dies in the middle: at any write into its tables, any API call, any call of the panel."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest import mock

import requests

from omnidesk.billmanager.program import Ran
from omnidesk.core.database import Database
from omnidesk.core.tables import STATE
from tests.support.amount import ALL, spread
from tests.support.workshop import Workshop

Done = TypeVar("Done")
MOST_POINTS = 7  # of a run that has more effects


class Crash(BaseException):
    """The process is gone; no handler of the module may see it as one of its failures."""


class Crasher:
    """Counts the effects of a run, and dies right after the one it was told (which is right before the next)."""

    def __init__(self, workshop: Workshop, at: int = 0) -> None:
        self.workshop = workshop
        self.at = at
        self.effects: list[str] = []

    @contextmanager
    def armed(self) -> Iterator[None]:
        """While this lasts, effects count."""
        run_sql, send = Database._run, self.workshop.adapter.send
        mgrctl = self.workshop._mgrctl

        def sql(database: Database, text: str, values: Sequence[Any]) -> Any:
            # Cursors and caches of the state table are only hints; what they say is found out again.
            if text.lstrip().startswith(("SELECT", "SET", "START", "ROLLBACK")) or STATE in text:
                return run_sql(database, text, values)
            return self._effect(f"sql {text[:60]}", lambda: run_sql(database, text, values))

        def http(request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
            name = f"{request.method} {request.path_url}"
            if request.method == "GET":
                return send(request, *args, **options)
            return self._effect(name, lambda: send(request, *args, **options))

        def panel(arguments: Sequence[str], variables: Mapping[str, str], timeout: float) -> Ran:
            if arguments[2] == "whoami":
                return mgrctl(arguments, variables, timeout)
            return self._effect(f"mgrctl {arguments[2]}", lambda: mgrctl(arguments, variables, timeout))

        with (
            mock.patch.object(Database, "_run", sql),
            mock.patch.object(self.workshop.adapter, "send", http),
            mock.patch.object(self.workshop, "_mgrctl", panel),
        ):
            self.workshop.context.__dict__.pop("panel", None)  # it has taken mgrctl already
            self.workshop.context.dependencies.run_mgrctl = self.workshop._mgrctl
            yield
        self.workshop.context.dependencies.run_mgrctl = self.workshop._mgrctl

    def _effect(self, name: str, act: Callable[[], Done]) -> Done:
        self.effects.append(name)
        mine = len(self.effects) == self.at
        done = act()
        if mine:
            raise Crash(f"after {name}")
        return done


class Crashes:
    """The effects of a run after which it dies, one after the other; 0 first: a run that lives and shows them all.

    Each call of mgrctl or of Omnidesk is one, and so are as many writes as there is room for: first those that are
    unlike the ones before. With ``TESTS_AMOUNT=all``, or for ``each`` of them, no effect is left out.
    """

    def __init__(self, *, each: bool = False) -> None:
        self.each = each
        self.effects: list[str] = []

    def __iter__(self) -> Iterator[int]:
        yield 0
        yield from range(1, len(self.effects) + 1) if self.each or ALL else self._chosen()

    def _chosen(self) -> list[int]:
        firsts: dict[str, int] = {}
        for at, effect in enumerate(self.effects, start=1):
            firsts.setdefault(re.sub(r"\d+", "0", effect), at)
        calls = [at for effect, at in firsts.items() if not effect.startswith("sql")]
        writes = [at for effect, at in firsts.items() if effect.startswith("sql")]
        calls = spread(calls, MOST_POINTS - 3)
        return sorted({*calls, *spread(writes, MOST_POINTS - len(calls))})

    def run(self, workshop: Workshop, at: int) -> str:
        """A pass that dies right after this effect, then a new process; what it died at, "" when it lived."""
        crasher = Crasher(workshop, at)
        died = ""
        try:
            with crasher.armed():
                workshop.run_pass()
        except Crash as what:
            died = str(what)
        workshop.restart()
        assert bool(died) == bool(at), f"the run has fewer than {at} effects: {crasher.effects}"
        if not at:
            self.effects = crasher.effects
        return died
