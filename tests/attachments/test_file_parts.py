"""How files are spread over messages: every file once, in order, nothing over the limits."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from omnidesk.attachments.splitting import MOST_BYTES, MOST_FILES, Division, divide, divisions

SIZES = st.lists(st.integers(0, 30), max_size=40)
MOST = 50


@given(SIZES, st.integers(0, 60), st.integers(1, 8))
@example([30, 30, 30], 0, 8)
@example([0] * 20, 0, 1)
@example([], 60, 1)
def test_every_file_goes_once_in_order_and_no_message_holds_too_much(sizes: list[int], first: int, files: int) -> None:
    groups = divide(sizes, first, MOST, files)
    assert [place for group in groups for place in group] == list(range(len(sizes)))
    assert all(len(group) <= files for group in groups)
    assert all(groups[1:]), "only the first message can be without files"
    for number, group in enumerate(groups):
        taken = sum(sizes[place] for place in group) + (first if number == 0 else 0)
        assert taken <= MOST or len(group) == (1 if first == 0 or number else 0)


@given(SIZES, st.integers(0, 30))
def test_no_message_could_have_taken_the_first_file_of_the_next(sizes: list[int], first: int) -> None:
    """As few messages as the order allows: calls are scarce."""
    groups = divide(sizes, first, MOST, 5)
    for number in range(len(groups) - 1):
        taken = sum(sizes[place] for place in groups[number]) + (first if number == 0 else 0)
        assert len(groups[number]) == 5 or taken + sizes[groups[number + 1][0]] > MOST


def test_a_file_larger_than_a_message_has_one_of_its_own() -> None:
    assert divide([1, 99, 1], 0, MOST, 5) == [[0], [1], [2]]
    assert divide([99], 10, MOST, 5) == [[], [0]]


def test_the_limits_keep_below_what_omnidesk_and_php_take() -> None:
    """Two files of 25 MB and a text are more than one request of 50 MB, whichever megabytes are meant."""
    assert MOST_BYTES < 50_000_000
    assert MOST_FILES <= 20
    assert divide([25_000_000, 25_000_000], 1000) == [[0], [1]]
    assert divide([25 * 1024 * 1024], 1000) == [[0]]


@given(st.lists(st.lists(st.integers(), min_size=1, max_size=4), min_size=1, max_size=4))
def test_a_refused_message_ends_without_its_files_and_loses_none(groups: list[list[int]]) -> None:
    """However often it is refused: each file is in a message to come or named as refused, and at last it has none."""
    everything = [one for group in groups for one in group]
    ways = divisions([list(group) for group in groups])
    for way in ways:
        kept = [one for group in (way.mine, *way.later) for one in group]
        assert sorted(kept + way.refused) == sorted(everything)
        assert len(way.refused) <= 1
    assert [bool(way.mine) for way in ways] == [True] * (len(ways) - 1) + [False]
    assert len(ways) <= 3


def test_a_message_without_files_is_sent_in_one_way() -> None:
    assert divisions([[]]) == [Division([], [], [])]
    assert divisions([[], [1], [2]]) == [Division([], [[1], [2]], [])]
