"""Secrets never leave through a field: both checks of a statement refuse the names that stand for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnidesk.custom_fields import sql_allowed, sql_approval, sql_check, sql_secrets
from omnidesk.custom_fields.catalogue import load
from omnidesk.custom_fields.problems import FieldProblem

SHIPPED = Path(__file__).resolve().parents[2] / "etc" / "omnidesk" / "custom_fields_values.json"
CHECKS: list[Callable[[str], object]] = [sql_approval.check, sql_check.check]
LAYERS = pytest.mark.parametrize("check", CHECKS, ids=["approve", "guard"])

_SECRET = (
    "pass password passwd pwd user_pass userpass rootpass PASSWORD2 passHash password_hash secret client_secret "
    "clientSecret secrets token tokens access_token accesstoken authToken hash hashes md5hash salt user_salt otp "
    "otp_code totp totpsecret key keys api_key apikey apiKey sshkey licensekey private_key keyfile cvv encrypted "
    "auth_code authinfo credential пароль Токен ключ"
)
SECRET_NAMES = _SECRET.split()
_PLAIN = (
    "monkey donkeys turkey hockey keyboard keyword keynote hash_tag hashtag hash_tags passport passenger passive "
    "compass bypass secretary author author_id authority salty basalt footprint potpourri laptop session_count account "
    "id name realname email phone level language intname domain value expiredate registration_date status sleep "
    "benchmark auth_method last_auth имя страна"
)
PLAIN_NAMES = _PLAIN.split()


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_secret_names(name: str) -> None:
    """By the words of the name, whatever its case and however its words are joined."""
    assert sql_secrets.in_column(name) and sql_secrets.in_column(name.upper()) and sql_secrets.in_column(f"x_{name}_2")


@pytest.mark.parametrize("name", PLAIN_NAMES)
def test_names_that_only_sound_like_secrets(name: str) -> None:
    """A name is not refused because the letters of a word occur in it."""
    assert not sql_secrets.in_column(name)


@pytest.mark.parametrize(
    "name", ["раssword", "tоkеn", "ｐａｓｓｗｏｒｄ", "pa\u200bssword", "pa\u0301ssword", "toKen", "paſſword"]
)
def test_lookalikes(name: str) -> None:
    """Letters of other alphabets and invisible signs do not hide a word."""
    assert sql_secrets.in_column(name)


@pytest.mark.parametrize("name", ["session", "sessions", "core_session", "auth", "user2auth",
                                  "oauth2_client", "AUTH_LOG",
                                  "apikey", "api_key", "omnidesk_state", "totp", "processingcryptedparam",
                                  "authorization", "user_token", "passwords"])  # fmt: skip
def test_secret_tables(name: str) -> None:
    """Tables of sessions, logins and keys, and those named like a secret."""
    assert sql_secrets.in_table(name)


@pytest.mark.parametrize("name", ["user", "account", "author", "authority", "ticket", "itemparam", "cryptocurrency"])
def test_plain_tables(name: str) -> None:
    """The panel's ordinary tables."""
    assert not sql_secrets.in_table(name)


def test_no_function_or_keyword_is_taken_for_a_secret() -> None:
    """Words of the language stay usable."""
    names = sql_allowed.BEFORE_PARENTHESIS | sql_check.RESERVED
    assert [name for name in names if sql_secrets.in_column(name)] == ["KEY"]


