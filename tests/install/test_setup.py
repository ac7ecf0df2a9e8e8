"""scripts/setup and .ci/run on machines that lack something: stand-ins for the machine's programs on a short PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
# What every system has.
TOOLS = [
    "awk",
    "basename",
    "cat",
    "chmod",
    "cksum",
    "cp",
    "dirname",
    "env",
    "flock",
    "grep",
    "head",
    "id",
    "ln",
    "mkdir",
    "mv",
    "rm",
    "sed",
    "sh",
    "sort",
    "touch",
    "tr",
]
PYTHON = """#!/bin/sh
# A Python that knows what setup asks for: its version and path, whether it can make environments, and making one.
case "$*" in
    *version_info*) [ {new} = yes ] && echo {path} ;;
    *ensurepip*) [ -e {path}.venv ] ;;
    *"-m venv"*)
        for last in "$@"; do :; done
        mkdir -p "$last/bin"
        printf '#!/bin/sh\\necho "pip $*" >>{log}\\n' >"$last/bin/python"
        chmod 755 "$last/bin/python" ;;
esac
"""


@dataclass
class Machine:
    """A checkout's set-up files and a folder that is all of PATH."""

    folder: Path

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    @property
    def log(self) -> list[str]:
        log = self.folder / "log"
        return log.read_text().splitlines() if log.exists() else []

    def program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text if text.startswith("#!") else f"#!/bin/sh\n{text}\n")
        (self.bin / name).chmod(0o755)

    def python(self, name: str, *, new: bool = True, venv: bool = True) -> None:
        path = self.bin / name
        self.program(name, PYTHON.format(new="yes" if new else "no", path=path, log=self.folder / "log"))
        if venv:
            Path(f"{path}.venv").touch()

    def mariadb(self) -> None:
        self.program("mariadbd", "exit 0")
        tables = self.folder / "share/mysql/mysql_system_tables.sql"
        tables.parent.mkdir(parents=True, exist_ok=True)
        tables.touch()

    def package_manager(self, name: str, on_install: str) -> None:
        """One that notes what it is asked, and does ``on_install`` when something is to be installed."""
        self.program(name, f'echo "{name} $*" >>{self.folder}/log\ncase "$*" in *" install "*) {on_install} ;; esac')
        self.program("apt-cache", "echo 'mariadb-server-core-10.6 - MariaDB'")

    def root(self, yes: bool) -> None:
        self.program("id", f"echo {0 if yes else 1000}")
        self.program("sudo", "exit 1")

    def setup(self, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "scripts/setup", *options],
            cwd=self.folder,
            env={"PATH": str(self.bin), "MARIADB_FOLDERS": "", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    found = Machine(tmp_path / "machine")
    found.bin.mkdir(parents=True)
    for tool in TOOLS:
        (found.bin / tool).symlink_to(str(shutil.which(tool)))
    for name in ("id", "sudo"):
        (found.bin / name).unlink(missing_ok=True)
    shutil.copytree(REPOSITORY / "scripts", found.folder / "scripts")
    for name in ("requirements.txt", "requirements-dev.txt"):
        shutil.copy(REPOSITORY / name, found.folder)
    found.root(yes=True)
    return found


def test_with_everything_there_it_makes_the_environment_once(machine: Machine) -> None:
    machine.python("python3")
    machine.mariadb()
    done = machine.setup()
    assert done.returncode == 0, done.stdout
    assert machine.log == ["pip -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt"]
    again = machine.setup()
    assert (again.returncode, again.stdout, len(machine.log)) == (0, "", 1)


def test_changed_requirements_are_installed(machine: Machine) -> None:
    machine.python("python3")
    machine.mariadb()
    machine.setup()
    with (machine.folder / "requirements.txt").open("a") as file:
        file.write("another==1.0\n")
    machine.setup()
    assert len(machine.log) > 1


def test_an_old_default_python_is_passed_over_for_a_newer_one(machine: Machine) -> None:
    machine.python("python3", new=False)
    machine.python("python3.11")
    machine.mariadb()
    assert f"with {machine.bin}/python3.11" in machine.setup().stdout


def test_a_python_named_by_hand_is_used_and_a_wrong_one_refused(machine: Machine) -> None:
    machine.python("python3")
    machine.python("mine")
    machine.python("old", new=False)
    machine.mariadb()
    assert f"with {machine.bin}/mine" in machine.setup(PYTHON=f"{machine.bin}/mine").stdout
    done = machine.setup(PYTHON=f"{machine.bin}/old")
    assert done.returncode != 0
    assert "3.10 or newer" in done.stdout


def test_another_interpreter_leaves_the_environment_alone(machine: Machine) -> None:
    """make passes the name of an environment of its own."""
    machine.python("python3")
    machine.python("python3.13")
    machine.mariadb()
    machine.setup()
    before = sorted(str(path) for path in (machine.folder / ".venv").rglob("*"))
    other = {"PYTHON": f"{machine.bin}/python3.13", "ENVIRONMENT": ".venv-python3.13"}
    assert f".venv-python3.13 with {machine.bin}/python3.13" in machine.setup(**other).stdout
    assert sorted(str(path) for path in (machine.folder / ".venv").rglob("*")) == before
    assert (machine.setup().stdout, machine.setup(**other).stdout) == ("", "")


@pytest.mark.parametrize(
    ("given", "program"), [((), ".venv/bin/python"), (("PYTHON=/opt/p/bin/python3.13",), ".venv-python3.13/bin/python")]
)
def test_make_runs_the_tests_in_the_environment_of_its_python(given: tuple[str, ...], program: str) -> None:
    command = ["make", "--no-print-directory", "--dry-run", "test", *given]
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHON", "MAKEFLAGS")}
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True)
    assert f"{program} -m pytest" in done.stdout


