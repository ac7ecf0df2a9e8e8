"""The API client: what it asks for, what each kind of answer means, and where its credentials go."""

from __future__ import annotations

import base64
import io
import json
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import responses
import urllib3

from omnidesk.core.errors import Failure, Gone, Paused, Refused, TryLater
from omnidesk.core.settings import Secret
from omnidesk.helpdesk.client import Client, stamp
from omnidesk.helpdesk.connection import Connection, FileUpload
from omnidesk.helpdesk.models import User
from omnidesk.helpdesk.rate_limit import RateGate
from sandbox.omnidesk.model import Omnidesk
from sandbox.omnidesk.server import OmnideskServer
from tests.support.clock import Clock
from tests.support.downloads import downloaded

URL = "https://acme.omnidesk.ru"
EMAIL = "integration@example.com"
KEY = "key-that-nobody-may-see"
CASE = {
    "case": {"case_id": 900001, "case_number": "290-320788", "status": "open", "user_id": 5654846848, "updated_at": "-"}
}
MESSAGE = {"message": {"message_id": 42577887, "user_id": 5, "content": "x"}}
Ask = Callable[[Client], Any]


@pytest.fixture
def web() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


# What is asked


EVERY_CALL: list[tuple[str, str, str, Ask, Any, Any]] = [
    ("create_case", "POST", "/api/cases.json", lambda c: c.create_case({"subject": "s"}), CASE,
     {"case": {"subject": "s"}}),
    ("case", "GET", "/api/cases/7.json", lambda c: c.case(7), CASE, None),
    ("update_case", "PUT", "/api/cases/7.json", lambda c: c.update_case(7, {"status": "closed"}), CASE,
     {"case": {"status": "closed"}}),
    ("status_changes", "GET", "/api/cases/7/changelog.json", lambda c: c.status_changes(7), {"changelog": []}, None),
    ("changed_cases", "GET", "/api/cases.json", lambda c: c.changed_cases("cch101", 5.9), {"total_count": 0}, None),
    ("cases_of_user", "GET", "/api/cases.json", lambda c: c.cases_of_user("cch101", "17", 5.9), {"total_count": 0},
     None),
    ("add_message", "POST", "/api/cases/7/messages.json", lambda c: c.add_message(7, {"content": "т", "user_id": 5}),
     MESSAGE, {"message": {"content": "т", "user_id": 5}}),
    ("add_note", "POST", "/api/cases/7/note.json", lambda c: c.add_note(7, {"content": "n"}), MESSAGE,
     {"note": {"content": "n"}}),
    ("messages", "GET", "/api/cases/7/messages.json", lambda c: c.messages(7, 3), {"total_count": 200}, None),
    ("rate_message", "PUT", "/api/cases/7/rate/8.json", lambda c: c.rate_message(7, 8, "low"), MESSAGE,
     {"rate": {"rating": "low"}}),
    ("rate_case", "PUT", "/api/cases/7/rate.json", lambda c: c.rate_case(7, 9, "high"), CASE,
     {"rate": {"rating": "high", "rated_staff_id": 9}}),
    ("update_user", "PUT", "/api/users/5.json", lambda c: c.update_user(5, {"user_full_name": "И"}), {"user": {}},
     {"user": {"user_full_name": "И"}}),
    ("user", "GET", "/api/users/5.json", lambda c: c.user(5), {"user": {"user_id": 5}}, None),
    ("user_is_active", "GET", "/api/users/5.json", lambda c: c.user_is_active(5), {"user": {"active": False}}, None),
    ("user_is_gone", "GET", "/api/users/5.json", lambda c: c.user_is_gone(5), {"user": {"active": False}}, None),
    ("staff", "GET", "/api/staff.json", lambda c: c.staff(), {"total_count": 0}, None),
    ("custom_fields", "GET", "/api/custom_fields.json", lambda c: c.custom_fields(), {"total_count": 0}, None),
    ("channels", "GET", "/api/custom_channels.json", lambda c: c.channels(), {"total_count": 0}, None),
    ("groups", "GET", "/api/groups.json", lambda c: c.groups(), {"total_count": 0}, None),
    ("labels", "GET", "/api/labels.json", lambda c: c.labels(), {"total_count": 0}, None),
    ("languages", "GET", "/api/languages.json", lambda c: c.languages(), {"total_count": 0}, None),
    ("ask", "PUT", "/api/cases/7/spam.json", lambda c: c.ask("PUT", "cases/7/spam", {"a": 1}), {}, {"a": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "method", "path", "ask", "answer", "body"), EVERY_CALL, ids=lambda one: str(one)[:16])
def test_each_call(
    web: Any, client: Client, name: str, method: str, path: str, ask: Ask, answer: Any, body: Any
) -> None:
    """Method, path and body of every call, as documented; one request each."""
    web.add(method, URL + path, json=answer, status=201 if method == "POST" else 200)
    ask(client)
    assert len(web.calls) == client.calls == 1
    sent = web.calls[0].request
    assert sent.headers["Authorization"] == "Basic " + base64.b64encode(f"{EMAIL}:{KEY}".encode()).decode()
    assert (json.loads(sent.body) if sent.body else None) == body


@pytest.mark.parametrize("status", [200, 204])
@pytest.mark.parametrize("name", ["rate_message", "rate_case", "update_user"])
def test_an_empty_answer_to_a_change_that_is_not_read_is_enough(
    web: Any, client: Client, name: str, status: int
) -> None:
    _, method, path, ask, _, _ = next(one for one in EVERY_CALL if one[0] == name)
    web.add(method, URL + path, body="", status=status)
    ask(client)
    assert len(web.calls) == 1


def test_an_empty_answer_about_a_case_is_none(web: Any, client: Client) -> None:
    web.add("PUT", f"{URL}/api/cases/7.json", body="", status=200)
    with pytest.raises(TryLater, match="case"):
        client.update_case(7, {"status": "open"})


def test_every_public_call_is_tested() -> None:
    """A call that is added must be added to the table above."""
    found = {**vars(Connection), **vars(Client)}
    public = {name for name, what in found.items() if callable(what) and not name.startswith("_")}
    assert public == {one[0] for one in EVERY_CALL} | {"download", "answers", "take_unreadable"}


def query(web: Any) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(web.calls[0].request.url).query))


