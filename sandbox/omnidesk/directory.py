"""What an administrator set up and the API only reads: staff, fields, channels, groups, labels, languages, filters."""

from __future__ import annotations

from typing import Any

from . import views
from .caselist import FILTERS
from .endpoint import Answer, Context, number, page_of
from .wire import ApiError

LANGUAGES = (
    {"language_id": 1, "code": "РУС", "title": "Русский"},
    {"language_id": 2, "code": "ENG", "title": "English"},
)


def staff_list(context: Context) -> Answer:
    """GET staff, the disabled ones among them."""
    rows = sorted(context.model.staff.values(), key=lambda one: one.staff_id)
    return _listed(context, "staff", [views.staff(context.model, one) for one in rows])


def staff(context: Context, reference: str) -> Answer:
    """GET one employee."""
    found = context.model.staff.get(number(reference, "staff_id"))
    if found is None:
        raise ApiError(404, "staff_not_found")
    return 200, {"staff": views.staff(context.model, found)}


def custom_fields(context: Context) -> Answer:
    """GET the data fields of both levels, the inactive ones among them."""
    return _listed(context, "custom_field", [views.custom_field(one) for one in context.model.fields.values()])


def custom_channels(context: Context) -> Answer:
    """GET the custom channels."""
    return _listed(context, "custom_channel", [views.custom_channel(one) for one in context.model.channels.values()])


def groups(context: Context) -> Answer:
    """GET the groups."""
    rows = [
        {"group_id": group_id, "group_title": title, "active": True}
        for group_id, title in _sorted(context.model.groups)
    ]
    return _listed(context, "group", rows)


def labels(context: Context) -> Answer:
    """GET the labels."""
    rows = [{"label_id": label_id, "label_title": title} for label_id, title in _sorted(context.model.labels)]
    return _listed(context, "label", rows)


def languages(context: Context) -> Answer:
    """GET the languages: 1 Russian, 2 English as in the documentation."""
    return _listed(context, "language", [{**language, "active": True} for language in LANGUAGES])


def filters(context: Context) -> Answer:
    """GET the case filters (camelCase keys, documented)."""
    rows = [
        {"filter_id": filter_id, "filter_name": name, "isSelected": name == "open", "isCustom": False}
        for filter_id, name in FILTERS.items()
    ]
    return _listed(context, "filter", rows)


def _sorted(named: dict[int, str]) -> list[tuple[int, str]]:
    return sorted(named.items())


def _listed(context: Context, inner: str, rows: list[dict[str, Any]]) -> Answer:
    return 200, views.listed(context.model, inner, page_of(context, rows), len(rows))
