"""Texts on their way from one product to the other.

BILLmanager's messages are Markdown (documented), Omnidesk's replies are HTML or plain text (documented; usually only
one of the two is filled). Everything here is pure.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from html import entities

# What ends a line beside "\n": form feed and vertical tab, next line, line and paragraph separator.
LINE_ENDS = "\x0b\x0c\x85\u2028\u2029"
_LINE_END = re.compile(f"\r\n?|[{LINE_ENDS}]")
# C0 and C1 controls except tab and newline, lone surrogates, and the non-characters that no text may hold.
_NO_CHARACTERS = "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
_UNPRINTABLE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_NO_CHARACTERS}]")
_BLANKS = re.compile(r"\s+")
# What strangers send can be made to cost hours. These bounds are far beyond what people write.
MOST_ROUNDS = 10  # of escaping within escaping
MOST_MARKS = 30  # combining marks on one letter (as in Unicode's stream-safe format): normalising sorts them
_ENTITY = re.compile(r"&(?:#(?P<number>[0-9]+)|#[xX](?P<hex>[0-9a-fA-F]+)|(?P<name>[A-Za-z][A-Za-z0-9]{1,31}));")
_AMPERSANDS = re.compile(r"&(?:(?:amp|AMP);?|#0*38(?:;|(?![0-9]))|#[xX]0*26(?:;|(?![0-9A-Fa-f])))+")


def clean(text: str) -> str:
    """``text`` with one kind of line end and without characters that XML, JSON or a terminal cannot carry."""
    return printable(_LINE_END.sub("\n", text))


def printable(text: str) -> str:
    """``text`` without what XML, JSON or a terminal cannot carry; a carriage return is none of a line's end here."""
    return _UNPRINTABLE.sub("", text)


def is_blank(text: str) -> bool:
    """Whether nobody would see anything: blanks, zero-width and control characters only."""
    return all(unicodedata.category(sign) in ("Zs", "Zl", "Zp", "Cc", "Cf", "Cs") for sign in text)


def unescape(text: str) -> str:
    """``text`` without HTML entities, which end with a semicolon: ``?id=5&currency=RUB`` is an address."""
    return _ENTITY.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    if found["name"]:
        return entities.html5.get(f"{found['name']};", found[0])
    # A number too long for Python's own ``unescape`` is none of a character's.
    number, sign = (found["hex"], "x") if found["hex"] else (found["number"], "")
    return html.unescape(f"&#{sign}{number.lstrip('0')[:8] or '0'};")


def normal(text: str) -> str:
    """``text`` reduced to what both products keep: letters and signs, single blanks, no markup characters.

    Two texts with the same normal form are taken for the same message when an identity was lost.
    """
    for _ in range(MOST_ROUNDS):  # one side may have escaped what the other has not
        plain = unescape(_AMPERSANDS.sub("&", text))
        if plain == text:
            break
        text = plain
    text = unicodedata.normalize("NFKC", _stream_safe(clean(text)))
    text = re.sub(r"[*_`#>~|\\\[\]()-]", " ", text)
    return _BLANKS.sub(" ", text).strip().casefold()


def _stream_safe(text: str) -> str:
    """At most :data:`MOST_MARKS` combining marks in a row."""
    if text.isascii():
        return text
    kept, marks = [], 0
    for sign in text:
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks <= MOST_MARKS:
            kept.append(sign)
    return "".join(kept)


def digest(text: str) -> str:
    """A short stable identity of a text's normal form (40 hex digits). Blanks do not count: markup moves them."""
    return hashlib.sha256(normal(text).replace(" ", "").encode("utf-8", "replace")).hexdigest()[:40]


def shorten(text: str, limit: int) -> str:
    """``text`` of at most ``limit`` characters, an ellipsis marking the cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def subject(text: str, fallback: str) -> str:
    """One line for a case's subject: whitespace folded, at most 250 characters, ``fallback`` when empty."""
    line = _BLANKS.sub(" ", clean(text)).strip()
    return shorten(line, 250) if not is_blank(line) else fallback
