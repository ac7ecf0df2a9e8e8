"""Reading a ticket's case: the case itself, its messages, its history. Nothing is written."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace

from omnidesk.context import Context
from omnidesk.core.errors import Failure, Gone, Refused, TryLater
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk.models import Case, Message, StatusChange
from omnidesk.helpdesk.paging import Listing, Page
from omnidesk.store.holds import CASE
from omnidesk.store.messages import ThreadLinks
from omnidesk.store.models import TicketLink
from omnidesk.sync import actions as do
from omnidesk.sync.case_state import judge
from omnidesk.sync.merged_cases import merged, own_replies
from omnidesk.sync.observations import (
    CaseJoined,
    CaseLost,
    CaseSeen,
    Finding,
    LookAgain,
    MessagesMoved,
    ThreadEmpty,
    learn,
)

log = logging.getLogger("gather")
JUST_NOW = 5.0  # seconds for which what a poll has shown is taken as it is
EMPTY_READS = 4  # so many times in a row a thread without any message is not believed


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


class CaseReader:
    """Reads the case of one ticket. What was read is kept over the rounds of one reconciliation.

    ``full``: the case is read although no event reported a change. ``problems``: what is missing in the messages read
    last.
    """

    def __init__(self, context: Context, ticket: int, *, full: bool) -> None:
        self.context = context
        self.ticket = ticket
        self.full = full
        self.case: Case | None = None
        self.thread: Thread | None = None
        self.history: tuple[StatusChange, ...] | None = None
        self.problems: list[Failure] = []
        self._looked = False
        self._asked: set[type[do.Action]] = set()  # what the last plan wants to have read
        self._status_read = False  # Omnidesk has reported the case's status in this reconciliation

    def follow(self, done: Iterable[do.Action]) -> None:
        """Take into account what was carried out: the next look reads what it asked for."""
        self._asked = {type(one) for one in done} & {do.ReadCase, do.ReadHistory}
        self._status_read = self._status_read or any(isinstance(one, (do.CreateCase, do.UpdateCase)) for one in done)

    def is_fresh(self, polled: float | None) -> bool:
        """Whether Omnidesk reported the case's status just now: to us, or in a poll (which began at this time)."""
        return self._status_read or (polled is not None and 0 <= self.context.clock() - polled < JUST_NOW)

    def read(self, link: TicketLink, findings: list[Finding]) -> Failure | None:
        """Ask for the case, or for its messages, if something said so; each once a reconciliation, and as planned.

        What is seen is added to ``findings``, also when a later call fails; that failure is returned.
        """
        self.problems = []
        if not link.has_case or (self._looked and not self._asked):
            return None
        first, self._looked = not self._looked, True
        try:
            if do.ReadCase in self._asked or (first and (link.look_case or self.full)):
                self._read_case(link, findings)
            if do.ReadHistory in self._asked:
                self._read_history(link)
            link, news = learn(link, findings), any(isinstance(one, CaseSeen) and one.news for one in findings)
            wanted = (link.look_messages or self.full) and self.thread is None if first else news
            if wanted and link.has_case:
                self._read_messages(link, findings)
        except Refused as refusal:
            return self.explained(link, findings, refusal)
        except Failure as failure:
            return failure
        return None

    def explained(self, link: TicketLink, findings: list[Finding], refusal: Refused) -> Failure | None:
        """A deleted case's messages are refused in words that are not public: the case itself says what it is."""
        try:
            if self.case is None and not isinstance(refusal, Gone):
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
            self.case = case
            findings.append(LookAgain("merged in Omnidesk"))
            return
        found = judge(self.context, link, case)
        self.case = found.survivor if isinstance(found, CaseJoined) else case
        findings.append(found)

    def _read_history(self, link: TicketLink) -> None:
        """Who gave the case its statuses; a history that cannot be read proves nothing."""
        self.history = ()
        try:
            mine = self.context.account.staff_by_email(self.context.settings.email)
            by = f"staff_{mine.staff_id}" if mine else ""
            history = self.context.client.status_changes(link.case_id)
            self.history = tuple(replace(one, key=one.by == by) for one in history)
        except (Refused, TryLater) as failure:
            log.warning("ticket %s: history of case %s: %s", self.ticket, link.case_number or link.case_id, failure)

    def _is_left_unread(self, link: TicketLink, findings: list[Finding]) -> bool:
        """Whether a case that was merged away still holds what is to be delivered; then it is followed a little later.

        Whether a merge takes the messages along is not documented.
        """
        try:
            thread = self.thread_of(link)
        except Refused:  # it shows none any more
            return False
        if not thread.messages or not self.replies(link, thread):
            return False
        self._keep(link, thread, findings)
        return True

    def _read_messages(self, link: TicketLink, findings: list[Finding]) -> None:
        thread = self.thread_of(link)
        if not thread.messages and link.attempts < EMPTY_READS:
            # A case has at least the message it began with. Perhaps it was merged, its messages with it: ask.
            findings.append(ThreadEmpty())
            raise TryLater("omnidesk_broken_answer", f"cases/{link.case_id}/messages", Phrase("said.no_messages"))
        self._keep(link, thread, findings)

    def _keep(self, link: TicketLink, thread: Thread, findings: list[Finding]) -> None:
        self.thread = thread
        if thread.broken:
            path, words = f"cases/{link.case_id}/messages", f"{thread.broken} of its messages cannot be read"
            self.problems.append(Refused("omnidesk_broken_answer", path, words))
        if link.joined_at and thread.messages:
            findings.append(MessagesMoved(link.case_id, tuple(one.message_id for one in thread.messages)))

    def thread_of(self, link: TicketLink) -> Thread:
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
        # Times are whole seconds: what comes later in the second of the read, or of our last write, looks as if it had
        # been read.
        covers = link.own_write_at if now > max(up_to, link.own_write_at) else -1.0
        return Thread(link.case_id, messages, listing.whole, listing.calls, up_to, covers, broken[0])

    def _met_known(self, page: list[int]) -> bool:
        """Whether everything older than this page was read before: it holds something that was read, or nothing new.

        A message of ours alone proves nothing: it may have been sent over others' that were not read. Nor does a page
        without rows: the list says itself whether it ends there, or has to be read again.
        """
        known = self.context.links.known_external
        return bool(page) and (bool(known(page, self.ticket, "in")) or len(known(page, self.ticket)) == len(page))

    def linked(self, thread: Thread | None) -> ThreadLinks:
        """What is linked of the messages that were read."""
        ids = [one.message_id for one in thread.messages] if thread else []
        return self.context.links.of_thread(self.ticket, ids, thread.whole if thread else False)

    def replies(
        self, link: TicketLink, thread: Thread | None, linked: ThreadLinks | None = None
    ) -> tuple[Message, ...]:
        """The messages to be delivered to the ticket. ``linked``: what of them is linked, if it was read."""
        if thread is None or not link.has_case:
            return ()
        return own_replies(self.context, link, thread.messages, linked.known if linked else None)
