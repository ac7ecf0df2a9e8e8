"""Both sides of one ticket and what the links say, read into a :class:`omnidesk.plan.View`."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from omnidesk import actions as do
from omnidesk import edits, notices
from omnidesk.billing.objects import Person, Ticket
from omnidesk.context import Context
from omnidesk.errors import Gone, TryLater
from omnidesk.helpdesk.objects import Case, Message
from omnidesk.helpdesk.paging import LAST_PAGE, PAGE
from omnidesk.links.records import MessageLink, TicketLink
from omnidesk.merges import follow, merged, own_replies
from omnidesk.plan import Policy, UserData, View

log = logging.getLogger("gather")
EMPTY_READS = 4  # so many times in a row a thread without any message is not believed


def digest_of(values: Mapping[str, Any]) -> str:
    """A short identity of values to be sent."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:40]


def why_gone(case: Case) -> str:
    """Why a case takes no more messages; "" when it does."""
    if case.deleted:
        return "trash"
    if case.spam:
        return "spam"
    return "merged" if merged(case) else ""


class Gatherer:
    """Reads one ticket. What was read of the case by the API is kept over the rounds of one reconciliation."""

    def __init__(self, context: Context, ticket: int, *, full: bool = False) -> None:
        self.context = context
        self.ticket = ticket
        self.full = full  # read the case although nothing said that it has news
        self._read: list[Message] | None = None
        self._read_case = 0
        self._read_whole = False
        self._read_up_to = 0.0
        self._read_covers = -1.0
        self._pages = 0
        self._looked = False

    def view(self) -> View:
        """The view as of now. API calls are made only when something said that the case has news."""
        context, links = self.context, self.context.links
        ticket = context.reader.ticket(self.ticket)
        link = links.ticket(self.ticket)
        if ticket is None:
            return View(None, link)
        begun = links.messages(self.ticket, ("intent", "refused"))
        intents = tuple(one for one in begun if one.intent_at)
        if intents or link.intent_at:
            return View(ticket, link, intents=intents)
        link = self._look(link)
        return View(
            ticket=ticket,
            link=link,
            messages=tuple(context.reader.unlinked_messages(self.ticket)),
            notes=tuple(context.reader.unlinked_notes(self.ticket)) if link.has_case else (),
            parts=self._parts(begun),
            openers=self._openers(link),
            replies=self._replies(link),
            notices=(*notices.due(context, link, begun, self._read or ()), *self._changes(link)),
            late=notices.late(context, begun),
            read_up_to=self._read_up_to if self._read_case == link.case_id else 0.0,
            read_covers=self._read_covers,
            user=self._user(ticket, link),
            ratings=self._ratings(),
            **self._case_fields(link),
        )

    def policy(self, ticket: Ticket | None) -> Policy:
        wanted = self.context.departments
        places = {ticket.responsible, *(one.user for one in ticket.assignments)} if ticket else set()
        covers = not wanted or bool(places & wanted)
        settings = self.context.settings
        return Policy(settings.sync_notes, covers, self.context.levels)

    # The case

    def _look(self, link: TicketLink) -> TicketLink:
        """Ask for the case, or for its messages, if something said so; each at most once a reconciliation."""
        if not link.has_case or self._looked:
            return link
        self._looked = True
        try:
            if link.look_case or self.full:
                case = self.context.client.case(link.case_id)
                if merged(case) and self._is_left_unread(link):
                    return self.context.links.ticket(self.ticket)
                saw(self.context, link, case)
                link = self.context.links.ticket(self.ticket)
            if (link.look_messages or self.full) and link.has_case:
                self._read_messages(link)
        except Gone as gone:
            log.warning("ticket %s: case %s is gone (%s)", self.ticket, link.case_number or link.case_id, gone.value)
            self.context.links.lost_case(self.ticket, "deleted")
        return self.context.links.ticket(self.ticket)

    def _is_left_unread(self, link: TicketLink) -> bool:
        """Whether a case that was merged away still holds what is to be delivered; then it is followed a little later.

        Whether a merge takes the messages along is not documented.
        """
        try:
            self._read_messages(link)
        except TryLater:  # it holds nothing any more
            return False
        if not self._replies(link):
            return False
        self.context.queue.ring(self.ticket, "merged in Omnidesk", look_case=True)
        return True

    def _read_messages(self, link: TicketLink) -> None:
        """The case's messages from the newest back to what was read before; new rows shift pages, so ids decide."""
        found: dict[int, Message] = {}
        self._read_whole = False
        for page in range(1, LAST_PAGE + 1):
            rows = self.context.client.messages(link.case_id, page)
            self._pages = page
            found.update((row.message_id, row) for row in rows)
            self._read_whole = len(rows) < PAGE
            if self._read_whole or self._met_known([row.message_id for row in rows]):
                break
        if not found and link.attempts < EMPTY_READS:
            # A case has at least the message it began with. Perhaps it was merged, its messages with it: ask.
            self.context.links.set_ticket(self.ticket, look_case=1)
            raise TryLater("omnidesk_broken_answer", f"cases/{link.case_id}/messages", "no messages at all")
        self._read = [found[id] for id in sorted(found)]
        if link.joined_at and found:
            self.context.links.moved(self.ticket, link.case_id, sorted(found))
        self._read_case = link.case_id
        newest = max((row.created_at for row in self._read), default=0.0)
        # A message with a date of the future (we gave it, by a wrong clock) must not hide what comes until then.
        self._read_up_to = max(min(newest, self.context.client.now), link.seen_at)
        # Times are whole seconds: what comes later in the second of the read looks as if it had been read.
        surely = self.context.client.now > self._read_up_to
        self._read_covers = link.own_write_at if surely else -1.0

    def _met_known(self, page: list[int]) -> bool:
        """Whether everything older than this page was read before: it holds something that was read, or nothing new.

        A message of ours alone proves nothing: it may have been sent over others' that were not read.
        """
        known = self.context.links.known_external
        return bool(known(page, self.ticket, "in")) or len(known(page, self.ticket)) == len(page)

    def _replies(self, link: TicketLink) -> tuple[Message, ...]:
        if self._read is None or self._read_case != link.case_id or not link.has_case:
            return ()
        return own_replies(self.context, link, self._read)

    def _changes(self, link: TicketLink) -> Iterator[do.Notify]:
        """What was delivered to the ticket and changed in Omnidesk since; deletions only where one answer shows all."""
        if self._read is None or self._read_case != link.case_id or self.context.settings.omnidesk_edits == "off":
            return
        links = self.context.links.messages(self.ticket, ("done", "skipped", "refused"))
        told = {one.source for one in links if one.is_notice}
        delivered = {one.external_message: one for one in links if one.external_message}
        for one, now in edits.edited(self._read, delivered, told):
            yield notices.edited(self.context, edits.mark(one, edits.fingerprint(now)), now)
        here = [one for one in delivered.values() if one.case_id == link.case_id]
        for one in edits.deleted(self._read, self._read_whole, here, told) if self._pages == 1 else ():
            yield notices.deleted(self.context, edits.mark(one, edits.DELETED), one)

    def _parts(self, begun: list[MessageLink]) -> tuple[MessageLink, ...]:
        """What brings more files of messages that have gone over. Those of others are divided anew with them."""
        waiting = sorted(
            (one for one in begun if one.part_of and one.state == "intent"), key=lambda one: (one.part_of, one.part)
        )
        if not waiting:
            return ()
        gone_over = {one.ticket_message for one in self.context.links.messages(self.ticket, ("done",))}
        return tuple(one for one in waiting if one.part_of in gone_over)

    def _openers(self, link: TicketLink) -> tuple[MessageLink, ...]:
        """Ours without an id in Omnidesk: the opening message. Looked for only in a thread read to its start."""
        if self._read is None or not self._read_whole or not link.has_case:
            return ()
        untold = self.context.links.openers(self.ticket)
        return tuple(one for one in untold if one.case_id == link.case_id or link.joined_at)

    # Client data

    def _case_fields(self, link: TicketLink) -> dict[str, Any]:
        if not link.has_case or (link.joined_at and self.context.links.tickets_of_case(link.case_id)[0] != self.ticket):
            return {}  # a shared case has the fields of the ticket it was made for
        values = case_fields(self.context, self.ticket)
        return {"case_fields": values, "case_fields_digest": digest_of(values)} if values else {}

    def _user(self, ticket: Ticket, link: TicketLink) -> UserData | None:
        if ticket.client is None or not link.has_case:
            return None
        known = self.context.links.user(ticket.client.user)
        return user_data(
            self.context, ticket.client, known.external_user if known else 0, known.digest if known else ""
        )

    def _ratings(self) -> tuple[tuple[MessageLink, int], ...]:
        found = []
        for message, stars in self.context.reader.ratings(self.ticket):
            link = self.context.links.message("message", message)
            if link is not None and link.state == "done" and stars != link.rating:
                found.append((link, stars))
        return tuple(found)


