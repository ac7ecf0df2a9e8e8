"""Both sides of one ticket and what the links say, read into a :class:`omnidesk.sync.view.View`."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from omnidesk.billmanager.models import Person, Ticket
from omnidesk.billmanager.reader import BATCH
from omnidesk.context import Context
from omnidesk.core.errors import Failure, Gone, Misconfigured, Paused, Refused, TryLater
from omnidesk.helpdesk.models import Case, Message, StatusChange
from omnidesk.helpdesk.paging import Listing, Page
from omnidesk.store.blocked_clients import BlockedClient
from omnidesk.store.holds import CASE, TICKET
from omnidesk.store.models import ENDING, MessageLink, TicketLink
from omnidesk.store.state import POLLED
from omnidesk.sync import actions as do
from omnidesk.sync import clients, compose, edits, notices
from omnidesk.sync.merged_cases import follow, merged, own_replies, sharing, survivor_of
from omnidesk.sync.observations import (
    CaseJoined,
    CaseLost,
    CaseSeen,
    ClientSeen,
    EndedByStaff,
    EndSettled,
    Finding,
    LookAgain,
    MessagesMoved,
    ThreadEmpty,
    TicketReplaced,
    learn,
    place,
)
from omnidesk.sync.spam import swallowed
from omnidesk.sync.status_merge import SAME_MOMENT, case_now, read_here
from omnidesk.sync.ticket_identity import identify, missing
from omnidesk.sync.view import Policy, Stray, UserData, View

log = logging.getLogger("gather")
JUST_NOW = 5.0  # seconds for which what a poll has shown is taken as it is
T = TypeVar("T")
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


@dataclass(frozen=True)
class Thread:
    """The messages of a case as they were read just now, by id.

    ``whole``: nothing is older than the first of them. ``pages``: how many answers brought them. ``up_to``: Omnidesk's
    time up to which they were read; ``covers``: our own writes up to this time hide nothing that was not read.
    ``broken``: how many messages could not be read; they are there all the same.
    """

    case_id: int
    messages: tuple[Message, ...]
    whole: bool
    pages: int
    up_to: float
    covers: float
    broken: int = 0


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
        self.full = full  # read the case although no event reported a change
        self._case: Case | None = None
        self._thread: Thread | None = None
        self._looked = False
        self._awaited: dict[tuple[str, int], do.Notify] = {}
        self._asked: set[type[do.Action]] = set()  # what the last plan wants to have read
        self._status_read = False  # Omnidesk has reported the case's status in this reconciliation
        self._history: tuple[StatusChange, ...] | None = None
        self._partial: list[Failure] = []
        self._known = False  # that the ticket is the one that was linked

    def follow(self, done: Iterable[do.Action]) -> None:
        """Take into account what was carried out: the next look reads what it asked for."""
        self._asked = {type(one) for one in done} & {do.ReadCase, do.ReadHistory}
        self._status_read = self._status_read or any(isinstance(one, (do.CreateCase, do.UpdateCase)) for one in done)

    def observe(self) -> Observation:
        """Both sides as of now. API calls are made only when an event reported a change of the case."""
        context, links = self.context, self.context.links
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
            findings.append(EndSettled(self._not_read(link)))
        failure = self._look(link, findings)
        view = self._view(ticket, learn(link, findings), begun, findings)
        read = read_here(view, ticket)
        if read > link.read_here:
            findings.append(EndedByStaff(read))
            view = replace(view, link=learn(view.link, findings[-1:]))
        if link.former and failure is None:
            strays, problem = self._former(link)
            view = replace(view, strays=strays)
            if problem is not None:
                self._partial.append(problem)
        return Observation(view, tuple(findings), failure, tuple(self._partial), self._case, self._thread)

    def _not_read(self, link: TicketLink) -> int:
        """Up to which message nobody can have meant an ending of ours that may have taken effect; 0: somebody did.

        A ticket that we took to write into it was ended before, and we only leave it so, unless the client wrote since.
        """
        reader = self.context.reader
        new = reader.messages_after(self.ticket, link.taken_end) if link.taken_end else []
        by_others = link.taken_end and not any(one.author.is_client for one in new)
        return 0 if by_others else reader.highest(self.ticket, "message")

    def _without_ticket(self, link: TicketLink) -> Observation:
        """The ticket was deleted: what agents write in its case reaches nobody, which they have to learn."""
        begun = [one for one in self.context.links.messages(self.ticket, ("intent",)) if one.is_notice]
        doubts = tuple(one for one in begun if one.intent_at and one.direction == "out")
        gone = tuple(missing(self.context, link))
        if doubts or not link.has_case or not link.look_messages:
            return Observation(View(None, link, intents=doubts, unwritten=tuple(begun)), gone)
        try:
            rows = own_replies(self.context, link, self._thread_of(link).messages)
        except Refused as refusal:
            findings: list[Finding] = list(gone)
            failure = self._explained(link, findings, refusal)
            return Observation(View(None, learn(link, findings)), tuple(findings), failure)
        except Failure as failure:
            return Observation(View(None, link), gone, failure)
        strays = (notices.of_deleted_ticket(self.context, link, rows),)
        return Observation(View(None, link, unwritten=tuple(begun), strays=strays), gone)

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

    def _view(self, ticket: Ticket, link: TicketLink, begun: list[MessageLink], findings: list[Finding]) -> View:
        reader = self.context.reader
        rows = reader.unlinked_messages(self.ticket)
        messages = tuple(one for one in rows if one.by_person)
        more = len(rows) >= BATCH and not link.case_id
        thread = self._thread if self._thread and self._thread.case_id == link.case_id else None
        blocked = self._blocked(ticket, link)
        return View(
            ticket=ticket,
            link=link,
            messages=messages,
            system=tuple(one for one in rows if not one.by_person),
            newest=reader.newest_message(self.ticket) if more else None,
            notes=self._alone(lambda: tuple(reader.unlinked_notes(self.ticket)) if link.has_case else (), ()),
            parts=self._parts(begun),
            openers=self._openers(link, thread),
            replies=self._replies(link, thread),
            notices=self._alone(
                lambda: (
                    *self._notices(ticket, link, begun, thread, blocked),
                    *self._changes(link, thread),
                    *self._late(begun),
                ),
                (),
            ),
            unwritten=tuple(one for one in begun if one.is_notice and one.state == "intent"),
            blocked=blocked,
            read_up_to=thread.up_to if thread else 0.0,
            read_covers=thread.covers if thread else -1.0,
            user=self._alone(lambda: self._user(ticket, link, findings), None),
            ratings=self._alone(lambda: self._ratings(findings), ()),
            case_is_fresh=self._status_read or self._was_polled(),
            history=self._history,
            **self._alone(lambda: self._case_fields(link), dict[str, Any]()),
        )

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
        blocked: BlockedClient | None,
    ) -> tuple[do.Notify, ...]:
        """What staff have to learn; a client who waits is asked for only where no case would be made for him."""
        waits = bool(blocked and self.context.reader.waiting(self.ticket))
        read, replies = thread.messages if thread else (), self._replies(link, thread)
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

    def policy(self, ticket: Ticket | None) -> Policy:
        settings, covers = self.context.settings, self.context.covers(ticket)
        return Policy(
            settings.sync_notes,
            settings.system_messages == "note",
            covers,
            self.context.levels,
            self.context.first_message(),
        )

    # The case

    def _look(self, link: TicketLink, findings: list[Finding]) -> Failure | None:
        """Ask for the case, or for its messages, if something said so; each once a reconciliation, and as planned.

        What is seen is added to ``findings``, also when a later call fails; that failure is returned.
        """
        if not link.has_case or (self._looked and not self._asked):
            return None
        first, self._looked = not self._looked, True
        try:
            if do.ReadCase in self._asked or (first and (link.look_case or self.full)):
                self._read_case(link, findings)
            if do.ReadHistory in self._asked:
                self._read_history(link)
            link, news = learn(link, findings), any(isinstance(one, CaseSeen) and one.news for one in findings)
            wanted = (link.look_messages or self.full) and self._thread is None if first else news
            if wanted and link.has_case:
                self._read_messages(link, findings)
        except Refused as refusal:
            return self._explained(link, findings, refusal)
        except Failure as failure:
            return failure
        return None

    def _explained(self, link: TicketLink, findings: list[Finding], refusal: Refused) -> Failure | None:
        """A deleted case's messages are refused in words that are not public: the case itself says what it is."""
        try:
            if self._case is None and not isinstance(refusal, Gone):
                self._read_case(link, findings)
        except Gone as gone:
            refusal = gone
        except Failure as failure:
            log.info("ticket %s: %s", self.ticket, failure)
        if isinstance(refusal, Gone):
            log.info("ticket %s: case %s: %s", self.ticket, link.case_number or link.case_id, refusal.value)
            if link.held == CASE:  # the guard holds it back
                return None
            findings.append(CaseLost("deleted", link.case_number or str(link.case_id)))
        return None if any(isinstance(one, (CaseLost, CaseJoined)) for one in findings) else refusal

    def _read_case(self, link: TicketLink, findings: list[Finding]) -> None:
        case = self.context.client.case(link.case_id)
        self._status_read = True
        if merged(case) and self._is_left_unread(link, findings):
            self._case = case
            findings.append(LookAgain("merged in Omnidesk"))
            return
        found = judge(self.context, link, case)
        self._case = found.survivor if isinstance(found, CaseJoined) else case
        findings.append(found)

    def _was_polled(self) -> bool:
        """Whether a poll has just shown all cases that had changed."""
        began = self.context.state.get(POLLED)
        return began is not None and 0 <= self.context.clock() - float(began) < JUST_NOW

    def _read_history(self, link: TicketLink) -> None:
        """Who gave the case its statuses; a history that cannot be read proves nothing."""
        self._history = ()
        try:
            mine = self.context.account.staff_by_email(self.context.settings.email)
            by = f"staff_{mine.staff_id}" if mine else ""
            history = self.context.client.status_changes(link.case_id)
            self._history = tuple(replace(one, key=one.by == by) for one in history)
        except (Refused, TryLater) as failure:
            log.warning("ticket %s: history of case %s: %s", self.ticket, link.case_number or link.case_id, failure)

    def _is_left_unread(self, link: TicketLink, findings: list[Finding]) -> bool:
        """Whether a case that was merged away still holds what is to be delivered; then it is followed a little later.

        Whether a merge takes the messages along is not documented.
        """
        try:
            thread = self._thread_of(link)
        except Refused:  # it shows none any more
            return False
        if not thread.messages or not self._replies(link, thread):
            return False
        self._keep(link, thread, findings)
        return True

    def _read_messages(self, link: TicketLink, findings: list[Finding]) -> None:
        thread = self._thread_of(link)
        if not thread.messages and link.attempts < EMPTY_READS:
            # A case has at least the message it began with. Perhaps it was merged, its messages with it: ask.
            findings.append(ThreadEmpty())
            raise TryLater("omnidesk_broken_answer", f"cases/{link.case_id}/messages", "no messages at all")
        self._keep(link, thread, findings)

    def _keep(self, link: TicketLink, thread: Thread, findings: list[Finding]) -> None:
        self._thread = thread
        if thread.broken:
            path, words = f"cases/{link.case_id}/messages", f"{thread.broken} of its messages cannot be read"
            self._partial.append(Refused("omnidesk_broken_answer", path, words))
        if link.joined_at and thread.messages:
            findings.append(MessagesMoved(link.case_id, tuple(one.message_id for one in thread.messages)))

    def _thread_of(self, link: TicketLink) -> Thread:
        """The case's messages from the newest back to what was read before; new rows shift pages, so ids decide."""
        client, listing, broken = self.context.client, Listing[int, Message](lambda row: row.message_id), [0]

        def known(page: Page[Message]) -> bool:
            broken[0] += page.broken
            return self._met_known([row.message_id for row in page])

        found = listing.read(lambda _, page: client.messages(link.case_id, page, strict=False), known)
        messages, now = tuple(found[id] for id in sorted(found)), client.now
        newest = max((row.created_at for row in messages), default=0.0)
        # A message with a date of the future (we gave it, by a wrong clock) must not hide what comes until then.
        up_to = max(min(newest, now), link.seen_at)
        # Times are whole seconds: what comes later in the second of the read looks as if it had been read.
        covers, whole = link.own_write_at if now > up_to else -1.0, listing.whole and not broken[0]
        return Thread(link.case_id, messages, whole, listing.calls, up_to, covers, broken[0])

    def _met_known(self, page: list[int]) -> bool:
        """Whether everything older than this page was read before: it holds something that was read, or nothing new.

        A message of ours alone proves nothing: it may have been sent over others' that were not read.
        """
        known = self.context.links.known_external
        return bool(known(page, self.ticket, "in")) or len(known(page, self.ticket)) == len(page)

    def _replies(self, link: TicketLink, thread: Thread | None) -> tuple[Message, ...]:
        """The messages to be delivered to the ticket."""
        return own_replies(self.context, link, thread.messages) if thread and link.has_case else ()

    def _changes(self, link: TicketLink, thread: Thread | None) -> Iterator[do.Notify]:
        """What was delivered to the ticket and changed in Omnidesk since; deletions only where one answer shows all."""
        if thread is None or self.context.settings.omnidesk_edits == "off":
            return
        links = self.context.links.messages(self.ticket, ("done", "skipped", "refused"))
        notified = {one.source for one in links if one.is_notice}
        delivered = {one.external_message: one for one in links if one.external_message}
        for one, now in edits.edited(thread.messages, delivered, notified):
            yield notices.edited(self.context, edits.mark(one, edits.fingerprint(now)), now)
        here = [one for one in delivered.values() if one.case_id == link.case_id]
        complete = thread.pages == 1 and not thread.broken
        for one in edits.deleted(thread.messages, thread.whole, here, notified) if complete else ():
            yield notices.deleted(self.context, edits.mark(one, edits.DELETED), one)

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
        untold = self.context.links.openers(self.ticket)
        return tuple(one for one in untold if one.case_id == link.case_id or link.joined_at)

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
        known = clients.known(self.context, ticket.client, now)
        if known is not None and known.identity != now:
            findings.append(ClientSeen(ticket.client.user, now))
        return user_data(
            self.context, ticket.client, known.external_user if known else 0, known.digest if known else ""
        )

    def _ratings(self, findings: list[Finding]) -> tuple[tuple[MessageLink, int], ...]:
        """Ratings that are not settled: those that stand in BILLmanager, and those that an event has brought."""
        found, noted = [], self.context.state.noted_ratings(self.ticket)
        for message, rating in sorted({**self.context.rating_column.of_ticket(self.ticket), **noted}.items()):
            link = self.context.links.message("message", message)
            if link is not None and link.state == "done" and (rating != link.rating or message in noted):
                found.append((place(link, findings), rating))
        return tuple(found)


