"""A simulated panel whose database lives by the workshop's clock, and whose tables are emptied instead of made anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pymysql

from sandbox.billmanager.panel import Panel, PanelOptions, SchemaOptions
from sandbox.mariadb import MariaDB
from tests.support.clock import Clock

_made: set[tuple[str, str]] = set()


def database_name(options: SchemaOptions) -> str:
    """One database for each shape of the tables; the tests take turns in it."""
    shape = f"{options.rating_column}_{options.rating_values}" if options.rating_column else "unrated"
    more = ("_required" if options.rating_required else "") + ("_typed" if options.message_type else "")
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
