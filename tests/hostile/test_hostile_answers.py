"""What Omnidesk, or something between it and us, may answer: anything. A failure in our own terms comes of it."""

from __future__ import annotations

import gzip
import io
import json
import socketserver
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
import urllib3
from hypothesis import example, given, settings
from hypothesis import strategies as st

from omnidesk.core.errors import Failure, Paused, TryLater
from omnidesk.core.settings import Secret
from omnidesk.core.text import clean
from omnidesk.helpdesk.client import Client
from omnidesk.helpdesk.rate_limit import RateGate
from tests.hostile.limits import limited
from tests.support.amount import examples
from tests.support.clock import Clock

URL = "https://acme.omnidesk.ru"
MIB = 1 << 20
KEYS = st.sampled_from([
    "0", "1", "case", "message", "staff", "custom_field", "custom_channel", "error", "total_count", "case_id", "status",
    "message_id", "content", "content_html", "created_at", "updated_at", "attachments", "url", "file_name", "user_id",
    "staff_id", "field_id", "field_data", "channel_api_key", "note", "deleted", "custom_fields", "9" * 5000, "-1", "²",
])  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["open", "closed", "-", "1", "1e999", "Mon, 05 May 2025 07:15:17 +0300", "case_not_found",
                       "Mon, 01 Jan 0001 00:00:00 -0000", "rate limit", "\ud800", "9" * 5000, 2**64, -(2**64),
                       "x\n\x1b[0m"])
)  # fmt: skip
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=25
)
ASK: list[Callable[[Client], Any]] = [
    lambda c: c.case(7), lambda c: c.changed_cases("cch101", 5.0), lambda c: c.cases_of_user("cch101", "1", 0.0),
    lambda c: c.messages(7), lambda c: c.staff(), lambda c: c.custom_fields(), lambda c: c.channels(),
    lambda c: c.create_case({"subject": "s"}), lambda c: c.add_message(7, {"content": "x"}),
    lambda c: c.add_note(7, {"content": "x"}), lambda c: c.update_case(7, {"status": "open"}),
    lambda c: c.rate_message(7, 8, "low"), lambda c: c.update_user(5, {}),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("answers")


def make(folder: Path) -> Client:
    clock = Clock()
    gate = RateGate(str(folder / "rate"), clock)
    Path(gate.path).unlink(missing_ok=True)
    return Client(URL, "i@example.com", Secret("key"), gate, timeout=5.0, sleep=clock.tick)


class Answers(requests.adapters.BaseAdapter):
    """Gives one answer to every request."""

    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes | Any) -> None:
        super().__init__()
        self.status, self.headers, self.body = status, headers, body

    def send(self, request: requests.PreparedRequest, *given: Any, **options: Any) -> requests.Response:
        raw = urllib3.HTTPResponse(
            body=io.BytesIO(self.body) if isinstance(self.body, bytes) else self.body,
            headers=dict(self.headers), status=self.status, preload_content=False,
        )  # fmt: skip
        return requests.adapters.HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""


def asked(folder: Path, ask: Callable[[Client], Any], answers: Answers) -> Any:
    """What a call gives: its value, or the failure it raises; any other exception is the test's failure."""
    client = make(folder)
    client.session.mount(URL, answers)
    try:
        return ask(client)
    except Failure as failure:
        assert str(failure) and len(str(failure)) < 5_000
        assert clean(str(failure)) == str(failure) and "\n" not in str(failure)
        return failure


@settings(deadline=None, max_examples=examples(120))
@given(st.sampled_from(range(len(ASK))), st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 429, 500, 502]), JSON)
@example(5, 200, {"0": {"custom_field": {"field_id": 1, "field_data": {"1": {"a": "b"}}}}})
@example(3, 200, {"0": {"message": {"message_id": 1, "attachments": True}}})
@example(1, 200, {"9" * 5000: {"case": {}}})
@example(0, 400, {"error": {"deep": [1]}})
@example(0, 400, {"error": "x" * MIB})
@example(0, 200, {"error": "\n\x1b[31mred\ud800"})
def test_any_json_is_an_answer_or_a_failure_of_ours(folder: Path, which: int, status: int, document: Any) -> None:
    """Whatever its shape: no other exception, and a sentence that logs and terminals can carry."""
    asked(folder, ASK[which], Answers(status, [], json.dumps(document).encode()))


