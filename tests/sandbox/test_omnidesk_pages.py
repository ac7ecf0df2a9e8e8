"""The simulated Omnidesk's pages as a browser reads them: what they show, languages, live parts, what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lxml.html
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from sandbox.omnidesk import Omnidesk, OmnideskServer
from sandbox.omnidesk.web import richtext
from sandbox.omnidesk.web.words import names, word

XSS = '<script>alert("x")</script><img src=x onerror=alert(1)>\'"&'
PATHS = (
    "cases",
    "cases?status=trash",
    "cases/record/900001",
    "cases/record/900001/fields",
    "settings/api",
    "settings/channels",
    "settings/channels/101",
    "settings/staff",
    "settings/fields",
    "log",
)


@pytest.fixture
def desk() -> Omnidesk:
    found = Omnidesk(lambda: 1_700_000_040.0)
    found.add_staff("anna@example.com", "Анна Ким")
    found.add_channel(webhook_url="http://panel.example/hook?secret")
    return found


@pytest.fixture
def server(desk: Omnidesk) -> Iterator[OmnideskServer]:
    with OmnideskServer(desk) as running:
        desk.webhooks.hold()  # nobody is there to take them
        yield running


def add_case(desk: Omnidesk, server: OmnideskServer, **given: Any) -> int:
    values = {"user_custom_id": "17", "user_full_name": "Иван", "channel": "cch101", "subject": "Тема", "content": "Т"}
    answer = requests.post(
        f"{server.url}/api/cases.json",
        json={"case": values | given},
        auth=(desk.integration.email, desk.api_key),
        timeout=60,
    )
    assert answer.status_code == 201, answer.text
    found: int = answer.json()["case"]["case_id"]
    return found


def got(address: str, **more: Any) -> requests.Response:
    return requests.get(address, timeout=60, **more)


def page(address: str, status: int = 200) -> Any:
    answer = got(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    return lxml.html.fromstring(answer.content)


def text(node: Any) -> str:
    return " ".join(node.text_content().split())


def live(server: OmnideskServer, path: str, lang: str = "") -> str:
    found = server.page(path, lang=lang)
    return f"{found}{'&' if '?' in found else '?'}live=1"


def test_the_start_page_says_what_it_is_and_offers_the_active_staff(desk: Omnidesk, server: OmnideskServer) -> None:
    desk.add_staff("gone@example.com", "Gone", active=False)
    for lang, said in (("ru", "Это не Омнидеск, а его имитация"), ("en", "This is not Omnidesk but a simulation")):
        found = page(f"{server.pages_url}?lang={lang}")
        assert said in text(found)
        assert found.get("lang") == lang
        assert [link.text for link in found.cssselect("#people a")] == ["Integration", "Анна Ким"]
        assert found.cssselect("#people a")[1].get("href") == f"/staff/7236/cases?lang={lang}"


def test_every_page_in_both_languages_has_labels_a_title_and_links_that_work(
    desk: Omnidesk, server: OmnideskServer
) -> None:
    case_id = add_case(desk, server)
    message = desk.agent_reply(case_id, html="<p>x</p>", attachments=[("a.txt", "text/plain", b"data")])
    desk.add_field("Тариф", "select", "case", ["один"])
    seen: set[str] = set()
    for lang in ("ru", "en"):
        for path in (*PATHS, f"cases/record/{case_id}/messages/{message.message_id}"):
            address = server.page(path) + ("&" if "?" in path else "?") + f"lang={lang}"
            found = page(address)
            assert found.get("lang") == lang
            assert len(found.cssselect("h1")) == 1
            assert text(found.cssselect("title")[0])
            labelled = {label.get("for") for label in found.cssselect("label")}
            controls = found.cssselect("input, select, textarea")
            assert all(control.get("id") in labelled for control in controls)
            ids = [node.get("id") for node in found.cssselect("[id]")]
            assert len(ids) == len(set(ids))
            links = {link.get("href") for link in found.cssselect("a[href^='/']:not([hreflang])")}
            assert all(f"lang={lang}" in link for link in links), links
            seen |= {link for link in links if "lang=en" in link}
    for link in seen:
        assert got(server.url + link).status_code == 200, link


def test_the_two_languages_say_different_things_in_the_same_places() -> None:
    for name in names():
        russian, english = word("ru", name), word("en", name)
        assert russian, name
        assert english, name
        assert sorted(part.split("}")[0] for part in russian.split("{")[1:]) == sorted(
            part.split("}")[0] for part in english.split("{")[1:]
        ), name


def test_the_language_of_addresses_without_one_is_the_servers(server: OmnideskServer) -> None:
    assert page(server.page()).get("lang") == "ru"
    server.language = "en"
    assert page(server.page()).get("lang") == "en"
    assert page(server.page(lang="ru")).get("lang") == "ru"
    assert page(server.page(lang="xx")).get("lang") == "en"


def test_the_list_shows_each_case_and_filters(desk: Omnidesk, server: OmnideskServer) -> None:
    waiting = add_case(desk, server, subject="Первая", status="waiting")
    add_case(desk, server, subject=" ", content="x", user_custom_id="18", user_full_name="")
    trashed = add_case(desk, server, subject="Лишняя")
    desk.trash(trashed)

    def rows(status: str) -> list[list[str]]:
        found = page(f"{server.page('cases')}?status={status}")
        return [[text(cell) for cell in row.cssselect("td")] for row in found.cssselect("tbody tr")]

    number = desk.cases[waiting].case_number
    assert rows("waiting") == [[number, "Первая", "Иван", "в ожидании", "15.11.2023 01:14"]]
    assert [row[1:4] for row in rows("all")] == [["(без темы)", "18", "открытое"], ["Первая", "Иван", "в ожидании"]]
    assert [row[3] for row in rows("trash")] == ["открытое в корзине"]
    assert rows("closed") == []
    filters = page(f"{server.page('cases')}?status=open").cssselect(".filters a")
    assert [text(one) for one in filters] == ["Все 2", "Открытые 1", "В ожидании 1", "Закрытые 0", "Корзина и спам 1"]
    assert [one.get("aria-current") for one in filters] == [None, "page", None, None, None]


def test_a_long_list_has_pages(desk: Omnidesk, server: OmnideskServer) -> None:
    for number in range(51):
        desk.client_case("a@example.com", f"Case {number}", "x")
    first = page(server.page("cases", lang="en"))
    assert len(first.cssselect("tbody tr")) == 50
    (older,) = first.cssselect("a[rel=next]")
    second = page(server.url + older.get("href"))
    assert [text(row.cssselect("td")[1]) for row in second.cssselect("tbody tr")] == ["Case 0"]
    assert text(second.cssselect("a[rel=prev]")[0]) == "Newer"


def test_a_case_shows_who_wrote_what_and_marks_notes(desk: Omnidesk, server: OmnideskServer) -> None:
    plan = desk.add_field("Тариф", "select", "case", ["VPS-1", "VPS-2"])
    vip = desk.add_field("VIP", "checkbox", "user")
    case_id = add_case(desk, server, content="один\n<b>два</b>", custom_fields={plan.key: "2"})
    case = desk.cases[case_id]
    desk.users[case.user_id].custom_fields[vip.key] = True
    reply = desk.agent_reply(case_id, 7236, "<p>Да</p><ul><li>раз</li></ul>", status="waiting")
    reply.rating, reply.rating_comment = "high", "Быстро"
    desk.agent_note(case_id, 7236, text="не для клиента")
    desk.system_message(case_id, "запись")
    found = page(server.page(f"cases/record/{case.case_number}", "anna@example.com"))

    client, staff, note, system = found.cssselect("#thread > li")
    assert [one.get("class") for one in (client, staff, note, system)] == [
        "message client",
        "message staff",
        "message note",
        "message system",
    ]
    assert client.cssselect(".text")[0].text_content() == "один\n<b>два</b>"
    assert text(staff.cssselect("strong")[0]) == "Анна Ким"
    assert [text(item) for item in staff.cssselect(".text li")] == ["раз"]
    assert text(staff.cssselect(".rating")[0]) == "Оценка: отлично – Быстро"
    assert "внутренняя заметка" in text(note)
    assert not system.cssselect("a")
    facts = [text(node) for node in found.cssselect("#facts dt, #facts dd")]
    pairs = dict(zip(facts[::2], facts[1::2], strict=True))
    assert pairs["Тариф"] == "VPS-2"
    assert pairs["VIP"] == "да"
    assert pairs["Канал"] == "BILLmanager (cch101)"
    assert pairs["Ответственный"] == "Анна Ким"
    pressed = [button.get("value") for button in found.cssselect("#facts button[aria-pressed=true]")]
    assert pressed == ["waiting"]
    assert found.cssselect("#thread")[0].get("aria-live") == "polite"


def test_the_real_products_address_leads_to_the_first_employees_page(desk: Omnidesk, server: OmnideskServer) -> None:
    number = desk.cases[add_case(desk, server)].case_number
    desk.integration.active = False
    for path in (f"record/{number}", f"chat/{number}"):
        answer = got(f"{server.url}/staff/cases/{path}?lang=en", allow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/staff/7236/cases/record/{number}?lang=en")
    assert got(f"{server.url}/staff").url == server.page("cases", 7236)
    assert got(f"{server.url}/staff/7236/").url == server.page("cases", 7236)
    odd = got(f"{server.url}/staff/cases/%D1%8F%0d%0aX-Evil:%201", allow_redirects=False)
    assert "X-Evil" not in odd.headers


@pytest.mark.parametrize(
    "path",
    [
        "/staff/1/cases",
        "/staff/nobody@example.com/cases",
        "/staff/7235/cases/record/999",
        "/staff/7235/cases/record/123-456789",
        f"/staff/7235/cases/record/{'9' * 5000}",
        "/staff/7235/cases/record/900001/messages/1",
        "/staff/7235/files/0123456789abcdef/345",
        "/staff/7235/settings/channels/999",
        "/staff/7235/settings/nothing",
        "/staff/7235/cases/record/900001/answer",
        "/staff/7235/%3Cscript%3E",
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(desk: Omnidesk, server: OmnideskServer, path: str) -> None:
    add_case(desk, server)
    assert text(page(server.url + path, 404).cssselect("h1")[0]) == "Не получилось"
    assert text(page(f"{server.url}{path}?lang=en", 404).cssselect("h1")[0]) == "That did not work"
    assert got(f"{server.url}{path}?live=1").status_code == 404


def test_who_is_deactivated_has_no_pages(desk: Omnidesk, server: OmnideskServer) -> None:
    desk.staff[7236].active = False
    assert "Сотрудник отключён" in text(page(server.page(staff=7236), 403))


def test_nothing_that_people_write_becomes_active(desk: Omnidesk, server: OmnideskServer) -> None:
    """Names, subjects, texts, titles, file names, addresses: shown as written, HTML of messages without its claws."""
    channel = desk.channels[101]
    channel.title, channel.webhook_url = XSS, f"http://panel.example/{XSS}"
    desk.staff[7236].name = desk.staff[7236].email = XSS
    field = desk.add_field(XSS, "select", "case", [XSS])
    case_id = add_case(desk, server, subject=XSS, content=XSS, user_full_name=XSS, custom_fields={field.key: "1"})
    page_html = f'<p onclick="x()" style="position:fixed">a</p><a href="javascript:alert(1)">l</a><form>f</form>{XSS}'
    reply = desk.agent_reply(case_id, 7236, page_html, attachments=[(XSS, "text/html", b"<script>")])
    reply.rating, reply.rating_comment = "low", XSS
    desk.client_message(case_id, XSS)
    desk.agent_note(case_id, 7236, f'<iframe src="//x"></iframe><svg onload=x>{XSS}')
    for path in (*PATHS, f"cases/record/{case_id}/messages/{reply.message_id}"):
        for address in (server.page(path), live(server, path)):
            answer = got(address)
            assert answer.status_code == 200, path
            if not answer.content:
                continue
            found = lxml.html.fromstring(answer.content)
            assert {node.get("src", "") for node in found.iter("script")} <= {f"{server_script(answer.text)}"}
            assert not list(found.iter("img", "iframe", "svg"))
            names_used = {name for node in found.iter() if isinstance(node.tag, str) for name in node.attrib}
            assert not {name for name in names_used if name.startswith("on") or name in ("style", "srcdoc")}, path
            assert not [link for link in found.iter("a") if link.get("href", "").startswith("javascript")]
    shown = page(server.page(f"cases/record/{case_id}"))
    assert shown.cssselect("h1")[0].text_content() == XSS
    first, _, last, _ = shown.cssselect("#thread > li .text")
    assert (first.text_content(), last.text_content()) == (XSS, XSS)
    assert shown.cssselect("#thread .files a")[0].text_content() == XSS


def server_script(markup: str) -> str:
    found = lxml.html.fromstring(markup).cssselect("head script")
    return found[0].get("src", "") if found else ""


def test_the_browser_is_told_to_run_nothing_else(server: OmnideskServer) -> None:
    policy = got(server.page()).headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    for name in ("pages.css", "pages.js"):
        answer = got(f"{server.url}/static/{name}")
        assert answer.status_code == 200
        again = got(f"{server.url}/static/{name}", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert got(f"{server.url}/static/../pages.py").status_code == 404
    assert got(f"{server.url}/static/..%2fpages.py").status_code == 404


def test_the_live_part_says_only_what_is_new(desk: Omnidesk, server: OmnideskServer) -> None:
    case_id = add_case(desk, server)
    with requests.Session() as browser:
        for path in ("cases", f"cases/record/{case_id}", "settings/channels", "settings/staff", "log"):
            first = browser.get(live(server, path), timeout=60)
            assert first.status_code == 200
            assert "<html" not in first.text
            assert "data-region" in first.text
            again = browser.get(live(server, path), headers={"If-None-Match": first.headers["ETag"]}, timeout=60)
            assert (again.status_code, again.content) == (304, b"")
        tag = browser.get(live(server, f"cases/record/{case_id}"), timeout=60).headers["ETag"]
        desk.client_message(case_id, "ещё")
        fresh = browser.get(live(server, f"cases/record/{case_id}"), headers={"If-None-Match": tag}, timeout=60)
        assert fresh.status_code == 200
        assert fresh.headers["ETag"] != tag
        assert [text(one) for one in lxml.html.fromstring(fresh.text).cssselect("#thread .text")] == ["Т", "ещё"]


def test_the_live_parts_are_those_of_the_page(desk: Omnidesk, server: OmnideskServer) -> None:
    case_id = add_case(desk, server)
    for path in ("cases", f"cases/record/{case_id}", "settings/api", "settings/staff", "log"):
        whole, parts = page(server.page(path)), lxml.html.fragments_fromstring(got(live(server, path)).text)
        wanted = {node.get("id") for node in whole.cssselect("[data-region]")}
        assert wanted
        assert {part.get("id") for part in parts if not isinstance(part, str)} == wanted


def test_looking_is_no_api_call_and_no_fault_hits_it(desk: Omnidesk, server: OmnideskServer) -> None:
    desk.faults.unreachable = True
    desk.faults.drop_before(times=1)
    desk.settings.rate_limit = 1
    for _ in range(3):
        assert got(server.page()).status_code == 200
    assert (desk.calls, desk.faults.fired) == ([], [])


def test_a_file_is_handed_out_to_be_saved(desk: Omnidesk, server: OmnideskServer) -> None:
    case_id = add_case(desk, server)
    desk.settings.files_need_auth = True
    desk.agent_reply(
        case_id,
        html="x",
        attachments=[
            ('отчёт "1".html', "text/html", b"<script>"),
            ("a.png", "image/png\r\nX: y", b"p"),
            ("b", "", b""),
        ],
    )
    found = page(server.page(f"cases/record/{case_id}"))
    first, second, third = (got(server.url + link.get("href")) for link in found.cssselect(".files a"))
    assert first.content == b"<script>"
    assert first.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%D0%BE%D1%82")
    assert (first.headers["X-Content-Type-Options"], "sandbox" in first.headers["Content-Security-Policy"]) == (
        "nosniff",
        True,
    )
    assert second.headers["Content-Type"] == third.headers["Content-Type"] == "application/octet-stream"
    assert "X" not in second.headers


def test_the_log_tells_of_webhooks_and_calls_but_no_secret(desk: Omnidesk, server: OmnideskServer) -> None:
    case_id = add_case(desk, server)
    desk.settings.rate_limit = 20
    reply = desk.agent_reply(case_id, html="x")
    desk.agent_note(case_id, text="y")
    desk.webhook_log[0].outcome, desk.webhook_log[0].attempts = "refused", [0, 403]
    found = page(server.page("log", lang="en"))
    assert "19 of 20" in text(found)
    hooks, calls = found.cssselect("tbody")
    rows = [[text(cell) for cell in row.cssselect("td")] for row in hooks]
    assert rows[1][1:] == [f"message {reply.message_id}", "refused no answer, 403", "http://panel.example/hook?…"]
    assert rows[0][2] == "pending"
    assert [text(cell) for cell in calls[0].cssselect("td")][1:] == [
        "POST /api/cases.json",
        "201",
        desk.integration.email,
    ]
    assert "secret" not in lxml.html.tostring(found, encoding="unicode")


lines = st.text(st.sampled_from("ab <>&\"'\n\t я🙂"), max_size=60)


@given(lines)
def test_typed_text_comes_back_for_editing(typed: str) -> None:
    html = richtext.paragraphs(typed)
    again = richtext.typed(html)
    assert again is not None
    assert richtext.paragraphs(again) == html


@given(lines)
def test_typed_text_is_shown_as_typed(typed: str) -> None:
    shown = richtext.cleaned(richtext.paragraphs(typed))
    words = lxml.html.fromstring(f"<div>{shown}</div>").text_content().split()
    assert words == typed.split()


@pytest.mark.parametrize("html", ["<p>a</p>x", "<b>a</b>", "a", "<p>a <i>b</i></p>", "<p></p>", "<p>a<br>b</p>"])
def test_other_html_is_edited_as_html(html: str) -> None:
    assert richtext.typed(html) is None


def test_paragraphs_and_lines_are_kept() -> None:
    assert richtext.paragraphs("a\r\nb\n\n\n<c>\n") == "<p>a<br />\nb</p>\n<p>&lt;c&gt;</p>"
