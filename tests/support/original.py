"""What the original module leaves behind: cases with their messages in Omnidesk, and its tables.

Its columns are not public, so its tables come in several forms. Nothing of it runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sandbox.omnidesk import core
from sandbox.omnidesk.model import Omnidesk
from sandbox.omnidesk.state import Case, Message

NAMES = ("ticket2external_case", "ticket_message2external_case_message", "user2external_user")
# (columns of its three tables, the names of (here, there) in each)
FORMS: dict[str, tuple[tuple[str, str, str], tuple[tuple[str, str], tuple[str, str], tuple[str, str]]]] = {
    "plain": (
        (
            "id INT AUTO_INCREMENT PRIMARY KEY, ticket INT NOT NULL, external_case BIGINT NOT NULL",
            "id INT AUTO_INCREMENT PRIMARY KEY, ticket_message INT NOT NULL, external_case_message BIGINT NOT NULL",
            "id INT AUTO_INCREMENT PRIMARY KEY, user INT NOT NULL, external_user BIGINT NOT NULL",
        ),
        (("ticket", "external_case"), ("ticket_message", "external_case_message"), ("user", "external_user")),
    ),
    "odd": (
        (
            "id INT AUTO_INCREMENT PRIMARY KEY, module INT DEFAULT 7, tid INT NOT NULL, remote VARCHAR(32),"
            " changed DATETIME DEFAULT NOW(), FOREIGN KEY (tid) REFERENCES ticket (id) ON DELETE CASCADE",
            "id INT AUTO_INCREMENT PRIMARY KEY, mid INT NOT NULL, remote BIGINT, kind INT DEFAULT 1,"
            " FOREIGN KEY (mid) REFERENCES ticket_message (id) ON DELETE CASCADE",
            "uid INT, remote BIGINT, FOREIGN KEY (uid) REFERENCES user (id) ON DELETE CASCADE",
        ),
        (("tid", "remote"), ("mid", "remote"), ("uid", "remote")),
    ),
    "texts": (
        (
            "ticket VARCHAR(20), external_case LONGTEXT",
            "ticket_message VARCHAR(20) CHARACTER SET latin1, external_case_message VARCHAR(40) CHARACTER SET latin1",
            "user DECIMAL(20,0), external_user DECIMAL(20,0)",
        ),
        (("ticket", "external_case"), ("ticket_message", "external_case_message"), ("user", "external_user")),
    ),
    "bytes": (  # whose columns have to be named
        (
            "ticket INT, external_case BLOB",
            "ticket_message VARBINARY(20), external_case_message VARBINARY(40)",
            "user DOUBLE, external_user DOUBLE",
        ),
        (("ticket", "external_case"), ("ticket_message", "external_case_message"), ("user", "external_user")),
    ),
}


@dataclass
class Original:
    """The original module on a panel. ``form``: of its tables; ``by_account``: it gave accounts' ids as clients'.

    ``numbers``: its table holds the cases' numbers instead of their ids.
    """

    panel: Any
    desk: Omnidesk
    channel: str
    form: str = "plain"
    suffix: str = "_original"
    by_account: bool = False
    numbers: bool = False
    tables: bool = True
    links: list[tuple[int, int]] = field(default_factory=list)
    _users: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.tables:
            for name, columns in zip(NAMES, FORMS[self.form][0], strict=True):
                self.panel.execute(f"DROP TABLE IF EXISTS {name}{self.suffix}")
                self.panel.execute(f"CREATE TABLE {name}{self.suffix} ({columns})")

    def take(self, ticket: int, *, subject: str = "", alter: Callable[[str], str] = str, dated: bool = True) -> Case:
        """Make a ticket's case with its messages, and the rows about it. ``alter``: what it does to a text."""
        row = self.panel.query("SELECT * FROM ticket WHERE id = %s", ticket)[0]
        owner = self._owner(row["account_client"])
        custom = str(row["account_client"] if self.by_account else owner)
        user = self.desk.find_user("custom", custom, self.channel)
        user = user or core.new_user(self.desk, "custom", custom, self.channel, "Client")
        messages = self.panel.query(
            "SELECT m.*, UNIX_TIMESTAMP(m.date_post) AS at, u.level FROM ticket_message m LEFT JOIN user u"
            " ON u.id = m.user WHERE m.ticket = %s ORDER BY m.id",
            ticket,
        )
        begun = int(messages[0]["at"]) if dated else 0
        state = self.panel.ticket_state(ticket).state
        case = core.new_case(self.desk, user, self.channel, subject or row["name"], state, begun)
        for number, message in enumerate(messages):
            staff = (message["level"] or 0) >= 28 and number > 0
            sent = core.add_message(
                self.desk, case, user_id=0 if staff else user.user_id,
                staff_id=self.desk.integration.staff_id if staff else 0, content=alter(message["message"]),
                created_at=int(message["at"]) if dated else 0, via_api=True, first=not number,
            )  # fmt: skip
            self._row(1, message["id"], sent.message_id)
        for note in self.panel.notes(ticket):
            core.add_message(self.desk, case, staff_id=self.desk.integration.staff_id, content=note.text, note=True)
        case.status = state
        case.updated_at = begun or case.updated_at
        self._row(0, ticket, case.case_number if self.numbers else case.case_id)
        if owner not in self._users:
            self._users.add(owner)
            self._row(2, owner, user.user_id)
        self.links.append((ticket, case.case_id))
        self.flush()
        return case

    def bring(self, ticket: int, employee: int, reply: Message, text: str) -> int:
        """An agent's reply as the original wrote it into the ticket."""
        when = self._local(reply.created_at) + timedelta(seconds=3)
        message: int = self.panel.employee_replies(employee, ticket, text, close=False, created=when)
        self._row(1, message, reply.message_id)
        self.flush()
        return message

    def flush(self) -> None:
        """The webhooks that Omnidesk sent have gone to the original."""
        while self.desk.webhooks.pending():
            self.desk.webhooks.deliver(lambda url, headers, body: 200)

    def _row(self, table: int, here: int, there: int | str) -> None:
        if self.tables:
            columns = FORMS[self.form][1][table]
            name = f"{NAMES[table]}{self.suffix}"
            self.panel.execute(f"INSERT INTO {name} (`{columns[0]}`, `{columns[1]}`) VALUES (%s, %s)", here, there)

    def _owner(self, account: int) -> int:
        return int(self.panel.query("SELECT MIN(id) AS id FROM user WHERE account = %s", account)[0]["id"])

    def _local(self, moment: float) -> Any:
        return self.panel.query("SELECT FROM_UNIXTIME(%s) AS at", int(moment or time.time()))[0]["at"]
