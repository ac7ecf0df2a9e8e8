"""Which case is a ticket's: by the original module's tables, else by looking through the client's cases in Omnidesk."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from omnidesk.billing.objects import Ticket
from omnidesk.context import Context
from omnidesk.errors import Gone, TryLater
from omnidesk.gather import why_gone
from omnidesk.helpdesk.client import LAST_PAGE, PAGE
from omnidesk.helpdesk.objects import Case, Message
from omnidesk.history import adopt_said
from omnidesk.history.adopt_match import Asked, Held, Match, Matches, match
from omnidesk.history.adopt_pairing import Said, like
from omnidesk.history.adopt_tables import Original
from omnidesk.links.schema import MESSAGES, TICKETS
from omnidesk.merges import LONGEST_CHAIN, merged

KEPT_CLIENTS = 20  # whose tickets and cases are remembered: tickets come by age, so clients take turns
KEPT_THREADS = 20
MOST_USERS = 50  # of one account
BATCH = 500
BEGINNING = 946684800.0  # the year 2000: all cases there are
TABLE, SEARCH = "table", "search"


@dataclass(frozen=True)
class Found:
    """A ticket's case and how it was found.

    ``joined_at``: when the one found was merged into it, 0.0 when it is that one; ``first``, ``subject``: id and
    subject of the one found.
    """

    case: Case
    by: str
    grounds: tuple[str, ...] = ()
    joined_at: float = 0.0
    first: int = 0
    subject: str = ""


@dataclass(frozen=True)
class LeftAlone:
    """Why a ticket is not taken over: a key of :data:`omnidesk.history.adopt_report.REASONS`, and what it names."""

    reason: str
    value: str = ""


@dataclass
class _Client:
    """What was found out of one client's account."""

    matches: Matches = field(default_factory=Matches)
    cases: dict[int, Case] = field(default_factory=dict)


@dataclass
class _Asked:
    """What was read for the client in hand: a pause for the account's next minute must not lose it."""

    account: int = 0
    lists: dict[tuple[str, int], list[Case]] = field(default_factory=dict)
    first_there: dict[int, Said | None] = field(default_factory=dict)
    first_here: dict[int, Said | None] = field(default_factory=dict)


