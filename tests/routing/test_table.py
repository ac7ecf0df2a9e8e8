"""The routing table: how its rows are read, and what is said of those that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from omnidesk.core.phrase import TEXTS
from omnidesk.helpdesk.models import Named
from omnidesk.routing.resolve import Known, resolve
from omnidesk.routing.routes import Routes
from omnidesk.routing.table import BrokenTable, LiveTable, Row, parse

KNOWN = Known(
    {1: "Support", 2: "Billing", 3: "Sales"},
    {5: "Brand A", 6: "Brand B"},
    group=(Named(10, "Help"), Named(20, "Money"), Named(21, "Money")),
    labels=(Named(30, "vip"),),
    language=(Named(1, "Русский", "РУС"), Named(2, "English", "ENG")),
    channel=(Named(101, "Main", "cch101"), Named(102, "Second", "cch102")),
)


def rows(*entries: Any) -> tuple[Row, ...]:
    return parse(json.dumps(entries))


def routes(*entries: Any, known: Known = KNOWN) -> Routes:
    return resolve(rows(*entries), known)


def said(*entries: Any) -> list[tuple[int, str]]:
    return [(one.number, str(one.said)) for one in routes(*entries).problems]


def test_one_name_and_several_are_written_either_way() -> None:
    one, other = rows(
        {"department": "Support", "group": 10, "labels": "vip"},
        {"departments": ["Support"], "group": "10", "label": ["vip"]},
    )
    assert (one.department, one.labels, one.group) == (other.department, other.labels, other.group)


@pytest.mark.parametrize("text", ["", "  \n", "[]"])
def test_nothing_is_no_row(text: str) -> None:
    assert parse(text) == ()


@pytest.mark.parametrize("text", ["{", '{"group": 1}', "17", "[" * 5000, '[{"group": "\ud800"}'])
def test_a_file_that_is_no_list_is_broken(text: str) -> None:
    with pytest.raises(BrokenTable):
        parse(text)


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        ("Support", "not_object"),
        ({"grupe": "Help"}, "unknown_key"),
        ({"group": ["Help"]}, "bad_value"),
        ({"group": True}, "bad_value"),
        ({"department": {"id": 1}, "group": "Help"}, "bad_value"),
        ({"department": "Support", "departments": "Billing", "group": "Help"}, "bad_value"),
        ({"group": "a\x00b"}, "bad_value"),
        ({"group": "x" * 300}, "bad_value"),
        ({"priority": "urgent"}, "bad_priority"),
        ({"department": "Support"}, "gives_nothing"),
    ],
)
def test_a_wrong_row_says_why_and_the_others_stay(entry: Any, key: str) -> None:
    wrong, right = rows(entry, {"group": "Help"})
    assert wrong.problem is not None and wrong.problem.key == f"routing.{key}"
    assert right.problem is None
    assert f"routing.{key}" in TEXTS


def test_a_wrong_row_keeps_its_own_tickets_only() -> None:
    found = routes({"department": "Support", "grupe": "Help"}, "?", {"group": "Help"})
    assert (found.of(1, 0).group, found.of(2, 0).group) == (0, 10)


def test_the_first_row_that_fits_counts() -> None:
    found = routes(
        {"project": "Brand A", "department": "Support", "group": 20},
        {"department": "Support", "group": "help"},
        {"project": "brand b", "channel": "Second"},
        {"priority": "LOW"},
    )
    assert [found.of(*one).number for one in ((1, 5), (1, 6), (2, 6), (2, 5), (0, 0))] == [1, 2, 3, 4, 4]
    assert found.of(2, 6).channel == "cch102"
    assert found.of(2, 5).priority == "low"
    assert found.channels == ("cch102",)


def test_names_are_found_by_number_title_and_code() -> None:
    for given in ("eng", "English", 2, "2"):
        assert routes({"language": given}).of(1, 0).language == 2
    for given in ("cch102", "CCH102", 102, "Second"):
        assert routes({"channel": given}).of(1, 0).channel == "cch102"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"group": "Nowhere"}, "Omnidesk has no group “Nowhere”"),
        ({"group": "Money"}, "Omnidesk has more than one group “Money”: use the number"),
        ({"group": 99}, "Omnidesk has no group “99”"),
        ({"department": "Nobody", "group": 10}, "BILLmanager has no department “Nobody”"),
        ({"project": "Nobody", "group": 10}, "BILLmanager has no project “Nobody”"),
        ({"channel": "cch9"}, "Omnidesk has no active custom channel “cch9”"),
        ({"labels": ["vip", "x"]}, "Omnidesk has no label “x”"),
    ],
)
def test_an_unknown_name_is_reported_and_its_row_gives_nothing(entry: dict[str, Any], words: str) -> None:
    assert said(entry) == [(1, words)]
    assert routes(entry, {"group": 20}).of(1, 5).number == (2 if {"department", "project"} & set(entry) else 0)


def test_of_several_departments_one_that_is_gone_costs_nothing() -> None:
    found = routes({"department": ["Support", "Nobody"], "group": 10})
    assert found.of(1, 0).group == 10
    assert [one.fatal for one in found.problems] == [False]


def test_numbers_are_taken_as_they_are_while_a_list_cannot_be_read() -> None:
    found = routes({"group": 99}, known=Known())
    assert found.of(1, 0).group == 99
    assert routes({"group": "Help"}, known=Known()).of(1, 0).number == 0


def test_rows_that_never_count_are_named() -> None:
    assert said({"department": ["Support", "Sales"], "group": 10}, {"department": "Support", "group": 20}) == [
        (2, "row 1 already has all tickets of department 1")
    ]
    assert said({"group": 10}, {"project": 5, "group": 20}) == [(2, "row 1 already has all its tickets")]
    assert said({"project": 5, "group": 10}, {"group": 20}) == []


def test_a_group_leads_to_departments_whose_row_it_is() -> None:
    found = routes(
        {"project": 5, "department": "Billing", "group": 10},
        {"department": ["Billing", "Sales"], "group": 20},
    )
    assert found.departments_of(20, 0) == (2, 3)
    assert found.departments_of(20, 5) == (3,)  # of this brand Billing has another group
    assert found.departments_of(99, 0) == ()


def test_a_file_is_read_again_when_it_changes_and_a_mistake_keeps_the_last(tmp_path: Path) -> None:
    path = tmp_path / "routing.json"
    live = LiveTable(path)
    assert live.current() == ()
    path.write_text('[{"group": "Help"}]')
    kept = live.current()
    assert kept[0].group == "Help"
    path.write_text("[{")
    assert live.current() == kept and live.problem is not None
    path.unlink()
    assert live.current() == () and live.problem is None
