"""What a plan is made of: both sides of one ticket as they were read, what the links say, and the settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from omnidesk.billmanager.models import Ticket, TicketMessage, TicketNote
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk.models import Message, StatusChange
from omnidesk.routing.routes import Place
from omnidesk.store.blocked_clients import BlockedClient
from omnidesk.store.models import MessageLink, TicketLink
from omnidesk.sync import actions as do
from omnidesk.sync.assignee import Holders
from omnidesk.sync.priority import Priorities


@dataclass(frozen=True)
class UserData:
    """The client's name and user-level fields as they should be, and the digest of what was sent last."""

    user: int
    external_user: int
    name: str
    fields: dict[str, Any]
    digest: str
    sent_digest: str


@dataclass(frozen=True)
class Stray:
    """Replies in a case from which nothing goes to the client (any more); ``notice`` None when there is none."""

    case_id: int
    why: Phrase
    replies: tuple[int, ...] = ()
    notice: do.Notify | None = None
    former: bool = False


@dataclass(frozen=True)
class StatusMap:
    """What a ticket that ended in BILLmanager makes of its case: one that staff ended, one that was archived. And what
    a case that staff of Omnidesk closed makes of its ticket: ended, or archived."""

    ended: str = "waiting"
    archived: str = "closed"
    closed: str = "ended"


@dataclass(frozen=True)
class View:
    """All that a plan is made of: both sides and what the links say has been done."""

    ticket: Ticket | None
    link: TicketLink
    messages: tuple[TicketMessage, ...] = ()  # of people, without a finished link, by id
    system: tuple[TicketMessage, ...] = ()  # the same of rows that no person is known to have written
    newest: TicketMessage | None = None  # the ticket's last one, where it has none linked and those are not all
    notes: tuple[TicketNote, ...] = ()  # the same
    intents: tuple[MessageLink, ...] = ()  # calls whose outcome is not known
    parts: tuple[MessageLink, ...] = ()  # files still to come of messages that have been sent, in order
    openers: tuple[MessageLink, ...] = ()  # gone over, but Omnidesk's id is not known
    all_read: bool = True  # of the messages of the case that were asked for, each one could be read
    replies: tuple[Message, ...] = ()  # messages of the case without a link, by id, as far as they were read
    notices: tuple[do.Notify, ...] = ()  # what staff have to learn by a note
    edits: tuple[do.Action, ...] = ()  # what is to be done about edits of what was delivered
    unwritten: tuple[MessageLink, ...] = ()  # such notes, and corrections, that could not be written when tried
    read_up_to: float = 0.0  # Omnidesk's time up to which the case was read just now; 0.0: not read
    read_covers: float = -1.0  # our own writes up to this time hide nothing that was not read
    case_fields: dict[str, Any] = field(default_factory=dict)
    case_fields_digest: str = ""
    user: UserData | None = None
    ratings: tuple[tuple[MessageLink, int], ...] = ()  # messages whose rating is not settled, and that rating
    blocked: BlockedClient | None = None  # the client's new cases start in spam
    strays: tuple[Stray, ...] = ()  # replies that can reach no client
    case_is_fresh: bool = True  # Omnidesk reported the case's status just now
    case_was_read: bool = False  # in this run: what its answer does not say is not asked for again
    status_map: StatusMap = StatusMap()
    holders: Holders | None = None  # who works on it; None: that is not synchronised
    priorities: Priorities | None = None  # the same
    place: Place | None = None  # where the ticket is; None: there is no routing table
    history: tuple[StatusChange, ...] | None = None  # the case's statuses; None: not read, (): it could not be


@dataclass(frozen=True)
class Policy:
    """The settings a plan depends on."""

    sync_notes: bool = True
    system_messages: bool = True  # rows that no person wrote go over as notes
    covers: bool = True  # the ticket is in a department that is synchronised
    levels: dict[int, str] = field(default_factory=dict)  # rating -> low, middle, high
    history: int = 0  # messages up to this id are older than the module; alone they open no case
