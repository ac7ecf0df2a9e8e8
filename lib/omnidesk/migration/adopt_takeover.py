"""Adopting one ticket: which message is which, what counts as delivered, and the rows that record it.

After it both sides count as equal: the states they have are the ones agreed on, what has no other side stays where it
is, and nothing is written to either product. Only what was clearly written since the last message that both have goes
over, by the ordinary way.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from omnidesk.billmanager.models import Person, Ticket, TicketMessage, TicketNote
from omnidesk.content import urls
from omnidesk.context import Context
from omnidesk.core.text import digest
from omnidesk.helpdesk.models import Message
from omnidesk.migration import adopt_said
from omnidesk.migration.adopt_cases import TABLE, Found, LeftAlone
from omnidesk.migration.adopt_match import numbers, subject
from omnidesk.migration.adopt_pairing import Pairing, Rest, pair, rest
from omnidesk.migration.adopt_search import Threads
from omnidesk.migration.adopt_tables import Original
from omnidesk.store.models import MessageLink
from omnidesk.sync import clients, edits
from omnidesk.sync.notices import shared_mark

log = logging.getLogger("adopt")
ALL = 1_000_000  # messages of one ticket
JUST_NOW = 2.0  # Omnidesk's times are whole seconds: what comes in the second of the read looks as if it had been read


@dataclass(frozen=True)
class Conversation:
    """What the ticket and the case hold that no link knows."""

    messages: Sequence[TicketMessage]
    notes: Sequence[TicketNote]
    rows: Sequence[Message]
    stayed: frozenset[int]  # of those in the case, what is still in one that was merged into it
    until: float  # when the last of all in the case was written

    @cached_property
    def here(self) -> dict[int, TicketMessage | TicketNote]:
        """The ticket's side by id; notes have negative ones."""
        return {one.id: one for one in self.messages} | {-one.id: one for one in self.notes}

    @cached_property
    def there(self) -> dict[int, Message]:
        """The case's side by id."""
        return {row.message_id: row for row in self.rows}


@dataclass(frozen=True)
class Takeover:
    """A ticket and its case, compared."""

    ticket: Ticket
    found: Found
    said: Conversation
    pairing: Pairing
    here: Rest
    there: Rest
    silent: int = 0  # of what stays in the case: records of the system, which nobody wrote


