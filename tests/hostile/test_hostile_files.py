"""Files of messages: where they come from, who sees the login, their names. Strangers write all of it."""

from __future__ import annotations

import io
import os
import re
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import gettempdir
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import responses
import urllib3
from hypothesis import example, given
from hypothesis import strategies as st

from omnidesk.attachments import outgoing
from omnidesk.billmanager.listener import Listener
from omnidesk.billmanager.mgrctl import Mgrctl
from omnidesk.billmanager.models import TicketFile
from omnidesk.billmanager.panel import Upload
from omnidesk.billmanager.program import Ran, Runner
from omnidesk.billmanager.upload import Uploader
from omnidesk.core import filenames
from omnidesk.core.errors import Failure, Refused, TryLater
from omnidesk.core.settings import Secret
from omnidesk.helpdesk import downloads
from omnidesk.helpdesk.client import Client
from omnidesk.helpdesk.models import LARGEST_FILE
from omnidesk.helpdesk.rate_limit import RateGate
from sandbox.billmanager.server import PanelServer
from tests.support.clock import Clock
from tests.support.downloads import downloaded
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
URL = "https://acme.omnidesk.ru"
FILE = f"{URL}/attachments/1/345"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    made = Client(URL, "i@example.com", Secret("key"), RateGate(str(tmp_path / "rate"), Clock()), timeout=5.0)
    yield made
    made.session.close()


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


# Addresses

FOREIGN = [
    "https://acme.omnidesk.ru@evil.example/1", "https://acme.omnidesk.ru:x@evil.example/1",
    "https://u:p@acme.omnidesk.ru/1", "https://acme.omnidesk.ru.evil.example/1", "https://evilacme.omnidesk.ru/1",
    "https://acme.omnidesk.ru\\@evil.example/1", "https://evil.example\\@acme.omnidesk.ru/1",
    "https://acme.omnidesk.ru\t.evil.example/1", "https://acme.omnidesk.ru /1", " https://acme.omnidesk.ru/1",
    "https://acme.omnidesk.ru\n/1", "https://acme.omnidesk.ru:8443/1", "https://acme.omnidesk.ru:0/1",
    "https://acme.omnidesk.ru:99999/1", "https://acme.omnidesk.ru:x/1", "http://acme.omnidesk.ru/1",
    "http://acme.omnidesk.ru:443/1", "ftp://acme.omnidesk.ru/1", "file:///etc/passwd",
    "file://acme.omnidesk.ru/etc/passwd", "//acme.omnidesk.ru/1", "/1", "", "1", "https:///1", "https://",
    "https://acme.omnidesk.ru%2eevil.example/1", "https://acme%2eomnidesk%2eru/1", "https://[::1]/1",
    "https://[acme.omnidesk.ru]/1", "https://2130706433/1", "https://0x7f.1/1", "https://127.1/1",
    "https://localhost/1", "https://[::ffff:7f00:1]/1", "https://acme.omnidesk.ru./1", "https://асме.omnidesk.ru/1",
    "https://acme。omnidesk。ru/1", "https://acme.omnidesk.ru\x00.evil.example/1",
    "https://acme.omnidesk.ru/" + "a" * 5000, "javascript:alert(1)",
]  # fmt: skip
API = [
    "/api/staff.json", "/API/staff.json", "//api/staff.json", "/./api/staff.json", "/x/../api/staff.json",
    "/%61pi/staff.json", "/%2561pi/staff.json", "/x/%2e%2e/api/staff.json", "/x/..%2fapi/staff.json",
    "/x/..\\api/staff.json", "/api", "/;/../api/staff.json", "/x/%25252e%25252e/api/staff.json",
]  # fmt: skip


@pytest.mark.parametrize("url", FOREIGN + [URL + path for path in API])
def test_no_trick_in_an_address_leads_anywhere(web: responses.RequestsMock, client: Client, url: str) -> None:
    """Only the account's own host, scheme and port, and nothing of its API; nothing else is even called."""
    with pytest.raises(Refused) as caught:
        downloaded(client, url)
    assert caught.value.type == "foreign_file"
    assert not web.calls


