"""HTML's words in lines, in one pass and without a tree: for what is too deep, too much or not to be trusted."""

from __future__ import annotations

from omnidesk.content import urls
from omnidesk.content.nodes import Node
from omnidesk.content.styles import BLOCKS, is_invisible

_DEAD = "script style title template noscript object svg math noembed noframes datalist"
DEAD = frozenset(_DEAD.split())


def words(markup: str, base: str = "") -> str:
    """What is seen of ``markup``, with the addresses of its links."""
    from lxml import etree

    parser = etree.HTMLParser(target=_Words(base))  # type: ignore[call-overload]  # the methods it lacks are optional
    parser.feed(markup)
    return str(parser.close())


class _Words:
    """What the parser calls: a line for each block."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.lines: list[str] = []
        self.pieces: list[str] = []
        self.depth = 0
        self.unseen = 0  # the depth at which something unseen began
        self.links: list[tuple[int, str]] = []  # (depth, address) of those that are open

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.unseen:
            return
        node = Node(tag, dict(attributes))
        if tag in DEAD or is_invisible(node):
            self.unseen = self.depth
        elif tag == "a":
            self.links.append((self.depth, urls.complete(node.get("href"), self.base)))
        elif tag == "img":
            self.pieces.append(node.get("alt"))
        if tag in BLOCKS or tag == "br":
            self._end_line()

    def end(self, tag: str) -> None:
        if self.links and self.links[-1][0] == self.depth:
            self._address(self.links.pop()[1])
        if self.unseen == self.depth:
            self.unseen = 0
        if tag in BLOCKS:
            self._end_line()
        self.depth -= 1

    def _address(self, address: str) -> None:
        if address and not self.unseen and address not in self.pieces[-1:]:
            self.pieces.append(f" {address} ")

    def data(self, text: str) -> None:
        if not self.unseen:
            self.pieces.append(text)

    def close(self) -> str:
        self._end_line()
        return "\n".join(self.lines)

    def _end_line(self) -> None:
        line = " ".join("".join(self.pieces).split())
        self.pieces.clear()
        if line:
            self.lines.append(line)
