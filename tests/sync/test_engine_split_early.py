"""Messages that are moved to another ticket before they went over to Omnidesk, or while that is in doubt."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from omnidesk.cli.show import show
from omnidesk.sync.agreement import agreement
from omnidesk.sync.reconcile import preview
from omnidesk.wording.arguments import Arguments
from sandbox.billmanager.panel import PanelOptions
from tests.judge.module_at_rest import left_over
from tests.support.crash import Crashes
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
DATE = 3000.0  # what is moved is older than this when it goes over


@pytest.fixture(params=["none", "null"])
def early(request: pytest.FixtureRequest, make_workshop: Make) -> Workshop:
    """A workshop whose panel writes lines of its own, or not; nothing of its tickets goes over by itself."""
    workshop = make_workshop(panel_options=PanelOptions(system_rows=request.param))
    workshop.sync()  # the baseline
    return workshop


def said(workshop: Workshop, ticket: int) -> list[str]:
    """What people said in the ticket's case; [] when it has none."""
    case = workshop.case(ticket)
    return [one.content or one.content_html for one in workshop.desk.messages(case) if not one.note] if case else []


def here(workshop: Workshop, ticket: int) -> list[str]:
    return [one.text for one in workshop.panel.messages(ticket) if not one.system]


def notices(workshop: Workshop, ticket: int) -> list[str]:
    return workshop.notes_to_staff(ticket)[1]


def down(workshop: Workshop) -> None:
    workshop.desk.faults.server_error(on="POST *", times=None)


def recover(workshop: Workshop) -> None:
    """An hour later Omnidesk works again, and everything goes over; then nothing is left, and nothing is begun anew."""
    workshop.tick(3600)
    workshop.desk.faults.clear()
    workshop.settle()
    assert left_over(workshop.panel) == []
    before = len(workshop.desk.calls), len(workshop.panel.requests)
    workshop.tick(700)
    workshop.settle()
    assert [call.method for call in workshop.desk.calls[before[0] :] if call.method != "GET"] == []
    written = [one.func for one in workshop.panel.requests[before[1] :] if "sok" in one.params]
    assert written == []


def move(workshop: Workshop, message: int, ticket: int) -> None:
    """One message alone is moved."""
    workshop.panel.execute("UPDATE ticket_message SET ticket = %s WHERE id = %s", ticket, message)


@pytest.mark.parametrize("tried", [True, False], ids=["tried", "down"])
def test_neither_ticket_has_a_case_yet(early: Workshop, tried: bool) -> None:
    down(early)
    first = early.new_ticket("один")
    second = early.client_writes(first, "два")
    if tried:
        early.sync()
    other = early.panel.split_ticket(first, second)
    recover(early)
    assert (said(early, first), said(early, other)) == (["один"], ["два"])
    for ticket in (first, other):
        assert early.desk.messages(early.case(ticket))[0].created_at < early.clock() - DATE


@pytest.mark.parametrize("tried", [True, False], ids=["tried", "down"])
def test_everything_is_moved_before_there_is_a_case(early: Workshop, tried: bool) -> None:
    down(early)
    first = early.new_ticket("один")
    early.client_writes(first, "два")
    if tried:
        early.sync()
    other = early.panel.split_ticket(first, early.panel.messages(first)[0].id)
    recover(early)
    assert (said(early, first), said(early, other)) == ([], ["один", "два"])
    assert len(early.desk.cases) == 1