@pytest.mark.parametrize(
    "url", ["https://ACME.Omnidesk.RU/attachments/1/345", "https://acme.omnidesk.ru:443/attachments/1/345", FILE]
)
def test_the_accounts_own_address_in_any_spelling_is_its_own(
    web: responses.RequestsMock, client: Client, url: str
) -> None:
    """Upper case and the port that goes without saying are the same origin."""
    web.get(re.compile(r"(?i)https://acme\.omnidesk\.ru(:443)?/attachments/1/345"), body=b"data")
    assert downloaded(client, url) == b"data"
    assert web.calls[0].request.headers["Authorization"].startswith("Basic ")


HOSTS = st.sampled_from(["acme.omnidesk.ru", "evil.example", "127.0.0.1", "[::1]", "ACME.OMNIDESK.RU", ""])
PIECES = st.lists(
    HOSTS | st.sampled_from(["https://", "http://", "/", "\\", "@", ":", "443", "?", "#", "%", "..", "api", "//", " "])
)


@given(PIECES.map("".join) | st.text(max_size=50))
@example("https://acme.omnidesk.ru?@evil.example/")
@example("https://acme.omnidesk.ru#@evil.example/")
@example("https://acme.omnidesk.ru;@evil.example/")
def test_what_passes_the_check_is_what_is_called(url: str) -> None:
    """Two parsers read an address here; whatever is taken for the account's own, both send there."""
    found = downloads.origin(url)
    if found is None:
        return
    prepared = requests.Request("GET", url).prepare()
    sent = urllib3.util.parse_url(str(prepared.url))
    assert (sent.scheme, (sent.host or "").strip("[]").lower()) == (found.scheme, found.host)
    assert (sent.port or {"https": 443, "http": 80}[found.scheme]) == found.port
    assert sent.auth is None


PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1",
    "2002:a00:1::", "2001:db8::1", "::7f00:1", "::10.0.0.1", "::ffff:0:7f00:1", "64:ff9b:1::1", "64:ff9b:1:ffff::a00:1",
    "fec0::1", "feff::1", "192.0.0.8", "::ffff:192.0.0.8", "64:ff9b::c000:8",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_inside_are_not_public(address: str) -> None:
    """Loopback, private, link-local (the cloud's metadata), multicast; also wrapped into IPv6."""
    assert not downloads.is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_addresses_of_the_open_network_are_public(address: str) -> None:
    assert downloads.is_public(address)


# Redirects


def redirected(web: responses.RequestsMock, *places: str) -> None:
    """Each address leads to the next; the last has the file."""
    for here, there in pairwise(places):
        web.get(here, status=302, headers={"Location": there})
    web.get(places[-1], body=b"data")


def test_a_redirect_within_the_account_keeps_the_login(web: responses.RequestsMock, client: Client) -> None:
    redirected(web, FILE, f"{URL}/files/345")
    assert downloaded(client, FILE) == b"data"
    assert all("Authorization" in call.request.headers for call in web.calls)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_elsewhere_carries_no_login(web: responses.RequestsMock, client: Client, status: int) -> None:
    web.get(FILE, status=status, headers={"Location": "https://files.example/345"})
    web.get("https://files.example/345", body=b"data")
    assert downloaded(client, FILE) == b"data"
    assert [("Authorization" in call.request.headers) for call in web.calls] == [True, False]


REFUSED_REDIRECTS = [
    "http://files.example/1", "ftp://files.example/1", "file:///etc/passwd", "https://u:p@files.example/1", "data:,x",
    f"{URL}/api/staff.json", "/api/staff.json", "//acme.omnidesk.ru:8443/1\\", "http://acme.omnidesk.ru/1",
    "https://files.example\\/1",
]  # fmt: skip


