"""Files of settings that people edit too: written completely or not at all, one save at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from omnidesk.core.paths import Paths, private_folder

PRIVATE = 0o600


@contextmanager
def alone(paths: Paths, name: str) -> Iterator[None]:
    """One save at a time. The lock ``name`` is a file of its own: what is saved is another file after each save."""
    private_folder(paths.var)
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    lock = os.open(os.path.join(paths.var, name), flags, PRIVATE)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def replace(path: str, content: bytes, *, private: bool) -> None:
    """Old or new, also after a power cut; call it within :func:`alone`. ``OSError`` of the disk.

    The owner stays, and so do the rights the file had, unless it is ``private``: then nobody else may read it, whatever
    it was before. A new file is private in any case.
    """
    folder = os.path.dirname(path)
    temporary = os.path.join(folder, f".{os.path.basename(path)}.new")  # the lock's holder is the only one to use it
    if os.path.lexists(temporary):
        os.unlink(temporary)  # of a save that was killed
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE)
    try:
        try:
            _dress(descriptor, path, private)
            while content:
                content = content[os.write(descriptor, content) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    _sync(folder)


def _dress(descriptor: int, path: str, private: bool) -> None:
    try:
        before = os.stat(path)
    except FileNotFoundError:
        os.fchmod(descriptor, PRIVATE)
        return
    os.fchmod(descriptor, PRIVATE if private else before.st_mode & 0o777)
    if os.geteuid() == 0:
        os.fchown(descriptor, before.st_uid, before.st_gid)


def _sync(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
