"""The import as an administrator starts it: the installed program, a terminal, a panel with a past."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from lxml import etree

from sandbox.omnidesk.settings import Settings
from sandbox.world import World

TICKETS = 6


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A panel with tickets of last year, into which the module comes now."""
    with World(events=False, omnidesk=Settings(rate_limit=60), settings={"Language": "en"}) as world:
        for number in range(TICKETS):
            when = datetime.now() - timedelta(days=300 - number)
            user = (world.ivan.user, world.petra.user)[number % 2]
            ticket = world.panel.client_creates_ticket(user, f"Past {number}", f"question {number}", created=when)
            world.panel.employee_replies(world.anna, ticket, f"answer {number}", created=when + timedelta(hours=1))
        world.panel.events = True
        assert world.run("--command", "check_connection").returncode == 0
        world.sync()
        assert world.omnidesk.cases == {}
        yield world


def answered(output: bytes) -> dict[str, str]:
    """The attributes of the answer's <import> element."""
    return dict(etree.fromstring(output).find("import").attrib)  # type: ignore[union-attr]


def test_an_import_step_by_step(world: World) -> None:
    """Each step begins with what the one before it left."""
    a_dry_run_counts_and_changes_nothing(world)
    it_is_stopped_and_goes_on_to_the_end_with_a_bar_on_a_terminal(world)
    what_is_imported_is_linked_and_lives_on(world)


def a_dry_run_counts_and_changes_nothing(world: World) -> None:
    done = world.run("--command", "import", "--dry-run")
    told = answered(done.stdout)
    assert (told["tickets"], told["messages"], world.omnidesk.cases) == (str(TICKETS), str(2 * TICKETS), {})
    assert int(told["calls"]) >= 2 * TICKETS and float(told["minutes"]) > 0
    person = " ".join(world.run("import", "--dry-run", env={"LC_ALL": "C.UTF-8"}).stdout.decode().split())
    assert re.search(
        rf"{TICKETS} tickets with {2 * TICKETS} messages .* about \d+ calls: .*at the account's limit", person
    )


def test_a_wrong_date_is_told_with_its_cure(world: World) -> None:
    done = world.run("import", "--since", "yesterday", env={"LC_ALL": "C.UTF-8"})
    assert done.returncode == 1
    assert "yesterday is not a date" in done.stderr.decode() and "2025-01-31" in done.stderr.decode()


def it_is_stopped_and_goes_on_to_the_end_with_a_bar_on_a_terminal(world: World) -> None:
    """Ctrl-C after the first case; the same command does the rest; each ticket is there once, with its old date."""
    program = [str(world.root / "processing" / "pmomnidesk"), "import"]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm"}
    master, slave = pty.openpty()
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=slave, cwd=world.root, env=environment)
    os.close(slave)
    shown = b""
    while b"1/" not in shown:
        shown += os.read(master, 4096)
    process.send_signal(signal.SIGINT)
    try:
        while piece := os.read(master, 4096):
            shown += piece
    except OSError:  # how a terminal says that its other end is closed
        pass
    out, _ = process.communicate(timeout=60)
    os.close(master)
    assert b"Import" in shown and b"/min" in shown
    assert process.returncode == 0 and b"The same command goes on" in out
    assert 0 < len(world.omnidesk.cases) < TICKETS
    rest = world.run("import", env={"LC_ALL": "C.UTF-8"})
    assert rest.returncode == 0, rest.stderr.decode()
    world.panel.execute("UPDATE ticket2external_case SET due_at = 0 WHERE due_at > 0")  # ten minutes later
    world.sync()
    cases = sorted(world.omnidesk.cases, key=lambda case: world.omnidesk.cases[case].subject)
    assert [world.omnidesk.cases[case].subject for case in cases] == [f"Past {number}" for number in range(TICKETS)]
    for number, case in enumerate(cases):
        messages = [message for message in world.omnidesk.messages(case) if message.kind != "system"]
        assert [message.content for message in messages] == [f"question {number}", f"answer {number}"]
        assert all(datetime.now().timestamp() - message.created_at > 200 * 86400 for message in messages)
    assert [call for call in world.omnidesk.calls if call.status == 429] == []
    assert "nothing to send" in world.run("import", env={"LC_ALL": "C.UTF-8"}).stdout.decode()


def what_is_imported_is_linked_and_lives_on(world: World) -> None:
    ticket = int(world.panel.query("SELECT MIN(id) AS id FROM ticket")[0]["id"])
    world.panel.client_writes(world.ivan.user, ticket, "one more thing")
    world.sync()
    case = int(world.panel.query("SELECT external_case AS c FROM ticket2external_case WHERE ticket=%s", ticket)[0]["c"])
    assert [message.content for message in world.omnidesk.messages(case)][-1] == "one more thing"
