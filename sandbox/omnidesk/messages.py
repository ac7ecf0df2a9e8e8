"""Messages and notes of a case: write, list, change, delete, rate."""

from __future__ import annotations

from typing import Any

from . import core, dates, views
from .cases import rating_of
from .endpoint import Answer, Context, choice, number, page_of, text
from .posting import attached, checked_text
from .state import Case, Message
from .wire import ApiError


def create(context: Context, reference: str) -> Answer:
    """POST a reply: of the client with ``user_id``, of an employee with ``staff_id``, else of the caller himself."""
    given = context.root("message")
    case = _open_for_messages(context, reference)
    user_id, staff_id = _author(context, case, given)
    return _store(context, case, given, user_id, staff_id, note=False)


def create_note(context: Context, reference: str) -> Answer:
    """POST an internal note of ``staff_id``, else of the caller."""
    given = context.root("note")
    case = _open_for_messages(context, reference)
    _, staff_id = _author(context, case, {"staff_id": given.get("staff_id")})
    return _store(context, case, given, 0, staff_id, note=True)


def listing(context: Context, reference: str) -> Answer:
    """GET the thread, notes among it. Without ``page`` and ``limit``: the LAST 100, not the first (documented)."""
    thread = core.ordered(context.model, context.case(reference))
    total = len(thread)
    paged = "page" in context.query or "limit" in context.query
    if not paged:
        thread = thread[-100:]
    if choice(context.query, "order", ("asc", "desc")) == "desc":
        thread = thread[::-1]
    rows = page_of(context, thread) if paged else thread
    if not context.model.settings.records_shown:
        rows = [row for row in rows if row.kind != "system"]
    return 200, views.listed(context.model, "message", [views.message(context.model, one) for one in rows], total)


def update(context: Context, reference: str, message_id: str) -> Answer:
    """PUT another text of a reply."""
    return _update(context, reference, message_id, "message")


def update_note(context: Context, reference: str, message_id: str) -> Answer:
    """PUT another text of a note."""
    return _update(context, reference, message_id, "note")


def delete(context: Context, reference: str, message_id: str) -> Answer:
    """DELETE a reply; the answer has no body."""
    return _delete(context, reference, message_id, "message")


def delete_note(context: Context, reference: str, message_id: str) -> Answer:
    """DELETE a note."""
    return _delete(context, reference, message_id, "note")


def _update(context: Context, reference: str, message_id: str, root: str) -> Answer:
    case, message = _find(context, reference, message_id, root == "note")
    given = context.root(root)
    message.content, message.content_html = checked_text(context, given, bool(message.files))
    if context.model.settings.edit_renumbers:
        core.renumber(context.model, message)
    core.touch(context.model, case)
    return 200, {"message": views.message(context.model, message)}


def _delete(context: Context, reference: str, message_id: str, root: str) -> Answer:
    case, message = _find(context, reference, message_id, root == "note")
    if not context.model.settings.deleted_stays:
        del context.model.threads[case.case_id][message.message_id]
    core.touch(context.model, case)
    return context.model.settings.delete_status, None


def rate(context: Context, reference: str, message_id: str) -> Answer:
    """PUT the client's rating of one staff reply; again overwrites. Client messages and notes are refused."""
    case, message = _find(context, reference, message_id, None)
    rating, comment = rating_of(context)
    if message.kind != "reply_staff":
        raise ApiError(400, "wrong_message")
    message.rating, message.rating_comment = rating, comment
    core.touch(context.model, case)
    return 200, {"message": views.message(context.model, message)}


def _open_for_messages(context: Context, reference: str) -> Case:
    """The case, unless it takes no messages: in trash, in spam or merged, each by its own switch."""
    case, settings = context.case(reference), context.model.settings
    refused = (
        (case.deleted and not settings.trash_accepts_messages)
        or (case.spam and not settings.spam_accepts_messages)
        or (case.parent_case_id and not settings.merged_accepts_messages)
    )
    if refused:
        raise context.case_not_found()
    return case


def _author(context: Context, case: Case, given: dict[str, Any]) -> tuple[int, int]:
    model = context.model
    user_id = number(given.get("user_id") or 0, "user_id")
    staff_id = number(given.get("staff_id") or 0, "staff_id")
    if user_id and staff_id:
        raise ApiError(400, "wrong_author")
    if user_id:
        user = model.users.get(user_id)
        own = user is not None and (user_id == case.user_id or case.user_id in user.linked)
        if user is None or (model.settings.only_case_user_writes and not own):
            raise ApiError(400, "wrong_user_id")
        return user_id, 0
    staff = model.staff.get(staff_id) if staff_id else context.staff
    if staff is None:
        raise ApiError(400, "wrong_staff_id")
    if not staff.active:
        raise ApiError(403, "staff_not_active")
    if not staff.access:
        raise ApiError(403, "staff_has_not_access")
    return 0, staff.staff_id


def _store(context: Context, case: Case, given: dict[str, Any], user_id: int, staff_id: int, *, note: bool) -> Answer:
    model = context.model
    uploads = attached(context, given)
    content, html = checked_text(context, given, bool(uploads))
    times = {
        name: dates.given(given[name], model.utc_offset, name) if text(given, name) else 0
        for name in ("created_at", "send_at")
    }
    message = core.add_message(
        model,
        case,
        user_id=user_id,
        staff_id=staff_id,
        content=content,
        html=html,
        note=note,
        files=core.store_files(model, uploads),
        created_at=times["created_at"],
        sent_at=times["send_at"],
        via_api=True,
    )
    return 201, {"message": views.message(model, message)}


def _find(context: Context, reference: str, message_id: str, note: bool | None) -> tuple[Case, Message]:
    case = context.case(reference)
    message = context.model.threads[case.case_id].get(number(message_id, "message_id"))
    if message is None or (note is not None and message.note != note):
        raise ApiError(404, "message_not_found")
    return case, message
