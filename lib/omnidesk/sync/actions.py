"""Everything the module can do to either side, as plain values: what a plan consists of and a dry run prints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from omnidesk.billmanager.models import TicketMessage, TicketNote
from omnidesk.core.phrase import Phrase, join, plain
from omnidesk.core.ratings import label
from omnidesk.helpdesk.models import Message
from omnidesk.routing.routes import NOWHERE, Place
from omnidesk.store.blocked_clients import BlockedClient
from omnidesk.store.models import MessageLink
from omnidesk.sync.edits import MARK, Edit, Files
from omnidesk.wording.action_texts import word


@dataclass(frozen=True)
class Action:
    """``why``: one clause, for logs and the dry run."""

    why: Phrase

    def title(self) -> Phrase:
        """What is done, in words that hold no client text."""
        return plain(type(self).__name__)

    def line(self) -> Phrase:
        """The title and why."""
        return Phrase("do.because", title=self.title(), why=self.why)


@dataclass(frozen=True)
class LookForCase(Action):
    """A call that makes a case was begun and its answer is not known: look for the case before doing it again."""

    def title(self) -> Phrase:
        return Phrase("do.look_for_case")


@dataclass(frozen=True)
class LookForMessage(Action):
    """A call that makes a message was begun and its answer is not known: look for it on the other side."""

    link: MessageLink

    def title(self) -> Phrase:
        side = Phrase("side.omnidesk" if self.link.direction == "out" else "side.billmanager")
        return Phrase("do.look_for_message", side=side, kind=word("kind", self.link.kind))


@dataclass(frozen=True)
class CreateCase(Action):
    """Open a case with the ticket's first message that has not been sent."""

    message: TicketMessage
    status: str
    place: Place = NOWHERE

    def title(self) -> Phrase:
        return Phrase("do.create_case", status=word("status", self.status), message=self.message.id)


@dataclass(frozen=True)
class LookForUnblocking(Action):
    """The client's new cases start in spam: no more are made until Omnidesk has unblocked him."""

    client: BlockedClient

    def title(self) -> Phrase:
        return Phrase("do.look_for_unblocking")


@dataclass(frozen=True)
class SendMessage(Action):
    """A BILLmanager message goes into the case."""

    message: TicketMessage

    def title(self) -> Phrase:
        return Phrase("do.send_client" if self.message.author.is_client else "do.send_staff", message=self.message.id)


@dataclass(frozen=True)
class SendPart(Action):
    """More files of a BILLmanager message, which one message of Omnidesk could not hold, go into the case."""

    link: MessageLink

    def title(self) -> Phrase:
        return Phrase("do.send_part", message=self.link.part_of, part=self.link.part)


@dataclass(frozen=True)
class SendNote(Action):
    """A BILLmanager note goes into the case as a note."""

    note: TicketNote

    def title(self) -> Phrase:
        return Phrase("do.send_note", note=self.note.id)


@dataclass(frozen=True)
class SendSystem(Action):
    """A row of BILLmanager's conversation that no person is known to have written goes into the case as a note."""

    message: TicketMessage

    def title(self) -> Phrase:
        return Phrase("do.send_system", message=self.message.id)


@dataclass(frozen=True)
class DeliverReply(Action):
    """A staff reply of Omnidesk goes into the ticket; ``end`` closes the assignment with it.

    ``opens``: a ticket that nobody has is opened by it, as both sides are to be open.
    """

    reply: Message
    end: bool
    opens: bool = False

    def title(self) -> Phrase:
        return Phrase("do.reply_and_close" if self.end else "do.reply", message=self.reply.message_id)


@dataclass(frozen=True)
class DeliverNote(Action):
    """A note of Omnidesk goes into the ticket as a note."""

    reply: Message
    end: bool

    def title(self) -> Phrase:
        return Phrase("do.note", message=self.reply.message_id)


@dataclass(frozen=True)
class DeliverClientMessage(Action):
    """A client's message that came to Omnidesk some other way goes into the ticket in the client's name.

    ``read``: staff have ended the conversation since, having read it.
    """

    reply: Message
    read: bool = False

    def title(self) -> Phrase:
        return Phrase("do.client_message", message=self.reply.message_id)


