"""What settings remove from a message: requests to rate the answer, and the author's signature.

If nothing that can be seen would be left, nothing is cut.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping

from omnidesk.content import escape
from omnidesk.content.document import Block, Paragraph, Rule, texts
from omnidesk.content.nodes import Node
from omnidesk.content.styles import is_block
from omnidesk.content.urls import host
from omnidesk.core.text import digest, is_blank

# How the addresses of rating links look is not public; these words in an address of the account's own are assumed.
_RATING = re.compile(r"/(?:rate|rating|ratings|satisfaction|ocenka)(?:[/?_-]|$)|[?&](?:rate|rating)=", re.IGNORECASE)
# What stands for the request in a signature until it is sent; its exact name is not public.
_PLACEHOLDER = re.compile(r"[\[{][^\]}]{0,40}(?:rating|satisfaction|оценк)[^\]}]{0,40}[\]}]", re.IGNORECASE)
_TARGET = re.compile(r"\]\([^()\s]*\)")  # of a link: a signature is known by its words
_ADDRESS = re.compile(r"https?://[^\s<>\"'()\[\]]+", re.IGNORECASE)
_ASKS = re.compile(r"\b(?:оцените|rate (?:this|the|our|my|us\b)|(?:you|are) satisfied)", re.IGNORECASE)
_HOLDERS = ("p", "tr", "li", "table", "div")
LONGEST_REQUEST = 400  # characters; a paragraph of more says something else as well
LONGEST_SIGNATURE = 20  # lines


def asks_for_rating(text: str, own_host: str) -> bool:
    """Whether a text, in whatever markup, has a link of this host by which the answer can be rated."""
    addresses = (html.unescape(one) for one in _ADDRESS.findall(text))
    return any(_RATING.search(one) and host(one) == own_host for one in addresses)


def has_placeholder(signature: str) -> bool:
    """Whether a request to rate the answer is put into this signature when it is sent."""
    return _PLACEHOLDER.search(signature) is not None


def rating_links(root: Node, own_host: str) -> None:
    """Without the links by which the answer can be rated, and the line or the short paragraph they stand in."""
    cut: dict[Node, set[int]] = {}  # places among an element's children
    long: dict[Node, bool] = {}
    for link in root.elements():
        if link.tag == "a" and _RATING.search(link.get("href")) and host(link.get("href")) == own_host:
            for parent, place in _request(link, long):
                cut.setdefault(parent, set()).add(place)
    if cut and _something_left(root, cut):
        for parent, places in cut.items():
            parent.children = [child for place, child in enumerate(parent.children) if place not in places]


def _request(link: Node, long: dict[Node, bool]) -> list[tuple[Node, int]]:
    """What goes with a link: all of its paragraph, or its line where other lines stand beside it; else the link."""
    alone = [_place(link)]
    holder = next((one for one in link.ancestors() if one.tag in _HOLDERS), None)
    if holder is None or long.setdefault(holder, holder not in long and len(holder.text()) > LONGEST_REQUEST):
        return alone
    found, node, open_left, open_right = alone, link, True, True
    while node is not holder and (open_left or open_right):
        parent, place = _place(node)
        siblings = parent.children
        if open_left:
            first = _line_begin(siblings, place)
            open_left = not first
            found = [*found, *((parent, number) for number in range(_asked_above(siblings, first), place))]
        if open_right:
            end = next((n for n in range(place, len(siblings)) if _ends_line(siblings[n])), len(siblings))
            open_right = end == len(siblings)
            found = [*found, *((parent, number) for number in range(place + 1, end))]
        node = parent
    return [_place(holder)] if open_left and open_right else found


def _place(node: Node) -> tuple[Node, int]:
    """The element it stands in, and where."""
    if node.parent is None:
        raise ValueError("the root stands in nothing")
    return node.parent, node.parent.children.index(node)


def _line_begin(siblings: list[Node | str], place: int) -> int:
    return next((n + 1 for n in range(place - 1, -1, -1) if _ends_line(siblings[n])), 0)


def _asked_above(siblings: list[Node | str], first: int) -> int:
    """Where the line above begins if it asks for the rating ("Please rate this answer:"), else ``first``."""
    end = first
    while end and (_is_break(siblings[end - 1]) or is_blank(_text(siblings[end - 1]))):
        end -= 1
    begin = _line_begin(siblings, end)
    return begin if _ASKS.search("".join(map(_text, siblings[begin:end]))) else first


def _ends_line(child: Node | str) -> bool:
    return isinstance(child, Node) and (child.tag == "br" or (is_block(child) and child.tag not in ("td", "th")))


def _is_break(child: Node | str) -> bool:
    return isinstance(child, Node) and child.tag == "br"


def _text(child: Node | str) -> str:
    return child if isinstance(child, str) else child.text()


def _something_left(root: Node, cut: Mapping[Node, Collection[int]]) -> bool:
    left = [root]
    while left:
        node = left.pop()
        for place, child in enumerate(node.children):
            if place in cut.get(node, ()):
                continue
            if isinstance(child, str):
                if not is_blank(child):
                    return True
            elif child.tag == "img":
                return True
            else:
                left.append(child)
    return False


def signature(blocks: list[Block], known: str) -> list[Block]:
    """Without the signature at the end: the one that Omnidesk has of the author (``known``), or below ``--``."""
    for place in range(len(blocks) - 1, max(-1, len(blocks) - LONGEST_SIGNATURE), -1):
        block = blocks[place]
        if not isinstance(block, Paragraph):
            continue
        for number in range(max(0, len(block.lines) - LONGEST_SIGNATURE), len(block.lines)):
            left = [*blocks[:place], *([Paragraph(block.lines[:number], block.ruled)] if number else [])]
            cut = [Paragraph(block.lines[number:]), *blocks[place + 1 :]]
            if _is_signature(cut, known) and any(not is_blank(text) for text in texts(left)):
                while isinstance(left[-1], Rule):
                    left.pop()
                return left
    return blocks


def _is_signature(blocks: list[Block], known: str) -> bool:
    lines = [escape.unescaped(_TARGET.sub("]", line)) for line in texts(blocks)]
    if len(lines) > LONGEST_SIGNATURE:
        return False
    if lines[0].strip() in ("--", "—"):
        return True
    return bool(known.strip()) and digest("\n".join(lines)) == digest(known)
