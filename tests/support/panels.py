"""A simulated panel whose database lives by the workshop's clock, and whose tables are emptied instead of made anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pymysql

from sandbox.billmanager.panel import Panel, PanelOptions, SchemaOptions
from sandbox.mariadb import MariaDB
from tests.support.clock import Clock

_made: set[tuple[str, str]] = set()


def database_name(charset: str, rating_column: str | None, message_type: str = "") -> str:
    """One database for each shape of the tables; the tests take turns in it."""
    return f"workshop_{charset}_{rating_column or 'unrated'}{'_typed' if message_type else ''}"


class ClockedPanel(Panel):
    """``NOW()`` in the panel's own connections is the clock's time."""

    def __init__(
        self,
        mariadb: MariaDB,
        root: Path,
        clock: Clock,
        charset: str,
        rating_column: str | None,
        options: PanelOptions,
        message_type: str = "",
    ) -> None:
        self.clock = clock
        name = database_name(charset, rating_column, message_type)
        fresh = (mariadb.socket, name) not in _made
        super().__init__(
            mariadb,
            root,
            schema_options=SchemaOptions(charset, rating_column, name, message_type),
            options=options,
            events=False,
            create=fresh,
        )
        if not fresh:
            empty(mariadb, name)
        _made.add((mariadb.socket, name))

    def database(self) -> pymysql.Connection[Any]:
        connection = super().database()
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION timestamp = %s", (self.clock(),))
        return connection


def empty(mariadb: MariaDB, name: str) -> None:
    """Delete every row there is, the module's own tables included."""
    with mariadb.connect(name) as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION foreign_key_checks = 0")
        cursor.execute("SHOW TABLES")
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM `{table}`")
