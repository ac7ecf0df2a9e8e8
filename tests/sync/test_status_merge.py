"""The table of the status merge: every combination, written out from the rules; and what its questions mean."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omnidesk.billmanager.models import Assignment, Person, Ticket, TicketMessage
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk.models import Message, StatusChange
from omnidesk.store.models import ENDING, OwnMessage, TicketLink
from omnidesk.sync import actions as do
from omnidesk.sync.plan import plan
from omnidesk.sync.status_merge import (
    RULES,
    Decides,
    Rule,
    Situation,
    client_wrote,
    decide,
    merge_statuses,
    read_here,
    situation_of,
)
from omnidesk.sync.view import Policy, StatusMap, View

CLIENT, ANNA = Person(5, "ivan", level=16), Person(7, "anna", level=29)
PAGE = Path(__file__).parents[2] / "docs" / "decisions" / "status-merge.md"
# client wrote, staff ended it after reading, ticket changed, case changed -> who decides. All sixteen.
EVERY = {
    "no  no  no  no ": "nobody",
    "no  no  no  yes": "the case",
    "no  no  yes no ": "the ticket",
    "no  no  yes yes": "the case",
    "no  yes no  no ": "nobody",
    "no  yes no  yes": "the case",
    "no  yes yes no ": "the ticket",
    "no  yes yes yes": "the case",
    "yes no  no  no ": "the client",
    "yes no  no  yes": "the client",
    "yes no  yes no ": "the client",
    "yes no  yes yes": "the client",
    "yes yes no  no ": "nobody",
    "yes yes no  yes": "the case",
    "yes yes yes no ": "the ticket",
    "yes yes yes yes": "the case",
}


@pytest.mark.parametrize(("row", "who"), EVERY.items())
def test_every_combination(row: str, who: str) -> None:
    assert decide(Situation(*(word == "yes" for word in row.split()))).value == who


def test_every_combination_is_written_out() -> None:
    assert len({tuple(row.split()) for row in EVERY}) == len(list(itertools.product((False, True), repeat=4)))


def test_the_page_shows_the_table_of_the_code() -> None:
    words = {True: "yes", False: "no", None: "–"}
    rows = [re.split(r"\s*\|\s*", line.strip("| ")) for line in PAGE.read_text().splitlines() if line.startswith("|")]
    shown = [(*row[:4], row[4].partition(":")[0]) for row in rows[2:]]
    coded = [(*(words[getattr(rule, name)] for name in Situation.__annotations__), rule.decides.value)
             for rule in RULES]  # fmt: skip
    assert shown == coded


def test_a_rule_that_says_nothing_fits_everything() -> None:
    every = [Situation(*values) for values in itertools.product((False, True), repeat=4)]
    assert all(Rule(None, None, None, None, Decides.NOBODY).fits(one) for one in every)


# What the questions mean

WROTE_AT = 1000.0


def seen(ticket: str, case: str, agreed: str = "open open", *, view: View | None = None, **link: object) -> View:
    """A linked ticket as it is now, what was agreed, and what else the link holds."""
    ticket_status, case_status = agreed.split()
    values = {"ticket_status": ticket_status, "case_status": case_status, "seen_status": case, "seen_at": WROTE_AT}
    values |= times_of(link.get("own_messages", ())) | link  # type: ignore[arg-type]
    row = TicketLink(17, 900001, "290-320788", 56, 5, **values)  # type: ignore[arg-type]
    more: dict[str, Any] = {} if view is None else {
        "messages": view.messages, "replies": view.replies, "history": view.history,
    }  # fmt: skip
    return View(Ticket(17, "s", 3, ticket, CLIENT), row, **more)


def times_of(own: tuple[OwnMessage, ...]) -> dict[str, float]:
    """What else the row holds of our messages."""
    last: dict[str, float] = {}
    for one in own:
        last |= {"own_message_at": one.at, "own_reply_at" if one.staff else "own_client_at": one.at}
    return last


def result(view: View) -> str:
    assert view.ticket is not None
    outcome = merge_statuses(view, view.ticket)
    return f"{outcome.agreed_ticket} {outcome.case}"


def planned(view: View) -> list[do.Action]:
    return plan(view, Policy())


def wrote(message: int = 5) -> View:
    return View(None, TicketLink(17), messages=(TicketMessage(message, 17, CLIENT, "text", 0.0),))


def answered(at: float, **more: object) -> View:
    reply = {"note": False, "sent_via_rule": False, **more}
    message = Message(9, 0, 7, "text", "", bool(reply["note"]), bool(reply["sent_via_rule"]), at)
    return View(None, TicketLink(17), replies=(message,))


def mailed(at: float) -> View:
    return View(None, TicketLink(17), replies=(Message(9, 56, 0, "text", "", False, False, at),))


WAITS: dict[str, Any] = {"client_at": WROTE_AT, "client_message": 5}


@pytest.mark.parametrize("case", ["waiting", "closed"])
def test_a_case_that_was_ended_before_the_message_went_in_is_opened(case: str) -> None:
    """Its time is still that of the message, so nobody has ended it since."""
    assert result(seen("open", case, **WAITS)) == "open open"
    assert result(seen("open", case, **WAITS, closed_at=WROTE_AT - 30)) == "open open"


@pytest.mark.parametrize(("answer", "at", "after"), [
    (9, 0.0, True), (9, -1.0, True), (8, 0.0, False), (7, 30.0, False), (9, -1.1, False),
])  # fmt: skip
def test_within_a_second_the_ids_tell_what_was_answered(answer: int, at: float, after: bool) -> None:
    message = Message(answer, 0, 7, "text", "", False, False, WROTE_AT + at)
    view = seen("open", "waiting", view=View(None, TicketLink(17), replies=(message,)), **WAITS, client_external=8)
    assert result(view) == ("waiting waiting" if after else "open open")


@pytest.mark.parametrize("case", ["waiting", "closed"])
def test_a_case_ended_right_after_the_message_was_not_read(case: str) -> None:
    assert result(seen("open", case, **{**WAITS, "seen_at": WROTE_AT + 1}, closed_at=WROTE_AT + 1)) == "open open"


def test_a_case_closed_later_was_read() -> None:
    view = seen("open", "closed", **{**WAITS, "seen_at": WROTE_AT + 20}, closed_at=WROTE_AT + 20)
    assert result(view) == "waiting closed"


def test_an_answer_after_the_message_proves_that_it_was_read() -> None:
    """Also when the case had been ended before, and staff left it so."""
    view = seen("open", "closed", view=answered(WROTE_AT + 20), **WAITS, closed_at=WROTE_AT - 30)
    assert result(view) == "waiting closed"


@pytest.mark.parametrize(("lines", "both"), [
    ((), "open open"),
    ((StatusChange(WROTE_AT + 20, "staff_7", "waiting"),), "waiting waiting"),
    ((StatusChange(WROTE_AT + 20, "staff_7", "open"),), "open open"),
    ((StatusChange(WROTE_AT + 20, "staff_7", "waiting", key=True),
      StatusChange(WROTE_AT + 20, "staff_7", "open", key=True)), "open open"),
    ((StatusChange(WROTE_AT + 20, "staff_7", "waiting"), StatusChange(WROTE_AT + 20, "staff_7", "open"),
      StatusChange(WROTE_AT + 21, "staff_7", "waiting")), "open open"),  # the last one is of our own message
    ((StatusChange(WROTE_AT + 21, "staff_7", "closed"),), "waiting waiting"),
    ((StatusChange(WROTE_AT + 20, "staff_8", "waiting"),), "open open"),
    ((StatusChange(WROTE_AT + 22, "staff_7", "waiting"),), "open open"),
])  # fmt: skip
def test_an_answer_before_we_set_the_status_ended_the_case_only_if_the_history_says_so(
    lines: tuple[StatusChange, ...], both: str
) -> None:
    """An employee ended the ticket in BILLmanager, where the message was not yet; the case followed that."""
    client, answer = mailed(WROTE_AT).replies[0], answered(WROTE_AT + 20).replies[0]
    replies = (client, replace(answer, message_id=10))
    view = seen("waiting", "waiting", "waiting waiting", view=View(None, TicketLink(17), replies=replies),
                own_status_at=WROTE_AT + 22, seen_at=WROTE_AT + 22,
                own_messages=(OwnMessage(8, WROTE_AT + 20), OwnMessage(11, WROTE_AT + 21, 7)))  # fmt: skip
    assert [type(one) for one in planned(view)][:1] == [do.ReadHistory]
    assert result(replace(view, history=lines)) == both


@pytest.mark.parametrize("kind", ["note", "sent_via_rule"])
def test_a_note_or_an_automatic_answer_proves_nothing(kind: str) -> None:
    view = seen("open", "closed", view=answered(WROTE_AT + 20, **{kind: True}), **WAITS, closed_at=WROTE_AT - 30)
    assert result(view) == "open open"


def test_an_answer_that_was_on_its_way_proves_nothing() -> None:
    view = seen("open", "closed", view=answered(WROTE_AT), **WAITS, closed_at=WROTE_AT - 30)
    assert result(view) == "open open"


def test_a_case_that_changed_later_for_an_unknown_reason_has_its_history_read() -> None:
    """Until that is known, both sides stay as they are."""
    view = seen("open", "waiting", **{**WAITS, "seen_at": WROTE_AT + 20})
    assert [type(one) for one in planned(view)] == [do.ReadHistory]


def test_a_history_that_tells_nothing_leaves_both_sides_open() -> None:
    view = seen("open", "waiting", **{**WAITS, "seen_at": WROTE_AT + 20})
    view = View(view.ticket, view.link, history=())
    assert result(view) == "open open"
    assert [type(one) for one in planned(view)] == [do.UpdateCase]


def test_what_we_wrote_later_does_not_look_like_a_closing() -> None:
    """The case's time is that of our own later call, and it was closed before the message."""
    later: dict[str, Any] = {"seen_at": WROTE_AT + 20, "own_write_at": WROTE_AT + 20, "closed_at": WROTE_AT - 30}
    assert [type(one) for one in planned(seen("open", "closed", **{**WAITS, **later}))] == [do.UpdateCase]


