"""Within a line: which signs are meant as Markdown. Everything that is not clearly markup becomes its stand-in.

Conservative on purpose: an asterisk left standing is still understood, a lost one is not (``*.txt``, ``__init__``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from omnidesk.content import layout, marks, urls

MOST_OPEN = 8  # emphasis begun and not ended
FARTHEST = 200  # pieces between the two ends of an emphasis
_URL = r"(?:https?|ftp)://[^\s<>\"`|\\^\[\]{}]{1,3000}"
_TOKEN = re.compile(
    r"(?P<escape>\\[*_#>\[\]<`~|+.-])"
    r"|(?P<ticks>(?<![`\\])(?P<run>`{1,3})(?!`)(?P<code>[^`\n]{1,1000})(?P=run)(?!`))"
    r"|(?P<link>!?\[(?P<text>[^\[\]\n]{0,300})\]\((?:<(?P<inside>[A-Za-z][A-Za-z0-9+.-]{0,30}:"
    r"[^\s<>]{1,3000})>|(?P<address>[A-Za-z][A-Za-z0-9+.-]{0,30}:"
    r"[^\s()<>]{1,2000}(?:\([^\s()<>]{0,200}\)[^\s()<>]{0,500})?))(?:[ ]\"(?P<title>[^\"\n]{0,200})\")?\))"
    r"|(?P<auto><(?:(?:https?|ftp)://|mailto:)[^\s<>]{1,3000}>|<[\w.+-]{1,64}@[\w.-]{1,250}>)"
    rf"|(?P<url>(?<![\w@/])(?:{_URL}))"
    r"|(?P<delim>(?<!\*)\*{1,3}(?!\*)|(?<!_)_{1,2}(?!_)|(?<!~)~~(?!~))"
)
_ENTITY = re.compile(r"&#?\w{1,31};")  # typed as such: it is none of the address
_BEFORE = " \t([{«„“\"'‘-–—*_~"
_AFTER = " \t.,;:!?)]}»”\"'’…-–—*_~"
_TRAILING = ".,;:!?)'\"*_~»…"


@dataclass
class _Delimiter:
    place: int  # in the pieces
    sign: str
    opens: bool
    closes: bool


def judged(line: str, *, nested: bool = False) -> tuple[str, bool]:
    """(``line`` with its literal signs as stand-ins, whether any markup is left)."""
    technical, sql = layout.is_technical(line), layout.is_sql(line)
    pieces: list[str] = []
    delimiters: list[_Delimiter] = []
    found, end = False, 0
    for match in _TOKEN.finditer(line):
        if match.start() < end:
            continue
        kind = str(match.lastgroup if match.lastgroup in ("escape", "auto", "url", "delim") else _kind(match))
        piece, used, stop = match[0], False, match.end()
        if kind == "escape":
            piece, used = _escape(line, match, technical)
        elif kind == "ticks":
            used = not sql and bool(match["code"].strip()) and not nested
            piece = match[0] if used else marks.hide(match[0])
        elif kind == "link":
            piece, used = (marks.hide(match[0]), False) if nested else _link(match)
        elif kind == "auto":
            piece, used = (match[0], True) if not nested else (marks.hide(match[0]), False)
        elif kind == "url":
            piece = _ENTITY.split(match[0], maxsplit=1)[0].rstrip(_TRAILING)
            stop = match.start() + len(piece)
            piece = piece if nested else f"<{piece}>"
            piece = marks.hide(piece) if nested else piece
        else:
            delimiters.append(_delimiter(line, match, len(pieces) + 1, technical))
            piece = marks.hide(piece)
        pieces += [marks.hide(line[end : match.start()]), piece]
        end, found = stop, found or used
    pieces.append(marks.hide(line[end:]))
    paired = _pair(pieces, delimiters, technical)
    return "".join(pieces), found or paired


def _kind(match: re.Match[str]) -> str:
    return "ticks" if match["ticks"] else "link"


def _escape(line: str, match: re.Match[str], technical: bool) -> tuple[str, bool]:
    """An author's own backslash is one only where no path can be meant."""
    before = line[match.start() - 1] if match.start() else " "
    numbered = match[0] == "\\." and line[: match.start()].strip().isdigit()
    meant = numbered or (not technical and match[0] not in ("\\.",) and (before.isspace() or before in "*_("))
    return (marks.hide(match[0][1]), True) if meant else (marks.hide(match[0]), False)


def _link(match: re.Match[str]) -> tuple[str, bool]:
    text, address = match["text"], match["address"] or match["inside"]
    image = match[0].startswith("!")
    if not urls.may_link(address):
        if urls.scheme(address) in ("javascript", "vbscript", "data", "file", "blob"):
            return marks.hide(text), True  # the words stay, the address does not
        return marks.hide(match[0]), False
    shown = marks.hide(text) if image else judged(text, nested=True)[0]
    if not text.strip():
        if not image:
            return marks.hide(match[0]), False
        shown = ""
    title = f' "{marks.hide(match["title"])}"' if match["title"] else ""
    return f"{'!' if image else ''}[{shown}](<{address}>{title})", True


def _delimiter(line: str, match: re.Match[str], place: int, technical: bool) -> _Delimiter:
    before = line[match.start() - 1] if match.start() else " "
    after = line[match.end()] if match.end() < len(line) else " "
    sign = match[0]
    opens = before in (" \t(*_~" if technical else _BEFORE) and not after.isspace() and after not in "/.,;:!?)]}\\|=%&"
    closes = after in _AFTER and not before.isspace() and before not in "/\\([{|="
    return _Delimiter(place, sign, opens, closes)


def _pair(pieces: list[str], delimiters: list[_Delimiter], technical: bool) -> bool:
    """Give back their meaning to the delimiters that clearly belong together; whether there were any."""
    waiting: list[_Delimiter] = []
    found = False
    for one in delimiters:
        partner = next((other for other in reversed(waiting) if other.sign == one.sign), None) if one.closes else None
        if partner is not None and _is_emphasis(pieces, partner, one, technical):
            pieces[partner.place] = pieces[one.place] = one.sign
            del waiting[waiting.index(partner) :]
            found = True
        elif one.opens:
            waiting.append(one)
            del waiting[:-MOST_OPEN]
    return found


def _is_emphasis(pieces: list[str], first: _Delimiter, last: _Delimiter, technical: bool) -> bool:
    if last.place - first.place > FARTHEST:
        return False
    text = marks.show("".join(pieces[first.place + 1 : last.place]))
    if not any(sign.isalnum() for sign in text):
        return False
    if first.sign in ("**", "***", "~~"):
        return True
    words = " " in text.strip()
    if first.sign == "__":
        return words and not technical
    return not technical and (words or any(sign.isalpha() and not sign.isascii() for sign in text))
