"""Marks of the writing direction: kept where a script needs them, harmless where a text would read as another.

An override (U+202D, U+202E) turns ``gpj.exe`` into what looks like ``exe.jpg``; no language needs one. Embeddings and
isolates are kept, but end with their line and are at most :data:`DEEPEST` within each other, so that none reaches what
stands beside them: an author's line, a file's name, the next message.
"""

from __future__ import annotations

import re

DEEPEST = 8
_OVERRIDES = "\u202d\u202e"
_ISOLATES = "\u2066\u2067\u2068"
_POP, _POP_ISOLATE = "\u202c", "\u2069"
_MARKS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def settled(text: str) -> str:
    """``text`` with its direction marks in pairs, line by line, and without overrides."""
    if text.isascii() or not _MARKS.search(text):
        return text
    return "\n".join(_line(line) if _MARKS.search(line) else line for line in text.split("\n"))


def _line(line: str) -> str:
    out: list[str] = []
    opened: list[tuple[str, bool]] = []  # what closes each that is open, and whether it was kept
    kept, isolates = 0, 0  # of those that are open
    end = 0
    for found in _MARKS.finditer(line):
        out.append(line[end : found.start()])
        end = found.end()
        sign = found[0]
        if sign not in (_POP, _POP_ISOLATE):
            keep = sign not in _OVERRIDES and kept < DEEPEST
            opened.append((_POP_ISOLATE if sign in _ISOLATES else _POP, keep))
            kept, isolates = kept + keep, isolates + (sign in _ISOLATES)
            out.append(sign if keep else "")
            continue
        # As Unicode has it: the end of an isolate also ends what was opened within it, which no other end does.
        closes = bool(isolates) if sign == _POP_ISOLATE else bool(opened) and opened[-1][0] == _POP
        while closes:
            closing, was_kept = opened.pop()
            kept, isolates = kept - was_kept, isolates - (closing == _POP_ISOLATE)
            out.append(closing if was_kept else "")
            closes = closing != sign
    out.append(line[end:])
    out += [closing for closing, was_kept in reversed(opened) if was_kept]
    return "".join(out)
