"""The form of one custom field: what is offered, the preview, what is refused and where, and what saving does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from omnidesk.custom_fields import saved
from omnidesk.custom_fields.catalogue import Link
from omnidesk.panel_ui import names
from tests.panel_ui.fields_calls import CATALOGUE, FieldsForm
from tests.panel_ui.panel_calls import call, save_settings
from tests.support.workshop import Workshop


@pytest.fixture
def form(workshop: Workshop) -> FieldsForm:
    return FieldsForm(workshop, names.FIELDS_EDIT)


def test_only_active_fields_without_a_link_are_offered(form: FieldsForm) -> None:
    add = form.workshop.desk.add_field
    user, case, off, taken = (
        add("Client", "text", "user"),
        add("Kind", "select"),
        add("Off", active=False),
        add("Taken"),
    )
    saved.put(form.workshop.paths, Link(taken.key, "subject"))
    offered = form.open(language="en").choices("field")
    assert list(offered) == ["", case.key, user.key]
    assert offered[case.key] == f"Kind — case, select ({case.key})"
    assert off.key not in offered
    assert list(form.open(elid=taken.key).choices("field")) == ["", case.key, taken.key, user.key]


def test_values_are_those_of_the_fields_level(form: FieldsForm) -> None:
    add = form.workshop.desk.add_field
    user, case = add("Client", "text", "user"), add("Subject")
    assert list(form.open().choices("value")) == [""]
    of_user = form.open(field=user.key, value="", sample="", sv_field="field")
    assert of_user.choices("value") == {"": "выберите", "account": "ID клиента (account)", "name": "Имя (name)"}
    assert "subject" in form.open(field=case.key, sv_field="field").choices("value")
    changed = form.open(field=case.key, value="account", sample="1", sv_field="field")
    assert (changed.value("value"), changed.value("field")) == ("", case.key)


def test_values_are_named_in_the_readers_language(form: FieldsForm) -> None:
    """As far as the catalogue has the name; a broken name breaks its entry alone."""
    field = form.workshop.desk.add_field("Subject")
    named: dict[str, Any] = {**CATALOGUE, "subject": {**CATALOGUE["subject"], "name_en": "Ticket's subject"}}
    named["flag"] = {**CATALOGUE["flag"], "name_en": 5}
    Path(form.workshop.paths.catalogue).write_text(json.dumps(named), encoding="utf-8")
    for language, name in (("ru", "Тема"), ("en", "Ticket's subject")):
        offered = form.open(language, field=field.key, sv_field="field").choices("value")
        assert offered["subject"] == f"{name} (subject)" and offered["none"] == "Пусто (none)"
        assert "flag" not in offered
    saved.put(form.workshop.paths, Link(field.key, "subject"))
    for language, name in (("ru", "Тема"), ("en", "Ticket's subject")):
        assert call(form.workshop, names.FIELDS, language=language).rows[0]["value_name"] == name


def test_the_label_of_the_number_says_whose_it_is(form: FieldsForm) -> None:
    user, case = form.workshop.desk.add_field("A", "text", "user"), form.workshop.desk.add_field("B")
    assert "клиента" in form.open(field=user.key, sv_field="field").words("sample")
    assert "запроса" in form.open(field=case.key, sv_field="field").words("sample")


def test_values_new_in_the_file_appear_at_once(form: FieldsForm) -> None:
    field = form.workshop.desk.add_field("B")
    more = {**CATALOGUE, "fresh": {"entity": "case", "name": "Новое", "sql": "SELECT 1"}}
    Path(form.workshop.paths.catalogue).write_text(json.dumps(more), encoding="utf-8")
    assert "fresh" in form.open(field=field.key, sv_field="field").choices("value")


def test_the_preview_is_of_the_newest_then_of_the_given_one(form: FieldsForm) -> None:
    first = form.workshop.new_ticket(subject="Первый")
    second = form.workshop.new_ticket(subject="Второй")
    field = form.workshop.desk.add_field("B")
    newest = form.open(field=field.key, value="subject", sv_field="value")
    assert newest.value("sample") == str(second) and "Будет отправлено: Второй" in newest.value("preview")
    given = form.open(field=field.key, value="subject", sample=first, sv_field="sample")
    assert "Будет отправлено: Первый" in given.value("preview")


def test_the_preview_shows_what_the_field_takes(form: FieldsForm) -> None:
    ticket = form.workshop.new_ticket(subject="VIP")
    kind = form.workshop.desk.add_field("Kind", "select", options={"7": "vip"})
    flag, text = form.workshop.desk.add_field("Flag", "checkbox"), form.workshop.desk.add_field("Text")
    assert "vip (7)" in form.open(field=kind.key, value="subject", sample=ticket).value("preview")
    assert "true" in form.open(field=flag.key, value="flag").value("preview")
    assert "останется" in form.open(field=kind.key, value="none").value("preview")
    assert "пустым" in form.open(field=text.key, value="none").value("preview")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_preview_tells_the_problem_and_its_cure(form: FieldsForm, language: str) -> None:
    form.workshop.new_ticket(subject="Gold")
    kind, text = form.workshop.desk.add_field("Kind", "select", options=["VIP"]), form.workshop.desk.add_field("Text")

    def told(field: str, value: str, **more: str) -> str:
        return form.open(language, field=field, value=value, **more).value("preview")

    assert "Gold" in told(kind.key, "subject") and "VIP" in told(kind.key, "subject")
    assert "SELECT" in told(text.key, "writes")
    assert "nowhere" in told(text.key, "no_table")
    assert "999" in told(text.key, "subject", sample="999", sv_field="sample")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_preview_says_that_a_value_is_cut(form: FieldsForm, language: str) -> None:
    """Before it is linked; the link can be saved all the same, as the field is filled."""
    form.workshop.new_ticket(subject="VIP")
    text = form.workshop.desk.add_field("Text")
    shown = form.open(language, field=text.key, value="long").value("preview")
    assert "xxx…" in shown and "300" in shown and "255" in shown
    assert form.save(field=text.key, value="long", sample="").ok


def test_the_preview_of_several_options(form: FieldsForm) -> None:
    """Their texts and their keys."""
    form.workshop.new_ticket(subject="VIP")
    kind = form.workshop.desk.add_field("Kind", "select", options={"7": "VIP", "8": "New"})
    assert "VIP, New (7, 8)" in form.open(field=kind.key, value="both").value("preview")


def test_a_secret_cannot_be_linked(form: FieldsForm) -> None:
    """The preview names the column, and saving is refused."""
    form.workshop.new_ticket(subject="A")
    text = form.workshop.desk.add_field("Text")
    sql = "SELECT u.password FROM ticket t JOIN user u ON u.account = t.account_client WHERE t.id = __id__ LIMIT 1"
    more = {"secret": {"entity": "case", "name": "Пароль", "sql": sql}}
    Path(form.workshop.paths.catalogue).write_text(json.dumps(more), encoding="utf-8")
    assert "password" in form.open(field=text.key, value="secret").value("preview")
    answer = form.save(field=text.key, value="secret", sample="")
    assert (answer.error, answer.ok) == (("field_link", "value"), False) and form.links() == []


def test_saving_adds_a_link_and_closes(form: FieldsForm) -> None:
    form.file.write_text('[\n  {"field": "cf_1", "value": "gone", "note": "рука"}\n]\n', encoding="utf-8")
    form.file.chmod(0o640)
    field = form.workshop.desk.add_field("B")
    answer = form.save(field=field.key, value="subject", sample="")
    assert answer.ok and answer.error == ("", "")
    assert form.links() == [
        {"field": "cf_1", "value": "gone", "note": "рука"},
        {"field": field.key, "value": "subject"},
    ]
    assert form.file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in form.file.parent.iterdir() if path.name.endswith(".new")] == []


def test_changing_keeps_the_place_and_what_else_is_written_there(form: FieldsForm) -> None:
    add = form.workshop.desk.add_field
    old, new, other = add("Old"), add("New"), add("Other")
    rows = [{"field": old.key, "value": "subject", "note": "x"}, {"field": other.key, "value": "subject"}]
    form.file.write_text(json.dumps(rows), encoding="utf-8")
    assert form.save(elid=old.key, field=new.key, value="none").ok
    assert form.links() == [{"field": new.key, "value": "none", "note": "x"}, rows[1]]
    assert form.save(elid=new.key, field=new.key, value="subject").ok
    assert form.save(elid=new.key, field=other.key, value="subject").error == ("field_taken", "field")


def test_what_is_refused_and_at_which_field(form: FieldsForm) -> None:
    add = form.workshop.desk.add_field
    taken, off, user, case = add("Taken"), add("Off", active=False), add("User", "text", "user"), add("Case")
    select, odd = add("Select", "select", options=["A"]), add("Odd", "formula")
    form.workshop.new_ticket(subject="Gold")
    saved.put(form.workshop.paths, Link(taken.key, "subject"))
    before = form.file.read_bytes()
    expected = [
        (("", "subject", ""), ("missing_choice", "field")),
        ((case.key, "", ""), ("missing_choice", "value")),
        ((taken.key, "subject", ""), ("field_taken", "field")),
        (("cf_99999", "subject", ""), ("field_link", "field")),
        (("cf_1; DROP TABLE ticket", "subject", ""), ("field_link", "field")),
        ((off.key, "subject", ""), ("field_link", "field")),
        ((odd.key, "subject", ""), ("field_link", "field")),
        ((case.key, "gone", ""), ("field_link", "value")),
        ((case.key, "account", ""), ("field_link", "value")),
        ((user.key, "subject", ""), ("field_link", "value")),
        ((case.key, "writes", ""), ("field_link", "value")),
        ((case.key, "no_table", ""), ("field_link", "value")),
        ((select.key, "subject", ""), ("field_link", "value")),
        ((case.key, "subject", "9" * 30), ("bad_value", "sample")),
        ((case.key, "subject", "1 OR 1=1"), ("bad_value", "sample")),
        ((case.key, "subject", "²"), ("bad_value", "sample")),
        ((case.key, "subject", "999999"), ("no_ticket", "sample")),
        ((user.key, "name", "999999"), ("no_user", "sample")),
    ]
    for (field, value, sample), error in expected:
        answer = form.save(field=field, value=value, sample=sample)
        assert (answer.error, answer.ok) == (error, False), (field, value, sample)
        assert answer.told and "{" not in answer.told
    assert form.file.read_bytes() == before


def test_a_link_that_somebody_else_deleted_is_not_made_again(form: FieldsForm) -> None:
    field = form.workshop.desk.add_field("B")
    assert form.open(elid=field.key).error[0] == "no_link"
    assert form.save(elid=field.key, field=field.key, value="subject").error[0] == "no_link"
    assert not form.file.exists()


def test_a_broken_file_is_not_overwritten(form: FieldsForm) -> None:
    field = form.workshop.desk.add_field("B")
    form.file.write_text('[{"field": "cf_5", "value": "x"},]', encoding="utf-8")
    answer = form.save(field=field.key, value="subject")
    assert answer.error[0] == "field_links" and "строка 1" in answer.told
    assert form.file.read_text(encoding="utf-8") == '[{"field": "cf_5", "value": "x"},]'


def test_without_omnidesk_and_without_memory_the_form_says_why(workshop: Workshop) -> None:
    save_settings(workshop, OmnideskApiKey="not-the-key")
    workshop.context.state.remove("account:fields")
    assert call(workshop, names.FIELDS_EDIT).error[0] == "key"
    save_settings(workshop, OmnideskApiKey="wrong-key")
    assert call(workshop, names.FIELDS_EDIT).error[0] == "key"


def test_while_omnidesk_is_away_the_remembered_fields_are_offered(form: FieldsForm) -> None:
    field = form.workshop.desk.add_field("B")
    form.open()
    form.workshop.tick(4000)
    save_settings(form.workshop, OmnideskApiKey="wrong-key")
    answer = form.open()
    assert field.key in answer.choices("field") and "сохранённых данных" in answer.value("note")
    assert form.save(field=field.key, value="subject").ok


def test_showing_again_asks_omnidesk_nothing(form: FieldsForm) -> None:
    field = form.workshop.desk.add_field("B")
    form.open()
    form.workshop.tick(4000)
    assert form.workshop.calls(lambda: form.open(field=field.key, sv_field="field")) == []
    assert form.workshop.calls(form.open) == ["GET /api/custom_fields.json"]


def test_no_secret_is_in_any_answer(form: FieldsForm) -> None:
    key = form.workshop.settings.api_key.reveal()
    field = form.workshop.desk.add_field("B")
    for answer in (form.open(), form.save(field=field.key, value="subject"), call(form.workshop, names.FIELDS)):
        assert key not in answer.text and "webhook-secret" not in answer.text


def test_the_next_touch_of_a_ticket_sends_what_is_linked_now(form: FieldsForm) -> None:
    """Values of existing cases go over when their ticket is touched next, and not before."""
    shop = form.workshop
    ticket = shop.linked_ticket()
    field, other = shop.desk.add_field("Тема"), shop.desk.add_field("Флаг", "checkbox")
    assert form.save(field=field.key, value="subject").ok
    shop.sync()
    assert shop.desk.cases[shop.case(ticket)].custom_fields == {}
    shop.client_writes(ticket, "Ещё")
    shop.sync()
    assert shop.desk.cases[shop.case(ticket)].custom_fields == {field.key: "Помогите"}
    assert form.save(field=other.key, value="flag").ok
    shop.client_writes(ticket, "И ещё")
    shop.sync()
    assert set(shop.desk.cases[shop.case(ticket)].custom_fields) == {field.key, other.key}
    assert call(shop, names.FIELDS_DELETE, elid=field.key).ok
    shop.client_writes(ticket, "Последнее")
    shop.sync()
    assert shop.desk.cases[shop.case(ticket)].custom_fields[field.key] == "Помогите"


def test_a_worker_that_lives_learns_of_a_new_field_from_the_form(form: FieldsForm) -> None:
    """It remembers the account's fields for an hour; the form has just asked for them."""
    shop = form.workshop
    first = shop.desk.add_field("Тема")
    assert form.save(field=first.key, value="subject").ok
    ticket = shop.linked_ticket()
    assert set(shop.desk.cases[shop.case(ticket)].custom_fields) == {first.key}
    shop.tick(120)
    second = shop.desk.add_field("Флаг", "checkbox")
    assert form.save(field=second.key, value="flag").ok
    shop.client_writes(ticket, "Ещё")
    shop.sync()
    assert set(shop.desk.cases[shop.case(ticket)].custom_fields) == {first.key, second.key}
