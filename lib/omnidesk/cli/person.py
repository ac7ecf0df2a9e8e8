"""The command line for a person. Loaded only then: click costs the panel's path nothing."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, ClassVar

import click

from omnidesk.cli import help, run
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.errors import Failure, Paused, TryLater
from omnidesk.core.paths import Paths
from omnidesk.core.version import VERSION
from omnidesk.wording import help_texts as texts
from omnidesk.wording.answer import Answer, answer_json, error_data
from omnidesk.wording.arguments import Arguments
from omnidesk.wording.screen import MARKS, Screen, hanging, of_stdout

FAILED, NOT_NOW, INTERRUPTED = 1, 3, 130
_SHELLS = ("bash", "zsh", "fish")


def person(given: list[str], paths: Paths, dependencies: Dependencies) -> int:
    """Parse and run; the exit code, see :data:`omnidesk.wording.help_texts.EXIT_CODES`."""
    screen = of_stdout(_language(given))
    group = make_group(paths, dependencies, screen)
    try:
        return int(group.main(given, prog_name=texts.PROGRAM, standalone_mode=False) or 0)
    except click.ClickException as error:
        _print(help.mistake(error, screen.language), sys.stderr)
        return 2
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.Abort:
        return INTERRUPTED


def _language(given: list[str]) -> str:
    """What ``--lang`` says anywhere in the line, else the locale: the help, too, is in that language."""
    for place, word in enumerate(given):
        name, equals, value = word.partition("=")
        if name == texts.LANG.flag:
            value = value if equals else (given[place + 1] if place + 1 < len(given) else "")
            if value in texts.LANG.choices:
                return value
    return run.language_of_locale()


class Since(click.ParamType[float]):
    """A moment in the past: so long ago (``2h``), a date, a date and a time, or a time of today; Unix seconds."""

    name = "since"
    _UNITS: ClassVar = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        text = str(value).strip()
        ago = re.fullmatch(r"([0-9]{1,6}) ?([smhdw])", text)
        if ago:
            return max(0.0, time.time() - int(ago[1]) * self._UNITS[ago[2]])
        for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
            try:
                return time.mktime((*time.strptime(text, form)[:6], 0, 0, -1))
            except (ValueError, OverflowError):
                continue
        try:
            clock = time.strptime(text, "%H:%M")
        except ValueError:
            self.fail(text, param, ctx)
        today = time.localtime()
        return time.mktime((*today[:3], clock.tm_hour, clock.tm_min, 0, 0, 0, -1))


class CommandName(click.ParamType[str]):
    """One of our commands, which a shell completes."""

    name = "command"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in texts.HELPS:
            raise click.NoSuchCommand(str(value), possibilities=get_close_matches(str(value), texts.HELPS), ctx=ctx)
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in texts.HELPS if name.startswith(incomplete)]


_ARGUMENTS: dict[str, tuple[str, click.ParamType[Any]]] = {
    "SHELL": ("shell", click.Choice(_SHELLS)),
    "COMMAND": ("command", CommandName()),
}


class _Taught(click.Command):
    """A command whose help is ours."""

    screen = Screen()

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write("\n".join(help.of_command(self.name or "", self.screen)))

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = texts.HELP.of(self.screen.language)
        return option


class _TaughtGroup(click.Group):
    """All commands; without one it teaches."""

    screen = Screen()

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write("\n".join(help.overall(self.screen)))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


def make_group(paths: Paths, dependencies: Dependencies, screen: Screen) -> click.Group:
    """The whole command line."""

    def without(**ignored: Any) -> None:
        context = click.get_current_context()
        if context.invoked_subcommand is None:
            click.echo(context.get_help())

    group = _TaughtGroup(
        texts.PROGRAM,
        callback=without,
        invoke_without_command=True,
        params=[_option(texts.LANG, screen), _version()],
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    group.screen = screen
    for name in texts.HELPS:
        group.add_command(make_command(name, paths, dependencies, screen))
    return group


def make_command(name: str, paths: Paths, dependencies: Dependencies, screen: Screen) -> click.Command:
    """One command with its options and its argument."""
    one = texts.HELPS[name]
    params: list[click.Parameter] = []
    if one.argument:
        word = texts.value_word(one.argument, screen.language)
        variable, kind = _ARGUMENTS.get(one.argument, ("id", click.IntRange(min=1, max=10**18 - 1)))
        params.append(click.Argument([variable], type=kind, required=one.required, metavar=word))
    params += [_option(option, screen) for option in texts.options_of(name)]
    command = _Taught(
        name,
        params=params,
        callback=_callback(name, paths, dependencies, screen),
        short_help=one.short.of(screen.language),
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    command.screen = screen
    return command


def _option(option: texts.Option, screen: Screen) -> click.Option:
    kinds: dict[str, Any] = {
        "number": int,
        "seconds": click.IntRange(min=0),  # of a fraction that is none (nan) no wait would end
        "text": str,
        "file": click.Path(),
        "since": Since(),
        "choice": click.Choice(option.choices),
    }
    words = option.words.of(screen.language)
    if option.kind == "flag":
        return click.Option([option.flag], is_flag=True, help=words)
    names = [option.flag, *([option.name] if option.name else [])]
    shown = texts.value_word(option.shown, screen.language)
    return click.Option(names, type=kinds[option.kind], help=words, metavar=shown)


def _version() -> click.Option:
    """``--version``: says it and leaves."""

    def said(ctx: click.Context, param: click.Parameter, given: bool) -> None:
        if given:
            click.echo(f"{texts.PROGRAM} {VERSION}")
            ctx.exit()

    return click.Option([texts.VERSION.flag], is_flag=True, is_eager=True, expose_value=False, callback=said)


def _callback(name: str, paths: Paths, dependencies: Dependencies, screen: Screen) -> Callable[..., int]:
    def called(**values: Any) -> int:
        if name == "completion":
            return _completion(values["shell"])
        if name == "help":
            _print(help.of_command(values["command"], screen) if values["command"] else help.overall(screen))
            return 0
        as_json = values.pop("json", False)
        known = {key: value for key, value in values.items() if value is not None and key != "lang"}
        given = Arguments(**known, language=screen.language, screen=screen, watched=True)
        try:
            answer = run.run(name, given, paths, dependencies, _tell)
        except Failure as failure:
            return _failed(failure, screen, as_json)
        _print([answer_json(answer, screen.language)] if as_json else _shown(answer, screen))
        return _code(answer, screen, as_json)

    return called


def _code(answer: Answer, screen: Screen, as_json: bool) -> int:
    if answer.failed is None:
        return 0
    if not as_json:
        _tell_failure(answer.failed, screen)
    return _code_of(answer.failed)


def _failed(failure: Failure, screen: Screen, as_json: bool) -> int:
    if as_json:
        _print([json.dumps({"ok": False, "error": error_data(failure, screen.language)}, ensure_ascii=False, indent=2)])
    else:
        _tell_failure(failure, screen)
    return _code_of(failure)


def _code_of(failure: Failure) -> int:
    return NOT_NOW if isinstance(failure, (Paused, TryLater)) and failure.type != "internal" else FAILED


def _tell_failure(failure: Failure, screen: Screen) -> None:
    sys.stdout.flush()
    cure = failure.phrase.cure(screen.language)
    for said in (failure.phrase.text(screen.language), f"→ {cure}" if cure else ""):
        if said:
            _print(hanging(said, min(screen.width, help.WIDEST)), sys.stderr)


def _shown(answer: Answer, screen: Screen) -> Iterable[str]:
    """The lines in the person's language, with marks in colour."""
    style = ""
    for words in answer.shown(screen.language, min(screen.width, help.WIDEST)):
        said = words.lstrip()
        if said[:1] in MARKS or said == words:  # else it goes on with what the line before it began
            style = MARKS.get(said[:1], "")
        yield screen.paint(style, words) if "\033" not in words else words


def _print(lines: Iterable[str], to: Any = None) -> None:
    for line in lines:
        click.echo(line, file=to, color=True)  # colours were decided on when the line was made


def _tell(text: str) -> None:
    """Progress, on stderr; on a terminal it stays on one line."""
    terminal = sys.stderr.isatty()
    click.echo(f"\r\x1b[K{text}" if terminal else text, err=True, nl=not terminal)


def _completion(shell: str) -> int:
    click.echo(completion_script(shell))
    return 0


def completion_script(shell: str) -> str:
    """What a shell needs to complete our commands, by click's own mechanism."""
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    if made is None:
        raise Failure("internal", "completion", shell)
    return made(click.Group(texts.PROGRAM), {}, texts.PROGRAM, "_PMOMNIDESK_COMPLETE").source().strip()
