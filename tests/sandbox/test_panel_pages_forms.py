"""Forms in a browser, drawn from a plugin's description and its handler's answers."""

from __future__ import annotations

import json

import pytest
from lxml import html

from sandbox.billmanager.server import PanelServer
from tests.sandbox import parrot
from tests.sandbox.browser import Browser, calls, words

GOOD = "https://cage.example.com"


@pytest.fixture
def browser(served: PanelServer) -> Browser:
    parrot.install(served.panel)
    return Browser(served)


@pytest.fixture
def settings(browser: Browser) -> Browser:
    return browser.open("root", "parrot.settings")


def field(browser: Browser, name: str) -> list[str]:
    return [words(one) for one in browser.page.xpath(f"//*[@data-field='{name}']//*[contains(@class, 'label')]")]


def test_labels_hints_marks_and_values_are_those_of_the_description(settings: Browser) -> None:
    """Every control has its label, what is required is marked for eyes and for ears."""
    page = settings.page
    assert settings.heading == "Cage No. 5"
    assert words(page.xpath("//label[@for='field-address']")[0]) == "Address *"
    address = page.get_element_by_id("field-address")
    assert address.get("value") == GOOD
    assert address.get("aria-required") == "true"
    assert address.get("placeholder") == GOOD
    assert address.get("inputmode") == "url"
    assert words(page.get_element_by_id(address.get("aria-describedby").strip())) == "With https://"
    assert page.get_element_by_id("field-fixed").get("readonly") is not None
    assert page.get_element_by_id("field-talks").get("role") == "switch"
    assert words(page.get_element_by_id("field-mood")) == "In good spirits"
    assert [words(one) for one in page.xpath("//section[@data-page]/h2")] == ["Main", "More"]
    assert page.get_element_by_id("field-memo").text_content().strip() == "</textarea><b>bold</b>"
    for control in page.xpath("//form[@data-form]//*[self::input or self::select or self::textarea][@id]"):
        if control.get("type") not in ("hidden", "radio"):
            assert page.xpath(f"//label[@for='{control.get('id')}']"), control.get("id")


def test_choices_links_and_tables(settings: Browser) -> None:
    """Drop-downs, radio buttons, several choices, a table inside the form, and a link that may not run a script."""
    page = settings.page
    assert page.xpath("//select[@id='field-kind']/option[@selected]/@value") == ["zako"]
    assert page.xpath("//select[@id='field-sub']/@data-depend") == ["kind"]
    assert page.xpath("//select[@id='field-sub']/option/@data-depend") == ["ara", "ara", "zako"]
    assert page.xpath("//input[@name='mode'][@checked]/@value") == ["loud"]
    assert page.xpath("//input[@name='flags[]'][@checked]/@value") == ["one", "three"]
    assert [words(one) for one in page.xpath("//table//th")] == ["Who", "How"]
    assert [words(one) for one in page.xpath("//table//td")] == ["Polly", "In good spirits"]
    assert page.xpath("//a[@id='field-site']/@href") == ["https://example.com/?a=1&b=2"]
    assert page.xpath("//a[@id='field-site']/@rel") == ["noopener noreferrer"]
    assert "javascript:" not in settings.answer.text
    assert words(page.get_element_by_id("field-hook")).endswith("parrot?secret")


def test_a_text_with_html_and_a_button_beside_a_field(settings: Browser) -> None:
    """The text in its colours; the button asks for the form anew, or submits it."""
    row = settings.page.xpath("//*[@data-field='hook']")[0]
    assert html.tostring(row.xpath(".//output[@id='field-news']/*")[0], encoding="unicode", with_tail=False) == (
        '<font color="#d32f2f">✗ <b>old</b></font>'
    )
    assert row.xpath(".//label[@for='field-hook']")
    button = row.xpath(".//button")[0]
    assert (words(button), button.get("title"), button.get("name")) == ("Renew", "Another hook", "sv_field")
    settings.press("Renew")
    assert calls(settings.server, "parrot.settings")[-1].get("sv_field") == "renew"
    assert "sok" not in calls(settings.server, "parrot.settings")[-1]


@pytest.mark.parametrize(("way", "shown"), [("clicked_button", ["New key", "Renew"]), ("none", [])])
def test_the_panel_may_send_buttons_otherwise_or_not_know_them(browser: Browser, way: str, shown: list[str]) -> None:
    browser.server.panel.options.form_buttons = way
    browser.open("root", "parrot.settings")
    drawn = browser.page.xpath("//form[@data-form]//button[not(@aria-hidden) and not(ancestor::noscript)]")
    texts = [words(one) for one in drawn]
    assert sorted(set(texts) - {"Ok"}) == shown and "Ok" in texts
    if shown:
        browser.press("Renew")
        sent = [one for one in calls(browser.server, "parrot.settings") if "sok" in one]
        assert sent[-1]["clicked_button"] == "renew"


