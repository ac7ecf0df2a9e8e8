"""markdownify, taught what is literal, which addresses may be followed, and which tables only arrange a page."""

from __future__ import annotations

import re

from bs4.element import Tag
from markdownify import MarkdownConverter

from omnidesk.formatting import links, marks
from omnidesk.formatting.marks import BLOCK_OFF, BLOCK_ON, CODE_OFF, CODE_ON, hide, show

_TINY = re.compile(r"\s*[0-3](?:px)?\s*$")
_BLANK_LINES = re.compile(r"\s*\n\s*")


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
        return self._around("**", text, parent_tags, ("b", "strong"))

    def convert_em(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return self._around("*", text, parent_tags, ("i", "em"))

    def convert_del(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return self._around("~~", text, parent_tags, ("s", "del"))

    convert_strong = convert_b
    convert_i = convert_em
    convert_s = convert_del

    def _around(self, sign: str, text: str, parent_tags: set[str], same: tuple[str, str]) -> str:
        before, after, text = chomp(text)
        if not text.strip():
            return before or after
        if "_noformat" in parent_tags or any(tag in parent_tags for tag in same) or "\n\n" in text:
            return f"{before}{text}{after}"
        lines = [line.strip() for line in text.split("\n")]
        return before + "\n".join(f"{sign}{line}{sign}" if line else "" for line in lines) + after

    # Tables

    def convert_table(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if not _is_data(el):
            return f"\n\n{text.strip()}\n\n"
        rows = [line for line in text.split("\n") if line.strip()]
        columns = max((row.count(" |") for row in rows), default=0)
        head = rows[:1] if any(cell.name == "th" for cell in el.find_all(["td", "th"], limit=columns)) else []
        head = head or ["|" + "  |" * columns]
        body = rows[1:] if head == rows[:1] else rows
        return "\n\n" + "\n".join([*head, "|" + " --- |" * columns, *body]) + "\n\n"

    def convert_tr(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        table = el.find_parent("table")
        if table is None or not _is_data(table):
            return f"\n{text.strip()}\n"
        return f"|{text}\n"

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        table = el.find_parent("table")
        if table is None or not _is_data(table):
            return f"{text.strip()} "
        return f" {_BLANK_LINES.sub(' ', text.strip()).replace('|', chr(92) + '|')} |"

    convert_th = convert_td


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
    known = table.attrs.get("data-omnidesk-rows")
    if known is None:
        rows = table.find_all("tr", limit=2_000)
        cells = [len(row.find_all(["td", "th"], recursive=False)) for row in rows]
        data = (
            len(rows) > 1
            and max(cells, default=0) > 1
            and table.find("table") is None
            and table.find_parent("table") is None
            and table.find(["ul", "ol", "pre", "blockquote"]) is None
        )
        known = table.attrs["data-omnidesk-rows"] = "yes" if data else "no"
    return bool(known == "yes")
