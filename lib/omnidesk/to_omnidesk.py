"""Carrying out, on Omnidesk's side, what a plan says. Each creating call is written down before it is made."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from omnidesk import actions as do
from omnidesk import compose
from omnidesk.billing.objects import Person, Ticket, TicketFile, TicketMessage
from omnidesk.context import Context
from omnidesk.errors import Failure, Gone, Refused
from omnidesk.gather import case_fields, digest_of, saw, user_data
from omnidesk.helpdesk.client import FileUpload, stamp
from omnidesk.helpdesk.objects import Case, Message
from omnidesk.links.records import MessageLink, TicketLink
from omnidesk.outfiles import open_file
from omnidesk.refusals import call_failed
from omnidesk.text import digest

log = logging.getLogger("omnidesk")
# A message older than this goes over with its own date; a newer one gets Omnidesk's, which is within seconds of it.
BACKDATE_SECONDS = 900.0
AHEAD = 60.0  # what Omnidesk's clocks may differ from one answer's header to its body


@dataclass(frozen=True)
class Draft:
    """A BILLmanager message as it will stand in the case: who signs it, and what it says."""

    content: str
    staff_id: int  # 0: the client signs
    files: tuple[FileUpload, ...]


class ToOmnidesk:
    """Writes one ticket's side in Omnidesk."""

    def __init__(self, context: Context, ticket: Ticket) -> None:
        self.context = context
        self.ticket = ticket
        self.links = context.links

    def link(self) -> TicketLink:
        return self.links.ticket(self.ticket.id)

    # Cases

    def create_case(self, action: do.CreateCase) -> None:
        """Open the case with its first message. What the client's name and fields are goes along or right after."""
        message, client = action.message, self._client(action.message)
        with self._draft(message, opening=True) as draft:
            fields = self._case_fields(action, client, draft)
            self.links.ensure_ticket(self.ticket.id)
            opening = MessageLink(
                0, self.ticket.id, "message", "out", "intent", message.id, author="client", digest=digest(draft.content)
            )
            self.links.set_ticket(
                self.ticket.id,
                intent_at=self.context.clock(),
                intent_message=message.id,
                intent_digest=opening.digest,
                client_user=client.user,
            )
            try:
                case = self.context.client.create_case(fields, draft.files)
            except Failure as failure:
                # It may still take effect: what settles is counted from when the call was given up.
                begun = self.context.clock() if failure.uncertain else None
                self.links.set_ticket(self.ticket.id, intent_at=begun)
                raise
        self.linked(case, opening, client, fields.get("custom_fields", {}))

    def _case_fields(self, action: do.CreateCase, client: Person, draft: Draft) -> dict[str, Any]:
        context = self.context
        fields: dict[str, Any] = {
            "user_custom_id": str(client.user),
            "user_full_name": client.label,
            "channel": context.settings.channel,
            "subject": compose.subject(context.settings, self.ticket.id, self.ticket.subject),
            "content": draft.content,
            "status": action.status,
            **self._dated(action.message.posted_at),
        }
        custom = case_fields(context, self.ticket.id)
        return {**fields, "custom_fields": custom} if custom else fields

    def linked(self, case: Case, opening: MessageLink, client: Person, custom: Mapping[str, Any]) -> None:
        """The case is there: record it, its first message, its user; then see whether somebody rang for it already.

        ``custom``: the custom fields it was surely made with; what is not among them is sent later.
        """
        with self.context.db.transaction():
            self.links.set_ticket(
                self.ticket.id,
                case_id=case.case_id,
                case_number=case.case_number,
                external_user=case.user_id,
                case_gone="",
                joined_at=0,
                ticket_status=case.status,
                case_status=case.status,
                seen_status=case.status,
                seen_at=case.updated_at,
                read_at=0,
                own_write_at=case.updated_at,
                own_message_at=0,  # the answer already says what status the case has
                own_reply_at=0,
                intent_at=None,
                intent_message=None,
                look_case=0,
                look_messages=0,
                unconfirmed=0,
                unread=1,  # a case adopted later, or in its very first second, may hold more than its first message
                fields_digest=digest_of(custom) if custom else "",
            )
            self.links.add_done(
                MessageLink(0, self.ticket.id, "message", "out", "done", opening.ticket_message, case.case_id,
                            author=opening.author, digest=opening.digest)
            )  # fmt: skip
        log.info("ticket %s: case %s made", self.ticket.id, case.case_number or case.case_id)
        self._remember_user(case, client)
        if self.context.state.take_orphan(case.case_id):
            self.context.queue.ring(self.ticket.id, "rang before it was linked", look_messages=True)

    def _remember_user(self, case: Case, client: Person) -> None:
        """A client new to us was made with his name; if there are user-level fields they still have to be sent."""
        known = self.links.user(client.user)
        if known is not None and known.external_user == case.user_id:
            return
        data = user_data(self.context, client, case.user_id, "")
        self.links.set_user(client.user, case.user_id, data.digest if not data.fields else "")

    def _client(self, message: TicketMessage) -> Person:
        if self.ticket.client is not None:
            return self.ticket.client
        known = self.link().client_user or message.author.user
        return Person(user=known, name=compose.author_name(self.context.settings, Person(known, known=False)))

    # Messages and notes

    def send_message(self, action: do.SendMessage) -> None:
        link, message = self.link(), action.message
        with self._draft(message) as draft:
            fields: dict[str, Any] = {"content": draft.content, **self._dated(message.posted_at)}
            if draft.staff_id:
                fields |= {"staff_id": draft.staff_id, "do_not_send_email": True}
            else:
                fields["user_id"] = link.external_user
            row = self._intent(link, "message", message.id, draft)
            with self._sending(row):
                sent = self.context.client.add_message(link.case_id, fields, draft.files)
        self._sent(link, row, sent, bool(draft.staff_id))

    def send_note(self, action: do.SendNote) -> None:
        link, note = self.link(), action.note
        staff_id, line = self._signature(note.author)
        draft = Draft(compose.body(self.context.settings, note.text, line), staff_id, ())
        fields: dict[str, Any] = {"content": draft.content, "staff_id": staff_id, **self._dated(note.posted_at)}
        row = self._intent(link, "note", note.id, draft)
        with self._sending(row):
            sent = self.context.client.add_note(link.case_id, fields)
        self._sent(link, row, sent, False)

    def _intent(self, link: TicketLink, kind: str, id: int, draft: Draft) -> int:
        author = f"staff:{draft.staff_id}" if draft.staff_id else f"user:{link.external_user}"
        staff = bool(draft.staff_id) and kind == "message"
        row = MessageLink(0, self.ticket.id, kind, "out", "intent", id, link.case_id, author=author,
                          digest=digest(draft.content), staff=staff)  # fmt: skip
        return self.links.begin(row)

    @contextmanager
    def _sending(self, row: int) -> Iterator[None]:
        """Remember what a failure says of the intent; that the case is gone says nothing against the message."""
        try:
            yield
        except Gone:
            self.links.forget_intent(row)
            raise
        except Failure as failure:
            call_failed(self.context, row, failure)
            if failure.type == "omnidesk_staff":
                self.context.account.forget_staff()
            raise

    def _sent(self, link: TicketLink, row: int, sent: Message, reply: bool) -> None:
        self.links.finish(row, external_message=sent.message_id)
        now = self.context.client.now
        when = max(min(sent.created_at, now + AHEAD), now)  # a date of the future is one that we gave it
        # What else changed in that second, or since the last poll, does not show any more: see poll._insure.
        values: dict[str, Any] = {"own_write_at": when, "own_message_at": when, "unconfirmed": 1, "unread": 1}
        if reply:
            values["own_reply_at"] = when
        self.links.set_ticket(self.ticket.id, **values)
        log.info("ticket %s: message %s sent to case %s", self.ticket.id, sent.message_id, link.case_number)

    @contextmanager
    def _draft(self, message: TicketMessage, opening: bool = False) -> Iterator[Draft]:
        """The message in words and open files. A client who does not own the case, or staff unknown there, is named."""
        settings, author = self.context.settings, message.author
        staff_id, line = 0, ""
        if self._is_client(author):
            owner = self.link().client_user or (self.ticket.client.user if self.ticket.client else author.user)
            if author.user != owner:
                line = compose.author_line(settings, compose.author_name(settings, author))
        elif opening:  # the first message of a case is always its client's, so staff are named in words
            line = compose.author_line(settings, compose.author_name(settings, author))
        else:
            staff_id, line = self._signature(author)
        with ExitStack() as opened:
            files, names, lost = self._files(message.files, opened)
            content = compose.body(settings, message.text, line, names)
            yield Draft("\n\n".join([content, *lost]), staff_id, files)

    def _is_client(self, author: Person) -> bool:
        if author.known:
            return author.is_client
        return author.user == self.link().client_user or self.links.user(author.user) is not None

    def _signature(self, author: Person) -> tuple[int, str]:
        """(Omnidesk staff id, line naming the author if that is somebody else)."""
        staff = self.context.account.staff_by_email(author.email) if author.known else None
        if staff is not None:
            return staff.staff_id, ""
        name = compose.author_name(self.context.settings, author)
        integration = self.context.account.staff_by_email(self.context.settings.email)
        if integration is None:
            raise Refused("no_staff", self.context.settings.email)
        line = "" if author.email == self.context.settings.email else compose.author_line(self.context.settings, name)
        return integration.staff_id, line

    def _files(
        self, files: tuple[TicketFile, ...], opened: ExitStack
    ) -> tuple[tuple[FileUpload, ...], list[str], list[str]]:
        """Open files, their names, and a sentence for each that could not be had: a file never stops its message."""
        found: list[FileUpload] = []
        lost: list[str] = []
        for one in files:
            try:
                found.append(opened.enter_context(open_file(self.context, one)))
            except Refused as refusal:
                log.warning("ticket %s: file %s is left out: %s", self.ticket.id, one.id, refusal)
                name = refusal.params.get("name") or str(one.id)
                lost.append(compose.lost_file(self.context.settings, name, refusal.value))
        return tuple(found), [file.name for file in found], lost

    def _dated(self, posted_at: float) -> dict[str, str]:
        old = posted_at and self.context.clock() - posted_at > BACKDATE_SECONDS
        known = self.context.client.now  # 0.0 before the first call
        ahead = known and posted_at > known  # by a wrong clock: in the future it would hide what is answered till then
        return {"created_at": stamp(posted_at)} if old and not ahead else {}

    # What changes and does not create

    def update_case(self, action: do.UpdateCase) -> None:
        link = self.link()
        fields: dict[str, Any] = {"status": action.status} if action.status else {}
        if action.fields:
            fields["custom_fields"] = action.fields
        case = self.context.client.update_case(link.case_id, fields)
        self.links.set_ticket(self.ticket.id, own_write_at=case.updated_at, unread=1)
        if saw(self.context, self.link(), case).look_messages and not link.look_messages:
            # The answer shows that staff replied meanwhile: this run has read the case already, so the next one does.
            self.context.queue.ring(self.ticket.id, "changed in Omnidesk", look_messages=True)
        values: dict[str, Any] = {}
        if action.digest:
            values["fields_digest"] = action.digest
        if action.status:
            values["case_status"] = case.status
        if values:
            self.links.set_ticket(self.ticket.id, **values)
        log.info("ticket %s: %s", self.ticket.id, action.title())

    def update_user(self, action: do.UpdateUser) -> None:
        fields: dict[str, Any] = {"user_full_name": action.name}
        if action.fields:
            fields["custom_fields"] = action.fields
        self.context.client.update_user(action.external_user, fields)
        self.links.set_user(action.user, action.external_user, action.digest)

    def rate(self, action: do.Rate) -> None:
        """Rate the reply; where the account takes ratings of cases only, the case. A "no" is not repeated."""
        link = action.link
        try:
            self.context.client.rate_message(link.case_id, link.external_message, action.level)
        except Refused as first:
            try:
                staff_id = int(link.author.partition(":")[2] or 0) if link.author.startswith("staff:") else 0
                self.context.client.rate_case(link.case_id, staff_id, action.level)
            except Refused as second:
                log.warning("ticket %s: rating of message %s: %s; for the case: %s", self.ticket.id,
                            link.ticket_message, first, second)  # fmt: skip
        self.links.set_message(link.id, rating=action.stars)
        # Rating moves the case's updated_at; without this the next poll would take it for news and read the case.
        when = max(self.link().own_write_at, self.context.client.now)
        self.links.set_ticket(self.ticket.id, own_write_at=when, unread=1)
