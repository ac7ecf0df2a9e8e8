"""The command ``probe --trial``: who takes part, the question whether to begin, the steps on screen, the report."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import replace

from omnidesk.billmanager.models import Person
from omnidesk.billmanager.program import runner
from omnidesk.context import Context
from omnidesk.core import settings as settings_file
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.errors import Failure, Refused
from omnidesk.core.paths import Paths, private_folder
from omnidesk.core.phrase import Phrase, join
from omnidesk.core.version import VERSION
from omnidesk.probe.findings import AS_ASSUMED, DIFFERS, Blotter, Finding
from omnidesk.probe.run import datum, lines, settings_of
from omnidesk.probe.trial.course import Course, steps
from omnidesk.probe.trial.interrupts import Interrupts
from omnidesk.probe.trial.kit import Kit, People, make
from omnidesk.probe.trial.undo import Undoing
from omnidesk.wording.about_texts import TRIAL
from omnidesk.wording.answer import Answer
from omnidesk.wording.arguments import Arguments
from omnidesk.wording.screen import Screen

_MARKS = {AS_ASSUMED: ("✓", "good"), DIFFERS: ("✗", "bad")}


def trial(paths: Paths, dependencies: Dependencies, given: Arguments, secrets: set[str]) -> Answer:
    """Perform what the rest of the assumptions is about. Raises KeyboardInterrupt once an interrupted one is clean."""
    if not given.client or not given.channel:
        raise Failure("trial_missing", "--client" if not given.client else "--channel")
    if not given.yes and not sys.stdin.isatty():
        raise Failure("trial_confirm")
    chosen = settings_of(paths, secrets) or settings_file.load(paths.settings)  # which says what is wrong
    apart = replace(dependencies, run_mgrctl=dependencies.run_mgrctl or runner(paths, apart=True))
    context = Context(paths, chosen, apart)
    try:
        context.prepare()
        people = _people(context, given)
        secrets.update({context.address.password.reveal(), people.client.login, people.employee.login} - {""})
        if not given.yes and not _agreed(given, people):
            return Answer([Phrase("trial.nothing_done")], data={"trial": []})
        interrupts = Interrupts()
        with interrupts.installed():
            kit = make(context, people, interrupts)
            try:
                return _made(kit, given, Blotter(secrets))
            finally:
                kit.desk.session.close()
    finally:
        context.close()


# Who takes part


def _people(context: Context, given: Arguments) -> People:
    client = context.reader.client_by_login(given.client)
    if client is None or not client.enabled or not client.account:
        raise Refused("trial_option", "--client", given.client)
    employee = _employee(context, given.employee)
    if given.channel not in [one.key for one in context.account.channels(0.0)]:
        raise Refused("trial_option", "--channel", given.channel)
    staff = context.account.staff_by_email(employee.email) or context.account.staff_by_email(context.settings.email)
    if staff is None:
        raise Refused("trial_option", "OmnideskEmail", context.settings.email)
    return People(client, employee, staff.staff_id, given.channel, _department(context, given.department))


def _employee(context: Context, login: str) -> Person:
    found = context.reader.employee_by_login(login) if login else context.integration_employee()
    if found is None or not found.enabled:
        raise Refused("trial_option", "--employee", login or context.settings.email)
    return found


def _department(context: Context, wanted: str) -> int:
    if not wanted:
        return 0
    found = context.reader.departments_named(wanted)
    if not found:
        raise Refused("trial_option", "--department", wanted)
    return found[0]


# On screen; stdout is for the answer


def _say(text: str) -> None:
    """A line for whoever looks on; a terminal that is gone must not keep a trial from being cleaned up."""
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def _about(key: str, screen: Screen) -> str:
    return screen.text(f"about.{key}")


def _agreed(given: Arguments, people: People) -> bool:
    """Show what would be done, and ask."""
    screen = given.screen
    people_there = {"client": people.client.login, "employee": people.employee.login, "channel": people.channel}
    _say(screen.text("trial.plan", **people_there))
    for key in TRIAL:
        _say(f"  - {_about(key, screen)}")
    _say(screen.text("trial.touches"))
    print(screen.text("trial.begin"), end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in ("y", "yes", "д", "да")


def _made(kit: Kit, given: Arguments, blotter: Blotter) -> Answer:
    """Make the trial, show it, write the report."""
    screen = given.screen

    def settled(one: Finding) -> None:
        mark, style = _MARKS.get(one.verdict, ("·", "dim"))
        _say(screen.paint(style, f"  {mark} {one.key}: {blotter.phrase(one.found).text(screen.language)}"))

    def cleaning(interrupted: bool) -> None:
        _say(screen.text("trial.interrupted" if interrupted else "trial.cleaning"))

    course = Course(kit, lambda key: _say(_about(key, screen)), settled, cleaning)
    undoing = course.run(steps(kit))
    found = list(blotter.all(course.findings))
    report = kit.context.paths.trial_report
    try:
        write_report(report, found, undoing, interrupted=course.interrupted)
    except OSError:
        for line in _ending(undoing, "", screen):  # what stays has to be known whatever becomes of the report
            _say(line)
        raise
    if course.interrupted:
        for line in _ending(undoing, report, screen):
            _say(line)
        raise KeyboardInterrupt
    return _answer(found, undoing, report, screen)


def _answer(found: list[Finding], undoing: Undoing, report: str, screen: Screen) -> Answer:
    answer = Answer(data={
        "trial": [datum(one) for one in found],
        "report": report,
        "kept": [str(one) for one in undoing.kept],
        "left": [str(one) for one in undoing.left],
    })  # fmt: skip
    seen = sys.stdout.isatty() and sys.stderr.isatty()  # the steps stand above
    shown = [one for one in found if not seen or one.verdict != AS_ASSUMED]
    rows = [line for one in shown for line in lines(one, screen)]
    answer.lines = [*rows, "", *_ending(undoing, report, screen)]
    if undoing.left:
        answer.failed = Failure("trial_left", value=join(undoing.left))
    return answer


def _ending(undoing: Undoing, report: str, screen: Screen) -> list[str]:
    """What stays, and where the report is."""
    stays = join([*undoing.kept, *undoing.left])
    return [
        screen.text("trial.stays", stays=stays) if undoing.kept or undoing.left else screen.text("trial.removed"),
        *([screen.text("trial.report", path=report)] if report else []),
    ]


def write_report(path: str, found: list[Finding], undoing: Undoing, *, interrupted: bool) -> None:
    """Only keys, verdicts and findings, in English: the numbers of what stays are on screen, not in here."""
    head = f"pmomnidesk {VERSION} trial{', interrupted' if interrupted else ''}"
    tail = f"kept {len(undoing.kept)}, left {len(undoing.left)}"
    text = "\n".join([head, *(f"{one.key}: {one.verdict}: {one.found}" for one in found), tail, ""])
    private_folder(os.path.dirname(path))
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
