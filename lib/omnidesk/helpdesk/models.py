"""Omnidesk's objects as plain values, and how they are read from its answers.

The parsers take what is documented and what is seen in live integrations: list objects with numeric string keys, both
shapes of an empty list, numbers as strings, ``"-"`` for "never", RFC 2822 dates with any (also a wrong) weekday. An
answer that cannot be one of these is a :class:`BrokenAnswer`: a failed read, never an absence.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote

from omnidesk.core.filenames import of_url
from omnidesk.core.phrase import Phrase
from omnidesk.core.text import clean

log = logging.getLogger("omnidesk")
T = TypeVar("T")
STATUSES = ("open", "waiting", "closed")
PRIORITIES = ("low", "normal", "high", "critical")
NOT_SAID = -1  # of a case's assignee, where an answer says nothing of him that can be read
LARGEST_ID = 2**63 - 1  # what the link tables hold
LATEST = 2**32  # Unix seconds: a date behind it is a mistake that would never be overtaken
LONGEST_SIGNATURE = 4000
LONGEST_NAME = 250
LONGEST_NUMBER = 32  # of a case: what the link tables hold
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)? ?(Z|[+-]\d\d:?\d\d)")  # with its zone
LARGEST_FILE = 25 * 1024 * 1024  # bytes of one attachment, either way (documented)


class BrokenAnswer(ValueError):
    """The answer has not the documented shape, so nothing may be concluded from it. ``phrase`` says what is wrong."""

    def __init__(self, key: str, **params: object) -> None:
        self.phrase = Phrase(f"said.{key}", **params)
        super().__init__(self.phrase)


@dataclass(frozen=True)
class Attachment:
    """A file of a message: ``url`` lies under the account's host (documented), ``size`` in bytes."""

    name: str
    url: str
    size: int = 0
    mime_type: str = ""


@dataclass(frozen=True)
class Case:
    """A case (обращение). Times are Unix seconds, 0.0 for "never"; ``parent_case_id`` is set for a merged case.

    ``staff_id``: the assignee, 0: nobody, :data:`NOT_SAID` where the answer does not say it.
    """

    case_id: int
    case_number: str
    subject: str
    user_id: int
    staff_id: int
    status: str
    channel: str
    deleted: bool
    spam: bool
    parent_case_id: int
    created_at: float
    updated_at: float
    last_response_at: float
    closed_at: float = 0.0
    custom_fields: dict[str, Any] = field(default_factory=dict)
    group_id: int = 0
    priority: str = ""  # low, normal, high or critical; "": none of them


@dataclass(frozen=True)
class StatusChange:
    """A line of a case's history: who (``staff_330``, ``user_…``, ``rule_…``) gave it which status, and when.

    ``key``: it is the employee whose API key we use, who may be named for what our calls did.
    """

    at: float
    by: str
    status: str
    key: bool = False


