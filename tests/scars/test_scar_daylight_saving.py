"""Time: the night when an hour is told twice, times without a zone, a clock that is set.

Seen by users of fivetran/dbt_zendesk (#25, #62), beestat (#190: duplicate rows when summer time ends), freeitsm
(#116: a string without a zone) and zenpy (#298).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from itertools import pairwise
from pathlib import Path

import pytest

from sandbox import mariadb as sandbox_mariadb
from sandbox.mariadb import MariaDB
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
HOUR = 3600.0
DAY = 86400.0
AUTUMN = datetime(2026, 10, 25, 1, 0, tzinfo=timezone.utc).timestamp()  # 03:00 becomes 02:00 in Berlin
SPRING = datetime(2026, 3, 29, 1, 0, tzinfo=timezone.utc).timestamp()  # 02:00 becomes 03:00


@pytest.fixture(scope="module")
def berlin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    """A server whose local time is that of a host in Berlin, summer time and all."""
    if not Path("/usr/share/zoneinfo/Europe/Berlin").exists():
        pytest.skip("this machine has no time zones")
    patch = pytest.MonkeyPatch()
    real = sandbox_mariadb._environment
    patch.setattr(sandbox_mariadb, "_environment", lambda base: {**real(base), "TZ": "Europe/Berlin"})
    with MariaDB(tmp_path_factory.mktemp("berlin")) as server:
        patch.undo()
        yield server


@pytest.fixture
def at_night(berlin: MariaDB, tmp_path: Path) -> Iterator[Callable[[float], Workshop]]:
    """Makes a workshop in Berlin that begins at a moment."""
    made: list[Workshop] = []

    def make(start: float) -> Workshop:
        made.append(Workshop(berlin, tmp_path / f"{len(made)}", start=start))
        return made[-1]

    yield make
    for one in made:
        one.close()


def written(workshop: Workshop, ticket: int) -> list[str]:
    """The ticket's texts in the order of their ids: local dates go back an hour in that night."""
    return [message.text for message in sorted(workshop.panel.messages(ticket), key=lambda one: one.id)]


def sent(workshop: Workshop, ticket: int) -> list[str]:
    return [message.content or message.content_html for message in workshop.desk.messages(workshop.case(ticket))]


@pytest.mark.parametrize("switch", [AUTUMN, SPRING], ids=["25 hours", "23 hours"])
def test_a_conversation_through_the_night_keeps_its_order(at_night: Callable[[float], Workshop], switch: float) -> None:
    """A word each twenty minutes, from before the clock is set until after: each once, in order, with its true time."""
    workshop = at_night(switch - 2 * HOUR)
    ticket = workshop.linked_ticket("0")
    for number in range(1, 13):
        if number % 3:
            workshop.client_writes(ticket, str(number))
        else:
            workshop.agent_replies(ticket, str(number))
        workshop.settle()
        workshop.tick(1200)
    workshop.settle()
    numbers = [str(number) for number in range(13)]
    assert written(workshop, ticket) == sent(workshop, ticket) == numbers
    times = [message.created_at for message in workshop.desk.messages(workshop.case(ticket))]
    assert all(1100 < later - earlier < 2400 for earlier, later in pairwise(times[1:])), (
        "no hour is missing or told twice"
    )
    assert workshop.posted() == 1 + 8, "a case and eight messages"


@pytest.mark.parametrize("switch", [AUTUMN, SPRING], ids=["25 hours", "23 hours"])
@pytest.mark.parametrize("late", [1800.0, 3 * DAY])
def test_what_could_not_go_over_in_that_night_goes_in_its_order(
    at_night: Callable[[float], Workshop], switch: float, late: float
) -> None:
    """Omnidesk sorts by date, and the dates that BILLmanager stored overlap by an hour."""
    workshop = at_night(switch - 2 * HOUR)
    ticket = workshop.linked_ticket("0")
    workshop.desk.faults.unreachable = True
    for number in range(1, 13):
        workshop.client_writes(ticket, str(number))
        workshop.tick(1200)
    workshop.tick(late)
    workshop.desk.faults.unreachable = False
    workshop.settle()
    assert written(workshop, ticket) == sent(workshop, ticket) == [str(number) for number in range(13)]
    times = [message.created_at for message in workshop.desk.messages(workshop.case(ticket))]
    assert times == sorted(times) and times[-1] <= workshop.clock()


