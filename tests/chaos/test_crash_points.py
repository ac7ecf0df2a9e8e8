"""A fixed selection of what ``make chaos`` does, and tests of its own parts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from omnidesk.sync.actions import Action
from tests.chaos.play import telling
from tests.chaos.run import JUDGED_ELSEWHERE, sample
from tests.chaos.stories import STORIES
from tests.support.amount import ALL

REPOSITORY = Path(__file__).resolve().parents[2]


# Half of the actions; TESTS_AMOUNT=all plays every story, and then every action is used.
CHOSEN = ("case_trashed", "everything_at_once", "doubtful_message", "hook_webhook")
PLAYED = tuple(STORIES) if ALL else CHOSEN


def test_deaths_around_the_calls_of_stories_lose_and_double_nothing() -> None:
    """Each story is played, and its run dies in the middle of its calls."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--sample", "1", "--only", ",".join(PLAYED)],
        cwd=REPOSITORY,
        env={"PATH": "/usr/bin:/bin:/usr/sbin", "PYTHONPATH": f"{REPOSITORY}/lib:{REPOSITORY}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    figures = dict(re.findall(r"^(\w[\w ]*?)  +(\d+)", run.stdout, re.MULTILINE))
    assert int(figures["stories"]) == len(PLAYED)
    actions = len({one.__name__ for one in Action.__subclasses__()} - JUDGED_ELSEWHERE)
    assert int(figures["actions used"]) == actions or (not ALL and int(figures["actions used"]) >= 10)
    assert int(figures["deaths played"]) >= len(PLAYED)
    assert int(figures["violations"]) == 0


def test_points_behind_mere_reading_are_left_out() -> None:
    points = [
        "sql sent SELECT 1",
        "sql answered",
        "sql sent UPDATE x SET y = 1",
        "sql answered",
        "http sent 80 GET /api/cases.json",
        "http answered 80",
        "http sent 80 POST /api/cases.json",
        "http answered 80",
        "started mgrctl -m billmgr ticket.file",
        "returned mgrctl",
        "started mgrctl -m billmgr ticket.edit",
        "returned mgrctl",
        "fsync 3: before",
        "fsync 3: done",
        "sql sent SELECT GET_LOCK('x', 30)",
        "sql answered",
    ]
    assert telling(points) == [3, 4, 7, 8, 11, 12, 13, 14, 15, 16]
    assert sample(points, telling(points), 2) == [8, 12]


_ENDLESS = """
import socket, subprocess, sys
sys.path.insert(0, {repository!r})
from tests.chaos.killer import Killer, watch_timeouts
watch_timeouts(Killer(0, {trace!r}))
server = socket.create_server(("127.0.0.1", 0))
patient = socket.create_connection(server.getsockname())
timed = socket.create_connection(server.getsockname(), timeout=5)
patient.sendall(b"x")
timed.sendall(b"x")
subprocess.run(["sleep", "0.2"], timeout=5, check=True)
subprocess.run(["sleep", "0.2"], check=True)
"""


def test_a_call_without_a_timeout_is_noticed(tmp_path: Path) -> None:
    """Each story fails when the module waits for a neighbour without an end."""
    trace = tmp_path / "trace"
    script = _ENDLESS.format(repository=str(REPOSITORY), trace=str(trace))
    subprocess.run([sys.executable, "-c", script], check=True)
    noted = [line.split(" ", 2)[2] for line in trace.read_text().splitlines()]
    assert noted[0] == "no timeout: connect of a socket of family AF_INET"
    assert noted[1] == "no timeout: sendall of a socket of family AF_INET"
    assert set(noted[2:]) == {"no timeout: a run of sleep"}