class Comparer:
    """Compares a ticket with the case that was found for it, and writes what came of it."""

    def __init__(self, context: Context, original: Original, threads: Threads) -> None:
        self.context = context
        self.original = original
        self.threads = threads

    def compare(self, ticket: Ticket, found: Found) -> Takeover | LeftAlone:
        """Read both sides and pair them; nothing is changed. A case that has nothing of the ticket is left alone."""
        said = self._read(ticket, found)
        here = adopt_said.of_ticket(said.messages, said.notes, self._clients(ticket, said.messages))
        there = adopt_said.of_case(said.rows, self.context.settings)
        pairing = pair(here, there, self.original.messages([one.id for one in said.messages]))
        if found.by == TABLE:
            found = replace(found, grounds=self._grounds(ticket, found, pairing))
            if not found.grounds:
                return LeftAlone("unlike", found.case.case_number or str(found.case.case_id))
        last = max((one.at for one in here), default=0.0)
        left_here = rest(here, said.until, [one for one, _ in pairing.pairs])
        left_there = rest(there, last, [other for _, other in pairing.pairs])
        if found.joined_at and self.context.links.tickets_of_case(found.case.case_id):
            left_there = Rest()  # whatever else is in a shared case is its first ticket's
        silent = sum(one.system for one in there if one.id in left_there.past)
        return Takeover(ticket, found, said, pairing, left_here, left_there, silent)

    def _read(self, ticket: Ticket, found: Found) -> Conversation:
        """Both sides, without what is linked already."""
        thread = self.threads.read(found.case.case_id)
        # Whether a merge takes the messages along is not documented.
        stayed = self.threads.read(found.first, may_be_empty=True) if found.joined_at else []
        rows = [*stayed, *thread]
        known = self.context.links.known_external([row.message_id for row in rows])
        return Conversation(
            self.context.reader.unlinked_messages(ticket.id, ALL),
            self.context.reader.unlinked_notes(ticket.id, ALL),
            [row for row in rows if row.message_id not in known],
            frozenset(row.message_id for row in stayed),
            max((row.created_at for row in rows if not row.is_system), default=0.0),
        )

    def _clients(self, ticket: Ticket, messages: Sequence[TicketMessage]) -> frozenset[int]:
        """Authors whose accounts were deleted, and who are known to have been clients."""
        deleted = {one.author.user for one in messages if not one.author.known and one.author.user}
        return frozenset(
            user for user in deleted if self.context.links.user(user) is not None or self.original.externals([user])
        )

    def _grounds(self, ticket: Ticket, found: Found, pairing: Pairing) -> tuple[str, ...]:
        """What speaks for a case that a table names: a table may be of another installation, or restored."""
        case = found.case
        users = [ticket.client.user] if ticket.client else []
        checks = {
            "messages": bool(pairing.known),
            "text": bool(pairing.same or pairing.alike),
            "subject": bool(subject(ticket.subject)) and subject(ticket.subject) == subject(found.subject),
            "number": ticket.id in numbers(found.subject),
            "user": case.user_id in self.original.externals(users),
        }
        return tuple(name for name, speaks in checks.items() if speaks)

    # Writing it down

    def write(self, taken: Takeover) -> None:
        """All rows of a ticket, or none; in the ticket's lock, right after :meth:`compare`."""
        ticket, case = taken.ticket.id, taken.found.case
        with self.context.db.transaction():
            self.context.links.ensure_ticket(ticket)
            self._adopt(taken)
            self._pairs(taken)
            for link in _left(taken):
                self.context.links.add_done(link)
            self._user(taken)
            self._make_due(taken)
        log.info("ticket %s: case %s adopted", ticket, case.case_number or case.case_id)

    def _adopt(self, taken: Takeover) -> None:
        ticket, case = taken.ticket, taken.found.case
        read_at = max(case.updated_at, case.last_response_at)
        self.context.links.case_adopted(
            ticket.id,
            case,
            ticket_status=ticket.status,
            client=ticket.client.user if ticket.client else 0,
            account=ticket.account,
            joined_at=taken.found.joined_at,
            read_at=read_at,
            unread=self.context.client.now - read_at < JUST_NOW,
        )

    def _pairs(self, taken: Takeover) -> None:
        links, ticket = self.context.links, taken.ticket.id
        ratings = self.context.rating_column.of_ticket(ticket)
        for id, external in taken.pairing.pairs:
            one, row = taken.said.here[id], taken.said.there[external]
            link = links.add_done(self._link(taken, id, one, row))
            if id > 0 and ratings.get(id):  # what was rated in the past is not rated again
                links.message_rated(link, ratings[id])

    def _link(self, taken: Takeover, id: int, one: TicketMessage | TicketNote, row: Message) -> MessageLink:
        inward = self._is_from_omnidesk(one, row)
        sender = f"staff:{row.staff_id}" if row.staff_id else f"user:{row.user_id}"
        return MessageLink(
            id=0,
            ticket=taken.ticket.id,
            kind="note" if id < 0 else "message",
            direction="in" if inward else "out",
            state="done",
            ticket_message=abs(id),
            case_id=taken.found.first if row.message_id in taken.said.stayed else taken.found.case.case_id,
            external_message=row.message_id,
            author=str(one.author.user) if inward else sender,
            digest=digest(one.text),
            staff=bool(row.staff_id) and id > 0,
            source=edits.fingerprint(row, urls.host(self.context.settings.url)) if inward else "",
            attached=edits.files(row) if inward else (),
        )

    def _is_from_omnidesk(self, one: TicketMessage | TicketNote, row: Message) -> bool:
        """Where it was written. Clients write in BILLmanager; of staff, the author or the time tells."""
        if one.author.is_client or not row.staff_id:
            return False
        return one.author.user in self._integration() or row.created_at < one.posted_at

    def _integration(self) -> set[int]:
        found: list[Person | None] = [self.context.integration_employee()]
        found.append(self.context.reader.employee_by_email(self.context.settings.replying_employee))
        return {person.user for person in found if person is not None}

    def _user(self, taken: Takeover) -> None:
        """The client's own row, unless he has one: then the module has made a user for him already."""
        client = taken.ticket.client
        if client is None or not taken.found.case.user_id:
            return
        known = clients.known(self.context, client)
        if known is None or not known.external_user:
            clients.remember(self.context, client, taken.found.case.user_id, None)

    def _make_due(self, taken: Takeover) -> None:
        """What is fresh is sent by the ordinary way; the scan and the poll would pass it over as known history."""
        ticket = taken.ticket.id
        if taken.here.fresh or taken.there.fresh:
            asked = [taken.said.here[id].posted_at for id in taken.here.fresh]
            answered = [taken.said.there[id].created_at for id in taken.there.fresh]
            self.context.queue.make_due(
                ticket,
                "adopted",
                look_messages=bool(taken.there.fresh),
                since=min([*asked, *answered]),
            )


def _left(taken: Takeover) -> Iterator[MessageLink]:
    """The links of what stays on the side where it is."""
    ticket, case_id = taken.ticket.id, taken.found.case.case_id
    for id in (*taken.here.past, *taken.here.doubtful):
        yield MessageLink(0, ticket, "note" if id < 0 else "message", "out", "skipped", abs(id), case_id)
    for id in (*taken.there.past, *taken.there.doubtful):
        yield MessageLink(0, ticket, "message", "in", "skipped", 0, case_id, id)
    if taken.found.joined_at:  # merged long ago, which staff know
        yield MessageLink(0, ticket, "note", "out", "skipped", source=shared_mark(case_id))
