from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SHIPPED = (
    *("Makefile", "requirements.txt", "scripts", "packaging", "processing", "cgi", "addon", "etc", "skins"),
    "lib/omnidesk",
)


def clean_environment(**more: str) -> dict[str, str]:
    """Ours, without what make or a caller would slip into the make that is tested."""
    ours = ("MAKE", "MFLAGS", "MGR5_ROOT", "VENV", "CRON_DIR", "LOGROTATE_DIR", "RELOAD", "PURGE", "PYTHON", "COV")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | more


@dataclass
class Panel:
    """An empty panel's tree and the two commands that work on it."""

    root: Path
    sources: Path = REPOSITORY

    def make(self, target: str, *, environment: dict[str, str] | None = None, **variables: object) -> str:
        """Run it; what it printed. Fails when it fails."""
        done = self.try_make(target, environment=environment, **variables)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def try_make(
        self, target: str, *, environment: dict[str, str] | None = None, **variables: object
    ) -> subprocess.CompletedProcess[str]:
        with self.start(target, environment=environment, **variables) as started:
            printed, _ = started.communicate()
        return subprocess.CompletedProcess(started.args, started.returncode, printed)

    def start(
        self, target: str, *, environment: dict[str, str] | None = None, **variables: object
    ) -> subprocess.Popen[str]:
        given = {"MGR5_ROOT": self.root, **variables}
        if target == "install":
            given.setdefault("VENV", sys.prefix)
        return subprocess.Popen(
            ["make", "--no-print-directory", target, *(f"{name}={value}" for name, value in given.items())],
            cwd=self.sources,
            env=clean_environment(**(environment or {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def install(self, *, environment: dict[str, str] | None = None, **variables: object) -> str:
        return self.make("install", environment=environment, **variables)

    def uninstall(self, *, environment: dict[str, str] | None = None, **variables: object) -> str:
        return self.make("uninstall", environment=environment, **variables)

    def __truediv__(self, path: str) -> Path:
        return self.root / path

    def files(self, below: str = "") -> set[str]:
        top = self.root / below
        return {str(path.relative_to(self.root)) for path in top.rglob("*") if not path.is_dir()}


def copy_sources(source: Path, target: Path) -> Path:
    """What an installation is made of."""
    for name in SHIPPED:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source / name, target / name)
    return target


@pytest.fixture(scope="session")
def few_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources with those modules only that the hooks import: most of an installation is compiling them all."""
    sources = copy_sources(REPOSITORY, tmp_path_factory.mktemp("sources"))
    program = "import sys, omnidesk.hooks.panel_event, omnidesk.hooks.webhook; "
    program += "print(*(sys.modules[one].__file__ for one in sys.modules if one.partition('.')[0] == 'omnidesk'))"
    environment = clean_environment(PYTHONPATH=str(sources / "lib"), PYTHONDONTWRITEBYTECODE="1")
    found = subprocess.check_output([sys.executable, "-c", program], env=environment, text=True)
    wanted = {Path(one) for one in found.split()}
    for path in (sources / "lib/omnidesk").rglob("*.py"):
        if path not in wanted and path.name != "__init__.py":
            path.unlink()
    return sources


def empty_panel(root: Path, sources: Path) -> Panel:
    for folder in ("processing", "etc/xml", "sbin", "var"):
        (root / folder).mkdir(parents=True)
    (root / "var/billmgr.log").write_text("the panel's own\n")
    return Panel(root, sources)


@pytest.fixture
def panel(tmp_path: Path, few_modules: Path) -> Panel:
    return empty_panel(tmp_path / "mgr5", few_modules)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    """One into which the whole module was installed, to look at."""
    made = empty_panel(tmp_path_factory.mktemp("installed") / "mgr5", REPOSITORY)
    made.make("install", environment={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": "/nonexistent"})
    return made


@pytest.fixture
def copied(panel: Panel, tmp_path: Path) -> Callable[..., Panel]:
    """Turns ``panel`` to a copy of the sources, few modules or the ``whole``, that the test may change."""

    def copy(*, whole: bool = False) -> Panel:
        panel.sources = copy_sources(REPOSITORY if whole else panel.sources, tmp_path / "sources")
        return panel

    return copy
