"""Faults below the products: of the module's SQL connection, of its disk, of its clock."""

from __future__ import annotations

import os
import resource
import select
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
from pymysql.connections import Connection

from omnidesk.core.database import Database
from sandbox.mariadb import MariaDB

WRITING = ("INSERT", "UPDATE", "REPLACE", "DELETE")


class SqlFaults:
    """What the module's connection meets; the panel's own connections do not.

    They are met only while the module works (:meth:`met_by`), not when a test looks into its tables.

    ``refusing``: no new connection is let in (1040). ``read_only``: no statement may write (1290). :meth:`shoot` hits
    one statement to come.
    """

    def __init__(self, mariadb: MariaDB, met: Counter[str]) -> None:
        self.mariadb = mariadb
        self.met = met
        self._working = False
        self._choosing = threading.Lock()
        self.clear()

    @contextmanager
    def met_by(self, database: Database) -> Iterator[None]:
        """While this lasts the module works."""
        self._working = True
        if self.refusing:
            self.kill(database._connection)  # nobody keeps what he has: else nothing would be noticed
        try:
            yield
        finally:
            self._working = False

    def clear(self) -> None:
        """Everything works again."""
        self.refusing = self.read_only = False
        self._inside: set[int] = set()  # connections in a transaction
        self._shot: tuple[str, str] | None = None
        self._skip = 0

    def shoot(self, kind: str, where: str, skip: int) -> None:
        """``kind`` hits the statement after ``skip`` others of those ``where``: any, write, inside (a
        transaction), or those beginning with these words.

        ``killed``: the server ends the connection before the statement; ``lost``: it is carried out, but its answer is
        lost; ``deadlock`` and ``lock_wait``: as InnoDB refuses; ``restart``: the server restarts before it.
        """
        self._shot, self._skip = (kind, where), skip

    def connecting(self) -> None:
        """A new connection is about to be made."""
        if self.refusing and self._working:
            self.met["too many connections"] += 1
            raise pymysql.err.OperationalError(1040, "Too many connections")

    def wrap(self, connection: Connection[Any]) -> None:
        """Let every statement of a connection pass by here."""
        if "query" in vars(connection):
            return
        real = connection.query
        self._inside.discard(id(connection))
        connection.query = lambda sql, unbuffered=False: self._run(connection, real, sql)  # type: ignore[method-assign]

    def _run(self, connection: Connection[Any], real: Callable[[Any], int], sql: Any) -> int:
        text = sql.decode("utf-8", "replace") if isinstance(sql, (bytes, bytearray)) else str(sql)
        word = text.lstrip().split(" ", 1)[0].upper()
        if not self._working or text.startswith("SET SESSION timestamp"):
            return real(sql)
        if self.read_only and word in WRITING:
            self.met["database read-only"] += 1
            raise pymysql.err.OperationalError(1290, "The server is running with the --read-only option")
        inside = id(connection) in self._inside
        if word == "START":
            self._inside.add(id(connection))
        elif word in ("COMMIT", "ROLLBACK"):
            self._inside.discard(id(connection))
        kind = self._struck(text, word, inside)
        return self._strike(kind, connection, real, sql, inside) if kind else real(sql)

    def _struck(self, text: str, word: str, inside: bool) -> str:
        """What hits this statement; "" for nothing."""
        with self._choosing:
            if self._shot is None or not self._hits(self._shot[1], text, word, inside):
                return ""
            self._skip -= 1
            if self._skip >= 0:
                return ""
            (kind, _), self._shot = self._shot, None
            self.met[f"sql {kind}"] += 1
            return kind

    def _hits(self, where: str, text: str, word: str, inside: bool) -> bool:
        return (
            where in ("any", word)
            or text.startswith(f"{where} ")
            or (where == "write" and word in WRITING)
            or (where == "inside" and inside)
        )

    def _strike(
        self, kind: str, connection: Connection[Any], real: Callable[[Any], int], sql: Any, inside: bool
    ) -> int:
        if kind == "deadlock":
            if inside:
                real("ROLLBACK")  # as the server does by itself
                self._inside.discard(id(connection))
            raise pymysql.err.OperationalError(1213, "Deadlock found when trying to get lock")
        if kind == "lock_wait":
            raise pymysql.err.OperationalError(1205, "Lock wait timeout exceeded")
        if kind == "lost":
            real(sql)
            connection._force_close()  # type: ignore[attr-defined]  # not in its types
            raise pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query")
        if kind == "restart":
            self.mariadb.stop()
            self.mariadb.start()
        else:
            self.kill(connection)
        return real(sql)

    def kill(self, connection: Connection[Any] | None) -> None:
        """The server ends a connection; returns when that has reached this end of it."""
        if connection is None or not connection.open:
            return
        with self.mariadb.connect() as other, other.cursor() as cursor:
            try:
                cursor.execute(f"KILL CONNECTION {connection.thread_id()}")  # type: ignore[no-untyped-call]
            except pymysql.err.OperationalError as error:
                if error.args[0] != 1094:  # it is gone already
                    raise
        select.select([connection._sock], [], [], 5)  # type: ignore[attr-defined]  # not in its types


@contextmanager
def disk(full: bool) -> Iterator[None]:
    """While this lasts no file of this process can grow (``full``), or can again.

    The limit on a file's size stands in for the disk: it refuses every write, whoever makes it, by the kernel.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)[0] == 0
    if before == full:
        yield
        return
    set_full(full)
    try:
        yield
    finally:
        set_full(before)


def set_full(full: bool) -> None:
    """Let files of this process grow, or not."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (0 if full else hard, hard))


def set_zone(name: str | None) -> None:
    """The time zone of this process; None: as it was started."""
    if name is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = name
    time.tzset()
