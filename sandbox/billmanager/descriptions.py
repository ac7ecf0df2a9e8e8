"""What forms, lists, menus and texts there are: the core's own (``core.xml``) and those of the installed plugins."""

from __future__ import annotations

import copy
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

CORE_XML = Path(__file__).with_name("core.xml")
_LEVELS = {"user": 16, "department": 28, "admin": 29, "super": 30, "root": 30}


@dataclass(frozen=True)
class PluginInfo:
    """A ``<plugin>``: its catalogue texts by language."""

    name: str
    author: str
    short: dict[str, str]
    full: dict[str, str]


@dataclass
class MenuNode:
    """A node of the main menu; ``action`` is the function it opens, empty for one that only holds others."""

    name: str
    action: str = ""
    children: list[MenuNode] = field(default_factory=list)


def level_matches(wanted: str | None, level: int) -> bool:
    """Whether somebody of ``level`` is meant by a ``level`` attribute: ``admin``, ``user+``, ``29`` (documented)."""
    if not wanted:
        return True
    name = wanted.rstrip("+")
    least = int(name) if name.isdigit() else _LEVELS.get(name, 30)
    return level >= least if wanted.endswith("+") else level == least


class Descriptions:
    """The merged content of all descriptions; later files add to earlier ones, element by element, by name."""

    def __init__(self, plugins: Iterable[ET.Element]) -> None:
        installed = list(plugins)
        self._roots = [ET.parse(CORE_XML).getroot(), *installed]
        self._metadata: dict[str, ET.Element] = {}
        self._messages: dict[str, dict[str, dict[str, str]]] = {}
        for root in self._roots:
            self._read_metadata(root)
            for lang in root.findall("lang"):
                self._read_messages(lang)
        self.plugins = [self._plugin(node) for root in installed for node in root.findall("plugin")]

    def metadata(self, func: str) -> ET.Element | None:
        """The function's merged metadata; None when no description has any."""
        found = self._metadata.get(func)
        return None if found is None else copy.deepcopy(found)

    def messages(self, name: str, lang: str) -> dict[str, str]:
        """The texts under this name, in English what the language lacks."""
        return {**self._messages.get("en", {}).get(name, {}), **self._messages.get(lang, {}).get(name, {})}

    def describe(self, doc: ET.Element, func: str, lang: str) -> None:
        """Put the function's metadata and messages into a session document, as the core does (documented)."""
        metadata = self.metadata(func)
        if metadata is None:
            return
        messages = ET.Element("messages", {"name": func})
        for name, text in self.messages(func, lang).items():
            ET.SubElement(messages, "msg", {"name": name}).text = text
        doc.insert(0, metadata)
        doc.insert(1, messages)

    def allows(self, func: str, level: int) -> bool:
        """Whether the function's ``level`` lets somebody of this level in."""
        found = self._metadata.get(func)
        return found is None or level_matches(found.get("level"), level)

    def menu(self, level: int) -> list[MenuNode]:
        """The main menu of somebody of this level."""
        top: list[MenuNode] = []
        for root in self._roots:
            for menu in root.findall("mainmenu"):
                if level_matches(menu.get("level"), level):
                    _add_nodes(top, menu, level)
        return top

    def private(self, func: str) -> frozenset[str]:
        """The names of the function's fields whose values are nobody's business: passwords and private ones."""
        found = self._metadata.get(func)
        if found is None:
            return frozenset()
        hidden = [one for one in found.iter("input") if one.get("type") == "password" or one.get("private") == "yes"]
        return frozenset(one.get("name", "") for one in hidden)

    def _read_metadata(self, root: ET.Element) -> None:
        for node in root.findall("metadata"):
            name = node.get("name", "")
            if name in self._metadata:
                _merge(self._metadata[name], self._metadata[name], node)
            else:
                self._metadata[name] = copy.deepcopy(node)

    def _read_messages(self, lang: ET.Element) -> None:
        known = self._messages.setdefault(lang.get("name", ""), {})
        for group in lang.findall("messages"):
            texts = known.setdefault(group.get("name", ""), {})
            for include in group.findall("include"):
                texts.update(known.get(include.get("name", ""), {}))
            texts.update({one.get("name", ""): (one.text or "").strip() for one in group.findall("msg")})

    def _plugin(self, node: ET.Element) -> PluginInfo:
        name = node.get("name", "")
        texts: dict[str, dict[str, str]] = {"desc_short": {}, "desc_full": {}}
        for kind, found in texts.items():
            for lang, groups in self._messages.items():
                if text := groups.get("plugin", {}).get(f"{kind}_{name}"):
                    found[lang] = text
            for one in node.findall("msg"):
                if one.get("name") == kind:
                    found[one.get("lang", "en")] = (one.text or "").strip()
        return PluginInfo(name, (node.findtext("author") or "").strip(), texts["desc_short"], texts["desc_full"])


def _merge(top: ET.Element, base: ET.Element, extra: ET.Element) -> None:
    """Add what ``extra`` holds to ``base``: containers are merged, a thing of the same name is replaced."""
    for child in extra:
        same = _same(base, child)
        if same is None and child.tag == "field":
            _place(top, base, copy.deepcopy(child))
        elif same is None:
            base.append(copy.deepcopy(child))
        elif child.tag in ("form", "page", "toolbar", "toolgrp", "coldata", "buttons"):
            _merge(top, same, child)
        else:
            base[list(base).index(same)] = copy.deepcopy(child)


def _same(base: ET.Element, child: ET.Element) -> ET.Element | None:
    return next((one for one in base.findall(child.tag) if one.get("name") == child.get("name")), None)


def _place(top: ET.Element, base: ET.Element, field_node: ET.Element) -> None:
    """Where ``after`` says, else behind the last field."""
    wanted = field_node.get("after")
    for parent in top.iter():
        for position, one in enumerate(list(parent)):
            if wanted and one.tag == "field" and one.get("name") == wanted:
                parent.insert(position + 1, field_node)
                return
    fields = [position for position, one in enumerate(base) if one.tag == "field"]
    base.insert(fields[-1] + 1 if fields else 0, field_node)


def _add_nodes(target: list[MenuNode], parent: ET.Element, level: int) -> None:
    for node in parent.findall("node"):
        if not level_matches(node.get("level"), level):
            continue
        name = node.get("name", "")
        known = next((one for one in target if one.name == name), None)
        if known is None:
            known = MenuNode(name, node.get("action", ""))
            target.append(known)
        _add_nodes(known.children, node, level)
