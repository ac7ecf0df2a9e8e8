"""What the settings form sent, as settings. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from omnidesk.core.settings import SETTINGS
from omnidesk.panel_ui.request import Request
from omnidesk.panel_ui.settings_fields import (
    ADDRESSES,
    FIELDS,
    ONE_OF,
    accepted,
    default,
    effective,
    rating_levels,
    rating_map,
)
from omnidesk.panel_ui.settings_file import Present

WEBHOOK = "/mancgi/omnidesk_webhook"
_LONGER = re.compile(r"((?:https?://)?[^/?#\s]+)[/?#]\S*", re.IGNORECASE)
HIDDEN = "***"  # in the place of a secret; no secret can look like this


def wanted(request: Request, present: Present, departments: Collection[str], new_secret: str) -> dict[str, str]:
    """The settings' texts as the form has them; "" for what is not set.

    What the form did not send, or means the same as before, stays as it is written. ``departments`` are the keys that
    were shown as chosen, ``new_secret`` the webhook's secret that was shown, if it is to be taken.
    """
    found: dict[str, str] = {}
    for name, setting in FIELDS.items():
        have = present.get(setting)
        if name == "api_key":
            found[setting] = api_key(request, present)
        elif name == "secret":
            found[setting] = request.value(name) or new_secret or have
        elif name == "rating_good":
            found[setting] = rating_map(levels(request, have), have)
        elif not request.has(name):
            found[setting] = have
        elif name == "departments":
            found[setting] = _departments(request, have, departments)
        else:
            found[setting] = _plain(setting, typed(name, request), have)
    return found


def typed(name: str, request: Request) -> str:
    """What stands in a field; of an address without what follows the host, if that makes it one."""
    text = request.value(name)
    if name not in ADDRESSES or not text or accepted(FIELDS[name], text):
        return text
    found = _LONGER.fullmatch(text)
    return found[1] if found and ("." in found[1] or "://" in found[1]) and accepted(FIELDS[name], found[1]) else text


def _plain(setting: str, text: str, have: str) -> str:
    """The text typed; as it was when it means the same, and nothing where it is the default that nobody had set."""
    try:
        meant = SETTINGS[setting][1](text) if text else default(setting)
    except ValueError:
        return text  # to be shown as an error
    if meant == effective(setting, have) and (not have or accepted(setting, have)):
        return have if have or default(setting) is not None else text
    return text


def _departments(request: Request, have: str, shown: Collection[str]) -> str:
    keys = [part.strip() for part in request.value("departments").split(",") if part.strip()]
    return have if set(keys) == set(shown) else ", ".join(dict.fromkeys(keys))


def levels(request: Request, have: str) -> dict[str, str]:
    """The level of each rating, as typed where it was."""
    return {one: request.value(f"rating_{one}") or level for one, level in rating_levels(have).items()}


def api_key(request: Request, present: Present) -> str:
    """The key typed, else the stored one; but a stored key never goes to another address than it was given for."""
    key = request.value("api_key")
    return key or (present.get("OmnideskApiKey") if same_address(request, present) else "")


def same_address(request: Request, present: Present) -> bool:
    """Whether the form's address is the stored key's; what is no address at all gets no key anyway."""
    have = present.get("OmnideskUrl")
    if not request.has("url"):
        return True
    now, before = (effective("OmnideskUrl", text) for text in (typed("url", request), have))
    return now is None or now == before


def address(base: str, secret: str) -> str:
    """The webhook's complete address, with the secret as its bare query."""
    return f"{base.rstrip('/')}{WEBHOOK}?{secret or HIDDEN}"


def shown(name: str, request: Request, present: Present) -> str:
    """A plain field's text: as typed, else as written; switches and fixed choices with their default."""
    if request.has(name):
        return typed(name, request)
    setting = FIELDS[name]
    have, usual = present.get(setting), default(setting)
    if isinstance(usual, bool):
        return "on" if effective(setting, have) else "off"
    return have or (str(usual) if name in ONE_OF else "")