def test_the_history_is_not_asked_where_it_would_change_nothing() -> None:
    """Staff in BILLmanager ended it, or the client wrote again since."""
    later = {**WAITS, "seen_at": WROTE_AT + 20}
    assert do.ReadHistory not in map(type, planned(seen("waiting", "waiting", **later)))
    assert do.ReadHistory not in map(type, planned(seen("open", "waiting", view=wrote(6), **later)))


@pytest.mark.parametrize("case", ["waiting", "closed"])
def test_a_message_that_came_into_the_middle_of_our_own_ending_wins(case: str) -> None:
    """Whether it is on its way or in the case already."""
    assert result(seen("waiting", case, f"waiting {case}", view=wrote(), own_end=7)) == "open open"
    assert result(seen("waiting", case, f"waiting {case}", view=wrote(7), own_end=7)) == "open open"
    assert result(seen("waiting", case, f"waiting {case}", **WAITS, own_end=7)) == "open open"
    assert result(seen("waiting", case, view=wrote(), own_end=ENDING)) == "open open"


def test_a_message_after_our_own_ending_was_read_by_who_ended_the_ticket_then() -> None:
    """The panel gives the ticket to somebody with each message of the client, so staff ended it again."""
    assert result(seen("waiting", "closed", "waiting closed", view=wrote(8), own_end=7)) == "waiting closed"


def test_an_archived_ticket_was_not_ended_by_us() -> None:
    """Except if we have archived it, as its case had been closed, when nobody had read the message."""
    assert result(seen("closed", "closed", "waiting closed", view=wrote(), own_end=7)) == "closed closed"
    ours = seen("closed", "closed", "closed closed", view=wrote(), own_end=7, own_archive=True)
    assert result(ours) == "open open"


def test_our_own_ending_only_follows_the_case() -> None:
    """The run died before it was recorded, and staff opened the case again."""
    assert result(seen("waiting", "open", own_end=7)) == "open open"
    assert result(seen("waiting", "closed", own_end=7)) == "waiting closed"


def test_a_ticket_we_took_to_write_into_it_is_as_staff_left_it() -> None:
    """What was to be written failed, or the run died; messages after the taking are another matter."""
    assert result(seen("open", "closed", "waiting closed", taken_end=7)) == "waiting closed"
    assert result(seen("open", "open", "open open", taken_end=7)) == "waiting waiting"
    assert result(seen("open", "open", "waiting waiting", taken_end=7)) == "open open"
    assert result(seen("open", "open", "open open", view=wrote(7), taken_end=7)) == "waiting waiting"
    assert result(seen("open", "open", "open open", view=wrote(8), taken_end=7)) == "open open"
    assert planned(seen("waiting", "waiting", "waiting waiting", taken_end=7)) == [
        do.Agree(Phrase("why.same_now"), "waiting", "waiting")
    ]


def test_an_archived_ticket_that_we_took_does_not_change_a_closed_case() -> None:
    """Taken to deliver a reply into it, it counts as archived still; what is agreed then is what it is by now."""
    assert result(seen("open", "closed", "closed closed", taken_end=7)) == "waiting closed"
    assert result(seen("open", "open", "closed closed", taken_end=7)) == "open open"


