"""Turns what a statement yields into what Omnidesk's data field takes. Pure; no clock, no I/O.

Values per type (documented: field_type and the option key; the date's form and the greatest lengths are assumed;
docs/unverified.md).
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal

from omnidesk.core.text import clean, unescape
from omnidesk.custom_fields.problems import FieldProblem, Warn, ignore
from omnidesk.custom_fields.sql_run import Raw
from omnidesk.helpdesk.models import CustomField

Sent = str | bool | list[str]
"""What a field takes: text, an option's key (several of them as a list), a date as text, a flag as bool."""

TEXT_LIMIT = 255
TEXTAREA_LIMIT = 10_000
"""Characters sent at most; the rest gives way to an ellipsis, so that a long value does not lose the field."""

_YES = frozenset({"on", "yes", "1", "true", "y", "t", "да", "вкл", "истина"})
_NO = frozenset({"off", "no", "0", "false", "n", "f", "нет", "выкл", "ложь"})
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?\Z", re.DOTALL)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?: .*)?\Z", re.DOTALL)
_SEPARATORS = re.compile("[\x1c-\x1e]")  # of records, as some export them: Python takes them for ends of lines
# The overrides of text direction that could make one value look like another.
_OVERRIDES = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_NO_VALUE = frozenset({"", "-", "–", "—"})  # what people and Omnidesk write where there is nothing
_LARGEST_BITS = 8  # bytes of the widest BIT column
_LONGEST_CHOICE = 4000  # no list of options is longer, and comparing longer texts would cost time


def to_omnidesk(field: CustomField, raw: Raw, warn: Warn = ignore) -> Sent | None:
    """The value to send for ``field``; ``None`` means: send nothing for this field.

    Raises :class:`FieldProblem` when ``raw`` cannot be such a value; ``warn`` is given what deserves a look although
    the field is filled. A missing value (NULL, no row) empties a text field and leaves the others alone, because they
    have no documented way of saying "empty".
    """
    converter = _CONVERTERS.get(field.type)
    if converter is None:
        raise FieldProblem("unknown_field_type", type=field.type)
    if raw is None:
        return "" if field.type in _LIMITS else None
    sent = converter(field, raw)
    limit = _LIMITS.get(field.type, 0)
    if limit and isinstance(sent, str) and len(sent) > limit:
        warn(FieldProblem("shortened", length=len(sent), limit=limit))
        return sent[: limit - 1].rstrip() + "…"
    return sent


def plain(raw: Raw) -> str:
    """The value as clean text: how a person would write it, without control characters."""
    if isinstance(raw, (bytes, bytearray)):
        text = _decoded(bytes(raw))
    elif isinstance(raw, (float, Decimal)):
        text = _number(raw)
    elif isinstance(raw, datetime.datetime):
        text = raw.replace(microsecond=0).isoformat(sep=" ")
    elif isinstance(raw, (datetime.timedelta, datetime.time)):
        text = _clock(raw)
    else:
        text = "" if raw is None else str(raw)
    return _OVERRIDES.sub("", clean(_SEPARATORS.sub("\n", text))).strip()


def _decoded(raw: bytes) -> str:
    """Text, or the number of a BIT column that came without its type: one control character, or a leading zero."""
    if 0 < len(raw) <= _LARGEST_BITS and (raw[0] == 0 or (len(raw) == 1 and raw[0] < 0x20)):
        return str(int.from_bytes(raw, "big"))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FieldProblem("not_text") from error


def _number(raw: float | Decimal) -> str:
    """Never 1E+3; a Decimal keeps the column's own number of digits, 8.0 of a float is 8."""
    if isinstance(raw, Decimal):
        return format(raw, "f")
    text = format(Decimal(repr(raw)), "f")
    return text.removesuffix(".0")


def _clock(raw: datetime.timedelta | datetime.time) -> str:
    """A time as people write it: 09:05, 26:00, -1:30 (less than nothing is never a time of day); seconds if any."""
    if isinstance(raw, datetime.time):
        raw = datetime.timedelta(hours=raw.hour, minutes=raw.minute, seconds=raw.second)
    minutes, seconds = divmod(abs(raw) // datetime.timedelta(seconds=1), 60)
    negative = raw < datetime.timedelta(0) and (minutes or seconds)
    text = f"-{minutes // 60}:{minutes % 60:02d}" if negative else f"{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


def _text(field: CustomField, raw: Raw) -> str:
    return " ".join(plain(raw).split())


def _textarea(field: CustomField, raw: Raw) -> str:
    return plain(raw)


def _checkbox(field: CustomField, raw: Raw) -> bool | None:
    text = _folded(_without_zeros(plain(raw), number=True))
    if text in _NO_VALUE:
        return None
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise FieldProblem("not_a_flag", value=text)


def _composed(text: str) -> str:
    """An option's text as it is meant: Omnidesk may have escaped it, and a letter may be two characters."""
    return unicodedata.normalize("NFC", unescape(text)).strip()


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(_composed(text).split()).casefold())


def _without_zeros(text: str, number: bool) -> str:
    """8.0 and 5.0000 as 8 and 5. Of a ``number`` 1.10 is 1.1, too; as a text it may be a version."""
    whole, point, fraction = text.partition(".")
    if not (point and whole.lstrip("+-").isdigit() and fraction.isdigit()):
        return text
    rest = fraction.rstrip("0")
    return whole if not rest else f"{whole}.{rest}" if number else text


def _select(field: CustomField, raw: Raw) -> str | list[str] | None:
    """An option's key, found by the option's text; a value that is a key already is taken as such.

    Several options, as GROUP_CONCAT yields them, become the list of their keys.
    """
    text = plain(raw)
    if len(text) > _LONGEST_CHOICE:
        raise FieldProblem("not_an_option", value=text, options=_options(field))
    number = isinstance(raw, (int, float, Decimal))
    found = _option(field, text, number)
    if found is not None:
        return found
    if text in _NO_VALUE:
        return None
    parts = [part.strip() for part in re.split("[,;\n]", text)]
    keys = [_option(field, part, number) for part in parts if part] if len(parts) > 1 else []
    several = list(dict.fromkeys(key for key in keys if key is not None))
    if several and None not in keys:
        return several if len(several) > 1 else several[0]
    raise FieldProblem("not_an_option", value=text, options=_options(field))


def _options(field: CustomField) -> str:
    return ", ".join(field.options.values()) or "—"


def _option(field: CustomField, text: str, number: bool) -> str | None:
    """The key of the option that ``text`` means, if there is one.

    The text goes before the key: an option labelled "2" may have the key 1.
    """

    def numeric(given: str) -> str:
        return _without_zeros(_folded(given), number)

    if not text:
        return None
    for same in (_composed, _folded, numeric):
        alike = [key for key, label in field.options.items() if same(label) == same(text)]
        if len(alike) > 1:
            raise FieldProblem("ambiguous_option", value=text)
        if alike:
            return alike[0]
    return next((key for key in (text, _without_zeros(text, number)) if key in field.options), None)


def _date(field: CustomField, raw: Raw) -> str | None:
    if isinstance(raw, datetime.datetime):
        return raw.date().isoformat()
    if isinstance(raw, datetime.date):
        return raw.isoformat()
    text = plain(raw)
    if text in _NO_VALUE:
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


_LIMITS = {"text": TEXT_LIMIT, "textarea": TEXTAREA_LIMIT}
_CONVERTERS: dict[str, Callable[[CustomField, Raw], Sent | None]] = {
    "text": _text,
    "textarea": _textarea,
    "checkbox": _checkbox,
    "select": _select,
    "date": _date,
}
