"""A world's state put aside and brought back in milliseconds: tables, the account, and the module's files."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

from sandbox.omnidesk.limits import RateLimit
from sandbox.world import World

_ACCOUNT = (
    "cases", "users", "staff", "fields", "channels", "groups", "labels", "files", "threads", "deleted_cases",
    "_numbers", "_by_identity", "settings",
)  # fmt: skip
_PANEL = ("balances", "unread", "summaries")
# Locks and the FIFO stay: processes of this moment may hold them.
_FILES = ("var/omnidesk/spool", "var/omnidesk/files", "var/omnidesk/broken", "var/omnidesk/rate", "etc/omnidesk")


class Snapshot:
    """One state of a world at a time. Ids given out meanwhile are not given out again after a return."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.folder: Path = world.folder / name
        self.backup = f"backup_{name}"
        self._tables: list[str] = []
        self._account: dict[str, Any] = {}
        self._panel: dict[str, Any] = {}

    def take(self) -> None:
        """Remember the state as it is now."""
        self._take_tables()
        self._account = copy.deepcopy({name: getattr(self.world.omnidesk, name) for name in _ACCOUNT})
        self._account["due"] = copy.deepcopy(self.world.omnidesk.webhooks._due)
        self._panel = copy.deepcopy({name: getattr(self.world.panel, name) for name in _PANEL})
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in _FILES:
            _copy(self.world.root / name, self.folder / name)

    def restore(self) -> None:
        """Go back to it."""
        self._restore_tables()
        desk, panel = self.world.omnidesk, self.world.panel
        account = copy.deepcopy(self._account)
        with desk.lock:
            desk.webhooks._due[:] = account.pop("due")
            for name, value in account.items():
                setattr(desk, name, value)
            desk.limit = RateLimit()
            desk.calls.clear()
        desk.webhooks.log.clear()
        for name, value in copy.deepcopy(self._panel).items():
            setattr(panel, name, value)
        for record in (panel.requests, panel.event_runs, panel.complaints, self.world.panel_server.cgi_runs):
            record.clear()
        for name in _FILES:
            _remove(self.world.root / name)
            _copy(self.folder / name, self.world.root / name)

    def _take_tables(self) -> None:
        with self.world.mariadb.connect(self._database) as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {self.backup}")
            cursor.execute(f"CREATE DATABASE {self.backup}")
            cursor.execute("SHOW TABLES")
            self._tables = [row[0] for row in cursor.fetchall()]
            for table in self._tables:
                cursor.execute(f"CREATE TABLE {self.backup}.`{table}` SELECT * FROM `{table}`")

    def _restore_tables(self) -> None:
        with self.world.mariadb.connect(self._database) as connection, connection.cursor() as cursor:
            cursor.execute("SET SESSION foreign_key_checks = 0")
            cursor.execute("SHOW TABLES")
            for table in [row[0] for row in cursor.fetchall() if row[0] not in self._tables]:
                cursor.execute(f"DROP TABLE `{table}`")
            for table in self._tables:
                cursor.execute(f"DELETE FROM `{table}`")
                cursor.execute(f"INSERT INTO `{table}` SELECT * FROM {self.backup}.`{table}`")

    @property
    def _database(self) -> str:
        return self.world.panel.schema.database


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