@pytest.mark.parametrize("whole", [True, False], ids=["all", "first"])
@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
@pytest.mark.parametrize("turn", ["old", "new"])
def test_what_opens_a_case_is_moved_while_that_is_in_doubt(early: Workshop, fault: str, whole: bool, turn: str) -> None:
    """The case may be there already: then it keeps its copy and says where the conversation continues."""
    getattr(early.desk.faults, fault)(on="POST *cases.json*")
    first = early.new_ticket("один")
    early.sync()
    early.client_writes(first, "два")
    start = early.panel.messages(first)[0].id
    other = early.panel.split_ticket(first, start) if whole else early.new_ticket("другой")
    if not whole:
        move(early, start, other)
    if turn == "new":
        early.context.queue.make_due(other, "new messages")
        early.context.db.write("UPDATE ticket2external_case SET due_at = due_at + 300 WHERE ticket = %s", first)
        early.sync(force=False)
    recover(early)
    left = [] if whole else ["два"]
    copies = ["один"] if fault == "drop_after" else []
    assert said(early, first) == copies + left
    assert sorted(said(early, other)) == sorted(["один", "два"] if whole else ["один", "другой"])
    assert here(early, first) == left
    if copies:
        assert len(notices(early, first)) == 1


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_message_in_doubt_is_moved_into_a_ticket_that_has_a_case(early: Workshop, fault: str) -> None:
    first, other = early.linked_ticket("один"), early.linked_ticket("другой")
    getattr(early.desk.faults, fault)(on="POST *messages.json*")
    second = early.client_writes(first, "два")
    early.sync()
    move(early, second, other)
    recover(early)
    assert said(early, first) == (["один", "два"] if fault == "drop_after" else ["один"])
    assert said(early, other) == ["другой", "два"]
    assert len(notices(early, first)) == 1
    early.client_writes(first, "три")
    early.client_writes(other, "четыре")
    early.settle()
    assert (said(early, first)[-1], said(early, other)[-1]) == ("три", "четыре")


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_message_in_doubt_is_moved_away_and_back(make_workshop: Make, fault: str) -> None:
    early = make_workshop()
    first = early.linked_ticket("один")
    getattr(early.desk.faults, fault)(on="POST *messages.json*")
    second = early.client_writes(first, "два")
    early.sync()
    other = early.panel.split_ticket(first, second)
    early.panel.split_ticket(other, second, into=first)
    recover(early)
    assert said(early, first) == ["один", "два"]
    assert said(early, other) == []


def test_a_message_is_moved_back_after_the_other_ticket_has_sent_it(early: Workshop) -> None:
    first = early.linked_ticket("один")
    down(early)
    second = early.client_writes(first, "два")
    early.sync()
    other = early.panel.split_ticket(first, second)
    recover(early)
    early.panel.split_ticket(other, second, into=first)
    recover(early)
    assert (said(early, first), said(early, other)) == (["один", "два"], ["два"])
    assert here(early, first) == ["один", "два"]


@pytest.mark.parametrize("tried", [True, False], ids=["tried", "down"])
def test_a_split_of_a_split_before_anything_went_over(early: Workshop, tried: bool) -> None:
    down(early)
    first = early.new_ticket("один")
    second, third = early.client_writes(first, "два"), early.client_writes(first, "три")
    if tried:
        early.sync()
    other = early.panel.split_ticket(first, second)
    if tried:
        early.sync()
    last = early.panel.split_ticket(other, third)
    recover(early)
    assert [said(early, ticket) for ticket in (first, other, last)] == [["один"], ["два"], ["три"]]


def test_a_split_of_a_split_that_went_over(early: Workshop) -> None:
    first = early.linked_ticket("один")
    second = early.client_writes(first, "два")
    third = early.client_writes(first, "три")
    early.settle()
    other = early.panel.split_ticket(first, second)
    recover(early)
    last = early.panel.split_ticket(other, third)
    recover(early)
    assert said(early, first) == ["один", "два", "три"]
    assert said(early, other) == ["два", "три"]
    assert said(early, last) == ["три"]
    assert [len(notices(early, ticket)) for ticket in (first, other, last)] == [1, 1, 0]
    early.panel.split_ticket(last, third, into=first)
    recover(early)
    assert said(early, first) == ["один", "два", "три"]
    early.agent_replies(first, "ответ")
    early.settle()
    assert here(early, first)[-1] == "ответ"


