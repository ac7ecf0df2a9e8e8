"""What the database server was told, by its own record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.world import World


@contextmanager
def statements(world: World, user: str = "billmgr") -> Iterator[list[str]]:
    """Every statement of ``user``'s connections while the block runs; filled when it ends."""
    found: list[str] = []
    with world.mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET GLOBAL log_output = 'TABLE'")
        cursor.execute("TRUNCATE TABLE mysql.general_log")
        cursor.execute("SET GLOBAL general_log = 1")
        try:
            yield found
        finally:
            cursor.execute("SET GLOBAL general_log = 0")
            cursor.execute(
                "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log"
                " WHERE command_type IN ('Query', 'Execute') AND user_host LIKE %s",
                (f"{user}[%",),
            )
            found += [str(row[0]).strip() for row in cursor.fetchall()]
