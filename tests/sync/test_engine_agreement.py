"""Whether both sides are equal is said only of what was compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from omnidesk.cli.commands import sync_ticket
from omnidesk.cli.show import show
from omnidesk.sync.agreement import Agreement, agreement, doubts
from omnidesk.sync.reconcile import preview
from omnidesk.wording.arguments import Arguments
from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


def stands(workshop: Workshop, ticket: int) -> Agreement:
    seen, actions = preview(workshop.context, ticket)
    return agreement(workshop.context, seen, actions)


def codes(workshop: Workshop, ticket: int) -> tuple[str, list[str]]:
    found = stands(workshop, ticket)
    return found.state, [one.code for one in found.reasons]


def told(workshop: Workshop, ticket: int) -> tuple[str, str]:
    """What show and the dry run say last."""
    given = Arguments(id=ticket, dry_run=True)
    return show(workshop.context, given).text()[-1], sync_ticket(workshop.context, given).text()[-1]


def test_sides_that_were_compared_and_are_equal(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "ответ")
    workshop.settle()
    assert codes(workshop, ticket) == ("equal", [])
    assert told(workshop, ticket) == ("Both sides were compared and are equal.",) * 2
    assert stands(workshop, ticket).said.text("ru") == "Стороны сравнены и совпадают."


def test_records_that_nobody_wrote_are_no_difference(make_workshop: Make) -> None:
    workshop = make_workshop(desk=Settings(system_messages=True))
    ticket = workshop.linked_ticket()
    workshop.agent_sets(ticket, "waiting")
    workshop.settle()
    assert codes(workshop, ticket) == ("equal", [])


def test_a_ticket_outside_the_departments(make_workshop: Make) -> None:
    workshop = make_workshop(departments=("Отдел оплаты",))
    ticket = workshop.new_ticket()
    workshop.settle()
    assert codes(workshop, ticket) == ("unknown", ["not_covered", "no_case"])
    assert "Departments" in told(workshop, ticket)[0]


def test_an_edited_reply(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    reply = workshop.agent_replies(ticket, "ответ").message_id
    workshop.settle()
    workshop.tick(60)
    workshop.desk.edit_message(workshop.case(ticket), reply, text="другое")
    workshop.settle()
    assert codes(workshop, ticket) == ("differs", ["edited"])


def test_a_lost_case_and_one_in_spam(make_workshop: Make) -> None:
    workshop = make_workshop()
    for way in ("trash", "spam"):
        ticket = workshop.linked_ticket(user=workshop.petra.user)
        workshop.settle()
        getattr(workshop.desk, way)(workshop.case(ticket))
        assert codes(workshop, ticket)[0] == "unknown"
        assert "lost_case" in codes(workshop, ticket)[1]


def test_omnidesk_cannot_be_asked(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.settle()
    workshop.desk.faults.server_error(502, times=None)
    assert codes(workshop, ticket) == ("unknown", ["away"])


def test_a_message_that_is_refused_and_one_that_was_left(make_workshop: Make) -> None:
    workshop = make_workshop(sync_notes=False)
    ticket = workshop.linked_ticket()
    workshop.agent_notes(ticket, "заметка")
    fault = workshop.panel.faults.fail("value", "message", "bad", "ticket.edit")
    workshop.agent_replies(ticket, "плохое")
    workshop.settle()
    state, found = codes(workshop, ticket)
    assert state == "differs" and {"refused", "left"} <= set(found)
    fault.lift()


def test_changes_that_the_guard_holds_back(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.settle()
    workshop.context.holds.put([ticket], "case")
    assert codes(workshop, ticket) == ("unknown", ["held"])


def test_what_is_still_to_be_done(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.client_writes(ticket, "ещё")
    assert codes(workshop, ticket) == ("differs", ["actions"])


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, ""),
        ({"off": True}, "off"),
        ({"paused": True}, "paused"),
        ({"held": True}, "held"),
        ({"polled": None}, "never"),
        ({"scanned": None}, "never"),
        ({"polled": 241.0}, "stale"),
        ({"polled": 239.0}, ""),
    ],
)
def test_what_may_be_said_of_all_tickets(given: dict[str, Any], found: str) -> None:
    usual: dict[str, Any] = {"off": False, "paused": False, "held": False, "polled": 30.0, "scanned": 30.0}
    assert doubts(**{**usual, **given}, pause=60.0) == found
