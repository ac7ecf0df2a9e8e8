"""Duplicates and loops: what the module wrote itself is never taken for news, and nothing is written twice.

Seen by users of mozilla/jira-bugzilla-integration (#1389), DefectDojo (#2475: the own note comes back), paperclip
(#2008: a delivery's id cannot stop a comment loop), FreeScout (#2362: five identical calls, five comments), tmt (#4669:
a redeploy with a stale cache), Chatwoot (#11901, #9314).
"""

from __future__ import annotations

import pytest

from tests.support.workshop import Workshop


def test_five_identical_webhooks_bring_one_message(workshop: Workshop) -> None:
    """At once, and again after the first was served."""
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "Ответ")
    body = f"object[case_id]={workshop.case(ticket)}&object[message_id]=1".encode()
    for _ in range(2):
        for _ in range(5):
            workshop.receive_webhook(body, "application/x-www-form-urlencoded")
        workshop.sync()
    workshop.settle()
    assert [message.text for message in workshop.panel.messages(ticket)][1:] == ["Ответ"]


def test_our_own_words_never_come_back(workshop: Workshop) -> None:
    """Messages, replies and notes of both sides, then a day of polls, scans and doubled webhooks: nothing moves."""
    ticket = workshop.linked_ticket()
    workshop.panel.employee_replies(workshop.anna, ticket, "из BILLmanager", close=False)
    workshop.panel.employee_notes(workshop.anna, ticket, "заметка там")
    workshop.agent_replies(ticket, "из Омнидеска")
    workshop.agent_notes(ticket, "заметка тут")
    workshop.settle()
    sides, posted = workshop.assert_equal(ticket, in_order=False), workshop.posted()
    for _ in range(24):
        workshop.make_due(ticket)
        workshop.receive_webhook(f"case_id={workshop.case(ticket)}".encode(), "")
        workshop.tick(3600)
        workshop.settle()
    assert workshop.posted() == posted
    assert workshop.both_sides(ticket) == sides


def test_an_answer_that_is_lost_after_the_message_was_stored_doubles_nothing(workshop: Workshop) -> None:
    """Not even when the same words stand there already: the created message is found by its place, not its text."""
    ticket = workshop.linked_ticket("да")
    workshop.client_writes(ticket, "да")
    workshop.settle()
    workshop.desk.faults.drop_after(on="POST /api/cases/*/messages.json", times=2)
    workshop.client_writes(ticket, "да")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert len(workshop.desk.messages(workshop.case(ticket))) == 3


def test_a_lost_answer_to_the_first_message_makes_no_second_case(workshop: Workshop) -> None:
    workshop.desk.faults.drop_after(on="POST /api/cases.json", times=2)
    ticket = workshop.new_ticket("раз")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert len(workshop.desk.cases) == 1


def test_a_reply_the_panel_stored_without_an_answer_is_not_given_twice(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.faults.die_after_commit("ticket.edit", times=2)
    workshop.agent_replies(ticket, "Ответ")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert len(workshop.panel.messages(ticket)) == 2


@pytest.mark.parametrize("lost", ["poll_since", "scan_marks", "poll_done", "account:staff"])
def test_a_redeploy_that_forgets_a_cursor_repeats_nothing(workshop: Workshop, lost: str) -> None:
    """A new process, a cursor or cache that is gone: identities decide, not the place one had come to."""
    ticket = workshop.linked_ticket("раз")
    workshop.agent_replies(ticket, "два")
    workshop.settle()
    posted = workshop.posted()
    workshop.context.state.remove(lost)
    workshop.restart()
    workshop.settle()
    workshop.tick(400)
    workshop.settle()
    workshop.client_writes(ticket, "три")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert workshop.posted() == posted + 1


def test_the_same_words_said_twice_are_two_messages(workshop: Workshop) -> None:
    """Duplicates are told by identity; a person may repeat himself."""
    ticket = workshop.linked_ticket("ок")
    for _ in range(2):
        workshop.client_writes(ticket, "ок")
        workshop.agent_replies(ticket, "ок")
        workshop.settle()
    workshop.assert_equal(ticket, in_order=False)
    assert len(workshop.panel.messages(ticket)) == 5
