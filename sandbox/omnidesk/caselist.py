"""GET cases: filters, sorting, and what is hidden unless asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import dates, views
from .bodies import items
from .endpoint import Answer, Context, flag, matches, number, page_of, text
from .state import PRIORITIES, STATUSES, Case
from .wire import ApiError

FILTERS = {1: "open", 2: "waiting", 3: "closed", 4: "spam", 5: "deleted"}
_SORTS: dict[str, Callable[[Case], Any]] = {
    "updated_at": lambda case: case.updated_at,
    "created_at": lambda case: case.created_at,
    "response": lambda case: case.last_response_at,
    "priority": lambda case: PRIORITIES.index(case.priority),
    "status": lambda case: STATUSES.index(case.status),
}
_LEAST = {"user_email": 4, "user_phone": 4, "subject": 4}


def listing(context: Context) -> Answer:
    """The cases that pass every filter, newest change first unless ``sort`` says otherwise."""
    found = [case for case in context.model.cases.values() if _visible(context, case)]
    for test in _tests(context):
        found = [case for case in found if test(case)]
    found = _sorted(context, found)
    rows = [
        views.case(context.model, case, flag(context.query, "show_first_response_time"))
        for case in page_of(context, found)
        if case.case_id not in context.model.settings.hidden_cases
    ]
    return 200, views.listed(context.model, "case", rows, len(found))


def _visible(context: Context, case: Case) -> bool:
    """Trash and spam only by filter, merged cases and active chats only by their flags (documented)."""
    chosen = _filter(context)
    if chosen == "deleted":
        return case.deleted
    if chosen == "spam":
        return case.spam and not case.deleted
    if case.deleted or case.spam or (chosen and case.status != chosen):
        return False
    if case.parent_case_id and not flag(context.query, "show_merged_cases"):
        return False
    channel = context.model.channel_by_key(case.channel)
    active_chat = channel is not None and channel.type == "sync" and case.status == "open"
    return not active_chat or flag(context.query, "show_active_chats")


def _filter(context: Context) -> str:
    given = text(context.query, "filter")
    if not given:
        return ""
    name = FILTERS.get(int(given)) if given.isdigit() else given if given in FILTERS.values() else None
    if name is None:
        raise ApiError(400, "wrong_filter")
    return name


def _tests(context: Context) -> list[Callable[[Case], bool]]:
    query = context.query
    tests = [*_time_tests(context), *_user_tests(context)]
    for name in ("user_id", "staff_id", "group_id"):
        if name in query:
            tests.append(_among(name, {number(value, name) for value in items(query[name])}))
    for name in ("status", "priority"):
        if items(query.get(name)):
            tests.append(_among(name, {str(value) for value in items(query[name])}))
    if items(query.get("channel")):
        tests.append(_on_channel(context, {str(value) for value in items(query["channel"])}))
    labels = {number(label, "labels") for label in items(query.get("labels"))}
    if labels:
        tests.append(lambda case: labels <= set(case.labels))
    if isinstance(query.get("custom_fields"), dict):
        tests += [_field_test(context, key, str(value)) for key, value in query["custom_fields"].items()]
    return tests


def _among(name: str, values: set[Any]) -> Callable[[Case], bool]:
    return lambda case: getattr(case, name) in values


def _on_channel(context: Context, keys: set[str]) -> Callable[[Case], bool]:
    """A channel by its key, or all of a kind: ``sync``, ``async`` (documented)."""

    def test(case: Case) -> bool:
        channel = context.model.channel_by_key(case.channel)
        return case.channel in keys or (channel is not None and channel.type in keys)

    return test


def _time_tests(context: Context) -> list[Callable[[Case], bool]]:
    created = time_test(context, "from_time", "to_time", "created_at")
    return [created, time_test(context, "from_updated_time", "to_updated_time", "updated_at")]


def time_test(context: Context, since: str, until: str, column: str) -> Callable[[Any], bool]:
    """Whether a record's time lies in the range given, both ends included; from > to is refused (documented).

    A very long range may be refused, too; without an end it ends now.
    """
    low, high = (
        dates.given(context.query[name], context.model.utc_offset, name) if context.query.get(name) else None
        for name in (since, until)
    )
    if low is not None and high is not None and low > high:
        raise ApiError(400, "wrong_time_range")
    longest = context.model.settings.longest_range
    if low is not None and longest is not None and (high or context.model.now()) - low > 86400 * longest:
        raise ApiError(400, "too_long_time_range")

    def test(record: Any) -> bool:
        seconds = getattr(record, column)
        return (low is None or seconds >= low) and (high is None or seconds <= high)

    return test


def _user_tests(context: Context) -> list[Callable[[Case], bool]]:
    tests: list[Callable[[Case], bool]] = []
    users = context.model.users
    for name, kind in (("user_custom_id", "custom"), ("user_email", "email"), ("user_phone", "phone"), ("subject", "")):
        pattern = text(context.query, name)
        if not pattern:
            continue
        if len(pattern.strip("^")) < _LEAST.get(name, 1):
            raise ApiError(400, f"wrong_{name}")

        def test(case: Case, kind: str = kind, pattern: str = pattern) -> bool:
            if not kind:
                return matches(case.subject, pattern)
            user = users.get(case.user_id)
            return user is not None and user.type == kind and matches(user.identity, pattern)

        tests.append(test)
    return tests


def _field_test(context: Context, key: str, wanted: str) -> Callable[[Case], bool]:
    field = next((field for field in context.model.fields.values() if field.key == key and field.level == "case"), None)
    if field is None:
        raise ApiError(400, "wrong_custom_field")

    def test(case: Case) -> bool:
        value = case.custom_fields.get(key, "")
        if field.type == "checkbox":
            return bool(value) == (wanted.lower() in ("1", "true"))
        return str(value) == wanted if field.type == "select" else matches(str(value), wanted)

    return test


def _sorted(context: Context, cases: list[Case]) -> list[Case]:
    given = text(context.query, "sort") or "updated_at_desc"
    name, _, direction = given.rpartition("_")
    if name not in _SORTS or direction not in ("asc", "desc"):
        raise ApiError(400, "wrong_sort")
    key = _SORTS[name]
    return sorted(cases, key=lambda case: (key(case), case.case_id), reverse=direction == "desc")
