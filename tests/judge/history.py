"""What people did: everything the judge knows besides what both products show afterwards.

Sides are ``B`` (BILLmanager) and ``O`` (Omnidesk). A state is ``open``, ``waiting`` or ``closed`` on either side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Side = Literal["B", "O"]
Kind = Literal["message", "note"]
File = tuple[str, bytes]
CLIENT = 0  # the author, in Omnidesk, of what the case's own client wrote


@dataclass(frozen=True)
class Person:
    """Somebody with an account in one or both products; ids are 0 where there is none. ``account``: a client's."""

    name: str
    billmanager: int = 0
    omnidesk: int = 0
    account: int = 0


@dataclass(frozen=True)
class Habits:
    """What is set in both products or in the module, as far as it changes what is expected."""

    integration: Person
    notes: bool = True  # notes go over
    edits: str = "off"  # what follows when a delivered message is changed: nothing, a "note", or a "message"
    archive_refuses: bool = False  # what a client wrote in Omnidesk becomes a note where his ticket is archived
    required: bool = False  # the account closes no case whose required fields are empty
    assignee: bool = False  # whoever has the ticket is the case's assignee
    priority: bool = False  # the ticket and its case have the same one
    takes_nobody: bool = True  # a case can be taken away from its assignee by the API
    small: bool = False  # so few calls per minute that a pass may not get through
    ratings: Mapping[str, str] = field(default_factory=lambda: {"": "", "good": "high", "bad": "low"})


@dataclass(frozen=True)
class Opened:
    """A client opened a ticket; ``by_staff``: it was seen to be there, for a case that staff had opened."""

    at: float
    ticket: int
    account: int
    subject: str
    by_staff: bool = False


@dataclass(frozen=True)
class Said:
    """A message or note. ``id`` is its id on its side; ``case`` is 0 in BILLmanager, ``ticket`` 0 in Omnidesk.

    ``author``: the id on its side (:data:`CLIENT` for a client in Omnidesk). ``after``: the state its side shows right
    afterwards. ``sees``: the highest message id that its author could read there; ``fresh``: the lowest that had come
    there within the last seconds, so that he may not have read it yet (0: none had); ``notes``: the same two of
    BILLmanager's notes, which have numbers of their own.
    """

    at: float
    side: Side
    kind: Kind
    id: int
    author: int
    text: str
    after: str  # the state of its side then; "": nobody has decided on one
    ticket: int = 0
    case: int = 0
    sees: int = 0
    files: tuple[File, ...] = ()
    fresh: int = 0
    notes: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Decided:
    """Something that changes a state without a word: took, ended, archived, reassigned, set a status."""

    at: float
    side: Side
    after: str
    ticket: int = 0
    case: int = 0
    sees: int = 0
    by_client: bool = False
    fresh: int = 0
    notes: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Rated:
    """The client rated a message of the ticket."""

    at: float
    ticket: int
    message: int
    rating: str


@dataclass(frozen=True)
class CaseWent:
    """A case went to ``trash``, ``spam``, was deleted for good (``delete``) or merged (``merge``) into another.

    ``holds``: the highest message id it held then; whoever threw it away has seen those, except from ``fresh`` on, if
    that is not 0: they had only just come.
    """

    at: float
    case: int
    how: str
    into: int = 0
    holds: int = 0
    fresh: int = 0


@dataclass(frozen=True)
class CaseCame:
    """A case came back from the trash or spam."""

    at: float
    case: int


@dataclass(frozen=True)
class Changed:
    """A message was edited in Omnidesk, mostly after it had been delivered; ``text`` None: it was deleted."""

    at: float
    case: int
    message: int
    text: str | None = None


@dataclass(frozen=True)
class Moved:
    """Messages were moved from one ticket into another, ``new`` one or one that had messages. ``rows``: what moved, as
    it stood in the panel; the panel's own lines are notes."""

    at: float
    ticket: int
    into: int
    rows: tuple[Said, ...]
    new: bool


@dataclass(frozen=True)
class Filled:
    """The fields that the account requires at closing were filled in for a case."""

    at: float
    case: int


@dataclass(frozen=True)
class Disturbed:
    """A fault, a death, a wrong clock, or somebody acted in the middle of a pass."""

    at: float
    what: str


@dataclass(frozen=True)
class Refused:
    """A product said no to this very text, or, if it is empty, to acting in the ticket at all."""

    at: float
    side: Side
    text: str
    ticket: int = 0


@dataclass(frozen=True)
class Polled:
    """The module asked Omnidesk successfully for changed cases, in a pass from ``at`` to ``until``."""

    at: float
    until: float


@dataclass(frozen=True)
class Rested:
    """All trouble had ended and everything was found right: (ticket's state, case's status) by ticket."""

    at: float
    states: tuple[tuple[int, tuple[str, str]], ...]


Act = (
    Opened
    | Said
    | Decided
    | Rated
    | CaseWent
    | CaseCame
    | Changed
    | Moved
    | Filled
    | Disturbed
    | Refused
    | Polled
    | Rested
)


@dataclass
class History:
    """Everything that was done, in order."""

    people: tuple[Person, ...]
    habits: Habits
    acts: list[Act] = field(default_factory=list)

    def opened(self) -> Iterator[Opened]:
        """The tickets."""
        return (act for act in self.acts if isinstance(act, Opened))

    def said(self, side: Side | None = None, kind: Kind | None = None) -> Iterator[Said]:
        """Messages and notes, oldest first."""
        for act in self.acts:
            if isinstance(act, Said) and side in (None, act.side) and kind in (None, act.kind):
                yield act

    def of(self, side: Side, id: int) -> Person | None:
        """The person with this id on this side."""
        for one in self.people:
            if id and id == (one.billmanager if side == "B" else one.omnidesk):
                return one
        return None

    def rests(self) -> list[Rested]:
        """When everything was found right."""
        return [act for act in self.acts if isinstance(act, Rested)]
