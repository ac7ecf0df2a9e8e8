"""Free disk space: files in transfer must never fill the disk."""

from __future__ import annotations

import os

RESERVE = 256 * 1024 * 1024  # bytes left to everybody else


def no_room(folder: str, size: int) -> bool:
    """Whether ``size`` more bytes in this folder would leave less than :data:`RESERVE`."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize < size + RESERVE


def size_of(folder: str) -> int:
    """Bytes of all files in a folder's folders."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(path, name)).st_size
            except FileNotFoundError:  # another run is done with it
                continue
    return total
