"""A client's cases in Omnidesk, matched with his tickets: what is the only match is known only when all are there."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from omnidesk.context import Context
from omnidesk.core.errors import Gone, Refused, TryLater
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk.client import LONGEST_RANGE
from omnidesk.helpdesk.models import Case, Message
from omnidesk.helpdesk.paging import PAGE, Listing
from omnidesk.migration import adopt_said
from omnidesk.migration.adopt_match import Asked, Held, Matches, match
from omnidesk.migration.adopt_pairing import Said, like
from omnidesk.migration.adopt_tables import Original
from omnidesk.sync.resolve import is_gone

log = logging.getLogger("adopt")
KEPT_CLIENTS = 20  # whose tickets and cases are remembered: tickets come by age, so clients take turns
KEPT_THREADS = 20
MOST_USERS = 50  # of one account
BATCH = 500
BEGINNING = 946684800.0  # the year 2000: all cases there are
CLOCKS_APART = 86400.0  # seconds that the panel's clock and Omnidesk's may differ


@dataclass
class Client:
    """What was found out of one client's account."""

    matches: Matches = field(default_factory=Matches)
    cases: dict[int, Case] = field(default_factory=dict)


@dataclass
class _Asked:
    """What was read for the client in hand: a pause for the account's next minute must not lose it."""

    account: int = 0
    lists: dict[tuple[str, int, float], Listing[int, Case]] = field(default_factory=dict)
    first_there: dict[int, Said | None] = field(default_factory=dict)
    first_here: dict[int, Said | None] = field(default_factory=dict)


