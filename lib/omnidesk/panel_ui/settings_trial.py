"""Trying settings that are not saved: the account is queried, and the worker is not affected.

A wrong key on trial must not stop the worker that has the right one, and another account's staff and fields must not
be remembered as those of the account in use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from omnidesk.context import Context
from omnidesk.core.errors import Failure, Paused
from omnidesk.core.settings import Settings
from omnidesk.helpdesk.rate_limit import RateGate
from omnidesk.panel_ui.desk import Desk
from omnidesk.store.account import Account
from omnidesk.store.state import State

PATIENCE = 10  # seconds for Omnidesk's answer while somebody waits in the panel
LIMIT = "omnidesk_rate"
LISTS = tuple(f"account:{one}" for one in ("staff", "fields", "channels", "groups", "labels", "languages"))


class TrialGate(RateGate):
    """Counts calls like any other, but only the account's own limit stops it or is stored for others."""

    def enter(self, reserve: int = 0) -> int:
        budget = self.budget()
        if budget.blocked_until > self.clock() and budget.reason != LIMIT:
            if budget.left == 0 and budget.window_ends > self.clock():
                raise Paused(LIMIT, seconds=budget.window_ends - self.clock())
            return 0
        return super().enter(reserve)

    def block(self, seconds: float, reason: str) -> None:
        if reason == LIMIT:
            super().block(seconds, reason)


class Memory(State):
    """Lists of the account on trial, until they are kept."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.kept: dict[str, Any] = {}

    def get(self, name: str, default: Any = None, kind: type | None = None) -> Any:
        return self.kept.get(name, default)

    def age(self, name: str) -> float | None:
        return 0.0 if name in self.kept else None

    def put(self, name: str, value: Any) -> None:
        self.kept[name] = value

    def remove(self, name: str) -> bool:
        return self.kept.pop(name, None) is not None


def trial(desk: Desk, settings: Settings) -> Context:
    """A context by these settings; what it learns of the account is in its own :class:`Memory`."""
    context = desk.context(replace(settings, request_timeout=min(settings.request_timeout, PATIENCE)))
    place = desk.paths.rate_state
    context.gate = TrialGate(place if _same_account(desk, settings) else f"{place}.trial", desk.dependencies.clock)
    context.account = Account(context.client, Memory(desk.dependencies.clock))
    return context


def _same_account(desk: Desk, settings: Settings) -> bool:
    try:
        return desk.settings.url == settings.url
    except Failure:
        return False


def keep(desk: Desk, context: Context) -> None:
    """The settings on trial are saved: the worker goes on with what was read, not with what the old account had."""
    forget_account(desk)
    memory = context.account.state
    for name in LISTS:
        if isinstance(memory, Memory) and name in memory.kept:
            desk.state.put(name, memory.kept[name])


def forget_account(desk: Desk) -> None:
    """What is remembered of staff, fields and channels is another account's."""
    for name in LISTS:
        desk.state.remove(name)
