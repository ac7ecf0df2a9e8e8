"""How the account's records look on a page; the templates call these."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from .. import dates, fields
from ..state import Case, Field, File, Message, User
from . import richtext
from .visit import Visit
from .words import word

if TYPE_CHECKING:
    from ..model import Omnidesk

_KINDS = {"reply_user": "client", "reply_staff": "staff", "note_regular": "note"}
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def moment(model: Omnidesk, seconds: float) -> datetime:
    """A time in the account's zone."""
    return datetime.fromtimestamp(int(seconds), dates.zone(model.utc_offset))


def client_name(user: User | None) -> str:
    """A client by name, else by what identifies him; one deleted for good has neither."""
    return (user.full_name or user.identity or str(user.user_id)) if user else "—"


def staff_name(model: Omnidesk, staff_id: int) -> str:
    """An employee by name."""
    found = model.staff.get(staff_id)
    return found.name if found else str(staff_id)


def author(visit: Visit, message: Message) -> str:
    """Who wrote a message."""
    if message.user_id:
        return client_name(visit.model.users.get(message.user_id))
    return staff_name(visit.model, message.staff_id) if message.staff_id else word(visit.lang, "kind_system")


def kind(message: Message) -> str:
    """client, staff, note or system."""
    return _KINDS.get(message.kind, "system")


def body(message: Message) -> Markup | str:
    """The text: HTML made harmless, or plain text, which the template escapes."""
    return richtext.cleaned(message.content_html) if message.content_html.strip() else message.content


def size(file: File, lang: str) -> str:
    """A file's size for people."""
    number, at = float(len(file.data)), 0
    while number >= 1024 and at < 2:
        number, at = number / 1024, at + 1
    text = f"{number:.0f}" if at == 0 or number >= 10 else f"{number:.1f}"
    if lang == "ru":
        text = text.replace(".", ",")
    return f"{text} {(('B', 'KB', 'MB'), ('Б', 'КБ', 'МБ'))[lang == 'ru'][at]}"


def picture(file: File) -> bool:
    """Whether a browser may show the file as a picture."""
    return file.mime_type in PICTURES


def standing(case: Case) -> list[str]:
    """The names of all that is to be said of a case's state: the status, and trash, spam, merged."""
    flags = {"trash": case.deleted, "spam": case.spam, "merged": bool(case.parent_case_id)}
    return [case.status, *(name for name, given in flags.items() if given)]


def channel_title(model: Omnidesk, case: Case) -> str:
    """The custom channel's title with its key, else the channel's word."""
    found = model.channel_by_key(case.channel)
    return f"{found.title} ({found.key})" if found else case.channel


def field_values(visit: Visit, values: dict[str, Any], level: str) -> list[tuple[str, str, str]]:
    """(key, title, value as people read it) of each active field of a level."""
    found = fields.shown(values, visit.model.fields, level)
    by_key = {field.key: field for field in visit.model.fields.values()}
    return [(key, by_key[key].title, _value(visit, by_key[key], value)) for key, value in found.items()]


def _value(visit: Visit, field: Field, value: Any) -> str:
    if field.type == "checkbox":
        return word(visit.lang, "yes" if value else "no")
    if field.type == "select":
        return field.options.get(str(value), str(value))
    return str(value)


def calls_left(model: Omnidesk) -> tuple[int, int] | None:
    """(left, limit) of this minute, None without a limit."""
    limit = model.settings.rate_limit
    return None if limit is None else (model.limit.left(model.clock(), model.settings), limit)


HELPERS = {
    "author": author,
    "body": body,
    "calls_left": calls_left,
    "channel_title": channel_title,
    "client_name": client_name,
    "field_values": field_values,
    "kind": kind,
    "moment": moment,
    "picture": picture,
    "size": size,
    "staff_name": staff_name,
    "standing": standing,
}