REFUSED = [
    ("SELECT password FROM user WHERE id = 1", "secret_column", "password"),
    ("SELECT u.Password FROM user u", "secret_column", "Password"),
    ("SELECT `user` . `password` FROM user", "secret_column", "password"),
    ("SELECT id FROM user WHERE password LIKE 'a%'", "secret_column", "password"),
    ("SELECT id FROM user ORDER BY password LIMIT 1", "secret_column", "password"),
    ("SELECT LEFT(CONCAT(name, user.password), 99) FROM user", "secret_column", "password"),
    ("SELECT (SELECT password FROM user LIMIT 1)", "secret_column", "password"),
    ("SELECT q.a FROM (SELECT password AS a FROM user) q", "secret_column", "password"),
    ("SELECT 1 UNION SELECT password FROM user", "secret_column", "password"),
    ("WITH q AS (SELECT password AS a FROM user) SELECT a FROM q", "secret_column", "password"),
    ("SELECT 1 FROM user JOIN account USING (token)", "secret_column", "token"),
    ("SELECT id AS token FROM user", "secret_column", "token"),
    ("SELECT id token FROM user", "secret_column", "token"),
    ("SELECT id AS 'password' FROM user", "secret_column", "password"),
    ("SELECT id 'password' FROM user", "secret_column", "password"),
    ('SELECT id "password" FROM user', "secret_column", "password"),
    ("SELECT t.key FROM item t", "secret_column", "key"),
    ("SELECT `key` FROM item", "secret_column", "key"),
    ("SELECT value FROM itemparam WHERE intname = 'password'", "secret_column", "password"),
    ("SELECT value FROM itemparam WHERE 'password' = intname", "secret_column", "password"),
    ("SELECT value FROM itemparam WHERE intname IN ('ip', 'rootpass')", "secret_column", "rootpass"),
    ("SELECT value FROM itemparam WHERE intname NOT LIKE '%pass%'", "secret_column", "%pass%"),
    ("SELECT JSON_VALUE(config, '$.a.password') FROM item", "secret_column", "password"),
    ("SELECT value FROM itemparam WHERE intname = BINARY 'password'", "secret_column", "password"),
    ("SELECT value FROM itemparam WHERE (intname, item) = ('password', 1)", "secret_column", "password"),
    ("SELECT value FROM itemparam WHERE (item, intname) IN ((1, 'password'))", "secret_column", "password"),
    ("SELECT (1, 'password') = (item, intname) FROM itemparam", "secret_column", "password"),
    ("SELECT LOWER('Password') = intname FROM itemparam", "secret_column", "Password"),
    ("SELECT value FROM itemparam WHERE intname = ('password')", "secret_column", "password"),
    ("SELECT value FROM itemparam WHERE LOWER(intname) = LOWER('PASSWORD')", "secret_column", "PASSWORD"),
    ("SELECT value FROM itemparam WHERE intname = CONCAT('pass', 'word')", "secret_column", "pass"),
    ("SELECT value FROM itemparam WHERE intname = 'pass' 'word'", "secret_column", "pass"),
    ("SELECT value FROM itemparam WHERE FIND_IN_SET(intname, 'ip,password')", "secret_column", "password"),
    ("SELECT value FROM itemparam WHERE FIELD(intname, 'password')", "secret_column", "password"),
    ("SELECT value FROM itemparam WHERE INSTR(intname, 'passw')", "secret_column", "passw"),
    ("SELECT value FROM itemparam WHERE intname REGEXP '^(pass|key)$'", "secret_column", "pass"),
    ("SELECT value FROM itemparam WHERE intname = 0x70617373776f7264", "secret_column", "password"),
    ("SELECT value FROM itemparam WHERE intname = X'70617373776f7264'", "secret_column", "password"),
    ("SELECT CASE intname WHEN 'password' THEN value END FROM itemparam", "secret_column", "password"),
    ("SELECT MAX(IF(intname = 'password', value, NULL)) FROM itemparam", "secret_column", "password"),
    ("SELECT config->'$.token' FROM item", "secret_column", "token"),
    ("SELECT other.user.name FROM user", "other_schema", "other"),
    ("SELECT 1.e1FROM session", "forbidden_word", "FROM"),
    ("SELECT 1.FROM session", "forbidden_word", "FROM"),
    ("SELECT id FROM session", "secret_table", "session"),
    ("SELECT s.id FROM user u, Core_Session s", "secret_table", "Core_Session"),
    (
        "SELECT s.id FROM user u JOIN account a ON a.id = u.account AND a.id IN (1, 2), session s",
        "secret_table",
        "session",
    ),
    ("SELECT s.id FROM (user u, session s)", "secret_table", "session"),
    ("SELECT s.id FROM user u LEFT JOIN (auth s) ON s.a = u.id", "secret_table", "auth"),
    ("SELECT 1 FROM user WHERE id IN (SELECT a FROM `session`)", "secret_table", "session"),
    ("SELECT value FROM omnidesk_state", "secret_table", "omnidesk_state"),
    ("SELECT value FROM billmgr.omnidesk_state", "secret_table", "omnidesk_state"),
    ("SELECT value FROM processingcryptedparam", "secret_table", "processingcryptedparam"),
    ("SELECT 1 FROM other.user", "other_schema", "other.user"),
    ("SELECT 1 FROM `other`.`user`", "other_schema", "other.user"),
    ("SELECT 1 FROM `other` . `user` AS other", "other_schema", "other.user"),
    ("SELECT 1 FROM user, other.user o", "other_schema", "other.user"),
    ("SELECT 1 FROM user u JOIN (other.user o) ON o.where = u.id", "other_schema", "other.user"),
    ("SELECT 1 FROM user u STRAIGHT_JOIN other.account", "other_schema", "other.account"),
    ("SELECT 1 FROM mysql.user", "system_schema", "mysql"),
    ("SELECT 1 FROM `information_schema`.tables", "system_schema", "information_schema"),
    ("SELECT * FROM user", "all_columns", "*"),
    ("SELECT u.* FROM user u", "all_columns", "*"),
    ("SELECT DISTINCT * FROM user", "all_columns", "*"),
    ("SELECT 1, `u`.* FROM user u", "all_columns", "*"),
    ("SELECT i FROM (SELECT 1 AS a, 2 AS i UNION SELECT * FROM user) q", "all_columns", "*"),
    ("SELECT 1 FROM user WHERE (1, 2) = (SELECT * FROM account)", "all_columns", "*"),
]


