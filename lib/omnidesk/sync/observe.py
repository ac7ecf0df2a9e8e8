"""Both sides of one ticket and what the links say, read into a :class:`omnidesk.sync.view.View`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar, cast

from omnidesk.billmanager.models import Ticket, TicketMessage, TicketNote
from omnidesk.billmanager.reader import BATCH
from omnidesk.context import Context
from omnidesk.core.errors import Failure, Gone, Misconfigured, Paused, Refused, TryLater
from omnidesk.helpdesk.models import Case, Message
from omnidesk.store.blocked_clients import BlockedClient
from omnidesk.store.holds import TICKET
from omnidesk.store.models import ENDING, MessageLink, TicketLink, UserLink
from omnidesk.store.state import TicketFacts
from omnidesk.sync import actions as do
from omnidesk.sync import clients, edit_actions, edits, notices
from omnidesk.sync.assignee import Holders
from omnidesk.sync.counterparts import holders
from omnidesk.sync.fields import case_fields, digest_of, user_data
from omnidesk.sync.merged_cases import own_replies, sharing
from omnidesk.sync.observations import (
    AnswerSeen,
    ClientSeen,
    EndedByStaff,
    EndSettled,
    Finding,
    TicketReplaced,
    learn,
    place,
)
from omnidesk.sync.priority import Priorities
from omnidesk.sync.read_case import CaseReader, Thread
from omnidesk.sync.routing import place_of
from omnidesk.sync.status_merge import newest_answer, read_here
from omnidesk.sync.ticket_identity import identify, missing
from omnidesk.sync.view import Policy, StatusMap, Stray, UserData, View

log = logging.getLogger("gather")
T = TypeVar("T")


@dataclass(frozen=True)
class Observation:
    """What both sides hold. ``findings`` are to be recorded; the view was made with them already.

    ``failure``: why the case could not be read; then the view is made from what is known without it. ``partial``: why
    something that nothing else depends on is missing in it (ratings, custom fields, notes). ``case`` and ``thread`` are
    what was read of the case, None when no event reported a change.
    """

    view: View
    findings: tuple[Finding, ...] = ()
    failure: Failure | None = None
    partial: tuple[Failure, ...] = ()
    case: Case | None = None
    thread: Thread | None = None


class Observer:
    """Reads one ticket and writes nothing. What was read of the case is kept over the rounds of one reconciliation."""

    def __init__(self, context: Context, ticket: int, *, full: bool = False) -> None:
        self.context = context
        self.ticket = ticket
        self._case = CaseReader(context, ticket, full=full)
        self._awaited: dict[tuple[str, int], do.Notify] = {}
        self._partial: list[Failure] = []
        self._none: dict[str, object] = {}  # what there was none of when it was read
        self._user_link: UserLink | None = None  # the client's, as it was read
        self._known = False  # that the ticket is the one that was linked

    def follow(self, done: Collection[do.Action], *, all_done: bool) -> None:
        """Take into account what was carried out: the next look reads what it asked for, and what may have changed."""
        self._case.follow(done)
        if not (all_done and all(isinstance(one, do.SAME_CASE) for one in done)):
            self._none.clear()
            self._user_link = None

    def observe(self) -> Observation:
        """Both sides as of now. API calls are made only when an event reported a change of the case.

        The messages are read before the ticket: one that the client writes between the two is then seen in the next
        round, and never in a ticket that nobody had before he wrote, as if staff had read and ended it.
        """
        context, links = self.context, self.context.links
        rows = context.reader.unlinked_messages(self.ticket)
        ticket = context.reader.ticket(self.ticket)
        link = links.ticket(self.ticket)
        if ticket is None:
            return self._without_ticket(link)
        findings = [] if self._known else identify(context, ticket, link)
        self._known = True
        link = learn(link, findings)
        another = any(isinstance(one, TicketReplaced) for one in findings)
        if link.held == TICKET:  # the guard holds its change of state back: to the plan it is as agreed
            ticket = replace(ticket, status=link.ticket_status)
        begun = [] if another else links.messages(self.ticket, ("intent", "refused"))
        intents = tuple(one for one in begun if one.intent_at)
        if intents or link.intent_at:
            return Observation(View(ticket, link, intents=intents), tuple(findings))
        self._partial = []
        if link.own_end == ENDING:
            findings.append(EndSettled(self._not_read(link, rows)))
        failure = self._case.read(link, findings)
        self._partial += self._case.problems
        view = self._view(ticket, learn(link, findings), begun, rows, findings)
        read = read_here(view, ticket)
        if read > link.read_here:
            findings.append(EndedByStaff(read))
            view = replace(view, link=learn(view.link, findings[-1:]))
        answer = newest_answer(view)
        if answer > view.link.answered and view.link.own_messages:  # the status may be asked for after it is delivered
            findings.append(AnswerSeen(answer))
        if link.former and failure is None:
            strays, problem = self._former(link)
            view = replace(view, strays=strays)
            if problem is not None:
                self._partial.append(problem)
        return Observation(view, tuple(findings), failure, tuple(self._partial), self._case.case, self._case.thread)

    def _not_read(self, link: TicketLink, rows: list[TicketMessage]) -> int:
        """Up to which message nobody can have meant an ending of ours that may have taken effect; 0: somebody did.

        A ticket that we took to write into it was ended before, and we only leave it so, unless the client wrote since.
        An employee whose message came last (what had come before the ending has been sent) has read the others.
        """
        last = next((one for one in reversed(rows) if one.by_person), None)
        if last is not None and not last.author.is_client:
            return 0
        reader = self.context.reader
        new = reader.messages_after(self.ticket, link.taken_end) if link.taken_end else []
        by_others = link.taken_end and not any(one.author.is_client for one in new)
        return 0 if by_others else reader.highest(self.ticket, "message")

    def _without_ticket(self, link: TicketLink) -> Observation:
        """The ticket was deleted: what agents write in its case reaches nobody, which they have to learn."""
        begun = [one for one in self.context.links.messages(self.ticket, ("intent",)) if one.is_own]
        doubts = tuple(one for one in begun if one.intent_at and one.direction == "out")
        gone = tuple(missing(self.context, link))
        if doubts or not link.has_case or not link.look_messages:
            return Observation(View(None, link, intents=doubts, unwritten=tuple(begun)), gone)
        try:
            thread = self._case.thread_of(link)
            rows = own_replies(self.context, link, thread.messages)
            edited = edit_actions.found(self.context, link, thread, self._case.linked(thread))
        except Refused as refusal:
            findings: list[Finding] = list(gone)
            failure = self._case.explained(link, findings, refusal)
            return Observation(View(None, learn(link, findings)), tuple(findings), failure)
        except Failure as failure:
            return Observation(View(None, link), gone, failure)
        strays = (
            notices.of_deleted_ticket(self.context, link, rows),
            *edit_actions.of_deleted_ticket(self.context, edited),
        )
        view = View(
            None, link, unwritten=tuple(begun), strays=strays, read_up_to=thread.up_to, read_covers=thread.covers
        )
        return Observation(view, gone)

    def _former(self, link: TicketLink) -> tuple[tuple[Stray, ...], Failure | None]:
        """Replies that agents wrote in earlier cases of the ticket."""
        found: list[Stray] = []
        for case_id in link.former:
            rows: list[Message] = []
            try:
                rows = self._messages_of_former(case_id)
            except Gone:
                log.info("ticket %s: its earlier case %s is gone", self.ticket, case_id)
            except Failure as failure:
                return (), failure
            known = self.context.links.by_external([one.message_id for one in rows])
            new = [one for one in rows if one.message_id not in known]
            found.append(notices.in_former_case(self.context, link, case_id, new))
        return tuple(found), None

    def _messages_of_former(self, case_id: int) -> list[Message]:
        try:
            return self.context.client.messages(case_id)
        except Refused:
            self.context.client.case(case_id)  # says in its own words that it is gone
            raise

    def _view(
        self,
        ticket: Ticket,
        link: TicketLink,
        begun: list[MessageLink],
        rows: list[TicketMessage],
        findings: list[Finding],
    ) -> View:
        reader = self.context.reader
        messages = tuple(one for one in rows if one.by_person)
        more = len(rows) >= BATCH and not link.case_id
        read = self._case.thread
        thread = read if read and read.case_id == link.case_id else None
        linked = self._case.linked(thread)
        blocked, replies = self._blocked(ticket, link), self._case.replies(link, thread, linked)
        return View(
            ticket=ticket,
            link=link,
            messages=messages,
            system=tuple(one for one in rows if not one.by_person),
            newest=reader.newest_message(self.ticket) if more else None,
            notes=self._alone(lambda: self._notes() if link.has_case else (), ()),
            parts=self._parts(begun),
            openers=self._openers(link, thread),
            all_read=thread is None or not thread.broken,
            replies=replies,
            notices=self._alone(
                lambda: (
                    *self._notices(ticket, link, begun, thread, replies, blocked),
                    *self._late(begun),
                ),
                (),
            ),
            edits=self._alone(lambda: tuple(edit_actions.observed(self.context, ticket, link, thread, linked)), ()),
            unwritten=tuple(one for one in begun if one.is_own and one.state == "intent"),
            blocked=blocked,
            read_up_to=thread.up_to if thread else 0.0,
            read_covers=thread.covers if thread else -1.0,
            user=self._alone(lambda: self._user(ticket, link, findings), None),
            ratings=self._alone(lambda: self._ratings(findings), ()),
            holders=self._alone(lambda: self._holders(ticket, link), None),
            priorities=self._alone(lambda: self._priorities(link), None),
            case_is_fresh=self._case.is_fresh(self._facts.polled),
            case_was_read=self._case.case is not None and self._case.case.case_id == link.case_id,
            history=self._case.history,
            status_map=StatusMap(*self.context.settings.status_map),
            place=self._alone(lambda: place_of(self.context, ticket, link), None),
            **self._alone(lambda: self._case_fields(link), dict[str, Any]()),
        )

    def _notes(self) -> tuple[TicketNote, ...]:
        return self._once("notes", lambda: tuple(self.context.reader.unlinked_notes(self.ticket)))

    def _once(self, what: str, read: Callable[[], T]) -> T:
        """What is not read again when there was none: what comes meanwhile brings the ticket up again by itself.

        Only while what was carried out cannot have made any (:meth:`follow`).
        """
        if what in self._none:
            return cast("T", self._none[what])
        found = read()
        if not found:
            self._none[what] = found
        return found

    def _alone(self, read: Callable[[], T], nothing: T) -> T:
        """What nothing else depends on: when it cannot be read it is missing, and everything else goes on."""
        try:
            return read()
        except (Paused, Misconfigured):
            raise
        except Failure as failure:
            self._partial.append(failure)
        except Exception as error:  # an internal error in one of these must not cost the ticket its messages
            log.exception("ticket %s", self.ticket)
            self._partial.append(TryLater("internal", str(self.ticket), type(error).__name__))
        return nothing

    def _notices(
        self,
        ticket: Ticket,
        link: TicketLink,
        begun: list[MessageLink],
        thread: Thread | None,
        replies: Sequence[Message],
        blocked: BlockedClient | None,
    ) -> tuple[do.Notify, ...]:
        """What staff have to learn; a client who waits is asked for only where no case would be made for him."""
        waits = bool(blocked and self.context.reader.waiting(self.ticket))
        read = thread.messages if thread else ()
        facts = notices.Facts(ticket, link, begun, read, replies, blocked if waits else None)
        return notices.due(self.context, facts)

    def _late(self, begun: list[MessageLink]) -> list[do.Notify]:
        """Messages that staff were notified are not delivered, and that have been sent in this reconciliation."""
        self._awaited |= notices.late(self.context, begun)
        waiting = {notices.key(one) for one in begun}
        if not self._awaited.keys() - waiting:
            return []
        over = {notices.key(one) for one in self.context.links.messages(self.ticket, ("done",))} - waiting
        notified = self.context.links.notice_marks(self.ticket)
        return [one for which, one in self._awaited.items() if which in over and one.mark not in notified]

    def _blocked(self, ticket: Ticket, link: TicketLink) -> BlockedClient | None:
        """Whether a new case of the ticket's client would start in spam; asked only where one would be made."""
        client = ticket.client.user if ticket.client else link.client_user
        if link.has_case or (ticket.client is not None and clients.known(self.context, ticket.client) is None):
            return None
        return self.context.blocked.get(client)

    @cached_property
    def _facts(self) -> TicketFacts:
        return self.context.state.of_ticket(self.ticket)

    def policy(self, ticket: Ticket | None) -> Policy:
        settings, covers = self.context.settings, self.context.covers(ticket)
        return Policy(
            settings.sync_notes,
            settings.system_messages == "note",
            covers,
            self.context.levels,
            self.context.first_message(),
        )

    def _parts(self, begun: list[MessageLink]) -> tuple[MessageLink, ...]:
        """What brings more files of messages that have been sent. Those of others are divided again with them."""
        waiting = sorted(
            (one for one in begun if one.part_of and one.state == "intent"), key=lambda one: (one.part_of, one.part)
        )
        whole = {one: self.context.links.message("message", one) for one in {part.part_of for part in waiting}}
        gone_over = {number for number, link in whole.items() if link is not None and link.state == "done"}
        return tuple(one for one in waiting if one.part_of in gone_over)

    def _openers(self, link: TicketLink, thread: Thread | None) -> tuple[MessageLink, ...]:
        """Ours without an id in Omnidesk: the opening message. Looked for only in a thread read to its start."""
        if thread is None or not thread.whole or not link.has_case:
            return ()
        untold = self._once("openers", lambda: self.context.links.openers(self.ticket))
        return tuple(one for one in untold if one.case_id == link.case_id or link.joined_at)

    def _holders(self, ticket: Ticket, link: TicketLink) -> Holders | None:
        """Who works on it; a case that several tickets share has no one ticket's."""
        if not self.context.settings.sync_assignee or not link.has_case or link.shared:
            return None
        return holders(self.context, ticket, link)

    def _priorities(self, link: TicketLink) -> Priorities | None:
        if self.context.settings.sync_priority is None or not link.has_case or link.shared:
            return None
        column = self.context.priority_column
        if not column.name:
            return None
        raw, scale, there = column.of_ticket(self.ticket), column.scale, link.seen_priority
        return Priorities(raw, scale.read(raw), there, scale.write(there) if there else None)

    # Client data

    def _case_fields(self, link: TicketLink) -> dict[str, Any]:
        if not link.has_case or (link.joined_at and sharing(self.context, link)[0].ticket != self.ticket):
            return {}  # a shared case has the fields of the ticket it was made for
        values = case_fields(self.context, self.ticket)
        return {"case_fields": values, "case_fields_digest": digest_of(values)} if values else {}

    def _user(self, ticket: Ticket, link: TicketLink, findings: list[Finding]) -> UserData | None:
        if ticket.client is None or not link.has_case:
            return None
        now = clients.identity(self.context, ticket.client)
        known = self._user_link
        if known is None or (known.user, known.identity) != (ticket.client.user, now):
            known = clients.known(self.context, ticket.client, now)
            if known is not None and known.identity != now:
                findings.append(ClientSeen(ticket.client.user, now))
            self._user_link = known
        return user_data(
            self.context, ticket.client, known.external_user if known else 0, known.digest if known else ""
        )

    def _ratings(self, findings: list[Finding]) -> tuple[tuple[MessageLink, int], ...]:
        """Ratings that are not settled: those that stand in BILLmanager, and those that an event has brought."""
        found = []
        noted = self.context.state.noted_ratings(self.ticket) if self._facts.ratings else {}
        stored = self._once("stored", lambda: self.context.rating_column.of_ticket(self.ticket))
        for message, rating in sorted({**stored, **noted}.items()):
            link = self.context.links.message("message", message)
            if link is not None and link.state == "done" and (rating != link.rating or message in noted):
                found.append((place(self._rated(link), findings), rating))
        return tuple(found)

    def _rated(self, link: MessageLink) -> MessageLink:
        """The client who rates a correction rates the reply that it corrects."""
        reply = self.context.links.link(edits.corrected(link)) if link.is_correction else None
        if reply is None:
            return link
        return replace(link, external_message=reply.external_message, case_id=reply.case_id, staff=reply.staff)
