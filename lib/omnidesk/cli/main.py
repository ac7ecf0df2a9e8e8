"""The executable's two interfaces: ``--command NAME --id N`` with XML for the panel, ``NAME [N]`` for a person."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from omnidesk.cli import run
from omnidesk.core import log_line
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.errors import Failure, system_words
from omnidesk.core.paths import Paths, find_root
from omnidesk.hooks.panel_event import PANEL_FUNCTION
from omnidesk.wording.answer import answer_xml, error_xml
from omnidesk.wording.arguments import Arguments


def main(argv: Sequence[str] | None = None, dependencies: Dependencies | None = None) -> int:
    """Run a command; the exit code: 0 done, 1 failed with the reason on stdout (panel) or stderr (person)."""
    _prepare_streams()
    try:
        code = _run(list(sys.argv[1:] if argv is None else argv), dependencies or Dependencies())
        sys.stdout.flush()
    except OSError as error:  # of the output: a command's own are failures
        return _unwritten(error)
    return code


def _run(given: list[str], dependencies: Dependencies) -> int:
    paths = Paths(find_root(sys.argv[0]))
    if given == [PANEL_FUNCTION]:
        from omnidesk.panel_ui import serve

        return serve.main(paths, dependencies)
    if any(word in ("--command", "-c") or word.startswith("--command=") for word in given):
        return _for_panel(given, paths, dependencies)
    from omnidesk.cli.person import person

    return person(given, paths, dependencies)


# Standard streams


def _prepare_streams() -> None:
    """All three are open, or a connection could get the number of one; their encoding does not follow the locale."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.open(os.devnull, os.O_RDWR), mode))  # noqa: SIM115  the lowest free number
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _unwritten(error: OSError) -> int:
    """The answer could not be written: whoever read has read enough, or there is no room for it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python would complain once more at its end
    if isinstance(error, BrokenPipeError):
        return 0
    log_line.to_stderr(Failure("disk", "stdout", system_words(error)).phrase.full(run.language_of_locale()))
    return 1


# The panel


def _for_panel(given: list[str], paths: Paths, dependencies: Dependencies) -> int:
    """XML on stdout whatever happens. Unknown options are ignored: the panel may add some."""
    language = "ru"
    try:
        options = _options(given)
        language = "en" if options.get("lang", options.get("l", "ru")).startswith("en") else "ru"
        name = options.get("command", options.get("c", ""))
        arguments = _arguments(options, language)
        if options.get("id") and not arguments.id and name in run.COMMANDS and not run.COMMANDS[name]:
            raise Failure("bad_value", "--id", options["id"][:40])  # no ticket, which is not "all tickets"
        answer = run.run(name, arguments, paths, dependencies)
    except Failure as failure:
        _print(error_xml(failure, language))
        return 1
    _print(answer_xml(answer, language))
    return 1 if answer.failed else 0


def _options(given: list[str]) -> dict[str, str]:
    """``--name value`` pairs (also ``--name=value``, ``-c value``); flags without a value are "on"."""
    found: dict[str, str] = {}
    position = 0
    while position < len(given):
        word = given[position]
        position += 1
        if not word.startswith("-") or word == "-":
            continue
        name, equals, value = word.lstrip("-").partition("=")
        takes = not equals and name not in _FLAGS and position < len(given) and not given[position].startswith("--")
        if takes:  # an empty value is a value: the panel gives what it does not know like this
            value = given[position]
            position += 1
        found[name.replace("_", "-")] = value if equals or takes else "on"
    return found


_OFF = ("", "off", "no", "0", "false")
_FLAGS = ("dry-run", "no-wait", "allow-mass-change", "yes", "open-only")


def _arguments(options: dict[str, str], language: str) -> Arguments:
    return Arguments(
        id=_number(options, "id"),
        rating=options.get("rating", ""),
        dry_run=_flag(options, "dry-run"),
        no_wait=_flag(options, "no-wait"),
        linger=None if options.get("linger") == "on" else float(_number(options, "linger")),
        allow_mass_change=_flag(options, "allow-mass-change"),
        yes=_flag(options, "yes"),
        since=options.get("since", ""),
        department=options.get("department", ""),
        open_only=_flag(options, "open-only"),
        tables=options.get("tables", ""),
        columns=options.get("columns", ""),
        channel=options.get("channel", ""),
        language=language,
    )


def _flag(options: dict[str, str], name: str) -> bool:
    """Whether a flag is set: ``--yes``, ``--yes=1``, but not ``--yes=0``."""
    return options.get(name, "").lower() not in _OFF


def _number(options: dict[str, str], name: str) -> int:
    text = options.get(name, "")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Failure("bad_value", f"--{name}", text[:40])
    return int(text)


def _print(document: bytes) -> None:
    sys.stdout.buffer.write(document)
    sys.stdout.buffer.flush()