def test_the_poll_sees_merged_cases_and_chats(web: Any, client: Client) -> None:
    """They are hidden unless asked for (documented)."""
    web.get(f"{URL}/api/cases.json", json={"total_count": 0})
    assert client.changed_cases("cch101", 1234.9, 2) == []
    asked = query(web)
    assert asked == {
        "channel": "cch101", "from_updated_time": "1234", "sort": "updated_at_asc", "limit": "100", "page": "2",
        "show_merged_cases": "true", "show_active_chats": "true",
    }  # fmt: skip


def test_a_client_is_looked_for_by_his_exact_id(web: Any, client: Client) -> None:
    """Without ^…^ client 17 would be found for 1 (documented: filters match substrings)."""
    web.get(f"{URL}/api/cases.json", json={"case": []})
    assert client.cases_of_user("cch101", "17", 0) == []
    assert query(web)["user_custom_id"] == "^17^"


def test_lists_are_read_to_the_last_page(web: Any, client: Client) -> None:
    """A hundred rows mean that there may be more."""
    full = {str(n): {"staff": {"staff_id": n, "staff_email": f"{n}@example.com"}} for n in range(100)}
    web.get(f"{URL}/api/staff.json", json={**full, "total_count": 101})
    web.get(f"{URL}/api/staff.json", json={"0": {"staff": {"staff_id": 100}}, "total_count": 101})
    assert [one.staff_id for one in client.staff()] == list(range(101))


def test_times_carry_their_offset() -> None:
    """Without one Omnidesk takes its account's own zone (documented)."""
    assert stamp(1_780_000_020.7) == "2026-05-28 20:27:00 +0000"


def test_files_go_as_multipart_with_php_names(web: Any, client: Client) -> None:
    """Nested values, flags and files by the documented names."""
    sent = []

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        sent.append(request.body)
        return 201, {}, json.dumps(CASE)

    web.add_callback("POST", f"{URL}/api/cases.json", answer)
    fields = {"subject": "Ж", "custom_fields": {"cf_25": "v", "cf_26": True}, "labels": [1, 2]}
    client.create_case(fields, [FileUpload("отчёт.pdf", io.BytesIO(b"%PDF"), "application/pdf")])
    text = b"".join(sent).decode("utf-8", "replace")
    for name, value in (
        ("case[subject]", "Ж"), ("case[custom_fields][cf_25]", "v"), ("case[custom_fields][cf_26]", "1"),
        ("case[labels][0]", "1"), ("case[labels][1]", "2"),
    ):  # fmt: skip
        assert f'name="{name}"\r\n\r\n{value}\r\n' in text
    assert 'name="case[attachments][0]"' in text
    assert "application/pdf\r\n\r\n%PDF\r\n" in text


def test_lone_surrogates_do_not_stop_a_message(web: Any, client: Client) -> None:
    """A text that is not proper Unicode goes with a replacement character."""
    web.post(f"{URL}/api/cases/7/messages.json", json=MESSAGE, status=201)
    client.add_message(7, {"content": "a\ud800b"})
    assert json.loads(web.calls[0].request.body) == {"message": {"content": "a?b"}}


