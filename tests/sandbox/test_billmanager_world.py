"""The whole world comes up wired, with the module installed, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pymysql
import pytest
import requests

from sandbox.guardian import processes_in
from sandbox.world import INTEGRATION, REPOSITORY, World


def test_the_module_is_installed_and_its_files_point_to_this_world(tmp_path: Path) -> None:
    """Settings, database and webhook address belong together; the settings are private."""
    with World(tmp_path, events=False) as world:
        settings = world.root / "etc" / "omnidesk" / "omnidesk.conf"
        lines = dict(line.split(" ", 1) for line in settings.read_text().splitlines())
        assert stat.S_IMODE(settings.stat().st_mode) == 0o600
        assert lines["OmnideskUrl"] == world.omnidesk_server.url
        assert lines["OmnideskEmail"] == INTEGRATION
        assert lines["OmnideskChannel"] == world.channel.key
        assert lines["PanelUrl"] == world.panel_server.url
        assert world.channel.webhook_url == world.panel_server.cgi_url("omnidesk_webhook", lines["OmnideskSecret"])
        for name in ("processing/pmomnidesk", "cgi/omnidesk_webhook", "addon/omnidesk", "sbin/mgrctl"):
            assert os.access(world.root / name, os.X_OK)
        database = dict(
            line.split(" ", 1) for line in (world.root / "etc/billmgr.conf.d/db.conf").read_text().splitlines()
        )
        with (
            pymysql.connect(
                unix_socket=database["DBSocket"],
                user=database["DBUser"],
                password=database["DBPassword"],
                database=database["DBName"],
                ssl_disabled=True,
            ) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT email FROM user WHERE level=29 ORDER BY id")
            assert cursor.fetchall() == ((INTEGRATION,), ("anna@example.com",), ("boris@example.com",))
            with pytest.raises(pymysql.MySQLError):
                cursor.execute("SELECT * FROM mysql.global_priv")
        answer = requests.get(
            f"{world.omnidesk_server.url}/api/staff.json", auth=(INTEGRATION, lines["OmnideskApiKey"]), timeout=60
        )
        assert answer.status_code == 200


def test_installed_handler_and_webhook_are_run(tmp_path: Path) -> None:
    """A ticket starts the event handler, a reply in Omnidesk the webhook; the core has nothing to complain of."""
    with World(tmp_path) as world:
        world.panel.client_creates_ticket(world.ivan.user, "Help", "My site is down")
        assert [(run.handler, run.stage, run.rc) for run in world.panel.event_runs] == [("omnidesk", "final", 0)]
        assert world.panel.complaints == []
        address = world.panel_server.cgi_url("omnidesk_webhook", world.secret)
        assert requests.post(address, data={"object[case_id]": "5"}, timeout=60).status_code == 200
        assert requests.post(address + "x", data={"object[case_id]": "5"}, timeout=60).status_code == 403


def test_settings_can_be_changed_and_left_out(tmp_path: Path) -> None:
    """For tests of bad configurations."""
    with World(tmp_path, install=False, settings={"SyncNotes": "off", "OmnideskSecret": None}) as world:
        text = world.write_settings(OmnideskApiKey=None, PollSeconds="7").read_text()
        names = [line.split(" ")[0] for line in text.splitlines()]
        assert names == ["OmnideskUrl", "OmnideskEmail", "OmnideskChannel", "PanelUrl", "SyncNotes", "PollSeconds"]


def test_nothing_is_left_after_an_error(tmp_path: Path) -> None:
    """Folder and processes are gone, the error is passed on."""
    with pytest.raises(ZeroDivisionError), World(tmp_path, install=False) as world:
        folder = world.folder
        1 / 0  # noqa: B018
    assert not folder.exists()
    assert processes_in(str(folder)) == []


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_after_an_interruption(end: signal.Signals) -> None:
    """Also of what the module started and let go."""
    script = (
        "import subprocess, time\nfrom sandbox.world import World\n"
        "with World(install=False) as world:\n"
        "    stray = world.root / 'processing' / 'stray'\n"
        "    stray.write_text('#!/bin/sh\\necho up\\nread line\\n')\n"
        "    stray.chmod(0o755)\n"
        "    pipes = {'stdin': subprocess.PIPE, 'stdout': subprocess.PIPE}\n"
        "    reader = subprocess.Popen([str(stray)], start_new_session=True, **pipes)\n"
        "    reader.stdout.readline()\n"  # until it really runs: right after its start it has no name yet
        "    print(world.folder, flush=True)\n    time.sleep(600)\n"
    )
    read_end, write_end = os.pipe()  # open until the last of its processes is gone, the guardian too
    owner = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=write_end,
        env={**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'lib'}"},
    )
    os.close(write_end)
    assert owner.stdout is not None
    with owner.stdout as stdout:
        folder = Path(stdout.readline().decode().strip())
    assert len(processes_in(str(folder))) == 2
    owner.send_signal(end)
    owner.wait(60)
    with os.fdopen(read_end, "rb") as until_everything_ended:
        until_everything_ended.read()
    assert not folder.exists()
    assert processes_in(str(folder)) == []
