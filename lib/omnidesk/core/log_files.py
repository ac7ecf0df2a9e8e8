"""Reading log files, including rotated and compressed ones, as entries with their times.

The panel's format has no year and no zone, so an entry's year is found by going back from when its file was written
last: a line can be at most that new. What does not begin like a line belongs to the entry before it (a traceback).
"""

from __future__ import annotations

import bz2
import glob
import gzip
import io
import lzma
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from omnidesk.core.log_line import LEVELS, MONTHS

_PACKED: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_LINE = re.compile(
    rf"(?P<month>{'|'.join(MONTHS)}) +(?P<day>\d{{1,2}}) (?P<clock>\d\d:\d\d:\d\d) \[(?P<pid>[\d:]+)\] (?P<rest>.*)",
    re.DOTALL,
)
_LEVEL = re.compile(rf"\b({'|'.join(LEVELS)})\b")
SLACK = 86400.0  # seconds by which a line may be newer than its file's last write: another clock, a restored file
LONGEST = 1 << 20  # characters of one line that are looked at


@dataclass(frozen=True)
class Entry:
    """One entry: ``at`` in Unix seconds, ``text`` without colours and without its time, further lines included."""

    at: float
    log: str
    pid: str
    level: str
    text: str


def files(path: str) -> list[str]:
    """A log and what it was rotated to, the oldest first by when they were last written."""
    found = [name for name in glob.glob(glob.escape(path) + "*") if _belongs(os.path.basename(name), path)]
    return sorted(found, key=lambda name: (_written(name), name != path))


def _belongs(name: str, path: str) -> bool:
    rest = name.removeprefix(os.path.basename(path))
    return re.fullmatch(r"|[.-]\d+(\.(gz|xz|bz2))?", rest) is not None


def _written(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:  # rotated away just now
        return 0.0


def entries(path: str, since: float = 0.0) -> Iterator[Entry]:
    """All entries of a log and its rotated files, those of whole files older than ``since`` left out."""
    log = os.path.basename(path).removesuffix(".log")
    for name in files(path):
        written = _written(name)
        if written + SLACK < since:
            continue
        try:
            with _open(name) as file:
                yield from _entries(file, log, written)
        except (OSError, EOFError, lzma.LZMAError):  # removed meanwhile, or packed by a run that was cut off
            continue


def _open(path: str) -> io.TextIOBase:
    packed = _PACKED.get(os.path.splitext(path)[1])
    raw = open(path, "rb") if packed is None else packed(path, "rb")  # noqa: SIM115 closed by the wrapper
    return io.TextIOWrapper(raw, encoding="utf-8", errors="replace")


def _entries(file: io.TextIOBase, log: str, written: float) -> Iterator[Entry]:
    head: re.Match[str] | None = None
    more: list[str] = []
    for line in file:
        bare = _COLOURS.sub("", line[:LONGEST]).rstrip("\n")
        found = _LINE.match(bare)
        if found is None:
            if head is not None and len(more) < 200:
                more.append(bare)
            continue
        if head is not None:
            yield _entry(head, more, log, written)
        head, more = found, []
    if head is not None:
        yield _entry(head, more, log, written)


def _entry(head: re.Match[str], more: list[str], log: str, written: float) -> Entry:
    level = _LEVEL.search(head["rest"][:200])
    text = "\n".join([head["rest"], *more])
    return Entry(_when(head, written), log, head["pid"], level[1] if level else "INFO", text)


def _when(head: re.Match[str], written: float) -> float:
    month = MONTHS.index(head["month"]) + 1
    day = int(head["day"])
    hour, minute, second = (int(part) for part in head["clock"].split(":"))
    year = time.localtime(written).tm_year + 1
    while True:
        try:
            found = time.mktime((year, month, day, hour, minute, second, 0, 0, -1))
        except (OverflowError, ValueError):
            found = 0.0
        if found <= written + SLACK or year < 1971:
            return found
        year -= 1
