"""What surrounds the functions: who looks, in which language, the menu, the modules, people."""

from __future__ import annotations

import pytest

from sandbox.billmanager.server import PanelServer
from tests.sandbox import parrot
from tests.sandbox.browser import Browser, words


@pytest.fixture
def browser(served: PanelServer) -> Browser:
    served.panel.add_department("support", "Support")
    served.panel.add_employee("anna", realname="Anna Kim")
    served.panel.add_client("Ivan Petrov", "ivan@example.com", 2)
    return Browser(served)


def menu(browser: Browser) -> list[str]:
    return [words(one) for one in browser.page.xpath("//nav[@aria-label='Menu']//a")]


def test_a_visitor_chooses_whom_to_be(browser: Browser) -> None:
    """No password: the page says that it is a simulation, and the address carries the person and the language."""
    browser.go(browser.server.pages_url + "?lang=en")
    assert "simulated BILLmanager" in browser.text
    assert [words(one) for one in browser.page.xpath("//main//li/a")] == [
        "Ivan Petrov",
        "Ivan Petrov 2",
        "Anna Kim",
        "root",
    ]
    browser.follow("Anna Kim")
    assert "/panel/anna/f/ticket?" in browser.url
    assert menu(browser) == ["Tickets", "All tickets", "Employees", "Departments", "Modules"]
    browser.follow("Русский")
    assert (browser.heading, browser.page.get("lang")) == ("Запросы", "ru")
    browser.follow("Все запросы")
    assert browser.heading == "Все запросы"
    browser.follow("Сменить пользователя").follow("Ivan Petrov")
    assert "/panel/ivan@example.com/f/clientticket?" in browser.url
    assert browser.page.xpath("//nav[@aria-label='Меню']//a/text()") == ["Запросы"]


def test_the_pages_work_without_any_plugin_and_without_people(served: PanelServer) -> None:
    """A panel as it comes."""
    browser = Browser(served).go("/?lang=en")
    assert "Nobody yet" in browser.text
    browser.follow("root")
    assert (browser.heading, "Nothing here yet" in browser.text) == ("All tickets", True)
    browser.follow("Modules")
    assert "No module is installed" in browser.text


def test_a_plugins_menu_and_tabs(browser: Browser) -> None:
    """Its nodes stand in the menu of those they are for; siblings are tabs above the page."""
    parrot.install(browser.server.panel)
    browser.open("root", "parrot.settings")
    assert menu(browser)[-2:] == ["Cage", "Words"]
    tabs = browser.page.xpath("//nav[@aria-label='Parrot']/a")
    assert [(words(one), one.get("aria-current")) for one in tabs] == [("Cage", "page"), ("Words", None)]
    browser.follow("Words").follow("Add")
    assert [one.get("aria-current") for one in browser.page.xpath("//nav[@aria-label='Parrot']/a")] == [None, "page"]


def test_modules_show_what_a_plugin_says_of_itself(browser: Browser) -> None:
    """Logo, texts, author; Configure opens its settings."""
    parrot.install(browser.server.panel)
    browser.open("root", "plugins")
    article = browser.page.xpath("//article[@class='module']")[0]
    assert words(article) == "Parrot Repeats. Module name parrot Developer Cage & Co Configure"
    logo = browser.http.get(browser.server.base + article.xpath(".//img/@src")[0], timeout=60)
    assert (logo.content, logo.headers["Content-Type"]) == (b"\x89PNG", "image/png")
    assert browser.follow("Configure").heading == "Cage No. 5"
    browser.open("root", "plugins", "ru")
    assert "Попугай Повторяет." in browser.text


def test_a_broken_description_is_reported_on_the_pages(browser: Browser) -> None:
    """By file and reason, to staff; the rest works on, and the plugin is back once it is mended."""
    parrot.install(browser.server.panel)
    file = browser.server.panel.root / "etc/xml/billmgr_mod_parrot.xml"
    whole = file.read_text()
    file.write_text(whole[:500])
    for page in (browser.open("root", "plugins"), browser.go("/?lang=en")):
        assert len(page.alerts()) == 1
        assert "billmgr_mod_parrot.xml" in page.alerts()[0]
    assert browser.open("ivan@example.com").alerts() == []
    file.write_text(whole)
    assert browser.open("root", "plugins").alerts() == []


def test_nobody_and_nothing(browser: Browser) -> None:
    """An unknown or disabled person, a department, an unknown page or function."""
    panel = browser.server.panel
    panel.disable(panel.query("SELECT id FROM user WHERE name='anna'")[0]["id"])
    for address in ("/panel/nobody/", "/panel/anna/", "/panel/support/", "/panel/root/x", "/panel/static/../server.py"):
        assert browser.go(address).status == 404, address
    assert browser.open("root", "no.such").alerts() == ['Fill in the field "func"']
    assert browser.go("/?lang=en").text.count("access disabled") == 1


def test_another_site_cannot_post(browser: Browser) -> None:
    """There is no login that would protect the panel."""
    url = browser.server.page("ivan@example.com", "clientticket.edit", "en")
    data = {"subject": "s", "message": "m", "clicked_button": "ok"}
    answer = browser.http.post(url, data=data, headers={"Sec-Fetch-Site": "cross-site"}, timeout=60)
    assert (answer.status_code, browser.server.panel.tickets()) == (403, [])


def test_an_employee_is_made_in_the_browser(browser: Browser) -> None:
    """Name, e-mail, password and rights; without the right to support no ticket opens."""
    panel = browser.server.panel
    browser.open("root", "employee").follow("Create employee")
    filled = {"name": "omni", "realname": "Omni", "email": "omni@example.com", "password": "pass-1"}
    browser.press("Ok", **{**filled, "email": "omni"})
    assert browser.alerts() == ['Error The field "E-mail" has an invalid value: omni']
    browser.press("Ok", **filled, **{"rights[]": "finance"})
    assert browser.column("name") == ["anna", "omni"]
    assert "pass-1" not in (panel.root / "var/billmgr.log").read_text()
    with panel.database() as connection:
        assert panel.check_password(connection, "omni", "pass-1").name == "omni"
    assert browser.open("omni", "ticket").status == 403
    browser.open("root", "employee").follow("omni")
    assert browser.values()["rights[]"] == "finance"
    assert browser.values()["password"] == ""
    browser.press("Ok", **{"rights[]": "support"})
    assert browser.open("omni", "ticket").status == 200
    browser.open("root", "employee.edit").press("Ok", **{**filled, "name": "anna"})
    assert browser.alerts() == ['Error "Login" already exists']


def test_the_api_is_as_it_was(browser: Browser) -> None:
    """/billmgr takes calls and shows no page."""
    answer = browser.http.get(browser.server.url, params={"func": "ticket_all", "out": "xml"}, timeout=60)
    assert 'type="auth"' in answer.text
    assert browser.http.get(browser.server.base + "/nothing", timeout=60).status_code == 404


def test_a_link_made_elsewhere_asks_who_follows_it(browser: Browser) -> None:
    """``/billmgr?startform=…`` names a page and not a person; documents carry the address the pages are at."""
    panel = browser.server.panel
    panel.client_creates_ticket(panel.query("SELECT id FROM user WHERE name='ivan@example.com'")[0]["id"], "Help", "m")
    browser.go(browser.server.url + "?startform=ticket.edit&elid=1&lang=en")
    assert browser.heading == "Choose whose pages to see"
    assert browser.follow("Anna Kim").heading == "Ticket 1: Help"
    assert panel.call("whoami").doc.get("host") == browser.server.base
