"""Without a mouse, and on a phone: a ticket is written, answered, and the answer read."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from sandbox.world import World
from tests.browser.steps import agent, answer, client, expect_said, open_case, write, write_ticket
from tests.browser.windows import PHONE, Windows

pytestmark = pytest.mark.thorough

LONGEST_WAY = 60  # presses of Tab through a page

FOCUSED = """() => {
    const node = document.activeElement, style = getComputedStyle(node);
    const label = node.labels?.[0]?.firstChild?.textContent || node.getAttribute("aria-label") || node.textContent;
    return [label.replace(/\\s+/g, " ").trim(), style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2];
}"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control with this name has the focus, which is to be seen wherever it comes."""
    for _ in range(LONGEST_WAY):
        page.keyboard.press("Tab")
        label, seen = page.evaluate(FOCUSED)
        assert seen, f"the focus is not seen on {label!r}"
        if label == name:
            return
    raise AssertionError(f"Tab does not lead to {name!r}")


def test_a_ticket_is_written_and_answered_with_the_keyboard_alone(windows: Windows, world: World) -> None:
    ivan, desk = client(windows, world), agent(windows, world)
    tab_to(ivan, "New ticket")
    ivan.keyboard.press("Enter")
    expect(ivan.get_by_role("heading", name="New ticket")).to_be_visible()
    tab_to(ivan, "Subject")
    ivan.keyboard.type("By keyboard")
    tab_to(ivan, "Message")
    ivan.keyboard.type("One line")
    ivan.keyboard.press("Enter")
    ivan.keyboard.type("and another")
    tab_to(ivan, "Send")
    ivan.keyboard.press("Enter")
    expect_said(ivan, "and another")

    expect(desk.get_by_role("link", name="By keyboard")).to_be_visible()
    tab_to(desk, "By keyboard")
    desk.keyboard.press("Enter")
    expect_said(desk, "and another")
    tab_to(desk, "Answer text")
    desk.keyboard.type("Read and understood")
    desk.keyboard.press("Control+Enter")
    expect_said(ivan, "Read and understood")

    # The skip link spares the way through the menu.
    ivan.reload()
    ivan.keyboard.press("Tab")
    assert ivan.evaluate(FOCUSED)[0] == "Skip to the content"
    ivan.keyboard.press("Enter")
    tab_to(ivan, "Message")
    ivan.keyboard.type("Thanks")
    tab_to(ivan, "Send")
    ivan.keyboard.press("Enter")
    expect_said(desk, "Thanks")


def test_the_settings_can_be_saved_with_the_keyboard_alone(windows: Windows, world: World) -> None:
    root = windows.open(world.panel_server.page("root", "omnidesk.settings", lang="en"))
    tab_to(root, "Main")
    root.keyboard.press("ArrowRight")
    expect(root.get_by_role("tab", name="More")).to_be_focused()
    tab_to(root, "Text for empty messages")
    root.keyboard.press("Control+A")
    root.keyboard.type("(files only)")
    root.keyboard.press("Enter")
    expect(root.get_by_role("status").filter(has_text="Done")).to_be_visible()
    assert "EmptyText (files only)\n" in (world.root / "etc/omnidesk/omnidesk.conf").read_text()


def test_a_conversation_between_two_phones(windows: Windows, world: World) -> None:
    ivan, desk = client(windows, world, size=PHONE), agent(windows, world, size=PHONE)
    write_ticket(ivan, "From a phone", "A word " * 40 + "W" * 300)
    open_case(desk, "From a phone")
    expect_said(desk, "W" * 300)
    answer(desk, "To a phone")
    expect_said(ivan, "To a phone")
    write(ivan, "Thanks from a phone")
    expect_said(desk, "Thanks from a phone")
    for page in (ivan, desk):
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
