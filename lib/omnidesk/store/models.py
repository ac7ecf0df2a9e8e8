"""What the link tables hold, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from omnidesk.core.phrase import TEXTS, Phrase, load, plain
from omnidesk.helpdesk.models import NOT_SAID, Case
from omnidesk.store.columns import CaseColumns

NOTICE_MARKS = ("n:", "t")  # what the marks of the module's own notes begin with; "t": they are about an edit
NO_PRIORITY = "-"  # agreed_priority, agreed_priority_here: not known
NO_HOLDERS = "-"  # agreed_holders: the ticket was ended, or was never merged
# own_end while the call that ends the ticket is made: which messages came before it takes effect is not known yet
ENDING = 2**63 - 1


@dataclass(frozen=True)
class OwnMessage:
    """A message that we wrote into a case: its id and time there, and its author; 0: the client.

    ``span``: seconds from ``at`` on within which it was written, if that is not known exactly.
    """

    id: int
    at: float
    staff: int = 0
    span: float = 0.0

    def text(self) -> str:
        """How the ticket's row holds it."""
        return f"{self.id}:{self.at:.0f}:{self.staff}" + (f":{self.span:.0f}" if self.span else "")


def own_messages(text: str) -> tuple[OwnMessage, ...]:
    """What a ticket's row holds of our last messages, oldest first."""
    rows = [one.split(":") for one in text.split(";") if one]
    return tuple(OwnMessage(int(id), float(at), int(staff), *map(float, span)) for id, at, staff, *span in rows)


@dataclass(frozen=True)
class Sent:
    """What came of a message or note that was sent into a case. Times are Omnidesk's.

    ``at``: when we wrote into the case. ``own``: the message; None: it is a note, which does nothing to the case's
    status. ``stamp``: the date it has there. ``client_message``: the ticket message that it is, if it is the client's,
    and ``client_at`` when he wrote it there.
    """

    id: int
    at: float
    own: OwnMessage | None = None
    stamp: float = 0.0
    client_message: int = 0
    client_at: float = 0.0


