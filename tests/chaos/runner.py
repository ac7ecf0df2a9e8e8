"""Runs of the installed executable as processes that can be told to die, and waiting until nothing is under way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.world import World
from tests.chaos import killer

LIMIT = 120.0  # seconds; only a defect takes so long
_ORIGINAL = ".installed"
DIED = -signal.SIGKILL


@dataclass(frozen=True)
class Run:
    """What became of a run: exit code (:data:`DIED` when it was killed), output, points passed, actions begun, and
    calls that nothing would have ended."""

    code: int
    output: str
    points: tuple[str, ...]
    actions: tuple[str, ...]
    endless: tuple[str, ...] = ()

    @property
    def last(self) -> str:
        """The point it ended at."""
        return self.points[-1] if self.points else ""


@dataclass
class Trace:
    """What processes wrote down: of several the longest list of ``points``; ``notes`` by their kind."""

    points: list[str] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)

    @property
    def actions(self) -> list[str]:
        """The names of the actions begun."""
        return self.notes.get("action", [])


def read_trace(path: Path) -> Trace:
    """The trace in a file; an empty one when there is none."""
    points: dict[str, list[str]] = {}
    trace = Trace()
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        process, number, what = line.split(" ", 2)
        if number == "-":
            kind, _, text = what.partition(": ")
            trace.notes.setdefault(kind, []).append(text)
        else:
            points.setdefault(process, []).append(what)
    trace.points = max(points.values(), key=len, default=[])
    return trace


class Runner:
    """Forks a child for each run from a process that has imported everything."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.trace = world.folder / "chaos.trace"
        self.plan = world.folder / "chaos.plan"
        interpreter = _first_line(world.root / "processing" / "pmomnidesk")
        self._server = subprocess.Popen(
            [*interpreter, killer.__file__, str(world.root / "lib")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=world.root,
            env=environment(),
            text=True,
        )

    def close(self) -> None:
        """End it."""
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait()

    def run(self, arguments: list[str], clock: float, at: int = 0, env: dict[str, str] | None = None) -> Run:
        """Run ``pmomnidesk`` with these arguments; it dies at its ``at``-th point (0: never)."""
        self.trace.unlink(missing_ok=True)
        calls, requests = len(self.world.omnidesk.calls), len(self.world.panel.requests)
        output = self.world.folder / "chaos.output"
        order = {
            "at": at,
            "trace": str(self.trace),
            "clock": clock,
            "executable": str(self._executable()),
            "arguments": arguments,
            "env": {**environment(), **(env or {})},
            "cwd": str(self.world.root),
            "output": str(output),
        }
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        code = json.loads(self._server.stdout.readline())["code"]
        trace = read_trace(self.trace)
        self._await_neighbours(trace.points, calls, requests)
        said = output.read_text(encoding="utf-8", errors="replace")
        endless = tuple(trace.notes.get("no timeout", ()))
        return Run(code, said, tuple(trace.points), tuple(trace.actions), endless)

    def _executable(self) -> Path:
        """The installed one, also while a stand-in is in its place."""
        place = self.world.root / "processing" / "pmomnidesk"
        original = place.with_name(place.name + _ORIGINAL)
        return original if original.exists() else place

    def _await_neighbours(self, points: list[str], calls: int, requests: int) -> None:
        """What was sent takes effect although its sender died: wait until it has."""
        desk, panel = self.world.omnidesk, self.world.panel
        port = f"http sent {self.world.omnidesk_server.url.rpartition(':')[2]} "
        to_desk = sum(point.startswith(port) for point in points)
        to_panel = sum(point.startswith(("started mgrctl", "http sent ")) for point in points) - to_desk

        def settled() -> bool:
            told = panel.requests[requests:]
            return (
                len(desk.calls) - calls >= to_desk
                and all(call.status or call.fault for call in desk.calls[calls:])
                and len(told) >= to_panel
                and all(request.rc is not None for request in told)
                and not self._connections()
            )

        wait_until(settled, "what was sent takes effect")

    def _connections(self) -> int:
        """The database's connections beside this one; a statement of a dead process runs as long as its has not ended.

        (Not by the list of processes: MariaDB 10.11 was seen to crash when that is read while connections end.)
        """
        with self.world.mariadb.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SHOW GLOBAL STATUS LIKE 'Threads_connected'")
            row = cursor.fetchone()
            assert row is not None
            return int(row[1]) - 1

    # Executables that others start

    def replace_executables(self) -> None:
        """Put stand-ins in the places of the three executables; what they stand for lies beside them."""
        for name in ("addon/omnidesk", "cgi/omnidesk_webhook", "processing/pmomnidesk"):
            path = self.world.root / name
            original = path.with_name(path.name + _ORIGINAL)
            if original.exists():
                continue
            path.rename(original)
            text = (
                f"#!{' '.join(_first_line(original))}\n"
                f"source = {killer.__file__!r}\n"
                'names = {"__name__": "killer", "__file__": source}\n'
                'exec(compile(open(source, encoding="utf-8").read(), source, "exec"), names)\n'
                f'names["stand_in"]({str(original)!r}, {str(self.plan)!r})\n'
            )
            path.write_text(text, encoding="utf-8")
            path.chmod(0o755)

    def put_back_executables(self) -> None:
        """The installed ones again."""
        for original in self.world.root.glob(f"*/*{_ORIGINAL}"):
            original.replace(original.with_suffix(""))

    def arm(self, name: str, clock: float, at: int = 0) -> None:
        """From now on stand-ins of the folder ``name`` die at their ``at``-th point."""
        for old in self.world.folder.glob("chaos.trace*"):
            old.unlink()
        plan = {"at": at, "trace": str(self.trace), "name": name, "clock": clock, "lib": str(self.world.root / "lib")}
        self.plan.write_text(json.dumps(plan), encoding="utf-8")

    def disarmed(self, name: str) -> tuple[list[str], list[str]]:
        """(points of the stand-ins of ``name``, actions of the workers they started), once those have ended."""
        wait_until(lambda: not self.world.workers(), "the workers that hooks started end")
        points = read_trace(self.trace.with_name(f"{self.trace.name}.{name}")).points
        return points, read_trace(self.trace.with_name(f"{self.trace.name}.processing")).actions


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Look again and again at what announces itself to nobody: other processes."""
    deadline = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {LIMIT:.0f} s in vain: {what}")
        time.sleep(0.002)


def _first_line(script: Path) -> list[str]:
    with open(script, encoding="utf-8") as file:
        return file.readline().removeprefix("#!").split()


def environment() -> dict[str, str]:
    """This process's environment without what would tell the module of another panel or call."""
    foreign = ("PARAM_", "HTTP_", "AUTH_", "MGR5_", "OMNIDESK_", "COV_", "COVERAGE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
