"""A ticket's ordinary life, both ways."""

from __future__ import annotations

from tests.support.workshop import Workshop


def test_a_new_ticket_becomes_a_case(workshop: Workshop) -> None:
    ticket = workshop.new_ticket("Сайт не открывается")
    workshop.sync()
    workshop.assert_equal(ticket)
    assert workshop.both_sides(ticket).omnidesk[0].who == "Иван Петров"


def test_an_agents_reply_reaches_the_ticket_in_his_own_name(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "Сейчас посмотрим")
    workshop.deliver_webhooks()
    workshop.sync(force=False)
    workshop.assert_equal(ticket)
    assert workshop.panel.messages(ticket)[-1].user == workshop.anna


def test_a_conversation_stays_equal(workshop: Workshop) -> None:
    ticket = workshop.new_ticket("один")
    workshop.settle()
    workshop.panel.employee_replies(workshop.anna, ticket, "два", close=True)
    workshop.settle()
    workshop.client_writes(ticket, "три")
    workshop.settle()
    workshop.agent_replies(ticket, "четыре", status="waiting")
    workshop.settle()
    workshop.agent_notes(ticket, "пять")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert [line.text for line in workshop.both_sides(ticket).omnidesk] == ["один", "два", "три", "четыре", "пять"]
    assert workshop.panel.ticket_state(ticket).state == "waiting"
