"""Calling a function of the module as the panel does, within the test's process: a session document in, one out."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from omnidesk.core.dependencies import Dependencies
from omnidesk.core.paths import Paths
from omnidesk.panel_ui import serve
from omnidesk.panel_ui.access import RESTRICTED
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.request import ADMINISTRATOR, ROOT, Request
from tests.support.workshop import SECRET, Workshop

PLUGIN_XML = Path(__file__).resolve().parents[2] / "etc/xml/billmgr_mod_omnidesk.xml"


def session(func: str, language: str) -> Document:
    """The document the core hands over: the function's own metadata and messages (documented)."""
    description = etree.parse(str(PLUGIN_XML)).getroot()
    root = etree.Element("doc", {"lang": language, "func": func})
    for found in description.findall(f"metadata[@name='{func}']"):
        root.append(found)
    for found in description.findall(f"lang[@name='{language}']/messages[@name='{func}']"):
        root.append(found)
    return Document(root)


@dataclass(frozen=True)
class Answered:
    """The answer: its document, and what a test wants to know of it."""

    root: etree._Element

    @property
    def ok(self) -> bool:
        return self.root.find("ok") is not None

    @property
    def error(self) -> tuple[str, str]:
        """(type, field) of the error; empty when there is none."""
        found = self.root.find("error")
        return (
            ("", "") if found is None else (str(found.get("type")).removeprefix("omnidesk_"), found.get("object", ""))
        )

    @property
    def told(self) -> str:
        return self.root.findtext("error/msg", "")

    @property
    def rows(self) -> list[dict[str, str]]:
        return [{str(one.tag): one.text or "" for one in elem} for elem in self.root.findall("elem")]

    def value(self, name: str) -> str:
        return self.root.findtext(name, "")

    def about(self, name: str) -> str:
        """What stands below a field, as people read it: signs and texts without their colours."""
        return _words(self.value(f"about_{name}"))

    def note(self, name: str = "note") -> str:
        """The same of the form's top, or of its ``result``."""
        return _words(self.value(name))

    @property
    def wrong(self) -> list[str]:
        """The fields with something wrong below them, in the document's order of answers."""
        names = [str(one.tag).removeprefix("about_") for one in self.root if str(one.tag).startswith("about_")]
        return [name for name in names if self.about(name).startswith("✗")]

    @property
    def required(self) -> set[str]:
        return {str(one.get("name")) for one in self.root.iterfind("metadata//*[@required='yes']")}

    def choices(self, name: str) -> dict[str, str]:
        return {str(one.get("key")): one.text or "" for one in self.root.iterfind(f"slist[@name='{name}']/val")}

    def words(self, name: str) -> str:
        return next((one.text or "" for one in self.root.iterfind("messages/msg") if one.get("name") == name), "")

    @property
    def text(self) -> str:
        return etree.tostring(self.root, encoding="unicode")


def _words(text: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", text.replace("<br/>", "\n")))


def save_settings(workshop: Workshop, **changes: str) -> None:
    """The settings file of a workshop, whose own context does not read one."""
    lines = {
        "OmnideskUrl": workshop.settings.url,
        "OmnideskEmail": workshop.settings.email,
        "OmnideskApiKey": workshop.settings.api_key.reveal(),
        "OmnideskChannel": workshop.channel.key,
        "OmnideskSecret": SECRET,
        **changes,
    }
    text = "".join(f"{name} {value}\n" for name, value in lines.items() if value)
    Path(workshop.paths.settings).write_text(text, encoding="utf-8")


def call(
    workshop: Workshop, func: str, *, level: int | None = None, language: str = "ru", user: object = "", **params: Any
) -> Answered:
    """One call, by somebody who may or of this level, against the workshop's products."""
    given = {name: str(value) for name, value in params.items()}
    dependencies = Dependencies(workshop.clock, workshop._mgrctl, workshop.adapter)
    level = (ROOT if func in RESTRICTED else ADMINISTRATOR) if level is None else level
    return ask(workshop.paths, dependencies, Request(func, given, level, language, user=str(user)), language)


def ask(paths: Paths, dependencies: Dependencies, request: Request, language: str) -> Answered:
    document = session(request.func, language)
    serve.answer(paths, dependencies, request, document)
    return Answered(etree.fromstring(document.as_bytes()))
