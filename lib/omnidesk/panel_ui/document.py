"""The panel's session document: read as it came, filled, given back.

The panel hands a function's handler its metadata and messages and expects the complete document back (seen in public
integrations); an answer like ``<ok/>`` or ``<error>`` is a child of the same root.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lxml import etree

from omnidesk.core import xml
from omnidesk.core.errors import Failure
from omnidesk.core.text import clean
from omnidesk.panel_ui.marks import Line, html
from omnidesk.wording.error_texts import panel_type

MOST_BYTES = 16 * 1024 * 1024


def _root(content: bytes) -> etree._Element:
    try:
        return xml.strict(content)
    except xml.NotXML:  # it repeats what was typed, which may hold what XML cannot
        return xml.strict(xml.readable(content))


class Document:
    """The document of one call. Texts may hold anything; what XML cannot hold is left out."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root

    @classmethod
    def read(cls, content: bytes) -> Document:
        """The document the panel passed; an empty one where it passed none or nothing that can be read."""
        try:
            root = _root(content if len(content) <= MOST_BYTES else b"")
        except xml.NotXML:
            return cls(etree.Element("doc"))
        return cls(root if root.tag == "doc" else etree.Element("doc"))

    def attribute(self, name: str) -> str:
        """An attribute of the root (``lang``, ``host``, ``binary``); "" when absent."""
        return str(self.root.get(name) or "")

    # A form

    def value(self, name: str, text: object = "") -> None:
        """A field's content; one that the document has already is replaced."""
        for old in self.root.findall(name):
            self.root.remove(old)
        etree.SubElement(self.root, name).text = clean(str(text))

    def choices(self, name: str, options: Iterable[tuple[str, str]]) -> None:
        """What a drop-down offers: (key, label)."""
        for old in self.root.findall("slist"):
            if old.get("name") == name:
                self.root.remove(old)
        found = etree.SubElement(self.root, "slist", {"name": name})
        for key, label in options:
            etree.SubElement(found, "val", {"key": clean(key)}).text = clean(label)

    def forget(self, names: Iterable[str]) -> None:
        """Take what was typed into these fields out of the document, also out of its copy of the request."""
        for name in names:
            for old in [*self.root.findall(name), *self.root.findall(f"tparams/{name}")]:
                parent = old.getparent()
                if parent is not None:
                    parent.remove(old)

    def leave_out(self, name: str, kind: str = "field") -> None:
        """Take a field (or a page, a button) out of this answer's form: there is nothing to say in it."""
        for field in self.root.findall(f"metadata//{kind}[@name='{name}']"):
            parent = field.getparent()
            if parent is not None:
                parent.remove(field)

    def table(self, name: str, rows: Iterable[Mapping[str, object]]) -> None:
        """The rows of a table in a form."""
        found = etree.SubElement(self.root, "list", {"name": name})
        for row in rows:
            self._row(found, row)

    def marked(self, name: str, lines: Iterable[Line]) -> None:
        """What an ``<htmldata>`` shows: each line in the colour of its kind."""
        self.value(name, html(lines))

    def require(self, names: Iterable[str]) -> None:
        """Mark fields of this answer's form as required; what is missing the function itself says, all at once."""
        for name in names:
            for control in self.root.xpath("metadata//*[@name=$name][self::input or self::select]", name=name):
                control.set("required", "yes")

    # A list

    def row(self, columns: Mapping[str, object]) -> None:
        """One row of a list."""
        self._row(self.root, columns)

    def _row(self, parent: etree._Element, columns: Mapping[str, object]) -> None:
        element = etree.SubElement(parent, "elem")
        for name, text in columns.items():
            etree.SubElement(element, name).text = clean(str(text))

    def page(self, number: int, rows: int, total: int) -> None:
        """Which page of a list this is, how many rows one has, and how many there are in all (assumed names)."""
        self.value("p_num", number)
        self.value("p_cnt", rows)
        self.value("p_elems", total)

    def message(self, name: str, text: str) -> None:
        """A text of the function's own messages, for this one answer (a title with a number in it)."""
        messages = self.root.find("messages")
        if messages is None:
            messages = etree.SubElement(self.root, "messages", {"name": self.attribute("func")})
        for old in messages.findall("msg"):
            if old.get("name") == name:
                old.text = clean(text)
                return
        etree.SubElement(messages, "msg", {"name": name}).text = clean(text)

    def words(self, name: str) -> str:
        """A text of the function's messages, in the user's language; "" when the panel passed none."""
        return next((one.text or "" for one in self.root.iterfind("messages/msg") if one.get("name") == name), "")

    # What becomes of the call

    def ok(self, kind: str = "", target: str = "") -> None:
        """Done. ``kind``: ``list``, ``form``, ``top`` with a function to go to, ``blank``, ``url`` with an address."""
        element = etree.SubElement(self.root, "ok", {"type": kind} if kind else {})
        if target:
            element.text = clean(target)

    def error(self, failure: Failure, language: str, field: str = "") -> None:
        """The call failed; ``field`` is the form's field at fault, which the panel then marks."""
        element = etree.SubElement(
            self.root,
            "error",
            {"type": panel_type(failure.type), "object": clean(field or failure.object), "lang": language},
        )
        for name, given in failure.phrase.shown("en").items():  # programs read these
            etree.SubElement(element, "param", {"name": name}).text = clean(given)
        etree.SubElement(element, "msg").text = clean(failure.phrase.full(language))

    def as_bytes(self) -> bytes:
        return etree.tostring(self.root, xml_declaration=True, encoding="UTF-8")
