"""How much is tried: what finds something in minutes, or with ``TESTS_AMOUNT=all`` everything that may.

Ordinary runs leave out tests marked ``thorough`` and, of a test that is parametrised more than once and plays on both
products, most combinations: each value is tried with the first ones of the others, and the last values together.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import pytest

T = TypeVar("T")
ALL = os.environ.get("TESTS_AMOUNT") == "all"
BOTH_PRODUCTS = {"make_workshop", "world"}  # fixtures of tests that play on both


def examples(wanted: int) -> int:
    """Of so many examples of Hypothesis, those that an ordinary run tries."""
    return wanted if ALL else min(wanted, max(25, wanted // 8))


def size(wanted: int) -> int:
    """Of an input so long that what is not linear shows, what an ordinary run makes: a quarter."""
    return wanted if ALL else wanted // 4


def spread(values: Sequence[T], most: int) -> list[T]:
    """Of many values, the first, the last, and what lies evenly between them."""
    if ALL or len(values) <= most:
        return list(values)
    return [values[round(at * (len(values) - 1) / (most - 1))] for at in range(most)]


def left_out(items: Sequence[pytest.Item]) -> set[pytest.Item]:
    """Of these tests, in whatever order, those that an ordinary run leaves out."""
    left = {one for one in items if one.get_closest_marker("thorough")}
    ordered = sorted(items, key=lambda one: one.nodeid)
    for _, group in groupby(ordered, lambda one: one.nodeid.partition("[")[0]):
        combinations = [one for one in group if not BOTH_PRODUCTS.isdisjoint(getattr(one, "fixturenames", ()))]
        tried: set[Any] = set()
        for one in combinations:
            values = _values(one)
            if values <= tried and one is not combinations[-1]:
                left.add(one)
            tried |= values
    return left


def _values(item: pytest.Item) -> set[Any]:
    """The values that it has been given, those of one ``parametrize`` together, and those of fixtures."""
    left = dict(item.callspec.params) if hasattr(item, "callspec") else {}
    found: set[Any] = set()
    for mark in item.iter_markers("parametrize"):
        names = mark.args[0].split(",") if isinstance(mark.args[0], str) else mark.args[0]
        found.add(tuple((name.strip(), id(left.pop(name.strip()))) for name in names))
    return found | {(name, id(value)) for name, value in left.items()}
