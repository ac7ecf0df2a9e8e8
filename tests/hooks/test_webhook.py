from __future__ import annotations

import io
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path
from unittest import mock
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnidesk.core.paths import Paths
from omnidesk.hooks import spool, webhook
from tests.hooks.hook_tree import SECRET, Tree

FORM_TYPE = "application/x-www-form-urlencoded"
# As seen on live traffic: brackets encoded, every value a string.
SEEN = (
    b"type=message_new&object%5Bmessage_id%5D=42577887&object%5Bcase_id%5D=985687&object%5Bstaff_id%5D=7235"
    b"&object%5Buser_id%5D=5654846848&object%5Bcustom_user_id%5D=3f6c2f1e&object%5Bcontent%5D=Help+is+coming%21"
    b"&object%5Bnote%5D=0&object%5Bsent_via_rule%5D=0&object%5Battachments%5D%5B0%5D%5Burl%5D=https%3A%2F%2Fx%2F345"
)
AS_JSON = {"type": "message_new", "object": {"message_id": 42577887, "case_id": 985687, "content": "…", "note": 1}}
PART = '--B\r\nContent-Disposition: form-data; name="object[{}]"\r\n\r\n{}\r\n'
MULTIPART = (
    "".join(PART.format(*field) for field in (("content", "hi"), ("case_id", 985687), ("note", 0))) + "--B--\r\n"
)
LOG_LINE = re.compile(r"^[A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d:\d\d \[\d+\] webhook \S+[A-Z]+ .*\033\[0m$")


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (SEEN, FORM_TYPE, {"case": "985687", "message": "42577887", "note": "0"}),
        (SEEN, FORM_TYPE + "; charset=UTF-8", {"case": "985687", "message": "42577887", "note": "0"}),
        (SEEN, "unset", {"case": "985687", "message": "42577887", "note": "0"}),
        (b"case_id=17", FORM_TYPE, {"case": "17"}),
        (b"case_id=017&last_message=%zz%ff", "text/plain", {"case": "17"}),
        (b"object[case_id]=1&object[case_id]=2", FORM_TYPE, {"case": "2"}),
        (b"&&object[case_id]=+7+&object[note]=1&x", FORM_TYPE, {"case": "7", "note": "1"}),
        (json.dumps(AS_JSON).encode(), "application/json", {"case": "985687", "message": "42577887", "note": "1"}),
        (json.dumps(AS_JSON).encode(), FORM_TYPE, {"case": "985687", "message": "42577887", "note": "1"}),
        (b'\xef\xbb\xbf \n{"case_id": "17", "note": false}\n', "unset", {"case": "17", "note": "0"}),
        (b'{"object": {}, "case_id": 3}', "application/vnd.api+json", {"case": "3"}),
        (MULTIPART.encode(), "multipart/form-data; boundary=B", {"case": "985687", "note": "0"}),
        (MULTIPART.encode(), 'Multipart/Form-Data; charset=x; boundary="B"', {"case": "985687", "note": "0"}),
        (b"object[case_id]=5&object[message_id]=abc", FORM_TYPE, {"case": "5"}),
        (b"case_id=5", "application/json", {"case": "5"}),
        (b"case_number=237-696853", FORM_TYPE, {"case": "237-696853"}),
        (b'\xef\xbb\xbf{"data": {"caseNumber": "237%2D696853"}}', "text/plain", {"case": "237-696853"}),
    ],
)
def test_a_call_is_recorded(tree: Tree, body: bytes, content_type: str, expected: dict[str, str]) -> None:
    """Whatever the encoding: one record with the ids, the note flag, the time and the peer, and nothing else."""
    answer = tree.webhook(body, CONTENT_TYPE=content_type)
    assert answer == ("200", {"Content-Type": "application/json"}, '{"result":"ok"}')
    (event,) = spool.entries(str(tree.spool))
    assert event.name == f"case-{expected['case']}"
    assert event.fields.pop("peer") == "192.0.2.7"
    assert event.fields.pop("time").isdigit()
    assert event.fields == expected
    assert tree.told("started")["argv"][:2] == ["--command", "sync"]
    assert f"case {expected['case']} changed" in tree.log()


def test_each_case_of_a_list_is_recorded(tree: Tree) -> None:
    body = json.dumps([{"case_id": 17, "message_id": 5}, {"case_id": 18}, {"case_id": 19}])
    assert tree.webhook(body.encode(), CONTENT_TYPE="application/json")[0] == "200"
    events = {event.name: event.fields for event in spool.entries(str(tree.spool))}
    assert sorted(events) == ["case-17", "case-18", "case-19"]
    assert "message" in events["case-17"] and "message" not in events["case-18"]
    assert all(f": case {number} changed, JSON" in tree.log() for number in (17, 18, 19))


