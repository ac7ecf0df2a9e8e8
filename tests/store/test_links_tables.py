"""The module's own tables on a real server: migrations, foreign tables, and the queue's promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnidesk.core.database import Database
from omnidesk.core.errors import Misconfigured, Refused, TryLater
from omnidesk.core.tables import MESSAGES, STATE, TICKETS, USERS
from omnidesk.store import schema
from omnidesk.store.links import Links
from omnidesk.store.models import MessageLink
from omnidesk.store.queue import FIRST_PAUSE, LONGEST_PAUSE, Queue, pause
from omnidesk.store.schema import MIGRATIONS, TABLES
from omnidesk.store.staff_cases import KEPT_SECONDS, Making, StaffCase, StaffCases
from omnidesk.store.state import State
from sandbox.mariadb import MariaDB
from tests.support.amount import spread
from tests.support.clock import Clock
from tests.support.rows import set_ticket


def tables(db: Database) -> dict[str, str]:
    """Every table with its definition."""
    names = [next(iter(row.values())) for row in db.rows("SHOW TABLES")]
    return {name: str((db.row(f"SHOW CREATE TABLE {name}") or {})["Create Table"]) for name in names}


# Migrations


def test_migrations_run_once(bare: Database) -> None:
    """The second time there is nothing to do, and nothing is changed."""
    assert schema.version(bare) == 0
    assert schema.migrate(bare) == len(MIGRATIONS)
    made = tables(bare)
    assert set(TABLES) < set(made)
    assert schema.migrate(bare) == 0
    assert tables(bare) == made
    assert schema.version(bare) == len(MIGRATIONS)


STATEMENTS = [(number, at) for number, one in enumerate(MIGRATIONS) for at in range(len(one))]


@pytest.mark.parametrize(("number", "at"), spread(STATEMENTS, 12))
def test_an_interrupted_migration_is_taken_up_again(
    bare: Database, monkeypatch: pytest.MonkeyPatch, number: int, at: int
) -> None:
    """DDL commits by itself: a run that dies before any statement leaves what the next one completes."""
    step = MIGRATIONS[number][at]
    stop = step.split("(")[0] if isinstance(step, str) else step.sql()
    write = bare.write

    def failing(sql: str, *values: object) -> int:
        if sql.replace("IF NOT EXISTS ", "").startswith(stop):
            raise TryLater("database", "2013", "lost")
        return write(sql, *values)

    monkeypatch.setattr(bare, "write", failing)
    with pytest.raises(TryLater):
        schema.migrate(bare)
    monkeypatch.undo()
    assert schema.migrate(bare) > 0
    interrupted = tables(bare)
    schema.drop(bare)
    schema.migrate(bare)
    assert tables(bare) == interrupted
    assert schema.version(bare) == len(MIGRATIONS)


def test_a_lost_version_is_found_again(db: Database) -> None:
    """The tables are there although the note of it is not: nothing is made twice or emptied."""
    db.write(f"INSERT INTO {TICKETS} (ticket) VALUES (17)")
    db.write(f"DELETE FROM {STATE} WHERE name = 'schema_version'")
    assert schema.migrate(db) == len(MIGRATIONS)
    assert db.row(f"SELECT ticket FROM {TICKETS}") == {"ticket": 17}


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_somebody_else_are_not_touched(bare: Database, name: str) -> None:
    """The original's tables have these names: the error says which, and nothing at all is made or changed."""
    bare.write(f"CREATE TABLE {name} (id INT PRIMARY KEY, theirs VARCHAR(5)) COMMENT 'original'")
    bare.write(f"INSERT INTO {name} VALUES (1, 'x')")
    before = tables(bare)
    with pytest.raises(Misconfigured) as caught:
        schema.migrate(bare)
    assert (caught.value.type, caught.value.object) == ("foreign_tables", name)
    assert "RENAME TABLE" in str(caught.value) or caught.value.type == "foreign_tables"
    assert tables(bare) == before
    assert schema.foreign_tables(bare) == [name]
    assert schema.drop(bare) == []
    assert bare.row(f"SELECT theirs FROM {name}") == {"theirs": "x"}


def test_a_newer_schema_is_left_alone(db: Database) -> None:
    """A module that was set back must not write into tables it does not know."""
    db.write(f"REPLACE INTO {STATE} (name, value) VALUES ('schema_version', %s)", str(len(MIGRATIONS) + 1))
    before = tables(db)
    with pytest.raises(Misconfigured) as caught:
        schema.migrate(db)
    assert caught.value.type == "schema_newer"
    assert tables(db) == before


