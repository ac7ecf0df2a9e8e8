"""Limits and faults of the simulated Omnidesk, in process and over a socket."""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Callable, Iterator

import pytest
import requests
from urllib3.exceptions import MaxRetryError

from sandbox.omnidesk import Omnidesk, OmnideskServer
from sandbox.omnidesk.adapter import AccountSession, session
from sandbox.omnidesk.wire import Request, Response

CASE = {"case": {"user_custom_id": "1", "channel": "cch101", "subject": "S", "content": "T"}}


class Clock:
    """A clock that moves when told."""

    seconds = 1_700_000_040.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def desk() -> Omnidesk:
    found = Omnidesk(Clock())
    found.add_channel()
    return found


@pytest.fixture
def server(desk: Omnidesk) -> Iterator[OmnideskServer]:
    with OmnideskServer(desk) as running:
        yield running


@pytest.fixture(params=["in process", "socket"])
def api(request: pytest.FixtureRequest, desk: Omnidesk) -> AccountSession:
    """The same faults must look the same to a client by both ways."""
    if request.param == "in process":
        return session(desk)
    request.getfixturevalue("server")
    return over_socket(desk)


def over_socket(desk: Omnidesk) -> AccountSession:
    found = AccountSession(desk.base_url)
    found.auth = (desk.integration.email, desk.api_key)
    return found


def test_each_answer_tells_the_limit_and_the_minute_ends_with_429(desk: Omnidesk, api: AccountSession) -> None:
    clock = desk.clock
    assert isinstance(clock, Clock)
    desk.settings.rate_limit = 2
    clock.seconds += 20
    first, last, over = (api.get("/api/staff.json") for _ in range(3))
    assert (first.headers["rate_limit_per_minute"], first.headers["api_calls_left"]) == ("2", "1")
    assert "retry_after" not in first.headers
    assert (last.status_code, last.headers["api_calls_left"]) == (200, "0")
    assert (over.status_code, over.headers["retry_after"]) == (429, "40")
    clock.seconds += 40
    assert api.get("/api/staff.json").status_code == 200
    desk.limit.use(5, clock())
    assert api.get("/api/staff.json").status_code == 429


def test_limits_can_be_off_legacy_or_spelled_with_dashes(desk: Omnidesk) -> None:
    api = session(desk)
    desk.settings.rate_headers_dashed = True
    assert "api-calls-left" in api.get("/api/staff.json").headers
    desk.settings.rate_limit, desk.settings.rate_limit_legacy = 0, True
    assert api.get("/api/staff.json").status_code == 403
    desk.settings.rate_limit = None
    assert "api_calls_left" not in api.get("/api/staff.json").headers


def test_a_drop_before_the_commit_does_nothing_and_one_after_it_all(desk: Omnidesk, api: AccountSession) -> None:
    desk.faults.drop_before("POST /api/cases.json")
    desk.faults.drop_after("POST /api/cases.json")
    for made in (0, 1):
        with pytest.raises(requests.ConnectionError):
            api.post("/api/cases.json", json=CASE)
        assert len(desk.cases) == made
    assert api.post("/api/cases.json", json=CASE).status_code == 201
    seen = [(call.fault, call.status, call.done) for call in desk.calls]
    assert seen == [("drop_before", 0, 0), ("drop_after", 0, 201), ("", 201, 201)]


def test_errors_and_broken_bodies_come_as_scripted(desk: Omnidesk, api: AccountSession) -> None:
    desk.faults.server_error(502)
    desk.faults.server_error(500, html=False)
    desk.faults.not_json()
    desk.faults.truncated(honest=True)
    page, plain, html, half = (api.get("/api/staff.json") for _ in range(4))
    assert (page.status_code, page.text[:6]) == (502, "<html>")
    assert plain.json() == {"error": "internal_error"}
    for broken in (html, half):
        assert broken.status_code == 200
        with pytest.raises(requests.exceptions.JSONDecodeError):
            broken.json()
    desk.faults.truncated()
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.get("/api/staff.json")
    assert api.get("/api/staff.json").status_code == 200


def test_a_scripted_429_may_lack_its_header(desk: Omnidesk, api: AccountSession) -> None:
    desk.faults.rate_limited(7)
    desk.faults.rate_limited(None)
    first, second = api.get("/api/staff.json"), api.get("/api/staff.json")
    assert (first.status_code, first.headers["retry_after"]) == (429, "7")
    assert (second.status_code, second.headers.get("retry_after")) == (429, None)


