"""The state machine of a ticket's row.

A row is in one state of each of four aspects: its case, its work, its hold, its ticket. What is not listed as a
transition changes facts only (times, statuses, ids) and leaves all four as they are. Nothing enforces this at run time:
it is the reference, the tables of docs/tables.md are written from it (scripts/docs/ticket_states.py), and a test makes
each transition on a real server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from omnidesk.store.holds import Holds
from omnidesk.store.links import Links
from omnidesk.store.models import TicketLink
from omnidesk.store.queue import Queue


@dataclass(frozen=True)
class State:
    """One state of an aspect. ``columns``: how the table shows it; ``holds``: the same of a row as it is read."""

    aspect: str
    name: str
    meaning: str
    columns: str
    holds: Callable[[TicketLink], bool]


@dataclass(frozen=True)
class Transition:
    """``method`` leads from one of ``sources`` to one of ``targets``, all of one aspect."""

    method: Callable[..., object]
    sources: tuple[State, ...]
    targets: tuple[State, ...]


UNLINKED = State(
    "case", "unlinked", "The ticket never had a case.", "`external_case` and `intent_at` empty",
    lambda row: not row.case_id and not row.intent_at,
)  # fmt: skip
INTENT = State(
    "case", "intent", "A case is being made, or it is not known whether it was.", "`intent_at` set",
    lambda row: row.intent_at > 0,
)  # fmt: skip
LINKED = State(
    "case", "linked", "The ticket has a case, which takes messages.",
    "`external_case` set, `case_gone` empty, `joined_at` 0",
    lambda row: row.has_case and not row.joined_at and not row.intent_at,
)  # fmt: skip
JOINED = State(
    "case", "joined", "Its case was merged into another one, with which it goes on.",
    "`external_case` set, `case_gone` empty, `joined_at` above 0",
    lambda row: row.has_case and row.joined_at > 0 and not row.intent_at,
)  # fmt: skip
LOST = State(
    "case", "lost", "Its case takes no more messages; the next message opens another one.",
    "`case_gone` set, `intent_at` empty",
    lambda row: bool(row.case_gone) and not row.intent_at,
)  # fmt: skip

IDLE = State(
    "work", "idle", "There is nothing to do.", "`due_at` empty, `set_aside` 0",
    lambda row: not row.due and not row.set_aside,
)  # fmt: skip
DUE = State(
    "work", "due", "The ticket has work, now or at `due_at`.", "`due_at` set, `attempts` 0, `set_aside` 0",
    lambda row: row.due and not row.attempts and not row.set_aside,
)  # fmt: skip
FAILING = State(
    "work", "failing", "Its last try failed; it is tried again at `due_at`.",
    "`due_at` set, `attempts` above 0, `set_aside` 0",
    lambda row: row.due and row.attempts > 0 and not row.set_aside,
)  # fmt: skip
SET_ASIDE = State(
    "work", "set aside", "Trying again cannot help until something new happens to it.", "`set_aside` 1",
    lambda row: row.set_aside,
)  # fmt: skip

FREE = State("hold", "free", "Its changes are made.", "`held` empty", lambda row: not row.held)
HELD = State(
    "hold", "held", "A change of too many tickets at once waits for the administrator.",
    "`held` is case, ticket or new",
    lambda row: bool(row.held),
)  # fmt: skip

PRESENT = State(
    "ticket", "present", "BILLmanager has the ticket.", "`missing_at` empty", lambda row: not row.missing
)  # fmt: skip
MISSING = State(
    "ticket", "missing", "BILLmanager has tickets, but not this one; its link is kept.", "`missing_at` set",
    lambda row: row.missing,
)  # fmt: skip

STATES = (
    UNLINKED, INTENT, LINKED, JOINED, LOST, IDLE, DUE, FAILING, SET_ASIDE, FREE, HELD, PRESENT, MISSING,
)  # fmt: skip
ASPECTS = tuple(dict.fromkeys(state.aspect for state in STATES))

TRANSITIONS = (
    Transition(Links.case_begun, (UNLINKED, LOST), (INTENT,)),
    Transition(Links.case_in_doubt, (INTENT,), (INTENT,)),
    Transition(Links.case_not_made, (INTENT,), (UNLINKED, LOST)),
    Transition(Links.case_created, (INTENT,), (LINKED, LOST)),
    Transition(Links.case_adopted, (UNLINKED,), (LINKED, JOINED)),
    Transition(Links.case_joined, (LINKED, JOINED), (JOINED,)),
    Transition(Links.case_lost, (LINKED, JOINED), (LOST,)),
    Transition(Links.case_returned, (LOST,), (LINKED, JOINED)),
    Transition(Links.ticket_replaced, (UNLINKED, INTENT, LINKED, JOINED, LOST), (UNLINKED,)),
    Transition(Queue.make_due, (IDLE, DUE, FAILING, SET_ASIDE), (DUE, FAILING)),
    Transition(Queue.take_up, (IDLE, DUE, FAILING, SET_ASIDE), (DUE, FAILING)),
    Transition(Queue.begin_history, (IDLE, DUE), (DUE,)),
    Transition(Queue.leave_history, (DUE,), (IDLE, DUE)),
    Transition(Queue.done, (DUE, FAILING), (IDLE, DUE)),
    Transition(Queue.failed, (DUE, FAILING), (FAILING,)),
    Transition(Queue.set_aside, (DUE, FAILING), (SET_ASIDE,)),
    Transition(Queue.put_off, (DUE, FAILING), (IDLE,)),
    Transition(Queue.retry, (IDLE, DUE, FAILING, SET_ASIDE), (DUE,)),
    Transition(Links.ticket_replaced, (IDLE, DUE, FAILING, SET_ASIDE), (IDLE, DUE)),
    Transition(Holds.put, (FREE, HELD), (FREE, HELD)),
    Transition(Links.case_created, (FREE, HELD), (FREE,)),
    Transition(Links.case_lost, (FREE, HELD), (FREE,)),
    Transition(Links.case_joined, (FREE, HELD), (FREE,)),
    Transition(Links.ticket_replaced, (FREE, HELD), (FREE,)),
    Transition(Links.ticket_missing, (PRESENT, MISSING), (MISSING,)),
    Transition(Links.ticket_seen, (PRESENT, MISSING), (PRESENT,)),
    Transition(Links.case_adopted, (PRESENT, MISSING), (PRESENT,)),
    Transition(Links.ticket_replaced, (PRESENT, MISSING), (PRESENT,)),
)
