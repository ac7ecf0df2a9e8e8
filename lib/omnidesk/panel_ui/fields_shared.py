"""What the forms of custom fields share: how fields and values are named, what would be sent, what may be linked."""

from __future__ import annotations

from omnidesk.core.errors import Failure, Refused
from omnidesk.core.phrase import with_cure
from omnidesk.core.text import shorten
from omnidesk.custom_fields.catalogue import Link, Value
from omnidesk.custom_fields.problems import FieldProblem
from omnidesk.helpdesk.models import CustomField
from omnidesk.panel_ui import fields_known, fields_preview
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.fields_known import Known
from omnidesk.panel_ui.fields_list import FIELD_KEY
from omnidesk.panel_ui.fields_state import field_problem, is_free, level_problem, link_problem, words_of
from omnidesk.panel_ui.request import Request


class AtField(Exception):
    """``failure`` is to be shown at the form's field ``name``."""

    def __init__(self, name: str, failure: Failure) -> None:
        self.name = name
        self.failure = failure
        super().__init__(name)


def in_order(known: Known) -> list[CustomField]:
    """The account's fields as they are offered."""
    return sorted((known.fields or {}).values(), key=lambda one: (one.level, one.title.casefold(), one.key))


def free_fields(known: Known) -> list[CustomField]:
    """Those that can be linked and are not yet."""
    return [one for one in in_order(known) if is_free(one, known)]


def level_of(known: Known, value: str) -> str:
    """The level of a value of the catalogue; "" when there is no such value."""
    found = known.catalogue.get(value)
    return found.entity if found is not None else ""


def offered_values(known: Known, level: str, language: str) -> list[tuple[str, str]]:
    """The usable values of a level, as choices."""
    usable = (one for one in known.catalogue if one.entity == level and one.key not in known.catalogue.broken)
    return [(one.key, f"{one.title(language)} ({one.key})") for one in usable]


def label(document: Document, field: CustomField) -> str:
    """A field as a choice."""
    level = document.words(f"level_{field.level}") or field.level
    kind = document.words(f"type_{field.type}") or field.type
    return f"{field.title or field.key} — {level}, {kind} ({field.key})"


def previewed(
    desk: Desk,
    request: Request,
    document: Document,
    known: Known,
    value: Value,
    field: CustomField,
    about: fields_preview.Sample,
) -> str:
    """What would be sent for this client or ticket, in words; :class:`FieldProblem` when it would not be taken."""
    if not about.id:
        return document.words("preview_nobody")
    with fields_known.values(desk, known) as values:
        shown = fields_preview.preview(values, value, field, about)
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


def check_choice(known: Known, link: Link, before: Link | None) -> None:
    """Both are chosen, and the field is free (``before``: the link that is changed)."""
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


def check_value(desk: Desk, known: Known, link: Link, sample: str) -> None:
    """The value is there, for this level, its statement is approved and runs, and the field takes what it yields."""
    problem = link_problem(link, known)
    value, field = known.catalogue.get(link.value), known.field(link.field)
    if problem is None and value is not None and field is not None:
        problem = level_problem(value, field)
        try:
            about = fields_preview.sample(desk.db, value.entity, sample)
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
