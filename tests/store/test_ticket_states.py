"""The state machine of a ticket's row: each transition on a real server leads where it says, and nowhere else."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from omnidesk.core.database import Database
from omnidesk.core.errors import Refused
from omnidesk.core.tables import MESSAGES, TICKETS
from omnidesk.helpdesk.models import Case, Message
from omnidesk.store import ticket_states as states
from omnidesk.store.case_transitions import CaseTransitions
from omnidesk.store.holds import Holds
from omnidesk.store.links import Links
from omnidesk.store.models import MessageLink, OwnMessage, Sent, TicketLink
from omnidesk.store.queue import Queue
from omnidesk.store.ticket_states import ASPECTS, STATES, TRANSITIONS, State
from omnidesk.store.ticket_transitions import TicketTransitions
from omnidesk.sync.observations import CaseSeen, learn
from omnidesk.sync.status_merge import SAME_MOMENT, comes_after_the_client
from tests.docs.pages import REPOSITORY
from tests.support.clock import Clock
from tests.support.rows import set_ticket

TICKET, CASE = 7, 900001
MADE = Case(CASE, "1-2", "s", 300, 0, "open", "chan", False, False, 0, 100.0, 100.0, 0.0)
WHY = Refused("panel_refused", value="no")


@dataclass(frozen=True)
class Stage:
    """The store, and a ticket in a state of one aspect."""

    links: Links
    queue: Queue
    holds: Holds
    db: Database

    def row(self) -> TicketLink:
        return self.links.ticket(TICKET)

    def enter(self, state: State) -> None:
        """A new row in this state; in the other aspects it is as a row begins."""
        self.db.write(f"DELETE FROM {TICKETS}")
        self.db.write(f"DELETE FROM {MESSAGES}")
        self.links.ensure_ticket(TICKET)
        for name, value in WAYS[state].items():
            set_ticket(self.db, TICKET, **{name: value})
        assert state.holds(self.row())


# How a row comes into a state, whatever the transitions do
LINKED: dict[str, object] = {"external_case": CASE}
WAYS: dict[State, dict[str, object]] = {
    states.UNLINKED: {},
    states.INTENT: {"intent_at": 5.0, "intent_message": 70},
    states.LINKED: LINKED,
    states.JOINED: {**LINKED, "joined_at": 50.0},
    states.LOST: {**LINKED, "case_gone": "trash"},
    states.IDLE: {},
    states.DUE: {"due_at": 5.0},
    states.FAILING: {"due_at": 5.0, "attempts": 2},
    states.SET_ASIDE: {"due_at": 5.0, "attempts": 2, "set_aside": 1},
    states.FREE: {},
    states.HELD: {"held": "case"},
    states.PRESENT: {},
    states.MISSING: {"missing_at": 5.0},
}


def adopt(links: Links, joined_at: float) -> None:
    links.case_adopted(
        TICKET, MADE, ticket_status="open", client=5, account=6, joined_at=joined_at, read_at=100.0, unread=False
    )


def refused(stage: Stage) -> None:
    link = stage.links.begin(MessageLink(0, TICKET, "message", "out", "intent", 70, CASE))
    stage.links.message_refused(link, 3, Refused("omnidesk_refused").phrase, given_up=True)
    stage.queue.take_up(TICKET)


def create(links: Links, case: Case) -> None:
    links.case_created(TICKET, case, 70, client_stamp=0.0, fields_digest="")


def formerly(stage: Stage, *, lost: bool) -> None:
    """A case that was begun, with an earlier one or none, was not made."""
    if lost:
        set_ticket(stage.db, TICKET, external_case=CASE, case_gone="trash")
    stage.links.case_not_made(TICKET)


def returned(stage: Stage, joined_at: float) -> None:
    set_ticket(stage.db, TICKET, joined_at=joined_at)
    stage.links.case_returned(TICKET)


Call = Callable[[Stage], object]
CALLS: dict[Callable[..., object], list[Call]] = {
    Links.ensure_ticket: [lambda on: on.links.ensure_ticket(TICKET)],
    Links.case_begun: [lambda on: on.links.case_begun(TICKET, 70, "digest", 5, 6, "open")],
    Links.case_in_doubt: [lambda on: on.links.case_in_doubt(TICKET, 6.0)],
    Links.case_not_made: [lambda on: formerly(on, lost=False), lambda on: formerly(on, lost=True)],
    Links.case_created: [
        lambda on: create(on.links, MADE),
        lambda on: create(on.links, replace(MADE, spam=True)),
    ],
    Links.case_adopted: [lambda on: adopt(on.links, 0.0), lambda on: adopt(on.links, 50.0)],
    Links.case_made_as: [lambda on: on.links.case_made_as(TICKET, "waiting", 7)],
    Links.case_status_begun: [lambda on: on.links.case_status_begun(TICKET, "waiting", 200.0)],
    Links.case_status_refused: [lambda on: on.links.case_status_refused(TICKET, 100.0)],
    Links.case_lost: [
        lambda on: on.links.case_lost(TICKET, "trash"),
        lambda on: on.links.case_lost(TICKET, "merged", 900009),
    ],
    Links.case_returned: [lambda on: returned(on, 0.0), lambda on: returned(on, 50.0)],
    Links.case_joined: [
        lambda on: on.links.case_joined(TICKET, replace(MADE, case_id=900002), 50.0, shared=True),
        lambda on: on.links.case_joined(TICKET, replace(MADE, case_id=900002), 50.0, shared=False),
    ],
    Links.opener_in_spam: [lambda on: on.links.opener_in_spam(TICKET, 70)],
    Links.client_blocked: [lambda on: on.links.client_blocked(TICKET, 5)],
    Links.former_case_changed: [lambda on: on.links.former_case_changed(CASE)],
    Links.former_case_read: [lambda on: on.links.former_case_read(TICKET, [1, 2])],
    Links.case_seen: [lambda on: on.links.case_seen(TICKET, "closed", 200.0, 200.0, 330)],
    Links.case_listed: [lambda on: on.links.case_listed(TICKET)],
    Links.case_owner_changed: [lambda on: on.links.case_owner_changed(TICKET, 301)],
    Links.case_has_news: [lambda on: on.links.case_has_news(TICKET)],
    Links.case_not_read: [lambda on: on.links.case_not_read(TICKET)],
    Links.recheck_requested: [lambda on: on.links.recheck_requested(TICKET)],
    Links.messages_read: [lambda on: on.links.messages_read(TICKET, 200.0, -1.0)],
    Links.case_changed: [lambda on: on.links.case_changed(TICKET, 200.0)],
    Links.message_sent: [
        lambda on: on.links.message_sent(TICKET, 0, Sent(1, 200.0)),
        lambda on: on.links.message_sent(TICKET, 0, Sent(1, 200.0, OwnMessage(1, 200.0), 200.0, 70, 200.0)),
    ],
    Links.message_found: [lambda on: on.links.message_found(TICKET, 200.0, None, 200.0)],
    Links.client_wrote: [lambda on: on.links.client_wrote(TICKET, 200.0, 70, 1)],
    Links.staff_answered: [lambda on: on.links.staff_answered(TICKET, 2, 200.0, 1.0)],
    Links.case_updated: [
        lambda on: on.links.case_updated(TICKET),
        lambda on: on.links.case_updated(TICKET, fields_digest="x", status="closed", at=200.0),
        lambda on: on.links.case_updated(TICKET, status="waiting", at=200.0, follows="waiting"),
    ],
    Links.end_refused: [lambda on: on.links.end_refused(on.links.ticket(TICKET), "closed", "x", "fields required")],
    Links.fields_filled: [lambda on: on.links.fields_filled(TICKET)],
    Links.ticket_seen: [lambda on: on.links.ticket_seen(TICKET, 0), lambda on: on.links.ticket_seen(TICKET, 6)],
    Links.ticket_missing: [lambda on: on.links.ticket_missing(TICKET)],
    Links.ticket_replaced: [lambda on: on.links.ticket_replaced(TICKET, 6)],
    Links.history_requested: [lambda on: on.links.history_requested(TICKET)],
    Links.history_imported: [lambda on: on.links.history_imported(TICKET, ended=True)],
    Links.ticket_opened_by_client: [lambda on: on.links.ticket_opened_by_client(TICKET)],
    Links.client_message_noted: [lambda on: on.links.client_message_noted(TICKET)],
    Links.answer_seen: [lambda on: on.links.answer_seen(TICKET, 42577010)],
    Links.ticket_ended_by_staff: [lambda on: on.links.ticket_ended_by_staff(TICKET, 70)],
    Links.ticket_taken: [lambda on: on.links.ticket_taken(TICKET, 70, 7)],
    Links.priority_agreed: [lambda on: on.links.priority_agreed(TICKET, "high", "on")],
    Links.assignee_agreed: [lambda on: on.links.assignee_agreed(TICKET, 5, 7, "7")],
    Links.ticket_left: [lambda on: on.links.ticket_left(TICKET)],
    Links.ticket_ending: [lambda on: on.links.ticket_ending(TICKET)],
    Links.ticket_not_ended: [lambda on: on.links.ticket_not_ended(TICKET, 0)],
    Links.ticket_ended: [lambda on: on.links.ticket_ended(TICKET, 70)],
    Links.place_begun: [lambda on: on.links.place_begun(TICKET, 3, 3, 7)],
    Links.group_setting: [lambda on: on.links.group_setting(TICKET, 5), lambda on: on.links.group_setting(TICKET, 0)],
    Links.ticket_moving: [lambda on: on.links.ticket_moving(TICKET, 3)],
    Links.place_agreed: [lambda on: on.links.place_agreed(TICKET, 3, 5, 3)],
    Links.status_agreed: [
        lambda on: on.links.status_agreed(TICKET, "open", "open"),
        lambda on: on.links.status_agreed(TICKET, "closed", "closed"),
    ],
    Queue.make_due: [lambda on: on.queue.make_due(TICKET, "test")],
    Queue.take_up: [refused],
    Queue.begin_history: [lambda on: on.queue.begin_history(TICKET, 60.0)],
    Queue.leave_history: [
        lambda on: on.queue.leave_history(TICKET, on.row().due_seq, begun=True),
        lambda on: on.queue.leave_history(TICKET, on.row().due_seq, begun=False),
    ],
    Queue.done: [
        lambda on: on.queue.done(TICKET, on.row().due_seq),
        lambda on: on.queue.done(TICKET, on.row().due_seq - 1),
    ],
    Queue.failed: [lambda on: on.queue.failed(TICKET, WHY)],
    Queue.set_aside: [lambda on: on.queue.set_aside(TICKET, WHY)],
    Queue.put_off: [lambda on: on.queue.put_off({TICKET})],
    Queue.retry: [lambda on: on.queue.retry(TICKET)],
    Holds.put: [lambda on: on.holds.put([TICKET], "case"), lambda on: on.holds.put([TICKET], "")],
}


@pytest.fixture
def stage(db: Database, clock: Clock) -> Iterator[Stage]:
    yield Stage(Links(db, clock), Queue(db, clock), Holds(db), db)


def of_aspect(row: TicketLink, aspect: str) -> State:
    """The one state of an aspect that a row is in."""
    (state,) = [one for one in STATES if one.aspect == aspect and one.holds(row)]
    return state


def reached(stage: Stage, source: State, method: Callable[..., object]) -> set[State]:
    """The states of the source's aspect that the calls of a method lead to."""
    found = set[State]()
    for call in CALLS[method]:
        stage.enter(source)
        call(stage)
        found.add(of_aspect(stage.row(), source.aspect))
    return found


