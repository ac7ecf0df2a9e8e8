"""What an administrator does in the account before an integration works: key, channel, staff, data fields."""

from __future__ import annotations

import secrets

from ..contacts import EMAIL
from ..state import Channel
from .visit import Moved, Refused, Shown, Visit

TYPES = ("text", "textarea", "checkbox", "select", "date")
LEVELS = ("user", "case")


def api(visit: Visit) -> Shown:
    """The account's address, the login and the key."""
    return Shown("api.html")


def new_key(visit: Visit) -> Moved:
    """Another key instead of the present one."""
    visit.model.api_key = secrets.token_hex(12)
    return Moved(visit.at("settings/api", done="key"))


def channels(visit: Visit) -> Shown:
    """The custom channels, and a form for another."""
    return Shown("channels.html", {"channels": list(visit.model.channels.values())})


def add_channel(visit: Visit) -> Moved:
    """A new custom channel."""
    title, url = _title(visit), _webhook(visit)
    kind = visit.typed("type") or "async"
    if kind not in ("async", "sync"):
        raise Refused("bad_choice")
    visit.model.add_channel(title, url, kind)
    return Moved(visit.at("settings/channels", done="channel"))


def channel(visit: Visit, channel_id: str) -> Shown:
    """One channel, to change it."""
    return Shown("channel.html", {"channel": _channel(visit, channel_id)})


def edit_channel(visit: Visit, channel_id: str) -> Moved:
    """Another title or webhook address; or the channel is switched off."""
    found, title, url = _channel(visit, channel_id), _title(visit), _webhook(visit)
    found.title, found.webhook_url, found.active = title, url, visit.typed("active") == "on"
    return Moved(visit.at("settings/channels", done="saved"))


def test_channel(visit: Visit, channel_id: str) -> Moved:
    """A call without a case to the channel's address; the log tells what became of it."""
    found = _channel(visit, channel_id)
    if not found.webhook_url:
        raise Refused("no_url")
    visit.model.webhooks.test(found)
    return Moved(visit.at("log", done="test"))


def staff(visit: Visit, *_where: str) -> Shown:
    """The employees, and a form for another."""
    return Shown("staff.html", {"people": list(visit.model.staff.values())})


def add_staff(visit: Visit) -> Moved:
    """A new employee."""
    email = visit.typed("email").strip()
    if not EMAIL.match(email):
        raise Refused("email")
    if visit.model.staff_by_email(email) is not None:
        raise Refused("email_taken")
    visit.model.add_staff(email, visit.typed("name").strip(), access=visit.typed("access") == "on")
    return Moved(visit.at("settings/staff", done="staff"))


def switch_staff(visit: Visit, staff_id: str) -> Moved:
    """Deactivates or activates an employee; nobody does it to himself."""
    found = visit.model.staff.get(int(staff_id))
    if found is None:
        raise Refused("no_staff", 404)
    if found is visit.me:
        raise Refused("yourself")
    found.active, found.updated_at = visit.typed("active") == "on", visit.model.now()
    return Moved(visit.at("settings/staff", done="saved"))


def fields(visit: Visit, *_where: str) -> Shown:
    """The data fields, and a form for another."""
    values = {"fields": list(visit.model.fields.values()), "types": TYPES, "levels": LEVELS}
    return Shown("fields.html", values)


def add_field(visit: Visit) -> Moved:
    """A new data field."""
    title, kind, level = _title(visit), visit.typed("type"), visit.typed("level")
    if kind not in TYPES or level not in LEVELS:
        raise Refused("bad_choice")
    options = [line.strip() for line in visit.typed("options").splitlines() if line.strip()]
    if kind == "select" and not options:
        raise Refused("options")
    visit.model.add_field(title, kind, level, options if kind == "select" else None)
    return Moved(visit.at("settings/fields", done="field"))


def switch_field(visit: Visit, field_id: str) -> Moved:
    """Switches a data field off or on again."""
    found = visit.model.fields.get(int(field_id))
    if found is None:
        raise Refused("no_field", 404)
    found.active = visit.typed("active") == "on"
    return Moved(visit.at("settings/fields", done="saved"))


def _channel(visit: Visit, channel_id: str) -> Channel:
    found = visit.model.channels.get(int(channel_id))
    if found is None:
        raise Refused("no_channel", 404)
    return found


def _title(visit: Visit) -> str:
    found = visit.typed("title").strip()
    if not found:
        raise Refused("title")
    return found


def _webhook(visit: Visit) -> str:
    found = visit.typed("webhook_url").strip()
    if found and not found.lower().startswith(("http://", "https://")):
        raise Refused("url")
    return found
