"""What a pass reads of a database with 30,000 tickets: by index only, and no more than of one with 1,000.

Both sizes are workshops of their own whose history was inserted in bulk; the module sees the same few new things in
both. Statements are recorded where the module sends them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from omnidesk.billmanager.users import PERSON
from omnidesk.core.database import Row
from omnidesk.core.tables import MESSAGES, TICKETS
from sandbox.mariadb import MariaDB
from tests.support.statements import Recorder, rows_read
from tests.support.workshop import Workshop

SMALL, LARGE = 1_000, 12_000
MESSAGES_EACH = 3
BIG = {"ticket", "ticket_message", "ticket_note", "ticket2user", "user", TICKETS, MESSAGES}
# A statement may look at this many rows of a big table; slices and batches of the module are 500 to 1,000 rows.
FEW = 3_000
BY_EMAIL = f"SELECT {PERSON} FROM user u WHERE u.level >= %s ORDER BY u.enabled = 'on' DESC, u.id"


def fill(workshop: Workshop, tickets: int) -> None:
    """History: answered tickets of many clients, a part of them linked as the module leaves them."""
    numbers = f"seq_1_to_{tickets} s"
    posted = "FROM_UNIXTIME(1700000000 + s.seq)"
    mail = "CONCAT('c', s.seq, '@example.com')"
    state = "IF(status = 10, 'closed', 'waiting')"
    anna = workshop.anna
    statements = [
        f"INSERT INTO account (id, name) SELECT 1000 + s.seq, CONCAT('client ', s.seq) FROM {numbers}",
        "INSERT INTO user (id, account, name, realname, email, level)"
        f" SELECT 1000 + s.seq, 1000 + s.seq, {mail}, 'Client', {mail}, 16 FROM {numbers}",
        "INSERT INTO ticket (id, name, account_client, status)"
        f" SELECT 1000 + s.seq, 'old', 1000 + s.seq, IF(MOD(s.seq, 3), 10, 1) FROM {numbers}",
        "INSERT INTO ticket_message (ticket, user, message, date_post)"
        f" SELECT 1000 + s.seq, IF(n.seq = 2, {anna}, 1000 + s.seq), 'old text', {posted}"
        f" FROM {numbers} JOIN seq_1_to_{MESSAGES_EACH} n",
        "INSERT INTO ticket_note (ticket, user, note, date_post)"
        f" SELECT 1000 + s.seq, {anna}, 'old note', {posted} FROM {numbers} WHERE MOD(s.seq, 5) = 0",
        f"INSERT INTO {TICKETS} (ticket, external_case, case_number, external_user, client_user, ticket_status,"
        " case_status, seen_status, seen_at, read_at)"
        f" SELECT id, 5000000 + id, id, 7000000 + id, id, {state}, {state}, {state}, 1700000000, 1700000000"
        " FROM ticket WHERE id > 1000",
        f"INSERT INTO {MESSAGES} (ticket, kind, direction, ticket_message, external_case, external_message, state,"
        " staff) SELECT ticket, 'message', 'out', id, 5000000 + ticket, 90000000 + id, 'done', user < 1000"
        " FROM ticket_message WHERE ticket > 1000",
        f"INSERT INTO {MESSAGES} (ticket, kind, direction, ticket_message, external_case, external_message, state)"
        " SELECT ticket, 'note', 'out', id, 5000000 + ticket, 95000000 + id, 'done' FROM ticket_note",
    ]
    with workshop.mariadb.connect(workshop.panel.schema.database) as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION foreign_key_checks = 0, unique_checks = 0")
        for statement in statements:
            cursor.execute(statement)
        for table in BIG:
            cursor.execute(f"ANALYZE TABLE {table}")


def days_work(workshop: Workshop) -> None:
    """Every kind of thing that a pass may have to do, on a few tickets."""
    first = workshop.new_ticket("Новый запрос")
    second = workshop.new_ticket("Ещё один", user=workshop.petra.user)
    workshop.sync()
    workshop.client_writes(first, "И ещё")
    reply = workshop.panel.employee_replies(workshop.anna, second, "Смотрим", close=False)
    workshop.panel.employee_notes(workshop.boris, second, "Проверить диск")
    workshop.sync()
    workshop.agent_replies(first, "Готово", status="waiting")
    workshop.agent_notes(first, "Счёт", staff=workshop.vera_staff)
    workshop.deliver_webhooks()
    workshop.sync()
    workshop.panel.client_rates(reply, "good")
    workshop.agent_sets(second, "closed")
    workshop.tick(700)
    workshop.sync()
    workshop.panel.client_archives(first)
    workshop.panel.mail_arrives(workshop.ivan.user, first, "Письмом")
    workshop.sync()
    workshop.desk.faults.drop_after("POST /api/cases/*/messages.json")
    workshop.client_writes(second, "Пропало?")
    workshop.sync()
    workshop.settle()
    workshop.desk.delete(workshop.case(second))
    workshop.client_writes(second, "Есть кто?")
    workshop.settle()


@dataclass
class Measured:
    """A workshop of one size after its day's work: the statements, and the rows a quiet pass reads."""

    workshop: Workshop
    statements: dict[str, tuple[Any, ...]]
    quiet_statements: int
    quiet_rows: int


