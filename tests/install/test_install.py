"""`make install` into an empty panel and over an older installation: the real command, a temporary root."""

from __future__ import annotations

import fcntl
import json
import os
import stat
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MODES = {
    "processing/pmomnidesk": 0o755,
    "cgi/omnidesk_webhook": 0o755,
    "addon/omnidesk": 0o750,
    "lib/omnidesk": 0o755,
    "lib/omnidesk/core/paths.py": 0o644,
    "lib/omnidesk/helpdesk": 0o755,
    "etc/xml/billmgr_mod_omnidesk.xml": 0o644,
    "skins/common/plugin-logo/billmanager-plugin-omnidesk.png": 0o644,
    "etc/omnidesk": 0o700,
    "etc/omnidesk/custom_fields_values.json": 0o600,
    "etc/omnidesk/omnidesk.conf.example": 0o600,
    "etc/cron.d/omnidesk": 0o644,
    "etc/logrotate.d/omnidesk": 0o644,
    "var/omnidesk": 0o700,
    "var/omnidesk/spool": 0o700,
    "var/omnidesk/files": 0o700,
}
Copied = Callable[[], Any]


def lines(path: Path) -> list[str]:
    """A configuration file's lines without its comments."""
    return [line.strip() for line in path.read_text().splitlines() if line.strip() and not line.startswith("#")]


def snapshot(folder: Path) -> dict[str, tuple[int, int, int]]:
    return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*")}


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o000])
def test_every_file_has_the_mode_the_panel_expects_whatever_the_umask(panel: Any, umask: int) -> None:
    before = os.umask(umask)
    try:
        panel.install()
    finally:
        os.umask(before)
    assert {path: stat.S_IMODE((panel / path).stat().st_mode) for path in MODES} == MODES


