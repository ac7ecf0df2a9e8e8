"""Which tickets are due, in which order, and the result of their processing."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence, Set

from omnidesk.core.database import Database
from omnidesk.core.errors import Failure, TryLater
from omnidesk.core.tables import MESSAGES, TICKETS
from omnidesk.store.blocked_clients import BlockedClients
from omnidesk.store.models import DUE, DueTicket

FIRST_PAUSE = 5.0
LONGEST_PAUSE = 900.0
KINDS = {  # of due tickets; each ticket is of one kind
    "reply": " AND wait_since IS NOT NULL AND (look_messages = 1 OR look_case = 1)",
    "message": " AND wait_since IS NOT NULL AND look_messages = 0 AND look_case = 0",
    "other": " AND wait_since IS NULL",  # statuses, ratings, rechecks, history
    "": "",
}
_FAILED = "attempts > 0 OR set_aside = 1 OR error_type <> ''"
_AT_ONCE = 500  # tickets in one statement
FAR = 2 * LONGEST_PAUSE  # nothing is put off for longer; what seems to be was so before the clock was set back


def only_waits(failure: Failure) -> float:
    """How long to wait where nothing was tried, as an earlier call may still take effect or was repeated too often; 0.0
    for any other failure."""
    waits = isinstance(failure, TryLater) and failure.type in ("settling", "repeated")
    return float(str(failure.params.get("seconds", 1))) + 0.1 if waits else 0.0


def pause(attempts: int, draw: Callable[[], float] = random.random) -> float:
    """Seconds until the next try: doubling from 5 s, at most 15 minutes, spread by up to half against herds."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts - 1, 10))
    return float(longest * (0.5 + draw() / 2))


