"""The client's stars."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from sandbox.billmanager.panel import PanelOptions
from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


def answered(workshop: Workshop) -> tuple[int, int]:
    """A ticket with an agent's reply; the reply's id in BILLmanager."""
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "Готово", status="waiting")
    workshop.settle()
    return ticket, workshop.panel.messages(ticket)[-1].id


def rating(workshop: Workshop, ticket: int) -> str:
    return workshop.desk.messages(workshop.case(ticket))[-1].rating


@pytest.mark.parametrize(("stars", "level"), [(1, "low"), (2, "low"), (3, "middle"), (4, "high"), (5, "high")])
def test_stars_become_a_level(workshop: Workshop, stars: int, level: str) -> None:
    ticket, message = answered(workshop)
    workshop.panel.client_rates(message, stars)
    workshop.settle()
    assert rating(workshop, ticket) == level
    workshop.assert_equal(ticket)


def test_an_employees_answer_is_rated_too(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    message = workshop.panel.employee_replies(workshop.anna, ticket, "Готово")
    workshop.settle()
    workshop.panel.client_rates(message, 5)
    workshop.settle()
    assert rating(workshop, ticket) == "high"


def test_a_rating_changed_twice_ends_as_the_last_one(workshop: Workshop) -> None:
    ticket, message = answered(workshop)
    for stars in (5, 1, 3):
        workshop.panel.client_rates(message, stars)
        workshop.settle()
    assert rating(workshop, ticket) == "middle"
    assert workshop.desk.calls_count("PUT /api/cases/*/rate/*") == 3


def test_a_rating_changed_twice_between_two_runs_is_sent_once(workshop: Workshop) -> None:
    ticket, message = answered(workshop)
    for stars in (5, 1, 3):
        workshop.panel.client_rates(message, stars)
    workshop.settle()
    assert rating(workshop, ticket) == "middle"
    assert workshop.desk.calls_count("PUT /api/cases/*/rate/*") == 1


def test_a_rating_is_one_call_and_is_not_repeated(make_workshop: Make) -> None:
    workshop = make_workshop(panel_options=PanelOptions(rate_function=None))
    ticket, message = answered(workshop)
    workshop.panel.client_rates(message, 5)
    calls = workshop.calls(workshop.sync)
    reply = workshop.desk.messages(workshop.case(ticket))[-1].message_id
    assert calls == ["GET /api/cases.json", f"PUT /api/cases/{workshop.case(ticket)}/rate/{reply}.json"]
    workshop.tick(120)
    assert workshop.calls(workshop.sync) == ["GET /api/cases.json"]


def test_another_number_of_stars_of_the_same_level_is_settled_without_a_call(workshop: Workshop) -> None:
    ticket, message = answered(workshop)
    workshop.panel.client_rates(message, 4)
    workshop.settle()
    workshop.panel.client_rates(message, 5)
    workshop.settle()
    assert workshop.desk.calls_count("PUT /api/cases/*/rate/*") == 1
    workshop.tick(120)
    workshop.run_pass()
    assert not workshop.reports[-1].tried, "the scan must not come upon it again and again"
    assert rating(workshop, ticket) == "high"


def test_a_rating_of_a_clients_message_is_refused_and_logged_once(
    workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = workshop.linked_ticket()
    with caplog.at_level(logging.WARNING):
        workshop.panel.client_rates(workshop.panel.messages(ticket)[0].id, 5)
        workshop.settle()
        workshop.tick(120)
        workshop.settle()
    assert workshop.desk.calls_count("PUT /api/cases/*/rate*") == 0
    assert len([one for one in caplog.messages if "rating" in one]) == 1


def test_stars_the_map_does_not_cover_are_refused_and_logged_once(
    workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    _, message = answered(workshop)
    with caplog.at_level(logging.WARNING):
        workshop.panel.client_rates(message, 9)
        workshop.settle()
        workshop.tick(120)
        workshop.settle()
    assert workshop.desk.calls_count("PUT /api/cases/*/rate*") == 0
    assert len([one for one in caplog.messages if "rating" in one]) == 1


def test_an_account_without_ratings_says_no_once(make_workshop: Make, caplog: pytest.LogCaptureFixture) -> None:
    workshop = make_workshop(desk=Settings(ratings_disabled=True))
    ticket, message = answered(workshop)
    with caplog.at_level(logging.WARNING):
        workshop.panel.client_rates(message, 5)
        workshop.settle()
        workshop.client_writes(ticket, "спасибо")
        workshop.settle()
    assert workshop.desk.calls_count("PUT /api/cases/*/rate/*") == 1
    assert len([one for one in caplog.messages if "rating" in one]) == 1


def test_a_rating_given_before_the_reply_was_linked_is_sent_after_it(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    message = workshop.panel.employee_replies(workshop.anna, ticket, "Готово")
    workshop.panel.client_rates(message, 5)
    workshop.settle()
    assert rating(workshop, ticket) == "high"


def test_without_a_rating_column_nothing_is_looked_for(make_workshop: Make) -> None:
    workshop = make_workshop(rating_column=None)
    ticket, _ = answered(workshop)
    workshop.assert_equal(ticket)


def test_the_rating_column_can_be_named(make_workshop: Make) -> None:
    workshop = make_workshop(rating_column="client_stars")
    workshop.restart(rating_column="client_stars")
    ticket, message = answered(workshop)
    workshop.panel.client_rates(message, 1)
    workshop.settle()
    assert rating(workshop, ticket) == "low"
