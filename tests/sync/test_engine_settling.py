"""A call that was given up may still take effect: how long it settles is counted from that moment."""

from __future__ import annotations

from typing import Any

import pytest

from omnidesk.cli import commands
from omnidesk.core.errors import TryLater
from omnidesk.wording.arguments import Arguments
from tests.support.rows import set_ticket
from tests.support.workshop import Workshop


def hangs(workshop: Workshop, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """The next such call is answered by nobody until its time is over."""

    def wait(*given: Any, **more: Any) -> Any:
        workshop.tick(30)
        raise TryLater("omnidesk_no_answer", call, "ReadTimeout", uncertain=True)

    monkeypatch.setattr(workshop.context.client, call, wait)


def test_a_message_settles_from_when_its_call_was_given_up(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = workshop.linked_ticket("один")
    workshop.client_writes(ticket, "два")
    hangs(workshop, monkeypatch, "add_message")
    workshop.sync()
    (intent,) = workshop.message_links(ticket, "intent")
    assert intent.intent_at == pytest.approx(workshop.context.clock(), abs=2)


def test_a_case_settles_from_when_its_call_was_given_up(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = workshop.new_ticket()
    hangs(workshop, monkeypatch, "create_case")
    workshop.sync()
    assert workshop.link(ticket).intent_at == pytest.approx(workshop.context.clock(), abs=2)


def test_a_reply_settles_from_when_its_call_was_given_up(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = workshop.linked_ticket("один")
    workshop.agent_replies(ticket, "ответ")
    workshop.deliver_webhooks()

    def wait(*given: Any, **more: Any) -> None:
        workshop.tick(60)
        raise TryLater("panel_timeout", "ticket.edit", seconds=60, uncertain=True)

    monkeypatch.setattr(workshop.context.panel, "reply", wait)
    workshop.sync()
    (intent,) = workshop.message_links(ticket, "intent")
    assert intent.intent_at == pytest.approx(workshop.context.clock(), abs=2)


def test_a_call_that_is_lost_is_no_refusal(workshop: Workshop) -> None:
    """The panel got a reply three times too late, and refuses it once: the next one does not overtake it."""
    ticket = workshop.linked_ticket("один")
    workshop.agent_replies(ticket, "первый")
    workshop.deliver_webhooks()
    workshop.panel.faults.lose_request(lambda request: request.func == "ticket.edit", 3)
    for _ in range(8):
        workshop.sync()
        workshop.tick(60)
        if not workshop.panel.faults.rules:
            break
    workshop.panel.faults.fail("value", "message", "x", lambda request: request.func == "ticket.edit", 1)
    workshop.agent_replies(ticket, "второй")
    workshop.deliver_webhooks()
    workshop.sync()
    workshop.settle()
    assert [one.text for one in workshop.panel.messages(ticket)] == ["один", "первый", "второй"]


def test_waiting_for_a_call_to_settle_is_no_try(workshop: Workshop) -> None:
    """Events wake the ticket again and again meanwhile; nothing has failed but the one call."""
    ticket = workshop.linked_ticket("один")
    workshop.restart(settle_seconds=60)
    workshop.desk.faults.drop_before(on="POST */messages.json")
    for text in ("два", "три", "четыре", "пять"):
        workshop.client_writes(ticket, text)
        workshop.sync()
    assert workshop.link(ticket).attempts == 1
    workshop.tick(60)
    workshop.settle()
    workshop.assert_equal(ticket)


def test_a_command_that_meets_an_unsettled_call_puts_the_ticket_off_for_no_longer(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    workshop.restart(settle_seconds=20)
    workshop.desk.faults.drop_before(on="POST */messages.json")
    message = workshop.client_writes(ticket, "два")
    workshop.sync()
    set_ticket(workshop.context.db, ticket, attempts=9)
    with pytest.raises(TryLater):
        commands.add_message(workshop.context, Arguments(id=message))
    due = workshop.context.queue.next_due()
    assert due is not None and due <= workshop.clock() + 21