def measure(mariadb: MariaDB, folder: Path, tickets: int) -> Measured:
    workshop = Workshop(mariadb, folder)
    fill(workshop, tickets)
    workshop.sync()
    recorder = Recorder(workshop.context.db)
    days_work(workshop)
    recorder.stop()
    workshop.tick(400)
    for _ in range(3):
        workshop.run_pass()
        workshop.tick(61)
    before = rows_read(workshop.context.db)
    quiet = Recorder(workshop.context.db)
    workshop.run_pass()
    quiet.stop()
    status_itself = rows_read(workshop.context.db)
    rows = status_itself - before - (rows_read(workshop.context.db) - status_itself)
    return Measured(workshop, recorder.shapes(), len(quiet.statements), rows)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measured]:
    yield from measured(tmp_path_factory.mktemp("small"), SMALL)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measured]:
    yield from measured(tmp_path_factory.mktemp("large"), LARGE)


def measured(folder: Path, tickets: int) -> Iterator[Measured]:
    """In a server of its own, which goes with all its rows."""
    with MariaDB(folder) as mariadb:
        made = measure(mariadb, folder, tickets)
        yield made
        made.workshop.close()


def explained(workshop: Workshop, sql: str, values: tuple[Any, ...]) -> list[Row]:
    return workshop.context.db.rows(f"EXPLAIN {sql}", *values)


def test_no_statement_reads_a_whole_table(large: Measured) -> None:
    """EXPLAIN of every statement of a day's work: by an index, and few rows of a big table."""
    assert len(large.statements) > 40, "the recorder missed the statements"
    bad = []
    for sql, values in large.statements.items():
        for row in explained(large.workshop, sql, values):
            table = large_table(sql, str(row["table"]))
            if table is None:
                continue
            whole = row["type"] in ("ALL", "index")
            if sql == BY_EMAIL:
                continue  # no index for it is known; see the test below
            if (whole and int(row["rows"] or 0) > FEW) or (not row["key"] and int(row["rows"] or 0) > FEW):
                bad.append(f"{row['type']} over {row['rows']} rows of {table}: {sql}")
    assert not bad, "\n".join(bad)


def test_the_table_of_users_is_read_once_a_pass_at_most(workshop: Workshop) -> None:
    """No index on a user's e-mail is documented, so what was found for an e-mail is kept for the pass."""
    recorder = Recorder(workshop.context.db)
    ticket = workshop.new_ticket()
    workshop.run_pass()
    for number in range(3):
        workshop.agent_replies(ticket, f"Ответ {number}")
        workshop.agent_replies(ticket, f"Ещё {number}", staff=workshop.vera_staff)
    workshop.deliver_webhooks()
    del recorder.statements[:]
    workshop.run_pass(force=False)
    asked = [values[0] for sql, values in recorder.statements if sql == BY_EMAIL]
    assert len(workshop.panel.messages(ticket)) == 7
    assert sorted(asked) == sorted(set(asked))
    assert asked, "the statement has changed"
    workshop.panel.disable(workshop.anna)
    workshop.agent_replies(ticket, "И ещё")
    workshop.deliver_webhooks()
    workshop.run_pass(force=False)
    assert workshop.panel.messages(ticket)[-1].author == "Omnidesk", "the next pass asks again"


def large_table(sql: str, alias: str) -> str | None:
    """The big table that an alias of EXPLAIN stands for."""
    words = sql.replace(",", " ").replace("(", " ").replace(")", " ").split()
    for at, word in enumerate(words):
        if word in BIG and (alias == word or (at + 1 < len(words) and words[at + 1] == alias)):
            return word
    return None


def test_a_quiet_pass_reads_as_much_of_many_tickets_as_of_few(small: Measured, large: Measured) -> None:
    """After the baseline the size of the history does not count: slices are bounded, cursors are near the end."""
    assert large.quiet_rows < small.quiet_rows + 3_000, (small.quiet_rows, large.quiet_rows)
    assert large.quiet_rows < 6_000


def test_a_quiet_pass_takes_few_statements(small: Measured, large: Measured) -> None:
    """Their number is small and does not depend on anything."""
    assert large.quiet_statements == small.quiet_statements
    assert large.quiet_statements <= 46
