"""Writing ``omnidesk.conf``: the settings change, what people wrote around them stays.

Comments, blank lines and the order are the administrator's. A setting keeps its line; a new one goes below the comment
that explains it, else to the end. What the module would refuse to read is fixed on the way: a setting given twice is
written once, a name that is none becomes a comment. Others see the old file or the new one, never a part.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from omnidesk.core import atomic_file, conf
from omnidesk.core.errors import Misconfigured, system_words
from omnidesk.core.paths import Paths, private_folder
from omnidesk.core.phrase import Phrase
from omnidesk.core.settings import MOST_BYTES, SETTINGS, parse

UNKNOWN = "# unknown setting: "
_MARK = "\ufeff"
_LONE_RETURN = re.compile("\r(?!\n)")  # a line's end for whoever reads the file as text


class Unwritable(ValueError):
    """A value that one line of the file cannot hold; ``name`` is the setting's. The value itself is not repeated."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True)
class Present:
    """The file as it is: its text, each setting's value as it stands there (the first, when given twice)."""

    text: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    missing: bool = False
    problem: Misconfigured | None = None

    def get(self, name: str) -> str:
        return self.values.get(name, "")


def read(paths: Paths) -> Present:
    """The file, whatever is wrong with its content; :class:`Misconfigured` when it cannot be read at all."""
    try:
        with open(paths.settings, "rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        absent = Misconfigured("settings_file", paths.settings, Phrase("setting.file_missing"))
        return Present(_example(paths), {}, missing=True, problem=absent)
    except OSError as error:
        raise Misconfigured("settings_file", paths.settings, system_words(error)) from error
    if len(content) > MOST_BYTES:
        raise Misconfigured("settings_file", paths.settings, Phrase("setting.file_large"))
    problem: Misconfigured | None
    try:
        text = _LONE_RETURN.sub("\n", content.decode("utf-8"))
        problem = _problem(text)
    except UnicodeDecodeError:
        text = content.decode("utf-8", "replace")  # its comments lose some letters; it was of no use before
        problem = Misconfigured("settings_file", paths.settings, Phrase("setting.not_utf8"))
    return Present(text, values(text), problem=problem)


def _problem(text: str) -> Misconfigured | None:
    try:
        parse(text)
    except Misconfigured as problem:
        return problem
    return None


def _example(paths: Paths) -> str:
    """What a new file begins with: the explained one that the installation brought, if it is there."""
    try:
        with open(f"{paths.settings}.example", encoding="utf-8") as file:
            return file.read(MOST_BYTES)
    except (OSError, UnicodeDecodeError):
        return ""


def values(text: str) -> dict[str, str]:
    """Each known setting's text, the first where it is given twice; no entry for one that is empty."""
    found: dict[str, str] = {}
    for _, name, value in conf.parse(text):
        if name in SETTINGS:
            found.setdefault(name, value)
    return {name: value for name, value in found.items() if value}


def write(text: str, wanted: Mapping[str, str]) -> str:
    """``text`` with these settings; "" takes one out. Settings that are not named stay as they are.

    Raises :class:`Unwritable` for a value that a line cannot hold, ``KeyError`` for a name that is no setting.
    """
    for name, value in wanted.items():
        _ = SETTINGS[name]
        if value and (conf.parse(f"{name} {value}") != [(1, name, value)] or not _fits(value)):
            raise Unwritable(name)
    mark, body = (_MARK, text[1:]) if text.startswith(_MARK) else ("", text)
    seen: set[str] = set()
    lines: list[str] = []
    for line in body.split("\n"):
        lines += _line(line, wanted, seen)
    for name in SETTINGS:
        if wanted.get(name) and name not in seen:
            _add(lines, name, wanted[name])
    return mark + "\n".join(lines)


def _fits(value: str) -> bool:
    """No line ends of any kind, no control signs, nothing that UTF-8 cannot say."""
    return all(sign == "\t" or unicodedata.category(sign) not in ("Cc", "Cs", "Zl", "Zp") for sign in value)


def _line(line: str, wanted: Mapping[str, str], seen: set[str]) -> list[str]:
    """What becomes of one line: itself, with another value, a comment, or nothing."""
    found = conf.parse("\n" + line)  # a mark of the byte order counts at the file's start only
    if not found:
        return [line]
    _, name, value = found[0]
    if name not in SETTINGS:
        return [UNKNOWN + line.strip()]
    if name in seen:
        return []
    seen.add(name)
    if name not in wanted or wanted[name] == value:
        return [line]
    end = "\r" if line.endswith("\r") else ""
    start = line[: line.index(name)] + name
    between = re.match(r"[ \t]*", line[len(start) :])
    blanks = between.group() if between is not None and value else " "
    return [(start + (blanks + wanted[name] if wanted[name] else "")) + end]


def _add(lines: list[str], name: str, value: str) -> None:
    """A setting that had no line: below the comment with its name, else at the end."""
    shown = re.compile(rf"[ \t]*#[ \t]*{name}(?:[ \t\r]|$)")
    places = [place for place, line in enumerate(lines) if shown.match(line)]
    place = places[-1] + 1 if places else len(lines) - (lines[-1] == "")
    lines[place:place] = [f"{name} {value}"]
    if lines[-1] and place == len(lines) - 1:
        lines.append("")


def save(paths: Paths, wanted: Mapping[str, str]) -> None:
    """Change the file. Call it within :func:`alone`; ``OSError`` of the disk, :class:`Unwritable` of the values."""
    text = write(read(paths).text, wanted)
    parse(text)  # what the module could not read must not be written
    private_folder(paths.etc)
    atomic_file.replace(os.path.realpath(paths.settings), text.encode("utf-8"), private=True)


def alone(paths: Paths) -> AbstractContextManager[None]:
    """One save at a time."""
    return atomic_file.alone(paths, "settings.lock")
