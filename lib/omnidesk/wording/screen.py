"""The terminal: its width, colours and language; and tables on it.

Everything from outside goes through :func:`plain` before it is shown: a client's text must not steer a terminal.
"""

from __future__ import annotations

import os
import re
import sys
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

from omnidesk.core.phrase import Phrase, Text, register_composed

MARKS = {"✓": "good", "·": "dim", "!": "warn", "✗": "bad", "→": "cure"}  # what lines begin with, and their style
STYLES = {"good": "32", "bad": "31", "warn": "33", "head": "1", "dim": "2", "cure": "36"}
UNLIMITED = 10_000  # columns where nothing is laid out for a reader
READABLE = 100  # columns of a file, or of a pipe without a terminal behind it
NARROWEST = 40
UNITS = Text("s min h d", "с мин ч д")
_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)?")  # colours, cursors, titles


@dataclass(frozen=True)
class Screen:
    """``width`` in columns; ``colour``: ANSI styles are understood and wanted."""

    language: str = "en"
    width: int = UNLIMITED
    colour: bool = False

    def paint(self, style: str, text: str) -> str:
        """``text`` in one of :data:`STYLES`, as it is where there are no colours."""
        return f"\033[{STYLES[style]}m{text}\033[0m" if self.colour and text and style else text

    def text(self, key: str, **params: object) -> str:
        """A phrase in this screen's language."""
        return Phrase(key, **params).text(self.language)


def of_stdout(language: str) -> Screen:
    """The screen behind stdout. Colours only on a terminal, and not when ``NO_COLOR`` is set or it is a dumb one."""
    if not sys.stdout.isatty():
        columns = os.environ.get("COLUMNS", "")
        given = int(columns) if columns.isdigit() and columns.isascii() else 0
        return Screen(language, max(NARROWEST, given or _width_of(sys.stderr) or READABLE))
    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Screen(language, max(NARROWEST, _width_of(sys.stdout) or READABLE), colour)


def _width_of(stream: TextIO) -> int:
    """The columns of a terminal; 0 for none, or one that does not know."""
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return 0


def plain(text: str) -> str:
    """One line without anything that a terminal would obey: line ends and controls become blanks or ``?``."""
    text = _SEQUENCE.sub("", text)
    kept = "".join(letter if letter.isprintable() else " " if letter.isspace() else "?" for letter in text)
    return " ".join(kept.split())


def columns(text: str) -> int:
    """How many columns ``text`` takes: wide letters two, combining ones none."""
    return sum(_columns_of(letter) for letter in text)


def _columns_of(letter: str) -> int:
    if letter.isascii():
        return 1
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Cf", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1


def cut(text: str, width: int) -> str:
    """``text`` in at most ``width`` columns, with … where something was left out."""
    if columns(text) <= width:
        return text
    kept, taken = [], 0
    for letter in text:
        taken += _columns_of(letter)
        if taken > width - 1:
            break
        kept.append(letter)
    return "".join(kept).rstrip() + "…" if width > 0 else ""


def pad(text: str, width: int) -> str:
    """``text`` cut or filled to exactly ``width`` columns."""
    shown = cut(text, width)
    return shown + " " * (width - columns(shown))


def wrap(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` columns, broken at blanks, and within a word only where it has none."""
    lines, line = [], ""
    for word in text.split():
        while columns(word) > width:
            room = width - (columns(line) + 1 if line else 0)
            if room < 8:
                lines.append(line)
                line = ""
                continue
            piece = _head(word, room)
            lines.append(f"{line} {piece}".strip())
            line, word = "", word[len(piece) :]
        if line and columns(line) + 1 + columns(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [*lines, line] if line or not lines else lines


def hanging(text: str, width: int) -> list[str]:
    """Prose of one or several lines, each wrapped below its own beginning; what a mark begins, further to the right."""
    found = []
    for line in text.split("\n"):
        said = line.lstrip(" ")
        indent = " " * (len(line) - len(said))
        mark = said[:2] if said[:1] in MARKS and said[1:2] == " " else ""
        below = max(4, len(indent) + 2) if mark else len(indent)
        first, *rest = wrap(said[len(mark) :], max(20, width - below))
        found.append(f"{indent}{mark}{first}".rstrip())
        found += [" " * below + more for more in rest]
    return found


def _head(word: str, width: int) -> str:
    taken = 0
    for place, letter in enumerate(word):
        taken += _columns_of(letter)
        if taken > width:
            return word[: max(1, place)]
    return word


def table(screen: Screen, heads: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str] = ()) -> list[str]:
    """Lines of a table whose last column takes what is left of the width, wrapped below itself.

    ``styles``: one of :data:`STYLES` (or "") for each row.
    """
    count = len(heads)
    widths = [max(columns(row[place]) for row in (heads, *rows)) for place in range(count - 1)]
    indent = sum(widths) + 2 * (count - 1)
    room = max(20, screen.width - indent)
    lines = [screen.paint("head", _line(heads, widths))]
    for number, row in enumerate(rows):
        last = wrap(row[-1], room)
        style = styles[number] if styles else ""
        lines.append(screen.paint(style, _line([*row[:-1], last[0]], widths)))
        lines += [screen.paint(style, " " * indent + more) for more in last[1:]]
    return lines


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    fixed = [pad(cell, width) for cell, width in zip(cells[:-1], widths, strict=True)]
    return "  ".join([*fixed, cells[-1]]).rstrip()


def moment(when: float) -> str:
    """A time as people read it, in the machine's zone; "" for none."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(when)) if when else ""


def span(seconds: float, language: str) -> str:
    """A length of time in its largest units: ``45 s``, ``3 min``, ``2 h 5 min``, ``4 d 3 h``."""
    second, minute, hour, day = UNITS.of(language).split()
    left = max(0, round(seconds))
    if left < 120:
        return f"{left} {second}"
    if left < 7200:
        return f"{left // 60} {minute}"
    if left < 2 * 86400:
        return f"{left // 3600} {hour} {left % 3600 // 60} {minute}"
    return f"{left // 86400} {day} {left % 86400 // 3600} {hour}"


register_composed("span", lambda language, seconds: span(seconds, language))