def test_a_rule_s_call_does_not_hide_a_new_message(tree: Tree) -> None:
    """Both calls come for one reply, and their records have one name."""
    tree.webhook(SEEN, CONTENT_TYPE=FORM_TYPE)
    tree.webhook(b"case_id=985687", CONTENT_TYPE=FORM_TYPE)
    (event,) = spool.entries(str(tree.spool))
    assert (event.name, event.fields["message"]) == ("case-985687", "42577887")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", FORM_TYPE),
        (b"  \r\n", "unset"),
        (b"", "multipart/form-data; boundary=B"),
        (b"type=test", FORM_TYPE),
        (b"case_id=", FORM_TYPE),
        (b"case_id=%5Bcase_id%5D", FORM_TYPE),
        (b"{}", "application/json"),
        (b"[]", "application/json"),
        (b'{"object": {"case_id": null}}', "application/json"),
        (b'{"object": []}', "application/json"),
        (b'"text"', "application/json"),
        (b"[1]", "application/json"),
        (b"content=%ff", FORM_TYPE),
        (b'{"case_id": [case_id], "case_number": "[case_number]"}', "application/json"),
        (b"--B--\r\n", "multipart/form-data; boundary=B"),
    ],
)
def test_a_test_call_is_fine_and_leaves_no_record(tree: Tree, body: bytes, content_type: str) -> None:
    """Omnidesk tries the address when it is saved."""
    assert tree.webhook(body, CONTENT_TYPE=content_type)[0] == "200"
    assert tree.events() == []
    assert "no case named" in tree.log()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b'{"object": {"case_id": 5}} x', "application/json"),
        (b'{"case_id": NaN}', "application/json"),
        (b'{"case_id": "\xff"}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"case_id": ' + b"9" * 5000 + b"}", "application/json"),
        (b'{"case_id": true}', "application/json"),
        (b'{"case_id": 1.5}', "application/json"),
        (b'{"case_id": [1]}', "application/json"),
        (b"case_id=%zz", FORM_TYPE),
        (b"object%5Bcase_id%5=5", FORM_TYPE),
        (b"case_id=%f", FORM_TYPE),
        (b"case_id=%ff", FORM_TYPE),
        (b"case_id=5%20x", FORM_TYPE),
        (b"case_id=0", FORM_TYPE),
        (b"case_id=-1", FORM_TYPE),
        (b"case_id=%D9%A3", FORM_TYPE),
        (b"case_id=" + b"9" * 19, FORM_TYPE),
        (b"case_id=../../etc", FORM_TYPE),
        (b"content=%", FORM_TYPE),
        (b"anything", "multipart/form-data"),
        (b"anything", "multipart/form-data; boundary=B"),
        (MULTIPART.encode()[:60], "multipart/form-data; boundary=B"),
    ],
)
def test_what_cannot_be_read_is_400(tree: Tree, body: bytes, content_type: str) -> None:
    """The answer and the log say what is wrong without quoting the body."""
    status, _, content = tree.webhook(body, CONTENT_TYPE=content_type)
    assert status == "400"
    assert set(json.loads(content)) == {"error"}
    assert tree.events() == []
    (line,) = tree.log().splitlines()
    assert LOG_LINE.match(line) and "WARNING" in line and "192.0.2.7" in line


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "post", "unset"])
def test_only_post(tree: Tree, method: str) -> None:
    """Said before anything is compared: a wrong method tells nothing about the secret."""
    for query in (SECRET, "wrong"):
        status, headers, content = tree.webhook(SEEN, query, REQUEST_METHOD=method)
        assert (status, headers["Allow"]) == ("405", "POST")
        assert bool(content) is (method != "HEAD")
    assert tree.events() == []


