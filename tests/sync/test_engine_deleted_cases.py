"""A deleted case refuses what is read or written in it, in words that are not public: one read of the case tells."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from sandbox.omnidesk.settings import Settings
from sandbox.omnidesk.wire import Request
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
ANSWERS = [(status, answer) for status in (400, 404) for answer in ("code", "other", "empty", "html")]
EACH_ANSWER = pytest.mark.parametrize(("status", "answer"), ANSWERS)
# Each status and each answer once; the others are left to make test-all.
FEW = ((400, "code"), (400, "html"), (404, "other"), (404, "empty"))
EACH_WORD = pytest.mark.parametrize(
    ("status", "answer"),
    [pytest.param(*one, marks=[] if one in FEW else pytest.mark.thorough) for one in ANSWERS],
)
STAFF = "GET /api/staff.json"


def account(status: int, answer: str) -> Settings:
    return Settings(case_not_found_status=status, case_not_found_answer=answer)


def asked(case: int, status: int, answer: str) -> list[str]:
    """What is asked after a refusal: nothing if it says that the case is not there; of a page it is asked again."""
    said_so = answer == "code" or (status, answer) == (404, "other")
    return [f"GET /api/cases/{case}.json"] * (0 if said_so else 2 if answer == "html" else 1)


def without_proof(calls: list[str]) -> list[str]:
    """The calls about the case: that the account as such works may have been asked as well."""
    return [call for call in calls if call != STAFF]


def refuse_text(workshop: Workshop, words: str, body: str = '{"error":"wrong_content"}') -> None:
    """The account dislikes one text."""

    def holds(request: Request) -> bool:
        return request.method == "POST" and words in json.dumps(json.loads(request.body or b"{}"), ensure_ascii=False)

    workshop.desk.faults.answer(400, body, on=holds, times=None)


@EACH_ANSWER
def test_a_client_message_opens_a_new_case_at_once(make_workshop: Make, status: int, answer: str) -> None:
    workshop = make_workshop(desk=account(status, answer))
    ticket = workshop.linked_ticket("один")
    old = workshop.case(ticket)
    workshop.desk.delete(old)
    workshop.client_writes(ticket, "два")
    calls = without_proof(workshop.calls(lambda: workshop.sync(force=False)))
    assert calls == [f"POST /api/cases/{old}/messages.json", *asked(old, status, answer), "POST /api/cases.json"]
    assert [line.text for line in workshop.both_sides(ticket).omnidesk] == ["два"]
    workshop.settle()
    assert not workshop.message_links(ticket, "intent", "refused")


@EACH_WORD
def test_a_read_of_messages_finds_the_case_lost(make_workshop: Make, status: int, answer: str) -> None:
    workshop = make_workshop(desk=account(status, answer))
    ticket = workshop.linked_ticket("один")
    old = workshop.case(ticket)
    workshop.agent_replies(ticket, "ответ")
    workshop.deliver_webhooks()
    workshop.desk.delete(old)
    calls = without_proof(workshop.calls(lambda: workshop.sync(force=False)))
    assert calls == [f"GET /api/cases/{old}/messages.json", *asked(old, status, answer)]
    assert workshop.link(ticket).case_gone == "deleted"
    assert workshop.context.queue.next_due() is None
    workshop.client_writes(ticket, "два")
    workshop.settle()
    assert [line.text for line in workshop.both_sides(ticket).omnidesk] == ["два"]


@EACH_WORD
def test_whatever_is_written_next_finds_the_case_lost(make_workshop: Make, status: int, answer: str) -> None:
    """A reply of staff with a note and the end of the work: all of it lands in the new case."""
    workshop = make_workshop(desk=account(status, answer))
    ticket = workshop.linked_ticket("один")
    workshop.desk.delete(workshop.case(ticket))
    workshop.panel.employee_notes(workshop.anna, ticket, "заметка")
    workshop.panel.employee_replies(workshop.anna, ticket, "ответ", close=True)
    workshop.settle()
    assert sorted(line.text for line in workshop.both_sides(ticket).omnidesk) == ["заметка", "ответ"]
    assert workshop.desk.cases[workshop.case(ticket)].status == "waiting"
    assert not workshop.message_links(ticket, "intent", "refused")


@EACH_WORD
def test_a_status_alone_finds_the_case_lost(make_workshop: Make, status: int, answer: str) -> None:
    workshop = make_workshop(desk=account(status, answer))
    ticket = workshop.linked_ticket("один")
    workshop.panel.employee_takes(workshop.anna, ticket)
    workshop.settle()
    workshop.desk.delete(workshop.case(ticket))
    workshop.panel.employee_closes(workshop.anna, ticket)
    workshop.settle()
    assert workshop.link(ticket).case_gone == "deleted"
    assert not workshop.context.queue.listing()


@EACH_WORD
def test_a_message_with_files_reaches_the_new_case_with_them(make_workshop: Make, status: int, answer: str) -> None:
    workshop = make_workshop(desk=account(status, answer))
    ticket = workshop.linked_ticket("один")
    workshop.desk.delete(workshop.case(ticket))
    workshop.panel.client_writes(workshop.ivan.user, ticket, "файл", [("a.txt", b"abc")])
    workshop.settle()
    (line,) = workshop.both_sides(ticket).omnidesk
    assert line.files == (("a.txt", b"abc"),)


@EACH_WORD
def test_a_message_in_doubt_goes_into_the_new_case(make_workshop: Make, status: int, answer: str) -> None:
    workshop = make_workshop(desk=account(status, answer))
    ticket = workshop.linked_ticket("один")
    workshop.desk.faults.drop_before(on="POST /api/cases/*/messages.json")
    workshop.client_writes(ticket, "два")
    workshop.sync(force=False)
    workshop.desk.delete(workshop.case(ticket))
    workshop.settle()
    assert [line.text for line in workshop.both_sides(ticket).omnidesk] == ["два"]


@EACH_WORD
def test_the_case_that_survived_a_merge_may_be_deleted_too(make_workshop: Make, status: int, answer: str) -> None:
    workshop = make_workshop(desk=account(status, answer))
    ticket = workshop.linked_ticket("один")
    case = workshop.desk.cases[workshop.case(ticket)]
    other = workshop.desk.agent_case(case.user_id, "Другое", "<p>другое</p>")
    workshop.desk.merge(case.case_id, other.case_id)
    workshop.desk.delete(other.case_id)
    workshop.settle()
    workshop.client_writes(ticket, "два")
    workshop.settle()
    assert workshop.case(ticket) not in (case.case_id, other.case_id)
    assert [line.text for line in workshop.both_sides(ticket).omnidesk] == ["два"]


@EACH_WORD
def test_an_earlier_case_may_be_deleted_after_somebody_wrote_in_it(
    make_workshop: Make, status: int, answer: str
) -> None:
    workshop = make_workshop(desk=account(status, answer))
    ticket = workshop.linked_ticket("один")
    old = workshop.case(ticket)
    workshop.desk.trash(old)
    workshop.client_writes(ticket, "два")
    workshop.settle()
    assert workshop.case(ticket) != old
    workshop.desk.restore(old)
    workshop.tick()
    workshop.desk.agent_reply(old, workshop.anna_staff, text="в старом")
    workshop.desk.faults.server_error(on=f"GET /api/cases/{old}/messages.json")
    workshop.sync()
    workshop.desk.delete(old)
    workshop.settle()
    assert not workshop.context.queue.listing()
    assert workshop.link(ticket).former == ()


@EACH_WORD
def test_the_case_of_a_deleted_ticket_may_be_deleted_too(make_workshop: Make, status: int, answer: str) -> None:
    workshop = make_workshop(desk=account(status, answer))
    ticket = workshop.linked_ticket("один")
    case = workshop.case(ticket)
    workshop.panel.delete_ticket(ticket)
    workshop.agent_replies(ticket, "ответ")
    workshop.deliver_webhooks()
    workshop.desk.delete(case)
    workshop.settle()
    assert not workshop.context.queue.listing()
    assert workshop.link(ticket).case_gone == "deleted"


@pytest.mark.parametrize("body", ['{"error":"wrong_content"}', "", "<html>Bad Request</html>"])
def test_a_400_about_the_message_stays_that_messages_failure(make_workshop: Make, body: str) -> None:
    """The case is there, so the message is at fault: the others go on in the same case."""
    workshop = make_workshop()
    ticket = workshop.linked_ticket("один")
    case = workshop.case(ticket)
    refuse_text(workshop, "плохое", body)
    bad = workshop.client_writes(ticket, "плохое")
    calls = without_proof(workshop.calls(lambda: workshop.sync(force=False)))
    assert calls == [f"POST /api/cases/{case}/messages.json", f"GET /api/cases/{case}.json"]
    workshop.panel.employee_notes(workshop.anna, ticket, "заметка")
    workshop.settle()
    workshop.client_writes(ticket, "хорошее")
    workshop.settle()
    assert workshop.case(ticket) == case and workshop.link(ticket).case_gone == ""
    assert "хорошее" in [line.text for line in workshop.both_sides(ticket).omnidesk]
    assert [one.ticket_message for one in workshop.message_links(ticket, "refused")] == [bad]
    assert len(workshop.desk.cases) == 1


def test_an_account_that_answers_400_to_everything_loses_no_case(make_workshop: Make) -> None:
    """The read of the case counts only while an independent call works."""
    workshop = make_workshop()
    ticket = workshop.linked_ticket("один")
    case = workshop.case(ticket)
    workshop.agent_replies(ticket, "ответ")
    workshop.deliver_webhooks()
    workshop.client_writes(ticket, "два")
    workshop.desk.faults.answer(400, "<html>Bad Request</html>", "text/html", times=None)
    report = workshop.sync(force=False)
    assert report.paused is not None
    workshop.desk.faults.clear()
    workshop.tick(120)
    workshop.settle()
    assert workshop.case(ticket) == case and len(workshop.desk.cases) == 1
    workshop.assert_equal(ticket, in_order=False)


def test_a_case_that_cannot_be_read_for_a_moment_is_not_lost(make_workshop: Make) -> None:
    workshop = make_workshop()
    ticket = workshop.linked_ticket("один")
    case = workshop.case(ticket)
    workshop.desk.faults.answer(400, "", on=f"POST /api/cases/{case}/messages.json")
    workshop.desk.faults.server_error(on=f"GET /api/cases/{case}.json")
    workshop.client_writes(ticket, "два")
    workshop.settle()
    assert workshop.case(ticket) == case
    workshop.assert_equal(ticket)
