"""What the Omnidesk account has: staff, custom fields, channels. Read rarely, cached in the state table.

Every read costs one of few calls, so the lists are kept for an hour, and asked for again earlier (at most every ten
minutes) when something unknown turns up: an employee who was added, a field that a link names.
"""

from __future__ import annotations

import copy
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from omnidesk.core import emails
from omnidesk.core.errors import Refused, TryLater
from omnidesk.helpdesk.client import Client
from omnidesk.helpdesk.models import Channel, CustomField, Named, Staff
from omnidesk.store.state import State

log = logging.getLogger("account")
KEEP_SECONDS = 3600.0
ASK_AGAIN_SECONDS = 600.0
DAY = 86400.0
T = TypeVar("T")


class Account:
    """Cached lists of the account. When one cannot be read, the remembered one stays in force.

    ``keep`` False: for a command that only reads; what it asked for is known to this run only.
    """

    def __init__(self, client: Client, state: State, *, keep: bool = True) -> None:
        self.client = client
        self.state = state
        self.keep = keep
        self._lists: dict[str, list[Any]] = {}
        self._taken: dict[str, float] = {}
        self._failed: dict[str, float] = {}
        self._hinted: set[str] = set()  # e-mails that no employee has, and of which that was said
        self._asking = threading.RLock()  # one thread asks, the others wait for what it learns

    def of_lane(self, client: Client, state: State) -> Account:
        """The same for another thread: its own connections, and what is known of the account in common."""
        made = copy.copy(self)
        made.client, made.state = client, state
        return made

    def _list(self, name: str, build: Callable[..., T], ask: Callable[[], list[T]], older: float) -> list[T]:
        with self._asking:
            return self._known_or_asked(name, build, ask, older)

    def _known_or_asked(self, name: str, build: Callable[..., T], ask: Callable[[], list[T]], older: float) -> list[T]:
        age, now = self._age(name), self.state.clock()
        waits = 0 <= now - self._failed.get(name, now + 1) < ASK_AGAIN_SECONDS
        if age is not None and older and (0 <= age < older or waits):
            known = self._known(name, build, now - age)
            if known is not None:
                return known
        try:
            found = ask()
        except (TryLater, Refused) as failure:
            known = self._known(name, build, 0.0) if older else None
            if known is None:
                raise
            self._failed[name] = now
            log.warning("the account's list of %s cannot be read, the saved one is used: %s", name, failure)
            return known
        if self.keep:
            self.state.put(f"account:{name}", [asdict(item) for item in found])  # type: ignore[call-overload]
        self._lists[name], self._taken[name] = found, self.state.clock()
        return found

    def _known(self, name: str, build: Callable[..., T], written: float) -> list[T] | None:
        """The list as it is remembered; None for one that is not there or damaged, which is not an empty one."""
        if name not in self._lists or written > self._taken[name]:  # or asked for by another process since
            rows = self.state.get(f"account:{name}", None, list)
            try:
                found = [build(**row) for row in rows]
            except TypeError:
                return None
            self._lists[name], self._taken[name] = found, self.state.clock()
        return self._lists[name]

    def _age(self, name: str) -> float | None:
        """Seconds since the list was asked for: as the state table says, or by this run if it may not write there."""
        age = self.state.age(f"account:{name}")
        if not self.keep and name in self._taken:
            own = self.state.clock() - self._taken[name]
            return own if age is None else min(age, own)
        return age

    def staff(self, older: float = KEEP_SECONDS) -> list[Staff]:
        return self._list("staff", Staff, self.client.staff, older)

    def fields(self, older: float = KEEP_SECONDS) -> list[CustomField]:
        return self._list("fields", CustomField, self.client.custom_fields, older)

    def channels(self, older: float = KEEP_SECONDS) -> list[Channel]:
        return self._list("channels", Channel, self.client.channels, older)

    def groups(self, older: float = DAY) -> list[Named]:
        return self._list("groups", Named, self.client.groups, older)

    def labels(self, older: float = DAY) -> list[Named]:
        return self._list("labels", Named, self.client.labels, older)

    def languages(self, older: float = DAY) -> list[Named]:
        return self._list("languages", Named, self.client.languages, older)

    def staff_by_id(self, staff_id: int) -> Staff | None:
        """The employee of a reply; the list is asked for again when the id is new."""
        for older in (KEEP_SECONDS, ASK_AGAIN_SECONDS):
            found = next((one for one in self.staff(older) if one.staff_id == staff_id), None)
            if found or not staff_id:
                return found
        return None

    def staff_by_email(self, email: str) -> Staff | None:
        """The active employee with this e-mail."""
        wanted, active = emails.key(email), [one for one in self.staff() if one.active]
        found = next((one for one in active if wanted and emails.key(one.email) == wanted), None)
        if found is None and wanted not in self._hinted:
            self._hinted.add(wanted)
            for other in emails.near(email, [one.email for one in active]):
                log.warning("no employee in Omnidesk has the e-mail %r; %r is similar, not the same", email, other)
        return found

    def forget_staff(self) -> None:
        """What is remembered of staff is wrong: an employee was disabled since."""
        self.state.remove("account:staff")

    def refresh(self) -> None:
        """Ask for everything now (``check_connection``): later runs then start with it."""
        self.staff(0)
        self.fields(0)
        self.channels(0)
