"""The final check of finished Markdown: a CommonMark parser must find nothing active in it.

Whatever a mistake elsewhere lets through, this does not: raw HTML, an address of a scheme that is not allowed, a
picture that would tell a stranger who reads the ticket.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from omnidesk.content import urls
from omnidesk.content.dialect import SCHEMES

# Where HTML, an address in angle brackets, a link or a picture can begin; most messages have none of them.
_BEGINS = re.compile(r"(?<!\\)(?:\\\\)*\[|<[A-Za-z/!?]")


@cache
def _parser() -> Any:
    """Reads all that any reader of Markdown might: HTML, tables, struck out text, every address."""
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": True, "maxNesting": 200}).enable(["table", "strikethrough"])
    made.validateLink = lambda url: True  # type: ignore[method-assign]
    return made


def caught(markdown: str, host: str) -> str:
    """What acts in it, in words for the log; "" for nothing. ``host``: whose pictures may be shown."""
    if not _BEGINS.search(markdown):
        return ""
    for token in _parser().parse(markdown):
        for one in (token, *(token.children or ())):
            found = _acting(one, host)
            if found:
                return found
    return ""


def _acting(token: Any, host: str) -> str:
    if token.type in ("html_block", "html_inline"):
        return "raw HTML"
    if token.type == "link_open":
        kind = urls.scheme(str(token.attrs.get("href", "")))
        return "" if kind in SCHEMES else f"a link of scheme {kind[:20]!r}"
    if token.type == "image" and not urls.may_show(str(token.attrs.get("src", "")), host):
        return "a picture"
    return ""
