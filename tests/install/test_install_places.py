"""Where the timer goes: to a folder that cron reads, as soon as there is a panel; and which folders go again."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest

import panel_files

ENDS = ("cron.d/omnidesk-{name}", "logrotate.d/omnidesk-{name}")


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host's /etc."""
    made = tmp_path / "etc"
    for name in ("cron.d", "logrotate.d"):
        (made / name).mkdir(parents=True)
    monkeypatch.setattr(panel_files, "HOST", made)
    return made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A panel of another root than the standard one."""
    made = tmp_path / "opt" / "mgr5"
    for name in ("processing", "etc", "sbin", "var/omnidesk"):
        (made / name).mkdir(parents=True)
    return made


def places(root: Path, **given: str) -> tuple[Path, Path]:
    options = {"root": str(root), "cron_dir": "", "logrotate_dir": "", "reload": "", **given}
    target = panel_files.panel(argparse.Namespace(**options))
    return target.cron, target.logrotate


def test_a_panel_elsewhere_has_its_timer_where_cron_reads(host: Path, root: Path) -> None:
    """Under a name of its own, as there may be several panels on a host; cron takes no dot in it."""
    (root / "sbin/mgrctl").touch()
    name = str(root).strip("/").replace("/", "-").replace("_", "-")
    assert places(root) == tuple(host / end.format(name=name) for end in ENDS)
    assert "." not in places(root)[0].name


def test_without_a_panel_it_stays_in_the_tree_until_there_is_one(host: Path, root: Path) -> None:
    """A tree that is prepared for another host says nothing of this one; repeating the installation moves it."""
    beside = (root / "etc/cron.d/omnidesk", root / "etc/logrotate.d/omnidesk")
    assert places(root) == beside
    noted = '{"cron_dir": "%s", "cron_dir_named": false, "logrotate_dir": "%s"}'
    (root / "var/omnidesk/install.json").write_text(noted % (beside[0].parent, beside[1].parent))
    (root / "sbin/mgrctl").touch()
    assert {path.parent for path in places(root)} == {host / "cron.d", host / "logrotate.d"}


def test_a_folder_that_was_named_stays(host: Path, root: Path, tmp_path: Path) -> None:
    (root / "sbin/mgrctl").touch()
    assert places(root, cron_dir=str(tmp_path / "cron"))[0] == tmp_path / "cron/omnidesk"
    (root / "var/omnidesk/install.json").write_text(f'{{"cron_dir": "{root}/etc/cron.d", "cron_dir_named": true}}')
    assert places(root)[0] == root / "etc/cron.d/omnidesk"


def test_the_installation_says_which_timer_runs_the_module(panel: Any, tmp_path: Path) -> None:
    said = panel.install()
    assert f"The timer {panel.root}/etc/cron.d/omnidesk is read by no cron." in said
    said = panel.install(CRON_DIR=tmp_path / "cron")
    assert f"The timer {tmp_path}/cron/omnidesk runs the module every minute." in said
    assert not (panel / "etc/cron.d/omnidesk").exists(), "one timer is enough"


def folders(panel: Any) -> set[Path]:
    return {path for path in panel.root.rglob("*") if path.is_dir()}


def test_every_folder_that_was_made_goes_again(panel: Any, tmp_path: Path) -> None:
    """Also those of an earlier installation; not one that holds what somebody else has put there, or that was named."""
    before = folders(panel)
    panel.install()
    panel.install(CRON_DIR=tmp_path / "new/cron")
    (panel / "skins/common/plugin-logo/other.png").touch()
    panel.uninstall(PURGE="yes")
    kept = {panel / "skins", panel / "skins/common", panel / "skins/common/plugin-logo"}
    assert folders(panel) - before == kept and before <= folders(panel)
    assert list((tmp_path / "new/cron").iterdir()) == []
