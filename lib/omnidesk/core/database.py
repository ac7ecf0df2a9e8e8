"""The panel's database: where it is, one connection, and errors in this module's terms."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pymysql
import pymysql.cursors

from omnidesk.core import conf
from omnidesk.core.errors import Failure, Misconfigured, Paused, TryLater, system_words
from omnidesk.core.paths import Paths
from omnidesk.core.phrase import Phrase
from omnidesk.core.settings import Secret

DEFAULT_SOCKETS = ("/var/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock")  # noqa: S108
_NAMES = ("DBHost", "DBSocket", "DBUser", "DBPassword", "DBName")
# Server away, too many connections, shutting down, lost connection; read-only server.
_AWAY = (1040, 1053, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1226, 2002, 2003, 2006, 2013, 2014, 2055)
_TOO_LARGE = 1153
_LONG = 200_000  # characters of a statement that may be more than the server takes, whose least default is 1 MiB
_READ_ONLY = (1290, 1836, 1792)
_RETRY = (1205, 1213)  # lock wait timeout, deadlock
_UNKNOWN_VARIABLE = (1193, 1231, 1227)  # not of this server, not this value, not for this user
PASSING = (*_AWAY, *_READ_ONLY, *_RETRY)  # numbers that say nothing against the statement itself
Row = dict[str, Any]
# What a connection relies on, whatever the server's own defaults are. Each stood otherwise on some server: a limit of
# one row, '' stored as NULL, COMMIT that begins a transaction, rows read before they are committed.
_SESSION = (
    "autocommit = 1",
    "completion_type = 0",
    "sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'",
    "sql_select_limit = 18446744073709551615",
    "sql_big_selects = 1",
    "sql_safe_updates = 0",
    "sql_auto_is_null = 0",
    "group_concat_max_len = 1048576",
    # The panel stores local times, by the server's zone: an init_connect of somebody else's must not move them.
    "time_zone = @@GLOBAL.time_zone",
    "wait_timeout = 28800",
)
# The read timeout of the connection bounds a statement; MariaDB has the former, MySQL the latter.
_LIMITS = ("max_statement_time = 0", "max_execution_time = 0")
_TRANSACTIONS = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE"


@dataclass(frozen=True)
class Address:
    """How to reach the panel's database."""

    host: str
    socket: str
    user: str
    password: Secret
    name: str