def case_fields(context: Context, ticket: int) -> dict[str, Any]:
    """A ticket's case-level custom fields as they should be in Omnidesk; asks nobody when none is linked."""
    return context.fields.for_case(ticket, context.account.fields()) if context.field_links.current() else {}


def user_data(context: Context, client: Person, external_user: int, sent: str) -> UserData:
    """A client's name and user-level fields as they should be in Omnidesk."""
    fields = context.fields.for_user(client.user, context.account.fields()) if context.field_links.current() else {}
    name = compose.person_name(client)
    digest = digest_of({"name": name, **fields})
    return UserData(client.user, external_user, name, fields, digest, sent)


def judge(context: Context, link: TicketLink, case: Case) -> Finding:
    """What an answer says of the ticket's case. The case that a merge leads to is asked for."""
    if link.held == CASE and (why_gone(case) or case.status != "open"):  # what was written in it is sent all the same
        news = has_news(link, case) and not why_gone(case)
        return CaseSeen(link.seen_status, link.seen_at, news, staff=case.staff_id)
    why = why_gone(case)
    survivor = survivor_of(context, case) if why == "merged" else None
    joined = follow(context, link, case, survivor)
    if joined is not None:
        return joined
    if why:
        unseen = why in ("trash", "spam") and swallowed(link, case)
        return CaseLost(why, case.case_number or str(case.case_id), unseen, survivor.case_id if survivor else 0)
    filled = bool(link.refused_status) and digest_of(case.custom_fields) != link.refused_fields
    user = case.user_id if case.user_id != link.external_user else 0
    return CaseSeen(case.status, case.updated_at, has_news(link, case), case.closed_at, filled, user, case.staff_id)


