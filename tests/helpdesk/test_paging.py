"""Lists are read to their end while they change: pages that shift, shorten, repeat, and counts that are wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnidesk.helpdesk.paging import LAST_PAGE, Listing, Page

SIZE = 10


@dataclass(frozen=True)
class Row:
    id: int
    at: float


class Server:
    """A list that changes between two calls. ``hidden`` rows are counted and not delivered."""

    def __init__(self, rows: list[Row], newest_first: bool = False) -> None:
        self.rows = {row.id: row for row in rows}
        self.newest_first = newest_first
        self.hidden: set[int] = set()
        self.says_total = True
        self.calls = 0
        self.between: Callable[[int], object] = lambda call: None

    def ask(self, key: float, page: int) -> Page[Row]:
        self.calls += 1
        order = sorted(self.rows.values(), key=lambda row: (row.at, row.id), reverse=self.newest_first)
        found = [row for row in order if not key or (row.at <= key if self.newest_first else row.at >= key)]
        part = [row for row in found[(page - 1) * SIZE : page * SIZE] if row.id not in self.hidden]
        answer = Page(part, [str(row.id) for row in part], len(found) if self.says_total else None)
        self.between(self.calls)
        return answer


def rows(count: int, start: int = 1) -> list[Row]:
    return [Row(id, 100.0 + id) for id in range(start, start + count)]


def by_key(start: float = 0.0) -> Listing[int, Row]:
    return Listing(lambda row: row.id, by=lambda row: row.at, start=start)


def by_page() -> Listing[int, Row]:
    return Listing(lambda row: row.id)


@pytest.mark.parametrize("make", [by_key, by_page])
@pytest.mark.parametrize("count", [0, 1, SIZE - 1, SIZE, SIZE + 1, 3 * SIZE + 3])
def test_a_list_that_stands_still_is_read_once(make: Callable[[], Listing[int, Row]], count: int) -> None:
    server, listing = Server(rows(count)), make()
    assert set(listing.read(server.ask)) == set(range(1, count + 1))
    assert listing.whole
    # Continuing by key repeats the last row of each page.
    assert server.calls <= max(1, -(-count // (SIZE - 1)))


def test_a_short_list_takes_one_call() -> None:
    server = Server(rows(SIZE))
    by_page().read(server.ask)
    assert server.calls == 1


@pytest.mark.parametrize("count", [0, 3])
def test_without_a_count_the_end_is_where_nothing_new_comes(count: int) -> None:
    server, listing = Server(rows(count)), by_page()
    server.says_total = False
    assert len(listing.read(server.ask)) == count
    assert listing.whole and server.calls == (2 if count else 1)


@pytest.mark.parametrize("make", [by_key, by_page])
def test_a_short_page_in_the_middle_is_not_the_end(make: Callable[[], Listing[int, Row]]) -> None:
    server, listing = Server(rows(SIZE + 3)), make()
    server.hidden = {4}
    assert set(listing.read(server.ask)) == set(range(1, SIZE + 4)) - {4}
    assert listing.whole


def test_a_case_that_changes_while_its_list_is_read_is_not_lost() -> None:
    """It moves to the end, and all behind it move up: by page number the first row of page 2 would be missed."""
    server, listing = Server(rows(3 * SIZE)), by_key()

    def change(call: int) -> None:
        if call == 1:
            server.rows[1] = Row(1, 500.0)

    server.between = change
    assert set(listing.read(server.ask)) == set(range(1, 3 * SIZE + 1))


def test_more_rows_in_one_second_than_a_page_holds_are_read_by_page_number() -> None:
    server, listing = Server([Row(id, 100.0) for id in range(1, 3 * SIZE + 2)] + rows(5, start=200)), by_key()
    assert len(listing.read(server.ask)) == 3 * SIZE + 6
    assert listing.whole


def test_new_messages_shift_the_pages_and_none_is_missed() -> None:
    """Newest first: what comes in between repeats rows. The new ones are the next read's."""
    server, listing = Server(rows(3 * SIZE), newest_first=True), by_page()
    server.between = lambda call: server.rows.update({900 + call: Row(900 + call, 900.0 + call)}) if call < 4 else None
    assert set(listing.read(server.ask)) >= set(range(1, 3 * SIZE + 1))


def test_a_row_that_is_deleted_while_its_list_is_read_hides_no_other() -> None:
    server, listing = Server(rows(3 * SIZE), newest_first=True), by_page()
    server.between = lambda call: server.rows.pop(3 * SIZE, None) if call == 1 else None
    assert set(listing.read(server.ask)) >= set(range(1, 3 * SIZE))


