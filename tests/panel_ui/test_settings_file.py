"""Writing omnidesk.conf: what is written is read again, and what people wrote around it stays."""

from __future__ import annotations

import fcntl
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnidesk.core import conf
from omnidesk.core.errors import Misconfigured
from omnidesk.core.paths import Paths
from omnidesk.core.settings import SETTINGS, parse
from omnidesk.panel_ui import settings_file
from omnidesk.panel_ui.settings_file import UNKNOWN, Unwritable, values, write
from tests.support.amount import examples

GOOD = {
    "OmnideskUrl": "https://acme.omnidesk.ru",
    "OmnideskEmail": "integration@example.com",
    "OmnideskApiKey": "key # with a sign",
    "OmnideskChannel": "cch101",
    "OmnideskSecret": "webhook-secret-7",
}
NAMES = st.sampled_from(list(SETTINGS))
# Whatever stands in one line without being its end or blanks around it.
VALUES = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20).map(
    lambda text: text.strip(" \t")
)
COMMENTS = st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"]), max_size=15).map(
    "# {}".format
)
LINES = st.one_of(
    st.just(""),
    COMMENTS,
    st.builds("#{}   an example".format, NAMES),
    st.builds("{}{} {}".format, st.sampled_from(["", "  ", "\t"]), NAMES, VALUES),
    st.builds("{}\t\t{}".format, NAMES, VALUES),
    st.builds("Nonsense{} {}".format, st.integers(0, 3), VALUES),
)
FILES = st.builds(lambda lines, end: "\n".join(lines) + end, st.lists(LINES, max_size=12), st.sampled_from(["", "\n"]))


def paths(folder: Path) -> Paths:
    (folder / "etc/omnidesk").mkdir(parents=True)
    return Paths(str(folder))


@settings(max_examples=examples(400), deadline=None)
@given(FILES, st.dictionaries(NAMES, VALUES, max_size=8))
def test_what_is_written_is_read(text: str, wanted: dict[str, str]) -> None:
    """The settings named have the values wanted, the others theirs; each stands once, and a second write is idle."""
    written = write(text, wanted)
    assert values(written) == {name: value for name, value in {**values(text), **wanted}.items() if value}
    names = [name for _, name, _ in conf.parse(written)]
    assert len(names) == len(set(names)) and set(names) <= set(SETTINGS)
    assert write(written, wanted) == written


@settings(max_examples=examples(300), deadline=None)
@given(FILES, st.dictionaries(NAMES, VALUES, max_size=8))
def test_comments_and_their_order_stay(text: str, wanted: dict[str, str]) -> None:
    """Every line that is no setting is there, in its order; what was an unknown name is one of them afterwards."""

    def remarks(some: str) -> list[str]:
        return [line for line in some.split("\n") if line.strip() and not conf.parse("\n" + line)]

    before = [
        UNKNOWN + line.strip() if found and found[0][1] not in SETTINGS else line
        for line in text.split("\n")
        if (found := conf.parse("\n" + line)) is not None and line.strip()
        and (not found or found[0][1] not in SETTINGS)
    ]  # fmt: skip
    assert remarks(write(text, wanted)) == before


def test_a_line_keeps_its_place_and_its_columns() -> None:
    text = "# mine\nOmnideskUrl        https://old.omnidesk.ru\n\n#PollSeconds 60\n# the end"
    assert write(text, {"OmnideskUrl": "https://new.omnidesk.ru", "PollSeconds": "30", "Sync": "off"}) == (
        "# mine\nOmnideskUrl        https://new.omnidesk.ru\n\n#PollSeconds 60\nPollSeconds 30\n# the end\nSync off\n"
    )


def test_windows_line_ends_and_the_mark_of_utf8_stay() -> None:
    text = "\ufeffOmnideskUrl a\r\n# x\r\n"
    assert write(text, {"OmnideskUrl": "b"}) == "\ufeffOmnideskUrl b\r\n# x\r\n"


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\x0bb", "a\x85b", "a\u2028b", " a", "a\t", "a\x00", "a\ud800"])
def test_values_a_line_cannot_hold_are_refused(value: str) -> None:
    """The failure names the setting, never the value."""
    with pytest.raises(Unwritable) as caught:
        write("", {"EmptyText": value})
    assert str(caught.value) == "EmptyText"


def test_only_settings_are_written() -> None:
    with pytest.raises(KeyError):
        write("", {"Nonsense": "1"})


def test_a_save_is_whole_private_and_leaves_nothing(tmp_path: Path) -> None:
    """Mode 600 whatever it was, an earlier save's remains are no hindrance, a link stays a link."""
    where = paths(tmp_path)
    real = tmp_path / "elsewhere.conf"
    real.write_text("# kept\nOmnideskUrl x\n")
    real.chmod(0o644)
    os.symlink(real, where.settings)
    (tmp_path / ".elsewhere.conf.new").write_text("of a save that was killed")
    settings_file.save(where, GOOD)
    assert os.path.islink(where.settings) and stat.S_IMODE(real.stat().st_mode) == 0o600
    assert real.read_text().startswith("# kept\n") and parse(real.read_text()).channel == "cch101"
    assert not (tmp_path / ".elsewhere.conf.new").exists()


def test_a_missing_file_begins_with_the_example(tmp_path: Path) -> None:
    where = paths(tmp_path)
    Path(f"{where.settings}.example").write_text("# explained\nOmnideskUrl\n")
    settings_file.save(where, GOOD)
    assert Path(where.settings).read_text().startswith("# explained\nOmnideskUrl https://acme.omnidesk.ru\n")


@pytest.mark.parametrize(
    "content",
    [
        b"PollSeconds 1\nNoSuch thing\nOmnideskUrl a b c\nOmnideskUrl x\n",
        b"# \xff\xfe latin\nEmptyText \xe9\n",
        b"OmnideskUrl x\rOmnideskEmail y\r",
        b"",
    ],
)
def test_a_broken_file_is_mended(tmp_path: Path, content: bytes) -> None:
    where = paths(tmp_path)
    Path(where.settings).write_bytes(content)
    assert settings_file.read(where).problem is not None
    settings_file.save(where, {**GOOD, "PollSeconds": "", "EmptyText": ""})
    assert settings_file.read(where).problem is None


def test_nothing_is_written_that_could_not_be_read(tmp_path: Path) -> None:
    """A setting the caller did not mend stops the save, and the file stays as it was."""
    where = paths(tmp_path)
    Path(where.settings).write_text("PollSeconds never\n")
    with pytest.raises(Misconfigured):
        settings_file.save(where, GOOD)
    assert Path(where.settings).read_text() == "PollSeconds never\n"


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = paths(tmp_path)
    settings_file.save(where, GOOD)
    before = Path(where.settings).read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        settings_file.save(where, {"PollSeconds": "30"})
    assert Path(where.settings).read_bytes() == before
    assert os.listdir(where.etc) == ["omnidesk.conf"]


def test_saves_take_turns(tmp_path: Path) -> None:
    """Who holds the lock is alone: another save waits for it."""
    where = paths(tmp_path)
    inside, done = threading.Event(), threading.Event()

    def other() -> None:
        with settings_file.alone(where):
            inside.set()
        done.set()

    with settings_file.alone(where):
        descriptor = os.open(os.path.join(where.var, "settings.lock"), os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(descriptor)
        thread = threading.Thread(target=other)
        thread.start()
        assert not inside.is_set()
    assert done.wait(60)
    thread.join()


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    where = paths(tmp_path)
    os.mkdir(where.settings)
    with pytest.raises(Misconfigured) as caught:
        settings_file.read(where)
    assert caught.value.type == "settings_file"
