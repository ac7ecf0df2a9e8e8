"""HTML's tree as a document: what of it is text, a list, a table, a link, and what only arranges or decorates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from omnidesk.content import tables, urls
from omnidesk.content.document import Block, Code, Heading, Item, Listing, Original, Quote, Rule
from omnidesk.content.flow import Flow
from omnidesk.content.marks import free
from omnidesk.content.nodes import Node
from omnidesk.content.plain import DEAD
from omnidesk.content.spans import PICTURE
from omnidesk.content.styles import Look, declared, is_block, is_invisible, look
from omnidesk.core.text import clean

_FIELDS = frozenset(["input", "select", "textarea", "option", "optgroup", "datalist"])
_MEDIA = frozenset(["audio", "video", "iframe", "embed"])
_APART = frozenset(["p", "dl", "figure", "fieldset", "table"])
_LISTS = frozenset(["ul", "ol", "menu", "dir"])
_CODE = frozenset(["pre", "listing", "xmp", "plaintext"])
_NUMBER = re.compile(r"\s*([+-]?[0-9]{1,9})(?![0-9])")
LARGEST_NUMBER = 999_999_999  # of a list in Markdown
OMNIDESK_ORIGINAL = "omni_orig_reply"  # the class of what a reply by e-mail quotes (seen in public integrations)
_ORIGINAL = frozenset([OMNIDESK_ORIGINAL, "yahoo_quoted", "protonmail_quote"])
_ATTRIBUTION = frozenset(["gmail_attr", "moz-cite-prefix", "mailru-cite-prefix"])
_RULED = ("divRplyFwdMsg", "x_divRplyFwdMsg")


class Reader:
    """Reads one message. ``base``: the account's own address, ``host``: whose pictures are shown."""

    def __init__(self, *, base: str, host: str, formatting: bool) -> None:
        self.base, self.host, self.formatting = base, host, formatting

    def document(self, root: Node) -> list[Block]:
        """The blocks of the whole text."""
        return self._inside(root, Look())

    def _inside(self, node: Node, around: Look) -> list[Block]:
        flow = Flow(formatting=self.formatting)
        self._children(node, around, flow)
        return flow.done()

    def _children(self, node: Node, around: Look, flow: Flow) -> None:
        for child in node.children:
            if isinstance(child, str):
                flow.text(child, around)
            elif child.tag not in DEAD and child.tag not in _FIELDS and not is_invisible(child):
                self._element(child, look(child, around), flow)

    def _element(self, node: Node, seen: Look, flow: Flow) -> None:
        tag = node.tag
        if tag in _KINDS:
            _KINDS[tag](self, node, seen, flow)
        elif tag == "button" and not seen.link:
            return  # of a form, which cannot be sent from here
        elif is_block(node):
            self._block(node, seen, flow)
        else:
            self._children(node, seen, flow)

    def _block(self, node: Node, seen: Look, flow: Flow) -> None:
        apart = flow.apart if node.tag in _APART or node.tag == "dt" else flow.edge
        apart()
        names = node.classes
        if _ORIGINAL.intersection(names):
            flow.add(Original(self._inside(node, seen)))
            return
        style = declared(node)
        flow.attribution = flow.attribution or bool(_ATTRIBUTION.intersection(names))
        if node.get("id") in _RULED or "solid" in style.get("border-top", ""):
            flow.apart()
            flow.ruled = True
        if flow.attribution:
            flow.apart()
        self._children(node, seen, flow)
        flow.edge() if node.tag == "dt" or apart == flow.edge else flow.apart()

    # Lines

    def _break(self, node: Node, seen: Look, flow: Flow) -> None:
        flow.end_line()

    def _rule(self, node: Node, seen: Look, flow: Flow) -> None:
        flow.add(Rule())

    def _heading(self, node: Node, seen: Look, flow: Flow) -> None:
        text = tables.line_of(self._inside(node, seen))
        if text:
            flow.add(Heading(int(node.tag[1]), text))

    def _quote(self, node: Node, seen: Look, flow: Flow) -> None:
        found = self._inside(node, seen)
        if found:
            flow.add(Quote(found))

    def _code(self, node: Node, seen: Look, flow: Flow) -> None:
        if seen.unseen or seen.size_zero:
            return
        pieces: list[str] = []
        self._written(node, pieces)
        text = free(clean("".join(pieces))).replace("\u00a0", " ")
        lines = [line.rstrip() for line in text.split("\n")]
        while lines and not lines[0]:
            del lines[0]
        while lines and not lines[-1]:
            del lines[-1]
        if lines:
            flow.add(Code(lines))

    def _written(self, node: Node, pieces: list[str]) -> None:
        """What stands in preformatted text, every blank of it."""
        for child in node.children:
            if isinstance(child, str):
                pieces.append(child)
            elif child.tag == "br":
                pieces.append("\n")
            elif child.tag == "img":
                pieces.append(f"[{child.get('alt') or PICTURE}]" if not is_invisible(child) else "")
            elif child.tag not in DEAD and child.tag not in _FIELDS and not is_invisible(child):
                block = is_block(child)
                if block and "".join(pieces[-1:])[-1:] not in ("", "\n"):
                    pieces.append("\n")
                self._written(child, pieces)
                address = urls.complete(child.get("href"), self.base) if child.tag == "a" else ""
                if address and address not in child.text():
                    pieces.append(f" ({address})")
                if block and "".join(pieces[-1:])[-1:] not in ("", "\n"):
                    pieces.append("\n")

    # Links and pictures

    def _link(self, node: Node, seen: Look, flow: Flow) -> None:
        address = urls.complete(node.get("href"), self.base)
        block = is_block(node)
        if block:
            flow.edge()
        self._children(node, seen._replace(link=address) if address else seen, flow)
        if block:
            flow.edge()

    def _picture(self, node: Node, seen: Look, flow: Flow) -> None:
        shown, written = " ".join(free(clean(node.get("alt"))).split()), node.get("src")
        if _is_emoji(shown):
            flow.text(shown, seen)
            return
        seen = seen._replace(size_zero=False)  # a picture has its own size
        kind = urls.scheme(written)
        address = urls.complete(written, self.base) if kind in ("", "http", "https") else ""
        if not address:
            shown = shown or (_name(written) if kind == "cid" else "")  # within the message, or a file of it
            flow.text(f"[{shown or PICTURE}]" if written or shown else "", seen)
        elif seen.link:
            flow.text(shown or PICTURE, seen)
        elif urls.may_show(address, self.host):
            flow.text(shown or PICTURE, seen, address)
        else:
            flow.text(shown or PICTURE, seen._replace(link=address))

    def _media(self, node: Node, seen: Look, flow: Flow) -> None:
        """A film, a sound or a page within the page cannot be shown; where it lies can."""
        sources = [node.get("src"), *(one.get("src") for one in node.elements() if one.tag in ("source", "a"))]
        address = next((one for one in (urls.complete(source, self.base) for source in sources) if one), "")
        if address:
            words = " ".join(free(clean(node.get("title"))).split()) or address
            flow.edge()
            flow.text(words, seen._replace(link=seen.link or address))
            flow.edge()
        if node.tag == "embed" or (not address and node.tag != "iframe"):  # the parser knows no end of the former
            self._children(node, seen, flow)

    def _quoted(self, node: Node, seen: Look, flow: Flow) -> None:
        flow.text("“", seen)
        self._children(node, seen, flow)
        flow.text("”", seen)

    # Lists

    def _list(self, node: Node, seen: Look, flow: Flow) -> None:
        items: list[Item] = []
        ordered = node.tag == "ol"
        backwards = ordered and "reversed" in node.attributes
        step = -1 if backwards else 1
        entries = [child for child in node.children if isinstance(child, Node) and child.tag == "li"]
        number = _number(node.get("start"), len(entries) if backwards else 1)
        flow.apart()
        for child in node.children:
            if isinstance(child, Node) and child.tag == "li":
                if is_invisible(child):
                    continue
                number = _number(child.get("value"), number)
                items.append(Item(self._inside(child, look(child, seen)), number))
                number += step
            else:
                self._beside(child, seen, items, flow)
        for run in _runs(items, ordered):
            flow.add(Listing(run, ordered))

    def _beside(self, child: Node | str, seen: Look, items: list[Item], flow: Flow) -> None:
        """What stands in a list beside its items belongs to the one above it."""
        holder = Node("")
        holder.children = [child]
        found = self._inside(holder, seen)
        if found and items:
            items[-1].blocks += found
        elif found:
            flow.add(*found)

    def _item(self, node: Node, seen: Look, flow: Flow) -> None:
        """An item without its list."""
        flow.apart()
        before = flow.blocks[-1] if flow.blocks else None
        item = Item(self._inside(node, seen))
        if isinstance(before, Listing) and not before.ordered:
            before.items.append(item)
        elif item.blocks:
            flow.add(Listing([item]))

    # Tables

    def _table(self, node: Node, seen: Look, flow: Flow) -> None:
        found = tables.blocks(node, lambda cell: self._inside(cell, look(cell, seen))) if tables.is_data(node) else None
        if found is None:
            flow.edge()
            self._children(node, seen, flow)
            flow.edge()
        else:
            flow.add(*found)