@pytest.mark.parametrize("name", ["etc/omnidesk", "var/omnidesk", "var/omnidesk/spool", "var/pmomnidesk.log"])
def test_no_link_is_followed_where_root_writes(panel: Any, tmp_path: Path, name: str) -> None:
    """Whoever made it would choose which folder becomes root's alone, or which file grows."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    (panel / name).parent.mkdir(parents=True, exist_ok=True)
    (panel / name).symlink_to(elsewhere)
    refused = panel.try_make("install")
    assert refused.returncode != 0 and str(panel / name) in refused.stdout
    assert not panel.files("lib") and list(elsewhere.iterdir()) == []
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755


def test_a_file_that_is_being_written_is_never_somebody_s_link(tmp_path: Path) -> None:
    from panel_files import put

    (tmp_path / "victim").write_text("whole")
    (tmp_path / f".file.{os.getpid()}.new").symlink_to(tmp_path / "victim")
    put(tmp_path / "file", b"content", 0o640)
    assert (tmp_path / "victim").read_text() == "whole"
    assert (tmp_path / "file").read_bytes() == b"content" and not (tmp_path / "file").is_symlink()


def test_everything_belongs_to_whoever_installs_and_to_root_when_that_is_root(installed: Any) -> None:
    owners = {(path.lstat().st_uid, path.lstat().st_gid) for path in map(installed.__truediv__, installed.files())}
    assert owners == {(os.geteuid(), os.getegid() if os.geteuid() else 0)}


def test_folders_and_files_of_the_panel_keep_their_modes(panel: Any) -> None:
    (panel / "etc").chmod(0o711)
    (panel / "var").chmod(0o750)
    panel.install()
    assert stat.S_IMODE((panel / "etc").stat().st_mode) == 0o711
    assert stat.S_IMODE((panel / "var").stat().st_mode) == 0o750
    assert (panel / "var/billmgr.log").read_text() == "the panel's own\n"


def test_executables_name_the_interpreter_their_packages_are_for(installed: Any) -> None:
    base = os.path.realpath(sys._base_executable)  # type: ignore[attr-defined]
    first = {path: (installed / path).read_text().split("\n")[0] for path in list(MODES)[:3]}
    assert first == {
        "processing/pmomnidesk": f"#!{sys.prefix}/bin/python -I",
        "cgi/omnidesk_webhook": f"#!{base} -IS",
        "addon/omnidesk": f"#!{base} -IS",
    }


def test_executables_are_otherwise_those_of_the_sources(installed: Any) -> None:
    for path in list(MODES)[:3]:
        source = (installed.sources / path).read_text().split("\n", 1)[1]
        assert (installed / path).read_text().split("\n", 1)[1] == source


@pytest.mark.parametrize("name", ["with a blank", "long" * 30])
def test_an_environment_no_script_can_name_is_reached_by_a_link(panel: Any, tmp_path: Path, name: str) -> None:
    venv = tmp_path / name
    venv.symlink_to(sys.prefix)
    panel.install(VENV=venv)
    assert (panel / "processing/pmomnidesk").read_text().startswith(f"#!{panel.root}/lib/omnidesk-venv/bin/python -I\n")
    found = subprocess.check_output(
        [panel / "lib/omnidesk-venv/bin/python", "-Ic", "import lxml; print(lxml.__file__)"]
    )
    assert found.decode().strip()
    panel.uninstall()
    assert (venv / "bin/python").exists()
    assert not (panel / "lib/omnidesk-venv").is_symlink()


def test_every_module_is_compiled_for_its_place_even_when_bytecode_is_switched_off(installed: Any) -> None:
    modules = sorted((installed / "lib/omnidesk").rglob("*.py"))
    assert len(modules) > 10
    for module in modules:
        compiled = module.parent / "__pycache__" / f"{module.stem}.{sys.implementation.cache_tag}.pyc"
        flags, seconds, size = struct.unpack("<4xLLL", compiled.read_bytes()[:16])
        status = module.stat()
        assert (flags, seconds, size) == (0, int(status.st_mtime), status.st_size), module
        assert str(module).encode() in compiled.read_bytes(), "tracebacks name the installed file"


def test_a_hook_uses_what_was_compiled_and_writes_nothing(installed: Any) -> None:
    before = snapshot(installed / "lib/omnidesk")
    interpreter = (installed / "cgi/omnidesk_webhook").read_text().split("\n")[0][2:].split()
    done = subprocess.run(
        [*interpreter, "-v", installed / "cgi/omnidesk_webhook"],
        env={"REQUEST_METHOD": "GET", "QUERY_STRING": "none"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("Status: 405"), done.stderr
    own = [line for line in done.stderr.splitlines() if f"{installed.root}/lib/omnidesk/" in line]
    assert any(" matches " in line for line in own)
    assert not [line for line in own if "wrote" in line or f"code object from {installed.root}" in line]
    assert snapshot(installed / "lib/omnidesk") == before


def test_the_timer_runs_the_worker_every_minute_once_there_are_settings(installed: Any) -> None:
    mail, job = lines(installed / "etc/cron.d/omnidesk")
    assert mail == 'MAILTO=""'
    schedule, user, command = job.split(None, 5)[:5], job.split(None, 6)[5], job.split(None, 6)[6]
    assert (schedule, user) == (["*"] * 5, "root")
    assert command == (
        f"[ -s {installed.root}/etc/omnidesk/omnidesk.conf ] && "
        f"{installed.root}/processing/pmomnidesk --command sync --no-wait >/dev/null 2>&1"
    )
    assert "%" not in job, "cron would turn it into a newline"


def test_only_the_modules_own_logs_are_rotated(installed: Any) -> None:
    rotated = [line for line in lines(installed / "etc/logrotate.d/omnidesk") if line.startswith("/")]
    assert rotated == [f"{installed.root}/var/pmomnidesk.log", f"{installed.root}/var/omnidesk_webhook.log"]


def test_cron_and_logrotate_folders_can_be_named(panel: Any, tmp_path: Path) -> None:
    panel.install(CRON_DIR=tmp_path / "cron", LOGROTATE_DIR=tmp_path / "rotate")
    assert {path.name for path in (tmp_path / "cron").iterdir()} == {"omnidesk"}
    assert {path.name for path in (tmp_path / "rotate").iterdir()} == {"omnidesk"}
    assert not (panel / "etc/cron.d").exists()
    panel.install()
    noted = json.loads((panel / "var/omnidesk/install.json").read_text())
    assert (noted["cron_dir"], noted["cron_dir_named"]) == (str(tmp_path / "cron"), True), "an upgrade remembers them"
    panel.uninstall()
    assert not list((tmp_path / "cron").iterdir()) + list((tmp_path / "rotate").iterdir()), "uninstall remembers them"


def test_settings_are_not_written_and_existing_ones_only_become_private(panel: Any) -> None:
    panel.install()
    assert not (panel / "etc/omnidesk/omnidesk.conf").exists()
    settings = panel / "etc/omnidesk/omnidesk.conf"
    settings.write_text("OmnideskApiKey mine\n")
    settings.chmod(0o644)
    panel.install()
    assert settings.read_text() == "OmnideskApiKey mine\n"
    assert stat.S_IMODE(settings.stat().st_mode) == 0o600


def test_an_existing_catalogue_is_kept_and_a_changed_one_put_beside_it_once(copied: Copied) -> None:
    panel = copied()
    catalogue, beside = (panel / f"etc/omnidesk/custom_fields_values.json{end}" for end in ("", ".new"))
    shipped = panel.sources / "etc/omnidesk/custom_fields_values.json"
    panel.install()
    assert catalogue.read_bytes() == shipped.read_bytes()
    catalogue.write_text("[]")
    panel.install()
    assert not beside.exists(), "nothing new was shipped"
    shipped.write_text('[{"new": "version"}]')
    assert ".new" in panel.install()
    assert (catalogue.read_text(), beside.read_text()) == ("[]", shipped.read_text())
    beside.unlink()
    assert ".new" not in panel.install(), "it was shown once"
    catalogue.write_bytes(shipped.read_bytes())
    beside.write_text("left over")
    panel.install()
    assert not beside.exists()


def test_a_catalogue_from_before_the_module_is_kept(panel: Any) -> None:
    (panel / "etc/omnidesk").mkdir()
    (panel / "etc/omnidesk/custom_fields_values.json").write_text("[1]")
    panel.install()
    assert (panel / "etc/omnidesk/custom_fields_values.json").read_text() == "[1]"
    assert (panel / "etc/omnidesk/custom_fields_values.json.new").exists()


def test_an_upgrade_takes_modules_away_that_are_not_shipped_any_more(panel: Any) -> None:
    panel.install()
    gone = panel / "lib/omnidesk/gone.py"
    gone.write_text("")
    (panel / "lib/omnidesk/old").mkdir()
    before = panel.files()
    panel.install()
    assert panel.files() == before - {"lib/omnidesk/gone.py"}
    assert not (panel / "lib/omnidesk/old").exists()


def test_what_an_interrupted_installation_left_is_cleaned_up(panel: Any) -> None:
    panel.install()
    whole = panel.files()
    half = panel / "lib/.omnidesk.4711.new"
    half.mkdir()
    (half / "part.py").write_text("")
    (panel / "lib/omnidesk/core/paths.py").unlink()
    panel.install()
    assert panel.files() == whole


def test_sources_that_do_not_compile_change_nothing(copied: Copied) -> None:
    panel = copied()
    panel.install()
    before = snapshot(panel / "lib")
    (panel.sources / "lib/omnidesk/core/paths.py").write_text("def broken(:\n")
    done = panel.try_make("install")
    assert done.returncode != 0
    assert "paths.py" in done.stdout
    assert snapshot(panel / "lib") == before


def test_incomplete_sources_are_refused_before_anything_is_changed(copied: Copied) -> None:
    panel = copied()
    before = panel.files()
    (panel.sources / "cgi/omnidesk_webhook").unlink()
    done = panel.try_make("install")
    assert done.returncode != 0
    assert "cgi/omnidesk_webhook" in done.stdout
    assert panel.files() == before


def test_a_hook_never_finds_half_a_module(panel: Any) -> None:
    panel.install()
    stop = threading.Event()
    outcomes: list[tuple[int, str]] = []

    def write_event() -> None:
        while not stop.is_set():
            done = subprocess.run(
                [panel / "cgi/omnidesk_webhook"],
                env={"REQUEST_METHOD": "GET"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            outcomes.append((done.returncode, done.stdout[:11] or done.stderr))

    bell = threading.Thread(target=write_event)
    bell.start()
    try:
        for _ in range(5):
            panel.install()
    finally:
        stop.set()
        bell.join()
    assert set(outcomes) == {(0, "Status: 405")}


@pytest.mark.parametrize(
    ("missing", "said"),
    [("", "does not exist"), ("processing", "no processing"), ("etc", "no etc")],
)
def test_a_root_that_is_no_panel_is_refused_with_a_hint(tmp_path: Path, panel: Any, missing: str, said: str) -> None:
    panel.root = tmp_path / "wrong"
    for folder in ("processing", "etc"):
        if missing and folder != missing:
            (panel.root / folder).mkdir(parents=True)
    done = panel.try_make("install")
    assert done.returncode != 0
    assert said in done.stdout
    assert "MGR5_ROOT=" in done.stdout
    assert panel.files() == set()


def test_a_root_with_a_percent_sign_is_refused(tmp_path: Path, panel: Any) -> None:
    panel.root = panel.root.rename(tmp_path / "100%")
    done = panel.try_make("install")
    assert done.returncode != 0
    assert "cron" in done.stdout


def test_an_environment_that_is_none_is_refused(panel: Any, tmp_path: Path) -> None:
    done = panel.try_make("install", VENV=tmp_path)
    assert done.returncode != 0
    assert "VENV=" in done.stdout


def test_two_installations_at_once_are_refused(panel: Any) -> None:
    descriptor = os.open(panel.root, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        done = panel.try_make("install")
    finally:
        os.close(descriptor)
    assert done.returncode != 0
    assert "another installation" in done.stdout


def fake_mgrctl(panel: Any, code: int = 0) -> Path:
    called = panel / "called"
    (panel / "sbin/mgrctl").write_text(f'#!/bin/sh\necho "$*" >>{called}\nexit {code}\n')
    (panel / "sbin/mgrctl").chmod(0o755)
    return Path(called)


def test_the_panel_is_reloaded_when_asked_and_after_everything_is_in_place(panel: Any) -> None:
    called = fake_mgrctl(panel)
    panel.install()
    assert not called.exists(), "only the standard root is reloaded unasked"
    panel.install(RELOAD="yes")
    panel.uninstall(RELOAD="yes")
    assert called.read_text() == "-m billmgr exit\n" * 2


def test_a_panel_that_does_not_reload_is_no_failure_but_said(panel: Any) -> None:
    fake_mgrctl(panel, code=1)
    assert f"{panel.root}/sbin/mgrctl -m billmgr exit" in panel.install(RELOAD="yes")


def test_the_installation_notes_what_it_used(installed: Any) -> None:
    noted = json.loads((installed / "var/omnidesk/install.json").read_text())
    assert noted["venv"] == f"{sys.prefix}/bin/python"
    assert Path(noted["interpreter"]).samefile(sys.executable)


def test_another_modules_files_are_never_written_over(panel: Any) -> None:
    """The original module has the same file names: nothing is changed, and the error says what to do."""
    theirs = panel / "processing/pmomnidesk"
    theirs.write_text("the original\n")
    done = panel.try_make("install")
    assert done.returncode != 0
    assert "another module" in f"{done.stdout}{done.stderr}"
    assert theirs.read_text() == "the original\n"
    assert not (panel / "lib/omnidesk").exists()
