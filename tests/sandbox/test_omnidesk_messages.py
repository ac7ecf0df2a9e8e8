"""Messages, notes, files, ratings and users of the simulated Omnidesk."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.omnidesk import Omnidesk, Upload
from sandbox.omnidesk.adapter import AccountSession, session


class Clock:
    """A clock that moves when told."""

    seconds = 1_700_000_040.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(clock: Clock) -> Omnidesk:
    found = Omnidesk(clock)
    found.add_channel(webhook_url="http://panel.example/hook?secret")
    return found


@pytest.fixture
def api(desk: Omnidesk) -> AccountSession:
    return session(desk)


@pytest.fixture
def case(api: AccountSession) -> dict[str, Any]:
    given = {"user_custom_id": "17", "channel": "cch101", "subject": "Subject", "content": "Text"}
    found: dict[str, Any] = api.post("/api/cases.json", json={"case": given}).json()["case"]
    return found


@pytest.fixture
def path(case: dict[str, Any]) -> str:
    return f"/api/cases/{case['case_id']}/messages.json"


def post(api: AccountSession, path: str, **given: Any) -> dict[str, Any]:
    answer = api.post(path, json={"message": given})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["message"]
    return found


def refused(api: AccountSession, method: str, path: str, **more: Any) -> tuple[int, str]:
    answer = api.request(method, path, **more)
    return answer.status_code, answer.json()["error"]


def ids(api: AccountSession, path: str) -> list[int]:
    return [row["message"]["message_id"] for key, row in api.get(path).json().items() if key != "total_count"]


def test_the_author_is_client_employee_or_caller(
    desk: Omnidesk, api: AccountSession, case: dict[str, Any], path: str
) -> None:
    other = desk.add_staff("anna@example.com")
    client = post(api, path, user_id=case["user_id"], content="a")
    anna = post(api, path, staff_id=str(other.staff_id), content_html="<p>b</p>")
    caller = post(api, path, content="c")
    assert (client["user_id"], client["staff_id"]) == (case["user_id"], 0)
    assert (anna["user_id"], anna["staff_id"]) == (0, other.staff_id)
    assert caller["staff_id"] == desk.integration.staff_id
    assert (anna["content"], anna["content_html"]) == ("", "<p>b</p>")
    assert [(entry.kind, entry.text) for entry in desk.thread(case["case_id"])] == [
        ("client", "Text"),
        ("client", "a"),
        ("staff", "b"),
        ("staff", "c"),
    ]


def test_wrong_authors_and_empty_texts_are_refused(
    desk: Omnidesk, api: AccountSession, case: dict[str, Any], path: str
) -> None:
    away = desk.add_staff("away@example.com", active=False).staff_id
    for given, wanted in (
        ({"user_id": 5, "content": "x"}, (400, "wrong_user_id")),
        ({"staff_id": 5, "content": "x"}, (400, "wrong_staff_id")),
        ({"user_id": case["user_id"], "staff_id": 7235, "content": "x"}, (400, "wrong_author")),
        ({"staff_id": away, "content": "x"}, (403, "staff_not_active")),
        ({"content": "  "}, (400, "content_required")),
    ):
        assert refused(api, "POST", path, json={"message": given}) == wanted
    assert len(desk.messages(case["case_id"])) == 1


def test_a_file_alone_is_no_message_unless_the_account_takes_it(desk: Omnidesk, api: AccountSession, path: str) -> None:
    files = {"message[attachments][1]": ("a.txt", b"data", "text/plain")}
    assert refused(api, "POST", path, files=files) == (400, "content_required")
    desk.settings.file_only_allowed = True
    assert api.post(path, files=files).json()["message"]["attachments"][0]["file_name"] == "a.txt"


def test_files_survive_byte_by_byte_and_lie_under_the_accounts_host(
    desk: Omnidesk, api: AccountSession, path: str
) -> None:
    data = bytes(range(256)) + b"\r\n--boundary\r\n\r\n"
    answer = api.post(
        path,
        data={"message[content]": "see"},
        files=[
            ("message[attachments][0]", ("Отчёт «1».bin", data, "application/octet-stream")),
            ("message[attachments][1]", ("empty.txt", b"", "text/plain")),
        ],
    )
    first, second = answer.json()["message"]["attachments"]
    assert (first["file_name"], first["file_size"], second["file_size"]) == ("Отчёт «1».bin", len(data), 0)
    assert first["url"].startswith(desk.base_url)
    assert api.get(first["url"]).content == data
    desk.settings.files_need_auth = True
    assert session(desk, key="wrong").get(first["url"]).status_code == 401
    assert api.get(first["url"][:-1] + "0").status_code == 404


def test_a_file_named_only_by_rfc_2231_is_no_file_to_php(api: AccountSession, path: str) -> None:
    body = (
        '--x\r\nContent-Disposition: form-data; name="message[content]"\r\n\r\ntext\r\n'
        "--x\r\nContent-Disposition: form-data; name=\"message[attachments][0]\"; filename*=utf-8''a.txt\r\n\r\nd\r\n"
        "--x--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert refused(api, "POST", path, data=body.encode(), headers=headers) == (400, "wrong_attachments")
    assert refused(api, "POST", path, data=body[:-8].encode(), headers=headers) == (400, "wrong_multipart")


def test_sizes_are_limited(desk: Omnidesk, api: AccountSession, path: str) -> None:
    desk.settings.max_file, desk.settings.max_request = 10, 15
    parts = {"message[content]": "x"}
    big = {"message[attachments][0]": ("a", b"x" * 11)}
    two = {f"message[attachments][{at}]": ("a", b"x" * 8) for at in range(2)}
    assert refused(api, "POST", path, data=parts, files=big) == (400, "attachment_too_big")
    assert refused(api, "POST", path, data=parts, files=two) == (400, "attachment_too_big")


def test_without_page_and_limit_the_last_hundred_come_oldest_first(api: AccountSession, path: str) -> None:
    first = ids(api, path)[0]
    written = [post(api, path, content=str(at))["message_id"] for at in range(100)]
    assert ids(api, path) == written
    assert api.get(path).json()["total_count"] == 101
    assert ids(api, f"{path}?limit=2") == [first, written[0]]
    assert ids(api, f"{path}?limit=2&order=desc") == [written[-1], written[-2]]
    assert ids(api, f"{path}?page=2&limit=100") == [written[-1]]


def test_a_message_may_be_dated_back_and_takes_its_place(
    desk: Omnidesk, api: AccountSession, case: dict[str, Any], path: str
) -> None:
    old = post(api, path, user_id=case["user_id"], content="old", created_at="2020-01-02 03:04:05")
    assert old["created_at"] == "Thu, 02 Jan 2020 03:04:05 +0300"
    assert ids(api, path)[0] == old["message_id"]
    desk.settings.order_messages_by = "message_id"
    assert ids(api, path)[-1] == old["message_id"]


def test_a_clients_message_reopens_and_a_staff_reply_waits_by_switch(
    desk: Omnidesk, api: AccountSession, case: dict[str, Any], path: str
) -> None:
    record = desk.cases[case["case_id"]]
    desk.set_status(case["case_id"], "closed")
    post(api, path, user_id=case["user_id"], content="again")
    assert record.status == "open"
    post(api, path, content="answer")
    assert record.status == "open"
    desk.settings.staff_reply_sets_waiting, desk.settings.client_message_reopens = True, False
    post(api, path, content="answer")
    post(api, path, user_id=case["user_id"], content="again")
    assert record.status == "waiting"


def test_the_last_response_is_the_last_staff_reply(
    desk: Omnidesk, api: AccountSession, case: dict[str, Any], path: str, clock: Clock
) -> None:
    clock.seconds += 120
    reply = post(api, path, content="answer")
    clock.seconds += 60.9
    desk.agent_note(case["case_id"], text="note")
    shown = api.get(f"/api/cases/{case['case_id']}.json").json()["case"]
    assert (shown["last_response_at"], shown["first_response_speed"]) == (reply["created_at"], 2)
    assert shown["updated_at"] == "Wed, 15 Nov 2023 01:17:00 +0300"


@pytest.mark.parametrize("name", ["note", "notes"])
def test_both_spellings_of_the_note_endpoint_work(
    desk: Omnidesk, api: AccountSession, case: dict[str, Any], path: str, name: str
) -> None:
    given = {"content": "internal", "created_at": 1714977317}
    note = api.post(f"/api/cases/{case['case_id']}/{name}.json", json={"note": given}).json()["message"]
    assert note["note"] is True and note["message_type"] == "note_regular"
    assert note["message_id"] in ids(api, path)
    changed = {"note": {"content": "other"}}
    there = f"/api/cases/{case['case_id']}/{name}/{note['message_id']}.json"
    assert api.put(there, json=changed).json()["message"]["content"] == "other"
    assert api.delete(there).status_code == 200
    assert note["message_id"] not in ids(api, path)


def test_messages_change_and_vanish(api: AccountSession, case: dict[str, Any], path: str) -> None:
    message_id = post(api, path, content="a")["message_id"]
    there = f"/api/cases/{case['case_id']}/messages/{message_id}.json"
    assert api.put(there, json={"message": {"content_html": "<b>b</b>"}}).json()["message"]["content"] == ""
    assert api.delete(there).content == b""
    assert refused(api, "DELETE", there) == (404, "message_not_found")


def test_gone_cases_take_no_messages(desk: Omnidesk, api: AccountSession, case: dict[str, Any], path: str) -> None:
    gone = (400, "case_not_found")
    body = {"message": {"content": "x"}}
    desk.trash(case["case_id"])
    assert refused(api, "POST", path, json=body) == gone
    assert api.get(path).status_code == 200
    desk.settings.trash_accepts_messages = True
    assert api.post(path, json=body).status_code == 201
    desk.spam(case["case_id"])
    assert api.post(path, json=body).status_code == 201
    desk.settings.spam_accepts_messages = False
    assert refused(api, "POST", path, json=body) == gone
    desk.restore(case["case_id"])
    desk.merge(case["case_id"], desk.agent_case(case["user_id"], "Other", "<p>Hi</p>").case_id)
    assert refused(api, "POST", path, json=body) == gone
    desk.delete(case["case_id"])
    desk.settings.case_not_found_status = 404
    assert refused(api, "POST", path, json=body) == (404, "case_not_found")


WRITTEN = {"message": {"content": "x"}}


@pytest.mark.parametrize(
    ("answer", "body"), [("other", b'{"error": "wrong_case"}'), ("empty", b""), ("html", b"<html>")]
)
def test_what_a_deleted_case_says_is_a_switch(
    desk: Omnidesk, api: AccountSession, case: dict[str, Any], path: str, answer: str, body: bytes
) -> None:
    desk.settings.case_not_found_answer = answer
    desk.delete(case["case_id"])
    for refusal in (api.get(path), api.get(f"/api/cases/{case['case_id']}.json"), api.post(path, json=WRITTEN)):
        assert refusal.status_code == 400 and refusal.content.startswith(body)


def test_merging_may_move_the_messages(desk: Omnidesk, api: AccountSession, case: dict[str, Any], path: str) -> None:
    parent = desk.agent_case(case["user_id"], "Other", "<p>Hi</p>").case_id
    desk.settings.merge_moves_messages = True
    desk.merge(case["case_id"], parent)
    assert desk.thread(case["case_id"]) == []
    assert {entry.text for entry in desk.thread(parent)} == {"Text", "Hi"}
    shown = api.get(f"/api/cases/{case['case_id']}.json").json()["case"]
    assert (shown["parent_case_id"], shown["status"]) == (parent, "closed")


def test_only_staff_replies_are_rated_and_again_overwrites(
    desk: Omnidesk, api: AccountSession, case: dict[str, Any], path: str
) -> None:
    first, reply = ids(api, path)[0], desk.agent_reply(case["case_id"], html="<p>Hi</p>").message_id
    note = desk.agent_note(case["case_id"], text="n").message_id
    root = f"/api/cases/{case['case_id']}/rate"
    for message_id, wanted in ((first, 400), (note, 400), (1, 404), (reply, 200)):
        assert api.put(f"{root}/{message_id}.json", json={"rate": {"rating": "low"}}).status_code == wanted
    rate = {"rate": {"rating": "high", "rating_comment": "thanks"}}
    rated = api.put(f"{root}/{reply}.json", json=rate).json()["message"]
    assert (rated["rating"], rated["rating_comment"], rated["rated_staff_id"]) == ("high", "thanks", 0)
    desk.settings.ratings_disabled = True
    assert refused(api, "PUT", f"{root}/{reply}.json", json=rate) == (403, "rating_disabled")


def test_agents_write_html_or_plain_text_never_both(desk: Omnidesk, case: dict[str, Any]) -> None:
    html = desk.agent_reply(case["case_id"], html="<p>a &amp; b</p><p>c</p>", attachments=[Upload("f", "t/t", b"1")])
    assert (html.content, desk.thread(case["case_id"])[-1].text) == ("", "a & b\nc")
    assert desk.thread(case["case_id"])[-1].files == ("f",)
    desk.settings.agent_writes = "plain"
    plain = desk.agent_reply(case["case_id"], text="x < y", status="waiting")
    assert (plain.content, plain.content_html) == ("x < y", "")
    assert desk.cases[case["case_id"]].status == "waiting"
    assert desk.cases[case["case_id"]].staff_id == desk.integration.staff_id


def test_records_of_the_system_are_neither_reply_nor_note(
    desk: Omnidesk, api: AccountSession, case: dict[str, Any], path: str
) -> None:
    desk.settings.system_messages = True
    desk.set_status(case["case_id"], "closed")
    record = api.get(path).json()["1"]["message"]
    assert (record["message_type"], record["user_id"], record["staff_id"], record["note"]) == ("system", 0, 0, False)


def test_users_are_made_found_changed_and_linked(desk: Omnidesk, api: AccountSession) -> None:
    level = desk.add_field("Balance", level="user")
    given = {"user_custom_id": "abc", "user_custom_channel": "101", "user_full_name": "Ivan"}
    user = api.post("/api/users.json", json={"user": given}).json()["user"]
    assert (user["type"], user["user_custom_channel"], bool(user["password"])) == ("custom", "cch101", True)
    assert refused(api, "POST", "/api/users.json", json={"user": given}) == (400, "custom_id_already_exist")
    api.post("/api/users.json", json={"user": {**given, "user_custom_id": "abcd"}})
    assert api.get("/api/users.json?user_custom_id=abc").json()["total_count"] == 2
    assert api.get("/api/users.json?user_custom_id=^abc^&user_custom_channel=cch101").json()["total_count"] == 1
    there = f"/api/users/{user['user_id']}"
    changed = {"user": {"user_full_name": "Пётр", "custom_fields": {level.key: "5"}}}
    shown = api.put(f"{there}.json", json=changed).json()["user"]
    assert (shown["user_full_name"], shown["custom_fields"]) == ("Пётр", {level.key: "5"})
    assert refused(api, "PUT", f"{there}.json", json={"user": {"user_email": "a@b.ru"}}) == (400, "wrong_email")
    mail = api.post("/api/users.json", json={"user": {"user_email": "a@b.ru"}}).json()["user"]
    linked = api.put(f"{there}/link.json", json={"user_email": "a@b.ru"}).json()["user"]
    assert linked["linked_users"] == sorted([user["user_id"], mail["user_id"]])
    assert api.put(f"{there}/unlink.json", json={"user_id": mail["user_id"]}).json()["user"]["linked_users"] == []


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"user_email": "a@b"}, "wrong_email"),
        ({}, "user_required"),
        ({"user_full_name": "x"}, "wrong_user"),
        ({"user_email": "a@b.ru", "user_phone": "+7900"}, "wrong_user"),
        ({"user_custom_id": "1"}, "wrong_channel"),
        ({"user_custom_id": "1", "user_custom_channel": "cch101", "custom_fields": {"cf_9": 1}}, "wrong_custom_field"),
    ],
)
def test_wrong_users_are_refused(api: AccountSession, given: dict[str, Any], error: str) -> None:
    assert refused(api, "POST", "/api/users.json", json={"user": given}) == (400, error)


def test_email_and_phone_are_unique(api: AccountSession) -> None:
    for name, value in (("email", "a@b.ru"), ("phone", "+79000000000")):
        given = {"user": {f"user_{name}": value}}
        assert api.post("/api/users.json", json=given).status_code == 201
        assert refused(api, "POST", "/api/users.json", json=given) == (400, f"{name}_already_exist")


def test_users_are_blocked_disabled_restored_and_deleted(desk: Omnidesk, api: AccountSession, path: str) -> None:
    given = {"user": {"user_email": "a@b.ru"}}
    user_id = api.post("/api/users.json", json=given).json()["user"]["user_id"]
    there = f"/api/users/{user_id}"
    assert api.put(f"{there}/disable.json").json()["user"]["deleted"] is True
    assert api.put(f"{there}/restore.json").json()["user"]["deleted"] is False
    renamed = api.put(f"{there}.json", json={"user": {"user_email": "c@d.ru"}}).json()["user"]
    assert renamed["user_email"] == "c@d.ru"
    assert api.post("/api/users.json", json=given).status_code == 201
    assert api.delete(f"{there}.json").status_code == 200
    assert refused(api, "GET", f"{there}.json") == (404, "user_not_found")
    desk.settings.only_case_user_writes = True
    other = api.get("/api/users.json?user_email=a@b.ru").json()["0"]["user"]["user_id"]
    body = {"message": {"user_id": other, "content": "x"}}
    assert refused(api, "POST", path, json=body) == (400, "wrong_user_id")


def test_agents_can_change_what_was_written(desk: Omnidesk, case: dict[str, Any]) -> None:
    reply = desk.agent_reply(case["case_id"], text="wrong")
    desk.edit_message(case["case_id"], reply.message_id, text="right")
    assert desk.thread(case["case_id"])[-1].text == "right"
    desk.delete_message(case["case_id"], reply.message_id)
    assert [entry.text for entry in desk.thread(case["case_id"])] == ["Text"]
    assert len(desk.webhook_log) == 1


def test_every_reply_of_staff_makes_its_author_the_assignee(
    desk: Omnidesk, api: AccountSession, case: dict[str, Any], path: str
) -> None:
    """Also one by the API, and also when somebody else had the case."""
    first, second = desk.add_staff("a@example.com").staff_id, desk.add_staff("b@example.com").staff_id
    desk.agent_reply(case["case_id"], first, text="x")
    post(api, path, content="y", staff_id=second)
    assert desk.cases[case["case_id"]].staff_id == second
    desk.settings.staff_reply_assigns = False
    desk.agent_reply(case["case_id"], first, text="z")
    assert desk.cases[case["case_id"]].staff_id == second
