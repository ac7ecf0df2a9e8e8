"""The form that links several custom fields at once: its rows, what would be sent, what is refused, and the link to the
settings before there are any."""

from __future__ import annotations

import os
from typing import Any

import pytest

from omnidesk.panel_ui import names
from tests.panel_ui.fields_calls import FieldsForm
from tests.panel_ui.panel_calls import Answered, call
from tests.support.workshop import Workshop


@pytest.fixture
def form(workshop: Workshop) -> FieldsForm:
    return FieldsForm(workshop, names.FIELDS_LINK)


def rows(answer: Answered) -> list[str]:
    """The rows that the form has."""
    names_ = (str(one.get("name")) for one in answer.root.iterfind("metadata//field"))
    return [name for name in names_ if name.startswith("row_")]


def test_each_free_field_has_a_row(form: FieldsForm) -> None:
    add = form.workshop.desk.add_field
    user, case, _ = add("Client", "text", "user"), add("Kind"), add("Off", active=False)
    opened = form.open("en")
    assert rows(opened) == ["row_1", "row_2"]
    assert (opened.value("field_1"), opened.value("field_2")) == (case.key, user.key)
    assert opened.choices("field_1")[case.key] == f"Kind — case, text ({case.key})"
    assert "subject" in opened.choices("value_1") and "account" not in opened.choices("value_1")
    assert "account" in opened.choices("value_2") and opened.value("value_1") == ""
    other = form.open("en", field_1=user.key, value_1="subject", field_2=user.key, sv_field="field_1")
    assert "account" in other.choices("value_1") and other.value("value_1") == ""


def test_several_fields_are_linked_at_once(form: FieldsForm) -> None:
    add = form.workshop.desk.add_field
    first, second, third = add("A"), add("B", "text", "user"), add("C")
    ticket = form.workshop.new_ticket(subject="Сайт не работает")
    typed: dict[str, Any] = {"field_1": first.key, "value_1": "subject", "field_2": third.key, "value_2": ""}
    typed |= {"field_3": second.key, "value_3": "account", "sample_case": ticket}
    shown = form.open(**typed, sv_field="value_1")
    assert "Будет отправлено: Сайт не работает" in shown.about("1") and shown.about("2") == ""
    assert "Будет отправлено:" in shown.about("3")
    assert form.save(**typed).ok
    assert form.links() == [{"field": first.key, "value": "subject"}, {"field": second.key, "value": "account"}]
    assert rows(form.open()) == ["row_1"]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_what_is_wrong_stands_in_its_row_and_nothing_is_linked(form: FieldsForm, language: str) -> None:
    add = form.workshop.desk.add_field
    form.workshop.new_ticket(subject="Gold")
    first, second, third = add("A"), add("B"), add("C", "select", options=["VIP"])
    typed = {"field_1": first.key, "value_1": "writes", "field_2": second.key, "value_2": "subject"}
    typed |= {"field_3": third.key, "value_3": "subject", "field_4": second.key, "value_4": "flag"}
    shown = form.open(language, **typed, sv_field="value_3")
    assert shown.about("3").startswith("✗") and shown.about("1").startswith("✗") and shown.note() == ""
    page = form.save(**typed, sfrom="ajax", language=language)
    assert sorted(page.wrong) == ["1", "3", "4"] and not page.ok and page.error == ("", "")
    assert all(page.words(f"row_{number}") in page.note() for number in (1, 3, 4))
    assert (page.value("value_2"), page.value("value_3")) == ("subject", "subject"), "what was chosen stays"
    assert form.save(**typed).error == ("field_link", "value_1"), "a program gets an error"
    assert form.links() == []


def test_a_field_that_was_linked_meanwhile_keeps_its_row(form: FieldsForm) -> None:
    add = form.workshop.desk.add_field
    first, second = add("A"), add("B")
    typed = {"field_1": first.key, "value_1": "", "field_2": second.key, "value_2": "subject"}
    assert form.save(**typed).ok
    page = form.save(**typed, sfrom="ajax")
    assert page.wrong == ["2"] and rows(page) == ["row_1", "row_2"] and second.key in page.choices("field_2")


def test_nothing_chosen_is_said(form: FieldsForm) -> None:
    field = form.workshop.desk.add_field("A")
    page = form.save(field_1=field.key, value_1="", sfrom="ajax")
    assert page.note().startswith("✗") and not page.ok and form.links() == []


def test_without_free_fields_it_says_where_they_are_made(form: FieldsForm) -> None:
    opened = form.open("en")
    assert rows(opened) == [] and opened.note() == opened.words("note_no_fields")


def test_after_the_settings_were_saved_it_says_so(form: FieldsForm) -> None:
    form.workshop.desk.add_field("A")
    assert form.open("en", saved="on").note() == f"✓ {form.open('en').words('note_saved')}"


def test_before_there_are_settings_they_are_the_next_step(form: FieldsForm) -> None:
    """No path of a file: the list says what to open, and its button and the form open it."""
    os.unlink(form.workshop.paths.settings)
    listed = call(form.workshop, names.FIELDS, language="en")
    assert listed.words("title").endswith(listed.words("note_not_set_up"))
    assert "omnidesk.conf" not in listed.words("title")
    assert listed.root.find("metadata//toolbtn[@func='omnidesk.settings']") is not None
    for func in (names.FIELDS_LINK, names.FIELDS_EDIT):
        led = call(form.workshop, func).root.find("ok")
        assert led is not None and (led.get("type"), led.text) == ("form", f"func={names.SETTINGS}")
