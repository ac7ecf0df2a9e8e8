"""Users, the identities of clients: create, list, read, change, block, link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import core, fields, views
from .caselist import time_test
from .contacts import TYPES, check_email, contact, custom_channel
from .endpoint import Answer, Context, matches, number, page_of, text
from .state import User
from .wire import ApiError

_TEXTS = {
    "user_full_name": "full_name",
    "company_name": "company_name",
    "company_position": "company_position",
    "user_note": "note",
}
_TAKEN = {"email": "email_already_exist", "phone": "phone_already_exist", "custom": "custom_id_already_exist"}
_FILTERS = {"user_email": "email", "user_phone": "phone", "user_custom_id": "custom"}


def create(context: Context) -> Answer:
    """POST: exactly one contact, or ``user_custom_id`` with ``user_custom_channel`` (documented)."""
    model, given = context.model, context.root("user")
    channel, custom_id = "", text(given, "user_custom_id").strip()
    if custom_id:
        if any(text(given, name) for name in TYPES):
            raise ApiError(400, "wrong_user")
        channel = custom_channel(context, text(given, "user_custom_channel"), bare=True).key
        kind, identity = "custom", custom_id
    else:
        kind, identity = contact(given)
    if kind == "email":
        check_email(identity)
    if model.find_user(kind, identity, channel) is not None:
        raise ApiError(400, _TAKEN.get(kind, "user_already_exist"))
    changes = _changes(context, given)
    user = core.new_user(model, kind, identity, channel)
    _apply(user, changes)
    return 201, {"user": views.user(model, user) | {"password": f"{model.random.getrandbits(40):010x}"}}


def listing(context: Context) -> Answer:
    """GET with filters; ``^id^`` is exact, a bare text matches any part of it (documented)."""
    model, query = context.model, context.query
    found = sorted(model.users.values(), key=lambda user: user.user_id)
    for test in _tests(context):
        found = [user for user in found if test(user)]
    if text(query, "user_custom_channel"):
        key = "cch" + text(query, "user_custom_channel").removeprefix("cch")
        found = [user for user in found if user.channel == key]
    rows = [views.user(model, user) for user in page_of(context, found)]
    return 200, views.listed(model, "user", rows, len(found))


def read(context: Context, reference: str) -> Answer:
    """GET one."""
    return 200, {"user": views.user(context.model, context.user(reference))}


def update(context: Context, reference: str) -> Answer:
    """PUT: a contact changes only for users of its own type, an e-mail only while not confirmed (documented)."""
    user, given = context.user(reference), context.root("user")
    changes = _changes(context, given)
    for name, kind in (("user_email", "email"), ("user_phone", "phone")):
        if text(given, name):
            _change_contact(context, user, kind, text(given, name))
    _apply(user, changes)
    user.updated_at = context.model.now()
    return 200, {"user": views.user(context.model, user)}


def move(context: Context, reference: str, deed: str) -> Answer:
    """PUT block (new cases become spam), disable (deleted) or restore."""
    user = context.user(reference)
    if deed == "block":
        user.active = False
    elif deed == "disable":
        user.deleted = True
    else:
        user.active, user.deleted = True, False
    user.updated_at = context.model.now()
    return 200, {"user": views.user(context.model, user)}


def delete(context: Context, reference: str) -> Answer:
    """DELETE for good."""
    context.model.drop_user(context.user(reference))
    return context.model.settings.delete_status, None


def link(context: Context, reference: str) -> Answer:
    """PUT: joins two identities of one person; the body comes with or without the root ``user``."""
    user, other = context.user(reference), _other(context)
    if other is user:
        raise ApiError(400, "wrong_user")
    group = {user.user_id, other.user_id} | user.linked | other.linked
    for user_id in group:
        if user_id in context.model.users:
            context.model.users[user_id].linked = group - {user_id}
    return 200, {"user": views.user(context.model, user)}


def unlink(context: Context, reference: str) -> Answer:
    """PUT: parts them again."""
    user, other = context.user(reference), _other(context)
    for user_id in user.linked - {other.user_id}:
        context.model.users[user_id].linked.discard(other.user_id)
    user.linked.discard(other.user_id)
    other.linked.clear()
    return 200, {"user": views.user(context.model, user)}


def _other(context: Context) -> User:
    wrapped = context.body.get("user")
    given: dict[str, Any] = wrapped if isinstance(wrapped, dict) else context.body
    if given.get("user_id"):
        return context.user(given["user_id"])
    kind, identity = contact(given)
    found = context.model.find_user(kind, identity)
    if found is None:
        raise ApiError(404, "user_not_found")
    return found


def _tests(context: Context) -> list[Callable[[User], bool]]:
    tests = [
        time_test(context, "from_time", "to_time", "created_at"),
        time_test(context, "from_updated_time", "to_updated_time", "updated_at"),
        time_test(context, "from_last_contact_time", "to_last_contact_time", "last_contact_at"),
    ]
    for name, kind in _FILTERS.items():
        pattern = text(context.query, name)
        if pattern and kind != "custom" and len(pattern.strip("^")) < 3:
            raise ApiError(400, f"wrong_{name}")
        if pattern:
            tests.append(_has_contact(kind, pattern))
    return tests


def _has_contact(kind: str, pattern: str) -> Callable[[User], bool]:
    return lambda user: user.type == kind and matches(user.identity, pattern)


def _changes(context: Context, given: dict[str, Any]) -> dict[str, Any]:
    """What the parameters say, all of it checked before anything changes."""
    changes: dict[str, Any] = {column: text(given, name) for name, column in _TEXTS.items() if name in given}
    if given.get("language_id"):
        changes["language_id"] = number(given["language_id"], "language_id")
    changes["custom_fields"] = fields.checked(given.get("custom_fields"), context.model.fields, "user")
    return changes


def _apply(user: User, changes: dict[str, Any]) -> None:
    user.custom_fields = {**user.custom_fields, **changes.pop("custom_fields")}
    for column, value in changes.items():
        setattr(user, column, value)


def _change_contact(context: Context, user: User, kind: str, identity: str) -> None:
    if user.type != kind or user.confirmed:
        raise ApiError(400, f"wrong_{kind}")
    if kind == "email":
        check_email(identity)
    taken = context.model.find_user(kind, identity)
    if taken is not None and taken is not user:
        raise ApiError(400, _TAKEN[kind])
    context.model.rename_user(user, identity)
