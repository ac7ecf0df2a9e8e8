"""The guard reads a statement as the server does and refuses what is more than one SELECT that reads."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnidesk.custom_fields import sql_check
from omnidesk.custom_fields.problems import FieldProblem

REFUSED = [
    ("SELECT 1 /* hidden */", "comment"),
    ("SELECT 1 /*! INTO OUTFILE '/x' */", "comment"),
    ("SELECT 1 /*!50000 INTO OUTFILE '/x' */", "comment"),
    ("SELECT 1 /*M! INTO OUTFILE '/x' */", "comment"),
    ("SELECT /*+ SET_VAR(max_execution_time=0) */ 1", "comment"),
    ("SELECT 1 -- hidden", "comment"),
    ("SELECT 1 --\thidden", "comment"),
    ("SELECT 1--", "comment"),
    ("SELECT 5--1", "comment"),
    ("SELECT 1 # hidden", "comment"),
    ("SELECT 1#", "comment"),
    ("SELECT 1; DROP TABLE t", "second_statement"),
    ("SELECT @a", "variable"),
    ("SELECT @a:=1", "variable"),
    ("SELECT @@version", "variable"),
    ("SELECT 1 INTO @a", "variable"),
    ("SELECT (1", "parentheses"),
    ("SELECT 1) AS v INTO OUTFILE '/x'", "parentheses"),
    ("SELECT 1) AS v UNION (SELECT 2", "parentheses"),
    ("SELECT 'a", "unfinished_quote"),
    ("SELECT 'a\\'", "unfinished_quote"),
    ('SELECT "a', "unfinished_quote"),
    ("SELECT `a", "unfinished_quote"),
    ("SELECT `a\\`` FROM t", "unfinished_quote"),
    ("SELECT 1 INTO OUTFILE '/x'", "forbidden_word"),
    ("SELECT 1 into dumpfile '/x'", "forbidden_word"),
    ("SELECT 'a'INTO OUTFILE '/x'", "forbidden_word"),
    ("SELECT 1.5INTO OUTFILE '/x'", "forbidden_word"),
    ("SELECT 1.e1INTO OUTFILE '/x'", "forbidden_word"),
    ("SELECT 1.INTO OUTFILE '/x'", "forbidden_word"),
    ("SELECT x'41'INTO OUTFILE '/x'", "forbidden_word"),
    ("SELECT \\NINTO OUTFILE '/x'", "backslash"),
    ("SELECT * FROM t FOR UPDATE", "forbidden_word"),
    ("SELECT * FROM t FOR SHARE", "forbidden_word"),
    ("SELECT * FROM t LOCK IN SHARE MODE", "forbidden_word"),
    ("SELECT 1 PROCEDURE ANALYSE()", "forbidden_word"),
    ("SELECT NEXT VALUE FOR s", "forbidden_word"),
    ("SELECT PREVIOUS VALUE FOR s", "forbidden_word"),
    ("SELECT NEXTVAL(s)", "forbidden_function"),
    ("SELECT SETVAL (s, 9)", "forbidden_function"),
    ("SELECT SLEEP(5)", "forbidden_function"),
    ("SELECT sleep\n(5)", "forbidden_function"),
    ("SELECT {fn SLEEP(5)}", "forbidden_function"),
    ("SELECT BENCHMARK(1, 1)", "forbidden_function"),
    ("SELECT LOAD_FILE('/etc/passwd')", "forbidden_function"),
    ("SELECT GET_LOCK('a', 1)", "forbidden_function"),
    ("SELECT RELEASE_ALL_LOCKS()", "forbidden_function"),
    ("SELECT LAST_INSERT_ID(7)", "forbidden_function"),
    ("SELECT billmgr.f(1)", "qualified_call"),
    ("SELECT `billmgr`.`f` (1)", "qualified_call"),
    ("SELECT `load_file`('/etc/passwd')", "forbidden_function"),
    ("SELECT ` sleep`(1)", "qualified_call"),
    ("SELECT `f` (1)", "qualified_call"),
    ("SELECT a FROM (TABLE user) q", "forbidden_word"),
    ("SELECT User FROM mysql.global_priv", "system_schema"),
    ("SELECT 1 FROM `mysql` . user", "system_schema"),
    ("SELECT 1 FROM information_schema.tables", "system_schema"),
    ("WITH a AS (SELECT 1) DELETE FROM t", "forbidden_word"),
    ("WITH a AS (SELECT 1) UPDATE t SET x = 1", "forbidden_word"),
    ("INSERT INTO t VALUES (1)", "not_a_select"),
    ("UPDATE t SET a = 1", "not_a_select"),
    ("REPLACE INTO t VALUES (1)", "not_a_select"),
    ("DROP TABLE t", "not_a_select"),
    ("TRUNCATE t", "not_a_select"),
    ("SET GLOBAL max_connections = 1", "not_a_select"),
    ("SET STATEMENT max_statement_time = 0 FOR SELECT 1", "not_a_select"),
    ("CALL p()", "not_a_select"),
    ("HANDLER t OPEN", "not_a_select"),
    ("DO SLEEP(1)", "not_a_select"),
    ("EXPLAIN SELECT 1", "not_a_select"),
    ("VALUES (1)", "not_a_select"),
    ("(VALUES (1))", "not_a_select"),
    ("", "not_a_select"),
    ("()", "not_a_select"),
    ("`SELECT` 1", "not_a_select"),
    ("SELECT 1\0", "control_characters"),
    ("SELECT '\0'", "control_characters"),
    ("SELECT '\ud800'", "control_characters"),
    ("SELECT " + "1+" * 9000 + "1", "too_long"),
]


@pytest.mark.parametrize(("sql", "code"), REFUSED, ids=[sql[:40] for sql, _ in REFUSED])
def test_refuses_with_the_reason(sql: str, code: str) -> None:
    """Each statement that does more than read is refused, and the reason names what was found."""
    with pytest.raises(FieldProblem) as caught:
        sql_check.check(sql)
    assert caught.value.code == code


ACCEPTED = [
    "SELECT account FROM user WHERE id = 17",
    "SELECT t.id FROM ticket t WHERE t.id = 17",
    "select 1",
    " \n SELECT 1",
    "(SELECT 1) UNION (SELECT 2)",
    "WITH a AS (SELECT 1 AS x) SELECT x FROM a",
    "SELECT 'INTO OUTFILE; -- # /* @a SLEEP(1) FOR UPDATE'",
    'SELECT "it\'s; INTO"',
    "SELECT 'it''s; INTO'",
    "SELECT 'it\\'s; INTO'",
    "SELECT 'ends with a backslash \\\\', 'INTO'",
    "SELECT `into`, `a``b;--` FROM `set`",
    "SELECT t.into, t.set, t.handler FROM t",
    "SELECT outfile_name, into_account, sleeping, offset_set FROM benchmark_results",
    "SELECT sleep, benchmark FROM t",
    "SELECT REPLACE(a, 'b', 'c'), INSERT(a, 1, 2, 'x'), FIND_IN_SET('a', b), TRUNCATE(x, 2) FROM t",
    "SELECT CAST(a AS CHAR CHARACTER SET utf8) FROM t",
    "SELECT a FROM t WHERE b LIKE '%17%' AND c LIKE '100\\%'",
    "SELECT 5 - -1, 5 - 1, a*b, a/b FROM t",
    "SELECT 'имя; INTO', `столбец` FROM `таблица`",
    "SELECT user.name, account.name FROM user JOIN account ON account.id = user.account",
    "SELECT SUBSTRING(a FROM 1 FOR 2) FROM t",
    "SELECT value FROM itemparam WHERE intname = 'ip'",
    "SELECT '/*! INTO OUTFILE */', '--', '#', '@'",
    "SELECT system.mysql FROM system",
]


@pytest.mark.parametrize("sql", ACCEPTED)
def test_accepts_what_only_looks_dangerous(sql: str) -> None:
    """Forbidden words in strings, in quoted names, after a dot and inside longer names are nobody's harm."""
    sql_check.check(sql)


