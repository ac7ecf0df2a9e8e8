"""A client in one window and an agent in another: each sees by itself what the other did, if it is for him."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sandbox.demo.stage import Stage
from sandbox.world import World
from tests.browser.steps import agent, answer, client, expect_said, open_case, said, write, write_ticket
from tests.browser.windows import Windows, assert_stayed, stays


def test_a_conversation_without_reloading(windows: Windows, world: World) -> None:
    desk = agent(windows, world)
    stays(desk)
    ivan = client(windows, world)
    write_ticket(ivan, "Site is down", "It says 502")
    stays(ivan)
    open_case(desk, "Site is down", stayed=True)
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
    write(ivan, "Thank you")
    expect_said(desk, "Thank you")
    expect(other_half).to_have_value("Also half")
    assert_stayed(desk)
    assert_stayed(ivan)


@pytest.fixture
def ticket(windows: Windows, world: World, request: pytest.FixtureRequest) -> tuple[Page, Page, int]:
    """Ivan's window with a ticket of this test, Anna's with its case, and the ticket's number."""
    subject = request.node.name.replace("_", " ")
    ivan = client(windows, world)
    number = write_ticket(ivan, subject, "First")
    desk = agent(windows, world)
    open_case(desk, subject)
    expect_said(desk, "First")
    return ivan, desk, number


@pytest.mark.thorough
def test_notes_are_for_staff_of_both_sides_only(windows: Windows, world: World, ticket: tuple[Page, Page, int]) -> None:
    ivan, desk, number = ticket
    desk.get_by_label("Note text").fill("Owes us money")
    desk.get_by_role("button", name="Add note").click()
    anna = windows.open(world.panel_server.page("anna", "ticket_all.edit", lang="en", elid=number))
    expect_said(anna, "Owes us money")
    anna.get_by_role("button", name="Assign to me").click()
    anna.get_by_label("Add an internal note").check()
    anna.get_by_role("textbox", name="Internal note").fill("Not any more")
    anna.get_by_role("textbox", name="Answer to the client").fill("All is well")
    anna.get_by_role("button", name="Answer", exact=True).click()
    expect_said(desk, "Not any more")
    expect(said(desk, "Not any more")).to_contain_text("internal note")
    # Written after both notes, so whatever there is for the client has arrived when this has.
    expect_said(ivan, "All is well")
    answer(desk, "Indeed")
    expect_said(ivan, "Indeed")
    assert "money" not in ivan.content()
    assert "Not any more" not in ivan.content()


@pytest.mark.thorough
def test_files_go_both_ways(ticket: tuple[Page, Page, int], tmp_path: Path) -> None:
    ivan, desk, _ = ticket
    sent, returned = tmp_path / "журнал 1.log", tmp_path / "cure.txt"
    sent.write_bytes(b"502\n" * 1000)
    returned.write_bytes(b"restart\n")
    ivan.get_by_label("Files", exact=True).set_input_files(sent)
    write(ivan, "The log")
    with desk.expect_download() as download:
        desk.get_by_role("link", name="журнал 1.log").click()
    assert Path(download.value.path()).read_bytes() == sent.read_bytes()
    desk.get_by_label("Files for the answer").set_input_files(returned)
    answer(desk, "Do this")
    with ivan.expect_download() as download:
        ivan.get_by_role("link", name="cure.txt").click()
    assert Path(download.value.path()).read_bytes() == b"restart\n"


@pytest.mark.thorough
def test_the_clients_rating_is_seen_at_the_case(world: World, ticket: tuple[Page, Page, int]) -> None:
    ivan, desk, _ = ticket
    answer(desk, "Solved")
    mark = said(ivan, "Solved")
    mark.get_by_role("button", name="Good").click()
    expect(mark).to_contain_text("Rating: Good")
    expect(mark.get_by_role("button")).to_have_count(0)
    expect(said(desk, "Solved")).to_contain_text("Rating: high")


@pytest.mark.thorough
def test_a_closed_case_is_opened_again_by_the_client(
    windows: Windows, world: World, ticket: tuple[Page, Page, int]
) -> None:
    ivan, desk, number = ticket
    tickets = client(windows, world)
    row = tickets.get_by_role("row").filter(has=tickets.get_by_role("cell", name=str(number), exact=True))
    expect(row).to_contain_text("In progress")
    answer(desk, "Done", status="closed")
    expect_said(ivan, "Done")
    expect(row).not_to_contain_text("In progress")
    expect(desk.get_by_role("button", name="closed")).to_have_attribute("aria-pressed", "true")
    write(ivan, "Not at all")
    expect_said(desk, "Not at all")
    expect(desk.get_by_role("button", name="open")).to_have_attribute("aria-pressed", "true")
    expect(row).to_contain_text("In progress")


@pytest.mark.thorough
def test_custom_fields_are_seen_at_the_case(windows: Windows, world: World) -> None:
    Stage(world, "en")
    number = write_ticket(client(windows, world), "With fields", "First")
    desk = agent(windows, world)
    open_case(desk, "With fields")
    facts = desk.get_by_role("complementary", name="About the case")
    for title, value in (
        ("Ticket number", str(number)),
        ("Department", "Technical support"),
        ("Archived", "no"),
        ("Client's id", str(world.ivan.account)),
        ("Client since", "2020-02-29"),
    ):
        term = facts.get_by_role("term").filter(has_text=title)
        expect(term.locator("xpath=following-sibling::dd[1]")).to_have_text(value)
