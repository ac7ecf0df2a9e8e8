"""What leaves no new row: an archived ticket and a rating are found at any size, at a cost that does not grow."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from omnidesk.core.tables import TICKETS
from omnidesk.worker import audit
from tests.support.large_panel import MESSAGES_EACH, Filler
from tests.support.statements import Recorder, rows_read
from tests.support.workshop import Workshop

SMALL, LARGE = 400, 2000
LEAST = 20


@pytest.fixture
def large(make_workshop: Callable[..., Workshop], monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Workshop]:
    """Makes a panel with so many tickets, in parts of few."""
    monkeypatch.setattr(audit, "LEAST", dict.fromkeys(audit.LEAST, LEAST))
    monkeypatch.setattr(audit, "FIRST", 60)
    monkeypatch.setattr(audit, "NEWEST", 20)

    def make(tickets: int) -> Workshop:
        workshop = make_workshop(rating_values="words")
        Filler(workshop.panel, workshop.ivan, workshop.anna, tickets).fill()
        return workshop

    return make


def scan(workshop: Workshop) -> list[int]:
    """A minute later: what a scan makes due."""
    workshop.tick(60)
    workshop.run_pass(force=False)
    rows = workshop.context.db.rows(f"SELECT ticket FROM {TICKETS} WHERE due_seq > 0 ORDER BY ticket")
    return [int(row["ticket"]) for row in rows]


def known(workshop: Workshop, **sizes: int) -> None:
    """Walks before this one had so many rows."""
    workshop.context.state.put(audit.WALKS, {name: {"size": size} for name, size in sizes.items()})


def walk(workshop: Workshop) -> dict[str, int]:
    """The walk over waiting tickets."""
    found: dict[str, int] = workshop.context.state.get(audit.WALKS)["waiting"]
    return found


def test_an_idle_scan_reads_as_much_of_a_large_panel_as_of_a_small_one(large: Callable[[int], Workshop]) -> None:
    costs = []
    for tickets in (2600, 5200):  # a fifth is open, and the newest 500 assignments are always read
        workshop = large(tickets)
        known(workshop, open=60, waiting=60, closed=60, ratings=60)
        workshop.run_pass()
        workshop.tick(60)
        before = rows_read(workshop.context.db)
        workshop.run_pass()
        workshop.context.queue.next_due()
        costs.append(rows_read(workshop.context.db) - before)
        workshop.close()
    assert costs[1] <= costs[0] + 20, costs


def test_a_walk_is_over_within_an_hour(large: Callable[[int], Workshop]) -> None:
    workshop = large(LARGE)
    known(workshop, waiting=LARGE)
    ends = [0]
    for _ in range(60):
        scan(workshop)
        at = walk(workshop)
        if "after" not in at:
            ends.append(0)
    assert len(ends) > 1
    count = workshop.context.db.row(f"SELECT COUNT(*) AS n FROM {TICKETS} WHERE ticket_status = 'waiting'")
    assert count is not None
    assert count["n"] <= at["size"] <= count["n"] + 2 * audit.FIRST


def test_the_first_walk_grows_until_it_knows_the_size(large: Callable[[int], Workshop]) -> None:
    workshop = large(SMALL)
    seen = []
    for _ in range(4):
        scan(workshop)
        seen.append(walk(workshop).get("seen"))
    assert seen[:4] == [20, 40, 80, 140]


@pytest.mark.parametrize("number", [1, 7, 399])
def test_an_archived_ticket_is_found_wherever_it_is(large: Callable[[int], Workshop], number: int) -> None:
    workshop = large(SMALL)
    workshop.panel.execute("UPDATE ticket SET status = 10 WHERE id = %s", number)
    workshop.panel.execute("DELETE FROM ticket2user WHERE ticket = %s", number)
    expected = [] if number % 3 == 0 and number % 5 else [number]  # was so before
    for _ in range(40):
        found = scan(workshop)
    assert found == expected


@pytest.mark.parametrize("damaged", [{"open": 3}, {"waiting": {"after": "x"}}, [], {"closed": {"size": None}}])
def test_a_damaged_position_begins_at_the_first_row(large: Callable[[int], Workshop], damaged: object) -> None:
    workshop = large(SMALL)
    workshop.context.state.put(audit.WALKS, damaged)
    scan(workshop)
    assert walk(workshop)["seen"] == LEAST


def test_a_rating_is_found_wherever_it_is(large: Callable[[int], Workshop]) -> None:
    workshop = large(SMALL)
    workshop.panel.execute("UPDATE ticket_message SET rating = 'bad' WHERE id = %s", 20 * MESSAGES_EACH)
    for _ in range(60):
        found = scan(workshop)
    assert found == [20]


def test_a_part_with_many_changes_is_held_back(large: Callable[[int], Workshop]) -> None:
    """A wrong database: every ticket of the first part differs, however many there are altogether."""
    workshop = large(LARGE)
    workshop.restart(mass_change_limit=5)
    workshop.panel.execute("DELETE FROM ticket2user")
    scan(workshop)
    held = workshop.context.db.rows(f"SELECT ticket FROM {TICKETS} WHERE held <> ''")
    assert len(held) == LEAST
    assert workshop.context.queue.next_due() is None


def test_whether_a_message_came_from_another_ticket_is_looked_up_by_its_link(large: Callable[[int], Workshop]) -> None:
    """One entry of an index for each kind of link, whatever the server estimates."""
    workshop = large(SMALL)
    recorder = Recorder(workshop.context.db)
    workshop.context.reader.unlinked_messages(SMALL)
    recorder.stop()
    asked, values = next(one for one in recorder.statements if "moved_from" in one[0])
    plan = workshop.context.db.rows(f"EXPLAIN {asked}", *values)
    assert [row["type"] for row in plan if row["table"] == "o"] == ["eq_ref", "eq_ref"]
