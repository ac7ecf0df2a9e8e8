"""What a dry run says is what is done: the plan is made with what was read, although nothing of it is recorded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from omnidesk.store.schema import TABLES
from omnidesk.sync import actions as do
from omnidesk.sync.reconcile import preview
from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


def tables(workshop: Workshop) -> list[list[object]]:
    return [[*workshop.panel.query(f"SELECT * FROM {name}")] for name in TABLES]


def planned(workshop: Workshop, ticket: int) -> list[str]:
    """The titles of what would be done; nothing is recorded."""
    before = tables(workshop)
    seen, actions = preview(workshop.context, ticket)
    assert seen.failure is None
    assert tables(workshop) == before
    return [str(one.title()) for one in actions]


@pytest.mark.parametrize("way", ["delete", "trash", "spam"])
def test_a_lost_case_is_seen_by_the_plan(workshop: Workshop, way: str) -> None:
    ticket = workshop.linked_ticket()
    workshop.client_writes(ticket, "ещё")
    getattr(workshop.desk, way)(workshop.case(ticket))
    _, actions = preview(workshop.context, ticket)
    assert [type(one) for one in actions] == [do.CreateCase]
    assert workshop.link(ticket).case_gone == ""


@pytest.mark.parametrize("moves", [True, False], ids=["messages move", "messages stay"])
@pytest.mark.parametrize("shared", [True, False], ids=["with another ticket's case", "with a case of no ticket"])
def test_a_merge_is_seen_by_the_plan(make_workshop: Make, moves: bool, shared: bool) -> None:
    """Answers in the surviving case are planned for the ticket that joins it, which is not recorded yet."""
    workshop = make_workshop(desk=Settings(merge_moves_messages=moves))
    ticket = workshop.linked_ticket("первый")
    workshop.agent_replies(ticket, "сначала")  # with it, all of its case is known
    workshop.settle()
    other = workshop.linked_ticket("второй")
    survivor = workshop.case(other)
    if not shared:
        for table in TABLES[:2]:
            workshop.panel.execute(f"DELETE FROM {table} WHERE ticket = %s", other)
        workshop.panel.execute("DELETE FROM ticket WHERE id = %s", other)
    workshop.tick(60)
    workshop.desk.merge(workshop.case(ticket), survivor, workshop.anna_staff)
    workshop.tick(60)
    workshop.desk.agent_reply(survivor, workshop.anna_staff, text="ответ")
    said = planned(workshop, ticket)
    workshop.context.queue.make_due(ticket, "test", look_case=True, look_messages=True)
    workshop.sync(force=False)
    answers = [one.text for one in workshop.panel.messages(ticket) if one.staff][1:]
    assert len([one for one in said if "reply" in one]) == len(answers) == (0 if shared else 1)
    assert workshop.case(ticket) == survivor


def test_what_was_seen_is_kept_when_a_later_read_fails(workshop: Workshop) -> None:
    """The case was read, its messages were not: the status that was seen counts."""
    ticket = workshop.linked_ticket()
    workshop.agent_sets(ticket, "closed")
    workshop.context.queue.make_due(ticket, "test", look_case=True, look_messages=True)
    workshop.desk.faults.server_error(on=f"GET cases/{workshop.case(ticket)}/messages*", times=None)
    workshop.sync(force=False)
    assert workshop.link(ticket).seen_status == "closed"