def test_private_values_never_reach_the_page_nor_the_log(settings: Browser) -> None:
    """Not when the form is opened, not when it comes back with an error; the handler gets what was typed."""
    assert "hidden-" not in settings.answer.text
    settings.press("Ok", key="typed-key", token="typed-token", address="https://mute.example.com")
    assert settings.status == 422
    assert "typed-" not in settings.answer.text
    sent = next(one for one in calls(settings.server, "parrot.settings") if "sok" in one)
    assert (sent["key"], sent["token"]) == ("typed-key", "typed-token")
    assert "typed-" not in (settings.server.panel.root / "var/billmgr.log").read_text()
    assert settings.page.get_element_by_id("field-key").get("autocomplete") == "new-password"


def test_a_submitted_form_carries_every_field_and_the_button(settings: Browser) -> None:
    """Unticked is off, several choices are joined, the answer closes the form."""
    boxes = settings.page.xpath("//input[@name='flags[]'][@value='three']")
    boxes[0].attrib.pop("checked")
    settings.page.get_element_by_id("field-talks").attrib.pop("checked")
    settings.press("Ok", memo="line 1\r\nline 2")
    sent = calls(settings.server, "parrot.settings")
    submitted = [one for one in sent if one.get("sok") == "ok"]
    assert len(submitted) == 1
    expected = {
        "sok": "ok",
        "clicked_button": "ok",
        "talks": "off",
        "flags": "one",
        "mode": "loud",
        "mood": "good",
        "memo": "line 1\nline 2",
        "lang": "en",
        "sfrom": "ajax",
    }
    assert {name: submitted[0].get(name) for name in expected} == expected
    assert settings.page.xpath("//*[@role='status']/text()") == ["Done"]
    assert settings.heading == "Cage No. 5"


def test_a_handlers_error_marks_the_field_and_keeps_what_was_typed(settings: Browser) -> None:
    """The text comes from the description by the error's type, in the language of the page."""
    settings.press("Ok", address="https://mute.example.com", memo="kept")
    assert settings.alerts() == ["Error The parrot address is mute: tired"]
    address = settings.page.get_element_by_id("field-address")
    assert address.get("aria-invalid") == "true"
    assert address.get("value") == "https://mute.example.com"
    assert words(settings.page.get_element_by_id("error-address")) == "The parrot address is mute: tired"
    assert "error-address" in address.get("aria-describedby")
    assert settings.page.xpath("//*[@role='alert']//a/@href") == ["#field-address"]
    assert settings.values()["memo"].strip() == "kept"
    russian = Browser(settings.server).open("root", "parrot.settings", "ru")
    russian.press("Ok", address="https://mute.example.com")
    assert russian.alerts() == ["Ошибка Попугай address молчит: tired"]


def test_an_error_of_no_field_stands_above_the_form(settings: Browser) -> None:
    """Its text is text."""
    settings.press("Ok", address="https://burst.example.com")
    assert settings.alerts() == ["Error The cage burst <b>"]
    assert settings.page.xpath("//*[@aria-invalid]") == []


@pytest.mark.parametrize(
    ("typed", "wrong", "text"),
    [
        ({"address": " "}, "address", 'Fill in the field "Address"'),
        ({"address": "cage"}, "address", 'The field "Address" has an invalid value: cage'),
        ({"mail": "nobody"}, "mail", 'The field "E-mail" has an invalid value: nobody'),
    ],
)
def test_what_the_description_demands_is_checked_before_the_handler(
    settings: Browser, typed: dict[str, str], wrong: str, text: str
) -> None:
    """required= and check= need no handler."""
    settings.press("Ok", **typed)
    assert settings.alerts() == [f"Error {text}"]
    assert [one.get("name") for one in settings.page.xpath("//*[@aria-invalid]")] == [wrong]
    assert [one for one in calls(settings.server, "parrot.settings") if "sok" in one] == []


def test_what_is_hidden_is_not_checked(settings: Browser) -> None:
    """<if value= hide=> takes the field out of sight and out of the check; the script gets the same rules."""
    rules = json.loads(settings.page.xpath("//form[@data-form]/@data-rules")[0])
    assert {"name": "talks", "value": "off", "hide": "mail"} in rules
    settings.page.get_element_by_id("field-talks").attrib.pop("checked")
    settings.press("Ok", address="https://mute.example.com", mail="nobody")
    assert settings.alerts() == ["Error The parrot address is mute: tired"]
    assert [one.get("data-field") for one in settings.page.xpath("//*[@data-field][@hidden]")] == ["mode", "mail"]


