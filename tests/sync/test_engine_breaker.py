"""Delivered means delivered: a finished link is never sent again, and what goes round in circles is stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from omnidesk.billmanager.models import TicketMessage
from omnidesk.billmanager.reader import Reader
from omnidesk.core.errors import Refused
from omnidesk.store.links import Links
from omnidesk.store.models import MessageLink
from omnidesk.sync import recovery
from tests.support.rows import set_message
from tests.support.workshop import Workshop


@pytest.mark.parametrize("state", ["done", "skipped"])
def test_a_finished_link_refuses(workshop: Workshop, state: str) -> None:
    """Whatever led to it: it stays finished, and nothing is to be sent."""
    ticket = workshop.linked_ticket("раз")
    links = workshop.context.links
    (link,) = links.messages(ticket)
    set_message(links.db, link.id, state=state)
    with pytest.raises(Refused) as caught:
        links.begin(MessageLink(0, ticket, "message", "out", "intent", link.ticket_message, digest="other"))
    assert caught.value.type == "sent_before"
    (after,) = links.messages(ticket)
    assert (after.state, after.digest) == (state, link.digest)


def test_what_is_written_down_is_read_again_before_anything_is_sent(workshop: Workshop) -> None:
    """A server that loses what it confirmed (a proxy, a replica) must not make the same message go out for ever."""
    ticket = workshop.linked_ticket("раз")
    before = workshop.posted()
    with workshop.mariadb.connect(workshop.panel.schema.database) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER loses BEFORE INSERT ON ticket_message2external_case_message FOR EACH ROW"
            " SET NEW.state = 'done'"
        )
        workshop.client_writes(ticket, "два")
        workshop.run_pass()
        cursor.execute("DROP TRIGGER loses")
    assert workshop.posted() == before
    assert workshop.link(ticket).attempts == 1


def test_messages_taken_for_new_are_not_sent_again(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A truncated read of the module's tables makes every message of the ticket look new."""
    ticket = workshop.linked_ticket("раз")
    workshop.client_writes(ticket, "два")
    workshop.settle()
    sent = workshop.posted()

    def every(self: Reader, ticket: int, limit: int = 200) -> list[TicketMessage]:
        return self.messages_after(ticket, 0)

    monkeypatch.setattr(Reader, "unlinked_messages", every)
    for _ in range(5):
        workshop.make_due(ticket)
        workshop.run_pass()
    assert workshop.posted() == sent
    (row,) = workshop.context.queue.listing()
    assert row.error_type == "sent_before"
    monkeypatch.undo()
    workshop.make_due(ticket)
    workshop.settle()
    workshop.assert_equal(ticket)


