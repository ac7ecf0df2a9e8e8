"""The module's own tables on a real server, without the rest of the panel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from omnidesk.core.database import Address, Database
from omnidesk.core.settings import Secret
from omnidesk.store import schema
from omnidesk.store.links import Links
from omnidesk.store.queue import Queue
from sandbox.mariadb import MariaDB
from tests.support.clock import Clock

NAME = "unit_links"


@pytest.fixture
def bare(mariadb: MariaDB) -> Iterator[Database]:
    """A database without the module's tables, in which strangers' data must stay."""
    with mariadb.connect() as root, root.cursor() as cursor:
        cursor.execute(f"CREATE OR REPLACE DATABASE {NAME}")
        cursor.execute(f"CREATE TABLE {NAME}.ticket (id INT)")
        cursor.execute(f"CREATE TABLE {NAME}.user (id INT)")
        for table in ("ticket_message", "ticket_note"):
            cursor.execute(f"CREATE TABLE {NAME}.{table} (id INT, ticket BIGINT, user BIGINT, date_post DATETIME)")
    database = Database(Address("localhost", mariadb.socket, "root", Secret(""), NAME))
    yield database
    database.close()


@pytest.fixture
def db(bare: Database) -> Database:
    schema.migrate(bare)
    return bare


@pytest.fixture
def queue(db: Database, clock: Clock) -> Queue:
    return Queue(db, clock)


@pytest.fixture
def links(db: Database, clock: Clock) -> Links:
    return Links(db, clock)
