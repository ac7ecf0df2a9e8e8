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
from pathlib import Path
from typing import Any

from omnidesk.context import Context
from omnidesk.core import settings
from omnidesk.core.locks import TicketLocks
from omnidesk.core.paths import Paths
from omnidesk.worker.audit import WALKS
from omnidesk.worker.one_pass import Pass
from sandbox.watch import Watch
from sandbox.world import World
from tests.support.large_panel import Filler

SIZES = (10_000, 100_000)
WARM, MEASURED = 3, 8
POOL = 2 << 30  # bytes: what a panel's server of this size has


class Meter:
    """Counts what a context's connection does."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.seconds = 0.0
        self.statements: list[tuple[float, str]] = []
        run = context.db._run

        def timed(sql: str, values: Sequence[Any]) -> tuple[list[dict[str, Any]], int, int]:
            begin = time.perf_counter()
            try:
                return run(sql, values)
            finally:
                self.statements.append((time.perf_counter() - begin, " ".join(sql.split())))

        context.db._run = timed  # type: ignore[method-assign]

    def rows_read(self) -> int:
        """Rows and index entries that the server has read for this connection so far."""
        found = self.context.db.rows("SHOW SESSION STATUS LIKE 'Handler_read%'")
        return sum(int(next(value for name, value in row.items() if name != "Variable_name")) for row in found)


def passes(world: World, walks: Mapping[str, int]) -> tuple[Meter, list[float], list[int], list[int]]:
    """Idle passes, one per measure: seconds of SQL, statements, rows."""
    paths = Paths(str(world.root))
    context = Context(paths, settings.load(paths.settings))
    context.prepare()
    context.state.put(WALKS, {name: {"size": size} for name, size in walks.items()})  # the first walk is over
    locks = TicketLocks(paths.ticket_locks)
    meter = Meter(context)
    times, counts, rows = [], [], []
    for number in range(WARM + MEASURED):
        context.state.put("scan_done", 0)  # a minute has gone by
        world.panel.execute("UPDATE omnidesk_state SET updated_at = updated_at - 60 WHERE name LIKE '%%\\_done'")
        before = meter.rows_read()
        meter.statements.clear()
        Pass(context, locks).run(force=True)
        context.queue.next_due()
        if number >= WARM:
            times.append(sum(seconds for seconds, _ in meter.statements))
            counts.append(len(meter.statements))
            rows.append(meter.rows_read() - before)
        last = list(meter.statements)
    meter.statements = last
    locks.close()
    context.close()
    return meter, times, counts, rows


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
        meter, times, counts, rows = passes(world, filler.walks())
        calls = (len(world.omnidesk.calls) - before) / (WARM + MEASURED)
        for seconds, sql in sorted(meter.statements, reverse=True)[:verbose]:
            print(f"  {seconds * 1000:8.2f} ms  {sql[:150]}")
        used, clicks = memory(world), [to_the_case(world) for _ in range(3)]
    return (
        f"| {tickets:,} | {middle(times) * 1000:.1f} | {max(times) * 1000:.1f} | {middle(counts):.0f}"
        f" | {middle(rows):.0f} | {calls:.1f} | {used:.0f} | {middle(clicks):.2f} |"
    )


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
