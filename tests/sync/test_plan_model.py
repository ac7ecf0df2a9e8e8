"""The plan, carried out on a small model of both sides: everything goes over once, in order; then there is peace."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from omnidesk.sync import actions as do
from tests.support.amount import examples
from tests.sync.plan_model import COMPATIBLE, POLICY, Model, Switches

STATES = st.sampled_from(["open", "waiting", "closed"])
ACTS = st.one_of(
    st.just(("client_writes", {})),
    st.builds(lambda close: ("employee_writes", {"close": close}), st.booleans()),
    st.just(("employee_notes", {})),
    st.builds(lambda state: ("set_state", {"state": state}), STATES),
    st.builds(
        lambda note, status: ("agent_writes", {"note": note, "status": status}), st.booleans(), STATES | st.just("")
    ),
    st.just(("client_writes_elsewhere", {})),
    st.builds(lambda status: ("agent_sets", {"status": status}), STATES),
    st.just(("settle", {})),
)
STORIES = st.lists(ACTS, max_size=25)
SWITCHES = st.builds(Switches, st.booleans(), st.booleans())


def played(story: list[tuple[str, dict[str, Any]]], switches: Switches) -> Model:
    """The story of a ticket that a client has opened and that is linked."""
    model = Model(switches)
    model.client_writes()
    model.settle()
    for act, options in story:
        getattr(model, act)(**options)
    return model


@settings(max_examples=examples(400), deadline=None)
@given(STORIES, SWITCHES)
def test_every_story_ends_in_peace(story: list[tuple[str, dict[str, Any]]], switches: Switches) -> None:
    """A few rounds of plan and apply give an empty plan, both sides hold the same, and the states agree."""
    model = played(story, switches)
    model.settle()
    assert model.plan() == []
    here, there = model.both_texts()
    assert here == there
    assert len(set(here)) == len(here), "something is there twice"
    assert (model.state, model.status) in COMPATIBLE
    assert (model.link.ticket_status, model.link.case_status) in COMPATIBLE
    assert (model.state, model.status) == (model.link.ticket_status, model.link.case_status)


@settings(max_examples=examples(200), deadline=None)
@given(STORIES, SWITCHES)
def test_each_sides_order_is_kept(story: list[tuple[str, dict[str, Any]]], switches: Switches) -> None:
    """What was written on one side stands in the same order on the other; notes and messages each for themselves."""
    model = played(story, switches)
    model.settle()
    for notes in (False, True):
        here = [one.id for one in (model.notes if notes else model.messages)]
        by_here = {one.ticket_message: one for one in model.links if one.kind == ("note" if notes else "message")}
        out = [by_here[id].external_message for id in here if by_here[id].direction == "out"]
        assert out == sorted(out)
        place = {one.message_id: at for at, one in enumerate(model.thread)}
        arrived = [place[by_here[id].external_message] for id in here if by_here[id].direction == "in"]
        assert arrived == sorted(arrived)


@settings(max_examples=examples(200), deadline=None)
@given(STORIES, SWITCHES)
def test_a_plan_has_no_memory_and_no_chance_in_it(story: list[tuple[str, dict[str, Any]]], switches: Switches) -> None:
    """The same view gives the same plan, and planning changes nothing."""
    model = played(story, switches)
    view = model.view()
    assert model.plan() == model.plan()
    assert model.view() == view


@settings(max_examples=examples(200), deadline=None)
@given(STORIES, SWITCHES)
def test_nothing_that_is_linked_is_sent_again(story: list[tuple[str, dict[str, Any]]], switches: Switches) -> None:
    """No plan names a message that is on both sides already."""
    model = played(story, switches)
    known_here = {(one.kind, one.ticket_message) for one in model.links}
    known_there = {one.external_message for one in model.links}
    for action in model.plan():
        match action:
            case do.SendMessage() | do.CreateCase():
                assert ("message", action.message.id) not in known_here
            case do.SendNote():
                assert ("note", action.note.id) not in known_here
            case do.DeliverReply() | do.DeliverNote() | do.DeliverClientMessage():
                assert action.reply.message_id not in known_there


@settings(max_examples=examples(150), deadline=None)
@given(STORIES, SWITCHES, st.integers(0, 30))
def test_a_run_that_stops_between_two_actions_loses_nothing(
    story: list[tuple[str, dict[str, Any]]], switches: Switches, after: int
) -> None:
    """The next plan goes on from wherever the last one stopped."""
    model = played(story, switches)
    for action in model.plan()[:after]:
        model.perform(action)
        if isinstance(action, do.CreateCase):
            break
    model.settle()
    here, there = model.both_texts()
    assert here == there and len(set(here)) == len(here)
    assert (model.state, model.status) in COMPATIBLE


LAGGING_ACTS = st.one_of(
    ACTS,
    st.just(("poll", {})),
    st.just(("fetch", {})),
    st.just(("client_writes", {})),
    st.builds(lambda after: ("work", {"dies_after": after}), st.integers(0, 4)),
    st.just(("interrupted", {})),
)


@settings(max_examples=examples(500), deadline=None)
@given(st.lists(LAGGING_ACTS, max_size=25), SWITCHES)
def test_a_client_who_waits_finds_both_sides_open(story: list[tuple[str, dict[str, Any]]], switches: Switches) -> None:
    """Whatever is known when, whoever writes in the middle of what, wherever a run dies: the client's message wins."""
    model = Model(switches, lagging=True)
    model.client_writes()
    model.settle()
    for act, options in story:
        if act == "interrupted":  # the client writes in the middle of the next call that ends the ticket
            model.meanwhile = model.client_writes
        else:
            getattr(model, act)(**options)
    model.meanwhile = None
    model.rest()
    here, there = model.both_texts()
    assert here == there and len(set(here)) == len(here)
    assert (model.state, model.status) in COMPATIBLE
    if model.client_waits():
        assert (model.state, model.status) == ("open", "open")


@settings(max_examples=examples(400), deadline=None)
@given(st.lists(LAGGING_ACTS, max_size=15), SWITCHES, st.sampled_from(["waiting", "closed"]), st.booleans())
def test_what_staff_end_at_rest_stays_ended(
    story: list[tuple[str, dict[str, Any]]], switches: Switches, status: str, here: bool
) -> None:
    """No message of the client is remembered longer than it waits."""
    model = Model(switches, lagging=True)
    model.client_writes()
    for act, options in story:
        if act != "interrupted":
            getattr(model, act)(**options)
    model.rest()
    (model.set_state if here else model.agent_sets)(status)
    model.rest()
    assert model.state != "open" and model.status != "open"
    assert (model.state if here else model.status) == status


@given(STORIES)
def test_a_message_that_comes_in_never_waits_for_the_next_plan(story: list[tuple[str, dict[str, Any]]]) -> None:
    """One plan names everything that is to go either way, unless a case has to be made first."""
    model = played(story, Switches())
    view = model.view()
    assume(view.link.has_case)
    actions = model.plan()
    named = sum(isinstance(one, (do.SendMessage, do.SendNote)) for one in actions)
    assert named == len(view.messages) + len(view.notes)
    coming = (do.DeliverReply, do.DeliverNote, do.DeliverClientMessage, do.Learn, do.Skip)
    assert sum(isinstance(one, coming) for one in actions) == len(view.replies)


def test_the_policy_of_the_model_is_the_modules_default() -> None:
    """So the stories above are what an installation does."""
    assert POLICY.sync_notes and POLICY.covers
