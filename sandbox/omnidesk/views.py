"""How records look in answers, after the documented samples and the seen oddities that are switches."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from . import dates, fields
from .state import RATINGS, Case, Channel, Field, File, Message, Staff, User

if TYPE_CHECKING:
    from .model import Omnidesk

View = dict[str, Any]


def encoded(model: Omnidesk, value: Any) -> bytes:
    """An answer's JSON, escaped as PHP does it: non-ASCII as ``\\u…``, slashes as ``\\/``."""
    value = _single(model.settings.single, value)
    if model.settings.numbers_as_strings:
        value = _stringed(value)
    text = json.dumps(value, indent=4 if model.settings.pretty else None, separators=None)
    return text.replace("/", "\\/").encode("ascii")


def _single(shape: str, value: Any) -> Any:
    """The answer about one object, in this shape."""
    name, inner = next(iter(value.items())) if isinstance(value, dict) and len(value) == 1 else ("", None)
    if name not in ("case", "message", "user") or not isinstance(inner, dict):
        return value
    if shape == "note" and name == "message" and inner.get("note"):
        return {"note": inner}
    return inner if shape == "bare" else value


def _stringed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _stringed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_stringed(item) for item in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def listed(model: Omnidesk, inner: str, rows: list[View], total: int, counter: str = "total_count") -> Any:
    """A list: an object with the keys "0", "1"… and a counter of all matches; or one of the empty shapes."""
    if not rows and model.settings.empty_list == "legacy":
        return {inner: []}
    if not rows and model.settings.empty_list == "array":
        return []
    return {**{str(at): {inner: row} for at, row in enumerate(rows)}, counter: total}


def date(model: Omnidesk, seconds: int) -> str:
    """A date of the account, ``-`` for never."""
    return dates.written(seconds, model.utc_offset, model.settings.wrong_weekday)


def custom_fields(model: Omnidesk, values: dict[str, Any], level: str) -> Any:
    """The fields of a level; an empty map is ``[]`` in PHP."""
    found = fields.shown(values, model.fields, level)
    return found if found or model.settings.empty_custom_fields == "object" else []


def case(model: Omnidesk, it: Case, first_response: bool = True) -> View:
    """A case; ``first_response_speed`` only in details or when a list asks for it (seen in live integrations)."""
    channel = model.channel_by_key(it.channel)
    view: View = {
        "case_id": it.case_id,
        "case_number": it.case_number,
        "subject": it.subject,
        "user_id": it.user_id,
        "staff_id": it.staff_id,
        "group_id": it.group_id,
        "status": it.status,
        "priority": it.priority,
        "channel": it.channel,
        "recipient": channel.title if channel else "support@example.com",
        "cc_emails": "",
        "bcc_emails": "",
        "deleted": it.deleted,
        "spam": it.spam,
        "created_at": date(model, it.created_at),
        "closed_at": date(model, it.closed_at),
        "updated_at": date(model, it.updated_at),
        "last_response_at": date(model, it.last_response_at),
        "closing_speed": _minutes(it.created_at, it.closed_at),
        "parent_case_id": it.parent_case_id,
        "language_id": it.language_id,
        "custom_fields": custom_fields(model, it.custom_fields, "case"),
        "labels": list(it.labels),
        "locked_labels": [],
    }
    if not model.settings.merged_shows_parent:
        del view["parent_case_id"]
    if first_response:
        view["first_response_speed"] = _minutes(it.created_at, it.first_response_at)
    if it.rating:
        view |= _rating(model, it.rating, it.rating_comment, it.rated_staff_id)
    return view


def message(model: Omnidesk, it: Message) -> View:
    """A message."""
    view: View = {
        "message_id": it.message_id,
        "user_id": it.user_id,
        "staff_id": it.staff_id,
        "content": it.content,
        "content_html": it.content_html,
        "attachments": [attachment(model, file) for file in it.files],
        "note": it.note,
        "sent_via_rule": it.sent_via_rule,
        "created_at": date(model, it.created_at),
        "sent_at": date(model, it.sent_at),
    }
    if model.settings.undocumented_fields:
        kind = it.kind.replace("reply", model.settings.reply_type, 1)
        view |= {"message_type": kind, "changed_email_subject": "", "parent_id": 0, "is_viewed": True}
    if it.rating:
        view |= _rating(model, it.rating, it.rating_comment, 0)
    return view


def attachment(model: Omnidesk, file: File) -> View:
    """An attachment; its address lies under the account's host (documented)."""
    return {
        "file_id": file.file_id,
        "file_name": file.name,
        "file_size": len(file.data),
        "mime_type": file.mime_type,
        "url": f"{model.base_url}/attachments/{file.token}/{file.file_id}",
    }


def user(model: Omnidesk, it: User) -> View:
    """A client; the contact's key follows the type."""
    view: View = {
        "user_id": it.user_id,
        "user_full_name": it.full_name,
        "company_name": it.company_name,
        "company_position": it.company_position,
        "user_note": it.note,
        "thumbnail": "",
        "confirmed": it.confirmed,
        "active": it.active,
        "deleted": it.deleted,
        "created_at": date(model, it.created_at),
        "updated_at": date(model, it.updated_at),
        "last_contact_at": date(model, it.last_contact_at),
        "type": it.type,
        "language_id": it.language_id,
        "custom_fields": custom_fields(model, it.custom_fields, "user"),
        "linked_users": sorted(it.linked | {it.user_id}) if it.linked else [],
    }
    if it.type == "custom":
        return view | {"user_custom_id": it.identity, "user_custom_channel": it.channel}
    return view | {f"user_{it.type}": it.identity}


def staff(model: Omnidesk, it: Staff) -> View:
    """An employee."""
    return {
        "staff_id": it.staff_id,
        "staff_email": it.email,
        "staff_full_name": it.name,
        "staff_signature": it.signature,
        "staff_signature_chat": "",
        "thumbnail": "",
        "active": it.active,
        "status": "online" if it.active else "offline",
        "status_id": 1 if it.active else 2,
        "created_at": date(model, it.created_at),
        "updated_at": date(model, it.updated_at),
    }


def custom_field(it: Field) -> View:
    """A data field."""
    return {
        "field_id": it.field_id,
        "title": it.title,
        "field_type": it.type,
        "field_level": it.level,
        "active": it.active,
        "field_data": dict(it.options) if it.type == "select" else "",
    }


def custom_channel(it: Channel) -> View:
    """A custom channel."""
    return {
        "channel_id": it.channel_id,
        "channel_api_key": it.key,
        "title": it.title,
        "channel_type": it.type,
        "icon": "fa-question-circle",
        "webhook_url": it.webhook_url,
        "active": it.active,
    }


def _rating(model: Omnidesk, rating: str, comment: str, staff_id: int) -> View:
    shown: Any = RATINGS.index(rating) + 1 if model.settings.rating_as_number else rating
    return {"rating": shown, "rating_comment": comment, "rated_staff_id": staff_id}


def _minutes(since: int, until: int) -> int | str:
    return max(0, (until - since) // 60) if until else "-"