def test_the_scans_overlap_does_not_shrink_when_the_clock_is_set(at_night: Callable[[float], Workshop]) -> None:
    """Ids are given out before they are committed: one below the cursor is found in that minute as in any other."""
    workshop = at_night(AUTUMN - HOUR - 400)
    workshop.hook = False
    first, second = workshop.new_ticket("один"), workshop.new_ticket("другой", user=workshop.petra.user)
    workshop.settle()
    late = workshop.client_writes(first, "поздно")
    row = workshop.panel.query("SELECT * FROM ticket_message WHERE id = %s", late)[0]
    workshop.panel.execute("DELETE FROM ticket_message WHERE id = %s", late)
    workshop.clock.now = AUTUMN - HOUR - 30  # the last minute before the hour that comes twice
    workshop.client_writes(second, "раньше")
    workshop.settle()
    workshop.tick(60)
    workshop.sync()
    workshop.tick(60)
    columns = ", ".join(f"`{name}`" for name in row)
    marks = ", ".join(["%s"] * len(row))
    workshop.panel.execute(f"INSERT INTO ticket_message ({columns}) VALUES ({marks})", *row.values())
    workshop.settle()
    workshop.assert_all_equal([first, second])


def test_every_time_that_is_sent_carries_its_offset(make_workshop: Make) -> None:
    """Without one the account's own zone would be taken, and all history would be hours off."""
    workshop = make_workshop(utc_offset="+0545")
    workshop.hook = False
    ticket = workshop.new_ticket("давно", created=workshop.moment(ago=3 * DAY))
    workshop.hook = True
    workshop.client_writes(ticket, "сейчас")
    workshop.settle()
    times = [message.created_at for message in workshop.desk.messages(workshop.case(ticket))]
    assert times[0] == workshop.clock.start - 3 * DAY
    assert abs(times[1] - workshop.clock()) < 60


@pytest.mark.parametrize("zone", ["-11:00", "+13:00"])
def test_a_server_that_moves_to_another_zone_repeats_and_loses_nothing(workshop: Workshop, zone: str) -> None:
    """All stored dates mean another moment from now on; identities and cursors do not care."""
    ticket = workshop.linked_ticket("0")
    workshop.agent_replies(ticket, "1")
    workshop.settle()
    posted = workshop.posted()
    with workshop.mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT @@GLOBAL.time_zone")
        before = (cursor.fetchone() or ("SYSTEM",))[0]
        cursor.execute("SET GLOBAL time_zone = %s", (zone,))
        try:
            workshop.restart()
            for _ in range(3):
                workshop.settle()
                workshop.tick(600)
            assert workshop.posted() == posted
            workshop.client_writes(ticket, "2")
            workshop.settle()
            workshop.agent_replies(ticket, "3")
            workshop.settle()
        finally:
            cursor.execute("SET GLOBAL time_zone = %s", (before,))
    workshop.restart()
    assert written(workshop, ticket) == ["0", "1", "2", "3"]
    assert sent(workshop, ticket) == ["0", "1", "2", "3"]


@pytest.mark.parametrize("jump", [-HOUR, DAY])
def test_a_clock_that_is_set_stops_nothing(workshop: Workshop, jump: float) -> None:
    """Everybody's at once: due times, pauses and caches of before do not hold up what is new."""
    ticket = workshop.linked_ticket("0")
    workshop.settle()
    workshop.clock.now += jump
    workshop.client_writes(ticket, "1")
    workshop.run_pass(force=False)
    newest = max(workshop.desk.messages(workshop.case(ticket)), key=lambda one: one.message_id)
    assert newest.content == "1"
    workshop.agent_replies(ticket, "2")
    workshop.deliver_webhooks()
    workshop.run_pass(force=False)
    assert written(workshop, ticket) == ["0", "1", "2"]
    other = workshop.new_ticket("другой", user=workshop.petra.user)
    workshop.run_pass(force=False)
    workshop.assert_equal(other)
