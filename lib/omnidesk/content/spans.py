"""Pieces of a line with their styles as Markdown: emphasis, code, links and pictures.

An emphasis that would not be read as such is left out. Literal signs are stand-ins (:mod:`marks`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from omnidesk.content import marks, urls
from omnidesk.content.marks import CODE_OFF, CODE_ON, FORCED, forced, hide, show
from omnidesk.content.styles import Look

_CODE_OR_RUN = re.compile(f"(?P<code>{CODE_ON}[^{CODE_OFF}]*{CODE_OFF})|(?P<run>[*]+)")
_APART = re.compile(r"\s[*]+\w|\w[*]+\s")
_PUNCTUATION = hide(marks.SIGNS) + " \u00a0«»„“”‘’…–—№§°"
_SIGNS = {"strike": "~~", "bold": "**", "italic": "*"}
_BANG = hide("!")
PICTURE = "image"  # what stands for a picture without words


class Atom(NamedTuple):
    """A piece of text with one look, literal signs as they are. ``picture``: the address of one that is shown."""

    text: str
    look: Look
    picture: str = ""


class _Unit(NamedTuple):
    """What emphasis goes around: text in stand-ins, or ``solid`` markup that nothing looks into."""

    text: str
    styles: frozenset[str]
    solid: bool


def line(atoms: Sequence[Atom], *, formatting: bool = True) -> str:
    """One line. ``formatting`` off: addresses without angle brackets, as nothing will be escaped."""
    units: list[_Unit] = []
    place = 0
    while place < len(atoms):
        end = place + 1
        while end < len(atoms) and atoms[end].look.link == atoms[place].look.link:
            end += 1
        found = _units(atoms[place:end])
        if atoms[place].look.link:
            found = _linked(found, atoms[place].look.link, formatting)
        units += found
        place = end
    return _after_bang(_emphasised(units, 0, len(units), frozenset()).strip(" \t"))


def _units(atoms: Sequence[Atom]) -> list[_Unit]:
    units: list[_Unit] = []
    for atom in atoms:
        styles = frozenset(name for name in _SIGNS if getattr(atom.look, name))
        if atom.picture:
            words = forced(hide(atom.text), "[]!") or PICTURE
            new = _Unit(f"![{words}]({atom.picture})", styles, True)
        elif atom.look.code and atom.text.strip():
            new = _Unit(f"{CODE_ON}{hide(atom.text)}{CODE_OFF}", styles, True)
        else:
            new = _Unit(hide(atom.text), styles, False)
        if units and units[-1].styles == styles and not units[-1].solid and not new.solid:
            units[-1] = _Unit(units[-1].text + new.text, styles, False)
        elif units and units[-1].text[-1:] == CODE_OFF and new.text[:1] == CODE_ON:  # code has no emphasis within it
            units[-1] = _Unit(units[-1].text[:-1] + new.text[1:], styles & units[-1].styles, True)
        else:
            units.append(new)
    return units


def _linked(units: list[_Unit], address: str, formatting: bool) -> list[_Unit]:
    """A link, with the emphasis that all of it has around it; blanks at its ends stay outside."""
    common = frozenset.intersection(*(unit.styles for unit in units))
    text = _emphasised([unit._replace(styles=unit.styles - common) for unit in units], 0, len(units), frozenset())
    inner = text.strip()
    if not inner:
        return [_Unit(text, common, False)]
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    alone = urls.autolink(show(inner), address)
    if alone:
        link = _Unit(f"<{alone}>" if formatting else hide(inner), common, True)
    else:
        # No bracket of the text closes the link, and no address in it is a link within the link.
        words = forced(inner, "[]").replace(hide("://"), FORCED + hide("://"))
        link = _Unit(f"[{words}]({address})", common, True)
    around = [_Unit(blank, common, False) for blank in (before, after) if blank]
    return [*around[: bool(before)], link, *around[bool(before) :]]


def _after_bang(text: str) -> str:
    """A literal exclamation mark right before a link would make a picture of it."""
    return text.replace(_BANG + "[", FORCED + _BANG + "[").replace(FORCED + FORCED, FORCED)


def _emphasised(units: Sequence[_Unit], start: int, end: int, done: frozenset[str]) -> str:
    """The units from ``start`` to ``end`` with the emphasis that is not ``done`` around all of them."""
    parts: list[str] = []
    place = start
    while place < end:
        left = units[place].styles - done
        if not left:
            parts.append(units[place].text)
            place += 1
            continue
        name, stop = max(((name, _extent(units, place, end, name)) for name in _SIGNS if name in left), key=_reach)
        inner = _emphasised(units, place, stop, done | {name})
        parts.append(_around(_SIGNS[name], inner, _touches(units, place, -1), _touches(units, stop - 1, 1)))
        place = stop
    return "".join(parts)


def _reach(found: tuple[str, int]) -> int:
    return found[1]


def _extent(units: Sequence[_Unit], place: int, end: int, name: str) -> int:
    while place < end and name in units[place].styles:
        place += 1
    return place


def _touches(units: Sequence[_Unit], place: int, step: int) -> bool:
    """Whether a letter, or what may begin with one, stands right beside a unit."""
    beside = place + step
    while 0 <= beside < len(units) and not units[beside].text:
        beside += step
    if not 0 <= beside < len(units):
        return False
    unit = units[beside]
    sign = unit.text[0 if step > 0 else -1]
    return unit.solid or unicodedata.category(show(sign))[0] not in "PZC" or (bool(unit.styles) and not sign.isspace())


def _around(sign: str, text: str, left: bool, right: bool) -> str:
    inner = text.strip(" \t\u00a0")
    if not any(map(str.isalnum, inner)):  # nobody sees it, and it might not be read as such
        return text
    at = text.index(inner)
    before, after = text[:at], text[at + len(inner) :]
    inner = _without_emphasis(inner) if "*" in sign else inner
    return before + _wrapped(sign, inner, (left and not before, right and not after)) + after


def _wrapped(sign: str, text: str, touches: tuple[bool, bool]) -> str:
    """A text between two signs. Beside a letter they are read as such only around a letter, so punctuation goes out."""
    start = len(text) - len(text.lstrip(_PUNCTUATION)) if touches[0] else 0
    end = len(text.rstrip(_PUNCTUATION)) if touches[1] else len(text)
    inner = text[start:end]
    if start >= end or not inner.strip():
        return text
    for touched, edge in zip(touches, (inner[0], inner[-1]), strict=True):
        if touched and not (edge == "*" == sign[0] or unicodedata.category(edge)[0] not in "PSZC"):
            return _CODE_OR_RUN.sub(_code_alone, text)  # markup of another kind stands there, and would touch more
    return f"{text[:start]}{sign}{inner}{sign}{text[end:]}"


def _without_emphasis(text: str) -> str:
    """A text to be put between asterisks: others in it stay only around all of it or, by blanks, apart from them."""
    runs = [found for found in _CODE_OR_RUN.finditer(text) if found["run"]]
    around = len(runs) == 2 and runs[0].start() == 0 and runs[1].end() == len(text) and runs[0][0] == runs[1][0]
    apart = all(_APART.match(text, max(found.start() - 1, 0), found.end() + 1) for found in runs)
    return text if around or apart else _CODE_OR_RUN.sub(_code_alone, text)


def _code_alone(found: re.Match[str]) -> str:
    return found["code"] or ""
