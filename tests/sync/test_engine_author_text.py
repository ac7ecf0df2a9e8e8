"""The line that names an author whose account does not exist on the other side, in the provider's own words."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.workshop import Workshop


def test_the_line_says_what_the_provider_wants_in_both_directions(make_workshop: Callable[..., Workshop]) -> None:
    workshop = make_workshop(author_text="— {name}, поддержка —")
    ticket = workshop.linked_ticket()
    workshop.panel.employee_replies(workshop.boris, ticket, "от Бориса")
    workshop.agent_replies(ticket, "от Веры", workshop.vera_staff)
    workshop.settle()
    there = [message.content or message.content_html for message in workshop.desk.messages(workshop.case(ticket))]
    assert any("— Борис Лунин, поддержка —" in text and "от Бориса" in text for text in there)
    here = [message.text for message in workshop.panel.messages(ticket)]
    assert any(text.startswith("— Вера Орлова, поддержка —") and text.endswith("от Веры") for text in here)


def test_a_name_that_looks_like_a_placeholder_stays_a_name(make_workshop: Callable[..., Workshop]) -> None:
    workshop = make_workshop(author_text="{name}:")
    workshop.panel.execute("UPDATE user SET realname = '{settings} {name}' WHERE id = %s", workshop.boris)
    ticket = workshop.linked_ticket()
    workshop.panel.employee_replies(workshop.boris, ticket, "ответ")
    workshop.settle()
    there = [message.content or message.content_html for message in workshop.desk.messages(workshop.case(ticket))]
    assert any("{settings} {name}:" in text for text in there)
