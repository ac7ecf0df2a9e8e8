"""HTML's tables as a grid: which cell stands in which column, and under which heading.

A table that only arranges a page is none; one that Markdown cannot hold becomes lines of ``heading: value``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from omnidesk.content.document import Block, Paragraph, Table, texts
from omnidesk.content.marks import hide
from omnidesk.content.nodes import Node
from omnidesk.content.plain import DEAD
from omnidesk.content.styles import is_invisible

MOST_COLUMNS = 40
MOST_LINES = 3  # of a cell that still stand behind each other in one
MOST_CELLS = 10_000  # of a grid; a cell may claim to be thousands of columns wide
_ARRANGED = frozenset(["table", "center", "article", "section", "header", "footer", "h1", "h2", "h3"])
_PARTS = frozenset(["thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup", "col"])
_BLOCKS = frozenset(["ul", "ol", "pre", "blockquote", "hr", "dl"])


@dataclass
class _Cell:
    node: Node
    first: bool  # of the columns and rows it covers
    repeated: bool  # in a row below its own


@dataclass
class _Grid:
    rows: list[dict[int, _Cell]]
    heads: int  # rows of headings at the top
    columns: int


def is_data(table: Node) -> bool:
    """Whether a table holds data. One of a single row or column, or with parts of a page in it, arranges a page."""
    if table.get("role") in ("presentation", "none") or any(one.tag == "table" for one in table.ancestors()):
        return False
    inside = {one.tag for one in table.elements()}
    if inside & _ARRANGED or (inside & _BLOCKS and "th" not in inside):
        return False
    if any(_is_astray(child) for holder in _holders(table) for child in holder.children):
        return False
    rows = list(_rows(table))
    return len(rows) > 1 and max((sum(1 for _ in _cells(row)) for row in rows), default=0) > 1


def _holders(table: Node) -> Iterator[Node]:
    """The table and its parts but for the cells."""
    yield table
    for child in table.children:
        if isinstance(child, Node) and child.tag in ("thead", "tbody", "tfoot", "tr"):
            yield from _holders(child)


def _is_astray(child: Node | str) -> bool:
    """Whether something stands in a table without a cell around it, where a browser shows it elsewhere."""
    if isinstance(child, str):
        return bool(child.strip())
    return child.tag not in _PARTS and child.tag not in DEAD


def _rows(table: Node) -> Iterator[Node]:
    for child in table.children:
        if isinstance(child, Node) and not is_invisible(child):
            if child.tag == "tr":
                yield child
            elif child.tag in ("thead", "tbody", "tfoot"):
                yield from _rows(child)


def _cells(row: Node) -> Iterator[Node]:
    return (one for one in row.children if isinstance(one, Node) and one.tag in ("td", "th") and not is_invisible(one))


def _span(cell: Node, name: str) -> int:
    value = cell.get(name).strip()
    return max(1, min(int(value), 1000)) if value.isascii() and value.isdigit() and len(value) < 9 else 1


def _grid(table: Node) -> _Grid | None:
    """None where it is wider or larger than anybody reads."""
    grid: list[dict[int, _Cell]] = []
    below: dict[int, tuple[int, Node]] = {}  # column -> rows that a cell of the rows above still covers
    total = heads = 0
    for row in _rows(table):
        line = {column: _Cell(node, False, True) for column, (_, node) in below.items()}
        below = {column: (left - 1, node) for column, (left, node) in below.items() if left > 1}
        column = 0
        for node in _cells(row):
            while column in line:
                column += 1
            width, height = _span(node, "colspan"), _span(node, "rowspan")
            for place in range(column, min(column + width, MOST_COLUMNS + 1)):
                line[place] = _Cell(node, place == column, False)
                if height > 1:
                    below[place] = (height - 1, node)
            column += width
        total += len(line)
        if max(line, default=0) >= MOST_COLUMNS or total > MOST_CELLS:
            return None
        if line and heads == len(grid) and _is_head(row, line):
            heads += 1
        if line:
            grid.append(line)
    columns = max((max(line, default=-1) + 1 for line in grid), default=0)
    return _Grid(grid, heads if heads < len(grid) else 1, columns)


def _is_head(row: Node, line: dict[int, _Cell]) -> bool:
    within = row.parent is not None and row.parent.tag == "thead"
    return within or all(cell.node.tag == "th" for cell in line.values())


Read = Callable[[Node], list[Block]]


def blocks(table: Node, read: Read) -> list[Block] | None:
    """A table of data with its caption; None where it is too large. ``read`` gives a cell's blocks."""
    grid = _grid(table)
    if grid is None:
        return None
    known: dict[int, list[Block]] = {}

    def content(cell: _Cell | None) -> list[Block]:
        if cell is None:
            return []
        if id(cell.node) not in known:
            known[id(cell.node)] = read(cell.node)
        return known[id(cell.node)]

    captions = (one for one in table.children if isinstance(one, Node) and one.tag == "caption")
    caption = [block for one in captions if not is_invisible(one) for block in read(one)]
    head = _headings(grid, content)
    body = [[line.get(column) for column in range(grid.columns)] for line in grid.rows[grid.heads :]]
    cells = [[content(cell) for cell in row] for row in body]
    if all(is_line(one) for row in cells for one in row):
        rows = [
            [_shown(cell, one) for cell, one in zip(row, line, strict=True)]
            for row, line in zip(body, cells, strict=True)
        ]
        return [*caption, Table(head, rows)]
    return [*caption, *_listed(head, body, cells)]


def _headings(grid: _Grid, content: Callable[[_Cell | None], list[Block]]) -> list[str]:
    """Each column's heading; of several rows of headings all that stand above it."""
    found = []
    for column in range(grid.columns):
        words: list[str] = []
        for line in grid.rows[: grid.heads]:
            one = line_of(content(line.get(column)))
            words += [one] if one and one not in words else []
        found.append(f"{hide(':')} ".join(words))
    return found


def _shown(cell: _Cell | None, found: list[Block]) -> str:
    """A cell wider than a column is read in its first; one higher than a row belongs to each row."""
    return line_of(found) if cell is not None and (cell.first or cell.repeated) else ""


def _listed(head: list[str], body: list[list[_Cell | None]], cells: list[list[list[Block]]]) -> Iterator[Block]:
    unused = [words for column, words in enumerate(head) if words and not any(row[column] for row in cells)]
    yield from _paragraph(unused)
    for row, contents in zip(body, cells, strict=True):
        lines: list[str] = []
        for heading, cell, found in zip(head, row, contents, strict=True):
            if cell is None or not (cell.first or cell.repeated) or not found:
                continue
            if is_line(found):
                lines.append(f"{heading}{hide(':')} {line_of(found)}" if heading else line_of(found))
                continue
            yield from _paragraph([*lines, *([f"{heading}{hide(':')}"] if heading else [])])
            lines = []
            yield from found
        yield from _paragraph(lines)


def _paragraph(lines: list[str]) -> list[Block]:
    return [Paragraph(lines)] if lines else []


def is_line(found: list[Block]) -> bool:
    """Whether the blocks can stand in a cell."""
    return not found or (len(found) == 1 and isinstance(found[0], Paragraph) and len(found[0].lines) <= MOST_LINES)


def line_of(found: list[Block]) -> str:
    """Blocks as one line: what a heading or a cell can hold of them."""
    return " ".join(line for line in texts(found) if line)