# What answers mean


WORKS = {"json": {"total_count": 0}}  # what the account answers to a call that is about no ticket


def answered(web: Any, client: Client, method: str, account: Mapping[str, Any] = WORKS, **answer: Any) -> Failure:
    web.add(method, f"{URL}/api/cases/7.json", **answer)
    web.get(f"{URL}/api/staff.json", **account)
    with pytest.raises(Failure) as caught:
        client.case(7) if method == "GET" else client.update_case(7, {"status": "open"})
    return caught.value


def posted(web: Any, client: Client, account: Mapping[str, Any] = WORKS, **answer: Any) -> Failure:
    web.post(f"{URL}/api/cases/7/messages.json", **answer)
    web.get(f"{URL}/api/staff.json", **account)
    with pytest.raises(Failure) as caught:
        client.add_message(7, {"content": "x", "staff_id": 3})
    return caught.value


HTML = "<html><body>404</body></html>"
MEANINGS: list[tuple[str, dict[str, Any], type[Failure], str]] = [
    # of a read
    ("GET", {"status": 401, "json": {"error": "invalid_api_key"}}, Refused, "omnidesk_read_rejected"),
    ("GET", {"status": 401, "body": HTML}, Refused, "omnidesk_read_rejected"),
    ("GET", {"status": 403, "body": HTML}, Refused, "omnidesk_read_rejected"),
    ("GET", {"status": 403, "json": {"error": "staff_not_found"}}, Refused, "omnidesk_staff"),
    ("GET", {"status": 403, "json": {"error": "staff_not_active"}}, Refused, "omnidesk_staff"),
    ("GET", {"status": 403, "json": {"error": "staff_has_not_access"}}, Refused, "omnidesk_staff"),
    ("GET", {"status": 404, "body": HTML}, Gone, "omnidesk_gone"),
    ("GET", {"status": 400, "body": HTML}, Gone, "omnidesk_gone"),
    ("GET", {"status": 400, "body": ""}, Gone, "omnidesk_gone"),
    ("GET", {"status": 400, "json": {"error": "wrong_case"}}, Gone, "omnidesk_gone"),
    ("GET", {"status": 404, "json": {"error": "case_not_found"}}, Gone, "omnidesk_gone"),
    ("GET", {"status": 400, "json": {"error": "case_not_found"}}, Gone, "omnidesk_gone"),
    ("GET", {"status": 200, "json": {"error": "case_not_found"}}, Gone, "omnidesk_gone"),
    ("GET", {"status": 404, "json": {}}, Gone, "omnidesk_gone"),
    ("GET", {"status": 301, "headers": {"Location": "https://evil.example/"}}, Refused, "omnidesk_read_rejected"),
    ("GET", {"status": 302, "body": ""}, Refused, "omnidesk_read_rejected"),
    ("GET", {"status": 429, "json": {"error": "rate_limit_exceeded"}}, Paused, "omnidesk_rate"),
    ("GET", {"status": 403, "body": "rate limit exceeded"}, Paused, "omnidesk_rate"),
    ("GET", {"status": 403, "json": {"error": "Rate limit exceeded"}}, Paused, "omnidesk_rate"),
    ("GET", {"status": 502, "body": HTML}, TryLater, "omnidesk_trouble"),
    ("GET", {"status": 500, "json": {"error": "internal_error"}}, TryLater, "omnidesk_trouble"),
    ("GET", {"status": 200, "body": HTML}, TryLater, "omnidesk_broken_answer"),
    ("GET", {"status": 200, "body": '{"case": {"case_id": 7, '}, TryLater, "omnidesk_broken_answer"),
    ("GET", {"status": 200, "body": ""}, TryLater, "omnidesk_broken_answer"),
    ("GET", {"status": 200, "json": []}, TryLater, "omnidesk_broken_answer"),
    ("GET", {"status": 200, "json": {"case": {"case_id": 7}}}, TryLater, "omnidesk_broken_answer"),
    ("GET", {"status": 200, "body": "[" * 100_000}, TryLater, "omnidesk_broken_answer"),
    # of a change
    ("PUT", {"status": 400, "json": {"error": "wrong_status"}}, Refused, "omnidesk_refused"),
    ("PUT", {"status": 403, "json": {"error": "staff_has_not_access"}}, Refused, "omnidesk_staff"),
    ("PUT", {"status": 200, "json": {"error": "wrong_status"}}, Refused, "omnidesk_refused"),
    # of a creation
    ("POST", {"status": 404, "json": {"error": "case_not_found"}}, Gone, "omnidesk_gone"),
    ("POST", {"status": 404, "json": {"error": "staff_not_found"}}, Refused, "omnidesk_staff"),
    ("POST", {"status": 404, "json": {"error": "user_not_found"}}, Refused, "omnidesk_refused"),
    ("POST", {"status": 403, "json": {"error": "staff_not_active"}}, Refused, "omnidesk_staff"),
    ("POST", {"status": 413, "body": HTML}, Refused, "omnidesk_refused"),
    ("POST", {"status": 400, "json": {"error": "content_required"}}, Refused, "omnidesk_refused"),
    ("POST", {"status": 400, "body": HTML}, Refused, "omnidesk_rejected"),
    ("POST", {"status": 403, "body": HTML}, Refused, "omnidesk_rejected"),
    ("POST", {"status": 403, "json": {"error": "forbidden"}}, Refused, "omnidesk_rejected"),
    ("POST", {"status": 406, "body": ""}, Refused, "omnidesk_rejected"),
    ("POST", {"status": 307, "body": HTML}, Refused, "omnidesk_rejected"),
    ("POST", {"status": 502, "body": HTML}, TryLater, "omnidesk_trouble"),
    ("POST", {"status": 201, "body": HTML}, TryLater, "omnidesk_broken_answer"),
    ("POST", {"status": 201, "json": {"message": {}}}, TryLater, "omnidesk_broken_answer"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "answer", "kind", "type"), MEANINGS)
