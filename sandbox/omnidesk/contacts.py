"""Who a client is: the identifiers that cases and users are created by."""

from __future__ import annotations

import re
from typing import Any

from .endpoint import Context, text
from .state import Channel
from .wire import ApiError

TYPES = {
    "user_email": "email",
    "user_phone": "phone",
    "user_whatsapp_phone": "whatsapp",
    "user_telegram": "telegram",
    "user_telegram_data": "telegram",
    "user_viber": "viber",
    "user_vkontakte": "vkontakte",
    "user_facebook": "facebook",
    "user_instagram": "instagram",
    "user_skype": "skype",
}
_CASE_CHANNELS = {"email": "email", "phone": "call"}
EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s.,;]+\Z")


def case_client(context: Context, given: dict[str, Any]) -> tuple[str, str, str]:
    """(channel, type, identity) of a new case's client.

    A custom channel (``cchNNN``) goes together with ``user_custom_id``; both must be right (documented).
    """
    channel, custom_id = text(given, "channel"), text(given, "user_custom_id").strip()
    if channel.startswith("cch") or custom_id:
        if not custom_id:
            raise ApiError(400, "incorrect_user_custom_id")
        return custom_channel(context, channel).key, "custom", custom_id
    kind, identity = contact(given)
    if kind == "email" and not EMAIL.match(identity):
        raise ApiError(400, "incorrect_user_email")
    return channel or _CASE_CHANNELS.get(kind, kind), kind, identity


def contact(given: dict[str, Any]) -> tuple[str, str]:
    """(type, value) of the one contact given; 400 when there is none or more than one."""
    found = [(kind, text(given, name).strip()) for name, kind in TYPES.items() if text(given, name).strip()]
    if len(found) != 1:
        raise ApiError(400, "wrong_user")
    return found[0]


def check_email(identity: str) -> None:
    """400 for a malformed address (the code users.json gives it)."""
    if not EMAIL.match(identity):
        raise ApiError(400, "wrong_email")


def custom_channel(context: Context, given: str, bare: bool = False) -> Channel:
    """The active custom channel with this key; ``bare``: the number alone will do, as for users (documented)."""
    digits = given.removeprefix("cch")
    if not digits.isdigit() or (digits == given and not bare):
        raise ApiError(400, "wrong_channel")
    found = context.model.channels.get(int(digits))
    if found is None or not found.active:
        raise ApiError(400, "wrong_channel")
    return found
