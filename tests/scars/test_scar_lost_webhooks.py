"""Lost messages: an event that never came, came once and failed, or fell between two reads.

Seen by users of Chatwoot (#15920: a webhook is sent once, without a retry: "an agent's message never reaches the
customer"), FreeScout (#3976), Airbyte (#28173: the own clock as the cursor skips records; #10613: archived tickets are
absent; #8519) and mozilla/jira-bugzilla-integration (#976: past comments are never synchronised).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
DAY = 86400.0


def test_replies_arrive_though_no_webhook_ever_comes(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    for number in range(3):
        workshop.agent_replies(ticket, f"ответ {number}")
        workshop.agent_notes(ticket, f"заметка {number}")
        workshop.deliver_webhooks(lose=1000)
        workshop.tick(61)
        workshop.sync(force=False)
    workshop.assert_equal(ticket)


def test_an_event_survives_a_worker_that_could_do_nothing(workshop: Workshop) -> None:
    """Omnidesk is away when the webhook's case is due; no second webhook comes."""
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "Ответ")
    workshop.deliver_webhooks()
    workshop.desk.faults.unreachable = True
    workshop.sync(force=False)
    workshop.restart()
    workshop.desk.faults.unreachable = False
    workshop.tick(20)
    workshop.run_pass(force=False)
    workshop.assert_equal(ticket)


def test_messages_go_over_though_the_panel_tells_nothing(workshop: Workshop) -> None:
    """Mail, another plugin, a broken handler: the scan finds what no event told."""
    workshop.hook = False
    ticket = workshop.new_ticket("раз")
    workshop.settle()
    workshop.client_writes(ticket, "два")
    workshop.panel.employee_replies(workshop.anna, ticket, "три", close=True)
    workshop.panel.employee_notes(workshop.anna, ticket, "четыре")
    assert workshop.spooled() == []
    workshop.settle()
    workshop.assert_equal(ticket)


@pytest.mark.parametrize("ahead", [-7200.0, 7200.0])
def test_the_cursor_goes_by_the_other_sides_clock(make_workshop: Make, ahead: float) -> None:
    """A host two hours ahead would look for changes after a time that has not come yet."""
    workshop = make_workshop()
    workshop.restart_clock(ahead)
    tickets = [workshop.linked_ticket(str(number)) for number in range(3)]
    for ticket in tickets:
        workshop.agent_replies(ticket, "ответ")
        workshop.deliver_webhooks(lose=1000)
        workshop.tick(61)
        workshop.sync(force=False)
    workshop.assert_all_equal(tickets)


def test_a_change_that_is_committed_late_is_read_at_the_seam(workshop: Workshop) -> None:
    """The poll begins some minutes before the last one's end: a case stamped before it was visible is still met."""
    ticket, other = workshop.linked_ticket(), workshop.linked_ticket("другой")
    workshop.tick(60)
    at = workshop.clock.now
    workshop.agent_replies(other, "позже")
    workshop.tick(60)
    workshop.deliver_webhooks(lose=1000)
    workshop.sync()
    now, workshop.clock.now = workshop.clock.now, at
    workshop.desk.agent_reply(workshop.case(ticket), workshop.anna_staff, text="раньше")
    workshop.clock.now = now + 61
    workshop.deliver_webhooks(lose=1000)
    workshop.sync(force=False)
    workshop.assert_all_equal([ticket, other])


def test_what_was_said_before_the_module_came_goes_over_when_the_ticket_is_touched(workshop: Workshop) -> None:
    workshop.hook = False
    ticket = workshop.new_ticket("год назад", created=workshop.moment(ago=365 * DAY))
    workshop.panel.employee_replies(
        workshop.anna, ticket, "и ответ", close=True, created=workshop.moment(ago=364 * DAY)
    )
    workshop.settle()
    workshop.hook = True
    assert not workshop.case(ticket), "what is older is left alone"
    workshop.client_writes(ticket, "снова я")
    workshop.settle()
    texts = [message.content for message in workshop.desk.messages(workshop.case(ticket))]
    assert texts == ["год назад", "и ответ", "снова я"]


def test_an_archived_tickets_messages_are_not_left_out(workshop: Workshop) -> None:
    """Archived while its last messages were still waiting; and a reply to it later."""
    ticket = workshop.linked_ticket("раз")
    workshop.desk.faults.unreachable = True
    workshop.client_writes(ticket, "два")
    workshop.panel.client_archives(ticket)
    workshop.sync()
    workshop.desk.faults.unreachable = False
    workshop.settle()
    workshop.assert_equal(ticket)
    workshop.agent_replies(ticket, "три")
    workshop.settle()
    assert [message.text for message in workshop.panel.messages(ticket)] == ["раз", "два", "три"]
