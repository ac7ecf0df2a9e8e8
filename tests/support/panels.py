"""A simulated panel whose database lives by the workshop's clock, and whose tables are emptied instead of made anew.

Thousands of tests have one and each asks it dozens of things, so a connection that is left is used by the next.
"""

from __future__ import annotations

import os
import re
import select
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pymysql
from pymysql.constants import CLIENT
from pymysql.cursors import DictCursor

from omnidesk.core.database import Address, Database
from omnidesk.core.settings import Secret
from omnidesk.core.tables import STATE
from omnidesk.store.schema import MIGRATIONS, TABLES, migrate
from sandbox.billmanager.panel import Panel, PanelOptions, SchemaOptions
from sandbox.mariadb import MariaDB
from tests.support.clock import Clock

if TYPE_CHECKING:
    Connection = pymysql.connections.Connection[Any]
else:
    Connection = pymysql.connections.Connection

MODULE = "workshop_module"
_CHANGES_TABLES = re.compile(r"(?i)\s*(?:ALTER TABLE (?!\S+ AUTO_INCREMENT)|CREATE TABLE|DROP TABLE|RENAME TABLE)")
_made: set[tuple[str, str]] = set()
_idle: dict[tuple[int, str, str, bool], list[KeptConnection]] = {}  # by process, server, database and autocommit


class KeptConnection(Connection):
    """Is not closed when it is left: what it has not committed is rolled back, and ``idle`` takes it.

    ``first`` goes to the server together with the next statement.
    """

    idle: list[KeptConnection]
    first = ""
    _begun = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, client_flag=CLIENT.MULTI_STATEMENTS)

    def query(self, sql: Any, unbuffered: bool = False) -> int:
        self._begun = not self.autocommit_mode
        if not self.first:
            return int(super().query(sql, unbuffered))
        first, self.first = self.first.encode() + b"; ", ""
        super().query(first + (sql.encode(self.encoding) if isinstance(sql, str) else sql))
        return int(self.next_result(unbuffered))

    def commit(self) -> None:
        super().commit()
        self._begun = False

    def alive(self) -> bool:
        """Whether the server has not ended it: nothing else comes before a question."""
        return not select.select([self._sock], [], [], 0)[0]  # type: ignore[attr-defined]  # not in its types

    def __exit__(self, *raised: object) -> None:
        try:
            if self._begun:
                self.rollback()
        except pymysql.MySQLError:
            return  # the server has ended it
        self._begun = False
        self.idle.append(self)


def database_name(options: SchemaOptions) -> str:
    """One database for each shape of the tables; the tests take turns in it."""
    shape = f"{options.rating_column}_{options.rating_values}" if options.rating_column else "unrated"
    more = ("_required" if options.rating_required else "") + ("_typed" if options.message_type else "")
    if options.priority_column:
        more += f"_{options.priority_column}_{options.priority_values}"
    more += f"_notes_{options.note_files}" if options.note_files != "none" else ""
    return f"workshop_{options.charset}_{shape}{more}"


class ClockedPanel(Panel):
    """``NOW()`` in the panel's own connections is the clock's time."""

    def __init__(
        self, mariadb: MariaDB, root: Path, clock: Clock, schema: SchemaOptions, options: PanelOptions
    ) -> None:
        self.clock = clock
        name = database_name(schema)
        fresh = (mariadb.socket, name) not in _made
        super().__init__(
            mariadb,
            root,
            schema_options=replace(schema, database=name),
            options=options,
            events=False,
            create=fresh,
        )
        if fresh:
            copy_module_tables(mariadb, name)
        else:
            empty(mariadb, name)
        _made.add((mariadb.socket, name))

    def database(self, kind: type[Connection] = KeptConnection) -> Any:
        if self.faults.read_only:
            connection = super().database()
            with connection.cursor() as cursor:
                cursor.execute(_by_clock(str(self.clock())))
            return connection
        return self._kept(str(self.clock()), autocommit=False)

    def query(self, sql: str, *values: object) -> list[dict[str, Any]]:
        with self._kept(str(self.clock()), autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    def execute(self, sql: str, *values: object) -> int:
        """One statement by the machine's clock, as set-up is. After one that changes tables, they are made anew for the
        next test of their shape."""
        if _CHANGES_TABLES.match(sql):
            _made.discard((self.mariadb.socket, self.schema.database))
        with self._kept("DEFAULT", autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return int(cursor.lastrowid or 0)

    def _kept(self, timestamp: str, *, autocommit: bool) -> KeptConnection:
        idle = _idle.setdefault((os.getpid(), self.mariadb.socket, self.schema.database, autocommit), [])
        found = None
        while idle and found is None:
            found = idle.pop()
            found = found if found.alive() else None
        if found is None:
            found = self._opened(autocommit)
            found.idle = idle
        found.first = _by_clock(timestamp)
        return found

    def _opened(self, autocommit: bool) -> KeptConnection:
        if autocommit:
            return self.mariadb.connect(self.schema.database, kind=KeptConnection, cursorclass=DictCursor)
        made = super().database(KeptConnection)
        assert isinstance(made, KeptConnection)
        return made


def _by_clock(timestamp: str) -> str:
    return f"SET SESSION timestamp = {timestamp}, time_zone = @@GLOBAL.time_zone"


def copy_module_tables(mariadb: MariaDB, name: str) -> None:
    """The module's own tables, from a database in which it made them once: its migrations take half a second."""
    with mariadb.connect() as connection, connection.cursor() as cursor:
        if (mariadb.socket, MODULE) not in _made:
            cursor.execute(f"DROP DATABASE IF EXISTS {MODULE}")
            cursor.execute(f"CREATE DATABASE {MODULE}")
            database = Database(Address("localhost", mariadb.socket, "root", Secret(""), MODULE))
            migrate(database)
            database.close()
            _made.add((mariadb.socket, MODULE))
        for table in TABLES:
            cursor.execute(f"CREATE TABLE {name}.{table} LIKE {MODULE}.{table}")
        cursor.execute(f"INSERT INTO {name}.{STATE} SELECT * FROM {MODULE}.{STATE}")


def empty(mariadb: MariaDB, name: str) -> None:
    """Delete every row there is, the module's too; only that its tables are those of this version is kept.

    In one message to the server: thirty of them take longer than what they do.
    """
    with mariadb.connect(name, client_flag=CLIENT.MULTI_STATEMENTS) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        wanted = {table: f"DELETE FROM `{table}`" for (table,) in cursor.fetchall()}
        if STATE in wanted:
            wanted[STATE] += f" WHERE name <> 'schema_version' OR value <> '{len(MIGRATIONS)}'"
        cursor.execute("; ".join(["SET SESSION foreign_key_checks = 0", *wanted.values()]))
        while cursor.nextset():
            pass
