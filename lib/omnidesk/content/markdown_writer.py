"""A document's blocks as lines of Markdown: what stands before each line is written here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from omnidesk.content import escape
from omnidesk.content.document import Block, Code, Heading, Item, Listing, Original, Paragraph, Quote, Rule, Table

DEEPEST = 8  # quotes and lists within each other; what is deeper stands at this depth, as readers of Markdown give up


def markdown(blocks: Sequence[Block], *, formatting: bool = True) -> str:
    """The blocks as Markdown; with ``formatting`` off as text that reads well, in which nothing is escaped."""
    return "\n".join(_Writer(formatting).blocks(blocks, 0))


class _Writer:
    def __init__(self, formatting: bool) -> None:
        self.formatting = formatting
        self.cell: Callable[[str], str] = escape.cell if formatting else escape.unescaped
        self.heading: Callable[[str], str] = escape.heading if formatting else escape.unescaped

    def blocks(self, blocks: Sequence[Block], depth: int) -> list[str]:
        out: list[str] = []
        other = False  # whether the list above has the first kind of marks, so that this one takes the second
        for place, block in enumerate(blocks):
            before = blocks[place - 1] if place else None
            if isinstance(block, Paragraph):
                after = blocks[place + 1] if place + 1 < len(blocks) else None
                lines = self.paragraph(block, before, after)
            elif isinstance(block, Listing):
                other = not other if isinstance(before, Listing) and before.ordered == block.ordered else False
                lines = self.listing(block, depth, other)
            else:
                lines = self.other(block, depth)
            if lines:
                out += ["", *lines] if out else lines
        return out

    def paragraph(self, block: Paragraph, before: Block | None, after: Block | None) -> list[str]:
        if not self.formatting:
            return [escape.unescaped(line) for line in block.lines]
        above = isinstance(before, Listing) and before.ordered
        above = above or (isinstance(before, Paragraph) and escape.is_numbered(before.lines[-1]))
        return escape.paragraph(block.lines, (above, isinstance(after, Listing) and after.ordered))

    def other(self, block: Block, depth: int) -> list[str]:
        if isinstance(block, Code):
            return escape.code(block.lines)
        if isinstance(block, Heading):
            return [f"{'#' * block.level} {self.heading(block.text)}"]
        if isinstance(block, Quote):
            inner = self.blocks(block.blocks, depth + 1)
            return [f"> {line}".rstrip(" ") for line in inner] if depth < DEEPEST else inner
        if isinstance(block, Original):
            return self.blocks(block.blocks, depth)
        if isinstance(block, Table):
            rule = "|" + " --- |" * len(block.head)
            return [self.row(block.head), rule, *map(self.row, block.rows)]
        return ["---"]

    def row(self, cells: Sequence[str]) -> str:
        return "|" + "".join(f" {self.cell(one)} |" for one in cells)

    def listing(self, block: Listing, depth: int, other: bool) -> list[str]:
        out: list[str] = []
        loose = any(_is_loose(item) for item in block.items)
        sign, number = ("*" if other else "-", ")" if other else ".")
        for item in block.items:
            mark = f"{item.number}{number} " if block.ordered else f"{sign} "
            lines = self.item(item, depth, loose)
            if depth < DEEPEST:
                lines = [mark + lines[0], *(" " * len(mark) + line if line else "" for line in lines[1:])]
            out += ["", *lines] if loose and out else lines
        return [line.rstrip(" ") for line in out]

    def item(self, item: Item, depth: int, loose: bool) -> list[str]:
        """An item's lines without its mark; a list within a tight one follows its paragraph at once."""
        if loose or len(item.blocks) < 2:
            lines = self.blocks(item.blocks, depth + 1)
        else:
            lines = [line for block in item.blocks for line in self.blocks([block], depth + 1)]
        if isinstance(next(iter(item.blocks), None), Rule):
            lines = ["***", *lines[1:]]  # dashes behind a dash would be one line across the page
        return lines or [""]


def _is_loose(item: Item) -> bool:
    """Whether an item needs blank lines: anything but a paragraph and, below it, a list that may follow at once."""
    first, rest = item.blocks[:1], item.blocks[1:]
    if not rest:
        return bool(first) and isinstance(first[0], Table)
    second = rest[0]
    if len(rest) > 1 or not isinstance(first[0], Paragraph) or not isinstance(second, Listing):
        return True
    begin = second.items[0]
    return (second.ordered and begin.number != 1) or not begin.blocks
