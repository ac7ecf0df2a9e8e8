"""Which actions of a ticket a failed action blocks, and which continue.

The actions of a plan fall into strands: messages in either direction, notes, statuses, client data, ratings. Within a
strand the order is kept, so what follows a failed action waits. The other strands go on, with two exceptions: no side
is ended while a message of the ticket has failed, and nothing more is written into a case while it is not known whether
the last call wrote something there, as that is found out by the order of ids.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from omnidesk.core.errors import Failure, Misconfigured, Paused
from omnidesk.sync import actions as do

log = logging.getLogger("apply")
READING = "reading"  # the case could not be read
PARTIAL = "partial"  # something that nothing else depends on could not be read
EDITS = "edits"  # what follows from edits of delivered messages, which only the thread shows
_STRANDS: dict[type[do.Action], str] = {
    do.CreateCase: "out",
    do.LookForUnblocking: "out",
    do.SendMessage: "out",
    do.SendPart: "files",
    do.SendNote: "notes out",
    do.SendSystem: "notes out",
    do.SkipOut: "skipped out",
    do.DeliverReply: "in",
    do.DeliverClientMessage: "in",
    do.Skip: "skipped in",
    do.Learn: "learned",
    do.DeliverNote: "notes in",
    do.UpdateCase: "status",
    do.EndAssignment: "status",
    do.Reopen: "status",
    do.Archive: "status",
    do.MoveTicket: "place",
    do.AgreePlace: "place agreed",
    do.Agree: "agreed",
    do.AssignTicket: "assignee",
    do.AgreeAssignee: "assignee",
    do.SetPriority: "priority",
    do.AgreePriority: "priority",
    do.MarkRead: "read",
    do.ReadCase: "looks",
    do.ReadHistory: "looks",
    do.UpdateUser: "client",
    do.Rate: "ratings",
    do.KeepRating: "ratings",
    do.RefuseRating: "ratings",
    do.Notify: "notices",
    do.Correct: EDITS,
    do.KeepEdit: EDITS,
    do.LeaveStray: "notices",
    do.DropNotice: "notices",
}
_ORDER = ("out", "in", "files", "notes out", "notes in", "status")  # which of several failures is shown
_INTO_A_CASE = ("out", "files", "notes out")
_READ = ("in", "notes in", "skipped in", "learned", EDITS, READING, PARTIAL)


def strand(action: do.Action) -> str:
    """The strand an action belongs to."""
    if isinstance(action, do.Notify) and action.of_edit:
        return EDITS
    return _STRANDS.get(type(action), "doubts")


class Course:
    """What has failed in one reconciliation of a ticket."""

    def __init__(self, ticket: int) -> None:
        self.ticket = ticket
        self.failures: dict[str, Failure] = {}
        self._looks: set[type[do.Action]] = set()
        self._unended = False  # what was to end the ticket as well has failed
        self.in_doubt = False  # it is not known whether the last call wrote something; that is found out first

    def failed(self, what: str, failure: Failure) -> None:
        """Note a failure of a strand. One that is not of this ticket alone is raised."""
        if isinstance(failure, (Paused, Misconfigured)) or what == "doubts":
            raise failure
        if self.failures.setdefault(what, failure) is failure:
            log.info("ticket %s: %s: %s", self.ticket, what, failure)
        self.in_doubt = self.in_doubt or (what != PARTIAL and _unsure(failure))

    def action_failed(self, action: do.Action, failure: Failure) -> None:
        """Note that an action of a plan failed; see :meth:`failed`."""
        self._unended |= isinstance(action, (do.DeliverReply, do.DeliverNote)) and action.end
        self.failed(strand(action), failure)

    def done(self, action: do.Action) -> None:
        """Note what was carried out."""
        self._unended &= not isinstance(action, do.EndAssignment)
        if strand(action) == "looks":
            self._looks.add(type(action))

    def end(self) -> None:
        """Raise what has failed, if anything has: the most important first, the others are in the log."""
        for what in (*_ORDER, *self.failures):
            if what in self.failures:
                raise self.failures[what]

    def allowed(self, action: do.Action) -> do.Action | None:
        """The action, or as much of it as may be carried out after what has failed; None when it has to wait."""
        mine = strand(action)
        if mine in self.failures:
            return None
        into_case = mine in _INTO_A_CASE or (isinstance(action, do.Notify) and action.place == "case")
        if into_case and any(
            _unsure(one) for what, one in self.failures.items() if what in (*_INTO_A_CASE, "notices", EDITS)
        ):
            return None
        match action:
            case do.UpdateCase() if action.status not in ("", "open") and self._any("out", "in"):
                others = action.fields or action.group or action.assigned or action.priority
                return replace(action, status="", follows="") if others else None
            case do.EndAssignment():
                return None if self._any("out", "in", READING) else action
            case do.DeliverReply() | do.DeliverNote() if action.end and self._any("out", "in"):
                return replace(action, end=False)
            case do.Agree() | do.Archive():
                return None if self._unended or self._taken() or self._any("out", "in", "status", READING) else action
            case do.AssignTicket() | do.AgreeAssignee() | do.SetPriority() | do.AgreePriority():
                return None if self._any("status", READING) else action
            case do.ReadCase() | do.ReadHistory():  # what could not be read is not asked for again in this run
                return None if READING in self.failures and type(action) in self._looks else action
            case do.MarkRead():
                return None if self._any(*_READ) else action
        return action

    def ahead(self, actions: Sequence[do.Action]) -> list[do.Action]:
        """Those of the actions that may be carried out now."""
        return [one for one in map(self.allowed, actions) if one is not None]

    def _taken(self) -> bool:
        """Whether the ticket may have been taken for a note, which is remembered until that is known."""
        return "notes in" in self.failures and _unsure(self.failures["notes in"])

    def _any(self, *strands: str) -> bool:
        return any(one in self.failures for one in strands)


def _unsure(failure: Failure) -> bool:
    """Whether the call may have been carried out: it got no answer, or its result could not be recorded."""
    return failure.uncertain or failure.type == "internal" or failure.type.startswith("database")
