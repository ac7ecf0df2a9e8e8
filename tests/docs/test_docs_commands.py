"""Commands and make targets that pages, error texts and scripts name exist and take what is shown."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from omnidesk.cli import main, person, run
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.paths import Paths
from omnidesk.wording.error_texts import TEXTS
from omnidesk.wording.help_texts import HELPS
from omnidesk.wording.screen import Screen
from tests.docs.pages import README, README_RU, REPOSITORY, Page, of_every_page, rows, tidy

MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
PANEL_OPTIONS = {"command", "id", "rating", "lang", "linger", *main._FLAGS}
NUMBERS = {"TICKET", "MESSAGE", "USER", "N", "NUMBER", "НОМЕР", "SECONDS", "17", "{value}", "[N]", "[NUMBER]"}
CURE = r"pmomnidesk ((?:[a-z]+_[a-z_]+|retry|sync|status|--help)(?: --[a-z-]+| 17| [A-ZА-Я]+\b)*)"
NAMES = {"NAME", "ИМЯ", "{object}"}


def command(name: str) -> click.Command:
    return person.make_command(name, Paths("/nowhere"), Dependencies(), Screen())


def check_person(words: list[str]) -> None:
    """Parse as the person's command line would; ``words`` follow the program's name."""
    if words[0] in ("--help", "--version", *NAMES):
        return
    assert words[0] in HELPS, f"no command {words[0]}"
    given = ["17" if word in NUMBERS else word for word in words[1:]]
    if "--help" not in given:
        command(words[0]).make_context(words[0], given)


def check_panel(words: list[str]) -> None:
    """The panel's form: known names of options, a known command."""
    for word in words:
        if word.startswith("--"):
            assert word[2:] in PANEL_OPTIONS, word
    name = words[words.index("--command") + 1]
    assert name in run.COMMANDS or name in NAMES, f"no command {name}"


def check_make(words: list[str]) -> None:
    for word in words:
        name, equals, _ = word.partition("=")
        if equals:
            assert re.search(rf"\$\({name}\)|^{name} \?=", MAKEFILE, re.MULTILINE), name
        else:
            assert word in TARGETS, f"no target {word}"


def check(line: str) -> bool:
    """Check one line if it is ours; whether it was."""
    words = shlex.split(line.split(";")[0])
    while words and re.fullmatch(r"[A-Z0-9_]+=.*", words[0]):
        words = words[1:]
    if len(words) < 2 or words[1] in ("...", "…", "install\\"):
        return False
    if words[0] == "make":
        check_make(words[1:])
    elif words[0].rpartition("/")[2] == "pmomnidesk" and not words[1].isdigit():  # "pmomnidesk 9" is of debug.conf
        (check_panel if "--command" in words else check_person)(words[1:])
    else:
        return False
    return True


def typed(one: Page) -> Iterator[str]:
    for line in one.commands():
        if re.match(r"([\w/@]*/)?(pmomnidesk|make) ", line):
            yield line


@of_every_page
def test_what_pages_tell_to_type_can_be_typed(one: Page) -> None:
    for line in typed(one):
        check(line)


def test_the_readmes_show_commands_to_check() -> None:
    """The test above would pass on a page it cannot read."""
    for one in (README, README_RU):
        assert sum(check(line) for line in typed(one)) >= 10


def test_cures_name_commands_that_exist() -> None:
    """A cure that cannot be typed is none."""
    for text in TEXTS.values():
        for words in (text.cure_en, text.cure_ru, text.en, text.ru):
            for found in re.findall(CURE, words.replace("{value}", "17")):
                check_person(found.split())


@pytest.mark.parametrize("one", [README, README_RU], ids=lambda one: one.name)
def test_the_commands_used_most_are_in_the_table_with_their_options(one: Page) -> None:
    """Those used most; docs/commands.md has them all (tests/cli)."""
    heading = "Commands" if one is README else "Команды"
    table = {tidy(row[0]): row[1] for row in rows(one.section(heading))}
    named = [line.split()[0] for line in table]
    assert len(named) == 10
    assert named == [name for name in HELPS if name in named]
    for line, words in table.items():
        name = line.split()[0]
        one_help = HELPS[name]
        assert (bool(one_help.argument) and one_help.required) == (len(line.split()) == 2), f"{name}: its number"
        known = {flag for param in command(name).params if isinstance(param, click.Option) for flag in param.opts}
        assert set(re.findall(r"`(--[a-z-]+)", words)) <= known, f"{name}: its options"


def test_each_command_has_a_function() -> None:
    for name in set(run.COMMANDS) - {"features", "sync", "worker", "probe", "log"}:
        assert callable(run._command(name))


def test_files_that_run_commands_name_real_ones() -> None:
    """The timer and the uninstaller call the executable, too."""
    cron = (REPOSITORY / "packaging/cron").read_text(encoding="utf-8")
    for found in re.findall(r"pmomnidesk (--command [^>\n]*)", cron):
        check_panel(found.split())
    example = (REPOSITORY / "etc/omnidesk/omnidesk.conf.example").read_text(encoding="utf-8")
    for found in re.findall(r"processing/pmomnidesk (\w+)", example):
        check_person([found])


def test_make_help_lists_what_the_readme_shows() -> None:
    """Each target a reader is told about says what it is for."""
    described = set(re.findall(r"^([a-z]+):.*## ", MAKEFILE, re.MULTILINE))
    assert {"demo", "test", "sandbox", "install", "uninstall", "bench"} <= described