def _name(address: str) -> str:
    """The file's name in an address like ``cid:image001.png@01D9``; "" where it holds none."""
    name = " ".join(free(clean(address.partition(":")[2].partition("@")[0])).split())[:100]
    return name if "." in name else ""


def _number(text: str, otherwise: int) -> int:
    found = _NUMBER.match(text)
    return int(found[1]) if found and found[1].isascii() else otherwise


def _runs(items: list[Item], ordered: bool) -> list[list[Item]]:
    """Items whose numbers follow each other: Markdown can only count up."""
    runs: list[list[Item]] = []
    for item in items:
        item.number = max(0, min(item.number, LARGEST_NUMBER))
        if runs and (not ordered or item.number == runs[-1][-1].number + 1):
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


def _is_emoji(text: str) -> bool:
    """Whether a picture's words are one emoji, as mail programs replace them."""
    return (
        0 < len(text) <= 12
        and not text.isascii()
        and all(
            unicodedata.category(sign) in ("So", "Sk", "Mn", "Me", "Cf", "Cn", "Sm") or sign in "0123456789#*"
            for sign in text
        )
    )


_KINDS: dict[str, Callable[[Reader, Node, Look, Flow], None]] = {
    "br": Reader._break,
    "hr": Reader._rule,
    "a": Reader._link,
    "img": Reader._picture,
    "q": Reader._quoted,
    "blockquote": Reader._quote,
    "table": Reader._table,
    "li": Reader._item,
    **dict.fromkeys(_LISTS, Reader._list),
    **dict.fromkeys(_MEDIA, Reader._media),
    **dict.fromkeys(_CODE, Reader._code),
    **{f"h{level}": Reader._heading for level in range(1, 7)},
}