def test_a_field_can_ask_for_the_form_anew(settings: Browser) -> None:
    """setvalues: all fields go along, no sok; what the handler changed in metadata, texts and values is shown."""
    settings.press("Update the form", address="https://other.example.com", memo="typed")
    sent = calls(settings.server, "parrot.settings")[-1]
    assert sent["sv_field"] == "address"
    assert "sok" not in sent
    assert settings.values()["address"] == "https://other.example.com"
    assert settings.values()["memo"].strip() == "typed"
    assert field(settings, "hook") == ["Hook of https://other.example.com"]
    assert words(settings.page.get_element_by_id("field-extra")) == "added by the handler"
    settings.press("New key")
    assert calls(settings.server, "parrot.settings")[-1]["sv_field"] == "fresh"
    assert settings.values()["address"] == "https://new.example.com"


@pytest.mark.parametrize("address", ["https://die.example.com", "https://babble.example.com"])
def test_a_handler_that_fails_is_reported_in_the_cores_words(settings: Browser, address: str) -> None:
    """The form stays, as typed."""
    settings.press("Ok", address=address)
    assert settings.alerts() == ["Error parrot plugin terminated with an error or returned an invalid XML"]
    assert settings.values()["address"] == address


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("list", "/f/parrot.words?"),
        ("form", "/f/parrot.words.edit?"),
        ("top", "/f/ticket_all?"),
        ("", "/f/parrot.words?"),
        ("url", "/mancgi/x?1"),
        ("blank", "https://example.com/"),
    ],
)
def test_an_ok_leads_where_it_says(browser: Browser, kind: str, where: str) -> None:
    """By a redirect; our script is told by a header, and to open a new window for blank."""
    back = browser.open("root", "parrot.words").url
    url = browser.server.page("root", "parrot.go", "en", kind=kind, _back=back.removeprefix(browser.server.base))
    if kind == "top":
        shown = browser.go(url)
        assert where in shown.url
        return
    answer = browser.http.get(url, allow_redirects=False, timeout=60)
    assert answer.status_code == 303
    assert where in answer.headers["Location"]
    answer = browser.http.get(url, headers={"X-Panel": "script"}, timeout=60)
    header = "X-Panel-Open" if kind == "blank" else "X-Panel-Location"
    assert (answer.status_code, where in answer.headers[header]) == (204, True)


def test_an_ok_leads_to_no_script(browser: Browser) -> None:
    """javascript: in an answer is shown, not followed; neither is a foreign page to go back to."""
    browser.open("root", "parrot.go", kind="evil")
    assert browser.alerts() == ["javascript:alert(1)"]
    browser.open("root", "parrot.words.edit", _back="//evil.example.com/")
    assert "evil" not in browser.link("Cancel")


def test_levels_are_kept(browser: Browser) -> None:
    """A form for admin+ is none of a client's business, in the menu or by its address."""
    browser.server.panel.add_client("Ivan", "ivan@example.com")
    browser.open("ivan@example.com", "parrot.settings")
    assert browser.status == 403
    assert browser.alerts() == ["Access denied to parrot.settings"]
    assert "Cage" not in words(browser.page.xpath("//nav[@aria-label='Menu']")[0])


def test_devel_carries_metadata_and_messages_and_xml_does_not(browser: Browser) -> None:
    """As out= says; so does the document a handler gets."""
    panel = browser.server.panel
    devel = panel.call("parrot.settings", {"out": "devel", "lang": "en"}).doc
    assert devel.find("metadata/form/page/field[@name='address']") is not None
    assert devel.findtext("messages/msg[@name='title']") == "Cage __fixed__"
    plain = panel.call("parrot.settings", {"lang": "en"}).doc
    assert plain.find("metadata") is None
    assert plain.find("messages") is None
    assert '<msg name="address">Address</msg>' in panel.event_runs[-1].stdin


def test_a_script_gets_only_the_errors_and_costs_the_handler_nothing(settings: Browser) -> None:
    """It keeps the form it has; without a script the form is asked for anew by the field that fills it."""
    url, data = settings.url, {"address": "https://mute.example.com", "clicked_button": "ok"}
    before = len(calls(settings.server, "parrot.settings"))
    answer = settings.http.post(url, data=data, headers={"X-Panel": "script"}, timeout=60)
    page = html.fromstring(answer.text)
    assert answer.status_code == 422
    assert page.xpath("//*[@role='alert']//li/@data-object") == ["address"]
    assert [one.get("sok") for one in calls(settings.server, "parrot.settings")[before:]] == ["ok"]
    settings.http.post(url, data=data, timeout=60)
    assert [one.get("sv_field") for one in calls(settings.server, "parrot.settings")[before + 1 :]] == [None, "address"]
