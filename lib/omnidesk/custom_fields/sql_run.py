"""Runs one statement of the catalogue: the guard, a derived table around it, and a connection that can only read.

Each layer holds where another one is thin (measured on MariaDB; tests/custom_fields/test_layers.py keeps the table): a
read-only transaction lets INTO OUTFILE, SET GLOBAL and user variables through, a derived table lets NEXTVAL, FOR UPDATE
and stored functions through, and neither knows of LOAD_FILE, which is for the guard and the approval.
"""

from __future__ import annotations

import datetime
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from omnidesk.custom_fields import sql_check
from omnidesk.custom_fields.problems import FieldProblem, Warn, ignore

if TYPE_CHECKING:
    import pymysql
    import pymysql.cursors

    from omnidesk.custom_fields.catalogue import Value

    Connection = pymysql.Connection[Any]

Raw = (
    str | int | float | Decimal | datetime.date | datetime.datetime | datetime.time | datetime.timedelta | bytes | None
)
"""What the database may give for a column."""

SECONDS = 2.0
"""How long one statement may run unless the caller says otherwise; the worker waits for it."""

_DUPLICATE_COLUMN = 1060
_CUT = (1260, 1265, 1301, 1406)  # cut by GROUP_CONCAT, truncated, larger than max_allowed_packet, too long for a column
_BIT = 16  # the protocol's number of the type
_TIMED_OUT = (1969, 3024)  # MariaDB's max_statement_time, MySQL's max_execution_time
_SERVER_GOING = (1053, 1927)  # shutdown in progress, connection killed by an administrator

_log = logging.getLogger(__name__)


def statement(value: Value, id: int) -> str:
    """The SELECT of ``value`` about the entity ``id``: the macro replaced everywhere, also inside quotes.

    Only the digits of a non-negative integer are put in, so nothing needs escaping wherever the macro stands. One
    semicolon at the very end is forgiven: people copy statements with it.
    """
    if isinstance(id, bool) or not isinstance(id, int) or id < 0:
        raise ValueError(f"an id is a non-negative integer, not {id!r}")
    return tidy(value.sql).replace("__id__", str(id))


def tidy(sql: str) -> str:
    """The statement without blanks around it and without the semicolon that may end it."""
    return re.sub(r"\s*;\s*\Z", "", sql.strip())


def wrap(sql: str, limited: bool) -> str:
    """The statement as a derived table, so that the server's grammar allows nothing but a SELECT.

    ``limited`` says whether it has a LIMIT of its own. If not, it gets one, because the server ignores the ORDER BY
    of a derived table that has none (measured), and the first row would be any row.
    """
    inner = sql if limited else f"{sql}\nLIMIT 2"
    return f"SELECT * FROM (\n{inner}\n) AS v LIMIT 2"


def evaluate(connection: Connection, value: Value, id: int, warn: Warn | None = None) -> Raw:
    """The first column of the first row, ``None`` when there is no row.

    ``connection`` comes from :func:`session`. Raises :class:`FieldProblem` for anything wrong with the statement, and
    pymysql's own errors when the connection is lost. ``warn`` gets a sentence about a value the server cut,
    or about more than one row (which one is first is then up to the statement's ORDER BY); without it the log does.
    """

    def log(problem: FieldProblem) -> None:
        _log.warning("custom field value %s: %s", value.key, problem)

    sql = statement(value, id)
    scan = sql_check.check(sql)
    rows = execute(connection, wrap(sql, scan.limited), warn or log)
    if len(rows) > 1:
        (warn or log)(FieldProblem("more_rows", id=id))
    first: Raw = rows[0][0] if rows else None
    return first


