"""Which tickets are being worked on at this moment, found out without taking a lock.

A lock held "only to look" would make the worker pass the ticket by. The kernel tells who is in the way of a lock
(``F_GETLK``) without giving it; asked for all tickets at once it names one holder, so the question is repeated for the
tickets on both sides of that one.
"""

from __future__ import annotations

import fcntl
import os
import struct

MOST = 1000  # processes at work at once; there are a handful
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
    ranges = [(1, 0)]  # 0 is the poll's lock; a length of 0 means: to the end
    while ranges and len(found) < MOST:
        start, length = ranges.pop()
        asked = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, start, length, 0)
        kind, _, at, long, _ = _FLOCK.unpack(fcntl.fcntl(file, fcntl.F_GETLK, asked))
        if kind == fcntl.F_UNLCK:
            continue
        found.add(at)
        if at > start:
            ranges.append((start, at - start))
        behind = at + max(1, long)
        if length == 0:
            ranges.append((behind, 0))
        elif behind < start + length:
            ranges.append((behind, start + length - behind))
    return found
