"""Small facts of the whole installation: cursors, caches, the baseline, webhooks of unlinked cases."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from omnidesk.core.database import Database
from omnidesk.core.tables import STATE

log = logging.getLogger("state")
UNLINKED_SECONDS = 7 * 86400
RATING_SECONDS = 90 * 86400
LAST_WEBHOOK, LAST_EVENT = "last_webhook", "last_event"  # when, by this host's clock, the newest one was left
POLLED = "polled"  # when, by our clock, the last poll began that took over everything it was shown
MOST_UNLINKED = 10_000


@dataclass(frozen=True)
class TicketFacts:
    """What the state says for the work on one ticket.

    ``ratings``: by message, those that events have brought and that are not settled. ``polled``: when the last poll
    began, None when there was none.
    """

    ratings: dict[int, int]
    polled: float | None


class State:
    """Named JSON values in one table."""

    def __init__(self, db: Database, clock: Callable[[], float]) -> None:
        self.db = db
        self.clock = clock

    def get(self, name: str, default: Any = None, kind: type | None = None) -> Any:
        """The value; the default where there is none.

        So it is where what stands there is damaged: no JSON, or not of this kind (without one, the default's).
        """
        row = self.db.row(f"SELECT value FROM {STATE} WHERE name = %s", name)
        return default if row is None else self._value(name, row["value"], default, kind)

    def _value(self, name: str, text: str, default: Any = None, kind: type | None = None) -> Any:
        wanted = kind or (type(default) if default is not None else object)
        try:
            found = json.loads(text)
        except (ValueError, TypeError, RecursionError):
            found = None
            wanted = wanted if wanted is not object else type
        numbers = (int, float)
        accepted = numbers if wanted in numbers else wanted
        if isinstance(found, accepted) and not (accepted is numbers and isinstance(found, bool)):
            return found
        log.error("the value %s in the table %s is damaged and ignored", name, STATE)
        return default

    def of_ticket(self, ticket: int) -> TicketFacts:
        """What is needed for the work on one ticket, read at once."""
        noted = f"rating:{ticket}:"
        rows = self.db.rows(f"SELECT name, value FROM {STATE} WHERE name = %s OR name LIKE %s", POLLED, f"{noted}%")
        found = {row["name"]: row["value"] for row in rows}
        ratings = {int(name[len(noted) :]): int(value) for name, value in found.items() if name.startswith(noted)}
        polled = self._value(POLLED, found[POLLED], None, float) if POLLED in found else None
        return TicketFacts(ratings, polled)

    def age(self, name: str) -> float | None:
        """Seconds since the value was written; None when there is none."""
        row = self.db.row(f"SELECT updated_at FROM {STATE} WHERE name = %s", name)
        return self.clock() - float(row["updated_at"]) if row else None

    def try_write(self) -> None:
        """Fail where the module may not write into its tables; nothing is changed."""
        columns = "name, value, updated_at"
        self.db.write(f"REPLACE INTO {STATE} ({columns}) SELECT {columns} FROM {STATE} WHERE name = ''")

    def put(self, name: str, value: Any) -> None:
        self.db.write(
            f"REPLACE INTO {STATE} (name, value, updated_at) VALUES (%s, %s, %s)",
            name, json.dumps(value, ensure_ascii=False), self.clock(),
        )  # fmt: skip

    def put_once(self, name: str, value: Any) -> bool:
        """Write a value unless there is one; whether it was written."""
        return self.db.write(
            f"INSERT IGNORE INTO {STATE} (name, value, updated_at) VALUES (%s, %s, %s)",
            name, json.dumps(value, ensure_ascii=False), self.clock(),
        ) > 0  # fmt: skip

    def remove(self, name: str) -> bool:
        return self.db.write(f"DELETE FROM {STATE} WHERE name = %s", name) > 0

    def since(self, name: str) -> float | None:
        """Seconds since the time that is the value; None when there is none."""
        at = self.get(name, None, float)
        return None if at is None else max(0.0, self.clock() - float(at))

    # What the account refused last of a kind, as far as it says something of the account's settings.

    def note_refusal(self, kind: str, why: str) -> None:
        self.put(f"refused:{kind}", why)

    def forget_refusal(self, kind: str) -> None:
        self.remove(f"refused:{kind}")

    def refusal(self, kind: str) -> str:
        """Why the last of this kind was refused; "" when it was accepted, or there was none."""
        return str(self.get(f"refused:{kind}", ""))

    # Functions of the panel whose events have come.

    def functions(self) -> list[str]:
        return [str(one) for one in self.get("functions", [])]

    def note_functions(self, names: Collection[str]) -> None:
        """Remember these as well."""
        known = set(self.functions())
        if not known.issuperset(names):
            self.put("functions", sorted(known.union(names)))

    # A webhook may name a case whose making is not recorded yet (the answer of the creating call is still on its way,
    # or was lost): the name is kept until the case gets its ticket. Whoever links a case looks here afterwards, and
    # whoever notes an unlinked case looks at the links afterwards, so one of the two always sees the other.

    def note_unlinked(self, case: int | str) -> None:
        """Keep the case's id or number, unless so many are kept that they cannot be cases being made."""
        row = self.db.row(f"SELECT COUNT(*) AS n FROM {STATE} WHERE name LIKE 'orphan:%%'")
        if row and int(row["n"]) < MOST_UNLINKED:
            self.put(f"orphan:{case}", 1)

    def take_unlinked(self, *case: int | str) -> bool:
        """Whether a webhook came for this case, by its id or number, before it was linked; asking removes the note."""
        names = [f"orphan:{one}" for one in case]
        marks = ", ".join(["%s"] * len(names))
        return self.db.write(f"DELETE FROM {STATE} WHERE name IN ({marks})", *names) > 0

    # A rating that an event has brought, until it is settled: how the panel stores it is not known (see RatingColumn).

    def note_rating(self, ticket: int, message: int, rating: int) -> None:
        self.put(f"rating:{ticket}:{message}", rating)

    def noted_ratings(self, ticket: int) -> dict[int, int]:
        """The ratings of a ticket's messages by their ids that events have brought and that are not settled."""
        rows = self.db.rows(f"SELECT name, value FROM {STATE} WHERE name LIKE %s", f"rating:{ticket}:%")
        return {int(row["name"].rpartition(":")[2]): int(row["value"]) for row in rows}

    def take_rating(self, message: int, rating: int) -> None:
        """Forget it, unless the client has rated again. It may have been noted in the ticket that it was moved from."""
        self.db.write(f"DELETE FROM {STATE} WHERE name LIKE %s AND value = %s", f"rating:%:{message}", str(rating))

    def expire_unlinked(self) -> int:
        return self.db.write(
            f"DELETE FROM {STATE} WHERE name LIKE 'orphan:%%' AND updated_at < %s",
            self.clock() - UNLINKED_SECONDS,
        )

    def expire_ratings(self) -> int:
        """Ratings that were never settled: of tickets that are not synchronised, of messages that do not exist."""
        return self.db.write(
            f"DELETE FROM {STATE} WHERE name LIKE 'rating:%%' AND updated_at < %s",
            self.clock() - RATING_SECONDS,
        )