@pytest.mark.parametrize("onward", REFUSED_REDIRECTS)
def test_where_no_redirect_is_followed_to(web: responses.RequestsMock, client: Client, onward: str) -> None:
    """In the clear, to another scheme, with a user, into the API."""
    web.get(FILE, status=302, headers={"Location": onward})
    with pytest.raises(Refused):
        downloaded(client, FILE)
    assert len(web.calls) == 1


def test_nobody_else_can_send_us_back_with_the_login(web: responses.RequestsMock, client: Client) -> None:
    """An address that another host chose is not called in our name."""
    redirected(web, FILE, "https://files.example/1", f"{URL}/attachments/2/1")
    with pytest.raises(Refused):
        downloaded(client, FILE)
    assert len(web.calls) == 2


def test_redirects_in_a_circle_end(web: responses.RequestsMock, client: Client) -> None:
    web.get(FILE, status=302, headers={"Location": FILE})
    with pytest.raises(Refused):
        downloaded(client, FILE)
    assert len(web.calls) == downloads.MOST_REDIRECTS + 1


def test_a_redirect_without_a_place_is_an_answer_like_any_other(web: responses.RequestsMock, client: Client) -> None:
    web.get(FILE, status=302)
    with client.download(FILE) as answer:
        assert answer.status_code == 302


def test_trouble_elsewhere_does_not_pause_the_account(web: responses.RequestsMock, client: Client) -> None:
    """A storage that is down is no reason to stop talking to Omnidesk."""
    web.get(FILE, status=302, headers={"Location": "https://files.example/345"})
    web.get("https://files.example/345", body=requests.ConnectTimeout("NewConnectionError"))
    with pytest.raises(TryLater):
        downloaded(client, FILE)
    assert client.gate.budget().blocked_until == 0.0


# Over a real socket


class Door(socketserver.ThreadingTCPServer):
    """Counts who knocks, and what they say."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Knock)
        self.heard: list[bytes] = []


class _Knock(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server: Any = self.server
        self.request.settimeout(1)
        try:
            server.heard.append(self.request.recv(65536))
        except OSError:
            server.heard.append(b"")


@pytest.fixture
def door() -> Iterator[Door]:
    with Door() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
def test_a_redirect_to_this_very_host_is_not_even_knocked_at(
    client: Client, web: responses.RequestsMock, door: Door, host: str
) -> None:
    """However loopback is spelled."""
    target = f"https://{host}:{door.server_address[1]}/1"
    web.add_passthru(re.compile(r"https://(?!acme)"))
    web.get(FILE, status=302, headers={"Location": target})
    with pytest.raises(Failure):
        downloaded(client, FILE)
    assert door.heard == []


def test_a_name_that_turns_private_between_two_looks_gets_nothing(
    client: Client, web: responses.RequestsMock, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address that was connected to counts, not the one the name had a moment ago; not a byte is sent."""
    real = socket.getaddrinfo
    looks: list[str] = []

    def changing(host: Any, port: Any, *given: Any, **options: Any) -> Any:
        if host != "files.example":
            return real(host, port, *given, **options)
        looks.append(host)
        return real("8.8.8.8" if len(looks) == 1 else "127.0.0.1", port, *given, **options)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    web.add_passthru(re.compile(r"https://(?!acme)"))
    web.get(FILE, status=302, headers={"Location": f"https://files.example:{door.server_address[1]}/1"})
    with pytest.raises(Refused):
        downloaded(client, FILE)
    assert len(looks) == 2
    assert all(said == b"" for said in door.heard)


# Names

NAMES = st.text(max_size=300) | st.lists(
    st.sampled_from(
        ["..", "/", "\\", "\x00", "\n", ".", "a", "Ж", "🙂", ".txt", "con", " ", '"', "\u202e", "\ud800", "x" * 250]
    )
).map("".join)
ODD = {
    "../../etc/passwd": "passwd", "/etc/passwd": "passwd", "..": "file", ".": "file", "": "file", "/": "file",
    "a/": "a", "..\\..\\boot.ini": "boot.ini", "C:\\x\\y.txt": "y.txt", "a\x00b.txt": "ab.txt",
    "a\r\nX-Evil: 1.txt": "a X-Evil: 1.txt", "con": "_con", "NUL.txt": "_NUL.txt", "com1": "_com1",
    "console.log": "console.log", " a ": "a", "...": "file", "a.": "a", 'a"b.txt': "a'b.txt",
    "gpj\u202egpj.exe": "gpjgpj.exe", "отчёт за май.pdf": "отчёт за май.pdf", ".htaccess": ".htaccess",
    "\u200d": "file", "a\ud800b": "ab", "👩‍👧.png": "👩‍👧.png",
}  # fmt: skip


