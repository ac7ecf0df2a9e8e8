"""Whatever the guard accepts, and the derived table lets through, changes nothing on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pymysql
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omnidesk.custom_fields import sql_approval, sql_check, sql_run
from omnidesk.custom_fields.problems import FieldProblem
from tests.support.amount import examples

if TYPE_CHECKING:
    from tests.custom_fields.conftest import Database

# Stored functions are left out: to the lexer they look like any other, and the session stops them.
_PIECES = (
    "SELECT|1|'a'|\"b\"|`id`|id|name|FROM project|FROM project p|, |(|)|UNION|WHERE id = 1|ORDER BY 1|LIMIT 1|LIMIT 2"
    "|INTO OUTFILE 'F'|INTO DUMPFILE 'F'|INTO @a|/*! INTO OUTFILE 'F' */|/*M! INTO OUTFILE 'F' */|/*|*/|/*!|-- |--|#"
    "|;|; DROP TABLE project|DELETE FROM project|\\N|\\|1.|1.5|1.e1|x'41'|_utf8|.|'|\"|`|\n|\t|\u00a0|@a|@a:=1|AS v"
    "|FOR UPDATE|LOCK IN SHARE MODE|NEXT VALUE FOR counter|NEXTVAL(counter)|NEXTVAL|counter|SETVAL(counter, 5)"
    "|GET_LOCK('a', 0)|LOAD_FILE('/etc/hostname')|PROCEDURE ANALYSE()|SET GLOBAL max_connections = 9|AS|WITH q AS"
    "|VALUES (1)|EXISTS|CASE WHEN 1 THEN 2 END|COUNT(*)|REPLACE('a', 'b', 'c')|INSERT('a', 1, 1, 'c')|__id__|имя"
    "|) AS v INTO OUTFILE 'F' UNION (SELECT 1|) AS v LIMIT 1 INTO OUTFILE 'F'|{fn SLEEP(0)}|IN|NULL|CHARACTER SET utf8"
)
PIECES = _PIECES.split("|")
GLUES = st.sampled_from([" ", "", "\n"])
RANDOM = st.builds(
    lambda pieces, glue: "SELECT" + glue + glue.join(pieces), st.lists(st.sampled_from(PIECES), max_size=9), GLUES
)
SOUND = [
    ["SELECT", "name", "FROM", "project", "WHERE", "id = 1", "LIMIT 1"],
    ["(", "SELECT", "1", ")", "UNION", "(", "SELECT", "2", ")"],
    ["WITH", "q", "AS", "(", "SELECT", "1", "AS", "x", ")", "SELECT", "x", "FROM", "q"],
    ["SELECT", "CASE WHEN", "'a;--'", "THEN", "REPLACE(name, 'a', \"b\")", "END", "FROM", "`project`", "p"],
]


def planted(base: list[str], plants: list[tuple[int, str]]) -> str:
    """A sound statement with pieces put in here and there."""
    words = list(base)
    for place, piece in plants:
        words.insert(place % (len(words) + 1), piece)
    return " ".join(words)


PLANTED = st.builds(
    planted,
    st.sampled_from(SOUND),
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from(PIECES)), max_size=2),
)
TEXTS = st.one_of(RANDOM, PLANTED, PLANTED)


@pytest.fixture(scope="module")
def connection(database: Database) -> Iterator[pymysql.Connection[Any]]:
    """Root, able to write and with the FILE privilege; only the time is limited."""
    with database.connect() as opened:
        with opened.cursor() as cursor:
            cursor.execute("SET SESSION sql_mode = '', max_statement_time = 0.5, innodb_lock_wait_timeout = 1")
        yield opened


@settings(max_examples=examples(1000), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS)
def test_guard_and_derived_table_leave_everything_unchanged(
    database: Database, connection: pymysql.Connection[Any], text: str
) -> None:
    """Two of the four layers, a user who may do anything, and random pieces of attacks glued together."""
    sql = text.replace("'F'", f"'{database.folder}/property'")
    try:
        limited = sql_check.check(sql).limited
    except FieldProblem:
        return
    before = database.snapshot()
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql_run.wrap(sql, limited))
            cursor.fetchall()
    except pymysql.err.MySQLError:
        pass  # most of them are nonsense; what counts is what they left behind
    assert database.snapshot() == before


@settings(max_examples=examples(500), deadline=None)
@given(TEXTS)
def test_approval_and_guard_agree_on_the_dangerous(text: str) -> None:
    """No text makes the approval fail in another way than by refusing, and the guard agrees with what it approves."""
    try:
        sql_approval.check(text)
    except FieldProblem:
        return
    try:
        sql_check.check(text)
    except FieldProblem as problem:
        assert problem.code not in ("second_statement", "forbidden_function", "variable")
