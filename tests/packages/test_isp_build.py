"""ISPsystem's own way, with stand-ins for isp.mk that do what is documented of it, in the two orders it may have."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
# What plugins rely on: `dist` runs dist-prepare; `install` does that, and the files end up in the panel.
CALLS_ITSELF = """
SELF := $(firstword $(MAKEFILE_LIST))
DISTDIR ?= $(BASE)
dist: dist-prepare
	@mkdir -p $(DISTDIR)
install:
	@$(MAKE) --no-print-directory -f $(SELF) dist DISTDIR=$(BASE)
dist-prepare:
.PHONY: dist install dist-prepare
"""
COPIES = """
DISTDIR ?= $(BASE)/../staged
dist: dist-prepare
install: dist
	@mkdir -p $(DISTDIR) && cp -a $(DISTDIR)/. $(BASE)/
dist-prepare:
.PHONY: dist install dist-prepare
"""


def make(base: Path, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "COV"))}
    folders = {"CRON_DIR": f"{base}/cron", "LOGROTATE_DIR": f"{base}/rotate", "RELOAD": "no", "VENV": sys.prefix}
    return subprocess.run(
        ["make", f"BASE={base}", *words],
        cwd=REPOSITORY / "packaging/isp",
        env={**clean, **folders},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(params=[CALLS_ITSELF, COPIES], ids=["calls itself", "copies"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    root = tmp_path / "mgr5"
    for folder in ("src", "processing", "etc/xml"):
        (root / folder).mkdir(parents=True)
    (root / "src/isp.mk").write_text(request.param)
    return root


def shipped() -> dict[str, int]:
    code = "import panel_files as p, json; print(json.dumps(p.shipped_files()))"
    told = subprocess.check_output([sys.executable, "-Bc", code], cwd=REPOSITORY / "scripts/panel", text=True)
    return dict(json.loads(told))


def test_the_files_go_where_a_package_is_put_together(base: Path, tmp_path: Path) -> None:
    done = make(base, "dist", f"DISTDIR={tmp_path}/build/usr/local/mgr5", "NOEXTERNAL=yes", "RELEASE=yes")
    assert done.returncode == 0, done.stderr
    top = tmp_path / "build/usr/local/mgr5"
    found = {str(path.relative_to(top)): path.stat().st_mode & 0o7777 for path in top.rglob("*") if path.is_file()}
    assert found == shipped()
    assert not (base / "processing/pmomnidesk").exists(), "the panel is left alone"


def test_install_makes_a_module_that_runs(base: Path) -> None:
    done = make(base, "install")
    assert done.returncode == 0, done.stderr
    assert (base / "var/omnidesk/install.json").exists()
    assert (base / "cron/omnidesk").exists()
    told = subprocess.run([base / "processing/pmomnidesk", "features"], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert "check_connection" in told.stdout


def test_a_failed_installation_fails_the_build(base: Path) -> None:
    (base / "processing/pmomnidesk").write_text("the original\n")
    done = make(base, "install")
    assert done.returncode != 0
    assert "another module's files are in the way" in done.stderr


def test_without_isp_mk_make_says_what_is_missing(base: Path) -> None:
    (base / "src/isp.mk").unlink()
    done = make(base, "install")
    assert done.returncode != 0
    assert "src/isp.mk" in done.stderr
