"""A client's rating of a reply as one number: stars, or good and bad."""

from __future__ import annotations

MOST_STARS = 999
BAD, GOOD = 1001, 1002  # above every number of stars
_GOOD = ("good", "like", "liked", "up", "positive", "plus", "+", "+1")
_BAD = ("bad", "dislike", "disliked", "down", "negative", "minus", "-")
_WORDS = {**dict.fromkeys(_GOOD, GOOD), **dict.fromkeys(_BAD, BAD)}


def word(text: str) -> int:
    """The rating that a word means; 0 for any other text."""
    return _WORDS.get(text.strip().lower(), 0)


def parse(text: str) -> int:
    """``good``, ``bad`` or a number of stars; 0 for anything else."""
    plain = text.strip()
    if plain.isascii() and plain.isdigit():
        return min(int(plain[:18]), MOST_STARS)
    return word(plain)


def label(rating: int) -> str:
    """How a rating is written: what :func:`parse` reads."""
    return {GOOD: "good", BAD: "bad"}.get(rating, str(rating))