def test_replies_taken_for_new_are_not_delivered_again(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other direction: one reply once became seventy-one within six seconds."""
    ticket = workshop.linked_ticket("раз")
    workshop.agent_replies(ticket, "ответ")
    workshop.settle()

    def nothing(self: Links, ids: Sequence[int], *more: Any) -> dict[int, MessageLink]:
        return {}

    monkeypatch.setattr(Links, "by_external", nothing)
    for _ in range(5):
        workshop.context.queue.make_due(ticket, "a test", look_messages=True)
        workshop.run_pass()
    assert [message.text for message in workshop.panel.messages(ticket)] == ["раз", "ответ"]


def test_what_is_sent_and_never_found_is_sent_three_times_within_ten_minutes(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Omnidesk takes it, answers with a page, and changes the text so that it is not recognised: no pile of copies."""
    ticket, other = workshop.linked_ticket("раз"), workshop.linked_ticket("другой", user=workshop.petra.user)
    monkeypatch.setattr(recovery, "may_be", lambda *given: False)
    path = f"POST /api/cases/{workshop.case(ticket)}/messages.json"
    workshop.desk.faults.not_json(committed=True, on=path, times=None)
    workshop.client_writes(ticket, "два")
    begun = workshop.clock()
    while workshop.clock() < begun + 550:
        workshop.run_pass()
        workshop.tick(10)
    assert len([message for message in workshop.desk.messages(workshop.case(ticket)) if message.content == "два"]) == 3
    (row,) = workshop.context.queue.listing()
    assert (row.ticket, row.error_type) == (ticket, "repeated")
    workshop.client_writes(other, "ещё")
    workshop.run_pass()
    workshop.assert_equal(other)
    workshop.desk.faults.clear()
    workshop.context.queue.retry(ticket)
    workshop.settle()
    assert not workshop.message_links(ticket, "intent", "refused")


def test_cases_that_are_made_and_never_found_do_not_pile_up(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same for the call that makes a case."""
    monkeypatch.setattr(recovery, "is_ours", lambda *given: False)
    workshop.desk.faults.not_json(committed=True, on="POST /api/cases.json", times=None)
    workshop.new_ticket("раз")
    begun = workshop.clock()
    while workshop.clock() < begun + 550:
        workshop.run_pass()
        workshop.tick(10)
    assert len(workshop.desk.cases) == 3


def test_a_message_that_never_arrives_is_set_aside_in_the_end_and_later_ones_go(workshop: Workshop) -> None:
    """A firewall that answers 200 with a page of its own: the account works, and this message is not taken."""
    ticket = workshop.linked_ticket("раз")
    workshop.desk.faults.not_json(
        committed=False, times=None, on=lambda request: request.method == "POST" and "яд".encode() in request.body
    )
    workshop.client_writes(ticket, "яд")
    workshop.client_writes(ticket, "после")
    workshop.settle(limit=200)
    assert [line.text for line in workshop.both_sides(ticket).omnidesk] == ["раз", "после"]
    assert [one.state for one in workshop.message_links(ticket, "refused")] == ["refused"]


def test_a_person_may_write_the_same_word_again_and_again(workshop: Workshop) -> None:
    """Each is a message of its own."""
    ticket = workshop.linked_ticket("да")
    for _ in range(6):
        workshop.client_writes(ticket, "да")
        workshop.settle()
        workshop.agent_replies(ticket, "ок")
        workshop.settle()
    sides = workshop.assert_equal(ticket)
    assert len(sides.omnidesk) == 13


def test_a_text_that_goes_round_in_circles_is_stopped(workshop: Workshop) -> None:
    """Two systems that answer each other by rule: ten times the same within ten minutes, and it is reported."""
    ticket = workshop.linked_ticket("раз")
    for _ in range(15):
        workshop.agent_replies(ticket, "Мы получили ваше сообщение")
        workshop.deliver_webhooks()
        workshop.run_pass()
    said = [message.text for message in workshop.panel.messages(ticket)]
    assert said.count("Мы получили ваше сообщение") == 10
    (row,) = workshop.context.queue.listing()
    assert row.error_type == "repeated"
    workshop.tick(601)
    workshop.context.queue.retry(ticket)
    workshop.settle()
    workshop.assert_equal(ticket)


def test_an_outage_of_the_whole_account_does_not_count(workshop: Workshop) -> None:
    """When it is over, what waits goes at once."""
    ticket = workshop.linked_ticket("раз")
    workshop.desk.faults.server_error(502, times=None)
    workshop.client_writes(ticket, "два")
    for _ in range(8):
        workshop.tick(31)
        workshop.run_pass()
    workshop.desk.faults.clear()
    workshop.tick(900)
    assert workshop.run_pass().failed == 0
    workshop.assert_equal(ticket)


def test_a_part_that_was_sent_is_not_begun_again(workshop: Workshop) -> None:
    """Files of one message in several: each of them once."""
    ticket = workshop.linked_ticket("раз")
    links = workshop.context.links
    links.set_parts(ticket, 1, 2, [[1]])
    (part,) = links.parts(1)
    links.message_done(part.id, 77)
    with pytest.raises(Refused):
        links.begin_part(part)
    assert links.parts(1)[0].state == "done"
