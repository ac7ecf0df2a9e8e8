"""Tickets in a browser: the client area, the staff area, and what passes between them."""

from __future__ import annotations

import pytest
from lxml import html

from sandbox.billmanager.server import PanelServer
from tests.sandbox import parrot
from tests.sandbox.browser import Browser, words

EVIL = "<script>alert(1)</script>"


class Desk:
    """A panel with a client, two employees and a window for each."""

    def __init__(self, server: PanelServer) -> None:
        self.server, self.panel = server, server.panel
        self.panel.add_department("support", "Support")
        self.anna = self.panel.add_employee("anna", realname="Anna Kim")
        self.panel.add_employee("boris", realname="Boris Lunin")
        self.ivan = self.panel.add_client("Ivan Petrov", "ivan@example.com")
        self.item = self.panel.add_item(self.ivan.account, "vps-1")
        self.petra = self.panel.add_client("Petra Maier", "petra@example.com")
        self.client, self.staff = Browser(server), Browser(server)

    def ticket(self, text: str = "My site is down", subject: str = "Help") -> int:
        return self.panel.client_creates_ticket(self.ivan.user, subject, text)


@pytest.fixture
def desk(served: PanelServer) -> Desk:
    return Desk(served)


def entries(browser: Browser) -> list[tuple[str, str]]:
    """(kind, text) of the conversation."""
    return [
        (one.get("class").split()[1], words(one.xpath(".//*[@class='text']")[0]))
        for one in browser.page.xpath("//article[contains(@class, 'entry')]")
    ]


def test_a_client_writes_a_ticket_with_files_and_sees_it(desk: Desk) -> None:
    """From the list, by its button; the new ticket is open afterwards."""
    desk.client.open("ivan@example.com").follow("New ticket")
    assert desk.client.heading == "New ticket"
    assert desk.client.page.xpath("//select[@id='field-item']/option/text()") == ["—", "vps-1"]
    files = [("отчёт 1.txt", b"one"), ('a"b.bin', bytes(range(256)))]
    desk.client.press("Send", files, subject="Help", message="line\nline", item=str(desk.item))
    assert desk.client.heading == "Ticket 1: Help"
    assert entries(desk.client) == [("client", "line line")]
    message = desk.panel.messages(1)[0]
    assert [(file.name, file.content) for file in message.files] == files
    assert message.text == "line\nline"
    found = desk.client.http.get(desk.client.link("отчёт 1.txt"), timeout=60)
    assert found.content == b"one"
    assert found.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%D0%BE")
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert desk.panel.query("SELECT item FROM ticket")[0]["item"] == desk.item
    desk.client.open("ivan@example.com")
    assert (desk.client.column("name"), desk.client.column("tstate")) == (["Help"], ["In progress"])


def test_an_empty_ticket_is_refused_at_its_fields(desk: Desk) -> None:
    """And what was typed stays."""
    desk.client.open("ivan@example.com", "clientticket.edit").press("Send", subject="Only a subject")
    assert desk.client.alerts() == ['Error Fill in the field "Message"']
    assert desk.client.values()["subject"] == "Only a subject"
    assert desk.panel.tickets() == []


def test_staff_take_answer_note_and_close(desk: Desk) -> None:
    """From all tickets to the queue; the client sees the answers and not the note."""
    ticket = desk.ticket()
    desk.staff.open("anna", "ticket_all").follow("Help").press("Assign to me")
    assert desk.staff.heading == f"Ticket {ticket}: Help"
    assert desk.panel.ticket_state(ticket).assignees == (desk.anna,)
    desk.staff.press("Answer", [("log.txt", b"log")], message="Looking **now**")
    assert "ticket.edit" in desk.staff.url
    desk.staff.page.get_element_by_id("field-show_optional").set("checked", "checked")
    desk.staff.press("Answer", note_message="It is the disk")
    assert entries(desk.staff) == [("client", "My site is down"), ("staff", "Looking now"), ("note", "It is the disk")]
    assert "Internal note" in desk.staff.page.xpath("//article[contains(@class, 'note')]/@aria-label")[0]
    desk.client.open("ivan@example.com")
    assert desk.client.column("tstate") == ["New answer"]
    desk.client.follow("Help")
    assert entries(desk.client) == [("client", "My site is down"), ("staff", "Looking now")]
    assert "disk" not in desk.client.answer.text
    desk.staff.press("Answer and close", message="Mended")
    assert (desk.staff.heading, desk.panel.ticket_state(ticket).state) == ("All tickets", "waiting")
    assert desk.staff.column("tstate") == ["Awaiting the client"]


def test_an_assignment_ends_without_a_word(desk: Desk) -> None:
    """Answer and close with nothing typed just closes; Answer with nothing says what is missing."""
    ticket = desk.ticket()
    desk.staff.open("anna", "ticket").follow("Help").press("Answer")
    assert desk.staff.alerts() == ['Error Fill in the field "Answer to the client"']
    desk.staff.press("Answer and close")
    assert desk.panel.ticket_state(ticket).state == "waiting"
    assert len(desk.panel.messages(ticket)) == 1


