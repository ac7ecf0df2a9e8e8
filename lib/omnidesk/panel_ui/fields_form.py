"""The form that links a field of Omnidesk's to a value, and shows beforehand what will be sent.

The form comes again when the field, the value or the sample changes (documented: ``setvalues``, ``sv_field``).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from omnidesk.core.errors import Failure, Refused
from omnidesk.core.phrase import with_cure
from omnidesk.core.text import shorten
from omnidesk.custom_fields import saved
from omnidesk.custom_fields.catalogue import Link, Value
from omnidesk.custom_fields.problems import FieldProblem
from omnidesk.custom_fields.values import LEVELS
from omnidesk.helpdesk.models import CustomField
from omnidesk.panel_ui import fields_known, fields_preview
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.fields_known import Known
from omnidesk.panel_ui.fields_list import FIELD_KEY, failure_words, notices
from omnidesk.panel_ui.fields_state import field_problem, is_free, level_problem, link_problem, words_of
from omnidesk.panel_ui.request import Request

log = logging.getLogger("panel")


class AtField(Exception):
    """``failure`` is to be shown at the form's field ``name``."""

    def __init__(self, name: str, failure: Failure) -> None:
        self.name = name
        self.failure = failure
        super().__init__(name)


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
    level = field.level if field is not None else _level_of(known, wanted)
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


def _level_of(known: Known, value: str) -> str:
    found = known.catalogue.get(value)
    return found.entity if found is not None else ""


def _fields(document: Document, known: Known, before: Link | None) -> Iterator[tuple[str, str]]:
    """Active fields without a link, and the one that is being changed, whatever became of it."""
    yield "", document.words("choose") or "—"
    own = before.field if before is not None else ""
    if own and known.field(own) is None:
        yield own, own
    for field in sorted((known.fields or {}).values(), key=lambda one: (one.level, one.title.casefold(), one.key)):
        if is_free(field, known) or field.key == own:
            yield field.key, _label(document, field)


def _label(document: Document, field: CustomField) -> str:
    level = document.words(f"level_{field.level}") or field.level
    kind = document.words(f"type_{field.type}") or field.type
    return f"{field.title or field.key} — {level}, {kind} ({field.key})"


def _values(
    document: Document, known: Known, level: str, before: Link | None, language: str
) -> Iterator[tuple[str, str]]:
    """Values of the field's level, and the one that is linked now, if it is in no such list any more."""
    yield "", document.words("choose") or "—"
    offered = [one for one in known.catalogue if one.entity == level and one.key not in known.catalogue.broken]
    if before is not None and before.value not in (one.key for one in offered):
        lost = known.catalogue.get(before.value)
        if lost is None or lost.entity == level:
            yield before.value, before.value
    for value in offered:
        yield value.key, f"{value.title(language)} ({value.key})"


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
        document.value("preview", _previewed(desk, request, document, known, value, field, about))


def _previewed(
    desk: Desk,
    request: Request,
    document: Document,
    known: Known,
    value: Value,
    field: CustomField,
    about: fields_preview.Sample,
) -> str:
    if not about.id:
        return document.words("preview_nobody")
    try:
        with fields_known.values(desk, known) as values:
            shown = fields_preview.preview(values, value, field, about)
    except FieldProblem as problem:
        return words_of(problem, request.language)
    if shown.nothing:
        what = document.words("preview_nothing")
    elif not shown.sent:
        what = document.words("preview_empty")
    else:
        what = f"{shown.option} ({shown.sent})" if shown.option else shown.sent
        what = f"{document.words('preview_sent')} {what}"
    lines = [f"{about.who} ({about.id}):" if about.who else f"{about.id}:", what]
    if shown.yielded and shown.yielded not in (shown.sent, shown.option):
        lines.append(f"{document.words('preview_yielded')} {shown.yielded}")
    lines += [words_of(problem, request.language) for problem in shown.warnings]
    return "\n".join(line.strip() for line in lines)


# Saving


def _save(desk: Desk, request: Request, known: Known, before: Link | None) -> None:
    link = Link(request.value("field"), request.value("value"))
    _check_choice(request, known, link, before)
    _check_value(desk, request, known, link)
    try:
        saved.put(desk.paths, link, before.field if before is not None else "")
    except Refused as refusal:
        raise AtField("field", refusal) from refusal
    log.info("custom field %s is filled with the value %s", link.field, link.value)


def _check_choice(request: Request, known: Known, link: Link, before: Link | None) -> None:
    if not link.field:
        raise AtField("field", Refused("missing_choice", "field"))
    if not FIELD_KEY.match(link.field):
        raise AtField("field", _refused(link, FieldProblem("unknown_field", field=link.field)))
    taken = known.link(link.field)
    if taken is not None and (before is None or before.field != link.field):
        raise AtField("field", Refused("field_taken", link.field, taken.value))
    if known.fields is None:
        raise AtField("field", known.away or Refused("missing_choice", "field"))
    problem = field_problem(link.field, known)
    if problem is not None:
        raise AtField("field", _refused(link, problem))
    if not link.value:
        raise AtField("value", Refused("missing_choice", "value"))


def _check_value(desk: Desk, request: Request, known: Known, link: Link) -> None:
    """The value is there, for this level, its statement is approved and runs, and the field takes what it yields."""
    problem = link_problem(link, known)
    value, field = known.catalogue.get(link.value), known.field(link.field)
    if problem is None and value is not None and field is not None:
        problem = level_problem(value, field)
        try:
            about = fields_preview.sample(desk.db, value.entity, request.value("sample"))
        except Failure as failure:
            raise AtField("sample", failure) from failure
        try:
            with fields_known.values(desk, known) as values:
                fields_preview.preview(values, value, field, about)
        except FieldProblem as found:
            problem = found
    if problem is not None:
        raise AtField("value", _refused(link, problem))


def _refused(link: Link, problem: FieldProblem) -> Failure:
    """A problem as the form's error: its own cure is better than a general one."""
    return Refused("field_link", shorten(link.field, 40), with_cure(problem.said))
