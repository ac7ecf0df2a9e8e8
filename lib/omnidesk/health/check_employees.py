"""Who acts on either side: the employees the module speaks as, what the panel lets them do, who has no counterpart."""

from __future__ import annotations

from collections.abc import Iterator

from omnidesk.billmanager.models import Person
from omnidesk.billmanager.panel import ANSWER
from omnidesk.context import Context
from omnidesk.core import emails
from omnidesk.core.errors import Failure, TryLater
from omnidesk.core.phrase import Phrase
from omnidesk.wording.findings import Finding, finding, of_failure, ok

SHOWN = 10  # people in one line
MOST_ASKED = 20  # employees whose rights are asked for one by one


def speakers(context: Context) -> Iterator[Finding]:
    """The integration employee and the replying one: there, and enabled."""
    for setting, email, person in _speakers(context):
        if person is None:
            yield of_failure("employee", Failure("no_employee", email), setting)
        else:
            yield ok("employee", "employee", email=email, login=person.login)


def _speakers(context: Context) -> Iterator[tuple[str, str, Person | None]]:
    settings = context.settings
    for email in dict.fromkeys((settings.email, settings.replying_employee)):
        person = context.reader.employee_by_email(email)
        setting = "OmnideskEmail" if email == settings.email else "FallbackEmployee"
        yield setting, email, person if person is not None and person.enabled else None


def rights(context: Context) -> Iterator[Finding]:
    """Whether the panel lets them answer, take, close and reopen tickets."""
    for setting, _, person in _speakers(context):
        if person is None:
            continue
        try:
            refused = context.panel.refused(person.login)
        except TryLater as failure:
            yield finding("info", "rights", "rights_unknown", login=person.login, why=failure.phrase)
            continue
        if refused:
            functions = ", ".join(refused)
            yield finding("error", "rights", "rights_missing", setting, login=person.login, functions=functions)
        else:
            yield ok("rights", "rights", login=person.login)


def counterparts(context: Context) -> Iterator[Finding]:
    """Staff of one side whose e-mail nobody of the other side has, and agents whose employee may not answer."""
    ours = {emails.key(email) for _, email, _ in _speakers(context)}
    employees = {
        emails.key(one.email) or one.login: one
        for one in context.reader.employees()
        if emails.key(one.email) not in ours
    }
    staff = {
        emails.key(one.email): one
        for one in context.account.staff()
        if one.active and emails.key(one.email) not in ours | {""}
    }
    yield from _alone(
        [one.email.strip() or one.login for key, one in employees.items() if key not in staff],
        "employees_alone",
    )
    yield from _alone(
        [one.email.strip() for key, one in staff.items() if key not in employees],
        "staff_alone",
        employee=context.settings.replying_employee,
    )
    both = [one for key, one in employees.items() if key in staff]
    if context.settings.sync_assignee:
        yield ok("staff", "assignees", count=len(both))
    yield from _agents(context, both)


def _alone(names: list[str], key: str, **params: str) -> Iterator[Finding]:
    if names:
        shown: str | Phrase = ", ".join(sorted(names)[:SHOWN])
        if len(names) > SHOWN:
            shown = Phrase("finding.and_others", names=shown, count=len(names) - SHOWN)
        yield finding("info", "staff", key, names=shown, **params)


def _agents(context: Context, both: list[Person]) -> Iterator[Finding]:
    """Who is on both sides answers under his own name, so he needs the right to."""
    for person in both[:MOST_ASKED]:
        try:
            refused = context.panel.refused(person.login, (ANSWER,))
        except TryLater:
            return  # what can be said of the panel's troubles is said of the employees that matter more
        if refused:
            yield finding("warning", "rights", "may_not_answer", login=person.login, email=person.email)
