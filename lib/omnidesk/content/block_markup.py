"""Which blocks of a text are meant as Markdown. Only clear constructs stay markup, the rest is taken literally.

The result is Markdown for the parser of :mod:`dialect`: what is literal is written in stand-ins (:mod:`marks`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from omnidesk.content import inline_markup, layout
from omnidesk.content.marks import hide

DEEPEST = 8  # quotes within quotes, lists within lists; what is deeper stays as it was typed
_FENCE = re.compile(r"( {0,3})(`{3,}|~{3,})[ \t]*((?:[^\W\d_][\w+#.-]{0,39})?)[ \t]*$")
_QUOTE = re.compile(r">(?: |$|>+ ?)")
_PROMPT = re.compile(r">>> \S")
_ITEM = re.compile(r"(?P<mark>[-*+]|(?P<number>[0-9]{1,3})[.)])(?P<gap> {1,3})(?=\S)")
_HEADING = re.compile(r"(#{1,6}) +(\S.*?)(?: +#+)?$")
_RULE = re.compile(r"(?:-{3}|\*{3}|_{3})$")
_DELIMITER_ROW = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")


@dataclass
class Judged:
    """Markdown in which only what was meant is markup. ``rich``: there is any, so it should be shown as such."""

    lines: list[str] = field(default_factory=list)
    rich: bool = False

    def block(self, lines: Sequence[str]) -> None:
        """Lines of their own, apart from what stands around them."""
        self.blank()
        self.lines += lines
        self.lines.append("")

    def blank(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append("")


def judged(text: str) -> Judged:
    """``text`` (cleaned, of any length) judged."""
    return _judged(text.split("\n"), 0)


def _judged(lines: Sequence[str], depth: int) -> Judged:
    out = Judged()
    hopeless: dict[str, int] = {}  # fence sign -> from which length on nothing closes it any more
    place = 0
    while place < len(lines):
        end = _fenced(out, lines, place, hopeless)
        if not end:
            end = place
            while end < len(lines) and lines[end].strip() and not (end > place and _FENCE.match(lines[end])):
                end += 1
            if end == place:
                out.blank()
                end += 1
            else:
                end = _chunk(out, lines, place, end, depth)
        place = end
    return out


def _fenced(out: Judged, lines: Sequence[str], place: int, hopeless: dict[str, int]) -> int:
    """A fenced block from ``place`` on: where it ends, 0 if there is none. One that is never closed is none."""
    found = _FENCE.match(lines[place])
    if not found:
        return 0
    sign, length = found[2][0], len(found[2])
    if length >= hopeless.get(sign, length + 1):
        return 0
    closing = re.compile(rf" {{0,3}}{re.escape(sign)}{{{length},}}[ \t]*$")
    for end in range(place + 1, len(lines)):
        if closing.match(lines[end]):
            out.blank()
            if not any(line.strip() for line in lines[place + 1 : end]):
                # An empty block would show nothing of what was typed.
                out.lines += [hide(line.strip()) for line in (lines[place], lines[end])]
                out.lines.append("")
                return end + 1
            out.lines += lines[place : end + 1]
            out.lines.append("")
            out.rich = True
            return end + 1
    hopeless[sign] = min(length, hopeless.get(sign, length))
    return 0


def _chunk(out: Judged, lines: Sequence[str], place: int, end: int, depth: int) -> int:
    """Lines without a blank one between them; returns what was reached, as a list goes on beyond blank lines."""
    first = place
    if layout.is_drawn(lines[place:end]):
        _drawn(out, lines[place:end])
        return end
    while place < end:
        reached = _construct(out, lines, place, (first, end), depth)
        if reached:
            place = reached
            continue
        stop = place + 1
        while stop < end and not _begins(lines, stop, depth):
            stop += 1
        _paragraph(out, lines[place:stop])
        place = stop
    return place


def _begins(lines: Sequence[str], place: int, depth: int) -> bool:
    line = lines[place]
    if depth < DEEPEST and line.startswith(">") and _QUOTE.match(line):
        return True
    if (item := _ITEM.match(line)) and depth < DEEPEST:
        return item["number"] is None or lines[place - 1].rstrip().endswith(":")
    return "|" in line and _is_table(lines, place)


def _construct(out: Judged, lines: Sequence[str], place: int, chunk: tuple[int, int], depth: int) -> int:
    """What begins at ``place`` of a chunk (its first line and its end): where it ends, 0 if nothing does."""
    line, alone = lines[place], chunk[1] - chunk[0] == 1
    if depth < DEEPEST and line.startswith(">") and _QUOTE.match(line):
        return _quote(out, lines, place, depth)
    if depth < DEEPEST and _ITEM.match(line):
        return _list(out, lines, place, chunk[1], depth)
    if "|" in line and _is_table(lines, place):
        return _table(out, lines, place)
    if alone and _RULE.match(line):
        out.block([line])
        out.rich = True
        return place + 1
    heading = _HEADING.match(line) if place == chunk[0] else None
    if heading and _is_heading(heading, "" if alone else lines[place + 1]):
        text, _ = inline_markup.judged(heading[2])
        out.block([f"{heading[1]} {text}"])
        out.rich = True
        return place + 1
    return 0


def _is_heading(found: re.Match[str], below: str) -> bool:
    """A line of hashes is as likely a comment or root's prompt; ``below``: the next line if that is not blank."""
    text = found[2]
    if layout.is_technical(text) or not any(sign.isalpha() for sign in text):
        return False
    if len(found[1]) == 1:
        return not below and (text[0].isupper() or not text[0].isascii())
    return not below.startswith("#")


