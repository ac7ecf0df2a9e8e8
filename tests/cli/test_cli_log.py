"""``log``: a ticket's lines from all logs, rotated ones too, in order of time."""

from __future__ import annotations

import gzip
import json
import lzma
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from omnidesk.cli import ticket_log
from omnidesk.core import log_files
from omnidesk.core.log_line import format_line
from omnidesk.core.paths import Paths
from omnidesk.health import ticket_log as logs_of
from omnidesk.wording.screen import Screen
from sandbox.world import World
from tests.cli.terminal import terminal
from tests.protocol.calls import Story, panel, person

NOON = time.mktime((2026, 11, 22, 12, 0, 0, 0, 0, -1))


def line(text: str, at: float, module: str = "apply", level: str = "INFO") -> str:
    return format_line(module, level, text, pid=77, when=at) + "\n"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    (tmp_path / "var").mkdir()
    return Paths(str(tmp_path))


def put(path: str, lines: list[str], written: float, suffix: str = "") -> None:
    content = "".join(lines).encode()
    packers: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".xz": lzma.compress}
    Path(path + suffix).write_bytes(packers.get(os.path.splitext(suffix)[1], bytes)(content))
    os.utime(path + suffix, (written, written))


def texts(paths: Paths, ticket: int = 17, since: float = 0.0) -> list[str]:
    found = logs_of.collect(paths, logs_of.Names(ticket), since)
    return [one.text.split(" ", 2)[2] for one in found]


def test_rotated_files_are_read_in_order_of_time(paths: Paths) -> None:
    """Packed or not, by number or by date; what is not of the ticket stays out."""
    put(paths.log, [line("ticket 17: five", NOON), line("ticket 170: other", NOON)], NOON)
    put(paths.log, [line("ticket 17: four", NOON - 60)], NOON - 50, ".1")
    put(paths.log, [line("ticket 17: three", NOON - 7200)], NOON - 7000, ".2.gz")
    put(paths.log, [line("ticket 17: two", NOON - 86400)], NOON - 80000, "-20261121.xz")
    put(paths.log, [line("ticket 17: one", NOON - 40 * 86400)], NOON - 39 * 86400, ".9.gz")
    put(paths.log, [line("ticket 17: not a log", NOON)], NOON, ".bak")
    assert texts(paths) == [f"ticket 17: {one}" for one in ("one", "two", "three", "four", "five")]
    assert texts(paths, since=NOON - 3600) == ["ticket 17: four", "ticket 17: five"]


def test_a_line_of_december_read_in_january_is_of_last_year(paths: Paths) -> None:
    """The panel's format has no year: a line is never newer than its file."""
    written = time.mktime((2027, 1, 2, 8, 0, 0, 0, 0, -1))
    december = time.mktime((2026, 12, 31, 23, 59, 58, 0, 0, -1))
    put(paths.log, [line("ticket 17: old", december), line("ticket 17: new", written - 5)], written)
    found = logs_of.collect(paths, logs_of.Names(17))
    assert [one.at for one in found] == [december, written - 5]


