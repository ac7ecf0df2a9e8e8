"""Splitting the files of one message over several messages, as each has a size limit.

Limits of Omnidesk: 25 MB a file, 50 MB a request (documented). Which megabytes are meant is not said, so a request
keeps below the smaller ones; a single file goes up to the larger ones, and if it is refused it is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

MOST_BYTES = 50_000_000 - 500_000  # of a whole request; room is left for its headers
MOST_FILES = 20  # PHP drops what is beyond its max_file_uploads, 20 out of the box, without a word
T = TypeVar("T")


def divide(sizes: Sequence[int], first: int = 0, most: int = MOST_BYTES, files: int = MOST_FILES) -> list[list[int]]:
    """Which files (by their place) go into which message: in order, as few messages as that allows.

    ``sizes`` in bytes as they will take up in a request, ``first``: what the first message holds beside them. There is
    always a first message; it has no files when the first of them does not fit into it. One larger than a whole message
    has one of its own.
    """
    groups: list[list[int]] = [[]]
    taken = first
    for place, size in enumerate(sizes):
        last = groups[-1]
        if (last or taken) and (taken + size > most or len(last) >= files):
            groups.append([])
            taken = 0
        groups[-1].append(place)
        taken += size
    return groups


@dataclass(frozen=True)
class Division(Generic[T]):
    """The files of a message to come (``mine``), of each message after it, and those that are left out."""

    mine: list[T]
    later: list[list[T]]
    refused: list[T]


def divisions(groups: Sequence[list[T]]) -> list[Division[T]]:
    """The ways to send a message whose files are in these groups, each for when the one before it was refused because
    of the files: as they are, each file for itself, then without the one."""
    mine, *later = groups
    found = [Division(mine, later, [])]
    if len(mine) > 1:
        mine, *later = ([one] for group in groups for one in group)
        found.append(Division(mine, later, []))
    if mine:
        found.append(Division([], later, mine))
    return found