def _drawn(out: Judged, lines: Sequence[str]) -> None:
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    out.block([fence, *lines, fence])
    out.rich = True


def _paragraph(out: Judged, lines: Sequence[str]) -> None:
    if layout.is_aligned(lines):
        # The sentence that introduces code is none of it.
        head = 1 if len(lines) > 1 and layout.is_introduction(lines[0]) else 0
        if head:
            _paragraph(out, lines[:1])
        _drawn(out, lines[head:])
        return
    for line in lines:
        text, rich = inline_markup.judged(line.strip())
        out.lines.append(text)
        out.rich = out.rich or rich
    out.lines.append("")


def _quote(out: Judged, lines: Sequence[str], place: int, depth: int) -> int:
    end = place
    while end < len(lines) and _QUOTE.match(lines[end]):
        end += 1
    run = lines[place:end]
    if all(_PROMPT.match(line) for line in run):
        _drawn(out, run)
        return end
    inner = _judged([line[2:] if line.startswith("> ") else line[1:] for line in run], depth + 1)
    out.block([f"> {line}" if line else ">" for line in _trimmed(inner.lines)])
    out.rich = True
    return end


def _list(out: Judged, lines: Sequence[str], place: int, chunk_end: int, depth: int) -> int:
    """A list from ``place`` on: two items or more of one kind, numbers in their order. One item alone is a dash."""
    starts, end = _items(lines, place)
    if len(starts) < 2 and not depth:
        _paragraph(out, lines[place : min(end, chunk_end)])
        return min(end, chunk_end)
    out.blank()
    for start, stop in zip(starts, [*starts[1:], end], strict=True):
        item = _item_at(lines, start)
        rest = [lines[start][item.end() :], *(_dedented(line, item.end()) for line in lines[start + 1 : stop])]
        mark = f"{item['number']}. " if item["number"] else "- "
        inner = _trimmed(_item(rest, depth))
        out.lines += [((" " * len(mark) if row else mark) + line) if line else "" for row, line in enumerate(inner)]
        if stop < end and not lines[stop - 1].strip():
            out.blank()
    out.rich = True
    out.lines.append("")
    return end


def _items(lines: Sequence[str], place: int) -> tuple[list[int], int]:
    """(where the items of the list at ``place`` begin, where it ends)."""
    first = _item_at(lines, place)
    starts, end = [place], place + 1
    while end < len(lines):
        there = end
        while there < len(lines) and not lines[there].strip():
            there += 1
        if there == len(lines):
            break
        item = _ITEM.match(lines[there])
        if item is not None:
            expected = int(first["number"]) + len(starts) if first["number"] else None
            if item["mark"][-1] != first["mark"][-1] or (item["number"] and int(item["number"]) != expected):
                break
            starts.append(there)
        elif not lines[there].startswith(("  ", "\t")):
            break
        end = there + 1
    return starts, end


def _item_at(lines: Sequence[str], place: int) -> re.Match[str]:
    item = _ITEM.match(lines[place])
    if item is None:
        raise ValueError("no item there")
    return item


def _item(lines: Sequence[str], depth: int) -> list[str]:
    """An item's lines: the first is a line of text, the rest whatever it is."""
    text, _ = inline_markup.judged(lines[0].strip())
    if len(lines) == 1:
        return [text]
    inner = _judged(lines[1:], depth + 1) if depth + 1 < DEEPEST else _literal(lines[1:])
    return [text, *([""] if not lines[1].strip() else []), *inner.lines]


def _literal(lines: Sequence[str]) -> Judged:
    return Judged([hide(line.strip()) for line in lines])


def _dedented(line: str, width: int) -> str:
    line = line.replace("\t", "    ", 1) if line.startswith("\t") else line
    return line[min(width, len(line) - len(line.lstrip(" "))) :]


def _is_table(lines: Sequence[str], place: int) -> bool:
    if place + 1 >= len(lines) or not _DELIMITER_ROW.match(lines[place + 1]) or "|" not in lines[place + 1]:
        return False
    return len(_cells(lines[place])) == len(_cells(lines[place + 1]))


def _cells(row: str) -> list[str]:
    row = row.strip()
    row = row.removeprefix("|")
    row = row[:-1] if row.endswith("|") and not row.endswith("\\|") else row
    return re.split(r"(?<!\\)\|", row)


def _table(out: Judged, lines: Sequence[str], place: int) -> int:
    end = place + 2
    while end < len(lines) and "|" in lines[end]:
        end += 1
    rows = [_row(lines[place]), "|" + " --- |" * len(_cells(lines[place + 1])), *map(_row, lines[place + 2 : end])]
    out.block(rows)
    out.rich = True
    return end


def _row(line: str) -> str:
    return "| " + " | ".join(inline_markup.judged(cell.strip().replace("\\|", "|"))[0] for cell in _cells(line)) + " |"


def _trimmed(lines: list[str]) -> list[str]:
    while lines and not lines[-1]:
        lines = lines[:-1]
    return lines