def test_a_ticket_that_an_employee_takes_as_well_is_open() -> None:
    """We took it for employee 7, and what was to be written failed."""
    view = seen("open", "closed", "closed closed", taken_end=7, taken_by=7)
    assert view.ticket is not None
    for user, both in ((7, "waiting closed"), (8, "open open")):
        ticket = replace(view.ticket, assignments=(Assignment(1, 7, 29), Assignment(2, user, 29)))
        assert result(replace(view, ticket=ticket)) == both


def test_a_case_that_was_opened_and_closed_again_has_changed() -> None:
    """Staff end the ticket in BILLmanager at the same time: Omnidesk decides when both changed."""
    again: dict[str, Any] = {"agreed_at": WROTE_AT, "closed_at": WROTE_AT + 20, "seen_at": WROTE_AT + 20}
    assert result(seen("waiting", "closed", "closed closed", **again)) == "waiting closed"
    assert result(seen("waiting", "closed", "closed closed", **{**again, "closed_at": WROTE_AT})) == "waiting waiting"
    for own in (WROTE_AT + 19, WROTE_AT + 20):  # our own closing, stamped a second later
        assert result(seen("waiting", "closed", "closed closed", **again, own_status_at=own)) == "waiting waiting"
    agreed = {**again, "agreed_at": WROTE_AT + 19}  # the closing that was agreed upon
    assert result(seen("waiting", "closed", "closed closed", **agreed)) == "waiting waiting"


@pytest.mark.parametrize("agreed_at", [WROTE_AT - 50, WROTE_AT])
def test_a_status_that_was_set_although_its_call_failed_is_ours(agreed_at: float) -> None:
    """An employee has opened the ticket again since; both sides may have agreed in the very second of the call."""
    begun: dict[str, Any] = {
        "agreed_at": agreed_at, "own_status_at": WROTE_AT, "status_begun": "waiting", "seen_at": WROTE_AT + 9,
    }  # fmt: skip
    for after, both in ((-1, "open open"), (0, "open open"), (60, "open open"), (61, "waiting waiting")):
        ours = View(None, TicketLink(17), history=(StatusChange(WROTE_AT + after, "staff_7", "waiting", key=True),))
        assert result(seen("open", "waiting", "open open", view=ours, **begun)) == both
    theirs = View(None, TicketLink(17), history=(StatusChange(WROTE_AT + 5, "staff_8", "waiting"),))
    assert result(seen("open", "waiting", "open open", view=theirs, **begun)) == "waiting waiting"
    assert do.Agree(Phrase("why.same_now"), "open", "open") in planned(seen("open", "open", "open open", **begun))


@pytest.mark.parametrize(("answer", "both"), [(-5, "open open"), (0, "open open"), (5, "waiting waiting")])
def test_an_answer_before_such_a_call_does_not_show_that_staff_chose_its_status(answer: int, both: str) -> None:
    """Only one after it found the case so, and left it."""
    replies = answered(WROTE_AT + answer).replies
    ours = (StatusChange(WROTE_AT, "staff_7", "waiting", key=True),)
    view = seen("open", "waiting", "open open", view=View(None, TicketLink(17), replies=replies, history=ours),
                own_status_at=WROTE_AT, status_begun="waiting", seen_at=WROTE_AT + 9)  # fmt: skip
    assert result(view) == both


def test_a_case_we_opened_before_something_failed_is_nobodys_decision() -> None:
    """Staff end the ticket before both sides could agree that it is open."""
    opened: dict[str, Any] = {"own_status_at": WROTE_AT, "own_write_at": WROTE_AT + 5, "seen_at": WROTE_AT + 5}
    assert result(seen("waiting", "open", "waiting waiting", **opened)) == "waiting waiting"
    assert (
        result(seen("waiting", "open", "waiting waiting", **{**opened, "seen_at": WROTE_AT + 6})) == "waiting waiting"
    )
    assert result(seen("open", "open", "waiting waiting", **opened)) == "open open"
    assert result(seen("waiting", "open", "waiting waiting", **opened, agreed_at=WROTE_AT)) == "open open"
    assert result(seen("waiting", "open", "waiting waiting", **{**opened, "seen_at": WROTE_AT + 9})) == "open open"


def test_a_status_that_we_set_back_is_agreed_upon() -> None:
    """Else an agent who opens the case later would be taken for us."""
    restored: dict[str, Any] = {"own_status_at": WROTE_AT, "own_write_at": WROTE_AT, "seen_at": WROTE_AT}
    agree = do.Agree(Phrase("why.same_now"), "waiting", "closed")
    assert planned(seen("waiting", "closed", "waiting closed", **restored)) == [agree]
    assert planned(seen("waiting", "closed", "waiting closed", **restored, agreed_at=WROTE_AT)) == []
    opened = {**restored, "own_write_at": WROTE_AT + 9, "seen_at": WROTE_AT + 9, "agreed_at": WROTE_AT}
    assert result(seen("waiting", "open", "waiting closed", **opened)) == "open open"


def test_a_ticket_we_gave_away_and_could_not_end_follows_its_case() -> None:
    """By the client's mail. The run died in between; that the ticket waits is then our own doing, archiving is not."""
    assert result(seen("waiting", "closed", "open closed")) == "waiting closed"
    assert result(seen("closed", "waiting", "open waiting")) == "closed closed"


@pytest.mark.parametrize("case", ["waiting", "closed"])
def test_what_the_client_mails_into_an_ended_case_opens_both_sides(case: str) -> None:
    """On an account that does not do so by itself, and though nobody has the ticket: staff there have not seen it."""
    assert result(seen("waiting", case, f"waiting {case}", view=mailed(WROTE_AT))) == "open open"


def test_what_the_client_mailed_before_the_case_was_closed_was_read() -> None:
    view = seen("open", "closed", view=mailed(WROTE_AT), seen_at=WROTE_AT + 20, closed_at=WROTE_AT + 20)
    assert result(view) == "waiting closed"


def mailed_and_answered(answer: int) -> View:
    """Message 9 is the client's, mailed into the case."""
    (mail,) = mailed(WROTE_AT).replies
    return View(None, TicketLink(17), replies=(mail, Message(answer, 0, 7, "text", "", False, False, WROTE_AT)))


@pytest.mark.parametrize(("answer", "both"), [(10, "waiting waiting"), (8, "open open")])
def test_staff_of_each_side_answered_what_the_client_wrote_there(answer: int, both: str) -> None:
    """Nobody in BILLmanager has read the mail, nobody in Omnidesk the message of the ticket."""
    view = mailed_and_answered(answer)
    view = View(None, TicketLink(17), messages=wrote().messages, replies=view.replies)
    assert result(seen("waiting", "waiting", view=view, seen_at=WROTE_AT)) == both
    assert result(seen("open", "waiting", view=view, seen_at=WROTE_AT)) == "open open"


