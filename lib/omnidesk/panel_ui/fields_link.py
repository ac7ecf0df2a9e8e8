"""The form that links several of Omnidesk's fields at once: a row for each field that is free, with what would be sent.

A row whose value is left open is not linked. Fields beyond the rows are offered in the rows' drop-downs, and when the
form is opened again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from omnidesk.core.errors import Failure, Refused
from omnidesk.core.phrase import Phrase
from omnidesk.custom_fields import saved
from omnidesk.custom_fields.catalogue import Link
from omnidesk.custom_fields.problems import FieldProblem
from omnidesk.panel_ui import fields_known, fields_preview, names
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.fields_known import Known
from omnidesk.panel_ui.fields_list import failure_words, notices
from omnidesk.panel_ui.fields_shared import (
    AtField,
    check_choice,
    check_value,
    free_fields,
    label,
    offered_values,
    previewed,
)
from omnidesk.panel_ui.fields_state import link_problem, words_of
from omnidesk.panel_ui.marks import WRONG, Line, plain
from omnidesk.panel_ui.request import Request

log = logging.getLogger("panel")
SAVED = "saved"  # a parameter: the settings have just been saved for the first time
ROWS = range(1, 11)  # as many as the description has


@dataclass(frozen=True)
class Row:
    """One row of the form; ``link`` with an empty value is not wanted."""

    number: int
    link: Link


def serve(desk: Desk, request: Request, document: Document) -> None:
    """Open, show again, or link."""
    again = bool(request.changed_field) and not request.submitted
    known = fields_known.read(desk, fields_known.ANY_AGE if again else fields_known.FRESH)
    if known.fields is None and known.away is not None:
        if not known.is_set_up:
            document.ok("form", f"func={names.SETTINGS}")
            return
        raise known.away
    rows = _rows(request, known)
    wrong: dict[int, Failure] = {}
    if request.submitted:
        wrong = _wrong(desk, request, known, rows)
        if not wrong:
            saved.add(desk.paths, [one.link for one in rows if one.link.value])
            log.info("custom fields are filled: %s", ", ".join(one.link.field for one in rows if one.link.value))
            document.ok("list", f"func={names.FIELDS}")  # wherever the form was opened from
            return
        if not request.by_page:
            number, failure = next(iter(wrong.items()))
            document.error(failure, request.language, f"value_{number}" if number else "")
            return
    _show(desk, request, document, known, rows, wrong)


def _rows(request: Request, known: Known) -> list[Row]:
    """As sent; before that a free field in each."""
    if any(request.has(f"field_{number}") for number in ROWS):
        return [
            Row(number, Link(request.value(f"field_{number}"), request.value(f"value_{number}"))) for number in ROWS
        ]
    return [Row(number, Link(field.key, "")) for number, field in zip(ROWS, free_fields(known), strict=False)]


def _wrong(desk: Desk, request: Request, known: Known, rows: list[Row]) -> dict[int, Failure]:
    """What stands in the way, by the row's number; 0 when nothing is to be linked."""
    wrong: dict[int, Failure] = {}
    fields: set[str] = set()
    for row in rows:
        if not row.link.value:
            continue
        try:
            if row.link.field in fields:
                raise AtField("field", Refused("field_taken", row.link.field, row.link.value))
            check_choice(known, row.link, None)
            check_value(desk, known, row.link, _sample(request, known, row.link))
        except AtField as problem:
            wrong[row.number] = problem.failure
        fields.add(row.link.field)
    return wrong if fields else {0: Refused("missing_choice", Phrase("setting.a_value").text(request.language))}


def _sample(request: Request, known: Known, link: Link) -> str:
    """The number to try a value on: a client's user or a ticket."""
    value = known.catalogue.get(link.value)
    return request.value("sample_user" if value is not None and value.entity == "user" else "sample_case")


def _show(
    desk: Desk, request: Request, document: Document, known: Known, rows: list[Row], wrong: dict[int, Failure]
) -> None:
    free = free_fields(known)
    fields = [("", document.words("no_field") or "—"), *((one.key, label(document, one)) for one in free)]
    for sample in ("sample_user", "sample_case"):
        document.value(sample, request.value(sample))
    for row in rows:
        field = known.field(row.link.field)
        values = offered_values(known, field.level if field is not None else "", request.language)
        value = row.link.value if row.link.value in (key for key, _ in values) else ""
        document.value(f"field_{row.number}", row.link.field)
        lost = [(row.link.field, row.link.field)] if row.link.field not in (key for key, _ in fields) else []
        document.choices(f"field_{row.number}", [*fields, *lost])
        document.value(f"value_{row.number}", value)
        document.choices(f"value_{row.number}", [("", document.words("no_value") or "—"), *values])
        line = _line(desk, request, document, known, Link(row.link.field, value), wrong.get(row.number))
        document.marked(f"about_{row.number}", line)
    used = {row.number for row in rows if row.link.value}  # also one whose field was linked meanwhile
    for number in (one for one in ROWS[len(free) :] if one not in used):
        document.leave_out(f"row_{number}")
    notes = _notes(request, document, known, bool(free), wrong)
    document.value("note", plain(notes))
    if not notes:
        document.leave_out("note")


def _line(
    desk: Desk, request: Request, document: Document, known: Known, link: Link, failure: Failure | None
) -> list[Line]:
    """What would be sent for a row, or what is wrong with it."""
    if failure is not None:
        return [Line(WRONG, failure_words(failure, request.language))]
    value, field = known.catalogue.get(link.value), known.field(link.field)
    if value is None or field is None:
        return []
    try:
        if (problem := link_problem(link, known)) is not None:
            raise problem
        about = fields_preview.sample(desk.db, value.entity, _sample(request, known, link))
        return [Line("", previewed(desk, request, document, known, value, field, about))]
    except FieldProblem as bad:
        return [Line(WRONG, words_of(bad, request.language))]
    except Failure as bad:
        return [Line(WRONG, failure_words(bad, request.language))]


def _notes(request: Request, document: Document, known: Known, any_free: bool, wrong: dict[int, Failure]) -> list[Line]:
    """At the top: what was saved, what is wrong in which row, what is broken."""
    lines = [Line("good", document.words("note_saved"))] if request.value(SAVED) and not request.submitted else []
    for number, failure in wrong.items():
        row = f"{document.words(f'row_{number}')}: " if number else ""
        lines.append(Line(WRONG, row + failure_words(failure, request.language)))
    if not any_free:
        lines.append(Line("", document.words("note_no_fields")))
    return [*lines, *(Line("warning", one) for one in notices(known, request, document))]