def test_what_an_answer_means(
    web: Any, client: Client, method: str, answer: dict[str, Any], kind: type[Failure], type: str
) -> None:
    """Status and ``error`` word together; a failed read is never an absence, a wrong employee never a lost case."""
    failure = posted(web, client, **answer) if method == "POST" else answered(web, client, method, **answer)
    assert (failure.__class__, failure.type) == (kind, type)
    if isinstance(failure, TryLater) and method == "POST":
        assert failure.uncertain, "a creating call that got no clear answer may have been carried out"
    assert KEY not in f"{failure} {failure.params} {failure.args}"


WHOLE: list[tuple[dict[str, Any], str]] = [
    ({"status": 401, "json": {"error": "invalid_api_key"}}, "omnidesk_key"),
    ({"status": 401, "body": HTML}, "omnidesk_key"),
    ({"status": 403, "body": HTML}, "omnidesk_login"),
    ({"status": 403, "json": {"error": "staff_not_found"}}, "omnidesk_login"),
    ({"status": 404, "json": {"error": "staff_not_active"}}, "omnidesk_login"),
    ({"status": 404, "body": HTML}, "omnidesk_address"),
    ({"status": 302, "headers": {"Location": "https://evil.example/"}}, "omnidesk_address"),
    ({"status": 400, "body": HTML}, "omnidesk_trouble"),
]


@pytest.mark.parametrize(("answer", "type"), WHOLE)
@pytest.mark.parametrize("ask", [answered, posted])
def test_the_account_is_down_only_if_an_independent_call_fails_too(
    web: Any, client: Client, ask: Any, answer: dict[str, Any], type: str
) -> None:
    """A firewall that dislikes one text answers like an account that refuses everybody: the short list decides."""
    options = {"method": "GET"} if ask is answered else {}
    failure = ask(web, client, account=answer, **options, **answer)
    assert (failure.__class__, failure.type) == (Paused, type)
    assert len(web.calls) == 2


def test_trouble_with_the_independent_call_is_trouble_of_the_account(web: Any, client: Client) -> None:
    """It is not the ticket's failure, whatever the other call's was."""
    for account in ({"status": 502}, {"body": requests.ReadTimeout("slow")}, {"body": HTML}):
        web.reset()
        failure = posted(web, client, account=account, status=403, body=HTML)
        assert (failure.__class__, failure.type) == (Paused, "omnidesk_trouble")


def test_the_account_is_asked_once_for_many_refusals(web: Any, client: Client, clock: Clock) -> None:
    """A burst of rejected messages costs one more call, not one more for each."""
    for _ in range(3):
        assert posted(web, client, status=403, body=HTML).type == "omnidesk_rejected"
    assert client.calls == 4
    clock.tick(6)
    posted(web, client, status=403, body=HTML)
    assert client.calls == 6


def test_an_employee_who_may_not_read_the_list_of_staff_is_known_all_the_same(web: Any, client: Client) -> None:
    """That "no" says that key and login are good."""
    account = {"status": 403, "json": {"error": "staff_has_not_access"}}
    assert posted(web, client, account=account, status=403, body=HTML).type == "omnidesk_rejected"


