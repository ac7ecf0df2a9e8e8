"""Files are read again when they change, and a broken one keeps its last good content in force."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from omnidesk.custom_fields.live import LiveCatalogue, LiveLinks
from omnidesk.custom_fields.problems import BrokenFile

VALUE = {"entity": "user", "name": "A", "sql": "SELECT 1"}


class Edited:
    """A file edited by an administrator; each edit has another time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = 1_000_000_000

    def write(self, content: object) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        self.path.write_text(text, encoding="utf-8")
        self.clock += 1
        os.utime(self.path, (self.clock, self.clock))


def test_rereads_only_when_changed(tmp_path: Path) -> None:
    """The same object while nothing changes, the new content once it does."""
    file = Edited(tmp_path / "c.json")
    file.write({"a": VALUE})
    live = LiveCatalogue(file.path)
    first = live.current()
    assert live.current() is first
    file.write({"b": VALUE})
    assert [value.key for value in live.current()] == ["b"]


def test_same_size_and_time_but_another_file(tmp_path: Path) -> None:
    """An editor that writes a new file and renames it, and keeps the time, is noticed by the inode."""
    file = Edited(tmp_path / "c.json")
    file.write({"a": VALUE})
    live = LiveCatalogue(file.path)
    live.current()
    other = Edited(tmp_path / "d.json")
    other.write({"b": VALUE})
    other.path.rename(file.path)
    assert [value.key for value in live.current()] == ["b"]


def test_broken_file_keeps_the_last_good_one(tmp_path: Path) -> None:
    """Told once for each change, mended by itself."""
    told: list[BrokenFile] = []
    file = Edited(tmp_path / "c.json")
    file.write({"a": VALUE})
    live = LiveCatalogue(file.path, told.append)
    live.current()
    file.write('{"a": ')
    for _ in range(3):
        assert [value.key for value in live.current()] == ["a"]
    assert len(told) == 1 and "line 1 column 7" in told[0].value and live.problem is told[0]
    assert live.current().problems
    file.write('{"a": {')
    live.current()
    assert len(told) == 2
    file.write({"b": VALUE})
    assert [value.key for value in live.current()] == ["b"] and live.problem is None and len(told) == 2


def test_deleted_file_keeps_the_last_good_one(tmp_path: Path) -> None:
    """Some editors remove the file for a moment."""
    file = Edited(tmp_path / "c.json")
    file.write({"a": VALUE})
    live = LiveCatalogue(file.path)
    live.current()
    file.path.unlink()
    assert [value.key for value in live.current()] == ["a"] and live.problem is not None


def test_never_good(tmp_path: Path) -> None:
    """A process that never saw a good file has no values, and says so."""
    told: list[BrokenFile] = []
    live = LiveCatalogue(tmp_path / "nothing.json", told.append)
    assert len(live.current()) == 0 and len(live.current()) == 0
    assert len(told) == 1


def test_one_bad_entry_does_not_cost_the_others(tmp_path: Path) -> None:
    """The others change, the broken one stays as it was when it was good."""
    file = Edited(tmp_path / "c.json")
    file.write({"a": VALUE, "b": VALUE})
    told: list[BrokenFile] = []
    live = LiveCatalogue(file.path, told.append)
    live.current()
    file.write({"a": {"entity": "user"}, "b": {**VALUE, "sql": "SELECT 2"}, "c": {"entity": "user"}})
    content = live.current()
    assert {value.key: value.sql for value in content} == {"a": "SELECT 1", "b": "SELECT 2"}
    assert len(told) == 1 and len(told[0].problems) == 2


def test_problem_is_logged_when_nobody_asks_for_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The worker's log names the file and what is wrong, once."""
    live = LiveCatalogue(Edited(tmp_path / "custom_fields_values.json").path)
    live.current()
    live.current()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "custom_fields_values.json: the file does not exist" in caplog.text


def test_links_live_the_same_way(tmp_path: Path) -> None:
    """No file: no links; a broken file: the last ones."""
    file = Edited(tmp_path / "l.json")
    live = LiveLinks(file.path)
    assert live.current() == ()
    file.write([{"field": "cf_1", "value": "a"}])
    good = live.current()
    assert len(good) == 1
    file.write("[")
    assert live.current() == good and live.problem is not None