@pytest.fixture
def handled(desk: Omnidesk, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Waits until the account has done what it does with a request; over a socket a client may have given up before."""
    done, handle = threading.Event(), desk.handle

    def told(request: Request) -> Response:
        try:
            return handle(request)
        finally:
            done.set()

    monkeypatch.setattr(desk, "handle", told)
    return done.wait


@pytest.mark.parametrize(("commit", "at_once", "later"), [("never", 0, 0), ("first", 1, 1), ("late", 0, 1)])
def test_a_hang_ends_in_a_timeout_whatever_becomes_of_the_call(
    desk: Omnidesk, api: AccountSession, handled: Callable[[], bool], commit: str, at_once: int, later: int
) -> None:
    desk.faults.hang(commit)
    with pytest.raises(requests.ReadTimeout):
        api.post("/api/cases.json", json=CASE, timeout=(30, 0.2))
    handled()
    assert len(desk.cases) == at_once
    assert api.get("/api/staff.json", timeout=60).status_code == 200
    desk.faults.release()
    assert len(desk.cases) == later


def test_a_delay_beyond_the_timeout_is_a_timeout_after_the_work_is_done(
    desk: Omnidesk, api: AccountSession, handled: Callable[[], bool]
) -> None:
    desk.faults.delay(60)
    with pytest.raises(requests.ReadTimeout):
        api.post("/api/cases.json", json=CASE, timeout=(30, 0.2))
    handled()
    assert len(desk.cases) == 1


def test_a_revoked_key_is_a_401_until_it_is_restored(desk: Omnidesk, api: AccountSession) -> None:
    desk.faults.key_revoked = True
    assert api.get("/api/staff.json").status_code == 401
    desk.faults.key_revoked = False
    assert api.get("/api/staff.json").status_code == 200


def test_an_unreachable_account_shows_as_such_in_process(desk: Omnidesk) -> None:
    desk.faults.unreachable = True
    with pytest.raises(requests.ConnectionError) as caught:
        session(desk).get("/api/staff.json")
    assert isinstance(caught.value.args[0], MaxRetryError)


def test_a_closed_port_refuses_and_opens_again_at_the_same_address(desk: Omnidesk, server: OmnideskServer) -> None:
    api, address = over_socket(desk), server.url
    assert api.get("/api/staff.json").status_code == 200
    server.close_port()
    with pytest.raises(requests.ConnectionError):
        api.get("/api/staff.json")
    server.open_port()
    assert server.url == address
    assert api.get("/api/staff.json").status_code == 200


def test_faults_choose_by_predicate_and_chance_repeatably(desk: Omnidesk) -> None:
    api = session(desk)
    desk.faults.answer(503, on=lambda request: b"two" in request.body, times=None)
    one, two = ({"case": {**CASE["case"], "content": text}} for text in ("one", "two"))
    assert [api.post("/api/cases.json", json=body).status_code for body in (one, two, two)] == [201, 503, 503]
    outcomes = []
    for _ in range(2):
        desk.faults.clear()
        desk.faults.seed(7)
        desk.faults.server_error(times=None, chance=0.5)
        outcomes.append([api.get("/api/staff.json").status_code for _ in range(20)])
    assert outcomes[0] == outcomes[1]
    assert set(outcomes[0]) == {200, 502}


def test_calls_are_counted_by_pattern_with_who_called_and_what(desk: Omnidesk) -> None:
    api = session(desk)
    case = api.post("/api/cases.json", json=CASE).json()["case"]
    files = {"message[attachments][0]": ("a.txt", b"1")}
    path = f"/api/cases/{case['case_id']}/messages.json"
    sent = api.post(path, data={"message[content]": "x"}, files=files).json()["message"]
    api.get(sent["attachments"][0]["url"])
    api.get("/api/cases.json?channel=cch101")
    assert desk.calls_count() == 3
    assert desk.calls_count(exclude=["GET /api/cases.json"]) == 2
    assert desk.calls_count("GET /attachments/*") == 1
    (call,) = desk.calls_matching("POST /api/cases/*/messages.json")
    assert (call.staff_email, call.status, call.body["message"]["content"]) == (desk.integration.email, 201, "x")
    assert desk.calls[-1].query == {"channel": "cch101"}


def test_files_may_redirect_to_another_host_without_the_login(desk: Omnidesk, server: OmnideskServer) -> None:
    case = over_socket(desk).post("/api/cases.json", json=CASE).json()["case"]
    desk.agent_reply(case["case_id"], html="x", attachments=[("a.txt", "text/plain", b"data")])
    file = desk.messages(case["case_id"])[-1].files[0]
    desk.settings.files_redirect_to = server.url.replace("127.0.0.1", "localhost")
    answer = over_socket(desk).get(f"/attachments/{file.token}/{file.file_id}")
    assert (answer.content, len(answer.history)) == (b"data", 1)
    assert desk.calls[-1].staff_email == ""


def test_many_clients_at_once_get_consecutive_ids(desk: Omnidesk, server: OmnideskServer) -> None:
    def write(number: int) -> None:
        with over_socket(desk) as api:
            for _ in range(5):
                assert api.post("/api/cases.json", json=CASE).status_code == 201

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert sorted(desk.cases) == list(range(900_001, 900_041))
    assert len(desk.users) == 1


def test_a_chunked_upload_is_read_and_the_connection_lives_on(desk: Omnidesk, server: OmnideskServer) -> None:
    api = over_socket(desk)
    body = iter([b'{"case":{"user_custom_id":"1","channel":"cch101",', b'"subject":"S","content":"T"}}'])
    assert api.post("/api/cases.json", data=body, headers={"Content-Type": "application/json"}).status_code == 201
    assert api.get("/api/staff.json").status_code == 200


def test_stopping_leaves_no_delivering_thread_even_while_something_hangs(desk: Omnidesk) -> None:
    with OmnideskServer(desk):
        desk.faults.hang("late")
        with pytest.raises(requests.ReadTimeout):
            over_socket(desk).post("/api/cases.json", json=CASE, timeout=(30, 0.2))
    assert "omnidesk-webhooks" not in {thread.name for thread in threading.enumerate()}
    assert not desk.cases


def test_a_request_that_is_too_big_is_answered_and_not_kept(
    desk: Omnidesk, server: OmnideskServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.omnidesk.server._KEPT", 1000)
    api = over_socket(desk)
    answer = api.post("/api/cases.json", data=b"x" * 3_000_000)
    assert (answer.status_code, answer.json()) == (400, {"error": "attachment_too_big"})
    assert api.get("/api/staff.json").status_code == 200
