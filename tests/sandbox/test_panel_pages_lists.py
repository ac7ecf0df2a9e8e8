"""Lists in a browser: columns, toolbar, selection, filter, pages, sorting."""

from __future__ import annotations

import json

import pytest

from sandbox.billmanager.server import PanelServer
from tests.sandbox import parrot
from tests.sandbox.browser import Browser, calls, words


@pytest.fixture
def browser(served: PanelServer) -> Browser:
    parrot.install(served.panel)
    return Browser(served)


@pytest.fixture
def listed(browser: Browser) -> Browser:
    return browser.open("root", "parrot.words", p_cnt=10)


def test_columns_rows_and_buttons_are_those_of_the_description(listed: Browser) -> None:
    """Values of a column of type msg are looked up; a row opens by its name."""
    assert listed.heading == "Words"
    assert [words(one) for one in listed.page.xpath("//th[@scope='col']")] == ["No.", "Word", "State"]
    assert listed.column("word")[:2] == ["word 1", "word 2"]
    assert listed.column("status")[:2] == ["Learned", "secret"]
    toolbar = listed.page.xpath("//form[@role='toolbar']")[0]
    shown = [words(one) for one in toolbar.xpath(".//*[contains(@class, 'button')]")]
    assert shown == ["Add", "Edit", "Forget", "Top", "Filter", "Refresh", "Say all"]
    assert toolbar.xpath(".//button[@data-button='delete']/@title") == ["Forget the selected words"]
    assert [one.get("data-needs") for one in toolbar.xpath(".//button")] == ["one", "some", None, None]
    assert listed.page.xpath("//input[@value='3']/@aria-label") == ["Select: word 3"]
    listed.follow("word 3")
    assert (listed.heading, calls(listed.server, "parrot.words.edit")[-1]["elid"]) == ("A word", "3")


def test_a_button_is_for_whom_and_for_which_rows_it_says(listed: Browser) -> None:
    """level= hides it from others; <hide name= value=> forbids it for a row, which then opens by nothing."""
    forbidden = {
        one.get("value"): json.loads(one.get("data-without")) for one in listed.page.xpath("//input[@data-row]")
    }
    assert (forbidden["1"], forbidden["2"]) == ([], ["edit"])
    assert listed.page.xpath("//a[text()='word 2']") == []
    listed.server.panel.add_employee("anna")
    listed.open("anna", "parrot.words")
    assert listed.page.xpath("//button[@data-button='top']") == []


def test_pages(listed: Browser) -> None:
    """p_num and p_cnt go to the handler, p_elems says how many there are."""
    sent = calls(listed.server, "parrot.words")[-1]
    assert (sent["p_num"], sent["p_cnt"]) == ("1", "10")
    pager = listed.page.xpath("//nav[@aria-label='Pages']")[0]
    assert words(pager) == "Page 1 of 12, 120 in all Next"
    listed.follow("Next")
    assert listed.column("word")[0] == "word 11"
    listed.open("root", "parrot.words", p_num=12, p_cnt=10)
    assert listed.page.xpath("//a[@rel='next']") == []
    assert listed.column("word")[-1] == "word 120"
    listed.open("root", "parrot.words")
    assert len(listed.column("word")) == 50


def test_a_group_button_asks_first_and_then_acts_on_all_selected(listed: Browser) -> None:
    """The rows' ids are joined as the panel does; afterwards the list is there again."""
    listed.select("3", "5").press("Forget", form="role='toolbar'")
    assert "Forget these words?" in listed.text
    assert calls(listed.server, "parrot.words.delete") == []
    listed.press("Confirm", form="method='post'")
    assert calls(listed.server, "parrot.words.delete")[-1]["elid"] == "3, 5"
    assert (listed.heading, listed.page.xpath("//*[@role='status']/text()")) == ("Words", ["Done"])
    assert len(listed.column("word")) == 10


def test_an_error_of_a_group_is_shown(listed: Browser) -> None:
    """And leads back to the list."""
    listed.select("9").press("Forget", form="role='toolbar'").press("Confirm", form="method='post'")
    assert listed.alerts() == ["Nine stays"]
    assert listed.follow("Back").heading == "Words"


def test_a_button_without_a_page_is_called_and_not_opened(listed: Browser) -> None:
    """By POST, as it may change something."""
    listed.press("Say all", form="role='toolbar'")
    assert len(calls(listed.server, "parrot.all")) == 1
    assert listed.heading == "Words"


def test_a_filter_opens_the_list_with_what_was_typed(listed: Browser) -> None:
    """And it can be reset."""
    listed.follow("Filter").press("Ok", word="word 77")
    assert listed.column("word") == ["word 77"]
    listed.follow("Reset the filter")
    assert len(listed.column("word")) == 50
    listed.follow("Filter").press("Ok", word="nothing")
    assert "Nothing here yet" in listed.text
    assert listed.page.xpath("//table") == []


def test_a_list_that_does_not_page_is_paged_and_sorted_by_the_panel(browser: Browser) -> None:
    """As the core does with its own."""
    panel = browser.server.panel
    for number in range(1, 13):
        panel.add_department(f"d{number}", f"Department {13 - number:02}")
    browser.open("root", "department", p_cnt=5)
    assert len(browser.column("id")) == 5
    browser.follow("Title")
    assert browser.column("realname")[:2] == ["Department 01", "Department 02"]
    assert browser.page.xpath("//th[@aria-sort='ascending']//a/text()")[0].strip() == "Title"
    browser.go(browser.page.xpath("//th[@aria-sort]//a/@href")[0])
    assert browser.column("realname")[0] == "Department 12"
    browser.follow("No.")
    assert browser.column("id") == sorted(browser.column("id"), key=int)


def test_what_the_script_looks_at_again_changes_only_when_the_list_does(browser: Browser) -> None:
    """By ETag; looking is no call on record and sends no event."""
    panel = browser.server.panel
    panel.add_employee("anna")
    browser.open("root", "employee")
    part = browser.page.xpath("//*[@data-poll]/@data-poll")[0]
    before = len(panel.requests)
    first = browser.http.get(browser.server.base + part, timeout=60)
    tag = first.headers["ETag"]
    again = browser.http.get(browser.server.base + part, headers={"If-None-Match": tag}, timeout=60)
    assert (first.status_code, again.status_code, again.text) == (200, 304, "")
    panel.add_employee("boris")
    changed = browser.http.get(browser.server.base + part, headers={"If-None-Match": tag}, timeout=60)
    assert changed.status_code == 200
    assert "boris" in changed.text
    assert len(panel.requests) == before
