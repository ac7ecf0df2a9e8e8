"""Telling a punctuation sign that was meant as itself from the same sign that is markup.

ASCII has 32 punctuation signs and Unicode 32 characters in a row that no text may hold (U+FDD0…U+FDEF): while a message
is being converted each literal sign is written as its stand-in, so that no parser takes it for markup and the last step
still knows which is which.
"""

from __future__ import annotations

import html
import re
import string

SIGNS = string.punctuation
_STAND_INS = "".join(chr(0xFDD0 + number) for number in range(len(SIGNS)))
# Around code within a line that is still as it was written.
CODE_ON, CODE_OFF = "\U0001fffe", "\U0001ffff"
FORCED = "\U0002fffe"  # before a stand-in that needs its backslash wherever it stands
_HIDE = str.maketrans(SIGNS, _STAND_INS)
_SHOW = str.maketrans(_STAND_INS, SIGNS)
_SHOW_HTML = {ord(stand_in): html.escape(sign) for stand_in, sign in zip(_STAND_INS, SIGNS, strict=True)}
_FORBIDDEN = re.compile(f"[\ufdd0-\ufdef{CODE_ON}{CODE_OFF}{FORCED}]")


def free(text: str) -> str:
    """``text`` without the characters used here; no message may hold them, and none is shown by anything."""
    return _FORBIDDEN.sub("", text)


def hide(text: str) -> str:
    """``text`` with every sign as its stand-in: all of it is meant literally."""
    return text.translate(_HIDE)


def forced(text: str, signs: str) -> str:
    """``text`` with every stand-in of ``signs`` to be escaped wherever it will stand."""
    for sign in signs.translate(_HIDE):
        text = text.replace(sign, FORCED + sign)
    return text.replace(FORCED + FORCED, FORCED)


def show(text: str) -> str:
    """The signs back in place."""
    return text.translate(_SHOW)


def show_in_html(markup: str) -> str:
    """The signs back in HTML that was made around them, escaped where HTML wants it."""
    return markup.translate(_SHOW_HTML)


def hidden(signs: str) -> str:
    """Stand-ins of ``signs`` for use in a regular expression's brackets."""
    return signs.translate(_HIDE)
