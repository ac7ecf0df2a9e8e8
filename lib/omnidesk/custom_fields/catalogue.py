"""The catalogue of values (``custom_fields_values.json``) and the links of Omnidesk's fields to them
(``custom_fields.json``).

Read strictly, with every problem of a file reported at once. A bad entry does not affect the others: it is left out, or
stays as it was when the file was last good. The two formats: the catalogue's is documented by the original's
manufacturer, the links' is this module's own.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from omnidesk.custom_fields.problems import BrokenFile, FieldProblem

Entity = Literal["user", "case"]
LONGEST_KEY = 100
LARGEST_FILE = 4 * 1024 * 1024
_FIELD = re.compile(r"cf_[1-9][0-9]{0,17}\Z")
_KEY = re.compile(r'"([^"\n]{0,200})"\s{0,100}:')


@dataclass(frozen=True)
class Value:
    """A value the provider defined: its SELECT yields it for a user's or a ticket's id in place of ``__id__``."""

    key: str
    entity: Entity
    name: str
    sql: str
    name_en: str = ""

    def title(self, language: str) -> str:
        """Its name in the reader's language, as far as the catalogue has one."""
        return self.name_en if language == "en" and self.name_en else self.name


@dataclass(frozen=True)
class Link:
    """The data field ``field`` (``cf_25``) is filled with the value of the key ``value``."""

    field: str
    value: str


@dataclass(frozen=True)
class Catalogue:
    """The usable values by key; ``problems`` tells what was wrong with the others, ``broken`` their keys."""

    values: Mapping[str, Value] = field(default_factory=dict)
    problems: tuple[FieldProblem, ...] = ()
    broken: frozenset[str] = frozenset()

    def get(self, key: str) -> Value | None:
        """The value of this key, if there is one that can be used."""
        return self.values.get(key)

    def __iter__(self) -> Iterator[Value]:
        return iter(self.values.values())

    def __len__(self) -> int:
        return len(self.values)


def load(path: str | os.PathLike[str]) -> Catalogue:
    """The catalogue; raises :class:`BrokenFile` (type ``catalogue``) with all problems if there is any."""
    found = parse(read_text(path, "catalogue"), os.path.basename(path))
    if found.problems:
        raise BrokenFile("catalogue", os.path.basename(path), found.problems)
    return found


def load_links(path: str | os.PathLike[str]) -> tuple[Link, ...]:
    """The links; a missing file means none. Raises :class:`BrokenFile` (type ``field_links``) with all problems."""
    if not os.path.exists(path):
        return ()
    return parse_links(read_text(path, "field_links"), os.path.basename(path))