def test_knows_a_limit_of_the_outermost_level() -> None:
    """Only a LIMIT of the statement itself counts, not one of a subquery, a string or a column's name."""
    assert sql_check.check("SELECT a FROM t LIMIT 1").limited
    assert sql_check.check("(SELECT 1) UNION (SELECT 2) limit 3").limited
    assert not sql_check.check("SELECT a FROM (SELECT 1 AS a LIMIT 1) q").limited
    assert not sql_check.check("SELECT 'LIMIT 1', `limit` FROM t").limited


def test_needs_the_standard_library_only() -> None:
    """It runs at every execution, so it must not bring the parser or the driver along."""
    code = (
        "import sys, omnidesk.custom_fields.sql_check\n"
        "print(sorted({'sqlglot', 'pymysql', 'requests'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


WORDS = st.sampled_from(
    [
        "INTO",
        "OUTFILE",
        "into",
        "SLEEP(1)",
        ";",
        "--",
        "-- ",
        "#",
        "/*",
        "*/",
        "/*!",
        "@a",
        "FOR UPDATE",
        "'",
        '"',
        "`",
        "\\",
        ")",
        "(",
        "a",
        " ",
        "1",
        "\n",
        "%s",
        "__id__",
        "имя",
        "'a'",
        "`b`",
        "SELECT",
        "LIMIT 1",
        ".",
        ",",
    ]
)


def quoted(text: str, quote: str) -> str:
    """The text as a quoted string or name of SQL."""
    escaped = text.replace(quote, quote * 2)
    return f"{quote}{escaped if quote == '`' else escaped.replace(chr(92), chr(92) * 2)}{quote}"


@given(st.lists(WORDS, max_size=12).map("".join), st.sampled_from("'\"`"))
def test_anything_may_be_quoted(text: str, quote: str) -> None:
    """Whatever stands properly quoted never leads to a refusal: no false alarm."""
    sql_check.check(f"SELECT {quoted(text, quote)} FROM t WHERE a LIKE {quoted(text, quote)}")


@given(st.lists(st.tuples(st.booleans(), st.lists(WORDS, max_size=6).map("".join)), max_size=6), st.integers(0, 5))
def test_quotes_never_hide_a_real_forbidden_word(parts: list[tuple[bool, str]], place: int) -> None:
    """However strings are strung together around it, INTO between them is found."""
    strings = [quoted(text, "'" if single else '"') for single, text in parts]
    strings.insert(min(place, len(strings)), "INTO OUTFILE")
    with pytest.raises(FieldProblem):
        sql_check.check("SELECT " + " ".join(["''", *strings, "''"]))


@given(st.lists(WORDS, max_size=20).map("".join))
def test_any_text_is_either_scanned_or_refused(text: str) -> None:
    """No text makes it fail otherwise, and an accepted one is closed: nothing after it can be swallowed by it."""
    try:
        sql_check.check(f"SELECT {text}")
    except FieldProblem:
        return
    sql_check.check(f"SELECT 1 FROM (\nSELECT {text}\n) AS v LIMIT 2")
    with pytest.raises(FieldProblem):
        sql_check.check(f"SELECT {text}\nINTO OUTFILE '/x'")


NAMES = st.sampled_from(["id", "name", "t.name", "account", "`set`", "balance", "sleeping", "into_date", "имя"])
CALLS = st.builds("{}({})".format, st.sampled_from(["COUNT", "MAX", "LOWER", "TRIM", "ABS"]), NAMES)
CONDITIONS = st.builds(
    "{} {} {}".format, NAMES, st.sampled_from(["=", "<", "LIKE", "!="]), st.sampled_from(["17", "'%17%'", "NULL", "-1"])
)
BENIGN = st.builds(
    "SELECT {} FROM {} WHERE {} AND ({}) ORDER BY {}{}".format,
    st.one_of(NAMES, CALLS),
    st.sampled_from(
        ["user", "ticket t", "`account`", "(SELECT 1 AS id) q", "item i JOIN user u ON u.account = i.account"]
    ),
    CONDITIONS,
    CONDITIONS,
    NAMES,
    st.sampled_from(["", " LIMIT 1", " DESC LIMIT 3"]),
)


@given(BENIGN)
def test_no_false_alarm_for_ordinary_statements(sql: str) -> None:
    """Generated plain SELECTs pass."""
    sql_check.check(sql)
