"""Write the manual pages, the tables of docs/commands*.md and the completion scripts, from the module's own texts.

What a command is for stands in lib/omnidesk/wording/help_texts.py, where ``--help`` takes it from. Run with
``--check`` this only says whether everything is up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from generated import SOURCES, write

PAGES = {"en": SOURCES / "docs/commands.md", "ru": SOURCES / "docs/commands.ru.md"}
MANUALS = {"en": SOURCES / "man/pmomnidesk.1", "ru": SOURCES / "man/ru/pmomnidesk.1"}
COMPLETIONS = {
    "bash": SOURCES / "packaging/completion/pmomnidesk.bash",
    "zsh": SOURCES / "packaging/completion/pmomnidesk.zsh",
    "fish": SOURCES / "packaging/completion/pmomnidesk.fish",
}
BEGIN = "<!-- begin of the commands: written by scripts/docs/manual.py, a test compares -->"
END = "<!-- end of the commands -->"

sys.path.insert(0, str(SOURCES / "lib"))

from omnidesk.cli.person import completion_script  # noqa: E402
from omnidesk.core.phrase import Text  # noqa: E402
from omnidesk.wording import help_texts as texts  # noqa: E402  found through the line above

HEADS = {
    "en": {"command": "Command", "does": "Does", "option": "Option", "means": "Meaning", "code": "Code"},
    "ru": {"command": "Команда", "does": "Что делает", "option": "Опция", "means": "Значение", "code": "Код"},
}


# Pages


def page(document: str, language: str) -> str:
    """A page of commands with what the texts say today."""
    begin, end = document.index(BEGIN) + len(BEGIN), document.index(END)
    return document[:begin] + "\n\n" + "\n".join(sections(language)) + "\n" + document[end:]


def sections(language: str) -> Iterator[str]:
    """The exit codes, then one part for each group and each command."""
    heads = HEADS[language]
    yield from (f"## {texts.LABELS['codes'].of(language)}", "")
    yield from (f"| {heads['code']} | {heads['means']} |", "|---|---|")
    yield from (f"| {code} | {_cell(words.of(language))} |" for code, words in texts.EXIT_CODES)
    yield ""
    for group, names in texts.GROUPS:
        yield from (f"## {group.of(language)}", "")
        yield from (f"| {heads['command']} | {heads['does']} |", "|---|---|")
        yield from (f"| `{texts.call(name, language)}` | {_cell(texts.HELPS[name].short.of(language))} |"
                    for name in names)  # fmt: skip
        yield ""
        for name in names:
            yield from command(name, language)


def command(name: str, language: str) -> Iterator[str]:
    """One command."""
    one, heads = texts.HELPS[name], HEADS[language]
    yield from (f"### {name}", "", *_filled(one.more.of(language)), "")
    own = [option for option in texts.options_of(name) if option not in (texts.JSON, texts.LANG)]
    if own:
        yield from (f"| {heads['option']} | {heads['means']} |", "|---|---|")
        yield from (f"| `{texts.option_call(option, language)}` | {_cell(option.words.of(language))} |"
                    for option in own)  # fmt: skip
        yield ""
    if one.examples:
        yield from ("```sh", *(example.line for example in one.examples), "```", "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("_", "\\_").replace("*", "\\*").replace("<", "&lt;")


def _filled(text: str, width: int = 120) -> list[str]:
    lines, line = [], ""
    for word in _cell(text).replace("docs/unverified.md", "[unverified.md](unverified.md)").split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [*lines, line]


# Manual pages


def manual(language: str) -> str:
    """The manual page, in roff."""
    return "\n".join(_manual(language)) + "\n"


def _manual(language: str) -> Iterator[str]:
    def choose(english: str, russian: str) -> str:
        return russian if language == "ru" else english

    def say(words: Text) -> str:
        return _roff(words.of(language))

    yield '.\\" Written by scripts/docs/manual.py from lib/omnidesk/wording/help_texts.py.'
    yield f'.TH PMOMNIDESK 1 "" "BILLmanager\\-Omnidesk" "{choose("User commands", "Команды пользователя")}"'
    yield from (f".SH {choose('NAME', 'ИМЯ')}", f"pmomnidesk \\- {say(texts.ABOUT)}")
    yield from (f".SH {choose('SYNOPSIS', 'СИНТАКСИС')}", ".B pmomnidesk")
    yield f"{say(texts.LABELS['command'])} {say(texts.LABELS['option'])}"
    yield from (".br", ".B pmomnidesk \\-\\-command", choose("NAME [--id NUMBER]", "ИМЯ [--id НОМЕР]"))
    yield f".SH {choose('FIRST STEPS', 'ПЕРВЫЕ ШАГИ')}"
    for example in texts.STEPS:
        yield from (".TP", f".B {_roff(example.line)}", say(example.words))
    yield f".SH {choose('COMMANDS', 'КОМАНДЫ')}"
    for group, names in texts.GROUPS:
        yield f".SS {say(group)}"
        for name in names:
            yield from _manual_of(name, language)
    yield f".SH {choose('OPTIONS OF ALL COMMANDS', 'ОБЩИЕ ОПЦИИ')}"
    for option in (texts.JSON, texts.LANG):
        yield from (".TP", f".B {_roff(texts.option_call(option, language))}", say(option.words))
    yield from (".TP", ".B \\-\\-help, \\-h", say(texts.HELP))
    yield from (".TP", ".B \\-\\-version", say(texts.VERSION.words))
    yield f".SH {choose('EXIT STATUS', 'КОДЫ ЗАВЕРШЕНИЯ')}"
    for code, words in texts.EXIT_CODES:
        yield from (".TP", f".B {code}", say(words))
    yield f".SH {choose('ENVIRONMENT', 'ОКРУЖЕНИЕ')}"
    for name, words in texts.VARIABLES:
        yield from (".TP", f".B {name}", say(words))
    yield f".SH {choose('FILES', 'ФАЙЛЫ')}"
    yield _roff(texts.LABELS["files"].of(language) + ":")
    for path, words in texts.PLACES:
        yield from (".TP", f".I {_roff(path)}", say(words))


def _manual_of(name: str, language: str) -> Iterator[str]:
    one = texts.HELPS[name]
    short = one.short.of(language)
    yield from (
        ".TP",
        f".B {_roff(texts.call(name, language))}",
        _roff(f"{short[0].upper()}{short[1:]}. {one.more.of(language)}"),
    )
    for option in texts.options_of(name):
        if option in (texts.JSON, texts.LANG):
            continue
        yield from (".RS", ".TP", f".B {_roff(texts.option_call(option, language))}")
        yield from (_roff(option.words.of(language)), ".RE")
    for example in one.examples:
        yield from (".RS", ".PP", f".B {_roff(example.line)}", ".br", _roff(example.words.of(language)), ".RE")


def _roff(text: str) -> str:
    """``text`` as roff shows it: hyphens that can be typed, nothing taken for a request."""
    safe = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + safe if safe.startswith((".", "'")) else safe


def main() -> int:
    """Write, or with ``--check`` compare; 1 when a file is not up to date."""
    made = [(path, page(path.read_text(encoding="utf-8"), language)) for language, path in PAGES.items()]
    made += [(path, manual(language)) for language, path in MANUALS.items()]
    made += [(path, completion_script(shell) + "\n") for shell, path in COMPLETIONS.items()]
    return write(made)


if __name__ == "__main__":
    sys.exit(main())
