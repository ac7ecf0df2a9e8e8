"""Cleaning up after a trial. Each clean-up finds what there is by itself, so it works wherever the trial stopped."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from omnidesk.core.errors import Failure, Gone, Paused
from omnidesk.core.phrase import Phrase, join, plain
from omnidesk.probe.findings import Finding, judged
from omnidesk.probe.trial.kit import Kit
from omnidesk.probe.trial.made import LONGEST_PAUSE, TICKETS
from omnidesk.probe.trial.panel_steps import ACCEPTED, tried

log = logging.getLogger("probe")
TRIES, PAUSE = 4, 2.0
DAY = 86400.0
SETTLED = 10.0  # seconds after which a call that got no answer has taken effect, or never will


@dataclass
class Undoing:
    """What the clean-ups found, and what they could not remove. ``kept``: it is as harmless as it can be made."""

    kit: Kit
    findings: list[Finding] = field(default_factory=list)
    kept: list[Phrase] = field(default_factory=list)
    left: list[Phrase] = field(default_factory=list)

    def carry_out(self, what: Phrase, undo: Callable[[Undoing], list[Phrase]]) -> None:
        """One clean-up, again and again while something is left: the other side may be in trouble for a moment."""
        for more in reversed(range(TRIES)):
            seconds = PAUSE
            try:
                left = undo(self)
            except Failure as failure:
                log.warning("cleaning up after a trial: %s", failure)
                left = [what]
                if isinstance(failure, Paused):
                    seconds = max(PAUSE, min(failure.seconds + 0.1, LONGEST_PAUSE))
            except Exception:  # the other clean-ups have to be done all the same
                log.exception("cleaning up after a trial")
                left = [what]
            if not left:
                return
            if more:
                self.kit.interrupts.wait(seconds)
        self.left += left


def ticket(undoing: Undoing) -> list[Phrase]:
    """Delete the ticket; where that is refused, archive it."""
    kit = undoing.kit
    kit.made.look(kit.context.db)
    for number in sorted(kit.made.panel[TICKETS]):
        given = {"sok": "ok", "elid": number, "su": kit.people.employee.login}
        came = tried(partial(kit.panel.call, "ticket_all.delete", given))
        undoing.findings = [judged("trial.removal", came == ACCEPTED, join([plain("ticket_all.delete"), came], ": "))]
    kit.made.look(kit.context.db)
    there = sorted(kit.made.panel[TICKETS])
    undoing.kept = [_archived(kit, number) for number in there]
    if not there:
        kit.context.trials.forget(kit.token)
    return []


def _archived(kit: Kit, number: int) -> Phrase:
    found = kit.context.reader.ticket(number)
    if found is not None and found.status != "closed":
        params = {"sok": "ok", "elid": number, "su": kit.people.client.login}
        kit.panel.call("clientticket.archive", params)
    return Phrase("trial.archived_ticket", number=number)


def cases(undoing: Undoing) -> list[Phrase]:
    """Delete the cases, also one whose making got no answer."""
    kit = undoing.kit
    now = kit.desk.now or kit.context.clock()
    for row in kit.desk.cases_of_user(kit.people.channel, kit.made.name, now - DAY):
        if row.subject == kit.made.subject:
            kit.made.cases.add(row.case_id)
            if row.user_id not in kit.made.users and kit.own_user(row.user_id):
                kit.made.users.add(row.user_id)
    left = []
    for case in sorted(kit.made.cases):
        kit.desk.ask("DELETE", f"cases/{case}")
        try:
            kit.desk.case(case)
        except Gone:
            continue
        left.append(Phrase("trial.case", number=case))
    return left


def user(undoing: Undoing) -> list[Phrase]:
    """Delete the trial's own client in Omnidesk; only employees with full access may (documented)."""
    kit = undoing.kit
    left = []
    for number in sorted(kit.made.users):
        kit.desk.ask("DELETE", f"users/{number}")
        if not kit.desk.user_is_gone(number):
            left.append(Phrase("trial.client", number=number))
    return left
