"""A ticket's conversation as each side shows it, in a form that can be compared."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_AUTHOR = re.compile(r"\A(?P<name>[^\n]+?) (?:пишет|wrote):\s*\n(?P<rest>.*)\Z", re.DOTALL)
_TICKET = re.compile(r"\A\s*(?:<p>)?(?:Запрос №|Ticket )\d+(?:\s|</p>|<br\s*/?>)+")  # stands above in a shared case
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Line:
    """One message or note: ``kind`` client, staff or note; ``who`` the author's name; ``text`` without markup.

    ``origin`` (on which side it was written, as the links say) and ``id`` are not compared.
    """

    kind: str
    who: str
    text: str
    files: tuple[tuple[str, bytes], ...] = ()
    rating: str = ""
    origin: str = field(default="", compare=False)
    id: int = field(default=0, compare=False)

    def __str__(self) -> str:
        files = f" [{', '.join(name for name, _ in self.files)}]" if self.files else ""
        return f"{self.kind:6} {self.who}: {self.text[:60]!r}{files}{' *' + self.rating if self.rating else ''}"


@dataclass(frozen=True)
class Sides:
    """Both conversations, each in its own order, and both states."""

    billmanager: list[Line]
    omnidesk: list[Line]
    state: str
    status: str

    def __str__(self) -> str:
        here = "\n".join(f"    {line}" for line in self.billmanager)
        there = "\n".join(f"    {line}" for line in self.omnidesk)
        return f"  BILLmanager ({self.state}):\n{here}\n  Omnidesk ({self.status}):\n{there}"


def bare(text: str) -> str:
    """A text without markup and with single blanks."""
    text = re.sub(r"(?i)<br\s*/?>|</p>|</div>", "\n", text)
    return _BLANKS.sub(" ", html.unescape(re.sub(r"<[a-z/][^>]*>", "", text))).strip()


def spoken(text: str, sender: str) -> tuple[str, str]:
    """(author, text): whoever the line above a text names is its author, not who sent it."""
    text = _TICKET.sub("", text)
    found = _AUTHOR.match(text.strip())
    return (found["name"], found["rest"]) if found else (sender, text)


def differences(sides: Sides, *, in_order: bool) -> list[str]:
    """What is not equal, in words; empty when both sides are."""
    here, there = list(sides.billmanager), list(sides.omnidesk)
    found = [f"only in BILLmanager: {line}" for line in _beyond(here, there)]
    found += [f"only in Omnidesk: {line}" for line in _beyond(there, here)]
    if not found:
        if in_order and here != there:
            found.append("the order differs")
        for origin in ("out", "in"):
            if [one for one in here if one.origin == origin] != [one for one in there if one.origin == origin]:
                found.append(f"the order of what was written on one side ({origin}) differs")
    ended = ("waiting", "closed")
    if sides.state != sides.status and not (sides.state in ended and sides.status in ended):
        found.append(f"the ticket is {sides.state}, the case {sides.status}")
    return found


def _beyond(lines: Sequence[Line], others: Sequence[Line]) -> list[Line]:
    """Lines that the others have not, or not as often."""
    left = list(others)
    found = []
    for line in lines:
        if line in left:
            left.remove(line)
        else:
            found.append(line)
    return found
