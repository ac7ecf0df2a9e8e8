"""Calls with an unknown outcome: check whether they took effect before repeating them.

A call may still take effect a moment after its caller died or gave up, so nothing is concluded before a settling time
has passed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from omnidesk.attachments.incoming import forget
from omnidesk.billmanager.models import Person, Ticket
from omnidesk.content.identity import is_ours
from omnidesk.context import Context
from omnidesk.core.errors import Gone, Refused, TryLater
from omnidesk.helpdesk.client import LONGEST_RANGE
from omnidesk.helpdesk.models import Case, Message
from omnidesk.helpdesk.paging import Listing
from omnidesk.store.daily import OUT
from omnidesk.store.models import ENDING, MessageLink, OwnMessage, TicketLink
from omnidesk.sync import actions as do
from omnidesk.sync import compose, tally
from omnidesk.sync.case_state import why_gone
from omnidesk.sync.corrections import is_edited
from omnidesk.sync.merged_cases import may_be
from omnidesk.sync.observations import CaseLost, record
from omnidesk.sync.refusals import nothing_found
from omnidesk.sync.resolve import is_gone
from omnidesk.sync.status_merge import LONGEST_CALL
from omnidesk.sync.to_omnidesk import BACKDATE_SECONDS
from omnidesk.sync.written import found_moved, found_written

log = logging.getLogger("recover")
CLOCKS_APART = 86400.0  # seconds that the panel's clock and Omnidesk's may differ, or the former be set back or forth


Linked = Callable[[Case, MessageLink, Person, Mapping[str, Any]], None]


def settled(context: Context, begun: float, begin_again: Callable[[float], None]) -> None:
    """Raise :class:`TryLater` while a call that was begun then may still take effect."""
    now = context.clock()
    if begun > now:  # the clock was set back since, so how long ago it was is not known
        begin_again(now)
        begun = now
    remaining = begun + context.settings.settle_seconds - now
    if remaining > 0:
        raise TryLater("settling", seconds=round(remaining, 1))


class Recovery:
    """Resolves the doubts of one ticket. ``linked``: records a case that is there."""

    def __init__(self, context: Context, ticket: Ticket, linked: Linked) -> None:
        self.context = context
        self.ticket = ticket
        self.linked = linked

    def case(self, action: do.LookForCase) -> None:
        """Adopt the case an earlier run made, or forget that it tried."""
        context = self.context
        link = context.links.ticket(self.ticket.id)
        settled(context, link.intent_at, lambda now: context.links.case_in_doubt(self.ticket.id, now))
        found = self._made_case(link)
        if found is None:
            context.links.case_not_made(self.ticket.id)
            opening = context.links.message("message", link.intent_message)
            if opening is not None:
                nothing_found(context, opening)
            log.info("ticket %s: the case that an earlier run tried to create does not exist", self.ticket.id)
            return
        log.warning("ticket %s: case %s of an earlier run is adopted", self.ticket.id, found.case_number)
        made = MessageLink(
            0, self.ticket.id, "message", "out", "done", link.intent_message, author="client", digest=link.intent_digest
        )
        client = self.ticket.client or context.reader.person(link.client_user)
        if client is None:
            client = Person(link.client_user, known=False)
        self.linked(found, made, client, {})
        tally.found(context, OUT)
        if link.status_begun:
            context.links.case_made_as(self.ticket.id, link.status_begun, link.group_begun)

    def _made_case(self, link: TicketLink) -> Case | None:
        """The client's newest case that no ticket has and whose first message is the one that was to be sent."""
        for case in self._cases_of_client(link):
            links = self.context.links
            if why_gone(case) or links.tickets_of_case(case.case_id) or links.was_linked(case.case_id):
                continue
            if self._is_anothers(case, link.client_user):
                continue
            first = self._first_message(case.case_id)
            if first is not None and is_ours(link.intent_digest, first.content, first.content_html):
                return case
        return None

    def _is_anothers(self, case: Case, client: int) -> bool:
        """Whether its subject is that of another ticket for which a case was being made: several tickets of a client
        may begin with the same words."""
        context = self.context
        if case.subject in self._subjects(self.ticket):
            return False
        others = map(context.reader.ticket, context.links.cases_in_doubt(client))
        return any(case.subject in self._subjects(other) for other in others if other is not None)

    def _subjects(self, ticket: Ticket) -> set[str]:
        """What a ticket's case may be called: a call that is refused is made without the ticket's subject."""
        return {compose.subject(self.context.settings, ticket.id, given) for given in (ticket.subject, "")}

    def _cases_of_client(self, link: TicketLink) -> Iterator[Case]:
        client, channels = self.context.client, self.context.channels  # in which one it was made is not known
        known = self.context.links.user(link.client_user)
        user = known.custom_id if known is not None and known.custom_id else str(link.client_user)
        for since, until in self._windows(link):
            found = Listing[int, Case](lambda one: one.case_id, by=lambda one: one.created_at, start=until)
            while not found.ended:
                one = channels[0] if len(channels) == 1 else ""
                rows = found.add(client.cases_of_user(one, user, since, found.key, found.page))
                yield from (case for case in rows if one or case.channel in channels or not case.channel)

    def _windows(self, link: TicketLink) -> Iterator[tuple[float, float]]:
        """When the case may have been made: when the call was begun or, with an old message's date, at that date."""
        since = link.intent_at - CLOCKS_APART
        yield since, since + LONGEST_RANGE if self.context.clock() - since > LONGEST_RANGE else 0.0
        message = self.context.reader.message(link.intent_message)
        if message is not None and link.intent_at - message.posted_at > BACKDATE_SECONDS:
            yield message.posted_at - CLOCKS_APART, message.posted_at + CLOCKS_APART

    def _first_message(self, case_id: int) -> Message | None:
        rows = [row for row in self._thread(case_id).rows.values() if not row.note and row.user_id]
        return min(rows, key=lambda row: row.message_id) if rows else None

    def _thread(self, case_id: int, ticket: int = 0) -> Listing[int, Message]:
        """The case's messages, from the newest back to one of this ticket's that is known (0: to the first)."""
        client, known = self.context.client, self.context.links.known_external
        found = Listing[int, Message](lambda row: row.message_id)
        found.read(
            lambda _, page: client.messages(case_id, page),
            lambda page: bool(ticket and known([row.message_id for row in page], ticket)),
        )
        return found

    def message(self, action: do.LookForMessage) -> None:
        link = action.link
        settled(self.context, link.intent_at, lambda now: self.context.links.message_still_in_doubt(link.id, now))
        if link.direction == "out":
            self._sent(link)
        else:
            self._written(link)

    def _sent(self, link: MessageLink) -> None:
        """Look for our message among the case's newest that no link knows: same author, same text.

        It is younger than all that is known of this ticket, because nothing else is done for a ticket while this is in
        doubt. Other tickets that share the case after a merge went on meanwhile, so their messages say nothing.
        """
        context = self.context
        try:
            thread = self._thread(link.case_id, link.ticket)
        except Refused as refusal:
            if not isinstance(refusal, Gone) and not is_gone(context, link.case_id):
                raise
            if link.case_id == context.links.ticket(link.ticket).case_id:
                record(context, link.ticket, [CaseLost("deleted", str(link.case_id))])
            context.links.forget_intent(link.id)
            return
        rows = [thread.rows[id] for id in sorted(thread.rows)]
        ids = [row.message_id for row in rows]
        newest = max(context.links.known_external(ids, link.ticket) | self._opening(link, thread), default=0)
        taken = context.links.known_external(ids)
        for row in rows:
            if row.message_id > newest and row.message_id not in taken and may_be(link, row):
                log.warning("ticket %s: message %s of an earlier run is adopted", link.ticket, row.message_id)
                when, span = self._written_at(link, row)
                client = link.kind == "message" and not link.staff
                staff_id = int(link.author.partition(":")[2]) if link.staff else 0
                own = OwnMessage(row.message_id, when, staff_id, span) if client or staff_id else None
                context.links.message_found(link.ticket, when, own, row.created_at)
                message = link.ticket_message or link.part_of
                if client and message:
                    context.links.client_wrote(link.ticket, when, message, row.message_id)
                context.links.message_done(link.id, row.message_id)
                self._count(link)
                return
        self._not_made(link)

    def _count(self, link: MessageLink) -> None:
        """A message or note of a person was delivered; its files, and what the module says itself, are no messages."""
        if not (link.part_of or link.is_own or link.kind == "system"):
            tally.found(self.context, link.direction)

    def _written_at(self, link: MessageLink, row: Message) -> tuple[float, float]:
        """When Omnidesk got our message, and within how many seconds from then on. Its date may be one that we gave it:
        of the future, or long before the call."""
        now = self.context.client.now
        began = float(int(link.intent_at + now - self.context.clock()))
        dated = began - row.created_at > LONGEST_CALL
        return (began, LONGEST_CALL) if dated else (min(row.created_at, now), 0.0)

    def _not_made(self, link: MessageLink) -> None:
        """The other side answers, and this has not arrived: nothing is tried for ever."""
        if self._source_went(link):
            self.context.links.forget_intent(link.id)
        elif link.part_of or link.is_own:  # these count their tries themselves
            self.context.links.forget_intent(link.id)
            self.context.links.message_missing(link.id, link.tries + 1)
        else:
            nothing_found(self.context, link)

    def _not_ended(self, link: MessageLink) -> None:
        """A reply that is not in the ticket has not ended it either, as one call does both: who has ended it since, has
        read it."""
        if link.staff and self.context.links.ticket(link.ticket).own_end == ENDING:
            self.context.links.ticket_not_ended(link.ticket, 0)

    def _source_went(self, link: MessageLink) -> bool:
        """Whether its row was moved to another ticket meanwhile, which sends it; or its case takes part no more."""
        if link.direction == "out":
            return not (link.ticket_message or link.part_of or link.is_notice)
        ticket = self.context.links.ticket(link.ticket)
        return bool(ticket.case_gone) or ticket.case_id != link.case_id

    def _opening(self, link: MessageLink, thread: Listing[int, Message]) -> set[int]:
        """The message the case began with: ours too, but its id is not returned when the case is made (documented)."""
        done = self.context.links.messages(link.ticket, ("done",))
        untold = any(one.case_id == link.case_id and not one.external_message for one in done)
        ours = [row.message_id for row in thread.rows.values() if row.user_id and not row.note]
        return {min(ours)} if untold and ours and thread.whole else set()

    def _written(self, link: MessageLink) -> None:
        """Look for our message in the ticket; its text is known by its digest only."""
        if link.is_correction and is_edited(self.context, link):
            log.warning("ticket %s: the edit of an earlier run has taken effect", link.ticket)
            return
        written = found_written(self.context, link, "", certain=False)
        if written is None:
            moved = found_moved(self.context, link)
            if moved is None:
                self._not_made(link)
                self._not_ended(link)
                return
            log.warning(
                "ticket %s: message %s of an earlier run was moved to ticket %s", link.ticket, moved.id, moved.ticket
            )
            if self.context.links.message(link.kind, moved.id) is not None:  # that ticket has sent it as its own
                self.context.links.add_done(replace(link, state="skipped"))
                return
            written = moved
        log.warning("ticket %s: %s %s of an earlier run is adopted", link.ticket, link.kind, written.id)
        self.context.links.message_delivered(link.id, link.kind, written.id)
        self._count(link)
        if link.kind == "message" and not link.staff:
            self.context.links.client_wrote(link.ticket, 0.0, written.id)
        forget(self.context, link.ticket, link.external_message)
