"""The page on the module's state in a browser: the check, a ticket by its number, and a panel that draws no HTML."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from sandbox.furnish import furnish
from sandbox.world import World
from tests.browser.texts import Texts
from tests.browser.windows import Windows

pytestmark = pytest.mark.thorough

HEALTH = "omnidesk.health"


def opened(windows: Windows, world: World) -> Page:
    return windows.open(world.panel_server.page("root", HEALTH, "en"))


def press(page: Page, text: str) -> None:
    page.get_by_role("button", name=text, exact=True).click()


def test_the_connection_is_checked_and_a_ticket_is_looked_up(windows: Windows, world: World) -> None:
    has, text = furnish(world, "en"), Texts(world, "en")
    page = opened(windows, world)
    expect(page.get_by_role("img", name="Messages and notes a day")).to_be_visible()
    press(page, text.panel(HEALTH, "button_check"))
    expect(page.get_by_text(re.compile(r"^Checked \d+ s ago"))).to_be_attached()
    page.get_by_role("tab", name=text.panel(HEALTH, "connection")).click()
    expect(page.get_by_role("cell", name="The panel answers.")).to_be_visible()
    page.get_by_role("tab", name=text.panel(HEALTH, "now")).click()
    page.get_by_label(text.panel(HEALTH, "ticket")).fill(str(has.ticket))
    press(page, text.panel(HEALTH, "button_show"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Ticket {has.ticket}:")
    press(page, text.panel(f"{HEALTH}.ticket", "button_back"))
    expect(page.get_by_role("heading", level=1)).to_have_text(text.panel(HEALTH, "title"))


@pytest.mark.parametrize("draws", [True, False])
def test_without_pictures_the_same_figures_stand_in_a_table(windows: Windows, world: World, draws: bool) -> None:
    world.panel.options.draws_html = draws
    page = opened(windows, world)
    page.get_by_role("tab", name="By day").click()
    expect(page.get_by_role("columnheader", name="To Omnidesk")).to_be_visible()
    page.get_by_role("tab", name="Now").click()
    expect(page.get_by_role("img", name="Messages and notes a day")).to_have_count(int(draws))
    world.panel.options.draws_html = True
