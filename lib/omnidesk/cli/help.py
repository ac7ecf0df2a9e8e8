"""``--help`` and what is said of a wrong command line, in both languages. From :mod:`omnidesk.wording.help_texts`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import click

from omnidesk.core.phrase import Text
from omnidesk.wording import help_texts as texts
from omnidesk.wording.screen import Screen, pad, wrap

WIDEST = 100  # lines longer than this are hard to read, however wide the terminal


def overall(screen: Screen) -> list[str]:
    """What ``pmomnidesk --help`` says: what it is, how to begin, all commands, codes, files."""
    say, label = _speaker(screen), _labels(screen)
    lines = [f"{label('usage')}: {texts.PROGRAM} {say(texts.LABELS['command'])} {say(texts.LABELS['option'])}", ""]
    lines += [*_wrapped(say(texts.ABOUT), 0, screen), "", label("begin") + ":"]
    lines += _pairs([(one.line, say(one.words)) for one in texts.STEPS], screen)
    for heading, names in texts.GROUPS:
        lines += ["", screen.paint("head", say(heading)) + ":"]
        lines += _pairs([(texts.call(name, screen.language), say(texts.HELPS[name].short)) for name in names], screen)
    lines += ["", say(texts.LABELS["each"]), "", label("options") + ":"]
    options = [_option(option, screen) for option in (texts.LANG, texts.VERSION)]
    lines += _pairs([*options, ("--help, -h", say(texts.HELP))], screen)
    lines += ["", label("codes") + ":"]
    lines += _pairs([(str(code), say(words)) for code, words in texts.EXIT_CODES], screen)
    lines += ["", label("files") + ":"]
    lines += _pairs([(path, say(words)) for path, words in texts.PLACES], screen)
    return [*lines, "", f"{label('manual')}: {say(texts.MANUAL)}"]


def of_command(name: str, screen: Screen) -> list[str]:
    """What ``pmomnidesk NAME --help`` says."""
    say, label, one = _speaker(screen), _labels(screen), texts.HELPS[name]
    short = say(one.short)
    lines = [f"{label('usage')}: {texts.usage(name, screen.language)}", ""]
    lines += _wrapped(short[0].upper() + short[1:] + ".", 0, screen)
    lines += _wrapped(say(one.more), 0, screen)
    if one.argument:
        argument = (texts.value_word(one.argument, screen.language), say(texts.ARGUMENTS[one.argument]))
        lines += ["", label("arguments") + ":", *_pairs([argument], screen)]
    pairs = [_option(option, screen) for option in texts.options_of(name)]
    lines += ["", label("options") + ":", *_pairs([*pairs, ("--help, -h", say(texts.HELP))], screen)]
    if one.examples:
        lines += ["", label("examples") + ":"]
        lines += _pairs([(example.line, say(example.words)) for example in one.examples], screen)
    return lines


def _speaker(screen: Screen) -> Callable[[Text], str]:
    return lambda words: words.of(screen.language)


def _labels(screen: Screen) -> Callable[[str], str]:
    return lambda name: screen.paint("head", texts.LABELS[name].of(screen.language))


def _option(option: texts.Option, screen: Screen) -> tuple[str, str]:
    return texts.option_call(option, screen.language), option.words.of(screen.language)


def _pairs(pairs: list[tuple[str, str]], screen: Screen) -> list[str]:
    """Two columns, the right one wrapped; a left one that is too long stands alone."""
    width = min(max(len(left) for left, _ in pairs), 34)
    room = min(screen.width, WIDEST) - width - 4
    lines = []
    for left, right in pairs:
        first, *rest = wrap(right, max(20, room))
        if len(left) > width:
            lines += [f"  {left}", " " * (width + 4) + first]
        else:
            lines.append(f"  {pad(left, width)}  {first}")
        lines += [" " * (width + 4) + line for line in rest]
    return lines


def _wrapped(text: str, indent: int, screen: Screen) -> list[str]:
    return [" " * indent + line for line in wrap(text, min(screen.width, WIDEST) - indent)]


# Wrong usage


def mistake(error: click.ClickException, language: str) -> list[str]:
    """What is wrong with a command line, and where help is to be had."""
    name = getattr(getattr(error, "ctx", None), "info_name", None)
    line = f"{texts.PROGRAM} {name} --help" if name in texts.HELPS else f"{texts.PROGRAM} --help"
    return [
        f"{texts.LABELS['error'].of(language)}: {_sentence(error, language)}.",
        f"{texts.LABELS['try'].of(language)}: {line}",
    ]


def _sentence(error: click.ClickException, language: str) -> str:
    def say(kind: str, **values: str) -> str:
        return texts.USAGE_ERRORS[kind].of(language).format(**values)

    def guess(words: str, near: Iterable[str] | None) -> str:
        found = next(iter(near or ()), "")
        return f"{words} ({say('perhaps', value=found)})" if found else words

    if isinstance(error, click.NoSuchCommand):
        return guess(say("command", value=error.command_name), error.possibilities)
    if isinstance(error, click.NoSuchOption):
        return guess(say("option", value=error.option_name), error.possibilities)
    if isinstance(error, click.BadOptionUsage):
        return say("needs", value=error.option_name)
    if isinstance(error, click.BadParameter) and error.param is not None:
        shown = error.param.metavar if isinstance(error.param, click.Argument) else error.param.opts[0]
        if isinstance(error, click.MissingParameter):
            return say("missing", value=shown or "?")
        kind = error.param.type
        name = kind.name if kind.name in texts.USAGE_ERRORS else "number"
        fits = say("choice", value=", ".join(kind.choices)) if isinstance(kind, click.Choice) else say(name)
        return say("value", value=shown or "?", what=fits)
    extra = re.search(r"unexpected extra arguments? \((.*)\)", error.format_message())
    if extra:
        return say("extra", value=extra[1])
    return say("other", value=error.format_message().rstrip("."))
