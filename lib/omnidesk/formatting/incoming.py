"""What Omnidesk's messages say, as Markdown for BILLmanager."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnidesk.formatting import escape, marks, shape
from omnidesk.formatting.marks import BLOCK_OFF, BLOCK_ON, hidden, hide
from omnidesk.text import clean, unescape, words

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

# What strangers send can be made to cost hours. These bounds are far beyond what people write.
MOST_MARKUP = 4 << 20  # characters of HTML; beyond these three the words go without their markup
MOST_TAGS = 10_000
MOST_ITEMS = 1_000  # of one list: the converter numbers each by counting those before it
_DEAD = ("script", "style", "head", "title", "template", "noscript", "object", "iframe", "svg", "math")
_FIELDS = ("input", "button", "select", "textarea", "option")
_LONG_BLANK = re.compile(r"\s{50,}")
_QUOTED = re.compile(f"(?:{hidden('>')} ?)+")
_MARK = hidden(">")


@dataclass(frozen=True)
class Policy:
    """What an administrator chose. ``host``: the account's own, whose pictures are shown at once."""

    formatting: bool = True
    host: str = ""
    cut_quotes: bool = True
    cut_rating: bool = False


def message(content: str, content_html: str, policy: Policy) -> str:
    """What an Omnidesk message says: its HTML if it has any, else its plain text."""
    if content_html.strip():
        return from_html(content_html, policy)
    plain = clean(unescape(content)).strip("\n")
    return literal(plain) if policy.formatting else plain.strip()


def literal(text: str) -> str:
    """Markdown that shows ``text`` as it was typed."""
    out: list[str] = []
    lines = [line.rstrip() for line in marks.free(clean(text)).split("\n")]
    place = 0
    while place < len(lines):
        end = place
        while end < len(lines) and lines[end]:
            end += 1
        out += _chunk(lines[place:end])
        out.append("")
        place = end + 1
    return _tidied(escape.markdown("\n".join(_quotes(out))))


def _chunk(lines: list[str]) -> list[str]:
    """Lines without a blank one between them, literal; in a block of their own where columns mean something."""
    if lines and lines[0][:1] != ">" and (shape.is_drawn(lines) or shape.is_aligned(lines)):
        head = 1 if len(lines) > 1 and shape.is_introduction(lines[0]) else 0
        before = [hide(lines[0]), ""] if head else []
        return [*before, BLOCK_ON, *lines[head:], BLOCK_OFF]
    return [hide(line.strip()) for line in lines]


def _quotes(lines: list[str]) -> list[str]:
    """Lines quoted as in e-mail become quotes, apart from the answers between them, which would be drawn into them."""
    out: list[str] = []
    place = 0
    while place < len(lines):
        end = place
        while end < len(lines) and _depth(lines[end]):
            end += 1
        quoted = lines[place:end]
        if any(line.strip(f"{_MARK} ") for line in quoted):
            out += [""] if out and out[-1] else []
            out += _quote(quoted)
            out += [""] if end < len(lines) and lines[end] else []
        else:
            out += quoted
        if end < len(lines):
            out.append(lines[end])
        place = end + 1
    return out


def _quote(lines: list[str]) -> Iterator[str]:
    before = 0
    for line in lines:
        depth = _depth(line)
        if before > depth:  # or it would be drawn into the deeper one
            yield ("> " * depth).rstrip()
        yield "> " * depth + line[_marks(line) :].strip()
        before = depth


def _depth(line: str) -> int:
    """How deep a line is quoted; ``>text`` is not, as it may be anything, and more than two marks may be a prompt."""
    marked = line[: _marks(line)]
    depth = marked.count(_MARK)
    return depth if 0 < depth < 3 and (marked.endswith(" ") or len(marked) == len(line)) else 0


def _marks(line: str) -> int:
    found = _QUOTED.match(line)
    return found.end() if found else 0


def from_html(markup: str, policy: Policy) -> str:
    """Markdown for an HTML reply; scripts and styles leave nothing behind."""
    markup = marks.free(clean(markup))
    text = _converted(markup, policy)
    if text is None:
        plain = words(markup)
        return literal(plain) if policy.formatting else _tidied(plain)
    text = marks.show(text) if not policy.formatting else text
    text = text.replace("\xa0", " ")
    if policy.formatting:
        text = "\n".join(line if BLOCK_ON in line else line.rstrip(" \t") for line in text.split("\n"))
        text = escape.markdown("\n".join(_quotes(text.split("\n"))))
    return _tidied(text)


def _tidied(text: str) -> str:
    """Once more clean (entities can stand for any sign), without blanks at line ends and more than one blank line."""
    text = "\n".join(line.rstrip(" \t") for line in marks.free(clean(text)).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _converted(markup: str, policy: Policy) -> str | None:
    """The converter's text; None for what nobody wrote or quoted, and for what the converter trips over."""
    if len(markup) > MOST_MARKUP or markup.count("<") > 2 * MOST_TAGS:
        return None
    from bs4 import BeautifulSoup
    from bs4.element import NavigableString

    from omnidesk.formatting import cuts
    from omnidesk.formatting.converter import Converter, prepare

    soup = BeautifulSoup(markup + "\n", "lxml")  # without a line end it warns of what looks like an address
    for dead in soup([*_DEAD, *_FIELDS]):
        dead.decompose()
    if policy.cut_quotes:
        cuts.quotes(soup)
    if policy.cut_rating and policy.host:
        cuts.rating_links(soup, policy.host)
    if any(len(one.find_all("li", recursive=False, limit=MOST_ITEMS + 1)) > MOST_ITEMS for one in soup("ol")):
        return None
    for node in soup.find_all(string=True):
        if type(node) is NavigableString and (_LONG_BLANK.search(node) or marks.free(node) != node):
            # The converter looks at the rest of a run again from each of its blanks.
            shorter = _LONG_BLANK.sub(lambda found: "\n" if "\n" in found[0] else " " * 50, node)
            node.replace_with(marks.free(shorter))
    prepare(soup)
    return _text(soup, Converter(policy.host, literal=policy.formatting))


def _text(soup: BeautifulSoup, converter: object) -> str | None:
    try:
        return str(converter.convert_soup(soup))  # type: ignore[attr-defined]
    except (RecursionError, ValueError, TypeError, AttributeError, LookupError):
        return None  # nested hundreds deep, or numbers where none are
