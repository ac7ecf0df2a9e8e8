"""What providers ask for, in two windows: staff begin, a case changes its group, a reply is corrected, all ends."""

from __future__ import annotations

import json

from playwright.sync_api import Page, expect

from sandbox.watch import Watch
from sandbox.world import World
from tests.browser.steps import agent, answer, client, expect_said, open_case, said, write, write_ticket
from tests.browser.windows import Windows

WORLD: dict[str, object] = {
    "settings": {
        "CasesFromOmnidesk": "channel",
        "OmnideskEdits": "message",
        "StatusMap": "ended:waiting archived:closed closed:archived",
    }
}
SUBJECT = "Your domain expires"


def routed(world: World) -> None:
    """Two departments, each with a group of its own."""
    for group in ("Help", "Money"):
        world.omnidesk.add_group(group)
    rows = [
        {"department": world.department, "group": "Help"},
        {"department": world.billing, "group": "Money"},
    ]
    path = world.root / "etc" / "omnidesk" / "routing.json"
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")


def next_second(world: World) -> None:
    """Omnidesk's times are whole seconds: an edit in the second of the last read is not seen."""
    Watch(world).next_second(world.omnidesk.now())


def correct(desk: Page, text: str, new: str) -> None:
    """In a case: another text for what was said."""
    said(desk, text).locator("a.edit").click()
    desk.get_by_label("Message text").fill(new)
    desk.get_by_role("button", name="Save").click()
    expect_said(desk, new)


def test_a_case_that_staff_open_from_its_first_message_to_the_archive(windows: Windows, world: World) -> None:
    routed(world)
    ivan = client(windows, world)
    write_ticket(ivan, "Hello", "Who is there?")  # from now on Omnidesk knows him
    desk = agent(windows, world)
    open_case(desk, "Hello")

    user = next(one for one in world.omnidesk.cases.values() if one.subject == "Hello").user_id
    world.omnidesk.agent_case(user, SUBJECT, "<p>Renew it by Friday</p>", world.anna_staff)
    world.sync()
    tickets = client(windows, world)
    row = tickets.get_by_role("row").filter(has_text=SUBJECT)
    row.get_by_role("link").first.click()
    expect_said(tickets, "Renew it by Friday")
    write(tickets, "How much?")
    cases = agent(windows, world)
    open_case(cases, SUBJECT)
    expect_said(cases, "How much?")

    cases.locator("summary").filter(has_text="More").click()
    cases.get_by_label("Move to group").select_option(label="Money")
    cases.get_by_role("button", name="Move", exact=True).click()
    expect(cases.locator("dd").filter(has_text="Money")).to_have_count(1)
    world.sync()
    ticket = world.panel.query("SELECT id FROM ticket WHERE name = %s", SUBJECT)[0]["id"]
    holders = world.panel.query("SELECT user FROM ticket2user WHERE ticket = %s", ticket)
    assert [one["user"] for one in holders] == [world.billing]

    answer(cases, "500 roubles")
    expect_said(tickets, "500 roubles")
    next_second(world)
    correct(cases, "500 roubles", "50 roubles")
    world.sync()
    expect_said(tickets, "50 roubles")

    answer(cases, "Renewed", status="closed")
    expect_said(tickets, "Renewed")
    world.sync()
    assert world.panel.ticket_state(ticket).state == "closed"
    write(tickets, "Thank you")
    expect_said(cases, "Thank you")