def test_without_calls_left_nobody_is_asked_and_the_ticket_waits(web: Any, client: Client) -> None:
    """The account's limit is not exceeded for the sake of a verdict; nor does the same ticket come first again."""
    failure = posted(web, client, status=403, body=HTML, headers={"api_calls_left": "0", "retry_after": "30"})
    assert (failure.__class__, failure.type) == (TryLater, "omnidesk_trouble")
    assert client.calls == 1


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("<html><head><title>Attack\n blocked &amp; logged</title></head><body>x</body></html>",
         "HTTP 403: Attack blocked & logged"),
        ("<style>p {}</style><p>The requested URL was rejected.</p>", "HTTP 403: The requested URL was rejected."),
        ("", "HTTP 403"),
        ("x" * 5000, "HTTP 403: " + "x" * 120),
    ],
)  # fmt: skip
def test_a_rejection_shows_the_pages_title(web: Any, client: Client, page: str, shown: str) -> None:
    """Who reads it learns who said no, in one short line."""
    failure = posted(web, client, status=403, body=page)
    assert failure.value == shown


def test_a_page_that_repeats_the_login_does_not_show_it(web: Any, client: Client) -> None:
    """Some firewalls print the headers they were given."""
    login = base64.b64encode(f"{EMAIL}:{KEY}".encode()).decode()
    failure = posted(web, client, status=403, body=f"Authorization: Basic {login} ({KEY})")
    assert login not in str(failure) and KEY not in str(failure)


def test_bytes_that_are_no_text_cost_their_signs_only(web: Any, client: Client) -> None:
    """Neither a lone byte nor a mark of the byte order makes an answer unreadable."""
    body = b'\xef\xbb\xbf{"case": {"case_id": 7, "status": "open", "subject": "a\xffb"}}'
    web.get(f"{URL}/api/cases/7.json", body=body)
    assert client.case(7).subject == "a\ufffdb"


def test_only_the_word_of_omnidesk_or_the_read_of_the_case_itself_makes_it_gone(web: Any, client: Client) -> None:
    """What a message or a change is refused with may be about that message or change."""
    gone = [answer for method, answer, kind, _ in MEANINGS if kind is Gone and method != "GET"]
    assert all(answer["json"] == {"error": "case_not_found"} for answer in gone)
    web.get(f"{URL}/api/cases/7/messages.json", status=400, body="")
    web.get(f"{URL}/api/staff.json", json={"total_count": 0})
    with pytest.raises(Refused) as refused:
        client.messages(7)
    assert not isinstance(refused.value, Gone)


def test_a_word_that_names_the_case_costs_no_other_call(web: Any, client: Client) -> None:
    assert isinstance(answered(web, client, "GET", status=400, json={"error": "case_not_found"}), Gone)
    assert client.calls == 1


def test_a_wrong_key_stops_everybody_until_somebody_mends_it(web: Any, client: Client, clock: Clock) -> None:
    """The next call is not made at all, in this process or another, until a minute has passed."""
    wrong = {"status": 401, "json": {"error": "invalid_api_key"}}
    answered(web, client, "GET", account=wrong, **wrong)
    other = Client(URL, EMAIL, Secret(KEY), RateGate(client.gate.path, clock))
    with pytest.raises(Paused, match=r"API key \(https://acme.omnidesk.ru\)"):
        other.case(7)
    assert len(web.calls) == 2
    clock.tick(61)
    with pytest.raises(Paused):
        other.case(7)
    assert len(web.calls) == 4


# The limit


@pytest.mark.parametrize("spelling", ["api_calls_left", "api-calls-left", "Api-Calls-Left", "API_CALLS_LEFT"])
def test_the_headers_of_the_limit_in_all_spellings(web: Any, client: Client, clock: Clock, spelling: str) -> None:
    """Proxies rewrite or drop underscores (nginx); the account's own spelling is lower case with underscores."""
    dash = "-" if "-" in spelling else "_"
    headers = {f"rate{dash}limit{dash}per{dash}minute": "20", spelling: "0", f"retry{dash}after": "37"}
    web.get(f"{URL}/api/cases/7.json", json=CASE, headers=headers)
    client.case(7)
    with pytest.raises(Paused) as caught:
        client.case(7)
    assert caught.value.seconds == 37
    assert client.gate.budget().limit == 20
    clock.tick(37)
    client.case(7)
    assert len(web.calls) == 2


@pytest.mark.parametrize("headers", [{}, {"api_calls_left": "many", "retry_after": "soon"}])
def test_a_429_without_a_usable_header_waits_a_minute(web: Any, client: Client, headers: dict[str, str]) -> None:
    """The window is a minute (documented), so that is the longest there can be to wait."""
    web.get(f"{URL}/api/cases/7.json", json={"error": "rate_limit_exceeded"}, status=429, headers=headers)
    with pytest.raises(Paused) as caught:
        client.case(7)
    assert caught.value.seconds == 60


