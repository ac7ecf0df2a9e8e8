"""The panel's web server: sessions, uploads, CGI processes, TLS."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
import requests

from sandbox.billmanager.panel import Panel
from sandbox.billmanager.server import PanelServer


def cgi_script(server: PanelServer, text: str, name: str = "probe") -> str:
    """Install a script and return its address; without a first line it is one of the shell."""
    path = server.panel.root / "cgi" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text if text.startswith("#!") else f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return server.cgi_url(name)


def test_a_key_opens_one_session_and_su_acts_as_a_client(served: PanelServer) -> None:
    """The way an upload goes: session.newkey, func=auth, then a multipart post."""
    panel = served.panel
    user = panel.add_client("Ivan", "ivan@example.com").user
    panel.call("session.newkey", {"key": "k1"})
    opened = requests.get(served.url, params={"func": "auth", "key": "k1", "out": "xml"}, timeout=60)
    session = opened.text.partition('<auth id="')[2].partition('"')[0]
    assert session
    assert 'type="auth"' in requests.get(served.url, params={"func": "auth", "key": "k1"}, timeout=60).text
    form = {"func": "clientticket.edit", "auth": session, "su": str(user), "sok": "ok", "out": "xml"}
    files = [("file_1", ("отчёт 1.txt", b"one\r\n--two")), ("file_2", ('a"b.bin', bytes(range(256))))]
    answer = requests.post(
        served.url, data={**form, "subject": "Тема", "message": "с файлами"}, files=files, timeout=60
    )
    assert "<id>1</id>" in answer.text
    message = panel.messages(1)[0]
    assert [(file.name, file.content) for file in message.files] == [
        ("отчёт 1.txt", b"one\r\n--two"),
        ('a"b.bin', bytes(range(256))),
    ]
    assert panel.requests[-1].via == "http"
    panel.sessions.expire()
    assert 'type="auth"' in requests.post(served.url, data=form, timeout=60).text


def test_password_and_authinfo_open_the_api_too(served: PanelServer) -> None:
    """A wrong password and no session at all are errors of type auth."""
    served.panel.add_employee("anna", password="secret")
    good = {"authinfo": "anna:secret", "func": "whoami", "out": "xml"}
    assert 'name="anna"' in requests.get(served.url, params=good, timeout=60).text
    for bad in ({"authinfo": "anna:wrong", "func": "whoami"}, {"func": "whoami"}):
        assert 'type="auth"' in requests.get(served.url, params=bad, timeout=60).text
    login = {"func": "auth", "username": "anna", "password": "secret"}
    assert '<auth id="' in requests.post(served.url, data=login, timeout=60).text
    denied = requests.get(served.url, params={**good, "func": "paramlist"}, timeout=60)
    assert 'type="access"' in denied.text


def test_a_lost_answer_ends_the_connection(served: PanelServer) -> None:
    """No status line, no body."""
    served.panel.faults.die_after_commit("whoami")
    with pytest.raises(requests.ConnectionError):
        requests.get(served.url, params={"authinfo": "root:root-password", "func": "whoami"}, timeout=60)


def test_a_cgi_gets_request_and_environment(served: PanelServer) -> None:
    """The query string as it came, the headers, the body on stdin; a neutral environment besides."""
    script = (
        f"#!{sys.executable} -IS\nimport os, sys\n"
        "body = sys.stdin.buffer.read(int(os.environ['CONTENT_LENGTH']))\n"
        "print('Content-Type: text/plain\\n')\n"
        "for name, value in sorted(os.environ.items()): print(name + '=' + value)\n"
        "print(body.decode())\n"
    )
    url = cgi_script(served, script)
    answer = requests.post(f"{url}?s%2Fcret", data=b"a=1", headers={"X-Probe": "7"}, timeout=60)
    lines = answer.text.splitlines()
    for expected in (
        *("REQUEST_METHOD=POST", "QUERY_STRING=s%2Fcret", "CONTENT_LENGTH=3", "HTTPS=on", "REMOTE_ADDR=127.0.0.1"),
        *("HTTP_X_PROBE=7", "LANG=C", f"HTTP_HOST=127.0.0.1:{served.port}", "a=1"),
    ):
        assert expected in lines
    assert not [line for line in lines if line.startswith(("HOME=", "PYTHON"))]
    assert answer.headers["Content-Type"] == "text/plain"


def test_the_length_may_come_by_another_variable(served: PanelServer) -> None:
    """As some samples had to cope with."""
    url = cgi_script(served, "printf 'Content-Type: text/plain\\n\\n'; env")
    served.panel.options.cgi_length = "HTTP_CONTENT_LENGTH"
    lines = requests.post(url, data=b"abc", timeout=60).text.splitlines()
    assert "HTTP_CONTENT_LENGTH=3" in lines
    assert "CONTENT_LENGTH=3" not in lines


@pytest.mark.parametrize(
    ("output", "status", "body"),
    [
        (r"Content-Type: text/plain\n\nhi", 200, "hi"),
        (r"Status: 403 Forbidden\nContent-Type: text/plain\n\nno\n\nno", 403, "no\n\nno"),
        (r"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n\r\nlater\n\n", 503, "later\n\n"),
        (r"", 500, "the script printed no complete answer"),
        (r"Content-Type: text/plain", 500, "the script printed no complete answer"),
    ],
)
def test_what_a_cgi_may_print(served: PanelServer, output: str, status: int, body: str) -> None:
    """Headers with a Status, a raw status line, or nothing, which is the server's error."""
    answer = requests.get(cgi_script(served, f"printf '{output}'"), timeout=60)
    assert (answer.status_code, answer.text) == (status, body)
    assert served.cgi_runs[-1].status == status


def test_the_answer_comes_when_stdout_is_closed(served: PanelServer, tmp_path: Path) -> None:
    """The script may work on; what it leaves behind may hold stderr, but not stdout."""
    fifo = tmp_path / "go"
    url = cgi_script(served, f"mkfifo {fifo}; printf 'Status: 200\\n\\nok'; exec >&-; read line <{fifo}")
    assert requests.get(url, timeout=60).text == "ok"
    fifo.write_text("done\n")
    served.panel.options.cgi_limit = 0.3
    held = cgi_script(served, "printf 'Status: 200\\n\\nok'; exec sleep 30", "held")
    assert requests.get(held, timeout=60).text == "ok"


def test_what_is_no_script_is_not_found(served: PanelServer) -> None:
    """Nor does a path lead out of the folder; a script without the right to run is 403."""
    cgi_script(served, "true")
    assert requests.get(served.cgi_url("nothing"), timeout=60).status_code == 404
    assert requests.get(served.cgi_url("%2e%2e/sbin/mgrctl"), timeout=60).status_code == 404
    (served.panel.root / "cgi" / "probe").chmod(0o644)
    assert requests.get(served.cgi_url("probe"), timeout=60).status_code == 403


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the program openssl")
def test_tls_with_a_certificate_nobody_signed(panel: Panel) -> None:
    """As a panel has it out of the box."""
    with PanelServer(panel, tls=True) as server:
        params = {"func": "whoami", "authinfo": "root:root-password"}
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(server.url, params=params, timeout=60)
        with pytest.warns(Warning, match="Unverified HTTPS"):
            assert requests.get(server.url, params=params, timeout=60, verify=False).ok
