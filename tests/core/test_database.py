"""Where the panel's database is, how errors are understood, and what a connection does not do."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Any
from unittest import mock

import pymysql
import pytest

from omnidesk.core import database as db
from omnidesk.core.database import Address, Database
from omnidesk.core.errors import Misconfigured, Paused, TryLater
from omnidesk.core.paths import Paths
from omnidesk.core.settings import Secret
from sandbox.billmanager import schema
from sandbox.mariadb import MariaDB


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    for name in ("sbin", "etc/billmgr.conf.d"):
        (tmp_path / name).mkdir(parents=True)
    return Paths(str(tmp_path))


def mgrctl(paths: Paths, script: str) -> None:
    Path(paths.mgrctl).write_text(f"#!/bin/sh\n{script}\n")
    os.chmod(paths.mgrctl, 0o755)


# The address


def test_a_password_may_hold_blanks_and_signs(paths: Paths) -> None:
    """The first run of blanks separates; a # inside a line is part of the value."""
    Path(paths.panel_db_conf).write_text(
        "# its own\nDBHost localhost\nDBSocket  /run/my.sock\nDBUser billmgr\nDBPassword \t pass # word'\"\\ 1\n"
        "DBName billmgr2\n"
    )
    found = db.address(paths)
    assert found == Address("localhost", "/run/my.sock", "billmgr", Secret("pass # word'\"\\ 1"), "billmgr2")
    assert "pass #" not in repr(found)


def test_a_comment_in_another_encoding_stops_nothing(paths: Paths) -> None:
    """The panel's files are old and edited by hand; what is not UTF-8 in them may be a value, too."""
    Path(paths.panel_conf).write_bytes("# Пароль базы\nDBUser billmgr\nDBPassword ключ\n".encode("cp1251"))
    found = db.address(paths)
    assert found.user == "billmgr"
    assert found.password.reveal().encode("utf-8", "surrogateescape") == "ключ".encode("cp1251")


def test_the_nearer_file_counts(paths: Paths) -> None:
    """db.conf before billmgr.conf, each for what the other leaves out."""
    Path(paths.panel_db_conf).write_text("DBUser near\nDBPassword one\n")
    Path(paths.panel_conf).write_text("DBUser far\nDBPassword two\nDBName other\nLicense x\n")
    found = db.address(paths)
    assert (found.user, found.password.reveal(), found.name, found.host) == ("near", "one", "other", "localhost")


def test_paramlist_is_asked_when_no_file_names_a_user(paths: Paths, tmp_path: Path) -> None:
    """A panel that keeps them elsewhere tells them itself; it is asked for XML, in its own folder."""
    mgrctl(
        paths,
        f'echo "$PWD $@" > {tmp_path}/asked\n'
        'echo "<doc><elem><DBHost>db.example.com</DBHost></elem><elem><DBUser>billmgr</DBUser></elem>'
        '<elem><DBPassword>a &amp; b</DBPassword></elem><elem><DBName/></elem><elem><Other>x</Other></elem></doc>"',
    )
    assert db.address(paths) == Address("db.example.com", "", "billmgr", Secret("a & b"), "billmgr")
    assert (tmp_path / "asked").read_text().split() == [paths.root, "-m", "billmgr", "paramlist", "out=xml"]


@pytest.mark.parametrize("script", ["exit 1", "echo not xml", "printf '<doc>'"])
def test_a_panel_that_does_not_tell_is_named(paths: Paths, script: str) -> None:
    """The administrator learns which file should have said it."""
    mgrctl(paths, script)
    with pytest.raises(Misconfigured) as caught:
        db.address(paths)
    assert (caught.value.type, caught.value.object) == ("panel_conf", paths.panel_conf)


def test_no_panel_at_all(paths: Paths) -> None:
    """Neither files nor mgrctl: the module is not on the panel's host."""
    with pytest.raises(Misconfigured, match=r"etc/billmgr\.conf"):
        db.address(paths)


def test_a_file_nobody_may_read_is_named(paths: Paths) -> None:
    """A folder in its place stands for every reason."""
    os.mkdir(paths.panel_db_conf)
    with pytest.raises(Misconfigured, match=r"db\.conf") as caught:
        db.address(paths)
    assert "(это каталог)" in caught.value.phrase.text("ru")


# The connection


def where(mariadb: MariaDB, name: str = "", **changes: Any) -> Address:
    given = {"host": "localhost", "socket": mariadb.socket, "user": "root", "password": Secret(""), "name": name}
    return Address(**{**given, **changes})


def test_no_tls_for_a_socket(mariadb: MariaDB, monkeypatch: pytest.MonkeyPatch) -> None:
    """Setting up a TLS context costs more than all queries of a run (measured: 40-80 ms)."""
    monkeypatch.setattr(ssl, "create_default_context", mock.Mock(side_effect=AssertionError("a TLS context was made")))
    monkeypatch.setattr(ssl, "SSLContext", mock.Mock(side_effect=AssertionError("a TLS context was made")))
    database = Database(where(mariadb, "mysql"))
    assert database.row("SELECT 1 AS one") == {"one": 1}
    database.close()


def test_the_socket_is_found_where_packages_put_it(mariadb: MariaDB, monkeypatch: pytest.MonkeyPatch) -> None:
    """localhost means the socket, as it does for MySQL's own client."""
    monkeypatch.setattr(db, "DEFAULT_SOCKETS", ("/nonexistent/my.sock", mariadb.socket))
    with db.connect(where(mariadb, "mysql", socket="")) as connection:
        assert connection.ping() is None


