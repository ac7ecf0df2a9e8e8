"""The state of a link of a custom field: fine, or what is wrong with it. Pure except for the trial it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from omnidesk.custom_fields.catalogue import Link, Value
from omnidesk.custom_fields.problems import FieldProblem
from omnidesk.custom_fields.values import LEVELS
from omnidesk.helpdesk.models import CustomField
from omnidesk.panel_ui.fields_known import Known

TYPES = ("text", "textarea", "select", "checkbox", "date")
FINE = "fine"
UNCHECKED = "unchecked"
# Problems that have a state of their own in the list; all others are the statement's.
_STATES = {
    "unknown_field": "unknown_field",
    "inactive_field": "inactive_field",
    "wrong_level": "wrong_level",
    "unknown_level": "wrong_level",
    "unknown_value": "unknown_value",
    "unknown_field_type": "unknown_type",
    "too_slow": "slow_statement",
    "no_database": "no_database",
    "session_unsafe": "no_database",
}
STATES = (FINE, UNCHECKED, "broken_value", "broken_statement", *dict.fromkeys(_STATES.values()))
Trial = Callable[[Value, CustomField | None], FieldProblem | None]
"""Whether the statement is approved and runs; asked last, as it is what costs."""


@dataclass(frozen=True)
class Verdict:
    """``state`` is one of :data:`STATES`, ``problem`` its words."""

    state: str
    problem: FieldProblem | None = None


def verdict(link: Link, known: Known, trial: Trial) -> Verdict:
    """How this link is."""
    problem = link_problem(link, known)
    if problem is not None:
        return Verdict("broken_value" if problem.about else _STATES[problem.code], problem)
    value, field = known.catalogue.get(link.value), known.field(link.field)
    problem = trial(value, field) if value is not None else None
    if problem is not None:
        return Verdict(_STATES.get(problem.code, "broken_statement"), problem)
    return Verdict(FINE if known.fields is not None else UNCHECKED)


def link_problem(link: Link, known: Known) -> FieldProblem | None:
    """What is wrong with the two ends of a link, or with their being linked."""
    broken = next((one for one in known.catalogue.problems if one.about and one.about == link.value), None)
    if broken is not None:
        return broken
    value = known.catalogue.get(link.value)
    if value is None:
        return FieldProblem("unknown_value", value=link.value)
    if known.fields is None:
        return None
    return field_problem(link.field, known) or level_problem(value, known.fields[link.field])


def field_problem(key: str, known: Known) -> FieldProblem | None:
    """What is wrong with a field of Omnidesk's, whatever it is to be filled with."""
    field = known.field(key)
    if field is None:
        return FieldProblem("unknown_field", field=key)
    if not field.active:
        return FieldProblem("inactive_field", field=key)
    if field.level not in LEVELS:
        return FieldProblem("unknown_level", field=key, level=field.level)
    return FieldProblem("unknown_field_type", type=field.type) if field.type not in TYPES else None


def is_free(field: CustomField, known: Known) -> bool:
    """Whether a field of Omnidesk's can be linked: it is active, of a known kind, and has no link yet."""
    return field.active and field.type in TYPES and field.level in LEVELS and known.link(field.key) is None


def level_problem(value: Value, field: CustomField) -> FieldProblem | None:
    """A value about a client cannot go into a case's field, nor the other way round."""
    if value.entity == field.level:
        return None
    return FieldProblem("wrong_level", value=value.key, field=field.key, entity=value.entity, level=field.level)


def words_of(problem: FieldProblem, language: str) -> str:
    """A problem and its fix as sentences."""
    what, cure = problem.said.text(language), problem.said.cure(language)
    return f"{what[:1].upper()}{what[1:]}. {cure}".strip()
