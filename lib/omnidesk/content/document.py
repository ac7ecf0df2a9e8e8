"""A message between HTML (or plain text) and Markdown: its blocks.

Texts are as in :mod:`marks`: literal signs as stand-ins, markup as it is, code between its marks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from omnidesk.content.marks import hide


@dataclass
class Paragraph:
    """Lines that belong together. ``ruled``: a line is drawn above; ``attribution``: a mail program marked it so."""

    lines: list[str]
    ruled: bool = False
    attribution: bool = False


@dataclass
class Code:
    """Lines as they were written, shown in a fixed width."""

    lines: list[str]


@dataclass
class Quote:
    """What somebody quotes."""

    blocks: list[Block]


@dataclass
class Original:
    """What Omnidesk or a mail program marked as the message that is answered; it is shown as its blocks."""

    blocks: list[Block]


@dataclass
class Item:
    """One of a list. ``number`` counts in lists that do."""

    blocks: list[Block]
    number: int = 0


@dataclass
class Listing:
    """A list, with bullets or with numbers."""

    items: list[Item]
    ordered: bool = False


@dataclass
class Heading:
    """A heading of level 1 to 6."""

    level: int
    text: str


@dataclass
class Rule:
    """A line across the page."""


@dataclass
class Table:
    """``head`` has as many cells as each row."""

    head: list[str]
    rows: list[list[str]] = field(default_factory=list)


Block = Paragraph | Code | Quote | Original | Listing | Heading | Rule | Table


def texts(blocks: list[Block]) -> Iterator[str]:
    """Every piece of text in the blocks."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield from block.lines
        elif isinstance(block, Code):
            yield from map(hide, block.lines)
        elif isinstance(block, (Quote, Original)):
            yield from texts(block.blocks)
        elif isinstance(block, Listing):
            for item in block.items:
                yield from texts(item.blocks)
        elif isinstance(block, Heading):
            yield block.text
        elif isinstance(block, Table):
            yield from block.head
            for row in block.rows:
                yield from row