@dataclass(frozen=True)
class TicketLink:
    """The row of one ticket: its case, what was agreed last, what Omnidesk said last, and the case being made."""

    ticket: int
    case_id: int = 0
    case_number: str = ""
    external_user: int = 0
    client_user: int = 0
    replaced: str = ""  # the number of the case before this one, which is lost
    case_gone: str = ""  # "", deleted, trash, spam, merged
    ticket_status: str = ""
    case_status: str = ""
    seen_status: str = ""
    seen_at: float = 0.0
    read_at: float = 0.0
    own_write_at: float = 0.0
    own_message_at: float = 0.0
    own_reply_at: float = 0.0
    own_client_at: float = 0.0  # last client message of ours
    client_stamp: float = 0.0  # the date that Omnidesk gave it
    own_messages: tuple[OwnMessage, ...] = ()  # our last ones in the case, oldest first
    seen_staff: int = 0  # the case's assignee, as Omnidesk last reported it or as our own reply made it
    staff_known: bool = False  # Omnidesk reported it, and we have not replied since
    own_assignee: int = 0  # in whose name of Omnidesk's we replied last, since both sides agreed on who works on it
    agreed_staff: int = -1  # the case's assignee when they agreed last, 0: nobody, -1: not known
    agreed_employee: int = 0  # the employee of BILLmanager who counted then
    seen_priority: str = ""  # the case's, as Omnidesk last reported it
    agreed_priority: str = NO_PRIORITY  # the case's when both sides agreed last
    agreed_priority_here: str = NO_PRIORITY  # what stood in BILLmanager then
    agreed_holders: str = NO_HOLDERS  # all employees who had the ticket then
    seen_group: int = 0  # the case's group, as Omnidesk last reported it; 0: not known
    routed_group: int = 0  # the group and the department that were agreed last
    routed_department: int = 0
    routed_responsible: int = 0  # ticket.responsible at that time
    group_begun: int = 0  # what a call of ours began to set, on either side
    department_begun: int = 0
    refused_status: str = ""  # the end of the case that Omnidesk does not take
    refused_from: str = ""  # the case's status at that time, until both sides agree
    refused_fields: str = ""  # digest of the case's custom fields at that time
    refused_why: str = ""
    agreed_at: float = 0.0  # ``seen_at`` when both sides agreed last
    unread: bool = False
    intent_at: float = 0.0
    intent_message: int = 0
    intent_digest: str = ""
    fields_digest: str = ""
    look_case: bool = False
    look_messages: bool = False
    due_seq: int = 0
    attempts: int = 0
    set_aside: bool = False
    due: bool = False  # to be worked on, now or later
    unconfirmed: bool = False  # no list has shown the case since we wrote into it
    merged_into: int = 0  # another client's case that one of its cases was merged into
    former: tuple[int, ...] = ()  # earlier cases of the ticket in which something happened
    alive_at: float = 0.0  # when the case was last seen to take messages, the module's clock
    account: int = 0  # of the ticket's client when it was seen last; 0: not known
    missing: bool = False  # BILLmanager said that it has no such ticket
    joined_at: float = 0.0  # when its case was merged into this one, Omnidesk's clock
    closed_at: float = 0.0  # when Omnidesk says that the case was closed
    own_status_at: float = 0.0  # when we set its status last, Omnidesk's clock
    status_begun: str = ""  # a call began to set this status at that time, and has not been answered
    client_at: float = 0.0  # Omnidesk's time of the client's last message, while no agreement covers it
    client_message: int = 0  # the ticket message that this is, or was
    client_external: int = 0  # its id in Omnidesk, whose ids grow; 0: not known
    answered: int = 0  # an answer of staff that came after all our messages until then, by its id in Omnidesk
    read_here: int = 0  # staff ended the ticket when this was the newest message of BILLmanager, having read it
    taken_end: int = 0  # we took a ticket that was ended to write into it; the newest message it had then
    taken_by: int = 0  # for which employee of BILLmanager
    own_end: int = 0  # we ended the ticket: messages up to this one were not read by who ended the case
    own_archive: bool = False  # ... and moved it to the archive
    held: str = ""  # which changes are on hold, see omnidesk.store.holds
    wait_since: float = 0.0  # since when its oldest message waits
    history: bool = False  # it gets a case with all it holds, see docs/tables.md
    split_to: int = 0  # ticket to which messages of this one were moved last
    shared: bool = False  # other tickets have its case, too: cases can be merged

    @property
    def has_case(self) -> bool:
        """Whether there is a case that takes messages."""
        return bool(self.case_id) and not self.case_gone

    @property
    def case_base(self) -> str:
        """The case's status that changes are measured by: the agreed one, or the one at which its end was refused."""
        return self.refused_from or self.case_status


def lost(why: str) -> CaseColumns:
    """What changes in a ticket's row when its case takes no more messages."""
    return {
        "case_gone": why,
        "look_case": False,
        "look_messages": False,
        "unconfirmed": False,
        "fields_digest": "",
        "refused_status": "",
        "refused_from": "",
        "held": "",
    }


def assignee_said(case: Case) -> CaseColumns:
    """What an answer says of the case's assignee; where it says nothing, he is not known."""
    return {"seen_staff": max(case.staff_id, 0), "staff_known": case.staff_id != NOT_SAID}


def joined(survivor: Case, merged_at: float, shared: bool) -> CaseColumns:
    """What changes in a ticket's row when its case was merged into another one; all of that one is to be read.

    ``shared``: the case has another ticket, whose custom fields it keeps.
    """
    values: CaseColumns = {
        "case_id": survivor.case_id,
        "external_user": survivor.user_id,
        "case_number": survivor.case_number,
        "case_gone": "",
        "seen_status": survivor.status,
        "seen_at": survivor.updated_at,
        "closed_at": survivor.closed_at,
        **assignee_said(survivor),
        "own_assignee": 0,
        "agreed_staff": -1,
        "seen_priority": survivor.priority,
        "agreed_priority": NO_PRIORITY,
        "agreed_holders": NO_HOLDERS,
        "seen_group": survivor.group_id,
        "routed_group": survivor.group_id,
        "group_begun": 0,
        "read_at": 0.0,
        "own_write_at": 0.0,
        "own_message_at": 0.0,
        "own_reply_at": 0.0,
        "own_client_at": 0.0,
        "client_stamp": 0.0,
        "joined_at": merged_at,
        "refused_status": "",
        "refused_from": "",
        "status_begun": "",
        "look_case": False,
        "look_messages": True,
        "unconfirmed": False,
        "unread": True,
        "held": "",
    }
    if not shared:
        values["fields_digest"] = ""
    return values


