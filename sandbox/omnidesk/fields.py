"""Custom fields: what may be written into them and how they are shown. Strict, so that a sloppy client is caught."""

from __future__ import annotations

from datetime import date
from typing import Any

from .state import Field
from .wire import ApiError

_EMPTY: dict[str, Any] = {"checkbox": False}


def checked(given: Any, fields: dict[int, Field], level: str) -> dict[str, Any]:
    """The values to store; 400 for a key that is unknown, inactive or of the other level, or for a wrong value."""
    if given in (None, "", [], {}):
        return {}
    if not isinstance(given, dict):
        raise ApiError(400, "wrong_custom_fields")
    by_key = {field.key: field for field in fields.values() if field.active and field.level == level}
    values = {}
    for key, value in given.items():
        if key not in by_key:
            raise ApiError(400, "wrong_custom_field")
        values[key] = _value(by_key[key], value)
    return values


def shown(values: dict[str, Any], fields: dict[int, Field], level: str) -> dict[str, Any]:
    """All active fields of the level, whether set or not (seen in clients written against live accounts)."""
    active = (field for field in fields.values() if field.active and field.level == level)
    return {field.key: values.get(field.key, _EMPTY.get(field.type, "")) for field in active}


def _value(field: Field, value: Any) -> Any:
    if isinstance(value, (dict, list)):
        raise ApiError(400, "wrong_custom_field_value")
    text = "" if value is None else str(value)
    if field.type == "checkbox":
        return _flag(value)
    if field.type == "select" and text and text not in field.options:
        raise ApiError(400, "wrong_custom_field_value")
    if field.type == "date" and text:
        try:
            if date.fromisoformat(text).isoformat() != text:
                raise ValueError(text)
        except ValueError as problem:
            raise ApiError(400, "wrong_custom_field_value") from problem
    return text


def _flag(value: Any) -> bool:
    """A JSON bool, 0 or 1. Words are refused: in a form PHP would take "false" for true."""
    if value in (True, "1"):
        return True
    if value in (False, None, "", "0"):
        return False
    raise ApiError(400, "wrong_custom_field_value")
