"""The module sets its own database session: a server's odd defaults change nothing of what is carried over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from omnidesk.core import database
from omnidesk.core.errors import TryLater
from tests.support.workshop import Workshop

DEFAULTS = {
    "sql_select_limit": "18446744073709551615", "sql_mode": "'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'",
    "autocommit": "1", "completion_type": "0", "sql_safe_updates": "0", "sql_auto_is_null": "0",
    "sql_big_selects": "1", "tx_isolation": "'REPEATABLE-READ'", "tx_read_only": "0", "time_zone": "'SYSTEM'",
    "wait_timeout": "28800", "max_statement_time": "0", "group_concat_max_len": "1048576",
    "max_join_size": "18446744073709551615", "init_connect": "''",
}  # fmt: skip
ODD = [
    "sql_select_limit = 1", "sql_mode = 'EMPTY_STRING_IS_NULL'", "sql_mode = 'ANSI_QUOTES'",
    "sql_mode = 'NO_BACKSLASH_ESCAPES'", "sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'", "sql_mode = 'ORACLE'",
    "sql_mode = 'PIPES_AS_CONCAT,HIGH_NOT_PRECEDENCE'", "autocommit = 0", "completion_type = 'CHAIN'",
    "completion_type = 'RELEASE'", "sql_safe_updates = 1", "sql_auto_is_null = 1",
    "tx_isolation = 'READ-UNCOMMITTED'", "tx_isolation = 'SERIALIZABLE'", "tx_read_only = 1", "wait_timeout = 1",
    "max_statement_time = 0.000001", "group_concat_max_len = 4", "max_join_size = 1",
]  # fmt: skip


@contextmanager
def odd(workshop: Workshop, setting: str) -> Iterator[None]:
    """A server whose new connections begin like this; the panel's own keep what they have."""
    name = setting.partition(" ")[0]
    with workshop.mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"SET GLOBAL {setting}")
        try:
            yield
        finally:
            cursor.execute(f"SET GLOBAL {name} = {DEFAULTS[name]}")


@pytest.mark.parametrize("setting", ODD)
def test_an_odd_default_of_the_server_changes_nothing(workshop: Workshop, setting: str) -> None:
    """Messages of both sides, ratings and custom fields, by connections that began with it."""
    key = workshop.desk.add_field("Клиент", "text", "case").key
    Path(workshop.paths.field_links).write_text(
        f'[{{"field": "{key}", "value": "ticket_client_id"}}]', encoding="utf-8"
    )
    workshop.restart()
    with odd(workshop, setting):
        workshop.context.db.row("SELECT 1 AS one")
        connection = workshop.context._fields_connection()
    connection.close()
    ticket = workshop.linked_ticket('It\'s \\ "one" || two')
    for number in range(3):
        workshop.client_writes(ticket, f"вопрос {number}")
        workshop.settle()
        workshop.agent_replies(ticket, f"ответ \\{number}'")
        workshop.settle()
    workshop.assert_equal(ticket)
    assert len(workshop.message_links(ticket, "done")) == 7
    assert workshop.desk.cases[workshop.case(ticket)].custom_fields


def test_a_session_set_by_the_server_at_connect_is_set_again(workshop: Workshop) -> None:
    """init_connect of somebody else's (not run for administrators) moves the zone: times stay those of the panel."""
    with workshop.mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE USER plain@localhost")
        cursor.execute("GRANT ALL ON *.* TO plain@localhost")
        cursor.execute("REVOKE SUPER, CONNECTION ADMIN ON *.* FROM plain@localhost")
        cursor.execute("SET GLOBAL init_connect = \"SET time_zone = '+11:00'\"")
        try:
            with database.connect(workshop.context.address, user="plain") as found, found.cursor() as reader:
                reader.execute("SELECT @@SESSION.time_zone = @@GLOBAL.time_zone AS same")
                assert reader.fetchone() == {"same": 1}
        finally:
            cursor.execute("SET GLOBAL init_connect = ''")
            cursor.execute("DROP USER plain@localhost")


def test_a_variable_that_a_server_does_not_have_is_left_out(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MySQL and MariaDB, old and new, have different ones; the others are set all the same."""
    monkeypatch.setattr(database, "_SESSION", (*database._SESSION[:2], "no_such_variable = 1", *database._SESSION[2:]))
    with workshop.mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET GLOBAL sql_select_limit = 1")
        try:
            with database.connect(workshop.context.address) as found, found.cursor() as reader:
                reader.execute("SELECT @@SESSION.sql_select_limit AS most")
                row = reader.fetchone()
        finally:
            cursor.execute("SET GLOBAL sql_select_limit = DEFAULT")
    assert row is not None and int(row["most"]) > 10**18


def test_a_failure_while_a_session_is_set_is_the_databases(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is not used half prepared."""
    monkeypatch.setattr(database, "_SESSION", ("sql_mode = ",))
    with pytest.raises(TryLater):
        database.connect(workshop.context.address)
