"""The priority of a ticket and of its case (``SyncPriority``), for every way in which a panel may keep it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnidesk.billmanager.columns import Column
from omnidesk.billmanager.priority_column import LEVELS, Scale, scale_of
from omnidesk.store.models import NO_PRIORITY, TicketLink
from omnidesk.sync.actions import Prioritised
from omnidesk.sync.assignee import Wanted
from omnidesk.sync.priority import Priorities, merge, settled
from sandbox.billmanager.panel import PanelOptions
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
GIVEN = (("1", "low"), ("2", "normal"), ("3", "high"), ("4", "critical"))
# How a panel may keep it: column, values, setting; its value for low, normal, high, critical.
WAYS: dict[str, tuple[str, str, tuple[tuple[str, str], ...], tuple[str, str, str, str]]] = {
    "words": ("priority", "words", (), ("low", "normal", "high", "high")),
    "an enum": ("priority", "enum", (), ("low", "medium", "high", "urgent")),
    "a flag": ("highpriority", "flag", (), ("off", "off", "on", "on")),
    "a bit": ("high_priority", "bit", (), ("0", "0", "1", "1")),
    "numbers by a map": ("client_priority", "numbers", GIVEN, ("1", "2", "3", "4")),
}


def made(make_workshop: Make, way: str, by: str = "both", **more: Any) -> Workshop:
    column, values, words, _ = WAYS[way]
    options = PanelOptions(priority_by=by)
    workshop = make_workshop(
        **{
            "sync_priority": words,
            "priority_column": column,
            "priority_values": values,
            "panel_options": options,
            **more,
        }
    )
    if values == "words":  # of which a panel in use shows several
        for value in ("low", "high"):
            ticket = workshop.new_ticket(value, user=workshop.petra.user)
            workshop.panel.execute("UPDATE ticket SET priority = %s WHERE id = %s", value, ticket)
    return workshop


def case(workshop: Workshop, ticket: int) -> str:
    return workshop.desk.cases[workshop.case(ticket)].priority


def at_rest(workshop: Workshop, ticket: int) -> None:
    """Everything is done, and stays so."""
    for seconds in (61, 61, 700):
        workshop.tick(seconds)
        workshop.settle()
    requests = len(workshop.panel.requests)
    assert workshop.calls(workshop.sync) == ["GET /api/cases.json"]
    assert len(workshop.panel.requests) == requests
    assert workshop.deeds(ticket) == []
    workshop.settle()


@pytest.mark.parametrize("by", ["ticket_all.edit", "ticket.edit", "both"])
@pytest.mark.parametrize("way", WAYS)
def test_the_priority_goes_over_both_ways(make_workshop: Make, way: str, by: str) -> None:
    workshop = made(make_workshop, way, by)
    value = dict(zip(LEVELS, WAYS[way][3], strict=True))
    ticket = workshop.linked_ticket()
    workshop.settle()
    assert (workshop.panel.priority(ticket) in ("None", value["normal"]), case(workshop, ticket)) == (True, "normal")
    workshop.panel.employee_prioritises(workshop.anna, ticket, value["high"])
    workshop.settle()
    assert case(workshop, ticket) == "high"
    at_rest(workshop, ticket)
    for level in ("critical", "normal", "low", "high"):
        workshop.desk.prioritise(workshop.case(ticket), level)
        workshop.settle()
        assert (workshop.panel.priority(ticket), case(workshop, ticket)) == (value[level], level)
        at_rest(workshop, ticket)
    workshop.panel.employee_prioritises(workshop.anna, ticket, value["normal"])
    workshop.settle()
    assert case(workshop, ticket) == "normal"
    assert len(workshop.panel.messages(ticket)) == 1
    at_rest(workshop, ticket)


@pytest.mark.parametrize(("values", "words"), [("numbers", ()), ("numbers", (("9", "high"),)), (None, ())])
def test_a_priority_that_cannot_be_told_goes_nowhere(
    make_workshop: Make, values: str | None, words: tuple[tuple[str, str], ...]
) -> None:
    """``check_connection`` says so, once."""
    switches = {"priority_column": "priority", "priority_values": values} if values else {}
    workshop = make_workshop(sync_priority=words, **switches)
    ticket = workshop.linked_ticket()
    workshop.desk.prioritise(workshop.case(ticket), "critical")
    if values:
        workshop.panel.employee_prioritises(workshop.anna, ticket, "4")
    workshop.settle()
    assert case(workshop, ticket) == "critical"
    assert values is None or workshop.panel.priority(ticket) == "4"
    at_rest(workshop, ticket)
    column = workshop.context.priority_column
    assert (column.name, column.rejected) == ("", ["priority"] if values else [])


def test_without_the_setting_nothing_is_asked(make_workshop: Make) -> None:
    workshop = made(make_workshop, "an enum", sync_priority=None)
    ticket = workshop.linked_ticket()
    workshop.panel.employee_prioritises(workshop.anna, ticket, "urgent")
    workshop.settle()
    assert case(workshop, ticket) == "normal"


def test_where_both_changed_omnidesk_wins(make_workshop: Make) -> None:
    workshop = made(make_workshop, "an enum")
    ticket = workshop.linked_ticket()
    workshop.settle()
    workshop.panel.employee_prioritises(workshop.anna, ticket, "low")
    workshop.desk.prioritise(workshop.case(ticket), "critical")
    workshop.settle()
    assert (workshop.panel.priority(ticket), case(workshop, ticket)) == ("urgent", "critical")
    at_rest(workshop, ticket)


def test_a_lost_event_is_found_by_the_scan(make_workshop: Make) -> None:
    workshop = made(make_workshop, "an enum")
    ticket = workshop.linked_ticket()
    workshop.settle()
    at_rest(workshop, ticket)
    workshop.hook = False
    workshop.panel.employee_prioritises(workshop.anna, ticket, "high")
    workshop.settle()
    assert case(workshop, ticket) == "high"
    at_rest(workshop, ticket)


def test_an_ended_ticket_gets_its_priority_when_it_is_open_again(make_workshop: Make) -> None:
    workshop = made(make_workshop, "an enum")
    ticket = workshop.linked_ticket()
    workshop.agent_sets(ticket, "waiting")
    workshop.settle()
    workshop.desk.prioritise(workshop.case(ticket), "high")
    workshop.settle()
    at_rest(workshop, ticket)
    assert (workshop.both_sides(ticket).state, workshop.panel.priority(ticket)) == ("waiting", "medium")
    workshop.client_writes(ticket, "Опять")
    workshop.settle()
    assert (workshop.both_sides(ticket).state, workshop.panel.priority(ticket)) == ("open", "high")
    at_rest(workshop, ticket)


@pytest.mark.parametrize(("before", "here", "there"), [("medium", "low", "low"), ("urgent", "urgent", "critical")])
def test_a_new_cases_priority_from_the_routing_table_counts_where_the_ticket_has_a_normal_one(
    make_workshop: Make, before: str, here: str, there: str
) -> None:
    workshop = made(make_workshop, "an enum")
    path = workshop.root / "etc" / "omnidesk" / "routing.json"
    path.write_text(json.dumps([{"priority": "low"}]), encoding="utf-8")
    ticket = workshop.new_ticket("Помогите")
    workshop.panel.execute("UPDATE ticket SET priority = %s WHERE id = %s", before, ticket)
    workshop.settle()
    at_rest(workshop, ticket)
    assert (workshop.panel.priority(ticket), case(workshop, ticket)) == (here, there)


@pytest.mark.parametrize("func", ["ticket_all.edit", "ticket.edit"])
def test_a_panel_that_changes_none_is_reported_and_not_asked_again(
    make_workshop: Make, func: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither form does it: what stands in the column is looked at afterwards."""
    workshop = made(make_workshop, "an enum", by="none")
    ticket = workshop.linked_ticket()
    workshop.settle()
    workshop.desk.prioritise(workshop.case(ticket), "critical")
    workshop.settle()
    assert (workshop.panel.priority(ticket), case(workshop, ticket)) == ("medium", "critical")
    assert func in [one.func for one in workshop.panel.requests]
    at_rest(workshop, ticket)
    assert len([one for one in caplog.records if "does not change the priority" in one.getMessage()]) == 1


