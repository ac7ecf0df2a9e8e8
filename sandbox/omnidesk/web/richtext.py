"""From what people type to HTML and back, and other people's HTML made harmless."""

from __future__ import annotations

import html
import re
from functools import lru_cache

import nh3
from markupsafe import Markup

_TAGS = (nh3.ALLOWED_TAGS | {"font"}) - {"img", "map", "area", "article", "aside", "header", "footer", "nav"}


def paragraphs(text: str) -> str:
    """Typed text as an editor writes it: a blank line parts paragraphs, a line end is a ``<br />``."""
    parts = [part.strip("\n") for part in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n"))]
    lines = [html.escape(part, quote=False).replace("\n", "<br />\n") for part in parts if part.strip()]
    return "\n".join(f"<p>{part}</p>" for part in lines)


def typed(markup: str) -> str | None:
    """The text that :func:`paragraphs` makes this HTML of, None when it is other HTML."""
    text = re.sub(r"<p>(.*?)</p>(\n)?", lambda found: found[1] + ("\n\n" if found[2] else ""), markup, flags=re.S)
    text = html.unescape(text.replace("<br />\n", "\n"))
    return text if paragraphs(text) == markup else None


@lru_cache(maxsize=4096)
def cleaned(markup: str) -> Markup:
    """HTML of a message without anything active: no scripts, styles, forms, frames or remote pictures."""
    safe = nh3.clean(markup, tags=_TAGS, url_schemes={"http", "https", "mailto", "tel"}, link_rel="noopener noreferrer")
    return Markup(safe)  # nh3 has just made it safe
