"""Packages made of the project's files and small wheels, so that building one takes no network and a second."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
NAME = "billmanager-plugin-omnidesk"
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nLicense: MIT\n\nA text.\n"


def wheel(folder: Path, name: str, source: str, *, licence: bool = True, extra: str = "") -> Path:
    """A small wheel with one module."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as content:
        content.writestr(f"{name}.py", source)
        content.writestr(f"{name}-1.0.dist-info/METADATA", METADATA.format(name=name))
        if licence:
            content.writestr(f"{name}-1.0.dist-info/LICENSE", "as you like")
        if extra:
            content.writestr(extra, "")
    return path


@dataclass(frozen=True)
class Builder:
    """The packages' program, with a wheelhouse of its own."""

    folder: Path

    @property
    def wheels(self) -> Path:
        return self.folder / "wheels"

    @property
    def lists(self) -> Path:
        return self.folder / "lists"

    def list_wheels(self) -> None:
        """Write the lists of the wheels that are there."""
        for arch in ("x86_64", "aarch64"):
            (self.lists / arch).mkdir(parents=True, exist_ok=True)
            for python in PYTHONS:
                lines = [
                    f"{path.name.split('-')[0]}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"
                    for path in sorted(self.wheels.glob("*.whl"))
                ]
                (self.lists / arch / f"python{python}.txt").write_text("# a list\n" + "".join(lines))

    def run(
        self, kind: str, *words: str, out: str = "out", **environment: str
    ) -> tuple[Path | None, subprocess.CompletedProcess[str]]:
        folder = self.folder / out
        folder.mkdir(exist_ok=True)
        before = set(folder.iterdir())
        work = self.folder / "work"
        options: list[str | Path] = ["--out", folder, "--lists", self.lists, "--cache", self.wheels, "--work", work]
        done = subprocess.run(
            [sys.executable, "-B", REPOSITORY / "scripts/packages/package.py", kind, *options, *words],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        made = set(folder.iterdir()) - before
        return made.pop() if made else None, done

    def build(self, kind: str, *words: str, out: str = "out", **environment: str) -> Path:
        made, done = self.run(kind, *words, out=out, **environment)
        assert done.returncode == 0 and made is not None, done.stdout
        return made


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    made = Builder(tmp_path_factory.mktemp("packages"))
    made.wheels.mkdir()
    wheel(made.wheels, "lone", "SAYS = 'one'\n")
    wheel(made.wheels, "other", "import lone\n")
    made.list_wheels()
    return made


@pytest.fixture(scope="session")
def deb(builder: Builder) -> Path:
    if shutil.which("dpkg-deb") is None:
        pytest.skip("dpkg-deb is not here")
    return builder.build("deb", "--version", "1.2.3", "--arch", "x86_64")


@pytest.fixture(scope="session")
def rpm(builder: Builder) -> Path:
    if shutil.which("rpm") is None:
        pytest.skip("rpm, which reads packages, is not here: apt-get install rpm")
    return builder.build("rpm", "--version", "1.2.3", "--arch", "x86_64")


@pytest.fixture(scope="session")
def unpacked(deb: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The .deb's files, with its maintainer scripts in DEBIAN."""
    folder = tmp_path_factory.mktemp("unpacked")
    subprocess.check_call(["dpkg-deb", "--raw-extract", deb, folder / "deb"])
    return folder / "deb"