def test_debians_missing_venv_module_is_installed(machine: Machine) -> None:
    machine.python("python3.11", venv=False)
    machine.mariadb()
    machine.package_manager("apt-get", f"touch {machine.bin}/python3.11.venv")
    done = machine.setup()
    assert done.returncode == 0, done.stdout
    assert [line for line in machine.log if " install " in line and "python3.11-venv" in line]
    assert not [line for line in machine.log if "update" in line], "the lists that were there were enough"


def test_almalinux_gets_python_from_dnf(machine: Machine) -> None:
    machine.python("python3", new=False)
    machine.python("later", venv=True)
    machine.mariadb()
    Path(f"{machine.bin}/python3.11.venv").touch()
    text = PYTHON.format(new="yes", path=machine.bin / "python3.11", log=machine.folder / "log")
    (machine.folder / "python").write_text(text)
    bring = f"cp {machine.folder}/python {machine.bin}/python3.11 && chmod 755 {machine.bin}/python3.11"
    machine.package_manager("dnf", bring)
    done = machine.setup()
    assert done.returncode == 0, done.stdout
    assert machine.log[0] == "dnf -y -q install python3.11"


def test_package_lists_are_fetched_only_when_installing_fails_without(machine: Machine) -> None:
    machine.python("python3.12", venv=False)
    machine.mariadb()
    machine.package_manager("apt-get", f"[ -e {machine.folder}/lists ] && touch {machine.bin}/python3.12.venv")
    machine.program(
        "apt-get",
        (machine.bin / "apt-get").read_text() + f'case "$*" in *update*) touch {machine.folder}/lists ;; esac\n',
    )
    # the last command's status is the program's: keep the install's failure
    text = (machine.bin / "apt-get").read_text().replace("esac\ncase", "esac || exit 1\ncase")
    machine.program("apt-get", text)
    done = machine.setup()
    assert done.returncode == 0, done.stdout
    assert [line.split()[-1] for line in machine.log if line.startswith("apt-get")] == [
        "python3.12-venv",
        "update",
        "python3.12-venv",
    ]


def test_mariadb_is_installed_as_programs_only_and_without_removing_anything(machine: Machine) -> None:
    machine.python("python3")
    bring = f"mkdir -p {machine.folder}/share/mysql && touch {machine.folder}/share/mysql/mysql_system_tables.sql"
    machine.package_manager("apt-get", f"{bring} && ln -s env {machine.bin}/mariadbd")
    done = machine.setup()
    assert done.returncode == 0, done.stdout
    install = machine.log[-1].split()
    assert install[-1] == "mariadb-server-core-10.6", "the versioned name of Ubuntu 22.04"
    assert {"--no-install-recommends", "--no-remove", "-y"} <= set(install)


def test_without_root_it_says_what_to_type(machine: Machine) -> None:
    machine.python("python3")
    machine.package_manager("apt-get", "exit 0")
    machine.root(yes=False)
    done = machine.setup()
    assert done.returncode != 0
    assert "apt-get install --no-install-recommends mariadb-server-core-10.6" in done.stdout
    assert "as root" in done.stdout


