"""A real MariaDB with the panel's tables, a sequence, a writing function, and a user who may only read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
import pytest

from sandbox.billmanager import schema
from sandbox.mariadb import MariaDB

DATA = """
INSERT INTO project (id, name) VALUES (1, 'Хостинг');
INSERT INTO account (id, name, registration_date, country) VALUES
  (3, 'ООО «Ромашка»', '2024-02-29', 182), (4, 'Other', NULL, NULL);
INSERT INTO user (id, account, name, realname, email, phone, level, language, enabled) VALUES
  (17, 3, 'ivan', 'Иван Петров', 'ivan@example.com', '+7 900', 16, 'ru', 'on'),
  (18, 3, 'petr', '', 'petr@example.com', NULL, 16, 'en', 'off'),
  (50, NULL, 'support', 'Техподдержка', NULL, NULL, 28, 'ru', 'on'),
  (51, NULL, 'anna', 'Анна', NULL, NULL, 29, 'ru', 'on');
INSERT INTO processingmodule (id, name, module) VALUES (1, 'VMmanager', 'pmvmmanager6');
INSERT INTO pricelist (id, name) VALUES (1, 'VPS-1');
INSERT INTO item (id, name, account, processingmodule, pricelist, status, expiredate) VALUES
  (7, 'vps7', 3, 1, 1, 2, '2099-01-31'), (8, 'old', 3, NULL, NULL, 4, '2020-01-01');
INSERT INTO itemparam (item, intname, value) VALUES (7, 'domain', 'example.com'), (7, 'ip', '192.0.2.7');
INSERT INTO ticket (id, name, account_client, responsible, item, project, status) VALUES
  (100, '100% не работает', 3, 50, 7, 1, 1), (101, NULL, 3, NULL, NULL, NULL, 10);
INSERT INTO ticket2user (ticket, user) VALUES (100, 50), (100, 51);
INSERT INTO ticket_message (ticket, user, message, date_post) VALUES
  (100, 17, 'Здравствуйте', '2026-03-01 10:00:00'), (100, 51, 'Смотрим', '2026-03-02 11:00:00');
CREATE SEQUENCE counter;
CREATE FUNCTION writes() RETURNS INT BEGIN INSERT INTO project (name) VALUES ('written'); RETURN 1#; END;
CREATE PROCEDURE removes() DELETE FROM ticket2user;
CREATE USER reader@localhost;
GRANT SELECT ON billmgr.* TO reader@localhost;
CREATE USER panel@localhost;
GRANT ALL PRIVILEGES ON billmgr.* TO panel@localhost;
"""


@dataclass
class Database:
    """The server, and a way to see whether anything in or beside it has changed."""

    server: MariaDB
    folder: Path

    def connect(self, user: str = "root") -> pymysql.Connection[Any]:
        return self.server.connect("billmgr", user=user)

    def snapshot(self) -> dict[str, object]:
        """Everything a statement could have changed: tables with their contents, files, globals, users, locks."""
        with self.connect() as connection, connection.cursor() as cursor:

            def ask(sql: str) -> list[Any]:
                cursor.execute(sql)
                return list(cursor.fetchall())

            names = [row[0] for row in ask("SHOW FULL TABLES")]
            return {
                "tables": names,
                "contents": {name: ask(f"SELECT * FROM `{name}`") for name in names},
                "databases": ask("SHOW DATABASES"),
                "users": ask("SELECT User, Priv FROM mysql.global_priv ORDER BY User"),
                "globals": ask("SELECT @@GLOBAL.max_connections, @@GLOBAL.max_statement_time, @@GLOBAL.sql_mode"),
                "routines": ask("SELECT name FROM mysql.proc WHERE db = 'billmgr'"),
                "files": sorted(path.name for path in self.folder.iterdir()),
                "databases' files": sorted(path.name for path in (self.server.data / "billmgr").iterdir()),
            }


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Root without a password and with the FILE privilege, as on a badly kept panel; files go to an open folder."""
    folder = tmp_path_factory.mktemp("written")
    folder.chmod(0o777)
    with MariaDB(tmp_path_factory.mktemp("fields")) as server:
        with server.connect() as connection, connection.cursor() as cursor:
            schema.create(connection, schema.SchemaOptions())
            for statement in DATA.split(";\n"):
                if statement.strip():
                    cursor.execute(statement.replace("#;", ";"))
            cursor.execute("SELECT @@secure_file_priv")
            assert not (cursor.fetchone() or ("?",))[0], "the tests need a server that may write files"
        yield Database(server, folder)


@pytest.fixture
def unchanged(database: Database) -> Iterator[Callable[[], None]]:
    """Asserts, when called and at the end, that the database and the files are what they were."""
    before = database.snapshot()

    def check() -> None:
        assert database.snapshot() == before

    yield check
    check()
