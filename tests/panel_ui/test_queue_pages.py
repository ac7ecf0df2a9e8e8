"""Both lists on the simulated panel's pages, without a script: buttons, forms, filter, pages, selection."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from omnidesk.core.database import Database, address
from omnidesk.core.errors import Refused
from omnidesk.core.paths import Paths
from omnidesk.panel_ui import names
from omnidesk.store.queue import Queue
from sandbox.world import World
from tests.sandbox.browser import Browser, words


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("pages")
    with World(folder, events=False) as made:
        made.sync()
        made.write_settings(Sync="off")  # no worker shall take the tickets up under the tests' hands
        yield made


@pytest.fixture
def browser(world: World) -> Browser:
    return Browser(world.panel_server)


@pytest.fixture(scope="module")
def sixty(world: World) -> list[int]:
    return [world.panel.client_creates_ticket(world.ivan.user, f"Subject {at}", "x") for at in range(60)]


@pytest.fixture
def tickets(world: World, sixty: list[int]) -> list[int]:
    """Sixty due tickets, every tenth set aside."""
    database = Database(address(Paths(str(world.root))))
    queue = Queue(database, time.time)
    for at, ticket in enumerate(sixty):
        queue.make_due(ticket, "new messages")
        if at % 10 == 0:
            queue.failed(ticket, Refused("omnidesk_refused", "POST cases", "wrong_subject"))
            queue.set_aside(ticket, Refused("omnidesk_refused", "POST cases", "wrong_subject"))
    database.close()
    return sixty


def submit(browser: Browser) -> Browser:
    """Press the form's first button, whatever the panel calls it."""
    (label, *_) = (words(one) for one in browser.page.xpath("//form[@data-form]//button[@value='ok']"))
    return browser.press(label)


def test_a_field_is_added_changed_and_deleted(world: World, browser: Browser) -> None:
    field = world.omnidesk.add_field("Client's name", "text", "user")
    browser.open("root", names.FIELDS).follow("Add")
    assert browser.heading == "Fill custom fields" and field.key in browser.text
    submit(browser)
    assert "a value for at least one field" in browser.text and field.key in browser.text
    browser.open("root", names.FIELDS_EDIT, field=field.key)
    form = browser.page.xpath("//form[@data-form]")[0]
    form.fields["value"] = "client_name"
    submit(browser)
    links = json.loads(Path(Paths(str(world.root)).field_links).read_text(encoding="utf-8"))
    assert links == [{"field": field.key, "value": "client_name"}]
    browser.open("root", names.FIELDS)
    assert browser.column("name") == ["Client's name"] and browser.column("state") == ["filled"]
    browser.follow("Client's name")
    assert "Petra Maier" in browser.text or "Иван Петров" in browser.text


def test_the_queue_has_pages_and_a_filter(browser: Browser, tickets: list[int]) -> None:
    browser.open("root", names.QUEUE)
    assert "due now: 54" in browser.heading and "set aside: 6" in browser.heading
    assert "switched off" in browser.heading
    assert browser.column("state")[:7] == ["set aside"] * 6 + ["due now"]
    first = browser.column("id")
    browser.follow("Next")
    assert not set(first) & set(browser.column("id"))
    browser.open("root", names.QUEUE).follow("Filter")
    form = browser.page.xpath("//form[@data-form]")[0]
    form.fields["state"] = "aside"
    submit(browser)
    assert browser.column("state") == ["set aside"] * 6 and "Filter: set aside" in browser.heading
    browser.follow("Filter")
    assert browser.page.xpath("//form[@data-form]")[0].fields["state"] == "aside"


def test_what_is_retried_is_asked_for_first(browser: Browser, tickets: list[int]) -> None:
    browser.open("root", names.QUEUE).follow("Retry all")
    assert "tickets: 6, of these set aside: 6" in browser.text
    submit(browser)
    browser.open("root", names.QUEUE)
    assert "set aside" not in browser.heading and "due now" in browser.heading
