"""Who looks at the pages: the person the address names, the language, and the calls made in that name."""

from __future__ import annotations

import re
import urllib.parse
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.billmanager.answer import PanelAnswer, fill
from sandbox.billmanager.request import CLIENT, Actor, Upload

if TYPE_CHECKING:
    from sandbox.billmanager.panel import Panel

LANGUAGES = {"ru": "Русский", "en": "English"}


@dataclass(frozen=True)
class Visitor:
    """An actor with a language; ``address`` is the browser's."""

    panel: Panel
    actor: Actor
    lang: str
    address: str = "127.0.0.1"

    @property
    def is_client(self) -> bool:
        return self.actor.level <= CLIENT

    def words(self, name: str = "frame") -> dict[str, str]:
        return self.panel.descriptions.messages(name, self.lang)

    def word(self, name: str, /, **values: object) -> str:
        """A text of the frame around the functions' own."""
        return fill(self.words().get(name, name), {key: str(value) for key, value in values.items()})

    def root(self) -> str:
        return f"/panel/{urllib.parse.quote(self.actor.name, safe='@')}"

    def path(self, *parts: object, **params: object) -> str:
        """The address of one of this person's pages, in the same language."""
        path = "/".join([self.root(), *(urllib.parse.quote(str(part), safe="@") for part in parts)])
        query = {name: str(value) for name, value in params.items() if value is not None}
        return f"{path}?{urllib.parse.urlencode({'lang': self.lang, **query})}"

    def function(self, func: str, params: Mapping[str, str] | None = None) -> str:
        """The address of a function's page."""
        kept = {name: value for name, value in (params or {}).items() if name not in ("func", "lang", "out")}
        return self.path("f", func) + ("&" + urllib.parse.urlencode(kept) if kept else "")

    def target(self, text: str, back: str = "") -> str:
        """The page that ``func=…&elid=…`` in an answer means; empty when it names no function."""
        text = text.strip()
        start, found, query = text.partition("?")
        query = query if found and start in ("", "/billmgr", f"{self.panel.host}/billmgr") else text
        params = dict(urllib.parse.parse_qsl(query))
        func = params.pop("func", params.pop("startform", ""))
        return self.function(func, params | ({"_back": back} if back else {})) if func else ""

    def local(self, address: str) -> str:
        """``address`` when it is one of this person's pages, else nothing: nobody is sent elsewhere by a link."""
        root = self.root() + "/"
        return address if address.startswith(root) and not re.search(r"[\x00-\x20\\]", address) else ""

    def call(
        self,
        func: str,
        params: Mapping[str, str],
        uploads: Mapping[str, Upload] | None = None,
        *,
        quiet: bool = False,
    ) -> PanelAnswer:
        """Call a function as this person does in the browser."""
        texts = {**params, "lang": self.lang, "out": "devel", "sfrom": "ajax"}
        return self.panel.call(
            func, texts, uploads=uploads, via="http", label=self.address, session=self.actor, quiet=quiet
        )


def function_messages(doc: ET.Element, visitor: Visitor, func: str) -> dict[str, str]:
    """The texts a function's page uses: those of its answer, which a handler may have changed."""
    found = doc.findall("messages")
    if not found:
        return visitor.words(func)
    return {one.get("name", ""): one.text or "" for group in found for one in group.findall("msg")}


def values_of(doc: ET.Element) -> dict[str, str]:
    """The answer's plain values: the root's children that are not the panel's own words."""
    apart = {"metadata", "messages", "tparams", "slist", "list", "elem", "error", "ok", "mlist"}
    return {child.tag: child.text or "" for child in doc if child.tag not in apart}