@pytest.mark.parametrize(("name", "shown"), ODD.items())
def test_what_becomes_of_an_odd_name(name: str, shown: str) -> None:
    assert filenames.safe(name) == shown


@given(NAMES)
@example("x" * 300 + ".tar.gz")
@example("🙂" * 200)
@example("a." + "b" * 300)
@example("." * 300)
@example("con" + " " * 10)
@example("._con./x")
def test_a_name_can_name_a_file_in_its_folder_and_nothing_else(name: str) -> None:
    """No way out, nothing that a header or a file system trips over; cleaning twice is cleaning once."""
    found = filenames.safe(name)
    assert found == filenames.safe(found)
    assert 0 < len(found.encode("utf-8")) <= filenames.LONGEST
    assert not set(found) & set('/\\"\0\r\n\t') and found.strip(".")
    assert os.path.normpath(os.path.join("/folder", found)) == os.path.join("/folder", found)


@given(NAMES)
@example("data:text/html,<script>.png")
@example("http://x/y\r\nz.html")
@example("x.html\r\nX: y")
def test_a_guessed_type_can_stand_in_a_header(name: str) -> None:
    assert re.fullmatch(r"[\w.+-]+/[\w.+-]+", filenames.guessed_type(name), re.ASCII)


@given(st.text(max_size=50))
@example("text/plain\r\nX: y")
@example("text/plain; charset=utf-8")
@example("a/b\ud800")
def test_a_given_type_stands_in_a_header_or_is_unknown(given_type: str) -> None:
    assert re.fullmatch(r"[\w.+-]+/[\w.+-]+", filenames.mime_type(given_type), re.ASCII)


# Whole messages with such files

HOSTILE_NAMES = [
    "../../../etc/cron.d/x",
    "a\x00b",
    "x" * 400 + ".txt",
    "",
    "\\\\host\\share",
    'a"; filename="b',
    "\r\n\r\nbody",
]


@pytest.fixture
def with_files(make_workshop: Make) -> Iterator[Workshop]:
    workshop = make_workshop()
    with PanelServer(workshop.panel) as server:
        workshop.restart(panel_url=server.url)
        yield workshop


def test_a_replys_files_of_any_name_arrive_and_stay_in_their_folder(with_files: Workshop) -> None:
    """The name is a label; on disk they have numbers, and nothing is left behind."""
    ticket = with_files.linked_ticket()
    before = {path for path in with_files.root.rglob("*") if path.is_file()}
    with_files.agent_replies(ticket, "вот", attachments=[(name, "a/b\r\nX: y", b"data") for name in HOSTILE_NAMES])
    with_files.settle()
    files = with_files.panel.messages(ticket)[-1].files
    assert [file.content for file in files] == [b"data"] * len(HOSTILE_NAMES)
    shown = [file.name if name else "" for file, name in zip(files, HOSTILE_NAMES, strict=True)]
    assert shown == [filenames.safe(name) if name else "" for name in HOSTILE_NAMES]
    new = {path for path in with_files.root.rglob("*") if path.is_file()} - before
    theirs = (with_files.panel.attachments, with_files.panel.uploads)  # where the panel keeps its own
    outside = {path.name for path in new if path.parent not in theirs}
    assert outside <= {"rate", "billmgr.log"}, outside
    assert os.listdir(with_files.paths.downloads) == []


