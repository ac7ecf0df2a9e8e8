"""The command line for a person. Loaded only then: click costs the panel's path nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from omnidesk import cli
from omnidesk.arguments import Arguments
from omnidesk.errors import Failure
from omnidesk.paths import Paths
from omnidesk.seams import Seams

_OPTIONS: dict[str, tuple[Callable[[Any], Any], ...]] = {
    "set_rating": (click.option("--rating", type=int, default=0, help="the rating, if BILLmanager's is not read"),),
    "sync_ticket": (click.option("--dry-run", is_flag=True, help="print the plan and why, change nothing"),),
    "sync": (
        click.option("--no-wait", is_flag=True, help="leave the work to a worker that is already running"),
        click.option("--linger", type=float, default=0.0, help="stay so many seconds for the next ring"),
        click.option("--allow-mass-change", is_flag=True, help="let through what the guard held back"),
    ),
    "import": (
        click.option(
            "--since", default="", metavar="DATE", help="only tickets with a message from then on: 2025-01-31"
        ),
        click.option(
            "--department", default="", metavar="NAME", help="only tickets of this department, name or number"
        ),
        click.option("--open-only", is_flag=True, help="only tickets that somebody has"),
        click.option("--dry-run", is_flag=True, help="say how many calls and how long, change nothing"),
    ),
    "drop_tables": (click.option("--yes", is_flag=True, help="really do it"),),
}


def person(given: list[str], paths: Paths, seams: Seams) -> int:
    """Parse and run; the exit code."""
    group = click.Group("pmomnidesk", help="Keeps BILLmanager's tickets and Omnidesk's cases equal.")
    for name, (needs_id, words) in cli.COMMANDS.items():
        group.add_command(_command(name, needs_id, words, paths, seams))
    try:
        code = group.main(given, prog_name="pmomnidesk", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 2
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.Abort:
        return 130
    return int(code or 0)


def _command(name: str, needs_id: bool, words: str, paths: Paths, seams: Seams) -> click.Command:
    def called(**values: Any) -> int:
        language = cli.language_of_locale()
        arguments = Arguments(
            **{key: value for key, value in values.items() if value is not None}, language=language, watched=True
        )
        try:
            answer = cli.run(name, arguments, paths, seams, _tell)
        except Failure as failure:
            cli.tell_failure(failure, language)
            return 1
        for line in answer.lines:
            click.echo(line)
        if answer.failed is not None:
            cli.tell_failure(answer.failed, language)
            return 1
        return 0

    command: Callable[..., Any] = called
    for option in _OPTIONS.get(name, ()):
        command = option(command)
    if needs_id or name == "retry":
        command = click.argument("id", type=click.IntRange(min=1), required=needs_id)(command)
    help = words[0].upper() + words[1:] + "."
    return click.command(name, help=help)(command)


def _tell(text: str) -> None:
    """Progress, on stderr; on a terminal it stays on one line."""
    terminal = sys.stderr.isatty()
    click.echo(f"\r\x1b[K{text}" if terminal else text, err=True, nl=not terminal)
