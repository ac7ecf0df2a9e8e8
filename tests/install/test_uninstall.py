"""`make uninstall`: what goes, what stays, and that nobody is cut off at work."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from typing import Any

from tests.install.conftest import REPOSITORY

KEPT = {"etc/omnidesk/omnidesk.conf", "etc/omnidesk/custom_fields.json", "etc/omnidesk/custom_fields_values.json"}


def in_use(panel: Any) -> None:
    """What an administrator and a running module leave behind."""
    (panel / "etc/omnidesk/omnidesk.conf").write_text("OmnideskApiKey mine\n")
    (panel / "etc/omnidesk/custom_fields.json").write_text("[]")
    for name in ("wake", "rate", "worker.lock", "tickets.lock"):
        (panel / "var/omnidesk" / name).write_text("")
    (panel / "var/pmomnidesk.log").write_text("a line\n")


def test_what_was_installed_goes_and_what_was_written_stays(panel: Any) -> None:
    before = panel.files()
    panel.install()
    in_use(panel)
    said = panel.uninstall()
    assert panel.files() == before | KEPT | {"var/pmomnidesk.log"}
    assert not (panel / "var/omnidesk").exists()
    assert "PURGE=yes" in said


def test_events_that_nobody_has_worked_on_wait_for_the_next_installation(panel: Any) -> None:
    panel.install()
    (panel / "var/omnidesk/spool/case-7").write_text("Case 7\n")
    panel.uninstall()
    assert (panel / "var/omnidesk/spool/case-7").exists()


def test_purge_takes_everything_and_drops_the_tables(panel: Any) -> None:
    before = panel.files()
    panel.install()
    in_use(panel)
    called = panel / "called"
    (panel / "processing/pmomnidesk").write_text(f'#!/bin/sh\necho "$*" >{called}\n')
    said = panel.uninstall(PURGE="yes")
    assert called.read_text() == "--command drop_tables --yes\n"
    assert "tables were dropped" in said
    assert panel.files() == before | {"called"}
    assert not (panel / "etc/omnidesk").exists()


def test_tables_that_cannot_be_dropped_are_named_in_a_statement_to_type(panel: Any) -> None:
    panel.install()
    (panel / "processing/pmomnidesk").write_text("#!/bin/sh\necho '<doc><error/></doc>'\nexit 1\n")
    said = panel.uninstall(PURGE="yes")
    assert "DROP TABLE IF EXISTS ticket2external_case, ticket_message2external_case_message," in said
    assert " user2external_user, omnidesk_state, omnidesk_daily;" in said
    assert "<error/>" in said


def test_a_purge_without_settings_gives_the_modules_own_reason(panel: Any) -> None:
    panel.sources = REPOSITORY  # the module runs
    panel.install()
    said = panel.uninstall(PURGE="yes")
    assert "The tables were not dropped" in said
    assert f"{panel.root}/etc/omnidesk/omnidesk.conf" in said
    assert "<msg>" not in said


def test_uninstalling_twice_says_so(panel: Any) -> None:
    panel.install()
    panel.uninstall()
    assert "was not installed" in panel.uninstall()


def test_installing_again_goes_on_with_the_same_settings(panel: Any) -> None:
    panel.install()
    in_use(panel)
    (panel / "etc/omnidesk/custom_fields_values.json").write_text("[1]")
    panel.uninstall()
    panel.install()
    assert (panel / "etc/omnidesk/omnidesk.conf").read_text() == "OmnideskApiKey mine\n"
    assert (panel / "etc/omnidesk/custom_fields_values.json").read_text() == "[1]"


def test_a_worker_comes_to_its_end_first(panel: Any) -> None:
    panel.install()
    lock = os.open(panel / "var/omnidesk/worker.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.mkfifo(panel / "var/omnidesk/wake")
    pipe = os.open(panel / "var/omnidesk/wake", os.O_RDWR | os.O_NONBLOCK)
    before = (panel / "lib/omnidesk/__init__.py").stat().st_mtime_ns
    with panel.start("uninstall") as uninstalling:
        assert uninstalling.stdout is not None
        assert "waiting" in uninstalling.stdout.readline()
        assert (panel / "lib/omnidesk/core/paths.py").exists()
        # A service would stay for ever: it sees that it has to end, and is woken to look.
        assert (panel / "lib/omnidesk/__init__.py").stat().st_mtime_ns != before
        assert os.read(pipe, 9) == b"!"
        assert not (panel / "cgi/omnidesk_webhook").exists(), "nobody may start the next one"
        os.close(lock)
        os.close(pipe)
        uninstalling.communicate(timeout=60)
    assert uninstalling.returncode == 0
    assert not (panel / "lib/omnidesk").exists()


def test_the_environment_of_somebody_else_stays(panel: Any) -> None:
    panel.install()
    panel.uninstall()
    assert subprocess.run([sys.executable, "-c", "import lxml"], check=False).returncode == 0
