"""The list «Кастомные поля»: what it shows of links that are fine and of those that are not, and deleting."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from omnidesk.panel_ui import names
from tests.panel_ui.panel_calls import call, save_settings
from tests.support.workshop import Workshop

CATALOGUE = {
    "client_id": {"entity": "user", "name": "ID клиента", "sql": "SELECT account FROM user WHERE id = __id__"},
    "subject": {"entity": "case", "name": "Тема", "sql": "SELECT name FROM ticket WHERE id = __id__"},
    "no_table": {"entity": "case", "name": "Нет таблицы", "sql": "SELECT a FROM nowhere WHERE id = __id__"},
    "writes": {"entity": "case", "name": "Пишет", "sql": "DELETE FROM ticket"},
}


def links(workshop: Workshop, **fields: str) -> None:
    rows = [{"field": field, "value": value} for field, value in fields.items()]
    Path(workshop.paths.field_links).write_text(json.dumps(rows), encoding="utf-8")


def catalogue(workshop: Workshop, content: object = None) -> None:
    text = content if isinstance(content, str) else json.dumps(content or CATALOGUE, ensure_ascii=False)
    Path(workshop.paths.catalogue).write_text(text, encoding="utf-8")


@pytest.fixture
def desk(workshop: Workshop) -> Workshop:
    save_settings(workshop)
    catalogue(workshop)
    return workshop


def states(workshop: Workshop) -> dict[str, str]:
    return {row["id"]: row["state"] for row in call(workshop, names.FIELDS).rows}


def test_a_row_tells_both_ends_of_a_link(desk: Workshop) -> None:
    field = desk.desk.add_field("Клиент", "text", "user")
    links(desk, **{field.key: "client_id"})
    (row,) = call(desk, names.FIELDS).rows
    assert row == {
        "id": field.key,
        "name": "Клиент",
        "level": "level_user",
        "type": "type_text",
        "value_name": "ID клиента",
        "value": "client_id",
        "state": "state_fine",
        "reason": "",
    }


def test_each_kind_of_trouble_has_its_state_and_its_words(desk: Workshop) -> None:
    add = desk.desk.add_field
    off, user, case = add("Off", active=False), add("User", level="user"), add("Case")
    table, writes, odd = add("Table"), add("Writes"), add("Odd", "formula")
    unknown = add("Unknown value")
    expected = {
        "cf_99999": ("subject", "unknown_field"),
        off.key: ("subject", "inactive_field"),
        user.key: ("subject", "wrong_level"),
        case.key: ("subject", "fine"),
        table.key: ("no_table", "broken_statement"),
        writes.key: ("writes", "broken_statement"),
        odd.key: ("subject", "unknown_type"),
        unknown.key: ("gone", "unknown_value"),
    }
    links(desk, **{key: value for key, (value, _) in expected.items()})
    for language in ("ru", "en"):
        answer = call(desk, names.FIELDS, language=language)
        assert {row["id"]: row["state"] for row in answer.rows} == {
            key: f"state_{state}" for key, (_, state) in expected.items()
        }
        assert all(bool(row["reason"]) == (row["state"] != "state_fine") for row in answer.rows)
        assert all(answer.words(row[column]) for row in answer.rows for column in ("state", "level", "type"))
    assert desk.panel.query("SELECT COUNT(*) AS n FROM ticket")[0]["n"] == 0


def test_while_omnidesk_is_away_the_remembered_titles_are_shown(desk: Workshop) -> None:
    field = desk.desk.add_field("Клиент", "text", "user")
    links(desk, **{field.key: "client_id"})
    call(desk, names.FIELDS)
    desk.tick(4000)
    save_settings(desk, OmnideskApiKey="wrong-key")
    answer = call(desk, names.FIELDS)
    assert [(row["name"], row["state"]) for row in answer.rows] == [("Клиент", "state_fine")]
    assert "ключ" in answer.words("title") and "сохранённых данных" in answer.words("title")


def test_without_settings_the_links_are_shown_unchecked(workshop: Workshop) -> None:
    catalogue(workshop)
    links(workshop, cf_7="client_id", cf_8="gone")
    answer = call(workshop, names.FIELDS, language="en")
    assert [(row["name"], row["level"], row["state"]) for row in answer.rows] == [
        ("cf_7", "level_user", "state_unchecked"),
        ("cf_8", "level_other", "state_unknown_value"),
    ]
    assert answer.words("note_not_set_up") in answer.words("title") and "omnidesk.conf" not in answer.words("title")


@pytest.mark.parametrize("broken", ["[{", "{}", '[{"field": "cf_1"}]', '[{"field":"cf_5","value":"x"},]', "\0"])
def test_a_broken_file_of_links_shows_the_last_good_one(desk: Workshop, broken: str) -> None:
    field = desk.desk.add_field("Клиент", "text", "user")
    links(desk, **{field.key: "client_id"})
    call(desk, names.FIELDS)
    Path(desk.paths.field_links).write_text(broken, encoding="utf-8")
    answer = call(desk, names.FIELDS)
    assert [row["id"] for row in answer.rows] == [field.key]
    assert "custom_fields.json" in answer.words("title") and "последнее правильное" in answer.words("title")
    assert call(desk, names.FIELDS_DELETE, elid=field.key).error == ("field_links", "custom_fields.json")
    assert Path(desk.paths.field_links).read_text(encoding="utf-8") == broken


def test_a_broken_catalogue_costs_only_its_broken_entries(desk: Workshop) -> None:
    add = desk.desk.add_field
    good, bad = add("Good"), add("Bad")
    links(desk, **{good.key: "subject", bad.key: "no_table"})
    catalogue(desk, {**CATALOGUE, "no_table": {"entity": "ticket", "sql": "x"}})
    assert states(desk) == {good.key: "state_fine", bad.key: "state_broken_value"}
    catalogue(desk, "{")
    assert states(desk)[good.key] == "state_unknown_value"  # never seen while it was good
    catalogue(desk)
    assert states(desk) == {good.key: "state_fine", bad.key: "state_broken_statement"}
    catalogue(desk, "{")
    assert states(desk) == {good.key: "state_fine", bad.key: "state_broken_statement"}


def test_deleting_takes_out_the_selected_links_only(desk: Workshop) -> None:
    Path(desk.paths.field_links).write_text(
        '[{"field": "cf_1", "value": "a"},\n {"field": "cf_2", "value": "b", "comment": "ручная пометка"},\n'
        '{"field": "cf_3", "value": "c"}]'
    )
    assert call(desk, names.FIELDS_DELETE, elid="cf_1, cf_3, cf_77").ok
    left = json.loads(Path(desk.paths.field_links).read_text(encoding="utf-8"))
    assert left == [{"field": "cf_2", "value": "b", "comment": "ручная пометка"}]
    assert call(desk, names.FIELDS_DELETE, elid="cf_1").error[0] == "no_link"


@pytest.mark.parametrize("elid", ["", "cf_", "../x", "cf_1' OR 1=1", "cf_" + "9" * 400, "\x00\x1b[31m", "cf_2\n, all"])
def test_deleting_what_is_no_field(desk: Workshop, elid: str) -> None:
    links(desk, cf_1="a")
    before = Path(desk.paths.field_links).read_bytes()
    assert call(desk, names.FIELDS_DELETE, elid=elid).error[0] == "no_link"
    assert Path(desk.paths.field_links).read_bytes() == before


@pytest.mark.parametrize("func", [names.FIELDS, names.FIELDS_EDIT, names.FIELDS_DELETE])
def test_only_for_administrators(desk: Workshop, func: str) -> None:
    links(desk, cf_1="client_id")
    before = Path(desk.paths.field_links).read_bytes()
    for level in (0, 9, 16, 28):
        answer = call(desk, func, level=level, elid="cf_1", sok="ok", field="cf_2", value="x")
        assert answer.error == ("access", func) and answer.rows == []
    assert Path(desk.paths.field_links).read_bytes() == before


def test_without_the_database_the_links_are_shown_and_the_reason(desk: Workshop) -> None:
    links(desk, cf_7="client_id")
    conf = Path(desk.paths.panel_db_conf)
    conf.write_text(conf.read_text(encoding="utf-8").replace("DBSocket ", "DBSocket /nowhere"), encoding="utf-8")
    answer = call(desk, names.FIELDS)
    assert [(row["id"], row["state"]) for row in answer.rows] == [("cf_7", "state_no_database")]
    assert "База панели не отвечает" in answer.words("title")
    assert call(desk, names.FIELDS_EDIT).error[0] == "database_away"


def test_a_value_that_is_gone_is_not_taken_from_memory(desk: Workshop) -> None:
    """Only what is broken is replaced by what was good: a catalogue without the entry is a good one."""
    field = desk.desk.add_field("A")
    links(desk, **{field.key: "subject"})
    assert states(desk) == {field.key: "state_fine"}
    catalogue(desk, {"client_id": CATALOGUE["client_id"]})
    assert states(desk) == {field.key: "state_unknown_value"}
    Path(desk.paths.field_links).write_text("[", encoding="utf-8")
    assert states(desk) == {field.key: "state_unknown_value"}


def test_what_the_lists_ask_of_omnidesk_is_little(desk: Workshop) -> None:
    links(desk, cf_7="client_id")
    assert desk.calls(lambda: [call(desk, names.FIELDS) for _ in range(5)]) == ["GET /api/custom_fields.json"]
