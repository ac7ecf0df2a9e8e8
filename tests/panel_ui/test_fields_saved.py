"""Writing custom_fields.json: all or nothing, nothing else lost, one at a time."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnidesk.core.errors import Refused
from omnidesk.core.paths import Paths
from omnidesk.custom_fields import saved
from omnidesk.custom_fields.catalogue import Link, load_links, parse_links
from omnidesk.custom_fields.problems import BrokenFile

keys = st.integers(1, 10**17).map(lambda number: f"cf_{number}")
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
others = st.dictionaries(texts.filter(lambda name: name not in ("field", "value")), st.integers() | texts, max_size=3)
entries = st.lists(
    st.builds(lambda field, value, more: {**more, "field": field, "value": value}, keys, texts, others),
    max_size=6,
    unique_by=lambda one: one["field"],
)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    (tmp_path / "etc/omnidesk").mkdir(parents=True)
    return Paths(str(tmp_path))


def written(paths: Paths) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(Path(paths.field_links).read_text(encoding="utf-8"))
    return found


@given(entries, keys, texts)
def test_an_added_link_leaves_the_others_alone(rows: list[dict[str, Any]], field: str, value: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = Paths(folder)
        os.makedirs(paths.etc)
        Path(paths.field_links).write_text(json.dumps(rows), encoding="utf-8")
        if any(one["field"] == field for one in rows):
            with pytest.raises(Refused):
                saved.put(paths, Link(field, value))
            return
        saved.put(paths, Link(field, value))
        assert written(paths) == [*rows, {"field": field, "value": value}]
        assert load_links(paths.field_links)[-1] == Link(field, value)
        saved.remove(paths, [field])
        assert written(paths) == rows


@given(entries)
def test_what_is_written_is_what_is_read(rows: list[dict[str, Any]]) -> None:
    text = saved.written(rows)
    assert json.loads(text) == rows
    assert [one.field for one in parse_links(text)] == [one["field"] for one in rows]


def test_the_first_link_makes_the_file_for_its_owner_only(paths: Paths) -> None:
    saved.put(paths, Link("cf_1", "a"))
    assert os.stat(paths.field_links).st_mode & 0o777 == 0o600
    assert Path(paths.field_links).read_text(encoding="utf-8") == '[\n    {"field": "cf_1", "value": "a"}\n]\n'


def test_a_link_to_the_file_stays_one(paths: Paths, tmp_path: Path) -> None:
    real = tmp_path / "kept.json"
    real.write_text("[]", encoding="utf-8")
    os.symlink(real, paths.field_links)
    saved.put(paths, Link("cf_1", "a"))
    assert os.path.islink(paths.field_links) and "cf_1" in real.read_text(encoding="utf-8")


@pytest.mark.parametrize("call", ["fsync", "replace", "write"])
def test_a_disk_that_fails_leaves_the_old_file(paths: Paths, call: str) -> None:
    saved.put(paths, Link("cf_1", "a"))
    before = Path(paths.field_links).read_bytes()
    with (
        mock.patch.object(os, call, side_effect=OSError(28, "No space left")),
        pytest.raises(OSError, match="space"),
    ):
        saved.put(paths, Link("cf_2", "b"))
    assert Path(paths.field_links).read_bytes() == before
    assert sorted(os.listdir(paths.etc)) == ["custom_fields.json"]
    saved.put(paths, Link("cf_2", "b"))
    assert len(written(paths)) == 2


@pytest.mark.parametrize("content", ["", "{", "{}", "[1]", '[{"field": "x", "value": "a"}]', "null", "[[]]"])
def test_a_broken_file_stays_as_it_is(paths: Paths, content: str) -> None:
    Path(paths.field_links).write_text(content, encoding="utf-8")
    for change in (lambda: saved.put(paths, Link("cf_1", "a")), lambda: saved.remove(paths, ["cf_1"])):
        with pytest.raises(BrokenFile):
            change()
    assert Path(paths.field_links).read_text(encoding="utf-8") == content


def test_saves_at_once_take_turns(paths: Paths) -> None:
    """Each reads what the one before it wrote: none is lost."""
    numbers = range(1, 25)
    threads = [threading.Thread(target=saved.put, args=(paths, Link(f"cf_{number}", "a"))) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one["field"] for one in written(paths)} == {f"cf_{number}" for number in numbers}


def test_of_two_links_of_one_field_the_first_wins(paths: Paths) -> None:
    saved.put(paths, Link("cf_1", "a"))
    with pytest.raises(Refused) as caught:
        saved.put(paths, Link("cf_1", "b"))
    assert (caught.value.type, caught.value.value) == ("field_taken", "a")
