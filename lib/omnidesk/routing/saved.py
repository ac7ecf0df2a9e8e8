"""Writing ``routing.json``: one row changes, the others stay as people wrote them.

A file that is broken is not written at all: the failure says what to fix. Other processes see the old file or the new
one, never a part; two saves at once take turns. A row is named by its number and a digest of its content, so that a
page that was opened before somebody else's change does not change another row.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Sequence
from typing import Any

from omnidesk.core import atomic_file
from omnidesk.core.errors import Refused
from omnidesk.core.paths import Paths
from omnidesk.routing.table import Row, parse, read_text, row

Entry = Any  # a row as the file has it, which need not be an object


def keys(paths: Paths) -> dict[str, Row]:
    """The rows of the file by their keys; raises :class:`~omnidesk.routing.table.BrokenTable`."""
    text = read_text(paths.routing)
    rows = parse(text)
    entries: list[Entry] = json.loads(text) if rows else []
    return {key(number, entry): row(entry, number) for number, entry in enumerate(entries, 1)}


def key(number: int, entry: Entry) -> str:
    """By what a row is known until it changes."""
    digest = hashlib.sha256(json.dumps(entry, sort_keys=True).encode("utf-8", "replace")).hexdigest()
    return f"{number}-{digest[:8]}"


def put(paths: Paths, made: Entry, instead: str = "") -> None:
    """Write a row; ``instead``: the key of the one that it replaces, "": it is a new one, at the end."""

    def alter(entries: list[Entry]) -> list[Entry]:
        if not instead:
            return [*entries, made]
        place = _places(entries, [instead])[0]
        return [*entries[:place], made, *entries[place + 1 :]]

    _change(paths, alter)


def remove(paths: Paths, wanted: Collection[str]) -> None:
    """Take rows out."""

    def alter(entries: list[Entry]) -> list[Entry]:
        places = _places(entries, wanted)
        return [one for place, one in enumerate(entries) if place not in places]

    _change(paths, alter)


def move(paths: Paths, wanted: Collection[str], by: int) -> None:
    """Move rows one place up (``by`` -1) or down (1): the first that fits a ticket counts."""

    def alter(entries: list[Entry]) -> list[Entry]:
        moved = list(entries)
        for place in sorted(_places(entries, wanted), reverse=by > 0):
            if 0 <= place + by < len(moved):
                moved[place], moved[place + by] = moved[place + by], moved[place]
        return moved

    _change(paths, alter)


def written(entries: Sequence[Entry]) -> str:
    """The file's text: one row a line, as people write it."""
    rows = ",\n".join("    " + json.dumps(one, ensure_ascii=False) for one in entries)
    return f"[\n{rows}\n]\n" if rows else "[]\n"


def _places(entries: Sequence[Entry], wanted: Collection[str]) -> list[int]:
    known = {key(number, entry): number - 1 for number, entry in enumerate(entries, 1)}
    if not wanted or not set(wanted) <= known.keys():
        raise Refused("no_route", value=", ".join(sorted(wanted))[:80])
    return [known[one] for one in wanted]


def _change(paths: Paths, alter: Callable[[list[Entry]], list[Entry]]) -> None:
    with atomic_file.alone(paths, "routing.lock"):
        path = os.path.realpath(paths.routing)  # a link to the file stays a link
        text = read_text(path)
        entries: list[Entry] = json.loads(text) if parse(text, os.path.basename(path)) else []
        atomic_file.replace(path, written(alter(entries)).encode("utf-8"), private=False)
