"""The demo's page: headings, and two columns side by side, in whatever width there is."""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TextIO

NARROWEST, WIDEST, USUAL = 60, 160, 100
MARGIN = "  "
GUTTERS = {"": "  │  ", "right": " ──▶ ", "left": " ◀── ", "both": " ◀─▶ "}
STYLES = {
    "bold": "1",
    "dim": "2",
    "client": "1;32",
    "staff": "1;36",
    "note": "1;33",
    "good": "32",
    "bad": "1;31",
    "arrow": "1;35",
}


@dataclass(frozen=True)
class Line:
    """A paragraph of one style; what is wrapped keeps the indent."""

    text: str
    style: str = ""
    indent: int = 0


@dataclass(frozen=True)
class Row:
    """What stands side by side; ``arrow``: left, right, both, or "" for none."""

    left: Sequence[Line] = ()
    right: Sequence[Line] = ()
    arrow: str = ""


def cells(text: str) -> int:
    """How many cells of a terminal the text takes: two for wide signs and emoji, none for what combines."""
    return sum(_cells(sign) for sign in text)


def _cells(sign: str) -> int:
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most ``width`` cells; its own line breaks stay, long words are broken."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            joined = f"{line} {word}" if line else word
            if cells(joined) <= width:
                line = joined
                continue
            if line:
                lines.append(line)
            *whole, line = _broken(word, width)
            lines += whole
        lines.append(line)
    return lines


def _broken(word: str, width: int) -> list[str]:
    pieces, piece = [], ""
    for sign in word:
        if cells(piece + sign) > width:
            pieces.append(piece)
            piece = ""
        piece += sign
    return [*pieces, piece]


class Screen:
    """Writes to ``out``; coloured only on a terminal (and not with ``NO_COLOR`` set)."""

    def __init__(self, out: TextIO, width: int = 0) -> None:
        self.out = out
        wanted = width or shutil.get_terminal_size((USUAL, 25)).columns
        self.width = max(NARROWEST, min(WIDEST, wanted))
        self.column = (self.width - len(MARGIN) - len(GUTTERS[""])) // 2
        self.coloured = out.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM", "") != "dumb"
        self._open = 0

    def paint(self, text: str, style: str) -> str:
        """The text in a style of :data:`STYLES`, if there are colours."""
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self.coloured and style and text else text

    def line(self, text: str = "", style: str = "", indent: int = 0, hang: int = 0) -> None:
        """A paragraph over the whole width; what is wrapped stands ``hang`` cells further in."""
        for number, piece in enumerate(wrap(text, self.width - len(MARGIN) - indent - hang)):
            deep = indent + (hang if number else 0)
            self._print((MARGIN + " " * deep + self.paint(piece, style)) if piece else "")

    def pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Labels and values, the values below each other and never broken: somebody will copy them."""
        longest = max(cells(label) for label, _ in pairs)
        for label, value in pairs:
            self._print(MARGIN + self.paint(label + " " * (longest - cells(label) + 2), "dim") + value)

    def verbatim(self, text: str, indent: int = 0) -> None:
        """A line that somebody will copy: never broken."""
        self._print(MARGIN + " " * indent + text)

    def title(self, text: str) -> None:
        """A heading that stands for itself."""
        self._print()
        self._print(self.paint(text, "bold"))
        self._print(self.paint("─" * self.width, "dim"))

    def begin(self, text: str, room: int = 28) -> None:
        """The heading of a step, with ``room`` for what :meth:`end` adds to the line."""
        text = _cut(text, self.width - room)
        self._print()
        self._write(self.paint(text, "bold"))
        self._open = cells(text)

    def end(self, text: str, style: str = "dim") -> None:
        """The right end of a step's heading."""
        gap = max(1, self.width - self._open - cells(text) - 2)
        self._print(" " + self.paint("·" * gap, "dim") + " " + self.paint(text, style))
        self._open = 0

    def rows(self, rows: Iterable[Row]) -> None:
        """Rows of two columns."""
        for row in rows:
            left, right = self._column(row.left), self._column(row.right)
            for number, (one, other) in enumerate(zip_longest(left, right, fillvalue=("", ""))):
                gutter = GUTTERS[row.arrow if number == 0 else ""]
                self._print(
                    MARGIN
                    + self.paint(*one)
                    + " " * (self.column - cells(one[0]))
                    + self.paint(gutter, "arrow" if gutter != GUTTERS[""] else "dim")
                    + self.paint(*other)
                )

    def _column(self, lines: Sequence[Line]) -> list[tuple[str, str]]:
        return [
            (" " * line.indent + piece, line.style)
            for line in lines
            for piece in wrap(line.text, self.column - line.indent)
        ]

    def close(self) -> None:
        """End a heading that is still open, for whatever stands below it now."""
        if self._open:
            self._print()
            self._open = 0

    def _print(self, text: str = "") -> None:
        self._write(text.rstrip() + "\n")

    def _write(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()


def _cut(text: str, width: int) -> str:
    if cells(text) <= width:
        return text
    while cells(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…"
