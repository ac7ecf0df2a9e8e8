"""What the values of a rating column mean, by its name, its type and what stands in it."""

from __future__ import annotations

from typing import Any

import pytest

from omnidesk.billmanager.columns import Column
from omnidesk.billmanager.rating_column import scale_of
from omnidesk.core import ratings

GOOD, BAD = ratings.GOOD, ratings.BAD


def column(name: str = "rating", full: str = "int(11)", **facts: Any) -> Column:
    row = {"name": name, "kind": full.partition("(")[0], "full": full, "nullable": "YES", "fallback": None, **facts}
    return Column.of(row)


def read(found: Column, *texts: str, clients: tuple[str, ...] = (), named: bool = False) -> dict[str, int] | None:
    scale = scale_of(found, {text: text in clients for text in (*texts, *clients)}, named=named)
    return {text: scale.read(text) for text in texts} if scale else None


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("1", "0"), (GOOD, BAD)),
        (("1", "-1"), (GOOD, BAD)),
        (("1", "2"), (GOOD, BAD)),
        (("1", "0", "-1"), (GOOD, 0, BAD)),
        (("1", "0", "2"), (GOOD, 0, BAD)),
        (("1",), (GOOD,)),
        (("0",), (BAD,)),
        (("-1",), (BAD,)),
        (("2",), (BAD,)),
        (("1", "2", "3"), (1, 2, 3)),
        (("0", "1", "5"), (0, 1, 5)),
        (("good", "bad"), (GOOD, BAD)),
        (("like", "dislike", ""), (GOOD, BAD, 0)),
        (("up", "none"), (GOOD, 0)),
        (("good", "1", "0"), (GOOD, GOOD, BAD)),
    ],
)
def test_values_as_clients_ratings(texts: tuple[str, ...], expected: tuple[int, ...]) -> None:
    assert read(column(full="varchar(16)"), *texts) == dict(zip(texts, expected, strict=True))


@pytest.mark.parametrize(
    "texts", [("6",), ("1", "100"), ("-2",), ("-1", "2"), ("-1", "5"), ("great",), ("good", "needs work"), ("4.5",)]
)
def test_values_that_are_no_clients_ratings(texts: tuple[str, ...]) -> None:
    assert read(column(full="varchar(64)"), *texts) is None
    assert read(column(full="varchar(64)"), *texts, named=True) is not None, "an administrator knows better"


@pytest.mark.parametrize("full", ["date", "datetime", "timestamp", "blob", "longtext", "json"])
def test_types_that_hold_no_ratings(full: str) -> None:
    assert read(column(full=full), "1") is None


@pytest.mark.parametrize("full", ["text", "tinytext", "decimal(4,2)", "float", "double", "varbinary(8)"])
def test_of_other_types_the_values_decide(full: str) -> None:
    """An average, a percentage or a sentence is none."""
    assert read(column(full=full), "1", "-1") is not None
    for other in ("4.25", "1.5", "80", "good work"):
        assert read(column(full=full), "1", other) is None


@pytest.mark.parametrize(
    ("full", "texts", "taken"),
    [
        ("int(11)", ("1", "2"), False), ("int(11)", ("4", "5"), False), ("int(11)", (), False),
        ("int(11)", ("1", "0"), False), ("tinyint(1)", ("1", "0"), True), ("tinyint(1)", ("3",), False),
        ("int(11)", ("1", "-1"), True), ("enum('good','bad')", (), True), ("varchar(16)", ("good",), True),
        ("varchar(16)", (), False), ("enum('1','2','3','4','5')", (), False),
    ],
)  # fmt: skip
def test_rate_may_be_the_quality_control_of_staff(full: str, texts: tuple[str, ...], taken: bool) -> None:
    assert (read(column("rate", full), *texts) is not None) is taken


def test_the_values_an_enum_may_have_count_as_seen() -> None:
    assert read(column(full="enum('1','2','3','4','5')"), "1") == {"1": 1}
    assert read(column(full="enum('excellent','poor')")) is None


@pytest.mark.parametrize(
    "facts", [{"nullable": "NO"}, {"fallback": "0"}, {"fallback": "'0'"}, {"nullable": "NO", "fallback": b"0"}]
)
def test_what_stands_in_every_row_is_no_rating(facts: dict[str, Any]) -> None:
    assert read(column(**facts), "1", "0") == {"1": GOOD, "0": 0}


def test_another_default_leaves_nought_a_rating() -> None:
    assert read(column(nullable="NO", fallback="-1"), "1", "0", "-1") == {"1": GOOD, "0": BAD, "-1": 0}


def test_nought_at_clients_own_messages_is_no_rating() -> None:
    assert read(column(), "1", "0", clients=("0",)) == {"1": GOOD, "0": 0}


def test_the_default_null_is_none() -> None:
    """As MariaDB writes it."""
    assert read(column(fallback="NULL"), "0") == {"0": BAD}


@pytest.mark.parametrize(
    ("text", "rating"),
    [("good", GOOD), (" Bad ", BAD), ("LIKE", GOOD), ("5", 5), ("1", 1), ("0", 0), ("-1", 0), ("٣", 0), ("best", 0),
     ("", 0), ("9" * 5000, ratings.MOST_STARS)],
)  # fmt: skip
def test_words_and_numbers(text: str, rating: int) -> None:
    assert ratings.parse(text) == rating


@pytest.mark.parametrize("rating", [GOOD, BAD, 1, 5, 9])
def test_a_rating_is_written_as_it_is_read(rating: int) -> None:
    assert ratings.parse(ratings.label(rating)) == rating
