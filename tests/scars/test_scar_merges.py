"""Merges: the outside reference stays on the case that was merged away, and what is written goes nowhere.

Seen by users of Zammad (#3123) and FreeScout (#2903).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


@pytest.mark.parametrize("moves", [True, False], ids=["messages move", "messages stay"])
@pytest.mark.parametrize("takes", [True, False], ids=["still takes messages", "takes none"])
def test_a_client_is_heard_after_his_case_was_merged_away(make_workshop: Make, moves: bool, takes: bool) -> None:
    """His next words stand in a case that lives and is his ticket's; nothing of before is sent again."""
    workshop = make_workshop(desk=Settings(merge_moves_messages=moves, merged_accepts_messages=takes))
    ticket, other = workshop.linked_ticket("раз"), workshop.linked_ticket("другой", user=workshop.petra.user)
    workshop.agent_replies(ticket, "ответ")
    workshop.settle()
    merged, posted = workshop.case(ticket), workshop.posted(notes=False)
    workshop.tick(60)
    workshop.desk.merge(merged, workshop.case(other), workshop.anna_staff)
    workshop.settle()
    workshop.client_writes(ticket, "два")
    workshop.settle()
    now = workshop.desk.cases[workshop.case(ticket)]
    assert now.case_id not in (merged, workshop.case(other)) and not now.parent_case_id
    assert [line.text for line in workshop.both_sides(ticket).omnidesk] == ["два"]
    assert workshop.posted(notes=False) == posted + 1
    assert [message.text for message in workshop.panel.messages(ticket)] == ["раз", "ответ", "два"]


def test_what_is_answered_in_the_other_case_reaches_its_own_client_only(make_workshop: Make) -> None:
    """Another client's words never show up in a ticket because two cases were merged."""
    workshop = make_workshop(desk=Settings(merge_moves_messages=True))
    ticket, other = workshop.linked_ticket("секрет Ивана"), workshop.linked_ticket("раз", user=workshop.petra.user)
    workshop.tick(60)
    workshop.desk.merge(workshop.case(ticket), workshop.case(other), workshop.anna_staff)
    workshop.settle()
    workshop.tick(60)
    workshop.desk.agent_reply(workshop.case(other), workshop.anna_staff, text="ответ Петре")
    workshop.settle()
    assert [message.text for message in workshop.panel.messages(ticket)] == ["секрет Ивана"]
    texts = [message.text for message in workshop.panel.messages(other)]
    assert texts[0] == "раз" and texts[-1] == "ответ Петре"


def test_two_tickets_merged_one_into_the_other_and_back_stay_apart(workshop: Workshop) -> None:
    """Two cases that were each merged into the other: their tickets go on, each with a case of its own."""
    first, second = workshop.linked_ticket("первый"), workshop.linked_ticket("второй")
    cases = workshop.case(first), workshop.case(second)
    workshop.tick(60)
    workshop.desk.merge(cases[0], cases[1], workshop.anna_staff)
    workshop.settle()
    workshop.client_writes(first, "ещё первый")
    workshop.settle()
    workshop.tick(60)
    workshop.desk.merge(cases[1], cases[0], workshop.anna_staff)
    workshop.settle()
    workshop.client_writes(second, "ещё второй")
    workshop.client_writes(first, "и ещё первый")
    workshop.settle()
    workshop.agent_replies(first, "ответ")
    workshop.settle()
    assert workshop.case(first) != workshop.case(second)
    assert [message.text for message in workshop.panel.messages(first)] == [
        "первый", "ещё первый", "и ещё первый", "ответ",
    ]  # fmt: skip
    assert [message.text for message in workshop.panel.messages(second)] == ["второй", "ещё второй"]
    assert [line.text for line in workshop.both_sides(second).omnidesk] == ["ещё второй"]


def test_a_merge_alone_closes_no_ticket_and_makes_no_case(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    other = workshop.desk.client_case("somebody@example.com", "Другое", "другое")
    before, cases = workshop.panel.ticket_state(ticket), len(workshop.desk.cases)
    workshop.tick(60)
    workshop.desk.merge(workshop.case(ticket), other.case_id, workshop.anna_staff)
    for _ in range(3):
        workshop.settle()
        workshop.tick(3600)
    assert workshop.panel.ticket_state(ticket) == before
    assert len(workshop.desk.cases) == cases
    assert len(workshop.panel.messages(ticket)) == 1
