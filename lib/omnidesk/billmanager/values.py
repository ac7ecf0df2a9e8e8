"""Values of the panel's tables, whatever a column holds: something optional must not cost the row."""

from __future__ import annotations

LATEST = 2**32  # Unix seconds: a date behind it is a mistake


def number(value: object) -> int:
    """A whole number as the database gives it; 0 for what is none: something optional must not cost the row."""
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return 0


def moment(value: object) -> float:
    """Unix seconds; 0.0 for a date that is none ('0000-00-00' and its like)."""
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return found if 0 <= found < LATEST else 0.0


def words(value: object) -> str:
    """A text; a column of bytes is read as UTF-8."""
    if isinstance(value, (bytes, bytearray)):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)