@dataclass(frozen=True)
class Message:
    """A reply or note of a case; exactly one of ``user_id`` (client) and ``staff_id`` is non-zero."""

    message_id: int
    user_id: int
    staff_id: int
    content: str
    content_html: str
    note: bool
    sent_via_rule: bool
    created_at: float
    message_type: str = ""
    rating: str = ""
    attachments: tuple[Attachment, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in it to be carried over."""
        return not (self.content or self.content_html or self.attachments)

    @property
    def is_system(self) -> bool:
        """Records of the system (assignment, merge…) that nobody wrote (seen in live exports as other types)."""
        if self.message_type:
            return not self.message_type.startswith(("reply", "note"))
        return False


@dataclass(frozen=True)
class Staff:
    """An employee on Omnidesk's side."""

    staff_id: int
    email: str
    name: str
    active: bool
    signature: str = ""


@dataclass(frozen=True)
class User:
    """A client on Omnidesk's side. ``custom_id``: who he is in a custom channel, "" elsewhere."""

    user_id: int
    custom_id: str
    email: str
    active: bool = True


@dataclass(frozen=True)
class CustomField:
    """A data field of the account. ``key`` is ``cf_<id>``; ``level`` is user or case; ``options``: key -> label."""

    key: str
    title: str
    type: str
    level: str
    active: bool
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Channel:
    """A custom channel: ``key`` is ``cch<id>`` (``channel_api_key``)."""

    key: str
    title: str
    type: str
    webhook_url: str
    active: bool

    @property
    def is_chat(self) -> bool:
        """A synchronous channel: a ticket is no chat."""
        return self.type.lower() in ("sync", "chat", "live_chat")


@dataclass(frozen=True)
class Named:
    """Something of a list that has an id and a title: a group, a label, a language (with its ``code``)."""

    id: int
    title: str
    code: str = ""
    active: bool = True


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
    """The object of a single answer: ``{"case": {…}}``."""
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


def _content(value: Any) -> str:
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


def _or(instead: T, read: Callable[[Any], T], value: Any) -> T:
    """Something optional: what stands there when it cannot be read is ``instead``, and the row is as good as before."""
    try:
        return read(value)
    except BrokenAnswer as error:
        log.debug("left out: %s", error)
        return instead


def _require(row: dict[str, Any], key: str) -> Any:
    if key not in row:
        raise BrokenAnswer("missing", what=key)
    return row[key]


def _id(row: dict[str, Any], key: str) -> int:
    """A row's own id: without one it is nothing that could be recognised again."""
    found = as_int(_require(row, key))
    if not found:
        raise BrokenAnswer("empty", what=key)
    return found


def case(row: dict[str, Any]) -> Case:
    """A case from its object; its id and status must be there."""
    status = as_text(_require(row, "status"), 40).lower()
    if status not in STATUSES:
        raise BrokenAnswer("unknown_status", given=status)
    fields = row.get("custom_fields")
    return Case(
        case_id=_id(row, "case_id"),
        case_number=as_text(row.get("case_number"), LONGEST_NUMBER),
        subject=as_text(row.get("subject")),
        user_id=as_int(row.get("user_id")),
        staff_id=_or(NOT_SAID, as_int, row["staff_id"]) if "staff_id" in row else NOT_SAID,
        status=status,
        channel=as_text(row.get("channel")),
        deleted=as_flag(row.get("deleted")),
        spam=as_flag(row.get("spam")),
        parent_case_id=as_int(row.get("parent_case_id")),
        created_at=_or(0.0, as_time, row.get("created_at")),
        updated_at=as_time(row.get("updated_at")),
        last_response_at=_or(0.0, as_time, row.get("last_response_at")),
        closed_at=_or(0.0, as_time, row.get("closed_at")),
        custom_fields=fields if isinstance(fields, dict) else {},  # PHP writes an empty object as []
        group_id=_or(0, as_int, row.get("group_id")),
        priority=priority if (priority := as_text(row.get("priority"), 16).lower()) in PRIORITIES else "",
    )


def status_changes(answer: Any) -> list[StatusChange]:
    """The changes of status in a case's history; lines that cannot be read prove nothing and are left out."""
    lines = answer.get("changelog") if isinstance(answer, dict) else None
    if not isinstance(lines, list):
        raise BrokenAnswer("no_history")
    found = []
    for line in (one for one in lines if isinstance(one, dict) and one.get("event") == "status"):
        at = _or(0.0, as_time, line.get("created_at"))
        found.append(StatusChange(at, as_text(line.get("done_by")), as_text(line.get("value"))))
    return found


def _attachment(row: Any, home: str) -> Attachment:
    """A file. One without an address is kept all the same: its message is sent and says that it could not."""
    if not isinstance(row, dict):
        row = {"url": row}
    url = row.get("url") if isinstance(row.get("url"), str) and row["url"].isprintable() else ""
    if url.startswith("/"):
        url = f"{home.partition('//')[0]}{url}" if url.startswith("//") else f"{home}{url}"
    size = row.get("file_size")
    return Attachment(
        name=as_text(row.get("file_name"), 2000) or as_text(of_url(url), 2000) or "file",
        url=url,
        size=size if isinstance(size, int) and 0 <= size <= LARGEST_ID else 0,
        mime_type=as_text(row.get("mime_type")),
    )


def message(row: dict[str, Any], home: str = "") -> Message:
    """A message from its object; attachments may come as array or numbered object, with addresses below ``home``."""
    files = row.get("attachments") or []
    if isinstance(files, dict):
        files = list(files.values())
    if not isinstance(files, list):
        files = [files]  # kept as one that has no address: the message is sent and says that it could not
    return Message(
        message_id=_id(row, "message_id"),
        user_id=as_int(row.get("user_id")),
        staff_id=as_int(row.get("staff_id")),
        content=_content(row.get("content")),
        content_html=_content(row.get("content_html")),
        note=as_flag(row.get("note")),
        sent_via_rule=as_flag(row.get("sent_via_rule")),
        created_at=_or(0.0, as_time, row.get("created_at")),
        message_type=as_text(row.get("message_type")),
        rating=as_text(row.get("rating")).strip("-"),
        attachments=tuple(_attachment(item, home) for item in files),
    )


def user(row: dict[str, Any]) -> User:
    """A client of Omnidesk; ``user_custom_id`` is what cases of a custom channel name him by (documented)."""
    custom = as_text(row.get("user_custom_id")).strip()
    email = as_text(row.get("user_email")).strip().lower()
    return User(as_int(_require(row, "user_id")), custom, "" if email == "-" else email, user_is_active(row))


def user_is_active(row: dict[str, Any]) -> bool:
    """Whether a client is neither blocked (``active`` false) nor deleted."""
    return is_active(row) and not as_flag(row.get("deleted"))


def staff(row: dict[str, Any]) -> Staff:
    """An employee; the name's place differs between answers (documented and live shapes)."""
    names = (as_text(row.get(key)) for key in ("staff_full_name", "staff_name", "staff_email"))
    active = is_active(row)
    email = as_text(row.get("staff_email")).strip().lower()
    name = next(filter(None, names), "")
    signature = row.get("staff_signature")
    return Staff(
        as_int(_require(row, "staff_id")),
        email,
        name,
        active,
        signature[:LONGEST_SIGNATURE] if isinstance(signature, str) else "",
    )


def custom_field(row: dict[str, Any]) -> CustomField:
    """A data field; options of a select come as an object key -> label, else as an empty string."""
    data = row.get("field_data")
    options = data if isinstance(data, dict) else dict(enumerate(data)) if isinstance(data, list) else {}
    return CustomField(
        key=f"cf_{as_int(_require(row, 'field_id'))}",
        title=as_text(row.get("title")),
        type=as_text(row.get("field_type")) or "text",
        level=as_text(row.get("field_level")),
        active=is_active(row),
        options={as_text(key): as_text(label) for key, label in options.items()},
    )


def channel(row: dict[str, Any]) -> Channel:
    """A custom channel."""
    key = as_text(row.get("channel_api_key")) or f"cch{as_int(row.get('channel_id'))}"
    return Channel(
        key=key,
        title=as_text(row.get("title")),
        type=as_text(row.get("channel_type")),
        webhook_url=as_text(row.get("webhook_url"), 2000),
        active=is_active(row),
    )


def named(kind: str) -> Callable[[dict[str, Any]], Named]:
    """How a row of a list of groups, labels or languages (``kind``) is read."""

    def read(row: dict[str, Any]) -> Named:
        title = as_text(row.get(f"{kind}_title")) or as_text(row.get("title"))
        active = is_active(row)
        return Named(as_int(_require(row, f"{kind}_id")), title, as_text(row.get("code")), active)

    return read


def address_of_case(url: str, number: str) -> str:
    """Where staff see a case (seen in public integrations, docs/unverified.md)."""
    return f"{url}/staff/cases/record/{quote(number, safe='')}"