def test_a_clients_files_of_any_name_go_over(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.client_writes(workshop.ivan.user, ticket, "вот", [("x.txt", b"data")])
    hostile = iter(HOSTILE_NAMES)
    real = workshop.context.panel.file

    def renamed(attachment: int) -> tuple[str, str]:
        return next(hostile), real(attachment)[1]

    for name in HOSTILE_NAMES:
        workshop.context.panel.file = renamed  # type: ignore[method-assign]
        workshop.settle()
        there = workshop.desk.messages(workshop.case(ticket))[-1]
        assert [(file.name, file.data) for file in there.files] == [(filenames.safe(name, quotes=True), b"data")]
        workshop.client_writes(ticket, "ещё")
        workshop.panel.execute("UPDATE ticket_message_attach SET ticket_message = (SELECT MAX(id) FROM ticket_message)")


@pytest.mark.parametrize("name", ["staff\x00name", "\ud800", "x\r\ny", "🙂" * 100], ids=ascii)
def test_an_employees_odd_name_does_not_stop_his_reply(workshop: Workshop, name: str) -> None:
    """It stands above the reply when BILLmanager does not know him; mgrctl could not be given a NUL at all."""
    ticket = workshop.linked_ticket()
    workshop.desk.staff[workshop.vera_staff].name = name
    workshop.agent_replies(ticket, "Ответ", staff=workshop.vera_staff)
    workshop.settle()
    assert workshop.panel.messages(ticket)[-1].text.endswith("Ответ")


# Files of the panel


def reading(path: Path, name: str = "x.txt") -> Any:
    def nothing(*given: object) -> None:
        raise Refused("panel_refused", "ticket.file", "no file")

    panel = SimpleNamespace(file=lambda attachment: (name, str(path)))
    paths, uploader = SimpleNamespace(downloads=gettempdir()), SimpleNamespace(fetch=nothing)
    context: Any = SimpleNamespace(panel=panel, paths=paths, uploader=uploader)
    return outgoing.open_file(context, TicketFile(1))


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Refused, match="not a file"), reading(tmp_path / "pipe"):
        pass


@pytest.mark.parametrize("path", ["/dev/zero", "/proc", "/nowhere"])
def test_what_is_no_file_is_said_to_be_none(path: str) -> None:
    with pytest.raises(Refused), reading(Path(path)):
        pass


