"""Right snapshots of random histories are right; one change to any of them is noticed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.judge import texts
from tests.judge.history import Person
from tests.judge.snapshot import Entry
from tests.judge.worlds import ANNA, BORIS, IVAN, OLGA, PETRA, VERA, World

WORDS = st.sampled_from(("да", "нет", "ок", "ок", "Спасибо!", "👍", "a < b", "**жирно**", "\u200b"))
STEPS: list[Callable[[World, int, int, str, int], object]] = [
    lambda world, ticket, case, text, who: world.client(ticket, case, text, _client(world, case, who)),
    lambda world, ticket, case, text, who: world.staff(ticket, case, text, (ANNA, BORIS)[who % 2]),
    lambda world, ticket, case, text, who: world.staff(ticket, case, text, (ANNA, BORIS)[who % 2], end=True),
    lambda world, ticket, case, text, who: world.staff(ticket, case, text, (ANNA, BORIS)[who % 2], kind="note"),
    lambda world, ticket, case, text, who: world.agent(ticket, case, text, (ANNA, VERA)[who % 2]),
    lambda world, ticket, case, text, who: world.agent(ticket, case, text, VERA, status="closed"),
    lambda world, ticket, case, text, who: world.agent(ticket, case, text, VERA, kind="note"),
    lambda world, ticket, case, text, who: world.mails(ticket, case, text),
    lambda world, ticket, case, text, who: world.sets(ticket, case, ("open", "waiting", "closed")[who % 3]),
    lambda world, ticket, case, text, who: world.ends(ticket, case),
    lambda world, ticket, case, text, who: world.archives(ticket, case),
    lambda world, ticket, case, text, who: world.polled(),
    lambda world, ticket, case, text, who: world.rested(),
]
ACTS = st.lists(
    st.tuples(st.integers(0, len(STEPS) - 1), st.integers(0, 1), WORDS, st.integers(0, 5)), min_size=1, max_size=14
)


def _client(world: World, case: int, who: int) -> Person:
    return PETRA if world.cases[case].client == PETRA.billmanager else (IVAN, OLGA)[who % 2]


def play(acts: list[tuple[int, int, str, int]]) -> World:
    """Two tickets of two clients, and everything goes over at once."""
    world = World()
    pairs = [world.opens(), world.opens(PETRA, "Hallo")]
    for step, which, text, who in acts:
        STEPS[step](world, *pairs[which], text, who)
        world.tick(100)
        world.polled()
    return world


@settings(deadline=None, derandomize=True, max_examples=60)
@given(ACTS)
def test_what_went_over_at_once_is_right(acts: list[tuple[int, int, str, int]]) -> None:
    world = play(acts)
    assert world.complaints() == []


def _copies(world: World) -> list[tuple[str, int, int]]:
    """(side, ticket or case, place) of everything that the other side said."""
    known = {(one.side, one.id) for one in world.history.said()}
    found = []
    for side, holders in (("B", world.tickets), ("O", world.cases)):
        for id, holder in holders.items():
            found += [(side, id, at) for at, one in enumerate(holder.entries) if (side, one.id) not in known]
    return found


def _entries(world: World, side: str, id: int) -> tuple[Entry, ...]:
    return (world.tickets if side == "B" else world.cases)[id].entries


def _put(world: World, side: str, id: int, entries: tuple[Entry, ...]) -> None:
    (world.ticket_entries if side == "B" else world.case_entries)(id, entries)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(ACTS, st.data())
def test_a_copy_that_is_missing_is_noticed(acts: list[tuple[int, int, str, int]], data: st.DataObject) -> None:
    world = play(acts)
    side, id, at = data.draw(st.sampled_from(_copies(world)))
    entries = _entries(world, side, id)
    _put(world, side, id, entries[:at] + entries[at + 1 :])
    found = world.verdict()
    assert "lost" in found
    # Nobody can have read what never arrived, and a case begins with another message then.
    assert set(found) <= {"lost", "client wins", "status", "author"}


@settings(deadline=None, derandomize=True, max_examples=60)
@given(ACTS, st.data())
def test_a_copy_that_is_there_twice_is_noticed(acts: list[tuple[int, int, str, int]], data: st.DataObject) -> None:
    world = play(acts)
    side, id, at = data.draw(st.sampled_from(_copies(world)))
    entries = _entries(world, side, id)
    _put(world, side, id, (*entries, replace(entries[at], id=world.tick())))
    assert world.verdict() == ["repeated"]


@settings(deadline=None, derandomize=True, max_examples=60)
@given(ACTS, st.data())
def test_other_words_are_noticed(acts: list[tuple[int, int, str, int]], data: st.DataObject) -> None:
    world = play(acts)
    side, id, at = data.draw(st.sampled_from(_copies(world)))
    entries = list(_entries(world, side, id))
    line, _ = texts.split(entries[at].text)
    entries[at] = replace(entries[at], text=f"{line} пишет:\n\nсовсем другое" if line else "совсем другое")
    _put(world, side, id, tuple(entries))
    assert "text" in world.verdict()


@settings(deadline=None, derandomize=True, max_examples=60)
@given(ACTS, st.data())
def test_another_author_is_noticed(acts: list[tuple[int, int, str, int]], data: st.DataObject) -> None:
    world = play(acts)
    side, id, at = data.draw(st.sampled_from(_copies(world)))
    entries = list(_entries(world, side, id))
    entries[at] = replace(entries[at], author=999)
    _put(world, side, id, tuple(entries))
    assert world.verdict() in (["author"], ["client"])


@settings(deadline=None, derandomize=True, max_examples=60)
@given(ACTS, st.data())
def test_an_exchange_of_two_copies_is_noticed(acts: list[tuple[int, int, str, int]], data: st.DataObject) -> None:
    world = play(acts)
    side, id, at = data.draw(st.sampled_from(_copies(world)))
    entries = list(_entries(world, side, id))
    other = data.draw(
        st.sampled_from([place for where, holder, place in _copies(world) if (where, holder) == (side, id)])
    )
    one, two = entries[at], entries[other]
    assume((one.kind == "note") == (two.kind == "note"))
    assume((texts.bare(one.text), one.author, one.kind) != (texts.bare(two.text), two.author, two.kind))
    entries[at], entries[other] = replace(two, id=one.id), replace(one, id=two.id)
    _put(world, side, id, tuple(entries))
    assert "order" in world.verdict()


@settings(deadline=None, derandomize=True, max_examples=60)
@given(ACTS, st.integers(0, 1), st.sampled_from(("open", "waiting", "closed")))
def test_states_that_disagree_are_noticed(acts: list[tuple[int, int, str, int]], which: int, status: str) -> None:
    world = play(acts)
    ticket, case = 300 + which, 900 + which
    assume((world.tickets[ticket].state == "open") != (status == "open"))
    world.there(case, None, status)
    assert world.verdict() in (["agreement"], ["client wins"])
