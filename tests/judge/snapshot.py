"""What both products show: plain values."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from tests.judge import texts
from tests.judge.history import File, History, Opened, Refused
from tests.judge.moves import Moves

_NAMED_BY = 30  # signs of a subject; more may have been cut off


@dataclass(frozen=True)
class Entry:
    """A message or note as its product shows it. ``kind``: client, staff, note, or system (the panel's own line).

    ``author``: the employee's id, or, of what a client wrote, his ``user.id`` in BILLmanager on both sides.
    """

    id: int
    kind: str
    author: int
    text: str
    files: tuple[File, ...] = ()
    rating: str = ""


@dataclass(frozen=True)
class Ticket:
    """A ticket: ``state`` open (somebody has it), waiting (nobody) or closed (archived). ``holders``: who has it."""

    id: int
    account: int
    state: str
    entries: tuple[Entry, ...] = ()
    holders: tuple[int, ...] = ()
    priority: str = ""  # in Omnidesk's words, "" where the panel has none


@dataclass(frozen=True)
class Case:
    """A case. ``client``: the ``user.id`` it is for; ``fate``: "", trash, spam, merge (``into`` another) or delete."""

    id: int
    subject: str
    client: int
    status: str
    entries: tuple[Entry, ...] = ()
    fate: str = ""
    into: int = 0
    staff: int = 0  # its assignee, 0: nobody
    priority: str = ""


@dataclass(frozen=True)
class Snapshot:
    """Both products at one moment. Cases that were deleted for good are shown as they were then."""

    tickets: tuple[Ticket, ...]
    cases: tuple[Case, ...]

    @cached_property
    def case(self) -> dict[int, Case]:
        """Cases by id."""
        return {one.id: one for one in self.cases}

    @cached_property
    def ticket(self) -> dict[int, Ticket]:
        """Tickets by id."""
        return {one.id: one for one in self.tickets}


def plain_subject(ticket: int) -> str:
    """What the case of a ticket without a subject is called."""
    return f"Запрос №{ticket}"


def subject_of(opened: Opened) -> str:
    """What a ticket's case is called."""
    return plain_subject(opened.ticket) if texts.blank(opened.subject) else opened.subject


def _names(history: History) -> dict[str, int]:
    """The tickets by the names of their cases. What was refused may have been refused for its subject, so that a case
    is made without."""
    refused = {texts.bare(texts.split(one.text)[1]) for one in history.acts
               if isinstance(one, Refused) and one.side == "O"}  # fmt: skip
    moves = Moves(history)
    without = {ticket for one in history.said("B") if texts.bare(one.text) in refused for ticket in moves.places(one)}
    names = {_name(plain_subject(ticket)): ticket for ticket in without}
    return names | {_name(subject_of(one)): one.ticket for one in history.opened()}


def _name(subject: str) -> str:
    return texts.bare(subject)[:_NAMED_BY]


class Bindings:
    """Which case belongs to which ticket, by its subject: the plays give each ticket one of its own."""

    def __init__(self, history: History, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.ticket_of: dict[int, int] = {}
        self.cases_of: dict[int, list[Case]] = defaultdict(list)
        names = _names(history)
        for case in sorted(snapshot.cases, key=lambda one: one.id):
            ticket = names.get(_name(case.subject), 0)
            self.ticket_of[case.id] = ticket
            if ticket:
                self.cases_of[ticket].append(case)

    def alive(self, ticket: int) -> Case | None:
        """The ticket's case that takes messages: its newest that has not gone, or the one that it was merged into.

        Another client's case holds what is none of his business: until the next message the ticket has none then.
        """
        for case in reversed(self.cases_of[ticket]):
            found = self._merged(case)
            if found is not None and not found.fate and found.client == case.client:
                return found
        return None

    def _merged(self, case: Case | None) -> Case | None:
        while case is not None and case.fate == "merge":
            case = self.snapshot.case.get(case.into)
        return case

    def groups(self) -> list[list[int]]:
        """The tickets, those together whose cases were merged."""
        root = {ticket: ticket for ticket in self.cases_of}
        for case in self.snapshot.cases:
            here, there = self.ticket_of.get(case.id, 0), self.ticket_of.get(case.into, 0)
            if here and there:
                old, new = root[here], root[there]
                root = {ticket: new if of == old else of for ticket, of in root.items()}
        together: dict[int, list[int]] = defaultdict(list)
        for ticket in self.snapshot.ticket:
            together[root.get(ticket, ticket)].append(ticket)
        return list(together.values())