def test_what_was_not_read_is_marked_in_the_queue(desk: Desk) -> None:
    """Until the employee opens the ticket; looking again at the list does not."""
    desk.ticket()
    desk.staff.open("anna", "ticket")
    assert desk.staff.column("unread") == ["New"]
    desk.staff.follow("Help")
    assert desk.staff.open("anna", "ticket").column("unread") == ["—"]


def test_a_client_rates_an_answer_and_archives_the_ticket(desk: Desk) -> None:
    """By the same act as everywhere; only answers can be rated, only what is answered archived."""
    ticket = desk.ticket()
    desk.client.open("ivan@example.com", "clientticket.edit", elid=ticket)
    assert desk.client.page.xpath("//form[@class='archive']") == []
    answer = desk.panel.employee_replies(desk.anna, ticket, "Done")
    desk.client.open("ivan@example.com", "clientticket.edit", elid=ticket)
    rating = desk.client.page.xpath("//form[@class='rating']")
    assert len(rating) == 1
    assert words(rating[0].xpath(".//legend")[0]) == "Rating of the answer"
    assert [words(one) for one in rating[0].xpath(".//button")] == ["Good", "Bad"]
    desk.client.press("Bad", form="class='rating'")
    assert "Rating: Bad" in desk.client.text
    assert desk.client.page.xpath("//form[@class='rating']") == [], "it is rated once"
    assert [message.rating for message in desk.panel.messages(ticket)] == ["", "bad"]
    assert desk.panel.messages(ticket)[1].id == answer
    desk.client.press("Archive", form="class='archive'")
    assert desk.panel.ticket_state(ticket).state == "closed"
    assert desk.client.column("tstate") == ["Archived"]
    desk.client.follow("Help").press("Send", message="Again")
    assert desk.panel.ticket_state(ticket).state == "open"


@pytest.mark.parametrize("rating", ["0", "5", "", "middle"])
def test_nothing_but_good_and_bad(desk: Desk, rating: str) -> None:
    ticket = desk.ticket()
    answer = desk.panel.employee_replies(desk.anna, ticket, "Done")
    url = f"{desk.server.base}/panel/ivan@example.com/rate/{ticket}/{answer}?lang=en"
    desk.client.http.post(url, data={"rating": rating}, timeout=60)
    assert desk.panel.messages(ticket)[1].rating == ""


def test_nobody_sees_or_rates_or_archives_another_clients_ticket(desk: Desk) -> None:
    """Neither its page, nor its files, nor what the script looks at."""
    ticket = desk.panel.client_creates_ticket(desk.ivan.user, "Secret", "secret", [("secret.txt", b"s")])
    answer = desk.panel.employee_replies(desk.anna, ticket, "secret")
    petra = Browser(desk.server)
    assert petra.open("petra@example.com", "clientticket.edit", elid=ticket).status == 403
    base = f"{desk.server.base}/panel/petra@example.com"
    assert petra.http.get(f"{base}/part/clientticket.edit?elid={ticket}", timeout=60).status_code == 404
    assert petra.http.get(f"{base}/file/1/secret.txt", timeout=60).status_code == 403
    assert petra.http.post(f"{base}/rate/{ticket}/{answer}", data={"rating": "bad"}, timeout=60).status_code == 403
    assert petra.http.post(f"{base}/archive/{ticket}", timeout=60).status_code == 403
    assert petra.open("petra@example.com", "ticket.edit", elid=1).status == 403
    assert petra.open("petra@example.com", "ticket_all").status == 403
    state = desk.panel.ticket_state(ticket)
    assert (state.state, desk.panel.messages(ticket)[1].rating) == ("waiting", "")


def test_what_clients_write_is_text_everywhere(desk: Desk) -> None:
    """In the subject, the message, a file's name, an author's name; on every page that shows it."""
    desk.panel.execute("UPDATE user SET realname=%s WHERE id=%s", EVIL, desk.ivan.user)
    desk.panel.execute("UPDATE account SET name=%s", EVIL)
    text = f"{EVIL} <img src=x onerror=alert(1)>\n[a](javascript:alert(1)) ![b](https://evil.example.com/p.png)\n```\n{EVIL}\n```"
    ticket = desk.panel.client_creates_ticket(desk.ivan.user, EVIL, text, [(f'"{EVIL}.txt', b"x")])
    desk.panel.employee_notes(desk.anna, ticket, text)
    row = desk.panel.query("SELECT id FROM ticket2user")[0]["id"]
    pages = [
        desk.client.open("ivan@example.com").answer.text,
        desk.client.open("ivan@example.com", "clientticket.edit", elid=ticket).answer.text,
        desk.staff.open("anna", "ticket").answer.text,
        desk.staff.open("anna", "ticket.edit", elid=row).answer.text,
        desk.staff.open("anna", "ticket_all.edit", elid=ticket).answer.text,
        desk.client.go("/").answer.text,
    ]
    for text in pages:
        page = html.fromstring(text)
        assert [one.get("src", "").partition("?")[0] for one in page.xpath("//script")] == ["/panel/static/panel.js"]
        assert page.xpath("//main//img") == []
        assert [one for one in page.xpath("//@href") if str(one).lower().startswith("javascript:")] == []
        assert page.xpath("//@onerror") == []
        assert "alert(1)" in words(page.xpath("//main")[0])
    policy = desk.client.answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'")


