"""Order: the first is lost and the last doubled, the child comes before its parent, an event before our own record.

Seen by users of Chatwoot (#13144), frappe (#425) and a marketplace's webhooks (#250: one arrives before our own insert
has been committed, so we do not recognise our own message).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from sandbox.omnidesk.wire import Request
from tests.support.workshop import Workshop


def says(text: str) -> Callable[[Request], bool]:
    """Calls whose body holds this text."""
    return lambda request: request.method == "POST" and text in request.body.decode("utf-8", "replace")


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "server_error", "truncated", "not_json"])
def test_a_message_that_fails_for_now_is_waited_for_by_the_next(workshop: Workshop, fault: str) -> None:
    """The second and third do not overtake the first, and none is sent twice."""
    ticket = workshop.linked_ticket("0")
    getattr(workshop.desk.faults, fault)(on=says("первое"), times=3)
    for text in ("первое", "второе", "третье"):
        workshop.client_writes(ticket, text)
        workshop.sync()
    workshop.settle()
    workshop.assert_equal(ticket)
    there = [message.content for message in workshop.desk.messages(workshop.case(ticket))]
    assert there == ["0", "первое", "второе", "третье"]


def test_replies_wait_for_the_one_before_them(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("0")
    workshop.panel.faults.lose_request(lambda request: "первое" in str(request.params), times=2)
    for text in ("первое", "второе", "третье"):
        workshop.agent_replies(ticket, text)
    workshop.settle()
    assert [message.text for message in workshop.panel.messages(ticket)][1:] == ["первое", "второе", "третье"]


def test_a_webhook_that_comes_before_the_case_is_recorded_is_kept_for_it(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Staff are faster than our own commit: the event names a case that no ticket has yet."""
    ticket = workshop.new_ticket("раз")
    send = workshop.adapter.send

    def quick(request: requests.PreparedRequest, *given: object, **options: object) -> requests.Response:
        answer = send(request, *given, **options)
        if request.method == "POST" and "/api/cases.json" in str(request.url):
            case = max(workshop.desk.cases)
            workshop.desk.agent_reply(case, workshop.anna_staff, text="сразу")
            workshop.receive_webhook(f"case_id={case}".encode(), "")
            run_other_pass()
        return answer

    other: list[int] = []

    def run_other_pass() -> None:
        """Another worker empties the spool meanwhile."""
        from omnidesk.worker import spool_drain

        other.append(spool_drain.drain(workshop.context)[0])

    monkeypatch.setattr(workshop.adapter, "send", quick)
    workshop.run_pass(force=False)
    monkeypatch.undo()
    workshop.desk.webhooks.clear() if hasattr(workshop.desk.webhooks, "clear") else workshop.deliver_webhooks(lose=9)
    workshop.context.state.put("poll_done", 1)
    workshop.run_pass(force=False)
    assert other == [1]
    workshop.assert_equal(ticket)


def test_the_answer_to_a_ticket_never_comes_before_the_ticket(workshop: Workshop) -> None:
    """A client writes, staff answer in BILLmanager and he writes again, all before the first could go over."""
    workshop.desk.faults.unreachable = True
    ticket = workshop.new_ticket("вопрос")
    workshop.panel.employee_replies(workshop.anna, ticket, "ответ", close=False)
    workshop.panel.employee_notes(workshop.boris, ticket, "заметка")
    workshop.client_writes(ticket, "спасибо")
    workshop.sync()
    workshop.desk.faults.unreachable = False
    workshop.settle()
    workshop.assert_equal(ticket)
    assert [line.text for line in workshop.both_sides(ticket).omnidesk] == ["вопрос", "ответ", "заметка", "спасибо"]


def test_both_sides_written_while_the_network_was_away_keep_each_its_order(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("0")
    workshop.desk.faults.unreachable = True
    for number in range(1, 6):
        workshop.client_writes(ticket, f"клиент {number}")
        workshop.sync()
        workshop.desk.agent_reply(workshop.case(ticket), workshop.anna_staff, text=f"агент {number}")
        workshop.tick(60)
    workshop.desk.faults.unreachable = False
    workshop.settle()
    sides = workshop.assert_equal(ticket, in_order=False)
    for lines in (sides.billmanager, sides.omnidesk):
        for who in ("клиент", "агент"):
            assert [line.text for line in lines if who in line.text] == [f"{who} {number}" for number in range(1, 6)]