def test_the_cases_name_leads_to_its_lines_elsewhere(paths: Paths) -> None:
    """The module's own log tells which case it is; the webhook's log knows only that."""
    put(paths.log, [line("ticket 17: case 237-696853 made", NOON), line("case 900001 looked at", NOON + 2)], NOON + 9)
    ours = line("webhook from 1.2.3.4: case 237-696853 changed", NOON + 1, "webhook")
    put(paths.webhook_log, [ours, line("webhook from 1.2.3.4: case 5 changed", NOON)], NOON + 9)
    assert texts(paths) == ["ticket 17: case 237-696853 made", "webhook from 1.2.3.4: case 237-696853 changed"]
    named = logs_of.Names(17, frozenset({"900001"}))
    assert len(logs_of.collect(paths, named)) == 3


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("ticket 7: nothing", True),
        ("ticket 17: nothing", False),
        ("ticket 70: nothing", False),
        ("ticket 7-1: nothing", False),
        ("ticket 17: message 7 sent to case 7", False),
        ("webhook from 1.2.3.4: case 7 changed", False),
        ("message 7 is skipped", False),
        ("7 tickets are tried again", False),
        ("tickets 3, 7 and 12 are held", True),
        ("tickets 3, 17, 70 are held", False),
        ("ticket 17: refused: the client of ticket 7 wrote", False),
        ("ticket 7: refused: see ticket 17", True),
        ("ticket 7: refused: see case 900002", True),
        ("ticket 17: message 5 sent to case 900001", False),
        ("webhook for case 900001, which is not linked to a ticket (yet)", True),
        ("webhook for case 900002, which is not linked to a ticket (yet)", False),
        ("cases 5, 900001 changed", True),
        ("webhook for case 9000011", False),
        ("webhook for case 900001-2", False),
        ("event ticket-7 is put off", True),
        ("event ticket-17 is put off", False),
    ],
)
def test_only_what_is_about_the_ticket(paths: Paths, text: str, ours: bool) -> None:
    """Two tickets may share a case; what a line quotes is not what it is about."""
    told = [line("ticket 7: case 900001 made", NOON - 60), line("ticket 17: message 4 sent to case 900001", NOON - 50)]
    put(paths.log, [*told, line(text, NOON)], NOON, ".1")
    put(paths.log, [line(text, NOON + 1)], NOON + 2)
    assert texts(paths, 7) == ["ticket 7: case 900001 made", *([text, text] if ours else [])]


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("Request [x][root] 'elid=17&func=clientticket.edit&message=a&sok=ok'", True),
        ("Request [x][root] 'elid=9&func=ticket.edit&plid=17'", True),
        ("Request [x][root] 'elid=17&func=user.edit'", False),
        ("Request [x][root] 'elid=171&func=ticket.edit&plid=1'", False),
        ("Request [x][root] 'func=whoami'", False),
        # elid of ticket.edit is a row of ticket2user, which has numbers of its own
        ("Request [x][root] 'elid=17&func=ticket.edit&message=a&plid=33'", False),
        ("Request [x][root] 'elid=17&func=ticket.edit'", False),
        ("Request [x][root] 'elid=17&func=ticket.file'", False),
        ("Request [x][root] 'elid=40&func=ticket.message.rate.good&plid=17'", True),
        ("Request [x][root] 'elid=17&func=ticket.message.rate.good&plid=40'", False),
        ("Request [x][root] 'elid=3, 17&func=clientticket.archive&sok=ok'", True),
        ("Request [x][root] 'elid=3%2C+17&func=omnidesk.queue.retry&sok=ok'", True),
        ("Request [x][root] 'elid=3, 170&func=clientticket.archive&sok=ok'", False),
        ("Request [x][root] 'elid=9&func=support_tool_responsible&plid=17'", True),
        ("Request [x][root] 'elid=17&func=support_tool_responsible&set_responsible=e_5'", True),
        ("Request [x][root] 'elid=17&func=support_tool_responsible&plid=9&set_responsible=e_5'", False),
        ("Request [x][root] 'elid=5&func=ticket.edit&message=see plid=17&plid=9'", False),
        ("Request [x][root] 'elid=5&func=ticket.edit&message=a&plid=17&b&plid=9'", False),
    ],
)
def test_the_panels_requests_about_the_ticket(paths: Paths, text: str, ours: bool) -> None:
    put(paths.panel_log, [line(text, NOON, "core_module")], NOON)
    assert bool(logs_of.collect(paths, logs_of.Names(17))) == ours


def test_a_traceback_stays_with_its_line(paths: Paths) -> None:
    put(paths.log, [line("ticket 17\nTraceback:\n  boom", NOON, level="ERROR"), line("ticket 3", NOON)], NOON)
    (only,) = logs_of.collect(paths, logs_of.Names(17))
    assert only.level == "ERROR" and only.text.endswith("Traceback:\n  boom")
    shown = ticket_log.shown(only, Screen(colour=True), full=False).splitlines()
    assert len(shown) == 3 and all(one.startswith("\x1b[31m") for one in shown)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00garbage\n", b"Nov 99 25:61:00 [x] ticket 17\n", b"\x1f\x8b\x08cut"]
)
def test_damaged_files_cost_only_themselves(paths: Paths, content: bytes) -> None:
    put(paths.log, [line("ticket 17: well", NOON)], NOON)
    for suffix in (".1", ".2.gz", ".3.xz"):
        Path(paths.log + suffix).write_bytes(content)
    assert "ticket 17: well" in texts(paths)


def test_no_logs_are_no_failure(paths: Paths) -> None:
    assert list(log_files.entries(paths.log)) == []
    assert texts(paths) == []


# The executable


