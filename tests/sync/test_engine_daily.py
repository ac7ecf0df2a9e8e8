"""Daily figures: what was delivered in each direction and how long it took, each message once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone

import pytest

from omnidesk.core.errors import Paused
from omnidesk.core.shutdown import Stop
from omnidesk.core.tables import DAILY
from omnidesk.migration.imports import Import
from omnidesk.migration.selection import Selection
from omnidesk.store.daily import HISTORY, IN, KEPT_DAYS, OUT, RANGES, Daily, Delivered, range_of
from omnidesk.sync import tally
from tests.support.crash import Crash, Crasher, Crashes
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
DAY = 86400.0


def total(workshop: Workshop, direction: str) -> Delivered:
    """All that was counted in a direction lately."""
    days = workshop.context.daily.days(KEPT_DAYS).values()
    return sum((one[direction] for one in days), Delivered())


def counted(workshop: Workshop) -> tuple[int, int]:
    return total(workshop, OUT).messages, total(workshop, IN).messages


def test_each_message_and_note_of_a_person_is_counted_once_in_its_direction(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.client_writes(ticket, "ещё вопрос")
    workshop.panel.employee_notes(workshop.anna, ticket, "заметка здесь")
    workshop.agent_replies(ticket, "ответ")
    workshop.agent_notes(ticket, "заметка там")
    workshop.settle()
    assert counted(workshop) == (3, 2)
    workshop.sync()
    workshop.make_due(ticket)
    workshop.sync()
    assert counted(workshop) == (3, 2)


def test_the_delay_is_counted_from_the_writing(make_workshop: Make) -> None:
    workshop = make_workshop(call_seconds=0)
    ticket = workshop.linked_ticket()
    workshop.context.db.write(f"DELETE FROM {DAILY}")
    workshop.client_writes(ticket, "вопрос")
    workshop.tick(100)
    workshop.sync()
    assert list(total(workshop, OUT).delays) == [range_of(101)]
    workshop.agent_replies(ticket, "ответ")
    workshop.tick(4000)
    workshop.sync()
    assert list(total(workshop, IN).delays) == [range_of(4001)]


def test_history_has_no_delay(make_workshop: Make) -> None:
    """A client writes in a ticket that is older than the module: the whole thread goes over, with one live message."""
    workshop = make_workshop(hook=False)
    old = workshop.new_ticket("старый запрос", created=workshop.moment(300 * DAY))
    workshop.panel.employee_notes(workshop.anna, old, "старая заметка", created=workshop.moment(299 * DAY))
    workshop.sync()
    workshop.client_writes(old, "снова не работает")
    workshop.settle()
    found = total(workshop, OUT)
    assert (found.messages, found.history) == (1, 2)
    assert max(found.delays) <= range_of(60)


def test_an_import_has_no_delay(make_workshop: Make) -> None:
    workshop = make_workshop(hook=False)
    workshop.new_ticket("старый запрос", created=workshop.moment(300 * DAY))
    workshop.sync()
    chosen = Selection()
    Import(
        workshop.context, workshop.locks, chosen, 1, Stop(), sleep=workshop.tick, now=workshop.clock,
        wake=lambda paths: workshop.sync(),
    ).run()  # fmt: skip
    found = total(workshop, OUT)
    assert (found.messages, found.history) == (0, 1)


def test_a_ticket_from_another_department_brings_its_past_as_history(make_workshop: Make) -> None:
    workshop = make_workshop(departments=("Техническая поддержка",))
    ticket = workshop.new_ticket("в другой отдел", department=workshop.billing)
    workshop.sync()
    assert workshop.desk.cases == {}
    workshop.tick(3 * DAY)
    workshop.panel.reassign(ticket, f"d_{workshop.support}", workshop.anna)
    workshop.settle()
    found = total(workshop, OUT)
    assert (found.messages, found.history) == (0, 1)


def test_what_an_outage_delayed_is_live(make_workshop: Make) -> None:
    """Messages that waited for the module are late, and not history."""
    workshop = make_workshop()
    ticket = workshop.linked_ticket()
    workshop.context.db.write(f"DELETE FROM {DAILY}")
    workshop.client_writes(ticket, "первый")
    workshop.tick(2 * DAY)
    workshop.client_writes(ticket, "второй")
    workshop.settle()
    found = total(workshop, OUT)
    assert (found.messages, found.history, sorted(found.delays)) == (2, 0, [range_of(5), range_of(2 * DAY)])


@pytest.mark.parametrize("broken", ["the table is gone", "the database is away"])
def test_a_count_that_fails_costs_no_delivery(
    workshop: Workshop, broken: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = workshop.linked_ticket()
    if broken == "the table is gone":
        monkeypatch.setattr("omnidesk.store.daily.DAILY", "no_such_table")
    else:

        def away(self: Daily, direction: str, within: int) -> None:
            raise Paused("database_away", "2006", "gone", seconds=15)

        monkeypatch.setattr(Daily, "count", away)
    workshop.client_writes(ticket, "вопрос")
    workshop.agent_replies(ticket, "ответ")
    report = workshop.sync()
    workshop.assert_equal(ticket, in_order=False)
    assert report.paused is None
    assert "missing in the daily figures" in caplog.text


@pytest.mark.slow
def test_a_crash_anywhere_counts_nothing_twice(make_workshop: Make) -> None:
    """What a run was sending when it died is counted by the run that finds it; at most one count is lost with it."""
    crashes = Crashes()
    for at in crashes:
        workshop = make_workshop()
        ticket = workshop.linked_ticket()
        workshop.context.db.write(f"DELETE FROM {DAILY}")
        workshop.client_writes(ticket, "вопрос")
        workshop.agent_replies(ticket, "ответ")
        died = crashes.run(workshop, at)
        workshop.settle()
        workshop.assert_equal(ticket, in_order=False)
        out, into = counted(workshop)
        assert out <= 1 and into <= 1 and out + into >= 1, (died, out, into)
        workshop.close()


def test_what_an_earlier_run_had_sent_is_counted_without_a_delay(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.context.db.write(f"DELETE FROM {DAILY}")
    workshop.client_writes(ticket, "вопрос")
    died = next(one for at in range(1, 20) if (one := _dies(workshop, at)).startswith("after POST"))
    workshop.settle()
    assert "messages" in died
    assert total(workshop, OUT) == Delivered(1, 0, {})


def _dies(workshop: Workshop, at: int) -> str:
    """A pass that dies right after its effect of this number, and what that was."""
    crasher = Crasher(workshop, at)
    with crasher.armed(), pytest.raises(Crash) as died:
        workshop.run_pass()
    workshop.restart()
    return str(died.value)


def test_the_first_message_of_a_ticket_that_staff_opened_in_omnidesk_is_counted(make_workshop: Make) -> None:
    workshop = make_workshop(cases_from_omnidesk="channel")
    workshop.run_pass()
    user = workshop.desk.add_user("custom", str(workshop.ivan.user), workshop.channel.key)
    workshop.desk.agent_case(user.user_id, "Домен", "<p>Ваш домен скоро истекает</p>", workshop.anna_staff)
    workshop.settle()
    assert counted(workshop) == (0, 1)


# Days and delays as figures


@pytest.mark.usefixtures("berlin_time")
def test_a_day_is_that_of_the_hosts_calendar(workshop: Workshop) -> None:
    """Half past midnight in Berlin is still the day before by UTC."""
    workshop.clock.now = datetime(2026, 7, 14, 22, 30, tzinfo=timezone.utc).timestamp()
    workshop.context.daily.count(IN, 1)
    assert str(workshop.context.daily.today()) == "2026-07-15"
    (day,) = [one for one, both in workshop.context.daily.days(30).items() if both[IN].messages]
    assert str(day) == "2026-07-15"


def test_a_clock_that_is_set_back_counts_on(workshop: Workshop) -> None:
    figures = workshop.context.daily
    figures.count(IN, 1)
    workshop.clock.now -= 2 * DAY
    figures.count(IN, 1)
    workshop.clock.now += 2 * DAY
    figures.count(IN, 1)
    assert total(workshop, IN) == Delivered(3, 0, {1: 3})


@pytest.mark.usefixtures("berlin_time")
@pytest.mark.parametrize(("written", "now", "meant"), [("00:30", "01:31", 60.0), ("00:30", "00:31", 60.0)])
def test_an_hour_that_comes_twice_makes_no_delay(written: str, now: str, meant: float) -> None:
    """The database reads 02:30 of that night as the first one; a minute after the second one it is not an hour old."""
    night = "2026-10-25T{}+00:00"
    first, at = (datetime.fromisoformat(night.format(one)).timestamp() for one in (written, now))
    assert at - tally._as_meant(first, at) == meant


def test_figures_are_forgotten_after_days(workshop: Workshop) -> None:
    figures = workshop.context.daily
    figures.count(OUT, 1)
    workshop.tick((KEPT_DAYS - 1) * DAY)
    figures.count(OUT, 1)
    assert figures.expire() == 0
    workshop.tick(DAY)
    workshop.sync()
    assert total(workshop, OUT).messages == 1
    assert workshop.context.db.row(f"SELECT COUNT(*) AS n FROM {DAILY}") == {"n": 1}


@pytest.mark.parametrize(
    ("delays", "median", "late"),
    [
        ({}, None, None),
        ({1: 1}, 0.5, 0.95),
        ({2: 100}, 1.5, 1.95),
        ({1: 90, 3600: 10}, 0.5556, 2700.0),
        ({RANGES[-1]: 4}, RANGES[-2], RANGES[-2]),
    ],
)
def test_median_and_the_95th_percentile(delays: dict[int, int], median: float | None, late: float | None) -> None:
    found = Delivered(sum(delays.values()), 0, delays)
    assert found.delay(0.5) == (None if median is None else pytest.approx(median, rel=0.03))
    assert found.delay(0.95) == (None if late is None else pytest.approx(late, rel=0.03))


def test_delays_keep_to_their_ranges() -> None:
    assert [range_of(one) for one in (-5, 0, 1, 1.01, 60, 10**9)] == [1, 1, 1, 2, 60, RANGES[-1]]
    assert HISTORY < 0 < min(RANGES)


@pytest.fixture
def berlin_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process's host is in Berlin."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()
