"""What the judge says of edits that are to reach the client."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.judge.snapshot import Entry
from tests.judge.worlds import INTEGRATION, VERA, World

LINE = "Вера Орлова пишет:\n\n"


def edited(*texts: str) -> tuple[World, int]:
    """A reply that was delivered and then edited; the world and its ticket."""
    world = World()
    world.history.habits = replace(world.history.habits, edits="message")
    ticket, case = world.opens()
    reply = world.agent(ticket, case, "раз", VERA)
    for text in texts:
        world.edited(case, reply, text)
    return world, ticket


def follows(world: World, ticket: int, text: str) -> None:
    world.here(ticket, Entry(world.tick(), "staff", INTEGRATION.billmanager, f"{LINE}Исправление: {text}"))


def test_the_last_text_has_to_reach_the_client() -> None:
    world, ticket = edited("два", "три")
    assert world.verdict() == ["correction"]
    follows(world, ticket, "три")
    assert world.complaints() == []


def test_a_message_that_was_changed_itself_needs_no_other() -> None:
    world, ticket = edited("два")
    entries = world.tickets[ticket].entries
    world.ticket_entries(ticket, (*entries[:-1], replace(entries[-1], text=f"{LINE}два")))
    assert world.complaints() == []


def test_the_same_text_twice_is_once_too_often() -> None:
    world, ticket = edited("два")
    follows(world, ticket, "два")
    follows(world, ticket, "два")
    assert set(world.verdict()) == {"repeated"}


def test_an_edit_that_was_taken_back_unseen_is_none() -> None:
    world, ticket = edited("два", "раз")
    assert world.complaints() == []
    follows(world, ticket, "два")
    assert world.verdict() == ["correction"], "now the client believes what is not said any more"
    follows(world, ticket, "раз")
    assert world.complaints() == []


def test_who_rates_a_correction_rates_the_reply() -> None:
    world, ticket = edited("два")
    follows(world, ticket, "два")
    case = next(iter(world.cases))
    world.rates(ticket, world.tickets[ticket].entries[-1].id, "bad")
    assert world.verdict() == ["rating"]
    entries = world.cases[case].entries
    world.case_entries(case, (*entries[:-1], replace(entries[-1], rating="low")))
    assert world.complaints() == []


@pytest.mark.parametrize("text", ["четыре", "раз"])
def test_a_correction_of_nothing_is_a_stranger(text: str) -> None:
    world, ticket = edited()
    follows(world, ticket, text)
    assert world.verdict() == ["stranger"]


def test_an_archived_ticket_takes_none() -> None:
    world, ticket = edited("два")
    world.archives(ticket, max(world.cases))
    assert world.complaints() == []
