"""What check_connection says of the account's own settings, which no call shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from omnidesk.health import check_account
from omnidesk.wording.findings import Finding
from sandbox.omnidesk.settings import Settings as DeskSettings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


def hints(workshop: Workshop, topic: str) -> list[Finding]:
    found = [one for one in check_account.hints(workshop.context) if one.topic == topic]
    assert all(
        one.said.cure("en") and one.said.cure("ru") and one.said.text("ru") and one.level in ("info", "warning")
        for one in found
    )
    return found


def rated(workshop: Workshop, ticket: int) -> None:
    """A client rates an employee's answer."""
    message = workshop.panel.employee_replies(workshop.anna, ticket, "Готово")
    workshop.settle()
    workshop.panel.client_rates(message, "good")
    workshop.settle()


def test_an_account_of_which_nothing_is_known_gives_no_hint(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "Смотрите https://acme.example/rates и [оценка стоимости] ниже")
    rated(workshop, ticket)
    assert list(check_account.hints(workshop.context)) == []


def test_refused_ratings_are_a_hint_until_one_is_taken(make_workshop: Make) -> None:
    workshop = make_workshop(desk=DeskSettings(ratings_disabled=True))
    ticket = workshop.linked_ticket()
    rated(workshop, ticket)
    (hint,) = hints(workshop, "rating")
    assert (
        hint.level == "warning"
        and "quality rating" in hint.said.cure("en")
        and "оценка качества" in hint.said.cure("ru")
    )
    workshop.desk.settings.ratings_disabled = False
    rated(workshop, ticket)
    assert hints(workshop, "rating") == []


def test_required_fields_at_closing_are_a_hint_until_the_case_is_closed(make_workshop: Make) -> None:
    workshop = make_workshop()
    field = workshop.desk.add_field("Причина закрытия")
    workshop.desk.settings.required_at_closing = frozenset({field.key})
    ticket = workshop.linked_ticket()
    workshop.panel.client_archives(ticket)
    workshop.settle()
    (hint,) = hints(workshop, "closing")
    assert (
        hint.level == "warning"
        and f"tickets: {ticket}." in hint.said.text("en")
        and "requires fields" in hint.said.cure("en")
    )
    workshop.desk.settings.required_at_closing = frozenset()
    workshop.context.links.fields_filled(ticket)
    workshop.context.queue.make_due(ticket, "test", look_case=True)
    workshop.settle()
    assert workshop.desk.cases[workshop.case(ticket)].status == "closed"
    assert hints(workshop, "closing") == []


@pytest.mark.parametrize("path", ["/rate/high/1", "/satisfaction?case=1&rating=3"])
def test_a_rating_request_in_the_replies_is_a_hint(make_workshop: Make, path: str) -> None:
    workshop = make_workshop()
    ticket = workshop.linked_ticket()
    block = f'<p>Оцените ответ: <a href="{workshop.context.settings.url}{path}">хорошо</a></p>'
    workshop.desk.agent_reply(workshop.case(ticket), workshop.anna_staff, html=f"<p>Готово.</p>{block}")
    workshop.settle()
    (hint,) = hints(workshop, "rating")
    assert "CutRatingLinks" in hint.said.cure("en") and hint.setting == "CutRatingLinks"
    workshop.restart(cut_rating_links=True)
    assert hints(workshop, "rating") == []


@pytest.mark.parametrize("signature", ["<p>С уважением</p>[case_rating]", "{{rating_block}}", "Анна [Оценка ответа]"])
def test_a_rating_block_in_a_signature_is_a_hint(workshop: Workshop, signature: str) -> None:
    """Before the first reply, too: the list of staff shows it."""
    workshop.desk.staff[workshop.anna_staff].signature = signature
    workshop.context.account.refresh()
    (hint,) = hints(workshop, "rating")
    assert "Анна" in hint.said.text("en") or "Anna" in hint.said.text("en")
