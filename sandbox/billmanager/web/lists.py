"""A list as a template draws it, made from metadata, messages and the answer's rows."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.billmanager.answer import fill
from sandbox.billmanager.descriptions import level_matches
from sandbox.billmanager.web.visitor import Visitor, function_messages, values_of

PAGE_SIZE = 50
_OWN = ("p_num", "p_cnt", "p_col", "lang", "out", "elid", "plid", "su")


@dataclass(frozen=True)
class Column:
    """A column; ``sort`` says how it sorts (empty: not), ``order`` how it is sorted now."""

    name: str
    label: str
    type: str
    sort: str
    order: str = ""
    address: str = ""


@dataclass(frozen=True)
class Row:
    """``address``: where the row's default button of type edit leads; ``without``: buttons this row forbids."""

    key: str
    name: str
    cells: tuple[tuple[str, str, str], ...]  # name, text, raw value
    address: str
    without: str


@dataclass(frozen=True)
class ToolButton:
    """A button of the toolbar; ``posts``: its function has no page of its own, it is called and not opened.

    ``default``: what opening a row does.
    """

    name: str
    label: str
    hint: str
    type: str
    func: str
    address: str
    confirm: str
    posts: bool
    default: bool

    @property
    def needs(self) -> str:
        """How many rows must be selected: one, some, or nothing is said."""
        return {"edit": "one", "group": "some"}.get(self.type, "")


@dataclass(frozen=True)
class Pager:
    """Which part of the rows is shown, and where the neighbours are."""

    number: int
    count: int
    total: int
    previous: str
    next: str


@dataclass(frozen=True)
class ListView:
    """The whole list; ``opening`` names the column whose text opens the row."""

    func: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    groups: tuple[tuple[ToolButton, ...], ...]
    pager: Pager
    reset: str
    selectable: bool
    opening: str


