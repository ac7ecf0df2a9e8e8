"""What a file may be called on the other side, and of what kind it is said to be.

Names come from strangers: clients on one side, senders of mail on the other. They are labels only (files on their way
lie under numbers in a private folder), but whoever receives one may make a path or a header of it.
"""

from __future__ import annotations

import mimetypes
import os
import re
import unicodedata
from email.errors import HeaderParseError
from email.header import decode_header
from urllib.parse import unquote, urlsplit

from omnidesk.core.text import clean

LONGEST = 255  # bytes: what file systems take
MOST_ROUNDS = 5  # of encoding within encoding
UNKNOWN = "application/octet-stream"
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?\Z")
_ENCODED_WORD = re.compile(r"=\?[\w.:-]{1,40}\?[bBqQ]\?[^?\s]*\?=")
_BETWEEN_WORDS = re.compile(r"\?=\s+=\?(?=[\w.:-]{1,40}\?[bBqQ]\?)")
_EXTENDED = re.compile(r"(?P<charset>[A-Za-z][\w.:-]{1,39})'[\w-]{0,20}'(?P<text>[^'\s]*%[0-9A-Fa-f]{2}[^'\s]*)\Z")
_MIME = re.compile(r"[A-Za-z0-9][\w.+-]{0,99}/[A-Za-z0-9][\w.+-]{0,99}\Z", re.ASCII)


def safe(name: str, *, quotes: bool = False) -> str:
    """``name`` without a folder, a control or direction sign, of bounded length; "file" if nothing is left.

    The ending is kept. Applying it twice is applying it once. ``quotes``: whoever reads it can undo an escaped
    quotation mark; for others it becomes an apostrophe.
    """
    last = clean(decoded(name)).replace("\\", "/").rstrip("/").rpartition("/")[2]
    if not quotes:
        last = last.replace('"', "'")
    seen = "".join(sign for sign in last if unicodedata.category(sign) != "Cf" or sign == "\u200d")
    tidy = " ".join(seen.split()).rstrip(". ")
    if not tidy.strip(". \u200d"):
        return "file"
    return _unreserved(_cut(_unreserved(tidy)))  # a cut may make one of it


def decoded(name: str) -> str:
    """``name`` without the encodings of mail headers that programs leave in it: ``=?UTF-8?B?…?=`` (RFC 2047) and
    ``UTF-8''%D0%…`` (RFC 5987). What cannot be decoded stays as it is."""
    for _ in range(MOST_ROUNDS):
        plain = _extended(_encoded_words(name))
        if plain == name:
            return plain
        name = plain
    return name


def _encoded_words(name: str) -> str:
    joined = _BETWEEN_WORDS.sub("?==?", name)  # blanks between two encoded words are none of the name
    return _ENCODED_WORD.sub(lambda found: _word(found[0]), joined) if _ENCODED_WORD.search(name) else name


def _word(word: str) -> str:
    try:
        raw, charset = decode_header(word)[0]
        return raw.decode(charset or "ascii") if isinstance(raw, bytes) else word
    except (HeaderParseError, LookupError, ValueError):  # not base64, an unknown or a wrong charset
        return word


def _extended(name: str) -> str:
    found = _EXTENDED.match(name)
    if not found:
        return name
    try:
        return unquote(found["text"], encoding=found["charset"], errors="strict")
    except (LookupError, ValueError):
        return name


def of_url(url: str) -> str:
    """The file name in an address, decoded; the query (it may hold a token) is left out. "" where there is none."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return unquote(path.rstrip("/").rpartition("/")[2], errors="replace")


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
