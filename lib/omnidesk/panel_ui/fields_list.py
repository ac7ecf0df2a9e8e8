"""The list «Кастомные поля»: each link of a field of Omnidesk's to a value of the catalogue, and its state."""

from __future__ import annotations

import logging
import re
import time

from omnidesk.core.errors import Failure, Refused
from omnidesk.core.text import shorten
from omnidesk.custom_fields import saved
from omnidesk.custom_fields.catalogue import Value
from omnidesk.custom_fields.problems import FieldProblem
from omnidesk.custom_fields.values import LEVELS, FieldValues
from omnidesk.helpdesk.models import CustomField
from omnidesk.panel_ui import fields_known
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.fields_known import Known
from omnidesk.panel_ui.fields_state import TYPES, Trial, verdict, words_of
from omnidesk.panel_ui.request import Request

log = logging.getLogger("panel")
FIELD_KEY = re.compile(r"cf_[1-9][0-9]{0,17}\Z")
TRIAL_SECONDS = 4.0  # for all statements of one list; those that are left then are only read, not run
LONGEST_NOTE = 400


def serve(desk: Desk, request: Request, document: Document) -> None:
    """All links, in the file's order."""
    known = fields_known.read(desk)
    with fields_known.values(desk, known) as values:
        trial = _trial(values)
        for link in known.links:
            field, value = known.field(link.field), known.catalogue.get(link.value)
            found = verdict(link, known, trial)
            document.row(
                {
                    "id": link.field,
                    "name": field.title if field is not None and field.title else link.field,
                    "level": _level(field, value),
                    "type": _type(field),
                    "value_name": value.title(request.language) if value is not None else link.value,
                    "value": link.value,
                    "state": f"state_{found.state}",
                    "reason": words_of(found.problem, request.language) if found.problem else "",
                }
            )
    notes = notices(known, request, document)
    if notes:
        document.message("title", f"{document.words('title')} — {shorten(' '.join(notes), LONGEST_NOTE)}")


def delete(desk: Desk, request: Request, document: Document) -> None:
    """Take the selected links out of the file. What the fields hold in Omnidesk stays as it is."""
    keys = [key for key in request.elements if FIELD_KEY.match(key)]
    if not keys:
        raise Refused("no_link", value=shorten(request.value("elid"), 80))
    removed = saved.remove(desk.paths, keys)
    log.info("custom fields are no longer filled: %s", ", ".join(removed))
    document.ok()


def notices(known: Known, request: Request, document: Document) -> list[str]:
    """What is broken or away at present, and what is shown instead."""
    notes = [one.phrase.text(request.language).replace("\n", " ") for one in known.broken]
    if known.broken:
        notes.append(document.words("note_last_good"))
    if not known.is_set_up:
        notes.append(document.words("note_not_set_up"))
    elif known.away is not None:
        notes.append(known.away.phrase.text(request.language))
        notes.append(document.words("note_remembered" if known.fields is not None else "note_unknown"))
    return [note for note in notes if note]


def _trial(values: FieldValues) -> Trial:
    """Each statement about nobody (id 0), which finds what the server refuses, until the time is up."""
    end = time.monotonic() + TRIAL_SECONDS
    done: dict[str, FieldProblem | None] = {}

    def run(value: Value, field: CustomField | None) -> FieldProblem | None:
        if value.key not in done and time.monotonic() < end:
            try:
                values.preview(value, 0)
                done[value.key] = None
            except FieldProblem as problem:
                done[value.key] = problem
        return done.get(value.key)

    return run


def _level(field: CustomField | None, value: Value | None) -> str:
    level = field.level if field is not None else value.entity if value is not None else ""
    return f"level_{level}" if level in LEVELS else "level_other"


def _type(field: CustomField | None) -> str:
    if field is None:
        return "type_unknown"
    return f"type_{field.type}" if field.type in TYPES else "type_other"


def failure_words(failure: Failure, language: str) -> str:
    """A failure and its fix in one line."""
    return failure.phrase.full(language).replace("\n", " ")
