"""What the settings form's drop-downs offer: channels of the account, employees and departments of the panel."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import asdict, dataclass, replace

from omnidesk.billmanager import people
from omnidesk.billmanager.reader import Reader
from omnidesk.core import emails
from omnidesk.core.errors import Failure
from omnidesk.core.settings import Settings
from omnidesk.helpdesk.models import Channel
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.settings_trial import trial

log = logging.getLogger("panel")
REMEMBERED = "panel:channels"
FRESH = 60.0  # seconds
ANY_AGE = float("inf")
Choice = tuple[str, str]


@dataclass(frozen=True)
class Offer:
    """What can be chosen; ``away``: why that could not be read. ``chats``: the keys of channels for chats."""

    choices: tuple[Choice, ...] = ()
    away: Failure | None = None
    chats: frozenset[str] = frozenset()

    def with_chosen(self, *keys: str) -> list[Choice]:
        """The choices, and what is chosen already though nobody offers it (any more)."""
        known = {key for key, _ in self.choices}
        return [*self.choices, *((key, key) for key in keys if key and key not in known)]


def channels(desk: Desk, login: Settings, older: float, chat: str) -> Offer:
    """The account's active custom channels, by the login in ``login``: remembered ones if younger than ``older``.

    ``chat`` is put behind one for chats, where a ticket does not belong.

    One call. The list of a login that is only being tried must not become the worker's, so it is kept apart.
    """
    try:
        rows = _remembered(desk, login, older)
        if rows is None:
            with_trial = trial(desk, login)
            rows = with_trial.client.channels()
            _remember(desk, login, rows)
    except Failure as failure:
        return Offer(away=failure)
    active = [one for one in rows if one.active]
    chats = frozenset(one.key for one in active if one.is_chat)
    names = ((one.key, f"{one.title or one.key} ({one.key})") for one in active)
    return Offer(
        tuple((key, f"{name} — {chat}" if key in chats and chat else name) for key, name in names), chats=chats
    )


def _remembered(desk: Desk, login: Settings, older: float) -> list[Channel] | None:
    try:
        age = desk.state.age(REMEMBERED)
        kept = desk.state.get(REMEMBERED, {})
    except Failure as failure:
        log.info("the saved list of channels cannot be read, it is requested again: %s", failure)
        return None
    if age is None or not 0 <= age < older or kept.get("login") != _digest(login):
        return None
    return [Channel(**row) for row in kept["channels"]]


def _remember(desk: Desk, login: Settings, rows: list[Channel]) -> None:
    # A webhook's address holds a secret, and nobody asks this list for it.
    plain = [asdict(replace(one, webhook_url="")) for one in rows]
    try:
        desk.state.put(REMEMBERED, {"login": _digest(login), "channels": plain})
    except Failure as failure:
        log.info("the list of channels cannot be saved: %s", failure)


def _digest(login: Settings) -> str:
    words = "\0".join((login.url, login.email, login.api_key.reveal()))
    return hashlib.sha256(words.encode("utf-8", "surrogateescape")).hexdigest()


def employees(desk: Desk) -> Offer:
    """Enabled employees with an e-mail, by e-mail."""
    try:
        known = people.employees(desk.db)
    except Failure as failure:
        return Offer(away=failure)
    found: dict[str, tuple[str, str]] = {}
    for one in known:
        found.setdefault(emails.key(one.email), (one.email, f"{one.name} ({one.email})"))
    return Offer(tuple(found.values()))


def departments(desk: Desk) -> Offer:
    """Departments, by number."""
    try:
        found = Reader(desk.db).departments()
    except Failure as failure:
        return Offer(away=failure)
    return Offer(tuple((str(number), name or str(number)) for number, name in found.items()))


def chosen_departments(names: tuple[str, ...], offer: Offer) -> list[str]:
    """What the setting names (numbers or names), as keys of the offer; a name nobody has stays itself."""
    by_name = {name.casefold(): key for key, name in reversed(offer.choices)}
    known = {key for key, _ in offer.choices}
    return list(dict.fromkeys(one if one in known else by_name.get(one.casefold(), one) for one in names))
