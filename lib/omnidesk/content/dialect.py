"""What is assumed of how the panel reads Markdown and of what Omnidesk makes of HTML (docs/unverified.md).

Public sources say only that ticket texts "support Markdown" and that a message has ``content`` or ``content_html``.
If a live system differs, this is the file to change.
"""

from __future__ import annotations

from functools import cache
from typing import Any

# The panel: CommonMark with tables and ~~strikethrough~~, a single line end shown as one (assumed).
# An opening angle bracket that could begin a tag. The entity, because some dialects know no ``\\<`` and would let the
# tag through.
ANGLE = "&lt;"
AMPERSAND = "&amp;"

# Omnidesk: the elements that are sent. Its own list is not public; these are what its editor can write (assumed).
_TAGS = "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre strong table tbody td th thead tr ul"
TAGS = frozenset(_TAGS.split())
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = frozenset({"http", "https", "ftp", "mailto", "tel"})


@cache
def parser() -> Any:
    """The Markdown parser, made once: it is imported only where there is something to render."""
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False, "breaks": True, "xhtmlOut": False})
    return made.enable(["table", "strikethrough"]).disable(["code", "lheading", "reference"])


def sanitised(markup: str) -> str:
    """``markup`` with nothing but the elements, attributes and addresses of the lists above."""
    import nh3

    return nh3.clean(
        markup,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        link_rel=None,
    )