def test_a_tickets_story(world: World, story: Story) -> None:
    """From all logs, in order; coloured on a terminal only; long texts of the panel's requests cut."""
    world.panel.client_writes(story.user, story.ticket, "длинный " * 50 + "конец")
    seen = terminal(world, "log", story.ticket)
    assert seen.code == 0 and "\x1b[32m" in seen.text
    assert f"ticket {story.ticket}: case " in seen.text and "func=clientticket.edit" in seen.text
    stamps = re.findall(r"^(?:\x1b\[\d+m)?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", seen.text, re.MULTILINE)
    assert stamps == sorted(stamps) and len(stamps) > 5
    assert "конец" not in seen.text and "конец" in terminal(world, "log", story.ticket, "--full").text
    code, out, err = person(world, "log", story.ticket)
    assert (code, err) == (0, "") and "\x1b" not in out
    assert "\x1b" not in terminal(world, "log", story.ticket, env={"NO_COLOR": "1"}).text
    assert person(world, "log", story.ticket, "--since", "1h")[1] == out


def test_it_works_while_everything_else_is_down(world: World, story: Story) -> None:
    """Without settings and database, as that is when logs are read."""
    settings = world.root / "etc/omnidesk/omnidesk.conf"
    settings.unlink()
    world.mariadb.stop()
    try:
        code, out, _ = person(world, "log", story.ticket)
    finally:
        world.mariadb.start()
        world.write_settings()
    assert code == 0 and f"ticket {story.ticket}: case " in out


def test_a_ticket_without_a_line(world: World) -> None:
    """It is there, and nothing was done about it."""
    ticket = world.panel.execute("INSERT INTO ticket (id, name) VALUES (4711, 'Old')") and 4711
    code, out, _ = person(world, "log", ticket, "--lang", "ru")
    world.panel.execute("DELETE FROM ticket WHERE id = 4711")
    assert code == 0 and "строк нет" in out


def test_a_tickets_lines_for_programs(world: World, story: Story) -> None:
    """The same lines as elements and as JSON."""
    answer = panel(world, "log", "--id", story.ticket)
    lines = [one.text or "" for one in answer.root.iter("line")]
    assert answer.code == 0 and any(f"ticket {story.ticket}: case " in one for one in lines)
    found = json.loads(person(world, "log", story.ticket, "--json")[1])
    assert [one["text"] for one in found["line"]][: len(lines)] == lines
    assert {"at", "log", "level"} <= set(found["line"][0])


@pytest.mark.parametrize("name", ["log", "show", "retry", "create_case", "update_status", "sync_ticket"])
@pytest.mark.parametrize("number", [987654, 7])
def test_a_ticket_that_nobody_knows(world: World, story: Story, name: str, number: int) -> None:
    """An error in all three forms; asking twice, which leaves the number in the log, does not make it known."""
    assert number not in (story.ticket, 0)
    for _ in range(2):
        answer = panel(world, name, "--id", number)
        assert (answer.code, answer.error[0], answer.param("value")) == (1, "no_ticket", str(number))
    code, out, err = person(world, name, number, "--lang", "en")
    assert (code, out) == (1, "") and f"no ticket {number}" in err
    code, out, err = person(world, name, number, "--json")
    assert (code, err) == (1, "") and json.loads(out)["error"]["type"] == "no_ticket"


@pytest.mark.parametrize(
    ("name", "type"), [("add_message", "no_message"), ("set_rating", "no_message"), ("sync_user", "no_user")]
)
def test_a_message_or_user_that_nobody_knows(world: World, name: str, type: str) -> None:
    answer = panel(world, name, "--id", 987654)
    assert (answer.code, answer.error[0]) == (1, type)


@pytest.mark.parametrize("name", ["show", "retry", "log"])
def test_zero_is_no_ticket(world: World, name: str) -> None:
    """Above all it does not mean all of them."""
    answer = panel(world, name, "--id", "0")
    assert (answer.code, answer.error) == (1, ("bad_value", "--id") if name == "retry" else ("missing_id", name))


def test_a_deleted_ticket_still_has_its_lines(world: World, story: Story) -> None:
    """The link or the log knows it."""
    ticket = world.panel.client_creates_ticket(world.ivan.user, "Gone soon", "Text")
    world.sync()
    world.panel.delete_ticket(ticket)
    code, out, _ = person(world, "log", ticket)
    assert code == 0 and f"ticket {ticket}: case " in out
    panel(world, "retry", "--id", ticket)
