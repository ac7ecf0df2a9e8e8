"""Cases of the simulated Omnidesk: login, strictness, shapes, lists, and what happens to a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from sandbox.omnidesk import Omnidesk
from sandbox.omnidesk.adapter import AccountSession, session

NOON = 1_700_000_040.7  # Tue, 14 Nov 2023 22:14:00 UTC, the start of a minute


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.seconds = NOON

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(clock: Clock) -> Omnidesk:
    found = Omnidesk(clock)
    found.add_channel(webhook_url="http://panel.example/mancgi/omnidesk_webhook?secret")
    return found


@pytest.fixture
def api(desk: Omnidesk) -> AccountSession:
    return session(desk)


def new_case(api: AccountSession, custom_id: str = "17", **more: Any) -> dict[str, Any]:
    given = {"user_custom_id": custom_id, "channel": "cch101", "subject": "Subject", "content": "Text", **more}
    answer = api.post("/api/cases.json", json={"case": given})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["case"]
    return found


def refused(api: AccountSession, method: str, path: str, **more: Any) -> tuple[int, str]:
    answer = api.request(method, path, **more)
    return answer.status_code, answer.json()["error"]


def test_a_wrong_key_a_wrong_login_a_missing_object_and_an_unknown_path_are_told_apart(desk: Omnidesk) -> None:
    assert session(desk, key="wrong").get("/api/staff.json").status_code == 401
    assert session(desk, email="nobody@example.com").get("/api/staff.json").status_code == 403
    assert refused(session(desk), "GET", "/api/cases/1.json") == (400, "case_not_found")
    missing = session(desk).get("/api/nothing.json")
    assert (missing.status_code, missing.headers["Content-Type"]) == (404, "text/html")
    desk.settings.hosts = ("other.omnidesk.ru",)
    assert "<html>" in session(desk).get("/api/staff.json").text


def test_creating_a_case_tells_everything_but_the_first_messages_id(desk: Omnidesk, api: AccountSession) -> None:
    case = new_case(api, user_full_name="Ivan")
    assert "message" not in str(sorted(case))
    assert (case["status"], case["closed_at"], case["custom_fields"]) == ("open", "-", [])
    assert case["last_response_at"] == case["created_at"], "the client's message moves it"
    desk.settings.client_moves_last_response = False
    assert new_case(api, user_custom_id="99")["last_response_at"] == "-"
    assert case["user_id"] > 2**31
    assert desk.users[case["user_id"]].full_name == "Ivan"
    assert new_case(api)["user_id"] == case["user_id"]


def test_a_multipart_case_without_files_is_legal(desk: Omnidesk, api: AccountSession) -> None:
    field = desk.add_field("Link")
    names = {"user_custom_id": "5", "channel": "cch101", "subject": "Привет", "content": "Текст"}
    parts = {f"case[{name}]": (None, value) for name, value in names.items()}
    parts[f"case[custom_fields][{field.key}]"] = (None, "https://x")
    answer = api.post("/api/cases.json/", files=parts)
    assert answer.status_code == 201
    assert answer.json()["case"]["custom_fields"] == {field.key: "https://x"}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"channel": "cch999"}, "wrong_channel"),
        ({"channel": "101"}, "wrong_channel"),
        ({"user_custom_id": ""}, "incorrect_user_custom_id"),
        ({"subject": ""}, "subject_required"),
        ({"content": " \n"}, "content_required"),
        ({"status": "archived"}, "wrong_status"),
        ({"staff_id": 1}, "wrong_staff_id"),
        ({"group_id": 1}, "wrong_group_id"),
        ({"custom_fields": {"cf_1": "x"}}, "wrong_custom_field"),
        ({"labels": [1]}, "wrong_labels"),
        ({"created_at": "yesterday"}, "wrong_time"),
    ],
)
def test_a_wrong_parameter_is_refused_and_nothing_is_made(
    desk: Omnidesk, api: AccountSession, change: dict[str, Any], error: str
) -> None:
    given = {"user_custom_id": "1", "channel": "cch101", "subject": "S", "content": "T", **change}
    assert refused(api, "POST", "/api/cases.json", json={"case": given}) == (400, error)
    assert not desk.cases and not desk.users


def test_an_inactive_channel_takes_no_cases(desk: Omnidesk, api: AccountSession) -> None:
    desk.channels[101].active = False
    given = {"user_custom_id": "1", "channel": "cch101", "subject": "S", "content": "T"}
    assert refused(api, "POST", "/api/cases.json", json={"case": given}) == (400, "wrong_channel")


def test_custom_fields_are_checked_by_level_activity_and_type(desk: Omnidesk, api: AccountSession) -> None:
    plan = desk.add_field("Plan", "select", options=["Small", "Large"])
    vip, since = desk.add_field("VIP", "checkbox"), desk.add_field("Since", "date")
    other, old = desk.add_field("Phone", level="user"), desk.add_field("Old", active=False)
    case = new_case(api, custom_fields={plan.key: 2, vip.key: True, since.key: "2023-11-14"})
    assert case["custom_fields"] == {plan.key: "2", vip.key: True, since.key: "2023-11-14"}
    path = f"/api/cases/{case['case_id']}.json"
    for key, value, error in (
        (plan.key, "Large", "wrong_custom_field_value"),
        (vip.key, "false", "wrong_custom_field_value"),
        (since.key, "14.11.2023", "wrong_custom_field_value"),
        (other.key, "1", "wrong_custom_field"),
        (old.key, "1", "wrong_custom_field"),
    ):
        body = {"case": {"custom_fields": {key: value}, "status": "closed"}}
        assert refused(api, "PUT", path, json=body) == (400, error), key
    answer = api.put(path, json={"case": {"custom_fields": {vip.key: 0}}}).json()["case"]
    assert answer["custom_fields"] == {plan.key: "2", vip.key: False, since.key: "2023-11-14"}
    assert answer["status"] == "open"


def test_a_case_is_found_by_its_number_too(api: AccountSession) -> None:
    case = new_case(api)
    assert api.get(f"/api/cases/{case['case_number']}.json").json()["case"]["case_id"] == case["case_id"]


def test_a_list_is_an_object_with_numbered_keys_and_the_count_of_all_matches(api: AccountSession) -> None:
    numbers = [new_case(api)["case_id"] for _ in range(3)]
    answer = api.get("/api/cases.json?limit=2&sort=created_at_asc&page=1").json()
    assert list(answer) == ["0", "1", "total_count"]
    assert [answer[key]["case"]["case_id"] for key in "01"] == numbers[:2]
    assert answer["total_count"] == 3
    assert api.get("/api/cases.json?limit=2&page=3").json() == {"total_count": 3}


@pytest.mark.parametrize(("shape", "body"), [("count", {"total_count": 0}), ("legacy", {"case": []}), ("array", [])])
def test_an_empty_list_has_three_shapes(desk: Omnidesk, api: AccountSession, shape: str, body: Any) -> None:
    desk.settings.empty_list = shape
    assert api.get("/api/cases.json").json() == body


def test_shapes_can_be_as_odd_as_live(desk: Omnidesk, api: AccountSession, clock: Clock) -> None:
    right = new_case(api)["created_at"]
    assert right == "Wed, 15 Nov 2023 01:14:00 +0300"
    desk.settings.numbers_as_strings = desk.settings.pretty = desk.settings.wrong_weekday = True
    answer = api.get("/api/cases.json")
    case = answer.json()["0"]["case"]
    assert isinstance(case["case_id"], str) and case["deleted"] is False
    assert case["created_at"] == right.replace("Wed", "Thu")
    assert answer.text.startswith('{\n    "0": {')


def test_filters_choose_and_hide_as_documented(desk: Omnidesk, api: AccountSession) -> None:
    first, second = new_case(api, "1"), new_case(api, "11", status="waiting")
    mail = desk.client_case("a@example.com", "By mail", "Hello")
    merged, trashed = new_case(api, "2"), new_case(api, "3")
    desk.merge(merged["case_id"], first["case_id"])
    desk.trash(trashed["case_id"])

    def found(query: str) -> set[int]:
        answer = api.get(f"/api/cases.json?{query}").json()
        return {row["case"]["case_id"] for key, row in answer.items() if key != "total_count"}

    one, two = first["case_id"], second["case_id"]
    assert found("channel=cch101") == {one, two}
    assert found("channel=cch101&show_merged_cases=true") == {one, two, merged["case_id"]}
    assert found("user_custom_id=1") == {one, two}
    assert found("user_custom_id=^1^") == {one}
    assert found("status[]=waiting&status[]=closed") == {two}
    assert found("filter=5") == {trashed["case_id"]}
    assert found("channel=email") == {mail.case_id}
    assert found(f"user_id={first['user_id']}") == {one}
    assert refused(api, "GET", "/api/cases.json?user_email=abc") == (400, "wrong_user_email")
    assert refused(api, "GET", "/api/cases.json?limit=101") == (400, "wrong_limit")
    assert refused(api, "GET", "/api/cases.json?page=501") == (400, "wrong_page")


def test_active_chats_of_a_sync_channel_are_hidden_by_default(desk: Omnidesk, api: AccountSession) -> None:
    chats = desk.add_channel("Chat", kind="sync")
    new_case(api, channel=chats.key)
    assert api.get("/api/cases.json").json()["total_count"] == 0
    assert api.get("/api/cases.json?show_active_chats=true").json()["total_count"] == 1


def test_times_are_given_with_or_without_an_offset_and_filter_whole_seconds(api: AccountSession, clock: Clock) -> None:
    early = new_case(api)
    clock.seconds += 60
    new_case(api)
    since = datetime.strptime(early["updated_at"], "%a, %d %b %Y %H:%M:%S %z")

    def count(**query: str) -> int:
        total: int = api.get("/api/cases.json", params=query).json()["total_count"]
        return total

    assert count(from_updated_time="2023-11-15 01:14:00") == 2  # the account's own zone, both ends included
    assert count(from_updated_time="2023-11-14 22:14:01 +0000") == 1
    assert count(from_updated_time=str(int(since.timestamp()) + 1)) == 1
    assert count(from_time="2023-11-14", to_time="2023-11-15 01:14:00") == 1
    assert refused(api, "GET", "/api/cases.json?from_time=2023-11-15&to_time=2023-11-14")[0] == 400


def test_a_status_change_is_on_record_with_who_did_it(desk: Omnidesk, api: AccountSession, clock: Clock) -> None:
    case_id = new_case(api)["case_id"]
    clock.seconds += 600
    closed = api.put(f"/api/cases/{case_id}.json", json={"case": {"status": "closed"}}).json()["case"]
    assert (closed["closing_speed"], closed["closed_at"]) == (10, closed["updated_at"])
    desk.set_status(case_id, "open")
    rows = api.get(f"/api/cases/{case_id}/changelog.json").json()["changelog"]
    assert [(row["event"], row["old_value"], row["value"]) for row in rows] == [
        ("status", "open", "closed"),
        ("status", "closed", "open"),
    ]
    assert rows[0]["done_by"] == f"staff_{desk.integration.staff_id}"
    assert api.get(f"/api/cases/{case_id}.json").json()["case"]["closed_at"] == "-"


def test_trash_spam_restore_and_delete_work_one_by_one_and_in_bulk(desk: Omnidesk, api: AccountSession) -> None:
    one, two = new_case(api)["case_id"], new_case(api)["case_id"]
    assert api.put(f"/api/cases/{one}/trash.json").json()["case"]["deleted"] is True
    assert api.get(f"/api/cases/{one}.json").json()["case"]["deleted"] is True
    assert api.put(f"/api/cases/{two}/spam.json").json()["case"]["spam"] is True
    assert api.put(f"/api/cases/{one},{two},77/restore.json").json() == {"case_success_id": [one, two]}
    deleted = api.delete(f"/api/cases/{one},{two}.json")
    assert (deleted.status_code, deleted.content) == (200, b"")
    assert refused(api, "GET", f"/api/cases/{one}.json") == (400, "case_not_found")
    assert desk.deleted_cases == {one, two}


def test_a_blocked_clients_new_case_is_spam(api: AccountSession) -> None:
    user_id = new_case(api)["user_id"]
    assert api.put(f"/api/users/{user_id}/block.json").json()["user"]["active"] is False
    assert new_case(api)["spam"] is True


def test_marking_a_case_as_spam_blocks_its_client(desk: Omnidesk, api: AccountSession) -> None:
    case = new_case(api)
    api.put(f"/api/cases/{case['case_id']}/spam.json")
    assert api.get(f"/api/users/{case['user_id']}.json").json()["user"]["active"] is False
    assert new_case(api)["spam"] is True
    api.put(f"/api/cases/{case['case_id']}/restore.json")
    assert new_case(api)["spam"] is True, "taking a case out of spam unblocks nobody"
    desk.unblock(case["user_id"])
    assert new_case(api)["spam"] is False


def test_an_account_where_spam_blocks_nobody(desk: Omnidesk, api: AccountSession) -> None:
    desk.settings.spam_blocks_user = False
    api.put(f"/api/cases/{new_case(api)['case_id']}/spam.json")
    assert new_case(api)["spam"] is False


def test_an_employee_without_access_may_not_touch_cases(desk: Omnidesk, api: AccountSession) -> None:
    case_id = new_case(api)["case_id"]
    desk.integration.access = False
    assert refused(api, "PUT", f"/api/cases/{case_id}.json", json={"case": {"status": "open"}}) == (
        403,
        "staff_has_not_access",
    )


def test_the_whole_case_can_be_rated(desk: Omnidesk, api: AccountSession) -> None:
    path = f"/api/cases/{new_case(api)['case_id']}/rate.json"
    rated = api.put(path, json={"rate": {"rating": "low", "rating_comment": "no"}}).json()["case"]
    assert (rated["rating"], rated["rating_comment"], rated["rated_staff_id"]) == ("low", "no", 0)
    assert refused(api, "PUT", path, json={"rate": {"rating": "5"}}) == (400, "wrong_rating")
    desk.settings.ratings_disabled = True
    assert refused(api, "PUT", path, json={"rate": {"rating": "low"}}) == (403, "rating_disabled")


def test_what_an_administrator_set_up_can_be_read(desk: Omnidesk, api: AccountSession) -> None:
    desk.add_field("Plan", "select", options=["Small"])
    desk.add_label("vip")
    channel = api.get("/api/custom_channels.json").json()["0"]["custom_channel"]
    assert (channel["channel_api_key"], channel["webhook_url"][-7:]) == ("cch101", "?secret")
    assert api.get("/api/custom_fields.json").json()["0"]["custom_field"]["field_data"] == {"1": "Small"}
    staff = api.get("/api/staff.json").json()["0"]["staff"]
    assert staff["staff_email"] == desk.integration.email
    assert api.get(f"/api/staff/{staff['staff_id']}.json").json()["staff"] == staff
    for name in ("groups", "labels", "languages", "filters"):
        assert api.get(f"/api/{name}.json").json()["total_count"] >= 1


def test_a_body_that_is_no_json_or_lacks_its_root_is_refused(api: AccountSession) -> None:
    assert refused(api, "POST", "/api/cases.json", data=b"{", headers={"Content-Type": "application/json"})[0] == 400
    assert refused(api, "POST", "/api/cases.json", json={"subject": "S"}) == (400, "case_required")


def test_a_case_by_email_needs_a_right_address(desk: Omnidesk, api: AccountSession) -> None:
    given = {"user_email": "a@example.com", "subject": "S", "content": "T"}
    case = api.post("/api/cases.json", json={"case": given}).json()["case"]
    assert (case["channel"], desk.users[case["user_id"]].type) == ("email", "email")
    wrong = {**given, "user_email": "nowhere"}
    assert refused(api, "POST", "/api/cases.json", json={"case": wrong}) == (400, "incorrect_user_email")


def test_a_change_touches_only_what_is_given(desk: Omnidesk, api: AccountSession) -> None:
    vip, new = desk.add_label("vip"), desk.add_label("new")
    anna = desk.add_staff("anna@example.com").staff_id
    case = new_case(api, labels=[new], priority="low")
    path = f"/api/cases/{case['case_id']}.json"
    given = {"subject": "Тема", "staff_id": anna, "priority": "high", "add_labels": [vip], "delete_labels": [new]}
    changed = api.put(path, json={"case": given}).json()["case"]
    expected = {"subject": "Тема", "staff_id": anna, "priority": "high", "labels": [vip]}
    assert {name: changed[name] for name in expected} == expected
    assert {name for name in case if case[name] != changed[name]} == set(expected)
    rows = api.get(f"/api/cases/{case['case_id']}/changelog.json").json()["changelog"]
    assert {row["event"] for row in rows} == {"staff", "subject", "priority", "labels"}
    filtered = api.get(f"/api/cases/{case['case_id']}/changelog.json?priority=high").json()["changelog"]
    assert [row["old_value"] for row in filtered] == ["low"]
    desk.settings.subject_limit = 3
    assert refused(api, "PUT", path, json={"case": {"subject": "Тема"}}) == (400, "wrong_subject")


def test_custom_fields_and_labels_filter_by_their_type(desk: Omnidesk, api: AccountSession) -> None:
    plan = desk.add_field("Plan", "select", options=["Small", "Large"])
    vip, note = desk.add_field("VIP", "checkbox"), desk.add_field("Note")
    label = desk.add_label("vip")
    case = new_case(api, custom_fields={plan.key: "1", vip.key: 1, note.key: "server 5"}, labels=[label])
    new_case(api)
    for query in (
        f"custom_fields[{plan.key}]=1",
        f"custom_fields[{vip.key}]=1",
        f"custom_fields[{note.key}]=SERVER",
        f"labels[]={label}",
        f"subject=^subject^&labels={label}",
    ):
        answer = api.get(f"/api/cases.json?{query}").json()
        assert (answer["total_count"], answer["0"]["case"]["case_id"]) == (1, case["case_id"]), query
    assert refused(api, "GET", "/api/cases.json?custom_fields[cf_1]=1") == (400, "wrong_custom_field")
    assert refused(api, "GET", "/api/cases.json?sort=id_desc") == (400, "wrong_sort")


def test_ratings_may_come_as_numbers(desk: Omnidesk, api: AccountSession) -> None:
    desk.settings.rating_as_number = True
    path = f"/api/cases/{new_case(api)['case_id']}/rate.json"
    assert api.put(path, json={"rate": {"rating": "high"}}).json()["case"]["rating"] == 3


def test_a_case_is_closed_only_with_its_required_fields(desk: Omnidesk, api: AccountSession) -> None:
    field = desk.add_field("Reason")
    desk.settings.required_at_closing = frozenset({field.key})
    case = new_case(api)
    path = f"/api/cases/{case['case_id']}.json"
    assert refused(api, "PUT", path, json={"case": {"status": "closed"}}) == (400, "required_fields_not_filled")
    assert api.put(path, json={"case": {"status": "waiting"}}).status_code == 200
    filled = {"status": "closed", "custom_fields": {field.key: "x"}}
    assert api.put(path, json={"case": filled}).json()["case"]["status"] == "closed"
