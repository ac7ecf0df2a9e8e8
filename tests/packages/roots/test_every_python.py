"""The real wheels with every Python that this machine has: an environment made without network, all of it imported."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
IMPORTS = "certifi, click, lxml.etree, markdown_it, nh3, puremagic, pymysql, requests, sqlglot"


def interpreter(version: str) -> str | None:
    """The real binary of a version, behind whatever shim is on PATH."""
    code = "import os, sys; print(os.path.realpath(sys.executable), sys.version_info[:2])"
    candidates = [f"python{version}", *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))]
    for name in candidates:
        path = shutil.which(name)
        told = subprocess.run([path, "-I", "-c", code], capture_output=True, text=True, check=False) if path else None
        if told and told.returncode == 0 and re.search(rf"\(3, {version.split('.')[1]}\)$", told.stdout.strip()):
            return told.stdout.split(" (")[0]
    return None


@pytest.mark.parametrize("version", PYTHONS)
def test_the_module_runs(package: Callable[[str, str], Path], tmp_path: Path, version: str) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} is here")
    subprocess.check_call(["dpkg-deb", "-x", package("deb", "2.0"), tmp_path])
    root, helper = tmp_path / "usr/local/mgr5", next(tmp_path.glob("usr/lib/*/scripts/panel/package_hooks.py"))
    alone = ["unshare", "--net", python, "-E", "-s", "-B"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    subprocess.check_call([*alone, helper, "--root", root, "configure"], env=environment)
    own = root / "lib/omnidesk-venv/bin/python"
    where = subprocess.check_output([own, "-I", "-c", f"import {IMPORTS}; print(lxml.etree.__file__)"], text=True)
    assert where.startswith(str(root))
    told = subprocess.check_output([own, "-I", root / "processing/pmomnidesk", "--command", "features"], text=True)
    assert 'name="create_case"' in told
