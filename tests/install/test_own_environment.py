"""`make install` as on a panel: with a virtual environment of the module's own, made from nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(600)]
BASE = os.path.realpath(sys._base_executable)  # type: ignore[attr-defined]
IMPORT_ALL = "import click, lxml.etree, markdown_it, nh3, pymysql, requests, sqlglot"


def test_the_module_lives_on_an_environment_of_its_own(copied: Callable[..., Any]) -> None:
    panel = copied(whole=True)

    def install() -> str:
        return str(panel.install(VENV="", PYTHON=BASE))

    def environments() -> set[str]:
        return {path.name for path in (panel / "lib").glob("omnidesk-venv.*")}

    install()
    first = environments()
    assert len(first) == 1
    line = (panel / "processing/pmomnidesk").read_text().split("\n")[0]
    assert line == f"#!{panel.root}/lib/omnidesk-venv/bin/python -I"
    python = panel / "lib/omnidesk-venv/bin/python"
    where = subprocess.check_output([python, "-I", "-c", f"{IMPORT_ALL}; print(lxml.__file__)"], text=True)
    assert where.startswith(f"{panel.root}/lib/omnidesk-venv"), "nothing comes from elsewhere"
    for needless in ("pytest", "mypy", "hypothesis"):
        assert subprocess.run([python, "-I", "-c", f"import {needless}"], capture_output=True, check=False).returncode

    features = subprocess.run(
        [panel / "processing/pmomnidesk", "--command", "features"],
        env={"PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert features.returncode == 0, features.stderr
    assert "<doc" in features.stdout
    assert 'name="create_case"' in features.stdout

    stamp = (panel / "lib/omnidesk-venv/complete").stat().st_ino
    assert "virtual environment" not in install(), "nothing changed, nothing is made again"
    assert (panel / "lib/omnidesk-venv/complete").stat().st_ino == stamp

    (panel.sources / "requirements.txt").write_text("six==1.17.0\n")
    install()
    assert len(environments()) == 2
    assert environments() > first, "other packages, another environment; a worker may be using the old one"
    subprocess.check_call([python, "-I", "-c", "import six"])

    (panel / "lib/omnidesk-venv/complete").unlink()
    assert "virtual environment" in install(), "an interrupted one is made again"
    assert len(environments()) == 1, "the old one is gone"
    subprocess.check_call([python, "-I", "-c", "import six"])

    (panel.sources / "requirements.txt").write_text("six==1.17.0\n/nonexistent/package.whl\n")
    before = panel.files()
    done = panel.try_make("install", VENV="", PYTHON=BASE)
    assert done.returncode != 0
    assert "nothing was changed" in done.stdout
    subprocess.check_call([python, "-I", "-c", "import six"])
    (panel.sources / "requirements.txt").write_text("six==1.17.0\n")
    install()
    assert panel.files() == before, "what the failed attempt left is cleaned up"

    panel.uninstall(PYTHON=BASE)
    assert not (panel / "lib").exists()
