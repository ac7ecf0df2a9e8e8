"""Texts of the module and of the panel whose character sets and orders differ, as after an upgrade of the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from omnidesk.core import tables
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
OWN = sorted(value for name, value in vars(tables).items() if name.isupper() and isinstance(value, str))


@pytest.fixture
def workshop(make_workshop: Make) -> Iterator[Workshop]:
    """Priorities are synchronised, so their texts are compared by the server."""
    workshop = make_workshop(priority_column="priority", priority_values="words", sync_priority=(), sync_assignee=True)
    for value in ("low", "high"):
        ticket = workshop.new_ticket(value, user=workshop.petra.user)
        workshop.panel.execute("UPDATE ticket SET priority = %s WHERE id = %s", value, ticket)
    yield workshop
    _convert(workshop, "")
    for column in ("email", "name"):
        null = "NULL" if column == "email" else "NOT NULL"
        workshop.panel.execute(f"ALTER TABLE user MODIFY {column} varchar(255) CHARACTER SET utf8mb4 {null}")


def _convert(workshop: Workshop, order: str) -> None:
    for table in OWN:
        if workshop.panel.query("SHOW TABLES LIKE %s", table):
            workshop.panel.execute(f"ALTER TABLE {table} CONVERT TO CHARACTER SET utf8mb4 {order}")


@pytest.mark.parametrize("order", ["unicode_ci", "general_ci", "bin"])
def test_the_modules_tables_may_be_older_than_the_server(workshop: Workshop, order: str) -> None:
    ticket = workshop.linked_ticket()
    _convert(workshop, f"COLLATE utf8mb4_{order}")
    workshop.panel.employee_replies(workshop.anna, ticket, "смотрю", close=False)
    workshop.settle()
    workshop.panel.execute("UPDATE ticket SET priority = 'high' WHERE id = %s", ticket)
    workshop.tick(4000)
    workshop.settle()
    assert workshop.desk.cases[workshop.case(ticket)].priority == "high"
    insert = "INSERT INTO ticket_message (ticket, user, message, date_post) VALUES (%s, %s, 'ещё', NOW())"
    workshop.panel.execute(insert, ticket, workshop.ivan.user)
    workshop.settle()  # no event has named it: the scan finds it
    assert workshop.desk.messages(workshop.case(ticket))[-1].content == "ещё"


@pytest.mark.parametrize("charset", ["utf8", "latin1"])
def test_somebody_is_looked_for_by_any_text(workshop: Workshop, charset: str) -> None:
    for column in ("email", "name"):
        null = "NULL" if column == "email" else "NOT NULL"
        workshop.panel.execute(f"ALTER TABLE user MODIFY {column} varchar(255) CHARACTER SET {charset} {null}")
    reader = workshop.context.reader
    for text in ("почта@пример.рф", "😀@example.com"):
        assert reader.clients_by_email(text) == []
        assert reader.client_by_login(text) is None
        assert reader.employee_by_login(text) is None
    ivan = reader.person(workshop.ivan.user)
    assert ivan is not None
    assert reader.client_by_login(ivan.login) == ivan
