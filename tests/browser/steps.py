"""What people do on the pages, in English: write a ticket, answer a case, look up a number."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from sandbox.world import World
from tests.browser.windows import DESKTOP, Windows, assert_stayed


def client(windows: Windows, world: World, ticket: int | None = None, size: tuple[int, int] = DESKTOP) -> Page:
    """Ivan's window: his tickets, or one of them."""
    params = {"elid": ticket} if ticket else {}
    func = "clientticket.edit" if ticket else "clientticket"
    return windows.open(world.panel_server.page("ivan@example.com", func, lang="en", **params), size)


def agent(windows: Windows, world: World, case: str = "", size: tuple[int, int] = DESKTOP) -> Page:
    """Anna's window in Omnidesk: the cases, or one of them."""
    path = f"cases/record/{case}" if case else "cases"
    return windows.open(world.omnidesk_server.page(path, "anna@example.com", "en"), size)


def write_ticket(page: Page, subject: str, text: str, files: list[str] | None = None) -> int:
    """From the list of tickets: a new one; its number. The window shows the ticket then."""
    page.get_by_role("link", name="New ticket").click()
    page.get_by_label("Subject").fill(subject)
    page.get_by_role("textbox", name="Message").fill(text)
    if files:
        page.get_by_label("Files", exact=True).set_input_files(files)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(subject)
    found = re.search(r"[?&]elid=(\d+)", page.url)
    assert found is not None, page.url
    return int(found[1])


def write(page: Page, text: str) -> None:
    """In a ticket: the client's next message."""
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_role("button", name="Send").click()


def open_case(page: Page, subject: str, stayed: bool = False) -> str:
    """From the list of cases, where it appears by itself; its number. ``stayed``: see :func:`windows.stays`."""
    link = page.get_by_role("link", name=subject, exact=True)
    expect(link).to_be_visible()
    if stayed:
        assert_stayed(page)
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    found = re.search(r"\d{3}-\d{6}", page.url)
    assert found is not None, page.url
    return found[0]


def answer(page: Page, text: str, status: str = "") -> None:
    """In a case: an answer to the client, with what becomes of the case."""
    page.get_by_label("Answer text").fill(text)
    if status:
        page.get_by_label("Status after the answer").select_option(label=status)
    page.get_by_role("button", name="Send answer").click()


def said(page: Page, text: str) -> Locator:
    """The message (or note) of a conversation in either product that holds this text."""
    return page.locator(".entry, .message").filter(has_text=text)


def expect_said(page: Page, text: str) -> None:
    """The text arrives in the conversation, once."""
    expect(said(page, text)).to_have_count(1)


def choose(drop_down: Locator, text: str) -> None:
    """The one choice whose label holds the text."""
    choice = drop_down.locator("option").filter(has_text=text)
    expect(choice).to_have_count(1)
    drop_down.select_option(choice.get_attribute("value"))