@dataclass(frozen=True)
class Notify(Action):
    """A note of the module's own for staff: into the case for agents, into the ticket for those in the panel.

    ``mark``: what it is about; a ticket has one note with each mark. ``about``: the same as a clause.
    ``quote``: a text of the other side that stands below. ``case_id``: another case than the ticket's own.
    ``attached``: the files of the edited message that it is about.
    """

    place: str  # case or ticket
    mark: str
    about: Phrase
    text: Phrase
    quote: str = ""
    case_id: int = 0
    attached: Files = ()

    @property
    def of_edit(self) -> bool:
        """Whether it is about an edit of a message that was delivered."""
        return bool(MARK.match(self.mark))

    def title(self) -> Phrase:
        return Phrase(
            "do.notify",
            side=Phrase("side.omnidesk" if self.place == "case" else "side.billmanager"),
            about=self.about,
        )


@dataclass(frozen=True)
class Correct(Action):
    """The client reads the later text of a reply that was edited in Omnidesk after it had been delivered."""

    edit: Edit
    reply: Message

    def title(self) -> Phrase:
        return Phrase("do.correct", message=self.edit.link.external_message)


@dataclass(frozen=True)
class KeepEdit(Action):
    """Nothing is done about an edit, which is remembered: it does not count as new when the setting changes."""

    edit: Edit

    def title(self) -> Phrase:
        return Phrase("do.keep_edit", message=self.edit.link.external_message)


@dataclass(frozen=True)
class Learn(Action):
    """A message of ours is recognised in what Omnidesk holds."""

    link: MessageLink
    message_id: int

    def title(self) -> Phrase:
        return Phrase("do.learn", message=self.link.ticket_message, id=self.message_id)


@dataclass(frozen=True)
class Skip(Action):
    """Deliberately not carried over, and remembered so."""

    message_id: int

    def title(self) -> Phrase:
        return Phrase("do.skip", message=self.message_id)


@dataclass(frozen=True)
class LeaveStray(Action):
    """Replies from which nothing goes to the client stay where they are, which staff have been notified."""

    case_id: int
    replies: tuple[int, ...]

    def title(self) -> Phrase:
        return Phrase("do.leave_stray", case=self.case_id)


@dataclass(frozen=True)
class DropNotice(Action):
    """A note of the module's own that could not be written, and that nothing calls for any more."""

    link: MessageLink

    def title(self) -> Phrase:
        return Phrase("do.drop_notice")


@dataclass(frozen=True)
class SkipOut(Action):
    """A BILLmanager row (``kind``: message, note or system) that is deliberately not carried over."""

    kind: str
    id: int

    def title(self) -> Phrase:
        return Phrase("do.skip_out", kind=word("kind", self.kind), id=self.id)


@dataclass(frozen=True)
class Assigned:
    """Who works on it: ``staff`` of Omnidesk, ``employee`` of BILLmanager (0: nobody); ``holders``: all employees who
    have the ticket, by number, with commas."""

    staff: int
    employee: int
    holders: str


@dataclass(frozen=True)
class Prioritised:
    """The priority: ``there`` of the case, ``here`` what stands in BILLmanager."""

    there: str
    here: str


@dataclass(frozen=True)
class UpdateCase(Action):
    """Set the case's status ("" keeps it), custom fields, assignee and priority (None keeps them) and group (0 does).

    ``follows``: the ticket's state, if the status follows from it; both sides agree on it with this call.
    """

    status: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    digest: str = ""
    follows: str = ""
    assigned: Assigned | None = None
    group: int = 0
    priority: Prioritised | None = None

    def title(self) -> Phrase:
        parts = [word("status", self.status)] if self.status else []
        parts += [Phrase("word.assignee", staff=self.assigned.staff)] if self.assigned else []
        parts += [Phrase("word.group", group=self.group)] if self.group else []
        parts += [Phrase("word.priority", level=self.priority.there)] if self.priority else []
        return Phrase("do.update_case", what=join([*parts, *map(plain, sorted(self.fields))], ", "))


@dataclass(frozen=True)
class ReadCase(Action):
    """Read the case once more before a status is written over one that may be stale."""

    def title(self) -> Phrase:
        return Phrase("do.read_case")


@dataclass(frozen=True)
class ReadHistory(Action):
    """Read who changed the case's status when."""

    def title(self) -> Phrase:
        return Phrase("do.read_history")


@dataclass(frozen=True)
class EndAssignment(Action):
    """Nobody has the ticket any more: it waits for the client."""

    def title(self) -> Phrase:
        return Phrase("do.end")


@dataclass(frozen=True)
class Archive(Action):
    """The ticket goes to the archive as staff closed its case, if this panel lets us; both sides agree with this."""

    case: str

    def title(self) -> Phrase:
        return Phrase("do.archive")