def execute(connection: Connection, sql: str, warn: Warn = ignore) -> tuple[tuple[Any, ...], ...]:
    """Executes without interpolation (a ``%`` is a ``%``); the server's refusals become :class:`FieldProblem`."""
    import pymysql.cursors

    try:
        with connection.cursor(pymysql.cursors.Cursor) as cursor:
            cursor.execute(sql)
            rows = _numbers_of_bits(cursor)
            if cursor.warning_count:
                cursor.execute("SHOW WARNINGS")
                for _, code, text in cursor.fetchall():
                    if int(code) in _CUT:
                        warn(FieldProblem("cut_by_server", reason=text))
            return rows
    except UnicodeDecodeError as error:
        connection.close()  # the rest of the answer was not read
        raise FieldProblem("not_text") from error
    except pymysql.err.MySQLError as error:
        code = error.args[0] if error.args else 0
        reason = str(error.args[-1]) if error.args else type(error).__name__
        if code in _TIMED_OUT:
            raise FieldProblem("too_slow", seconds=getattr(connection, "omnidesk_seconds", SECONDS)) from error
        if code == _DUPLICATE_COLUMN:
            raise FieldProblem("duplicate_column", reason=reason) from error
        if is_connection_loss(error):
            raise
        raise FieldProblem("refused_by_server", reason=reason) from error


def _numbers_of_bits(cursor: pymysql.cursors.Cursor) -> tuple[tuple[Any, ...], ...]:
    """The rows, with the bytes of BIT columns as the numbers they are."""
    bits = {number for number, column in enumerate(cursor.description or ()) if int(column[1]) == _BIT}
    rows: tuple[tuple[Any, ...], ...] = tuple(cursor.fetchall())
    if not bits:
        return rows
    return tuple(
        tuple(
            int.from_bytes(cell, "big") if number in bits and isinstance(cell, bytes) else cell
            for number, cell in enumerate(row)
        )
        for row in rows
    )


def is_connection_loss(error: Exception) -> bool:
    """Whether the connection, not the statement, is at fault: the client's own errors and a server going down."""
    code = error.args[0] if error.args else 0
    return not isinstance(code, int) or code == 0 or 2000 <= code < 3000 or code in _SERVER_GOING


@contextmanager
def session(connect: Callable[[], Connection], seconds: float = SECONDS) -> Iterator[Connection]:
    """A connection of its own for custom fields, prepared by :func:`prepare` and closed at the end."""
    connection = connect()
    try:
        prepare(connection, seconds)
        yield connection
    finally:
        if connection.open:
            connection.close()


def prepare(connection: Connection, seconds: float = SECONDS) -> None:
    """Makes the connection read-only, limits each statement to ``seconds``, and checks that both took hold.

    Raises :class:`FieldProblem` (``session_unsafe``) when the server cannot do it: then no custom field is evaluated.
    Also sets what the guard's lexer relies on: UTF-8 and backslash escapes, whatever the server's defaults.
    """
    connection.set_character_set("utf8mb4")
    connection.autocommit(True)
    _ask(connection, "SET SESSION sql_mode = ''")
    _ask(connection, "SET SESSION TRANSACTION READ ONLY")
    if not _first_variable(connection, ("transaction_read_only", "tx_read_only")):
        raise FieldProblem("session_unsafe", reason="transactions are not read-only")
    _limit_time(connection, seconds)
    connection.omnidesk_seconds = seconds  # type: ignore[attr-defined]


def _limit_time(connection: Connection, seconds: float) -> None:
    """MariaDB counts seconds for any statement, MySQL milliseconds for a SELECT; each knows only its own variable."""
    for name, amount in (("max_statement_time", f"{seconds:.3f}"), ("max_execution_time", str(round(seconds * 1000)))):
        try:
            _ask(connection, f"SET SESSION {name} = {amount}")
        except FieldProblem:
            continue
        if _first_variable(connection, (name,)):
            return
    raise FieldProblem("session_unsafe", reason="no time limit for statements")


def _first_variable(connection: Connection, names: tuple[str, ...]) -> float:
    """The value of the first of these session variables that the server knows, 0 when it knows none."""
    for name in names:
        try:
            return float(_ask(connection, f"SELECT @@SESSION.{name}")[0][0])
        except FieldProblem:
            continue
    return 0.0


def _ask(connection: Connection, sql: str) -> tuple[tuple[Any, ...], ...]:
    """One of this module's own statements; an unknown variable or a refusal is ``session_unsafe``."""
    import pymysql.cursors

    try:
        with connection.cursor(pymysql.cursors.Cursor) as cursor:
            cursor.execute(sql)
            return tuple(cursor.fetchall())
    except pymysql.err.MySQLError as error:
        if is_connection_loss(error):
            raise
        raise FieldProblem("session_unsafe", reason=error.args[-1]) from error
