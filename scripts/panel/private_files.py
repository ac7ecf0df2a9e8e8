"""What in a panel is private to the module: settings, catalogue, spool, state. Installed once, kept ever after. And
what goes when the module goes.

Shared by ``make install``, ``make uninstall`` and the packages. Standard library only.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from panel_files import (
    CATALOGUE,
    EXAMPLE,
    LOGS,
    MANIFEST,
    PRIVATE_FOLDERS,
    SETTINGS,
    SHARED,
    SOURCES,
    Panel,
    fail,
    folder,
    own,
    put,
    read_manifest,
    remove,
    say,
)

# Files of var/omnidesk that mean nothing once the module is gone.
PASSING = (
    "wake",
    "worker.lock",
    "tickets.lock",
    "settings.lock",
    "custom_fields.lock",
    "new_secret",
    "down",
    "rate",
    "rate.trial",
)


def check_links(target: Panel) -> None:
    """End before anything is changed when a link stands where root will write: its maker would choose the place."""
    links = [str(target.place(name)) for name in (*PRIVATE_FOLDERS, *LOGS) if target.place(name).is_symlink()]
    if links:
        fail(f"symbolic links are in the way: {', '.join(links)}; put what they lead to there.")


def install_settings(target: Panel) -> None:
    """The private folders and the catalogue; nothing that the administrator has written is replaced."""
    check_links(target)
    for name in PRIVATE_FOLDERS:
        folder(target.place(name), 0o700, enforce=True)
    if target.place(SETTINGS).exists() and not target.place(SETTINGS).is_symlink():
        own(target.place(SETTINGS), 0o600)

    catalogue, beside = target.place(CATALOGUE), target.place(CATALOGUE + ".new")
    shipped = (SOURCES / CATALOGUE).read_bytes()
    noted = read_manifest(target.root).get("catalogue")
    if catalogue.exists() and catalogue.read_bytes() == shipped:
        beside.unlink(missing_ok=True)
    elif not catalogue.exists() or digest(catalogue.read_bytes()) == noted:  # it was not edited
        put(catalogue, shipped, 0o600)
    elif digest(shipped) != noted:
        put(beside, shipped, 0o600)
        say(f"{catalogue} was kept as it is; the one of this version lies beside it as {beside.name}.")


def digest(content: bytes) -> str:
    """By which two versions of a shipped file differ."""
    return hashlib.sha256(content).hexdigest()


def remove_state(target: Panel, purge: bool) -> None:
    """What the module wrote while it ran, and what the administrator wrote for it."""
    remove(target.place(MANIFEST))
    remove(target.place(EXAMPLE))
    if purge:
        for name in ("etc/omnidesk", "var/omnidesk", *LOGS):
            remove(target.place(name))
        return
    remove(target.place(CATALOGUE + ".new"))
    for name in PASSING:
        path = target.place("var/omnidesk") / name
        if path.exists():
            path.unlink()
    for name in ("var/omnidesk/files", "var/omnidesk/spool", "var/omnidesk/broken", "var/omnidesk", "etc/omnidesk"):
        with contextlib.suppress(OSError):  # not empty: it holds what is kept
            target.place(name).rmdir()


def remove_shared(share: Path, root: Path) -> None:
    """Manual pages and completion, with the folders that only they were in."""
    for _, place in SHARED:
        path = share / place
        if remove(path):
            for folder in path.parents:
                if folder == root or not folder.is_relative_to(share):
                    break
                try:
                    folder.rmdir()
                except OSError:  # somebody else's files are there
                    break
