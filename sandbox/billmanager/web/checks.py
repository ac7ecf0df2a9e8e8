"""What the panel checks of a form before it calls the function: ``required`` and ``check`` (documented attributes)."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping

from sandbox.billmanager.answer import fill
from sandbox.billmanager.web.formview import hidden_names, hide_rules
from sandbox.billmanager.web.visitor import Visitor, function_messages

# What exactly the panel accepts is not public; these only catch what is plainly wrong (assumed).
_PATTERNS = {
    "email": re.compile(r"[^@\s]+@[^@\s]+"),
    "url": re.compile(r"https?://\S+"),
    "int": re.compile(r"-?\d+"),
    "ip": re.compile(r"[0-9a-fA-F.:]+"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "datetime": re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?"),
    "phone": re.compile(r"\+?[\d\s()-]{3,}"),
}


def problems(visitor: Visitor, func: str, doc: ET.Element, typed: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """(field, text) of everything that is missing or ill-formed; what is hidden is not looked at."""
    form = doc.find("metadata/form")
    if form is None:
        return ()
    hidden = hidden_names(hide_rules(form), typed)
    found = []
    for parent in [form, *form.findall("page")]:
        if parent.get("name") in hidden:
            continue
        for row in parent.findall("field"):
            for control in row:
                name = control.get("name", row.get("name", ""))
                if not {name, row.get("name", "")} & hidden and (kind := _problem(row, control, typed.get(name, ""))):
                    found.append((name, _text(visitor, func, doc, kind, name, typed.get(name, ""))))
    return tuple(found)


def _problem(row: ET.Element, control: ET.Element, value: str) -> str:
    if control.tag not in ("input", "textarea", "select"):
        return ""
    if "yes" in (row.get("required"), control.get("required")) and not value.strip():
        return "missed"
    pattern = _PATTERNS.get(control.get("check", ""))
    return "value" if value and pattern is not None and not pattern.fullmatch(value.strip()) else ""


def _text(visitor: Visitor, func: str, doc: ET.Element, kind: str, name: str, value: str) -> str:
    template = visitor.words("msgerror").get(f"msg_error_{kind}", kind)
    label = function_messages(doc, visitor, func).get(name, name)
    return fill(template, {"object": label, "value": value})
