"""Moving from the original module as docs/adopt.md tells: the installed program, the original's tables, a terminal."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from lxml import etree

from sandbox.omnidesk.settings import Settings
from sandbox.omnidesk.wire import Request
from sandbox.world import World
from tests.support.original import NAMES, Original

TICKETS = 8
ENGLISH = {"LC_ALL": "C.UTF-8"}


@pytest.fixture
def world() -> Iterator[World]:
    """A panel that had the original module; this one is installed and switched off."""
    with World(events=False, omnidesk=Settings(rate_limit=600), settings={"Language": "en", "Sync": "off"}) as world:
        original = Original(world.panel, world.omnidesk, world.channel.key, form="odd", suffix="")
        for number in range(TICKETS):
            when = datetime.now() - timedelta(days=300 - number)
            user = (world.ivan.user, world.petra.user)[number % 2]
            ticket = world.panel.client_creates_ticket(user, f"Past {number}", f"question {number}", created=when)
            world.panel.employee_replies(world.anna, ticket, f"answer {number}", created=when + timedelta(hours=1))
            original.take(ticket)
        world.panel.events = True
        yield world


def cases(world: World) -> dict[int, int]:
    """The case of each ticket that has one."""
    rows = world.panel.query("SELECT ticket, external_case AS c FROM ticket2external_case WHERE external_case > 0")
    return {row["ticket"]: row["c"] for row in rows}


def test_the_move_step_by_step(world: World) -> None:
    """Each step begins with what the one before it left."""
    the_original_s_tables_are_refused_until_they_are_renamed(world)
    a_dry_run_reports_for_the_panel_a_person_and_a_script(world)
    it_is_stopped_in_the_middle_and_goes_on(world)
    synchronisation_writes_nothing_for_them_and_new_messages_travel_once(world)


def the_original_s_tables_are_refused_until_they_are_renamed(world: World) -> None:
    done = world.run("adopt", env=ENGLISH)
    assert done.returncode == 1
    assert "RENAME TABLE x TO x_original" in " ".join(done.stderr.decode().split()), "whatever its line breaks"
    assert world.panel.query("SELECT COUNT(*) AS n FROM ticket2external_case")[0]["n"] == TICKETS
    renames = ", ".join(f"{name} TO {name}_original" for name in NAMES)
    world.panel.execute(f"RENAME TABLE {renames}")
    world.sync()
    assert len(world.omnidesk.cases) == TICKETS


def a_dry_run_reports_for_the_panel_a_person_and_a_script(world: World) -> None:
    done = world.run("--command", "adopt")
    document = etree.fromstring(done.stdout)
    told = document.find("adopt")
    assert told is not None and (told.get("dry"), told.get("adopted")) == ("1", str(TICKETS))
    assert len(document.findall("adopt_tickets/ticket")) == TICKETS
    person = world.run("adopt", env=ENGLISH)
    assert "Nothing was changed" in person.stdout.decode()
    assert "ticket2external_case_original: tid (by its foreign key) → remote (by its content)" in person.stdout.decode()
    assert json.loads(world.run("adopt", "--json").stdout)
    russian = world.run("adopt", env={"LC_ALL": "ru_RU.UTF-8"}).stdout.decode()
    assert f"Будет принято запросов: {TICKETS}" in russian
    assert cases(world) == {}
    report = (world.root / "var" / "omnidesk" / "adopt-dry-run.txt").read_text(encoding="utf-8")
    assert report.count("→ обращение") == TICKETS and "question" not in report


def it_is_stopped_in_the_middle_and_goes_on(world: World) -> None:
    """Ctrl-C while Omnidesk hangs, a ticket or two being done; the same command does the rest."""
    program = [str(world.root / "processing" / "pmomnidesk"), "adopt", "--yes"]
    calls, hangs = itertools.count(), threading.Event()

    def tenth(request: Request) -> bool:
        if next(calls) == 9:
            hangs.set()
        return hangs.is_set()

    world.omnidesk.faults.hang(on=tenth)
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=world.root)
    assert hangs.wait(60)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    world.omnidesk.faults.clear()
    some = cases(world)
    assert 0 < len(some) < TICKETS
    done = world.run("--command", "adopt", "--yes", "on")
    assert done.returncode == 0, done.stdout.decode()
    found = cases(world)
    assert len(found) == TICKETS and set(some.items()) <= set(found.items())
    assert sorted(found.values()) == sorted(world.omnidesk.cases)
    assert [call for call in world.omnidesk.calls if call.status == 429 or call.method != "GET"] == []


def synchronisation_writes_nothing_for_them_and_new_messages_travel_once(world: World) -> None:
    world.write_settings(Sync="on")
    world.sync()
    assert [call for call in world.omnidesk.calls if call.method != "GET"] == []
    ticket, case = min(cases(world).items())
    world.panel.client_writes(world.ivan.user, ticket, "one more thing")
    world.sync()
    assert [one.content for one in world.omnidesk.messages(case)] == ["question 0", "answer 0", "one more thing"]
    assert len(world.omnidesk.cases) == TICKETS
    assert world.panel.complaints == []
