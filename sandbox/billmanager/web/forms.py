"""Making a form's view from metadata, messages and the answer's values."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from sandbox.billmanager.answer import fill
from sandbox.billmanager.web.formview import (
    Button,
    Control,
    FieldView,
    FormView,
    Option,
    PageView,
    Table,
    hidden_names,
    hide_rules,
)
from sandbox.billmanager.web.visitor import Visitor, function_messages, values_of

_INPUTS = {"text", "password", "checkbox", "toggle", "msg", "hidden", "file"}
_AUTOCOMPLETE = {"password": "new-password"}


@dataclass
class FormBuilder:
    """Builds the view; ``typed`` goes before the answer's values, ``errors`` are (field, text)."""

    visitor: Visitor
    func: str
    doc: ET.Element
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        self.messages = function_messages(self.doc, self.visitor, self.func)
        self.values = {**values_of(self.doc), **self.typed}
        self.metadata = self.doc.find("metadata")
        self.known: set[str] = set()

    def build(self) -> FormView:
        """The view of the form in the document."""
        assert self.metadata is not None
        form = self.metadata.find("form")
        form = ET.Element("form") if form is None else form
        rules = hide_rules(form)
        self.hidden = hidden_names(rules, self.values)
        pages = tuple(
            PageView(node.get("name", ""), self.label(node.get("name", "")), self._fields(node))
            for node in form.findall("page")
            if node.get("name", "") not in self.hidden
        )
        fields = self._fields(form)
        return FormView(
            self.func,
            self.title(),
            fields,
            pages,
            self._buttons(form),
            json.dumps(rules, ensure_ascii=False),
            tuple((name, text, name in self.known) for name, text in self.errors),
            any(one.kind == "mlist" for row in fields for one in row.controls) and "mlist" not in self.hidden,
        )

    def title(self) -> str:
        fresh = not self.values.get("elid")
        text = (self.messages.get("title_new") if fresh else None) or self.messages.get("title") or self.func
        return fill(text, self.values)

    def label(self, name: str) -> str:
        return fill(self.messages.get(name) or name, self.values)

    def _fields(self, parent: ET.Element) -> tuple[FieldView, ...]:
        return tuple(self._field(node) for node in parent.findall("field"))

    def _field(self, node: ET.Element) -> FieldView:
        name = node.get("name", "")
        controls = tuple(one for child in node if (one := self._control(child, node)) is not None)
        names = {name, *(one.name for one in controls)}
        self.known |= names
        return FieldView(
            name,
            "" if node.get("noname") == "yes" else self.label(name),
            fill(self.messages.get(f"hint_{name}", ""), self.values),
            controls,
            tuple(text for wrong, text in self.errors if wrong in names),
            name in self.hidden or (bool(controls) and all(one.name in self.hidden for one in controls)),
            node.get("formwidth") == "yes" or node.get("noname") == "yes",
        )

    def _control(self, node: ET.Element, row: ET.Element) -> Control | None:
        name = node.get("name", row.get("name", ""))
        common: dict[str, Any] = {
            "name": name,
            "id": f"field-{name}",
            "value": self.values.get(name, ""),
            "required": "yes" in (node.get("required"), row.get("required")),
            "readonly": node.get("readonly") == "yes",
            "setvalues": "yes" in (node.get("setvalues"), row.get("setvalues")),
            "placeholder": fill(self.messages.get(f"placeholder_{name}", ""), self.values),
        }
        if node.tag == "input":
            return self._input(node, common)
        if node.tag == "textarea":
            private = node.get("private") == "yes"
            rows = (("rows", node.get("rows") or "4"), *_limits(node))
            return Control("textarea", **_secret(common, private), private=private, attributes=rows)
        if node.tag == "select":
            return self._select(node, common)
        if node.tag == "textdata":
            text = common["value"]
            return Control(
                "textdata", **common, text=self.messages.get(text, text) if node.get("type") == "msg" else text
            )
        if node.tag == "htmldata":
            html = Markup(common["value"]) if self.visitor.panel.options.draws_html else ""
            return Control("htmldata", **common, text=html)
        if node.tag == "button":
            return self._button(node, common)
        if node.tag == "link":
            return self._link(node, common)
        if node.tag == "list":
            return Control("table", **common, table=self._table(node))
        if node.tag == "mlist":
            return Control("mlist", **common)
        return None

    def _input(self, node: ET.Element, common: dict[str, Any]) -> Control:
        kind = node.get("type", "text")
        kind = kind if kind in _INPUTS else "text"
        private = kind == "password" or node.get("private") == "yes"
        attributes = [*_limits(node)]
        check = node.get("check", "")
        if kind == "text" and check in ("email", "url", "phone", "int"):
            attributes.append(("inputmode", {"phone": "tel", "int": "numeric"}.get(check, check)))
        if private:
            attributes.append(("autocomplete", _AUTOCOMPLETE.get(kind, "off")))
        text = self.messages.get(common["value"], common["value"]) if kind == "msg" else ""
        return Control(kind, **_secret(common, private), private=private, text=text, attributes=tuple(attributes))

    def _select(self, node: ET.Element, common: dict[str, Any]) -> Control:
        kind = {"multiple": "multiple", "radio": "radio"}.get(node.get("type", ""), "select")
        chosen = [part.strip() for part in common["value"].split(",")] if kind == "multiple" else [common["value"]]
        options = []
        for group in self.doc.findall("slist"):
            if group.get("name") == common["name"]:
                options += [self._option(one, chosen) for one in group if one.tag in ("val", "msg")]
        if not options:  # choices may stand in the description itself
            options = [self._option(one, chosen) for one in node if one.tag in ("val", "msg")]
        return Control(kind, **common, options=tuple(options), depend=node.get("depend", ""))

    def _option(self, node: ET.Element, chosen: list[str]) -> Option:
        key = node.get("key", node.get("name", node.text or ""))
        text = node.text or self.messages.get(key, key)
        return Option(
            key, text if node.tag == "val" else self.messages.get(text, text), node.get("depend", ""), key in chosen
        )

    def _link(self, node: ET.Element, common: dict[str, Any]) -> Control | None:
        address = self.safe_address(common["value"])
        return Control(
            "link", **{**common, "value": address}, text=self.label(common["name"]), target=node.get("target", "")
        )

    def safe_address(self, value: str) -> str:
        """Where a link may lead: to a function, to a path of this server, to the web; nowhere else."""
        value = value.strip()
        if value.startswith(("http://", "https://")) or (value.startswith("/") and value[1:2] not in ("/", "\\")):
            return self.visitor.target(value) or value
        return self.visitor.target(value)

    def _button(self, node: ET.Element, common: dict[str, Any]) -> Control | None:
        """A button beside a field; what it sends is one of ``PanelOptions.form_buttons``."""
        name, sends = common["name"], self.visitor.panel.options.form_buttons
        if sends == "none" or name in self.hidden:
            return None
        sends = sends if node.get("type") == "setvalues" else "clicked_button"
        label, hint = self._button_texts(name)
        sent = (("name", sends), ("value", name), *([("title", hint)] if hint else []))
        return Control("button", name, common["id"], text=label, attributes=sent)

    def _button_texts(self, name: str) -> tuple[str, str]:
        """Label and hint, as the panel's own form of payments names them (seen), or as the simulated core does."""
        label = next((text for key in ("msg_", "button_", "") if (text := self.messages.get(f"{key}{name}"))), "")
        return label or self.visitor.words().get(name, name), self.messages.get(f"hint_{name}", "")

    def _table(self, node: ET.Element) -> Table:
        columns = tuple(one.get("name", "") for one in node.findall("col"))
        kinds = {one.get("name", ""): one.get("type") for one in node.findall("col")}
        rows = []
        for source in self.doc.findall("list"):
            if source.get("name") == node.get("name"):
                for elem in source.findall("elem"):
                    texts = {name: elem.findtext(name) or "" for name in columns}
                    rows.append(
                        tuple(self.messages.get(t, t) if kinds[name] == "msg" else t for name, t in texts.items())
                    )
        return Table(tuple((name, self.label(name)) for name in columns), tuple(rows))

    def _buttons(self, form: ET.Element) -> tuple[Button, ...]:
        block = form.find("buttons")
        if block is None:
            pairs = [("ok", "ok", ""), ("cancel", "cancel", "")]
        else:
            pairs = [(one.get("name", ""), one.get("type", "ok"), one.get("func", "")) for one in block]
        known = self.visitor.panel.options.form_buttons
        found = []
        for name, kind, func in pairs:
            plain = kind == "cancel" or name.startswith("ok")
            if name in self.hidden or (known == "none" and not plain):
                continue
            kind = "ok" if kind == "setvalues" and known == "clicked_button" else kind
            label, hint = self._button_texts(name)
            address = self.visitor.function(func) if func else ""
            found.append(Button(name, kind, label, "" if plain else hint, address))
        return tuple(found)


def _secret(common: dict[str, Any], private: bool) -> dict[str, Any]:
    return {**common, "value": ""} if private else common


def _limits(node: ET.Element) -> list[tuple[str, str]]:
    return [("maxlength", node.get("maxlength", ""))] if node.get("maxlength", "").isdigit() else []