def test_moved_twice_while_nothing_ran(early: Workshop) -> None:
    """What the first ticket has sent is found in the third one, without a word of the second."""
    first = early.linked_ticket("один")
    second = early.client_writes(first, "два")
    early.settle()
    other = early.panel.split_ticket(first, second)
    last = early.panel.split_ticket(other, second)
    recover(early)
    assert said(early, first) == ["один", "два"]
    assert (said(early, other), said(early, last)) == ([], ["два"])
    assert len(notices(early, first)) == 1


def test_the_old_case_names_each_ticket_to_which_something_was_moved(early: Workshop) -> None:
    """Although none of them had its case when the last one was made."""
    first = early.linked_ticket("один")
    second, third = early.client_writes(first, "два"), early.client_writes(first, "три")
    early.settle()
    down(early)
    last = early.panel.split_ticket(first, third)
    early.sync()
    other = early.panel.split_ticket(first, second)
    early.sync()
    early.context.db.write("UPDATE ticket2external_case SET due_at = due_at + 600 WHERE ticket = %s", last)
    recover(early)
    assert [said(early, ticket) for ticket in (first, other, last)] == [["один", "два", "три"], ["два"], ["три"]]
    named = " ".join(notices(early, first))
    assert len(notices(early, first)) == 2
    assert early.link(other).case_number in named and early.link(last).case_number in named


def test_the_old_case_says_that_a_message_it_never_got_was_moved(early: Workshop) -> None:
    first = early.linked_ticket("один")
    down(early)
    second = early.client_writes(first, "два")
    early.sync()
    other = early.panel.split_ticket(first, second)
    recover(early)
    assert (said(early, first), said(early, other)) == (["один"], ["два"])
    assert early.desk.messages(early.case(other))[0].created_at < early.clock() - DATE
    (notice,) = notices(early, first)
    assert early.link(other).case_number in notice
    for ticket in (first, other):
        assert agreement(early.context, *preview(early.context, ticket)).state == "equal"
        assert show(early.context, Arguments(id=ticket)).lines[-1] == "Both sides were compared and are equal."


@pytest.mark.parametrize("fault", ["lose_request", "die_after_commit"])
def test_a_reply_is_moved_while_it_is_not_known_whether_it_arrived(early: Workshop, fault: str) -> None:
    """An agent's reply that the panel has taken and moved is not written once more."""
    first = early.linked_ticket("один")
    early.settle()
    early.agent_replies(first, "ответ")
    getattr(early.panel.faults, fault)("ticket.edit")
    early.deliver_webhooks()
    early.sync()
    rows = [one.id for one in early.panel.messages(first) if one.staff]
    assert bool(rows) == (fault == "die_after_commit")
    other = early.panel.split_ticket(first, rows[0]) if rows else 0
    recover(early)
    everything = here(early, first) + (here(early, other) if other else [])
    assert everything.count("ответ") == 1


@pytest.mark.parametrize("early", [False, True], ids=["first this ticket", "first the other one"])
def test_a_reply_whose_outcome_is_not_known_is_found_in_the_ticket_it_was_moved_to(
    make_workshop: Make, early: bool
) -> None:
    """A run died after the panel had written it, and staff split the ticket at once."""
    crashes, splits = Crashes(each=True), 0
    for at in crashes:
        workshop = make_workshop()
        workshop.sync()
        ticket = workshop.linked_ticket("раз")
        workshop.agent_replies(ticket, "ответ", staff=workshop.vera_staff)
        workshop.deliver_webhooks()
        died = crashes.run(workshop, at)
        if here(workshop, ticket)[1:]:
            other = workshop.panel.split_ticket(ticket, workshop.panel.messages(ticket)[1].id)
            splits += 1
            if early:
                workshop.sync()
            workshop.tick(30)
            workshop.settle()
            assert [sum("ответ" in text for text in here(workshop, one)) for one in (ticket, other)] == [0, 1], died
            assert sum("ответ" in text for text in said(workshop, other)) == 1, died
            assert left_over(workshop.panel) == [], died
        workshop.close()
    assert splits >= 3
