"""Writing the module's own notes to staff. One that cannot be written does not block the ticket."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from omnidesk.billmanager.models import Ticket
from omnidesk.content import emoji, identity
from omnidesk.context import Context
from omnidesk.core import text as texts
from omnidesk.core.errors import Failure, Gone, Misconfigured, Paused, Refused, TryLater
from omnidesk.store.models import MessageLink, Sent
from omnidesk.sync import actions as do
from omnidesk.sync import compose, notices
from omnidesk.sync.resolve import PlanAgain, resolve
from omnidesk.sync.ticket_row import TicketRow
from omnidesk.sync.to_billmanager import ToBillmanager
from omnidesk.sync.to_omnidesk import ToOmnidesk
from omnidesk.sync.written import written_by

log = logging.getLogger("notices")
TRIES = 3


class Notifier:
    """Writes the notes of one ticket; each has its own link, by whose mark it is written once."""

    def __init__(self, context: Context, ticket: Ticket, here: ToBillmanager, there: ToOmnidesk) -> None:
        self.context = context
        self.ticket = ticket
        self.here = here
        self.there = there
        self.links = context.links

    def notify(self, action: do.Notify) -> None:
        way = self._into_case if action.place == "case" else self._into_ticket
        try:
            way(action)
        except (Paused, Misconfigured):
            raise
        except Gone as gone:  # where it was to stand is nobody who could read it, and a retry changes nothing
            self.links.refuse_notice(self._link(action), gone.phrase, "skipped")
            log.info("ticket %s: no note that %s: %s", self.ticket.id, action.about, gone)
        except Refused as refusal:
            if action.place == "case" and action.case_id in (0, self.links.ticket(self.ticket.id).case_id):
                resolve(self.context, self.ticket.id, refusal)
            self._leave(action, refusal)
        except TryLater as failure:
            if self.links.notice_tries(self._link(action)) < TRIES:
                raise
            self._leave(action, failure)

    def _leave(self, action: do.Notify, failure: Failure) -> None:
        self.links.refuse_notice(self._link(action), failure.phrase)
        log.error("ticket %s: staff could not be notified that %s: %s", self.ticket.id, action.about, failure)

    def _into_case(self, action: do.Notify) -> None:
        context, there = self.context, self.there
        case_id, staff_id = action.case_id or there.link().case_id, there.integration()
        body = compose.notice_to_omnidesk(context.settings, action.text)
        intent = replace(self._link(action), case_id=case_id, author=f"staff:{staff_id}", digest=identity.sent(body))
        row = self.links.begin_notice(intent)
        with self._trying(row):
            sent = context.client.add_note(case_id, {**body.fields(), "staff_id": staff_id})
        if case_id == there.link().case_id:
            self.links.message_sent(self.ticket.id, row, Sent(sent.message_id, there.when(sent)))
        else:
            self.links.message_done(row, sent.message_id)
        log.info("ticket %s: note in case %s that %s", self.ticket.id, case_id, action.about)

    def _into_ticket(self, action: do.Notify) -> None:
        context, here = self.context, self.here
        speaker = here.assignments.speaker()
        text = compose.notice_to_billing(context.settings, action.text, action.quote)
        body = emoji.fit(text, context.reader.four_bytes)
        # A note of ours neither reopens a ticket nobody has nor ends anybody's work on it.
        end = not here.assignments.rows()
        intent = replace(self._link(action), author=str(speaker.user), digest=texts.digest(body),
                         mark=context.reader.highest(self.ticket.id, "note"))  # fmt: skip
        row = self.links.begin_notice(intent)
        write = partial(
            here.assignments.as_staff, speaker, lambda at, name: here.note(at, name, body, end=end), ends=end
        )
        with self._trying(row):
            written = written_by(context, intent, body, write)
        self.links.message_delivered(row, "note", written.id)
        log.info("ticket %s: note %s that %s", self.ticket.id, written.id, action.about)

    def _link(self, action: do.Notify) -> MessageLink:
        direction = "out" if action.place == "case" else "in"
        return MessageLink(0, self.ticket.id, "note", direction, "intent", source=action.mark, attached=action.attached)

    @contextmanager
    def _trying(self, row: int) -> Iterator[None]:
        """Remember what a failure says of the note, and how often it has failed."""
        try:
            yield
        except Failure as failure:
            self.links.notice_failed(row, uncertain=failure.uncertain, counts=not isinstance(failure, Paused))
            raise


def of_setting_aside(context: Context, ticket: int, failure: Failure) -> None:
    """Tell staff that a ticket is not tried any more. That this fails changes nothing: status says it, too."""
    found = context.reader.ticket(ticket)
    if found is None:
        return
    row = TicketRow(context.links, ticket)
    notifier = Notifier(context, found, ToBillmanager(context, found, row), ToOmnidesk(context, found, row))
    for action in notices.of_setting_aside(context, found, context.links.ticket(ticket), failure):
        if action.mark not in context.links.notice_marks(ticket):
            try:
                notifier.notify(action)
            except (TryLater, PlanAgain) as trouble:
                log.error("ticket %s: staff could not be notified that %s: %s", ticket, action.about, trouble)
