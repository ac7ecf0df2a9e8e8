"""How much is tried: what finds something in minutes, or with ``TESTS_AMOUNT=all`` everything that may."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
ALL = os.environ.get("TESTS_AMOUNT") == "all"


def examples(wanted: int) -> int:
    """Of so many examples of Hypothesis, those that an ordinary run tries."""
    return wanted if ALL else min(wanted, max(25, wanted // 8))


def spread(values: Sequence[T], most: int) -> list[T]:
    """Of many values, the first, the last, and what lies evenly between them."""
    if ALL or len(values) <= most:
        return list(values)
    return [values[round(at * (len(values) - 1) / (most - 1))] for at in range(most)]
