"""The model of the expected status, and rule 4: a client who wrote last finds both sides open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.judge.history import Decided, Said
from tests.judge.snapshot import Entry
from tests.judge.worlds import World

TICKET, CASE = 300, 900


@pytest.fixture
def world() -> World:
    """A ticket that rested, open on both sides and answered."""
    made = World()
    made.opens()
    made.staff(TICKET, CASE, "Смотрим")
    made.polled()
    made.rested()
    return made


def shows(world: World, ticket: str, case: str) -> list[str]:
    """The verdict when both sides show these states in the end."""
    world.here(TICKET, None, ticket)
    world.there(CASE, None, case)
    return world.verdict()


PAIRS = [(ticket, case) for ticket in ("open", "waiting", "closed") for case in ("open", "waiting", "closed")]


def right_ones(world: World) -> list[tuple[str, str]]:
    return [pair for pair in PAIRS if not shows(world, *pair)]


# One decision


def test_nobody_decided_anything(world: World) -> None:
    assert right_ones(world) == [("open", "open")]
    assert shows(world, "waiting", "closed") == ["client wins"]
    assert shows(world, "open", "closed") == ["client wins"]


def test_an_employee_ends(world: World) -> None:
    world.ends(TICKET, CASE)
    assert right_ones(world) == [("waiting", "waiting"), ("closed", "waiting")]
    assert shows(world, "open", "open") == ["status"]
    assert shows(world, "waiting", "closed") == ["status"]
    assert shows(world, "waiting", "open") == ["agreement"]
    assert shows(world, "open", "waiting") == ["agreement"]


@pytest.mark.parametrize("status", ["waiting", "closed"])
def test_an_agent_decides(world: World, status: str) -> None:
    world.sets(TICKET, CASE, status)
    assert right_ones(world) == [("waiting", status), ("closed", status)]


def test_an_agents_reply_decides(world: World) -> None:
    world.agent(TICKET, CASE, "Готово", status="closed")
    assert right_ones(world) == [("waiting", "closed"), ("closed", "closed")]


def test_a_client_archives(world: World) -> None:
    world.archives(TICKET, CASE)
    assert right_ones(world) == [("closed", "closed")]
    assert shows(world, "waiting", "closed") == ["status"]
    world.agent(TICKET, CASE, "Хорошего дня")  # what staff write takes it out of the archive
    assert shows(world, "waiting", "closed") == []


def test_a_reply_without_a_status_decides_nothing(world: World) -> None:
    world.sets(TICKET, CASE, "closed")
    world.agent(TICKET, CASE, "Ещё одно")
    assert right_ones(world) == [("waiting", "closed"), ("closed", "closed")]


# Two decisions, one after the other


def test_the_later_decision_wins_when_the_module_knew_of_the_first(world: World) -> None:
    world.sets(TICKET, CASE, "closed")
    world.polled()
    world.act(Decided(world.now, "B", "open", TICKET))
    world.both(TICKET, CASE, "open")
    assert right_ones(world) == [("open", "open")]


def test_omnidesk_or_the_later_one_wins_when_it_may_not_have_known(world: World) -> None:
    world.sets(TICKET, CASE, "closed")
    world.tick(30)
    world.act(Decided(world.now, "B", "open", TICKET))
    assert right_ones(world) == [("open", "open"), ("waiting", "closed"), ("closed", "closed")]
    assert shows(world, "open", "closed") == ["agreement"]


def test_within_seconds_either_wins(world: World) -> None:
    world.act(Decided(world.now, "B", "open", TICKET))
    world.tick(2)
    world.act(Decided(world.now, "O", "waiting", case=CASE, sees=10**6))
    assert ("waiting", "waiting") in right_ones(world)
    world = World()
    world.opens()
    world.ends(TICKET, CASE)
    world.polled()
    world.rested()
    world.act(Decided(world.now, "O", "open", case=CASE))
    world.tick(2)
    world.act(Decided(world.now, "B", "waiting", TICKET, sees=10**6))
    assert shows(world, "open", "open") == []
    assert shows(world, "waiting", "open") == ["agreement"]


def test_an_employee_who_ends_seconds_after_an_agent_closed_leaves_it_closed(world: World) -> None:
    world.sets(TICKET, CASE, "closed")
    world.tick(3)
    world.act(Decided(world.now, "B", "waiting", TICKET, sees=10**6))
    assert shows(world, "waiting", "closed") == []
    assert shows(world, "open", "open") == ["status"]


@pytest.mark.parametrize(("polled", "either"), [(False, True), (True, False)])
def test_a_later_reply_may_set_a_closed_case_waiting_that_no_poll_has_shown(
    world: World, polled: bool, either: bool
) -> None:
    world.ends(TICKET, CASE)
    world.polled()
    world.rested()
    world.tick(30)
    world.sets(TICKET, CASE, "closed")
    if polled:
        world.polled()
    world.tick(30)
    world.staff(TICKET, CASE, "И ещё", end=True)
    assert shows(world, "waiting", "closed") == []
    assert shows(world, "waiting", "waiting") == ([] if either else ["status"])
    assert shows(world, "open", "open") == ["status"]


@pytest.mark.parametrize(("seconds", "either"), [(0, True), (30, False)])
def test_right_after_a_poll_the_case_is_not_read_again(world: World, seconds: int, either: bool) -> None:
    """A status costs one call: within seconds of a poll, what was decided in Omnidesk since may be overwritten."""
    world.polled()
    world.tick(seconds)
    world.sets(TICKET, CASE, "closed")
    world.act(Decided(world.now, "B", "waiting", TICKET, sees=10**6))
    assert shows(world, "waiting", "closed") == []
    assert shows(world, "waiting", "waiting") == ([] if either else ["status"])
    assert shows(world, "open", "open") == ["status"]


def test_but_a_client_wins_there_too(world: World) -> None:
    world.polled()
    world.sets(TICKET, CASE, "closed")
    world.client(TICKET, CASE, "Постойте")
    assert right_ones(world) == [("open", "open")]


def test_in_trouble_a_later_decision_may_have_come_too_early(world: World) -> None:
    """The worker may have died between what it read and what it wrote."""
    world.disturbed()
    world.act(Decided(world.now, "B", "waiting", TICKET, sees=10**6))
    world.tick(600)
    world.act(Decided(world.now, "O", "open", case=CASE))
    assert shows(world, "open", "open") == []
    assert shows(world, "waiting", "waiting") == []
    assert shows(world, "waiting", "open") == ["agreement"]


# The client wins


def test_a_client_who_writes_into_a_closed_case_finds_both_open(world: World) -> None:
    world.sets(TICKET, CASE, "closed")
    world.tick(3)
    world.client(TICKET, CASE, "Ещё не работает")
    assert right_ones(world) == [("open", "open")]
    assert shows(world, "waiting", "closed") == ["client wins"]
    assert shows(world, "closed", "closed") == ["client wins"]
    assert shows(world, "open", "closed") == ["client wins"]


def test_in_trouble_he_wins_as_well(world: World) -> None:
    world.disturbed()
    world.sets(TICKET, CASE, "closed")
    world.client(TICKET, CASE, "Ещё не работает")
    assert shows(world, "waiting", "closed") == ["client wins"]


def test_an_agent_who_closes_without_having_read_him_ends_nothing(world: World) -> None:
    seen = max(one.id for one in world.cases[CASE].entries)
    world.client(TICKET, CASE, "Ещё не работает")
    world.act(Decided(world.now, "O", "closed", case=CASE, sees=seen))
    assert right_ones(world) == [("open", "open")]
    assert shows(world, "waiting", "closed") == ["client wins"]


def test_one_who_has_read_him_does(world: World) -> None:
    world.client(TICKET, CASE, "Ещё не работает")
    world.sets(TICKET, CASE, "closed")
    assert ("waiting", "closed") in right_ones(world)
    assert ("open", "open") not in right_ones(world)


def test_one_who_ends_it_in_the_same_moment_may_have_read_him_or_not(world: World) -> None:
    id = world.client(TICKET, CASE, "Ещё не работает")
    world.history.acts.append(Decided(id / 10 + 0.3, "B", "waiting", TICKET, sees=id))
    assert shows(world, "open", "open") == []
    assert shows(world, "waiting", "waiting") == []
    assert shows(world, "waiting", "open") == ["agreement"]


def test_so_may_an_agent_to_whom_it_has_only_just_come(world: World) -> None:
    world.client(TICKET, CASE, "Ещё не работает")
    copy = max(one.id for one in world.cases[CASE].entries)
    world.act(Decided(world.now + 9, "O", "closed", case=CASE, sees=copy, fresh=copy))
    assert shows(world, "open", "open") == []
    assert shows(world, "waiting", "closed") == []


def test_an_employee_who_has_not_read_his_mail_ends_nothing(world: World) -> None:
    seen = max(one.id for one in world.tickets[TICKET].entries)
    world.mails(TICKET, CASE, "Письмом: не работает")
    world.act(Decided(world.now, "B", "waiting", TICKET, sees=seen))
    assert right_ones(world) == [("open", "open")]


def test_a_mail_opens_both_whatever_the_account_does(world: World) -> None:
    """An account that does not reopen cases by itself."""
    world.sets(TICKET, CASE, "closed")
    world.polled()
    world.mails(TICKET, CASE, "Письмом: не работает", after="closed")
    assert right_ones(world) == [("open", "open")]


def test_he_may_archive_what_he_has_just_written(world: World) -> None:
    world.mails(TICKET, CASE, "Письмом: уже всё")
    world.archives(TICKET, CASE)
    assert shows(world, "closed", "closed") == []
    assert shows(world, "open", "open") == ["status"]


def test_whether_he_wrote_in_omnidesk_before_he_archived_shows_nowhere(world: World) -> None:
    """The message is not in the ticket yet, and BILLmanager keeps no time of the archiving."""
    before = max(one.id for one in world.tickets[TICKET].entries)
    world.mails(TICKET, CASE, "Письмом: не работает")
    world.act(Decided(world.now, "B", "closed", TICKET, sees=before, by_client=True))
    assert shows(world, "closed", "closed") == []
    assert shows(world, "open", "open") == []
    assert shows(world, "closed", "open") == ["agreement"]


def test_what_he_wrote_before_a_rest_still_counts_after_it(world: World) -> None:
    world.client(TICKET, CASE, "Ещё не работает")
    world.rested()
    assert shows(world, "waiting", "waiting") == ["client wins"]


def test_a_new_ticket_is_open_on_both_sides() -> None:
    world = World()
    world.opens()
    assert right_ones(world) == [("open", "open")]
    assert shows(world, "waiting", "waiting") == ["client wins"]


# Cases that went


def test_a_ticket_without_a_case_has_any_state(world: World) -> None:
    world.goes(CASE, "trash")
    assert right_ones(world) == PAIRS


def test_its_next_case_is_as_the_ticket_is(world: World) -> None:
    world.sets(TICKET, CASE, "closed")
    world.goes(CASE, "spam")
    world.cases[CASE + 5] = type(world.cases[CASE])(CASE + 5, "Тема 300", 5, "open")
    id = world.tick()
    world.here(TICKET, Entry(id, "client", 5, "Ау"), "open")
    world.act(Said(world.now, "B", "message", id, 5, "Ау", "open", TICKET, sees=id))
    world.there(CASE + 5, Entry(world.tick(), "client", 5, "Ау"))
    assert world.complaints() == []
    world.there(CASE + 5, None, "closed")
    assert world.verdict() == ["client wins"]


@pytest.mark.parametrize("arrives", [True, False])
def test_a_mail_in_a_case_that_went_asks_for_something_where_it_arrived(world: World, arrives: bool) -> None:
    world.ends(TICKET, CASE)
    world.rested()
    id = world.tick()
    world.there(CASE, Entry(id, "client", 5, "Письмом: ау"), "open")
    world.act(Said(world.now, "O", "message", id, 0, "Письмом: ау", "open", case=CASE, sees=id))
    if arrives:
        world.here(TICKET, Entry(world.tick(), "client", 5, "Письмом: ау"))
    world.goes(CASE, "spam")
    world.cases[CASE + 5] = type(world.cases[CASE])(CASE + 5, "Тема 300", 5, "waiting")
    world.staff(TICKET, CASE + 5, "Ещё ответ", end=True)
    last = world.history.acts.pop()
    assert isinstance(last, Said)
    world.act(replace(last, sees=1))
    assert ("client wins" in world.verdict()) is arrives
