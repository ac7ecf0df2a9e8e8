"""Clean Debian systems to install the real packages in: folders with a root of their own, without network."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
ROOTS = REPOSITORY / "build/packages/roots"
SUITES = sorted(path.stem for path in ROOTS.glob("*.tar") if ".part" not in path.name)
SHIPPED = (
    "LICENSE",
    "CHANGELOG.md",
    "requirements.txt",
    "setup.cfg",
    "scripts",
    "packaging",
    "processing",
    "cgi",
    "addon",
    "etc",
    "skins",
    "lib/omnidesk",
    "man",
)
NAME = "billmanager-plugin-omnidesk"
MGR5 = "usr/local/mgr5"
# Namespaces of its own for mounts, network (not even a loopback address) and processes, which all end with the command.
APART = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"]
ENTER = 'mount -t proc proc "$0/proc" && exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c "$1"'
AROUND = 'mount -t proc proc "$0/proc" && eval "$1"'
PANEL = """
mkdir -p processing etc/xml sbin var cgi addon lib/pkgsh
printf '#!/bin/sh\\necho "mgrctl $*" >>/called\\n' >sbin/mgrctl
chmod 755 sbin/mgrctl
echo 'ReloadMgr() { echo "ReloadMgr $*" >>/called; }' >lib/pkgsh/core_pkg_funcs.sh
"""

if not os.environ.get("PACKAGE_ROOTS"):
    collect_ignore_glob = ["test_*"]  # minutes, root, and systems to be made first: make packages-test


@dataclass(frozen=True)
class Root:
    """One system below a folder."""

    top: Path

    def run(self, script: str, *, fails: bool = False, seconds: float = 300) -> str:
        """Run a shell script in it, as root, without network; what it printed."""
        return self._run(ENTER, f"set -e\n{script}", fails, seconds)

    def around(self, script: str, *, fails: bool = False) -> str:
        """Run a script of this machine's programs, with the root's folder as $0."""
        return self._run(AROUND, f"set -e\n{script}", fails, 300)

    def _run(self, shell: str, script: str, fails: bool, seconds: float) -> str:
        done = subprocess.run(
            [*APART, "sh", "-c", shell, self.top, script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stdout
        return done.stdout

    def panel(self) -> Root:
        """Give it a panel's tree."""
        self.run(f"mkdir -p /{MGR5} && cd /{MGR5}\n{PANEL}")
        return self

    def bring(self, file: Path) -> str:
        """Copy a file into it; its path there."""
        shutil.copy(file, self.top / "root")
        return f"/root/{file.name}"

    def called(self) -> list[str]:
        """How often, and how, the panel was told to reload; forgets it."""
        path = self.top / "called"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines

    def files(self, below: str = MGR5) -> dict[str, bytes]:
        """Files and their content, without bytecode and what an environment consists of."""
        top = self.top / below
        return {
            str(path.relative_to(top)): path.read_bytes()
            for path in top.rglob("*")
            if path.is_file() and path.suffix != ".pyc" and "omnidesk-venv" not in str(path)
        }

    def __truediv__(self, path: str) -> Path:
        return self.top / path


def make_root(suite: str, folder: Path) -> Iterator[Root]:
    top = folder / "root"
    top.mkdir()
    subprocess.check_call(["tar", "-xf", ROOTS / f"{suite}.tar", "-C", top])
    try:
        yield Root(top)
    finally:
        shutil.rmtree(top)  # 200 MB


@pytest.fixture(params=SUITES)
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Root]:
    """Each Debian that there is a root of."""
    yield from make_root(request.param, tmp_path)


@pytest.fixture
def old_root(tmp_path: Path) -> Iterator[Root]:
    """The Debian that has the same Python as AlmaLinux's python3.11."""
    yield from make_root("bookworm", tmp_path)


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """The real package of a version: 1.0 stands for an older one with another catalogue and a module more."""
    built: dict[tuple[str, str], Path] = {}

    def make(kind: str, version: str) -> Path:
        if (kind, version) not in built:
            sources = tmp_path_factory.mktemp("sources")
            for name in SHIPPED:
                source, target = REPOSITORY / name, sources / name
                target.parent.mkdir(parents=True, exist_ok=True)
                copy = shutil.copytree if source.is_dir() else shutil.copy2
                copy(source, target)
            if version == "1.0":
                (sources / "lib/omnidesk/gone.py").write_text("OLD = True\n")
                (sources / "etc/omnidesk/custom_fields_values.json").write_text("[]\n")
            out = tmp_path_factory.mktemp("out")
            wheels = REPOSITORY / "build/packages/wheels"
            words: list[str | Path] = [kind, "--version", version, "--out", out, "--cache", wheels]
            python = REPOSITORY / "build/packages/python/bin/python"  # made by scripts/packages/package, with pip
            if not python.exists():
                subprocess.check_call([REPOSITORY / "scripts/packages/package", "deb", "--out", out / "first"])
            subprocess.check_call([python, "-B", sources / "scripts/packages/package.py", *words])
            built[kind, version] = next(path for path in out.iterdir() if path.is_file())
        return built[kind, version]

    return make