def case_fields(context: Context, ticket: int) -> dict[str, Any]:
    """A ticket's case-level custom fields as they should be in Omnidesk; asks nobody when none is linked."""
    return context.fields.for_case(ticket, context.account.fields()) if context.field_links.current() else {}


def user_data(context: Context, client: Person, external_user: int, sent: str) -> UserData:
    """A client's name and user-level fields as they should be in Omnidesk."""
    fields = context.fields.for_user(client.user, context.account.fields()) if context.field_links.current() else {}
    digest = digest_of({"name": client.label, **fields})
    return UserData(client.user, external_user, client.label, fields, digest, sent)


def saw(context: Context, link: TicketLink, case: Case) -> TicketLink:
    """Take over what an answer says of the ticket's case; returns the link as it is then."""
    why = why_gone(case)
    if why == "merged" and follow(context, link, case):
        return context.links.ticket(link.ticket)
    if why:
        log.warning("ticket %s: case %s is gone (%s)", link.ticket, case.case_number, why)
        context.links.lost_case(link.ticket, why)
        return replace(link, case_gone=why)
    context.links.saw_case(link.ticket, case.status, case.updated_at)
    if has_news(link, case):
        context.links.set_ticket(link.ticket, look_messages=1)
    return context.links.ticket(link.ticket)


def has_news(link: TicketLink, case: Case) -> bool:
    """Whether the case may hold messages not read: it changed since it was read or written, or staff answered since.

    Our own writing moves ``updated_at`` over an earlier reply's time; ``last_response_at`` (the last staff reply)
    shows that reply all the same, unless our own write was a staff reply: for that case there is a later read.
    """
    ours = max(link.read_at, link.own_write_at)
    return case.updated_at > ours or case.last_response_at > max(link.read_at, link.own_reply_at)
