"""What a file may be called on the other side, and of what kind it is said to be.

Names come from strangers: clients on one side, senders of mail on the other. They are labels only (files on their way
lie under numbers in a private folder), but whoever receives one may make a path or a header of it.
"""

from __future__ import annotations

import mimetypes
import os
import re
import unicodedata

from omnidesk.text import clean

LONGEST = 255  # bytes: what file systems take
UNKNOWN = "application/octet-stream"
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?\Z")
_MIME = re.compile(r"[A-Za-z0-9][\w.+-]{0,99}/[A-Za-z0-9][\w.+-]{0,99}\Z", re.ASCII)


def safe(name: str, *, quotes: bool = False) -> str:
    """``name`` without a folder, a control or direction sign, of bounded length; "file" if nothing is left.

    The ending is kept. Applying it twice is applying it once. ``quotes``: whoever reads it can undo an escaped
    quotation mark; for others it becomes an apostrophe.
    """
    last = clean(name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    if not quotes:
        last = last.replace('"', "'")
    seen = "".join(sign for sign in last if unicodedata.category(sign) != "Cf" or sign == "\u200d")
    tidy = " ".join(seen.split()).rstrip(". ")
    if not tidy.strip(". \u200d"):
        return "file"
    return _unreserved(_cut(_unreserved(tidy)))  # a cut may make one of it


def _unreserved(name: str) -> str:
    return f"_{name}" if _RESERVED.match(name) else name


def _cut(name: str) -> str:
    stem, ending = os.path.splitext(name)
    if len(name.encode()) <= LONGEST:
        return name
    if len(ending.encode()) > 20:  # a dot somewhere in a sentence
        stem, ending = name, ""
    short = stem.encode()[: LONGEST - len(ending.encode())].decode("utf-8", "ignore")
    return (short.rstrip(". ") + ending) or "file"


def mime_type(given: str) -> str:
    """A type that can stand in a header; what is none is unknown."""
    return given if _MIME.match(given) else UNKNOWN


def guessed_type(name: str) -> str:
    """The type that a name's ending tells. (The library would take a whole name for an address, even ``data:``.)"""
    return mime_type(mimetypes.guess_type("x" + os.path.splitext(name)[1])[0] or UNKNOWN)
