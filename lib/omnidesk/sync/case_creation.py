"""Making a ticket's case with its first message, and recording one that is there. The call is written down before it
is made."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from omnidesk.billmanager.models import Person, Ticket, TicketMessage
from omnidesk.content import identity
from omnidesk.context import Context
from omnidesk.core.errors import Failure, Gone, Refused, TryLater
from omnidesk.helpdesk.models import Case
from omnidesk.routing.routes import Place
from omnidesk.store.models import MessageLink
from omnidesk.sync import actions as do
from omnidesk.sync import clients, compose
from omnidesk.sync.fields import case_fields, digest_of, user_data
from omnidesk.sync.message_parts import Draft, send_plan
from omnidesk.sync.refusals import call_failed
from omnidesk.sync.routing import as_fields, lesser
from omnidesk.sync.to_omnidesk import ToOmnidesk

log = logging.getLogger("omnidesk")


class CaseCreation:
    """Makes one ticket's case."""

    def __init__(self, context: Context, ticket: Ticket, there: ToOmnidesk) -> None:
        self.context = context
        self.ticket = ticket
        self.there = there
        self.links = context.links

    def create_case(self, action: do.CreateCase) -> None:
        """Open the case with its first message. What the client's name and fields are goes along or right after."""
        message, client = action.message, self._client(action.message)
        if self.context.settings.cases_from_omnidesk != "off" and self.context.staff_cases.may_be_made(
            self.ticket.id, self.ticket.account, message.author.user
        ):
            raise TryLater("settling", seconds=self.context.settings.settle_seconds)
        custom = case_fields(self.context, self.ticket.id)
        self.links.ensure_ticket(self.ticket.id)
        with send_plan(self.context, self.there.letter(message, 0, self._opener_line(message, client))) as plan:
            for draft in plan:
                fields = self._case_fields(action, client, draft, custom)
                opening = MessageLink(
                    0, self.ticket.id, "message", "out", "intent", message.id, author="client",
                    digest=identity.sent(draft.body),
                )  # fmt: skip
                later = draft.later if message.files else None
                row = self._begin_case(opening, client, str(fields["status"]), later, action.place)
                try:
                    case, sent = self._create(fields, draft)
                except Failure as failure:
                    if not self._case_failed(row, draft, failure):
                        raise
                    continue
                self.linked(case, opening, client, sent, case.last_response_at or case.updated_at)
                return

    def _create(self, fields: Mapping[str, Any], draft: Draft) -> tuple[Case, Mapping[str, Any]]:
        """Make the case; if that is refused, without what it can do without. The custom fields that went along."""
        settings = self.context.settings
        bare = compose.subject(settings, self.ticket.id, "")
        whole, tries = fields, lesser(fields, bare, settings.channel, files=bool(draft.files))
        while True:
            try:
                return self.context.client.create_case(whole, draft.files), whole.get("custom_fields", {})
            except Refused as refusal:
                if isinstance(refusal, Gone) or not tries:
                    raise
                log.warning("ticket %s: %s Trying again with less of routing, status, subject, date, custom fields.",
                            self.ticket.id, refusal)  # fmt: skip
                whole = tries.pop(0)
                self.links.case_status_begun(self.ticket.id, str(whole["status"]), self.context.client.now)
                if "group_id" not in whole:
                    self.links.group_setting(self.ticket.id, 0)

    def _begin_case(
        self, opening: MessageLink, client: Person, status: str, later: Sequence[Sequence[int]] | None, place: Place
    ) -> int:
        """Write down that a case is being made, and which files its first message could not hold.

        The message has a row of its own, the returned one; what came of it is in the ticket's.
        """
        with self.context.db.transaction():
            row = self.links.begin(opening)
            self.links.message_opens_case(row)
            self.links.case_begun(
                self.ticket.id, opening.ticket_message, opening.digest, client.user, self.ticket.account, status
            )
            if place.routes.rows:
                self.links.place_begun(self.ticket.id, place.department, place.responsible, place.route.group)
            if later is not None:
                self.links.set_parts(self.ticket.id, opening.ticket_message, 2, later)
        return row

    def _case_failed(self, row: int, draft: Draft, failure: Failure) -> bool:
        """Remember what a failure says of the case that was to be made; whether the next draft may do better."""
        if failure.uncertain:  # what settles is counted from when the call was given up
            self.links.case_in_doubt(self.ticket.id, self.context.clock())
        else:
            self.links.case_not_made(self.ticket.id)
        if self.there.files_failed(row, draft, failure):
            return True
        if _is_of_message(failure):
            call_failed(self.context, row, failure)
        elif not failure.uncertain:
            self.links.forget_intent(row)
        return False

    def _case_fields(
        self, action: do.CreateCase, client: Person, draft: Draft, custom: Mapping[str, Any]
    ) -> dict[str, Any]:
        context = self.context
        fields: dict[str, Any] = {
            "user_custom_id": clients.custom_id(context, client),
            "user_full_name": compose.person_name(client),
            "channel": action.place.route.channel or context.settings.channel,
            "subject": compose.subject(context.settings, self.ticket.id, self.ticket.subject),
            **draft.body.fields(),
            # What is still to come may reopen the case, so a status that ends it is set after the last message.
            "status": "open" if draft.later else action.status,
            **self.there.dated(action.message.posted_at),
            **as_fields(action.place.route),
        }
        return {**fields, "custom_fields": custom} if custom else fields

    def linked(
        self,
        case: Case,
        opening: MessageLink,
        client: Person,
        custom: Mapping[str, Any],
        client_stamp: float = 0.0,
    ) -> None:
        """The case is there: record it, its first message, its user; then see whether a webhook came for it already.

        ``custom``: the custom fields it was surely made with; what is not among them is sent later. ``client_stamp``:
        the date that its first message has there; 0.0: it is not known whether it is the last one.
        """
        with self.context.db.transaction():
            fields_digest = digest_of(custom) if custom else ""
            before = self.there.link()
            self.links.case_created(
                self.ticket.id, case, opening.ticket_message, client_stamp=client_stamp, fields_digest=fields_digest,
                replaces=before.case_number if before.case_gone else "",
            )  # fmt: skip
            self.links.add_done(
                MessageLink(0, self.ticket.id, "message", "out", "done", opening.ticket_message, case.case_id,
                            author=opening.author, digest=opening.digest)
            )  # fmt: skip
            if case.spam:
                self.context.blocked.opener_waits(self.ticket.id, case.case_id)
        log.info("ticket %s: case %s created", self.ticket.id, case.case_number or case.case_id)
        self._remember_user(case, client)
        if case.spam:
            log.warning("ticket %s: case %s starts in spam", self.ticket.id, case.case_number or case.case_id)
            self.context.blocked.found(client.user, case.user_id)
            return
        for origin in self.links.split_from(self.ticket.id):
            self.context.queue.make_due(origin, "moved")
        if self.context.state.take_unlinked(case.case_id, case.case_number):
            self.context.queue.make_due(self.ticket.id, "early_webhook", look_messages=True,
                                    since=self.context.clock())  # fmt: skip

    def _remember_user(self, case: Case, client: Person) -> None:
        """A client new to us was made with his name; if there are user-level fields they still have to be sent."""
        known = self.links.user(client.user)
        if known is not None and known.external_user == case.user_id and known.identity.account:
            return
        data = user_data(self.context, client, case.user_id, "")
        sent = None if known is not None and known.external_user == case.user_id else ""
        clients.remember(self.context, client, case.user_id, sent if data.fields or sent is None else data.digest)

    def _client(self, message: TicketMessage) -> Person:
        if self.ticket.client is not None:
            return self.ticket.client
        known = self.there.link().client_user or message.author.user
        return Person(user=known, name=compose.author_name(self.context.settings, Person(known, known=False)))

    def _opener_line(self, message: TicketMessage, client: Person) -> str:
        """The first message of a case is always its client's, so anybody else is named in words."""
        return "" if message.author.user == client.user else self.there.named(message.author)


def _is_of_message(failure: Failure) -> bool:
    """Whether a case cannot be made because of the message it opens with; not because of its client or channel."""
    refused = failure.type in ("omnidesk_refused", "omnidesk_rejected")
    return refused and not failure.value.startswith(("user_", "channel_", "group_", "incorrect_user"))
