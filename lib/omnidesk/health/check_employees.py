"""Who acts on either side: the employees the module speaks as, what the panel lets them do, who has no counterpart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from omnidesk.billmanager.models import Person
from omnidesk.billmanager.panel import ANSWER
from omnidesk.context import Context
from omnidesk.core import emails
from omnidesk.core.errors import Failure, TryLater
from omnidesk.wording.error_texts import render
from omnidesk.wording.findings import Finding, of_failure, ok

SHOWN = 10  # people in one line
MOST_ASKED = 20  # employees whose rights are asked for one by one
_CURE_EN = (
    "In BILLmanager open Provider, Employees, {login}, Rights and give all rights of the group Support;"
    " then run check_connection again."
)
_CURE_RU = (
    "В BILLmanager откройте Провайдер, Сотрудники, {login}, Права и дайте все права группы «Поддержка»;"
    " затем повторите check_connection."
)


def speakers(context: Context) -> Iterator[Finding]:
    """The integration employee and the replying one: there, and enabled."""
    for setting, email, person in _speakers(context):
        if person is None:
            yield of_failure("employee", Failure("no_employee", email), setting)
        else:
            yield ok("employee", f"{email} is the employee {person.login}.", f"{email} — сотрудник {person.login}.")


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
            en, ru = render(failure, "en").sentence, render(failure, "ru").sentence
            yield Finding(
                "info", "rights", f"The rights of {person.login} in the panel could not be checked: {en}",
                f"Не удалось проверить права сотрудника {person.login} в панели: {ru}",
            )  # fmt: skip
            continue
        if refused:
            yield _without_rights(person, refused, setting)
        else:
            yield ok(
                "rights", f"{person.login} may answer, take, close and reopen tickets in the panel.",
                f"Сотрудник {person.login} может отвечать на запросы в панели, брать, закрывать и открывать их.",
            )  # fmt: skip


def _without_rights(person: Person, refused: Sequence[str], setting: str) -> Finding:
    functions = ", ".join(refused)
    return Finding(
        "error", "rights",
        f"The employee {person.login} may not use {functions} in the panel: messages from Omnidesk cannot be"
        " written as this employee.",
        f"Сотруднику {person.login} запрещены функции панели {functions}: записать от его имени сообщения"
        " из Омнидеска нельзя.",
        _CURE_EN.format(login=person.login), _CURE_RU.format(login=person.login), setting,
    )  # fmt: skip


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
        "Employees of BILLmanager without an active Omnidesk employee of the same e-mail: {}."
        " Their replies appear in Omnidesk as the integration employee's.",
        "Сотрудники BILLmanager, чьей почты нет ни у кого из активных сотрудников Омнидеска: {}."
        " Их ответы уходят в Омнидеск от имени сотрудника интеграции.",
    )
    yield from _alone(
        [one.email.strip() for key, one in staff.items() if key not in employees],
        "Omnidesk staff without an enabled BILLmanager employee of the same e-mail: {}."
        f" Clients receive their replies as {context.settings.replying_employee}'s.",
        "Сотрудники Омнидеска, чьей почты нет ни у одного включённого сотрудника BILLmanager: {}."
        f" Их ответы клиенты получают от имени {context.settings.replying_employee}.",
    )
    yield from _agents(context, [one for key, one in employees.items() if key in staff])


def _alone(names: list[str], en: str, ru: str) -> Iterator[Finding]:
    if names:
        shown, rest = ", ".join(sorted(names)[:SHOWN]), len(names) - SHOWN
        more_en, more_ru = (f" and {rest} more", f" и ещё {rest}") if rest > 0 else ("", "")
        yield Finding("info", "staff", en.format(shown + more_en), ru.format(shown + more_ru))


def _agents(context: Context, both: list[Person]) -> Iterator[Finding]:
    """Who is on both sides answers under his own name, so he needs the right to."""
    for person in both[:MOST_ASKED]:
        try:
            refused = context.panel.refused(person.login, (ANSWER,))
        except TryLater:
            return  # what can be said of the panel's troubles is said of the employees that matter more
        if refused:
            yield Finding(
                "warning", "rights",
                f"The employee {person.login} ({person.email}) may not answer tickets in the panel:"
                " it will refuse the replies that this employee writes in Omnidesk.",
                f"Панель не разрешает сотруднику {person.login} ({person.email}) отвечать на запросы:"
                " ответы, которые он пишет в Омнидеске, она не примет.",
                _CURE_EN.format(login=person.login), _CURE_RU.format(login=person.login),
            )  # fmt: skip