@LAYERS
@pytest.mark.parametrize(("sql", "code", "word"), REFUSED, ids=[sql for sql, _, _ in REFUSED])
def test_refused_by_each_layer(check: Callable[[str], object], sql: str, code: str, word: str) -> None:
    """Each of the two checks refuses it alone, and says in both languages what it found and why."""
    with pytest.raises(FieldProblem) as caught:
        check(sql)
    problem = caught.value
    assert problem.code == code
    assert word in problem.said.text("en") and word in problem.said.text("ru")
    assert problem.said.cure("en") and problem.said.cure("ru")


@LAYERS
@pytest.mark.parametrize(
    "sql",
    [
        "WITH q (a, b, i) AS (SELECT * FROM user) SELECT i FROM q",
        "SELECT i FROM (SELECT * FROM user) AS q (a, b, i)",
        "SELECT a FROM {OJ session s LEFT JOIN user u ON 1 = 1}",
        "SELECT 1 FROM .session",
        "SELECT `pass``word` FROM item",
        "SELECT a FROM (TABLE user) AS q",
        "SELECT a FROM user FORCE INDEX FOR ORDER BY (a), session",
        "SELECT JSON_EXTRACT(a, '$**.password') FROM item",
    ],
)
def test_refused_in_some_way(check: Callable[[str], object], sql: str) -> None:
    """Odder ways to the same columns and tables; the parser does not know all of them."""
    with pytest.raises(FieldProblem):
        check(sql)


ACCEPTED = [
    "SELECT name, keyboard, monkey, hash_tag FROM user",
    "SELECT a.b FROM user a",
    "SELECT user.name FROM user USE INDEX FOR JOIN (account) WHERE id = 1",
    "SELECT name FROM user FORCE KEY (account)",
    "SELECT name FROM billmgr.user",
    "SELECT `name` FROM `billmgr`.`user` u",
    "SELECT COUNT(*), 2 * 3, level * 2, (1) * (2), COUNT( * ) FROM user",
    "SELECT EXISTS (SELECT * FROM item WHERE id = 1)",
    "SELECT EXTRACT(YEAR FROM i.expiredate), TRIM(LEADING 'x' FROM u.name), SUBSTRING(a FROM 2) FROM item i, user u",
    "SELECT IF(id = 1, 'key', 'no key'), CONCAT('password: ', 'none'), CASE WHEN id THEN 'token' ELSE 'pass' END",
    "SELECT CASE WHEN id = 1 THEN 'key' WHEN id = 2 THEN 'token' ELSE IF(id > 3, 'pass', 'salt') END AS kind FROM user",
    "SELECT CONCAT_WS(', ', 'key', COALESCE(NULLIF(name, ''), 'token'), REPLACE(realname, 'pass', '')) FROM user",
    "SELECT id FROM item WHERE expiredate BETWEEN '2026-01-01' AND '2026-12-31' AND status NOT IN ('open', 'closed')",
    "SELECT id FROM user WHERE name = 'forgot my password' OR email = 'key@example.com' OR realname LIKE 'http://x/key'",
    "SELECT value FROM itemparam WHERE intname IN ('ip', 'domain') AND value != 'monkey'",
    "SELECT MD5(name), SHA1(name), SHA2(name, 256) FROM user",
    "SELECT session_count, auth_method FROM user",
    "SELECT GROUP_CONCAT(name ORDER BY id SEPARATOR 'key') FROM user",
]