def test_a_file_beyond_the_limit_is_named_not_sent(tmp_path: Path) -> None:
    with open(tmp_path / "big", "wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with pytest.raises(Refused, match="MiB"), reading(tmp_path / "big"):
        pass


# The panel's own address


def echo(arguments: Sequence[str], variables: Mapping[str, str], timeout: float) -> Ran:
    """An mgrctl that takes values from its environment and repeats them, as the panel's answers do."""
    return Ran(0, f"<doc><ok/><tparams>{''.join(variables.values())}</tparams></doc>".encode(), b"")


def uploader(run: Runner = echo) -> Uploader:
    return Uploader(Mgrctl(run, 5.0), "https://127.0.0.1:1500/billmgr", 5.0)


@pytest.mark.parametrize("at", ["auth", "upload"])
def test_the_panels_redirect_does_not_take_the_session_along(
    web: responses.RequestsMock, tmp_path: Path, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 307 would send the session, the text and the files to whoever it names."""
    # requests rewinds a file before it says where a redirect leads; responses has made bytes of it.
    monkeypatch.setattr(requests.sessions, "rewind_body", lambda request: None)
    (tmp_path / "f").write_bytes(b"data")
    away = {"status": 307, "headers": {"Location": "https://evil.example/"}}
    session = {"body": '<doc><auth id="s3cr3t">s3cr3t</auth></doc>'}
    web.post("https://127.0.0.1:1500/billmgr", **(away if at == "auth" else session))
    web.post("https://127.0.0.1:1500/billmgr", **away)
    web.add("POST", "https://evil.example/", body="<doc/>")
    web.add("GET", "https://evil.example/", body="<doc/>")
    with pytest.raises(TryLater) as caught:
        uploader().post("ticket.edit", {"message": "x"}, [Upload(str(tmp_path / "f"), "f")])
    assert caught.value.type == "panel_url"
    assert not [call for call in web.calls if "evil" in str(call.request.url)]


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ({"status": 200, "body": b"<html>login</html>", "content_type": "text/html"}, "panel_refused"),
        ({"status": 200, "body": b"", "content_type": "text/html; charset=UTF-8"}, "panel_refused"),
        (
            {"status": 200, "body": b"<?xml version='1.0'?><doc><error/></doc>", "content_type": "text/xml"},
            "panel_refused",
        ),
        ({"status": 200, "body": b'{"doc":{"error":{}}}', "content_type": "application/json"}, "panel_refused"),
        (
            {"status": 200, "body": b"\xef\xbb\xbf <!DOCTYPE HTML><title>login</title>", "content_type": ""},
            "panel_refused",
        ),
        ({"status": 200, "body": b"<html><form>", "content_type": "text/plain; charset=UTF-8"}, "panel_refused"),
        ({"status": 200, "body": b'<?xml version="1.0"?><doc><error/></doc>', "content_type": ""}, "panel_refused"),
        ({"status": 401, "body": b"x", "content_type": "application/pdf"}, "panel_refused"),
        ({"status": 403, "body": b"<html>", "content_type": "text/html"}, "panel_refused"),
        (
            {
                "status": 200,
                "body": b"x" * 9,
                "headers": {"Content-Length": "50"},
                "auto_calculate_content_length": False,
            },
            "panel_upload",
        ),
        ({"status": 500, "body": b""}, "panel_refused"),
        ({"status": 404, "body": b"x", "headers": {"Content-Disposition": "attachment; filename=x"}}, "panel_refused"),
        ({"status": 307, "headers": {"Location": "https://evil.example/"}}, "panel_url"),
        ({"status": 200, "body": b"x" * 101, "content_type": "application/pdf"}, "file"),
        ({"body": requests.ConnectionError("gone")}, "panel_upload"),
    ],
)
def test_what_is_not_the_file_is_not_taken_for_it(
    web: responses.RequestsMock, answer: dict[str, Any], failure: str
) -> None:
    """A page, an error or a redirect in the place of a client's file, or more than is taken."""
    web.post("https://127.0.0.1:1500/billmgr", body='<doc><auth id="s3cr3t">s3cr3t</auth></doc>')
    web.post("https://127.0.0.1:1500/billmgr", **answer)
    web.post("https://127.0.0.1:1500/billmgr", body="<doc/>")
    into = io.BytesIO()
    with pytest.raises((Refused, TryLater)) as caught:
        uploader().fetch("ticket.file", {"elid": "7"}, into, 100)
    assert caught.value.type == failure
    assert "func=session.delete" in str(web.calls[-1].request.body), "the session is closed whatever came"
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        {"body": b"x" * 100, "content_type": "application/octet-stream"},
        {"body": b"", "content_type": "text/plain"},
        {"body": b"about <html> and <docs>", "content_type": "text/plain"},
        {"body": b"<!DOCTYPE html>", "content_type": "application/octet-stream"},
        {"body": b"<config/>", "content_type": "text/xml"},
        {"body": b"<html/>", "content_type": "text/html", "headers": {"Content-Disposition": 'inline; filename="x"'}},
    ],
)
def test_a_file_is_taken_as_it_is(web: responses.RequestsMock, answer: dict[str, Any]) -> None:
    web.post("https://127.0.0.1:1500/billmgr", body='<doc><auth id="s3cr3t">s3cr3t</auth></doc>')
    web.post("https://127.0.0.1:1500/billmgr", **answer)
    web.post("https://127.0.0.1:1500/billmgr", body="<doc/>")
    into = io.BytesIO()
    uploader().fetch("ticket.file", {"elid": "7"}, into, 100)
    assert into.getvalue() == answer["body"]
    assert "out=" not in str(web.calls[1].request.body)
    assert "s3cr3t" not in str(web.calls[1].request.url), "the session is in no address that a log may keep"


