"""The private database server starts anywhere, survives what it should and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.guardian import processes_in
from sandbox.mariadb import MariaDB

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    with MariaDB(tmp_path_factory.mktemp("server")) as running:
        yield running


def test_answers_over_its_own_socket_only(server: MariaDB) -> None:
    """No port is opened, so any number of servers live side by side."""
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT @@skip_networking, @@datadir")
        assert cursor.fetchone() == (1, f"{server.data}/")


def test_data_survive_a_stop_and_a_kill(server: MariaDB) -> None:
    """A restart goes on with the same data folder, an orderly one and one after a crash."""
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE kept")
        cursor.execute("CREATE TABLE kept.t (a INT) ENGINE=InnoDB")
        cursor.execute("INSERT INTO kept.t VALUES (7)")
    for end in (server.stop, server.kill):
        end()
        server.start()
        with server.connect("kept") as connection, connection.cursor() as cursor:
            cursor.execute("SELECT a FROM t")
            assert cursor.fetchall() == ((7,),)


def test_default_charset_and_zone_are_chosen(tmp_path: Path) -> None:
    """A panel of old keeps three bytes a character, and its clock need not be ours."""
    with (
        MariaDB(tmp_path, charset="utf8", time_zone="+05:00") as server,
        server.connect() as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT @@character_set_server, TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), NOW())")
        assert cursor.fetchone() == ("utf8mb3", 300)


def test_a_deep_folder_is_no_obstacle(tmp_path: Path) -> None:
    """A socket's path may have 107 bytes; test folders are longer."""
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    with MariaDB(deep) as server:
        socket = Path(server.socket)
        assert socket.exists()
        assert len(str(socket)) < 108
    assert not socket.parent.exists()


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """Folder empty, no process."""
    with MariaDB(tmp_path) as server:
        assert processes_in(str(server.data))
    assert list(tmp_path.iterdir()) == []
    assert processes_in(str(server.data)) == []


def test_killed_outright_it_still_leaves_nothing(tmp_path: Path) -> None:
    """kill -9 on the owner: the guardian ends the server and removes its folder."""
    script = (
        "import sys, time, pathlib\nfrom sandbox.mariadb import MariaDB\n"
        "with MariaDB(pathlib.Path(sys.argv[1])) as server:\n    print('up', flush=True)\n    time.sleep(600)\n"
    )
    read_end, write_end = os.pipe()  # held by the owner and its guardian: it closes when both are gone
    owner = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=write_end,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    os.close(write_end)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"up\n"
    assert processes_in(str(tmp_path / "mariadb"))
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    with os.fdopen(read_end, "rb") as until_the_guardian_is_done:
        until_the_guardian_is_done.read()
    assert processes_in(str(tmp_path / "mariadb")) == []
    assert not (tmp_path / "mariadb").exists()