@settings(deadline=None, max_examples=examples(80))
@given(st.sampled_from(range(len(ASK))), st.binary(max_size=200))
@example(0, b'{"case": ' * 100_000)
@example(0, b'{"case": {"case_id": ' + b"9" * 5000 + b"}}")
@example(1, b"[" * 100_000)
@example(0, b'\xff\xfe{\x00"\x00')
@example(0, b'{"case": {"case_id": NaN, "status": Infinity}}')
@example(0, b'{"case": {"case_id": 1, "case_id": 2, "status": "open"}}')
def test_any_bytes_are_a_failure_of_ours(folder: Path, which: int, body: bytes) -> None:
    """Torn, nested without end, numbers of thousands of digits, another encoding."""
    asked(folder, ASK[which], Answers(200, [], body))


HEADER = st.sampled_from(
    ["inf", "-inf", "nan", "1e999", "-1", "", "0", "12", "9" * 5000, "soon", "1.5", "٣", "1_000"]
)  # fmt: skip
DATES = st.sampled_from(
    ["", "yesterday", "Mon, 01 Jan 0001 00:00:00 -0000", "Mon, 31 Dec 9999 23:59:59 GMT", "0", "9" * 5000,
     "Mon, 05 May 2025 07:15:17 +99999999", "Mon, 05 May 2025 07:15:17 GMT"]
)  # fmt: skip


@settings(deadline=None, max_examples=examples(120))
@given(HEADER, HEADER, HEADER, DATES, st.sampled_from([200, 429]))
@example("inf", "inf", "inf", "", 200)
@example("12", "0", "1e999", "", 429)
def test_any_header_is_survived_and_nothing_waits_for_ever(
    folder: Path, limit: str, left: str, retry: str, date: str, status: int
) -> None:
    """A count or a pause that cannot be believed is not; an hour is the longest there is."""
    headers = [("rate_limit_per_minute", limit), ("api_calls_left", left), ("retry_after", retry), ("Date", date)]
    client = make(folder)
    client.session.mount(URL, Answers(status, headers, b'{"case":{"case_id":7,"status":"open"}}'))
    for _ in range(2):
        try:
            client.case(7)
        except Paused as pause:
            assert 0 <= pause.seconds <= 1e6
    assert 0 <= client.now < 2**32


@settings(deadline=None, max_examples=examples(120))
@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
@example(b'{"limit": Infinity}')
@example(b'{"limit": 3, "left": 1e999}')
@example(b"\xff\xfe\x00")
@example(b"[" * 200_000)
@example(b'{"limit": ' + b"1" * 5000 + b"}")
@example(b'{"window_ends": NaN, "blocked_until": NaN}')
@example(b'{"blocked_until": 1e308}')
@example(b'{"reason": ["x"], "blocked_until": 1780000050}')
def test_any_rate_file_is_survived(folder: Path, content: bytes) -> None:
    """A crash, a full disk or somebody's editor leaves anything; calls go on, or wait an hour at most."""
    path = folder / "rate"
    path.write_bytes(content)
    gate = RateGate(str(path), Clock())
    try:
        gate.enter()
    except Paused as pause:
        assert 0 < pause.seconds <= 3600 and str(pause)
    gate.learn(20, 19, None)
    gate.block(5, "omnidesk_rate")
    gate.unblock()
    assert gate.budget().blocked_until == 0.0


def rows(inner: str, *given: Any) -> bytes:
    return json.dumps({str(at): {inner: row} for at, row in enumerate(given)}).encode()


