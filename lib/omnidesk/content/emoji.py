"""Emoji as words, for a database whose ``utf8`` holds three bytes a character and refuses the rest (error 1366)."""

from __future__ import annotations

import re
import unicodedata

_TONE = "[\U0001f3fb-\U0001f3ff]"
_ONE = f"(?:[\U00010000-\U0010ffff]|[\u2000-\u200a\u2010-\u2bff\u3030\u303d\u3297\u3299])[\ufe0e\ufe0f]?{_TONE}?\ufe0f?"
_SEQUENCE = re.compile(
    "(?P<flag>[\U0001f1e6-\U0001f1ff]{2})"
    "|(?P<region>\U0001f3f4(?P<letters>[\U000e0020-\U000e007e]{1,16})\U000e007f)"
    f"|(?P<joined>{_ONE}(?:\u200d{_ONE}){{1,16}})"
    f"|(?P<one>[\U00010000-\U0010ffff])[\ufe0e\ufe0f]?{_TONE}?\ufe0f?"
)
_TONES = re.compile(f"{_TONE}|[\ufe0e\ufe0f]")


def named(text: str) -> str:
    """``text`` with each character beyond three bytes as its Unicode name: ``:slightly smiling face:``.

    Joined ones are named together (``:woman + laptop:``), flags by their letters (``:flag RU:``). Skin tones and
    variation selectors go: they shape the emoji beside them. A letter of another style becomes the plain letter.
    """
    return _SEQUENCE.sub(_name, text)


def fit(text: str, four_bytes: bool) -> str:
    """``text`` for a column: where it stores no 4-byte characters (utf8/utf8mb3), each is written as its name."""
    if four_bytes or text.isascii() or all(sign <= "\uffff" for sign in text):
        return text
    return named(text)


def _name(found: re.Match[str]) -> str:
    if found["flag"]:
        return f":flag {''.join(chr(ord(sign) - 0x1F1E6 + ord('A')) for sign in found['flag'])}:"
    if found["region"]:
        return f":flag {''.join(chr(ord(sign) - 0xE0000) for sign in found['letters']).upper()}:"
    if found["joined"]:
        if all(sign <= "\uffff" for sign in found[0]):
            return found[0]
        return f":{' + '.join(_word(_TONES.sub('', part) or part[0]) for part in found[0].split(chr(0x200D)))}:"
    sign = found["one"]
    if 0xE0000 <= ord(sign) <= 0xE0FFF:
        return ""  # a tag without its flag: it is not seen
    plain = unicodedata.normalize("NFKC", sign)
    return plain if all(part <= "\uffff" for part in plain) else f":{_word(sign)}:"


def _word(sign: str) -> str:
    return unicodedata.name(sign[0], f"U+{ord(sign[0]):X}").lower()