def test_status_assignee_and_priority_are_one_call(make_workshop: Make) -> None:
    workshop = made(make_workshop, "an enum", sync_assignee=True)
    ticket = workshop.linked_ticket()
    workshop.agent_sets(ticket, "waiting")
    workshop.settle()
    workshop.tick(3)
    workshop.panel.employee_prioritises(workshop.anna, ticket, "urgent")
    workshop.panel.employee_takes(workshop.anna, ticket)
    calls = [one for one in workshop.calls(workshop.sync) if one.startswith("PUT")]
    assert calls == [f"PUT /api/cases/{workshop.case(ticket)}.json"]
    there = workshop.desk.cases[workshop.case(ticket)]
    assert (there.status, there.staff_id, there.priority) == ("open", workshop.anna_staff, "critical")
    at_rest(workshop, ticket)


# The scale, and the merge by itself


@pytest.mark.parametrize(("kind", "full", "name", "default", "seen", "given", "read"), [
    ("varchar", "varchar(16)", "priority", "", {"", "high"}, {}, {"": "normal", "high": "high"}),
    ("varchar", "varchar(16)", "priority", "", {"normal"}, {}, None),  # one word says nothing of the others
    ("varchar", "varchar(16)", "priority", "", set(), {}, None),
    ("varchar", "varchar(16)", "priority", "", {"high", "zzz"}, {}, None),
    ("varchar", "varchar(3)", "priority", "off", set(), {}, {"on": "high", "off": "normal", "": "normal"}),
    ("varchar", "varchar(3)", "highpriority", "", {"on"}, {}, {"on": "high"}),
    ("enum", "enum('low','urgent')", "priority", "", set(), {}, {"low": "low", "urgent": "critical"}),
    ("int", "int(11)", "priority", "0", {"0", "1"}, {}, None),  # is it a flag, or a step of several?
    ("int", "int(11)", "highpriority", "0", {"0"}, {}, {"0": "normal", "1": "high"}),
    ("tinyint", "tinyint(1)", "priority", "", {""}, {}, {"1": "high", "": "normal"}),
    ("int", "int(11)", "priority", "", {"5", "7"}, {"5": "low", "7": "critical"}, {"5": "low", "7": "critical"}),
    ("int", "int(11)", "priority", "", {"5", "8"}, {"5": "low", "7": "critical"}, None),
    ("datetime", "datetime", "priority", "", set(), {}, None),
])  # fmt: skip
def test_what_values_mean(
    kind: str, full: str, name: str, default: str, seen: set[str], given: dict[str, str], read: dict[str, str] | None
) -> None:
    row = {"name": name, "kind": kind, "full": full, "nullable": "YES", "fallback": default}
    found = scale_of(Column.of(row), seen, given)
    assert (found and {value: found.read(value) for value in read or {}}) == read


