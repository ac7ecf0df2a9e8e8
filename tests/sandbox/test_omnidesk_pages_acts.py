"""What an agent and an administrator do on the simulated Omnidesk's pages, by plain forms without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lxml.html
import pytest
import requests

from sandbox.omnidesk import Omnidesk, OmnideskServer

ANNA = 7236


class Browser:
    """Fills in the forms of a page as a browser without scripts does: by the labels that people read."""

    def __init__(self, server: OmnideskServer) -> None:
        self.server = server
        self.session = requests.Session()
        self.page: Any = None
        self.status = 0

    def open(self, path: str, staff: int | str = ANNA) -> Browser:
        self._show(self.session.get(self.server.page(path, staff, "en"), timeout=60))
        return self

    def press(self, button: str, files: Any = (), **typed: str) -> Browser:
        """Press a button by its text, with controls of its form filled in by ``name=value``."""
        found = [one for one in self.page.iter("button") if text(one) == button]
        assert len(found) == 1, [text(one) for one in self.page.iter("button")]
        form = next(one for one in found[0].iterancestors("form"))
        values = {name: value for name, value in form.form_values() if name != "files[]"}
        unknown = set(typed) - {control.get("name") for control in form.cssselect("input, select, textarea")}
        assert not unknown, unknown
        values |= typed
        if found[0].get("name"):
            values[found[0].get("name")] = found[0].get("value")
        address = self.server.url + (found[0].get("formaction") or form.get("action"))
        if form.get("enctype"):
            parts = [("files[]", file) for file in files] or [("files[]", ("", b""))]
            answer = self.session.post(address, data=values, files=parts, timeout=60)
        else:
            answer = self.session.post(address, data=values, timeout=60)
        self._show(answer)
        return self

    def _show(self, answer: requests.Response) -> None:
        self.status, self.address = answer.status_code, answer.url
        self.page = lxml.html.fromstring(answer.content)

    @property
    def said(self) -> str:
        return text(self.page.cssselect("#said")[0])

    @property
    def problem(self) -> str:
        return text(self.page.cssselect("#problem")[0])


def text(node: Any) -> str:
    return " ".join(node.text_content().split())


@pytest.fixture
def desk() -> Omnidesk:
    found = Omnidesk(lambda: 1_700_000_040.0)
    found.add_staff("anna@example.com", "Анна Ким")
    found.add_channel(webhook_url="http://panel.example/hook?secret")
    return found


@pytest.fixture
def server(desk: Omnidesk) -> Iterator[OmnideskServer]:
    with OmnideskServer(desk) as running:
        desk.webhooks.hold()
        yield running


@pytest.fixture
def browser(server: OmnideskServer) -> Browser:
    return Browser(server)


@pytest.fixture
def case_id(desk: Omnidesk, server: OmnideskServer) -> int:
    return add_case(desk, server)


@pytest.fixture
def case(case_id: int, browser: Browser) -> Browser:
    return browser.open(f"cases/record/{case_id}")


def add_case(desk: Omnidesk, server: OmnideskServer) -> int:
    given = {"user_custom_id": "17", "channel": "cch101", "subject": "Subject", "content": "one\ntwo", "status": "open"}
    login = (desk.integration.email, desk.api_key)
    answer = requests.post(f"{server.url}/api/cases.json", json={"case": given}, auth=login, timeout=60)
    found: int = answer.json()["case"]["case_id"]
    return found


def test_an_answer_goes_to_the_client_with_files_and_status(desk: Omnidesk, case: Browser, case_id: int) -> None:
    files = [("снимок.png", b"png", "image/png"), ("a.log", b"", "text/plain")]
    case.press("Send answer", files, answer="Hello,\r\n\r\n<b>all</b>\r\nis well", status="waiting")
    reply = desk.messages(case_id)[-1]
    assert reply.content_html == "<p>Hello,</p>\n<p>&lt;b&gt;all&lt;/b&gt;<br />\nis well</p>"
    assert (reply.staff_id, reply.note, reply.via_api) == (ANNA, False, False)
    assert [(file.name, file.mime_type, file.data) for file in reply.files] == [
        (name, kind, data) for name, data, kind in files
    ]
    assert (desk.cases[case_id].status, desk.cases[case_id].staff_id) == ("waiting", ANNA)
    (hook,) = desk.webhook_log
    assert (hook.message_id, hook.note) == (reply.message_id, False)
    assert (case.said, case.status) == ("Answer sent.", 200)
    assert case.address.endswith(f"/record/{desk.cases[case_id].case_number}?done=answer&lang=en")


def test_an_answer_may_be_html_and_leave_the_status(desk: Omnidesk, case: Browser, case_id: int) -> None:
    html = "<ul><li>a</li></ul><script>x</script>"
    case.press("Send answer", answer=html, html="on")
    assert desk.messages(case_id)[-1].content_html == html
    assert desk.cases[case_id].status == "open"
    desk.settings.agent_writes = "plain"
    case.press("Send answer", answer="a\n\nb")
    assert (desk.messages(case_id)[-1].content, desk.messages(case_id)[-1].content_html) == ("a\n\nb", "")


def test_files_alone_are_an_answer_and_nothing_is_none(desk: Omnidesk, case: Browser, case_id: int) -> None:
    case.press("Send answer", [("a.txt", b"a", "text/plain")])
    assert [file.name for file in desk.messages(case_id)[-1].files] == ["a.txt"]
    case.press("Send answer", answer=" \n ", status="closed")
    assert (case.status, case.problem) == (400, "Write a text or add a file.")
    assert (len(desk.messages(case_id)), desk.cases[case_id].status) == (2, "open")
    assert [one.get("value") for one in case.page.cssselect("#answer-status option[selected]")] == ["closed"]
    case.press("Add note")
    assert case.problem == "Write a text or add a file."


def test_what_is_refused_stays_typed(desk: Omnidesk, case: Browser, case_id: int) -> None:
    desk.settings.max_file = 3
    case.press("Send answer", [("a.txt", b"abcd", "text/plain")], answer="long\n<text>")
    assert (case.status, case.problem) == (400, "The files are too big: up to 25 MB each and 50 MB together.")
    assert case.page.cssselect("#answer")[0].value.strip() == "long\n<text>"
    assert len(desk.messages(case_id)) == 1
    links = case.page.cssselect(".languages a")
    number = desk.cases[case_id].case_number
    assert links[0].get("href") == f"/staff/{ANNA}/cases/record/{number}?lang=ru"


def test_a_note_is_internal(desk: Omnidesk, case: Browser, case_id: int) -> None:
    case.press("Add note", [("a.txt", b"a", "text/plain")], note="for us")
    found = desk.thread(case_id)[-1]
    assert (found.kind, found.author_id, found.text, found.files) == ("note", ANNA, "for us", ("a.txt",))
    assert (case.said, desk.webhook_log[-1].note) == ("Note added.", True)


def test_status_and_assignment(desk: Omnidesk, case: Browser, case_id: int) -> None:
    case.press("closed")
    assert (desk.cases[case_id].status, case.said) == ("closed", "Status changed.")
    assert desk.cases[case_id].changelog[-1].done_by == f"staff_{ANNA}"
    case.press("Assign", staff="7235")
    assert desk.cases[case_id].staff_id == 7235
    case.press("Assign", staff="0")
    assert desk.cases[case_id].staff_id == 0
    other = desk.add_group("Billing")
    case.open(f"cases/record/{case_id}")
    case.press("Move", group=str(other))
    assert (desk.cases[case_id].group_id, case.said) == (other, "Moved to another group.")


def test_custom_fields_of_case_and_client_are_filled_in(desk: Omnidesk, case: Browser, case_id: int) -> None:
    plan = desk.add_field("Plan", "select", "case", ["VPS-1", "VPS-2"])
    date, note = desk.add_field("Paid till", "date", "case"), desk.add_field("Note", "textarea", "case")
    vip, name = desk.add_field("VIP", "checkbox", "user"), desk.add_field("Name", "text", "user")
    off = desk.add_field("Off", "text", "case", active=False)
    found = desk.cases[case_id]
    found.custom_fields[off.key] = "kept"
    where = f"cases/record/{case_id}/fields"
    case.open(where).press("Save", **{plan.key: "2", date.key: "2026-02-30", vip.key: "on", note.key: "a\n<b>"})
    assert (case.status, case.problem) == (400, "A field has a value that is not allowed.")
    assert case.page.cssselect(f"#{vip.key}")[0].get("checked") is not None
    case.press("Save", **{date.key: "2026-02-28", name.key: "Ivan"})
    assert case.said == "Saved."
    assert found.custom_fields == {plan.key: "2", date.key: "2026-02-28", note.key: "a\n<b>", off.key: "kept"}
    assert desk.users[found.user_id].custom_fields == {vip.key: True, name.key: "Ivan"}
    assert (found.changelog[-1].event, found.changelog[-1].done_by) == ("custom_fields", f"staff_{ANNA}")
    assert {"VPS-2", "yes", "Ivan"} <= {text(one) for one in case.page.cssselect("#facts dd")}
    case.open(where).press("Save", **{plan.key: "", name.key: ""})
    assert found.custom_fields[plan.key] == ""
    assert desk.users[found.user_id].custom_fields == {vip.key: True, name.key: ""}


def test_trash_spam_restore_and_delete(desk: Omnidesk, case: Browser, case_id: int) -> None:
    found = desk.cases[case_id]
    case.press("Move to trash")
    assert (found.deleted, found.spam, case.said) == (True, False, "Moved to the trash.")
    case.press("Restore").press("Mark as spam")
    assert (found.deleted, found.spam) == (False, True)
    case.press("Restore")
    assert (found.deleted, found.spam) == (False, False)
    case.press("Move to trash").press("Delete for good")
    assert (case.said, case_id in desk.cases) == ("Case deleted.", False)
    assert case.open(f"cases/record/{case_id}").status == 404


def test_a_case_is_merged_into_another(desk: Omnidesk, server: OmnideskServer, case: Browser, case_id: int) -> None:
    other = desk.cases[add_case(desk, server)]
    case.open(f"cases/record/{case_id}").press("Merge", into=desk.cases[case_id].case_number)
    assert case.problem == "A case cannot be merged with itself."
    for wrong in ("1", "nonsense", "9" * 5000, "١٢٣"):
        assert case.press("Merge", into=wrong).problem == "This case cannot be merged into."
    case.press("Merge", into=f"№ {other.case_number}")
    assert (case.said, other.case_number in case.address) == ("Cases merged.", True)
    assert (desk.cases[case_id].parent_case_id, desk.cases[case_id].status) == (other.case_id, "closed")
    head = case.open(f"cases/record/{case_id}").page.cssselect("#head .notice")[0]
    assert text(head) == f"This case was merged into {other.case_number}."
    case.open(f"cases/record/{other.case_id}").press("Merge", into=str(case_id))
    assert case.problem == "This case cannot be merged into."


def test_the_client_may_write_by_another_way(desk: Omnidesk, case: Browser, case_id: int) -> None:
    desk.set_status(case_id, "closed")
    case.press("Send as the client", client="by mail")
    assert [(one.kind, one.text) for one in desk.thread(case_id)][-1] == ("client", "by mail")
    assert (desk.cases[case_id].status, desk.webhook_log) == ("open", [])


def test_a_message_is_changed_and_deleted(desk: Omnidesk, case: Browser, case_id: int) -> None:
    case.press("Send answer", answer="a\n\nb & c")
    typed = desk.messages(case_id)[-1]
    ready = desk.agent_note(case_id, ANNA, "<ul><li>x</li></ul>")
    client = desk.messages(case_id)[0]

    def edit(message_id: int) -> Browser:
        (link,) = case.open(f"cases/record/{case_id}").page.cssselect(f"#message-{message_id} a.edit")
        return case.open(link.get("href").split("/", 3)[3].partition("?")[0])

    assert edit(typed.message_id).page.cssselect("#text")[0].value.strip() == "a\n\nb & c"
    assert case.press("Save", text="new <text>").said == "Message changed."
    assert typed.content_html == "<p>new &lt;text&gt;</p>"
    assert edit(ready.message_id).page.cssselect("#text")[0].value.strip() == "<ul><li>x</li></ul>"
    case.press("Save", text="<b>y</b>")
    assert ready.content_html == "<b>y</b>"
    assert edit(client.message_id).page.cssselect("#text")[0].value.strip() == "one\ntwo"
    assert case.press("Save", text="  ").problem == "Write a text or add a file."
    assert edit(typed.message_id).press("Delete message").said == "Message deleted."
    assert [one.message_id for one in desk.messages(case_id)] == [client.message_id, ready.message_id]


def test_the_systems_records_are_nobodys_to_change(desk: Omnidesk, server: OmnideskServer, case_id: int) -> None:
    record = desk.system_message(case_id, "x")
    address = server.page(f"cases/record/{case_id}/messages/{record.message_id}")
    assert requests.get(address, timeout=60).status_code == 404
    assert requests.post(f"{address}/delete", timeout=60).status_code == 404
    assert len(desk.messages(case_id)) == 2


def test_a_new_key_replaces_the_old_one(desk: Omnidesk, browser: Browser) -> None:
    old = desk.api_key
    browser.open("settings/api")
    assert text(browser.page.cssselect("#api-key")[0]) == old
    browser.press("Create a new key")
    assert desk.api_key != old
    assert (text(browser.page.cssselect("#api-key")[0]), browser.said) == (desk.api_key, "A new key was created.")
    for key, status in ((old, 401), (desk.api_key, 200)):
        login = (desk.integration.email, key)
        assert requests.get(f"{desk.base_url}/api/staff.json", auth=login, timeout=60).status_code == status


def test_channels_are_added_changed_and_tried(desk: Omnidesk, browser: Browser) -> None:
    browser.open("settings/channels")
    assert browser.press("Add channel", title=" ").problem == "Give a title."
    assert browser.press("Add channel", title="A", webhook_url="ftp://x").status == 400
    assert browser.page.cssselect("[name=title]")[0].get("value") == "A"
    browser.press("Add channel", title="Billing", webhook_url="https://p.example/mancgi/omnidesk_webhook?s")
    made = desk.channels[102]
    assert (made.title, made.type, made.active, browser.said) == ("Billing", "async", True, "Channel added.")
    browser.open("settings/channels/102").press("Save", title="New", webhook_url="")
    assert (made.title, made.webhook_url, made.active) == ("New", "", True)
    assert browser.open("settings/channels/102").press("Send a test call").problem == "The channel has no webhook URL."
    browser.open("settings/channels/102").press("Save", active="")
    assert not made.active
    browser.open("settings/channels/101").press("Send a test call")
    assert (browser.said, desk.webhook_log[-1].body) == ("The test call is on its way.", b"type=test")


def test_staff_are_added_and_switched(desk: Omnidesk, browser: Browser) -> None:
    browser.open("settings/staff")
    browser.press("Add staff member", name="Билл", email="bill@example.com")
    made = desk.staff_by_email("bill@example.com")
    assert made is not None
    assert (made.name, made.active, made.access, browser.said) == ("Билл", True, True, "Staff member added.")
    assert browser.press("Add staff member", email="BILL@example.com").status == 400
    assert browser.press("Add staff member", email="bill").problem == "Give a valid e-mail address."
    browser.press("Add staff member", email="carl@example.com", access="")
    assert [one.access for one in desk.staff.values()][-1] is False
    browser.press("Deactivate Билл")
    assert not made.active
    assert browser.open("cases", made.staff_id).status == 403
    browser.open("settings/staff").press("Activate Билл")
    assert made.active


def test_nobody_deactivates_himself(desk: Omnidesk, server: OmnideskServer, browser: Browser) -> None:
    assert not [one for one in browser.open("settings/staff").page.iter("button") if "Анна" in text(one)]
    answer = requests.post(server.page(f"settings/staff/{ANNA}", ANNA, "en"), {"active": "off"}, timeout=60)
    assert (answer.status_code, "You cannot deactivate yourself." in answer.text) == (400, True)
    assert f'href="/staff/{ANNA}/settings/staff?lang=ru"' in answer.text
    assert desk.staff[ANNA].active


def test_data_fields_are_added_and_switched(desk: Omnidesk, browser: Browser) -> None:
    browser.open("settings/fields")
    browser.press("Add field", title="Plan", level="case", type="select", options="VPS-1\r\n\r\n VPS-2 ")
    browser.press("Add field", title="Client", level="user", type="text", options="ignored")
    assert [(one.key, one.title, one.level, one.type, one.options) for one in desk.fields.values()] == [
        ("cf_25", "Plan", "case", "select", {"1": "VPS-1", "2": "VPS-2"}),
        ("cf_26", "Client", "user", "text", {}),
    ]
    assert browser.press("Add field", title="x", type="select").problem == "Give at least one option of the list."
    assert browser.press("Add field", title=" ").problem == "Give a title."
    browser.open("settings/fields").press("Deactivate Plan")
    assert not desk.fields[25].active
    browser.press("Activate Plan")
    assert desk.fields[25].active


def test_an_outage_by_a_button(desk: Omnidesk, browser: Browser) -> None:
    def call() -> int:
        return requests.get(
            f"{desk.base_url}/api/staff.json", auth=(desk.integration.email, desk.api_key), timeout=60
        ).status_code

    browser.open("log").press("Stop answering API calls")
    with pytest.raises(requests.ConnectionError):
        call()
    browser.open("log").press("Answer API calls again")
    assert call() == 200
    assert "no answer (unreachable)" in text(browser.open("log").page)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("status", {"status": "deleted"}),
        ("status", {}),
        ("answer", {"answer": "x", "status": "gone"}),
        ("assign", {"staff": "1"}),
        ("group", {"group": "1"}),
        ("assign", {}),
        ("client", {"client": " "}),
        ("merge", {}),
    ],
)
def test_forms_nobody_was_shown_change_nothing(
    desk: Omnidesk, server: OmnideskServer, case_id: int, path: str, form: dict[str, str]
) -> None:
    address = server.page(f"cases/record/{case_id}/{path}")
    assert requests.post(address, form, timeout=60).status_code == 400
    assert (desk.cases[case_id].status, len(desk.messages(case_id)), desk.cases[case_id].staff_id) == ("open", 1, 0)


def test_forms_of_other_sites_are_refused(desk: Omnidesk, server: OmnideskServer, case_id: int) -> None:
    address = server.page(f"cases/record/{case_id}/answer")
    for origin, status in (("http://evil.example", 403), ("null", 403), (server.url, 200)):
        answer = requests.post(address, {"answer": "x"}, headers={"Origin": origin}, timeout=60)
        assert answer.status_code == status, origin
    assert len(desk.messages(case_id)) == 2


def test_a_form_that_cannot_be_read_is_refused(desk: Omnidesk, server: OmnideskServer, case_id: int) -> None:
    address = server.page(f"cases/record/{case_id}/answer")
    multipart = "multipart/form-data"
    for kind, body in ((multipart, b"x"), ("application/json", b"{"), (f"{multipart}; boundary=b", b"-")):
        answer = requests.post(address, body, headers={"Content-Type": kind}, timeout=60)
        assert answer.status_code == 400, kind
    assert requests.post(f"{server.url}/", timeout=60).status_code == 404
    assert requests.put(address, timeout=60).status_code == 404
    assert len(desk.messages(case_id)) == 1
