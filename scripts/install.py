"""``make install``: put the module into a panel. Repeating it upgrades in place; an interrupted one is just repeated.

Order: what others call comes after what it needs (environment, package, executables, plugin description), and every
file and folder is exchanged at once, so a doorbell that rings meanwhile finds the old module or the new one.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import json
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

from panel_files import (
    CATALOGUE,
    DOORBELLS,
    EXAMPLE,
    LOGO,
    MANIFEST,
    PACKAGE,
    PLUGIN_XML,
    PRIVATE_FOLDERS,
    SETTINGS,
    SOURCES,
    VENV_LINK,
    WORKER,
    Panel,
    fail,
    folder,
    lock,
    own,
    panel,
    parser,
    put,
    read_manifest,
    reload_panel,
    remove,
    say,
)

# Kernels before 5.1 cut a longer first line of a script off.
LONGEST_SHEBANG = 127
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


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


def swap_in(staged: Path, final: Path) -> None:
    """Put a folder in the place of another in one step, then remove the old one."""
    if not final.exists() and not final.is_symlink():
        staged.rename(final)
        return
    rename = getattr(ctypes.CDLL(None), "renameat2", None)  # glibc 2.28+
    names = os.fsencode(staged), os.fsencode(final)
    if rename is None or rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) != 0:
        # A filesystem that cannot exchange: two steps, with a gap of microseconds between them.
        old = final.with_name(f".{final.name}.{os.getpid()}.old")
        final.rename(old)
        staged.rename(final)
        remove(old)
    else:
        remove(staged)


def compile_tree(top: Path, shown_as: Path) -> None:
    """Byte-compile every module below ``top``, which will lie at ``shown_as``.

    Doorbells must not pay for compiling, nor be able to write; PYTHONDONTWRITEBYTECODE does not apply to this.
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


def install_package(target: Panel) -> None:
    """The Python package: staged whole, compiled, exchanged for the old one, whose surplus modules go with it."""
    final = target.place(PACKAGE)
    folder(final.parent, 0o755)
    for left in final.parent.glob(f".{final.name}.*"):
        remove(left)  # of an interrupted installation
    staged = final.with_name(f".{final.name}.{os.getpid()}.new")
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "*~")
    shutil.copytree(SOURCES / PACKAGE, staged, ignore=ignored, copy_function=shutil.copyfile)
    try:
        compile_tree(staged, final)
    except py_compile.PyCompileError as error:
        remove(staged)
        fail(f"the sources do not compile, nothing was changed: {error.msg}")
    for path in [staged, *staged.rglob("*")]:
        own(path, 0o755 if path.is_dir() else 0o644)
    swap_in(staged, final)


def own_venv(target: Panel) -> str:
    """The module's own virtual environment; its Python.

    Each set of packages gets a folder of its own and ``lib/omnidesk-venv`` is a link to the one in use, so an upgrade
    never changes packages under a running worker.
    """
    requirements = SOURCES / "requirements.txt"
    base = base_interpreter()
    key = hashlib.sha256(requirements.read_bytes() + f"{base} {sys.version}".encode()).hexdigest()[:12]
    link = target.place(VENV_LINK)
    home = link.with_name(f"{link.name}.{key}")
    python = home / "bin" / "python"
    stamp = home / "complete"
    if not (stamp.exists() and python.exists()):
        say(f"Making a virtual environment with {base} and installing the packages of requirements.txt")
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        for step in (
            [base, "-I", "-m", "venv", "--clear", str(home)],
            [*pip, "-r", str(requirements)],
            [str(python), "-I", "-m", "compileall", "-q", str(home / "lib")],
        ):
            if subprocess.run(step, check=False).returncode != 0:
                fail(f"this failed, nothing was changed: {' '.join(step)}")
        stamp.write_text("", encoding="utf-8")
    if not link.is_symlink() and link.exists():
        remove(link)
    staged = link.with_name(f".{link.name}.new")
    staged.unlink(missing_ok=True)
    staged.symlink_to(home.name)
    staged.replace(link)
    for other in link.parent.glob(f"{link.name}.*"):
        if other != home:
            remove(other)
    return str(link / "bin" / "python")


def given_venv(target: Panel, venv: str) -> str:
    """The Python of an environment that exists already and belongs to somebody else."""
    python = os.path.join(os.path.abspath(venv), "bin", "python")
    if shebang(python, "-I"):
        return python
    link = target.place(VENV_LINK)  # a shorter name for it
    remove(link)
    link.symlink_to(os.path.abspath(venv))
    return str(link / "bin" / "python")


def install_executable(target: Panel, path: str, mode: int, interpreter: str, flags: str) -> None:
    """Copy an executable with its first line naming the interpreter that the packages were installed for."""
    line = shebang(interpreter, flags)
    if not line:
        fail(f"the path of the interpreter is too long or has blanks, no script can name it: {interpreter}")
    first, body = (SOURCES / path).read_bytes().split(b"\n", 1)
    if not first.startswith(b"#!"):
        fail(f"{path}: its first line names no interpreter; get the sources again.")
    put(target.place(path), line + body, mode)