def read_text(path: str | os.PathLike[str], kind: str) -> str:
    """The file's text (UTF-8, a byte order mark is tolerated); raises :class:`BrokenFile`."""
    name = os.path.basename(path)
    try:
        with open(path, "rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise BrokenFile(kind, name, (FieldProblem("missing_file"),)) from error
    except OSError as error:
        raise BrokenFile(kind, name, (FieldProblem("unreadable_file", reason=error.strerror),)) from error
    if len(content) > LARGEST_FILE:
        raise BrokenFile(kind, name, (FieldProblem("unreadable_file", reason=f"> {LARGEST_FILE} bytes"),))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        raise BrokenFile(kind, name, (FieldProblem("not_utf8", line=line, column=column),)) from error


class _Pairs(list[tuple[str, Any]]):
    """An object of the file with its keys as written: a second key of the same name must not hide the first."""


def _decode(text: str, kind: str, filename: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_Pairs)
    except json.JSONDecodeError as error:
        problem = FieldProblem("not_json", line=error.lineno, column=error.colno, reason=error.msg)
        raise BrokenFile(kind, filename, (problem,)) from error
    except (RecursionError, ValueError) as error:
        deep = isinstance(error, RecursionError)
        reason = "nested too deeply" if deep else "a number of thousands of digits"  # Python reads no more than 4300
        raise BrokenFile(kind, filename, (FieldProblem("not_json", line=1, column=1, reason=reason),)) from error


def parse(text: str, filename: str = "custom_fields_values.json") -> Catalogue:
    """The catalogue from its text; raises :class:`BrokenFile` only when nothing of it can be used."""
    content = _decode(text, "catalogue", filename)
    if not isinstance(content, _Pairs):
        raise BrokenFile("catalogue", filename, (FieldProblem("not_an_object"),))
    values: dict[str, Value] = {}
    problems: list[FieldProblem] = []
    broken: set[str] = set()
    counts = Counter(key for key, _ in content)
    places = _places(text, counts)
    for key, entry in content:
        lines = places[key]
        found = _entry_problems(key, entry, lines[0])
        if counts[key] > 1:
            found = [] if key in broken else [FieldProblem("duplicate_key", key=key, lines=", ".join(map(str, lines)))]
            broken.add(key)
        elif found:
            broken.add(key)
        else:
            values[key] = _value(key, dict(entry))
        problems += found
    return Catalogue(values, tuple(problems), frozenset(broken))


def _value(key: str, entry: dict[str, Any]) -> Value:
    return Value(key, cast(Entity, entry["entity"]), entry.get("name") or key, entry["sql"], entry.get("name_en", ""))


def _entry_problems(key: str, entry: Any, line: int) -> list[FieldProblem]:
    if not key or key != key.strip() or len(key) > LONGEST_KEY or not key.isprintable():
        return [FieldProblem("bad_key", key=repr(key))]
    if not isinstance(entry, _Pairs):
        return [FieldProblem("bad_entry", key=key, line=line)]
    parts = dict(entry)
    problems = []
    for part in ("entity", "sql"):
        if part not in parts or parts[part] == "":
            problems.append(FieldProblem("missing_part", key=key, line=line, part=part))
    for part in ("entity", "name", "name_en", "sql"):
        if not _is_text(parts.get(part, "")):
            problems.append(FieldProblem("wrong_type", key=key, line=line, part=part))
    entity = parts.get("entity", "")
    if isinstance(entity, str) and entity not in ("", "user", "case"):
        problems.append(FieldProblem("unknown_entity", key=key, line=line, value=entity))
    return problems


def _is_text(value: Any) -> bool:
    """A string that can be stored and shown; JSON can write half of a character."""
    return isinstance(value, str) and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _places(text: str, keys: Iterable[str]) -> dict[str, list[int]]:
    """The lines each key is written in; the JSON decoder does not tell. A key written with escapes is not found."""
    found: dict[str, list[int]] = {key: [] for key in keys}
    line, counted = 1, 0
    for match in _KEY.finditer(text):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        if match[1] in found:
            found[match[1]].append(line)
    return {key: lines or [1] for key, lines in found.items()}


def parse_links(text: str, filename: str = "custom_fields.json") -> tuple[Link, ...]:
    """The links from their text; raises :class:`BrokenFile` with all problems."""
    content = _decode(text, "field_links", filename)
    if not isinstance(content, list) or isinstance(content, _Pairs):
        raise BrokenFile("field_links", filename, (FieldProblem("not_a_list"),))
    links: list[Link] = []
    taken: set[str] = set()
    problems: list[FieldProblem] = []
    for number, entry in enumerate(content, 1):
        parts = dict(entry) if isinstance(entry, _Pairs) else {}
        name, value = parts.get("field"), parts.get("value")
        if not (isinstance(name, str) and _FIELD.match(name) and value and _is_text(value)):
            problems.append(FieldProblem("bad_link", number=number))
        elif name in taken:
            problems.append(FieldProblem("duplicate_link", number=number, field=name))
        else:
            taken.add(name)
            links.append(Link(name, value))
    if problems:
        raise BrokenFile("field_links", filename, tuple(problems))
    return tuple(links)