@dataclass(frozen=True)
class MessageLink:
    """One message or note on its two sides. ``direction``: out = written in BILLmanager, in = written in Omnidesk.

    ``kind``: message, note, or system: a row of ``ticket_message`` that is no person's and is sent as a note.
    """

    id: int
    ticket: int
    kind: str
    direction: str
    state: str  # intent, done, refused, skipped
    ticket_message: int = 0
    case_id: int = 0
    external_message: int = 0
    author: str = ""
    digest: str = ""
    mark: int = 0
    tries: int = 0
    missed: int = 0  # so many calls for it got no answer, and nothing came of them
    intent_at: float = 0.0
    staff: bool = False
    rating: int = 0
    part_of: int = 0  # the ticket message of which this brings more files
    part: int = 1
    files: tuple[int, ...] = ()  # the attachments it brings
    source: str = ""  # what Omnidesk held when it was delivered, see omnidesk.sync.edits; a notice's mark
    attached: tuple[tuple[str, int], ...] = ()  # names and sizes of the files that Omnidesk showed with it then
    done_at: float = 0.0  # when it was delivered, the module's clock
    error: Phrase | None = None  # why the other side refused it

    @property
    def is_notice(self) -> bool:
        """Whether it is a note of the module's own to staff, which has no other side."""
        return self.kind == "note" and self.source.startswith(NOTICE_MARKS)

    @property
    def is_correction(self) -> bool:
        """Whether it brings the client a later text of a message that was delivered; by its mark it knows of which."""
        return self.kind == "message" and self.source.startswith("t")

    @property
    def is_own(self) -> bool:
        """Whether the module writes it by itself: a message of Omnidesk has another link."""
        return self.is_notice or self.is_correction


@dataclass(frozen=True)
class ClientIdentity:
    """Who a user of BILLmanager is: account, its date of registration, digests of login and e-mail."""

    account: int = 0
    registered: str = ""
    names: str = ""


@dataclass(frozen=True)
class UserLink:
    """A BILLmanager user and the Omnidesk user he is; ``digest`` of name and fields last sent."""

    user: int
    external_user: int = 0
    digest: str = ""
    custom_id: str = ""
    identity: ClientIdentity = ClientIdentity()


def reason(key: str) -> Phrase:
    """Why a ticket is due; rows of earlier versions hold a text."""
    return Phrase(f"due.{key}") if f"due.{key}" in TEXTS else plain(key)


DUE = (
    "ticket, case_number, due_at, due_reason, wait_since, attempts, error_type, error_params, error_text, error_at,"
    " set_aside"
)


@dataclass(frozen=True)
class DueTicket:
    """A ticket that has work waiting, or had a failure."""

    ticket: int
    case_number: str
    due_at: float
    reason: Phrase
    wait_since: float
    attempts: int
    error_type: str
    error: Phrase | None
    error_at: float
    set_aside: bool

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> DueTicket:
        """From a row with the columns :data:`DUE`."""
        return cls(
            ticket=int(row["ticket"]),
            case_number=row["case_number"],
            due_at=float(row["due_at"] or 0),
            reason=reason(row["due_reason"] or ""),
            wait_since=float(row["wait_since"] or 0),
            attempts=int(row["attempts"]),
            error_type=row["error_type"],
            error=load(row["error_type"], row["error_params"], row["error_text"]),
            error_at=float(row["error_at"] or 0),
            set_aside=bool(row["set_aside"]),
        )

    @property
    def why(self) -> Phrase:
        """Why it is in the list: its failure, else who made it due."""
        return self.error or self.reason

    @property
    def error_text(self) -> str:
        """The failure and what to do about it, in English."""
        return self.error.full() if self.error else ""

    def data(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "ticket": self.ticket,
            "case_number": self.case_number,
            "due_at": self.due_at,
            "reason": str(self.reason),
            "wait_since": self.wait_since,
            "attempts": self.attempts,
            "error_type": self.error_type,
            "error_text": self.error_text,
            "error_at": self.error_at,
            "set_aside": self.set_aside,
        }