def test_markdown_is_shown_as_the_panel_shows_it(desk: Desk) -> None:
    """Emphasis, lists, code, links that tell nobody where they come from; line ends stay."""
    lines = ["**bold** `code`", "second", "", "- one", "- two", "", "[site](https://example.com)", ""]
    ticket = desk.ticket("\n".join([*lines, "| a | b |", "|---|---|", "| 1 | 2 |"]))
    desk.client.open("ivan@example.com", "clientticket.edit", elid=ticket)
    text = desk.client.page.xpath("//article//div[@class='text']")[0]
    assert [one.tag for one in text.iter()][:5] == ["div", "p", "strong", "code", "br"]
    assert [words(one) for one in text.xpath(".//li")] == ["one", "two"]
    assert text.xpath(".//a/@rel") == ["noopener noreferrer nofollow"]
    assert text.xpath(".//td/text()") == ["1", "2"]


def test_the_conversation_can_be_looked_at_again_without_a_call(desk: Desk) -> None:
    """Only the part that changed is new; no event is sent, and nothing is on record."""
    ticket = desk.ticket()
    desk.client.open("ivan@example.com", "clientticket.edit", elid=ticket)
    part = desk.server.base + desk.client.page.xpath("//*[@data-kind='talk']/@data-poll")[0]
    before = len(desk.panel.requests)
    events: list[str] = []
    desk.panel.on_event(lambda event: events.append(event.func))
    first = desk.client.http.get(part, timeout=60)
    again = desk.client.http.get(part, headers={"If-None-Match": first.headers["ETag"]}, timeout=60)
    assert (first.status_code, again.status_code) == (200, 304)
    assert (len(desk.panel.requests), events) == (before, [])
    desk.panel.employee_replies(desk.anna, ticket, "Here I am")
    changed = html.fromstring(desk.client.http.get(part, timeout=60).text)
    assert changed.xpath("//@data-key") == ["message-1", "message-2", "archive"]
    marks = html.fromstring(first.text).xpath("//@data-mark")
    assert changed.xpath("//@data-mark")[0] == marks[0]


def test_a_plugin_adds_to_the_cores_own_form_and_list(desk: Desk) -> None:
    """A link on the ticket's page, filled by the handler of an event, and a button in the list's toolbar."""
    parrot.install(desk.panel)
    ticket = desk.ticket()
    desk.staff.open("anna", "ticket").follow("Help")
    links = desk.staff.page.xpath("//a[@id='field-ask']")
    row = desk.panel.query("SELECT id FROM ticket2user")[0]["id"]
    assert links[0].get("href") == f"https://parrot.example.com/?q={row}"
    assert words(links[0]) == "Ask the parrot"
    assert links[0].get("target") == "_blank"
    desk.staff.press("Answer", message="With a plugin")
    assert desk.panel.messages(ticket)[-1].text == "With a plugin"
    desk.staff.open("anna", "ticket_all")
    assert desk.staff.page.xpath("//button[@data-button='ask']/text()") == ["Ask"]
    client = desk.client.open("ivan@example.com", "clientticket.edit", elid=ticket)
    assert "parrot" not in client.answer.text


def test_tickets_are_deleted_after_a_question(desk: Desk) -> None:
    for number in range(3):
        desk.ticket(subject=f"No. {number}")
    desk.staff.open("anna", "ticket_all").select("1", "3").press("Delete", form="role='toolbar'")
    desk.staff.press("Confirm", form="method='post'")
    assert desk.panel.tickets() == [2]


def test_the_panel_refuses_and_the_page_says_so(desk: Desk) -> None:
    """In the language of the page; no answer at all is told as well."""
    desk.panel.faults.refuse("clientticket.edit", times=1)
    desk.client.open("ivan@example.com", "clientticket.edit", "ru")
    assert desk.client.alerts() == ["Панель недоступна: open billmgr"]
    desk.panel.faults.lose_request("clientticket.edit")
    desk.client.open("ivan@example.com", "clientticket.edit")
    assert (desk.client.status, desk.client.alerts()) == (502, ["The panel gave no answer"])
