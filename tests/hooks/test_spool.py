from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnidesk.hooks import spool

NAMES = st.one_of(
    st.just("scan"),
    st.builds("{}-{}".format, st.sampled_from(spool.KINDS), st.integers(1, 10**18 - 1)),
    st.from_regex(r"case-[0-9]{3}-[0-9]{6}", fullmatch=True),
)
# What the environment can hold: any text but NUL, with surrogates for bytes that are not UTF-8.
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from("\udc80\udcff"))
FIELDS = st.dictionaries(st.sampled_from(["case", "message", "note", "time", "peer", "by"]), VALUES)


@settings(deadline=None)
@given(NAMES, FIELDS)
def test_an_event_comes_back(tmp_path_factory: pytest.TempPathFactory, name: str, fields: dict[str, str]) -> None:
    """Name, number and fields are read as they were given, whatever the values hold."""
    folder = str(tmp_path_factory.mktemp("var") / "spool")
    spool.put(folder, name, fields)
    (event,) = spool.entries(folder)
    assert (event.name, event.fields) == (name, fields)
    assert f"{event.kind}-{event.number or event.id}" == ("scan-0" if name == "scan" else name)
    spool.drop(event)
    spool.drop(event)
    assert spool.entries(folder) == []


@pytest.mark.parametrize(
    "name",
    [
        "",
        "scan-1",
        "case",
        "case-",
        "case-0",
        "case-01",
        "case--1",
        "case-1-",
        "case-1-2-3",
        "case-1-x",
        "case-1234567890-12345678",
        "ticket-237-696853",
        "case-1 ",
        "case-x",
        "case-²",
        "../case-1",
        "t/1",
        "user-1",
        ".tmp-case-1",
        "case-1234567890123456789",
    ],
)
def test_only_records_have_names(tmp_path: Path, name: str) -> None:
    assert not spool.is_name(name)
    with pytest.raises(ValueError, match="not the name"):
        spool.put(str(tmp_path), name, {})
    assert list(tmp_path.iterdir()) == []


def test_a_later_event_replaces_the_earlier(tmp_path: Path) -> None:
    """A storm about one subject is one file, with the latest hints and another stamp."""
    folder = str(tmp_path / "spool")
    spool.put(folder, "case-5", {"message": "1"})
    (first,) = spool.entries(folder)
    spool.put(folder, "case-5", {"message": "2"})
    (second,) = spool.entries(folder)
    assert second.fields == {"message": "2"}
    assert first.stamp != second.stamp
    assert spool.snapshot(folder) == {second.stamp}


def test_a_later_record_is_kept_though_it_has_the_inode_of_the_one_that_was_taken(tmp_path: Path) -> None:
    """The number of a removed file is given again at once."""
    folder = str(tmp_path / "spool")
    spool.put(folder, "rating-8", {"rating": "good"})
    (taken,) = spool.entries(folder)
    Path(taken.path).write_text("rating bad\n", encoding="utf-8")
    os.utime(taken.path, ns=(taken.stamp[2] + 1_000_000, taken.stamp[2] + 1_000_000))
    spool.drop_unchanged(taken)
    (later,) = spool.entries(folder)
    assert later.fields == {"rating": "bad"}
    spool.drop_unchanged(later)
    assert spool.entries(folder) == [] and os.listdir(folder) == []


def test_oldest_first(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    for number, name in enumerate(("ticket-3", "scan", "case-1", "t2u-2")):
        spool.put(str(folder), name, {})
        os.utime(folder / name, (1000 - number, 1000 - number))
    assert [event.name for event in spool.entries(str(folder))] == ["t2u-2", "case-1", "scan", "ticket-3"]


def test_there_has_been_no_event_yet(tmp_path: Path) -> None:
    assert spool.entries(str(tmp_path / "none")) == []
    assert spool.snapshot(str(tmp_path / "none")) == frozenset()


def test_folders_are_for_the_owner_only(tmp_path: Path) -> None:
    spool.put(str(tmp_path / "omnidesk" / "spool"), "scan", {"time": "1"})
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "omnidesk", tmp_path / "omnidesk/spool")]
    assert modes == [0o700, 0o700]
    assert (tmp_path / "omnidesk/spool/scan").stat().st_mode & 0o777 == 0o600


