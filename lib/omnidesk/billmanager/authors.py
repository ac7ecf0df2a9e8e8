"""Who wrote a row of ``ticket_message``: a client, staff, or the panel itself.

The panel stores lines of its own in a conversation ("moved to the archive", "the ticket was split"). How they are
marked is not documented: by a column ``type``, by a service user, or only by an author that is NULL or 0. A message
whose author's account was deleted has no author either, so such a row is taken for a person's message only where
something shows that it is one: its link, the author's earlier messages, its type, its files, or its place as the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from omnidesk.billmanager.models import CLIENT_LEVELS, DELETED_CLIENT, DEPARTMENT_LEVEL, EMPLOYEE_LEVEL, Origin, Person
from omnidesk.billmanager.row_identity import moved, same
from omnidesk.core.database import Database, Row
from omnidesk.core.errors import TryLater
from omnidesk.core.tables import MESSAGES, TICKETS, USERS

SYSTEM_TYPES = ("system", "info")  # seen in the panel's own documents
SERVICE_LOGINS = ("system", "service", "root", "billmgr", "billmanager", "robot", "bot")
NOT_THERE = ("1146", "1054")  # no such table, no such column
SAMPLE = 1000  # newest messages that show which types people's messages have
NEIGHBOURS = 50  # tickets above one that show whether its messages were moved to a new ticket
Author = tuple[Person, Origin]
# Rows that their tickets began with. What is first now need not be: all before it may have been moved to a new ticket,
# which then has an older message.
_FIRSTS = (
    "SELECT m.id FROM ticket_message m WHERE m.id IN ({})"
    " AND m.id = (SELECT MIN(f.id) FROM ticket_message f WHERE f.ticket = m.ticket) AND NOT EXISTS (SELECT 1"
    f" FROM ticket_message x WHERE x.ticket > m.ticket AND x.ticket <= m.ticket + {NEIGHBOURS} AND x.id < m.id)"
)


@dataclass(frozen=True)
class Traces:
    """What is known of rows without an author: ``by``: client or staff, by row; ``first``: rows that open a ticket."""

    by: dict[int, str]
    first: frozenset[int]


class Authors:
    """Tells who wrote which row."""

    def __init__(self, db: Database) -> None:
        self.db = db

    @property
    def typed(self) -> bool:
        """Whether ``ticket_message`` has a column ``type``."""
        return self.db.has("ticket_message", "type")

    def forget(self) -> None:
        """Look at the types of messages again: a new pass begins."""
        self.__dict__.pop("_types", None)

    def columns(self) -> str:
        """What a SELECT of messages (``m``) needs for :meth:`of`, beside the author's columns."""
        return "m.`type` AS type" if self.typed else "NULL AS type"

    def written(self, row: str = "m") -> str:
        """The SQL condition that a row has an author and no type of the panel's own: cheap, for counting."""
        words = ", ".join(f"'{word}'" for word in SYSTEM_TYPES)
        more = f" AND COALESCE({row}.`type`, '') NOT IN ({words})" if self.typed else ""
        return f"COALESCE({row}.user, 0) > 0{more}"

    def of(self, rows: Sequence[Row], people: Sequence[Person | None], with_files: Iterable[int]) -> list[Author]:
        """The authors of these rows; ``people``: their users where there are such."""
        unsigned = [int(row["id"]) for row, one in zip(rows, people, strict=True) if one is None and not _of_panel(row)]
        traces, files = self._traces(unsigned), frozenset(with_files)
        return [
            _signed(row, one) if one is not None else self._unsigned(row, traces, int(row["id"]) in files)
            for row, one in zip(rows, people, strict=True)
        ]

    def _unsigned(self, row: Row, traces: Traces, has_files: bool) -> Author:
        number = int(row["user"] or 0)
        if _of_panel(row):
            return Person(number, known=False), Origin.SYSTEM
        by = traces.by.get(int(row["id"])) or self._by_type(row["type"])
        if not by and (has_files or int(row["id"]) in traces.first):
            by = "client"
        if by in ("client", "staff"):
            level = DELETED_CLIENT if by == "client" else EMPLOYEE_LEVEL
            return Person(number, level=level, known=False), Origin.PERSON
        return Person(number, known=False), Origin.SYSTEM if by == "system" else Origin.UNKNOWN

    def _by_type(self, type: object) -> str:
        """Whose messages have this type: client, staff or system; "" when that says nothing."""
        if type in (None, "") or not self._types:
            return ""
        used = self._types.get(str(type), frozenset())
        return "system" if not used else next(iter(used)) if len(used) == 1 else ""

    @cached_property
    def _types(self) -> dict[str, frozenset[str]]:
        """Which types the messages of clients and of staff have, as far as the newest ones show."""
        if not self.typed:
            return {}
        found: dict[str, frozenset[str]] = {}
        for row in self.db.rows(
            f"SELECT DISTINCT m.type, u.level < {DEPARTMENT_LEVEL} AS client FROM (SELECT `type` AS type, user FROM"
            f" ticket_message ORDER BY id DESC LIMIT {SAMPLE}) m JOIN user u ON u.id = m.user WHERE m.type IS NOT NULL"
        ):
            if str(row["type"]) not in SYSTEM_TYPES:
                who = frozenset({"client" if row["client"] else "staff"})
                found[str(row["type"])] = found.get(str(row["type"]), frozenset()) | who
        return found

    def _traces(self, rows: Sequence[int]) -> Traces:
        """What the links, the clients who are known and the tickets say of rows whose authors are not there."""
        if not rows:
            return Traces({}, frozenset())
        marks = ", ".join(["%s"] * len(rows))
        firsts = self.db.rows(_FIRSTS.format(marks), *rows)
        try:
            found = self.db.rows(
                "SELECT m.id, l.staff AS own, EXISTS (SELECT 1 FROM {0} x WHERE x.ticket = m.ticket) AS begun,"
                " (SELECT MAX(o.staff) FROM {0} o WHERE o.ticket = m.ticket AND o.poster = m.user AND o.state = 'done'"
                " AND o.kind = 'message') AS earlier,"
                " (EXISTS (SELECT 1 FROM {1} k WHERE k.user = m.user)"
                " OR EXISTS (SELECT 1 FROM {2} t WHERE t.ticket = m.ticket AND t.client_user = m.user)) AS client"
                " FROM ticket_message m LEFT JOIN {0} l ON l.kind = 'message' AND l.ticket_message = m.id"
                " AND l.state <> 'skipped' AND ({3}) WHERE m.id IN ({4})".format(
                    MESSAGES, USERS, TICKETS, f"{same('m')} OR {moved('m')}", marks
                ),
                *rows,
            )
        except TryLater as failure:
            if failure.object not in NOT_THERE:
                raise
            found = []  # the module's tables are not made yet
        by = {int(row["id"]): _trace(row) for row in found}
        begun = {int(row["id"]) for row in found if row["begun"]}  # what it began with may have been moved away
        return Traces(by, frozenset(int(row["id"]) for row in firsts) - begun)


def _trace(row: Row) -> str:
    for staff in (row["own"], row["earlier"]):
        if staff is not None:
            return "staff" if staff else "client"
    return "client" if row["client"] else ""


def _of_panel(row: Row) -> bool:
    return str(row["type"]).lower() in SYSTEM_TYPES


def _signed(row: Row, author: Person) -> Author:
    return author, Origin.SYSTEM if _of_panel(row) or _serves(author) else Origin.PERSON


def _serves(author: Person) -> bool:
    """Whether a user is one in whose name the panel itself writes: neither an account's user nor an employee."""
    if author.level in CLIENT_LEVELS:
        return not author.account
    if author.level < EMPLOYEE_LEVEL or author.login.lower() == SERVICE_LOGINS[0]:
        return True  # nobody logs in as a department
    named = author.login.lower() in SERVICE_LOGINS
    return not author.email and (author.level > EMPLOYEE_LEVEL or not author.enabled or named)
