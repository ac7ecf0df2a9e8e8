"""What the panel answers: documents, its errors and its output formats."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

HOST = "https://127.0.0.1:1500"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TEXTS = {
    "access": "Access denied to __object__",
    "auth": "Invalid user name or password",
    "client": "The panel is not available: __object__ __value__",
    "db": "Database error: __value__",
    "missed": "The value of the field __object__ is not specified",
    "value": "The field __object__ has invalid value. The value is: __value__",
    "exists": "__object__ already exists",
    "plugin": "__value__ plugin terminated with an error or returned an invalid XML",
}

CORE_ERRORS = frozenset(_TEXTS)


class PanelError(Exception):
    """An error the panel reports: ``type``, ``object`` and ``value`` as in its XML (documented)."""

    def __init__(
        self, type_: str, object_: str = "", value: str = "", text: str = "", params: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(type_, object_, value)
        self.type = type_
        self.object = object_
        self.value = value
        self.params = {"object": object_, "value": value, **(params or {})}
        self.given = bool(text)
        self.put_into_words(text or _TEXTS.get(type_, type_), self.params)

    def put_into_words(self, template: str, params: Mapping[str, str]) -> None:
        """Set the text from one with ``__param__`` placeholders."""
        self.template = template
        self.text = fill(template, params)


def fill(template: str, params: Mapping[str, str]) -> str:
    """``template`` with its ``__name__`` placeholders filled; what is not known stays."""
    return re.sub(r"__([A-Za-z][\w.]*?)__", lambda found: params.get(found[1], found[0]), template)


@dataclass(frozen=True)
class PanelAnswer:
    """The outcome of one call: ``rc`` as mgrctl's exit code, ``xml`` the document (empty when the answer got lost)."""

    rc: int
    xml: str

    @cached_property
    def doc(self) -> ET.Element:
        return ET.fromstring(self.xml)

    @property
    def error(self) -> tuple[str, str, str] | None:
        """(type, object, value) when the document reports an error."""
        if not self.xml:
            return None
        found = self.doc.find("error")
        if found is None:
            return None
        values = {param.get("name"): param.text or "" for param in found.findall("param")}
        return found.get("type", ""), found.get("object", ""), values.get("value", "")

    @property
    def ok(self) -> bool:
        return self.rc == 0 and bool(self.xml) and self.error is None

    @property
    def id(self) -> int:
        """The ``<id>`` of what was created."""
        return int(self.text("id"))

    def text(self, path: str) -> str:
        """The text of the first element at ``path``, empty when there is none."""
        return self.doc.findtext(path) or ""


def clean(text: str) -> str:
    """``text`` without the characters XML cannot hold."""
    return _NOT_IN_XML.sub("", text)


def new_document(func: str, lang: str = "ru") -> ET.Element:
    """An empty document with the attributes the core sets (seen in public integrations)."""
    return ET.Element(
        "doc", {"lang": lang, "func": func, "binary": "/billmgr", "host": HOST, "features": "5be8", "notify": "0"}
    )


def add(parent: ET.Element, tag: str, value: object = "", /, **attributes: str) -> ET.Element:
    """Append ``<tag>value</tag>``; None becomes an empty element, as NULL does in the panel's answers."""
    node = ET.SubElement(parent, tag, attributes)
    node.text = clean("" if value is None else str(value))
    return node


def add_row(doc: ET.Element, row: dict[str, Any]) -> None:
    """Append one ``<elem>`` of a list."""
    elem = ET.SubElement(doc, "elem")
    for name, value in row.items():
        add(elem, name, value)


def add_request(doc: ET.Element, params: dict[str, str]) -> None:
    """Append the copy of the request's parameters that the core puts into every answer (``tparams``)."""
    copy = ET.SubElement(doc, "tparams")
    for name, value in params.items():
        if re.fullmatch(r"[A-Za-z_][\w.-]*", name):
            add(copy, name, value)


def error_document(error: PanelError, func: str, user: str, level: int, lang: str = "ru") -> ET.Element:
    """The panel's own error document (seen in public integrations)."""
    doc = new_document(func, lang)
    node = ET.SubElement(doc, "error", {"type": error.type, "object": error.object, "lang": lang, "code": "1"})
    add(node, "param", error.object, name="object", type="msg", msg=error.object)
    for name, value in error.params.items():
        if name != "object":
            add(node, "param", value, name=name)
    stack = ET.SubElement(node, "stack")
    add(stack, "action", func, level=str(level), user=user)
    add(node, "group", error.template)
    add(node, "msg", error.text)
    return doc


def render(doc: ET.Element, out: str) -> str:
    """``doc`` in the format that ``out=`` names; text is mgrctl's default."""
    if out in ("xml", "devel"):
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(doc, encoding="unicode") + "\n"
    if out in ("json", "xjson"):
        return json.dumps({"doc": _node_to_json(doc)}, ensure_ascii=False)
    if out in ("bjson", "sjson"):
        return json.dumps(_flat_json(doc), ensure_ascii=False)
    return _plain_text(doc)


def _node_to_json(node: ET.Element) -> dict[str, Any]:
    result: dict[str, Any] = {f"${name}": value for name, value in node.attrib.items()}
    if node.text and node.text.strip():
        result["$"] = node.text
    for child in node:
        value = _node_to_json(child)
        if child.tag == "elem":
            result.setdefault("elem", []).append(value)
        elif child.tag in result:
            known = result[child.tag]
            result[child.tag] = [*known, value] if isinstance(known, list) else [known, value]
        else:
            result[child.tag] = value
    return result


def _flat_json(doc: ET.Element) -> dict[str, Any]:
    error = doc.find("error")
    if error is not None:
        return {"error": {"type": error.get("type"), "object": error.get("object"), "msg": error.findtext("msg") or ""}}
    rows = [{child.tag: child.text or "" for child in elem} for elem in doc.findall("elem")]
    if rows:
        return {"elem": rows}
    return {"model": {child.tag: child.text or "" for child in doc if len(child) == 0}}


def _plain_text(doc: ET.Element) -> str:
    error = doc.find("error")
    if error is not None:
        return f"ERROR {error.get('type')}({error.get('object')}) {error.findtext('msg') or ''}\n"
    rows = doc.findall("elem")
    if rows:
        return "".join(" ".join(f"{c.tag}={c.text or ''}" for c in row) + "\n" for row in rows)
    if doc.find("ok") is not None:
        return f"OK {doc.findtext('ok') or ''}\n"
    return "".join(f"{child.tag}={child.text or ''}\n" for child in doc if child.tag != "tparams" and len(child) == 0)
