"""Values of tickets and clients from a real database; a broken field costs itself and nothing else."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pymysql
import pytest

from omnidesk.core.database import Address, connect
from omnidesk.core.errors import Paused
from omnidesk.core.settings import Secret
from omnidesk.custom_fields import sql_run
from omnidesk.custom_fields.catalogue import Catalogue, Entity, Link, Value, load
from omnidesk.custom_fields.convert import to_omnidesk
from omnidesk.custom_fields.live import LiveCatalogue, LiveLinks
from omnidesk.custom_fields.problems import FieldProblem, Warn
from omnidesk.custom_fields.sql_approval import MemoryApprovals
from omnidesk.custom_fields.values import FieldValues
from omnidesk.helpdesk.models import CustomField

if TYPE_CHECKING:
    from tests.custom_fields.conftest import Database

SHIPPED = Path(__file__).resolve().parents[2] / "etc" / "omnidesk" / "custom_fields_values.json"
EXAMPLE = "(пример, проверьте запрос)"


def field(
    key: str, type: str = "text", level: str = "user", active: bool = True, options: dict[str, str] | None = None
) -> CustomField:
    return CustomField(key, key, type, level, active, options or {})


def catalogue(**statements: str) -> Catalogue:
    """Values by key; those about tickets have keys that begin with ``t_``."""
    entity: dict[bool, Entity] = {True: "case", False: "user"}
    values = [Value(key, entity[key.startswith("t_")], key, sql) for key, sql in statements.items()]
    return Catalogue({value.key: value for value in values})


def links(**pairs: str) -> tuple[Link, ...]:
    return tuple(Link(field, value) for field, value in pairs.items())


def evaluate(database: Database, sql: str, id: int = 17) -> sql_run.Raw:
    with sql_run.session(database.connect) as connection:
        return sql_run.evaluate(connection, Value("v", "user", "v", sql), id)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT account FROM user WHERE id = __id__", 3),
        ("SELECT account FROM user WHERE id = '__id__'", 3),
        ("SELECT CONCAT('__id__', '-', __id__, \"-__id__\")", "17-17-17"),
        ("SELECT COUNT(*) FROM ticket WHERE name LIKE '100\\%%' AND __id__ = __id__", 1),
        ("SELECT COUNT(*) FROM ticket WHERE name LIKE '%__id__%'", 0),
        ("SELECT '%s %(x)s 100%'", "%s %(x)s 100%"),
        ("SELECT account FROM user WHERE id = __id__ ;\n", 3),
        ("SELECT name FROM user WHERE id = 999", None),
        ("SELECT phone FROM user WHERE id = 18", None),
        ("SELECT id, name FROM user WHERE id = __id__", 17),
        ("SELECT id FROM user ORDER BY id DESC", 51),
        ("SELECT id FROM user ORDER BY id DESC LIMIT 1 OFFSET 1", 50),
        ("(SELECT id FROM user WHERE id = 18) UNION (SELECT id FROM user WHERE id = 17) ORDER BY 1", 17),
        ("WITH a AS (SELECT account AS x FROM user WHERE id = __id__) SELECT x FROM a", 3),
        ("SELECT registration_date FROM account WHERE id = 3", datetime.date(2024, 2, 29)),
        ("SELECT CAST(1.50 AS DECIMAL(10,2))", Decimal("1.50")),
        ("SELECT '😀 имя'", "😀 имя"),
        ("SELECT 'FOR UPDATE; -- /* INTO OUTFILE'", "FOR UPDATE; -- /* INTO OUTFILE"),
    ],
)
def test_evaluates(database: Database, sql: str, expected: sql_run.Raw) -> None:
    """The macro anywhere, percent signs as they are, the first column of the first row in the statement's order."""
    assert evaluate(database, sql) == expected


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT no_such_column FROM user", "refused_by_server"),
        ("SELECT 1 FROM no_such_table", "refused_by_server"),
        ("SELECT id, id FROM user", "duplicate_column"),
        ("SELECT COUNT(*) FROM ticket a, ticket b WHERE a.id = ", "refused_by_server"),
        ("SELECT CAST(X'FFFE' AS CHAR CHARACTER SET utf8mb4) = 1, SLEEP(9)", "forbidden_function"),
    ],
)
def test_says_what_is_wrong(database: Database, sql: str, code: str) -> None:
    """The server's refusal becomes a problem with its reason."""
    with pytest.raises(FieldProblem) as caught:
        evaluate(database, sql)
    assert caught.value.code == code


