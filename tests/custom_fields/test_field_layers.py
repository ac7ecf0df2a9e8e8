"""Each layer between a statement and the database, on its own, against a real server and a user who may do anything.

The table says which layer stops what. It is the reason why there are four: no column is full. ``-`` marks what a layer
lets through (another one must stop it).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pymysql
import pytest

from omnidesk.custom_fields import sql_approval, sql_check, sql_run
from omnidesk.custom_fields.catalogue import Value
from omnidesk.custom_fields.problems import FieldProblem

if TYPE_CHECKING:
    from tests.custom_fields.conftest import Database

APPROVE, GUARD, DERIVED, SESSION = "approve", "guard", "derived", "session"
ALL = {APPROVE, GUARD, DERIVED, SESSION}


@dataclass(frozen=True)
class Attack:
    """A statement (``FOLDER`` is replaced) and the layers that stop it alone."""

    sql: str
    stopped_by: frozenset[str]


def attack(sql: str, *stopped_by: str) -> Attack:
    return Attack(sql, frozenset(stopped_by))


ATTACKS = [
    # Writing to tables: every layer.
    attack("INSERT INTO project (name) VALUES ('x')", *ALL),
    attack("UPDATE project SET name = 'x'", *ALL),
    attack("DELETE FROM ticket2user", *ALL),
    attack("DELETE FROM ticket2user RETURNING id", *ALL),
    attack("REPLACE INTO project (id, name) VALUES (1, 'x')", *ALL),
    attack("SELECT 1; DELETE FROM ticket2user", *ALL),
    attack("WITH a AS (SELECT 1) DELETE FROM ticket2user", *ALL),
    attack("CALL removes()", *ALL),
    # Definitions: a plain read-only transaction would let these through, a read-only session does not.
    attack("DROP TABLE ticket2user", *ALL),
    attack("TRUNCATE ticket2user", *ALL),
    attack("ALTER TABLE project ADD x INT", *ALL),
    attack("CREATE TABLE x (a INT)", *ALL),
    attack("CREATE USER x@localhost", *ALL),
    # Reading statements that write: the grammar of a derived table knows no difference.
    attack("SELECT writes()", APPROVE, SESSION),
    attack("SELECT billmgr.writes()", APPROVE, GUARD, SESSION),
    attack("SELECT `writes`()", APPROVE, GUARD, SESSION),
    attack("SELECT NEXT VALUE FOR counter", APPROVE, GUARD, SESSION),
    attack("SELECT NEXTVAL(counter)", APPROVE, GUARD, SESSION),
    attack("SELECT SETVAL(counter, 99)", APPROVE, GUARD, SESSION),
    attack("SELECT id FROM project FOR UPDATE", APPROVE, GUARD, SESSION),
    attack("SELECT id FROM project LOCK IN SHARE MODE", APPROVE, GUARD),
    # Files: a read-only session writes them.
    attack("SELECT 1 INTO OUTFILE 'FOLDER/a'", APPROVE, GUARD, DERIVED),
    attack("SELECT 1 INTO DUMPFILE 'FOLDER/b'", APPROVE, GUARD, DERIVED),
    attack("SELECT 1 /*! INTO OUTFILE 'FOLDER/c' */", APPROVE, GUARD, DERIVED),
    attack("SELECT 1 /*!50000 INTO OUTFILE 'FOLDER/d' */", APPROVE, GUARD, DERIVED),
    attack("SELECT 1 /*M! INTO OUTFILE 'FOLDER/e' */", APPROVE, GUARD, DERIVED),
    attack("SELECT 1 /*M!100100 INTO OUTFILE 'FOLDER/f' */", APPROVE, GUARD, DERIVED),
    attack("SELECT 'a'INTO OUTFILE 'FOLDER/g'", APPROVE, GUARD, DERIVED),
    attack("SELECT 1.5INTO OUTFILE 'FOLDER/h'", APPROVE, GUARD, DERIVED),
    attack("SELECT 1.e1INTO OUTFILE 'FOLDER/i'", APPROVE, GUARD, DERIVED),
    attack("SELECT \\NINTO OUTFILE 'FOLDER/j'", APPROVE, GUARD, DERIVED),
    attack("(SELECT 1) UNION (SELECT 2 INTO OUTFILE 'FOLDER/k')", APPROVE, GUARD, DERIVED, SESSION),
    attack("SELECT 1 UNION SELECT 2 INTO OUTFILE 'FOLDER/l'", APPROVE, GUARD, DERIVED),
    attack("SELECT 1 FROM project PROCEDURE ANALYSE()", APPROVE, GUARD, DERIVED),
    # Breaking out of the derived table: only the texts' checks see it.
    attack("SELECT 1) AS v INTO OUTFILE 'FOLDER/m' UNION (SELECT 2", APPROVE, GUARD, DERIVED, SESSION),
    attack("SELECT 1) AS v LIMIT 1 INTO OUTFILE 'FOLDER/n' -- ", APPROVE, GUARD, DERIVED, SESSION),
    attack("SELECT 1) AS v LIMIT 1 INTO OUTFILE 'FOLDER/o' #", APPROVE, GUARD, DERIVED, SESSION),
    # Reading what is nobody's business, and state of the session: only the texts' checks.
    attack("SELECT LOAD_FILE('/etc/hostname')", APPROVE, GUARD),
    attack("SELECT `load_file`('/etc/hostname')", APPROVE, GUARD),
    attack("SELECT Priv FROM mysql.global_priv", APPROVE, GUARD),
    attack("SELECT password FROM user", APPROVE, GUARD),
    attack("SELECT a FROM (SELECT password AS a FROM user) AS q", APPROVE, GUARD),
    attack("SELECT i FROM (SELECT 1, 2, 3, 4, 5, 6, 7, 8, 9 AS i, 10, 11 UNION SELECT * FROM user) q", APPROVE, GUARD),
    attack("SELECT value FROM itemparam WHERE intname = 'password'", APPROVE, GUARD),
    attack("SELECT 1 FROM omnidesk_state", APPROVE, GUARD),
    attack("SELECT 1 FROM other.user", APPROVE, GUARD),
    attack("SELECT 1 INTO @a", APPROVE, GUARD, DERIVED),
    attack("SELECT @a := 1", APPROVE, GUARD),
    attack("SELECT @@datadir", APPROVE, GUARD),
    attack("SELECT LAST_INSERT_ID(7)", APPROVE, GUARD),
    attack("SELECT GET_LOCK('pmomnidesk', 1)", APPROVE, GUARD),
    attack("SET GLOBAL max_connections = 77", APPROVE, GUARD, DERIVED),
    attack("SET SESSION TRANSACTION READ WRITE", APPROVE, GUARD, DERIVED),
    attack("SET STATEMENT max_statement_time = 0 FOR SELECT 1", APPROVE, GUARD, DERIVED),
    attack("HANDLER project OPEN", APPROVE, GUARD, DERIVED),
    attack("SHOW TABLES", APPROVE, GUARD, DERIVED),
    attack("EXPLAIN SELECT 1", APPROVE, GUARD, DERIVED),
    attack("ANALYZE TABLE project", APPROVE, GUARD, DERIVED),
    attack("FLUSH TABLES", APPROVE, GUARD, DERIVED),
    attack("LOCK TABLES project WRITE", APPROVE, GUARD, DERIVED, SESSION),
    # Taking its time: the session's limit as well.
    attack("SELECT SLEEP(30)", APPROVE, GUARD, SESSION),
    attack("SELECT BENCHMARK(2000000000, SHA2('a', 512))", APPROVE, GUARD, SESSION),
]
IDS = [attack.sql[:60] for attack in ATTACKS]


def stopped_by(layer: str) -> list[object]:
    return [pytest.param(attack, id=attack.sql[:60]) for attack in ATTACKS if layer in attack.stopped_by]


def named(sql: str, folder: Path) -> str:
    return sql.replace("FOLDER", str(folder))


@pytest.mark.parametrize("attack", ATTACKS, ids=IDS)
def test_approval_alone(attack: Attack) -> None:
    """The parser's allow-list refuses all of them; nothing is executed."""
    assert APPROVE in attack.stopped_by
    with pytest.raises(FieldProblem):
        sql_approval.check(attack.sql)


