"""From an empty account and a fresh module to a ticket that arrives as a case, by the README's steps, in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from sandbox.demo.stage import name_people
from sandbox.world import INTEGRATION, OWNER, World
from tests.browser.steps import choose
from tests.browser.texts import Texts
from tests.browser.windows import Windows
from tests.support.amount import ALL


@pytest.fixture(scope="module", params=["ru", "en"] if ALL else ["en"])
def texts(request: pytest.FixtureRequest) -> Iterator[Texts]:
    """A world in which nothing is set up, and a language."""
    with World(configured=False) as world:
        name_people(world, request.param)
        yield Texts(world, request.param)


class Hand:
    """Counts what a person clicks in BILLmanager; a choice from a drop-down takes two clicks."""

    def __init__(self) -> None:
        self.clicks = 0

    def click(self, what: Locator) -> None:
        self.clicks += 1
        what.click()

    def choose(self, drop_down: Locator, text: str) -> None:
        self.clicks += 2
        choose(drop_down, text)


MOST_CLICKS = 12  # in BILLmanager, with one custom field and the integration's employee


def test_the_module_is_set_up_by_hand_and_the_first_ticket_arrives(windows: Windows, texts: Texts) -> None:
    world, lang = texts.world, texts.lang
    owner = windows.open(world.omnidesk_server.page("cases", OWNER, lang))
    key = make_api_key(owner, texts)
    add_staff(owner, texts)
    add_field(owner, texts)

    root, hand = windows.open(world.panel_server.page("root", lang=lang)), Hand()
    add_employee(root, texts, hand)
    hand.click(root.get_by_role("link", name=texts.panel("desktop", "menu_plugins")))
    hand.click(root.get_by_role("link", name=texts.panel("plugins", "short_settings")))
    expect(root.get_by_role("heading", level=1)).to_have_text(texts.settings("title"))
    expect(root.get_by_text(texts.settings("note_new"))).to_be_visible()
    add_channel(owner, texts, root.get_by_label(texts.settings("webhook")).inner_text())
    fill_in_settings(root, texts, key)
    hand.click(root.get_by_role("button", name="Ok"))
    expect(root.get_by_text(texts.panel("omnidesk.fields.link", "note_saved"))).to_be_visible()
    link_field(root, texts, hand)
    assert hand.clicks <= MOST_CLICKS, hand.clicks
    root.get_by_role("link", name=texts.panel("desktop", "menu_omnidesk.settings")).first.click()
    expect(root.get_by_text(texts.settings("note_on"))).to_be_visible()

    ivan = windows.open(world.panel_server.page("ivan@example.com", lang=lang))
    ivan.get_by_role("link", name=texts.panel("clientticket", "short_new")).click()
    ivan.get_by_label(texts.panel("clientticket.edit", "subject")).fill("First ticket")
    ivan.get_by_role("textbox", name=texts.panel("clientticket.edit", "message")).fill("Does it work?")
    ivan.get_by_role("button", name=texts.panel("clientticket.edit", "button_ok")).click()
    owner.get_by_role("link", name=texts.desk("nav_cases")).click()
    owner.get_by_role("link", name="First ticket").click()
    expect(owner.get_by_text("Does it work?")).to_be_visible()
    expect(owner.get_by_role("definition").filter(has_text="ivan@example.com")).to_be_visible()
    owner.get_by_label(texts.desk("answer_text")).fill("It does")
    owner.get_by_role("button", name=texts.desk("answer_send")).click()
    expect(ivan.get_by_text("It does")).to_be_visible()


def make_api_key(owner: Page, texts: Texts) -> str:
    """Settings → API: a new key."""
    owner.get_by_role("link", name="API", exact=True).click()
    old = owner.locator("#api-key").inner_text()
    owner.get_by_role("button", name=texts.desk("api_new")).click()
    expect(owner.get_by_text(texts.desk("done_key"))).to_be_visible()
    key = owner.locator("#api-key").inner_text()
    assert key != old
    return key


def add_channel(owner: Page, texts: Texts, address: str) -> None:
    """Channels → Custom channels: an asynchronous one with the address that the form shows."""
    owner.get_by_role("link", name=texts.desk("nav_channels")).click()
    owner.get_by_label(texts.desk("channel_title")).fill("BILLmanager")
    owner.get_by_label(texts.desk("webhook_url")).fill(address)
    owner.get_by_role("button", name=texts.desk("channel_add")).click()
    expect(owner.get_by_text(texts.desk("done_channel"))).to_be_visible()


def add_staff(owner: Page, texts: Texts) -> None:
    """The employee for the integration."""
    owner.get_by_role("link", name=texts.desk("nav_staff"), exact=True).click()
    owner.get_by_label(texts.desk("staff_name"), exact=True).fill("BILLmanager")
    owner.get_by_label(texts.desk("staff_email")).fill(INTEGRATION)
    owner.get_by_label(texts.desk("staff_access")).check()
    owner.get_by_role("button", name=texts.desk("staff_add")).click()
    expect(owner.get_by_text(texts.desk("done_staff"))).to_be_visible()


def add_field(owner: Page, texts: Texts) -> None:
    """A data field for BILLmanager to fill."""
    owner.get_by_role("link", name=texts.desk("nav_fields")).click()
    owner.get_by_label(texts.desk("field_title")).fill("E-mail in BILLmanager")
    owner.get_by_label(texts.desk("field_level")).select_option(label=texts.desk("level_user"))
    owner.get_by_label(texts.desk("field_type")).select_option(label=texts.desk("type_text"))
    owner.get_by_role("button", name=texts.desk("field_add")).click()
    expect(owner.get_by_text(texts.desk("done_field"))).to_be_visible()


def add_employee(root: Page, texts: Texts, hand: Hand) -> None:
    """Provider → Employees → Create, with the integration's e-mail and the rights of Support."""
    hand.click(root.get_by_role("link", name=texts.panel("desktop", "menu_employee")))
    hand.click(root.get_by_role("link", name=texts.panel("employee", "short_new")))
    for name, value in (("name", "omnidesk"), ("realname", "Omnidesk"), ("email", INTEGRATION), ("password", "pA55")):
        root.get_by_label(texts.panel("employee.edit", name)).fill(value)
    hand.click(root.get_by_role("tab", name=texts.panel("employee.edit", "access")))
    hand.click(root.get_by_label(texts.panel("rights", "support"), exact=True))
    hand.click(root.get_by_role("button", name=texts.frame("ok")))
    expect(root.get_by_role("cell", name=INTEGRATION)).to_be_visible()


def fill_in_settings(root: Page, texts: Texts, key: str) -> None:
    """Address, e-mail and key; the only channel is chosen by itself."""
    root.get_by_label(texts.settings("url")).fill(texts.world.omnidesk_server.url)
    root.get_by_label(texts.settings("email")).fill(INTEGRATION)
    root.get_by_label(texts.settings("api_key")).fill(key)
    root.get_by_label(texts.settings("api_key")).blur()
    channel = root.get_by_role("combobox", name=texts.settings("channel"), exact=True)
    expect(channel).to_have_value("cch101")


def link_field(root: Page, texts: Texts, hand: Hand) -> None:
    """The form that comes after the first save has a row for each field; the client's e-mail fills the only one."""
    form = root.get_by_role("form")
    hand.choose(form.locator("#field-value_1"), "(user_email)")
    expect(form.locator("#field-about_1")).to_contain_text("@example.com")
    hand.click(form.get_by_role("button", name="Ok"))
    expect(root.get_by_role("cell", name="E-mail in BILLmanager", exact=True)).to_be_visible()
