"""``etc/omnidesk/routing.json``: the rows as the administrator wrote them, read one by one.

A row that cannot be read costs only its own tickets, which go as without a row; the problem stays with the row.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from omnidesk.core.errors import Misconfigured
from omnidesk.core.live_file import LiveFile
from omnidesk.core.phrase import Phrase
from omnidesk.core.text import clean, shorten

LARGEST_FILE = 1 << 20
LONGEST = 250  # characters of a name
MOST_ROWS = 1000
PRIORITIES = ("low", "normal", "high", "critical")
# What a row may hold: several names, or one; each also by the other number of the word.
SEVERAL = ("department", "project", "labels")
ONE = ("group", "channel", "priority", "language", "comment")
GIVES = ("group", "channel", "priority", "labels", "language")  # at least one of them
_SAME = {"departments": "department", "projects": "project", "label": "labels"}


@dataclass(frozen=True)
class Row:
    """One row; names or ids as they are written. ``number`` from 1; ``problem``: why it cannot be used."""

    number: int
    department: tuple[str, ...] = ()
    project: tuple[str, ...] = ()
    group: str = ""
    channel: str = ""
    priority: str = ""
    labels: tuple[str, ...] = ()
    language: str = ""
    comment: str = ""
    problem: Phrase | None = None

    def entry(self) -> dict[str, Any]:
        """The row as the file has it."""
        several = {name: list(getattr(self, name)) for name in SEVERAL}
        one = {name: getattr(self, name) for name in ONE}
        order = ("department", "project", "group", "channel", "priority", "labels", "language", "comment")
        found = {**several, **one}
        return {
            name: found[name][0] if name != "labels" and isinstance(found[name], list) and len(found[name]) == 1
            else found[name]
            for name in order if found[name]
        }  # fmt: skip


class BrokenTable(Misconfigured):
    """The file as a whole cannot be read."""

    def __init__(self, filename: str, why: Phrase) -> None:
        super().__init__("routing", filename, why)


class LiveTable(LiveFile[tuple[Row, ...], BrokenTable]):
    """The rows in force; a missing or empty file means none."""

    def __init__(self, path: str | os.PathLike[str], report: Callable[[BrokenTable], None] | None = None) -> None:
        super().__init__(path, (), report)

    def _read(self, last: tuple[Row, ...]) -> tuple[tuple[Row, ...], BrokenTable | None]:
        try:
            return load(self.path), None
        except BrokenTable as problem:
            return last, problem


def load(path: str) -> tuple[Row, ...]:
    """The rows of a file; raises :class:`BrokenTable`."""
    return parse(read_text(path), os.path.basename(path))


def read_text(path: str) -> str:
    """The file's text; "" for a file that is not there."""
    name = os.path.basename(path)
    try:
        with open(path, "rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise BrokenTable(name, Phrase("routing.unreadable", why=error.strerror or "")) from None
    if len(content) > LARGEST_FILE:
        raise BrokenTable(name, Phrase("routing.too_large"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BrokenTable(name, Phrase("routing.not_utf8")) from None


def parse(text: str, filename: str = "routing.json") -> tuple[Row, ...]:
    """The rows of a text, in order; raises :class:`BrokenTable` when it is no list of rows at all."""
    if not text.strip():
        return ()
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        why = Phrase("routing.not_json", line=error.lineno, column=error.colno, reason=error.msg)
        raise BrokenTable(filename, why) from None
    except (RecursionError, ValueError):
        raise BrokenTable(filename, Phrase("routing.not_json", line=1, column=1, reason="nesting or number")) from None
    if not isinstance(content, list) or len(content) > MOST_ROWS:
        raise BrokenTable(filename, Phrase("routing.not_list", most=MOST_ROWS))
    return tuple(row(entry, number) for number, entry in enumerate(content, 1))


def row(entry: Any, number: int) -> Row:
    """One row; what can be read of a wrong one is kept, so that it still says whose tickets it is about."""
    if not isinstance(entry, dict):
        return Row(number, problem=Phrase("routing.not_object"))
    problem: Phrase | None = None
    found: dict[str, Any] = {}
    for given, value in entry.items():
        name = _SAME.get(given, given)
        if name not in (*SEVERAL, *ONE):
            problem = problem or Phrase("routing.unknown_key", name=shorten(clean(given), 40))
            continue
        try:
            if name in found:
                raise ValueError("given twice")
            found[name] = _names(value) if name in SEVERAL else _name(value)
        except ValueError:
            problem = problem or Phrase("routing.bad_value", name=given)
    if problem is None and found.get("priority") and found["priority"].lower() not in PRIORITIES:
        problem = Phrase("routing.bad_priority", value=found["priority"])
    if problem is None and not any(found.get(name) for name in GIVES):
        problem = Phrase("routing.gives_nothing")
    return Row(number, **found, problem=problem)


def _names(value: Any) -> tuple[str, ...]:
    given = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(name for one in given if (name := _name(one))))


def _name(value: Any) -> str:
    """A name or number; raises ``ValueError`` for anything else."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError("not a name")
    text = " ".join(str(value).split())
    if len(text) > LONGEST or not text.isprintable():
        raise ValueError("not a name")
    return text