@pytest.mark.parametrize(
    "transition", TRANSITIONS, ids=lambda one: f"{one.method.__name__}-{one.sources[0].aspect}"
)  # fmt: skip
def test_a_transition_leads_from_each_source_to_its_targets(stage: Stage, transition: states.Transition) -> None:
    found = {source: reached(stage, source, transition.method) for source in transition.sources}
    assert set().union(*found.values()) == set(transition.targets), {
        source.name: [target.name for target in some] for source, some in found.items()
    }


def leading(aspect: str) -> set[Callable[..., object]]:
    return {one.method for one in TRANSITIONS if one.sources[0].aspect == aspect}


@pytest.mark.parametrize("aspect", ASPECTS)
def test_what_is_no_transition_of_an_aspect_leaves_it(stage: Stage, aspect: str) -> None:
    for method in CALLS.keys() - leading(aspect):
        for source in (one for one in STATES if one.aspect == aspect):
            assert reached(stage, source, method) == {source}, method.__qualname__


def test_every_method_that_changes_a_row_is_tried() -> None:
    """A new one is either a transition of the table or changes no state, which the tests above find out."""
    writing = {
        method
        for owner in (CaseTransitions, TicketTransitions)
        for name, method in vars(owner).items()
        if inspect.isfunction(method) and not name.startswith("_")
    }
    assert writing <= CALLS.keys()
    assert {one.method for one in TRANSITIONS} <= CALLS.keys()


