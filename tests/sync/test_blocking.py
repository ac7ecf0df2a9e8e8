"""Which actions wait when another one of the ticket has failed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from omnidesk.core.errors import Refused, TryLater
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk.models import Message
from omnidesk.sync import actions as do
from omnidesk.sync.blocking import Course

WHY = Phrase("why.same_now")
NOTE = Message(21, 0, 330, "text", "", True, False, 1000.0)
AGREE = do.Agree(WHY, "waiting", "closed")
REFUSED = Refused("panel_refused", value="no")


@pytest.mark.parametrize("ends", [True, False])
def test_nothing_is_agreed_upon_while_the_note_that_was_to_end_the_ticket_has_failed(ends: bool) -> None:
    course = Course(17)
    course.action_failed(do.DeliverNote(WHY, NOTE, end=ends), REFUSED)
    assert course.ahead([AGREE]) == ([] if ends else [AGREE])


def test_nothing_is_agreed_upon_while_a_note_may_have_taken_the_ticket() -> None:
    """That it is not open by anybody's decision is remembered until it is known."""
    course = Course(17)
    course.action_failed(
        do.DeliverNote(WHY, NOTE, end=False), TryLater("panel_no_answer", "ticket_all.edit", uncertain=True)
    )
    assert course.ahead([AGREE]) == []


def test_a_ticket_that_is_ended_by_another_call_is_agreed_upon() -> None:
    course = Course(17)
    course.action_failed(do.DeliverNote(WHY, NOTE, end=True), REFUSED)
    course.done(do.EndAssignment(WHY))
    assert course.ahead([AGREE]) == [AGREE]


def test_a_case_that_must_not_be_ended_yet_still_gets_its_assignee_and_priority() -> None:
    ending = do.UpdateCase(
        WHY, "closed", {}, "", assigned=do.Assigned(330, 7, "7"), priority=do.Prioritised("high", "3")
    )
    course = Course(17)
    course.action_failed(do.DeliverReply(WHY, NOTE, end=True), REFUSED)
    assert course.ahead([ending]) == [replace(ending, status="")]
    assert course.ahead([do.UpdateCase(WHY, "closed", {}, "")]) == []
