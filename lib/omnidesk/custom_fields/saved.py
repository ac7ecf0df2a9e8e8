"""Writing ``custom_fields.json``: which field is filled with which value.

The administrator may have edited the file by hand, so an entry keeps its place and whatever else stands in it, and a
file that is broken is not written at all: the failure says what to fix. Other processes see the old file or the new
one, never a part; two saves at once take turns.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection
from typing import Any

from omnidesk.core import atomic_file
from omnidesk.core.errors import Refused
from omnidesk.core.paths import Paths
from omnidesk.custom_fields.catalogue import Link, parse_links, read_text

Entry = dict[str, Any]


def put(paths: Paths, link: Link, instead: str = "") -> None:
    """Link a field; ``instead`` names the field whose link this replaces ("": a new one).

    Raises ``field_taken`` when the field has another link, ``no_link`` when the one to replace is gone,
    :class:`~omnidesk.custom_fields.problems.BrokenFile` when the file has to be fixed first, ``OSError`` of the disk.
    """

    def alter(entries: list[Entry]) -> list[Entry]:
        taken = next((one for one in entries if one["field"] == link.field), None)
        if taken is not None and link.field != instead:
            raise Refused("field_taken", link.field, str(taken["value"]))
        made: Entry = {"field": link.field, "value": link.value}
        if not instead:
            return [*entries, made]
        if not any(one["field"] == instead for one in entries):
            raise Refused("no_link", value=instead)
        return [{**one, **made} if one["field"] == instead else one for one in entries]

    _change(paths, alter)


def add(paths: Paths, links: Collection[Link]) -> None:
    """Link several fields, all of them or none. Raises as :func:`put`."""

    def alter(entries: list[Entry]) -> list[Entry]:
        taken = {one["field"]: str(one["value"]) for one in entries}
        for link in links:
            if link.field in taken:
                raise Refused("field_taken", link.field, taken[link.field])
        return [*entries, *({"field": one.field, "value": one.value} for one in links)]

    _change(paths, alter)


def remove(paths: Paths, fields: Collection[str]) -> list[str]:
    """Take these fields' links out; those that were there. Raises as :func:`put`, ``no_link`` when none was."""
    removed: list[str] = []

    def alter(entries: list[Entry]) -> list[Entry]:
        removed.extend(one["field"] for one in entries if one["field"] in fields)
        if not removed:
            raise Refused("no_link", value=", ".join(sorted(fields))[:200])
        return [one for one in entries if one["field"] not in fields]

    _change(paths, alter)
    return removed


def written(entries: list[Entry]) -> str:
    """The file's text: one link a line, as people write it."""
    rows = ",\n".join("    " + json.dumps(one, ensure_ascii=False) for one in entries)
    return f"[\n{rows}\n]\n" if rows else "[]\n"


def _change(paths: Paths, alter: Callable[[list[Entry]], list[Entry]]) -> None:
    with atomic_file.alone(paths, "custom_fields.lock"):
        path = os.path.realpath(paths.field_links)  # a link to the file stays a link
        entries: list[Entry] = []
        if os.path.exists(path):
            text = read_text(path, "field_links")
            parse_links(text, os.path.basename(path))
            entries = json.loads(text)
        atomic_file.replace(path, written(alter(entries)).encode("utf-8"), private=False)
