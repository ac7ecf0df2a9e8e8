"""Cases: create, read, change, rate, trash, spam, restore, delete, changelog."""

from __future__ import annotations

from typing import Any

from . import core, dates, fields, views
from .bodies import items
from .contacts import case_client
from .endpoint import Answer, Context, choice, number, text
from .posting import attached, checked_text
from .state import PRIORITIES, RATINGS, STATUSES, Case
from .wire import ApiError


def create(context: Context) -> Answer:
    """POST cases: the case, its client when unknown, and its first message (whose id is not told)."""
    model, given = context.model, context.root("case")
    channel, kind, identity = case_client(context, given)
    subject = _subject(context, given)
    status = choice(given, "status", STATUSES)
    values = fields.checked(given.get("custom_fields"), model.fields, "case")
    uploads = attached(context, given)
    content, html = checked_text(context, given, bool(uploads))
    _check_required(context, status, values)
    created_at = dates.given(given["created_at"], model.utc_offset) if given.get("created_at") else 0
    settings = _settings(context, given)
    labels = _labels(context, given, "labels")

    owner = channel if kind == "custom" else ""
    user = model.find_user(kind, identity, owner)
    user = user or core.new_user(model, kind, identity, owner, text(given, "user_full_name"))
    case = core.new_case(model, user, channel, subject, status, created_at, settings.pop("group_id", 0))
    case.custom_fields, case.labels = values, labels
    for name, value in settings.items():
        setattr(case, name, value)
    files = core.store_files(model, uploads)
    core.add_message(
        model,
        case,
        user_id=user.user_id,
        content=content,
        html=html,
        files=files,
        created_at=created_at,
        via_api=True,
        first=True,
    )
    view = views.case(model, case)
    if files:
        view["attachments"] = [views.attachment(model, file) for file in files]
    return 201, {"case": view}


def read(context: Context, reference: str) -> Answer:
    """GET one case; trash and spam are shown with their flags."""
    return 200, {"case": views.case(context.model, context.case(reference))}


def update(context: Context, reference: str) -> Answer:
    """PUT: what is given changes, what is not stays."""
    model, case, given = context.model, context.case(reference), context.root("case")
    settings = _settings(context, given)
    values = fields.checked(given.get("custom_fields"), model.fields, "case")
    status = choice(given, "status", STATUSES)
    _check_required(context, status if status != case.status else "", {**case.custom_fields, **values})
    added, removed = _labels(context, given, "add_labels"), _labels(context, given, "delete_labels")
    if "subject" in given:
        settings["subject"] = _subject(context, given)
    if settings.get("staff_id", case.staff_id) != case.staff_id:
        core.assign(model, case, settings.pop("staff_id"), context.by)
    for name, value in settings.items():
        if getattr(case, name) != value:
            core.note_change(model, case, name.removesuffix("_id"), context.by, getattr(case, name), value)
            setattr(case, name, value)
    core.set_fields(model, case, values, context.by)
    labels = [label for label in dict.fromkeys(case.labels + added) if label not in removed]
    if labels != case.labels:
        core.note_change(model, case, "labels", context.by, case.labels, labels)
        case.labels = labels
    if status:
        core.set_status(model, case, status, context.by)
    core.touch(model, case)
    return 200, {"case": views.case(model, case)}


def rate(context: Context, reference: str) -> Answer:
    """PUT the rating of the whole case."""
    model, case = context.model, context.case(reference)
    case.rating, case.rating_comment = rating_of(context)
    staff_id = number(context.root("rate").get("rated_staff_id") or 0, "rated_staff_id")
    if staff_id and staff_id not in model.staff:
        raise ApiError(400, "wrong_rated_staff_id")
    case.rated_staff_id = staff_id
    core.touch(model, case)
    return 200, {"case": views.case(model, case)}


def rating_of(context: Context) -> tuple[str, str]:
    """The rating and comment given; refused when the account has ratings switched off."""
    if context.model.settings.ratings_disabled:
        raise ApiError(403, "rating_disabled")
    given = context.root("rate")
    rating = choice(given, "rating", RATINGS)
    if not rating:
        raise ApiError(400, "wrong_rating")
    return rating, text(given, "rating_comment")


def move(context: Context, reference: str, deed: str) -> Answer:
    """PUT trash, spam or restore, for one case or several; several succeed in part without a word (documented)."""
    if "," not in reference:
        single = context.case(reference)
        _move(context, single, deed)
        return 200, {"case": views.case(context.model, single)}
    found = [case for one in reference.split(",") if (case := context.model.find_case(one.strip()))]
    for case in found:
        _move(context, case, deed)
    return 200, {"case_success_id": [case.case_id for case in found]}


def delete(context: Context, reference: str) -> Answer:
    """DELETE for good, one or several; the answer has no body."""
    if "," not in reference:
        context.model.drop_case(context.case(reference))
    else:
        for one in reference.split(","):
            if case := context.model.find_case(one.strip()):
                context.model.drop_case(case)
    return context.model.settings.delete_status, None


def changelog(context: Context, reference: str) -> Answer:
    """GET the changelog, oldest first; a parameter named as an event filters by its new value."""
    case = context.case(reference)
    events = ("staff", "status", "subject", "group", "priority", "labels", "custom_fields", "merge")
    wanted = {name: str(context.query[name]) for name in events if name in context.query}
    rows = []
    for change in case.changelog:
        if wanted and wanted.get(change.event) != change.value:
            continue
        row: dict[str, Any] = {"created_at": views.date(context.model, change.created_at), "event": change.event}
        by = change.done_by.replace("staff_", context.model.settings.history_names, 1)
        row |= {"done_by": by, "old_value": change.old_value}
        rows.append(row if change.value is None else row | {"value": change.value})
    return 200, {"changelog": rows}


def _check_required(context: Context, status: str, values: dict[str, Any]) -> None:
    """A case is closed only with all its required fields filled (documented); the word for it is not public."""
    missing = [key for key in context.model.settings.required_at_closing if values.get(key) in (None, "", False)]
    if status == "closed" and missing:
        raise ApiError(400, "required_fields_not_filled")


def _move(context: Context, case: Case, deed: str) -> None:
    core.set_aside(context.model, case, deleted=deed == "trash", spam=deed == "spam")


def _subject(context: Context, given: dict[str, Any]) -> str:
    subject = text(given, "subject")
    limit = context.model.settings.subject_limit
    if not subject:
        raise ApiError(400, "subject_required")
    if limit is not None and len(subject) > limit:
        raise ApiError(400, "wrong_subject")
    return subject


def _settings(context: Context, given: dict[str, Any]) -> dict[str, Any]:
    """The plain columns a case may be given: each must exist in the account."""
    model = context.model
    staff = {**model.staff, **({0: None} if model.settings.takes_nobody else {})}
    known = {"group_id": model.groups, "language_id": (1, 2), "staff_id": staff}
    found: dict[str, Any] = {}
    for name, allowed in known.items():
        if given.get(name) not in (None, ""):
            found[name] = number(given[name], name)
            if found[name] not in allowed:
                raise ApiError(400, f"wrong_{name}")
    priority = choice(given, "priority", PRIORITIES)
    return found | ({"priority": priority} if priority else {})


def _labels(context: Context, given: dict[str, Any], name: str) -> list[int]:
    labels = [number(label, name) for label in items(given.get(name))]
    if any(label not in context.model.labels for label in labels):
        raise ApiError(400, f"wrong_{name}")
    return labels
