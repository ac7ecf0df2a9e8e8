"""What panels may differ in: how an assignment ends without a word, and whether clients may write in the archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from omnidesk.billmanager.program import Ran
from sandbox.billmanager.panel import PanelOptions
from sandbox.billmanager.server import PanelServer
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


def functions(workshop: Workshop, since: int) -> list[str]:
    """The functions that the module called and that ended an assignment, or were to."""
    made = [one for one in workshop.panel.requests[since:] if one.via == "mgrctl"]
    return [one.func for one in made if one.func == "ticket_open.delete" or one.params.get("message") == ""]


@pytest.mark.parametrize("way", ["answer", "delete", "both"])
def test_an_assignment_ends_by_whichever_way_the_panel_takes(make_workshop: Make, way: str) -> None:
    workshop = make_workshop(panel_options=PanelOptions(ends_by=way))
    first, second = workshop.linked_ticket("один"), workshop.linked_ticket("два")
    expected = "ticket_open.delete" if way == "delete" else "ticket.edit"
    tried = []
    for ticket in (first, second):
        before = len(workshop.panel.requests)
        workshop.agent_sets(ticket, "closed")
        workshop.settle()
        workshop.assert_equal(ticket)
        assert workshop.panel.ticket_state(ticket).state == "waiting"
        tried.append(functions(workshop, before))
        workshop.restart()  # a new process: what was found out is remembered
    assert tried[0][-1] == expected
    assert tried[1] == [expected], "the way that works is known by now"


def test_a_panel_that_changes_its_mind_is_followed(make_workshop: Make) -> None:
    workshop = make_workshop(panel_options=PanelOptions(ends_by="delete"))
    for way in ("delete", "answer", "delete"):
        workshop.panel.options.ends_by = way
        ticket = workshop.linked_ticket(way)
        workshop.agent_sets(ticket, "waiting")
        workshop.settle()
        assert workshop.panel.ticket_state(ticket).state == "waiting"
        workshop.assert_equal(ticket)


def test_a_note_into_a_ticket_nobody_has_leaves_it_so(make_workshop: Make) -> None:
    workshop = make_workshop(panel_options=PanelOptions(ends_by="delete"))
    ticket = workshop.linked_ticket()
    workshop.agent_sets(ticket, "waiting")
    workshop.settle()
    workshop.agent_notes(ticket, "на заметку")
    workshop.settle()
    assert workshop.panel.ticket_state(ticket).state == "waiting"
    assert [note.text.endswith("на заметку") for note in workshop.panel.notes(ticket)] == [True]
    workshop.assert_equal(ticket)


def test_a_clients_message_that_the_archive_does_not_take_becomes_a_note(make_workshop: Make) -> None:
    workshop = make_workshop(panel_options=PanelOptions(archived_takes_messages=False))
    with PanelServer(workshop.panel) as serving:
        workshop.restart(panel_url=serving.url)
        ticket = workshop.linked_ticket()
        workshop.panel.client_archives(ticket)
        workshop.settle()
        workshop.tick(60)
        workshop.desk.client_message(workshop.case(ticket), "письмом", [("a.txt", "text/plain", b"text")])
        workshop.settle()
        assert [one.text for one in workshop.panel.messages(ticket)] == ["Сайт не открывается"]
        (note,) = workshop.panel.notes(ticket)
        assert "письмом" in note.text and "в архиве" in note.text and "Иван Петров" in note.text
        assert "a.txt" in note.text
        assert workshop.panel.ticket_state(ticket).state == "open", "the client waits for an answer"
        assert workshop.desk.cases[workshop.case(ticket)].status == "open"
        assert workshop.context.queue.next_due() is None
        workshop.desk.client_message(workshop.case(ticket), "ещё раз")
        workshop.settle()
        assert [one.text for one in workshop.panel.messages(ticket)] == ["Сайт не открывается", "ещё раз"]


def test_a_refused_message_that_was_answered_in_the_case_leaves_the_ticket_ended(make_workshop: Make) -> None:
    """An agent has read the mail and ended the case, the archive refuses it: nobody is waited for on either side."""
    workshop = make_workshop(panel_options=PanelOptions(archived_takes_messages=False))
    ticket = workshop.linked_ticket()
    workshop.hook = False
    workshop.tick(60)
    workshop.desk.client_message(workshop.case(ticket), "письмом")
    workshop.tick(60)
    workshop.client_writes(ticket, "из панели")
    workshop.tick(60)
    workshop.panel.employee_replies(workshop.boris, ticket, "И здесь ответили", close=True)
    workshop.panel.client_archives(ticket)
    workshop.tick(60)
    workshop.agent_replies(ticket, "Ответили на письмо", status="waiting")
    workshop.settle()
    for _ in range(3):
        workshop.tick(700)
        workshop.settle()
    assert "письмом" in workshop.panel.notes(ticket)[0].text
    assert workshop.panel.ticket_state(ticket).state in ("waiting", "closed")
    assert workshop.desk.cases[workshop.case(ticket)].status in ("waiting", "closed")


@pytest.mark.parametrize("turn", [1, 2, 3, 5])
@pytest.mark.parametrize("status", ["waiting", "closed"])
def test_a_ticket_that_staff_had_ended_is_so_after_a_mail_was_written_into_it(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, status: str, turn: int
) -> None:
    """In whatever order the mail, its answer, and what was said and answered in BILLmanager come over."""
    monkeypatch.setattr("omnidesk.worker.one_pass.TURN", turn)
    ticket = workshop.linked_ticket()
    if turn == 5:
        workshop.desk.faults.server_error(503, on="POST */messages.json", times=2)
    workshop.hook = False
    workshop.tick(60)
    workshop.agent_notes(ticket, "заметка")
    workshop.desk.client_message(workshop.case(ticket), "письмом")
    workshop.tick(60)
    workshop.client_writes(ticket, "из панели")
    workshop.tick(60)
    workshop.agent_replies(ticket, "Ответили на письмо", status=status)
    workshop.tick(60)
    workshop.panel.employee_replies(workshop.boris, ticket, "И здесь ответили", close=True)
    workshop.tick(60)
    workshop.settle()
    for _ in range(3):
        workshop.tick(700)
        workshop.settle()
    assert workshop.panel.ticket_state(ticket).state == "waiting"
    assert workshop.desk.cases[workshop.case(ticket)].status == status


def test_a_text_that_the_panel_refuses_is_no_matter_of_the_archive(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.faults.fail("value", "message", "x", lambda one: one.func == "clientticket.edit", None)
    workshop.tick(60)
    workshop.desk.client_message(workshop.case(ticket), "письмом")
    workshop.settle()
    assert "письмом" not in "".join(note.text for note in workshop.panel.notes(ticket))


@pytest.mark.parametrize("named", [b"<ok/>", b"<ok/><id>3</id>", b"<ok>func=ticket.edit&amp;elid=999999</ok>"])
def test_a_reply_goes_through_the_row_that_taking_made(
    workshop: Workshop, named: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the panel's answer names, if anything, is not believed."""
    real = workshop._mgrctl

    def other(arguments: Sequence[str], variables: Mapping[str, str], timeout: float) -> Ran:
        ran = real(arguments, variables, timeout)
        return Ran(0, b"<doc>" + named + b"</doc>", b"") if "clicked_button=ok_get" in arguments else ran

    monkeypatch.setattr(workshop, "_mgrctl", other)
    workshop.restart()
    ticket = workshop.linked_ticket()
    workshop.agent_sets(ticket, "closed")
    workshop.settle()
    workshop.tick()
    workshop.desk.agent_reply(workshop.case(ticket), workshop.anna_staff, html="<p>вдогонку</p>")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert [one.text for one in workshop.panel.messages(ticket)][1:] == ["вдогонку"]
    assert (workshop.panel.ticket_state(ticket).state, workshop.both_sides(ticket).status) == ("waiting", "closed")