def install_settings(target: Panel) -> None:
    """The private folders, the examples, and the catalogue; nothing that the administrator has written is replaced."""
    for name in PRIVATE_FOLDERS:
        folder(target.place(name), 0o700, enforce=True)
    put(target.place(EXAMPLE), (SOURCES / EXAMPLE).read_bytes(), 0o600)
    if target.place(SETTINGS).exists():
        own(target.place(SETTINGS), 0o600)

    catalogue, beside = target.place(CATALOGUE), target.place(CATALOGUE + ".new")
    shipped = (SOURCES / CATALOGUE).read_bytes()
    if not catalogue.exists():
        put(catalogue, shipped, 0o600)
    elif catalogue.read_bytes() == shipped:
        beside.unlink(missing_ok=True)
    elif digest(shipped) != read_manifest(target.root).get("catalogue"):
        put(beside, shipped, 0o600)
        say(f"{catalogue} was kept as it is; the one of this version lies beside it as {beside.name}.")


def digest(content: bytes) -> str:
    """What tells two versions of a shipped file apart."""
    return hashlib.sha256(content).hexdigest()


def install_templates(target: Panel) -> None:
    """The timer and the log rotation."""
    for name, path in (("cron", target.cron), ("logrotate", target.logrotate)):
        text = (SOURCES / "packaging" / name).read_text(encoding="utf-8")
        put(path, text.replace("@ROOT@", str(target.root)).encode(), 0o644)


def mention_cron(target: Panel) -> None:
    """A timer that nobody runs would be missed only when a doorbell is."""
    system = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
    if target.cron_dir == Path("/etc/cron.d") and not any(
        shutil.which(name, path=system) for name in ("cron", "crond")
    ):
        say("No cron was found: install it (package cron or cronie), or keep `pmomnidesk worker` running as a service.")


def check_strangers(target: Panel) -> None:
    """End before anything is changed when files of these names are not ours: the original module's have the same."""
    if target.place(MANIFEST).exists():
        return
    names = [WORKER[0], *(path for path, _ in DOORBELLS), PLUGIN_XML]
    strange = [str(target.place(path)) for path in names if target.place(path).exists()]
    if strange:
        fail(
            f"another module's files are in the way: {', '.join(strange)}. Remove that module first, in the panel:"
            " Integrations, Modules, OmniDesk, Delete. Its tables stay where they are, and check_connection says"
            " what to do with them."
        )


def check_sources() -> None:
    """End before anything is changed when this copy of the sources is not whole."""
    shipped = [PLUGIN_XML, LOGO, PACKAGE, CATALOGUE, EXAMPLE, "requirements.txt"]
    wanted = [WORKER[0], *(path for path, _ in DOORBELLS), *shipped]
    missing = [path for path in wanted if not (SOURCES / path).exists()]
    if missing:
        fail(f"these sources are not complete, {', '.join(missing)} is missing. Get them again.")


def note(target: Panel, venv: str) -> None:
    """Write down what uninstall and the next installation have to know."""
    noted = {
        "cron_dir": str(target.cron_dir),
        "logrotate_dir": str(target.logrotate_dir),
        "catalogue": digest((SOURCES / CATALOGUE).read_bytes()),
        "venv": venv,
        "interpreter": base_interpreter(),
    }
    put(target.place(MANIFEST), json.dumps(noted, indent=2).encode() + b"\n", 0o600)


def main() -> None:
    """Install into the panel that the options name."""
    options = parser(__doc__.splitlines()[0])
    options.add_argument("--venv", default="", help="use this virtual environment instead of making one")
    given = options.parse_args()
    target = panel(given)
    check_sources()
    check_strangers(target)
    held = lock(target.root)

    folder(target.place("lib"), 0o755)
    python = given_venv(target, given.venv) if given.venv else own_venv(target)
    install_package(target)
    install_settings(target)
    install_executable(target, *WORKER, python, "-I")
    for path, mode in DOORBELLS:
        # -S: no site-packages and none of their .pth files, which can cost more than the interpreter itself
        install_executable(target, path, mode, base_interpreter(), "-IS")
    put(target.place(LOGO), (SOURCES / LOGO).read_bytes(), 0o644)
    put(target.place(PLUGIN_XML), (SOURCES / PLUGIN_XML).read_bytes(), 0o644)
    install_templates(target)
    note(target, python)
    os.close(held)

    say(f"The module is installed in {target.root}.")
    reload_panel(target)
    mention_cron(target)
    if not target.place(SETTINGS).exists():
        say("Next: in the panel open Integrations, Modules, OmniDesk, Configure (or OmniDesk in the menu), fill it in.")
        say(f"Or: cp -p {target.place(EXAMPLE)} {target.place(SETTINGS)}, fill that in, then")
    say(f"      {target.place(WORKER[0])} check_connection")


if __name__ == "__main__":
    main()
