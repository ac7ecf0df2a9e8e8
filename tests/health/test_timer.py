"""What starts the module every minute: found where cron and systemd look for it, and only if they accept it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from omnidesk.core.paths import Paths
from omnidesk.health.timer import Host, look
from omnidesk.wording.findings import Finding


@dataclass
class Place:
    """A host's folders and a panel."""

    top: Path

    def __post_init__(self) -> None:
        for name in ("cron.d", "units", "proc/1", "proc/7", "mgr5/processing", "mgr5/var/omnidesk", "mgr5/etc/cron.d"):
            (self.top / name).mkdir(parents=True)
        (self.top / "proc/1/comm").write_text("systemd\n")
        (self.top / "proc/7/comm").write_text("cron\n")
        (self.top / "mgr5/processing/pmomnidesk").touch()
        self.paths = Paths(str(self.top / "mgr5"))
        self.job = f"* * * * * root [ -s /x ] && {self.paths.executable} --command sync --no-wait >/dev/null 2>&1\n"
        self.host = Host(
            cron_folders=(str(self.top / "cron.d"),),
            crontab=str(self.top / "crontab"),
            user_crontabs=(str(self.top / "root"),),
            units=(str(self.top / "units"),),
            proc=str(self.top / "proc"),
        )

    def write(self, name: str, text: str, mode: int = 0o644) -> Path:
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def look(self) -> list[Finding]:
        found = list(look(self.paths, self.host))
        assert found and all(one.topic == "timer" for one in found)
        assert len({one.level for one in found}) == 1
        return found

    def problem(self) -> Finding:
        (found,) = self.look()
        assert found.level == "warning" and found.said.cure("en") and found.said.cure("ru")
        return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_nothing_is_there(place: Place) -> None:
    assert "make install" in place.problem().said.cure("en")


@pytest.mark.parametrize("name", ["cron.d/omnidesk", "cron.d/my-jobs", "crontab"])
def test_a_file_that_cron_reads(place: Place, name: str) -> None:
    """Whatever it is called, and among other lines."""
    path = place.write(name, f"# mine\nMAILTO=root\n17 * * * * root run-parts /etc/cron.hourly\n{place.job}")
    (found,) = place.look()
    assert found.level == "ok" and found.said.text("en").startswith(str(path))


def test_roots_own_crontab_names_no_user(place: Place) -> None:
    place.write("root", f"*/1 * * * * {place.paths.executable} sync --no-wait\n", 0o600)
    (found,) = place.look()
    assert found.level == "ok"


def test_a_worker_started_by_its_bare_name(place: Place) -> None:
    place.write("cron.d/omnidesk", "* * * * * root PATH=/opt/bin pmomnidesk sync\n")
    assert place.look()[0].level == "ok"


