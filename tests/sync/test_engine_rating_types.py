"""Rating columns of every type a panel may have given them: a like is never low, a dislike is never dropped."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.amount import spread
from tests.support.workshop import Workshop
from tests.sync.test_engine_ratings import LEVELS, answered, rating, restarted

Make = Callable[..., Workshop]
TYPES = [
    ("enum('good','bad')", "'good'", "'bad'"),
    ("enum('bad','good') NULL DEFAULT NULL", "'good'", "'bad'"),
    ("enum('none','like','dislike') NOT NULL DEFAULT 'none'", "'like'", "'dislike'"),
    ("enum('0','1')", "'1'", "'0'"),
    ("enum('-1','1')", "'1'", "'-1'"),
    ("bit(1) NULL", "b'1'", "b'0'"),
    ("bit(8) NULL", "1", "2"),
    ("boolean NULL", "TRUE", "FALSE"),
    ("tinyint unsigned NULL", "1", "2"),
    ("smallint NULL", "1", "-1"),
    ("decimal(3,1) NULL", "1.0", "-1.0"),
    ("decimal(2,0) NULL", "1", "0"),
    ("float NULL", "1", "-1"),
    ("double NULL", "5", "1"),
    ("char(8) NULL", "'Good'", "'BAD'"),
    ("varchar(10) NULL", "' 1 '", "'-1'"),
    ("varchar(10) CHARACTER SET latin1 NULL", "'UP'", "'Down'"),
    ("varbinary(10) NULL", "'good'", "'bad'"),
    ("binary(4) NULL", "'good'", "'bad'"),
    ("tinytext NULL", "'good'", "'bad'"),
    ("text NULL", "'positive'", "'negative'"),
    ("varchar(10) NULL", "'+'", "'-'"),
    ("varchar(10) NULL", "'+1'", "'-1'"),
]


@pytest.mark.parametrize("events", [True, False], ids=["event", "no event"])
@pytest.mark.parametrize(("type", "good", "bad"), spread(TYPES, 12), ids=str)
def test_a_column_of_this_type(make_workshop: Make, type: str, good: str, bad: str, events: bool) -> None:
    workshop = make_workshop()
    tickets = {given: answered(workshop) for given in ("good", "bad")}
    workshop.panel.execute(f"ALTER TABLE ticket_message DROP COLUMN rating, ADD COLUMN rating {type}")
    restarted(workshop)
    for given, value in (("good", good), ("bad", bad)):
        _, message = tickets[given]
        workshop.panel.execute(f"UPDATE ticket_message SET rating = {value} WHERE id = {message}")
        if events:
            workshop._leave(f"rating-{message}", {"rating": given, "function": f"ticket.message.rate.{given}"})
    workshop.settle()
    restarted(workshop)
    workshop.settle()
    assert {given: rating(workshop, ticket) for given, (ticket, _) in tickets.items()} == LEVELS
