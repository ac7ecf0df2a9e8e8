"""A new secret of the webhook between its creation and the first call that carries it.

It lies in a file of its own until then, so that the form can show the complete address for as long as somebody may
have to paste it: before the form is saved, and afterwards until the webhook has been called with it
(:func:`omnidesk.hooks.webhook.first_call` removes the file). In the form's fields it would come back with every
request, and the panel writes the parameters of requests into its log.
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


def read(paths: Paths, stored: str) -> str:
    """The new secret; "" when there is none, or none that would be accepted.

    ``stored`` is the one in the settings: if that is it, it is kept until a call has come, however long that takes.
    """
    try:
        with open(paths.new_secret, encoding="ascii", errors="replace") as file:
            age = time.time() - os.fstat(file.fileno()).st_mtime
            text = file.read(MOST + 1)
        SETTINGS["OmnideskSecret"][1](text)
    except (FileNotFoundError, ValueError):
        return ""
    return text if text == stored or 0 <= age < KEEP_SECONDS else ""


def make(paths: Paths) -> str:
    """A new secret in the place of any other that waits; ``OSError`` of the disk."""
    private_folder(paths.var)
    made, place = secrets.token_urlsafe(BYTES), paths.new_secret
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
    """Another secret is in force."""
    with suppress(FileNotFoundError):
        os.unlink(paths.new_secret)
