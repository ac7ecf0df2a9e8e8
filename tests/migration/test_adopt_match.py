"""Which ticket is which case: two of three, the only one both ways, and never by chance."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnidesk.migration.adopt_match import DAY, Asked, Held, Match, match, numbers, subject


def never(ticket: int, case: int) -> float:
    raise AssertionError("no text is needed for this")


def texts(*equal: tuple[int, int], alike: tuple[tuple[int, int], ...] = ()) -> Callable[[int, int], float]:
    return lambda ticket, case: 1.5 if (ticket, case) in equal else 1.0 if (ticket, case) in alike else 0.0


def test_subject_and_time_of_the_only_one_are_enough_without_a_call() -> None:
    found = match([Asked(1, "Сайт лежит", 1000.0)], [Held(9, "Re: сайт  лежит", 5000.0)], never)
    assert found.found == {1: Match(9, ("subject", "time"))}


@pytest.mark.parametrize(
    ("name", "at", "same", "grounds"),
    [
        ("Тема", 9e9, True, ("subject", "text")),
        ("Иное", 1000.0, True, ("time", "text")),
        ("Запрос №4321 из панели", 9e9, True, ("subject", "text")),
        ("Тема", 9e9, False, None),
        ("Иное", 1000.0, False, None),
        ("Иное", 9e9, True, None),  # the text alone, and nobody is asked for it
    ],
)
def test_two_of_three(name: str, at: float, same: bool, grounds: tuple[str, ...] | None) -> None:
    found = match([Asked(4321, "Тема", 1000.0)], [Held(9, name, at)], texts((4321, 9)) if same else texts())
    assert found.found == ({4321: Match(9, grounds)} if grounds else {})
    assert found.doubtful == {}


def test_twins_are_left_alone_and_the_better_match_wins() -> None:
    tickets = [Asked(1, "Тема", 1000.0), Asked(2, "Тема", 1000.0)]
    cases = [Held(8, "Тема", 1000.0), Held(9, "Тема", 1000.0)]
    assert match(tickets, cases, texts()).doubtful == {1: (8, 9), 2: (8, 9)}
    assert match(tickets, cases, texts((1, 8), (1, 9), (2, 8), (2, 9))).found == {}
    clear = match(tickets, cases, texts((1, 8), (2, 9)))
    assert {ticket: one.case for ticket, one in clear.found.items()} == {1: 8, 2: 9}
    alike = match(tickets, cases, texts((1, 8), (2, 9), alike=((1, 9), (2, 8))))  # all alike, two the same
    assert {ticket: one.case for ticket, one in alike.found.items()} == {1: 8, 2: 9}


def test_who_is_perhaps_another_client_has_to_say_the_same() -> None:
    tickets, cases = [Asked(1, "Тема", 1000.0)], [Held(9, "Тема", 1000.0, sure=False)]
    assert match(tickets, cases, texts()).found == {}
    assert match(tickets, cases, texts((1, 9))).found == {1: Match(9, ("subject", "time", "text"))}


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=8),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.booleans()), max_size=8),
    st.sets(st.tuples(st.integers(1, 8), st.integers(101, 108))),
)
def test_nothing_is_matched_twice_or_on_one_ground(
    tickets: list[tuple[int, int]], cases: list[tuple[int, int, bool]], equal: set[tuple[int, int]]
) -> None:
    asked = [Asked(n, f"тема {name}", day * 2 * DAY) for n, (name, day) in enumerate(tickets, 1)]
    held = [Held(n, f"тема {name}", day * 2 * DAY, sure) for n, (name, day, sure) in enumerate(cases, 101)]
    found = match(asked, held, texts(*equal))
    taken = [one.case for one in found.found.values()]
    assert len(set(taken)) == len(taken)
    assert not found.found.keys() & found.doubtful.keys()
    by_ticket, by_case = {one.id: one for one in asked}, {one.id: one for one in held}
    for ticket, one in found.found.items():
        mine, case = by_ticket[ticket], by_case[one.case]
        true = {"subject": mine.subject == case.subject, "time": mine.at == case.at, "text": (ticket, case.id) in equal}
        assert len(one.grounds) >= 2 and all(true[ground] for ground in one.grounds)
        assert case.sure or "text" in one.grounds
        others = [
            other for other in asked if other.id != ticket and (other.subject, other.at) == (mine.subject, mine.at)
        ]
        assert not others or "text" in one.grounds  # a twin is told apart by the text only


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Запрос №17", {17}),
        ("[#290-320788] ответ", {290}),
        ("сервер 2 и 3", set()),
        ("ticket 98765", {98765}),
        ("", set()),
    ],
)
def test_numbers_in_subjects(text: str, found: set[int]) -> None:
    assert numbers(text) >= found if found else numbers(text) == set()


def test_a_subject_without_letters_says_nothing() -> None:
    assert subject(" — ") == subject("...") == subject("   ") == subject("Re: ") == ""
    assert match([Asked(1, "  ", 1.0)], [Held(9, "", 9e9)], never).found == {}