class Threads:
    """Messages of cases, all of them, oldest first; the last few short ones are remembered."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._kept: OrderedDict[int, list[Message]] = OrderedDict()
        self._begun: tuple[int, int, dict[int, Message]] = (0, 1, {})

    def read(self, case_id: int, *, may_be_empty: bool = False) -> list[Message]:
        """A failed read raises; an empty thread is one, as a case has the message it began with, unless it was merged.

        A long thread may take more calls than a minute has: after a pause it is read on from where it was.
        """
        if case_id in self._kept:
            return self._kept[case_id]
        found = self._pages(case_id)
        self._begun = (0, 1, {})
        if not found and not may_be_empty:
            raise TryLater("omnidesk_broken_answer", f"cases/{case_id}/messages", "no messages at all")
        thread = [found[id] for id in sorted(found)]
        if len(thread) <= PAGE:
            self._kept[case_id] = thread
            while len(self._kept) > KEPT_THREADS:
                self._kept.popitem(last=False)
        return thread

    def _pages(self, case_id: int) -> dict[int, Message]:
        begun, start, found = self._begun
        if begun != case_id:
            start, found = 1, {}
        for page in range(start, LAST_PAGE + 1):
            self._begun = (case_id, page, found)
            rows = self.context.client.messages(case_id, page)
            found.update((row.message_id, row) for row in rows)  # new ones shift the pages, so ids decide
            if len(rows) < PAGE:
                break
        return found


class Finder:
    """Finds cases. ``channels``: those that are looked through, and of which cases are taken over."""

    def __init__(self, context: Context, original: Original, threads: Threads, channels: Sequence[str]) -> None:
        self.context = context
        self.original = original
        self.threads = threads
        self.channels = tuple(channels)
        self._clients: OrderedDict[int, _Client] = OrderedDict()
        self._asked = _Asked()

    def find(self, ticket: Ticket, rows: Sequence[str]) -> Found | LeftAlone:
        """The ticket's case; ``rows``: what the original's table says of it. Asks Omnidesk; raises its failures."""
        return self._by_table(ticket, rows) if rows else self._by_search(ticket)

    # The original's table

    def _by_table(self, ticket: Ticket, rows: Sequence[str]) -> Found | LeftAlone:
        living: list[Found] = []
        lost: list[LeftAlone] = []
        for reference in rows:
            others = [one for one in self.original.tickets(reference) if one != ticket.id]
            if others:
                lost.append(LeftAlone("shared", ", ".join(map(str, others))))
                continue
            try:
                case = self._ask(reference)
            except Gone:
                lost.append(LeftAlone("deleted", reference))
                continue
            found = self._living(ticket, case, TABLE, ())
            if isinstance(found, Found):
                living.append(found)
            else:
                lost.append(found)
        if len(living) > 1:
            return LeftAlone("several", ", ".join(_name(one.case) for one in living))
        return living[0] if living else lost[-1]

    def _ask(self, reference: str) -> Case:
        case = self.context.client.case(int(reference) if reference.isdigit() else reference)
        if reference not in (str(case.case_id), case.case_number):
            raise TryLater("omnidesk_broken_answer", f"cases/{reference}", "another case")
        return case

    def _living(self, ticket: Ticket, case: Case, by: str, grounds: tuple[str, ...]) -> Found | LeftAlone:
        """The case, or the one it was merged into, if it takes messages and no ticket has it."""
        joined_at, first, name = 0.0, case.case_id, case.subject
        if merged(case):
            joined_at, user = case.updated_at, case.user_id
            survivor = self._survivor(case)
            if survivor is None or survivor.user_id != user:
                return LeftAlone("merged", _name(case))
            case = survivor
        if why := why_gone(case):
            return LeftAlone(why, _name(case))
        if case.channel not in self.channels:
            return LeftAlone("channel", f"{_name(case)}: {case.channel}")
        owners = [one for one in self.context.links.tickets_of_case(case.case_id) if one != ticket.id]
        if owners and not joined_at:
            return LeftAlone("taken", f"{_name(case)}: {', '.join(map(str, owners))}")
        return Found(case, by, grounds, joined_at, first, name)

    def _survivor(self, case: Case) -> Case | None:
        """The case at the end of the merges; None when there is none."""
        try:
            for _ in range(LONGEST_CHAIN):
                case = self.context.client.case(case.parent_case_id)
                if not merged(case):
                    return case
        except Gone:
            pass  # merged into what was deleted since
        return None

    # Omnidesk

    def _by_search(self, ticket: Ticket) -> Found | LeftAlone:
        if not ticket.account:
            return LeftAlone("no_client")
        client = self._client(ticket.account)
        found: Match | None = client.matches.found.get(ticket.id)
        if found is not None:
            return self._living(ticket, client.cases[found.case], SEARCH, found.grounds)
        doubtful = client.matches.doubtful.get(ticket.id, ())
        if doubtful:
            return LeftAlone("ambiguous", ", ".join(_name(client.cases[one]) for one in doubtful))
        return LeftAlone("no_case")

    def _client(self, account: int) -> _Client:
        """All of a client's tickets and cases without a link, matched: what is the only match is known only then."""
        if account not in self._clients:
            if self._asked.account != account:
                self._asked = _Asked(account)
            self._clients[account] = self._matched(account)
            self._asked = _Asked()
            while len(self._clients) > KEPT_CLIENTS:
                self._clients.popitem(last=False)
        return self._clients[account]

    def _matched(self, account: int) -> _Client:
        users = [
            int(row["id"])
            for row in self.context.db.rows(
                f"SELECT id FROM user WHERE account = %s AND level < 28 ORDER BY id LIMIT {MOST_USERS}", account
            )
        ]
        held = self._cases(account, users)
        tickets = self._tickets(account) if held else []
        cases = [Held(case.case_id, case.subject, case.created_at, sure) for case, sure in held.values()]
        matches = match(tickets, cases, self._same_text)
        named = {one.case for one in matches.found.values()}.union(*matches.doubtful.values())
        return _Client(matches, {id: held[id][0] for id in named})

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
        except Gone:
            return None
        return adopt_said.of_case(rows[:1], self.context.settings)[0] if rows else None

    def _tickets(self, account: int) -> list[Asked]:
        """The account's tickets without a case, and without a row in the original's table."""
        rows = self.context.db.rows(
            f"SELECT t.id, t.name FROM ticket t LEFT JOIN {TICKETS} k ON k.ticket = t.id"
            " WHERE t.account_client = %s AND k.external_case IS NULL ORDER BY t.id",
            account,
        )
        names = {int(row["id"]): str(row["name"] or "") for row in rows}
        found: list[Asked] = []
        for start in range(0, len(names), BATCH):
            some = list(names)[start : start + BATCH]
            some = sorted(set(some) - self.original.cases(some).keys())
            if not some:
                continue
            marks = ", ".join(["%s"] * len(some))
            begun = self.context.db.rows(
                "SELECT m.ticket, UNIX_TIMESTAMP(m.date_post) AS at FROM ticket_message m JOIN"
                f" (SELECT MIN(id) AS id FROM ticket_message WHERE ticket IN ({marks}) GROUP BY ticket) f"
                " ON f.id = m.id",
                *some,
            )
            found += [Asked(int(row["ticket"]), names[int(row["ticket"])], float(row["at"] or 0)) for row in begun]
        return found

    def _cases(self, account: int, users: list[int]) -> dict[int, tuple[Case, bool]]:
        """The client's cases that no ticket has, each with whether it certainly is his."""
        known = self.original.externals(users)
        ambiguous = self._ambiguous(account, users)
        found: dict[int, tuple[Case, bool]] = {}
        for custom_id in dict.fromkeys([*users, account]):
            sure = bool(known) or custom_id not in ambiguous
            for channel in self.channels:
                key = (channel, custom_id)
                if key not in self._asked.lists:
                    self._asked.lists[key] = self._list(channel, custom_id)
                for case in self._asked.lists[key]:
                    if not (case.deleted or case.spam or (known and case.user_id not in known)):
                        found[case.case_id] = (case, sure or found.get(case.case_id, (case, False))[1])
        return self._free(account, found)

    def _ambiguous(self, account: int, users: list[int]) -> set[int]:
        """Numbers that are one of a user of this client and one of another's account, or the other way round.

        Which of them the original gave to Omnidesk as the client's number is not public.
        """
        marks = ", ".join(["%s"] * len(users))
        found = set()
        if users:
            rows = self.context.db.rows(f"SELECT DISTINCT account FROM user WHERE account IN ({marks})", *users)
            found = {int(row["account"]) for row in rows} - {account}
        other = self.context.db.row("SELECT id FROM user WHERE id = %s AND account <> %s", account, account)
        return found | ({account} if other else set())

    def _list(self, channel: str, custom_id: int) -> list[Case]:
        """All cases of a client's number, however many: page by page back in time."""
        found: dict[int, Case] = {}
        until = 0.0
        while True:
            rows = self.context.client.cases_of_user(channel, str(custom_id), BEGINNING, until)
            before = len(found)
            found.update((row.case_id, row) for row in rows)
            if len(rows) < PAGE:
                return list(found.values())
            if len(found) == before:
                raise TryLater("omnidesk_broken_answer", "cases", "the same page again")
            until = min(row.created_at for row in rows)

    def _free(self, account: int, found: dict[int, tuple[Case, bool]]) -> dict[int, tuple[Case, bool]]:
        """Without those that a ticket has or had, or that the original's table gives to one."""
        ids = sorted(found)
        rows = self.context.db.rows(
            f"SELECT DISTINCT m.external_case AS c FROM ticket t JOIN {MESSAGES} m ON m.ticket = t.id"
            " WHERE t.account_client = %s AND m.external_case IS NOT NULL",
            account,
        )
        taken = {int(row["c"]) for row in rows}
        for start in range(0, len(ids), BATCH):
            some = ids[start : start + BATCH]
            taken |= self.context.links.tickets_of_cases(some).keys()
            named = self.original.named([name for id in some for name in (str(id), found[id][0].case_number) if name])
            taken |= {id for id in some if {str(id), found[id][0].case_number} & named}
        return {id: row for id, row in found.items() if id not in taken}


def _name(case: Case) -> str:
    return case.case_number or str(case.case_id)
