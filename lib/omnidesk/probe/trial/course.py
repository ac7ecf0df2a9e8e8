"""The order of a trial, and that it is cleaned up wherever it stops.

A clean-up is registered before its step is made; all that were registered are carried out, the last one first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from omnidesk.core.errors import Failure
from omnidesk.core.phrase import Phrase
from omnidesk.probe.findings import Finding, judged
from omnidesk.probe.trial import undo
from omnidesk.probe.trial.desk_steps import DeskSteps
from omnidesk.probe.trial.interrupts import Interrupted
from omnidesk.probe.trial.kit import Kit, Missing
from omnidesk.probe.trial.panel_steps import PanelSteps, failed
from omnidesk.probe.trial.plugin_steps import PluginSteps
from omnidesk.probe.trial.rating_steps import RatingSteps
from omnidesk.probe.trial.undo import Undoing

log = logging.getLogger("probe")
Undo = Callable[[Undoing], list[Phrase]]
TICKET = (Phrase("trial.the_ticket"), undo.ticket)
CASES = (Phrase("trial.the_cases"), undo.cases)
USER = (Phrase("trial.the_client"), undo.user)


@dataclass(frozen=True)
class Step:
    """One step; ``key`` of what it settles first, ``undo``: what has to be cleaned up once it was begun."""

    key: str
    make: Callable[[], Iterable[Finding]]
    undo: tuple[tuple[Phrase, Undo], ...] = ()


def steps(kit: Kit) -> list[Step]:
    """All steps. What ends something comes behind what needs it."""
    here, there, ours = PanelSteps(kit), DeskSteps(kit), PluginSteps(kit)
    return [
        Step("trial.ticket", here.create, (TICKET,)),
        Step("trial.case", there.create, (USER, CASES)),
        Step("trial.take", here.take),
        Step("trial.page", ours.page),
        Step("trial.private", ours.private),
        Step("trial.answer", here.answer),
        Step("trial.correction", here.correct),
        Step("trial.messages", there.messages),
        Step("trial.note", here.note),
        Step("trial.case_note", there.note),
        Step("trial.edits", there.edits),
        Step("trial.note_file", here.note_file),
        Step("trial.upload", here.upload),
        Step("trial.case_upload", there.upload),
        Step("trial.rating", RatingSteps(kit).rate),
        Step("trial.case_rating", there.rate),
        Step("trial.status", there.status),
        Step("trial.history", there.history),
        Step("trial.ending", here.ending),
        Step("trial.reopen", here.reopen),
        Step("trial.archive", here.archive),
        Step("trial.archived", here.archived),
        Step("trial.events", ours.events),
        Step("trial.spam", there.spam),
        Step("trial.trash", there.trash),
        Step("trial.deleted", there.delete),
    ]


@dataclass
class Course:
    """``begin`` gets the key of each step, ``settled`` each finding; ``cleaning``: whether it was interrupted."""

    kit: Kit
    begin: Callable[[str], None]
    settled: Callable[[Finding], None]
    cleaning: Callable[[bool], None]
    interrupted: bool = False
    findings: list[Finding] = field(default_factory=list)

    def run(self, planned: Iterable[Step]) -> Undoing:
        """Make the steps, then clean up; what the clean-up could not remove is in its answer."""
        registered: list[tuple[Phrase, Undo]] = []
        try:
            for step in planned:
                self.kit.interrupts.check()
                registered += step.undo
                self._make(step)
        except Interrupted:
            self.interrupted = True
        finally:
            undoing = self._clean(registered)
        return undoing

    def _make(self, step: Step) -> None:
        self.begin(step.key)
        for one in self._tried(step):
            self.findings.append(one)
            self.settled(one)

    def _tried(self, step: Step) -> Iterator[Finding]:
        """A step that fails is not settled, and the next ones are made all the same."""
        try:
            yield from list(step.make())
        except Failure as failure:
            log.info("%s: %s", step.key, failure)
            self.kit.doubt = self.kit.doubt or failure.uncertain
            yield judged(step.key, None, Phrase("probe.failed", type=failed(failure)))
        except Missing as missing:
            yield judged(step.key, None, Phrase("trial.not_tried", what=missing.what))
        except Exception as error:  # an answer of an unknown shape is a finding as well
            log.exception("%s", step.key)
            yield judged(step.key, None, Phrase("probe.unforeseen", type=type(error).__name__))

    def _clean(self, registered: list[tuple[Phrase, Undo]]) -> Undoing:
        self.kit.interrupts.cleaning = True
        undoing = Undoing(self.kit)
        self.cleaning(self.interrupted)
        if self.kit.doubt:
            self.kit.interrupts.wait(undo.SETTLED)
        for what, way in reversed(registered):
            undoing.carry_out(what, way)
        for one in undoing.findings:
            self.findings.append(one)
            self.settled(one)
        if not registered:  # nothing was begun
            self.kit.context.trials.forget(self.kit.token)
        return undoing
