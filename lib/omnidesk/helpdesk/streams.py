"""Reading an answer's body as it comes, within bounds: a size, and a time for the whole.

A timeout counts for each piece that arrives; a neighbour that sends a byte now and then would hold a ticket's lock for
days.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import requests

BLOCK = 64 * 1024


class TooLong(requests.RequestException):
    """More bytes than are taken."""


def blocks(
    answer: requests.Response, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
) -> Iterator[bytes]:
    """The decoded body in pieces; compressed ones are unpacked piece by piece.

    Raises :class:`TooLong` behind ``most`` bytes and :class:`requests.ReadTimeout` when it takes longer than
    ``seconds``, beside what the network raises.
    """
    end, size = clock() + seconds, 0
    while piece := answer.raw.read1(BLOCK, decode_content=True):
        size += len(piece)
        if size > most:
            raise TooLong(f"more than {most} bytes")
        yield piece
        if clock() > end:
            raise requests.ReadTimeout(f"not done within {seconds:.0f} s")
