"""What we wrote ourselves comes back as an event or a webhook, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


def test_the_webhook_for_our_own_staff_message_brings_nothing_back(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.employee_replies(workshop.anna, ticket, "Ответ", close=False)
    workshop.sync(force=False)
    assert workshop.desk.webhooks.pending() == 1
    workshop.settle()
    workshop.assert_equal(ticket)
    assert len(workshop.panel.messages(ticket)) == 2


def test_the_panels_event_for_our_own_reply_brings_nothing_back(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "Ответ")
    workshop.deliver_webhooks()
    workshop.run_pass(force=False)
    workshop.settle()
    workshop.assert_equal(ticket)
    assert len(workshop.desk.messages(workshop.case(ticket))) == 2


def test_events_lost_doubled_and_reordered_change_nothing(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("0")
    for number in range(1, 5):
        workshop.agent_replies(ticket, f"ответ {number}")
        workshop.client_writes(ticket, f"вопрос {number}")
    workshop.deliver_webhooks(lose=1, double=2)
    for _ in range(3):
        workshop.make_due(ticket)
        workshop.sync()
    workshop.settle()
    workshop.assert_equal(ticket, in_order=False)
    assert len(workshop.panel.messages(ticket)) == 9


def test_a_webhook_that_overtakes_the_record_of_the_reply_brings_nothing_back(workshop: Workshop) -> None:
    """The same event twice within one pass: the second finds everything done."""
    ticket = workshop.linked_ticket()
    workshop.panel.employee_replies(workshop.boris, ticket, "Ответ")
    workshop.sync(force=False)
    workshop.deliver_webhooks(double=1)
    workshop.deliver_webhooks()
    workshop.settle()
    workshop.assert_equal(ticket)


def test_a_reply_and_a_message_with_the_same_words_are_both_kept(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("ок")
    workshop.panel.employee_replies(workshop.anna, ticket, "ок", close=False)
    workshop.client_writes(ticket, "ок")
    workshop.agent_replies(ticket, "ок")
    workshop.settle()
    workshop.client_writes(ticket, "ок")
    workshop.settle()
    workshop.assert_equal(ticket, in_order=False)
    assert len(workshop.panel.messages(ticket)) == 5


def test_a_poll_finds_the_reply_whose_webhook_was_lost(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "Ответ")
    workshop.deliver_webhooks(lose=1)
    workshop.tick(61)
    workshop.sync(force=False)
    workshop.assert_equal(ticket)


def test_a_lost_reply_hidden_by_our_client_message_is_found(workshop: Workshop) -> None:
    """Our own write moves the case's time over the reply's; its last-response time still shows it."""
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "Ответ")
    workshop.deliver_webhooks(lose=1)
    workshop.client_writes(ticket, "Ну что там?")
    workshop.run_pass(force=False)
    workshop.tick(61)
    workshop.sync()
    workshop.assert_equal(ticket, in_order=False)


def test_a_lost_reply_hidden_by_our_staff_message_is_found_later(workshop: Workshop) -> None:
    """Nothing Omnidesk says shows such a reply, so it is looked for once, when calls are plentiful."""
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "Ответ")
    workshop.deliver_webhooks(lose=1)
    workshop.panel.employee_replies(workshop.boris, ticket, "И от меня")
    workshop.context.state.put("poll_done", 1)
    workshop.run_pass(force=False)
    workshop.deliver_webhooks(lose=1)
    workshop.sync()
    assert len(workshop.panel.messages(ticket)) == 2
    workshop.tick(700)
    workshop.sync()
    workshop.assert_equal(ticket, in_order=False)
    workshop.tick(700)
    assert workshop.calls(workshop.sync) == ["GET /api/cases.json"], "looked once"


def test_insurance_waits_while_calls_are_scarce(make_workshop: Make) -> None:
    workshop = make_workshop(desk=Settings(rate_limit=20))
    ticket = workshop.linked_ticket()
    workshop.panel.employee_replies(workshop.boris, ticket, "Ответ")
    workshop.sync()
    workshop.deliver_webhooks(lose=1)
    workshop.tick(700)
    workshop.tick(60 - workshop.clock() % 60)
    workshop.desk.limit.use(15, workshop.clock())
    assert workshop.calls(workshop.sync) == ["GET /api/cases.json"]
