"""What the module costs in a large installation, with nothing to do: SQL, rows, statements, calls and memory of a pass.

``make bench SIZE="--tickets 10000,100000,1000000"``: a panel with so many tickets, ten times as many messages and a
fifth of the tickets open, all of them linked, in a private MariaDB; about 6 GB of disk for a million. Each line is one
size; the last column is the time from a client's click to the case. The table of docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from omnidesk.context import Context
from omnidesk.core import settings
from omnidesk.core.locks import TicketLocks
from omnidesk.core.paths import Paths
from omnidesk.worker.audit import WALKS
from omnidesk.worker.one_pass import Pass
from sandbox.watch import Watch
from sandbox.world import World
from tests.support.large_panel import Filler
from tests.support.statements import Recorder, rows_read

SIZES = (10_000, 100_000)
WARM, MEASURED = 3, 8
POOL = 2 << 30  # bytes: what a panel's server of this size has


@dataclass
class Idle:
    """Passes with nothing to do: seconds of SQL, statements and rows of each; ``last``: (seconds, SQL) of the last."""

    seconds: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    last: list[tuple[float, str]] = field(default_factory=list)


def passes(world: World, walks: Mapping[str, int]) -> Idle:
    """Make idle passes, after some that are not measured."""
    paths = Paths(str(world.root))
    context = Context(paths, settings.load(paths.settings))
    context.prepare()
    context.state.put(WALKS, {name: {"size": size} for name, size in walks.items()})  # the first walk is over
    locks, found = TicketLocks(paths.ticket_locks), Idle()
    for number in range(WARM + MEASURED):
        context.state.put("scan_done", 0)  # a minute has gone by
        world.panel.execute("UPDATE omnidesk_state SET updated_at = updated_at - 60 WHERE name LIKE '%%\\_done'")
        before = rows_read(context.db)
        recorder = Recorder(context.db)
        Pass(context, locks).run(force=True)
        context.queue.next_due()
        recorder.stop()
        if number >= WARM:
            found.seconds.append(sum(recorder.seconds))
            found.statements.append(len(recorder.statements))
            found.rows.append(rows_read(context.db) - before)
        sent = (" ".join(sql.split()) for sql, _ in recorder.statements)
        found.last = list(zip(recorder.seconds, sent, strict=True))
    locks.close()
    context.close()
    return found


def memory(world: World) -> float:
    """Megabytes that a process of its own needs for one pass."""
    child = os.posix_spawn(
        world.root / "processing" / "pmomnidesk",
        ["pmomnidesk", "--command", "sync"],
        {"PATH": "/usr/bin:/bin"},
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    return os.wait4(child, 0)[2].ru_maxrss / 1024


def to_the_case(world: World) -> float:
    """Seconds from a client's click to the new case."""
    known = len(world.omnidesk.cases)
    begin = time.perf_counter()
    world.panel.client_creates_ticket(world.ivan.user, "Help", "My site is down")
    Watch(world).until("a case", lambda: len(world.omnidesk.cases) > known, every=0.005)
    return time.perf_counter() - begin


def middle(values: Sequence[float]) -> float:
    """The median."""
    return sorted(values)[len(values) // 2]


def line(tickets: int, folder: Path | None, verbose: int) -> str:
    """One row of the table."""
    with World(folder, settings={"LingerSeconds": "0"}) as world:
        world.sync()  # the module makes its tables and notes where it begins
        world.panel.execute(f"SET GLOBAL innodb_buffer_pool_size = {POOL}")
        filler = Filler(world.panel, world.ivan, world.anna, tickets)
        filler.fill()
        before = len(world.omnidesk.calls)
        idle = passes(world, filler.walks())
        calls = (len(world.omnidesk.calls) - before) / (WARM + MEASURED)
        for seconds, sql in sorted(idle.last, reverse=True)[:verbose]:
            print(f"  {seconds * 1000:8.2f} ms  {sql[:150]}")
        used, clicks = memory(world), [to_the_case(world) for _ in range(3)]
    cells = (
        f"{tickets:,}",
        f"{middle(idle.seconds) * 1000:.1f}",
        f"{max(idle.seconds) * 1000:.1f}",
        f"{middle(idle.statements):.0f}",
        f"{middle(idle.rows):.0f}",
        f"{calls:.1f}",
        f"{used:.0f}",
        f"{middle(clicks):.2f}",
    )
    return f"| {' | '.join(cells)} |"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tickets", default=",".join(map(str, SIZES)))
    parser.add_argument("--folder", type=Path, help="where the tables go; a temporary folder by default")
    parser.add_argument("--slowest", type=int, default=0, help="print so many of the slowest statements of a pass")
    given = parser.parse_args()
    print("| tickets | SQL, ms (median) | (most) | statements | rows read | API calls | MB | click to case, s |")
    print("|---|---|---|---|---|---|---|---|")
    for tickets in map(int, given.tickets.split(",")):
        print(line(tickets, given.folder, given.slowest), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
