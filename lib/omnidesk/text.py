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
# What strangers send can be made to cost hours. These bounds are far beyond what people write.
MOST_ROUNDS = 10  # of escaping within escaping
MOST_MARKS = 30  # combining marks on one letter (as in Unicode's stream-safe format): normalising sorts them
MOST_MARKUP = 4 << 20  # characters of HTML; beyond these three the words go without their markup
MOST_TAGS = 10_000
MOST_ITEMS = 1_000  # of one list: the converter numbers each by counting those before it
_DEAD = ("script", "style", "head", "title", "template", "noscript")
_LONG_NUMBER = re.compile(r"&#([0-9]{8,});?")
_AMPERSANDS = re.compile(r"&(?:(?:amp|AMP);?|#0*38(?:;|(?![0-9]))|#[xX]0*26(?:;|(?![0-9A-Fa-f])))+")
_INLINE = re.compile(r"\s*data:", re.IGNORECASE)
_LONG_BLANK = re.compile(r"\s{50,}")


def clean(text: str) -> str:
    """``text`` with one kind of line end and without characters that XML, JSON or a terminal cannot carry."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def is_blank(text: str) -> bool:
    """Whether nobody would see anything: blanks, zero-width and control characters only."""
    return all(unicodedata.category(sign) in ("Zs", "Zl", "Zp", "Cc", "Cf", "Cs") for sign in text)


def from_html(markup: str) -> str:
    """Markdown for an HTML reply; scripts and styles leave nothing behind."""
    markup = clean(markup)
    text = _markdown(markup)
    if text is None:
        text = _words(markup)
    text = clean(text).replace("\xa0", " ")  # once more: entities can stand for any sign
    text = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _markdown(markup: str) -> str | None:
    """The converter's text; None for what nobody wrote or quoted, and for what the converter trips over."""
    if len(markup) > MOST_MARKUP or markup.count("<") > 2 * MOST_TAGS:
        return None
    from bs4 import BeautifulSoup
    from bs4.element import NavigableString
    from markdownify import MarkdownConverter

    soup = BeautifulSoup(markup, "lxml")
    for dead in soup(_DEAD):
        dead.decompose()
    for image in soup("img", src=_INLINE):  # megabytes of digits that nobody could read
        image.replace_with(f"[{image.get('alt') or 'image'}]")
    if any(len(one.find_all("li", recursive=False, limit=MOST_ITEMS + 1)) > MOST_ITEMS for one in soup("ol")):
        return None
    for node in soup.find_all(string=_LONG_BLANK):  # the converter looks at their rest again from each of the blanks
        if type(node) is NavigableString:
            node.replace_with(_LONG_BLANK.sub(lambda found: "\n" if "\n" in found[0] else " " * 50, node))
    converter = MarkdownConverter(
        heading_style="ATX",
        bullets="-",
        escape_misc=False,
        escape_underscores=False,
        escape_asterisks=False,
        newline_style="spaces",  # which are taken away with other blanks before a line's end
    )
    try:
        return str(converter.convert_soup(soup))
    except (RecursionError, ValueError, TypeError, AttributeError, LookupError):
        return None  # nested hundreds deep, or numbers where none are


def _words(markup: str) -> str:
    """The words without the markup, in one pass and without a tree."""
    from lxml import etree

    parser = etree.HTMLParser(target=_Words())  # type: ignore[call-overload]  # the methods it lacks are optional
    parser.feed(markup)
    return str(parser.close())


class _Words:
    """Takes what the parser tells: a line for each piece of text outside of dead elements."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.pieces: list[str] = []
        self.dead = 0

    def start(self, tag: str, attributes: object) -> None:
        self._end_line()
        self.dead += tag in _DEAD

    def end(self, tag: str) -> None:
        self._end_line()
        self.dead -= tag in _DEAD

    def data(self, text: str) -> None:
        if not self.dead:
            self.pieces.append(text)

    def close(self) -> str:
        self._end_line()
        return "\n".join(self.lines)

    def _end_line(self) -> None:
        line = "".join(self.pieces).strip()
        self.pieces.clear()
        if line:
            self.lines.append(line)


def of_message(content: str, content_html: str) -> str:
    """What an Omnidesk message says, as Markdown: its HTML if it has any, else its plain text without entities."""
    if content_html.strip():
        return from_html(content_html)
    return clean(unescape(content)).strip()


def unescape(text: str) -> str:
    """``text`` without HTML entities. A number too long for Python's own ``unescape`` is none of a character's."""
    text = _LONG_NUMBER.sub(lambda found: f"&#{found[1].lstrip('0')[:8] or '0'};", text)
    return html.unescape(text)


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