# --- durability -----------------------------------------------------------------------------------


def _recorded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is synced and renamed from now on, in order, by the name of the file."""
    steps: list[tuple[str, str]] = []

    def watch(name: str, label: Callable[[Any], str]) -> None:
        real = getattr(os, name)

        def call(*given: Any) -> Any:
            steps.append((name, label(given[0])))
            return real(*given)

        monkeypatch.setattr(os, name, call)

    watch("fsync", lambda fd: os.path.basename(os.readlink(f"/proc/self/fd/{fd}")))
    watch("rename", os.path.basename)
    return steps


def test_content_is_synced_before_the_rename_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a power cut leaves an empty record, or none."""
    (tmp_path / "spool").mkdir()
    steps = _recorded(monkeypatch)
    spool.put(str(tmp_path / "spool"), "case-1", {"case": "1"})
    temporary = steps[0][1]
    assert temporary.startswith(spool.TEMPORARY)
    assert steps == [("fsync", temporary), ("rename", temporary), ("fsync", "spool")]


def test_the_first_event_makes_its_folders_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = _recorded(monkeypatch)
    spool.put(str(tmp_path / "omnidesk" / "spool"), "case-1", {})
    assert steps[:2] == [("fsync", tmp_path.name), ("fsync", "omnidesk")]


def _dies_at(call: str, count: int, folder: str) -> None:
    """A process that writes an event and is killed at the ``count``-th use of ``os.<call>``."""
    child = os.fork()
    if not child:
        real, seen = getattr(os, call), [0]

        def deadly(*given: Any) -> Any:
            seen[0] += 1
            if seen[0] == count:
                os.kill(os.getpid(), 9)
            return real(*given)

        setattr(os, call, deadly)
        try:
            spool.put(folder, "case-1", {"message": "2", "long": "x" * 5000})
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 9


@pytest.mark.parametrize(
    ("call", "count", "survives"), [("write", 1, "1"), ("fsync", 1, "1"), ("rename", 1, "1"), ("fsync", 2, "2")]
)
@pytest.mark.parametrize("before", [True, False])
def test_killed_at_any_step(tmp_path: Path, call: str, count: int, survives: str, before: bool) -> None:
    """A record is complete or not there; the one from before stays until the new one is complete."""
    folder = tmp_path / "spool"
    folder.mkdir()
    if before:
        spool.put(str(folder), "case-1", {"message": "1"})
    _dies_at(call, count, str(folder))
    found = [event.fields["message"] for event in spool.entries(str(folder))]
    assert found == ([survives] if before or survives == "2" else [])
    assert not (tmp_path / "broken").exists()


def test_what_the_dead_left_is_removed_after_an_hour(tmp_path: Path) -> None:
    """Not earlier: its writer may still be alive."""
    _dies_at("rename", 1, str(tmp_path / "spool"))
    (left,) = (tmp_path / "spool").iterdir()
    assert spool.entries(str(tmp_path / "spool")) == [] and left.exists()
    long_ago = left.stat().st_mtime - spool.TEMPORARY_SECONDS - 1
    os.utime(left, (long_ago, long_ago))
    assert spool.entries(str(tmp_path / "spool")) == [] and not left.exists()


@pytest.mark.parametrize("call", ["write", "fsync", "rename"])
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    (tmp_path / "spool").mkdir()

    def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        with pytest.raises(OSError, match="No space left"):
            spool.put(str(tmp_path / "spool"), "case-1", {"case": "1"})
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_disk_that_takes_only_a_part_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """write() may take less than it is given."""
    write = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda fd, data: write(fd, data[:3]))
        spool.put(str(tmp_path / "spool"), "case-1", {"case": "1", "peer": "192.0.2.1"})
    assert spool.entries(str(tmp_path / "spool"))[0].fields == {"case": "1", "peer": "192.0.2.1"}


