"""Marks of the writing direction: kept where a script needs them, harmless where a text would read as another.

An override (U+202D, U+202E) turns ``gpj.exe`` into what looks like ``exe.jpg``; no language needs one. Embeddings and
isolates are kept, but end with their line and are at most :data:`DEEPEST` within each other, so that none reaches what
stands beside them: an author's line, a file's name, the next message.
"""

from __future__ import annotations

import re

DEEPEST = 8
_OVERRIDES = "\u202d\u202e"
_EMBEDDINGS, _ISOLATES = "\u202a\u202b", "\u2066\u2067\u2068"
_POP, _POP_ISOLATE = "\u202c", "\u2069"
_MARKS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def settled(text: str) -> str:
    """``text`` with its direction marks in pairs, line by line, and without overrides."""
    if text.isascii() or not _MARKS.search(text):
        return text
    return "\n".join(_line(line) if _MARKS.search(line) else line for line in text.split("\n"))


def _line(line: str) -> str:
    out: list[str] = []
    opened: list[str] = []  # what closes each that is open; "" for one that was left out
    end = 0
    for found in _MARKS.finditer(line):
        out.append(line[end : found.start()])
        end = found.end()
        sign = found[0]
        if sign in _EMBEDDINGS or sign in _ISOLATES or sign in _OVERRIDES:
            kept = sign not in _OVERRIDES and sum(map(bool, opened[-DEEPEST:])) < DEEPEST and len(opened) < 1000
            opened.append((_POP if sign in _EMBEDDINGS else _POP_ISOLATE) if kept else "")
            out.append(sign if kept else "")
        elif sign == _POP and opened and opened[-1] in (_POP, ""):
            out.append(opened.pop())
        elif sign == _POP_ISOLATE and _POP_ISOLATE in opened[-DEEPEST:]:
            while (closing := opened.pop()) != _POP_ISOLATE:
                out.append(closing)
            out.append(_POP_ISOLATE)
    out.append(line[end:])
    out += reversed(opened)
    return "".join(out)
