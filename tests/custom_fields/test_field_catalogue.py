"""The catalogue and the links are read strictly, and all problems of a file are told at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from omnidesk.core.errors import Misconfigured
from omnidesk.custom_fields import sql_approval, sql_check, sql_run
from omnidesk.custom_fields.catalogue import Link, load, load_links, parse
from omnidesk.custom_fields.problems import BrokenFile
from omnidesk.wording.field_texts import TEXTS

SHIPPED = Path(__file__).resolve().parents[2] / "etc" / "omnidesk" / "custom_fields_values.json"
GOOD = {"entity": "user", "name": "ID", "sql": "SELECT 1"}


def write(folder: Path, content: Any, name: str = "custom_fields_values.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(BrokenFile) as caught:
        load(path)
    assert caught.value.type == "catalogue" and caught.value.object == path.name
    return [problem.code for problem in caught.value.problems]


def test_shipped_catalogue_holds_the_documented_examples() -> None:
    """The two values of the manufacturer's description are there word for word."""
    catalogue = load(SHIPPED)
    raw = json.loads(SHIPPED.read_text(encoding="utf-8"))
    assert raw["client_id"] == {
        "entity": "user",
        "name": "ID клиента",
        "sql": "SELECT account FROM user WHERE id = __id__",
    }
    assert raw["ticket"] == {
        "entity": "case",
        "name": "Номер тикета",
        "sql": "SELECT t.id FROM ticket t WHERE t.id = __id__",
    }
    assert len(catalogue) >= 30


@pytest.mark.parametrize("value", list(load(SHIPPED)), ids=lambda value: value.key)
def test_each_shipped_value_is_approved(value: Any) -> None:
    """What is shipped passes both checks of the text and asks about one entity."""
    sql_approval.ensure(sql_run.tidy(value.sql), sql_approval.MemoryApprovals())
    sql_check.check(sql_run.statement(value, 17))
    assert "__id__" in value.sql


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{\n  "a": {"entity": "user" "name": "A", "sql": "SELECT 1"}\n}\n', "line 2 column 26"),
        # Python before 3.13 misses a key behind the comma, later ones name the comma itself.
        (
            '{\n  "a": {"entity": "user", "name": "A", "sql": "SELECT 1"},\n}\n',
            "line (2 column 58|3 column 1)",
        ),
    ],
    ids=["a comma is missing", "a comma too many"],
)
def test_syntax_error_has_line_and_column(tmp_path: Path, text: str, place: str) -> None:
    """A mistake is found where it is."""
    with pytest.raises(Misconfigured, match=f"{place}:") as caught:
        load(write(tmp_path, text))
    assert "строка" in caught.value.phrase.text("ru")


def test_every_problem_at_once(tmp_path: Path) -> None:
    """One reading tells all that has to be mended, each with its key and line."""
    text = """{
      "no_sql": {"entity": "user", "name": "A"},
      "bad_entity": {"entity": "ticket", "name": "A", "sql": "SELECT 1"},
      "numbers": {"entity": 1, "name": 2, "sql": 3},
      "text": "SELECT 1",
      " padded ": {"entity": "user", "name": "A", "sql": "SELECT 1"},
      "twice": {"entity": "user", "name": "A", "sql": "SELECT 1"},
      "good": {"entity": "case", "name": "A", "sql": "SELECT 1"},
      "twice": {"entity": "user", "name": "A", "sql": "SELECT 2"}
    }"""
    path = write(tmp_path, text)
    assert problems(path) == [
        "missing_part",
        "unknown_entity",
        "wrong_type",
        "wrong_type",
        "wrong_type",
        "bad_entry",
        "bad_key",
        "duplicate_key",
    ]
    with pytest.raises(BrokenFile) as caught:
        load(path)
    for expected in ("no_sql (line 2): sql is missing", "bad_entity (line 3): unknown entity “ticket”", "lines 7, 9"):
        assert expected in caught.value.value
    found = parse(text)
    assert [value.key for value in found] == ["good"]


@pytest.mark.parametrize(
    ("content", "code"),
    [("[]", "not_an_object"), ("3", "not_an_object"), ("", "not_json"), ("[" * 100_000, "not_json")],
)
def test_not_a_catalogue_at_all(tmp_path: Path, content: str, code: str) -> None:
    """Any other content is one clear problem."""
    assert problems(write(tmp_path, content)) == [code]


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    """The place of the first wrong byte is told."""
    path = tmp_path / "custom_fields_values.json"
    path.write_bytes(b'{\n "a": "\xe8"}')
    with pytest.raises(BrokenFile, match="line 2 column 8"):
        load(path)


def test_missing_file(tmp_path: Path) -> None:
    """A missing catalogue is a problem of its own."""
    assert problems(tmp_path / "nothing.json") == ["missing_file"]


def test_byte_order_mark_and_extra_keys_are_fine(tmp_path: Path) -> None:
    """Editors add the one, providers the other."""
    path = write(tmp_path, "\ufeff" + json.dumps({"a": {**GOOD, "name_en": "Id", "comment": 5}}))
    value = load(path).get("a")
    assert value is not None and value.sql == "SELECT 1"


def test_name_defaults_to_the_key(tmp_path: Path) -> None:
    """A value without a name can still be chosen."""
    value = load(write(tmp_path, {"a": {"entity": "case", "sql": "SELECT 1"}})).get("a")
    assert value is not None and value.name == "a"


def test_links(tmp_path: Path) -> None:
    """A list of field and value; a missing file means that nothing is linked."""
    assert load_links(tmp_path / "custom_fields.json") == ()
    path = write(tmp_path, [{"field": "cf_25", "value": "client_id"}], "custom_fields.json")
    assert load_links(path) == (Link("cf_25", "client_id"),)


def test_broken_links(tmp_path: Path) -> None:
    """Duplicates and wrong entries are all named."""
    content = [
        {"field": "cf_25", "value": "a"},
        {"field": "cf_25", "value": "b"},
        {"field": "25", "value": "a"},
        {"field": "cf_26"},
        "cf_27",
    ]
    with pytest.raises(BrokenFile) as caught:
        load_links(write(tmp_path, content, "custom_fields.json"))
    assert [problem.code for problem in caught.value.problems] == ["duplicate_link", "bad_link", "bad_link", "bad_link"]
    assert caught.value.type == "field_links" and "entry 2: the field cf_25" in caught.value.value
    with pytest.raises(BrokenFile, match="list"):
        load_links(write(tmp_path, {}, "custom_fields.json"))


def test_all_texts_are_complete() -> None:
    """Both languages speak of the same things, and each problem has a cure."""
    import string

    for code, text in TEXTS.items():
        names = [{name for _, name, _, _ in string.Formatter().parse(part) if name} for part in (text.en, text.ru)]
        assert names[0] == names[1], code
        assert text.cure_en and text.cure_ru, code
        assert not text.en.endswith(".") and not text.ru.endswith("."), code