def test_a_later_copy_of_what_was_read_in_the_panel_leaves_the_mail_answered() -> None:
    """Staff of Omnidesk answered the mail; those of BILLmanager ended the ticket after the message that went over."""
    copy: dict[str, Any] = {"client_at": WROTE_AT + 30, "client_message": 5, "client_external": 12, "read_here": 5}
    view = seen("waiting", "waiting", "waiting waiting", view=mailed_and_answered(10), seen_at=WROTE_AT + 30,
                own_messages=(OwnMessage(12, WROTE_AT + 30),), **copy)  # fmt: skip
    assert do.ReadHistory not in map(type, planned(view))
    assert result(view) == "waiting waiting"


@pytest.mark.parametrize(("by", "both"), [("staff_7", "waiting waiting"), ("staff_8", "open open")])
def test_an_answer_in_the_second_of_our_status_may_have_come_before_it(by: str, both: str) -> None:
    """Our status followed the ticket, in which the mail was not: only the history tells whether the agent ended it."""
    view = seen("waiting", "waiting", "waiting waiting", view=mailed_and_answered(10), own_status_at=WROTE_AT)
    assert [type(one) for one in planned(view)][:1] == [do.ReadHistory]
    assert result(replace(view, history=(StatusChange(WROTE_AT, by, "waiting"),))) == both


def test_a_mail_after_our_status_has_no_history_read() -> None:
    view = seen("waiting", "waiting", "waiting waiting", view=mailed(WROTE_AT), own_status_at=WROTE_AT - 20)
    assert do.ReadHistory not in map(type, planned(view))
    assert result(view) == "open open"


@pytest.mark.parametrize(("later", "asked"), [(0, False), (1, False), (2, True)])
def test_nobody_ends_a_case_after_a_mail_within_its_second(later: int, asked: bool) -> None:
    """Our reply that set the case waiting hides what an agent did between the two, if he had the time."""
    view = seen("open", "waiting", **WAITS, client_external=9, own_messages=(OwnMessage(11, WROTE_AT + later, 330),))
    view = replace(view, link=replace(view.link, seen_at=WROTE_AT + later))
    assert (do.ReadHistory in map(type, planned(view))) is asked
    assert result(view) == "open open"


def test_a_mail_that_goes_into_an_ended_ticket_leaves_it_ended() -> None:
    """It gives the ticket to somebody, and staff have answered it in Omnidesk."""
    actions = planned(seen("closed", "waiting", view=mailed_and_answered(10), seen_at=WROTE_AT))
    assert [type(one) for one in actions] == [do.DeliverClientMessage, do.DeliverReply, do.EndAssignment, do.Agree]
    assert [one.read for one in actions if isinstance(one, do.DeliverClientMessage)] == [True]
    assert actions[-1] == do.Agree(Phrase("why.same_now"), "waiting", "waiting")


# What an account does by itself, and what else happened in the case since

OURS = OwnMessage(8, WROTE_AT, 330)
REPLIED: dict[str, Any] = {"own_messages": (OURS,), "seen_at": WROTE_AT + 40}


@pytest.mark.parametrize(("history", "both"), [
    ((StatusChange(WROTE_AT, "staff_330", "waiting"),), "open open"),
    ((StatusChange(WROTE_AT + 30, "staff_330", "waiting"),), "waiting waiting"),
    ((StatusChange(WROTE_AT, "staff_330", "waiting"), StatusChange(WROTE_AT + 9, "staff_330", "open"),
      StatusChange(WROTE_AT + 30, "staff_330", "waiting")), "waiting waiting"),
    ((StatusChange(WROTE_AT, "staff_330", "open"),), "waiting waiting"),
    ((), "open open"),
])  # fmt: skip
def test_the_history_tells_what_our_reply_did_to_the_case(history: tuple[StatusChange, ...], both: str) -> None:
    """A note after the reply moves the case's time as a decision would; an account without history decides nothing."""
    view = seen("open", "waiting", **REPLIED)
    assert do.ReadHistory in map(type, planned(view))
    assert result(replace(view, history=history)) == both
    assert do.ReadHistory not in map(type, planned(replace(view, history=history)))


def test_the_history_is_not_read_where_it_makes_no_difference() -> None:
    assert do.ReadHistory not in map(type, planned(seen("open", "waiting", view=answered(WROTE_AT + 20), **REPLIED)))
    assert do.ReadHistory not in map(type, planned(seen("open", "closed", **REPLIED)))


BEFORE = StatusChange(WROTE_AT - 1, "staff_9", "closed")


@pytest.mark.parametrize(("history", "both"), [
    ((BEFORE, StatusChange(WROTE_AT, "staff_330", "waiting")), "waiting closed"),
    ((BEFORE, StatusChange(WROTE_AT + 1, "staff_7", "waiting", key=True)), "waiting closed"),
    ((BEFORE, StatusChange(WROTE_AT, "omnidesk", "waiting")), "waiting closed"),
    ((BEFORE, StatusChange(WROTE_AT, "staff_9", "waiting")), "waiting waiting"),
    ((StatusChange(WROTE_AT - 1, "staff_330", "waiting"),), "waiting waiting"),
    ((StatusChange(WROTE_AT, "staff_330", "waiting"),), "open open"),
    ((StatusChange(WROTE_AT - 60, "staff_9", "closed"), StatusChange(WROTE_AT, "staff_330", "waiting")), "open open"),
])  # fmt: skip
def test_what_people_decided_before_our_reply_moved_the_case_counts(
    history: tuple[StatusChange, ...], both: str
) -> None:
    """Whoever the history names at the moment of our reply: its author or the employee whose key is used."""
    view = seen("open", "waiting", agreed_at=WROTE_AT - 30, **{**REPLIED, "seen_at": WROTE_AT})
    assert [type(one) for one in planned(view)] == [do.ReadHistory]
    assert result(replace(view, history=history)) == both


MAILED_AT = WROTE_AT - 300  # into an ended case; the mail is in the ticket, which was open since
ANSWERED_AT = WROTE_AT - 60


@pytest.mark.parametrize(("more", "both"), [
    ((StatusChange(ANSWERED_AT, "staff_7", "waiting"),), "waiting waiting"),
    ((StatusChange(ANSWERED_AT, "staff_7", "waiting"), StatusChange(ANSWERED_AT + 9, "staff_9", "open")), "open open"),
    ((StatusChange(ANSWERED_AT - 9, "staff_9", "waiting"),), "open open"),
    ((), "open open"),
])  # fmt: skip
def test_our_copies_open_a_case_that_was_answered_and_left_ended(more: tuple[StatusChange, ...], both: str) -> None:
    """What the client wrote in the panel was read there, as his ticket was ended; copies of it went over late."""
    view = seen(
        "open", "open", "open waiting", view=answered(ANSWERED_AT), own_messages=(OwnMessage(10, WROTE_AT),),
        own_write_at=WROTE_AT, agreed_at=MAILED_AT - 90,
        client_at=MAILED_AT, client_message=12, client_external=8, read_here=7,
    )  # fmt: skip
    assert do.ReadHistory in map(type, planned(view))
    history = [StatusChange(MAILED_AT, "user_56", "open"), *more]
    if history[-1].status != "open":  # only changes are in it
        history.append(StatusChange(WROTE_AT, "user_56", "open"))
    assert result(replace(view, history=tuple(history))) == both


