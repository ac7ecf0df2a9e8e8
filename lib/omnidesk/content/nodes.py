"""HTML as a small tree of our own, built from the parser's events, so that depth and number are known at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

# What strangers send can be made to cost hours. These bounds are far beyond what people write; beyond them a message
# is shown as its words (`plain`), before anything recursive has looked at it.
MOST_MARKUP = 4 << 20  # characters of HTML
MOST_NODES = 20_000
DEEPEST = 150  # elements within each other
# The parser ends these where a block begins, as HTML 4 wanted: of ``<b><p>…`` nothing would be bold, of a link around a
# table nothing a link. Under names that it does not know it leaves them as they were written.
_KEPT_OPEN = "a|b|i|u|s|strike|tt|small|big|h[1-6]"
_OPEN = re.compile(rf"<(/?)({_KEPT_OPEN})(?=[\s/>])", re.IGNORECASE)
_RENAMED = re.compile(rf"<(/?)keep-({_KEPT_OPEN})(?=[\s/>])", re.IGNORECASE)


class Node:
    """An element. Children are elements and texts in their order."""

    __slots__ = ("attributes", "children", "parent", "tag")

    def __init__(self, tag: str, attributes: dict[str, str] | None = None, parent: Node | None = None) -> None:
        self.tag = tag
        self.attributes = attributes or {}
        self.children: list[Node | str] = []
        self.parent = parent

    def get(self, name: str) -> str:
        """An attribute's value; "" where there is none."""
        return self.attributes.get(name, "")

    @property
    def classes(self) -> list[str]:
        return self.get("class").split()

    def elements(self) -> Iterator[Node]:
        """Every element within, in the order of the text."""
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child.elements()

    def texts(self) -> Iterator[str]:
        """Every text within."""
        for child in self.children:
            if isinstance(child, Node):
                yield from child.texts()
            else:
                yield child

    def text(self) -> str:
        """The words within, blanks folded."""
        return " ".join("".join(self.texts()).split())

    def ancestors(self) -> Iterator[Node]:
        """What it stands in, from within."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def remove(self) -> None:
        """Take it out of the tree."""
        if self.parent is not None:
            self.parent.children = [child for child in self.parent.children if child is not self]


class TooMuch(Exception):
    """More elements, or deeper ones, than anybody writes."""


class _Builder:
    """What the parser calls."""

    def __init__(self) -> None:
        self.root = self.at = Node("")
        self.open: list[Node] = []
        self.pieces: list[str] = []  # of one text: the parser gives each entity by itself
        self.count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._end_text()
        self.count += 1
        if self.count > MOST_NODES or len(self.open) >= DEEPEST:
            raise TooMuch
        known = {name: _as_written(value) for name, value in attributes.items()}
        tag = tag.removeprefix("keep-")
        parent = (
            self.at.parent or self.root if tag == "a" == self.at.tag else self.at
        )  # a link ends where another begins
        self.at = Node(tag, known, parent)
        parent.children.append(self.at)
        self.open.append(self.at)

    def end(self, tag: str) -> None:
        self._end_text()
        self.at = self.open.pop().parent or self.root

    def data(self, text: str) -> None:
        self.pieces.append(text)

    def close(self) -> Node:
        self._end_text()
        return self.root

    def _end_text(self) -> None:
        if self.pieces:
            self.at.children.append(_as_written("".join(self.pieces)))
            self.pieces = []


def _as_written(text: str) -> str:
    """What looks like a tag within an attribute or raw text was renamed as well."""
    return _RENAMED.sub(r"<\1\2", text) if "<" in text else text


def parse(markup: str) -> Node:
    """The tree of an HTML text; raises :class:`TooMuch`. Comments and declarations are not in it."""
    from lxml import etree

    if len(markup) > MOST_MARKUP:
        raise TooMuch
    parser = etree.HTMLParser(target=_Builder())  # type: ignore[call-overload]  # the methods it lacks are optional
    parser.feed(_OPEN.sub(r"<\1keep-\2", markup))
    root: Node = parser.close()
    return root
