"""The worker's log: the panel's format and levels, no secrets, and no agreement with whoever rotates it."""

from __future__ import annotations

import errno
import io
import logging
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from omnidesk.core import logs
from omnidesk.core.paths import Paths

LINE = re.compile(
    r"^[A-Z][a-z]{2} [ 1-3]\d \d\d:\d\d:\d\d \[\d+\] (?P<module>\w+) \x1b\[(?P<color>[\d;]+)m(?P<level>[A-Z]+) "
    r"(?P<text>.*)\x1b\[0m$"
)


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[Paths]:
    (tmp_path / "var").mkdir()
    (tmp_path / "etc").mkdir()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield Paths(str(tmp_path))
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(paths: Paths) -> list[str]:
    path = Path(paths.log)
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def debug_conf(paths: Paths, text: str) -> None:
    Path(paths.debug_conf).write_text(text)


def test_lines_look_like_the_panels(paths: Paths) -> None:
    """Date with a padded day, process, module, colour, level, text, reset (seen in real logs)."""
    logs.start(paths)
    logging.getLogger("worker").info("ticket %s: сделано", 17)
    logging.getLogger("omnidesk").error("плохо")
    logs.extinfo(logging.getLogger("poll"), "%s cases", 3)
    found = [LINE.match(line) for line in lines(paths)]
    assert all(found)
    assert [(one["module"], one["level"], one["color"], one["text"]) for one in found if one] == [
        ("worker", "INFO", "1;32", "ticket 17: сделано"),
        ("omnidesk", "ERROR", "1;31", "плохо"),
        ("poll", "EXTINFO", "1;36", "3 cases"),
    ]
    assert f"[{os.getpid()}]" in lines(paths)[0]


@pytest.mark.parametrize(
    ("conf", "levels"),
    [
        ("", ["EXTINFO", "INFO", "WARNING", "ERROR", "CRITICAL"]),
        ("pmomnidesk 9\n", ["DEBUG", "EXTINFO", "INFO", "WARNING", "ERROR", "CRITICAL"]),
        ("pmomnidesk.* 7\n", ["DEBUG", "EXTINFO", "INFO", "WARNING", "ERROR", "CRITICAL"]),
        ("pmomnidesk 6\n", ["EXTINFO", "INFO", "WARNING", "ERROR", "CRITICAL"]),
        ("pmomnidesk 5\n", ["INFO", "WARNING", "ERROR", "CRITICAL"]),
        ("billmgr 9\npmomnidesk 4\n", ["WARNING", "ERROR", "CRITICAL"]),
        ("pmomnidesk 3\n", ["ERROR", "CRITICAL"]),
        ("pmomnidesk 2\n", ["CRITICAL"]),
        ("pmomnidesk 0\n", ["CRITICAL"]),
        ("other 2\npmomnidesk oops\n", ["EXTINFO", "INFO", "WARNING", "ERROR", "CRITICAL"]),
    ],
)
def test_levels_come_from_debug_conf(paths: Paths, conf: str, levels: list[str]) -> None:
    """The panel's own numbers; without a record, what the panel's Python library takes."""
    debug_conf(paths, conf)
    logs.start(paths)
    logger = logging.getLogger("x")
    for level in (logging.DEBUG, logs.EXTINFO, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
        logger.log(level, "text")
    found = [LINE.match(line) for line in lines(paths)]
    assert [one["level"] for one in found if one] == levels


@pytest.mark.parametrize("which", ["color", "pmomnidesk.color"])
def test_colours_can_be_switched_off(paths: Paths, which: str) -> None:
    """For all logs, or for this one (documented)."""
    debug_conf(paths, f"SET {which}=off\n")
    logs.start(paths)
    logging.getLogger("x").warning("text")
    (line,) = lines(paths)
    assert line.endswith("] x WARNING text") and "\x1b" not in line


def test_a_file_renamed_between_lines(paths: Paths) -> None:
    """Rotation needs no signal: the next line begins a new file, readable by its group only."""
    logs.start(paths)
    logging.getLogger("x").info("before")
    os.rename(paths.log, paths.log + ".1")
    logging.getLogger("x").info("after")
    assert len(lines(paths)) == 1 and "after" in lines(paths)[0]
    assert "before" in Path(paths.log + ".1").read_text()
    assert os.stat(paths.log).st_mode & 0o777 & ~0o640 == 0


def test_secrets_are_blotted_wherever_they_come_from(paths: Paths) -> None:
    """Also in a traceback, in an argument, and when they become known later."""
    handler = logs.start(paths, ("webhook-secret-7", "abc"))
    handler.secrets.add("the-api-key")
    logging.getLogger("x").info("GET /?webhook-secret-7 with %s", "the-api-key")
    try:
        raise ValueError("https://user:the-api-key@host")
    except ValueError:
        logging.getLogger("x").exception("failed")
    text = Path(paths.log).read_text()
    assert "webhook-secret-7" not in text and "the-api-key" not in text
    assert text.count("***") >= 3
    assert "Traceback" in text and "abc" not in handler.secrets


def test_a_log_that_cannot_be_written_stops_nothing(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk costs the log, not the tickets."""
    os.mkdir(paths.log)
    logs.start(paths)
    logging.getLogger("x").info("text")
    assert "pmomnidesk: cannot write" in capsys.readouterr().err


def test_libraries_do_not_chatter(paths: Paths) -> None:
    """What urllib3 says at its debug level would hold addresses and drown the rest."""
    debug_conf(paths, "pmomnidesk 9\n")
    logs.start(paths)
    for name in ("urllib3.connectionpool", "sqlglot"):
        logging.getLogger(name).debug("chatter")
    assert lines(paths) == []


def test_many_at_once_write_whole_lines(paths: Paths) -> None:
    """One write a line, so no two lines mix."""
    logs.start(paths)

    def write(number: int) -> None:
        for _ in range(50):
            logging.getLogger("x").info("%s" * 200, *[number] * 200)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [LINE.match(line) for line in lines(paths)]
    assert len(found) == 400
    assert all(one and len(set(one["text"])) == 1 for one in found)


def test_a_full_disk_that_holds_stderr_too_stops_nothing(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """The panel keeps what its programs say on stderr in a file beside this log."""

    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    Path(paths.log).symlink_to("/dev/full")
    monkeypatch.setattr("sys.stderr", Full())
    logs.start(paths)
    logging.getLogger("worker").error("lost")


def test_nothing_a_stranger_sent_looks_like_an_entry_or_acts_on_a_terminal(tmp_path: Path) -> None:
    """Line ends of any kind, escape sequences, direction marks: a reader of the log sees question marks."""
    handler = logs.PanelHandler(str(tmp_path / "a.log"), color=False)
    forged = "May  7 15:07:23 [1] worker INFO all is well"
    record = logging.LogRecord(
        "omnidesk", logging.ERROR, "", 0, f"a\n{forged}\rb\x1b[2J\u202ec\u2028{forged}", None, None
    )
    handler.emit(record)
    first, second = (tmp_path / "a.log").read_text(encoding="utf-8").splitlines()
    assert first.endswith("omnidesk ERROR a")
    assert second == f"    {forged}?b?[2J?c?{forged}"
