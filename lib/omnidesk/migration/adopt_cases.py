"""Which case is a ticket's: by the original module's tables, else by looking through the client's cases in Omnidesk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from omnidesk.billmanager.models import Ticket
from omnidesk.context import Context
from omnidesk.core.errors import Gone, TryLater
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk.models import Case
from omnidesk.migration.adopt_search import Search, Threads
from omnidesk.migration.adopt_tables import Original
from omnidesk.sync.case_state import why_gone
from omnidesk.sync.merged_cases import LONGEST_CHAIN, merged

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
    """Why a ticket is not taken over: a key of :mod:`omnidesk.wording.adopt_texts` (left.…), and what it names."""

    reason: str
    value: str = ""


class Finder:
    """Finds cases. ``channels``: those that are looked through, and of which cases are taken over."""

    def __init__(self, context: Context, original: Original, threads: Threads, channels: Sequence[str]) -> None:
        self.context = context
        self.original = original
        self.channels = tuple(channels)
        self.search = Search(context, original, threads, channels)

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
            raise TryLater("omnidesk_broken_answer", f"cases/{reference}", Phrase("said.another_case"))
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
        if case.channel and case.channel not in self.channels:
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
        client = self.search.client(ticket.account)
        found = client.matches.found.get(ticket.id)
        if found is not None:
            return self._living(ticket, client.cases[found.case], SEARCH, found.grounds)
        doubtful = client.matches.doubtful.get(ticket.id, ())
        if doubtful:
            return LeftAlone("ambiguous", ", ".join(_name(client.cases[one]) for one in doubtful))
        return LeftAlone("no_case")


def _name(case: Case) -> str:
    return case.case_number or str(case.case_id)
