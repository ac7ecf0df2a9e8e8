"""How many SQL statements the work for one event takes, counted where the module sends them to a real server.

A limit here may be lowered, and not raised: the same row is not to be read twice in a round.
"""

from __future__ import annotations

from collections import Counter

from omnidesk.core.tables import TICKETS
from omnidesk.sync.reconcile import reconcile
from tests.support.statements import Recorder
from tests.support.workshop import Workshop

ROUNDS = 2  # the one with the message, and the one that finds nothing left


def sent(workshop: Workshop, ticket: int) -> list[str]:
    """The statements of the work on a ticket."""
    recorder = Recorder(workshop.context.db)
    try:
        reconcile(workshop.context, ticket)
    finally:
        recorder.stop()
    return [" ".join(sql.split()) for sql, _ in recorder.statements]


def reads_of_the_row(statements: list[str]) -> int:
    return sum(one.startswith("SELECT ticket, external_case") and f"FROM {TICKETS} WHERE ticket =" in one
               for one in statements)  # fmt: skip


def quiet(workshop: Workshop) -> int:
    """A ticket whose sides are equal, and that has been answered before: what is found out once is known."""
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "посмотрим")
    workshop.settle()
    return ticket


def test_a_message_of_the_client(workshop: Workshop) -> None:
    ticket = quiet(workshop)
    message = workshop.client_writes(ticket, "ещё вопрос")
    found = sent(workshop, ticket)
    assert workshop.context.links.message("message", message)
    assert len(found) <= 19, Counter(found)
    assert reads_of_the_row(found) == ROUNDS


def test_a_reply(workshop: Workshop) -> None:
    ticket = quiet(workshop)
    reply = workshop.agent_replies(ticket, "ответ")
    workshop.context.queue.make_due(ticket, "webhook", look_messages=True)
    found = sent(workshop, ticket)
    assert workshop.context.links.known_external([reply.message_id], ticket)
    assert len(found) <= 29, Counter(found)
    assert reads_of_the_row(found) == ROUNDS