@LAYERS
@pytest.mark.parametrize("sql", ACCEPTED)
def test_ordinary_statements_pass(check: Callable[[str], object], sql: str) -> None:
    """What is shown as text, functions that hash, and words that only sound like secrets."""
    check(sql)


@LAYERS
def test_shipped_catalogue_passes(check: Callable[[str], object]) -> None:
    """The rules are none against the values that come with the module."""
    for value in load(SHIPPED):
        check(value.sql.replace("__id__", "17"))


def test_earlier_approvals_do_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement that an earlier version of the rules let through is checked again, and refused."""
    sql = "SELECT password FROM user WHERE id = __id__"
    store = sql_approval.MemoryApprovals()
    with monkeypatch.context() as earlier:
        earlier.setattr(sql_approval, "VERSION", "1")
        store.add(sql_approval.digest(sql))
        sql_approval.ensure(sql, store)
    with pytest.raises(FieldProblem, match="password"):
        sql_approval.ensure(sql, store)


def test_a_name_that_is_only_like_an_allowed_function() -> None:
    """`ﬁeld` in capitals is FIELD, but to the server it is a stored function."""
    for name in ("ﬁeld", "ſpace"):
        with pytest.raises(FieldProblem, match="not among"):
            sql_approval.check(f"SELECT {name}('a')")


PLACES = [
    "SELECT {} FROM user",
    "SELECT u.{} FROM user u",
    "SELECT id FROM user WHERE id = 1 AND {} IS NOT NULL",
    "SELECT a FROM (SELECT {} AS a FROM user) q",
    "SELECT COUNT(DISTINCT {}) FROM user",
    "SELECT id AS {} FROM user",
    "SELECT GROUP_CONCAT(name ORDER BY {}) FROM user",
    "SELECT 1 UNION ALL SELECT {} FROM user",
    "SELECT IF({} = '', 1, 2) FROM user",
    "SELECT 1 FROM user a JOIN user b USING ({})",
]


@given(
    st.sampled_from(PLACES),
    st.sampled_from([name for name in SECRET_NAMES if name.lower() not in ("key", "keys")]),
    st.sampled_from(["{}", "`{}`", "user_{}", "{}_old", "`X {}`"]),
    st.sampled_from([str.lower, str.upper, str.title]),
)
def test_secret_names_anywhere(place: str, name: str, form: str, case: Callable[[str], str]) -> None:
    """In every place of a statement, quoted or not, both checks find the name."""
    sql = place.format(form.format(case(name)))
    for check in CHECKS:
        with pytest.raises(FieldProblem) as caught:
            check(sql)
        assert caught.value.code == "secret_column", sql


_ATOMS = "id u.name token `key` monkey hash_tag 'key' 'x' BINARY'token' 0x6b6579 '$.token' 1 NULL COUNT(*)"
ATOMS = st.sampled_from([*_ATOMS.split(), "'a key'"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.builds(str.format, st.sampled_from(["MAX({})", "({})", "LOWER({})", "(SELECT {} FROM user)"]), inner),
        st.builds(
            lambda form, two: form.format(*two),
            st.sampled_from(
                [
                    "IF({} = 1, {}, 2)",
                    "({} IN ({}, 3))",
                    "CONCAT({}, {})",
                    "CASE {} WHEN {} THEN 1 END",
                    "CASE WHEN 1 THEN {} ELSE {} END",
                    "FIELD({}, {})",
                    "({} = LOWER({}))",
                    "({} * {})",
                    "(1, {}) = (2, {})",
                ]
            ),
            pair,
        ),
    )


_SOURCES = (
    "user|user u, session|user JOIN (account, auth) ON 1 = 1|billmgr.user|other.user|(SELECT id FROM ticket) q|author|"
    "(SELECT * FROM user) q|user u JOIN other.t ON u.id = t.id|ticket WHERE id IN (SELECT id FROM core_session)"
)
SOURCES = st.sampled_from(_SOURCES.split("|"))


@given(st.recursive(ATOMS, _larger, max_leaves=5), SOURCES)
def test_the_guard_refuses_what_the_approval_takes_for_a_secret(expression: str, source: str) -> None:
    """The guard knows less of the grammar and may refuse more, never less."""
    sql = f"SELECT {expression} FROM {source}"
    try:
        sql_approval.check(sql)
    except FieldProblem as problem:
        if problem.code in ("secret_column", "secret_table", "other_schema", "all_columns"):
            with pytest.raises(FieldProblem):
                sql_check.check(sql)
