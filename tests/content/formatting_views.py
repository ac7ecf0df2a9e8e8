"""What a reader sees of Markdown and of HTML, by parsers of their own, for the tests of formatting."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt

# As the panel is assumed to read messages (docs/unverified.md), with raw HTML switched on: it must not matter.
PANEL = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])
_HEADS = {f"h{level}" for level in range(1, 7)}
_BLOCKS = _HEADS | {"p", "div", "br", "ul", "ol", "li", "blockquote", "pre", "hr", "table", "tr", "thead", "tbody"}
_MEANING = (_BLOCKS - {"p", "div", "br", "thead", "tbody"}) | {"strong", "em", "del", "code", "td", "th", "a", "img"}
_NAMES = {"b": "strong", "i": "em", "s": "del", "strike": "del"}


def panel(markdown: str) -> str:
    """The HTML that the panel shows."""
    return str(PANEL.render(markdown))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []  # words, with the marks of lists as a reader sees them
        self.meaning: list[str] = []  # elements and words in their order
        self.lists: list[int] = []
        self.pre = 0
        self.quotes = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag, given = _NAMES.get(tag, tag), dict(attrs)
        if tag == "blockquote":
            self.quotes += 1
        if tag in _BLOCKS:
            self.seen.append("\n" + "> " * self.quotes)
        if tag in ("ul", "ol"):
            self.lists.append(int(given.get("start") or 1) if tag == "ol" else -1)
        if tag == "li" and self.lists:
            self.seen.append("- " if self.lists[-1] < 0 else f"{self.lists[-1]}. ")
            self.lists[-1] += self.lists[-1] >= 0
        self.pre += tag == "pre"
        if tag in _MEANING and not (tag == "code" and self.pre):
            where = given.get("href") or given.get("src") or (given.get("start") if given.get("start") != "1" else "")
            self.meaning.append(f"<{tag}{' ' + where if where else ''}>")
        if tag == "img":
            self.seen.append(given.get("alt") or "")
        if tag == "br":
            self.meaning.append("<br>")

    def handle_endtag(self, tag: str) -> None:
        tag = _NAMES.get(tag, tag)
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        self.pre -= tag == "pre"
        self.quotes -= tag == "blockquote"
        if tag in _BLOCKS:
            self.seen.append("\n" + "> " * self.quotes)
        if tag in _MEANING - {"hr", "img"} and not (tag == "code" and self.pre):
            self.meaning.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.seen.append(data.replace("\n", "\n" + "> " * self.quotes))
        self.meaning.append(data)


def _read(markup: str) -> _Reader:
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader


def seen(markup: str) -> str:
    """The words a reader sees, each block on lines of its own, quoted ones marked, blanks folded."""
    lines = re.sub("[ \t\u00a0]+", " ", "".join(_read(markup).seen)).split("\n")
    return "\n".join(line.strip() for line in lines if line.strip(" >"))


def words(text: str) -> str:
    """A text without its blanks: what must not change in any case."""
    return "".join(text.split())


def meaning(markup: str) -> str:
    """Elements that mean something, and words, in their order; blanks do not count."""
    return "".join("".join(_read(markup).meaning).split())


def elements(markup: str) -> set[tuple[str, frozenset[str]]]:
    """Every element of an HTML text with the names of its attributes."""
    found: set[tuple[str, frozenset[str]]] = set()

    class Collect(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.add((tag, frozenset(name for name, _ in attrs)))

    Collect().feed(markup)
    return found
