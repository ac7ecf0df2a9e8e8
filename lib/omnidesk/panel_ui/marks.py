"""Lines of a form that say how things are: good, a warning, wrong; each with its sign and its colour.

A plain text (``<textdata>``) has one colour, so they are HTML (``<htmldata>``): old elements and attributes that need
no style sheet and pass where styles are not allowed. The sign says the same to whoever does not see colours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

GOOD, WARNING, WRONG = "good", "warning", "wrong"
_SIGNS = {GOOD: "✓", WARNING: "⚠", WRONG: "✗"}
_COLOURS = {GOOD: "#2e7d32", WARNING: "#a15c00", WRONG: "#d32f2f"}


@dataclass(frozen=True)
class Line:
    """A text of one kind; ``kind`` "" is neither good nor bad."""

    kind: str
    text: str


def html(lines: Iterable[Line]) -> str:
    """The lines below each other. Texts are texts: nothing in them is taken for HTML."""
    return "<br/>".join(_html(one) for one in lines)


def _html(line: Line) -> str:
    text = escape(line.text).replace("\n", "<br/>")
    if line.kind not in _SIGNS:
        return text
    return f'<font color="{_COLOURS[line.kind]}">{_SIGNS[line.kind]} {text}</font>'


def plain(lines: Iterable[Line]) -> str:
    """The same as a text without colours."""
    return "\n".join(f"{_SIGNS[one.kind]} {one.text}" if one.kind in _SIGNS else one.text for one in lines)
