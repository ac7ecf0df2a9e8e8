from __future__ import annotations

import calendar
import fnmatch
import os
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnidesk.core import log_line

PANEL_LINE = re.compile(r"^[A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d:\d\d \[\d+(:\d+)?\] \w+ ")
SEEN_COLORS = {"DEBUG": "1;33", "EXTINFO": "1;36", "INFO": "1;32", "WARNING": "1;35", "ERROR": "1;31"}


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_a_line_as_the_panel_writes_it(utc: object) -> None:
    """Day padded with a blank, module, colour, level, text, reset (seen in real logs)."""
    when = calendar.timegm((2024, 5, 7, 15, 7, 23))
    line = log_line.format_line("core_module", "INFO", "Request", pid=157101, when=when)
    assert line == "May  7 15:07:23 [157101] core_module \033[1;32mINFO Request\033[0m"
    assert PANEL_LINE.match(line)


def test_without_colors(utc: object) -> None:
    line = log_line.format_line("m", "ERROR", "text", pid=1, when=0, color=False)
    assert line == "Jan  1 00:00:00 [1] m ERROR text"


@pytest.mark.parametrize(("level", "color"), SEEN_COLORS.items())
def test_colors_of_the_levels(level: str, color: str) -> None:
    assert f"\033[{color}m{level} x\033[0m" in log_line.format_line("m", level, "x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, 6),
        ("", 6),
        ("pmomnidesk 9", 9),
        ("pmomnidesk 9\npmomnidesk 3\n", 3),
        ("pmomnidesk 4 user=admin", 4),
        ("# pmomnidesk 9", 6),
        ("billmgr 9\nomnidesk_webhook 9", 6),
        ("pmomnidesk.* 9", 9),
        ("pmomnidesk.db 2", 2),
        ("pmomnidesk\npmomnidesk nine\npmomnidesk ²", 6),
        ("pmomnidesk 0", 0),
        ("* 9", 9),
        ("*.* 3", 3),
        ("pm* 9", 9),
        ("pm*desk.* 9", 9),
        ("*omni* 4\nother* 9", 4),
        ("pm*pmomnidesk 9", 6),
        ("omni* 9\n*x 9\np*q* 9", 6),
        ("pmomnidesk 9\n*.* 3", 9),
        ("*.* 3\n* 4", 4),
        ("pmomnidesk 9 # all of it", 9),
        ("pmomnidesk 9# all of it", 9),
        ("pmomnidesk# 9", 6),
        ("pmomnidesk #9", 6),
    ],
)
def test_threshold(tmp_path: Path, text: str | None, expected: int) -> None:
    """The last fitting record counts; without one, the default of the panel's own library."""
    if text is not None:
        (tmp_path / "debug.conf").write_text(text)
    assert log_line.threshold(str(tmp_path / "debug.conf"), "pmomnidesk") == expected


def test_threshold_of_one_module_of_a_shared_log(tmp_path: Path) -> None:
    """In the panel's log, a record for another part of the panel does not change ours."""
    (tmp_path / "debug.conf").write_text("billmgr 4\nbillmgr.db 9\n")
    assert log_line.threshold(str(tmp_path / "debug.conf"), "billmgr", "omnidesk") == 4
    (tmp_path / "debug.conf").write_text("billmgr 4\nbillmgr.d* 9\nbillmgr.*desk 5\n*.omnidesk 9")
    assert log_line.threshold(str(tmp_path / "debug.conf"), "billmgr", "omnidesk") == 5
    (tmp_path / "debug.conf").write_text("billmgr 4\nbillmgr.omnidesk 9\n")
    assert log_line.threshold(str(tmp_path / "debug.conf"), "billmgr", "omnidesk") == 9


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SET color=off", False),
        ("set COLOR=OFF", False),
        ("SET color=on", True),
        ("", True),
        ("SET pmomnidesk.color=off", False),
        ("SET pmomnidesk.color=off # for the pager", False),
        ("SET pmomnidesk.color=off#", False),
        ("#SET pmomnidesk.color=off", True),
        ("SET pmomnidesk.color = off", False),
        ("SET pm*.color=off", False),
        ("SET *.color=off", False),
        ("SET billmgr.color=off", True),
        ("SET pmomnidesk.max_log_size=off", True),
        ("SET mgrctl.max_log_size=10", True),
        ("SET color=off\nSET pmomnidesk.color=on", True),
        ("SET pmomnidesk.color=on\nSET color=off", True),
        ("SET pmomnidesk.color=off\nSET *.color=on", False),
        ("SET color=off\nSET color=on", True),
        ("SET pmomnidesk.color.x=off", True),
    ],
)
def test_use_color(tmp_path: Path, text: str, expected: bool) -> None:
    (tmp_path / "debug.conf").write_text(text)
    assert log_line.use_color(str(tmp_path / "debug.conf"), "pmomnidesk") is expected


@settings(deadline=None)
@given(st.text("ab*", max_size=6), st.text("ab", max_size=6))
def test_a_pattern_fits_as_everywhere(pattern: str, name: str) -> None:
    """``*`` stands for any letters, also for none."""
    assert log_line._fits(pattern, name) is fnmatch.fnmatchcase(name, pattern)


def test_append_is_one_write_to_a_file_opened_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of many processes do not mix, and a rotated file is left alone."""
    path = tmp_path / "x.log"
    writes: list[bytes] = []
    write = os.write

    def recorded(fd: int, data: bytes) -> int:
        writes.append(data)
        return write(fd, data)

    monkeypatch.setattr(os, "write", recorded)
    log_line.append(str(path), "одна")
    path.rename(tmp_path / "x.log.1")
    log_line.append(str(path), "two \udcff")
    assert writes == ["одна\n".encode(), b"two \\udcff\n"]
    assert (tmp_path / "x.log.1").read_text() == "одна\n"
    assert path.read_bytes() == b"two \\udcff\n"
    assert path.stat().st_mode & 0o777 & ~0o640 == 0


@settings(deadline=None)
@given(st.text(), st.integers(1, 200))
def test_clean_leaves_nothing_that_could_forge_a_line(text: str, limit: int) -> None:
    shown = log_line.clean(text, limit)
    assert shown.isprintable() and len(shown) <= limit
    assert text.isprintable() is False or len(text) > limit or shown == text


def test_a_log_that_cannot_be_written_goes_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A hook without a log still writes its event."""
    log = log_line.Log(str(tmp_path / "none" / "x.log"), "m", str(tmp_path / "debug.conf"))
    log.write("ERROR", "text")
    log.write("DEBUG", "not wanted")
    said = capsys.readouterr().err
    assert "ERROR text" in said and "No such file" in said and "not wanted" not in said