@pytest.mark.parametrize(
    "query",
    ["", "unset", "wrongly", SECRET + "x", SECRET[:-1], "secret=" + SECRET, SECRET + "&a=b", SECRET.lower(), "%zz"],
)
def test_a_wrong_secret(tree: Tree, query: str) -> None:
    """403, one line with the peer and what a proxy claims, made harmless; the body is not even read."""
    forged = "6.6.6.6\n\033[31mMay  1 forged"
    env = {"QUERY_STRING": query, "CONTENT_LENGTH": "99999999", "HTTP_X_FORWARDED_FOR": forged, "REMOTE_ADDR": "::1\n"}
    assert tree.webhook(b"", HTTP_X_REAL_IP="10.0.0.1", **env)[0] == "403"
    (line,) = tree.log().split("\n")[:-1]
    assert LOG_LINE.match(line)
    assert "403" in line and "::1?" in line and "real ip 10.0.0.1" in line
    assert "forwarded for 6.6.6.6??" in line and "forged" not in line
    assert query in ("", "unset") or query not in tree.log()
    assert tree.events() == []


@pytest.mark.parametrize("secret", [SECRET, "plain", "a%b", "100%", "a+b", "key=value&x", "ключ"])
def test_a_right_secret(tmp_path: Path, secret: str) -> None:
    """The raw query string, and what a client makes of it by percent-encoding."""
    tree = Tree(tmp_path / "mgr5", secret)
    tree.executable("processing/pmomnidesk", "")
    assert tree.webhook(b"case_id=1", secret)[0] == "200"
    assert tree.webhook(b"case_id=1", quote(secret, safe=""))[0] == "200"
    assert tree.webhook(b"case_id=1", quote(secret, safe="") + "x")[0] == "403"
    tree.close()


def test_the_old_secret_while_a_change_is_under_way(tree: Tree) -> None:
    tree.settings.write_text("OmnideskSecret new\nOmnideskSecretOld old\n")
    assert [tree.webhook(b"", query)[0] for query in ("new", "old", "newold", "")] == ["200", "200", "403", "403"]
    tree.settings.write_text("OmnideskSecret new\nOmnideskSecretOld\n")
    assert [tree.webhook(b"", query)[0] for query in ("new", "old", "")] == ["200", "403", "403"]


@pytest.mark.parametrize("text", [None, "", "OmnideskSecret\n", "# OmnideskSecret x\n", "OmnideskSecretOld old\n"])
def test_not_set_up(tree: Tree, text: str | None) -> None:
    """503 whatever the caller knows, also for an empty query string; the log says what to do."""
    tree.settings.unlink()
    if text is not None:
        tree.settings.write_text(text)
    for query in ("", "old", "x"):
        assert tree.webhook(SEEN, query)[0] == "503"
    assert "OmnideskSecret" in tree.log() and str(tree.settings) in tree.log()


@pytest.mark.parametrize(
    ("lengths", "body", "status"),
    [
        ({"CONTENT_LENGTH": "9"}, b"case_id=5&more", "200"),
        ({"CONTENT_LENGTH": "unset"}, b"case_id=5", "200"),
        ({"CONTENT_LENGTH": ""}, b"case_id=5", "200"),
        ({"CONTENT_LENGTH": "unset", "HTTP_CONTENT_LENGTH": "9"}, b"case_id=5&more", "200"),
        ({"CONTENT_LENGTH": "0", "HTTP_CONTENT_LENGTH": "9"}, b"case_id=5&more", "200"),
        ({"CONTENT_LENGTH": "0", "HTTP_TRANSFER_ENCODING": "gzip, Chunked"}, b"case_id=5", "200"),
        ({"CONTENT_LENGTH": "10"}, b"case_id=5", "400"),
        ({"CONTENT_LENGTH": "-1"}, b"case_id=5", "400"),
        ({"CONTENT_LENGTH": "nine"}, b"case_id=5", "400"),
        ({"CONTENT_LENGTH": "1048577"}, b"case_id=5", "413"),
        ({"CONTENT_LENGTH": "9" * 5000}, b"case_id=5", "413"),
        ({}, b"case_id=5&x=" + b"x" * (1 << 20), "413"),
        ({"CONTENT_LENGTH": "unset"}, b"case_id=5&x=" + b"x" * (1 << 20), "413"),
        ({}, b"case_id=5&x=" + b"x" * ((1 << 20) - 12), "200"),
        ({"CONTENT_LENGTH": "unset"}, b"case_id=5&x=" + b"x" * ((1 << 20) - 12), "200"),
    ],
)
def test_length_of_the_body(tree: Tree, lengths: dict[str, str], body: bytes, status: str) -> None:
    """Exactly what is announced is read; up to 1 MiB is served, not a byte more."""
    assert tree.webhook(body, **lengths)[0] == status
    assert tree.events() == (["case-5"] if status == "200" else [])