def test_a_row_that_cannot_be_read_does_not_hide_the_others(folder: Path) -> None:
    """One case in a state this module does not know must not end the poll for all."""
    good = {"case_id": 1, "status": "open"}
    bad = {"case_id": 2, "status": "frozen"}
    found = asked(folder, lambda c: c.changed_cases("cch101", 5.0), Answers(200, [], rows("case", good, bad)))
    assert [one.case_id for one in found] == [1]
    assert found.ids == {"1", "2"}, "it counts when the list's end is looked for"
    staff = rows("staff", {"staff_id": 1}, {"staff_id": {}}, "x", {})
    assert isinstance(asked(folder, lambda c: c.staff(), Answers(200, [], staff)), TryLater), "not even a row"
    staff = rows("staff", {"staff_id": 1}, {"staff_id": {}})
    assert [one.staff_id for one in asked(folder, lambda c: c.staff(), Answers(200, [], staff))] == [1]


def test_a_list_of_which_nothing_can_be_read_is_a_failed_read(folder: Path) -> None:
    """It is not an empty list: nothing may be concluded from it."""
    bad = rows("case", {"case_id": 2, "status": "frozen"})
    assert isinstance(asked(folder, lambda c: c.changed_cases("cch101", 5.0), Answers(200, [], bad)), TryLater)


# Size and time


class Endless(io.RawIOBase):
    """A body without an end."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        buffer[:] = b" " * len(buffer)
        return len(buffer)

    def read1(self, size: int = -1) -> bytes:
        return b" " * size


def test_an_answer_without_end_ends_at_the_limit(folder: Path) -> None:
    """Neither the memory nor the connection is without bounds."""
    found = limited(lambda: str(asked(folder, ASK[0], Answers(200, [], Endless()))), mebibytes=200)
    assert "too long" in found


@pytest.mark.parametrize("layers", [1, 2])
def test_a_compressed_bomb_is_unpacked_piece_by_piece(folder: Path, layers: int) -> None:
    """A quarter of a gigabyte packed into 250 kilobytes, or into one, meets the limit before the memory."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join([*(packer.compress(b" " * MIB) for _ in range(256)), packer.flush()])
    for _ in range(layers - 1):
        bomb = gzip.compress(bomb)
    headers = [("Content-Encoding", ", ".join(["gzip"] * layers))]
    found = limited(lambda: str(asked(folder, ASK[0], Answers(200, headers, bomb))), mebibytes=160)
    assert "too long" in found


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "gzip, gzip", "x", ", ".join(["gzip"] * 500)])
def test_a_body_that_is_not_compressed_as_it_says_is_a_failure_of_ours(folder: Path, encoding: str) -> None:
    assert isinstance(asked(folder, ASK[0], Answers(200, [("Content-Encoding", encoding)], b"no gzip")), TryLater)


class Dripping(socketserver.ThreadingTCPServer):
    """Says that much is coming and sends a byte each time it is told."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Drip)
        self.over = threading.Event()


class _Drip(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.recv(65536)
        self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        server: Any = self.server
        try:
            while not server.over.wait(0.02):
                self.request.sendall(b" ")
        except OSError:
            return


@pytest.fixture
def dripping() -> Iterator[str]:
    with Dripping() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.over.set()
        server.shutdown()
        thread.join()


def test_a_dripping_account_holds_nobody_up(folder: Path, dripping: str) -> None:
    """The same over a socket: the call ends although something arrives all the time."""
    client = Client(dripping, "i@example.com", Secret("key"), RateGate(str(folder / "drip"), time.time), timeout=0.1)
    with pytest.raises(TryLater) as caught:
        client.case(7)
    assert caught.value.type == "omnidesk_no_answer"
    client.session.close()


def test_the_login_is_no_part_of_any_failure(folder: Path) -> None:
    """Whatever an answer echoes back, what we say of it holds no key."""
    with responses.RequestsMock() as mock:
        mock.get(f"{URL}/api/cases/7.json", status=401, json={"error": "wrong key: top-secret-key"})
        client = Client(URL, "i@example.com", Secret("top-secret-key"), make(folder).gate)
        with pytest.raises(Paused) as caught:
            client.case(7)
    assert "top-secret-key" not in f"{caught.value} {caught.value.args} {caught.value.params}"