@pytest.mark.parametrize("attack", ATTACKS, ids=IDS)
def test_guard_alone(attack: Attack) -> None:
    """The lexical guard refuses all but the stored function that looks like any other."""
    if GUARD in attack.stopped_by:
        with pytest.raises(FieldProblem):
            sql_check.check(attack.sql)
    else:
        sql_check.check(attack.sql)


@pytest.mark.parametrize("attack", stopped_by(DERIVED))
def test_derived_table_alone(attack: Attack, database: Database) -> None:
    """As root, in a session that may write, without any check of the text: the server's grammar refuses."""
    before = database.snapshot()
    with database.connect() as connection, connection.cursor() as cursor:
        with pytest.raises(pymysql.err.MySQLError) as caught:
            cursor.execute(sql_run.wrap(named(attack.sql, database.folder), limited=True))
        assert caught.value.args[0] in (1064, 1221, 1234)
    assert database.snapshot() == before


@pytest.mark.parametrize("attack", stopped_by(SESSION))
def test_session_alone(attack: Attack, database: Database) -> None:
    """As root, unwrapped and unchecked, on the prepared connection: read-only, and cut off in time."""
    before = database.snapshot()
    with sql_run.session(database.connect, seconds=0.3) as connection:
        try:
            rows = sql_run.execute(connection, named(attack.sql, database.folder))
        except FieldProblem as problem:
            assert problem.code in ("refused_by_server", "too_slow")
        else:  # BENCHMARK is cut off without an error when nothing comes after it (seen on MariaDB)
            assert rows == ((0,),) and "BENCHMARK" in attack.sql
    assert database.snapshot() == before


