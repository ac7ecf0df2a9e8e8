"""The help, the manual, the pages, completion: one source, both languages, and nothing shown that cannot be typed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from omnidesk.cli import help, run
from omnidesk.cli import person as cli_person
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.paths import Paths
from omnidesk.core.version import VERSION
from omnidesk.wording import help_texts as texts
from omnidesk.wording.help_texts import GROUPS, HELPS
from omnidesk.wording.screen import Screen
from sandbox.world import REPOSITORY, World
from tests.cli.terminal import terminal
from tests.protocol.calls import person

RUSSIAN = {"LC_ALL": "", "LANG": "ru_RU.UTF-8"}
CYRILLIC = re.compile("[а-яё]")


def test_every_command_has_its_words_and_no_other() -> None:
    """Those of the panel, and those only a person has."""
    assert set(HELPS) - {"completion", "help"} == set(run.COMMANDS)
    for name, needs in run.COMMANDS.items():
        assert needs == (bool(HELPS[name].argument) and HELPS[name].required)
    assert sorted(name for _, names in GROUPS for name in names) == sorted(HELPS)


def test_options_are_fields_of_the_arguments() -> None:
    """Else a command would fail when it is called, not when it is written."""
    from dataclasses import fields

    from omnidesk.wording.arguments import Arguments

    known = {one.name for one in fields(Arguments)}
    for name, one in HELPS.items():
        for option in one.options:
            assert (option.name or option.flag[2:].replace("-", "_")) in known, f"{name} {option.flag}"


@pytest.mark.parametrize("name", HELPS)
def test_examples_can_be_typed(name: str) -> None:
    assert HELPS[name].examples or name == "features"
    for example in HELPS[name].examples:
        program, called, *given = shlex.split(example.line)
        assert (program, called) == (texts.PROGRAM, name)
        command = cli_person.make_command(name, Paths("/nowhere"), Dependencies(), Screen())
        command.make_context(name, given)


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("name", ["", *HELPS])
def test_help_in_both_languages_fits(name: str, width: int) -> None:
    """Russian help is Russian, English English; no line is wider than the terminal, but one that is to be typed."""
    for language in ("en", "ru"):
        screen = Screen(language, width)
        lines = help.of_command(name, screen) if name else help.overall(screen)
        assert bool(CYRILLIC.search("\n".join(lines))) == (language == "ru")
        assert all(len(line) <= width or "pmomnidesk" in line for line in lines if width > 40)


def test_generated_files_are_up_to_date() -> None:
    """The manual, the pages of commands and the completion scripts say what the help says."""
    done = subprocess.run(
        [sys.executable, "scripts/docs/manual.py", "--check"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", ["man/pmomnidesk.1", "man/ru/pmomnidesk.1"])
def test_the_manual_is_read_without_a_complaint(path: str) -> None:
    """By groff, where there is one; each command and each option is in it."""
    text = (REPOSITORY / path).read_text(encoding="utf-8")
    plain = text.replace("\\-", "-")
    for name, one in HELPS.items():
        assert f".B {name}" in text
        assert all(option.flag in plain for option in one.options)
    if shutil.which("groff"):
        done = subprocess.run(
            ["groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-z", str(REPOSITORY / path)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")


def test_a_person_without_arguments_is_taught(world: World) -> None:
    """On a terminal in colour, in the locale's language; the first steps are there."""
    seen = terminal(world, env=RUSSIAN)
    assert seen.code == 0
    assert "Начните с этого" in seen.text and "pmomnidesk show 17" in seen.text and "\033[1m" in seen.text
    assert "\033" not in terminal(world, env={"NO_COLOR": "1"}).text
    assert "\033" not in terminal(world, env={"TERM": "dumb"}).text


