"""Who may call the webhook, called in this process: mutants of the code do not reach the processes of other tests."""

from __future__ import annotations

import _operator
import errno
import io
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import pytest

from omnidesk.core.paths import Paths
from omnidesk.hooks import spool, webhook

MINUTE = 29_000_000
BODY = b"case_id=5"


@dataclass
class Panel:
    """A panel's tree, its settings, and calls of its webhook at 5 seconds past ``minute``."""

    root: Path
    minute: int = MINUTE
    body_was_read: bool = False
    answered: str = ""
    woken: list[str] = field(default_factory=list)  # the roots of the panels whose worker was to look

    @property
    def paths(self) -> Paths:
        return Paths(str(self.root))

    def settings(self, text: str | bytes) -> None:
        path = Path(self.paths.settings)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def call(self, query: str | bytes | None, body: bytes = BODY, **env: str) -> str:
        """The status that is answered."""
        given = {"REQUEST_METHOD": "POST", "REMOTE_ADDR": "192.0.2.7", "CONTENT_LENGTH": str(len(body)), **env}
        if query is not None:
            given["QUERY_STRING"] = os.fsdecode(query)
        stdin, stdout = io.BytesIO(body), io.BytesIO()
        read, write = os.read, os.write
        with (
            mock.patch.dict(os.environ, given, clear=True),
            mock.patch("os.read", lambda fd, size: read(fd, size) if fd else stdin.read(size)),
            mock.patch("os.write", lambda fd, data: write(fd, data) if fd != 1 else stdout.write(data)),
            mock.patch("time.time", lambda: self.minute * 60.0 + 5),
        ):
            assert webhook.main(str(self.root / "cgi" / "omnidesk_webhook")) == 0
        self.body_was_read = bool(stdin.tell())
        head, _, self.answered = stdout.getvalue().decode().partition("\r\n\r\n")
        return head.partition("\r\n")[0].removeprefix("Status: ")

    def log(self) -> list[str]:
        path = Path(self.paths.webhook_log)
        return path.read_text().splitlines() if path.exists() else []

    def levels(self) -> list[str]:
        """Of each line its level, and the status it names where it does."""
        return [" ".join(line.split("m", 1)[1].replace(":", "").split()[:2]) for line in self.log()]

    def events(self) -> list[str]:
        return [event.name for event in spool.entries(self.paths.spool)]


@pytest.fixture
def panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Panel:
    made = Panel(tmp_path)
    monkeypatch.setattr("omnidesk.hooks.worker_start.wake_worker", lambda paths: made.woken.append(paths.root))
    (tmp_path / "var").mkdir()
    made.settings("OmnideskSecret right\n")
    return made


def test_who_knows_the_secret_is_heard(panel: Panel) -> None:
    assert panel.call("right", REMOTE_ADDR="192.0.2.7\n" + "x" * 70) == "200"
    (event,) = spool.entries(panel.paths.spool)
    assert (event.name, event.fields["case"]) == ("case-5", "5")
    assert event.fields["time"] == str(MINUTE * 60 + 5)
    assert event.fields["peer"] == "192.0.2.7?" + "x" * 53 + "…"
    (line,) = panel.log()
    assert "] webhook " in line and "INFO webhook from 192.0.2.7?" in line and ": case 5 changed" in line


@pytest.mark.parametrize("query", [None, "", "wrong", "%zz", b"\xff", "right%", "%72ighx"])
def test_who_does_not_is_refused_before_the_body_is_read(panel: Panel, query: str | bytes | None) -> None:
    assert panel.call(query) == "403"
    assert (panel.events(), panel.body_was_read) == ([], False)
    assert panel.levels() == ["WARNING 403"]
    assert "403: wrong or missing secret, from 192.0.2.7\033" in panel.log()[0]
    assert panel.answered == '{"error":"wrong or missing secret"}'


def test_a_body_that_cannot_be_read_says_so_after_the_secret_only(panel: Panel) -> None:
    assert panel.call("right", b"case_id=x") == "400"
    assert panel.answered == '{"error":"the case is neither an id nor a number like 237-696853"}'
    assert panel.call("wrong", b"case_id=x") == "403"
    assert panel.levels() == ["WARNING 400", "WARNING 403"]


@pytest.mark.parametrize(("secret", "right", "wrong"), [
    ("a+b", "a%2Bb", "a%20b"),
    ("a b", "a%20b", "a+b"),  # a plus sign is a blank in forms only
    ("100%", "100%", "100"),
    ("ключ", "%D0%BA%D0%BB%D1%8E%D1%87", "%D0%BA"),
])  # fmt: skip
def test_the_secret_as_it_is_and_percent_encoded(panel: Panel, secret: str, right: str, wrong: str) -> None:
    panel.settings(f"OmnideskSecret {secret}\n")
    assert [panel.call(query) for query in (secret, right, wrong)] == ["200", "200", "403"]


