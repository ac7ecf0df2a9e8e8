"""The Python that the module runs on: which interpreter, and a virtual environment of the module's own.

Shared by ``make install``, where pip fetches the packages, and by the .deb and .rpm packages, which bring them along as
wheels. Standard library only.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import py_compile
import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from panel_files import SOURCES, VENV_LINK, Panel, fail, remove, say

# Kernels before 5.1 cut a longer first line of a script off.
LONGEST_SHEBANG = 127
REQUIREMENTS = SOURCES / "requirements.txt"
HASHED = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[\w.]+) --hash=sha256:(?P<sha256>[0-9a-f]{64})")


def base_interpreter() -> str:
    """The real binary behind this Python: no shim, no virtual environment, no link that a package manager moves."""
    base = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
    if sys.prefix != sys.base_prefix and base.startswith(os.path.realpath(sys.prefix) + os.sep):
        # an environment made with copies instead of links
        name = f"bin/python{sys.version_info[0]}.{sys.version_info[1]}"
        base = os.path.realpath(os.path.join(sys.base_prefix, name))
    return base


def shebang(interpreter: str, flags: str) -> bytes:
    """A script's first line; empty when the kernel could not read it."""
    line = f"#!{interpreter} {flags}\n"
    return b"" if len(line) > LONGEST_SHEBANG or len(line.split()) != 2 else line.encode()


def compile_tree(top: Path, shown_as: Path) -> None:
    """Byte-compile every module below ``top``, which will lie at ``shown_as``.

    Hooks must not pay for compiling, nor be able to write; PYTHONDONTWRITEBYTECODE does not apply to this.
    """
    for source in top.rglob("*.py"):
        cache = importlib.util.cache_from_source(str(source))
        py_compile.compile(
            str(source),
            cfile=cache,
            dfile=str(shown_as / source.relative_to(top)),
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP,
        )


def own_venv(target: Panel, wheels: Path | None = None) -> str:
    """The module's own virtual environment; its Python. ``wheels``: take the packages from this folder, not by pip.

    Each set of packages gets a folder of its own and ``lib/omnidesk-venv`` is a link to the one in use, so an upgrade
    never changes packages under a running worker. The one that was in use before stays for it until the next upgrade.
    """
    base = base_interpreter()
    wanted = wheel_list(wheels) if wheels else hashed_requirements()
    key = hashlib.sha256(wanted.read_bytes() + f"{base} {sys.version}".encode()).hexdigest()[:12]
    link = target.place(VENV_LINK)
    home = link.with_name(f"{link.name}.{key}")
    python = home / "bin" / "python"
    stamp = home / "complete"
    if not (stamp.exists() and python.exists()):
        if wheels:
            _run([base, "-I", "-m", "venv", "--clear", "--without-pip", str(home)])
            unpack_wheels(wheels, home / "lib" / f"python{_minor()}" / "site-packages")
        else:
            say(f"Making a virtual environment with {base} and installing the packages of requirements.txt")
            _run([base, "-I", "-m", "venv", "--clear", str(home)])
            pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
            hashed = () if wanted == REQUIREMENTS else ("--require-hashes", "--only-binary=:all:")
            _run([*pip, *hashed, "-r", str(wanted)])
        _run([str(python), "-I", "-m", "compileall", "-q", str(home / "lib")])
        stamp.write_text("", encoding="utf-8")
    before = link.resolve()
    if not link.is_symlink() and link.exists():
        remove(link)
    staged = link.with_name(f".{link.name}.new")
    staged.unlink(missing_ok=True)
    staged.symlink_to(home.name)
    staged.replace(link)
    for other in link.parent.glob(f"{link.name}.*"):
        if other.resolve() not in (home.resolve(), before):
            remove(other)
    return str(link / "bin" / "python")


def hashed_requirements() -> Path:
    """What pip installs: the list of this Python and machine, with the hash of each wheel.

    Where none was made, or requirements.txt was changed since: requirements.txt itself. Then pip takes what the index
    has under the versions named there.
    """
    found = SOURCES / "packaging/wheels" / os.uname().machine / f"python{_minor()}.txt"
    if found.exists() and _pins(found) == _pins(REQUIREMENTS):
        return found
    say(f"There are no hashes of these packages for Python {_minor()} on {os.uname().machine}: they are not verified.")
    return REQUIREMENTS


def _pins(list_of_packages: Path) -> list[str]:
    """The packages and versions that a list names, without their hashes."""
    lines = (line.partition("#")[0].split() for line in list_of_packages.read_text(encoding="utf-8").splitlines())
    return sorted(words[0] for words in lines if words)


def _minor() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def _run(step: Sequence[str]) -> None:
    if subprocess.run(step, check=False).returncode != 0:
        fail(f"this failed, nothing was changed: {' '.join(step)}")


def wheel_list(wheels: Path) -> Path:
    """The list of a wheelhouse's packages for this Python: requirement lines with hashes, as pip reads them."""
    found = wheels / f"python{_minor()}.txt"
    if not found.exists():
        have = ", ".join(sorted(path.stem.removeprefix("python") for path in wheels.glob("python*.txt")))
        fail(f"this package has no libraries for Python {_minor()} ({base_interpreter()}), only for {have}.")
    return found


def unpack_wheels(wheels: Path, into: Path) -> None:
    """Unpack the wheels of this Python's list. A wheel is a zip of what belongs into site-packages: pip is not needed,
    so neither is Debian's python3-venv. Each is checked against its hash first."""
    have = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in sorted(wheels.glob("*.whl"))}
    for line in read_wheel_list(wheel_list(wheels)):
        wheel = have.get(line["sha256"])
        if wheel is None:
            fail(f"{line['name']} {line['version']} is missing or damaged in {wheels}. Install the package again.")
        with zipfile.ZipFile(wheel) as content:
            if any(".data/" in name for name in content.namelist()):
                fail(f"{wheel.name} is not a plain wheel: it wants more than to be unpacked.")
            content.extractall(into)


def read_wheel_list(path: Path) -> list[re.Match[str]]:
    """The lines of a wheel list; ends the program when one is not understood."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    found = [HASHED.fullmatch(line) for line in lines]
    if not all(found):
        fail(f"{path}: not a list of packages with hashes.")
    return [line for line in found if line]


def given_venv(target: Panel, venv: str) -> str:
    """The Python of an environment that exists already and belongs to somebody else."""
    python = os.path.join(os.path.abspath(venv), "bin", "python")
    if shebang(python, "-I"):
        return python
    link = target.place(VENV_LINK)  # a shorter name for it
    remove(link)
    link.symlink_to(os.path.abspath(venv))
    return str(link / "bin" / "python")
