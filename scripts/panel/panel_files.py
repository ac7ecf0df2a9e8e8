"""What the module has in a panel, and how files get there: shared by install.py and uninstall.py.

Standard library only: on a panel this runs before the virtual environment exists.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, NoReturn

SOURCES = Path(__file__).resolve().parents[2]
PACKAGE_NAME = "billmanager-plugin-omnidesk"  # of the .deb and the .rpm
STANDARD_ROOT = Path("/usr/local/mgr5")
HOST = Path("/etc")  # below it cron and logrotate look

# (path below the root and in the sources, mode). The modes are those of the panel's own files.
WORKER = ("processing/pmomnidesk", 0o755)
HOOKS = (("cgi/omnidesk_webhook", 0o755), ("addon/omnidesk", 0o750))
PLUGIN_XML = "etc/xml/billmgr_mod_omnidesk.xml"
LOGO = "skins/common/plugin-logo/billmanager-plugin-omnidesk.png"
PACKAGE = "lib/omnidesk"
VENV_LINK = "lib/omnidesk-venv"
CATALOGUE = "etc/omnidesk/custom_fields_values.json"
SETTINGS = "etc/omnidesk/omnidesk.conf"
EXAMPLE = "etc/omnidesk/omnidesk.conf.example"
PRIVATE_FOLDERS = ("etc/omnidesk", "var/omnidesk", "var/omnidesk/spool", "var/omnidesk/files")
# What shells and man look for: (path in the sources, path below the share folder).
SHARED = (
    ("man/pmomnidesk.1", "man/man1/pmomnidesk.1"),
    ("man/ru/pmomnidesk.1", "man/ru/man1/pmomnidesk.1"),
    ("packaging/completion/pmomnidesk.bash", "bash-completion/completions/pmomnidesk"),
    ("packaging/completion/pmomnidesk.zsh", "zsh/site-functions/_pmomnidesk"),
    ("packaging/completion/pmomnidesk.fish", "fish/vendor_completions.d/pmomnidesk.fish"),
)
MANIFEST = "var/omnidesk/install.json"
# Copied as they are.
PLAIN = ((LOGO, 0o644), (EXAMPLE, 0o600), (PLUGIN_XML, 0o644))
LOGS = ("var/pmomnidesk.log", "var/omnidesk_webhook.log")


def module_files() -> list[str]:
    """The Python package's files, as paths below the root."""
    found = (path.relative_to(SOURCES) for path in (SOURCES / PACKAGE).rglob("*") if path.is_file())
    return sorted(str(path) for path in found if not is_litter(path))


def is_litter(path: PurePath) -> bool:
    """Whether a file of a checkout is no source: bytecode, an editor's copy, something hidden."""
    return path.suffix == ".pyc" or path.name.endswith("~") or any(part.startswith(".") for part in path.parts)


def shipped_files() -> list[tuple[str, int]]:
    """Every file that goes into a panel as it is but for an executable's first line, with its mode. The one list for
    ``make install``, the packages and ISPsystem's way; the catalogue (installed once) and what is made there is not
    in it."""
    return sorted([*((path, 0o644) for path in module_files()), WORKER, *HOOKS, *PLAIN])


def guarded_files() -> list[str]:
    """Names that the original module uses too."""
    return [WORKER[0], *(path for path, _ in HOOKS), PLUGIN_XML]


def say(text: str) -> None:
    """A line for the person who typed the command."""
    print(text, flush=True)


def fail(text: str) -> NoReturn:
    """End with an error that says what to do."""
    print(f"ERROR: {text}", file=sys.stderr)
    sys.exit(1)


@dataclass(frozen=True)
class Panel:
    """One panel and the folders outside it that the module uses."""

    root: Path
    cron_dir: Path
    cron_dir_named: bool  # by CRON_DIR: a cron of the administrator's own reads it
    logrotate_dir: Path
    share_dir: Path  # manual pages and completion
    reload: bool

    @property
    def cron(self) -> Path:
        """The timer's file; cron ignores names with a dot."""
        return self.cron_dir / self._name(self.cron_dir)

    @property
    def logrotate(self) -> Path:
        """The log rotation's file."""
        return self.logrotate_dir / self._name(self.logrotate_dir)

    def _name(self, place: Path) -> str:
        """In a folder of the host's, a panel that is not the standard one has a file of its own name."""
        ours = self.root == STANDARD_ROOT or not place.is_relative_to(HOST)
        return "omnidesk" if ours else "omnidesk-" + re.sub(r"[^A-Za-z0-9]+", "-", str(self.root)).strip("-")

    def place(self, path: str) -> Path:
        """Where a path of the sources lies in this panel."""
        return self.root / path