def test_slow_statement_is_cut_off(database: Database) -> None:
    """A join that would take minutes is stopped by the server, and the connection can be used again."""
    many = "(SELECT 0 AS x UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4)"
    slow = "SELECT COUNT(*) FROM " + ", ".join(f"{many} t{number}" for number in range(14))
    with sql_run.session(database.connect, seconds=0.2) as connection:
        with pytest.raises(FieldProblem, match=r"0\.2 s"):
            sql_run.evaluate(connection, Value("v", "user", "v", slow), 1)
        assert sql_run.evaluate(connection, Value("v", "user", "v", "SELECT __id__"), 5) == 5


@pytest.mark.parametrize("id", [-1, True, "1 OR 1=1", 1.5, None])
def test_only_numbers_are_put_in(id: Any) -> None:
    """Nothing but the digits of a number ever gets into the text."""
    with pytest.raises(ValueError, match="non-negative"):
        sql_run.statement(Value("v", "user", "v", "SELECT __id__"), id)


def test_second_row_is_a_warning(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """The first row is taken, and the log says that there were more."""
    with caplog.at_level(logging.WARNING):
        assert evaluate(database, "SELECT id FROM user ORDER BY id") == 17
    assert "more than one row" in caplog.text


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT CAST(b'1' AS UNSIGNED)", 1),
        ("SELECT flag FROM bits", 1),
        ("SELECT q.wide FROM (SELECT wide FROM bits) q", 0x4105),
        ("SELECT MAX(wide) FROM bits", 0x4105),
        ("SELECT flag AND wide FROM bits", 1),
        ("SELECT name FROM bits", b"\x01A"),
        ("SELECT TIMEDIFF('09:00', '10:30')", datetime.timedelta(hours=-1, minutes=-30)),
    ],
)
def test_types_of_columns(database: Database, sql: str, expected: sql_run.Raw) -> None:
    """A BIT column is a number whatever its width; other bytes stay bytes."""
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE TABLE bits (flag BIT(1), wide BIT(20), name VARBINARY(9))")
        cursor.execute("INSERT INTO bits VALUES (b'1', 0x4105, 0x0141)")
    try:
        assert evaluate(database, sql) == expected
    finally:
        with database.connect() as connection, connection.cursor() as cursor:
            cursor.execute("DROP TABLE bits")


def short(database: Database) -> pymysql.Connection[Any]:
    """A connection to a server that joins 1,024 characters only, as MySQL and older MariaDB do."""
    connection = database.connect()
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION group_concat_max_len = 1024")
    return connection


CUT = "SELECT GROUP_CONCAT(REPEAT('x', 2000)) FROM user WHERE id = __id__"


