"""A form as a template draws it, and the rules by which fields are hidden."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Option:
    """One choice of a drop-down; ``depend`` is the value of the other drop-down it belongs to."""

    key: str
    label: str
    depend: str
    chosen: bool


@dataclass(frozen=True)
class Table:
    """A list inside a form."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Control:
    """One thing in a field. ``kind`` chooses how it is drawn."""

    kind: str
    name: str
    id: str
    value: str = ""
    text: str = ""
    required: bool = False
    readonly: bool = False
    setvalues: bool = False
    private: bool = False
    placeholder: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    options: tuple[Option, ...] = ()
    depend: str = ""
    target: str = ""
    table: Table | None = None


@dataclass(frozen=True)
class FieldView:
    """A row of the form: label, controls, hint, and what is wrong with it."""

    name: str
    label: str
    hint: str
    controls: tuple[Control, ...]
    errors: tuple[str, ...] = ()
    hidden: bool = False
    wide: bool = False

    @property
    def required(self) -> bool:
        return any(one.required for one in self.controls)

    @property
    def inputs(self) -> tuple[Control, ...]:
        """What the label is about: neither hidden inputs nor texts and buttons beside."""
        return tuple(one for one in self.controls if one.kind not in ("hidden", "htmldata", "button"))

    @property
    def told(self) -> tuple[str, ...]:
        """The ids of texts beside the input."""
        return tuple(one.id for one in self.controls if one.kind == "htmldata" and one.text)

    @property
    def grouped(self) -> bool:
        """Several controls under one label: a group with a legend."""
        return len(self.inputs) > 1 or any(one.kind == "radio" for one in self.inputs)

    @property
    def silent(self) -> bool:
        """Only texts that say nothing now."""
        return bool(self.controls) and all(one.kind == "htmldata" and not one.text for one in self.controls)

    @property
    def only_hidden(self) -> bool:
        return bool(self.controls) and all(one.kind == "hidden" for one in self.controls)


@dataclass(frozen=True)
class PageView:
    """One tab."""

    name: str
    label: str
    fields: tuple[FieldView, ...]


@dataclass(frozen=True)
class Button:
    """A button of the form; ``address``: it leads elsewhere."""

    name: str
    type: str
    label: str
    hint: str = ""
    address: str = ""


@dataclass(frozen=True)
class FormView:
    """The whole form; ``rules`` is what the page's script needs to hide fields; ``errors`` are (object, text, whether
    that is a field of the form)."""

    func: str
    title: str
    fields: tuple[FieldView, ...]
    pages: tuple[PageView, ...]
    buttons: tuple[Button, ...]
    rules: str
    errors: tuple[tuple[str, str, bool], ...] = ()
    conversation: bool = False


def hide_rules(form: ET.Element) -> list[dict[str, Any]]:
    """``<if value= hide=>`` and ``<else hide=>`` of every control, for the page's script and for ourselves."""
    rules: list[dict[str, Any]] = []
    for control in form.iter():
        name = control.get("name", "")
        known = [node.get("value", "") for node in control.findall("if")]
        for node in control.findall("if"):
            rules.append({"name": name, "value": node.get("value", ""), "hide": node.get("hide", "")})
        for node in control.findall("else"):
            rules.append({"name": name, "unless": known, "hide": node.get("hide", "")})
    return rules


def hidden_names(rules: list[dict[str, Any]], values: Mapping[str, str]) -> set[str]:
    """The fields and pages that the values hide; an unticked box is ``off``."""
    hidden = set()
    for rule in rules:
        value = values.get(rule["name"], "")
        if "unless" in rule:
            hit = value not in rule["unless"]
        else:
            hit = value == rule["value"] or (rule["value"] == "off" and not value)
        if hit:
            hidden.add(rule["hide"])
    return hidden
