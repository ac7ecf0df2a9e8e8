"""Clients whose new cases start in spam: since when, why if known, and when this was checked last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from omnidesk.core.database import Database
from omnidesk.core.tables import MESSAGES, TICKETS, USERS

FIRST_LOOK, LONGEST_WAIT = 60.0, 6 * 3600.0  # seconds between looks; each is about as long as all before it


@dataclass(frozen=True)
class BlockedClient:
    """A client (``user.id`` of BILLmanager) whose case started in spam.

    ``why``: ``found`` (just now), ``blocked`` (Omnidesk says so), ``spam`` (it does not, his case lies in spam all the
    same). ``at`` and ``asked_at`` in Unix seconds of the module's clock.
    """

    user: int
    external_user: int
    why: str
    at: float
    asked_at: float

    def may_be_asked(self, now: float) -> bool:
        """Whether it is time to look again. A clock that was set back does not put it off."""
        wait = min(max(self.asked_at - self.at, FIRST_LOOK), LONGEST_WAIT)
        return not self.asked_at or not self.asked_at <= now < self.asked_at + wait


class BlockedClients:
    """The columns of ``user2external_user`` that say so."""

    def __init__(self, db: Database, clock: Callable[[], float]) -> None:
        self.db = db
        self.clock = clock

    def get(self, user: int) -> BlockedClient | None:
        row = self.db.row(
            f"SELECT user, external_user, blocked, blocked_at, asked_at FROM {USERS} WHERE user = %s AND blocked <> ''",
            user,
        )
        if row is None:
            return None
        known = int(row["external_user"] or 0)
        return BlockedClient(user, known, row["blocked"], float(row["blocked_at"]), float(row["asked_at"]))

    def found(self, user: int, external_user: int) -> None:
        """The client's new case started in spam."""
        self.db.write(
            f"INSERT INTO {USERS} (user, external_user, custom_id, blocked, blocked_at, asked_at)"
            " VALUES (%s, %s, %s, 'found', %s, 0) ON DUPLICATE KEY UPDATE external_user = VALUES(external_user),"
            " blocked = VALUES(blocked), blocked_at = VALUES(blocked_at), asked_at = 0",
            user, external_user, str(user), self.clock(),
        )  # fmt: skip

    def asked(self, user: int, why: str) -> None:
        """What Omnidesk says of him now."""
        self.db.write(f"UPDATE {USERS} SET blocked = %s, asked_at = %s WHERE user = %s", why, self.clock(), user)

    def unblocked(self, user: int) -> None:
        self.db.write(f"UPDATE {USERS} SET blocked = '', asked_at = 0 WHERE user = %s", user)

    def try_again(self, ticket: int = 0) -> None:
        """Somebody asks for another try, for one ticket or all: look now; open a case where no block is known."""
        only = f" AND user = (SELECT client_user FROM {TICKETS} WHERE ticket = %s)" if ticket else ""
        self.db.write(
            f"UPDATE {USERS} SET asked_at = 0, blocked = IF(blocked = 'spam', '', blocked) WHERE blocked <> ''{only}",
            *((ticket,) if ticket else ()),
        )

    def waiting(self, user: int, but: int = 0) -> list[int]:
        """The client's tickets that wait for his being unblocked."""
        rows = self.db.rows(
            f"SELECT ticket FROM {TICKETS} WHERE client_user = %s AND error_type = 'client_blocked' AND ticket <> %s",
            user, but,
        )  # fmt: skip
        return [int(row["ticket"]) for row in rows]

    def to_be_asked(self, limit: int = 3) -> list[int]:
        """One ticket of each client that it is time to look at again."""
        rows = self.db.rows(f"SELECT user FROM {USERS} WHERE blocked IN ('found', 'blocked') ORDER BY asked_at")
        now, found = self.clock(), list[int]()
        for row in rows:
            client = self.get(int(row["user"]))
            if client is not None and client.may_be_asked(now):
                found += self.waiting(client.user)[:1]
            if len(found) >= limit:
                break
        return found

    # What was sent into a case that nobody sees

    def take_back(self, ticket: int, case_id: int, since: float) -> int:
        """Take back the messages sent into this case since then, so that they go again into the next; how many.

        Their ids are kept: should the case come back before there is another one, they are in it (:meth:`arrived`).
        Notes stay: what staff wrote for themselves is in the ticket, and a client does not wait for it.
        """
        return self.db.write(
            f"UPDATE {MESSAGES} SET state = 'intent', intent_at = NULL WHERE ticket = %s AND external_case = %s"
            " AND direction = 'out' AND kind = 'message' AND state = 'done' AND done_at > %s"
            " AND external_message IS NOT NULL",
            ticket, case_id, since,
        )  # fmt: skip

    def arrived(self, ticket: int, case_id: int) -> None:
        """The case is back: what was taken back is seen there."""
        self.db.write(
            f"UPDATE {MESSAGES} SET state = 'done', done_at = %s WHERE ticket = %s AND external_case = %s"
            " AND direction = 'out' AND kind = 'message' AND state = 'intent' AND intent_at IS NULL"
            " AND external_message IS NOT NULL",
            self.clock(), ticket, case_id,
        )  # fmt: skip

    def opener_waits(self, ticket: int, case_id: int) -> int:
        """The message this case was opened with waits as if it had not been sent; its id, 0 if there is more in it."""
        rows = self.db.rows(
            f"SELECT id, ticket_message FROM {MESSAGES} WHERE ticket = %s AND external_case = %s AND state = 'done'",
            ticket, case_id,
        )  # fmt: skip
        if len(rows) != 1 or rows[0]["ticket_message"] is None:
            return 0
        waits = "state = 'intent', intent_at = NULL, external_message = NULL"
        self.db.write(f"UPDATE {MESSAGES} SET {waits} WHERE id = %s", int(rows[0]["id"]))
        return int(rows[0]["ticket_message"])

    def opener_arrived(self, ticket: int, message: int, case_id: int) -> None:
        """The case came out of spam, and the message it was opened with is seen there."""
        self.db.write(
            f"UPDATE {MESSAGES} SET state = 'done', done_at = %s WHERE ticket = %s AND kind = 'message'"
            " AND ticket_message = %s AND external_case = %s AND direction = 'out' AND state = 'intent'",
            self.clock(), ticket, message, case_id,
        )  # fmt: skip
