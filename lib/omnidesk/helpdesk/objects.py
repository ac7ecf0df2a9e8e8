"""Omnidesk's objects as plain values, and how they are read out of its answers.

The parsers take what is documented and what is seen in live integrations: list objects with numeric string keys, both
shapes of an empty list, numbers as strings, ``"-"`` for "never", RFC 2822 dates with any (also a wrong) weekday. An
answer that cannot be one of these is a :class:`BrokenAnswer`: a failed read, never an absence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

STATUSES = ("open", "waiting", "closed")


class BrokenAnswer(ValueError):
    """The answer has not the documented shape, so nothing may be concluded from it."""


@dataclass(frozen=True)
class Attachment:
    """A file of a message: ``url`` lies under the account's host (documented), ``size`` in bytes."""

    name: str
    url: str
    size: int = 0
    mime_type: str = ""


@dataclass(frozen=True)
class Case:
    """A case (обращение). Times are Unix seconds, 0.0 for "never"; ``parent_case_id`` is set for a merged case."""

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
    custom_fields: dict[str, Any] = field(default_factory=dict)


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


def rows(answer: Any, inner: str, page: int = 1) -> list[dict[str, Any]]:
    """The rows of a list answer, in the order given.

    Accepts the numbered object, a plain array, and both empty shapes; raises :class:`BrokenAnswer` for anything else,
    because "nothing found" must be said by the other side, never be assumed from a shape we do not know. Only behind
    the first page may a count of all rows stand without any: the list ended with a full page.
    """
    if isinstance(answer, list):
        return [_row(item, inner) for item in answer]
    if not isinstance(answer, dict):
        raise BrokenAnswer(f"a list of {inner} was expected, not {type(answer).__name__}")
    numbered = [(int(key), item) for key, item in answer.items() if key.isascii() and key.isdigit()]
    if numbered:
        return [_row(item, inner) for _, item in sorted(numbered, key=lambda pair: pair[0])]
    if answer.get(inner) == [] or ("total_count" in answer and (page > 1 or as_int(answer["total_count"]) == 0)):
        return []
    raise BrokenAnswer(f"a list of {inner} was expected, not an object with {', '.join(sorted(answer))[:80]!r}")


def _row(item: Any, inner: str) -> dict[str, Any]:
    found = item.get(inner) if isinstance(item, dict) else None
    if not isinstance(found, dict):
        raise BrokenAnswer(f"a list row without {inner!r}")
    return found


def one(answer: Any, inner: str) -> dict[str, Any]:
    """The object of a single answer: ``{"case": {…}}``."""
    return _row(answer, inner)


def as_int(value: Any) -> int:
    """A number given as int or numeric string; ``None``, ``""`` and ``"-"`` are 0."""
    if value in (None, "", "-"):
        return 0
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise BrokenAnswer(f"a number was expected, not {str(value)[:40]!r}") from None


def as_flag(value: Any) -> bool:
    """A flag given as bool, 0/1 or their strings."""
    return str(value).strip().lower() in ("true", "1", "on", "yes")


def as_time(value: Any) -> float:
    """Unix seconds of an RFC 2822 date (any offset, weekday not checked); 0.0 for "never"."""
    if value in (None, "", "-", 0):
        return 0.0
    try:
        return parsedate_to_datetime(str(value)).timestamp()
    except (TypeError, ValueError, IndexError):
        raise BrokenAnswer(f"a date was expected, not {str(value)[:40]!r}") from None


def _require(row: dict[str, Any], key: str) -> Any:
    if key not in row:
        raise BrokenAnswer(f"{key} is missing")
    return row[key]


def case(row: dict[str, Any]) -> Case:
    """A case from its object; its id and status must be there."""
    status = str(_require(row, "status"))
    if status not in STATUSES:
        raise BrokenAnswer(f"unknown case status {status[:40]!r}")
    fields = row.get("custom_fields")
    return Case(
        case_id=as_int(_require(row, "case_id")),
        case_number=str(row.get("case_number") or ""),
        subject=str(row.get("subject") or ""),
        user_id=as_int(row.get("user_id")),
        staff_id=as_int(row.get("staff_id")),
        status=status,
        channel=str(row.get("channel") or ""),
        deleted=as_flag(row.get("deleted")),
        spam=as_flag(row.get("spam")),
        parent_case_id=as_int(row.get("parent_case_id")),
        created_at=as_time(row.get("created_at")),
        updated_at=as_time(row.get("updated_at")),
        last_response_at=as_time(row.get("last_response_at")),
        custom_fields=fields if isinstance(fields, dict) else {},  # PHP writes an empty object as []
    )


def _attachment(row: Any) -> Attachment:
    if not isinstance(row, dict) or not row.get("url"):
        raise BrokenAnswer("an attachment without url")
    url = str(row["url"])
    name = str(row.get("file_name") or url.rstrip("/").rsplit("/", 1)[-1] or "file")
    return Attachment(name, url, as_int(row.get("file_size")), str(row.get("mime_type") or ""))


def message(row: dict[str, Any]) -> Message:
    """A message from its object; attachments may come as array or numbered object."""
    files = row.get("attachments") or []
    if isinstance(files, dict):
        files = list(files.values())
    return Message(
        message_id=as_int(_require(row, "message_id")),
        user_id=as_int(row.get("user_id")),
        staff_id=as_int(row.get("staff_id")),
        content=str(row.get("content") or ""),
        content_html=str(row.get("content_html") or ""),
        note=as_flag(row.get("note")),
        sent_via_rule=as_flag(row.get("sent_via_rule")),
        created_at=as_time(row.get("created_at")),
        message_type=str(row.get("message_type") or ""),
        rating=str(row.get("rating") or "").strip("-"),
        attachments=tuple(_attachment(item) for item in files),
    )


def staff(row: dict[str, Any]) -> Staff:
    """An employee; the name's place differs between answers (documented and live shapes)."""
    name = row.get("staff_full_name") or row.get("staff_name") or row.get("staff_email") or ""
    active = as_flag(row.get("active", True))
    return Staff(
        as_int(_require(row, "staff_id")), str(row.get("staff_email") or "").strip().lower(), str(name), active
    )


def custom_field(row: dict[str, Any]) -> CustomField:
    """A data field; options of a select come as an object key -> label, else as an empty string."""
    data = row.get("field_data")
    options = data if isinstance(data, dict) else dict(enumerate(data)) if isinstance(data, list) else {}
    return CustomField(
        key=f"cf_{as_int(_require(row, 'field_id'))}",
        title=str(row.get("title") or ""),
        type=str(row.get("field_type") or "text"),
        level=str(row.get("field_level") or ""),
        active=as_flag(row.get("active", True)),
        options={str(key): str(label) for key, label in options.items()},
    )


def channel(row: dict[str, Any]) -> Channel:
    """A custom channel."""
    key = str(row.get("channel_api_key") or f"cch{as_int(row.get('channel_id'))}")
    return Channel(
        key=key,
        title=str(row.get("title") or ""),
        type=str(row.get("channel_type") or ""),
        webhook_url=str(row.get("webhook_url") or ""),
        active=as_flag(row.get("active", True)),
    )
