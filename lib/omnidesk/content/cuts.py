"""What settings remove from a message: requests to rate the answer, and the author's signature.

If nothing that can be seen would be left, nothing is cut.
"""

from __future__ import annotations

import html
import re

from omnidesk.content import escape
from omnidesk.content.document import Block, Paragraph, Rule, texts
from omnidesk.content.nodes import Node
from omnidesk.content.urls import host
from omnidesk.core.text import digest, is_blank

# How the addresses of rating links look is not public; these words in an address of the account's own are assumed.
_RATING = re.compile(r"/(?:rate|rating|ratings|satisfaction|ocenka)(?:[/?_-]|$)|[?&](?:rate|rating)=", re.IGNORECASE)
# What stands for the request in a signature until it is sent; its exact name is not public.
_PLACEHOLDER = re.compile(r"[\[{][^\]}]{0,40}(?:rating|satisfaction|оценк)[^\]}]{0,40}[\]}]", re.IGNORECASE)
_TARGET = re.compile(r"\]\([^()\s]*\)")  # of a link: a signature is known by its words
_ADDRESS = re.compile(r"https?://[^\s<>\"'()\[\]]+", re.IGNORECASE)
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
    """Without the links by which the answer can be rated, and the sentence they stand in."""
    found: list[Node] = []
    for link in root.elements():
        if link.tag != "a" or not _RATING.search(link.get("href")) or host(link.get("href")) != own_host:
            continue
        holder = next((one for one in link.ancestors() if one.tag in _HOLDERS), None)
        short = holder is not None and len(holder.text()) <= LONGEST_REQUEST
        one = holder if short and holder is not None else link
        if not any(one is other for other in found):
            found.append(one)
    if found and _something_left(root, found):
        for one in found:
            one.remove()


def _something_left(root: Node, found: list[Node]) -> bool:
    left = [root]
    while left:
        node = left.pop()
        for child in node.children:
            if isinstance(child, str):
                if not is_blank(child):
                    return True
            elif not any(child is one for one in found):
                if child.tag == "img":
                    return True
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
