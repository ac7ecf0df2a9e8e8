"""Messages and notes that a deleted ticket left behind without a ticket, where the panel keeps such rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
TABLES = ("ticket_message", "ticket_note")


@pytest.fixture
def workshop(make_workshop: Make) -> Iterator[Workshop]:
    """A panel whose messages and notes need no ticket; no event is reported."""
    workshop = make_workshop(hook=False)
    for table in TABLES:
        workshop.panel.execute(f"ALTER TABLE {table} MODIFY ticket int(11) DEFAULT NULL")
    yield workshop
    for table in TABLES:
        workshop.panel.execute(f"DELETE FROM {table} WHERE ticket IS NULL")
        workshop.panel.execute(f"ALTER TABLE {table} MODIFY ticket int(11) NOT NULL")


def test_rows_without_a_ticket_do_not_stop_the_scan(workshop: Workshop) -> None:
    workshop.settle()
    user = workshop.ivan.user
    message = workshop.panel.execute(
        "INSERT INTO ticket_message (ticket, user, message, date_post) VALUES (NULL, %s, 'ничей', NOW())", user
    )
    workshop.panel.execute(
        "INSERT INTO ticket_note (ticket, user, note, date_post) VALUES (NULL, %s, 'ничья', NOW())", user
    )
    ticket = workshop.new_ticket("после них")
    workshop.settle()
    assert [one.content for one in workshop.desk.messages(workshop.case(ticket))] == ["после них"]
    assert len(workshop.desk.cases) == 1
    assert workshop.context.reader.ticket_of_message(message) == 0
    found = workshop.context.reader.message(message)
    assert found is not None
    assert found.ticket == 0
