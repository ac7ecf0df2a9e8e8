"""Clocks and zones that differ: Omnidesk's account, the panel's database, the module's host."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sandbox.mariadb import MariaDB
from sandbox.omnidesk.settings import Settings as DeskSettings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
DAY = 86400.0


@pytest.fixture(params=["+00:00", "-11:30", "+13:00"])
def zoned(mariadb: MariaDB, request: pytest.FixtureRequest) -> Iterator[str]:
    """The database speaks local times of another zone."""
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT @@GLOBAL.time_zone")
        row = cursor.fetchone()
        assert row is not None
        cursor.execute("SET GLOBAL time_zone = %s", (request.param,))
        yield request.param
        cursor.execute("SET GLOBAL time_zone = %s", (row[0],))


@pytest.mark.parametrize("offset", ["-0800", "+0000", "+0545", "+1300"])
def test_dates_survive_any_zone_of_the_account_and_the_database(make_workshop: Make, zoned: str, offset: str) -> None:
    workshop = make_workshop(utc_offset=offset)
    workshop.hook = False
    ticket = workshop.new_ticket("давно", created=workshop.moment(ago=3 * DAY))
    workshop.hook = True
    workshop.settle()
    workshop.client_writes(ticket, "сейчас")
    workshop.settle()
    workshop.agent_replies(ticket, "ответ")
    workshop.settle()
    workshop.client_writes(ticket, "спасибо")
    workshop.settle()
    workshop.assert_equal(ticket)
    there = workshop.desk.messages(workshop.case(ticket))
    assert there[0].created_at == workshop.clock.start - 3 * DAY
    assert all(abs(workshop.clock() - message.created_at) < 600 for message in there[1:])


@pytest.mark.parametrize("ahead", [-3600.0, -90.0, 90.0, 3600.0])
def test_a_host_whose_clock_is_wrong_still_finds_everything(make_workshop: Make, ahead: float) -> None:
    """The module's clock and Omnidesk's differ; cursors go by Omnidesk's."""
    workshop = make_workshop()
    workshop.restart_clock(ahead)
    ticket = workshop.linked_ticket("раз")
    workshop.agent_replies(ticket, "два")
    workshop.deliver_webhooks(lose=1)
    workshop.settle()
    workshop.client_writes(ticket, "три")
    workshop.settle()
    workshop.agent_sets(ticket, "closed")
    workshop.settle()
    workshop.assert_equal(ticket)
    workshop.desk.faults.drop_after(on="POST /api/cases/*/messages.json")
    workshop.client_writes(ticket, "четыре")
    workshop.settle()
    workshop.assert_equal(ticket)


def test_everything_in_one_second_is_still_told_apart(make_workshop: Make) -> None:
    """Omnidesk's times are whole seconds, and an account can be quick."""
    workshop = make_workshop(call_seconds=0.0)
    ticket = workshop.linked_ticket("0")
    workshop.agent_replies(ticket, "ответ 0")
    workshop.settle()  # Anna takes the ticket, which costs a call and so a second of the panel's clock
    case = workshop.case(ticket)
    for number in range(1, 6):
        at = workshop.clock.now
        workshop.client_writes(ticket, f"вопрос {number}")
        workshop.clock.now = at
        workshop.desk.agent_reply(case, workshop.anna_staff, text=f"ответ {number}")
        workshop.clock.now = at - 1
        workshop.deliver_webhooks()
        workshop.run_pass()
        workshop.clock.now = at
    workshop.settle()
    workshop.assert_equal(ticket, in_order=False)


def test_a_clock_that_jumps_back_stops_nothing(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("раз")
    workshop.settle()
    workshop.clock.now -= 7200
    workshop.client_writes(ticket, "два")
    workshop.agent_replies(ticket, "три")
    workshop.deliver_webhooks()
    for _ in range(3):
        workshop.sync()
        workshop.tick(1500)
    for _ in range(3):
        workshop.tick(1500)
        workshop.sync()
    workshop.assert_equal(ticket, in_order=False)


def passes_of_a_clock_ahead(workshop: Workshop) -> None:
    """One pass while the host's clock is an hour ahead, and some after it was set right."""
    workshop.tick(13)
    workshop.restart_clock(3700)
    workshop.run_pass()
    workshop.restart_clock(0)
    for _ in range(3):
        workshop.tick(61)
        workshop.run_pass()


def test_a_reply_with_a_date_of_ours_does_not_explain_an_older_status_but_its_own(make_workshop: Make) -> None:
    """A host's clock that is ahead makes a fresh reply look old, so that it is sent with its date. The account sets the
    case waiting when the reply comes, not at that date."""
    workshop = make_workshop(desk=DeskSettings(staff_reply_sets_waiting=True))
    ticket = workshop.linked_ticket("раз")
    workshop.settle()
    workshop.panel.employee_replies(workshop.boris, ticket, "ждём", False)
    passes_of_a_clock_ahead(workshop)
    sides = workshop.assert_equal(ticket)
    assert (sides.state, sides.status) == ("open", "open")


def test_a_message_with_a_date_of_ours_whose_answer_was_lost_opens_nothing_after_the_clock_was_set_back(
    make_workshop: Make,
) -> None:
    """Staff had ended the ticket after they read the client's message; the account opens the case for its copy."""
    workshop = make_workshop(desk=DeskSettings(client_message_reopens=True))
    ticket = workshop.linked_ticket("раз")
    workshop.panel.employee_replies(workshop.anna, ticket, "Готово")
    workshop.settle()
    workshop.client_writes(ticket, "Спасибо")
    workshop.panel.employee_closes(workshop.anna, ticket)
    workshop.desk.faults.not_json(on="POST /api/cases/*/messages.json")
    passes_of_a_clock_ahead(workshop)
    sides = workshop.assert_equal(ticket)
    assert (sides.state, sides.status) == ("waiting", "waiting")
