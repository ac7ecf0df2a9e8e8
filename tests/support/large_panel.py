"""A panel with as many tickets as wanted, all of them linked, made by the database itself within seconds."""

from __future__ import annotations

from omnidesk.core.tables import MESSAGES, TICKETS
from sandbox.billmanager.panel import Client, Panel

MESSAGES_EACH = 10
OPEN_SHARE = 5  # one ticket of so many is open
STEP = 100_000  # rows of one INSERT
_YOUNGEST = "NOW() - INTERVAL 1 DAY"


class Filler:
    """Puts tickets into a panel in which the module has made its tables, as if all had been in sync for long.

    ``client``: who writes in them, ``employee``: who answers and has the open ones.
    """

    def __init__(self, panel: Panel, client: Client, employee: int, tickets: int) -> None:
        self.execute = panel.execute
        self.client = client.user
        self.account = client.account
        self.employee = employee
        self.tickets = tickets

    def fill(self) -> None:
        """Insert everything; numbers grow with time, as they do in a panel."""
        self._each(
            self.tickets,
            "INSERT INTO ticket (id, name, account_client, status)"
            f" SELECT seq, 'Subject', {self.account}, IF(seq MOD {OPEN_SHARE} = 0, 1, IF(seq MOD 3 = 0, 10, 2))",
        )
        self._each(
            self.tickets // OPEN_SHARE,
            f"INSERT INTO ticket2user (ticket, user) SELECT seq * {OPEN_SHARE}, {self.employee}",
        )
        self._each(
            self.tickets * MESSAGES_EACH,
            "INSERT INTO ticket_message (id, ticket, user, message, date_post) SELECT seq, (seq - 1) DIV"
            f" {MESSAGES_EACH} + 1, IF(seq MOD 2, {self.client}, {self.employee}), 'A short text of a message',"
            f" {_YOUNGEST} - INTERVAL ({self.tickets * MESSAGES_EACH} - seq) SECOND",
        )
        self._links()

    def walks(self) -> dict[str, int]:
        """How many rows each walk of the audit has."""
        opened = self.tickets // OPEN_SHARE
        closed = (self.tickets - opened) // 3
        answers = self.tickets * MESSAGES_EACH // 2
        return {"open": opened, "waiting": self.tickets - opened - closed, "closed": closed, "ratings": answers}

    def _links(self) -> None:
        state = f"IF(seq MOD {OPEN_SHARE} = 0, 'open', IF(seq MOD 3 = 0, 'closed', 'waiting'))"
        self._each(
            self.tickets,
            f"INSERT INTO {TICKETS} (ticket, external_case, case_number, external_user, client_user, ticket_status,"
            " case_status, seen_status, seen_at, read_at, own_write_at, account, unread)"
            f" SELECT seq, 10000000 + seq, CONCAT('100-', seq), 5, {self.client}, {state}, {state}, {state},"
            f" 1000, 1000, seq, {self.account}, 0",
        )
        self._each(
            self.tickets * MESSAGES_EACH,
            f"INSERT INTO {MESSAGES} (ticket, kind, direction, ticket_message, external_case, external_message, state,"
            f" staff, posted_at, posted_wall) SELECT (m.id - 1) DIV {MESSAGES_EACH} + 1, 'message', 'out', m.id,"
            f" 10000000 + m.ticket, 50000000 + m.id, 'done', m.id MOD 2 = 0, UNIX_TIMESTAMP(m.date_post),"
            " TIMESTAMPDIFF(SECOND, '1970-01-01', m.date_post)",
            " JOIN ticket_message m ON m.id = seq",
        )
        self.execute("DELETE FROM omnidesk_state WHERE name IN ('baseline', 'scan_marks')")  # it begins here

    def _each(self, count: int, insert: str, more: str = "") -> None:
        """Rows 1 to ``count``, so many in one transaction that it is fast and not too large."""
        for first in range(1, count + 1, STEP):
            self.execute(f"{insert} FROM seq_{first}_to_{min(first + STEP - 1, count)}{more}")