class Threads:
    """Messages of cases, all of them, oldest first; the last few short ones are remembered."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._kept: OrderedDict[int, list[Message]] = OrderedDict()
        self._begun: tuple[int, Listing[int, Message]] = (0, _thread())

    def read(self, case_id: int, *, may_be_empty: bool = False) -> list[Message]:
        """A failed read raises; an empty thread is one, as a case has the message it began with, unless it was merged.

        A long thread may take more calls than a minute has: after a pause it is read on from where it was.
        """
        if case_id in self._kept:
            return self._kept[case_id]
        if self._begun[0] != case_id:
            self._begun = (case_id, _thread())
        found = self._begun[1].read(lambda key, page: self.context.client.messages(case_id, page))
        self._begun = (0, _thread())
        if not found and not may_be_empty:
            raise TryLater("omnidesk_broken_answer", f"cases/{case_id}/messages", Phrase("said.no_messages"))
        thread = [found[id] for id in sorted(found)]
        if len(thread) <= PAGE:
            self._kept[case_id] = thread
            while len(self._kept) > KEPT_THREADS:
                self._kept.popitem(last=False)
        return thread


def _thread() -> Listing[int, Message]:
    return Listing(lambda one: one.message_id)


class Search:
    """Looks through clients' cases. ``channels``: those that are looked through."""

    def __init__(self, context: Context, original: Original, threads: Threads, channels: Sequence[str]) -> None:
        self.context = context
        self.original = original
        self.threads = threads
        self.channels = tuple(channels)
        self._clients: OrderedDict[int, Client] = OrderedDict()
        self._asked = _Asked()
        self._by_years = False  # the account refuses a longer time at once

    def client(self, account: int) -> Client:
        """All of a client's tickets and cases without a link, matched: what is the only match is known only then."""
        if account not in self._clients:
            if self._asked.account != account:
                self._asked = _Asked(account)
            self._clients[account] = self._matched(account)
            self._asked = _Asked()
            while len(self._clients) > KEPT_CLIENTS:
                self._clients.popitem(last=False)
        return self._clients[account]

    def _matched(self, account: int) -> Client:
        users = self.context.history.users(account, MOST_USERS)
        held = self._cases(account, users)
        tickets = self._tickets(account) if held else []
        cases = [Held(case.case_id, case.subject, case.created_at, sure) for case, sure in held.values()]
        matches = match(tickets, cases, self._same_text)
        named = {one.case for one in matches.found.values()}.union(*matches.doubtful.values())
        return Client(matches, {id: held[id][0] for id in named})

    def _same_text(self, ticket: int, case: int) -> float:
        asked = self._asked
        if ticket not in asked.first_here:
            asked.first_here[ticket] = self._first_here(ticket)
        if case not in asked.first_there:
            asked.first_there[case] = self._first_there(case)
        mine, there = asked.first_here[ticket], asked.first_there[case]
        return like(mine, there) if mine is not None and there is not None else 0.0

    def _first_here(self, ticket: int) -> Said | None:
        messages = self.context.reader.messages_after(ticket, 0)[:1]
        return adopt_said.of_ticket(messages, (), frozenset())[0] if messages else None

    def _first_there(self, case_id: int) -> Said | None:
        try:
            rows = [row for row in self.threads.read(case_id) if not row.note and not row.is_system]
        except Refused as refusal:
            if isinstance(refusal, Gone) or is_gone(self.context, case_id):
                return None
            raise
        return adopt_said.of_case(rows[:1], self.context.settings)[0] if rows else None

    def _tickets(self, account: int) -> list[Asked]:
        """The account's tickets without a case, and without a row in the original's table."""
        names = self.context.history.caseless(account)
        found: list[Asked] = []
        for start in range(0, len(names), BATCH):
            some = list(names)[start : start + BATCH]
            some = sorted(set(some) - self.original.cases(some).keys())
            if not some:
                continue
            found += [Asked(ticket, names[ticket], at) for ticket, at in self.context.history.begun(some)]
        return found

    def _cases(self, account: int, users: list[int]) -> dict[int, tuple[Case, bool]]:
        """The client's cases that no ticket has, each with whether it certainly is his."""
        known = self.original.externals(users)
        ambiguous = self._ambiguous(account, users)
        found: dict[int, tuple[Case, bool]] = {}
        for custom_id in dict.fromkeys([*users, account]):
            sure = bool(known) or custom_id not in ambiguous
            for channel in self.channels:
                for case in self._list(channel, custom_id, account):
                    if not (case.deleted or case.spam or (known and case.user_id not in known)):
                        found[case.case_id] = (case, sure or found.get(case.case_id, (case, False))[1])
        return self._free(account, found)

    def _ambiguous(self, account: int, users: list[int]) -> set[int]:
        """Numbers that are one of a user of this client and one of another's account, or the other way round.

        Which of them the original gave to Omnidesk as the client's number is not public.
        """
        found = self.context.history.accounts_among(users) - {account} if users else set()
        return found | ({account} if self.context.history.is_user_of_another(account) else set())

    def _list(self, channel: str, custom_id: int, account: int) -> list[Case]:
        """All cases of a client's number, however many; by years where the account refuses a longer time."""
        if not self._by_years:
            try:
                return self._between(channel, custom_id, BEGINNING, 0.0)
            except Refused as refusal:
                if refusal.params.get("code") != "400":
                    raise
                log.info("Omnidesk refuses a time range above a year (%s): cases are searched year by year", refusal)
                self._by_years = True
        found: dict[int, Case] = {}
        begun = self.context.history.first_message_at(account) or self.context.clock()
        first = begun - CLOCKS_APART  # an older case is none of his tickets'
        year = int((self.context.clock() + CLOCKS_APART) // LONGEST_RANGE)
        while (year + 1) * LONGEST_RANGE > first:
            between = self._between(channel, custom_id, year * LONGEST_RANGE, (year + 1) * LONGEST_RANGE)
            found |= {case.case_id: case for case in between}
            year -= 1
        return list(found.values())

    def _between(self, channel: str, custom_id: int, since: float, until: float) -> list[Case]:
        """All of a client's cases of this time; after a pause the list is read on from where it was."""
        new = Listing[int, Case](lambda one: one.case_id, by=lambda one: one.created_at, start=until)
        listing = self._asked.lists.setdefault((channel, custom_id, since), new)
        client = self.context.client
        found = listing.read(lambda until, page: client.cases_of_user(channel, str(custom_id), since, until, page))
        if not listing.whole:
            raise TryLater("omnidesk_broken_answer", "cases", Phrase("said.no_end"))
        return list(found.values())

    def _free(self, account: int, found: dict[int, tuple[Case, bool]]) -> dict[int, tuple[Case, bool]]:
        """Without those that a ticket has or had, or that the original's table gives to one."""
        ids = sorted(found)
        taken = self.context.history.cases_had(account)
        for start in range(0, len(ids), BATCH):
            some = ids[start : start + BATCH]
            taken |= self.context.links.tickets_of_cases(some).keys()
            named = self.original.named([name for id in some for name in (str(id), found[id][0].case_number) if name])
            taken |= {id for id in some if {str(id), found[id][0].case_number} & named}
        return {id: row for id, row in found.items() if id not in taken}
