"""What `make install` put into the panel's tree works by itself: nothing of the repository, cron's line as written."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from sandbox.demo.sides import Conversation
from sandbox.timer import run_cron
from sandbox.world import REPOSITORY
from tests.e2e.live import Live, end


def make(target: str, root: Path) -> str:
    """One of the project's own targets for this tree."""
    command = ["make", "--no-print-directory", target, f"MGR5_ROOT={root}", f"VENV={sys.prefix}", "RELOAD=no"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def poison(folder: Path) -> dict[str, str]:
    """An environment in which a package of the module's name, found the usual way, says that it was imported."""
    package = folder / "poison" / "omnidesk"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('imported from elsewhere')\n")
    return {"PYTHONPATH": str(package.parent), "PYTHONSTARTUP": str(package / "__init__.py")}


def test_the_executable_uses_the_trees_own_package_only(live: Live, tmp_path: Path) -> None:
    """Neither PYTHONPATH nor the current folder bring in another; without the tree's own it does not run."""
    environment = poison(tmp_path)
    found = live.world.run("check_connection", env=environment)
    assert found.returncode == 0, found.stdout + found.stderr
    package = live.world.root / "lib" / "omnidesk"
    hidden = package.rename(package.with_name("hidden"))
    gone = live.world.run("check_connection", env={"PYTHONPATH": str(REPOSITORY / "lib")})
    hidden.rename(package)
    assert gone.returncode != 0
    assert b"No module named 'omnidesk" in gone.stderr


def test_nothing_in_the_tree_points_back_to_the_repository(live: Live) -> None:
    """Only the first lines of the executables name the interpreter that was chosen, which tests borrow from there."""
    root = live.world.root
    assert [path for path in root.rglob("*") if path.is_symlink() and path.name != "omnidesk-venv"] == []
    for folder in ("processing", "cgi", "addon", "etc", "lib/omnidesk"):
        for path in (root / folder).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                text = path.read_bytes()
                rest = text.split(b"\n", 1)[-1] if text.startswith(b"#!") else text
                assert os.fsencode(REPOSITORY) + b"/" not in rest, path


def test_crons_line_does_all_that_no_event_reported(make_live: Callable[..., Live]) -> None:
    """The exact command through sh, in cron's environment, without events and webhooks."""
    live = make_live({"LingerSeconds": "0"}, events=False, webhooks=False)
    assert run_cron(live.world.root).returncode == 0  # the first run only notes where the module begins
    ticket = live.panel.client_creates_ticket(live.ivan, "Help", "Without an event")
    live.cron()
    one = Conversation(ticket, max(live.desk.cases))
    live.watch.next_second(live.desk.cases[one.case].updated_at)
    live.reply(one, "Found by the poll", status="waiting")
    live.cron()
    assert live.differences(one) == []
    assert live.ticket_texts(one) == ["Without an event", "Found by the poll"]
    assert live.panel.ticket_state(ticket).state == "waiting"


def test_crons_line_is_silent_until_there_are_settings(live: Live) -> None:
    """An installed module that nobody has set up yet fills no mailbox and no log."""
    (live.world.root / "etc" / "omnidesk" / "omnidesk.conf").unlink()
    done = run_cron(live.world.root)
    assert (done.stdout, done.stderr) == (b"", b"")
    assert live.world.log() == ""


def test_crons_line_leaves_the_work_to_a_lingering_worker(live: Live) -> None:
    """Two are never at work: the timer's process wakes the worker and goes."""
    live.ticket()
    worker = live.worker()
    assert run_cron(live.world.root).returncode == 0
    assert live.worker() == worker
    assert live.pids_at_work() == [worker]


def test_data_outlive_the_module_and_an_installation_goes_on_where_it_stopped(live: Live) -> None:
    """Uninstalled, the panel runs no handler and misses none; installed again, what was written meanwhile goes over."""
    one = live.ticket()
    assert end(live.worker(), signal.SIGTERM)
    root = live.world.root
    make("uninstall", root)
    runs = len(live.panel.event_runs)
    live.client_writes(one, "Written while it was not installed")
    assert len(live.panel.event_runs) == runs
    assert not (root / "processing" / "pmomnidesk").exists()
    assert (root / "etc" / "omnidesk" / "omnidesk.conf").exists()
    assert live.link(one)["external_case"] == one.case
    make("install", root)
    live.client_writes(one, "Written afterwards")
    live.equal(one)
    live.watch.settled()
    assert live.texts(one) == ["My site is down", "Written while it was not installed", "Written afterwards"]
    assert len(live.desk.cases) == 1


def test_an_update_under_a_lingering_worker_disturbs_nothing(live: Live) -> None:
    """`make install` again while the worker lingers; the next message goes over, by whichever code."""
    one = live.ticket()
    make("install", live.world.root)
    live.client_writes(one, "After the update")
    live.reply(one, "Answered after the update")
    live.carried(one)
    live.watch.settled()
    assert sorted(live.texts(one)) == ["After the update", "Answered after the update", "My site is down"]
    assert live.problems() == []


def test_the_trees_place_does_not_matter(make_live: Callable[..., Live], tmp_path: Path) -> None:
    """The executable is started through a link from elsewhere and still finds its own root."""
    live = make_live()
    link = tmp_path / "bin" / "pmomnidesk"
    link.parent.mkdir()
    link.symlink_to(live.world.root / "processing" / "pmomnidesk")
    done = subprocess.run([str(link), "check_connection"], capture_output=True, cwd="/", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert shutil.which("pmomnidesk", path=str(link.parent)) == str(link)
