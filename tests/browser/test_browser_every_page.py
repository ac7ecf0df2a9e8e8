"""Every page of both products, in both languages and on a phone: all of it is translated, named, in order, and fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.furnish import Furnished, furnish
from sandbox.world import World
from tests.browser.windows import DESKTOP, PHONE, Windows
from tests.support.amount import ALL

LOOK = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
# Names of messages and placeholders that nobody has put words for. A parameter in a line of a log is none.
KEYS = re.compile(
    r"__\w+__|(?<!&)\b(?:hint|msg|short|menu|title|placeholder|button|state|level|type|why|note|stars|error)_\w+"
    r"|\bomnidesk\.(?:settings|fields|queue|case|health|alerts)\b"
)
# Words that are the same in Russian.
_SAME = re.compile(
    r"BILLmanager|OmniDesk|Omnidesk|API|E-mail(?: \*)?|Webhook URL.*|Ok|HTML|English|EN|RU|root|cch101"
    r"|BILLmanager \(cch101\)|vps-1|[\w.+-]+@[\w.-]+|cf_\d+|\W*|[\d\W]+|VPS-\d"
)


@dataclass(frozen=True)
class House:
    """A world that has been lived in, in a language."""

    world: World
    lang: str
    has: Furnished

    def pages(self) -> dict[str, str]:
        """The address of every page, by what it shows."""
        panel, desk, lang = self.world.panel_server, self.world.omnidesk_server, self.lang
        number = self.world.omnidesk.cases[self.has.case].case_number
        message = self.world.omnidesk.thread(self.has.case)[0].message_id
        ticket = self.has.ticket
        pages = {
            "panel start": f"{panel.pages_url}?lang={lang}",
            "client's list": panel.page("ivan@example.com", "clientticket", lang),
            "client's new ticket": panel.page("ivan@example.com", "clientticket.edit", lang),
            "client's ticket": panel.page("ivan@example.com", "clientticket.edit", lang, elid=ticket),
            "employee's list": panel.page("anna", "ticket", lang),
            "employee's ticket": panel.page("anna", "ticket_all.edit", lang, elid=ticket),
            "failure": panel.page("anna", "ticket_all.edit", lang, elid=4711),
            "desk start": f"{desk.pages_url}?lang={lang}",
        }
        for func in ("ticket_all", "employee", "employee.edit", "department", "plugins", "omnidesk.settings"):
            pages[func] = panel.page("root", func, lang)
        for func in ("fields", "fields.edit", "queue", "queue.filter", "queue.retryall", "health", "alerts"):
            pages[func] = panel.page("root", f"omnidesk.{func}", lang)
        pages["health of a ticket"] = panel.page("root", "omnidesk.health.ticket", lang, elid=ticket)
        for path in ("cases", f"cases/record/{number}", f"cases/record/{number}/fields", "settings/api", "log"):
            pages[path] = desk.page(path, "anna@example.com", lang)
        for path in ("channels", f"channels/{self.world.channel.channel_id}", "staff", "fields"):
            pages[path] = desk.page(f"settings/{path}", "anna@example.com", lang)
        pages["message"] = desk.page(f"cases/record/{number}/messages/{message}", "anna@example.com", lang)
        return pages


@pytest.fixture(scope="module", params=["ru", "en"] if ALL else ["ru"])
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    with World(settings={"Language": request.param}) as world:
        yield House(world, request.param, furnish(world, request.param))


def problems(seen: dict[str, Any], lang: str) -> list[str]:
    """What a look at a page (look.js) found wrong with it."""
    found: list[str] = list(seen["wrong"])
    found += [f"not translated: {text!r}" for text in seen["texts"] if KEYS.search(text)]
    if lang == "ru":
        labels = (text for text in seen["labels"] if not re.search("[а-яё]", text, re.I))
        found += [f"not Russian: {text!r}" for text in labels if not _SAME.fullmatch(text)]
    if seen["lang"] != lang:
        found.append(f"says it is in {seen['lang']!r}")
    return found


@pytest.mark.parametrize("size", [PHONE, pytest.param(DESKTOP, marks=pytest.mark.thorough)], ids=["phone", "desktop"])
def test_every_page_is_in_order(windows: Windows, house: House, size: tuple[int, int]) -> None:
    windows.allow("404 (Not Found)")
    wrong = {}
    page = windows.open("about:blank", size)
    for name, address in house.pages().items():
        page.goto(address)
        if found := problems(page.evaluate(LOOK), house.lang):
            wrong[name] = found
    assert wrong == {}


BROKEN = """<html lang="ru"><title>x</title><body><h1>Слова</h1><h1>Слова</h1><main><h3>Слова</h3>
<button></button><input id=one><input id=one aria-label="hint_name"><img src="data:,"><fieldset></fieldset>
<label for=two>Name</label><textarea id=two aria-describedby=three style="width: 700px"></textarea>
<button style="height: 10px">Слово</button></main></body></html>"""


def test_a_look_at_a_page_finds_what_is_wrong(windows: Windows) -> None:
    page = windows.open("about:blank", PHONE)
    page.set_content(BROKEN)
    found = "\n".join(problems(page.evaluate(LOOK), "ru"))
    for sign in (
        "without a name: <button>",
        "without a name: <input id=",
        "a picture without words",
        "a group without a name",
        "twice: #one",
        "not exactly one h1",
        "comes h3",
        "px wider than the window: <textarea",
        "refers to #three",
        "too small for a finger",
        "not translated: 'hint_name'",
        "not Russian: 'Name'",
    ):
        assert sign in found