def test_the_one_time_key_is_not_repeated_in_an_error() -> None:
    """mgrctl may echo its parameters in an error; the text ends up in a log."""
    said: list[str] = []

    def run(arguments: Sequence[str], variables: Mapping[str, str], timeout: float) -> Ran:
        if arguments[2] != "session.newkey":
            return echo(arguments, variables, timeout)
        said.append(variables[arguments[-1].partition("=$")[2]])
        return Ran(1, f"<doc><error><param name='key'>{said[0]}</param></error></doc>".encode(), b"")

    with pytest.raises(TryLater) as caught:
        uploader(run).post("ticket.edit", {}, [])
    assert said[0] and said[0] not in str(caught.value.args)


@pytest.mark.parametrize("status", [413, 400])
def test_an_upload_the_panels_web_server_never_takes_is_a_refusal(web: responses.RequestsMock, status: int) -> None:
    """Tried for ever it would hold up its ticket; as a refusal it is set aside with its reason."""
    web.post("https://127.0.0.1:1500/billmgr", body='<doc><auth id="x">x</auth></doc>')
    web.post("https://127.0.0.1:1500/billmgr", status=status, body="<html>too large</html>")
    with pytest.raises(Refused) as caught:
        uploader().post("ticket.edit", {"message": "x" * 10}, [])
    assert caught.value.type == "panel_refused" and str(status) in caught.value.value


def test_a_stream_given_as_a_file_is_read_once(web: responses.RequestsMock, client: Client) -> None:
    """A redirect of our own POST is an error, not a second sending."""
    from omnidesk.helpdesk.connection import FileUpload

    web.post(f"{URL}/api/cases.json", status=307, headers={"Location": "https://evil.example/"})
    with pytest.raises(Failure):
        client.create_case({"subject": "s"}, [FileUpload("a.txt", io.BytesIO(b"abc"), "text/plain")])
    assert [call.request.method for call in web.calls].count("POST") == 1


def test_no_root_session_is_made_by_a_key_that_ps_shows() -> None:
    """An mgrctl without ``-e`` could take the variable's name, which everybody can read, for the key."""
    asked: list[str] = []

    def run(arguments: Sequence[str], variables: Mapping[str, str], timeout: float) -> Ran:
        asked.append(arguments[2])
        return Ran(0, b"<doc><ok/></doc>", b"")

    with pytest.raises(TryLater) as caught:
        uploader(run).post("ticket.edit", {"message": "text"}, ())
    assert (caught.value.type, caught.value.object) == ("panel_upload", "session.newkey")
    assert set(asked) == {"whoami", "paramlist"}  # asked without a key


def test_no_session_is_opened_where_a_stranger_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any user of the host can listen on the panel's port while the panel is down."""
    monkeypatch.setattr(
        "omnidesk.billmanager.listener.listeners", lambda tables: iter([Listener("0.0.0.0", 1500, 65000)])
    )
    asked: list[object] = []

    def run(arguments: Sequence[str], variables: Mapping[str, str], timeout: float) -> Ran:
        asked.append(arguments)
        return echo(arguments, variables, timeout)

    with pytest.raises(TryLater) as caught:
        uploader(run).post("ticket.edit", {"message": "text"}, ())
    assert caught.value.type == "panel_listener"
    assert asked == []


def test_the_key_goes_by_post_and_the_session_is_closed(workshop: Workshop) -> None:
    with PanelServer(workshop.panel) as server:
        seen: list[tuple[str, str, str]] = []
        send = requests.Session.send

        def noted(self: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:
            seen.append((str(request.method), request.path_url, str(request.body)[:40]))
            return send(self, request, **more)

        uploader = Uploader(Mgrctl(workshop._mgrctl, 10.0), server.url, 10.0)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(requests.Session, "send", noted)
            uploader.post("whoami", {}, ())
    assert [method for method, _, _ in seen] == ["POST"] * 3
    assert all("key=" not in path and "auth=" not in path for _, path, _ in seen)
    assert workshop.panel.sessions.open_sessions() == 0
