"""The simulated Omnidesk's pages in a real browser: what arrives by itself, and what it must not disturb."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from sandbox.omnidesk import Omnidesk, OmnideskServer
from tests.support.chromium import browser_for_tests


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser_for_tests() as browser:
        yield browser


@pytest.fixture
def desk() -> Omnidesk:
    found = Omnidesk()
    found.add_channel(webhook_url="http://panel.example/hook?secret")
    return found


@pytest.fixture
def server(desk: Omnidesk) -> Iterator[OmnideskServer]:
    with OmnideskServer(desk, language="en") as running:
        desk.webhooks.hold()
        yield running


@pytest.fixture
def case_id(desk: Omnidesk, server: OmnideskServer) -> int:
    given = {"user_custom_id": "17", "channel": "cch101", "subject": "Subject", "content": "Text", "status": "open"}
    login = (desk.integration.email, desk.api_key)
    answer = requests.post(f"{server.url}/api/cases.json", json={"case": given}, auth=login, timeout=60)
    found: int = answer.json()["case"]["case_id"]
    return found


@pytest.fixture(params=[(1200, 800), pytest.param((360, 640), marks=pytest.mark.thorough)], ids=["desktop", "phone"])
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = request.param
    context = chromium.new_context(viewport={"width": width, "height": height})
    found = context.new_page()
    found.set_default_timeout(20_000)
    expect.set_options(timeout=120_000)
    broken: list[str] = []
    found.on("pageerror", lambda problem: broken.append(str(problem)))
    yield found
    context.close()
    assert broken == []


def test_what_arrives_leaves_alone_what_is_being_written(
    desk: Omnidesk, server: OmnideskServer, page: Page, case_id: int
) -> None:
    page.goto(server.page(f"cases/record/{case_id}"))
    page.evaluate("window.loaded = 1")
    box = page.get_by_role("textbox", name="Answer text")
    box.click()
    box.press_sequentially("half a sentence")
    box.press("ArrowLeft")
    before = page.evaluate("document.activeElement.getBoundingClientRect().top")
    desk.client_message(case_id, "One more\nthing\nwith\nlines <b>")
    expect(page.get_by_text("with lines <b>")).to_be_attached()
    assert page.evaluate("document.activeElement.id") == "answer"
    assert page.evaluate("document.activeElement.selectionStart") == len("half a sentence") - 1
    assert abs(page.evaluate("document.activeElement.getBoundingClientRect().top") - before) < 2
    expect(box).to_have_value("half a sentence")
    assert page.evaluate("window.loaded") == 1


def test_an_answer_leaves_the_page_and_the_note_as_they_are(
    desk: Omnidesk, server: OmnideskServer, page: Page, case_id: int
) -> None:
    page.goto(server.page(f"cases/record/{case_id}"))
    page.evaluate("window.loaded = 1")
    page.get_by_label("Note text").fill("for later")
    page.get_by_label("Status after the answer").select_option(label="closed")
    page.get_by_label("Answer text").fill("Hello")
    page.get_by_label("Answer text").press("Control+Enter")
    expect(page.locator("#said")).to_have_text("Answer sent.")
    expect(page.get_by_role("button", name="closed")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Answer text")).to_have_value("")
    expect(page.get_by_label("Note text")).to_have_value("for later")
    assert [one.text for one in desk.thread(case_id)] == ["Text", "Hello"]
    page.get_by_role("button", name="waiting").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="waiting")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.activeElement.value") == "waiting"
    assert (desk.cases[case_id].status, page.evaluate("window.loaded")) == ("waiting", 1)


@pytest.mark.thorough
def test_refusals_outages_and_an_end_are_told(desk: Omnidesk, server: OmnideskServer, page: Page, case_id: int) -> None:
    page.goto(server.page(f"cases/record/{case_id}"))
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_role("alert")).to_have_text("Write a text or add a file.")
    server.close_port()
    expect(page.locator("#offline")).to_have_text("No connection, trying again…")
    server.open_port()
    expect(page.locator("#offline")).to_be_empty()
    desk.delete(case_id)
    expect(page.get_by_role("alert")).to_contain_text("There is no case")


@pytest.mark.thorough
def test_files_go_both_ways(desk: Omnidesk, server: OmnideskServer, page: Page, case_id: int, tmp_path: Path) -> None:
    page.goto(server.page(f"cases/record/{case_id}"))
    file = tmp_path / "отчёт 1.txt"
    file.write_bytes(b"text")
    page.get_by_label("Files for the answer").set_input_files(file)
    page.get_by_role("button", name="Send answer").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="отчёт 1.txt").click()
    assert download.value.suggested_filename == "отчёт 1.txt"
    assert Path(download.value.path()).read_bytes() == b"text"


@pytest.mark.thorough
def test_the_list_follows_and_nothing_is_wider_than_the_screen(
    desk: Omnidesk, server: OmnideskServer, page: Page, case_id: int
) -> None:
    page.goto(server.page("cases"))
    case = desk.client_case("someone@example.com", "W" * 200, "x")
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page.get_by_role("link", name=case.case_number)).to_be_visible()
    desk.agent_reply(case.case_id, html=f"<pre>{'x' * 400}</pre><table><tr><td>{'y' * 400}</td></tr></table>")
    for path in ("cases", f"cases/record/{case.case_id}", "settings/channels", "settings/staff", "log"):
        page.goto(server.page(path))
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


@pytest.mark.thorough
def test_a_channel_is_set_up_by_hand(desk: Omnidesk, server: OmnideskServer, page: Page) -> None:
    page.goto(server.pages_url)
    page.get_by_role("link", name="Integration").click()
    page.get_by_role("link", name="Channels").click()
    page.get_by_label("Channel title").fill("Billing")
    page.get_by_label("Webhook URL").fill("https://panel.example/mancgi/omnidesk_webhook?other")
    page.get_by_role("button", name="Add channel").click()
    expect(page.get_by_role("status").first).to_have_text("Channel added.")
    expect(page.get_by_text("cch102")).to_be_visible()
    page.get_by_role("link", name="RU").click()
    expect(page.get_by_role("heading", name="Кастомные каналы")).to_be_visible()
    assert desk.channels[102].webhook_url.endswith("?other")
