"""A browser without a script: opens the panel's pages, fills in their forms and presses their buttons."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin

import requests
from lxml import html

from sandbox.billmanager.server import PanelServer


class Browser:
    """One window; ``page`` is what it shows, ``status`` and ``url`` how it came."""

    def __init__(self, server: PanelServer) -> None:
        self.server = server
        self.http = requests.Session()
        self.page: Any = None
        self.status = 0
        self.url = server.base
        self.answer: requests.Response

    def open(self, login: str, func: str = "", lang: str = "en", **params: object) -> Browser:
        return self.go(self.server.page(login, func, lang, **params))

    def go(self, address: str) -> Browser:
        return self._show(self.http.get(urljoin(self.url, address), timeout=60))

    def link(self, text: str) -> str:
        """The address of the link with this text."""
        found = [one for one in self.page.xpath("//a") if words(one) == text]
        assert found, f"no link {text!r} in {self.text}"
        return urljoin(self.url, str(found[0].get("href")))

    def follow(self, text: str) -> Browser:
        return self.go(self.link(text))

    def press(
        self, button: str, files: list[tuple[str, bytes]] | None = None, /, *, form: str = "data-form", **fields: str
    ) -> Browser:
        """Press a button of the form; ``fields`` are typed before. None of the others changes."""
        given = self.page.xpath(f"//form[@{form}]")[0]
        pressed = [one for one in given.xpath(".//button") if words(one) == button]
        assert pressed, f"no button {button!r}"
        data = [(name, value) for name, value in self.typed(given) if name not in fields]
        data += list(fields.items())
        if pressed[0].get("name"):
            data.append((pressed[0].get("name"), pressed[0].get("value")))
        address = urljoin(self.url, pressed[0].get("formaction") or given.get("action"))
        parts: list[tuple[str, Any]] = [(name, (None, value.encode())) for name, value in data]
        parts += [("file", (name, content)) for name, content in files or []]
        return self._show(self.http.post(address, files=parts, timeout=60))

    def typed(self, form: Any) -> list[tuple[str, str]]:
        """What a browser would send of the form."""
        outside = self.page.xpath(f"//input[@form='{form.get('id')}' and @checked]")
        values = [(str(name), str(value)) for name, value in form.form_values()]
        return values + [(str(one.get("name")), str(one.get("value"))) for one in outside]

    def select(self, *rows: str) -> Browser:
        """Tick rows of the list."""
        for box in self.page.xpath("//input[@name='elid[]']"):
            if box.get("value") in rows:
                box.set("checked", "checked")
        return self

    def values(self) -> dict[str, str]:
        return dict(self.typed(self.page.xpath("//form[@data-form]")[0]))

    @property
    def text(self) -> str:
        return words(self.page.xpath("//main")[0])

    @property
    def heading(self) -> str:
        return words(self.page.xpath("//h1")[0])

    def alerts(self) -> list[str]:
        return [words(one) for one in self.page.xpath("//*[@role='alert']")]

    def column(self, name: str) -> list[str]:
        """The texts of a column."""
        return [words(one) for one in self.page.xpath(f"//td[@data-column='{name}']")]

    def _show(self, answer: requests.Response) -> Browser:
        self.answer, self.status, self.url = answer, answer.status_code, answer.url
        if answer.text.strip() and "html" in answer.headers.get("Content-Type", ""):
            self.page = html.fromstring(answer.text)
        return self


def words(node: Any) -> str:
    """The text a person sees, its pieces apart by one blank."""
    return " ".join(" ".join(node.itertext()).split())


def calls(server: PanelServer, func: str) -> list[dict[str, str]]:
    """The parameters of each run of the parrot's handler for this function."""
    path = server.panel.root / "var" / "parrot.jsonl"
    if not path.exists():
        return []
    found: list[dict[str, str]] = [json.loads(line) for line in path.read_text().splitlines()]
    return [one for one in found if one["func"] == func]