SCALES = st.sampled_from([
    Scale({"on": "high", "off": "normal"}), Scale({"low": "low", "medium": "normal", "urgent": "critical"}),
    Scale({"high": "high"}), Scale(dict(GIVEN), frozenset()), Scale({"1": "low"}, frozenset()),
])  # fmt: skip


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    scale=SCALES,
    acts=st.lists(st.tuples(st.sampled_from(["here", "there", "works"]), st.integers(0, 3)), max_size=12),
    refuses=st.booleans(),
)
def test_whatever_people_choose_it_settles(scale: Scale, acts: list[tuple[str, int]], refuses: bool) -> None:
    """Planning again after carrying it out is empty, also where a side takes nothing."""
    values = list(scale.levels)
    raw, there, link = values[0], "normal", TicketLink(1, agreed_priority="normal")

    def work() -> int:
        nonlocal raw, there, link
        for made in range(4):
            found = merge(link, Priorities(raw, scale.read(raw), there, scale.write(there)))
            if found.wanted is Wanted.NOTHING and settled(link, found.agreed):
                return made
            agreed = found.agreed
            if found.wanted is Wanted.PUT:
                there = there if refuses else agreed.there
                agreed = Prioritised(there, agreed.here)
            elif found.wanted is Wanted.GIVE:
                raw = raw if refuses else agreed.here
                agreed = Prioritised(agreed.there, raw)
            link = TicketLink(1, agreed_priority=agreed.there, agreed_priority_here=agreed.here)
        raise AssertionError("it does not settle")

    for what, which in acts:
        if what == "here":
            raw = values[which % len(values)]
        elif what == "there":
            there = LEVELS[which]
        else:
            work()
    work()
    assert work() == 0
    assert refuses or scale.write(there) in (None, raw) or scale.read(raw) == there


def test_a_priority_that_is_not_known_is_read_only_where_it_matters() -> None:
    row = TicketLink(1, agreed_priority_here="off")
    assert merge(row, Priorities("on", "high", "")).wanted is Wanted.READ
    assert merge(row, Priorities("off", "normal", "")).wanted is Wanted.WAIT
    assert row.agreed_priority == NO_PRIORITY
