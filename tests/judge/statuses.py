"""Which states both sides may end in: a model of the decisions people made, written from the failure policy.

People act on both sides; between any two acts the module may or may not have brought both sides together. The model
follows all of it at once and gives every end that is right. An end is a surprise if no order of events explains it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from tests.judge.history import (
    CaseCame,
    CaseWent,
    Decided,
    Disturbed,
    Filled,
    History,
    Moved,
    Opened,
    Polled,
    Rested,
    Said,
    Side,
)

STALE = 5.0  # seconds before an act within which the module cannot have known of one on the other side
READING = 2.0  # seconds in which somebody may not have read yet what is there; Omnidesk's times are whole seconds
TOLD = 65.0  # seconds after which a pass has heard of everything: polls and scans are a minute apart
CLOSE = ("waiting", "closed")
Copies = dict[tuple[Side, int], tuple[int, bool]]  # (side, id) of what was said: its id on the other side, a note there


@dataclass(frozen=True)
class State:
    """Both sides, what was agreed last, and the messages of the client after which no staff ended the ticket.

    ``stuck``: the account closes no case whose required fields are empty, so that the module may not be able to.
    """

    ticket: str
    case: str
    agreed_ticket: str
    agreed_case: str
    unanswered: frozenset[tuple[Side, int]] = frozenset()
    stuck: bool = False


@dataclass(frozen=True)
class Decision:
    """What an act means for the state: its side shows ``after`` ("": as it was, but now the account closes the case);
    ``asks``: a client wrote this; ``sees``: the client's messages that whoever acted knew of, ``glimpses``: those that
    had only just come."""

    at: float
    side: Side
    after: str
    asks: tuple[Side, int] | None = None
    sees: frozenset[tuple[Side, int]] = frozenset()
    glimpses: frozenset[tuple[Side, int]] = frozenset()
    by_client: bool = False
    replies: bool = False  # staff wrote to the client with it


@dataclass
class Stretch:
    """The decisions about one ticket between two rests. ``together``: moments at which the module surely brought both
    sides together; ``polls``: when it asked Omnidesk for changed cases; ``troubled``: an act may have overtaken an
    earlier one on the other side."""

    starts: frozenset[State]
    here: list[Decision] = field(default_factory=list)
    there: list[Decision] = field(default_factory=list)
    together: list[float] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)
    troubled: bool = False


def ended(state: str) -> bool:
    """Whether nobody works on it any more."""
    return state in CLOSE


def agree(ticket: str, case: str) -> bool:
    """BILLmanager cannot show whether staff closed a case or wait for the client: nobody has the ticket either way."""
    return ended(ticket) == ended(case)


def synced(state: State) -> Iterator[State]:
    """What may come of it when the module brings both sides together."""
    if state.unanswered:  # rule 4: the client's message wins
        yield replace(state, ticket="open", case="open", agreed_ticket="open", agreed_case="open")
        return
    for ticket, case in _merged(state):
        yield replace(state, ticket=ticket, case=case, agreed_ticket=ticket, agreed_case=case)
        if state.stuck and case == "closed" != state.case:
            left = state.case or "open"
            yield replace(state, ticket=ticket, case=left, agreed_ticket=ticket, agreed_case=left)


def _merged(state: State) -> Iterator[tuple[str, str]]:
    """The three-way merge: who changed it wins, Omnidesk where both did."""
    ticket, case = state.ticket, state.case
    if case == "":  # a new case is opened as its ticket is
        yield ticket, ticket
    elif (ticket, case) == (state.agreed_ticket, state.agreed_case):
        yield ticket, case  # as it was left, also where they do not agree, as the case could not be closed
    elif case == state.agreed_case and ticket != state.agreed_ticket:
        yield ticket, ticket
        if ended(ticket) and ended(case):
            yield ticket, case
    elif agree(ticket, case):
        yield ticket, case
    elif case == "open":
        yield "open", "open"
    else:
        yield ("waiting" if ticket == "open" else ticket), case


def ends(stretch: Stretch) -> set[State]:
    """Every state that may be left when the module has brought both sides together."""
    return {after for one in before_the_end(stretch) for after in synced(one)}


def before_the_end(stretch: Stretch) -> set[State]:
    """Every state that may be reached by the last decision."""
    reached: dict[tuple[int, int], set[State]] = {(0, 0): _perhaps(stretch.starts)}
    rows, columns = len(stretch.here), len(stretch.there)
    for i in range(rows + 1):
        for j in range(columns + 1):
            states = reached.setdefault((i, j), set())
            if i and _may_be_last(stretch, i - 1, j, "B"):
                states |= _perhaps(after for one in reached[i - 1, j] for after in _apply(one, stretch.here[i - 1]))
            if j and _may_be_last(stretch, j - 1, i, "O"):
                states |= _perhaps(after for one in reached[i, j - 1] for after in _apply(one, stretch.there[j - 1]))
            if i and j and _not_asked_again(stretch, stretch.here[i - 1], stretch.there[j - 1]):
                states |= {after for one in states for after in _overwritten(one)}
            if i and j and _replied_unasked(stretch, stretch.here[i - 1], stretch.there[j - 1]):
                states |= {replace(one, case="waiting") for one in states if one.case == "closed"}
            if states and _together(stretch, i, j):
                reached[i, j] = {after for one in states for after in synced(one)}
    return reached[rows, columns]


def _perhaps(states: Iterable[State]) -> set[State]:
    """The module may have come by, or not."""
    found = set(states)
    return found | {after for one in found for after in synced(one)}


def _not_asked_again(stretch: Stretch, here: Decision, there: Decision) -> bool:
    """Whether somebody in Omnidesk decided right after a poll, and somebody in BILLmanager within the same seconds.

    A status is to cost one call, so that the module may take for a few seconds what a poll has shown. Then the decision
    in BILLmanager may win.
    """
    return any(poll <= there.at and max(here.at, there.at) < poll + STALE for poll in stretch.polls)


def _replied_unasked(stretch: Stretch, here: Decision, there: Decision) -> bool:
    """Whether staff replied in BILLmanager after somebody in Omnidesk decided, and no poll came in between.

    An account may set the case waiting with every reply, then as with one that is written in Omnidesk itself. Where
    calls failed, a reply that was written before the decision may have been sent after it.
    """
    if here.replies and stretch.troubled:
        return True
    return here.replies and there.at <= here.at and not any(there.at <= poll <= here.at for poll in stretch.polls)


def _overwritten(state: State) -> Iterator[State]:
    if state.ticket != state.agreed_ticket and state.case and not state.unanswered:
        yield replace(state, case=state.ticket, agreed_ticket=state.ticket, agreed_case=state.ticket)


def _apply(state: State, act: Decision) -> Iterator[State]:
    if not act.after:  # what could not be closed before is tried again
        left = state.stuck and state.ticket == "closed" != state.case
        yield replace(state, stuck=False, agreed_ticket="open" if left else state.agreed_ticket)
        return
    state = replace(state, ticket=act.after) if act.side == "B" else replace(state, case=act.after)
    if act.asks:
        yield replace(state, unanswered=state.unanswered | {act.asks})
    elif ended(act.after):
        yield replace(state, unanswered=state.unanswered - act.sees)
        yield replace(state, unanswered=state.unanswered - act.sees - act.glimpses)
    else:
        yield state


def _may_be_last(stretch: Stretch, at: int, others: int, side: Side) -> bool:
    """Whether the act may have come after the first ``others`` of the other side, and before those that follow."""
    mine, theirs = (stretch.here, stretch.there) if side == "B" else (stretch.there, stretch.here)
    act = mine[at]
    leeway = float("inf") if stretch.troubled else STALE
    before = all(one.at <= act.at + leeway and not _certain(act, one) for one in theirs[:others])
    after = all(one.at >= act.at - leeway and not _certain(one, act) for one in theirs[others:])
    return before and after


def _certain(first: Decision, second: Decision) -> bool:
    """Whether the one certainly came before the other: it was read by then, or one client did both."""
    read = first.asks is not None and first.asks in second.sees
    return read or (first.by_client and second.by_client and first.at < second.at)


def _together(stretch: Stretch, i: int, j: int) -> bool:
    """Whether both sides were surely brought together after exactly these acts and before the next."""
    past = [one.at for one in (*stretch.here[:i], *stretch.there[:j])]
    future = [one.at for one in (*stretch.here[i:], *stretch.there[j:])]
    return any(max(past, default=0.0) < moment < min(future, default=float("inf")) for moment in stretch.together)


# From a history


class Model:
    """The stretches of one ticket. ``copies``: what was said, and where it stands on the other side."""

    def __init__(self, history: History, ticket: int, cases: set[int], copies: Copies) -> None:
        self.history = history
        self.ticket = ticket
        self.cases = cases
        self.copies = copies
        self.asked: dict[tuple[Side, int], float] = {}  # the client's messages so far, and when they were written

    def last(self) -> Stretch | None:
        """The decisions since the last rest; None when what was done with its cases allows no expectation."""
        stretch, known, began = (
            Stretch(frozenset({State("", "", "", "", stuck=self.history.habits.required)})),
            True,
            False,
        )
        for act in self.history.acts:
            if isinstance(act, Rested):
                found = dict(act.states).get(self.ticket)
                if found is not None:
                    stretch, known = _rested(stretch, *found), True
            elif isinstance(act, Disturbed):
                stretch.troubled = True
            elif isinstance(act, Polled):
                self._polled(stretch, act)
            elif isinstance(act, (CaseWent, CaseCame)) and (act.case in self.cases or self._into(act)):
                known = known and isinstance(act, CaseWent) and act.how != "merge"
                stretch = self._without_case(stretch, act)
            elif isinstance(act, Moved) and self.ticket in (act.ticket, act.into):
                known, stretch = False, self._without_rows(stretch, {row.id for row in act.rows})
            elif isinstance(act, Opened) and act.ticket == self.ticket:
                began, known = True, known and not act.by_staff  # the panel decides what it begins as
            elif isinstance(act, Filled) and act.case in self.cases:
                stretch.there.append(Decision(act.at, "O", ""))
            elif isinstance(act, (Said, Decided)) and act.after and self._mine(act):
                self._decided(stretch, act)
        return stretch if known and began else None

    def _without_rows(self, stretch: Stretch, rows: set[int]) -> Stretch:
        """Messages were moved away: what they ask is asked in another ticket."""
        gone = {one for one in self.asked if (one[1] if one[0] == "B" else self.copies.get(one)) in rows}
        left = {replace(one, unanswered=one.unanswered - gone) for one in before_the_end(stretch)}
        return Stretch(frozenset(left), troubled=stretch.troubled)

    def _without_case(self, stretch: Stretch, act: CaseWent | CaseCame) -> Stretch:
        """The case takes no part any more; what its agents decided last may or may not have reached the ticket.

        Nor need what the client wrote in it, where nobody in BILLmanager can read it: then it may ask nothing.
        """
        said = {("O", one.id) for one in self.history.said("O") if one.case == act.case}
        unread = {one for one in self.asked if one in said and not self._on("B", one)[0]}
        required = self.history.habits.required
        left = {replace(one, case="", agreed_case="", stuck=required) for one in before_the_end(stretch)}
        left |= {replace(one, unanswered=one.unanswered - unread) for one in left}
        return Stretch(frozenset(left), polls=stretch.polls, troubled=stretch.troubled)

    def _into(self, act: CaseWent | CaseCame) -> bool:
        return isinstance(act, CaseWent) and act.into in self.cases

    def _mine(self, act: Said | Decided) -> bool:
        return act.ticket == self.ticket if act.side == "B" else act.case in self.cases

    def _decided(self, stretch: Stretch, act: Said | Decided) -> None:
        asks = (act.side, act.id) if isinstance(act, Said) and self._by_client(act) else None
        by_client = asks is not None or (isinstance(act, Decided) and act.by_client)
        there = [one for one in self.asked if by_client or self._was_there(act, one)]
        sees = frozenset(one for one in there if self._counts(act, one, by_client))
        replies = isinstance(act, Said) and act.kind == "message" and not asks
        decision = Decision(act.at, act.side, act.after, asks, sees, frozenset(there) - sees, by_client, replies)
        if asks:
            self.asked[asks] = act.at
        (stretch.here if act.side == "B" else stretch.there).append(decision)

    def _counts(self, act: Said | Decided, message: tuple[Side, int], by_client: bool) -> bool:
        """Whether the act surely takes the message into account. The client knows all that he wrote. But BILLmanager
        does not show when he archived a ticket: of what he wrote in Omnidesk and is not in it yet, nobody who sees both
        sides can tell whether it came before or after, so that both is right."""
        if by_client:
            return message[0] == act.side or self._was_there(act, message)
        return self._had_time(act, message)

    def _was_there(self, act: Said | Decided, message: tuple[Side, int]) -> bool:
        """Whether the message, or its copy, was on the side of the act by then."""
        id, note = self._on(act.side, message)
        return 0 < id <= (act.notes[0] if note else act.sees)

    def _had_time(self, act: Said | Decided, message: tuple[Side, int]) -> bool:
        """Whether the message had been there long enough to be read: the client's own, or its copy."""
        if message[0] == act.side:
            return act.at - self.asked[message] >= READING
        id, note = self._on(act.side, message)
        fresh = act.notes[1] if note else act.fresh
        return not fresh or id < fresh

    def _on(self, side: Side, message: tuple[Side, int]) -> tuple[int, bool]:
        """The message's id on a side, 0 where it never arrived, and whether it is a note there."""
        return (message[1], False) if message[0] == side else self.copies.get(message, (0, False))

    def _by_client(self, act: Said) -> bool:
        if act.kind != "message":
            return False
        author = self.history.of("B", act.author) if act.side == "B" else None
        return (act.side == "O" and not act.author) or (author is not None and bool(author.account))

    def _polled(self, stretch: Stretch, act: Polled) -> None:
        """A pass that polled knows what was done some seconds before it; acts during it are another matter."""
        stretch.polls.append(act.at)
        recent = [one.at for one in (*stretch.here, *stretch.there) if one.at > act.at - TOLD]
        if not recent and not self.history.habits.small and not stretch.troubled:
            stretch.together.append(act.until)


def _rested(stretch: Stretch, ticket: str, case: str) -> Stretch:
    """A new stretch from what was found at rest; unanswered is what every way there leaves so."""
    reached = before_the_end(stretch)
    unanswered = frozenset.intersection(*(one.unanswered for one in reached))
    stuck = any(one.stuck for one in reached)
    return Stretch(frozenset({State(ticket, case, ticket, case, unanswered, stuck)}), polls=stretch.polls)