def test_a_secret_in_another_encoding(panel: Panel) -> None:
    """The settings were written by an editor that does not know UTF-8."""
    panel.settings(b"OmnideskSecret cl\xe9\n")
    assert [panel.call(query) for query in (b"cl\xe9", b"cl\xe8")] == ["200", "403"]


def test_the_first_call_with_a_new_secret_ends_its_being_shown(panel: Panel) -> None:
    """The settings form shows a secret as long as its file is there."""
    panel.settings("OmnideskSecret new-secret-1\nOmnideskSecretOld old-secret-1\n")
    waiting = Path(panel.paths.new_secret)
    waiting.parent.mkdir(parents=True)
    waiting.write_text("new-secret-1")
    assert panel.call("wrong-secret-1") == "403" and waiting.exists()
    assert panel.call("old-secret-1") == "200" and waiting.exists()
    assert panel.call("new-secret-1", REQUEST_METHOD="GET") == "405" and waiting.exists()
    assert panel.call("new-secret-1") == "200" and not waiting.exists()
    assert panel.call("new-secret-1") == "200"
    waiting.write_text("another-that-is-not-saved")
    assert panel.call("new-secret-1") == "200" and waiting.exists()


def test_both_secrets_count_while_one_is_being_changed(panel: Panel) -> None:
    panel.settings("OmnideskSecret new\nOmnideskSecretOld old\n")
    assert [panel.call(query) for query in ("new", "%6Eew", "old", "%6Fld", "newold", "")] == ["200"] * 4 + ["403"] * 2


