"""Turns what a statement yields into what Omnidesk's data field takes. Pure; no clock, no I/O.

Values per type (documented: field_type and the option key; the date's form and the greatest lengths are assumed;
docs/unverified.md).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal

from omnidesk.fields.problems import FieldProblem
from omnidesk.fields.run import Raw
from omnidesk.helpdesk.objects import CustomField

TEXT_LIMIT = 255
TEXTAREA_LIMIT = 10_000
"""Characters sent at most; the rest gives way to an ellipsis, so that a long value does not lose the field."""

_YES = frozenset({"on", "yes", "1", "true", "y", "t", "да", "вкл", "истина"})
_NO = frozenset({"off", "no", "0", "false", "n", "f", "нет", "выкл", "ложь"})
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?\Z", re.DOTALL)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?: .*)?\Z", re.DOTALL)
# Control characters but for line ends and tabs, the surrogates that cannot be sent, and the overrides of text
# direction that could make one value look like another.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def to_omnidesk(field: CustomField, raw: Raw) -> str | bool | None:
    """The value to send for ``field``; ``None`` means: send nothing for this field.

    Raises :class:`FieldProblem` when ``raw`` cannot be such a value. A missing value (NULL, no row) empties a text
    field and leaves the others alone, because they have no documented way of saying "empty".
    """
    converter = _CONVERTERS.get(field.type)
    if converter is None:
        raise FieldProblem("unknown_field_type", type=field.type)
    if raw is None:
        return "" if field.type in ("text", "textarea") else None
    return converter(field, raw)


def plain(raw: Raw) -> str:
    """The value as clean text: how a person would write it, without control characters."""
    if isinstance(raw, (bytes, bytearray)):
        try:
            text = bytes(raw).decode("utf-8")
        except UnicodeDecodeError as error:
            raise FieldProblem("not_text") from error
    elif isinstance(raw, (float, Decimal)):
        text = _number(raw)
    elif isinstance(raw, datetime.datetime):
        text = raw.replace(microsecond=0).isoformat(sep=" ")
    else:
        text = "" if raw is None else str(raw)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", text).strip()


def _number(raw: float | Decimal) -> str:
    """Never 1E+3; a Decimal keeps the column's own number of digits."""
    return format(raw if isinstance(raw, Decimal) else Decimal(repr(raw)), "f")


def _bounded(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _text(field: CustomField, raw: Raw) -> str:
    return _bounded(" ".join(plain(raw).split()), TEXT_LIMIT)


def _textarea(field: CustomField, raw: Raw) -> str:
    return _bounded(plain(raw), TEXTAREA_LIMIT)


def _checkbox(field: CustomField, raw: Raw) -> bool | None:
    if raw in (b"\x00", b"\x01"):  # a BIT(1) column
        return raw == b"\x01"
    text = plain(raw).casefold()
    if isinstance(raw, (float, Decimal)) and "." in text:  # 1.00 of a DECIMAL column
        text = text.rstrip("0").rstrip(".")
    if not text:
        return None
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise FieldProblem("not_a_flag", value=text)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _select(field: CustomField, raw: Raw) -> str | None:
    """An option's key, found by the option's text; a value that is a key already is taken as such.

    The text goes first: an option labelled "2" may have the key 1.
    """
    text = plain(raw)
    if not text:
        return None
    exact = [key for key, label in field.options.items() if label.strip() == text]
    alike = exact or [key for key, label in field.options.items() if _folded(label) == _folded(text)]
    if len(alike) > 1:
        raise FieldProblem("ambiguous_option", value=text)
    if alike:
        return alike[0]
    if text in field.options:
        return text
    raise FieldProblem("not_an_option", value=text, options=", ".join(field.options.values()) or "—")


def _date(field: CustomField, raw: Raw) -> str | None:
    if isinstance(raw, datetime.datetime):
        return raw.date().isoformat()
    if isinstance(raw, datetime.date):
        return raw.isoformat()
    text = plain(raw)
    if not text:
        return None
    iso, dotted = _ISO.match(text), _DOTTED.match(text)
    if iso:
        year, month, day = (int(part) for part in iso.groups())
    elif dotted:
        day, month, year = (int(part) for part in dotted.groups())
    else:
        raise FieldProblem("not_a_date", value=text)
    if year == month == day == 0:
        return None
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError as error:
        raise FieldProblem("not_a_date", value=text) from error


_CONVERTERS: dict[str, Callable[[CustomField, Raw], str | bool | None]] = {
    "text": _text,
    "textarea": _textarea,
    "checkbox": _checkbox,
    "select": _select,
    "date": _date,
}
