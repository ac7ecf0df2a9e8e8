"""Employees are matched by e-mail in the module, not by what a column's collation takes for equal."""

from __future__ import annotations

import logging

import pytest

from omnidesk.core import emails
from tests.support.workshop import Workshop


def author(workshop: Workshop, ticket: int) -> int:
    """The user in whose name the ticket's newest message stands."""
    sql = "SELECT user FROM ticket_message WHERE ticket = %s ORDER BY id DESC LIMIT 1"
    return int(workshop.panel.query(sql, ticket)[0]["user"])


def test_an_accent_makes_another_employee(workshop: Workshop, caplog: pytest.LogCaptureFixture) -> None:
    """The database says that both are equal; a reply in the other's name would be a lie. It is said once."""
    workshop.panel.execute(
        "ALTER TABLE user MODIFY email VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
    )
    workshop.panel.add_employee("jose", "jose@example.com", "Jose")
    staff = workshop.desk.add_staff("josé@example.com", "José").staff_id
    ticket = workshop.linked_ticket()
    with caplog.at_level(logging.WARNING):
        for text in ("один", "два"):
            workshop.agent_replies(ticket, text, staff)
            workshop.settle()
    assert author(workshop, ticket) == workshop.integration
    assert "José" in workshop.panel.messages(ticket)[-1].text
    said = [one.getMessage() for one in caplog.records if "jose@example.com" in one.getMessage()]
    assert len(said) == 1 and "josé@example.com" in said[0]


@pytest.mark.parametrize("stored", [" Vera@Example.com ", "VERA@EXAMPLE.COM", "vera@example.com\t"])
@pytest.mark.parametrize("collation", ["utf8mb4_bin", "utf8mb4_general_ci"])
def test_case_and_blanks_make_no_other_employee(workshop: Workshop, stored: str, collation: str) -> None:
    """In either direction, whatever the collation."""
    workshop.panel.execute(f"ALTER TABLE user MODIFY email VARCHAR(255) CHARACTER SET utf8mb4 COLLATE {collation}")
    vera = workshop.panel.add_employee("vera", stored, "Вера Орлова")
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "ответ", workshop.vera_staff)
    workshop.settle()
    assert author(workshop, ticket) == vera
    workshop.panel.employee_replies(vera, ticket, "из панели")
    workshop.settle()
    assert workshop.desk.messages(workshop.case(ticket))[-1].staff_id == workshop.vera_staff


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("josé@example.com", "jose@example.com"),
        ("an na@example.com", "anna@example.com"),
        ("anna@xn--e1afmkfd.example", "anna@пример.example"),
        ("anna\u200b@example.com", "anna@example.com"),
    ],
)
def test_what_is_alike_and_another_address(one: str, other: str) -> None:
    assert emails.key(one) != emails.key(other)
    assert emails.near(one, [other, "boris@example.com", one]) == [other]


@pytest.mark.parametrize(
    ("one", "other"), [("Anna@Provider.example ", "anna@provider.example"), ("jose\u0301@x.io", "JOSÉ@x.io")]
)
def test_what_is_the_same_address(one: str, other: str) -> None:
    assert emails.key(one) == emails.key(other)
    assert emails.near(one, [other]) == []
