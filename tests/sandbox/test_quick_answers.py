"""The tests' own way to read answers of the database gives what pymysql's gives."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pymysql
import pytest

from sandbox.mariadb import MariaDB
from tests.support import quick_answers

STATEMENTS = (
    "SELECT 1 AS one, 'два' AS two, NULL AS none, 1.5 AS part, NOW() - NOW() AS zero, x'00ff' AS raw",
    "SELECT 1 AS same, 2 AS same",
    "SELECT 1 AS one WHERE FALSE",
    "SELECT id, name, body, made FROM kinds ORDER BY id",
    "SELECT k.*, l.* FROM kinds k JOIN kinds l ON l.id = k.id ORDER BY k.id",
    "SELECT REPEAT('ж', 20000) AS more_than_the_buffer_holds UNION ALL SELECT 'end'",
    "SELECT " + ", ".join(f"{at} AS a_column_with_a_long_name_{at:04}" for at in range(900)),
    "SELECT seq, REPEAT('x', 100) AS text FROM seq_1_to_900",
    "INSERT INTO kinds (name) VALUES ('third')",
    "UPDATE kinds SET name = 'same' WHERE id = 0",
    "SET @nothing = 1",
    "SELECT 1/0 AS warns",
    "SELECT CAST(1/0 AS CHAR) AS warns FROM seq_1_to_3",
    "SELECT REPEAT('y', seq * 50) AS longer_than_a_byte_says FROM seq_1_to_9",
    "SELECT no_such_column FROM kinds",
    "not a statement",
)


@pytest.fixture(params=(pymysql.cursors.Cursor, pymysql.cursors.DictCursor))
def kind(request: pytest.FixtureRequest) -> Any:
    return request.param


def answers(mariadb: MariaDB, kind: Any) -> list[object]:
    """What comes for each statement, asked twice."""
    found: list[object] = []
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE DATABASE quick_answers")
    with mariadb.connect("quick_answers", cursorclass=kind) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kinds (id INT AUTO_INCREMENT PRIMARY KEY, name TEXT, body BLOB, made DATETIME)")
        cursor.execute(
            "INSERT INTO kinds (name, body, made) VALUES ('ж', x'00ff', '2026-01-02 03:04:05'), (NULL, '', NULL)"
        )
        for statement in STATEMENTS * 2:
            try:
                count = cursor.execute(statement)
                found.append((count, cursor.description, cursor.fetchall(), cursor.lastrowid, cursor.warning_count))
            except pymysql.MySQLError as error:
                found.append((type(error), error.args))
    return found


def test_answers_are_those_of_pymysql(mariadb: MariaDB, kind: Any) -> None:
    quick = answers(mariadb, kind)
    with (
        mock.patch.object(quick_answers.Connection, "connect", quick_answers._connect),
        mock.patch.object(quick_answers.Connection, "_read_packet", quick_answers._read_packet),
        mock.patch.object(quick_answers.MySQLResult, "_get_descriptions", quick_answers._get_descriptions),
        mock.patch.object(quick_answers.MySQLResult, "_read_rowdata_packet", quick_answers._read_rows),
        mock.patch.object(quick_answers.DictCursorMixin, "_do_get_result", quick_answers._result_of_dicts),
    ):
        assert answers(mariadb, kind) == quick


def test_a_server_that_goes_away_is_pymysqls_error(mariadb: MariaDB) -> None:
    with mariadb.connect() as victim, mariadb.connect() as other:
        with victim.cursor() as cursor:
            cursor.execute("SELECT CONNECTION_ID()")
            found: Any = cursor.fetchone()
        other.query(f"KILL {found[0]}")
        with pytest.raises(pymysql.OperationalError) as error:
            victim.query("SELECT 1")
    assert error.value.args[0] in (2006, 2013)


def test_an_answer_that_does_not_come_in_time_is_pymysqls_error(mariadb: MariaDB) -> None:
    with mariadb.connect(read_timeout=1) as connection, pytest.raises(pymysql.OperationalError) as error:
        connection.query("SELECT SLEEP(30)")
    assert error.value.args[0] == 2013