@pytest.mark.parametrize(("more", "both"), [
    ((), "open open"),
    ((StatusChange(ANSWERED_AT, "staff_7", "waiting"),), "waiting waiting"),
])  # fmt: skip
def test_our_reply_does_not_end_a_case_that_was_answered_and_left_open(
    more: tuple[StatusChange, ...], both: str
) -> None:
    """The case was ended before the client's mail opened it; on some accounts each reply of staff sets it waiting."""
    view = seen(
        "open", "waiting", "open waiting", view=answered(ANSWERED_AT), own_messages=(OwnMessage(10, WROTE_AT, 330),),
        own_write_at=WROTE_AT, agreed_at=MAILED_AT - 5,
        own_status_at=MAILED_AT - 5, client_at=MAILED_AT, client_message=12, client_external=8,
    )  # fmt: skip
    assert do.ReadHistory in map(type, planned(view))
    history = [StatusChange(MAILED_AT, "user_56", "open"), *more]
    if history[-1].status == "open":  # only changes are in it
        history.append(StatusChange(WROTE_AT, "staff_330", "waiting"))
    assert result(replace(view, history=tuple(history))) == both


def test_what_was_decided_before_the_clients_message_opened_the_case_is_over() -> None:
    client = OwnMessage(7, WROTE_AT - 20)
    view = seen("open", "waiting", own_messages=(client, OURS), agreed_at=WROTE_AT - 30, seen_at=WROTE_AT)
    history = (StatusChange(WROTE_AT - 21, "staff_9", "closed"), StatusChange(WROTE_AT - 20, "user_56", "open"),
               StatusChange(WROTE_AT, "staff_330", "waiting"))  # fmt: skip
    assert result(replace(view, history=history)) == "open open"
    read = replace(view, link=replace(view.link, client_message=5, read_here=5), history=history)
    assert result(read) == "waiting closed", "staff had read it and ended the ticket before it went over"


@pytest.mark.parametrize(("answer", "history"), [(9, False), (7, True)])
def test_an_answer_in_the_second_of_our_reply_is_ordered_by_its_id(answer: int, history: bool) -> None:
    message = Message(answer, 0, 9, "text", "", False, False, WROTE_AT)
    view = seen("open", "waiting", view=View(None, TicketLink(17), replies=(message,)), own_messages=(OURS,))
    assert (do.ReadHistory in map(type, planned(view))) is history
    assert history or result(view) == "waiting waiting"


def test_our_own_messages_one_after_the_other_need_no_history() -> None:
    """The client wrote in the panel, staff answered there, and the reply set the case waiting."""
    for seen_at, asked in ((WROTE_AT + 10, False), (WROTE_AT + 11, False), (WROTE_AT + 12, True)):
        own = (OwnMessage(8, WROTE_AT), OwnMessage(11, WROTE_AT + 10, 330))
        view = seen("open", "waiting", **{**WAITS, "seen_at": seen_at}, client_external=8, own_messages=own)
        assert (do.ReadHistory in map(type, planned(view))) is asked
        assert result(view) == "open open"


def test_a_case_that_the_clients_message_opened_needs_no_history() -> None:
    """A note has moved its time since."""
    link = {**WAITS, "client_external": 8, "own_messages": (OwnMessage(8, WROTE_AT),), "seen_at": WROTE_AT + 20}
    assert planned(seen("open", "open", "waiting waiting", **link)) == [
        do.Agree(Phrase("why.same_now"), "open", "open")
    ]


def test_without_a_history_a_case_that_our_copy_may_have_opened_stays_open() -> None:
    """Staff had read the message in the panel and ended the ticket before it went over."""
    view = seen("waiting", "open", "waiting waiting", own_messages=(OwnMessage(8, WROTE_AT),))
    assert do.ReadHistory in map(type, planned(view))
    assert result(replace(view, history=())) == "open open"


def test_a_decision_in_the_second_of_the_agreement_came_after_it() -> None:
    """Else that would have been about this status."""
    view = seen("open", "waiting", own_messages=(OwnMessage(8, WROTE_AT + 5, 330),), agreed_at=WROTE_AT,
                seen_at=WROTE_AT + 5)  # fmt: skip
    history = (StatusChange(WROTE_AT, "staff_9", "closed"), StatusChange(WROTE_AT + 5, "staff_330", "waiting"))
    assert result(replace(view, history=history)) == "waiting closed"


@pytest.mark.parametrize(("own", "change", "both"), [
    (-300, StatusChange(WROTE_AT, "user_56", "open"), "waiting waiting"),  # found later, with a date of ours
    (0, StatusChange(WROTE_AT, "staff_7", "open", key=True), "waiting waiting"),
    (0, StatusChange(WROTE_AT, "omnidesk", "open"), "waiting waiting"),
    (0, StatusChange(WROTE_AT, "staff_9", "open"), "open open"),
    (0, StatusChange(WROTE_AT + 2, "omnidesk", "open"), "open open"),
])  # fmt: skip
def test_a_case_that_our_copy_of_the_clients_message_opened(own: int, change: StatusChange, both: str) -> None:
    """Staff had read it in the panel. The history may name the client, the employee whose key is used, or nobody."""
    view = seen("waiting", "open", "waiting waiting", own_messages=(OwnMessage(8, WROTE_AT + own),),
                agreed_at=WROTE_AT - 400)  # fmt: skip
    assert result(replace(view, history=(change,))) == both


@pytest.mark.parametrize(("ticket", "agreed", "link", "both"), [
    ("waiting", "waiting closed", {}, "waiting closed"),
    ("open", "open closed", {}, "waiting closed"),  # a mail gave the ticket to somebody; an agent has answered it
    ("waiting", "open open", {"own_end": 9}, "open open"),  # ended for a case that an agent has opened again
])  # fmt: skip
def test_what_our_reply_makes_of_a_case_is_undone(ticket: str, agreed: str, link: dict[str, Any], both: str) -> None:
    """It set the case waiting, and nobody has decided anything since."""
    view = seen(ticket, "waiting", agreed, own_messages=(OURS,), **link)
    view = replace(view, history=(StatusChange(WROTE_AT, "staff_330", "waiting"),))
    assert situation(view) == Situation(False, False, False, False)
    assert result(view) == both


