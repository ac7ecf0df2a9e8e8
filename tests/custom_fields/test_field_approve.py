"""Approval lets through one SELECT made of listed parts, and remembers it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from omnidesk.custom_fields import sql_approval
from omnidesk.custom_fields.problems import FieldProblem

REFUSED = [
    ("SELECT 1; SELECT 2", "second_statement"),
    ("SELECT 1;", "second_statement"),
    ("", "not_a_select"),
    ("INSERT INTO t VALUES (1)", "not_a_select"),
    ("DELETE FROM t", "not_a_select"),
    ("WITH a AS (SELECT 1) DELETE FROM t", "not_a_select"),
    ("DROP TABLE t", "not_a_select"),
    ("SET GLOBAL a = 1", "not_a_select"),
    ("SELECT SLEEP(1)", "unknown_function"),
    ("SELECT LOAD_FILE('/etc/passwd')", "unknown_function"),
    ("SELECT my_function(1)", "unknown_function"),
    ("SELECT LEN(1)", "unknown_function"),
    ("SELECT `f`(1)", "qualified_call"),
    ("SELECT sys.f(1)", "qualified_call"),
    ("SELECT sys.NOW()", "qualified_call"),
    ("SELECT NEXTVAL(s)", "unknown_function"),
    ("SELECT UUID_SHORT()", "unknown_function"),
    ("SELECT LAST_INSERT_ID(3)", "unknown_function"),
    ("SELECT EXTRACTVALUE('<a/>', '/a')", "unknown_function"),
    ("SELECT 1 /*! INTO OUTFILE '/x' */", "comment"),
    ("SELECT 1 /*M! INTO OUTFILE '/x' */", "comment"),
    ("SELECT 1 -- x", "comment"),
    ("SELECT 1 # x", "comment"),
    ("SELECT 1 INTO @a", "forbidden_word"),
    ("SELECT @a", "forbidden_part"),
    ("SELECT @a := 1", "forbidden_part"),
    ("SELECT @@version", "forbidden_part"),
    ("SELECT * FROM t FOR UPDATE", "forbidden_word"),
    ("SELECT * FROM t LOCK IN SHARE MODE", "forbidden_word"),
    ("SELECT 1 FROM mysql.user", "system_schema"),
    ("SELECT 1 FROM (SELECT 1 FROM mysql.user) q", "system_schema"),
    ("SELECT 1 INTO OUTFILE '/x'", "not_parsed"),
    ("SELECT FROM WHERE", "not_parsed"),
    ("SELECT 'a", "not_parsed"),
    ("SELECT " + "(" * 3000 + "1" + ")" * 3000, "not_parsed"),
]


@pytest.mark.parametrize(("sql", "code"), REFUSED, ids=[sql[:40] for sql, _ in REFUSED])
def test_refuses_with_the_reason(sql: str, code: str) -> None:
    """Without the guard's help: the parser's own view is enough to refuse each of these."""
    with pytest.raises(FieldProblem) as caught:
        sql_approval.check(sql)
    assert caught.value.code == code


ACCEPTED = [
    "SELECT account FROM user WHERE id = 1",
    "SELECT COUNT(*), MAX(a), GROUP_CONCAT(DISTINCT b ORDER BY c SEPARATOR ', ') FROM t GROUP BY d HAVING COUNT(*) > 1",
    "SELECT IF(a, 'x', IFNULL(b, COALESCE(c, NULLIF(d, 5)))), CASE WHEN a THEN 1 ELSE 2 END FROM t",
    "SELECT DATE_FORMAT(a, '%d.%m.%Y'), DATE_ADD(NOW(), INTERVAL 1 DAY), DATEDIFF(CURDATE(), a) FROM t",
    "SELECT FROM_UNIXTIME(a), UNIX_TIMESTAMP(), TIMESTAMPDIFF(DAY, a, NOW()), STR_TO_DATE(b, '%d') FROM t",
    "SELECT CAST(a AS CHAR), CAST(b AS DECIMAL(10, 2)), CONVERT(c USING utf8) FROM t",
    "SELECT SUBSTRING_INDEX(a, '@', -1), CONCAT_WS(' ', a, b), REPLACE(a, 'b', 'c'), TRIM(a), LOWER(b) FROM t",
    "SELECT a FROM t WHERE b LIKE '%1%' AND c NOT IN (1, 2) AND d BETWEEN 1 AND 2 AND e REGEXP 'x' AND f IS NULL",
    "SELECT a FROM t LEFT JOIN u ON u.id = t.u AND EXISTS (SELECT 1 FROM v WHERE v.id = t.id)",
    "(SELECT a FROM t) UNION ALL (SELECT b FROM u) ORDER BY 1 LIMIT 1",
    "WITH a AS (SELECT 1 AS x) SELECT x FROM a",
    "SELECT SUM(a) OVER (PARTITION BY b ORDER BY c) FROM t",
    "SELECT a FROM billmgr.user",
    "SELECT a FROM t USE INDEX (i)",
    "SELECT `user`.`name`, \"text\", 'it''s', 0x41 FROM `user`",
]


@pytest.mark.parametrize("sql", ACCEPTED)
def test_accepts_plain_selects(sql: str) -> None:
    """What a provider writes is not in the way."""
    sql_approval.check(sql)


def test_approval_is_remembered() -> None:
    """A process that finds the digest known does not import the parser."""
    sql = "SELECT account FROM user WHERE id = __id__"
    code = (
        "import sys; from omnidesk.custom_fields import sql_approval as approve\n"
        "known = approve.MemoryApprovals()\n"
        f"known.add(approve.digest({sql!r}))\n"
        f"approve.ensure({sql!r}, known)\n"
        "print('sqlglot' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"


def test_only_what_passed_is_remembered() -> None:
    store = sql_approval.MemoryApprovals()
    for _ in range(2):
        with pytest.raises(FieldProblem):
            sql_approval.ensure("SELECT SLEEP(1)", store)
    assert not store.has(sql_approval.digest("SELECT SLEEP(1)"))
    sql_approval.ensure("SELECT 1", store)
    assert store.has(sql_approval.digest("SELECT 1"))


def test_any_change_needs_a_new_approval() -> None:
    """One character more is another statement, and so is another version of the rules."""
    first = sql_approval.digest("SELECT 1")
    assert sql_approval.digest("SELECT 1 ") != first
    assert len(first) == 64
