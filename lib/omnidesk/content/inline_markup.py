"""Within a line: which signs are meant as Markdown. Everything that is not clearly markup becomes its stand-in.

Conservative on purpose: an asterisk left standing is still understood, a lost one is not (``*.txt``, ``__init__``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
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


@dataclass(frozen=True)
class _Line:
    text: str
    nested: bool  # it is the text of a link, which holds no other and no code
    technical: bool
    sql: bool


def judged(line: str, *, nested: bool = False) -> tuple[str, bool]:
    """(``line`` with its literal signs as stand-ins, whether any markup is left)."""
    whole = _Line(line, nested, layout.is_technical(line), layout.is_sql(line))
    pieces, delimiters, rich, end = list[str](), list[_Delimiter](), False, 0
    for match in _TOKEN.finditer(line):
        kind = str(match.lastgroup)  # the outermost group: it is closed last
        piece, meant, stop = _JUDGES[kind](whole, match)
        if kind == "delim":
            delimiters.append(_delimiter(whole, match, len(pieces) + 1))
        pieces += [marks.hide(line[end : match.start()]), piece]
        end, rich = stop, rich or meant
    pieces.append(marks.hide(line[end:]))
    paired = _pair(pieces, delimiters, whole.technical)
    return "".join(pieces), rich or paired


# Each kind of sign: (what stands for it, whether it is meant as markup, where it ends).
_Judgement = tuple[str, bool, int]


def _literal(match: re.Match[str]) -> _Judgement:
    return marks.hide(match[0]), False, match.end()


def _escape(line: _Line, match: re.Match[str]) -> _Judgement:
    """An author's own backslash is one only where no path can be meant."""
    before = line.text[match.start() - 1] if match.start() else " "
    numbered = match[0] == "\\." and line.text[: match.start()].strip().isdigit()
    meant = numbered or (not line.technical and match[0] != "\\." and (before.isspace() or before in "*_("))
    return (marks.hide(match[0][1]), True, match.end()) if meant else _literal(match)


def _ticks(line: _Line, match: re.Match[str]) -> _Judgement:
    meant = not (line.sql or line.nested) and bool(match["code"].strip())
    return (match[0], True, match.end()) if meant else _literal(match)


def _link(line: _Line, match: re.Match[str]) -> _Judgement:
    text, address, end = match["text"], match["address"] or match["inside"], match.end()
    image = match[0].startswith("!")
    if line.nested:
        return _literal(match)
    if not urls.may_link(address):
        if urls.scheme(address) in ("javascript", "vbscript", "data", "file", "blob"):
            return marks.hide(text), True, end  # the words stay, the address does not
        return _literal(match)
    shown = marks.hide(text) if image else judged(text, nested=True)[0]
    if not text.strip():
        if not image:
            return _literal(match)
        shown = ""
    title = f' "{marks.hide(match["title"])}"' if match["title"] else ""
    return f"{'!' if image else ''}[{shown}](<{address}>{title})", True, end


def _auto(line: _Line, match: re.Match[str]) -> _Judgement:
    return _literal(match) if line.nested else (match[0], True, match.end())


def _url(line: _Line, match: re.Match[str]) -> _Judgement:
    address = _ENTITY.split(match[0], maxsplit=1)[0].rstrip(_TRAILING)
    end = match.start() + len(address)
    return (marks.hide(address) if line.nested else f"<{address}>"), False, end


_JUDGES: dict[str, Callable[[_Line, re.Match[str]], _Judgement]] = {
    "escape": _escape,
    "ticks": _ticks,
    "link": _link,
    "auto": _auto,
    "url": _url,
    "delim": lambda line, match: _literal(match),  # until it is paired
}


def _delimiter(line: _Line, match: re.Match[str], place: int) -> _Delimiter:
    text, technical = line.text, line.technical
    before = text[match.start() - 1] if match.start() else " "
    after = text[match.end()] if match.end() < len(text) else " "
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
