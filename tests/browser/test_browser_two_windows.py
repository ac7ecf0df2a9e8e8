"""A client in one window and an agent in another: each sees by itself what the other did, and what is not for him not."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from sandbox.world import World
from tests.browser.steps import agent, answer, client, expect_said, open_case, said, write, write_ticket
from tests.browser.windows import Windows, assert_stayed, stays


def test_a_conversation_without_reloading(windows: Windows, world: World) -> None:
    desk = agent(windows, world)
    stays(desk)
    ivan = client(windows, world)
    write_ticket(ivan, "Site is down", "It says 502")
    stays(ivan)
    assert desk.evaluate("window.stayed") is True
    open_case(desk, "Site is down")
    stays(desk)
    expect_said(desk, "It says 502")

    half = ivan.get_by_role("textbox", name="Message")
    half.press_sequentially("Half a sen")
    half.press("ArrowLeft")
    answer(desk, "We are on it")
    expect_said(ivan, "We are on it")
    expect(half).to_have_value("Half a sen")
    expect(half).to_be_focused()
    assert half.evaluate("box => box.selectionStart") == len("Half a sen") - 1

    other_half = desk.get_by_label("Answer text")
    other_half.fill("Also half")
    half.fill("Thank you")
    ivan.get_by_role("button", name="Send").click()
    expect_said(desk, "Thank you")
    expect(other_half).to_have_value("Also half")
    assert_stayed(desk)
    assert_stayed(ivan)
