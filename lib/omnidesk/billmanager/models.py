"""BILLmanager's objects as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

CLIENT_LEVELS = range(1, 28)  # 16 client user, 9 mailbox (documented)
DELETED_CLIENT = 16  # the level of a client of whom only messages are left
DEPARTMENT_LEVEL = 28
EMPLOYEE_LEVEL = 29  # 28 department, 29 employee, 30 root (documented)
ARCHIVED = 10  # ticket.status (seen in the panel's own queries)


@dataclass(frozen=True)
class Person:
    """Who wrote something. ``known`` is False when the account was deleted; then only the id is left.

    ``level`` is 0 when it is not known whether that was a client or staff.
    """

    user: int
    login: str = ""
    name: str = ""
    email: str = ""
    level: int = 0
    account: int = 0
    enabled: bool = True
    known: bool = True
    registered: str | None = field(default=None, compare=False)  # when his account was; None: not asked for

    @property
    def is_client(self) -> bool:
        return self.level in CLIENT_LEVELS

    @property
    def label(self) -> str:
        """The name to show: real name, else login, else the number."""
        return self.name or self.login or f"#{self.user}"


class Origin(Enum):
    """Who a row of the conversation is from."""

    PERSON = "person"
    SYSTEM = "system"  # the panel wrote it by itself
    UNKNOWN = "unknown"  # the panel, or somebody whose account was deleted


@dataclass(frozen=True)
class TicketFile:
    """A file of a message; its content is had by the panel's ``ticket.file`` only (the columns are not public)."""

    id: int
    name: str = ""


@dataclass(frozen=True)
class TicketMessage:
    """A message a client can see. ``posted_at`` in Unix seconds; ``origin``: only a person's waits or answers."""

    id: int
    ticket: int
    author: Person
    text: str
    posted_at: float
    files: tuple[TicketFile, ...] = ()
    origin: Origin = Origin.PERSON
    moved_from: int = 0  # the ticket that it was sent for, before it was moved to this one

    @property
    def by_person(self) -> bool:
        return self.origin is Origin.PERSON


@dataclass(frozen=True)
class TicketNote:
    """An internal note: never to be shown to a client. Whether the panel keeps files of notes is not public."""

    id: int
    ticket: int
    author: Person
    text: str
    posted_at: float
    files: tuple[TicketFile, ...] = ()
    unread_files: int = 0  # files that no known function hands out


@dataclass(frozen=True)
class Assignment:
    """A ``ticket2user`` row: somebody has the ticket. ``id`` is what ``ticket.edit`` calls elid."""

    id: int
    user: int
    level: int


@dataclass(frozen=True)
class Ticket:
    """A ticket as it stands now. ``client`` is the user who opened it, None when the account was deleted."""

    id: int
    subject: str
    account: int
    status: str  # open, waiting, closed
    client: Person | None
    responsible: int = 0
    assignments: tuple[Assignment, ...] = ()


def status_of(code: int, assigned: bool) -> str:
    """The three states both sides share: archived is closed, somebody has it is open, else it waits for the client."""
    if code == ARCHIVED:
        return "closed"
    return "open" if assigned else "waiting"
