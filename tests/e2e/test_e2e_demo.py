"""The demo itself: its story runs green, it tells differences, and it leaves nothing behind when it is interrupted."""

from __future__ import annotations

import io
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sandbox.demo import INTERRUPTED, main
from sandbox.demo.excerpt import WIDTH, excerpt, steady
from sandbox.demo.screen import Line, Row, Screen, cells, wrap
from sandbox.demo.sides import as_read, plain
from sandbox.world import REPOSITORY
from tests.docs.pages import README, README_RU, Page

Stories = dict[str, Future[tuple[int, str]]]


@pytest.fixture(scope="module")
def stories() -> Iterator[Stories]:
    """The exit code and the page in each language. Most of a story is waiting for polls: both are played at once."""
    with ThreadPoolExecutor() as pool:
        yield {language: pool.submit(_played, language) for language in ("en", "ru")}


def _played(language: str) -> tuple[int, str]:
    page = io.StringIO()
    return main(["--lang", language, "--width", str(WIDTH)], page), page.getvalue()


@pytest.mark.parametrize(
    ("language", "readme", "equal", "empty", "calls"),
    [
        ("en", README, " are equal: ", "nothing left in the spool", "API calls to Omnidesk"),
        ("ru", README_RU, " одинаковы: ", "в очереди ничего не осталось", "Вызовов API Омнидеска"),
    ],
)
def test_the_story_runs_green(
    stories: Stories, language: str, readme: Page, equal: str, empty: str, calls: str
) -> None:
    """Every step crosses by itself, both sides are equal at the end, and the README shows how it is."""
    code, text = stories[language].result()
    assert code == 0, text
    assert text.count(equal) == 2
    assert empty in text
    assert re.search(rf"^  {calls}: \d+, ", text, re.MULTILINE)
    assert "\x1b[" not in text
    assert max(cells(line) for line in text.splitlines()) <= WIDTH
    assert steady(excerpt(text)) in steady(readme.text), "run python scripts/docs/demo.py"
    story = text.partition("\n1. ")[2]
    assert bool(re.search("[а-яё]", story)) == (language == "ru")
    fields = [line for line in story.splitlines() if re.search("(Paid until|Клиент с|Client since): ", line)]
    assert fields and all(" ──▶ " in line for line in fields), "each row has its arrow"


def test_both_columns_are_read_alike() -> None:
    """A text of BILLmanager has Markdown's marks, one of Omnidesk is HTML: neither shows on the page."""
    html = "<p>Hello!</p><p>It <b>works</b>:</p><ul><li>one;</li><li>two.</li></ul><p>Bye</p>"
    markdown = "Hello!\n\nIt **works**:\n\n- one;\n- two.\n\nBye"
    assert as_read(plain(html)) == as_read(markdown) == "Hello!\n\nIt works:\n• one;\n• two.\n\nBye"


def _start(*arguments: str, folder: Path, **options: Any) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'lib'}", "TMPDIR": str(folder)}
    command = [sys.executable, "-m", *arguments]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        env=environment,
        cwd=REPOSITORY,
        start_new_session=True,
        **options,
    )


def _read_until(process: subprocess.Popen[bytes], words: bytes) -> bytes:
    assert process.stdout is not None
    found = b""
    while words not in found:
        assert select.select([process.stdout], [], [], 60)[0], found
        piece = os.read(process.stdout.fileno(), 65536)
        assert piece, found
        found += piece
    return found


@pytest.fixture
def short_folder() -> Path:
    """Where a world's sockets have short enough names."""
    return Path(tempfile.mkdtemp(prefix="demo-"))


@pytest.mark.parametrize("awaited", [pytest.param(b"check_connection", marks=pytest.mark.thorough), b"3. "])
def test_ctrl_c_ends_the_demo_and_leaves_nothing_behind(short_folder: Path, awaited: bytes) -> None:
    """The whole group of processes gets the signal, as from a terminal; folder, servers and workers are gone."""
    alive, owned = os.pipe()  # open until the last of its processes is gone
    demo = _start("sandbox.demo", folder=short_folder, stderr=owned)
    os.close(owned)
    _read_until(demo, awaited)
    os.killpg(demo.pid, signal.SIGINT)
    assert demo.stdout is not None
    demo.stdout.read()
    demo.stdout.close()
    assert demo.wait(60) == INTERRUPTED
    with os.fdopen(alive, "rb") as until_everything_ended:
        words = until_everything_ended.read()
    assert words == b"interrupted; nothing is left behind\n"
    assert list(short_folder.iterdir()) == []
    short_folder.rmdir()


def test_a_reader_that_goes_away_ends_the_demo_quietly(short_folder: Path) -> None:
    """`make demo | head` shows no traceback and leaves nothing behind."""
    demo = _start("sandbox.demo", folder=short_folder, stderr=subprocess.PIPE)
    _read_until(demo, b"check_connection")
    assert demo.stdout is not None and demo.stderr is not None
    demo.stdout.close()
    with demo.stderr:
        assert demo.stderr.read() == b""
    assert demo.wait(60) == 1
    assert list(short_folder.iterdir()) == []
    short_folder.rmdir()


def test_the_sandbox_runs_until_it_is_told_to_stop(short_folder: Path) -> None:
    """Its examples name what is there, and nothing is left behind."""
    sandbox = _start("sandbox", "--lang", "en", folder=short_folder, stderr=subprocess.STDOUT)
    shown = _read_until(sandbox, b"every minute").decode()
    command = re.search(r"^\s+(\S+/processing/pmomnidesk) check_connection$", shown, re.MULTILINE)
    assert command is not None
    done = subprocess.run([command[1], "check_connection"], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    sandbox.send_signal(signal.SIGINT)
    assert sandbox.stdout is not None
    with sandbox.stdout as rest:
        assert rest.read().decode().strip() == "Stopped; nothing is left behind."
    assert sandbox.wait(60) == 0
    assert list(short_folder.iterdir()) == []
    short_folder.rmdir()


# The page


def test_columns_are_aligned_whatever_stands_in_them() -> None:
    """Cyrillic, wide signs, combining ones and long words; the bar stands in one column."""
    page = io.StringIO()
    screen = Screen(page, 60)
    texts = ["Привет", "日本語テキスト" * 5, "е\u0301" * 40, "x" * 200, "🙂 " * 30, "", "a\n\nb"]
    screen.rows(Row([Line(text)], [Line(other, indent=2)], "right") for text in texts for other in texts)
    for line in page.getvalue().splitlines():
        left = re.split(r" ──▶|  │", line, maxsplit=1)[0]
        assert cells(left) == screen.column + 2
        assert cells(line) <= 60


@pytest.mark.parametrize("width", [5, 17, 40])
def test_wrapping_loses_nothing_and_keeps_the_width(width: int) -> None:
    """Words stay whole where they fit."""
    text = "Съешь же ещё этих мягких французских булок, да выпей чаю 🙂 — достопримечательность"
    lines = wrap(text, width)
    assert all(cells(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_terminal_gets_colours_and_a_pipe_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """And NO_COLOR is respected."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert Screen(Terminal()).paint("x", "bold") == "\x1b[1mx\x1b[0m"
    assert Screen(io.StringIO()).paint("x", "bold") == "x"
    monkeypatch.setenv("NO_COLOR", "1")
    assert Screen(Terminal()).paint("x", "bold") == "x"