class Queue:
    """The due tickets. ``due_seq`` grows with every event: finishing clears only what was seen at the start."""

    def __init__(self, db: Database, clock: Callable[[], float]) -> None:
        self.db = db
        self.clock = clock

    def make_due(
        self, ticket: int, reason: str, *, look_case: bool = False, look_messages: bool = False, since: float = 0.0
    ) -> None:
        """Make a ticket due now. What was set aside is taken up again: something new has happened to it.

        ``since``: when what is to be delivered was written, as far as is known; 0.0: nobody waits for a message.
        """
        now = self.clock()
        self.db.write(
            f"INSERT INTO {TICKETS} (ticket, due_at, due_seq, due_reason, look_case, look_messages, wait_since,"
            " created_at, updated_at) VALUES (%s, %s, 1, %s, %s, %s, %s, %s, %s)"
            " ON DUPLICATE KEY UPDATE due_at = LEAST(COALESCE(due_at, VALUES(due_at)), VALUES(due_at)),"
            " due_seq = due_seq + 1, due_reason = VALUES(due_reason), set_aside = 0,"
            " look_case = look_case OR VALUES(look_case), look_messages = look_messages OR VALUES(look_messages),"
            " wait_since = COALESCE(LEAST(wait_since, VALUES(wait_since)), wait_since, VALUES(wait_since))",
            ticket, now, reason[:64], look_case, look_messages, min(since, now) or None, now, now,
        )  # fmt: skip

    def written_in(self, ticket: int) -> None:
        """Somebody wrote in the ticket, whatever the dates say: without a case it gets one, with all that it holds."""
        self.db.write(f"UPDATE {TICKETS} SET history = 1 WHERE ticket = %s AND external_case IS NULL", ticket)

    def due(self, limit: int = 50, skip: Set[int] = frozenset(), kind: str = "") -> list[int]:
        """Tickets due now (of one of :data:`KINDS`), the one whose message waits longest first.

        A ticket that was tried in vain, or has had its turn, waits from then on.
        """
        skipped, now = sorted(skip), self.clock()
        without = f" AND ticket NOT IN ({', '.join(['%s'] * len(skipped))})" if skipped else ""
        rows = self.db.rows(
            f"SELECT ticket FROM {TICKETS} WHERE set_aside = 0 AND (due_at <= %s OR due_at > %s){KINDS[kind]}{without}"
            " ORDER BY wait_since IS NULL, GREATEST(COALESCE(wait_since, due_at), COALESCE(turn_at, 0)), due_at,"
            " ticket LIMIT %s",
            now, now + FAR, *skipped, limit,
        )  # fmt: skip
        return [int(row["ticket"]) for row in rows]

    def next_due(self) -> float | None:
        """When the earliest ticket comes due, Unix seconds."""
        now = self.clock()
        of_these = f"FROM {TICKETS} WHERE set_aside = 0"
        row = (
            self.db.row(  # both ends of the index
                f"SELECT (SELECT MIN(due_at) {of_these} AND due_at IS NOT NULL) AS first,"
                f" (SELECT MAX(due_at) {of_these} AND due_at > %s) AS far",
                now + FAR,
            )
            or {}
        )
        if row.get("far") is not None:
            return now if row["first"] is None else min(now, float(row["first"]))
        return float(row["first"]) if row.get("first") is not None else None

    # What became of a ticket. ``due_seq`` is that of the link as it was read before the work: what came since is not
    # answered by this work, and neither ends with it nor waits for its next try. None: nothing can have come.

    def done(self, ticket: int, due_seq: int, began: float = 0.0) -> None:
        """Nothing is left to do, unless something came since (``began``: when the work did)."""
        over = "attempts = 0, turn_at = NULL, error_type = '', error_params = NULL, error_text = NULL, error_at = NULL"
        if self.db.write(
            f"UPDATE {TICKETS} SET due_at = NULL, wait_since = NULL, look_case = 0, look_messages = 0, {over}"
            " WHERE ticket = %s AND due_seq = %s",
            ticket, due_seq,
        ):  # fmt: skip
            return
        self.db.write(
            f"UPDATE {TICKETS} SET wait_since = GREATEST(wait_since, %s), {over} WHERE ticket = %s", began, ticket
        )

    def forget(self, ticket: int, due_seq: int) -> bool:
        """Remove the row of a ticket that BILLmanager does not have, if it holds nothing: events may name any number.

        One that had a case, a call that was begun, or messages that a scan saw is kept: the ticket may come back.
        """
        return self.db.write(
            f"DELETE FROM {TICKETS} WHERE ticket = %s AND due_seq = %s AND external_case IS NULL AND intent_at IS NULL"
            " AND seen_message = 0 AND COALESCE(former_cases, '') = ''"
            f" AND NOT EXISTS (SELECT 1 FROM {MESSAGES} m WHERE m.ticket = %s)",
            ticket, due_seq, ticket,
        ) > 0  # fmt: skip

    def turn_over(self, ticket: int, due_seq: int, *, read: bool) -> None:
        """Its turn is over with work left. ``read``: all that its case has is delivered, and need not be read again."""
        self.db.write(f"UPDATE {TICKETS} SET turn_at = %s WHERE ticket = %s", self.clock(), ticket)
        if read:
            self.db.write(
                f"UPDATE {TICKETS} SET look_case = 0, look_messages = 0 WHERE ticket = %s AND due_seq = %s",
                ticket, due_seq,
            )  # fmt: skip

    def failed(self, ticket: int, error: Failure, *, due_seq: int | None = None) -> float:
        """Note a failure and when to try again; returns the pause in seconds. What only had to wait was no try."""
        row = self.db.row(f"SELECT attempts FROM {TICKETS} WHERE ticket = %s", ticket)
        waits = only_waits(error)
        attempts = (int(row["attempts"]) if row else 0) + (not waits)
        wait = waits or pause(attempts)
        now = self.clock()
        self.db.write(
            f"UPDATE {TICKETS} SET attempts = %s, due_at = IF(due_seq = COALESCE(%s, due_seq) OR due_at IS NULL, %s,"
            " due_at), turn_at = %s, error_type = %s, error_params = %s, error_text = NULL, error_at = %s"
            " WHERE ticket = %s",
            attempts, due_seq, now + wait, now, error.type, error.phrase.stored(), now, ticket,
        )  # fmt: skip
        return wait

    def set_aside(self, ticket: int, error: Failure, *, due_seq: int | None = None) -> bool:
        """Trying again cannot help; ``retry`` or a new event takes the ticket up again. False: one came already."""
        return self.db.write(
            f"UPDATE {TICKETS} SET set_aside = 1, error_type = %s, error_params = %s, error_text = NULL,"
            " error_at = %s WHERE ticket = %s AND due_seq = COALESCE(%s, due_seq)",
            error.type, error.phrase.stored(), self.clock(), ticket, due_seq,
        ) > 0  # fmt: skip

    def put_off(self, tickets: Set[int]) -> None:
        """These are held back by the guard, until something happens to them or the administrator confirms them."""
        for ticket in sorted(tickets):
            self.db.write(f"UPDATE {TICKETS} SET due_at = NULL WHERE ticket = %s", ticket)

    # History: what an import is at work on

    def begin_history(self, ticket: int, seconds: float) -> None:
        """Should the import die in the middle, the worker goes on with the ticket after this time."""
        self.db.write(
            f"UPDATE {TICKETS} SET history = 1, due_reason = IF(due_at IS NULL, 'import', due_reason),"
            " due_at = IF(due_at IS NULL OR due_reason = 'import', %s, due_at) WHERE ticket = %s",
            self.clock() + seconds, ticket,
        )  # fmt: skip

    def leave_history(self, ticket: int, due_seq: int, *, begun: bool) -> None:
        """The import stops: what is ``begun`` the worker ends now, the rest is for the next import."""
        self.db.write(
            f"UPDATE {TICKETS} SET due_at = %s, history = %s WHERE ticket = %s AND due_seq = %s",
            self.clock() if begun else None, begun, ticket, due_seq,
        )  # fmt: skip

    def take_up(self, ticket: int) -> bool:
        """The ticket has changed: its messages that were refused get one more try, after what is new has been sent."""
        found = self.db.row(
            f"SELECT COUNT(*) AS n, MAX(direction = 'in') AS replies FROM {MESSAGES}"
            " WHERE ticket = %s AND state = 'refused'",
            ticket,
        )
        if not found or not found["n"]:
            return False
        self.make_due(ticket, "refused", look_messages=bool(found["replies"]), since=self.clock())
        self.db.write(f"UPDATE {MESSAGES} SET state = 'intent' WHERE ticket = %s AND state = 'refused'", ticket)
        return True

    def retry(self, ticket: int = 0) -> int:
        """Make what failed or was set aside due now (one ticket, or all); how many."""
        replies = self._with_refused(ticket)
        found = sorted(replies.keys() | self._failed(ticket))
        self._start_over(ticket)  # first: a ticket that is due may be worked on at once
        for start in range(0, len(found), _AT_ONCE):
            self._try_again(found[start : start + _AT_ONCE], replies)
        return len(found)

    def _with_refused(self, ticket: int) -> dict[int, bool]:
        """The tickets (or this one) with messages that were refused, and whether replies are among them."""
        only, values = _only(ticket)
        rows = self.db.rows(
            f"SELECT ticket, MAX(direction = 'in') AS replies FROM {MESSAGES} WHERE state = 'refused'{only}"
            " GROUP BY ticket",
            *values,
        )
        return {int(row["ticket"]): bool(row["replies"]) for row in rows}

    def _failed(self, ticket: int) -> set[int]:
        """The tickets that failed or were set aside; the one that is asked for by its number in any case."""
        which, values = ("ticket = %s", (ticket,)) if ticket else (_FAILED, ())
        return {int(row["ticket"]) for row in self.db.rows(f"SELECT ticket FROM {TICKETS} WHERE {which}", *values)}

    def _start_over(self, ticket: int) -> None:
        """What was given up, and how often it was tried, counts no more."""
        only, values = _only(ticket)
        self.db.write(
            f"UPDATE {MESSAGES} SET state = 'intent', tries = 0, missed = 0 WHERE state = 'refused'{only}", *values
        )
        self.db.write(f"UPDATE {MESSAGES} SET sends = 0 WHERE state = 'intent'{only}", *values)
        self.db.write(f"UPDATE {TICKETS} SET refused_status = '' WHERE refused_status <> ''{only}", *values)
        BlockedClients(self.db, self.clock).try_again(ticket)

    def _try_again(self, tickets: Sequence[int], replies: Mapping[int, bool]) -> None:
        """``replies``: whose case has a reply that was refused; it is had again only by reading the case."""
        marks = ", ".join(["%s"] * len(tickets))
        read = [one for one in tickets if replies.get(one)] or [0]
        self.db.write(
            f"UPDATE {TICKETS} SET due_at = %s, due_seq = due_seq + 1, attempts = 0, set_aside = 0, turn_at = NULL,"
            " due_reason = 'retry', wait_since = COALESCE(wait_since, due_at),"
            f" look_messages = look_messages OR ticket IN ({', '.join(['%s'] * len(read))}) WHERE ticket IN ({marks})",
            self.clock(), *read, *tickets,
        )  # fmt: skip

    def failures(self) -> int:
        """How many tickets :meth:`retry` of all would take up."""
        row = self.db.row(
            "SELECT COUNT(*) AS n FROM ("
            f"SELECT ticket FROM {TICKETS} WHERE {_FAILED}"
            f" UNION SELECT ticket FROM {MESSAGES} WHERE state = 'refused') f"
        )
        return int(row["n"]) if row else 0

    def oldest_wait(self) -> float | None:
        """Since when the oldest message waits, for whatever reason; None when none does."""
        row = self.db.row(
            f"SELECT MIN(at) AS at FROM (SELECT MIN(wait_since) AS at FROM {TICKETS} WHERE set_aside = 1"
            f" UNION ALL SELECT MIN(wait_since) FROM {TICKETS} WHERE set_aside = 0 AND due_at > 0) w"
        )
        return float(row["at"]) if row and row["at"] is not None else None

    def listing(self, limit: int = 200) -> list[DueTicket]:
        """What is due, failed or set aside, worst first."""
        rows = self.db.rows(
            f"SELECT {DUE} FROM {TICKETS} WHERE due_at IS NOT NULL OR set_aside = 1 OR error_type <> ''"
            " ORDER BY set_aside DESC, attempts DESC, due_at LIMIT %s",
            limit,
        )
        return [DueTicket.of(row) for row in rows]


def _only(ticket: int) -> tuple[str, tuple[int, ...]]:
    """A condition for one ticket; none for 0."""
    return (" AND ticket = %s", (ticket,)) if ticket else ("", ())