def has_news(link: TicketLink, case: Case) -> bool:
    """Whether the case may hold messages not read: it changed since it was read or written, or staff answered since.

    Our own writing moves ``updated_at`` over an earlier reply's time; ``last_response_at`` shows that reply all the
    same, unless our own write was a staff reply: for that case there is a later read.
    """
    return case.updated_at > max(link.read_at, link.own_write_at) or answered(link, case)


def answered(link: TicketLink, case: Case) -> bool:
    """Whether ``last_response_at`` is the time of a message that was neither read nor written by us.

    It is the time of the last reply of staff; on some accounts the client's messages move it, too. A reply in the very
    second of the client's message is recognised by what it does to the case.
    """
    at = case.last_response_at
    dated = abs(link.own_client_at - link.client_stamp) > SAME_MOMENT  # which of the two counts is not known then
    ours = at == link.client_stamp or (dated and 0 <= at - link.own_client_at <= SAME_MOMENT)
    return at > max(link.read_at, link.own_reply_at) and not (ours and not _was_touched(link, case))


def _was_touched(link: TicketLink, case: Case) -> bool:
    """Whether the case shows that staff did something in it: a reply makes its author the assignee, and may end the
    case. No message of a client does."""
    return case.staff_id != link.seen_staff or (case.status != "open" and case.status != case_now(link))
