"""The client's ratings: by the event, by whatever column the panel has, and exactly once."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from omnidesk.billmanager.rating_column import NAMES
from sandbox.billmanager.schema import RATING_VALUES
from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
LEVELS = {"good": "high", "bad": "low"}


def answered(workshop: Workshop) -> tuple[int, int]:
    """A ticket with an agent's reply; the reply's id in BILLmanager."""
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "Готово", status="waiting")
    workshop.settle()
    return ticket, workshop.panel.messages(ticket)[-1].id


def rating(workshop: Workshop, ticket: int) -> str:
    return workshop.desk.messages(workshop.case(ticket))[-1].rating


def sent(workshop: Workshop) -> int:
    return workshop.desk.calls_count("PUT /api/cases/*/rate/*")


def restarted(workshop: Workshop, **settings: object) -> None:
    """A later process, which looks at the column again."""
    workshop.tick(4000)
    workshop.restart(**settings)


@pytest.mark.parametrize("column", ["rating", None])
@pytest.mark.parametrize("values", sorted(RATING_VALUES))
@pytest.mark.parametrize("given", ["good", "bad"])
def test_an_event_carries_the_rating(make_workshop: Make, column: str | None, values: str, given: str) -> None:
    """Also where nothing readable is stored; and what is stored says nothing else afterwards."""
    workshop = make_workshop(rating_column=column, rating_values=values)
    ticket, message = answered(workshop)
    workshop.panel.client_rates(message, given)
    workshop.settle()
    restarted(workshop)
    workshop.settle()
    assert (rating(workshop, ticket), sent(workshop)) == (LEVELS[given], 1)
    workshop.assert_equal(ticket)
    assert workshop.context.state.noted_ratings(ticket) == {}


@pytest.mark.parametrize(
    ("name", "values"),
    [("rating", values) for values in sorted(RATING_VALUES)] + [(name, "one_zero") for name in NAMES[1:-1]],
)
def test_a_lost_event_is_made_up_for_by_the_column(make_workshop: Make, name: str, values: str) -> None:
    """A like is never low, and a dislike is never dropped."""
    workshop = make_workshop(rating_column=name, rating_values=values)
    tickets = {given: answered(workshop) for given in ("good", "bad")}
    for given, (_, message) in tickets.items():
        workshop.panel.client_rates(message, given, fire=False)
    workshop.settle()
    assert {given: rating(workshop, ticket) for given, (ticket, _) in tickets.items()} == LEVELS


@pytest.mark.parametrize("values", sorted(set(RATING_VALUES) - {"stars"}))
@pytest.mark.parametrize("given", ["good", "bad"])
def test_a_single_rating_in_the_column_is_understood(make_workshop: Make, values: str, given: str) -> None:
    """With nothing to compare it with: a client chooses between two levels."""
    workshop = make_workshop(rating_values=values)
    ticket, message = answered(workshop)
    workshop.panel.client_rates(message, given, fire=False)
    workshop.settle()
    assert rating(workshop, ticket) == LEVELS[given]


@pytest.mark.parametrize("values", ["one_zero", "plus_minus", "one_two", "stars"])
def test_a_column_that_is_never_null_rates_nothing_by_its_default(make_workshop: Make, values: str) -> None:
    workshop = make_workshop(rating_values=values, rating_required=True)
    tickets = {given: answered(workshop) for given in ("good", "bad")}
    workshop.settle()
    assert sent(workshop) == 0
    for given, (_, message) in tickets.items():
        workshop.panel.client_rates(message, given)
    workshop.settle()
    assert {given: rating(workshop, ticket) for given, (ticket, _) in tickets.items()} == LEVELS


@pytest.mark.parametrize(("stars", "level"), [(1, "low"), (2, "low"), (3, "middle"), (4, "high"), (5, "high")])
def test_stars_become_a_level(make_workshop: Make, stars: int, level: str) -> None:
    """Where the column has held more than two levels before."""
    workshop = make_workshop(rating_values="stars")
    other, another = answered(workshop)
    workshop.panel.client_gives_stars(another, 4)
    workshop.settle()
    ticket, message = answered(workshop)
    workshop.panel.client_gives_stars(message, stars)
    workshop.settle()
    assert (rating(workshop, ticket), rating(workshop, other)) == (level, "high")


def test_a_lone_star_is_corrected_when_the_column_turns_out_to_count_stars(make_workshop: Make) -> None:
    workshop = make_workshop(rating_values="stars")
    (first, one), (_, other) = answered(workshop), answered(workshop)
    workshop.panel.client_gives_stars(one, 1)
    workshop.settle()
    assert rating(workshop, first) == "high", "of good and bad it is the good one"
    workshop.panel.client_gives_stars(other, 4)
    workshop.settle()
    assert rating(workshop, first) == "low"


def test_an_event_teaches_what_a_value_means(make_workshop: Make) -> None:
    """A panel that stores them the other way round, and an event that is lost later."""
    workshop = make_workshop(rating_values="one_two")
    (first, one), (second, two) = answered(workshop), answered(workshop)
    workshop.panel.client_rates(one, "good")
    workshop.panel.execute("UPDATE ticket_message SET rating = 2 WHERE id = %s", one)
    workshop.settle()
    workshop.panel.execute("UPDATE ticket_message SET rating = 2 WHERE id = %s", two)
    restarted(workshop)
    workshop.settle()
    assert (rating(workshop, first), rating(workshop, second)) == ("high", "high")


@pytest.mark.parametrize(("values", "seconds"), [("words", 0), ("words", 900), ("one_two", 900), ("one_zero", 900)])
def test_an_event_that_is_read_late_teaches_nothing_wrong(make_workshop: Make, values: str, seconds: int) -> None:
    """The client has rated again meanwhile, and that event was lost: the row holds his second rating."""
    workshop = make_workshop(rating_values=values)
    (first, one), (second, two) = answered(workshop), answered(workshop)
    workshop.panel.client_rates(one, "good")
    workshop.panel.client_rates(one, "bad", fire=False)
    workshop.tick(seconds)
    workshop.settle()
    workshop.panel.client_rates(two, "bad", fire=False)
    restarted(workshop)
    workshop.settle()
    assert (rating(workshop, first), rating(workshop, second)) == ("low", "low")


def test_an_event_is_not_lost_while_omnidesk_is_away(make_workshop: Make) -> None:
    """The rating of a reply that is not there yet, in a panel that stores nothing readable."""
    workshop = make_workshop(rating_column=None)
    ticket = workshop.linked_ticket()
    workshop.desk.faults.unreachable = True
    message = workshop.panel.employee_replies(workshop.anna, ticket, "Готово")
    workshop.panel.client_rates(message, "bad")
    workshop.panel.client_writes(workshop.ivan.user, ticket, "не помогло")
    workshop.run_pass()
    workshop.restart()
    workshop.desk.faults.unreachable = False
    workshop.tick(600)
    workshop.settle()
    there = {one.content: one.rating for one in workshop.desk.messages(workshop.case(ticket))}
    assert there["Готово"] == "low" and sent(workshop) == 1


def test_the_last_of_two_events_counts(make_workshop: Make) -> None:
    workshop = make_workshop(rating_column=None)
    ticket, message = answered(workshop)
    for given in ("good", "bad", "good", "bad"):
        workshop.panel.client_rates(message, given)
    workshop.settle()
    assert (rating(workshop, ticket), sent(workshop)) == ("low", 1)
    workshop.panel.client_rates(message, "good")
    workshop.settle()
    assert (rating(workshop, ticket), sent(workshop)) == ("high", 2)


def test_the_same_rating_again_is_settled_without_a_call(make_workshop: Make) -> None:
    workshop = make_workshop(rating_column=None)
    ticket, message = answered(workshop)
    for _ in range(2):
        workshop.panel.client_rates(message, "good")
        workshop.settle()
    assert sent(workshop) == 1
    assert workshop.context.state.noted_ratings(ticket) == {}


@pytest.mark.parametrize("values", [(4, 5), (7,), (80, 95), (1, 3), (1, 2), (0, 10)])
def test_the_quality_control_of_staff_is_no_clients_rating(make_workshop: Make, values: tuple[int, ...]) -> None:
    """``selecttickets.rate`` exists beside the clients' ratings (documented), and may have a column of that name."""
    workshop = make_workshop(rating_column="rate", rating_values="stars")
    for value in values:
        _, message = answered(workshop)
        workshop.panel.execute("UPDATE ticket_message SET `rate` = %s WHERE id = %s", value, message)
    restarted(workshop)
    workshop.settle()
    assert sent(workshop) == 0
    assert workshop.context.rating_column.rejected == ["rate"]


