"""Omnidesk's dates: RFC 2822 with the account's offset on the way out, several forms on the way in."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from .wire import ApiError

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_GIVEN = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?(?: ?([+-]\d{2}:?\d{2}))?\Z")


def zone(offset: str) -> timezone:
    """The time zone of an offset such as ``+0300``."""
    digits = offset[1:].replace(":", "")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-span if offset[0] == "-" else span)


def written(seconds: int, offset: str, wrong_weekday: bool = False) -> str:
    """``Mon, 05 May 2014 00:15:17 +0300``, or ``-`` for never (documented); names never depend on the locale."""
    if not seconds:
        return "-"
    when = datetime.fromtimestamp(seconds, zone(offset))
    day = _DAYS[(when.weekday() + int(wrong_weekday)) % 7]
    return f"{day}, {when.day:02d} {_MONTHS[when.month - 1]} {when:%Y %H:%M:%S} {offset}"


def given(value: Any, offset: str, name: str = "time") -> int:
    """Unix seconds of a date parameter: date, date and time, either with an offset, or Unix seconds (documented).

    Without an offset the account's own zone counts. Anything else is refused with 400.
    """
    text = str(value).strip()
    if re.fullmatch(r"\d{6,11}", text):
        return int(text)
    found = _GIVEN.match(text)
    if found is None:
        raise ApiError(400, f"wrong_{name}")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        when = datetime(year, month, day, hour, minute, second, tzinfo=zone(found.group(7) or offset))
    except ValueError as problem:
        raise ApiError(400, f"wrong_{name}") from problem
    return int(when.timestamp())