@dataclass(frozen=True)
class Reopen(Action):
    """Somebody has the ticket again: this department, 0: whoever had it."""

    department: int = 0

    def title(self) -> Phrase:
        return Phrase("do.reopen")


@dataclass(frozen=True)
class AssignTicket(Action):
    """The ticket goes to the employee who is the case's assignee (0: to its department). ``of``: who has it now, and is
    to have it no more."""

    assigned: Assigned
    of: tuple[int, ...] = ()

    def title(self) -> Phrase:
        return Phrase("do.assign_ticket", employee=self.assigned.employee)


@dataclass(frozen=True)
class SetPriority(Action):
    """The ticket gets the priority of its case."""

    agreed: Prioritised

    def title(self) -> Phrase:
        return Phrase("do.set_priority", level=self.agreed.there)


@dataclass(frozen=True)
class AgreePriority(Action):
    """The priority is the same on both sides, or is left as it is: the base of the next merge."""

    agreed: Prioritised

    def title(self) -> Phrase:
        return Phrase("do.agree_priority", level=self.agreed.there)


@dataclass(frozen=True)
class AgreeAssignee(Action):
    """Who works on it is the same on both sides, or is left as it is: the base of the next merge."""

    assigned: Assigned

    def title(self) -> Phrase:
        return Phrase("do.agree_assignee", staff=self.assigned.staff, employee=self.assigned.employee)


@dataclass(frozen=True)
class MoveTicket(Action):
    """The ticket goes to the department of its case's group."""

    department: int

    def title(self) -> Phrase:
        return Phrase("do.move_ticket", department=self.department)


@dataclass(frozen=True)
class AgreePlace(Action):
    """The ticket's department and its case's group belong together: the base of their next three-way merge."""

    department: int
    group: int
    responsible: int

    def title(self) -> Phrase:
        return Phrase("do.agree_place", department=self.department, group=self.group)


@dataclass(frozen=True)
class Agree(Action):
    """Both sides are known to be in these states: the base of the next three-way merge.

    Open: that we ended the ticket once is over. Ended: what the client wrote until then is covered.
    """

    ticket: str
    case: str

    def title(self) -> Phrase:
        return Phrase("do.agree", ticket=word("status", self.ticket), case=word("status", self.case))


@dataclass(frozen=True)
class UpdateUser(Action):
    """Bring the client's name and user-level fields up to date."""

    user: int
    external_user: int
    name: str
    fields: dict[str, Any]
    digest: str

    def title(self) -> Phrase:
        return Phrase("do.update_user", what=join([Phrase("word.name"), *map(plain, sorted(self.fields))], ", "))


@dataclass(frozen=True)
class Rate(Action):
    """The client rated this staff reply."""

    link: MessageLink
    rating: int
    level: str

    def title(self) -> Phrase:
        return Phrase("do.rate", level=self.level, message=self.link.external_message)


@dataclass(frozen=True)
class KeepRating(Action):
    """Another rating that is the same level in Omnidesk: remembered, not sent."""

    link: MessageLink
    rating: int

    def title(self) -> Phrase:
        return Phrase("do.keep_rating", rating=label(self.rating), message=self.link.ticket_message)


@dataclass(frozen=True)
class RefuseRating(Action):
    """A rating that cannot be sent is logged once."""

    link: MessageLink
    rating: int

    def title(self) -> Phrase:
        return Phrase("do.refuse_rating", message=self.link.ticket_message)


@dataclass(frozen=True)
class MarkRead(Action):
    """Everything the case held at this time (its own ``updated_at``) has been looked at.

    ``covers``: writes of ours up to this time no longer hide anything; -1.0 when the read itself may have missed what
    came later in its second.
    """

    updated_at: float
    covers: float = -1.0

    def title(self) -> Phrase:
        return Phrase("do.mark_read")


# What one side said, on its way to the other
TO_OMNIDESK = (SendMessage, SendPart, SendNote, SendSystem)  # into a case that is there
TO_BILLMANAGER = (DeliverReply, DeliverNote, DeliverClientMessage)
CARRYING = (CreateCase, *TO_OMNIDESK, *TO_BILLMANAGER)
# After these the ticket has the same case, user and client as before, unless they fail
SAME_CASE = (
    *TO_OMNIDESK, *TO_BILLMANAGER, Skip, SkipOut, Learn, Agree, AgreeAssignee, AgreePriority, AgreePlace, MarkRead,
)  # fmt: skip