# --- what does not belong there -------------------------------------------------------------------


def test_foreign_things_are_set_aside_and_block_nobody(tmp_path: Path) -> None:
    """A file, a folder, a dead link, a FIFO that would block its reader, and a name twice."""
    folder = tmp_path / "spool"
    spool.put(str(folder), "case-1", {"case": "1"})
    (folder / "notes.txt").write_text("hello")
    (folder / ".hidden").write_text("hello")
    (folder / "case-2").mkdir()
    (folder / "case-3").symlink_to("/nowhere")
    os.mkfifo(folder / "case-4")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "notes.txt").write_text("an earlier one")
    said: list[str] = []
    assert [event.name for event in spool.entries(str(folder), said.append)] == ["case-1"]
    assert [path.name for path in folder.iterdir()] == ["case-1"]
    kept = sorted(path.name for path in (tmp_path / "broken").iterdir())
    assert kept[:4] == ["case-2", "case-3", "case-4", "hidden"] and len(kept) == 6
    assert (tmp_path / "broken" / "notes.txt").read_text() == "an earlier one"
    assert len(said) == 5 and all("moved to" in line for line in said)


@pytest.mark.parametrize("content", [b"", b"\0\0\0\0", b"\xff\xfe", b"case %zz", b"case %", b"x" * 100_000])
def test_a_damaged_record_still_counts(tmp_path: Path, content: bytes) -> None:
    """Its name says where to look, and that is all there is to know."""
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool/case-7").write_bytes(content)
    (event,) = spool.entries(str(tmp_path / "spool"), lambda _: None)
    assert (event.kind, event.id) == ("case", 7)


def test_what_cannot_be_moved_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said on stderr by default, and the others are served."""
    spool.put(str(tmp_path / "spool"), "case-1", {})
    (tmp_path / "spool/strange").write_text("")
    (tmp_path / "broken").write_text("a file where a folder should be")
    assert [event.name for event in spool.entries(str(tmp_path / "spool"))] == ["case-1"]
    assert "File exists" in capsys.readouterr().err


# --- many at once ---------------------------------------------------------------------------------


def test_events_while_a_worker_takes_them(tmp_path: Path) -> None:
    """Eight writers and one taker: each subject is taken after its last event, and nothing is reported."""
    folder = str(tmp_path / "spool")
    subjects = [f"ticket-{number}" for number in range(1, 21)]
    last: dict[str, int] = dict.fromkeys(subjects, 0)
    lock = threading.Lock()
    taken: dict[str, int] = {}
    said: list[str] = []

    def write_events() -> None:
        for name in subjects:
            with lock:  # the order of the numbers is the order on disk
                last[name] += 1
                spool.put(folder, name, {"number": str(last[name])})

    def take() -> None:
        for event in spool.entries(folder, said.append):
            spool.drop(event)
            with lock:  # the look that follows the drop sees all events before it
                taken[event.name] = last[event.name]

    writers = [threading.Thread(target=write_events) for _ in range(8)]
    for thread in writers:
        thread.start()
    while any(thread.is_alive() for thread in writers):
        take()
    take()
    assert taken == last
    assert said == [] and os.listdir(folder) == []


def test_a_full_spool_takes_only_what_it_holds_already(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever knows the secret must not be able to fill the disk, a file for each number."""
    monkeypatch.setattr(spool, "MOST_RECORDS", 2)
    folder = str(tmp_path / "omnidesk" / "spool")
    spool.put(folder, "case-1", {})
    spool.put(folder, "case-2", {})
    with pytest.raises(OSError, match="already waiting"):
        spool.put(folder, "case-3", {})
    spool.put(folder, "case-2", {"time": "7"})
    assert [event.name for event in spool.entries(folder)] == ["case-1", "case-2"]
