"""The shapes of Omnidesk's answers: lists, single objects, and the values in them.

Taken is what is documented and what is seen in live integrations: list objects with numeric string keys, both shapes of
an empty list, numbers as strings, ``"-"`` for "never", RFC 2822 dates with any (also a wrong) weekday. An answer that
cannot be one of these is a :class:`BrokenAnswer`: a failed read, never an absence.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from omnidesk.core.phrase import Phrase
from omnidesk.core.text import clean

log = logging.getLogger("omnidesk")
T = TypeVar("T")
LARGEST_ID = 2**63 - 1  # what the link tables hold
LATEST = 2**32  # Unix seconds: a date behind it is a mistake that would never be overtaken
LONGEST_NAME = 250
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)? ?(Z|[+-]\d\d:?\d\d)")  # with its zone


class BrokenAnswer(ValueError):
    """The answer has not the documented shape, so nothing may be concluded from it. ``phrase`` says what is wrong."""

    def __init__(self, key: str, **params: object) -> None:
        self.phrase = Phrase(f"said.{key}", **params)
        super().__init__(self.phrase)


def rows(answer: Any, inner: str, page: int = 1, *, hides: bool = False) -> list[dict[str, Any]]:
    """The rows of a list answer, in the order given.

    Accepts the numbered object, a plain array, and both empty shapes; raises :class:`BrokenAnswer` for anything else,
    because "nothing found" must be said by the other side, never be assumed from a shape we do not know. A count of all
    rows may stand without any only behind the first page (the list ended with a full one), or where the list ``hides``
    rows that it counts and nothing is concluded from their absence.
    """
    if isinstance(answer, list):
        return [_row(item, inner) for item in answer]
    if not isinstance(answer, dict):
        raise BrokenAnswer("no_list", what=inner, given=type(answer).__name__)
    keys = [key for key in answer if key.isascii() and key.isdigit()]
    if any(len(key) > 9 for key in keys):
        raise BrokenAnswer("no_list", what=inner, given=max(keys, key=len)[:40])
    numbered = [(int(key), answer[key]) for key in keys]
    if numbered:
        return [_row(item, inner) for _, item in sorted(numbered, key=lambda pair: pair[0])]
    if answer.get(inner) == [] or (
        "total_count" in answer and (hides or page > 1 or as_int(answer["total_count"]) == 0)
    ):
        return []
    raise BrokenAnswer("no_list", what=inner, given=as_text(f"{{{', '.join(sorted(answer))}}}", 80))


_IDS = {"custom_field": "field_id", "custom_channel": "channel_id"}


def ids(found: list[dict[str, Any]], inner: str) -> list[str]:
    """What distinguishes the rows of a list, also those that cannot be read; a row without an id by its content."""
    name = _IDS.get(inner, f"{inner}_id")
    return [str(row[name]) if row.get(name) else repr(row) for row in found]


def total(answer: Any) -> int | None:
    """How many rows the whole list has, as far as the answer says it."""
    try:
        return as_int(answer["total_count"]) if isinstance(answer, dict) and "total_count" in answer else None
    except BrokenAnswer:
        return None


def _row(item: Any, inner: str) -> dict[str, Any]:
    found = item.get(inner) if isinstance(item, dict) else None
    if not isinstance(found, dict):
        raise BrokenAnswer("no_row", what=inner)
    return found


def one(answer: Any, inner: str) -> dict[str, Any]:
    """The object of a single answer: ``{"case": {…}}``, or the object itself. A note may stand under its own name."""
    if isinstance(answer, dict) and not isinstance(answer.get(inner), dict):
        if f"{inner}_id" in answer:
            return answer
        if inner == "message" and isinstance(answer.get("note"), dict):
            return _row(answer, "note")
    return _row(answer, inner)


def as_int(value: Any) -> int:
    """A number given as int or numeric string; ``None``, ``""`` and ``"-"`` are 0."""
    if value in (None, "", "-"):
        return 0
    exact = value is not True and not (isinstance(value, float) and not value.is_integer())
    try:
        found = int(value) if exact else -1
    except (TypeError, ValueError, OverflowError):
        found = -1
    if not 0 <= found <= LARGEST_ID:
        raise BrokenAnswer("no_number", given=as_text(value, 40) or type(value).__name__)
    return found


def as_text(value: Any, most: int = LONGEST_NAME) -> str:
    """A name or number as one line that logs, tables and terminals can carry; "" for what is neither."""
    if isinstance(value, str):
        return " ".join(clean(value[: 4 * most]).split())[:most]
    return str(value)[:most] if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def content(value: Any) -> str:
    """What somebody wrote: PHP's empty array is nothing, any other container is no text."""
    if value and not isinstance(value, (str, int, float)):
        raise BrokenAnswer("no_text", given=type(value).__name__)
    return str(value) if value else ""


def as_flag(value: Any) -> bool:
    """A flag given as bool, 0/1 or their strings."""
    return value is True or as_text(value, 8).lower() in ("true", "1", "on", "yes")


def is_active(row: dict[str, Any]) -> bool:
    """Whether something is in use, which it is where nothing is said of that."""
    given = row.get("active")
    return given is None or as_flag(given)


def as_time(value: Any) -> float:
    """Unix seconds of a date; 0.0 for "never".

    RFC 2822 with any offset, its weekday not checked (documented); also as the API takes dates: seconds, ISO 8601.
    """
    if value in (None, "", "-", 0):
        return 0.0
    try:
        found = _moment(as_text(value, 100))
    except (TypeError, ValueError, IndexError, OverflowError):
        found = -1.0
    if not 0 <= found < LATEST:
        raise BrokenAnswer("no_date", given=as_text(value, 40) or type(value).__name__)
    return found


def _moment(text: str) -> float:
    if text.isascii() and text.isdigit():
        return float(text)
    iso = _ISO.fullmatch(text)
    if iso:
        return datetime.strptime("".join(iso.groups()), "%Y-%m-%d%H:%M:%S%z").timestamp()
    found = parsedate_to_datetime(text)
    return (found.replace(tzinfo=timezone.utc) if text.endswith("-0000") else found).timestamp()


def optional(instead: T, read: Callable[[Any], T], value: Any) -> T:
    """Something optional: what stands there when it cannot be read is ``instead``, and the row is as good as before."""
    try:
        return read(value)
    except BrokenAnswer as error:
        log.debug("left out: %s", error)
        return instead


def required(row: dict[str, Any], key: str) -> Any:
    """What a row must have."""
    if key not in row:
        raise BrokenAnswer("missing", what=key)
    return row[key]


def row_id(row: dict[str, Any], key: str) -> int:
    """A row's own id: without one it is nothing that could be recognised again."""
    found = as_int(required(row, key))
    if not found:
        raise BrokenAnswer("empty", what=key)
    return found
