"""Who of either side's staff is whom on the other: matched by e-mail, as far as the lists are remembered."""

from __future__ import annotations

from collections.abc import Iterator

from omnidesk.billmanager.models import Person
from omnidesk.context import Context
from omnidesk.core import emails
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk.models import Staff
from omnidesk.store.state import State

MOST = 300  # rows
Pair = tuple[Person | None, Staff | None]


def rows(context: Context, language: str) -> Iterator[dict[str, object]]:
    """A row for each person, those without a counterpart last; without Omnidesk's list one that says so."""
    known = _remembered(context.state)
    if known is None:
        yield {"email": "—", "here": "", "there": "", "means": Phrase("health.staff_unknown").text(language)}
        return
    for employee, agent in _pairs(context, known)[:MOST]:
        yield {
            "email": (employee.email if employee else "") or (agent.email if agent else ""),
            "here": employee.label if employee else "—",
            "there": agent.name if agent else "—",
            "means": _means(context, employee, agent).text(language),
        }


def _remembered(state: State) -> list[Staff] | None:
    found = state.get("account:staff", None, list)
    try:
        return None if found is None else [one for one in (Staff(**row) for row in found) if one.active]
    except TypeError:  # another version's
        return None


def _pairs(context: Context, staff: list[Staff]) -> list[Pair]:
    agents = {emails.key(one.email): one for one in staff if emails.key(one.email)}
    found: list[Pair] = [(one, agents.pop(emails.key(one.email), None)) for one in context.reader.employees()]
    found += [(None, one) for one in agents.values()]
    return sorted(found, key=lambda pair: (pair[0] is None) + 2 * (pair[0] is not None and pair[1] is None))


def _means(context: Context, employee: Person | None, agent: Staff | None) -> Phrase:
    """How this person's replies cross."""
    settings = context.settings
    key = emails.key(employee.email if employee else agent.email if agent else "")
    if key == emails.key(settings.email):
        return Phrase("health.integration")
    if key == emails.key(settings.replying_employee):
        return Phrase("health.replying")
    if employee is not None and agent is not None:
        return Phrase("health.both")
    return (
        Phrase("health.only_here")
        if employee is not None
        else Phrase("health.only_there", employee=settings.replying_employee)
    )
