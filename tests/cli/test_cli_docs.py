"""Every command that the pages about the command line show is run, as it stands, in a world that has ticket 17."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.world import World
from tests.docs.pages import page
from tests.protocol.calls import person
from tests.support.commands import CommandWorld

NAMES = ("commands", "metrics", "probe")
PAGES = [f"docs/{name}{language}.md" for name in NAMES for language in ("", ".ru")]
STAYING = ("worker",)  # tried in tests/protocol: it stays until it is told to leave
# What needs tables that only another module brings: tried where that is (tests of adopt).
# So is a trial (test_cli_trial.py), which needs a test client and a test channel.
ELSEWHERE = ("adopt --tables", "probe --trial")
# A number that a page uses for a message or a user, and the one it is here.
FIRST = 17


def shown(name: str) -> list[str]:
    """The lines of the page's shell blocks."""
    return [line for language, body in page(name).blocks if language == "sh" for line in body.splitlines() if line]


ALL = sorted({line for name in PAGES for line in shown(name)})


@pytest.fixture(scope="module")
def seventeen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandWorld]:
    """Ticket 17 with messages 240 (a client's) and 241 (staff's), user 5 a client's."""
    with CommandWorld(tmp_path_factory.mktemp("docs"), events=False) as world:
        world.omnidesk.webhooks.faults.lose_chance = 1.0
        user = world.ivan.user
        world.panel.execute("SET FOREIGN_KEY_CHECKS = 0")
        world.panel.execute("ALTER TABLE ticket AUTO_INCREMENT = 17")
        world.panel.execute("ALTER TABLE ticket_message AUTO_INCREMENT = 240")
        world.sync()
        assert world.panel.client_creates_ticket(user, "Help", "My site is down") == FIRST
        world.sync()
        assert world.panel.employee_replies(world.anna, FIRST, "On it", close=False) == 241
        world.sync()
        yield world


def test_the_pages_show_commands() -> None:
    assert len(ALL) > 20
    for name in PAGES:
        assert shown(name) == shown(name.replace(".ru", "")), "the same in both languages"


@pytest.mark.parametrize("line", ALL)
def test_a_command_of_the_pages_does_what_it_says(seventeen: World, line: str, tmp_path: Path) -> None:
    """It ends with 0, has something to say, and nothing to complain of."""
    program, *words = shlex.split(line)
    if (program, *words) == ("man", "pmomnidesk"):
        assert (seventeen.root / "share/man/man1/pmomnidesk.1").read_text().startswith('.\\"')
        assert (seventeen.root / "share/man/ru/man1/pmomnidesk.1").exists()
        return
    assert program == "pmomnidesk", line
    if words[0] in STAYING or " ".join(words).startswith(ELSEWHERE):
        return
    if words[0] == "sync_user":
        words[1] = str(seventeen.ivan.user)
    words = [word.replace("/tmp/", f"{tmp_path}/") for word in words]
    code, out, err = person(seventeen, *words, "--lang", "en") if words[0] != "--help" else person(seventeen, *words)
    assert (code, re.sub(r"(ticket \d+, \d+ done\n|Import.*)", "", err).strip()) == (0, ""), (out, err)
    assert out.strip()
