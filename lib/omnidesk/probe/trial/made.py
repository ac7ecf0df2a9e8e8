"""What a trial has made, and the two adapters that write to nothing else.

The module's own adapters are used, so that what is tried is what the module does. Each call that changes something is
checked before it is made: every number in it has to be one that this trial has made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from omnidesk.billmanager import trial_rows
from omnidesk.billmanager.panel import WHO, Panel, Upload
from omnidesk.core.database import Database
from omnidesk.core.errors import Paused
from omnidesk.helpdesk.client import Client
from omnidesk.helpdesk.error_answers import Answer
from omnidesk.hooks import spool
from omnidesk.probe.trial.interrupts import Interrupts

LONGEST_PAUSE = 90.0  # the account's minute is over then
TRIES = 3  # of a call that is refused because the minute's calls are used up: nothing was done
TICKETS, ROWS, MESSAGES, FILES = "tickets", "rows", "messages", "files"
# All functions that a trial calls, and what the numbers in their parameters are.
FUNCTIONS: Mapping[str, Mapping[str, str]] = {
    "clientticket.edit": {"elid": TICKETS},
    "clientticket.archive": {"elid": TICKETS},
    "ticket.message.rate.good": {"elid": MESSAGES, "plid": TICKETS},
    "ticket.message.rate.bad": {"elid": MESSAGES, "plid": TICKETS},
    "ticket.message.edit": {"elid": MESSAGES, "plid": TICKETS},
    "ticket_all.edit": {"elid": TICKETS, "plid": TICKETS},
    "ticket_all.delete": {"elid": TICKETS},
    "ticket.edit": {"elid": ROWS, "plid": TICKETS},
    "ticket_open.delete": {"elid": ROWS},
    "support_tool_responsible": {"elid": TICKETS},
    "ticket.file": {"elid": FILES},
    "omnidesk.settings": {},  # the form is opened; without sok nothing is saved
    WHO: {},
}
_OPTIONAL = ("clientticket.edit",)  # without a number it makes a ticket
_CASE = re.compile(r"cases/(\d+)(?:/(?:messages|note|spam|trash|restore|(?:rate|messages)/(\d+)))?")
_USER = re.compile(r"users/(\d+)(?:/restore)?")


class NotOurs(Exception):
    """A call would have changed something that the trial has not made."""


@dataclass
class Made:
    """The numbers of what was made. ``subject`` and ``name`` mark the ticket and the client in Omnidesk.

    ``account`` is that of the test client; only tickets above ``floor`` can be the trial's.
    """

    subject: str
    name: str
    account: int
    floor: int
    panel: dict[str, set[int]] = field(default_factory=lambda: {one: set() for one in (TICKETS, ROWS, MESSAGES, FILES)})
    cases: set[int] = field(default_factory=set)
    users: set[int] = field(default_factory=set)
    replies: set[int] = field(default_factory=set)  # messages in Omnidesk

    def look(self, db: Database) -> None:
        """Find what there is in BILLmanager: the tickets by client, age and subject, the rest by its ticket."""
        found = trial_rows.tickets(db, self.account, self.floor, self.subject)
        self.panel = {TICKETS: found, ROWS: set(), MESSAGES: set(), FILES: set()}
        if not found:
            return
        rows = trial_rows.rows_of(db, found)
        self.panel |= {ROWS: set(rows.assignments), MESSAGES: set(rows.messages), FILES: set(rows.files)}

    def check(self, func: str, params: Mapping[str, object]) -> None:
        """Raise :class:`NotOurs` for a call of the panel that names anything else."""
        kinds = FUNCTIONS.get(func)
        if kinds is None:
            raise NotOurs(func)
        if func.startswith("omnidesk.") and "sok" in params:
            raise NotOurs(f"{func} sok")
        for name in ("elid", "plid"):
            given, kind = params.get(name), kinds.get(name)
            missing = given is None and (kind is None or func in _OPTIONAL)
            if not missing and (kind is None or given not in self.panel[kind]):
                raise NotOurs(f"{func} {name}")

    def check_path(self, method: str, path: str) -> None:
        """The same for a call of Omnidesk; what only reads may read anything."""
        if method == "GET" or (method, path) == ("POST", "cases"):
            return
        case, user = _CASE.fullmatch(path), _USER.fullmatch(path)
        ours = (
            (int(case[1]) in self.cases and (case[2] is None or int(case[2]) in self.replies))
            if case
            else bool(user) and int(user[1]) in self.users  # type: ignore[index]
        )
        if not ours:
            raise NotOurs(f"{method} {path}")


class TrialPanel(Panel):
    """The panel, in which a trial changes only what it has made."""

    made: Made
    db: Database
    interrupts: Interrupts
    events: str  # their folder
    heard: set[str]  # functions whose events have come

    def call(self, func: str, params: Mapping[str, object], files: Sequence[Upload] = ()) -> etree._Element:
        self.interrupts.check()
        self.made.look(self.db)
        self.made.check(func, params)
        try:
            return super().call(func, params, files)
        finally:
            self.hear()

    def hear(self) -> set[str]:
        """Look after each call which events wait: the next one for the same ticket takes the place of this one."""
        self.heard |= {one.fields.get("function", "") for one in spool.entries(self.events)}
        return self.heard


class TrialClient(Client):
    """Omnidesk, in which a trial changes only what it has made. When the minute's calls are used up it waits."""

    made: Made
    interrupts: Interrupts

    def _ask(self, method: str, path: str, seconds: float = 0.0, **given: Any) -> Answer:
        self.made.check_path(method, path)
        for _ in range(TRIES):
            answer = super()._ask(method, path, seconds, **given)
            if not answer.limited or not isinstance(given.get("data", b""), bytes):
                break  # a form with files can be read only once
        return answer

    def _enter(self) -> int:
        while True:
            self.interrupts.check()
            try:
                return super()._enter()
            except Paused as pause:
                if pause.type != "omnidesk_rate" or pause.seconds > LONGEST_PAUSE:
                    raise
                self.interrupts.wait(pause.seconds + 0.1)