@pytest.mark.parametrize(("until", "seconds"), [("07:15:29 GMT", 12), ("10:15:29 +0300", 12), ("07:00:00 GMT", 1)])
def test_a_429_of_a_proxy_may_name_the_end_of_the_wait(web: Any, client: Client, until: str, seconds: int) -> None:
    """By the clock of the answer: ours may differ."""
    headers = {"Date": "Mon, 05 May 2025 07:15:17 GMT", "Retry-After": f"Mon, 05 May 2025 {until}"}
    web.get(f"{URL}/api/cases/7.json", body=HTML, status=429, headers=headers)
    with pytest.raises(Paused) as caught:
        client.case(7)
    assert caught.value.seconds == seconds


def test_omnidesks_clock_is_learned_from_its_answers(web: Any, client: Client) -> None:
    """What comes next is asked for by its clock, not ours; a broken date changes nothing."""
    date = {"Date": "Mon, 05 May 2025 07:15:17 GMT"}
    web.get(f"{URL}/api/cases/7.json", json=CASE, headers=date)
    web.get(f"{URL}/api/cases/7.json", json=CASE, headers={"Date": "yesterday"})
    client.case(7)
    assert client.now == 1746429317.0
    client.case(7)
    assert client.now == 1746429317.0


def test_without_a_date_header_our_own_clock_stands_in(web: Any, client: Client) -> None:
    """A proxy may strip it; the insurances of the poll need some clock."""
    web.get(f"{URL}/api/cases/7.json", json=CASE)
    client.case(7)
    assert client.now == client.gate.clock()


# The network


def certificate() -> requests.exceptions.SSLError:
    reason = "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate'))"
    return requests.exceptions.SSLError(reason)


def refused() -> requests.ConnectionError:
    inner = urllib3.exceptions.NewConnectionError(None, "Failed to establish a new connection")  # type: ignore[arg-type]
    return requests.ConnectionError(urllib3.exceptions.MaxRetryError(None, "/", inner))  # type: ignore[arg-type]


def unresolved() -> requests.ConnectionError:
    inner = urllib3.exceptions.NameResolutionError("acme", None, socket.gaierror("no"))  # type: ignore[arg-type]
    return requests.ConnectionError(urllib3.exceptions.MaxRetryError(None, "/", inner))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "type"),
    [
        (refused(), "omnidesk_unreachable"),
        (unresolved(), "omnidesk_unreachable"),
        (requests.ConnectTimeout("ConnectTimeoutError(...)"), "omnidesk_unreachable"),
        (certificate(), "omnidesk_certificate"),
    ],
)
def test_what_never_left_this_host_pauses_the_run(web: Any, client: Client, error: Exception, type: str) -> None:
    """Nothing was sent, so nothing is uncertain, and no other ticket would fare better."""
    failure = posted(web, client, body=error)
    assert isinstance(failure, Paused)
    assert failure.type == type


@pytest.mark.parametrize(
    "error",
    [
        requests.ConnectionError(
            urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104, "r"))
        ),
        requests.ReadTimeout("Read timed out."),
        requests.exceptions.ChunkedEncodingError("IncompleteRead"),
        requests.exceptions.SSLError("SSLEOFError(8, 'EOF occurred in violation of protocol (_ssl.c:2427)')"),
        ConnectionResetError(104, "reset"),
        TimeoutError("timed out"),
    ],
)
def test_what_broke_in_the_middle_may_have_been_carried_out(web: Any, client: Client, error: Exception) -> None:
    """A creating call is uncertain then, also when it was TLS that broke; a read is just tried later."""
    failure = posted(web, client, body=error)
    assert isinstance(failure, TryLater)
    assert failure.uncertain
    read = answered(web, client, "GET", body=error)
    assert isinstance(read, TryLater)
    assert not read.uncertain


def test_no_call_is_repeated(web: Any, client: Client) -> None:
    """Whether a call may be made again is for the caller to find out."""
    posted(web, client, status=502)
    assert len(web.calls) == 1


def test_redirects_are_never_followed(web: Any, client: Client) -> None:
    """They would carry the credentials, and turn a POST into a GET."""
    web.get(f"{URL}/api/staff.json", status=301)
    web.add("GET", "https://evil.example/x", json=CASE)
    for status in (301, 302, 303, 307, 308):
        web.upsert("GET", f"{URL}/api/cases/7.json", status=status, headers={"Location": "https://evil.example/x"})
        client.gate.unblock()
        with pytest.raises(Paused):
            client.case(7)
    assert {urlsplit(call.request.url).hostname for call in web.calls} == {"acme.omnidesk.ru"}