def test_a_count_that_is_never_reached_does_not_go_on_for_ever() -> None:
    server, listing = Server(rows(SIZE)), by_page()
    server.hidden = {2, 3}
    assert len(listing.read(server.ask)) == SIZE - 2
    assert server.calls == 2


def test_a_server_that_knows_no_pages_is_asked_a_few_times_only() -> None:
    answer, calls = Page(rows(SIZE), [str(n) for n in range(SIZE)], 50), []

    def ask(key: float, page: int) -> Page[Row]:
        calls.append(page)
        return answer

    for make in (by_key, by_page):
        calls.clear()
        assert len(make().read(ask)) == SIZE
        assert len(calls) <= 5


def test_an_order_that_was_not_asked_for_is_read_by_page_number() -> None:
    """The last row's key says nothing then, and going on from it would skip the others."""
    given = rows(3 * SIZE)
    random.Random(5).shuffle(given)
    server = Server(given)
    listing = by_key()

    def ask(key: float, page: int) -> Page[Row]:
        part = given[(page - 1) * SIZE : page * SIZE]
        return Page(part, [str(row.id) for row in part], len(given))

    assert set(listing.read(ask)) == set(server.rows)


def test_after_a_failure_it_goes_on_where_it_was() -> None:
    server, listing = Server(rows(4 * SIZE)), by_key()

    def ask(key: float, page: int) -> Page[Row]:
        if server.calls == 2:
            server.calls += 1
            raise TimeoutError
        return server.ask(key, page)

    with pytest.raises(TimeoutError):
        listing.read(ask)
    assert len(listing.read(ask)) == 4 * SIZE


def test_what_is_enough_ends_it_without_the_rest() -> None:
    server, listing = Server(rows(4 * SIZE)), by_page()
    listing.read(server.ask, enough=lambda page: any(row.id == 12 for row in page))
    assert server.calls == 2 and not listing.whole


def test_a_list_without_an_end_is_left_at_the_last_page_there_is() -> None:
    listing = by_page()
    numbers = iter(range(1, 10**9))

    def endless(key: float, page: int) -> Page[Row]:
        id = next(numbers)
        return Page([Row(id, 1.0)], [str(id)], 10**9)

    listing.read(endless)
    assert listing.calls == LAST_PAGE and not listing.whole


@given(
    count=st.integers(0, 45),
    seconds=st.integers(1, 50),
    acts=st.lists(st.tuples(st.sampled_from(["change", "add", "repeat"]), st.integers(1, 45)), max_size=6),
    total=st.booleans(),
)
def test_whatever_changes_meanwhile_every_row_is_seen(
    count: int, seconds: int, acts: list[tuple[str, int]], total: bool
) -> None:
    """By key: rows change and come between the calls, an answer may be an old one.

    Where more rows share a second than a page holds, and one of them changes meanwhile, the poll's overlap covers it.
    """
    seconds = seconds if not acts else max(seconds, 6)
    server, listing = Server([Row(id, 100.0 + id % seconds) for id in range(1, count + 1)]), by_key()
    server.says_total = total
    last: list[Page[Row]] = []
    repeated: list[int] = []
    queue = list(acts)

    def ask(key: float, page: int) -> Page[Row]:
        what, which = queue.pop() if queue else ("", 0)
        if what == "repeat" and last and total and not repeated:
            repeated.append(which)
            return last[-1]
        last.append(server.ask(key, page))
        if what in ("change", "add") and (what == "add" or which in server.rows):
            server.rows[which] = Row(which, 1000.0 + server.calls)
        return last[-1]

    listing.read(ask)
    assert listing.whole
    assert set(listing.rows) >= set(range(1, count + 1))


@pytest.mark.parametrize("make", [by_key, by_page])
def test_an_empty_page_that_counts_nothing_does_not_begin_the_list_anew(make: Callable[[], Listing[int, Row]]) -> None:
    """Where the count is larger than the rows, it stands behind the last of them."""
    server, listing = Server(rows(3)), make()

    def ask(key: float, page: int) -> Page[Row]:
        found = server.ask(key, page)
        return Page(found, list(found.ids), len(found) + 2 if found else 0)

    assert set(listing.read(ask)) == {1, 2, 3}
    assert listing.whole and server.calls <= 3
