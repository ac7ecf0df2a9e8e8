"""One database server for all tests of the simulated products; each test gets a panel with empty tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.billmanager.panel import Panel
from sandbox.billmanager.server import PanelServer
from sandbox.mariadb import MariaDB


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    """A server that tests share; the panel makes its database anew."""
    with MariaDB(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture
def panel(mariadb: MariaDB, tmp_path: Path) -> Panel:
    """A panel with nobody in it, in a tree of its own."""
    return Panel(mariadb, tmp_path / "mgr5")


@pytest.fixture
def served(panel: Panel) -> Iterator[PanelServer]:
    """The panel behind its web server and mgrctl."""
    with PanelServer(panel) as server:
        yield server