def test_a_case_that_could_not_be_closed_ends_as_agreed_once_its_ticket_leaves_the_archive() -> None:
    """A copy of what was read in the panel had opened it; the panel shows the ticket as answered again."""
    view = seen("waiting", "open", "waiting waiting", refused_status="closed", refused_from="open")
    assert situation(view) == Situation(False, False, False, False)
    assert result(view) == "waiting waiting"


# Before a status is written over one that may be stale


def stale(view: View) -> list[type[do.Action]]:
    found = View(view.ticket, view.link, view.messages, case_is_fresh=False)
    return [type(one) for one in planned(found)]


@pytest.mark.parametrize(("ticket", "agreed"), [("waiting", "open open"), ("closed", "open open"),
                                                ("open", "waiting waiting")])  # fmt: skip
def test_a_status_of_staff_in_billmanager_has_the_case_read_first(ticket: str, agreed: str) -> None:
    view = seen(ticket, agreed.split()[1], agreed)
    assert do.ReadCase not in map(type, planned(view))
    assert stale(view) == [do.ReadCase]


def test_the_clients_message_does_not_wait_for_a_read() -> None:
    view = seen("open", "waiting", "waiting waiting", view=wrote())
    assert stale(view) == [do.UpdateCase, do.SendMessage, do.Agree]


def test_a_message_does_not_wait_for_the_read_that_a_status_waits_for() -> None:
    reply = View(None, TicketLink(17), messages=(TicketMessage(5, 17, ANNA, "text", 0.0),))
    assert stale(seen("waiting", "open", view=reply)) == [do.SendMessage, do.ReadCase]


def test_a_status_that_is_there_already_needs_no_read() -> None:
    assert stale(seen("waiting", "waiting", "open open")) == [do.Agree]


# What an agreement settles


def test_an_ended_agreement_is_recorded_for_the_sake_of_the_message_it_covers() -> None:
    assert planned(seen("waiting", "waiting", "waiting waiting", **WAITS)) == [
        do.Agree(Phrase("why.same_now"), "waiting", "waiting")
    ]


def test_an_open_agreement_is_recorded_for_the_sake_of_our_own_ending() -> None:
    assert planned(seen("open", "open", own_end=7)) == [do.Agree(Phrase("why.same_now"), "open", "open")]


@pytest.mark.parametrize("at", [WROTE_AT - 5, WROTE_AT, WROTE_AT + 5])
def test_a_status_whose_call_is_in_doubt_is_agreed_upon_once(at: float) -> None:
    """An agent had set it before our call, or the host's clock was ahead when it was made: the case shows no later
    change, and agreeing again does not settle the call."""
    row: dict[str, Any] = {"agreed_at": WROTE_AT, "own_status_at": at}
    begun = planned(seen("waiting", "waiting", "waiting waiting", **row, status_begun="waiting"))
    if at >= WROTE_AT:
        assert begun == []
    else:
        assert begun == [do.Agree(Phrase("why.same_now"), "waiting", "waiting")]
        assert planned(seen("waiting", "waiting", "waiting waiting", **row)) == []


def test_a_case_made_for_a_message_that_our_ending_passed_over_is_open() -> None:
    """The case is gone, and the ticket looks answered."""
    view = seen("waiting", "closed", "waiting closed", view=wrote(), own_end=7, case_gone="trash")
    assert [(type(one), getattr(one, "status", "")) for one in planned(view)] == [(do.CreateCase, "open")]


def test_the_situation_of_a_quiet_ticket_is_that_nothing_happened() -> None:
    view = seen("open", "open")
    assert view.ticket is not None
    assert situation_of(view, view.ticket) == Situation(False, False, False, False)


# What is evidence of what


def situation(view: View) -> Situation:
    assert view.ticket is not None
    return situation_of(view, view.ticket)


@pytest.mark.parametrize(("user", "staff", "note", "kind", "client"), [
    (56, 0, False, "", True),
    (56, 0, False, "reply_user", True),
    (56, 7, False, "", False),
    (56, 0, True, "", False),
    (56, 0, False, "case_merged", False),
    (0, 0, False, "", False),
    (0, 7, False, "", False),
])  # fmt: skip
def test_who_has_written_there(user: int, staff: int, note: bool, kind: str, client: bool) -> None:
    message = Message(9, user, staff, "text", "", note, False, WROTE_AT, kind)
    assert client_wrote(seen("open", "open", view=View(None, TicketLink(17), replies=(message,)))) is client


def test_an_open_case_was_not_ended() -> None:
    """Whatever was answered in it."""
    view = seen("open", "open", view=answered(WROTE_AT + 20), **WAITS)
    assert situation(view) == Situation(True, False, False, False)


def test_a_case_that_our_own_message_moved_was_not_ended() -> None:
    """It stands where our reply has put it, up to a second later; what comes after that is somebody's doing."""
    ours: dict[str, Any] = {"own_messages": (OURS,)}
    assert situation(seen("open", "waiting", **WAITS, **ours)) == Situation(True, False, False, True)
    for later, changed in ((1.0, False), (1.5, True)):
        view = seen("open", "waiting", seen_at=WROTE_AT + later, **ours)
        view = replace(view, history=(StatusChange(WROTE_AT + later, "staff_330", "waiting"),))
        assert situation(view).case_changed is changed


def test_when_a_waiting_case_was_closed_before_says_nothing() -> None:
    """It has been reopened since; who set it to waiting is not known."""
    later = {**WAITS, "seen_at": WROTE_AT + 20, "closed_at": WROTE_AT + 20}
    assert [type(one) for one in planned(seen("open", "waiting", **later))] == [do.ReadHistory]


def test_what_we_wrote_does_not_explain_a_waiting_case() -> None:
    """Only a status of ours does."""
    later = {**WAITS, "seen_at": WROTE_AT + 20, "own_write_at": WROTE_AT + 20}
    assert [type(one) for one in planned(seen("open", "waiting", **later))] == [do.ReadHistory]
    later["own_status_at"] = WROTE_AT + 19
    assert [type(one) for one in planned(seen("open", "waiting", **later))] == [do.UpdateCase, do.Agree]


def test_a_case_stamped_a_second_after_the_message_was_not_touched_since() -> None:
    view = seen("open", "waiting", **{**WAITS, "seen_at": WROTE_AT + 1})
    assert [type(one) for one in planned(view)] == [do.UpdateCase]
    view = seen("open", "waiting", **{**WAITS, "seen_at": WROTE_AT + 1.5})
    assert [type(one) for one in planned(view)] == [do.ReadHistory]


