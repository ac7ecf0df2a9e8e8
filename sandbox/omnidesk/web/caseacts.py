"""What an agent does to a case: through the same acts as tests use, so webhooks fire as they do there."""

from __future__ import annotations

import re

from ..state import STATUSES, Case
from ..wire import ApiError
from . import richtext
from .casepages import message_of
from .visit import Moved, Refused, Visit

_REFERENCE = re.compile(r"(\d{1,18}|\d{3}-\d{6})\Z", re.ASCII)


def answer(visit: Visit, reference: str) -> Moved:
    """A reply to the client, with files and the status after it."""
    case, files, ready = visit.case(reference), visit.files(), visit.typed("html") == "on"
    html, text = _html(visit, "answer", ready), "" if ready else visit.typed("answer")
    status = visit.typed("status") or None
    if status is not None and status not in STATUSES:
        raise Refused("bad_choice")
    if not html and not files:
        raise Refused("no_text")
    visit.model.agent_reply(case.case_id, visit.me.staff_id, html, text, status, files)
    return _back(visit, case, "answer")


def note(visit: Visit, reference: str) -> Moved:
    """An internal note."""
    case, html, files = visit.case(reference), _html(visit, "note"), visit.files()
    if not html and not files:
        raise Refused("no_text")
    visit.model.agent_note(case.case_id, visit.me.staff_id, html, visit.typed("note"), files)
    return _back(visit, case, "note")


def status(visit: Visit, reference: str) -> Moved:
    """Another status."""
    case, wanted = visit.case(reference), visit.typed("status")
    if wanted not in STATUSES:
        raise Refused("bad_choice")
    visit.model.set_status(case.case_id, wanted, visit.me.staff_id)
    return _back(visit, case, "status")


def assign(visit: Visit, reference: str) -> Moved:
    """Somebody else answers for it, or nobody."""
    case, wanted = visit.case(reference), visit.typed("staff")
    known = {"0", *(str(one.staff_id) for one in visit.model.staff.values() if one.active)}
    if wanted not in known:
        raise Refused("bad_choice")
    visit.model.assign(case.case_id, int(wanted), visit.me.staff_id)
    return _back(visit, case, "assign")


def group(visit: Visit, reference: str) -> Moved:
    """Another group."""
    case, wanted = visit.case(reference), visit.typed("group")
    if wanted not in {str(one) for one in visit.model.groups}:
        raise Refused("bad_choice")
    visit.model.move(case.case_id, int(wanted), visit.me.staff_id)
    return _back(visit, case, "group")


def move(visit: Visit, reference: str) -> Moved:
    """Trash, spam, restore, delete for good: the address says which."""
    case, deed = visit.case(reference), visit.path.rpartition("/")[2]
    deeds = {"trash": visit.model.trash, "spam": visit.model.spam, "restore": visit.model.restore}
    if deed == "delete":
        visit.model.delete(case.case_id)
        return Moved(visit.at("cases", done="delete"))
    deeds[deed](case.case_id)
    return _back(visit, case, deed)


def merge(visit: Visit, reference: str) -> Moved:
    """Joins it to another case, which is shown then."""
    case, wanted = visit.case(reference), visit.typed("into").strip().strip("[]#№ ")
    into = visit.model.find_case(wanted) if _REFERENCE.match(wanted) else None
    if into is case:
        raise Refused("merge_self")
    if into is None or into.deleted or into.parent_case_id or case.parent_case_id:
        raise Refused("merge_target")
    visit.model.merge(case.case_id, into.case_id, visit.me.staff_id)
    return _back(visit, into, "merge")


def client(visit: Visit, reference: str) -> Moved:
    """The client writes by another way than the integration."""
    case, text = visit.case(reference), visit.typed("client")
    if not text.strip() or case.user_id not in visit.model.users:
        raise Refused("no_text")
    visit.model.client_message(case.case_id, text)
    return _back(visit, case, "client")


def edit(visit: Visit, reference: str, message_id: str) -> Moved:
    """Another text for a message."""
    case = visit.case(reference)
    found = message_of(visit, case, message_id)
    text = visit.typed("text")
    if not text.strip() and not found.files:
        raise Refused("no_text")
    html = _html(visit, "text", visit.typed("html") == "on")
    visit.model.edit_message(case.case_id, found.message_id, html, "" if visit.typed("html") == "on" else text)
    return _back(visit, case, "edit")


def fields(visit: Visit, reference: str) -> Moved:
    """Other values for the custom fields of the case and of its client."""
    case = visit.case(reference)
    values: dict[str, dict[str, object]] = {"case": {}, "user": {}}
    for field in visit.model.fields.values():
        if field.active:
            typed = visit.typed(field.key)
            values[field.level][field.key] = typed == "on" if field.type == "checkbox" else typed
    try:
        visit.model.set_fields(case.case_id, values["case"], values["user"], visit.me.staff_id)
    except ApiError as problem:
        raise Refused("field_value") from problem
    return _back(visit, case, "saved")


def remove(visit: Visit, reference: str, message_id: str) -> Moved:
    """Takes a message out of the thread."""
    case = visit.case(reference)
    visit.model.delete_message(case.case_id, message_of(visit, case, message_id).message_id)
    return _back(visit, case, "remove")


def _html(visit: Visit, name: str, ready: bool = False) -> str:
    text = visit.typed(name)
    if not text.strip():
        return ""
    return text if ready else richtext.paragraphs(text)


def _back(visit: Visit, case: Case, done: str) -> Moved:
    return Moved(visit.case_at(case, done=done))
