"""The list and the form of the routing table in the panel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from omnidesk.core import settings
from omnidesk.panel_ui import names
from tests.panel_ui.panel_calls import Answered, call, save_settings
from tests.support.workshop import Workshop


class Form:
    """The functions' calls, and the file they end in."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self.file = Path(workshop.paths.routing)
        self.group = workshop.desk.add_group("Оплата")
        self.label = workshop.desk.add_label("деньги")
        self.channel = workshop.desk.add_channel("Бренд").key

    def listing(self, **params: Any) -> Answered:
        return call(self.workshop, names.ROUTING, **params)

    def open(self, **params: Any) -> Answered:
        return call(self.workshop, names.ROUTING_EDIT, **params)

    def save(self, **params: Any) -> Answered:
        return call(self.workshop, names.ROUTING_EDIT, sok="ok", clicked_button="ok", **params)

    def write(self, *rows: Any) -> None:
        self.file.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")

    def rows(self) -> list[Any]:
        return list(json.loads(self.file.read_text(encoding="utf-8")))

    def keys(self) -> list[str]:
        return [row["id"] for row in self.listing().rows]


@pytest.fixture
def form(workshop: Workshop) -> Form:
    save_settings(workshop)
    return Form(workshop)


def test_without_a_file_the_list_is_empty_and_the_form_offers_both_sides(form: Form) -> None:
    assert form.listing().rows == []
    opened = form.open(language="en")
    assert str(form.group) in opened.choices("group")
    assert opened.choices("department")[str(form.workshop.billing)] == "Отдел оплаты"
    assert form.channel in opened.choices("channel")
    assert "high" in opened.choices("priority") and str(form.label) in opened.choices("labels")


def test_a_row_is_saved_and_shown_by_its_names(form: Form) -> None:
    both = f"{form.workshop.support}, {form.workshop.billing}"
    assert form.save(department=both, group=str(form.group), labels=str(form.label), priority="high").ok
    assert form.rows() == [
        {
            "department": [str(form.workshop.support), str(form.workshop.billing)], "group": str(form.group),
            "priority": "high", "labels": [str(form.label)],
        }
    ]  # fmt: skip
    (shown,) = form.listing().rows
    assert (shown["department"], shown["group"], shown["labels"]) == (
        "Техническая поддержка, Отдел оплаты", "Оплата", "деньги",
    )  # fmt: skip
    assert (shown["state"], shown["reason"]) == ("state_fine", "")


def test_what_means_the_same_stays_as_it_was_written(form: Form) -> None:
    form.write({"department": "Отдел оплаты", "group": "оплата", "channel": form.channel[3:]})
    (key,) = form.keys()
    opened = form.open(elid=key)
    assert (opened.value("group"), opened.value("channel")) == (str(form.group), form.channel)
    given = {name: opened.value(name) for name in ("department", "project", "group", "channel", "labels", "language")}
    assert form.save(elid=key, **{**given, "priority": "low", "comment": "новое"}).ok
    assert form.rows() == [
        {"department": "Отдел оплаты", "group": "оплата", "channel": form.channel[3:], "priority": "low",
         "comment": "новое"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"department": "1"}, "group", "ни группы"),
        ({"group": "999"}, "group", "нет группы «999»"),
        ({"group": "44", "department": "999"}, "department", "нет отдела «999»"),
        ({"labels": "999"}, "labels", "нет метки «999»"),
        ({"channel": "cch999"}, "channel", "нет активного кастомного канала «cch999»"),
        ({"priority": "urgent"}, "priority", "urgent"),
        ({"priority": "low", "secret": "0123456789"}, "channel", "канал"),
        ({"channel": "OWN", "secret": "0123456789"}, "channel", "канал из параметров интеграции"),
        ({"channel": "BRAND", "secret": "short"}, "secret", "cch102:ключ"),
    ],
)
def test_each_mistake_is_at_its_field(form: Form, given: dict[str, str], field: str, words: str) -> None:
    names_ = {"OWN": form.workshop.channel.key, "BRAND": form.channel}
    answer = form.save(**{name: names_.get(value, value) for name, value in given.items()})
    assert answer.error[1] == field and words in answer.told
    assert not form.file.exists()
    assert "0123456789" not in answer.text


def test_the_secret_of_a_channel_goes_into_the_settings(form: Form) -> None:
    answer = form.save(channel=form.channel, secret="brand-secret-1")
    assert answer.ok and "brand-secret-1" not in answer.text
    path = form.workshop.paths.settings
    found = settings.load(path)
    assert found.secret_of(form.channel).reveal() == "brand-secret-1"
    assert Path(path).stat().st_mode & 0o777 == 0o600
    (key,) = form.keys()
    opened = form.open(elid=key)
    assert opened.words("placeholder_secret") == "сохранён" and "brand-secret-1" not in opened.text
    assert form.save(elid=key, channel=form.channel, priority="low").ok
    assert settings.load(path).secret_of(form.channel).reveal() == "brand-secret-1"


def test_rows_change_places_and_go(form: Form) -> None:
    form.write({"group": "Оплата", "department": 1}, {"priority": "low", "department": 2}, {"priority": "high"})
    first, second, _ = form.keys()
    assert call(form.workshop, names.ROUTING_UP, elid=second).ok
    assert [row.get("department") for row in form.rows()] == [2, 1, None]
    assert call(form.workshop, names.ROUTING_DOWN, elid=form.keys()[0]).ok
    assert [row.get("department") for row in form.rows()] == [1, 2, None]
    assert call(form.workshop, names.ROUTING_DELETE, elid=", ".join(form.keys()[:2])).ok
    assert form.rows() == [{"priority": "high"}]
    assert call(form.workshop, names.ROUTING_DELETE, elid=first).error[0] == "no_route"


def test_wrong_rows_say_why_and_can_be_deleted(form: Form) -> None:
    form.write("строка", {"grupa": "x"}, {"group": "Нет такой"}, {"group": "Оплата", "department": ["1", "x"]})
    rows = form.listing().rows
    assert [row["state"] for row in rows[:3]] == ["state_wrong"] * 3
    assert "нет группы «Нет такой»" in rows[2]["reason"]
    for key in form.keys()[:3]:
        assert call(form.workshop, names.ROUTING_DELETE, elid=form.keys()[0]).ok, key
    assert len(form.rows()) == 1


def test_a_broken_file_is_named_and_not_overwritten(form: Form) -> None:
    form.file.write_text("[{", encoding="utf-8")
    assert "routing.json" in form.listing().words("title")
    assert form.save(priority="low").error[0] == "routing"
    assert form.file.read_text(encoding="utf-8") == "[{"


def test_while_omnidesk_is_away_names_come_from_what_is_remembered(form: Form) -> None:
    form.write({"group": "Оплата"})
    assert form.listing().rows[0]["state"] == "state_fine"
    form.workshop.desk.faults.key_revoked = True
    form.workshop.tick(4000)
    assert form.open(elid=form.keys()[0]).choices("group")


def test_who_may_not_change_settings_may_not_change_routes(form: Form) -> None:
    for func in (names.ROUTING_EDIT, names.ROUTING_DELETE, names.ROUTING_UP, names.ROUTING_DOWN):
        answer = call(form.workshop, func, level=29, user=str(form.workshop.boris), elid="1-0")
        assert answer.error[0] == "access_settings"
