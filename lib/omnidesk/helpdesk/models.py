"""Omnidesk's objects as plain values, and how they are read from the rows of its answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from omnidesk.core.filenames import of_url
from omnidesk.helpdesk.answers import (
    LARGEST_ID,
    BrokenAnswer,
    as_flag,
    as_int,
    as_text,
    as_time,
    content,
    is_active,
    optional,
    required,
    row_id,
)

STATUSES = ("open", "waiting", "closed")
PRIORITIES = ("low", "normal", "high", "critical")
NOT_SAID = -1  # of a case's assignee, where an answer says nothing of him that can be read
LONGEST_SIGNATURE = 4000
LONGEST_NUMBER = 32  # of a case: what the link tables hold
LARGEST_FILE = 25 * 1024 * 1024  # bytes of one attachment, either way (documented)


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


def case(row: dict[str, Any]) -> Case:
    """A case from its object; its id and status must be there."""
    status = as_text(required(row, "status"), 40).lower()
    if status not in STATUSES:
        raise BrokenAnswer("unknown_status", given=status)
    fields = row.get("custom_fields")
    return Case(
        case_id=row_id(row, "case_id"),
        case_number=as_text(row.get("case_number"), LONGEST_NUMBER),
        subject=as_text(row.get("subject")),
        user_id=as_int(row.get("user_id")),
        staff_id=optional(NOT_SAID, as_int, row["staff_id"]) if "staff_id" in row else NOT_SAID,
        status=status,
        channel=as_text(row.get("channel")),
        deleted=as_flag(row.get("deleted")),
        spam=as_flag(row.get("spam")),
        parent_case_id=as_int(row.get("parent_case_id")),
        created_at=optional(0.0, as_time, row.get("created_at")),
        updated_at=as_time(row.get("updated_at")),
        last_response_at=optional(0.0, as_time, row.get("last_response_at")),
        closed_at=optional(0.0, as_time, row.get("closed_at")),
        custom_fields=fields if isinstance(fields, dict) else {},  # PHP writes an empty object as []
        group_id=optional(0, as_int, row.get("group_id")),
        priority=priority if (priority := as_text(row.get("priority"), 16).lower()) in PRIORITIES else "",
    )


def status_changes(answer: Any) -> list[StatusChange]:
    """The changes of status in a case's history; lines that cannot be read prove nothing and are left out."""
    lines = answer.get("changelog") if isinstance(answer, dict) else None
    if not isinstance(lines, list):
        raise BrokenAnswer("no_history")
    found = []
    for line in (one for one in lines if isinstance(one, dict) and one.get("event") == "status"):
        at = optional(0.0, as_time, line.get("created_at"))
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
        message_id=row_id(row, "message_id"),
        user_id=as_int(row.get("user_id")),
        staff_id=as_int(row.get("staff_id")),
        content=content(row.get("content")),
        content_html=content(row.get("content_html")),
        note=as_flag(row.get("note")),
        sent_via_rule=as_flag(row.get("sent_via_rule")),
        created_at=optional(0.0, as_time, row.get("created_at")),
        message_type=as_text(row.get("message_type")),
        rating=as_text(row.get("rating")).strip("-"),
        attachments=tuple(_attachment(item, home) for item in files),
    )


def user(row: dict[str, Any]) -> User:
    """A client of Omnidesk; ``user_custom_id`` is what cases of a custom channel name him by (documented)."""
    custom = as_text(row.get("user_custom_id")).strip()
    email = as_text(row.get("user_email")).strip().lower()
    return User(as_int(required(row, "user_id")), custom, "" if email == "-" else email, user_is_active(row))


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
        as_int(required(row, "staff_id")),
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
        key=f"cf_{as_int(required(row, 'field_id'))}",
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
        return Named(as_int(required(row, f"{kind}_id")), title, as_text(row.get("code")), active)

    return read


def address_of_case(url: str, number: str) -> str:
    """Where staff see a case (seen in public integrations, docs/unverified.md)."""
    return f"{url}/staff/cases/record/{quote(number, safe='')}"