def test_a_state_is_reached_and_left() -> None:
    for aspect in ASPECTS:
        mine = [one for one in TRANSITIONS if one.sources[0].aspect == aspect]
        named = {state for one in mine for state in (*one.sources, *one.targets)}
        assert named == {state for state in STATES if state.aspect == aspect}


def test_the_page_has_the_tables_of_today() -> None:
    """What `python scripts/docs/ticket_states.py` would write is what the page holds."""
    command = [sys.executable, "scripts/docs/ticket_states.py", "--check"]
    assert subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True).stderr == ""


# What two of them write


@pytest.mark.parametrize(("staff", "assigned"), [(0, 0), (STAFF := 330, STAFF)])
@pytest.mark.parametrize("sent", [True, False])
def test_a_message_of_ours_is_remembered_by_its_author(stage: Stage, staff: int, assigned: int, sent: bool) -> None:
    """One that is found later says nothing of who has the case now."""
    stage.enter(states.LINKED)
    own = OwnMessage(21, 200.0, staff)
    if sent:
        stage.links.message_sent(TICKET, 0, Sent(21, 201.0, own, 190.0))
    else:
        stage.links.message_found(TICKET, 201.0, own, 190.0)
    row = stage.row()
    assert (row.own_message_at, row.own_messages) == (201.0, (own,))
    assert (row.own_reply_at, row.own_client_at, row.client_stamp) == (
        (201.0, 0.0, 0.0) if staff else (0.0, 201.0, 190.0)
    )
    assert row.seen_staff == (assigned if sent else 0)
    assert (row.own_write_at, row.unread) == (201.0, True)


