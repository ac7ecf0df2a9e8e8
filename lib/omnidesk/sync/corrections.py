"""The client reads the later text of a reply that was edited in Omnidesk after it had been delivered.

Soon after the delivery the panel's message itself is changed, if the panel has a function for that: whether it works is
read from the row afterwards, and remembered. Otherwise, and later, the whole new text follows as a message of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from omnidesk.attachments.inline_pictures import as_files
from omnidesk.billmanager.models import Ticket, TicketMessage
from omnidesk.billmanager.panel import Upload
from omnidesk.context import Context
from omnidesk.core import text as texts
from omnidesk.core.errors import Failure, Misconfigured, Paused, Refused, TryLater
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk.models import Attachment, Message
from omnidesk.store.models import MessageLink
from omnidesk.sync import actions as do
from omnidesk.sync import edits
from omnidesk.sync.edits import Edit
from omnidesk.sync.refusals import FilesRefused, may_be_of_files
from omnidesk.sync.to_billmanager import ToBillmanager, Voice
from omnidesk.sync.written import found_written

log = logging.getLogger("billmanager")
TRIES = 10  # so often a correction is tried for passing troubles before it is set aside
LANGUAGES = ("ru", "en")


class Corrector:
    """Brings the corrections of one ticket to its client; each has its own link, by whose mark it is written once."""

    def __init__(self, context: Context, ticket: Ticket, here: ToBillmanager) -> None:
        self.context = context
        self.ticket = ticket
        self.here = here
        self.links = context.links

    def correct(self, action: do.Correct) -> None:
        """Change the panel's message, or write another one. A refusal sets the correction aside."""
        edit, message = action.edit, action.reply
        try:
            self._correct(edit, message)
        except (Paused, Misconfigured):
            raise
        except Refused as refusal:
            self._leave(edit, refusal)
        except TryLater as failure:
            if self.links.notice_tries(self._link(edit)) < TRIES:
                raise
            self._leave(edit, failure)

    def _leave(self, edit: Edit, failure: Failure) -> None:
        self.links.refuse_notice(self._link(edit), failure.phrase)
        log.error("ticket %s: the client does not get the edit of message %s: %s", self.ticket.id,
                  edit.link.external_message, failure)  # fmt: skip

    def keep(self, edit: Edit) -> None:
        """Remember what a message says now, without doing anything about it."""
        self.links.add_done(replace(self._link(edit), kind="note", state="skipped"))

    def _correct(self, edit: Edit, message: Message) -> None:
        settings = self.context.settings
        voice, seen = self.here.voice(message), as_files(message, cut_quotes=settings.cut_quotes)
        body = self.here.body(seen, voice, ())
        same_files = edits.files(message) == edit.known.files
        if same_files and not edit.known.number and texts.digest(body) == edit.link.digest:
            self.keep(edit)  # what was changed is not shown to the client: a quote, a signature
            return
        if not (
            same_files and self._may_change(edit, voice, len(seen.attachments)) and self._change(edit, voice, body)
        ):
            self._follow_up(edit, seen, voice)

    def _link(self, edit: Edit) -> MessageLink:
        files = edits.files(edit.message) if edit.message else ()
        return MessageLink(
            0, self.ticket.id, "message", "in", "intent", 0, edit.link.case_id, source=edit.mark, attached=files
        )

    def _intent(self, edit: Edit, voice: Voice, body: str) -> MessageLink:
        return replace(
            self._link(edit), author=str(voice.person.user), digest=texts.digest(body),
            mark=self.context.reader.highest(self.ticket.id, "message"),
        )  # fmt: skip

    # The message itself

    def _may_change(self, edit: Edit, voice: Voice, files: int) -> bool:
        """Whether the message itself may be changed: it is young, it is all that the client was sent of it, it has all
        of its files, and its author is who changes it."""
        minutes = self.context.settings.edit_minutes
        if not minutes or edit.known.sent or self.context.panel.edits_messages() is False:
            return False
        row = self.context.reader.message(edit.link.ticket_message)
        if row is None or row.author.user != voice.person.user or len(row.files) != files:
            return False
        return 0 <= self.context.clock() - min(row.posted_at, edit.link.done_at) <= 60 * minutes

    def _change(self, edit: Edit, voice: Voice, body: str) -> bool:
        """Have the panel change the message; whether the client reads the new text now."""
        context, link = self.context, edit.link
        intent = self._intent(edit, voice, body)
        with context.db.transaction():
            row = self.links.begin_notice(intent)
            self.links.row_changes(link.id)
        try:
            context.panel.edit_message(self.ticket.id, link.ticket_message, voice.person.login, body)
        except Refused as refusal:
            log.info("ticket %s: message %s is not changed: %s", self.ticket.id, link.ticket_message, refusal)
        except Failure as failure:
            self.links.notice_failed(row, uncertain=failure.uncertain, counts=not isinstance(failure, Paused))
            raise
        works = is_edited(context, replace(intent, id=row))
        context.panel.settle_editing(works)
        if works:
            log.info("ticket %s: message %s changed as in Omnidesk", self.ticket.id, link.ticket_message)
            return True
        written = found_written(context, intent, body, certain=False)
        if written is not None:  # it made another message of it
            self.links.message_delivered(row, "message", written.id)
        return written is not None

    # A message of its own

    def _follow_up(self, edit: Edit, seen: Message, voice: Voice) -> None:
        language = self._language()
        heading = Phrase("message.correction").text(language)
        words = [
            Phrase(f"message.files_{what}", names=", ".join(names)).text(language)
            for what, names in (("added", edit.added), ("removed", edit.removed)) if names
        ]  # fmt: skip

        def write(uploads: Sequence[Upload], lost: Sequence[str]) -> None:
            self._post(edit, voice, self.here.body(seen, voice, [*words, *lost], heading), uploads)

        self.here.with_files(replace(seen, attachments=_new(seen.attachments, edit)), write)

    def _language(self) -> str:
        """That of the client, if the module has texts in it."""
        client = self.ticket.client
        found = self.context.reader.language_of(client.user) if client else ""
        return found if found in LANGUAGES else self.context.settings.language

    def _post(self, edit: Edit, voice: Voice, body: str, uploads: Sequence[Upload]) -> None:
        context, ticket = self.context, self.ticket.id
        intent = self._intent(edit, voice, body)
        # It is no answer to anything: it neither reopens a ticket nobody has nor ends anybody's work on it.
        end = not self.here.assignments.rows()
        row = self.links.begin_notice(intent)
        try:
            self.here.assignments.as_staff(
                voice.person,
                lambda at, name: context.panel.reply(ticket, at, name, body, end=end, files=uploads),
                ends=end,
            )
        except Failure as failure:
            of_files = bool(uploads) and may_be_of_files(failure)
            counts = not (of_files or isinstance(failure, Paused))
            self.links.notice_failed(row, uncertain=failure.uncertain, counts=counts)
            if of_files:
                raise FilesRefused(failure) from None
            raise
        written = found_written(context, intent, body, certain=True)
        if written is None:
            raise TryLater("panel_ignored", "ticket.edit", Phrase("said.no_new_message", name=voice.person.label))
        self.links.message_delivered(row, "message", written.id)
        log.info("ticket %s: message %s corrects %s", ticket, written.id, edit.link.ticket_message)


def _new(attachments: Sequence[Attachment], edit: Edit) -> tuple[Attachment, ...]:
    """Those of the files that the client has not got yet."""
    names, found = list(edit.added), []
    for one in attachments:
        if one.name in names:
            names.remove(one.name)
            found.append(one)
    return tuple(found)


def is_edited(context: Context, correction: MessageLink) -> bool:
    """Whether the message that a correction is about says its text by now, which is recorded then.

    The row may have another time since, so what stands there is learned again in any case.
    """
    original = context.links.link(edits.corrected(correction))
    context.links.learn_rows(correction.ticket)
    row = context.reader.message(original.ticket_message) if original and original.ticket_message else None
    if row is None or not _says(row, correction):
        return False
    context.links.row_corrected(correction.id)
    return True


def _says(row: TicketMessage, correction: MessageLink) -> bool:
    return row.ticket == correction.ticket and texts.digest(row.text) == correction.digest
