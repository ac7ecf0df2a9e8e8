"""A new secret of the webhook between its creation and the saving of the form.

It lies in a file of its own until then. In the form's fields it would come back with every request, and the panel
writes the parameters of requests into its log. So, too, a form that was closed and opened again shows the address that
has perhaps been pasted into Omnidesk already.
"""

from __future__ import annotations

import os
import secrets
import time
from contextlib import suppress

from omnidesk.core.paths import Paths, private_folder
from omnidesk.core.settings import SETTINGS

BYTES = 24  # of randomness
KEEP_SECONDS = 86400.0  # a new secret that nobody saved within a day was not wanted
MOST = 200


def _place(paths: Paths) -> str:
    return os.path.join(paths.var, "new_secret")


def read(paths: Paths) -> str:
    """The new secret that is waiting; "" when none is, or none that would be accepted."""
    try:
        with open(_place(paths), encoding="ascii", errors="replace") as file:
            if not 0 <= time.time() - os.fstat(file.fileno()).st_mtime < KEEP_SECONDS:
                return ""
            text = file.read(MOST + 1)
        SETTINGS["OmnideskSecret"][1](text)
    except (FileNotFoundError, ValueError):
        return ""
    return text


def make(paths: Paths) -> str:
    """A new secret in the place of any other that waits; ``OSError`` of the disk."""
    private_folder(paths.var)
    made, place = secrets.token_urlsafe(BYTES), _place(paths)
    staged = f"{place}.{os.getpid()}"
    with suppress(FileNotFoundError):
        os.unlink(staged)  # of a process that was killed and had the same number
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        os.write(descriptor, made.encode())
    finally:
        os.close(descriptor)
    os.replace(staged, place)
    return made


def forget(paths: Paths) -> None:
    """It is saved now, or not wanted."""
    with suppress(FileNotFoundError):
        os.unlink(_place(paths))