def test_a_note_that_is_found_later_is_no_message(stage: Stage) -> None:
    stage.enter(states.LINKED)
    stage.links.message_found(TICKET, 201.0, None, 190.0)
    row = stage.row()
    assert (row.own_write_at, row.unread, row.own_message_at, row.own_messages) == (201.0, True, 0.0, ())


@pytest.mark.parametrize("agreed", ["open", "waiting"])
def test_an_open_case_covers_the_clients_message_only_where_both_sides_agreed_that_it_is_open(
    stage: Stage, agreed: str
) -> None:
    """Our own message may have opened it. What an observation is expected to leave is the same as what is stored."""
    stage.enter(states.LINKED)
    stage.links.status_agreed(TICKET, agreed, agreed)
    stage.links.client_wrote(TICKET, 200.0, 5)
    expected = learn(stage.row(), [CaseSeen("open", 201.0, False)])
    stage.links.case_seen(TICKET, "open", 201.0, 0.0, 0)
    assert stage.row().client_at == expected.client_at == (0.0 if agreed == "open" else 200.0)


@pytest.mark.parametrize("back", [0.0, 240.0])
def test_what_is_sent_after_the_case_was_seen_is_known_also_if_the_clock_was_set_back_since(
    stage: Stage, clock: Clock, back: float
) -> None:
    stage.enter(states.LINKED)
    stage.links.case_seen(TICKET, "open", 200.0, 0.0, 0)
    clock.tick(1 - back)
    stage.links.message_sent(TICKET, 0, Sent(1, 201.0))
    assert stage.row().alive_at < clock.now


@pytest.mark.parametrize("external", [0, 21])
@pytest.mark.parametrize("answer", [20, 21, 22])
@pytest.mark.parametrize("at", [198.5, 199.0, 200.0, 200.5])
def test_an_answer_covers_what_the_client_wrote_before_it(stage: Stage, external: int, answer: int, at: float) -> None:
    """The row is asked as it is then, by the condition that a plan is made with."""
    stage.enter(states.LINKED)
    stage.links.client_wrote(TICKET, 200.0, 70, external)
    row, message = stage.row(), Message(answer, 0, STAFF, "text", "", False, False, at)
    covered = comes_after_the_client(message, row.client_at, row.client_external)
    stage.links.staff_answered(TICKET, answer, at, SAME_MOMENT)
    assert (stage.row().client_at == 0.0) == covered


@pytest.mark.parametrize(("wrote_at", "covered"), [(199.0, True), (200.0, False)])
def test_an_agreement_covers_what_the_client_wrote_before_the_case_was_seen_to_be_open(
    stage: Stage, wrote_at: float, covered: bool
) -> None:
    """A message of the second in which it was seen may have come after that."""
    stage.enter(states.LINKED)
    stage.links.client_wrote(TICKET, wrote_at, 5)
    stage.links.status_agreed(TICKET, "waiting", "waiting")
    stage.links.client_wrote(TICKET, wrote_at, 5)
    stage.links.case_seen(TICKET, "open", 200.0, 0.0, 0)
    stage.links.status_agreed(TICKET, "open", "open")
    assert (stage.row().client_at == 0.0) == covered