@pytest.mark.parametrize("query", ["new", "old", "wrong"])
def test_every_pair_is_compared(panel: Panel, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """How long the answer takes tells nothing about which one was right."""
    panel.settings("OmnideskSecret new\nOmnideskSecretOld old\n")
    compared: list[tuple[bytes, bytes]] = []
    compare = _operator._compare_digest

    def counted(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(webhook, "_compare_digest", counted)
    panel.call(query)
    assert sorted(compared) == sorted([(query.encode(), b"new"), (query.encode(), b"old")] * 2)


@pytest.mark.parametrize("text", ["", "OmnideskSecret\n", "OmnideskSecretOld old\n"])
def test_without_a_secret_everybody_is_refused(panel: Panel, text: str) -> None:
    panel.settings(text)
    assert [panel.call(query) for query in (None, "", "old")] == ["503"] * 3
    assert panel.levels() == ["ERROR 503"] * 3
    assert all(panel.paths.settings in line for line in panel.log())


def test_settings_that_cannot_be_read(panel: Panel) -> None:
    os.unlink(panel.paths.settings)
    assert panel.call("right") == "503"
    assert panel.levels() == ["ERROR 503"]
    assert f"{panel.paths.settings}: No such file" in panel.log()[0]


# What else is answered


@pytest.mark.parametrize("query", ["right", "wrong"])
def test_another_method_is_refused_first(panel: Panel, query: str) -> None:
    assert panel.call(query, REQUEST_METHOD="GET") == "405"
    assert panel.levels() == ["INFO 405"]


def test_the_kind_of_the_body_decides_how_it_is_read(panel: Panel) -> None:
    part = b'--B\r\nContent-Disposition: form-data; name="case_id"\r\n\r\n7\r\n--B--\r\n'
    assert panel.call("right", part, CONTENT_TYPE="multipart/form-data; boundary=B") == "200"
    assert panel.events() == ["case-7"]


def test_a_call_that_names_no_case(panel: Panel) -> None:
    assert (panel.call("right", b""), panel.events()) == ("200", [])
    assert panel.levels() == ["INFO webhook"] and "no case named" in panel.log()[0]


def test_a_call_that_cannot_be_recorded(panel: Panel) -> None:
    """The sender is to try again."""
    Path(panel.paths.var).write_text("a file in its place")
    assert panel.call("right") == "503"
    assert panel.levels() == ["ERROR 503"]
    assert f"{panel.paths.spool}: Not a directory" in panel.log()[0]


def test_a_worker_that_does_not_start(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call is recorded, so nothing is lost."""

    def missing(_: Paths) -> int:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")

    monkeypatch.setattr("omnidesk.hooks.worker_start.wake_worker", missing)
    assert (panel.call("right"), panel.events()) == ("200", ["case-5"])
    assert panel.levels() == ["INFO webhook", "ERROR the"]
    assert f"{panel.paths.executable}: No such file" in panel.log()[1]


def test_the_worker_is_woken_for_what_was_recorded(panel: Panel) -> None:
    for query, body in (("wrong", BODY), ("right", b""), ("right", b"case_id=x")):
        panel.call(query, body)
    assert panel.woken == []
    assert panel.call("right") == "200"
    assert panel.woken == [str(panel.root)]


def test_an_error_that_was_not_foreseen(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stranger learns nothing, the administrator where it happened, and neither what was sent."""

    def fails(*_: object) -> None:
        raise KeyError("inside")

    monkeypatch.setattr(webhook, "authenticate", fails)
    assert panel.call("right") == "500"
    assert panel.levels() == ["ERROR 500"]
    assert panel.answered == '{"error":"internal error"}'
    assert "KeyError in fails, line" in panel.log()[0] and "inside" not in panel.log()[0]


def test_the_panels_own_levels_are_obeyed(panel: Panel) -> None:
    (panel.root / "etc" / "debug.conf").write_text("omnidesk_webhook 4\n")
    panel.call("right")
    panel.call("wrong")
    assert panel.levels() == ["WARNING 403"]


# Refused calls in the log


def test_one_refused_call_a_minute_is_logged_and_the_others_are_counted(panel: Panel) -> None:
    for calls in (3, 1, 2):
        assert {panel.call("wrong") for _ in range(calls)} == {"403"}
        panel.minute += 1
    assert ["more since" in line for line in panel.log()] == [False, True, False]
    assert "(2 more since" in panel.log()[1]
    assert panel.levels() == ["WARNING 403"] * 3


@pytest.mark.parametrize(("kept", "counted"), [
    (b"", 0), (b"x 5\n", 0), (b"5 x\n", 0), (b"5\n", 0), (b"5 6 7\n", 0), (b"\xff\0", 0),
    (b"5 600000000000\n", 600_000_000_000),
    (b"%d 0\n" % (MINUTE - 1), 0), (b"%d 12\n" % (MINUTE + 1), 12),
])  # fmt: skip
def test_what_an_earlier_minute_or_a_crash_left_is_replaced(panel: Panel, kept: bytes, counted: int) -> None:
    os.mkdir(panel.paths.var)
    Path(panel.paths.webhook_refused).write_bytes(kept)
    panel.call("wrong")
    assert [line.partition("(")[2].partition(" ")[0] for line in panel.log()] == ([str(counted)] if counted else [""])
    assert Path(panel.paths.webhook_refused).read_bytes() == b"%d 0\n" % MINUTE
    panel.call("wrong")
    assert Path(panel.paths.webhook_refused).read_bytes() == b"%d 1\n" % MINUTE
    assert len(panel.log()) == 1


def test_nothing_is_logged_where_the_count_says_so(panel: Panel) -> None:
    with mock.patch("time.time", lambda: MINUTE * 60.0):
        assert webhook._refused_before(panel.paths) == 0
        assert webhook._refused_before(panel.paths) == -1


def test_the_count_is_private(panel: Panel) -> None:
    before = os.umask(0)
    try:
        panel.call("wrong")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(os.stat(path).st_mode) for path in (panel.paths.var, panel.paths.webhook_refused)]
    assert modes == [0o700, 0o600]


def test_a_link_in_its_place_is_not_followed(panel: Panel) -> None:
    os.mkdir(panel.paths.var)
    victim = panel.root / "victim"
    victim.write_text("precious")
    os.symlink(victim, panel.paths.webhook_refused)
    assert [panel.call("wrong") for _ in range(2)] == ["403", "403"]
    assert (victim.read_text(), panel.levels()) == ("precious", ["WARNING 403"] * 2)


def test_a_count_that_cannot_be_kept_costs_no_line(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither where the folder cannot be made nor where the disk is full."""
    Path(panel.paths.var).write_text("a file in its place")
    panel.call("wrong")
    os.unlink(panel.paths.var)
    panel.call("wrong")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.pwrite", full)
    panel.call("wrong")
    assert panel.levels() == ["WARNING 403"] * 3
    assert not any("more since" in line for line in panel.log())


def test_each_channels_own_secret_is_accepted_and_no_part_of_the_setting(panel: Panel) -> None:
    """Further channels have secrets of their own; what is none, or too short to be one, opens nothing."""
    panel.settings(
        "OmnideskSecret the-main-one\n"
        "OmnideskSecrets cch102:brand-one-secret, 103:brand-two-secret,104:with:colon,cch9:x,\n"
    )
    for secret in ("the-main-one", "brand-one-secret", "brand-two-secret", "with:colon"):
        assert panel.call(secret).startswith("200")
    for wrong in ("cch102:brand-one-secret", "cch102", "colon", "x", "", "brand-one-secret, 103:brand-two-secret"):
        assert panel.call(wrong).startswith("403"), wrong
    assert not any("brand" in line for line in panel.log())
