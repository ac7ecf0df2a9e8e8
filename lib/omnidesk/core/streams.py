"""Reading an answer's body as it comes, up to a size. How long it may take is bounded by
:mod:`omnidesk.core.deadline`."""

from __future__ import annotations

from collections.abc import Iterator

import requests

BLOCK = 64 * 1024


class TooLong(requests.RequestException):
    """More bytes than are taken."""


def blocks(answer: requests.Response, most: int) -> Iterator[bytes]:
    """The decoded body in pieces; compressed ones are unpacked piece by piece.

    Raises :class:`TooLong` behind ``most`` bytes, beside what the network raises.
    """
    size = 0
    while piece := answer.raw.read1(BLOCK, decode_content=True):
        size += len(piece)
        if size > most:
            raise TooLong(f"more than {most} bytes")
        yield piece
