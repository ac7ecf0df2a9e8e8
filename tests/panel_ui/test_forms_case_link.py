"""From a ticket's page to its case: the address in the page, and where it leads."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from omnidesk.helpdesk.models import address_of_case
from omnidesk.hooks import panel_event
from omnidesk.panel_ui import names
from tests.panel_ui.panel_calls import call, save_settings
from tests.support.workshop import Workshop

PAGE = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<doc lang="ru" func="ticket.edit" binary="/billmgr"'
    b' host="https://h">\n<metadata/><elid>9</elid></doc>\n'
)
OPEN = {"PARAM_func": "ticket.edit", "PARAM_elid": "9", "PARAM_plid": "17", "AUTH_LEVEL": "29", "EVENT_TYPE": "after"}


def put(monkeypatch: pytest.MonkeyPatch, document: bytes, **changes: str | None) -> bytes:
    """What the hook makes of a document, with this environment."""
    for name in list(os.environ):
        if name.startswith(("PARAM_", "AUTH_", "EVENT_")):
            monkeypatch.delenv(name)
    for name, value in {**OPEN, **changes}.items():
        if value is not None:
            monkeypatch.setenv(name, value)
    return panel_event.with_case_link(document)


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, "elid=17"),
        ({"PARAM_plid": None}, "assignment=9"),
        ({"PARAM_func": "ticket_all.edit", "PARAM_plid": None}, "elid=9"),
        ({"AUTH_LEVEL": "30"}, "elid=17"),
        ({"PARAM_plid": "0017"}, "elid=17"),
    ],
)
def test_an_opened_page_gets_the_address(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str | None], asked: str
) -> None:
    """One element before the end; not a byte else."""
    made = put(monkeypatch, PAGE, **changes)
    link = f"<omnidesk_case>/billmgr?func=omnidesk.case&amp;{asked}</omnidesk_case>".encode()
    assert made == PAGE.replace(b"</doc>", link + b"</doc>")
    assert etree.fromstring(made).findtext("omnidesk_case") == f"/billmgr?func=omnidesk.case&{asked}"


@pytest.mark.parametrize(
    "changes",
    [
        {"PARAM_sok": "ok"},
        {"PARAM_sv_field": "ok_message"},
        {"PARAM_clicked_button": "ok"},
        {"PARAM_func": "clientticket.edit"},
        {"AUTH_LEVEL": "16"},
        {"AUTH_LEVEL": None},
        {"PARAM_elid": "1, 2", "PARAM_plid": None},
        {"PARAM_elid": "x", "PARAM_plid": None},
        {"PARAM_elid": None, "PARAM_plid": None},
    ],
)
def test_anything_else_is_given_back_as_it_came(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str | None]
) -> None:
    assert put(monkeypatch, PAGE, **changes) == PAGE


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<doc/>",
        b"<doc>",
        b"not XML </doc>",
        b"<html></html>",
        b"<docs></doc>",
        b"<doc><error/></doc>",
        b"<doc><omnidesk_case>x</omnidesk_case></doc>",
        b"<!DOCTYPE doc [<!ENTITY a 'b'>]><doc></doc>",
        b"<doc></doc><!-- a comment -->",
        b'<?xml version="1.0" encoding="windows-1251"?><doc></doc>',
        '<?xml version="1.0" encoding="UTF-16"?><doc></doc>'.encode("utf-16"),
        b'<?xml version="1.0"',
    ],
)
def test_what_is_not_understood_is_given_back_as_it_came(monkeypatch: pytest.MonkeyPatch, document: bytes) -> None:
    assert put(monkeypatch, document) == document


@pytest.mark.parametrize("place", ['/x" y="', "/bill&amp;mgr", "javascript:x", ""])
def test_an_odd_address_of_the_panel_is_not_taken_over(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    made = put(monkeypatch, f'<doc binary="{place}"></doc>'.encode())
    found = etree.fromstring(made).findtext("omnidesk_case") or ""
    assert re.fullmatch(r"(/billmgr|/x)\?func=omnidesk\.case&elid=17", found)


@given(st.binary(max_size=60))
def test_whatever_comes_nothing_is_lost(rubbish: bytes) -> None:
    """The panel's document is in the answer, whole, up to the one element."""
    with pytest.MonkeyPatch.context() as patch:
        for document in (rubbish, PAGE[:60] + rubbish + PAGE[60:], b"<doc>" + rubbish + b"</doc>"):
            made = put(patch, document)
            assert re.sub(rb"<omnidesk_case>[^<]*</omnidesk_case>(?=</doc>\s*\Z)", b"", made) == document


# Where it leads


@pytest.fixture
def desk(workshop: Workshop) -> Workshop:
    save_settings(workshop)
    return workshop


def led(answer: Any) -> tuple[str, str]:
    found = answer.root.find("ok")
    return (str(found.get("type")), found.text or "") if found is not None else ("", "")


def test_the_case_of_a_ticket_and_of_an_assignment(desk: Workshop) -> None:
    ticket = desk.linked_ticket()
    number = desk.link(ticket).case_number
    there = ("url", f"{desk.settings.url}/staff/cases/record/{number}")
    assert led(call(desk, names.CASE, elid=ticket)) == there
    row = desk.panel.query("SELECT id FROM ticket2user WHERE ticket=%s", ticket)[0]["id"]
    assert led(call(desk, names.CASE, assignment=row)) == there
    assert led(call(desk, names.QUEUE_TICKET, elid=ticket)) == (
        "form", f"func=ticket_all.edit&elid={ticket}&plid={ticket}"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("func", "params", "error"),
    [
        (names.CASE, {"elid": "999999"}, "no_case"),
        (names.CASE, {"assignment": "999999"}, "no_ticket"),
        (names.CASE, {}, "no_ticket"),
        (names.CASE, {"elid": "1 OR 1=1"}, "bad_value"),
        (names.CASE, {"elid": "9" * 30}, "bad_value"),
        (names.QUEUE_TICKET, {"elid": "999999"}, "no_ticket"),
        (names.QUEUE_TICKET, {}, "no_ticket"),
    ],
)
def test_what_leads_nowhere_says_why(desk: Workshop, func: str, params: dict[str, str], error: str) -> None:
    given: dict[str, Any] = {**params}
    answer = call(desk, func, **given)
    assert answer.error[0] == error and answer.told


def test_a_ticket_without_a_case_and_a_module_without_settings(desk: Workshop) -> None:
    ticket = desk.new_ticket()
    told = call(desk, names.CASE, elid=ticket, language="en").told
    assert str(ticket) in told and "no case" in told
    linked = desk.linked_ticket()
    Path(desk.paths.settings).unlink()
    assert call(desk, names.CASE, elid=linked).error[0] == "settings_file"


def test_a_number_cannot_leave_its_place_in_the_address() -> None:
    assert address_of_case("https://a.omnidesk.ru", "1/../x?y") == (
        "https://a.omnidesk.ru/staff/cases/record/1%2F..%2Fx%3Fy"
    )