@pytest.mark.parametrize(
    ("arguments", "english", "russian"),
    [
        (["shwo"], "no command shwo (did you mean show?)", "нет команды shwo (возможно, show?)"),
        (["show"], "TICKET is missing", "не указано: ЗАПРОС"),
        (["show", "x"], "invalid value of TICKET", "неверное значение ЗАПРОС"),
        (["help", "shwo"], "no command shwo (did you mean show?)", "нет команды shwo (возможно, show?)"),
        (["show", "0"], "a number from 1", "число от 1"),
        (["show", "5", "6"], "unexpected argument: 6", "лишний аргумент: 6"),
        (["sync", "--wait"], "no option --wait", "нет опции --wait"),
        (["status", "--output"], "--output needs a value", "опции --output нужно значение"),
        (["log", "5", "--since", "yesterday"], "invalid value of --since", "неверное значение --since"),
        (["completion", "csh"], "bash, zsh, fish", "bash, zsh, fish"),
    ],
)
def test_mistakes_are_told_with_a_way_to_help(world: World, arguments: list[str], english: str, russian: str) -> None:
    """Exit code 2, on stderr, in the language."""
    for language, words, label in (("en", english, "Error: "), ("ru", russian, "Ошибка: ")):
        code, out, err = person(world, "--lang", language, *arguments)
        assert (code, out) == (2, "")
        assert words in err and err.startswith(label) and "--help" in err


def test_the_language_can_stand_anywhere(world: World) -> None:
    for arguments in (["--lang", "ru", "features", "--help"], ["features", "--help", "--lang=ru"]):
        assert "Использование" in person(world, *arguments, env={"LC_ALL": "C"})[1]
    assert "Usage" in person(world, "--lang", "en", "--help", env=RUSSIAN)[1]


def test_bash_completes_commands_and_options(world: World, tmp_path: Path) -> None:
    """The installed script, sourced by a real bash, offers what fits."""
    script = world.root / "share/bash-completion/completions/pmomnidesk"
    (tmp_path / "pmomnidesk").symlink_to(world.root / "processing" / "pmomnidesk")
    offered = []
    for words, place in (("pmomnidesk sh", 1), ("pmomnidesk show --f", 2), ("pmomnidesk help sh", 2)):
        program = (
            f'PATH="{tmp_path}:$PATH"; source "{script}"; COMP_WORDS=({words}); COMP_CWORD={place};'
            ' _pmomnidesk_completion pmomnidesk; echo "${COMPREPLY[@]}"'
        )
        done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=False)
        offered.append(done.stdout.strip())
    assert offered == ["show", "--full", "show"]


@pytest.mark.parametrize("words", ["pmomnidesk status --output ''", "pmomnidesk status --prometheus --output /tm"])
def test_a_shell_completes_files_after_an_option_that_names_one(world: World, words: str) -> None:
    """What the completion script asks for: the shell is to offer its own files."""
    place = len(shlex.split(words)) - 1
    asked = {**os.environ, "COMP_WORDS": words, "COMP_CWORD": str(place), "_PMOMNIDESK_COMPLETE": "bash_complete"}
    program = [str(world.root / "processing" / "pmomnidesk")]
    done = subprocess.run(program, capture_output=True, text=True, check=False, env=asked)
    assert done.stdout.startswith("file,")


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "0.5", "soon"])
def test_a_worker_waits_for_whole_seconds(world: World, seconds: str) -> None:
    code, _, err = person(world, "sync", f"--linger={seconds}")
    assert code == 2 and "--linger" in err


def test_help_and_version_are_commands_too(world: World) -> None:
    """``help NAME`` says what ``NAME --help`` says."""
    assert person(world, "help") == person(world, "--help")
    assert person(world, "help", "show", "--lang", "ru") == person(world, "show", "--help", "--lang", "ru")
    assert person(world, "--version") == (0, f"pmomnidesk {VERSION}\n", "")


def test_arguments_are_no_options() -> None:
    """In the reader's language, also what stands for a value."""
    lines = help.of_command("show", Screen("ru", 80))
    assert lines[lines.index("Аргументы:") + 1].split() == ["ЗАПРОС", *texts.ARGUMENTS["TICKET"].ru.split()]
    assert not any("ЗАПРОС" in line for line in lines[lines.index("Опции:") :])
    for name in HELPS:
        shown = "\n".join(help.of_command(name, Screen("ru", 80))).partition("Примеры")[0]
        assert not re.search(rf"(?<![\w-])({'|'.join(texts.VALUES)})(?!\w)", shown), name


def test_a_reader_that_has_read_enough_is_no_failure(world: World) -> None:
    """``pmomnidesk --help | head -1`` ends without a traceback."""
    program = f"'{world.root}/processing/pmomnidesk' --help | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "0" and done.stderr == ""


def test_the_panel_knows_nothing_of_a_persons_commands(world: World) -> None:
    for name in ("completion",):
        done = world.run("--command", name, "--id", "1")
        assert done.returncode == 1 and b"omnidesk_unknown_command" in done.stdout