def address(paths: Paths) -> Address:
    """Read the panel's own configuration: db.conf, then billmgr.conf, then ``mgrctl paramlist`` (documented names).

    Defaults when nothing names them are those of the panel's own library: localhost, root, billmgr.
    """
    found: dict[str, str] = {}
    for path in (paths.panel_db_conf, paths.panel_conf):
        try:
            lines = conf.read(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise Misconfigured("panel_conf", path, system_words(error)) from error
        for _, name, value in lines:
            if name in _NAMES:
                found.setdefault(name, value)
    if "DBUser" not in found:
        for name, value in _paramlist(paths).items():
            found.setdefault(name, value)
    return Address(
        host=found.get("DBHost") or "localhost",
        socket=found.get("DBSocket", ""),
        user=found.get("DBUser") or "root",
        password=Secret(found.get("DBPassword", "")),
        name=found.get("DBName") or "billmgr",
    )


def _paramlist(paths: Paths) -> dict[str, str]:
    from omnidesk.core import xml

    command = [paths.mgrctl, "-m", "billmgr", "paramlist", "out=xml"]
    try:
        done = subprocess.run(command, cwd=paths.root, capture_output=True, timeout=30, check=False)  # noqa: S603
        document = xml.parse(done.stdout)
    except (OSError, subprocess.TimeoutExpired, xml.NotXML) as error:
        why = Phrase("said.no_xml") if isinstance(error, xml.NotXML) else system_words(error)
        if isinstance(error, subprocess.TimeoutExpired):
            why = Phrase("said.no_answer", seconds=error.timeout)
        raise Misconfigured("panel_conf", paths.panel_conf, Phrase("said.paramlist", why=why)) from error
    return {child.tag: child.text or "" for elem in document.iter("elem") for child in elem if child.tag in _NAMES}


def connect(where: Address, user: str = "", password: Secret | None = None) -> pymysql.Connection[Any]:
    """A new connection. Over a socket TLS is off: setting up its context would cost more than all queries of a run."""
    path = where.socket
    if not path and where.host in ("localhost", ""):
        path = next((one for one in DEFAULT_SOCKETS if os.path.exists(one)), "")
    place: dict[str, Any] = {"unix_socket": path} if path else {"host": where.host, "port": 3306}
    if path or where.host in ("127.0.0.1", "localhost", "::1"):
        place["ssl_disabled"] = True
    with translated():
        connection = pymysql.connect(
            user=user or where.user,
            password=(password or where.password).reveal().encode("utf-8", "surrogateescape"),  # as it stands there
            database=where.name,
            charset="utf8mb4",
            autocommit=True,
            connect_timeout=10,
            read_timeout=60,
            write_timeout=60,
            cursorclass=pymysql.cursors.DictCursor,
            **place,
        )
        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _prepare(connection: pymysql.Connection[Any]) -> None:
    """Set the session as this module's statements expect it, whatever the server's own defaults are."""
    with connection.cursor() as cursor:
        cursor.execute(_TRANSACTIONS)
        if not _taken(cursor, ", ".join(_SESSION)):
            for setting in _SESSION:
                _taken(cursor, setting)
        for setting in _LIMITS:
            _taken(cursor, setting)


def _taken(cursor: pymysql.cursors.Cursor, settings: str) -> bool:
    """Whether the server took these settings; False when it does not have one of them."""
    try:
        cursor.execute(f"SET SESSION {settings}")
    except pymysql.err.MySQLError as error:
        if error.args[0] not in _UNKNOWN_VARIABLE:
            raise
        return False
    return True


@contextmanager
def translated() -> Iterator[None]:
    """Database errors as this module's failures: away -> the run pauses, deadlock -> the ticket tries again."""
    try:
        yield
    except pymysql.err.MySQLError as error:
        raise failure(error) from error


def failure(error: pymysql.err.MySQLError) -> Failure:
    """The failure that a database error means."""
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    text = str(error.args[1]) if len(error.args) > 1 else type(error).__name__
    if code in (1044, 1045, 1049, 1142, 1698):
        return Misconfigured("database_refused", str(code), text)
    if code in _AWAY or isinstance(error, pymysql.err.InterfaceError):
        return Paused("database_away", str(code), text, seconds=15)
    if code in _READ_ONLY:
        return Paused("database_read_only", str(code), text, seconds=60)
    if code in _RETRY:
        return TryLater("database_busy", str(code), text)
    return TryLater("database", str(code), text)


class Database:
    """One connection, reopened when it was lost between statements; a statement is never repeated by itself.

    ``read_only``: the server refuses every write, so that a mistake in a command that only reads cannot become one.
    """

    def __init__(self, where: Address, *, read_only: bool = False) -> None:
        self.where = where
        self.read_only = read_only
        self._connection: pymysql.Connection[Any] | None = None
        self._has: dict[tuple[str, ...], bool] = {}

    def another(self) -> Database:
        """A connection of its own to the same database, for another thread."""
        return Database(self.where, read_only=self.read_only)

    def _open(self) -> pymysql.Connection[Any]:
        if self._connection is None:
            connection = connect(self.where)
            if self.read_only:
                with connection.cursor() as cursor:
                    cursor.execute("SET SESSION TRANSACTION READ ONLY")
            self._connection = connection
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            try:
                self._connection.close()
            except pymysql.err.Error:
                pass  # already gone: that is what was wanted
            self._connection = None

    def interrupt(self) -> None:
        """End the statement that another thread waits for, by its connection."""
        connection = self._connection
        if connection is not None and connection.open:
            try:
                connection._sock.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]  # not in its types
            except OSError:
                pass  # already gone: that is what was wanted

    def refresh(self) -> None:
        """Drop a connection that the server has ended meanwhile (a restart, its wait_timeout): the next use opens one.

        To be called between pieces of work; a connection lost within one stays an error, as its statement may count.
        """
        self._has = {what: True for what, there in self._has.items() if there}
        if self._connection is None:
            return
        try:
            self._connection.ping(reconnect=False)
        except pymysql.err.MySQLError:
            self.close()

    def _run(self, sql: str, values: Sequence[Any]) -> tuple[list[Row], int, int]:
        try:
            with translated():
                cursor = self._open().cursor()
                statement = cursor.mogrify(sql, tuple(values) or None)
                if len(statement) > _LONG:
                    self._refuse_longer(cursor, statement)
                count = cursor.execute(statement)
                rows = list(cursor.fetchall()) if cursor.description else []
                return rows, int(count), int(cursor.lastrowid or 0)
        except TryLater:
            raise  # the server spoke: the connection is as good as before
        except BaseException:
            # Lost, or left in the middle of an answer that the next statement would take for its own.
            self.close()
            raise

    def _refuse_longer(self, cursor: pymysql.cursors.Cursor, statement: str) -> None:
        """Do not send what the server would not take: it ends the connection, which would look like an outage."""
        length = len(statement.encode("utf-8", "surrogateescape")) + 1
        cursor.execute("SELECT @@max_allowed_packet AS bytes")
        row: Any = cursor.fetchone()
        if length > int(row["bytes"]):
            raise pymysql.err.DataError(_TOO_LARGE, f"{length} bytes, max_allowed_packet {row['bytes']}")

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """All rows of a reading statement (bounded by its own LIMIT)."""
        return self._run(sql, values)[0]

    def row(self, sql: str, *values: Any) -> Row | None:
        found = self.rows(sql, *values)
        return found[0] if found else None

    def has(self, table: str, *columns: str) -> bool:
        """Whether there is such a table with these columns. What is not there is asked for again after a pause."""
        what = (table, *columns)
        if what not in self._has:
            row = self.row(
                "SELECT COUNT(*) AS n FROM information_schema.columns WHERE table_schema = DATABASE()"
                f" AND table_name = %s AND column_name IN ({', '.join(['%s'] * len(columns))})",
                *what,
            )
            self._has[what] = row is not None and int(row["n"]) == len(columns)
        return self._has[what]

    def write(self, sql: str, *values: Any) -> int:
        """Run a writing statement on the module's own tables; the number of rows changed."""
        return self._run(sql, values)[1]

    def insert(self, sql: str, *values: Any) -> int:
        """Run an INSERT; the new row's id."""
        return self._run(sql, values)[2]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing for several writes of the module's own tables."""
        self._run("START TRANSACTION", ())
        try:
            yield
        except Failure:
            try:
                self._run("ROLLBACK", ())
            except Failure:
                self.close()  # the server rolls back by itself when the connection ends
            raise
        except BaseException:
            self.close()  # no more waiting for a server that may hang
            raise
        try:
            self._run("COMMIT", ())
        except Failure:
            self.close()  # or everything after it would be part of this transaction, and undone with it
            raise
