"""What an agent looks at: the start page, the list of cases, a case, one message, a file."""

from __future__ import annotations

import re
from urllib.parse import quote

from .. import core
from ..state import STATUSES, Case, Message
from ..wire import Response
from . import richtext
from .shown import kind
from .visit import Moved, Refused, Shown, Visit

FILTERS = ("all", *STATUSES, "trash")
_ROWS = 50
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+\Z", re.ASCII)


def start(visit: Visit) -> Shown:
    """Who is it? There is no login."""
    people = [one for one in visit.model.staff.values() if one.active]
    return Shown("start.html", {"people": people})


def to_list(visit: Visit) -> Moved:
    """An agent's bare address."""
    return Moved(visit.at("cases"))


def listing(visit: Visit) -> Shown:
    """The cases, changed last first."""
    chosen = visit.asked("status") if visit.asked("status") in FILTERS else "all"
    cases = sorted(visit.model.cases.values(), key=lambda case: (case.updated_at, case.case_id), reverse=True)
    sorted_out = {name: [case for case in cases if _fits(case, name)] for name in FILTERS}
    found = sorted_out[chosen]
    page = max(1, int(visit.asked("page"))) if re.fullmatch(r"\d{1,6}", visit.asked("page")) else 1
    values = {
        "cases": found[(page - 1) * _ROWS : page * _ROWS],
        "chosen": chosen,
        "counts": {name: len(rows) for name, rows in sorted_out.items()},
        "page": page,
        "pages": max(1, -(-len(found) // _ROWS)),
    }
    return Shown("cases.html", values)


def record(visit: Visit, reference: str) -> Shown:
    """A case with its conversation and everything that can be done to it."""
    model, case = visit.model, visit.case(reference)
    others = [one for one in model.cases.values() if one is not case and not one.deleted and not one.parent_case_id]
    values = {
        "case": case,
        "user": model.users.get(case.user_id),
        "thread": core.ordered(model, case),
        "parent": model.find_case(case.parent_case_id) if case.parent_case_id else None,
        "others": sorted(others, key=lambda one: one.updated_at, reverse=True)[:50],
        "people": [one for one in model.staff.values() if one.active],
        "statuses": STATUSES,
        "groups": model.groups,
    }
    return Shown("case.html", values)


def fields(visit: Visit, reference: str) -> Shown:
    """The custom fields of a case and of its client, to fill in."""
    case = visit.case(reference)
    user = visit.model.users.get(case.user_id)
    held = {"case": case.custom_fields, "user": user.custom_fields if user else {}}
    active = [field for field in visit.model.fields.values() if field.active and (user or field.level == "case")]
    levels = [(level, [field for field in active if field.level == level], held[level]) for level in held]
    return Shown("casefields.html", {"case": case, "levels": levels})


def message(visit: Visit, reference: str, message_id: str) -> Shown:
    """One message, to change or to delete it."""
    case = visit.case(reference)
    found = message_of(visit, case, message_id)
    text = richtext.typed(found.content_html) if found.content_html else found.content
    values = {"case": case, "message": found, "text": text if text is not None else found.content_html}
    return Shown("message.html", {**values, "is_html": text is None})


def message_of(visit: Visit, case: Case, message_id: str) -> Message:
    """A message that people wrote; 404 for any other."""
    found = visit.model.threads[case.case_id].get(int(message_id))
    if found is None or kind(found) == "system":
        raise Refused("no_message", 404)
    return found


def file(visit: Visit, token: str, file_id: str) -> Response:
    """An attachment, to be saved and never to be run in the account's own pages."""
    found = visit.model.files.get(int(file_id))
    if found is None or found.token != token:
        raise Refused("no_file", 404)
    headers = {
        "Content-Type": found.mime_type if _TYPE.match(found.mime_type) else "application/octet-stream",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=3600",
    }
    return Response(200, headers, found.data)


def _fits(case: Case, name: str) -> bool:
    away = case.deleted or case.spam
    return away if name == "trash" else not away and name in ("all", case.status)
