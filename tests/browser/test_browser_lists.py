"""The administrator's two lists: what could not be carried over and why, and which fields are filled with what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from sandbox.omnidesk.wire import Request
from sandbox.world import World
from tests.browser.steps import agent, choose, client, expect_said, open_case, write, write_ticket
from tests.browser.windows import Windows, assert_stayed, stays

pytestmark = pytest.mark.thorough


@pytest.fixture
def poison(world: World) -> Iterator[set[str]]:
    """Omnidesk takes nothing that speaks of one of these."""
    words = {"poison"}

    def speaks_of_it(request: Request) -> bool:
        said = request.body.decode("unicode-escape", "replace").lower() if request.method == "POST" else ""
        return any(word in said for word in words)

    world.omnidesk.faults.answer(400, '{"error": "wrong_poison"}', on=speaks_of_it, times=None)
    yield words
    world.omnidesk.faults.clear()


def row_of(page: Page, text: str) -> Locator:
    return page.get_by_role("row").filter(has_text=text)


def press_for(page: Page, rows: Locator, button: str) -> None:
    """Tick the row and press the toolbar's button; what is asked then is confirmed."""
    rows.get_by_role("checkbox").check()
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("dialog")).to_be_hidden()


def lifted_by_the_next_form(page: Page, poison: set[str], word: str) -> None:
    """Omnidesk takes the word as soon as the page sends a form. Until then the module's own retries, which may come at
    any time, fail as well."""

    def handle(route: Route) -> None:
        if route.request.method == "POST":
            poison.discard(word)
        route.continue_()

    page.route("**", handle)


def test_a_ticket_that_fails_is_listed_with_its_reason_until_a_retry_succeeds(
    windows: Windows, world: World, poison: set[str]
) -> None:
    poison |= {"poison first", "poison second"}
    poison.discard("poison")
    world.sync()
    root = windows.open(world.panel_server.page("root", "omnidesk.queue", lang="en"))
    expect(root.get_by_role("heading", level=1)).to_contain_text("everything is synchronised")
    stays(root)
    ivan = client(windows, world)
    first = write_ticket(ivan, "Poison first", "Poison first")
    write_ticket(client(windows, world), "Poison second", "Poison second")
    expect(row_of(root, "Poison first")).to_contain_text("wrong_poison")
    expect(row_of(root, "Poison second")).to_contain_text("wrong_poison")
    assert_stayed(root)

    root.get_by_role("link", name="Filter").click()
    root.get_by_label("Ticket no.").fill(str(first))
    root.get_by_role("button", name="Ok").click()
    expect(row_of(root, "Poison first")).to_be_visible()
    expect(row_of(root, "Poison second")).to_have_count(0)
    press_for(root, row_of(root, "Poison first"), "Retry")
    expect(row_of(root, "Poison first")).to_contain_text("wrong_poison")
    root.get_by_role("link", name="Reset the filter").click()
    expect(row_of(root, "Poison second")).to_be_visible()

    lifted_by_the_next_form(root, poison, "poison first")
    press_for(root, row_of(root, "Poison first"), "Retry")
    expect(row_of(root, "Poison first")).to_have_count(0)
    expect(row_of(root, "Poison second")).to_be_visible()
    root.get_by_role("link", name="Retry all").click()
    lifted_by_the_next_form(root, poison, "poison second")
    root.get_by_role("button", name="Ok").click()
    expect(row_of(root, "Poison second")).to_have_count(0)
    expect(root.get_by_role("heading", level=1)).to_contain_text("everything is synchronised")
    desk = agent(windows, world)
    open_case(desk, "Poison second")


@pytest.mark.usefixtures("poison")
def test_a_ticket_and_its_case_are_opened_from_the_list_and_from_each_other(windows: Windows, world: World) -> None:
    ivan = client(windows, world)
    number = write_ticket(ivan, "A case and a refusal", "Text")
    desk = agent(windows, world)
    open_case(desk, "A case and a refusal")
    write(ivan, "Poison in the middle")
    root = windows.open(world.panel_server.page("root", "omnidesk.queue", lang="en"))
    row = row_of(root, "A case and a refusal")
    expect(row).to_contain_text("wrong_poison")

    row.get_by_role("checkbox").check()
    root.get_by_role("button", name="Open case").click()
    root.wait_for_url(f"{world.omnidesk_server.url}/**")
    expect(root.get_by_role("heading", level=1)).to_have_text("A case and a refusal")
    root.go_back()
    row.get_by_role("link", name="A case and a refusal").click()
    expect(root.get_by_role("heading", level=1)).to_have_text(f"Ticket {number}: A case and a refusal")
    expect_said(root, "Poison in the middle")
    with root.context.expect_page() as opened:
        root.get_by_role("link", name="Case in Omnidesk").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("A case and a refusal")


def test_a_custom_field_is_linked_shown_before_changed_and_unlinked(windows: Windows, world: World) -> None:
    world.omnidesk.add_field("Paid until", "date")
    world.omnidesk.add_field("Client's mail", "text", "user")
    address = world.panel_server.page("root", "omnidesk.fields", lang="en")
    root, other = windows.open(address), windows.open(address)
    for page in (root, other):
        page.get_by_role("link", name="Add").click()
        expect(page.locator("#field-field_2 option:checked")).to_contain_text("Client's mail")
        value = page.locator("#field-value_2")
        choose(value, "(user_email)")
        expect(value.locator("option").filter(has_text="(service_expiry)")).to_have_count(0)
    expect(root.locator("#field-about_2")).to_contain_text("petra@example.com")
    root.get_by_role("textbox", name="Show for the client's user no.").fill(str(world.ivan.user))
    root.get_by_role("textbox", name="Show for the client's user no.").press("Tab")
    expect(root.locator("#field-about_2")).to_contain_text("ivan@example.com")
    root.get_by_role("button", name="Ok").click()
    expect(row_of(root, "Client's mail")).to_contain_text("user_email")

    other.get_by_role("button", name="Ok").click()
    expect(other.locator("#field-about_2")).to_contain_text("✗")
    expect(other.locator("#field-about_2")).to_contain_text("user_email")

    row_of(root, "Client's mail").get_by_role("link").click()
    choose(root.get_by_role("combobox", name="Value"), "(user_login)")
    root.get_by_role("button", name="Ok").click()
    expect(row_of(root, "Client's mail")).to_contain_text("user_login")
    expect(row_of(root, "Client's mail")).to_contain_text("filled")
    press_for(root, row_of(root, "Client's mail"), "Delete")
    expect(row_of(root, "Client's mail")).to_have_count(0)
