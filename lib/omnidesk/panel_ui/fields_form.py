"""The form that links a field of Omnidesk's to a value, and shows beforehand what will be sent.

The form comes again when the field, the value or the sample changes (documented: ``setvalues``, ``sv_field``).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from omnidesk.core.errors import Failure, Refused
from omnidesk.core.text import shorten
from omnidesk.custom_fields import saved
from omnidesk.custom_fields.catalogue import Link
from omnidesk.custom_fields.problems import FieldProblem
from omnidesk.custom_fields.values import LEVELS
from omnidesk.panel_ui import fields_known, fields_preview, names
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.fields_known import Known
from omnidesk.panel_ui.fields_list import FIELD_KEY, failure_words, notices
from omnidesk.panel_ui.fields_shared import (
    AtField,
    check_choice,
    check_value,
    in_order,
    label,
    level_of,
    offered_values,
    previewed,
)
from omnidesk.panel_ui.fields_state import is_free, link_problem, words_of
from omnidesk.panel_ui.request import Request

log = logging.getLogger("panel")


def serve(desk: Desk, request: Request, document: Document) -> None:
    """Open, show again, or save. ``elid`` is the key of the field whose link is changed, empty for a new link."""
    again = bool(request.changed_field) and not request.submitted
    known = fields_known.read(desk, fields_known.ANY_AGE if again else fields_known.FRESH)
    before = _before(request, known)
    if request.submitted:
        try:
            _save(desk, request, known, before)
        except AtField as problem:
            document.error(problem.failure, request.language, problem.name)
            return
        document.ok()
        return
    if known.fields is None and known.away is not None and before is None:
        if not known.is_set_up:
            document.ok("form", f"func={names.SETTINGS}")
            return
        raise known.away  # nothing to choose from
    _show(desk, request, document, known, before)


def _before(request: Request, known: Known) -> Link | None:
    key = request.value("elid")
    if not key:
        return None
    found = known.link(key) if FIELD_KEY.match(key) else None
    if found is None:
        raise Refused("no_link", value=shorten(key, 80))
    return found


# Showing


def _show(desk: Desk, request: Request, document: Document, known: Known, before: Link | None) -> None:
    chosen = request.value("field") if request.has("field") else before.field if before else ""
    wanted = request.value("value") if request.has("value") else before.value if before else ""
    field = known.field(chosen)
    level = field.level if field is not None else level_of(known, wanted)
    document.value("elid", before.field if before else "")
    document.value("field", chosen)
    document.choices("field", _fields(document, known, before))
    offered = list(_values(document, known, level, before, request.language))
    wanted = wanted if wanted in (key for key, _ in offered) else ""
    document.value("value", wanted)
    document.choices("value", offered)
    note = " ".join(notices(known, request, document))
    document.value("note", note)
    if not note:
        document.leave_out("note")
    _sample(desk, request, document, known, Link(chosen, wanted), level)


def _fields(document: Document, known: Known, before: Link | None) -> Iterator[tuple[str, str]]:
    """Active fields without a link, and the one that is being changed, whatever became of it."""
    yield "", document.words("choose") or "—"
    own = before.field if before is not None else ""
    if own and known.field(own) is None:
        yield own, own
    for field in in_order(known):
        if is_free(field, known) or field.key == own:
            yield field.key, label(document, field)


def _values(
    document: Document, known: Known, level: str, before: Link | None, language: str
) -> Iterator[tuple[str, str]]:
    """Values of the field's level, and the one that is linked now, if it is in no such list any more."""
    yield "", document.words("choose") or "—"
    offered = offered_values(known, level, language)
    if before is not None and before.value not in (key for key, _ in offered):
        lost = known.catalogue.get(before.value)
        if lost is None or lost.entity == level:
            yield before.value, before.value
    yield from offered


def _sample(desk: Desk, request: Request, document: Document, known: Known, link: Link, level: str) -> None:
    """The number to try, its label, and what comes of it."""
    given = "" if request.changed_field == "field" else request.value("sample")
    document.value("sample", given)
    document.value("preview", document.words("preview_choose"))
    if level not in LEVELS:
        return
    document.message("sample", document.words(f"sample_{level}") or document.words("sample"))
    try:
        about = fields_preview.sample(desk.db, "user" if level == "user" else "case", given)
    except Failure as failure:
        document.value("preview", failure_words(failure, request.language))
        return
    document.value("sample", about.id or "")
    value, field = known.catalogue.get(link.value), known.field(link.field)
    problem = link_problem(link, known) if link.value else None
    if problem is not None:
        document.value("preview", words_of(problem, request.language))
    elif value is not None and field is not None:
        try:
            document.value("preview", previewed(desk, request, document, known, value, field, about))
        except FieldProblem as found:
            document.value("preview", words_of(found, request.language))


# Saving


def _save(desk: Desk, request: Request, known: Known, before: Link | None) -> None:
    link = Link(request.value("field"), request.value("value"))
    check_choice(known, link, before)
    check_value(desk, known, link, request.value("sample"))
    try:
        saved.put(desk.paths, link, before.field if before is not None else "")
    except Refused as refusal:
        raise AtField("field", refusal) from refusal
    log.info("custom field %s is filled with the value %s", link.field, link.value)
