"""Cases that staff opened in Omnidesk, until their tickets are made: what is known of each, in the state table."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from omnidesk.core.database import Database
from omnidesk.core.tables import STATE
from omnidesk.store.state import State

_PREFIX = "staff_case:"
_LEFT = "staff_case_left:"  # cases that get no ticket: known by their names alone
SINCE = "staff_cases_since"  # in the state table: cases opened before are left alone
MOST = 2000  # cases that wait at a time
KEPT_SECONDS = 30 * 86400.0
FAR = 3600.0  # no try is put off for longer; what seems to be was so before the clock was set back
DOUBTED = 3  # failures after which nothing waits for the ticket of a case any more


@dataclass(frozen=True)
class Making:
    """A ticket that is being made: the call was begun ``at``, when ``mark`` was the highest number of a ticket.

    ``account``: the client's; ``author``: the employee's number in BILLmanager; ``digest``: of the first message.
    """

    at: float
    mark: int
    account: int
    author: int
    digest: str


@dataclass(frozen=True)
class StaffCase:
    """A case without a ticket.

    ``state``: ``new`` (to be looked at) or ``noting`` (a note that says why there is no ticket is being written).
    ``due_at``: when it is looked at again, ``seen_at``: the case's time when it was looked at last; ``why``:
    why there is no ticket, as a key of the notices.
    """

    case_id: int
    state: str = "new"
    due_at: float = 0.0
    seen_at: float = 0.0
    tries: int = 0
    why: str = ""
    making: Making | None = None

    @property
    def is_tried(self) -> bool:
        """Whether it has its next try, and does not only wait for a change of the case."""
        return self.tries > 0 or self.making is not None


class StaffCases:
    """The cases. Each is a row of the state table, so that a run that dies leaves what it knew."""

    def __init__(self, db: Database, state: State, clock: Callable[[], float]) -> None:
        self.db = db
        self.state = state
        self.clock = clock

    def since(self, now: float) -> float:
        """From when on cases become tickets, by Omnidesk's clock: since the setting was switched on."""
        self.state.put_once(SINCE, now)
        return float(self.state.get(SINCE, now, float))

    def switched_off(self) -> None:
        """Cases that are opened until it is switched on again are left alone."""
        self.state.remove(SINCE)

    def note(self, case_id: int, updated_at: float) -> None:
        """A case without a ticket has changed, by Omnidesk's own word: webhooks name cases that need not exist."""
        known = self.get(case_id)
        if known is None and not self.is_left(case_id):
            row = self.db.row(f"SELECT COUNT(*) AS n FROM {STATE} WHERE name LIKE %s", f"{_PREFIX}%")
            if row and int(row["n"]) < MOST:
                self.put(StaffCase(case_id))
        elif known is not None and known.state == "new" and updated_at > known.seen_at and not known.tries:
            self.put(replace(known, due_at=0.0))

    def get(self, case_id: int) -> StaffCase | None:
        return _read(case_id, self.state.get(f"{_PREFIX}{case_id}", None, dict))

    def put(self, case: StaffCase) -> None:
        self.state.put(f"{_PREFIX}{case.case_id}", {k: v for k, v in asdict(case).items() if k != "case_id"})

    def leave(self, case_id: int) -> None:
        """There will be no ticket."""
        self.state.put(f"{_LEFT}{case_id}", 1)
        self.remove(case_id)

    def is_left(self, case_id: int) -> bool:
        return bool(self.state.get(f"{_LEFT}{case_id}"))

    def remove(self, case_id: int) -> None:
        self.state.remove(f"{_PREFIX}{case_id}")

    def all(self) -> list[StaffCase]:
        """All that wait, oldest first."""
        rows = self.db.rows(f"SELECT name, value FROM {STATE} WHERE name LIKE %s", f"{_PREFIX}%")
        found = [_read(int(row["name"].rpartition(":")[2]), json.loads(row["value"])) for row in rows]
        return sorted((one for one in found if one is not None), key=lambda one: one.case_id)

    def due(self) -> list[StaffCase]:
        """Those to be looked at now."""
        now = self.clock()
        return [one for one in self.all() if one.due_at <= now or (one.is_tried and one.due_at > now + FAR)]

    def may_be_made(self, ticket: int, account: int, author: int) -> bool:
        """Whether this may be the ticket of such a case, whose row is there before it is known as the case's: it came
        after the call, and this employee wrote its first message. What fails again and again holds no ticket up."""
        making = [one.making for one in self.all() if one.making is not None and one.tries < DOUBTED]
        return any(one.account == account and one.mark < ticket and one.author == author for one in making)

    def expire(self) -> int:
        """Forget cases that have not changed for a month."""
        return self.db.write(
            f"DELETE FROM {STATE} WHERE (name LIKE %s OR name LIKE %s) AND updated_at < %s",
            f"{_PREFIX}%", f"{_LEFT}%", self.clock() - KEPT_SECONDS,
        )  # fmt: skip


def _read(case_id: int, row: object) -> StaffCase | None:
    if not isinstance(row, dict):
        return None
    try:
        making = Making(**row["making"]) if row.get("making") else None
        return StaffCase(case_id, **{**row, "making": making})
    except (TypeError, KeyError):
        return None