class ListBuilder:
    """Builds the view; ``params`` is what the list was called with."""

    def __init__(self, visitor: Visitor, func: str, doc: ET.Element, params: Mapping[str, str]) -> None:
        self.visitor, self.func, self.doc = visitor, func, doc
        self.params = {name: value for name, value in params.items() if not name.startswith("_")}
        self.messages = function_messages(doc, visitor, func)
        metadata = doc.find("metadata")
        assert metadata is not None
        self.metadata = metadata
        self.here = visitor.function(func, self.params)

    def build(self) -> ListView:
        """The view of the list in the document."""
        groups = self._groups()
        buttons = [one for group in groups for one in group]
        rows = self.doc.findall("elem")
        whole = self.doc.find("p_elems") is None
        sorted_rows = self._sorted(rows) if whole else rows
        pager, shown = self._pager(sorted_rows, whole)
        return ListView(
            self.func,
            fill(self.messages.get("title") or self.func, values_of(self.doc)),
            tuple(self._column(node, whole) for node in self.metadata.findall("coldata/col")),
            tuple(self._row(elem, buttons) for elem in shown),
            groups,
            pager,
            self._reset(buttons),
            any(one.needs for one in buttons),
            self._opening_column(),
        )

    def _opening_column(self) -> str:
        """The column whose text opens the row."""
        names = [one.get("name", "") for one in self.metadata.findall("coldata/col")]
        wanted = self.metadata.get("keyname", "")
        return wanted if wanted in names else next(iter(names), "")

    def _groups(self) -> tuple[tuple[ToolButton, ...], ...]:
        level = self.visitor.actor.level
        found = []
        for group in self.metadata.findall("toolbar/toolgrp"):
            shown = [one for one in group.findall("toolbtn") if level_matches(one.get("level"), level)]
            if shown:
                found.append(tuple(self._button(one) for one in shown))
        return tuple(found)

    def _button(self, node: ET.Element) -> ToolButton:
        name, func, kind = node.get("name", ""), node.get("func", ""), node.get("type", "")
        described = self.visitor.panel.descriptions.metadata(func) is not None
        params = {"_back": self.here}
        if kind == "filter":
            params |= {"_filter": self.func, **self.params}
        if func == self.func:
            params = self.params
        if self.params.get("elid"):
            params["plid"] = self.params["elid"]
        return ToolButton(
            name,
            self.messages.get(f"short_{name}") or name,
            self.messages.get(f"hint_{name}", ""),
            kind,
            func,
            self.visitor.function(func, params),
            self.messages.get(f"msg_confirm_{name}", ""),
            not described and kind not in ("edit", "filter"),
            node.get("default") == "yes",
        )

    def _row(self, elem: ET.Element, buttons: list[ToolButton]) -> Row:
        key = elem.findtext(self.metadata.get("key", "id")) or ""
        without = [
            one.get("name", "")
            for one in self.metadata.findall("toolbar/toolgrp/toolbtn")
            if any(hide.get("value") == (elem.findtext(hide.get("name", "")) or "") for hide in one.findall("hide"))
        ]
        openers = [one for one in buttons if one.type == "edit" and one.name not in without]
        opener = next((one for one in openers if one.default), openers[0] if openers else None)
        cells = []
        for column in self.metadata.findall("coldata/col"):
            raw = elem.findtext(column.get("name", "")) or ""
            text = self.messages.get(raw, raw) if column.get("type") == "msg" and raw else raw
            cells.append((column.get("name", ""), text, raw))
        address = ""
        if opener is not None:
            params = {"elid": key, "_back": self.here}
            if self.params.get("elid"):
                params["plid"] = self.params["elid"]
            address = self.visitor.function(opener.func, params)
        name = elem.findtext(self.metadata.get("keyname", "")) or key
        return Row(key, name, tuple(cells), address, json.dumps(without))

    # Order and pages.

    def _column(self, node: ET.Element, sortable: bool) -> Column:
        name, sort = node.get("name", ""), node.get("sort", "") if sortable else ""
        sign, wanted = self._order()
        order = "" if wanted != name else "descending" if sign == "-" else "ascending"
        turned = f"-{name}" if order == "ascending" else f"+{name}"
        kept = {key: value for key, value in self.params.items() if key != "p_num"}
        address = self.visitor.function(self.func, {**kept, "p_col": turned}) if sort else ""
        return Column(name, self.messages.get(name) or name, node.get("type", "data"), sort, order, address)

    def _order(self) -> tuple[str, str]:
        """The sign and the column of ``p_col`` (assumed; docs/unverified.md)."""
        wanted = self.params.get("p_col", "")
        return (wanted[:1], wanted[1:]) if wanted[:1] in ("+", "-", " ") else ("+", wanted)

    def _sorted(self, rows: list[ET.Element]) -> list[ET.Element]:
        sign, name = self._order()
        column = next((one for one in self.metadata.findall("coldata/col") if one.get("name") == name), None)
        if column is None or not column.get("sort"):
            return rows

        def key(elem: ET.Element) -> tuple[float, str]:
            text = elem.findtext(name) or ""
            if column.get("sort") == "digit":
                digits = text.replace(" ", "")
                return (float(digits) if digits.replace(".", "", 1).lstrip("-").isdigit() else 0.0, text)
            return (0.0, text.casefold())

        return sorted(rows, key=key, reverse=sign == "-")

    def _pager(self, rows: list[ET.Element], whole: bool) -> tuple[Pager, list[ET.Element]]:
        total = len(rows) if whole else _number(self.doc.findtext("p_elems"), len(rows))
        size = _number(self.doc.findtext("p_cnt"), _number(self.params.get("p_cnt"), PAGE_SIZE)) or PAGE_SIZE
        count = max(1, -(-total // size))
        number = min(max(1, _number(self.doc.findtext("p_num"), _number(self.params.get("p_num"), 1))), count)
        shown = rows[(number - 1) * size : number * size] if whole else rows

        def address(wanted: int) -> str:
            inside = 1 <= wanted <= count and wanted != number
            return self.visitor.function(self.func, {**self.params, "p_num": str(wanted)}) if inside else ""

        return Pager(number, count, total, address(number - 1), address(number + 1)), shown

    def _reset(self, buttons: list[ToolButton]) -> str:
        """Where the list is whole again, when it is filtered."""
        filtered = any(value for name, value in self.params.items() if name not in _OWN)
        return self.visitor.function(self.func) if filtered and any(one.type == "filter" for one in buttons) else ""


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.strip().isdigit() else default
