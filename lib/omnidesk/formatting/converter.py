"""markdownify, taught what is literal, which addresses may be followed, and which tables only arrange a page."""

from __future__ import annotations

import re
import unicodedata

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from markdownify import MarkdownConverter

from omnidesk.formatting import links, marks
from omnidesk.formatting.marks import BLOCK_OFF, BLOCK_ON, CODE_OFF, CODE_ON, hide, show

_TINY = re.compile(r"\s*[0-3](?:px)?\s*$")
_CODE_OR_RUN = re.compile(f"(?P<code>{CODE_ON}[^{CODE_OFF}]*{CODE_OFF})|(?P<run>[*]+)")
_APART = re.compile(r"\s[*]+\w|\w[*]+\s")
_BLANK_LINES = re.compile(r"\s*\n\s*")
_INLINE = "a abbr b big code del em font i img kbd label mark s small span strong sub sup tt u"
_WITHIN = frozenset(_INLINE.split())
_PUNCTUATION = hide(marks.SIGNS) + " \u00a0«»„“”‘’…–—№§°"
_SAME = {"strong": "b", "em": "i", "del": "s", "code": "tt"}


class Converter(MarkdownConverter):
    """One message's converter. ``literal``: signs that are text come out as stand-ins, to be escaped at the end."""

    def __init__(self, host: str, *, literal: bool) -> None:
        super().__init__(
            heading_style="ATX",
            bullets="-",
            escape_misc=False,
            escape_underscores=False,
            escape_asterisks=False,
            newline_style="spaces",  # which are taken away with other blanks before a line's end
        )
        self.host, self.literal = host, literal

    def escape(self, text: str, parent_tags: set[str]) -> str:
        return hide(text) if self.literal else text

    # Links and pictures

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "_noformat" in parent_tags:
            return text
        before, after, text = chomp(text)
        address = str(el.get("href") or "").strip()
        if not text or not links.may_link(address):
            return f"{before}{text}{after}"
        text = _BLANK_LINES.sub(" ", text)
        bare = address.removeprefix("mailto:")
        if show(text).rstrip("/") == bare.rstrip("/") and not re.search(r"[\s<>]", bare):
            return f"{before}<{bare}>{after}" if self.literal else f"{before}{text}{after}"
        return f"{before}[{_bracketed(text)}]({links.for_markdown(address)}){after}"

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        address, shown = str(el.get("src") or "").strip(), " ".join(str(el.get("alt") or "").split())
        shown = self.escape(marks.free(shown), parent_tags)
        if any(_TINY.match(str(el.get(side) or "-")) for side in ("width", "height")):
            return ""  # it can only count who reads
        if not links.may_link(address) or links.scheme(address) not in ("http", "https"):
            opening, closing = self.escape("[", parent_tags), self.escape("]", parent_tags)
            return f"{opening}{shown or 'image'}{closing}"  # within the message or attached: it is named
        picture = "!" if links.may_show(address, self.host) else ""
        if "a" in parent_tags or "_noformat" in parent_tags:
            return shown or "image"
        return f"{picture}[{_bracketed(shown) or 'image'}]({links.for_markdown(address)})"

    def convert_video(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return text

    # Code

    def convert_code(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "_noformat" in parent_tags:
            return text
        before, after, text = chomp(text)
        if not text.strip():
            return before or after
        lines = [line.strip() for line in text.split("\n")]
        opening, closing = (CODE_ON, CODE_OFF) if self.literal else ("`", "`")
        return before + "\n".join(f"{opening}{line}{closing}" for line in lines if line) + after

    convert_kbd = convert_code
    convert_samp = convert_code

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "_inline" in parent_tags:
            return self.escape(text, parent_tags)
        text = text.replace("\xa0", " ").strip("\n")
        opening, closing = (BLOCK_ON, BLOCK_OFF) if self.literal else ("```", "```")
        return f"\n\n{opening}\n{text}\n{closing}\n\n" if text.strip() else ""

    # Lines: an editor writes each into a div of its own, which has no space around it

    def convert_div(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "_inline" in parent_tags:
            return f" {text.strip()} "
        return f"\n{text.strip()}\n" if text.strip() else "\n\n"

    # Emphasis: one that would not be read as such is left out

    def convert_b(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return self._around("**", el, text, parent_tags, ("b", "strong"))

    def convert_em(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return self._around("*", el, text, parent_tags, ("i", "em"))

    def convert_del(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return self._around("~~", el, text, parent_tags, ("s", "del"))

    convert_strong = convert_b
    convert_i = convert_em
    convert_s = convert_del

    def _around(self, sign: str, el: Tag, text: str, parent_tags: set[str], same: tuple[str, str]) -> str:
        before, after, text = chomp(text)
        if not text.strip():
            return before or after
        if not any(map(str.isalnum, text)):  # nobody sees it, and it might not be read as such
            return f"{before}{text}{after}"
        if "_noformat" in parent_tags or any(tag in parent_tags for tag in same) or "\n\n" in text:
            return f"{before}{text}{after}"
        lines = [_without_emphasis(line.strip()) if "*" in sign else line.strip() for line in text.split("\n")]
        beside = _touches(el, "previous_sibling", -1), _touches(el, "next_sibling", 0)
        last = len(lines) - 1
        lines = [
            _wrapped(sign, line, (beside[0] and place == 0, beside[1] and place == last))
            for place, line in enumerate(lines)
        ]
        return before + "\n".join(lines) + after

    # Tables

    def convert_table(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        rows = [line for line in text.split("\n") if line.strip()]
        columns = max((row.count(" |") for row in rows), default=0)
        head = rows[:1] if el.find("th") is not None else []
        body = rows[len(head) :]
        return "\n\n" + "\n".join([*(head or ["|" + "  |" * columns]), "|" + " --- |" * columns, *body]) + "\n\n"

    def convert_tr(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f"|{text}\n"

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f" {_BLANK_LINES.sub(' ', text.strip()).replace('|', chr(92) + '|')} |"

    convert_th = convert_td


def prepare(soup: BeautifulSoup) -> None:
    """Before a message is converted: tables that arrange a page become its blocks, split emphasis is joined."""
    for table in [one for one in soup.find_all("table") if not _is_data(one)]:
        table.name = "div"
    for part in soup.find_all(["tbody", "thead", "tfoot", "tr", "td", "th", "caption"]):
        if part.find_parent("table") is None:
            part.name = "div"
    for name, other in _SAME.items():
        for tag in soup.find_all([name, other]):
            before = tag.previous_sibling
            if isinstance(before, Tag) and before.name in (name, other) and not tag.find_parent([name, other]):
                before.extend(list(tag.contents))
                tag.extract()


def _wrapped(sign: str, line: str, touches: tuple[bool, bool]) -> str:
    """A line between two signs. Beside a letter they are read as such only around a letter, so punctuation goes out."""
    start = len(line) - len(line.lstrip(_PUNCTUATION)) if touches[0] else 0
    end = len(line.rstrip(_PUNCTUATION)) if touches[1] else len(line)
    inner = line[start:end]
    if start >= end or not inner.strip():
        return line
    for touched, edge in zip(touches, (inner[0], inner[-1]), strict=True):
        if touched and not (edge == "*" == sign[0] or unicodedata.category(edge)[0] not in "PSZC"):
            return _CODE_OR_RUN.sub(_code_alone, line)  # markup of another kind stands there, and would touch more
    return f"{line[:start]}{sign}{inner}{sign}{line[end:]}"


def _without_emphasis(line: str) -> str:
    """A line to be put between asterisks: others in it stay only around all of it or, by blanks, apart from them."""
    runs = [found for found in _CODE_OR_RUN.finditer(line) if found["run"]]
    around = len(runs) == 2 and runs[0].start() == 0 and runs[1].end() == len(line) and runs[0][0] == runs[1][0]
    apart = all(_APART.match(line, max(found.start() - 1, 0), found.end() + 1) for found in runs)
    return line if around or apart else _CODE_OR_RUN.sub(_code_alone, line)


def _code_alone(found: re.Match[str]) -> str:
    return found["code"] or ""


def _touches(el: Tag, side: str, at: int) -> bool:
    """Whether a letter, or what may begin with one, stands right before or after an element."""
    for _ in range(20):
        neighbour = getattr(el, side)
        if neighbour is not None or el.parent is None or el.parent.name not in _WITHIN:
            break
        el = el.parent
    if isinstance(neighbour, NavigableString):
        return bool(neighbour) and unicodedata.category(neighbour[at])[0] not in "PZC"
    return isinstance(neighbour, Tag) and neighbour.name in _WITHIN


def chomp(text: str) -> tuple[str, str, str]:
    """(a blank if the text begins with one, a blank if it ends with one, the text between)."""
    return " " if text[:1] == " " else "", " " if text[-1:] == " " else "", text.strip()


def _bracketed(text: str) -> str:
    """A link's text: its brackets escaped, and no address in it that would be a link within the link."""
    for sign in "[]":
        text = text.replace(hide(sign), "\\" + hide(sign))
    return text.replace(hide("://"), "\\:" + hide("//"))


def _is_data(table: Tag) -> bool:
    """Whether a table holds data. One of a single column, or with tables or blocks in it, arranges a page."""
    if table.find(["table", "ul", "ol", "pre", "blockquote", "hr", "h1", "h2", "h3"]) or table.find_parent("table"):
        return False
    rows = table.find_all("tr", limit=2_000)
    cells = (len(row.find_all(["td", "th"], recursive=False)) for row in rows)
    return len(rows) > 1 and max(cells, default=0) > 1