def test_without_root_mariadb_is_unpacked_into_the_checkout(machine: Machine) -> None:
    machine.python("python3")
    machine.root(yes=False)
    machine.program(
        "apt-get",
        'case "$*" in\n*"-s install"*) echo "Inst liburing2 (1)"; echo "Inst mariadb-server-core-10.6 (2)" ;;\n'
        "*download*) touch liburing2.deb mariadb.deb ;;\nesac",
    )
    machine.package_manager("unused", "")
    machine.program(
        "dpkg-deb",
        "mkdir -p usr/sbin usr/share/mysql && touch usr/sbin/mariadbd usr/share/mysql/mysql_system_tables.sql\n"
        "chmod 755 usr/sbin/mariadbd",
    )
    done = machine.setup()
    assert done.returncode == 0, done.stdout
    assert os.access(machine.folder / ".mariadb/usr/sbin/mariadbd", os.X_OK)
    assert not list((machine.folder / ".mariadb").glob("*.deb"))
    assert machine.setup().stdout == ""


def test_mariadb_can_be_left_out(machine: Machine) -> None:
    machine.python("python3")
    assert machine.setup("--no-mariadb").returncode == 0


@pytest.fixture
def debian(machine: Machine) -> dict[str, str]:
    """A machine with everything but a browser; its options for setup."""
    machine.python("python3")
    machine.mariadb()
    machine.setup()
    (machine.folder / "log").unlink()
    (machine.folder / "os-release").write_text('NAME="Debian"\nID=debian\n')
    (machine.bin / "ls").symlink_to(str(shutil.which("ls")))
    return {"OS_RELEASE": str(machine.folder / "os-release"), "FONTS": str(machine.folder / "fonts")}


def test_on_debian_the_browser_is_installed_with_letters_to_show(machine: Machine, debian: dict[str, str]) -> None:
    machine.package_manager("apt-get", f"ln -s env {machine.bin}/chromium")
    done = machine.setup("--browser", **debian)
    assert done.returncode == 0, done.stdout
    assert machine.log[0].split()[-2:] == ["chromium", "fonts-dejavu-core"]
    assert machine.setup("--browser", **debian).stdout == ""


@pytest.mark.parametrize("why", ["Ubuntu's is a snap", "no root", "it cannot be installed", "named by hand"])
def test_without_a_browser_setup_goes_on_and_says_what_to_install(
    machine: Machine, debian: dict[str, str], why: str
) -> None:
    machine.package_manager("apt-get", "exit 1")
    if why == "Ubuntu's is a snap":
        Path(debian["OS_RELEASE"]).write_text("ID=ubuntu\nID_LIKE=debian\n")
    machine.root(why != "no root")
    done = machine.setup("--browser", **debian, **({"CHROMIUM": "/no/such"} if why == "named by hand" else {}))
    assert done.returncode == 0, done.stdout
    assert "snap install chromium" in done.stdout
    assert bool(machine.log) == (why == "it cannot be installed")


def test_nobody_else_needs_a_browser(machine: Machine, debian: dict[str, str]) -> None:
    assert machine.setup(**debian).stdout == ""
    machine.program("mine", "exit 0")
    assert machine.setup("--browser", **debian, CHROMIUM=f"{machine.bin}/mine").stdout == ""


def test_a_machine_without_a_package_manager_is_told_what_is_missing(machine: Machine) -> None:
    done = machine.setup()
    assert done.returncode != 0
    assert "python3" in done.stdout


@pytest.mark.parametrize(
    ("lint", "test", "result"),
    [("true", "true", "PASSED"), ("false", "true", "FAILED (lint)"), ("false", "exit 3", "FAILED (lint coverage)")],
)
def test_ci_runs_both_parts_and_prints_the_result(tmp_path: Path, lint: str, test: str, result: str) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(REPOSITORY / ".ci/run", tmp_path / ".ci/run")
    (tmp_path / "Makefile").write_text(f'lint:\n\t@{lint}\ncoverage:\n\t@test "$$CI" = true; {test}\n')
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        [tmp_path / ".ci/run"], cwd="/", env=environment, capture_output=True, text=True, stdin=None, check=False
    )
    assert done.stdout.splitlines()[-1] == f"RESULT: {result}"
    assert (done.returncode == 0) == (result == "PASSED")


def test_help_lists_every_target() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    phony = makefile.split(".PHONY:")[1].split()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    shown = subprocess.check_output(["make", "--no-print-directory"], cwd=REPOSITORY, env=environment, text=True)
    assert {line.split()[1] for line in shown.splitlines()} == set(phony) - {"venv", "browser"}
