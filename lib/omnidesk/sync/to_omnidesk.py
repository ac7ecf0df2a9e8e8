"""Carrying out, on Omnidesk's side, what a plan says. Each creating call is written down before it is made."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from omnidesk.attachments import missing
from omnidesk.billmanager.models import Person, Ticket, TicketFile, TicketMessage, TicketNote
from omnidesk.content import identity
from omnidesk.context import Context
from omnidesk.core import emails
from omnidesk.core.errors import Failure, Gone, Refused, TryLater
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk.client import stamp
from omnidesk.helpdesk.models import Message
from omnidesk.store.models import MessageLink, OwnMessage, Sent, TicketLink
from omnidesk.sync import actions as do
from omnidesk.sync import compose
from omnidesk.sync.message_parts import Draft, Letter, NoteDraft, note_plan, refused_for_files, send_plan
from omnidesk.sync.refusals import call_failed
from omnidesk.sync.resolve import PlanAgain, resolve
from omnidesk.sync.ticket_row import TicketRow

log = logging.getLogger("omnidesk")
# A message older than this is sent with its own date; a newer one gets Omnidesk's, which is within seconds of it.
BACKDATE_SECONDS = 900.0
AHEAD = 60.0  # what Omnidesk's clocks may differ from one answer's header to its body


class ToOmnidesk:
    """Writes one ticket's side in Omnidesk."""

    def __init__(self, context: Context, ticket: Ticket, row: TicketRow) -> None:
        self.context = context
        self.ticket = ticket
        self.row = row
        self.links = context.links

    def link(self) -> TicketLink:
        return self.row.get()

    def send_message(self, action: do.SendMessage) -> None:
        link, message = self.link(), action.message
        letter = self.letter(message, *self._author(message))
        link = link if letter.staff_id else self._owned(link)
        if letter.staff_id and 0 < link.taken_end < message.id:
            self.links.ticket_left(self.ticket.id)
        self._send(link, letter, lambda draft: self._begin_message(link, message, draft))
        if message.moved_from:  # its case is to say where the conversation continues
            self.context.queue.make_due(message.moved_from, "moved")

    def send_part(self, action: do.SendPart) -> None:
        """More files of a message that has been sent without them, in a message of the same author."""
        link, part = self.link(), action.link
        message = self.context.reader.message(part.part_of)
        files = self._files_of(part, message)
        if message is None or not files:
            self.links.set_parts(self.ticket.id, part.part_of, part.part, [])
            return
        others = [one for one in self.links.parts(message.id) if one.part > part.part]
        heading = missing.part(self.context.settings, part.part, max([part.part, *(one.part for one in others)]))
        mine = replace(message, text=heading, files=files)
        letter = replace(self.letter(mine, *self._author(message)), tries=part.tries)
        link = link if letter.staff_id else self._owned(link)
        self._send(link, letter, lambda draft: self._begin_part(link, part, others, draft))

    def _send(self, link: TicketLink, letter: Letter, begin: Callable[[Draft], int]) -> None:
        """Send a message, or a part of it: each call is written down, made, and its result recorded."""
        client_message = 0 if letter.staff_id else letter.message.id
        date = self.dated(letter.message.posted_at)
        with send_plan(self.context, letter) as plan:
            for draft in plan:
                row = begin(draft)
                try:
                    sent = self._add(link, draft, date)
                except Failure as failure:
                    if not self.files_failed(row, draft, failure):
                        self._message_failed(row, failure)
                        raise
                    continue
                self._sent(link, row, sent, staff_id=letter.staff_id, client_message=client_message, dated=bool(date))
                return

    def files_failed(self, row: int, draft: Draft, failure: Failure) -> bool:
        """Whether perhaps the files were refused; then nothing was made of the message."""
        if not refused_for_files(draft, failure):
            return False
        log.warning("ticket %s: a message with files: %s", self.ticket.id, failure)
        self.links.nothing_sent(row)
        return True

    def _owned(self, link: TicketLink) -> TicketLink:
        """The link with its case's user, whom the answer to the making of the case may have left out: what is written
        in nobody's name is written in that of the employee who logs in (documented)."""
        if link.external_user:
            return link
        user = self.context.client.case(link.case_id).user_id
        if not user:
            why = Phrase("said.missing", what="user_id")
            raise TryLater("omnidesk_broken_answer", f"cases/{link.case_id}", why)
        self.links.case_owner_changed(self.ticket.id, user)
        self.row.forget()
        return self.link()

    def _begin_message(self, link: TicketLink, message: TicketMessage, draft: Draft) -> int:
        if not message.files:
            return self._intent(link, "message", message.id, draft)
        with self.context.db.transaction():
            row = self._intent(link, "message", message.id, draft)
            self.links.set_parts(self.ticket.id, message.id, 2, draft.later)
        return row

    def _begin_part(self, link: TicketLink, part: MessageLink, others: Sequence[MessageLink], draft: Draft) -> int:
        """``others``: the parts that were to come after this one; what it cannot hold comes before them."""
        with self.context.db.transaction():
            self.links.begin_part(replace(self._link_of(link, "message", 0, draft), id=part.id))
            if draft.later:
                self.links.set_parts(
                    self.ticket.id, part.part_of, part.part + 1, [*draft.later, *(one.files for one in others)]
                )
        return part.id

    def _files_of(self, part: MessageLink, message: TicketMessage | None) -> tuple[TicketFile, ...]:
        """The files of a part that still are the message's own: numbers can be given to others' files."""
        if message is None or message.ticket != self.ticket.id:
            return ()
        return tuple(one for one in message.files if one.id in part.files)

    def letter(self, message: TicketMessage, staff_id: int, line: str) -> Letter:
        """What is to be sent of a message. ``line``: who wrote it, where the name in Omnidesk is another one."""
        return Letter(message, staff_id, line, self._ticket_line(), self._missed("message", message))

    def _missed(self, kind: str, source: TicketMessage | TicketNote) -> int:
        """How often something with files was sent and nothing came of it."""
        known = self.links.message(kind, source.id) if source.files else None
        return known.missed if known is not None else 0

    def _ticket_line(self) -> str:
        """Which ticket a message is of, where several have the case."""
        link = self.link()
        return compose.ticket_line(self.context.settings, self.ticket.id) if link.has_case and link.shared else ""

    def _add(self, link: TicketLink, draft: Draft, date: dict[str, str]) -> Message:
        fields: dict[str, Any] = {**draft.body.fields(), **date}
        if draft.staff_id:
            fields |= {"staff_id": draft.staff_id, "do_not_send_email": True}
        else:
            fields["user_id"] = link.external_user
        return self.context.client.add_message(link.case_id, fields, draft.files)

    def send_note(self, action: do.SendNote) -> None:
        link, note = self.link(), action.note
        staff_id, line = self._signature(note.author)
        how = NoteDraft(staff_id, line, self._ticket_line())
        with note_plan(self.context, note, how, self._missed("note", note)) as plan:
            for draft in plan:
                if self._add_note(link, self._intent(link, "note", note.id, draft), draft, note):
                    return

    def send_system(self, action: do.SendSystem) -> None:
        """What no person is known to have written stands in the case as a note: it answers nobody and asks nothing."""
        link, message = self.link(), action.message
        body = compose.system_to_omnidesk(self.context.settings, message.text, message.origin, self._ticket_line())
        draft = Draft(body, self.integration())
        self._add_note(link, self._intent(link, "system", message.id, draft), draft, message)

    def _add_note(self, link: TicketLink, row: int, draft: Draft, written: TicketNote | TicketMessage) -> bool:
        """Whether it was added; if not, its files were refused."""
        fields = {**draft.body.fields(), "staff_id": draft.staff_id, **self.dated(written.posted_at)}
        try:
            sent = self.context.client.add_note(link.case_id, fields, draft.files)
        except Failure as failure:
            if self.files_failed(row, draft, failure):
                return False
            self._message_failed(row, failure)
            raise
        self._sent(link, row, sent)
        return True

    def _intent(self, link: TicketLink, kind: str, id: int, draft: Draft) -> int:
        return self.links.begin(self._link_of(link, kind, id, draft))

    def _link_of(self, link: TicketLink, kind: str, id: int, draft: Draft) -> MessageLink:
        author = f"staff:{draft.staff_id}" if draft.staff_id else f"user:{link.external_user}"
        staff = bool(draft.staff_id) and kind == "message"
        return MessageLink(0, self.ticket.id, kind, "out", "intent", id, link.case_id, author=author,
                           digest=identity.sent(draft.body), staff=staff)  # fmt: skip

    def _message_failed(self, row: int, failure: Failure) -> None:
        """Remember what a failure says of the intent; that the case is gone says nothing against the message."""
        if isinstance(failure, Gone):
            self.links.forget_intent(row)
            return
        if isinstance(failure, Refused):
            self._resolve(row, failure)
        call_failed(self.context, row, failure)
        if failure.type == "omnidesk_staff":
            self.context.account.forget_staff()

    def _resolve(self, row: int, refusal: Refused) -> None:
        """What a case that is gone refuses says nothing against the message either."""
        try:
            resolve(self.context, self.ticket.id, refusal)
        except PlanAgain:
            self.links.forget_intent(row)
            raise

    def _sent(
        self,
        link: TicketLink,
        row: int,
        sent: Message,
        *,
        staff_id: int = 0,
        client_message: int = 0,
        dated: bool = False,
    ) -> None:
        """Record a message that was sent. ``dated``: with its own date, which the answer repeats."""
        # The time in the answer is of the clock that stamps cases, unless it is a date that we gave it.
        near = not dated and abs(sent.created_at - self.context.client.now) <= AHEAD
        at = sent.created_at if near else self.context.client.now - 1  # an answer takes a moment
        # A note does nothing to the case's status.
        own = OwnMessage(sent.message_id, at, staff_id) if client_message or staff_id else None
        when = self.when(sent)
        client_at = sent.created_at if near else when
        self.links.message_sent(
            self.ticket.id, row, Sent(sent.message_id, when, own, sent.created_at, client_message, client_at)
        )
        log.info("ticket %s: message %s sent to case %s", self.ticket.id, sent.message_id, link.case_number)

    def when(self, sent: Message) -> float:
        """When we wrote into the case."""
        now = self.context.client.now
        return max(min(sent.created_at, now + AHEAD), now)  # a date of the future is one that we gave it

    def _author(self, message: TicketMessage) -> tuple[int, str]:
        """(Omnidesk staff id, line): a client who does not own the case is named, and so is unknown staff."""
        author = message.author
        if not author.is_client:
            return self._signature(author)
        owner = self.link().client_user or (self.ticket.client.user if self.ticket.client else author.user)
        return 0, "" if author.user == owner else self.named(author)

    def named(self, author: Person) -> str:
        """The line that names an author."""
        return compose.author_line(self.context.settings, compose.author_name(self.context.settings, author))

    def _signature(self, author: Person) -> tuple[int, str]:
        """(Omnidesk staff id, line naming the author if that is somebody else)."""
        staff = self.context.account.staff_by_email(author.email) if author.known else None
        if staff is not None:
            return staff.staff_id, ""
        name = compose.author_name(self.context.settings, author)
        own = emails.key(author.email) == emails.key(self.context.settings.email)
        line = "" if own else compose.author_line(self.context.settings, name)
        return self.integration(), line

    def integration(self) -> int:
        """The integration employee's id in Omnidesk."""
        found = self.context.account.staff_by_email(self.context.settings.email)
        if found is None:
            raise Refused("no_staff", self.context.settings.email)
        return found.staff_id

    def dated(self, posted_at: float) -> dict[str, str]:
        """The field with its own date, for what is old."""
        old = posted_at and self.context.clock() - posted_at > BACKDATE_SECONDS
        known = self.context.client.now  # 0.0 before the first call
        ahead = known and posted_at > known  # by a wrong clock: in the future it would hide what is answered till then
        return {"created_at": stamp(posted_at)} if old and not ahead else {}