def test_a_length_of_zero_does_not_wait_for_a_body(tree: Tree) -> None:
    """The server may keep the connection open."""
    ours, theirs = os.pipe()
    env = {"REQUEST_METHOD": "POST", "QUERY_STRING": SECRET, "CONTENT_LENGTH": "0"}
    with tree.start("cgi/omnidesk_webhook", env, stdin=ours) as process:
        assert process.stdout is not None and process.stdout.read().startswith(b"Status: 200")
    os.close(ours)
    os.close(theirs)


def test_a_body_that_cannot_be_read(tree: Tree) -> None:
    """A web server that gives no stdin: the caller is told, in the words for any unreadable body."""
    env = {"REQUEST_METHOD": "POST", "QUERY_STRING": SECRET, "CONTENT_LENGTH": "9", "PATH": os.environ["PATH"]}
    command = ["sh", "-c", f"exec {tree.root}/cgi/omnidesk_webhook <&-"]
    answer = subprocess.run(command, env=env, capture_output=True, check=False).stdout
    assert answer.startswith(b"Status: 400")
    assert "the body cannot be read: Bad file descriptor" in tree.log()


def test_a_spool_that_cannot_be_written(tree: Tree) -> None:
    """503, so that a sender that retries does; the log names the folder and the reason."""
    (tree.root / "var/omnidesk").write_text("a file in its place")
    assert tree.webhook(SEEN)[0] == "503"
    assert f"{tree.spool}: Not a directory" in tree.log() and "ERROR" in tree.log()


def test_a_worker_that_cannot_be_started(tree: Tree) -> None:
    """The record is on disk, so the answer is good; the log says that the timer will do it."""
    (tree.root / "processing/pmomnidesk").unlink()
    assert tree.webhook(SEEN)[0] == "200"
    assert tree.events() == ["case-985687"]
    assert "the timer will" in tree.log() and "ERROR" in tree.log()


def test_an_error_nobody_foresaw(tree: Tree) -> None:
    """500 for the stranger, the type and the place for the administrator, a traceback for nobody."""
    path = tree.library() / "hooks/webhook_body.py"
    path.write_text(path.read_text() + "\ndef read(*_):\n    raise KeyError('inside')\n")
    assert tree.webhook(SEEN) == ("500", {"Content-Type": "application/json"}, '{"error":"internal error"}')
    assert "KeyError in read, line" in tree.log() and "inside" not in tree.log()


def test_levels_and_colors_are_those_of_debug_conf(tree: Tree) -> None:
    (tree.root / "etc/debug.conf").write_text("SET color=off\nomnidesk_webhook 4\n")
    tree.webhook(SEEN)
    assert tree.log() == ""
    tree.webhook(SEEN, "wrong")
    assert "WARNING 403" in tree.log() and "\033" not in tree.log()


def test_mgr5_root_overrides_the_place(tree: Tree, tmp_path: Path) -> None:
    """The code is where the executable is, everything else below MGR5_ROOT."""
    other = tmp_path / "other"
    (other / "etc/omnidesk").mkdir(parents=True)
    (other / "var").mkdir()
    (other / "etc/omnidesk/omnidesk.conf").write_text("OmnideskSecret other\n")
    assert tree.webhook(SEEN, "other", MGR5_ROOT=str(other))[0] == "200"
    assert (other / "var/omnidesk/spool/case-985687").exists() and tree.events() == []


def test_started_by_a_link_and_from_elsewhere(tree: Tree, tmp_path: Path) -> None:
    """A link outside the panel's folders leads to the real one; a relative start works too."""
    (tmp_path / "link").symlink_to(tree.root / "cgi/omnidesk_webhook")
    env = {"REQUEST_METHOD": "POST", "QUERY_STRING": SECRET, "PATH": os.environ["PATH"], "CONTENT_LENGTH": "0"}
    for command, folder in (
        ("./link", tmp_path),
        ("cgi/omnidesk_webhook", tree.root),
        ("./omnidesk_webhook", tree.root / "cgi"),
    ):
        with tree.start("x", env, cwd=folder, executable=command) as process:
            out, err = process.communicate(b"")
        assert (out.split(b"\r\n")[0], err) == (b"Status: 200", b"")


# --- the secret stays a secret ---------------------------------------------------------------------------------------