@pytest.mark.parametrize(
    ("name", "text", "mode", "why", "cure"),
    [
        ("cron.d/omnidesk.cron", "{job}", 0o644, "such characters", "mv "),
        ("cron.d/omnidesk", "{job}", 0o664, "mode 664", "chmod 644"),
        ("cron.d/omnidesk", "{job}", 0o755, "mode 755", "chmod 644"),
        ("cron.d/omnidesk", "{bare}", 0o644, "no line break", "echo >> "),
        ("cron.d/omnidesk", "#{job}", 0o644, "none of its lines runs", "make install"),
        ("cron.d/omnidesk", "", 0o644, "none of its lines runs", "make install"),
        ("cron.d/omnidesk", "*/5{rest}", 0o644, "«*/5 * * * *»", "* * * * *"),
        ("cron.d/omnidesk", "* * * * * {program} sync --no-wait\n", 0o644, "no user /", "root"),
        ("cron.d/omnidesk", "* * * * * root /other/pmomnidesk sync\n", 0o644, "none of its lines", "make install"),
        ("cron.d/omnidesk","* * * * * root {program} sync_ticket --id 7\n", 0o644, "none of its lines", "make install"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_do_it(place: Place, name: str, text: str, mode: int, why: str, cure: str) -> None:
    """Each reason is named, with the file and what to type."""
    given = {"job": place.job, "bare": place.job.rstrip(), "rest": place.job[1:], "program": place.paths.executable}
    path = place.write(name, text.format(**given), mode)
    found = place.problem()
    assert str(path) in found.said.text("en") and str(path) in found.said.text("ru")
    assert why in found.said.text("en") and cure in found.said.cure("en")


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a file away")
def test_a_file_that_is_not_roots(place: Place) -> None:
    path = place.write("cron.d/omnidesk", place.job)
    os.chown(path, 1, 1)
    assert f"chown root:root {path}" in place.problem().said.cure("en")


def test_other_files_of_the_name_are_no_timers(place: Place) -> None:
    """The page about metrics has one written that starts nothing of the kind."""
    line = f"* * * * * root {place.paths.executable} metrics >/var/lib/node_exporter/omnidesk.prom\n"
    place.write("cron.d/omnidesk-metrics", line)
    assert place.problem().said.text("en").startswith("No timer")


def test_no_cron_is_running(place: Place) -> None:
    place.write("cron.d/omnidesk", place.job)
    place.write("proc/7/comm", "sshd\n")
    assert "no cron is running" in place.problem().said.text("en")
    (place.top / "proc/1/comm").unlink()
    assert place.look()[0].level == "ok", "where processes cannot be seen nothing is said of them"


def test_a_panel_elsewhere(place: Place) -> None:
    """Its own etc/cron.d is read by no cron, unless the administrator named the folder at the installation."""
    path = place.write("mgr5/etc/cron.d/omnidesk", place.job)
    found = place.problem()
    assert (
        str(path) in found.said.text("en")
        and "make install" in found.said.cure("en")
        and "CRON_DIR" in found.said.cure("ru")
    )
    noted = {"cron_dir": str(path.parent), "cron_dir_named": True}
    Path(place.paths.manifest).write_text(json.dumps(noted))
    place.write("proc/7/comm", "sshd\n")
    assert place.look()[0].level == "ok", "which program reads that folder is not known"
    path.chmod(0o666)
    assert "chmod 644" in place.problem().said.cure("en")


@pytest.mark.parametrize("noted", ["", "[]", "{}", '{"cron_dir": 3, "cron_dir_named": true}'])
def test_a_damaged_note_of_the_installation(place: Place, noted: str) -> None:
    Path(place.paths.manifest).write_text(noted)
    assert place.problem().said.text("en").startswith("No timer")


@pytest.mark.parametrize("unit", ["", "Unit=omnidesk.service\n"])
def test_a_timer_of_systemd(place: Place, unit: str) -> None:
    """It counts once it is enabled."""
    program = place.paths.executable
    timer = "every-minute.timer" if unit else "omnidesk.timer"
    place.write("units/omnidesk.service", f"[Service]\nType=oneshot\nExecStart={program} --command sync --no-wait\n")
    assert place.problem().said.text("en").startswith("No timer"), "a service alone is started by nothing"
    path = place.write(f"units/{timer}", f"[Timer]\nOnCalendar=minutely\n{unit}[Install]\nWantedBy=timers.target\n")
    assert f"systemctl enable --now {timer}" in place.problem().said.cure("en")
    (place.top / "units/timers.target.wants").mkdir()
    (place.top / "units/timers.target.wants" / timer).symlink_to(path)
    (found,) = place.look()
    assert found.level == "ok" and found.said.text("en").startswith(timer)


def test_a_service_that_stays(place: Place) -> None:
    path = place.write("units/omni.service", f"[Service]\nExecStart={place.paths.executable} worker\nRestart=always\n")
    assert "systemctl enable --now omni.service" in place.problem().said.cure("en")
    (place.top / "units/multi-user.target.wants").mkdir()
    (place.top / "units/multi-user.target.wants/omni.service").symlink_to(path)
    assert place.look()[0].level == "ok"


def test_what_works_is_named_alone(place: Place) -> None:
    """A left-over beside a good file is no reason to worry."""
    place.write("cron.d/omnidesk.rpmsave", place.job)
    place.write("cron.d/zz-omnidesk", place.job)
    (found,) = place.look()
    assert found.level == "ok" and "zz-omnidesk" in found.said.text("en")
