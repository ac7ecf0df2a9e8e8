"""What the packages' helper does in a panel: real processes, an environment made of small wheels, no network."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

BASE = os.path.realpath(sys._base_executable)  # type: ignore[attr-defined]
HELPERS = "usr/lib/billmanager-plugin-omnidesk"
# Stands in for the executable: holds the worker's lock until it is told to end, like a worker between two actions.
FAKE_WORKER = """#!{python}
import fcntl, os, signal, sys, time
root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
with open(f"{{root}}/started", "a") as started:
    started.write(" ".join(sys.argv[1:]) + "\\n")
if "--no-wait" in sys.argv:
    sys.exit(0)
lock = os.open(f"{{root}}/var/omnidesk/worker.lock", os.O_RDWR | os.O_CREAT)
fcntl.flock(lock, fcntl.LOCK_EX)
def end(*_):
    with open(f"{{root}}/ended", "w") as ended:
        ended.write("at a safe point")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("working", flush=True)
while True:
    signal.pause()
"""


@dataclass
class Unpacked:
    """A panel's tree as the package manager leaves it, and the payload beside it."""

    root: Path
    payload: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def hook(self, action: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BASE, "-E", "-s", "-B", self.payload / "scripts/panel/package_hooks.py", "--root", self.root, action],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )

    def do(self, action: str) -> str:
        done = self.hook(action)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def note(self) -> Any:
        return json.loads((self / "var/omnidesk/install.json").read_text())

    def lock_is_held(self) -> bool:
        descriptor = os.open(self / "var/omnidesk/worker.lock", os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def await_the_lock(self) -> None:
        """Until nobody holds it; a test that waits in vain is ended by the limit of all tests."""
        with open(self / "var/omnidesk/worker.lock", "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)

    def start_worker(self) -> subprocess.Popen[str]:
        path = self / "processing/pmomnidesk"
        path.write_text(FAKE_WORKER.format(python=BASE))
        process = subprocess.Popen([path], stdout=subprocess.PIPE, text=True)
        self.started.append(process)
        assert process.stdout is not None and process.stdout.readline() == "working\n"
        return process

    def __truediv__(self, path: str) -> Path:
        return self.root / path


@pytest.fixture
def panel(unpacked: Path, tmp_path: Path) -> Iterator[Unpacked]:
    shutil.copytree(unpacked / "usr/local/mgr5", tmp_path / "mgr5")
    shutil.copytree(unpacked / HELPERS, tmp_path / "payload")
    made = Unpacked(tmp_path / "mgr5", tmp_path / "payload")
    yield made
    (made / "var/omnidesk/paused").unlink(missing_ok=True)  # ends the process that holds the lock
    for process in made.started:
        process.kill()
        process.communicate()


def settings(panel: Unpacked) -> Path:
    path = panel / "etc/omnidesk/omnidesk.conf"
    path.write_text("OmnideskApiKey mine\n")
    return path


def awaited(path: Path) -> Callable[[], str]:
    """What another process will write there: it and the call of what is returned wait for each other."""
    os.mkfifo(path)
    return path.read_text


def test_configuring_makes_an_environment_without_network_pip_or_ensurepip(panel: Unpacked) -> None:
    panel.do("configure")
    python = panel / "lib/omnidesk-venv/bin/python"
    told = subprocess.check_output([python, "-Ic", "import lone, other; print(lone.SAYS, lone.__file__)"], text=True)
    assert told.startswith(f"one {panel / 'lib/omnidesk-venv'}")
    assert subprocess.run([python, "-Ic", "import pip"], check=False, capture_output=True).returncode != 0
    assert subprocess.run([python, "-Ic", "import requests"], check=False, capture_output=True).returncode != 0
    assert list((panel / "lib/omnidesk-venv/lib").rglob("lone.*.pyc"))
    assert (panel / f"lib/omnidesk/core/__pycache__/paths.{sys.implementation.cache_tag}.pyc").exists()
    assert panel.note()["package"] == "billmanager-plugin-omnidesk"


def test_private_folders_are_private(panel: Unpacked) -> None:
    panel.do("configure")
    for path in ("etc/omnidesk", "var/omnidesk", "var/omnidesk/spool"):
        assert stat.S_IMODE((panel / path).stat().st_mode) == 0o700
    assert stat.S_IMODE((panel / "etc/omnidesk/custom_fields_values.json").stat().st_mode) == 0o600


def test_one_line_says_what_to_do_next(panel: Unpacked) -> None:
    assert "there is no panel in" in panel.do("configure")
    (panel / "sbin").mkdir()
    (panel / "sbin/mgrctl").write_text("")
    said = panel.do("configure").splitlines()
    assert len(said) == 1
    assert "next, fill in" in said[0] and "check_connection" in said[0]
    settings(panel)
    assert panel.do("configure") == ""


def test_repeating_changes_nothing_and_mends_what_is_half_done(panel: Unpacked) -> None:
    panel.do("configure")
    complete = panel / "lib/omnidesk-venv/complete"
    before = complete.stat().st_ino
    panel.do("configure")
    assert complete.stat().st_ino == before
    complete.unlink()
    shutil.rmtree(panel / "lib/omnidesk/core/__pycache__")
    panel.do("configure")
    assert complete.exists()
    assert list((panel / "lib/omnidesk/core/__pycache__").iterdir())


@pytest.mark.parametrize("damage", ["gone", "changed"])
def test_a_damaged_wheel_is_refused_and_a_sound_one_mends_it(panel: Unpacked, damage: str) -> None:
    wheel = next((panel.payload / "wheels").glob("lone-*.whl"))
    sound = wheel.read_bytes()
    if damage == "gone":
        wheel.unlink()
    else:
        wheel.write_bytes(sound + b"x")
    done = panel.hook("configure")
    assert done.returncode != 0
    assert "lone 1.0 is missing or damaged" in done.stdout
    wheel.write_bytes(sound)
    panel.do("configure")
    assert not panel.lock_is_held()


def test_a_python_that_there_is_nothing_for_is_named(panel: Unpacked) -> None:
    (panel.payload / f"wheels/python3.{sys.version_info[1]}.txt").unlink()
    done = panel.hook("configure")
    assert done.returncode != 0
    assert f"no libraries for Python 3.{sys.version_info[1]}" in done.stdout


def test_a_catalogue_that_nobody_edited_is_renewed_and_an_edited_one_kept(panel: Unpacked) -> None:
    catalogue = panel / "etc/omnidesk/custom_fields_values.json"
    shipped = panel.payload / "etc/omnidesk/custom_fields_values.json"
    panel.do("configure")
    shipped.write_text('["second"]')
    panel.do("configure")
    assert catalogue.read_text() == '["second"]'
    catalogue.write_text('["mine"]')
    panel.do("configure")
    assert not (catalogue.parent / f"{catalogue.name}.new").exists(), "nothing new was shipped"
    shipped.write_text('["third"]')
    assert ".new" in panel.do("configure")
    assert catalogue.read_text() == '["mine"]'
    assert (catalogue.parent / f"{catalogue.name}.new").read_text() == '["third"]'


def test_the_worker_ends_first_and_none_starts_until_the_new_version_is_ready(panel: Unpacked) -> None:
    panel.do("configure")
    settings(panel)
    worker = panel.start_worker()
    panel.do("pause")
    assert worker.wait() == 0
    assert (panel / "ended").read_text() == "at a safe point"
    assert panel.lock_is_held(), "a hook that runs now only writes its event to disk"
    (panel / "started").unlink()
    started = awaited(panel / "started")
    panel.do("configure")
    assert not panel.lock_is_held()
    assert not (panel / "var/omnidesk/paused").exists()
    assert started() == "--command sync --no-wait\n"


def test_nothing_is_started_where_nothing_ran_and_nothing_waits(panel: Unpacked) -> None:
    panel.do("configure")
    settings(panel)
    (panel / "processing/pmomnidesk").write_text(FAKE_WORKER.format(python=BASE))
    panel.do("pause")
    panel.do("configure")
    assert not (panel / "started").exists()
    (panel / "var/omnidesk/spool/case-7").write_text("Case 7\n")
    started = awaited(panel / "started")
    panel.do("configure")
    assert started() == "--command sync --no-wait\n"


def test_a_pause_that_nobody_ended_is_taken_over(panel: Unpacked) -> None:
    panel.do("configure")
    panel.do("pause")
    panel.do("pause")
    assert panel.lock_is_held()
    (panel / "var/omnidesk/paused").unlink()
    panel.await_the_lock()  # the holder looks for its marker, and ends
    assert not panel.lock_is_held()


def test_the_pause_holds_nothing_that_its_starter_waits_for(panel: Unpacked) -> None:
    """apt reads what maintainer scripts print until every copy of the pipe is closed, also those beyond stderr."""
    panel.do("configure")
    reading, writing = os.pipe()
    done = subprocess.run(
        [BASE, "-E", "-s", "-B", panel.payload / "scripts/panel/package_hooks.py", "--root", panel.root, "pause"],
        pass_fds=[writing],
        capture_output=True,  # ends only when the pipes are closed
        timeout=60,
        check=True,
    )
    os.close(writing)
    assert os.read(reading, 1) == b""
    os.close(reading)
    assert panel.lock_is_held()
    assert done.stdout == b""


def test_a_hook_with_the_lock_open_is_not_taken_for_the_worker(panel: Unpacked) -> None:
    panel.do("configure")
    with (panel / "var/omnidesk/worker.lock").open() as opened:
        bell = subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, pass_fds=[opened.fileno()]
        )
    panel.do("pause")
    assert bell.poll() is None
    bell.communicate()
    assert bell.returncode == 0


def test_modules_of_an_older_version_and_their_bytecode_go(panel: Unpacked) -> None:
    top = panel / "lib/omnidesk"
    (top / "gone").mkdir()
    for name in ("gone.py", "gone/inner.py"):
        (top / name).write_text("")
    panel.do("configure")
    assert list(top.glob("__pycache__/gone.*.pyc"))
    before = {path for path in top.rglob("*") if "gone" not in str(path.relative_to(top))}
    panel.do("tidy")
    assert set(top.rglob("*")) == before


def test_make_install_and_uninstall_leave_a_package_alone(panel: Unpacked) -> None:
    panel.do("configure")
    repository = Path(__file__).resolve().parents[2]
    before = {path: path.stat().st_mtime_ns for path in panel.root.rglob("*")}
    for name in ("install", "uninstall"):
        words: list[str | Path] = [sys.executable, "-B", repository / f"scripts/panel/{name}.py", "--root", panel.root]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert "the package billmanager-plugin-omnidesk is installed here" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in panel.root.rglob("*")} == before


def test_before_the_files_go_what_was_made_of_them_goes(panel: Unpacked) -> None:
    before = set((panel / "lib").rglob("*"))
    panel.do("configure")
    settings(panel)
    worker = panel.start_worker()
    panel.do("remove")
    assert worker.wait() == 0
    assert set((panel / "lib").rglob("*")) == before
    assert settings(panel).exists()
    assert panel.lock_is_held(), "until the files are gone"
    panel.do("configure")
    assert (panel / "lib/omnidesk-venv/bin/python").exists(), "a removal that failed is taken back"