def test_the_environment_decides_nothing(web: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy or .netrc of whoever started us must not see the credentials."""
    monkeypatch.setenv("HTTPS_PROXY", "http://evil.example:3128")
    assert client.session.trust_env is False
    assert client.session.merge_environment_settings(URL, {}, False, None, None)["proxies"] == {}


# Files


def test_a_file_is_fetched_from_the_account_only(web: Any, client: Client) -> None:
    """The address comes from a message, which strangers write: credentials go nowhere else."""
    web.get(f"{URL}/attachments/1/345", body=b"data")
    assert downloaded(client, f"{URL}/attachments/1/345") == b"data"
    for foreign in (
        "https://evil.example/345", f"{URL}.evil.example/345", f"{URL}@evil.example/345", "http://acme.omnidesk.ru/345",
        "file:///etc/passwd", "",
    ):  # fmt: skip
        with pytest.raises(Refused, match=r"not on the account.s host"):
            downloaded(client, foreign)
    assert len(web.calls) == 1


def test_a_file_behind_a_redirect_is_fetched_without_the_login(web: Any, client: Client) -> None:
    """The account may keep its files elsewhere; whoever keeps them sees neither login nor cookies."""
    moved = {"Location": "https://files.example/345?signature=x", "Set-Cookie": "session=1; Path=/"}
    web.get(f"{URL}/attachments/1/345", status=302, headers=moved)
    web.get("https://files.example/345", body=b"data")
    assert downloaded(client, f"{URL}/attachments/1/345") == b"data"
    sent = web.calls[1].request.headers
    assert not {"authorization", "cookie", "referer"} & {name.lower() for name in sent}


def test_a_file_that_cannot_be_fetched_is_a_failure_of_ours(web: Any, client: Client) -> None:
    """Network trouble with a file is told in the module's own terms."""
    web.get(f"{URL}/attachments/1/345", body=requests.ReadTimeout("slow"))
    with pytest.raises(TryLater):
        downloaded(client, f"{URL}/attachments/1/345")


def test_an_answer_without_end_is_cut(web: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays bounded whatever the other side sends."""
    monkeypatch.setattr("omnidesk.helpdesk.connection.LARGEST_ANSWER", 1000)
    web.get(f"{URL}/api/cases/7.json", body=b" " * 2000)
    with pytest.raises(TryLater, match="too long"):
        client.case(7)


# A real connection


class Doors(OmnideskServer):
    """The simulated account behind a counting door."""

    def __init__(self, model: Omnidesk) -> None:
        super().__init__(model)
        self.connections = 0

    def open_port(self) -> None:
        super().open_port()
        listener = self._listener
        assert listener is not None
        accept, lock = listener.get_request, threading.Lock()

        def counted() -> Any:
            with lock:
                self.connections += 1
            return accept()

        listener.get_request = counted  # type: ignore[method-assign]


def test_twenty_calls_share_one_connection(tmp_path: Path) -> None:
    """Setting up TLS costs more than the call itself: the connection is kept, also after refusals."""
    desk = Omnidesk(staff_email=EMAIL)
    with Doors(desk) as server:
        client = Client(server.url, EMAIL, Secret(desk.api_key), RateGate(str(tmp_path / "rate"), desk.clock))
        for number in range(20):
            if number % 5 == 4:
                with pytest.raises(Gone):
                    client.case(12345)
            else:
                client.staff()
        client.session.close()
        assert desk.calls_count() == 20
        assert server.connections == 1


def test_the_credentials_reach_the_account_alone_over_a_real_redirect(tmp_path: Path) -> None:
    """A file that is kept elsewhere is not fetched from there."""
    desk, elsewhere = Omnidesk(staff_email=EMAIL), Omnidesk(staff_email=EMAIL)
    channel = desk.add_channel()
    with OmnideskServer(desk) as server, OmnideskServer(elsewhere) as other:
        desk.settings.files_redirect_to = other.url
        client = Client(server.url, EMAIL, Secret(desk.api_key), RateGate(str(tmp_path / "rate"), desk.clock))
        case = client.create_case(
            {"user_custom_id": "1", "channel": channel.key, "subject": "s", "content": "c"},
            [FileUpload("a.txt", io.BytesIO(b"abc"), "text/plain")],
        )
        url = client.messages(case.case_id)[0].attachments[0].url
        with pytest.raises(Refused, match="not downloaded"):  # plain http, and on this very host
            downloaded(client, url)
        client.session.close()
        assert elsewhere.calls == []


@pytest.mark.parametrize(
    ("answer", "gone"),
    [
        ({"status": 404, "json": {"error": "user_not_found"}}, True),
        ({"status": 400, "body": ""}, True),
        ({"json": {"user": {"user_id": 5, "active": False}}}, False),
    ],
)
def test_whether_a_user_is_gone(web: Any, client: Client, answer: dict[str, Any], gone: bool) -> None:
    web.get(f"{URL}/api/users/5.json", **answer)
    web.get(f"{URL}/api/staff.json", json={"total_count": 0})
    assert client.user_is_gone(5) is gone


def test_a_firewall_does_not_say_that_a_user_is_gone(web: Any, client: Client) -> None:
    web.get(f"{URL}/api/users/5.json", status=403, body=HTML)
    web.get(f"{URL}/api/staff.json", json={"total_count": 0})
    with pytest.raises(Refused):
        client.user_is_gone(5)


def test_a_page_that_says_a_case_is_not_there_is_believed_if_it_stays(web: Any, client: Client) -> None:
    web.get(f"{URL}/api/cases/7.json", status=400, body=HTML)
    web.get(f"{URL}/api/staff.json", json={"total_count": 0})
    web.get(f"{URL}/api/cases/7.json", json=CASE)
    assert client.case(7).case_id == 900001


def test_a_client_is_read_with_all_that_he_is_known_by(web: Any, client: Client) -> None:
    row = {"user_id": "5", "user_custom_id": 17, "user_email": " Ivan@Example.com", "active": True}
    web.get(f"{URL}/api/users/5.json", json={"user": row})
    assert client.user(5) == User(5, "17", "ivan@example.com")
    web.get(f"{URL}/api/users/6.json", json={"user": {"user_id": 6, "user_email": "-", "active": False}})
    assert client.user(6) == User(6, "", "", active=False)


# Pages behind the end


@pytest.mark.parametrize(("status", "word"), [(404, "not_found"), (404, "page_not_found"), (400, "wrong_page")])
def test_a_page_behind_the_end_that_is_refused_is_an_empty_one(
    client: Client, web: Any, status: int, word: str
) -> None:
    web.add("GET", f"{URL}/api/cases/7/messages.json", status=status, json={"error": word})
    web.add("GET", f"{URL}/api/cases.json", status=status, json={"error": word})
    web.add("GET", f"{URL}/api/cases/7.json", json=CASE)
    assert not client.messages(7, 2)
    assert not client.changed_cases("cch101", 5.0, 2)


@pytest.mark.parametrize("answer", [{"json": {"error": "case_not_found"}}, {"body": "<html>404</html>"}])
def test_a_refused_page_is_no_end_of_a_case_that_is_gone_nor_if_omnidesk_did_not_say_it(
    client: Client, web: Any, answer: dict[str, Any]
) -> None:
    web.add("GET", f"{URL}/api/cases/7/messages.json", status=404, **answer)
    web.add("GET", f"{URL}/api/cases/7.json", status=404, json={"error": "case_not_found"})
    web.add("GET", f"{URL}/api/staff.json", json={"total_count": 0})
    with pytest.raises(Refused):
        client.messages(7, 2)
    with pytest.raises(Refused):
        client.messages(7, 1)


def test_a_new_case_whose_answer_leaves_out_its_status_is_as_it_was_asked_for(client: Client, web: Any) -> None:
    """Public integrations read the ids and the number only."""
    ids = {name: value for name, value in CASE["case"].items() if name != "status"}
    web.add("POST", f"{URL}/api/cases.json", status=201, json={"case": ids})
    assert client.create_case({"status": "waiting"}).status == "waiting"
    with pytest.raises(TryLater):
        client.create_case({})


@pytest.mark.parametrize(
    "answer", [{"status": 204}, {"body": ""}, {"json": {"case": {"case_id": 7, "status": "open"}}}]
)
def test_a_change_whose_answer_does_not_show_it_is_read(client: Client, web: Any, answer: dict[str, Any]) -> None:
    """It was carried out; without being read it would be made again and again."""
    web.add("PUT", f"{URL}/api/cases/7.json", **answer)
    web.add("GET", f"{URL}/api/cases/7.json", json={"case": {"case_id": 7, "status": "open", "staff_id": 5}})
    assert client.update_case(7, {"staff_id": 5}).staff_id == 5


@pytest.mark.parametrize(
    "error",
    [
        ["case_not_found"],
        {"code": "case_not_found", "message": "No such case"},
        {"code": 404, "text": "case_not_found"},
    ],
)
def test_an_error_s_word_may_stand_among_others(client: Client, web: Any, error: Any) -> None:
    web.add("POST", f"{URL}/api/cases/7/messages.json", status=400, json={"error": error})
    with pytest.raises(Gone) as caught:
        client.add_message(7, {"content": "x", "user_id": 1})
    assert caught.value.value == "case_not_found"