def test_texts_are_utf8_with_four_bytes(mariadb: MariaDB) -> None:
    """Whatever the server's default is."""
    database = Database(where(mariadb, "mysql"))
    assert database.row("SELECT %s AS t, @@character_set_client AS c", "🙂й") == {"t": "🙂й", "c": "utf8mb4"}
    database.close()


def test_a_lost_connection_pauses_the_run_and_is_opened_anew(mariadb: MariaDB) -> None:
    """A statement is never repeated by itself; the next one has a new connection."""
    database = Database(where(mariadb, "mysql"))
    number = (database.row("SELECT CONNECTION_ID() AS id") or {})["id"]
    with mariadb.connect() as other, other.cursor() as cursor:
        cursor.execute(f"KILL {number}")
    with pytest.raises(Paused) as caught:
        database.row("SELECT 1")
    assert caught.value.type == "database_away"
    assert database.row("SELECT 1 AS one") == {"one": 1}
    database.close()


def test_a_connection_lost_while_nothing_was_done_is_opened_anew_without_an_error(mariadb: MariaDB) -> None:
    """A worker lingers over the server's restart or its wait_timeout; what follows must not wait for that."""
    database = Database(where(mariadb, "mysql"))
    database.refresh()  # nothing is open yet
    number = (database.row("SELECT CONNECTION_ID() AS id") or {})["id"]
    database.refresh()
    assert database.row("SELECT CONNECTION_ID() AS id") == {"id": number}
    with mariadb.connect() as other, other.cursor() as cursor:
        cursor.execute(f"KILL {number}")
    database.refresh()
    assert database.row("SELECT 1 AS one") == {"one": 1}
    database.close()


def test_wrong_credentials_are_the_administrators_to_mend(mariadb: MariaDB) -> None:
    """The error names number and user, never the password."""
    with pytest.raises(Misconfigured) as caught:
        db.connect(where(mariadb, "mysql", user="nobody", password=Secret("the-password")))
    assert (caught.value.type, caught.value.object) == ("database_refused", "1045")
    assert "the-password" not in str(caught.value)


@pytest.mark.parametrize("password", ["Пароль №1", "pässword", "🔑"])
def test_a_password_of_any_letters(mariadb: MariaDB, password: str) -> None:
    """The server knows it by the bytes that stand in the panel's file."""
    with mariadb.connect() as connection:
        schema.grant(connection, "somebody", password, "mysql")
    with db.connect(where(mariadb, "mysql", user="somebody", password=Secret(password))) as connection:
        connection.ping()


def test_nobody_at_the_socket(tmp_path: Path) -> None:
    """A server that is away pauses the run."""
    with pytest.raises(Paused, match="does not answer"):
        db.connect(Address("localhost", str(tmp_path / "no.sock"), "root", Secret(""), "x"))


@pytest.mark.parametrize(
    ("error", "kind", "type"),
    [
        (pymysql.err.OperationalError(2006, "gone"), Paused, "database_away"),
        (pymysql.err.OperationalError(1040, "Too many connections"), Paused, "database_away"),
        (pymysql.err.InterfaceError("(0, '')"), Paused, "database_away"),
        (pymysql.err.OperationalError(1290, "read-only"), Paused, "database_read_only"),
        (pymysql.err.OperationalError(1213, "deadlock"), TryLater, "database_busy"),
        (pymysql.err.OperationalError(1205, "lock wait"), TryLater, "database_busy"),
        (pymysql.err.OperationalError(1044, "denied"), Misconfigured, "database_refused"),
        (pymysql.err.OperationalError(1049, "no db"), Misconfigured, "database_refused"),
        (pymysql.err.ProgrammingError(1146, "no table"), TryLater, "database"),
        (pymysql.err.DataError(1406, "too long"), TryLater, "database"),
        (pymysql.err.MySQLError(), TryLater, "database"),
    ],
)
def test_what_errors_mean(error: pymysql.err.MySQLError, kind: type[Exception], type: str) -> None:
    """Away pauses the run, a deadlock costs this ticket a moment, a refusal is for the administrator."""
    failure = db.failure(error)
    assert (failure.__class__, failure.type) == (kind, type)
    assert isinstance(str(failure), str)


def test_a_transaction_is_all_or_nothing(mariadb: MariaDB) -> None:
    """Also when the failure is not the database's."""
    with mariadb.connect() as root, root.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE DATABASE unit_database")
        cursor.execute("CREATE TABLE unit_database.t (n INT)")
    database = Database(where(mariadb, "unit_database"))
    with database.transaction():
        database.write("INSERT INTO t VALUES (1)")
    with pytest.raises(KeyError), database.transaction():
        database.write("INSERT INTO t VALUES (2)")
        raise KeyError
    assert database.rows("SELECT n FROM t") == [{"n": 1}]
    database.close()


def test_a_statement_above_the_servers_limit_costs_only_itself(mariadb: MariaDB) -> None:
    """The server would end the connection in the middle of it, which looks like a server that is away."""
    database = Database(Address("localhost", mariadb.socket, "root", Secret(""), "mysql"))
    try:
        limit = int((database.row("SELECT @@max_allowed_packet AS n") or {})["n"])
        before = database.row("SELECT CONNECTION_ID() AS id")
        with pytest.raises(TryLater) as caught:
            database.row("SELECT LENGTH(%s) AS n", "я" * (limit // 2))
        assert caught.value.object == "1153" and str(limit) in caught.value.value
        assert database.row("SELECT LENGTH(%s) AS n", "я" * (limit // 2 - 50)) == {"n": limit - 100 - limit % 2}
        assert database.row("SELECT CONNECTION_ID() AS id") == before
    finally:
        database.close()