def test_what_the_server_cuts_is_told(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """The field is filled, and the log, the preview and the check say that the value is not whole."""
    described = [field("cf_1", "textarea"), field("cf_2", "text")]
    linked = links(cf_1="joined", cf_2="long")
    values = catalogue(joined=CUT, long="SELECT REPEAT('y', 300)")
    with FieldValues(values, linked, MemoryApprovals(), lambda: short(database)) as fields:
        with caplog.at_level(logging.WARNING):
            sent = fields.for_user(17, described)
        assert sent["cf_1"] == "x" * 1024 and len(str(sent["cf_2"])) == 255
        lines = [record.getMessage() for record in caplog.records]
        assert len(lines) == 2 and all("user 17" in line for line in lines)
        assert "cf_1 (value joined)" in lines[0] and "GROUP_CONCAT" in lines[0]
        assert "cf_2 (value long)" in lines[1] and "300" in lines[1]
        cut, long = values.get("joined"), values.get("long")
        assert cut is not None and long is not None
        assert [problem.code for problem in fields.preview(cut, 17, described[0]).warnings] == ["cut_by_server"]
        assert [problem.code for problem in fields.preview(long, 17, described[1]).warnings] == ["shortened"]
        found = {finding.topic: finding for finding in fields.check(described, {"user": 17})}
    assert found["joined"].level == "warning" and "GROUP_CONCAT" in found["joined"].said.text("ru")
    assert found["cf_2 (long)"].level == "warning" and "300" in found["cf_2 (long)"].said.text("en")


def test_the_modules_connection_joins_more(database: Database) -> None:
    """The recommended statement for a list of services is not cut at the server's default."""
    where = Address("localhost", str(database.server.socket), "root", Secret(""), "billmgr")
    with FieldValues(catalogue(joined=CUT), (), MemoryApprovals(), lambda: connect(where)) as fields:
        value = Value("joined", "user", "joined", CUT)
        found = fields.preview(value, 17, field("cf_1", "textarea"))
    assert found.sent == "x" * 2000 and not found.warnings


def test_field_of_a_company(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """Omnidesk has a third level that the module does not fill: named, left out, and nothing else suffers."""
    described = [field("cf_1", level="company"), field("cf_2")]
    values = catalogue(good="SELECT __id__", t_good="SELECT __id__")
    linked = links(cf_1="good", cf_2="good")
    with FieldValues(values, linked, MemoryApprovals(), database.connect) as fields:
        with caplog.at_level(logging.WARNING):
            assert fields.for_user(17, described) == {"cf_2": "17"}
            assert fields.for_case(100, described) == {}
        found = {finding.topic: finding for finding in fields.check(described, {"user": 17})}
    assert len(caplog.records) == 1 and "cf_1" in caplog.text and "company" in caplog.text
    assert found["cf_1"].level == "error" and "company" in found["cf_1"].said.text("ru")


def test_values_of_a_ticket_and_a_client(database: Database) -> None:
    """Each entity gets the fields of its own level, of every type."""
    described = [
        field("cf_1"),
        field("cf_2", "select", options={"1": "Русский", "2": "RU"}),
        field("cf_3", "checkbox"),
        field("cf_4", "date"),
        field("cf_5", "text", "case"),
        field("cf_6", "textarea", "case"),
    ]
    values = catalogue(
        name="SELECT realname FROM user WHERE id = __id__",
        language="SELECT language FROM user WHERE id = __id__",
        enabled="SELECT enabled FROM user WHERE id = __id__",
        since="SELECT a.registration_date FROM user u JOIN account a ON a.id = u.account WHERE u.id = __id__",
        t_name="SELECT name FROM ticket WHERE id = __id__",
    )
    linked = links(cf_1="name", cf_2="language", cf_3="enabled", cf_4="since", cf_5="t_name", cf_6="t_name")
    with FieldValues(values, linked, MemoryApprovals(), database.connect) as fields:
        assert fields.for_user(17, described) == {
            "cf_1": "Иван Петров",
            "cf_2": "2",
            "cf_3": True,
            "cf_4": "2024-02-29",
        }
        assert fields.for_case(100, described) == {"cf_5": "100% не работает", "cf_6": "100% не работает"}
        assert fields.for_case(101, described) == {"cf_5": "", "cf_6": ""}
        assert fields.for_user(999, described) == {"cf_1": ""}


def test_broken_fields_are_left_out(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is wrong with some, the good one is there, and the log names the others with both keys."""
    values = catalogue(
        good="SELECT __id__",
        column="SELECT nothing FROM user",
        write="DELETE FROM user",
        outfile="SELECT 1 /*! INTO OUTFILE '/tmp/never' */",
        slow="SELECT SLEEP(60)",
        stored="SELECT writes()",
        option="SELECT 'Gold'",
        t_ticket="SELECT 1",
    )
    described = [field(f"cf_{number}") for number in range(1, 8)]
    described += [
        field("cf_8", "select", options={"1": "VIP"}),
        field("cf_9", active=False),
        field("cf_10", level="case"),
    ]
    linked = links(
        cf_1="column",
        cf_2="write",
        cf_3="outfile",
        cf_4="slow",
        cf_5="stored",
        cf_6="missing_value",
        cf_7="good",
        cf_8="option",
        cf_9="good",
        cf_10="good",
        cf_11="good",
    )
    with FieldValues(values, linked, MemoryApprovals(), database.connect) as fields, caplog.at_level(logging.WARNING):
        assert fields.for_user(17, described) == {"cf_7": "17"}
        assert fields.for_case(100, described) == {}
    lines = [record.getMessage() for record in caplog.records]
    for pair in ["cf_1 (value column)", "cf_2 (value write)", "cf_3 (value outfile)", "cf_4 (value slow)"]:
        assert any(pair in line for line in lines), pair
    for pair in ["cf_5 (value stored)", "cf_6 (value missing_value)", "cf_8 (value option)", "cf_9 (value good)"]:
        assert any(pair in line for line in lines), pair
    assert any("cf_10 (value good)" in line and "user" in line and "case" in line for line in lines)
    assert any("cf_11 (value good)" in line for line in lines)


def test_one_connection_for_a_batch(database: Database) -> None:
    """Many fields and tickets cost one connection; the same value is asked once for two fields."""
    opened: list[pymysql.Connection[Any]] = []

    def connect() -> pymysql.Connection[Any]:
        opened.append(database.connect())
        return opened[-1]

    values = catalogue(random="SELECT RAND()", name="SELECT name FROM user WHERE id = __id__")
    described = [field("cf_1"), field("cf_2"), field("cf_3")]
    with FieldValues(values, links(cf_1="random", cf_2="random", cf_3="name"), MemoryApprovals(), connect) as fields:
        assert not opened, "nothing is opened before it is needed"
        for _ in range(5):
            found = fields.for_user(17, described)
            assert found["cf_1"] == found["cf_2"]
    assert len(opened) == 1 and not opened[0].open


def test_lost_connection_is_opened_anew(database: Database) -> None:
    """The server closes idle connections; the worker lives longer."""
    values = catalogue(name="SELECT name FROM user WHERE id = __id__")
    with FieldValues(values, links(cf_1="name"), MemoryApprovals(), database.connect) as fields:
        assert fields.for_user(17, [field("cf_1")]) == {"cf_1": "ivan"}
        with database.connect() as other, other.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM information_schema.processlist WHERE id != CONNECTION_ID() AND user = 'root'"
            )
            for (process,) in cursor.fetchall():
                cursor.execute(f"KILL {process}")
        assert fields.for_user(17, [field("cf_1")]) == {"cf_1": "ivan"}


@pytest.mark.parametrize(
    "error",
    [pymysql.err.OperationalError(2003, "down"), Paused("database_away", "2003", "down", seconds=15), OSError(2, "x")],
)
def test_unreachable_database(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """Without a database there are no values and one line in the log; the ticket goes on."""
    tries: list[int] = []

    def connect() -> pymysql.Connection[Any]:
        tries.append(1)
        raise error

    values = catalogue(a="SELECT 1", b="SELECT 2")
    fields = FieldValues(values, links(cf_1="a", cf_2="b"), MemoryApprovals(), connect)
    assert fields.for_user(17, [field("cf_1"), field("cf_2")]) == {}
    assert len(tries) == 1 and len(caplog.records) == 1
    assert [finding.topic for finding in fields.check([field("cf_1"), field("cf_2")])] == ["database"]


def test_mistake_in_the_driver_costs_one_field(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error nobody thought of is logged with its trace, and the next field is evaluated."""
    original: Callable[..., sql_run.Raw] = sql_run.evaluate

    def broken(connection: Any, value: Value, id: int, warn: Warn) -> sql_run.Raw:
        if value.key == "bad":
            raise ZeroDivisionError
        return original(connection, value, id, warn)

    monkeypatch.setattr(sql_run, "evaluate", broken)
    values = catalogue(bad="SELECT 1", good="SELECT 2")
    with FieldValues(values, links(cf_1="bad", cf_2="good"), MemoryApprovals(), database.connect) as fields:
        assert fields.for_user(17, [field("cf_1"), field("cf_2")]) == {"cf_2": "2"}
    assert "ZeroDivisionError" in caplog.text and "cf_1 (value bad)" in caplog.text


def test_statement_that_costs_the_connection(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is tried again on a new connection only if the old one may have been at fault, and then it alone is blamed."""
    original: Callable[..., sql_run.Raw] = sql_run.evaluate
    tried: list[str] = []

    def losing(connection: Any, value: Value, id: int, warn: Warn) -> sql_run.Raw:
        tried.append(value.key)
        if value.key == "bad":
            raise pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query")
        return original(connection, value, id, warn)

    monkeypatch.setattr(sql_run, "evaluate", losing)
    values = catalogue(first="SELECT 1", bad="SELECT 2", good="SELECT 3")
    linked = links(cf_1="first", cf_2="bad", cf_3="good")
    described = [field("cf_1"), field("cf_2"), field("cf_3")]
    with FieldValues(values, linked, MemoryApprovals(), database.connect) as fields:
        assert fields.for_user(17, described) == {"cf_1": "1", "cf_3": "3"}
    assert tried == ["first", "bad", "bad", "good"]
    assert "cf_2 (value bad)" in caplog.text and "Lost connection" in caplog.text


def test_answer_that_is_not_text(database: Database) -> None:
    """Bytes that cannot be read leave the rest of the answer unread: that connection is not used on."""
    with sql_run.session(database.connect) as connection:
        connection.encoding = "ascii"
        with pytest.raises(FieldProblem, match="binary"):
            sql_run.execute(connection, "SELECT CHAR(0xD0, 0xB8 USING utf8mb4)")
        assert not connection.open
    assert evaluate(database, "SELECT HEX(X'FFFE')") == "FFFE"


def test_files_are_followed(database: Database, tmp_path: Path) -> None:
    """With live sources an edit takes effect at the next ticket."""
    (tmp_path / "c.json").write_text('{"a": {"entity": "user", "name": "A", "sql": "SELECT 1"}}', encoding="utf-8")
    live = FieldValues(
        LiveCatalogue(tmp_path / "c.json"), LiveLinks(tmp_path / "l.json"), MemoryApprovals(), database.connect
    )
    with live as fields:
        assert fields.for_user(17, [field("cf_1")]) == {}
        (tmp_path / "l.json").write_text('[{"field": "cf_1", "value": "a"}]', encoding="utf-8")
        assert fields.for_user(17, [field("cf_1")]) == {"cf_1": "1"}
        (tmp_path / "c.json").write_text("{", encoding="utf-8")
        assert fields.for_user(17, [field("cf_1")]) == {"cf_1": "1"}


def test_check_tells_everything(database: Database) -> None:
    """Wrong links, refused and failing statements and unfit values, in both languages, with cures."""
    values = catalogue(
        good="SELECT __id__",
        write="DELETE FROM user",
        option="SELECT 'Gold'",
        unlinked="SELECT nothing FROM user",
        t_one="SELECT 1",
    )
    described = [
        field("cf_1"),
        field("cf_2"),
        field("cf_3", "select", options={"1": "VIP"}),
        field("cf_4", active=False),
    ]
    linked = links(cf_1="good", cf_2="write", cf_3="option", cf_4="good", cf_5="good", cf_6="nothing")
    linked += links(cf_1="t_one")
    with FieldValues(values, linked, MemoryApprovals(), database.connect) as fields:
        found = fields.check(described, {"user": 17})
    told = {(finding.topic, finding.level): finding for finding in found}
    assert {
        ("write", "error"),
        ("cf_3 (option)", "error"),
        ("cf_4", "error"),
        ("cf_5", "error"),
        ("cf_6", "error"),
    } <= set(told)
    assert ("cf_1", "error") in told and ("unlinked", "warning") in told
    assert "Gold" in told["cf_3 (option)", "error"].said.text("ru")
    for finding in found:
        assert finding.said.text("en") and finding.said.text("ru")
        assert finding.level == "info" or (finding.said.cure("en") and finding.said.cure("ru"))


@pytest.mark.parametrize(
    ("user", "expected"),
    [("root", [("database", "warning")]), ("panel", [("database", "info")]), ("reader", [])],
)
def test_check_says_what_the_database_user_may(database: Database, user: str, expected: list[tuple[str, str]]) -> None:
    """FILE is worth a warning, writing a remark, and a reader nothing; the layers in force are told."""
    with FieldValues(catalogue(), (), MemoryApprovals(), lambda: database.connect(user)) as fields:
        found = fields.check([])
    assert [(finding.topic, finding.level) for finding in found[:-1]] == expected
    assert "read-only" in found[-1].said.text("en") and found[-1].level == "info"


SHIPPED_VALUES = {
    "client_id": 3,
    "ticket": 100,
    "client_name": "ООО «Ромашка»",
    "user_realname": "Иван Петров",
    "user_login": "ivan",
    "user_email": "ivan@example.com",
    "user_phone": "+7 900",
    "user_language": "ru",
    "user_enabled": "on",
    "registration_date": datetime.date(2024, 2, 29),
    "user_count": 2,
    "service_count": 2,
    "nearest_expiry": datetime.date(2099, 1, 31),
    "ticket_count": 2,
    "open_ticket_count": 1,
    "last_message_date": datetime.datetime(2026, 3, 1, 10, 0),
    "ticket_subject": "100% не работает",
    "ticket_client_id": 3,
    "ticket_client_name": "ООО «Ромашка»",
    "ticket_client_email": "ivan@example.com",
    "ticket_department": "Техподдержка",
    "ticket_handlers": "Техподдержка, Анна",
    "ticket_project": "Хостинг",
    "ticket_created": datetime.datetime(2026, 3, 1, 10, 0),
    "ticket_message_count": 2,
    "ticket_archived": "off",
    "service_id": 7,
    "service_name": "vps7",
    "service_expiry": datetime.date(2099, 1, 31),
    "service_domain": "example.com",
    "service_ip": "192.0.2.7",
    "service_module": "VMmanager",
}


@pytest.mark.parametrize("value", list(load(SHIPPED)), ids=lambda value: value.key)
def test_shipped_values(database: Database, value: Value) -> None:
    """Each shipped value yields what its name says, unless it is marked as an example on assumed columns."""
    with sql_run.session(lambda: database.connect("reader")) as connection:
        if EXAMPLE in value.name:
            assert value.key not in SHIPPED_VALUES
            return
        raw = sql_run.evaluate(connection, value, 17 if value.entity == "user" else 100)
        assert raw == SHIPPED_VALUES[value.key]
        assert sql_run.evaluate(connection, value, 999_999) in (None, 0)
    assert to_omnidesk(field("cf_1"), raw)


def test_a_statement_that_took_too_long_is_not_run_for_every_message(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look at a ticket would wait for it again. The other fields are filled, and after a while it is tried."""
    ran: list[str] = []
    run, now = sql_run.evaluate, [1000.0]

    def slow(connection: Any, value: Value, id: int, warn: Warn | None = None) -> sql_run.Raw:
        ran.append(value.key)
        if value.key == "heavy":
            raise FieldProblem("too_slow", seconds=2)
        return run(connection, value, id, warn)

    monkeypatch.setattr(sql_run, "evaluate", slow)
    monkeypatch.setattr("omnidesk.custom_fields.values.time.monotonic", lambda: now[0])
    described = [field("cf_1"), field("cf_2")]
    known = catalogue(heavy="SELECT COUNT(*) FROM user", quick="SELECT account FROM user WHERE id = __id__")
    with FieldValues(known, links(cf_1="heavy", cf_2="quick"), MemoryApprovals(), database.connect) as values:
        for user in (17, 17, 18):
            assert values.for_user(user, described) == {"cf_2": "3"}
        assert ran.count("heavy") == 1 and ran.count("quick") == 3
        now[0] += 61
        values.for_user(17, described)
        assert ran.count("heavy") == 2