class Call:
    """One call of ``webhook.main`` in this process, with stdin and stdout of its own."""

    def __init__(self, root: str, env: dict[str, str], body: bytes) -> None:
        self.root = root
        self.env = env
        self.stdin = io.BytesIO(body)
        self.stdout = b""
        self._read, self._write = os.read, os.write

    def read(self, descriptor: int, size: int) -> bytes:
        return self._read(descriptor, size) if descriptor else self.stdin.read(size)

    def write(self, descriptor: int, data: bytes) -> int:
        if descriptor != 1:
            return self._write(descriptor, data)
        self.stdout += data
        return len(data)

    def run(self) -> None:
        environment = mock.patch.dict(os.environ, {"MGR5_ROOT": self.root, **self.env}, clear=True)
        with environment, mock.patch("os.read", self.read), mock.patch("os.write", self.write):
            assert webhook.main("/anywhere/cgi/omnidesk_webhook") == 0


ENVIRONMENT = st.fixed_dictionaries(
    {},
    optional={
        "REQUEST_METHOD": st.sampled_from(["POST", "POST", "POST", "GET", "HEAD"]),
        "CONTENT_LENGTH": st.one_of(st.integers(-2, 200).map(str), st.text("0123456789 x", max_size=8)),
        "HTTP_CONTENT_LENGTH": st.integers(0, 200).map(str),
        "CONTENT_TYPE": st.sampled_from(
            [FORM_TYPE, "application/json", "multipart/form-data; boundary=B", "text/plain"]
        ),
        "REMOTE_ADDR": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
        "HTTP_X_FORWARDED_FOR": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
        "QUERY_STRING": st.sampled_from([SECRET, quote(SECRET), SECRET + "1", "x" + SECRET, SECRET.upper(), ""]),
    },
)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.sampled_from([SEEN, json.dumps(AS_JSON).encode(), MULTIPART.encode(), b"", b"case_id=" + SECRET.encode()]),
    st.builds("object[case_id]={}&{}".format, st.integers(-5, 10**20), st.text(max_size=20)).map(str.encode),
)


@settings(deadline=None)
@given(ENVIRONMENT, BODIES, st.booleans())
def test_no_input_brings_out_the_secret_or_a_traceback(env: dict[str, str], body: bytes, set_up: bool) -> None:
    """Any call gets one well-formed answer, and the query string is in neither the answer, the log nor the spool."""
    with tempfile.TemporaryDirectory() as root:
        paths = Paths(root)
        os.makedirs(paths.etc)
        os.makedirs(os.path.dirname(paths.executable))
        Path(paths.executable).write_text("#!/bin/true\n")
        os.mkdir(f"{root}/var")
        if set_up:
            Path(paths.settings).write_text(f"OmnideskSecret {SECRET}\nOmnideskSecretOld old-{SECRET}\n")
        call = Call(root, env, body)
        call.run()
        assert re.fullmatch(
            rb"Status: (200|400|403|405|413|503)\r\nContent-Type: application/json\r\n(Allow: POST\r\n)?\r\n(\{.*\})?",
            call.stdout,
        )
        files = [Path(paths.webhook_log), *(Path(event.path) for event in spool.entries(paths.spool))]
        written = call.stdout + b"".join(file.read_bytes() for file in files if file.exists())
        for form in (SECRET, quote(SECRET), SECRET.upper()):
            assert form.encode() not in written
        lines = Path(paths.webhook_log).read_text().split("\n")
        assert len(lines) == (2 if b"200" not in call.stdout[:12] else len(lines)) and lines[-1] == ""
        assert all(LOG_LINE.match(line) for line in lines[:-1])


def test_refused_calls_are_logged_once_a_minute_with_a_count(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody can call without a secret: the log must not fill the disk."""
    minute = 29_000_000
    paths = Paths(str(tree.root))
    tree.spool.parent.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr("time.time", lambda: minute * 60.0 + 5)
    assert [webhook._refused_before(paths) for _ in range(4)] == [0, -1, -1, -1]
    minute += 1
    assert [webhook._refused_before(paths) for _ in range(2)] == [3, -1]
    minute += 60
    assert webhook._refused_before(paths) == 1


def test_a_link_in_the_place_of_the_count_is_not_followed(tree: Tree, tmp_path: Path) -> None:
    paths = Paths(str(tree.root))
    tree.spool.parent.mkdir(parents=True, exist_ok=True)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    os.symlink(victim, paths.webhook_refused)
    assert webhook._refused_before(paths) == 0
    assert victim.read_text() == "precious"


def test_many_refused_calls_leave_one_line(tree: Tree) -> None:
    answers = {tree.webhook(b"case_id=1", "wrong")[0] for _ in range(3)}
    assert answers == {"403"}
    assert 1 <= tree.log().count("wrong or missing secret") <= 2  # two when a minute ended meanwhile