@pytest.mark.parametrize(("read_here", "message", "case", "state"), [
    (5, 5, "waiting", "waiting waiting"),  # staff ended the ticket after it; then a mail opened it
    (5, 6, "waiting", "open open"),
    (5, 5, "closed", "waiting closed"),
    (0, 5, "waiting", "open open"),
])  # fmt: skip
def test_what_staff_had_read_here_stays_read_when_we_open_the_ticket(
    read_here: int, message: int, case: str, state: str
) -> None:
    """The mail and its answer are over; the message of BILLmanager goes to Omnidesk only now."""
    ours: dict[str, Any] = {"ticket_status": "open", "own_end": 9, "client_message": 8, "read_here": read_here}
    assert result(seen("waiting", case, view=wrote(message), **ours)) == state


def test_the_end_of_a_ticket_by_staff_is_read_from_the_view() -> None:
    here = seen("waiting", "open", view=wrote(5))
    assert here.ticket is not None
    assert read_here(here, here.ticket) == 5
    ours = seen("waiting", "open", view=wrote(5), own_end=6)
    assert ours.ticket is not None
    assert read_here(ours, ours.ticket) == 0
    later = seen("open", "open", view=wrote(5), read_here=3)
    assert later.ticket is not None
    assert read_here(later, later.ticket) == 3


@pytest.mark.parametrize(("apart", "state"), [(0.0, "open open"), (1.0, "open open"), (-1.0, "open open"),
                                              (1.5, "waiting closed"), (-1.5, "waiting closed")])  # fmt: skip
def test_a_closing_in_the_moment_of_our_own_is_ours(apart: float, state: str) -> None:
    later = {**WAITS, "seen_at": WROTE_AT + 20, "closed_at": WROTE_AT + 20, "own_write_at": WROTE_AT + 20}
    assert result(seen("open", "closed", **later, own_status_at=WROTE_AT + 20 + apart)) == state


@pytest.mark.parametrize(("apart", "ours"), [(0.0, True), (-1.0, True), (1.0, False)])
def test_our_reply_may_set_the_case_waiting_but_closes_none(apart: float, ours: bool) -> None:
    """Its own employee may have been at work in Omnidesk as well, in that moment."""
    later = {**WAITS, "seen_at": WROTE_AT + 20, "closed_at": WROTE_AT + 20, "own_write_at": WROTE_AT + 20}
    reply: dict[str, Any] = {"own_messages": (OwnMessage(8, WROTE_AT + 20 + apart, 330),)}
    assert result(seen("open", "closed", **later, **reply)) == "waiting closed"
    for by, status, by_people in (("staff_330", "closed", True), ("staff_330", "waiting", not ours),
                                  ("staff_9", "waiting", True)):  # fmt: skip
        change = (StatusChange(WROTE_AT + 20, by, status),)
        view = seen("open", "waiting", **{**later, "seen_at": WROTE_AT + 60}, **reply)  # a note moved its time
        assert situation(replace(view, history=change)).staff_ended is by_people


@pytest.mark.parametrize(("after", "by", "status", "ended"), [
    (20.0, "staff_330", "closed", True),
    (20.0, "staff_330", "waiting", True),
    (1.5, "staff_330", "closed", True),
    (1.0, "staff_330", "closed", False),
    (-20.0, "staff_330", "closed", False),
    (20.0, "staff_330", "open", False),
    (20.0, "rule_1", "closed", False),
    (20.0, "user_56", "closed", False),
    (30.0, "staff_330", "closed", False),  # our own
])  # fmt: skip
def test_what_the_history_shows(after: float, by: str, status: str, ended: bool) -> None:
    waits = {**WAITS, "own_status_at": WROTE_AT + 30, "seen_at": WROTE_AT + 60}
    change, reopened = StatusChange(WROTE_AT + after, by, status), StatusChange(WROTE_AT + 25, "user_56", "open")
    for history, found in (((change,), ended), ((reopened, change, reopened), ended), ((), False)):
        view = seen("open", "waiting", **waits)
        assert situation(replace(view, history=history)).staff_ended is found
    assert planned(seen("open", "waiting", **waits))[:1] == [do.ReadHistory(Phrase("why.history"))]


@pytest.mark.parametrize(("ticket", "case", "agreed", "more", "why"), [
    ("open", "open", "waiting waiting", WAITS, "the client wrote"),
    ("closed", "open", "open open", {}, "the ticket's state changed in BILLmanager"),
    ("open", "open", "open open", {}, "both sides have the same status"),
    ("open", "waiting", "open open", {"own_messages": (OURS,)},
     "our own message changed the status"),
    ("waiting", "open", "waiting waiting", {}, "the case was opened in Omnidesk"),
    ("open", "closed", "open open", {}, "the case is closed in Omnidesk"),
    ("open", "waiting", "open closed", {"own_messages": (OURS,)},
     "the case was closed in Omnidesk before our own message moved it"),
])  # fmt: skip
def test_the_reason_names_what_decided(ticket: str, case: str, agreed: str, more: dict[str, Any], why: str) -> None:
    """It stands in the log beside what was done, and in the language of the page."""
    view = seen(ticket, case, agreed, **more)
    view = replace(view, history=(StatusChange(WROTE_AT, "staff_330", case),))
    assert view.ticket is not None
    outcome = merge_statuses(view, view.ticket)
    assert (str(outcome.why), outcome.decides) == (why, decide(situation_of(view, view.ticket)))
    assert ("закрыто" in outcome.why.text("ru")) == ("closed" in why)


@pytest.mark.parametrize(("after", "both"), [(60.0, "open open"), (62.0, "waiting waiting")])
def test_a_reply_of_ours_whose_moment_is_not_known_explains_a_status_within_a_minute(after: float, both: str) -> None:
    """It was found by its text, and bears the date that it was written with in BILLmanager."""
    own = OwnMessage(21, WROTE_AT, 7, span=60.0)
    history = (StatusChange(WROTE_AT + after, "staff_7", "waiting", key=True),)
    link: dict[str, Any] = {"own_messages": (own,), "seen_at": WROTE_AT + 90}
    view = View(None, TicketLink(17), history=history)
    assert result(seen("open", "waiting", view=view, **link)) == both


