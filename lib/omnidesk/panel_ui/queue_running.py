"""Which tickets are being worked on at this moment, found out without taking a lock.

A lock held "only to look" would make the worker pass the ticket by. The kernel tells who is in the way of a lock
(``F_GETLK``) without giving it; asked for all tickets at once it names one holder, so the question is repeated for the
tickets on both sides of that one.
"""

from __future__ import annotations

import fcntl
import os
import struct

MOST = 1000  # tickets worked on at once; there are a handful
LAST = 2**62  # no ticket has this number
_FLOCK = struct.Struct("hhqqi4x")  # struct flock of 64-bit Linux: type, whence, start, length, process


def running(path: str) -> set[int]:
    """The numbers of the tickets whose locks other processes hold; empty when no process has ever worked.

    Not for a process that holds such locks itself: closing the file gives them all up.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return set()
    try:
        return _held(file)
    finally:
        os.close(file)


def _held(file: int) -> set[int]:
    found: set[int] = set()
    ranges = [(1, LAST)]  # 0 is the poll's lock
    while ranges and len(found) < MOST:
        start, end = ranges.pop()
        if start == end:
            continue
        asked = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, start, end - start, 0)
        kind, _, at, length, _ = _FLOCK.unpack(fcntl.fcntl(file, fcntl.F_GETLK, asked))
        if kind == fcntl.F_UNLCK:
            continue
        first, behind = max(start, at), min(end, at + length)  # a process's locks side by side are one
        found.update(range(first, behind))
        ranges += [(start, first), (behind, end)]
    return found
