"""Carrying out, on BILLmanager's side, what a plan says: through the panel, in the right person's name.

The panel does not say the id of a message it made, so it is looked up by its author above the highest id there was
before the call. All of it happens under the ticket's lock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from omnidesk.attachments.incoming import UPLOAD_TRIES, Downloads, forget, named_only
from omnidesk.attachments.inline_pictures import as_files
from omnidesk.billmanager import notes_table
from omnidesk.billmanager.models import Person, Ticket
from omnidesk.billmanager.panel import ANSWER, Upload
from omnidesk.content import emoji, urls
from omnidesk.context import Context
from omnidesk.core import text as texts
from omnidesk.core.errors import Failure, Gone, Refused, TryLater
from omnidesk.core.filenames import safe
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk.models import Message
from omnidesk.store.models import MessageLink
from omnidesk.sync import actions as do
from omnidesk.sync import compose, edits
from omnidesk.sync.assignments import Assignments
from omnidesk.sync.merged_cases import without_address
from omnidesk.sync.refusals import FilesRefused, call_failed, may_be_of_files
from omnidesk.sync.status_merge import SAME_MOMENT, is_answer
from omnidesk.sync.ticket_row import TicketRow
from omnidesk.sync.written import written_by

log = logging.getLogger("billmanager")


@dataclass(frozen=True)
class Voice:
    """In whose name something is written, and the line that names the real author where that is another."""

    person: Person
    line: str = ""


class ToBillmanager:
    """Writes one ticket's side in BILLmanager."""

    def __init__(self, context: Context, ticket: Ticket, row: TicketRow) -> None:
        self.context = context
        self.ticket = ticket
        self.row = row
        self.links = context.links
        self.assignments = Assignments(context, ticket)

    # Messages and notes

    def deliver_reply(self, action: do.DeliverReply) -> None:
        voice = self.voice(action.reply)

        def write(body: str, files: Sequence[Upload]) -> None:
            self.assignments.as_staff(
                voice.person,
                lambda row, name: self.context.panel.reply(
                    self.ticket.id, row, name, body, end=action.end, files=files
                ),
                ends=action.end,
                opens=action.opens,
            )

        self._deliver_with_files(action.reply, voice, write)

    def deliver_note(self, action: do.DeliverNote) -> None:
        voice = self.voice(action.reply)
        seen = as_files(action.reply, cut_quotes=self.context.settings.cut_quotes)

        def write(body: str, files: Sequence[Upload]) -> None:
            self._write_note(voice, body, end=action.end, files=files)

        if seen.attachments and self.context.panel.takes_note_files():
            self._deliver_with_files(action.reply, voice, write, "note")
            return
        body = self.body(seen, voice, named_only(self.context, self.row.get(), seen))
        self._deliver(action.reply, "note", voice, body, partial(write, body, ()))

    def _write_note(self, voice: Voice, body: str, *, end: bool, files: Sequence[Upload] = ()) -> None:
        """A note must not reopen a ticket nobody had, nor close one somebody has."""
        end = end or not self.assignments.rows()
        self.assignments.as_staff(
            voice.person, lambda row, name: self.note(row, name, body, end=end, files=files), ends=end
        )

    def note(self, row: int, name: str, body: str, *, end: bool, files: Sequence[Upload] = ()) -> None:
        """Write a note and, if wanted, end the assignment: with it where an answer without a text does that.

        None where notes cannot be read: it would never be found, and be written again.
        """
        if not notes_table.readable(self.context.db):
            raise Refused("no_notes", notes_table.TABLE)
        panel = self.context.panel
        if not end or panel.ways_to_end()[0] == ANSWER:
            panel.note(self.ticket.id, row, name, body, end=end, files=files)
            return
        panel.note(self.ticket.id, row, name, body, end=False, files=files)
        try:
            self.assignments.end(row, name)
        except Failure as failure:  # the note is written; that nobody has the ticket is planned again
            log.warning("ticket %s: after a note: %s", self.ticket.id, failure)

    def deliver_client_message(self, action: do.DeliverClientMessage) -> None:
        client = self.ticket.client
        if client is None or not client.enabled:
            self._note_of_client(action, "disabled" if client else "deleted")
            return

        def write(body: str, files: Sequence[Upload]) -> None:
            # It gives the ticket to somebody, which is our own doing, and must outlast a run that dies here.
            self.links.ticket_opened_by_client(self.ticket.id)
            self.links.client_wrote(self.ticket.id, action.reply.created_at, external=action.reply.message_id)
            self.context.panel.client_message(self.ticket.id, client.login, body, files)

        try:
            self._deliver_with_files(action.reply, Voice(client), write)
        except Refused as refusal:
            why = self._why_no_client_may_write(refusal)
            if not why:
                raise
            shown = Refused("client_access", client.login, refusal.words) if why == "refused" else refusal
            log.warning("ticket %s: a client's message is added as a note: %s", self.ticket.id, shown.phrase.full())
            self._note_of_client(action, why)

    def _why_no_client_may_write(self, refusal: Refused) -> str:
        """Why this ticket takes no message of its client; "" when the panel has refused the message itself.

        Whether a client may write in an archived ticket is not documented, nor in which words that is refused.
        """
        if refusal.type not in ("panel_refused", "panel_access") or isinstance(refusal, Gone):
            return ""
        now = self.context.reader.ticket(self.ticket.id)
        if now is not None and now.status == "closed":
            return "archived"
        return "refused" if refusal.type == "panel_access" else ""

    def _note_of_client(self, action: do.DeliverClientMessage, why: str) -> None:
        """What a client wrote who may not write in BILLmanager: staff read it in a note."""
        reply = action.reply
        self.links.client_wrote(self.ticket.id, reply.created_at, external=reply.message_id)
        if not action.read:
            self.links.client_message_noted(self.ticket.id)
        settings, client, speaker = self.context.settings, self.ticket.client, Voice(self.assignments.speaker())
        name = client.label if client else f"#{self.row.get().client_user}"
        because = Phrase(f"notice.client_{why}", login=client.login if client else "")
        line = Phrase("notice.from_client", name=name, why=because)
        seen = as_files(reply, cut_quotes=settings.cut_quotes)
        said = self.body(seen, speaker, named_only(self.context, self.row.get(), seen))
        body = emoji.fit(compose.notice_to_billing(settings, line, said), self.context.reader.four_bytes)
        self._deliver(reply, "note", speaker, body, lambda: self._write_note(speaker, body, end=False))
        forget(self.context, self.ticket.id, reply.message_id)

    def _deliver_with_files(
        self, reply: Message, voice: Voice, write: Callable[[str, Sequence[Upload]], None], kind: str = "message"
    ) -> None:
        """Deliver a message with its files; those that the panel does not take are named in it instead."""
        seen = as_files(reply, cut_quotes=self.context.settings.cut_quotes)

        def deliver(uploads: Sequence[Upload], lost: Sequence[str]) -> None:
            body = self.body(seen, voice, lost)
            self._deliver(reply, kind, voice, body, partial(write, body, uploads), files=bool(uploads))

        self.with_files(seen, deliver)

    def with_files(self, seen: Message, deliver: Callable[[Sequence[Upload], Sequence[str]], None]) -> None:
        """Have a message's files delivered, with words for those that cannot be had or that the panel does not take."""
        with Downloads(self.context, self.row.get(), seen) as files:
            while True:
                if files.tries >= UPLOAD_TRIES:
                    files.leave_all_out()
                uploads = tuple(files.uploads)
                try:
                    deliver(uploads, tuple(files.lost))
                    return
                except FilesRefused as refused:
                    files.leave_out(refused.failure)
                except TryLater as failure:
                    if uploads:
                        files.failed()
                    if not uploads or failure.uncertain or files.tries < UPLOAD_TRIES:
                        raise

    def skip(self, action: do.Skip) -> None:
        case_id = self.row.get().case_id
        self.links.add_done(MessageLink(0, self.ticket.id, "message", "in", "skipped", 0, case_id, action.message_id))

    def _deliver(
        self, reply: Message, kind: str, voice: Voice, body: str, write: Callable[[], None], *, files: bool = False
    ) -> None:
        """Carry a message of Omnidesk over. ``files``: a refusal that may mean them raises :class:`FilesRefused`."""
        intent = self._intent(reply, kind, voice, body)
        self._write_down(intent, voice, body, write, files=files)
        if is_answer(reply):
            self.links.staff_answered(self.ticket.id, reply.message_id, reply.created_at, SAME_MOMENT)

    def _intent(self, reply: Message, kind: str, voice: Voice, body: str) -> MessageLink:
        return MessageLink(
            0, self.ticket.id, kind, "in", "intent", 0, self.row.get().case_id, reply.message_id,
            str(voice.person.user), texts.digest(body), self.context.reader.highest(self.ticket.id, kind),
            staff=bool(reply.staff_id) and kind == "message",
            source=edits.fingerprint(reply, urls.host(self.context.settings.url)), attached=edits.files(reply),
        )  # fmt: skip

    def _write_down(
        self, intent: MessageLink, voice: Voice, body: str, write: Callable[[], None], *, files: bool = False
    ) -> None:
        """Write down the intent, write, find out what identity it got."""
        row = self.links.begin(intent)
        try:
            written = written_by(self.context, intent, body, write)
        except Failure as failure:
            if files and may_be_of_files(failure):
                self.links.nothing_sent(row)
                raise FilesRefused(failure) from None
            call_failed(self.context, row, failure)
            raise
        self.links.message_delivered(row, intent.kind, written.id)
        if intent.kind == "message" and not intent.staff:
            self.links.client_wrote(self.ticket.id, 0.0, written.id)
        log.info("ticket %s: %s %s delivered as %s", self.ticket.id, intent.kind, intent.external_message, written.id)

    def body(self, reply: Message, voice: Voice, lost: Sequence[str], heading: str = "") -> str:
        """What a message says in the ticket; ``lost``: words for its files that could not be had, ``heading``: what
        stands before its text."""
        reply = without_address(self.context, self.row.get(), reply)
        names = [safe(file.name) for file in reply.attachments]
        about = f"ticket {self.ticket.id}: Omnidesk message {reply.message_id}"
        settings = self.context.settings
        author = self.context.account.staff_by_id(reply.staff_id) if settings.cut_signature and reply.staff_id else None
        body = compose.to_billing(
            settings,
            reply.content,
            reply.content_html,
            voice.line,
            names,
            lost,
            about,
            author.signature if author else "",
            heading,
        )
        return emoji.fit(body, self.context.reader.four_bytes)

    # Who speaks

    def voice(self, reply: Message) -> Voice:
        """The employee with the author's e-mail; else the replying employee, and a line with the author's name."""
        staff = self.context.account.staff_by_id(reply.staff_id) if reply.staff_id else None
        if staff is not None:
            employee = self.context.reader.employee_by_email(staff.email)
            if employee is not None and employee.enabled:
                return Voice(employee)
        return Voice(
            self.assignments.speaker(), compose.author_line(self.context.settings, staff.name) if staff else ""
        )
