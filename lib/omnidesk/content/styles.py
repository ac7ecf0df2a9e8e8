"""What of an element's style changes what is seen: emphasis, kept blanks, a line of its own, or that nothing is."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from omnidesk.content.nodes import Node

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_LENGTH = re.compile(r"\s*\+?([0-9]{0,6}(?:\.[0-9]{0,6})?)\s*(?:px|pt|em|rem|%)?\s*$")
_TAGS = "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer"
_MORE = "form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup option p plaintext"
_LAST = "pre search section summary table caption colgroup tbody td tfoot th thead tr ul xmp"
BLOCKS = frozenset(f"{_TAGS} {_MORE} {_LAST}".split())
_OWN_LINE = ("block", "flex", "grid", "list-item", "flow-root", "table")
_BOLD, _ITALIC, _STRIKE = ("b", "strong"), ("i", "em"), ("s", "del", "strike")
_CODE = ("code", "kbd", "samp", "tt")
_PRE = ("pre", "listing", "xmp", "plaintext", "textarea")
LONGEST_STYLE = 10_000
TINY = 3  # a picture of so many pixels only counts who reads


class Look(NamedTuple):
    """How text looks where it stands. ``kept``: blanks and line ends are ("all"), or line ends alone ("lines")."""

    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    kept: str = ""
    unseen: bool = False  # what a child may take back
    size_zero: bool = False
    link: str = ""


@lru_cache(maxsize=500)
def _declared(style: str) -> dict[str, str]:
    found = {}
    for one in _COMMENT.sub("", style[:LONGEST_STYLE]).lower().split(";"):
        name, colon, value = one.partition(":")
        if colon:
            found[name.strip()] = value.replace("!important", "").strip()
    return found


def declared(node: Node) -> dict[str, str]:
    """The element's own declarations, in lower case."""
    style = node.attributes.get("style")
    return _declared(style) if style else {}


def _length(value: str) -> float | None:
    found = _LENGTH.match(value)
    return float(found[1]) if found and found[1].strip(".") else None


def is_invisible(node: Node) -> bool:
    """Whether nothing of the element is shown, whatever its children say."""
    if "hidden" in node.attributes:
        return True
    style = declared(node)
    if not style:
        return node.tag == "img" and _is_tiny(node, style)
    if style.get("display") == "none" or style.get("mso-hide") == "all" or _length(style.get("opacity", "")) == 0:
        return True
    clipped = style.get("overflow") == "hidden"
    if clipped and 0 in (_length(style.get("max-height", "")), _length(style.get("height", ""))):
        return True  # how newsletters hide the words for a list's preview
    return node.tag == "img" and _is_tiny(node, style)


def _is_tiny(node: Node, style: dict[str, str]) -> bool:
    for side in ("width", "height"):
        for value in (node.get(side), style.get(side, ""), style.get(f"max-{side}", "")):
            length = None if value.rstrip().endswith(("%", "em")) else _length(value)
            if length is not None and length <= TINY:
                return True
    return False


def is_block(node: Node) -> bool:
    """Whether the element stands on lines of its own."""
    display = declared(node).get("display", "")
    if display in ("inline", "inline-block", "contents") and node.tag not in ("table", "tr", "td", "th", "li"):
        return False
    return node.tag in BLOCKS or display in _OWN_LINE


def look(node: Node, around: Look) -> Look:
    """How the element's text looks, within text that looks like ``around``."""
    tag, style = node.tag, declared(node)
    found = around
    if tag in _BOLD:
        found = found._replace(bold=True)
    elif tag in _ITALIC:
        found = found._replace(italic=True)
    elif tag in _STRIKE:
        found = found._replace(strike=True)
    elif tag in _CODE:
        found = found._replace(code=True)
    elif tag in _PRE:
        found = found._replace(kept="all")
    return _styled(found, style, around) if style else found


def _styled(found: Look, style: dict[str, str], around: Look) -> Look:
    weight = style.get("font-weight", "")
    if weight in ("bold", "bolder") or (weight.isdigit() and int(weight[:6]) >= 600):
        found = found._replace(bold=True)
    elif weight in ("normal", "lighter") or weight.isdigit():  # as Google Docs writes around all that is copied
        found = found._replace(bold=False)
    slant = style.get("font-style", "")
    if slant:
        found = found._replace(italic=slant.startswith(("italic", "oblique")))
    line = f"{style.get('text-decoration', '')} {style.get('text-decoration-line', '')}"
    if "line-through" in line:
        found = found._replace(strike=True)
    elif "none" in line:
        found = found._replace(strike=around.strike)
    return _seen(found, style)


def _seen(found: Look, style: dict[str, str]) -> Look:
    space = style.get("white-space", "")
    if space in ("pre", "pre-wrap", "break-spaces"):
        found = found._replace(kept="all")
    elif space == "pre-line":
        found = found._replace(kept="lines")
    elif space in ("normal", "nowrap"):
        found = found._replace(kept="")
    visibility = style.get("visibility", "")
    if visibility:
        found = found._replace(unseen=visibility in ("hidden", "collapse"))
    size = style.get("font-size", "")
    if size:
        found = found._replace(size_zero=_length(size) == 0)
    return found