def parser(description: str) -> argparse.ArgumentParser:
    """The options both commands have. Empty values, as make passes them, mean "not given"."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--root", default="", help="the panel's root (/usr/local/mgr5)")
    options.add_argument("--cron-dir", default="", help="/etc/cron.d, or ROOT/etc/cron.d where no panel is yet")
    options.add_argument("--logrotate-dir", default="", help="likewise /etc/logrotate.d")
    options.add_argument("--reload", default="", choices=["", "yes", "no"], help="make the panel read its XML again")
    return options


def panel(options: argparse.Namespace) -> Panel:
    """The panel that the options name; ends the program when it is none."""
    root = Path(os.path.abspath(options.root or STANDARD_ROOT))
    if not root.is_dir():
        fail(f"{root} does not exist. Where is the panel? Say MGR5_ROOT=/path (normally {STANDARD_ROOT}).")
    missing = [name for name in ("processing", "etc") if not (root / name).is_dir()]
    if missing:
        fail(f"{root} has no {' and no '.join(missing)}: it is not a panel's root. Say MGR5_ROOT=/path.")
    if not re.fullmatch(r"[\w./+=:,@-]+", str(root)):
        fail(f"{root}: a root with blanks, quotes or % in its name cannot be written into cron's files.")
    manifest = read_manifest(root)
    share = Path("/usr/local/share") if root == STANDARD_ROOT else root / "share"
    return Panel(
        root,
        _host_folder(root, "cron.d", options.cron_dir, manifest, "cron_dir"),
        bool(options.cron_dir) or manifest.get("cron_dir_named") is True,
        _host_folder(root, "logrotate.d", options.logrotate_dir, manifest, "logrotate_dir"),
        Path(os.path.abspath(manifest.get("share_dir") or share)),
        reload=options.reload == "yes" or (options.reload == "" and root == STANDARD_ROOT),
    )


def _host_folder(root: Path, name: str, given: str, manifest: dict[str, Any], noted: str) -> Path:
    """A folder of this host's ``/etc``; one below the root where there is no panel yet, or nobody may write to it.

    Named once, it stays; so does one where an earlier installation has put a file that is read.
    """
    before = Path(str(manifest.get(noted) or root / "etc" / name))
    if given or before != root / "etc" / name or manifest.get(f"{noted}_named") is True:
        return Path(os.path.abspath(given or before))
    there = HOST / name
    live = root == STANDARD_ROOT or ((root / "sbin/mgrctl").exists() and os.access(there, os.W_OK))
    return there if live else before


def read_manifest(root: Path) -> dict[str, Any]:
    """What the last installation noted about itself; empty when there was none or its note is damaged."""
    try:
        noted = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def lock(root: Path) -> int:
    """Keep a second install or uninstall of the same panel out until this process ends."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fail(f"another installation in {root} is running.")
    return descriptor


def own(path: Path, mode: int) -> None:
    """Give ``path`` its mode whatever the umask, and to root when we are root."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if os.geteuid() == 0:
            os.fchown(descriptor, 0, 0)
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)


MADE: list[str] = []  # folders that this process has made, for the uninstallation


def folder(path: Path, mode: int, *, enforce: bool = False) -> None:
    """Make a folder; one that the panel has already keeps its mode unless it is ours (``enforce``)."""
    if not path.is_dir():
        MADE.extend(str(one) for one in (path, *path.parents) if not one.exists())
        path.mkdir(parents=True)
        enforce = True
    if enforce:
        own(path, mode)


def put(path: Path, content: bytes, mode: int) -> None:
    """Write a file so that whoever opens it meanwhile gets the old one or the new one, whole."""
    folder(path.parent, 0o755)
    staged = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        staged.unlink(missing_ok=True)  # of a process that was killed and had the same number
        with open(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
            file.write(content)
        own(staged, mode)
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)


def remove(path: Path) -> bool:
    """Remove a file, a link (never what it points to) or a folder; whether there was one."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)
    else:
        return False
    return True


def remove_folders(noted: Any) -> None:
    """The folders that installations have made, as far as nothing is in them."""
    for one in sorted((str(one) for one in noted if one) if isinstance(noted, list) else [], reverse=True):
        with contextlib.suppress(OSError):  # somebody has put something there, or removed it
            Path(one).rmdir()


def reload_panel(target: Panel) -> None:
    """Let the panel read its XML again: it caches the plugins' descriptions until it restarts."""
    if not target.reload:
        return
    command = [str(target.place("sbin/mgrctl")), "-m", "billmgr", "exit"]
    try:
        done = subprocess.run(command, cwd=target.root, capture_output=True, timeout=120, check=False)
        problem = "" if done.returncode == 0 else done.stdout.decode(errors="replace").strip()[-300:] or "no answer"
    except (OSError, subprocess.TimeoutExpired) as error:
        problem = str(error)
    if problem:
        say(f"The panel was not reloaded ({problem}). It sees the change after: {' '.join(command)}")
    else:
        say("The panel reloads its files.")
