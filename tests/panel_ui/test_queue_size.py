"""The list «Синхронизация» among 20,000 tickets: by index only, and rows in proportion to the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omnidesk.core.database import Row
from omnidesk.core.tables import MESSAGES, TICKETS
from omnidesk.panel_ui.queue_rows import STATES, Rows, Wanted
from sandbox.mariadb import MariaDB
from tests.support.workshop import Workshop

MANY = 20_000
BIG = ("q", "m", "o", "t", TICKETS, MESSAGES, "ticket")
FILL = (
    # A tenth of the tickets is set aside, three tenths failed, three tenths are due, the others are quiet.
    f"INSERT INTO {TICKETS} (ticket, due_at, attempts, set_aside, error_type, error_text, due_reason)"
    " SELECT s.seq, IF(MOD(s.seq, 10) < 7, 1700000000 + s.seq, NULL), IF(MOD(s.seq, 10) < 4, MOD(s.seq, 7) + 1, 0),"
    " MOD(s.seq, 10) = 0, IF(MOD(s.seq, 10) < 4, 'omnidesk_trouble', ''), 'no', 'new messages'"
    " FROM seq_1_to_{many} s",
    f"INSERT INTO {MESSAGES} (ticket, kind, direction, ticket_message, state)"
    " SELECT s.seq, 'message', 'out', s.seq, IF(MOD(s.seq, 1000) = 9, 'refused', 'done') FROM seq_1_to_{many} s",
    "INSERT INTO ticket (id, name) SELECT s.seq, 'old' FROM seq_1_to_{many} s",
)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """In a server of its own, which goes with all its rows."""
    folder: Path = tmp_path_factory.mktemp("queue")
    with MariaDB(folder / "db") as mariadb:
        workshop = Workshop(mariadb, folder / "workshop")
        with mariadb.connect(workshop.panel.schema.database) as connection, connection.cursor() as cursor:
            cursor.execute("SET SESSION foreign_key_checks = 0, unique_checks = 0")
            for statement in FILL:
                cursor.execute(statement.replace("{many}", str(MANY)))
            for table in (TICKETS, MESSAGES, "ticket"):
                cursor.execute(f"ANALYZE TABLE {table}")
        yield workshop
        workshop.close()


def statements(workshop: Workshop, wanted: Wanted, number: int) -> list[tuple[str, tuple[Any, ...]]]:
    """What one page and its counters ask the database."""
    db = workshop.context.db
    found: list[tuple[str, tuple[Any, ...]]] = []
    run = db._run

    def recorded(sql: str, values: Any) -> tuple[list[Row], int, int]:
        found.append((sql, tuple(values)))
        return run(sql, values)

    db._run = recorded  # type: ignore[method-assign]
    try:
        rows = Rows(db, workshop.clock())
        rows.counters()
        rows.page(wanted, {3, 5}, number, 50)
    finally:
        db._run = run  # type: ignore[method-assign]
    return found


@pytest.mark.parametrize("state", ["", *STATES])
@pytest.mark.parametrize("number", [1, 10**9])
def test_no_page_reads_a_whole_table_or_sorts_one(full: Workshop, state: str, number: int) -> None:
    for sql, values in statements(full, Wanted(state), number):
        for row in full.context.db.rows(f"EXPLAIN {sql}", *values):
            if row["table"] in BIG:
                assert row["type"] != "ALL" and row["key"], (sql, row)
                assert "filesort" not in (row["Extra"] or "") or int(row["rows"]) < 3000, (sql, row)


def reads(workshop: Workshop) -> int:
    rows = workshop.context.db.rows("SHOW SESSION STATUS LIKE 'Handler_read%%'")
    return sum(int(row["Value"]) for row in rows)


def test_the_rows_of_a_page_are_looked_up_and_no_others(full: Workshop) -> None:
    """Beside counting, which walks the index, a page costs what it shows."""
    rows = Rows(full.context.db, full.clock())
    before = reads(full)
    counting = [rows._count_of(group) for group in rows._groups(Wanted(), set())]
    between = reads(full)
    page = rows.page(Wanted(), set(), 1, 50)
    assert len(page.entries) == 50 and page.total == sum(counting) == MANY * 7 // 10 + MANY // 1000
    assert reads(full) - between < (between - before) + 1500


def test_all_pages_together_are_the_list(full: Workshop) -> None:
    rows = Rows(full.context.db, full.clock())
    total = rows.page(Wanted(), set(), 1, 1).total
    seen: list[int] = []
    for number in range(1, total // 10_000 + 2):
        seen += [one.ticket for one in rows.page(Wanted(), set(), number, 10_000).entries]
    assert len(seen) == len(set(seen)) == total
