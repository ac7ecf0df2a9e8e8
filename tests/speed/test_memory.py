"""Memory stays flat however much there is to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from sandbox.mariadb import MariaDB
from tests.support.workshop import Workshop

# A process of the module that scans and carries over everything there is, and says how much memory it took at most.
CHILD = """
import json, sys
from pathlib import Path
from omnidesk.context import Context
from omnidesk.core.locks import TicketLocks
from omnidesk.core.paths import Paths
from omnidesk.worker.one_pass import Pass
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.settings import Secret, Settings
from sandbox.omnidesk.adapter import OmnideskAdapter
from tests.speed.quiet_desk import QuietDesk
from tests.support.clock import Clock

def peak():  # not ru_maxrss: it begins with what the parent had
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))


root = sys.argv[1]
desk = QuietDesk()
settings = Settings(desk.base_url, "integration@example.com", Secret(desk.api_key), desk.channel, Secret("secret-777"),
                    settle_seconds=0, formatting=False)  # what Markdown costs is not the point
paths = Paths(root)
context = Context(paths, settings, Dependencies(clock=desk.clock, adapter=desk.adapter()))
context.prepare()
context.state.put("scan_marks", [[0.0, 0, 0, 0]])
locks = TicketLocks(paths.ticket_locks)
warm = Pass(context, locks, stopping=lambda: desk.posted >= 40)
warm.run(force=True)
before = peak()
report = Pass(context, locks).run(force=True)
after = peak()
print(json.dumps({"before": before, "after": after, "posted": desk.posted, "paused": str(report.paused)}))
"""


def carried(workshop: Workshop, messages: int) -> dict[str, int]:
    """The child's words after it has carried over so many new messages of a few tickets."""
    tickets = [workshop.new_ticket(f"Запрос {number}") for number in range(10)]
    text = "x" * 60_000
    with workshop.mariadb.connect(workshop.panel.schema.database) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ticket_message (ticket, user, message, date_post)"
            f" SELECT {tickets[0]} + MOD(seq, 10), %s, CONCAT(seq, %s), NOW() FROM seq_1_to_{messages}",
            (workshop.ivan.user, text),
        )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)  # without the tables of what was covered
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(workshop.root)],
        capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    assert found["posted"] >= messages, found
    return found


def test_memory_does_not_grow_with_the_work(mariadb: MariaDB, tmp_path: Path) -> None:
    """Ten times as many new messages (16 MB of texts) take no more memory: they are read in batches and let go."""
    peaks = {}
    for messages in (30, 300):
        workshop = Workshop(mariadb, tmp_path / str(messages))
        peaks[messages] = carried(workshop, messages)["after"]
        workshop.close()
    assert peaks[300] - peaks[30] < 8 * 1024, f"KiB at most: {peaks}"
