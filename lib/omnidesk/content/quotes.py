"""The original below a reply, as mail programs add it, as opposed to what the author quotes.

A quotation is an original only if it is introduced as one: by a line that names a time and a mailbox, or that the mail
program marked; or by the headers of a mail below a line across the page. An answer between its parts keeps all of it.
"""

from __future__ import annotations

import re

from omnidesk.content import escape
from omnidesk.content.document import Block, Original, Paragraph, Quote, Rule, texts
from omnidesk.core.text import is_blank

_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_TIME = re.compile(r"\b[0-2]?[0-9]:[0-5][0-9]\b")
_MONTHS = "янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATE = re.compile(
    rf"\b[0-9]{{1,2}}[./-][0-9]{{1,2}}[./-](?:[0-9]{{2}}){{1,2}}\b|\b[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}\b"
    rf"|\b[0-9]{{1,2}}\.? (?:{_MONTHS})|\b(?:{_MONTHS})[a-zа-я]*\.? [0-9]{{1,2}}\b",
    re.IGNORECASE,
)
LONGEST_LINE = 400  # characters of the words that introduce an original
_LABELS = {
    "from": "from|от|от кого|отправитель", "sent": "sent|date|отправлено|дата", "to": "to|кому",
    "subject": "subject|тема", "cc": "cc|копия",
}  # fmt: skip
_LABEL = re.compile("(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items()) + r")\s*:\s*\S", re.I)
_ORIGINAL_LINE = re.compile(
    r"-{2,}\s*(?:original message|original appointment|исходное сообщение|оригинал сообщения)\s*-{2,}", re.IGNORECASE
)


def without(blocks: list[Block]) -> list[Block]:
    """The blocks without the original they answer; all of them if nothing that can be seen would be left."""
    left: list[Block] = [block for block in blocks if not isinstance(block, Original)]
    left = _without_headed(left)
    left = _without_introduced(left)
    return left if any(not is_blank(text) for text in texts(left)) else blocks


def _words(line: str) -> str:
    return " ".join(escape.unescaped(line).replace("**", "").split())


# Below a line that names who wrote what is quoted


def _without_introduced(blocks: list[Block]) -> list[Block]:
    quoted = [place for place, block in enumerate(blocks) if isinstance(block, Quote)]
    found = {place: width for place in quoted if (width := _introduction(blocks, place)) is not None}
    if not found:
        return blocks
    first, last = min(found), quoted[-1]
    if last not in found and any(not isinstance(block, Quote) for block in blocks[first:last]):
        return blocks  # answers stand between the parts of the original, and mean nothing without it
    left: list[Block] = []
    for place, block in enumerate(blocks):
        if place in found or (place > first and isinstance(block, Quote)):
            continue
        width = found.get(place + 1, 0)
        if width and isinstance(block, Paragraph):
            lines = block.lines[:-width] if width < len(block.lines) else []
            if lines:
                left.append(Paragraph(lines, block.ruled))
            continue
        left.append(block)
    return left


def _introduction(blocks: list[Block], place: int) -> int | None:
    """How many lines above a quotation introduce it as an original: 0 if its own first line does, None if none."""
    before, quote = blocks[place - 1] if place else None, blocks[place]
    if isinstance(before, Paragraph):
        if before.attribution:
            return len(before.lines)
        for width in range(1, min(3, len(before.lines)) + 1):
            if _introduces(" ".join(map(_words, before.lines[-width:]))):
                return width
    inside = quote.blocks[0] if isinstance(quote, Quote) and quote.blocks else None
    if isinstance(inside, Paragraph) and (inside.attribution or _introduces(_words(inside.lines[0]))):
        return 0
    return None


def _introduces(line: str) -> bool:
    """«On 2 Mar 2026, at 11:20, Anna <a@example.com> wrote:», «пн, 2 мар. 2026 г. в 11:20, Анна <a@example.com>:»"""
    if len(line) > LONGEST_LINE or not line.rstrip().endswith(":"):
        return False
    return bool(_MAIL.search(line) and _TIME.search(line) and _DATE.search(line))


# Below the headers of a mail


def _without_headed(blocks: list[Block]) -> list[Block]:
    """Without what stands below the headers, which is the original to the end."""
    for place, block in enumerate(blocks):
        if isinstance(block, Paragraph):
            line = _headed(blocks, place)
            if line is not None:
                kept = list(blocks[:place])
                if line:
                    kept.append(Paragraph(block.lines[:line], block.ruled))
                while kept and isinstance(kept[-1], Rule):
                    kept.pop()
                return kept if any(not is_blank(text) for text in texts(kept)) else blocks
    return blocks


def _headed(blocks: list[Block], place: int) -> int | None:
    """The line of a paragraph at which an original begins."""
    block = blocks[place]
    if not isinstance(block, Paragraph):
        return None
    for number, line in enumerate(block.lines):
        words = _words(line)
        if _ORIGINAL_LINE.fullmatch(words):
            following = Paragraph(block.lines[number + 1 :]) if number + 1 < len(block.lines) else None
            after = following or (blocks[place + 1] if place + 1 < len(blocks) else None)
            if isinstance(after, Paragraph) and _labels(after.lines):
                return number
        if _LABEL.match(words) and _is_headers(blocks, place, number):
            return number
    return None


def _is_headers(blocks: list[Block], place: int, number: int) -> bool:
    """Whether the lines are a mail's headers as a program writes them: bold names, or a line across the page above."""
    block = blocks[place]
    if not isinstance(block, Paragraph):
        return False
    lines = block.lines[number : number + 8]
    if not {"from", "sent"} <= _labels(lines) or not _labels(lines) & {"to", "subject"}:
        return False
    bold = all(line.startswith("**") for line in lines[:2])
    ruled = not number and (block.ruled or (place > 0 and isinstance(blocks[place - 1], Rule)))
    return bold or ruled


def _labels(lines: list[str]) -> set[str]:
    """The headers with which the lines begin, one after the other."""
    found: set[str] = set()
    for line in lines[:8]:
        label = _LABEL.match(_words(line))
        if label is None:
            break
        found.add(str(label.lastgroup))
    return found if "from" in found else set()