def test_dropping_takes_ours_only(db: Database) -> None:
    """And says which."""
    assert sorted(schema.drop(db)) == sorted(TABLES)
    assert sorted(tables(db)) == ["ticket", "ticket_message", "ticket_note", "user"]
    assert schema.drop(db) == []


def test_two_upgrades_at_once_do_not_meet(db: Database, mariadb: MariaDB, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second waits for the first, and gives up with a passing failure rather than work beside it."""
    db.write(f"DELETE FROM {STATE} WHERE name = 'schema_version'")
    row = db.row
    monkeypatch.setattr(db, "row", lambda sql, *values: row(sql.replace(", 30)", ", 0)"), *values))
    with mariadb.connect() as other, other.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK('pmomnidesk.migrate', 0)")
        with pytest.raises(TryLater, match="another process"):
            schema.migrate(db)
        cursor.execute("SELECT RELEASE_LOCK('pmomnidesk.migrate')")  # at the end of a connection it is late
    assert schema.migrate(db) == len(MIGRATIONS)


def test_identities_are_wide_enough(db: Database) -> None:
    """Omnidesk's user ids are beyond 32 bits (documented sample)."""
    rows = db.rows(
        "SELECT table_name AS t, column_name AS c, data_type AS d FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND (column_name LIKE 'external%%' OR column_name IN ('ticket', 'user'))"
        " AND table_name NOT IN ('ticket', 'ticket_message', 'ticket_note')"
    )
    assert rows and {row["d"] for row in rows} == {"bigint"}
    assert {row["t"] for row in rows} == {TICKETS, MESSAGES, USERS}


# The queue


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_pauses_grow_and_have_an_end(attempts: int, draw: float) -> None:
    """Doubling from 5 s to 15 minutes, spread by up to half; never longer for fewer failures than the next step."""
    now, later = pause(attempts, lambda: draw), pause(attempts + 1, lambda: draw)
    assert FIRST_PAUSE / 2 <= now <= LONGEST_PAUSE
    assert now <= later
    assert pause(1, lambda: 0.999999) == pytest.approx(5, rel=1e-3)
    assert pause(20, lambda: 0.999999) == pytest.approx(900, rel=1e-3)


def test_who_waits_longest_comes_first(queue: Queue, clock: Clock) -> None:
    """Clients before what nobody waits for; then by due time."""
    for ticket in (1, 2, 3, 4):
        queue.make_due(ticket, "test")
        clock.tick()
    queue.make_due(3, "test", since=clock() - 500)
    queue.make_due(4, "test", since=clock() - 900)
    assert queue.due() == [4, 3, 1, 2]
    assert queue.due(limit=2) == [4, 3]
    assert queue.due(skip={4, 1}) == [3, 2]


def test_a_message_waits_from_its_own_time_on_until_it_is_delivered(queue: Queue, clock: Clock) -> None:
    """Whatever comes later; and what nobody waits for does not make it wait."""
    assert queue.oldest_wait() is None
    queue.make_due(7, "a status")
    assert queue.oldest_wait() is None
    written = clock()
    clock.tick(100)
    queue.make_due(7, "found", since=written)
    queue.make_due(7, "another", since=clock())
    queue.make_due(7, "a status")
    queue.failed(7, TryLater("omnidesk_trouble"))
    assert queue.oldest_wait() == written
    queue.set_aside(7, Refused("no_staff", "a@example.com"))
    assert queue.oldest_wait() == written, "it waits all the same"
    queue.make_due(8, "a wrong clock", since=clock() + 1000)
    queue.done(7, 4)
    assert queue.oldest_wait() == clock(), "nothing waits since a time to come"


def test_what_comes_during_the_work_is_not_put_off_by_its_failure(queue: Queue, links: Links, clock: Clock) -> None:
    queue.make_due(7, "first")
    seen = links.ticket(7).due_seq
    queue.make_due(7, "second")
    queue.failed(7, TryLater("omnidesk_trouble"), due_seq=seen)
    assert queue.due() == [7]
    assert not queue.set_aside(7, Refused("no_staff", "a@example.com"), due_seq=seen)
    assert queue.due() == [7] and links.ticket(7).attempts == 1
    queue.failed(7, TryLater("omnidesk_trouble"), due_seq=links.ticket(7).due_seq)
    assert queue.due() == []


def test_what_failed_waits_from_then_on(queue: Queue, links: Links, clock: Clock) -> None:
    """A ticket that fails every time is not served before the others for ever."""
    for ticket in (7, 8):
        queue.make_due(ticket, "test", since=clock())
        clock.tick(100)
    wait = queue.failed(7, TryLater("omnidesk_trouble"))
    queue.turn_over(8, 0, read=False)
    clock.tick(1)
    queue.make_due(9, "test", since=clock())
    clock.tick(wait)
    assert queue.due() == [8, 7, 9]
    queue.failed(7, TryLater("omnidesk_trouble"))
    clock.tick(1000)
    assert queue.due() == [8, 9, 7]


def test_kinds_of_due_tickets(queue: Queue, clock: Clock) -> None:
    queue.make_due(1, "a reply", look_messages=True, since=clock())
    queue.make_due(2, "a message", since=clock())
    queue.make_due(3, "a status")
    queue.make_due(4, "a recheck", look_messages=True)
    assert [queue.due(kind=kind) for kind in ("reply", "message", "other")] == [[1], [2], [3, 4]]


def test_what_is_due_later_waits(queue: Queue, clock: Clock) -> None:
    """And ``next_due`` says until when."""
    assert queue.next_due() is None
    queue.make_due(7, "test")
    assert queue.next_due() == clock()
    wait = queue.failed(7, TryLater("database", "1", "x"))
    assert queue.due() == []
    assert queue.next_due() == pytest.approx(clock() + wait)
    clock.tick(wait + 0.001)
    assert queue.due() == [7]


def test_an_event_during_the_work_is_not_lost(queue: Queue, links: Links) -> None:
    """``done`` clears only what was there when the work began."""
    queue.make_due(7, "first")
    seen = links.ticket(7).due_seq
    queue.make_due(7, "second", look_messages=True)
    queue.done(7, seen)
    assert queue.due() == [7]
    assert links.ticket(7).look_messages
    queue.done(7, links.ticket(7).due_seq)
    assert queue.due() == []
    assert not links.ticket(7).look_messages


def test_events_join(queue: Queue, links: Links, clock: Clock) -> None:
    """The earliest due time counts, and each look that was asked for."""
    begun = clock()
    queue.make_due(7, "one", look_case=True)
    clock.tick(30)
    queue.make_due(7, "two", look_messages=True)
    link = links.ticket(7)
    assert (link.look_case, link.look_messages) == (True, True)
    assert queue.next_due() == begun


def test_failures_are_told_and_forgotten_with_success(queue: Queue, links: Links) -> None:
    """``status`` shows the reason; being done ends the count."""
    queue.make_due(7, "test")
    queue.failed(7, Refused("omnidesk_refused", "cases/7", "wrong_status"))
    queue.failed(7, Refused("omnidesk_refused", "cases/7", "wrong_status"))
    (row,) = queue.listing()
    assert (row.ticket, row.attempts, row.error_type) == (7, 2, "omnidesk_refused")
    assert "wrong_status" in row.error_text
    queue.done(7, links.ticket(7).due_seq)
    assert queue.listing() == []
    queue.failed(7, TryLater("database"))
    assert links.ticket(7).attempts == 1


def test_what_is_set_aside_comes_back_by_an_event_or_by_retry(queue: Queue, links: Links) -> None:
    """Something new happened to it, or the administrator mended the reason."""
    for ticket in (7, 8):
        queue.make_due(ticket, "test")
        queue.set_aside(ticket, Refused("no_staff", "a@example.com"))
    assert queue.due() == []
    assert [row.set_aside for row in queue.listing()] == [True, True]
    queue.make_due(7, "new message")
    assert queue.due() == [7]
    assert queue.retry(8) == 1
    assert sorted(queue.due()) == [7, 8]
    assert links.ticket(8).attempts == 0


def test_retry_takes_up_refused_messages(queue: Queue, links: Links) -> None:
    """Of the ticket named, or of all."""
    queue.make_due(7, "test")
    queue.done(7, links.ticket(7).due_seq)
    row = links.begin(MessageLink(0, 7, "message", "out", "intent", 70, 900001))
    links.message_refused(row, 3, Refused("omnidesk_refused").phrase, given_up=True)
    queue.retry(6)
    assert links.messages(7, ("refused",)) != []
    queue.retry(7)
    (again,) = links.messages(7)
    assert (again.state, again.tries, again.intent_at) == ("intent", 0, 0.0)
    assert queue.due() == [7]


# Links and state


def test_an_intent_is_renewed_not_doubled(links: Links, clock: Clock) -> None:
    """Beginning again keeps the row, with what is known now."""
    first = links.begin(MessageLink(0, 7, "message", "out", "intent", 70, 900001, author="user:5", digest="a"))
    clock.tick(10)
    again = links.begin(MessageLink(0, 7, "message", "out", "intent", 70, 900002, author="user:6", digest="b"))
    assert first == again
    (row,) = links.messages(7)
    assert (row.case_id, row.author, row.digest, row.intent_at) == (900002, "user:6", "b", clock())


def test_what_a_later_clock_has_counted_holds_up_no_message(links: Links, clock: Clock) -> None:
    """The circuit breaker counts within minutes; a clock that is set back by a day must not make a day of them."""
    for number in range(10):
        done = links.begin(
            MessageLink(0, 7, "message", "out", "intent", 80 + number, 900001, author="user:5", digest="a")
        )
        links.message_done(done, 42577010 + number)
    for _ in range(3):
        links.begin(MessageLink(0, 7, "message", "out", "intent", 70, 900001, author="user:5", digest="b"))
    clock.tick(-86400)
    links.begin(MessageLink(0, 7, "message", "out", "intent", 70, 900001, author="user:5", digest="b"))
    links.begin(MessageLink(0, 7, "message", "out", "intent", 90, 900001, author="user:5", digest="a"))


def test_a_clock_that_is_set_back_puts_off_no_case_that_failed(db: Database, clock: Clock) -> None:
    """As with tickets: nothing is put off for long, so what seems to be was put off before. Notes alone wait."""
    cases = StaffCases(db, State(db, clock), clock)
    making = Making(clock(), 1, 2, 3, "")
    cases.put(StaffCase(900001, tries=2, due_at=clock() + 30))
    cases.put(StaffCase(900002, due_at=clock() + 3, making=making))
    cases.put(StaffCase(900003, due_at=clock() + KEPT_SECONDS))
    assert cases.due() == []
    clock.tick(-86400)
    assert [one.case_id for one in cases.due()] == [900001, 900002]


def test_a_finished_message_is_known_on_both_sides(links: Links) -> None:
    """By its ticket message and by its id in Omnidesk; an intent is known on none."""
    row = links.begin(MessageLink(0, 7, "message", "out", "intent", 70, 900001))
    other = links.begin(MessageLink(0, 7, "message", "in", "intent", 0, 900001, 42577001))
    assert links.known_external([42577001]) == set()
    links.message_done(row, 42577002)
    links.message_delivered(other, "message", 71)
    assert links.known_external([42577001, 42577002, 5]) == {42577001, 42577002}
    found = links.message("message", 71)
    assert found is not None and found.external_message == 42577001
    links.forget_intent(other)
    assert len(links.messages(7)) == 2, "only intents are forgotten"


def test_an_older_answer_about_a_case_changes_nothing(links: Links) -> None:
    """Answers overtake each other; Omnidesk's own time of change decides."""
    links.ensure_ticket(7)
    set_ticket(links.db, 7, external_case=900001)
    links.case_seen(7, "closed", 100.0, 100.0, 330)
    links.case_seen(7, "open", 99.0, 0.0, 0)
    assert (links.ticket(7).seen_status, links.ticket(7).seen_at) == ("closed", 100.0)


def test_a_lost_case_keeps_its_number_but_takes_no_messages(links: Links) -> None:
    """The ticket knows where it was; the next message opens a new one."""
    links.ensure_ticket(7)
    set_ticket(links.db, 7, external_case=900001, case_number="290-320788")
    assert links.ticket(7).has_case and links.tickets_of_case(900001) == [7] and links.linked_tickets() == 1
    links.case_lost(7, "trash")
    assert not links.ticket(7).has_case and links.ticket(7).case_gone == "trash"
    assert links.linked_tickets() == 0


def test_state_keeps_values_and_their_age(db: Database, clock: Clock) -> None:
    """Any JSON; written once when asked so; gone when removed."""
    state = State(db, clock)
    assert (state.get("x"), state.get("x", 5), state.age("x")) == (None, 5, None)
    state.put("x", {"текст": [1, 2.5, None]})
    clock.tick(30)
    assert state.get("x") == {"текст": [1, 2.5, None]}
    assert state.age("x") == 30
    assert not state.put_once("x", 1) and state.put_once("y", 1)
    assert state.remove("x") and not state.remove("x")


def test_an_event_for_a_case_nobody_has_is_kept_for_a_week(db: Database, clock: Clock) -> None:
    """Long enough for its ticket to be linked; then it is forgotten."""
    state = State(db, clock)
    state.note_unlinked(900001)
    state.note_unlinked("237-696853")
    state.put("other", 1)
    assert state.expire_unlinked() == 0
    clock.tick(8 * 86400)
    assert state.expire_unlinked() == 2
    assert not state.take_unlinked(900001, "237-696853")
    assert state.get("other") == 1
