"""What one failure costs: the thing that failed, and nothing beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.omnidesk.wire import Request
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
PAGE = "<html><head><title>Request blocked by ACME WAF</title></head><body>Attack 1042</body></html>"
INJECTION = "1' UNION SELECT password FROM users --"
REJECTIONS = [
    {"status": 403, "body": PAGE, "content_type": "text/html"},
    {"status": 401, "body": PAGE, "content_type": "text/html"},
    {"status": 404, "body": PAGE, "content_type": "text/html"},
    {"status": 400, "body": PAGE, "content_type": "text/html"},
    {"status": 406, "body": ""},
    {"status": 302, "headers": {"Location": "https://waf.example/blocked"}},
    {"status": 403, "body": '{"error":"forbidden"}'},
]


def says(text: str) -> Callable[[Request], bool]:
    """Creating calls whose body holds this text."""
    return lambda request: request.method == "POST" and text in request.body.decode("utf-8", "replace")


@pytest.mark.parametrize("answer", REJECTIONS, ids=lambda one: f"{one['status']}-{one.get('body', '')[:9]}")
def test_a_message_that_a_firewall_rejects_costs_only_itself(workshop: Workshop, answer: dict[str, Any]) -> None:
    """Other tickets go on in the same pass; after a few tries the ticket's later messages do, too."""
    bad, good = workshop.linked_ticket("раз"), workshop.linked_ticket("другой", user=workshop.petra.user)
    workshop.desk.faults.answer(**answer, on=says("UNION"), times=None)
    workshop.client_writes(bad, INJECTION)
    workshop.tick(60)
    workshop.client_writes(good, "сразу")
    report = workshop.run_pass()
    assert report.paused is None
    workshop.assert_equal(good)
    workshop.client_writes(bad, "после")
    workshop.settle()
    assert [line.text for line in workshop.both_sides(bad).omnidesk] == ["раз", "после"]
    (refused,) = workshop.message_links(bad, "refused")
    assert not refused.external_message


def test_what_is_rejected_names_ticket_message_and_the_pages_title(workshop: Workshop) -> None:
    """In the list of what failed, while it is tried and when it is given up."""
    ticket = workshop.linked_ticket("раз")
    workshop.desk.faults.answer(403, PAGE, "text/html", on=says("UNION"), times=None)
    message = workshop.client_writes(ticket, INJECTION)
    workshop.run_pass()
    (row,) = workshop.context.queue.listing()
    assert (row.ticket, row.error_type) == (ticket, "omnidesk_rejected")
    assert "Request blocked by ACME WAF" in row.error_text
    workshop.settle()
    (refused,) = workshop.message_links(ticket, "refused")
    assert refused.ticket_message == message


def test_a_first_message_that_is_rejected_delays_no_other_ticket(workshop: Workshop) -> None:
    """The case cannot be made; everybody else's is."""
    workshop.desk.faults.answer(403, PAGE, "text/html", on=says("UNION"), times=None)
    bad = workshop.new_ticket(INJECTION)
    good = [workshop.new_ticket(str(number), user=workshop.petra.user) for number in range(5)]
    assert workshop.run_pass().paused is None
    workshop.assert_all_equal(good)
    workshop.settle()
    workshop.desk.faults.clear()
    workshop.context.queue.retry(bad)
    workshop.settle()
    workshop.assert_equal(bad)


def test_a_revoked_key_is_still_the_accounts_failure(workshop: Workshop) -> None:
    """Every call fails, the independent one too: no ticket's tries are counted."""
    tickets = [workshop.new_ticket(str(number)) for number in range(5)]
    workshop.desk.faults.key_revoked = True
    assert len(workshop.calls(lambda: workshop.run_pass(force=False))) == 2
    paused = workshop.reports[-1].paused
    assert paused is not None and paused.type == "omnidesk_key"
    assert all(workshop.link(ticket).attempts == 0 for ticket in tickets)
    workshop.desk.faults.clear()
    workshop.settle()
    workshop.assert_all_equal(tickets)


def test_trouble_of_many_tickets_stops_nobody_while_the_account_answers(workshop: Workshop) -> None:
    """Three in a row look like an outage; the call that is about none of them says otherwise."""
    bad = [workshop.new_ticket(f"яд {number}") for number in range(5)]
    workshop.tick(60)
    good = workshop.new_ticket("хорошее", user=workshop.petra.user)
    workshop.desk.faults.server_error(500, on=says("яд"), times=None)
    assert workshop.run_pass().paused is None
    workshop.assert_equal(good)
    workshop.desk.faults.clear()
    workshop.settle()
    workshop.assert_all_equal(bad)


def test_an_outage_of_the_account_pauses_after_one_ticket(workshop: Workshop) -> None:
    """A call that may have been carried out and a failing independent one: nobody is tried any more."""
    workshop.sync()
    for number in range(6):
        workshop.new_ticket(str(number))
    workshop.desk.faults.server_error(502, times=None)
    calls = workshop.calls(lambda: workshop.run_pass(force=False))
    assert calls == ["POST /api/cases.json", "GET /api/staff.json"]
    assert workshop.reports[-1].paused is not None


@pytest.mark.parametrize("kind", ["refuse", "lose_request"])
def test_a_panel_function_that_fails_for_one_ticket_costs_only_it(workshop: Workshop, kind: str) -> None:
    """The panel answers something that is about no ticket, so it is there."""
    bad = [workshop.linked_ticket(f"плохой {number}") for number in range(4)]
    good = workshop.linked_ticket("хороший", user=workshop.petra.user)
    panel = workshop.panel.faults
    rule = getattr(panel, kind)(lambda request: "яд" in str(request.params), times=None)
    for ticket in bad:
        workshop.agent_replies(ticket, "яд")
    workshop.agent_replies(good, "ответ")
    workshop.client_writes(good, "вопрос")
    workshop.deliver_webhooks()
    report = workshop.run_pass()
    assert report.paused is None, report.paused
    assert [message.text for message in workshop.panel.messages(good)] == ["хороший", "вопрос", "ответ"]
    rule.lift()
    workshop.settle()
    workshop.assert_all_equal(bad)
