"""Texts on their way from one product to the other.

BILLmanager's messages are Markdown (documented), Omnidesk's replies are HTML or plain text (documented; usually only
one of the two is filled). Everything here is pure.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata

# C0 and C1 controls except tab and newline, lone surrogates, and the non-characters XML cannot carry.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BLANKS = re.compile(r"\s+")


def clean(text: str) -> str:
    """``text`` with one kind of line end and without characters that XML, JSON or a terminal cannot carry."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def is_blank(text: str) -> bool:
    """Whether nobody would see anything: blanks, zero-width and control characters only."""
    return all(unicodedata.category(sign) in ("Zs", "Zl", "Zp", "Cc", "Cf", "Cs") for sign in text)


def from_html(markup: str) -> str:
    """Markdown for an HTML reply; scripts and styles leave nothing behind."""
    from bs4 import BeautifulSoup
    from markdownify import MarkdownConverter

    soup = BeautifulSoup(clean(markup), "lxml")
    for dead in soup(["script", "style", "head", "title", "template", "noscript"]):
        dead.decompose()
    converter = MarkdownConverter(
        heading_style="ATX",
        bullets="-",
        escape_misc=False,
        escape_underscores=False,
        escape_asterisks=False,
        newline_style="spaces",  # which are taken away with other blanks before a line's end
    )
    try:
        text = str(converter.convert_soup(soup)).replace("\xa0", " ")
    except RecursionError:  # nested hundreds deep: the words without the markup
        text = "\n".join(soup.stripped_strings)
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def of_message(content: str, content_html: str) -> str:
    """What an Omnidesk message says, as Markdown: its HTML if it has any, else its plain text without entities."""
    if content_html.strip():
        return from_html(content_html)
    return clean(html.unescape(content)).strip()


def normal(text: str) -> str:
    """``text`` reduced to what both products keep: letters and signs, single blanks, no markup characters.

    Two texts with the same normal form are taken for the same message when an identity was lost.
    """
    while (plain := html.unescape(text)) != text:  # one side may have escaped what the other has not
        text = plain
    text = unicodedata.normalize("NFKC", clean(text))
    text = re.sub(r"[*_`#>~|\\\[\]()-]", " ", text)
    return _BLANKS.sub(" ", text).strip().casefold()


def digest(text: str) -> str:
    """A short stable identity of a text's normal form (40 hex digits)."""
    return hashlib.sha256(normal(text).encode("utf-8", "replace")).hexdigest()[:40]


def fit(text: str, four_bytes: bool) -> str:
    """``text`` for a column: where it stores no 4-byte characters (utf8/utf8mb3), each is written as its name.

    An emoji becomes ``:slightly smiling face:``; joiners and variation selectors that only served it are dropped.
    """
    if four_bytes or all(ord(sign) <= 0xFFFF for sign in text):
        return text
    return "".join(_named(sign) for sign in text)


def _named(sign: str) -> str:
    code = ord(sign)
    if code in (0xFE0F, 0x200D) or 0x1F3FB <= code <= 0x1F3FF or 0xE0000 <= code <= 0xE0FFF:
        return ""  # variation selector, joiner, skin tone, tag: they only shape the emoji beside them
    return sign if code <= 0xFFFF else f":{unicodedata.name(sign, f'U+{code:X}').lower()}:"


def shorten(text: str, limit: int) -> str:
    """``text`` of at most ``limit`` characters, an ellipsis marking the cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def subject(text: str, fallback: str) -> str:
    """One line for a case's subject: whitespace folded, at most 250 characters, ``fallback`` when empty."""
    line = _BLANKS.sub(" ", clean(text)).strip()
    return shorten(line, 250) if not is_blank(line) else fallback
