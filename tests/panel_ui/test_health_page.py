"""The page on the module's state: nothing set up, all well, something wrong; and the page of one ticket."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from omnidesk.core.tables import TICKETS
from omnidesk.health import check_connection
from omnidesk.panel_ui import health_page, names
from omnidesk.panel_ui.request import ADMINISTRATOR, ROOT
from sandbox.mariadb import MariaDB
from tests.panel_ui.panel_calls import PLUGIN_XML, Answered, call, save_settings
from tests.support.workshop import INTEGRATION, Workshop

DAY = 86400.0


@pytest.fixture
def settled(workshop: Workshop) -> Workshop:
    """Set up, in use, and at rest."""
    save_settings(workshop)
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "ответ")
    workshop.settle()
    return workshop


def ticket_of(workshop: Workshop) -> int:
    """The ticket of the fixture: numbers go on from test to test."""
    return int(workshop.panel.query("SELECT MAX(id) AS id FROM ticket")[0]["id"])


def page(workshop: Workshop, **more: Any) -> Answered:
    return call(workshop, names.HEALTH, **more)


def lines(answer: Answered) -> list[str]:
    return answer.value("note").splitlines()


def table(answer: Answered, name: str) -> list[dict[str, str]]:
    """The rows of a table in the form."""
    return [
        {str(one.tag): one.text or "" for one in elem} for elem in answer.root.findall(f"list[@name='{name}']/elem")
    ]


def fields(answer: Answered) -> set[str]:
    return {str(one.get("name")) for one in answer.root.iterfind("metadata//field")}


def press(workshop: Workshop, button: str, **more: Any) -> Answered:
    return call(workshop, names.HEALTH, sok="ok", clicked_button=button, **more)


# Before it is set up


def test_before_it_is_set_up_the_page_says_so_and_leads_to_the_settings(workshop: Workshop) -> None:
    Path(workshop.paths.settings).unlink(missing_ok=True)
    answer = page(workshop, language="en")
    assert lines(answer) == ["· The module is not set up yet. Open its settings first."]
    assert names.SETTINGS in answer.value("to_settings")
    assert fields(answer) == {"note", "to_settings"}
    assert [one.get("name") for one in answer.root.iterfind("metadata//page")] == ["now"]
    assert answer.root.find("metadata//button") is None


def test_a_broken_settings_file_is_said_with_its_cure(workshop: Workshop) -> None:
    save_settings(workshop, OmnideskUrl="not a url")
    text = page(workshop, language="en").value("note")
    assert text.startswith("✗ ")
    assert "OmnideskUrl" in text


def test_without_a_database_the_page_says_so(settled: Workshop) -> None:
    conf = Path(settled.paths.panel_db_conf)
    conf.write_text(re.sub(r"DBSocket .*", "DBSocket /nowhere/mysql.sock", conf.read_text(encoding="utf-8")))
    (line,) = lines(page(settled, language="en"))
    assert line.startswith("✗ The panel's database does not answer")


# At rest and busy


def test_at_rest_it_says_that_all_is_well_without_a_call(settled: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omnidesk.health.timer.look", lambda paths: iter(()))
    before = len(settled.calls())
    answer = page(settled, language="en")
    assert len(settled.calls()) == before
    (line,) = lines(answer)
    assert line.startswith("✓ Everything works")
    assert {"to_aside", "to_refused", "to_retrying", "to_waiting", "to_settings"}.isdisjoint(fields(answer))


def test_ages_of_polls_scans_webhooks_and_events_are_shown(settled: Workshop) -> None:
    settled.tick(3 * 3600)
    found = {one["what"]: one["value"] for one in table(page(settled, language="en"), "figures")}
    for name in ("last poll of Omnidesk", "last scan of BILLmanager", "last webhook of Omnidesk",
                 "last event of BILLmanager"):  # fmt: skip
        assert re.match(r"(3 h|never)", found[name]), (name, found[name])
    assert found["tickets in the queue"] == "waiting 0, to be repeated 0, set aside 0"


def test_waiting_failed_and_rejected_items_lead_to_the_list(settled: Workshop) -> None:
    settled.desk.faults.answer(400, '{"error": "wrong_content"}', on="POST *", times=None)
    refused = settled.new_ticket("не примут")
    for _ in range(4):
        settled.tick(1000)
        settled.sync()
    aside = settled.new_ticket("отложен")
    settled.sync()
    settled.context.db.write(f"UPDATE {TICKETS} SET set_aside = 1, due_at = NULL WHERE ticket = %s", aside)
    waiting = settled.new_ticket("ждёт")
    settled.context.queue.make_due(waiting, "event")
    answer = page(settled, language="en")
    assert "state=aside" in answer.value("to_aside")
    assert answer.words("to_aside") == "Tickets set aside: 1"
    assert "state=now" in answer.value("to_waiting")
    assert "state=refused" in answer.value("to_refused"), (refused, lines(answer))
    assert any("Set aside" in one for one in lines(answer))


def test_a_ticket_that_failed_and_is_tried_again_is_said(settled: Workshop) -> None:
    settled.desk.faults.server_error(on="POST *", times=None)
    settled.new_ticket("сбой")
    settled.sync()
    answer = page(settled, language="en")
    assert "! Tickets that failed and are tried again: 1." in answer.value("note")
    assert "✓" not in answer.value("note")
    assert "state=later" in answer.value("to_retrying")


def test_messages_a_day_are_drawn_and_stand_in_a_table(settled: Workshop) -> None:
    answer = page(settled, language="en")
    drawn = etree.fromstring(f"<div>{answer.value('chart')}</div>")
    pictures = drawn.findall(".//{http://www.w3.org/2000/svg}svg[@role='img']")
    assert [one.get("aria-label") for one in pictures] == [
        "Messages and notes a day", "Delay to Omnidesk", "Delay to BILLmanager"
    ]  # fmt: skip
    (row,) = table(answer, "days")
    assert (row["out"], row["in"], row["history"]) == ("1", "1", "")
    assert re.fullmatch(r"\d+ s / \d+ s", row["out_delay"])


def test_the_page_without_messages_has_no_chart(workshop: Workshop) -> None:
    save_settings(workshop)
    workshop.sync()
    answer = page(workshop)
    assert "chart" not in fields(answer)
    assert table(answer, "days") == []


# What is wrong


def test_a_revoked_key_is_said_first_with_its_cure(settled: Workshop) -> None:
    settled.desk.api_key = "another"
    settled.client_writes(ticket_of(settled), "вопрос")
    settled.sync()
    first, *_ = lines(page(settled, language="en"))
    assert first.startswith("✗ Everything waits until")
    assert "does not accept the API key" in first
    assert "Settings, API" in first


def test_nothing_for_days_is_said(settled: Workshop) -> None:
    settled.tick(3 * DAY)
    assert "✗ The sides were last compared 3 d 0 h ago" in page(settled, language="en").value("note")


def test_switched_off_is_said(settled: Workshop) -> None:
    save_settings(settled, Sync="off")
    assert any("switched off" in one for one in lines(page(settled, language="en")))


# The check


def test_the_check_is_made_by_its_button_and_its_findings_are_shown_worst_first(settled: Workshop) -> None:
    assert "not checked yet" in page(settled, language="en").value("checked").lower()
    assert press(settled, "check", level=ROOT).ok
    answer = page(settled, language="en")
    found = table(answer, "findings")
    assert {one["topic"] for one in found} >= {"settings", "database", "panel", "channel", "webhook"}
    levels = [one["level"].split("\N{NO-BREAK SPACE}")[1] for one in found]
    assert levels == sorted(levels, key=["error", "warning", "note", "ok"].index)
    assert re.match(r"Checked \d+ s ago", answer.value("checked"))


def test_an_error_of_the_check_stands_on_the_first_page_and_has_its_fix(settled: Workshop) -> None:
    settled.panel.execute("UPDATE user SET enabled = 'off' WHERE email = %s", INTEGRATION)
    press(settled, "check", level=ROOT)
    answer = page(settled, language="ru")
    assert any("Проверка" in one and INTEGRATION in one for one in lines(answer))
    worst = table(answer, "findings")[0]
    assert worst["level"].startswith("✗")
    assert worst["fix"]


def test_findings_are_in_the_readers_language(settled: Workshop) -> None:
    press(settled, "check", level=ROOT)
    topics = [one["topic"] for one in table(page(settled, language="ru"), "findings")]
    assert all(re.search("[а-я]", one) for one in topics), topics


@pytest.mark.parametrize(
    "damaged", ["[1, 2]", '[{"level": "loud", "key": "x", "params": {}}]', "{", '[{"level": "ok"}]']
)
def test_a_damaged_memory_of_the_check_breaks_nothing(settled: Workshop, damaged: str) -> None:
    settled.context.db.write(
        "REPLACE INTO omnidesk_state (name, value, updated_at) VALUES (%s, %s, 0)", health_page.CHECKED, damaged
    )
    assert page(settled).error == ("", "")


def test_only_administrators_of_the_module_check(settled: Workshop) -> None:
    employee = settled.panel.query("SELECT id FROM user WHERE name = 'anna'")[0]["id"]
    assert page(settled, level=ADMINISTRATOR, user=employee).error == ("", "")
    assert press(settled, "check", level=ADMINISTRATOR, user=employee).error[0] == "access_settings"
    assert call(settled, names.HEALTH_TICKET, level=ADMINISTRATOR, user=employee, elid=1).error[0] == "access_settings"


# The other button, and a form without buttons of its own


def test_a_number_leads_to_its_ticket(settled: Workshop) -> None:
    answer = press(settled, "show", ticket=17)
    assert answer.root.findtext("ok") == "func=omnidesk.health.ticket&elid=17"
    assert press(settled, "show").error == ("bad_value", "ticket")


def test_a_panel_without_our_buttons_has_one_that_does_what_is_meant(settled: Workshop) -> None:
    """``ok`` shows the ticket whose number was typed; without a number it checks."""
    assert "elid=17" in press(settled, "ok", ticket=17).root.findtext("ok", "")
    press(settled, "ok", level=ROOT)
    assert table(page(settled), "findings")


# Staff


def test_staff_of_both_sides_stand_beside_each_other(settled: Workshop) -> None:
    settled.context.account.refresh()
    found = {one["email"]: one for one in table(page(settled, language="en"), "staff")}
    assert found["anna@example.com"]["means"] == "answers in his own name"
    assert found["boris@example.com"]["there"] == "—"
    assert found["vera@example.com"]["here"] == "—"
    assert INTEGRATION in found["vera@example.com"]["means"]
    assert found[INTEGRATION]["means"] == "integration employee"


def test_staff_that_were_never_read_are_not_taken_for_absent(workshop: Workshop) -> None:
    save_settings(workshop)
    workshop.context.state.remove("account:staff")
    (row,) = table(page(workshop, language="en"), "staff")
    assert "not known yet" in row["means"]


# A ticket


def test_a_ticket_is_shown_with_both_sides_and_its_log(settled: Workshop) -> None:
    ticket = ticket_of(settled)
    with open(settled.paths.log, "a", encoding="utf-8") as file:
        file.write(f"Jul 14 10:00:00 [17] omnidesk INFO ticket {ticket}: case 237-696853 created\n")
    answer = call(settled, names.HEALTH_TICKET, language="en", elid=ticket_of(settled))
    assert answer.words("title") == f"Ticket {ticket}: Помогите"
    first, second = table(answer, "messages")
    assert first["here"] == first["there"] == "Сайт не открывается"
    assert (second["here"], second["means"]) == ("ответ", "delivered")
    assert any("case 237-696853 created" in one["text"] for one in table(answer, "lines"))
    assert "compared and are equal" in answer.value("state")
    assert answer.value("case").startswith(settled.settings.url)


@pytest.mark.parametrize("number", ["", "4711", "x", "1' OR 1", "9" * 30])
def test_a_number_that_no_ticket_has_is_an_error(settled: Workshop, number: str) -> None:
    assert call(settled, names.HEALTH_TICKET, elid=number).error[0] == "no_ticket"


def test_a_ticket_is_shown_while_omnidesk_is_away(settled: Workshop) -> None:
    settled.desk.faults.server_error(on="GET *", times=None)
    answer = call(settled, names.HEALTH_TICKET, language="en", elid=ticket_of(settled))
    assert "Omnidesk is not available" in answer.value("state")
    assert len(table(answer, "messages")) == 2


def test_texts_of_clients_make_no_markup(settled: Workshop) -> None:
    settled.client_writes(ticket_of(settled), "<script>alert(1)</script> & <b>")
    settled.sync()
    answer = call(settled, names.HEALTH_TICKET, elid=ticket_of(settled))
    assert table(answer, "messages")[-1]["here"].startswith("<script>")
    assert answer.root.find(".//script") is None


def test_what_the_check_finds_is_what_the_command_finds(settled: Workshop, mariadb: MariaDB) -> None:
    press(settled, "check", level=ROOT)
    found = [one["found"] for one in table(page(settled, language="en"), "findings")]
    assert sorted(found) == sorted(one.said.text("en") for one in check_connection.check(settled.context))


# Words


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("func", [names.HEALTH, names.HEALTH_TICKET])
def test_every_page_field_column_and_button_has_its_words(func: str, language: str) -> None:
    description = etree.parse(str(PLUGIN_XML)).getroot()
    metadata = description.find(f"metadata[@name='{func}']")
    assert metadata is not None
    words = {
        str(one.get("name")): one.text or ""
        for one in description.iterfind(f"lang[@name='{language}']/messages[@name='{func}']/msg")
    }
    wanted = {str(one.get("name")) for tag in ("page", "field", "col") for one in metadata.iter(tag)}
    wanted |= {f"button_{one.get('name')}" for one in metadata.iter("button")} | {"title"}
    assert [name for name in sorted(wanted) if not words.get(name)] == []
