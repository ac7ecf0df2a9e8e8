"""``make install``: put the module into a panel. Repeating it upgrades in place; an interrupted one is just repeated.

Order: what others call comes after what it needs (environment, package, executables, plugin description), and every
file and folder is exchanged at once, so a hook that runs meanwhile finds the old module or the new one.
"""

from __future__ import annotations

import ctypes
import json
import os
import py_compile
import shutil
from pathlib import Path

from environment import base_interpreter, compile_tree, given_venv, own_venv, shebang
from panel_files import (
    CATALOGUE,
    EXAMPLE,
    HOOKS,
    HOST,
    MADE,
    MANIFEST,
    PACKAGE,
    PACKAGE_NAME,
    PLAIN,
    SETTINGS,
    SHARED,
    SOURCES,
    WORKER,
    Panel,
    fail,
    folder,
    guarded_files,
    lock,
    module_files,
    own,
    panel,
    parser,
    put,
    read_manifest,
    reload_panel,
    remove,
    say,
    shipped_files,
)
from private_files import check_links, digest, install_settings

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


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


def install_package(target: Panel) -> None:
    """The Python package: staged whole, compiled, exchanged for the old one, whose surplus modules go with it."""
    final = target.place(PACKAGE)
    folder(final.parent, 0o755)
    for left in final.parent.glob(f".{final.name}.*"):
        remove(left)  # of an interrupted installation
    staged = final.with_name(f".{final.name}.{os.getpid()}.new")
    for name in module_files():
        copy = staged / Path(name).relative_to(PACKAGE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SOURCES / name, copy)
    try:
        compile_tree(staged, final)
    except py_compile.PyCompileError as error:
        remove(staged)
        fail(f"the sources do not compile, nothing was changed: {error.msg}")
    for path in [staged, *staged.rglob("*")]:
        own(path, 0o755 if path.is_dir() else 0o644)
    swap_in(staged, final)


def install_executable(target: Panel, path: str, mode: int, interpreter: str, flags: str) -> None:
    """Copy an executable with its first line naming the interpreter that the packages were installed for."""
    line = shebang(interpreter, flags)
    if not line:
        fail(f"the path of the interpreter is too long or has blanks, no script can name it: {interpreter}")
    first, body = (SOURCES / path).read_bytes().split(b"\n", 1)
    if not first.startswith(b"#!"):
        fail(f"{path}: its first line names no interpreter; get the sources again.")
    put(target.place(path), line + body, mode)


def install_templates(target: Panel) -> None:
    """The timer and the log rotation; those that an earlier installation put elsewhere go."""
    noted = read_manifest(target.root)
    for name, path in (("cron", target.cron), ("logrotate", target.logrotate)):
        text = (SOURCES / "packaging" / name).read_text(encoding="utf-8")
        put(path, text.replace("@ROOT@", str(target.root)).encode(), 0o644)
        before = Path(str(noted.get(f"{name}_file") or Path(str(noted.get(f"{name}_dir") or path.parent)) / "omnidesk"))
        if before != path and _is_ours(before, target.root) and remove(before):
            say(f"{before} was removed: {path} is in its place.")


def _is_ours(path: Path, root: Path) -> bool:
    """Whether a timer or a log rotation is this panel's: several panels may use one folder."""
    return path.is_file() and f"{root}/" in path.read_text(encoding="utf-8", errors="replace")


def install_shared(target: Panel) -> None:
    """Manual pages and completion, where man and the shells look; a folder that takes none costs only them."""
    try:
        for path, place in SHARED:
            put(target.share_dir / place, (SOURCES / path).read_bytes(), 0o644)
    except OSError as error:
        say(f"The manual page and the completion were not installed ({error}).")


def mention_cron(target: Panel) -> None:
    """Which timer runs the module. Without one that would be noticed only when a hook fails as well."""
    system = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
    if not target.cron_dir_named and target.cron_dir != HOST / "cron.d":
        say(f"The timer {target.cron} is read by no cron. Once the panel runs, repeat make install, or say CRON_DIR=.")
        return
    say(f"The timer {target.cron} runs the module every minute.")
    if target.cron_dir == HOST / "cron.d" and not any(shutil.which(name, path=system) for name in ("cron", "crond")):
        say("No cron was found: install it (package cron or cronie), or keep `pmomnidesk worker` running as a service.")


def check_strangers(target: Panel) -> None:
    """End before anything is changed when files of these names are not ours: the original module's have the same."""
    if target.place(MANIFEST).exists():
        return
    strange = [str(target.place(path)) for path in guarded_files() if target.place(path).exists()]
    if strange:
        fail(
            f"another module's files are in the way: {', '.join(strange)}. Remove that module first, in the panel:"
            " Integrations, Modules, OmniDesk, Delete. Its tables stay where they are, and check_connection says"
            " what to do with them."
        )


def check_package(target: Panel) -> None:
    """End before anything is changed when the .deb or .rpm brought the module, which would not know of the change."""
    if "package" in read_manifest(target.root):
        fail(f"the package {PACKAGE_NAME} is installed here. Upgrade that package, or remove it first.")


def check_sources() -> None:
    """End before anything is changed when this copy of the sources is not whole."""
    wanted = [*(path for path, _ in shipped_files()), PACKAGE, CATALOGUE, "requirements.txt"]
    missing = [path for path in wanted if not (SOURCES / path).exists()]
    if missing:
        fail(f"these sources are not complete, {', '.join(missing)} is missing. Get them again.")


def note(target: Panel, venv: str) -> None:
    """Write down what uninstall and the next installation have to know."""
    folders = read_manifest(target.root).get("folders")
    inside = [one for one in MADE if Path(one).is_relative_to(target.root)]
    noted = {
        "cron_dir": str(target.cron_dir),
        "cron_dir_named": target.cron_dir_named,
        "cron_file": str(target.cron),
        "logrotate_dir": str(target.logrotate_dir),
        "logrotate_file": str(target.logrotate),
        # One outside the panel is the administrator's, who has named it.
        "folders": sorted({*inside, *(folders if isinstance(folders, list) else [])}),
        "share_dir": str(target.share_dir),
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
    os.umask(0o022)  # what venv and pip make is read by others' programs, and written by none
    target = panel(given)
    check_sources()
    check_strangers(target)
    check_package(target)
    check_links(target)
    held = lock(target.root)

    folder(target.place("lib"), 0o755)
    python = given_venv(target, given.venv) if given.venv else own_venv(target)
    install_package(target)
    install_settings(target)
    install_executable(target, *WORKER, python, "-I")
    for path, mode in HOOKS:
        # -S: no site-packages and none of their .pth files, which can cost more than the interpreter itself
        install_executable(target, path, mode, base_interpreter(), "-IS")
    for path, mode in PLAIN:
        put(target.place(path), (SOURCES / path).read_bytes(), mode)
    install_templates(target)
    install_shared(target)
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