@pytest.mark.parametrize(
    ("name", "values"), [("score", "words"), ("score", "one_zero"), ("attitude", "words"), ("mark", "stars")]
)
def test_columns_of_something_else_are_not_read(make_workshop: Make, name: str, values: str) -> None:
    """``score`` belongs to abuse tasks, ``attitude`` to what staff think of the client (documented)."""
    workshop = make_workshop(rating_column=name, rating_values=values)
    _, message = answered(workshop)
    workshop.panel.client_rates(message, "bad", fire=False)
    workshop.settle()
    assert sent(workshop) == 0


def test_a_column_that_begins_to_hold_something_else_is_no_longer_read(
    make_workshop: Make, caplog: pytest.LogCaptureFixture
) -> None:
    workshop = make_workshop(rating_values="one_zero")
    (_, one), (_, two) = answered(workshop), answered(workshop)
    workshop.panel.client_rates(one, "good", fire=False)
    workshop.settle()
    workshop.panel.execute("UPDATE ticket_message SET rating = 87 WHERE id = %s", two)
    with caplog.at_level(logging.WARNING):
        workshop.settle()
    assert sent(workshop) == 1 and any("no longer read" in one for one in caplog.messages)


def test_an_employees_answer_is_rated_too(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    message = workshop.panel.employee_replies(workshop.anna, ticket, "Готово")
    workshop.settle()
    workshop.panel.client_rates(message, "good")
    workshop.settle()
    assert rating(workshop, ticket) == "high"


def test_a_rating_changed_twice_ends_as_the_last_one(workshop: Workshop) -> None:
    ticket, message = answered(workshop)
    for given in ("good", "bad", "good"):
        workshop.panel.client_rates(message, given)
        workshop.settle()
    assert (rating(workshop, ticket), sent(workshop)) == ("high", 3)


def test_a_rating_is_one_call_and_is_not_repeated(make_workshop: Make) -> None:
    workshop = make_workshop()
    ticket, message = answered(workshop)
    workshop.panel.client_rates(message, "good", fire=False)
    calls = workshop.calls(workshop.sync)
    reply = workshop.desk.messages(workshop.case(ticket))[-1].message_id
    assert calls == ["GET /api/cases.json", f"PUT /api/cases/{workshop.case(ticket)}/rate/{reply}.json"]
    workshop.tick(120)
    assert workshop.calls(workshop.sync) == ["GET /api/cases.json"]


def test_another_number_of_stars_of_the_same_level_is_settled_without_a_call(make_workshop: Make) -> None:
    workshop = make_workshop(rating_values="stars")
    ticket, message = answered(workshop)
    for stars in (4, 5):
        workshop.panel.client_gives_stars(message, stars)
        workshop.settle()
    assert sent(workshop) == 1
    workshop.tick(120)
    workshop.run_pass()
    assert not workshop.reports[-1].tried, "the scan must not come upon it again and again"
    assert rating(workshop, ticket) == "high"


def test_a_rating_of_a_clients_message_is_refused_and_logged_once(
    make_workshop: Make, caplog: pytest.LogCaptureFixture
) -> None:
    workshop = make_workshop(rating_values="stars")
    ticket = workshop.linked_ticket()
    with caplog.at_level(logging.WARNING):
        workshop.panel.client_gives_stars(workshop.panel.messages(ticket)[0].id, 5)
        workshop.client_writes(ticket, "и ещё")
        workshop.settle()
        workshop.tick(120)
        workshop.settle()
    assert workshop.desk.calls_count("PUT /api/cases/*/rate*") == 0
    assert len([one for one in caplog.messages if "rating" in one]) == 1


def test_stars_the_map_does_not_cover_are_refused_and_logged_once(
    make_workshop: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """In a column that an administrator has named."""
    workshop = make_workshop(rating_values="stars")
    workshop.restart(rating_column="rating")
    _, message = answered(workshop)
    with caplog.at_level(logging.WARNING):
        workshop.panel.client_gives_stars(message, 9)
        workshop.settle()
        workshop.tick(120)
        workshop.settle()
    assert workshop.desk.calls_count("PUT /api/cases/*/rate*") == 0
    assert len([one for one in caplog.messages if "rating" in one]) == 1


def test_one_call_that_a_firewall_refuses_costs_no_message_its_rating(workshop: Workshop) -> None:
    ticket, message = answered(workshop)
    workshop.desk.faults.answer(403, "<html><title>Blocked</title></html>", "text/html", on="PUT /api/cases/*/rate/*")
    workshop.panel.client_rates(message, "bad")
    workshop.settle()
    assert rating(workshop, ticket) == "low"


def test_an_account_without_ratings_says_no_once(make_workshop: Make, caplog: pytest.LogCaptureFixture) -> None:
    workshop = make_workshop(desk=Settings(ratings_disabled=True))
    ticket, message = answered(workshop)
    with caplog.at_level(logging.WARNING):
        workshop.panel.client_rates(message, "good")
        workshop.settle()
        workshop.client_writes(ticket, "спасибо")
        workshop.settle()
    assert sent(workshop) == 1
    assert len([one for one in caplog.messages if "rating" in one]) == 1


@pytest.mark.parametrize("column", ["rating", None])
def test_a_rating_given_before_the_reply_was_linked_is_sent_after_it(make_workshop: Make, column: str | None) -> None:
    workshop = make_workshop(rating_column=column)
    ticket = workshop.linked_ticket()
    message = workshop.panel.employee_replies(workshop.anna, ticket, "Готово")
    workshop.panel.client_rates(message, "good")
    workshop.settle()
    assert rating(workshop, ticket) == "high"


def test_rating_an_old_answer_transfers_nothing_until_the_ticket_is_transferred(make_workshop: Make) -> None:
    workshop = make_workshop(rating_column=None, hook=False)
    ticket = workshop.new_ticket()
    message = workshop.panel.employee_replies(workshop.anna, ticket, "Готово")
    workshop.tick(86400)
    workshop.run_pass()  # the baseline
    workshop.hook = True
    workshop.tick(86400)
    workshop.panel.client_rates(message, "bad")
    workshop.settle()
    assert workshop.desk.cases == {}
    workshop.client_writes(ticket, "не помогло")
    workshop.settle()
    there = {one.content: one.rating for one in workshop.desk.messages(workshop.case(ticket))}
    assert there["Готово"] == "low"


@pytest.mark.parametrize("setting", ["off", ""])
def test_without_a_readable_column_nothing_is_looked_for(make_workshop: Make, setting: str) -> None:
    workshop = make_workshop(rating_column="rating" if setting else None)
    workshop.restart(rating_column=setting)
    ticket, message = answered(workshop)
    workshop.panel.client_rates(message, "good", fire=False)
    workshop.settle()
    assert sent(workshop) == 0
    workshop.panel.client_rates(message, "good")
    workshop.settle()
    assert rating(workshop, ticket) == "high"


@pytest.mark.parametrize("values", ["words", "plus_minus", "one_two"])
def test_the_rating_column_can_be_named(make_workshop: Make, values: str) -> None:
    workshop = make_workshop(rating_column="client_stars", rating_values=values)
    workshop.restart(rating_column="client_stars")
    ticket, message = answered(workshop)
    workshop.panel.client_rates(message, "bad", fire=False)
    workshop.settle()
    assert rating(workshop, ticket) == "low"


def test_a_map_without_ratings_sends_none(make_workshop: Make) -> None:
    workshop = make_workshop()
    workshop.restart(rating_map=())
    _, message = answered(workshop)
    workshop.panel.client_rates(message, "bad")
    workshop.settle()
    assert sent(workshop) == 0


def test_what_is_never_settled_is_not_kept_for_ever(make_workshop: Make) -> None:
    """Tickets of other departments are rated as well, and nothing is ever sent of these."""
    workshop = make_workshop(departments=("billing",))
    ticket = workshop.new_ticket("раз")
    workshop.settle()
    message = workshop.panel.messages(ticket)[-1].id
    workshop._leave(f"rating-{message}", {"rating": "good", "ticket": str(ticket)})
    workshop.settle()
    assert workshop.context.state.noted_ratings(ticket)
    workshop.tick(89 * 86400)
    workshop.settle()
    assert workshop.context.state.noted_ratings(ticket)
    workshop.tick(2 * 86400)
    workshop.settle()
    assert not workshop.context.state.noted_ratings(ticket)
