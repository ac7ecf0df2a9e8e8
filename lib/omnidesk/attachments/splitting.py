"""Splitting the files of one message over several messages, as each has a size limit.

Limits of Omnidesk: 25 MB a file, 50 MB a request (documented). Which megabytes are meant is not said, so a request
keeps below the smaller ones; a single file goes up to the larger ones, and if it is refused it is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
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


@dataclass
class Division(Generic[T]):
    """The files of a message to come (``mine``) and of those after it; divided again when it was refused for them."""

    groups: list[list[T]]
    refused: list[T] = field(default_factory=list)

    @classmethod
    def of(cls, files: Sequence[T], sizes: Sequence[int], first: int = 0) -> Division[T]:
        """As few messages as the sizes allow; see :func:`divide`."""
        return cls([[files[place] for place in group] for group in divide(sizes, first)])

    @property
    def mine(self) -> list[T]:
        return self.groups[0]

    @property
    def later(self) -> list[list[T]]:
        return self.groups[1:]

    def again(self) -> None:
        """The message was refused because of its files: each for itself, then without the one."""
        mine, *later = self.groups
        if len(mine) > 1:
            self.groups = [[one] for group in self.groups for one in group]
        else:
            self.refused += mine
            self.groups = [[], *later]