@pytest.mark.parametrize("attack", ATTACKS, ids=IDS)
def test_together(attack: Attack, database: Database) -> None:
    """What the worker really does refuses each of them before the server sees it."""
    before = database.snapshot()
    value = Value("attack", "user", "x", named(attack.sql, database.folder))
    with sql_run.session(database.connect) as connection, pytest.raises(FieldProblem):
        sql_approval.ensure(value.sql, sql_approval.MemoryApprovals())
        sql_run.evaluate(connection, value, 1)
    assert database.snapshot() == before


def test_what_the_layers_are_for(database: Database) -> None:
    """Without any layer the server really does these things: the attacks are not imaginary."""
    with database.connect() as connection, connection.cursor() as cursor:
        for number, sql in enumerate(["INTO OUTFILE '{}'", "/*! INTO OUTFILE '{}' */", "/*M! INTO OUTFILE '{}' */"]):
            target = database.folder / f"proof{number}"
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
            cursor.execute("SELECT 1 " + sql.format(target))
            assert target.exists()
            target.unlink()


def test_reader_cannot_even_without_layers(database: Database) -> None:
    """The recipe's SELECT-only user is refused by the server itself, whatever it sends."""
    with database.connect("reader") as connection, connection.cursor() as cursor:
        for sql in (
            "DELETE FROM ticket2user",
            "SELECT 1 INTO OUTFILE '/tmp/x'",
            "DROP TABLE project",
            "SELECT writes()",
        ):
            with pytest.raises(pymysql.err.MySQLError):
                cursor.execute(sql)
        cursor.execute("SELECT LOAD_FILE('/etc/hostname')")
        assert cursor.fetchone() == (None,)


@pytest.mark.parametrize("attack", ATTACKS, ids=IDS)
def test_no_attack_is_stopped_by_one_layer_only(attack: Attack) -> None:
    """If one layer should fail, another still holds."""
    assert len(attack.stopped_by) >= 2


def test_unsafe_server_is_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """When no time limit can be set, no custom field is evaluated at all."""
    ask: Callable[..., object] = sql_run._ask

    def old_server(connection: object, sql: str) -> object:
        if "max_" in sql:
            raise FieldProblem("session_unsafe", reason="Unknown system variable")
        return ask(connection, sql)

    monkeypatch.setattr(sql_run, "_ask", old_server)
    with pytest.raises(FieldProblem, match="time limit"), sql_run.session(database.connect):
        raise AssertionError("must not be reached")


def test_session_overrides_the_servers_modes(database: Database) -> None:
    """Modes that change how quotes and backslashes are read are switched off, whatever the server's default."""
    with database.connect() as connection:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'")
        sql_run.prepare(connection)
        assert sql_run.execute(connection, "SELECT \"it's\", 'it\\'s', @@SESSION.sql_mode") == (("it's", "it's", ""),)