@pytest.mark.parametrize(("words", "ticket", "case", "agreed", "both"), [
    ("waiting closed", "waiting", "open", "open open", "waiting waiting"),
    ("closed closed", "waiting", "open", "open open", "waiting closed"),
    ("waiting closed", "closed", "open", "open open", "closed closed"),
    ("waiting waiting", "closed", "open", "open open", "closed waiting"),
    ("waiting waiting", "closed", "closed", "waiting closed", "closed closed"),
    ("waiting waiting", "closed", "waiting", "waiting waiting", "closed waiting"),
    ("closed waiting", "open", "open", "waiting closed", "open open"),
    ("closed waiting", "open", "closed", "waiting closed", "open open"),
    ("closed waiting", "open", "waiting", "open open", "waiting waiting"),
    ("closed waiting", "waiting", "waiting", "open open", "waiting waiting"),
])  # fmt: skip
def test_what_an_ended_ticket_makes_of_its_case_is_a_setting(
    words: str, ticket: str, case: str, agreed: str, both: str
) -> None:
    """What people decide in Omnidesk stays what it is, and nothing changes once both sides agree."""
    view = replace(seen(ticket, case, agreed), status_map=StatusMap(*words.split()))
    assert result(view) == both
    here, there = both.split()
    assert result(replace(seen(here, there, both), status_map=view.status_map)) == both
    assert planned(replace(seen(here, there, both), status_map=view.status_map)) == []


@pytest.mark.parametrize(("ticket", "case", "agreed", "archived"), [
    ("open", "closed", "open open", True),
    ("waiting", "closed", "waiting waiting", True),
    ("waiting", "closed", "open open", True),
    ("closed", "closed", "open open", False),  # it is there already
    ("open", "waiting", "open open", False),
    ("waiting", "closed", "waiting closed", False),  # as agreed: its case followed it, or the panel has refused
    ("waiting", "open", "open open", False),
    ("open", "closed", "waiting closed", False),  # somebody took it
])  # fmt: skip
def test_a_case_that_is_closed_in_omnidesk_can_send_its_ticket_to_the_archive(
    ticket: str, case: str, agreed: str, archived: bool
) -> None:
    view = replace(seen(ticket, case, agreed), status_map=StatusMap("closed", "closed", "archived"))
    actions = planned(view)
    assert [one.case for one in actions if isinstance(one, do.Archive)] == ["closed"] * archived
    assert not (archived and any(isinstance(one, do.Agree) for one in actions)), "it agrees by itself"
    assert not any(isinstance(one, do.Archive) for one in planned(seen(ticket, case, agreed))), "not by default"


@pytest.mark.parametrize(("closed", "after"), [("archived", [do.Archive]), ("ended", [do.Agree])])
def test_a_reply_into_an_archived_ticket_leaves_it_where_its_closed_case_belongs(
    closed: str, after: list[type[do.Action]]
) -> None:
    """Writing takes it out of the archive; the agent left the case closed."""
    view = seen("closed", "closed", "closed closed", view=answered(WROTE_AT))
    actions = planned(replace(view, status_map=StatusMap(closed=closed)))
    assert [type(one) for one in actions] == [do.DeliverReply, *after]


def test_a_client_message_of_the_second_of_the_agreement_and_of_a_reply_may_have_opened_the_case() -> None:
    """All three in one second of Omnidesk's: the history tells whether people opened it."""
    link: dict[str, Any] = {"agreed_at": WROTE_AT, "own_messages": (OURS, OwnMessage(9, WROTE_AT))}
    view = seen("waiting", "open", "waiting closed", **link)
    assert do.ReadHistory in map(type, planned(view))
    ours = (StatusChange(WROTE_AT, "user_56", "open"),)
    assert result(replace(view, history=ours)) == "waiting closed"
    theirs = (StatusChange(WROTE_AT + 2, "staff_9", "open"),)
    assert result(replace(view, history=theirs)) == "open open"


@pytest.mark.parametrize("delivered", [False, True])
@pytest.mark.parametrize(("before", "both"), [
    ((StatusChange(WROTE_AT + 30, "staff_7", "closed"),), "waiting waiting"),
    ((StatusChange(WROTE_AT + 30, "staff_7", "closed"), StatusChange(WROTE_AT + 35, "staff_9", "open")), "open open"),
    ((StatusChange(WROTE_AT + 39, "staff_7", "closed"),), "waiting waiting"),  # a second before our own
    ((StatusChange(WROTE_AT - 30, "staff_7", "closed"),), "open open"),
    ((StatusChange(WROTE_AT + 30, "rule_4", "closed"),), "open open"),
    ((), "open open"),
])  # fmt: skip
def test_a_mail_that_is_read_after_our_writing_was_read_if_staff_ended_the_case_before(
    before: tuple[StatusChange, ...], both: str, delivered: bool
) -> None:
    """Our copies and our status followed the ticket, in which the mail was not yet, and hid what an agent did."""
    ours = (OwnMessage(10, WROTE_AT + 40), OwnMessage(11, WROTE_AT + 40, 330))
    link: dict[str, Any] = dict.fromkeys(("own_status_at", "own_write_at", "agreed_at", "seen_at"), WROTE_AT + 40)
    mail: dict[str, Any] = {"agreed": "waiting waiting", "view": mailed(WROTE_AT)}
    if delivered:
        mail = {"agreed": "open waiting"}
        link |= {"client_at": WROTE_AT, "client_external": 9, "client_message": 12, "own_end": 12}
    view = seen("waiting", "waiting", **mail, own_messages=ours, **link)
    assert [type(one) for one in planned(view)][:1] == [do.ReadHistory]
    history = (*before, StatusChange(WROTE_AT + 40, "user_56", "open"),
               StatusChange(WROTE_AT + 40, "staff_330", "waiting", key=True))  # fmt: skip
    assert result(replace(view, history=history)) == both


@pytest.mark.parametrize(("case", "both"), [("waiting", "waiting waiting"), ("open", "open open")])
def test_an_answer_after_our_own_reply_shows_that_the_mail_before_was_read(case: str, both: str) -> None:
    """Our reply had set the case waiting after a mail that could not be read then; the agent left it as it was."""
    client, answer = mailed(WROTE_AT).replies[0], answered(WROTE_AT + 100).replies[0]
    replies = (replace(client, message_id=8), replace(answer, message_id=12))
    times = dict.fromkeys(("own_status_at", "agreed_at"), WROTE_AT + 1)
    view = seen("waiting", case, "waiting waiting", view=View(None, TicketLink(17), replies=replies),
                seen_at=WROTE_AT + 100, own_messages=(OwnMessage(11, WROTE_AT + 1, 330),), **times)  # fmt: skip
    assert do.ReadHistory not in map(type, planned(view))
    assert result(view) == both


@pytest.mark.parametrize(("by", "both"), [("staff_330", "open open"), ("staff_7", "open open")])
def test_whoever_the_history_names_for_our_own_status_has_not_read_the_mail(by: str, both: str) -> None:
    """Nobody knows whom it names where that is not the employee whose key is used."""
    link = dict.fromkeys(("own_status_at", "own_write_at", "agreed_at", "seen_at"), WROTE_AT + 40)
    view = seen("waiting", "waiting", "waiting waiting", view=mailed(WROTE_AT), **link)
    history = (StatusChange(WROTE_AT + 40, by, "waiting"),)
    assert result(replace(view, history=history)) == both
