"""Draw the module's picture for the panel's list of modules: two speech balloons that meet. Standard library only.

    python scripts/docs/draw_logo.py

The panel shows ``skins/common/plugin-logo/billmanager-plugin-<plugin>.png`` (seen in public integrations).
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

PLACE = Path(__file__).resolve().parents[2] / "skins/common/plugin-logo/billmanager-plugin-omnidesk.png"
SIZE = 64
FINE = 4  # samples a side for each pixel: smooth edges
Colour = tuple[int, int, int]
HERE: Colour = (38, 110, 201)
THERE: Colour = (244, 143, 33)


def balloon(x: float, y: float, left: float, top: float, width: float, height: float, tail: float) -> bool:
    """Whether a point lies in a balloon with round corners, or in its tail (towards ``tail``, below it)."""
    radius = 9.0
    inner_x = min(max(x, left + radius), left + width - radius)
    inner_y = min(max(y, top + radius), top + height - radius)
    if (x - inner_x) ** 2 + (y - inner_y) ** 2 <= radius**2:
        return True
    bottom = top + height
    return bottom - 1 <= y <= bottom + 9 and abs(x - tail) <= (bottom + 9 - y) * 0.7


def colour(x: float, y: float) -> tuple[int, int, int, int]:
    """The colour and opacity at a point."""
    if balloon(x, y, 24, 20, 38, 26, 52):
        dots = any((x - at) ** 2 + (y - 33) ** 2 <= 6.5 for at in (35, 43, 51))
        return (255, 255, 255, 255) if dots else (*THERE, 255)
    if balloon(x, y, 22, 18, 42, 30, 52):
        return (0, 0, 0, 0)  # a gap, so that the two do not run into each other
    return (*HERE, 255) if balloon(x, y, 2, 6, 40, 28, 13) else (0, 0, 0, 0)


def pixel(column: int, row: int) -> bytes:
    """The mean of a pixel's samples, weighted by their opacity."""
    samples = [
        colour(column + (i + 0.5) / FINE, row + (j + 0.5) / FINE) for i in range(FINE) for j in range(FINE)
    ]  # fmt: skip
    opacity = sum(one[3] for one in samples)
    if not opacity:
        return bytes(4)
    return bytes(
        [*(round(sum(one[n] * one[3] for one in samples) / opacity) for n in range(3)), opacity // len(samples)]
    )


def chunk(kind: bytes, content: bytes) -> bytes:
    """One part of a PNG file."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png() -> bytes:
    """The picture."""
    rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(SIZE)) for y in range(SIZE))
    head = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


if __name__ == "__main__":
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    PLACE.write_bytes(png())
