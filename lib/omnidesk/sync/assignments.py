"""Who has the ticket in BILLmanager: writing in an employee's name, taking, ending, archiving, and opening it again.

What the module does to a ticket is nobody's decision, so it is written down before each call. All of it happens under
the ticket's lock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from omnidesk.billmanager.models import Assignment, Person, Ticket
from omnidesk.context import Context
from omnidesk.core.errors import Failure, Refused
from omnidesk.core.phrase import Phrase
from omnidesk.store.holds import TICKET
from omnidesk.sync import actions as do
from omnidesk.sync.assignee import named
from omnidesk.sync.counterparts import employees_of, speakers
from omnidesk.sync.resolve import PlanAgain

log = logging.getLogger("billmanager")
ARCHIVING = "archiving"  # in the state table: why the panel did not archive


@contextmanager
def _after_writing() -> Iterator[None]:
    """What fails here must not look as if nothing was written."""
    try:
        yield
    except Failure as failure:
        failure.uncertain = True
        raise


class Assignments:
    """Changes who has one ticket."""

    def __init__(self, context: Context, ticket: Ticket) -> None:
        self.context = context
        self.ticket = ticket
        self.links = context.links

    def rows(self) -> tuple[Assignment, ...]:
        """Who has the ticket now."""
        return self.context.reader.assignments(self.ticket.id)

    def as_staff(self, person: Person, write: Callable[[int, str], None], *, ends: bool, opens: bool = False) -> None:
        """Write through the assignment the person has or anybody has; nobody has one: take the ticket first, which
        ``opens`` it for good or only to write."""
        ended = self.ticket.status != "open"
        opens = opens and ended
        newest = self._newest() if ends or (ended and not opens) else 0
        rows = self.rows()
        # It was ended since it was read; one whose change of state is on hold is as agreed.
        if not (rows or newest or opens) and self.links.ticket(self.ticket.id).held != TICKET:
            newest, rows = self._newest(), self.rows()
        # An earlier reply may have taken a ticket that was ended before: that is still no ending of ours.
        taken = ends and bool(self.links.ticket(self.ticket.id).taken_end)
        with self._ending(newest, had=bool(rows) and not taken) if ends else nullcontext():
            row = next((one.id for one in rows if one.user == person.user), rows[0].id if rows else 0)
            if not row:
                row = self._take(person, newest)
            try:
                write(row, person.login)
            except Refused as refusal:
                mine = [one for one in rows if one.user == person.user]
                if refusal.type != "panel_access" or mine or not rows or self._has_written(person):
                    raise
                # The panel may want an employee to have taken the ticket from its department before he answers.
                write(self._take(person), person.login)
        with _after_writing():
            if ends and (taken or not rows) and not self.rows():
                self.links.ticket_left(self.ticket.id)

    def _newest(self) -> int:
        """The ticket's last message, read before the assignments: a client's message gives the ticket to somebody,
        so where nobody has it afterwards, staff had ended it after this message."""
        return self.context.reader.highest(self.ticket.id, "message")

    def _has_written(self, person: Person) -> bool:
        """Whether something by this person stands in the ticket that is not known yet: what was refused, perhaps."""
        reader, ticket = self.context.reader, self.ticket.id
        messages, notes = reader.unlinked_messages(ticket), reader.unlinked_notes(ticket)
        return person.user in {*(one.author.user for one in messages), *(one.author.user for one in notes)}

    @contextmanager
    def _ending(self, before: int, *, had: bool, archive: bool = False) -> Iterator[None]:
        """Remember that the ticket's end is our own doing, and up to which message nobody can have meant it.

        The panel ends an assignment although the client has just written. ``before``: the :meth:`_newest` message;
        ``had``: somebody had the ticket; if nobody had, it was ended before and we only leave it so, unless the client
        writes meanwhile.
        """
        known = self.links.ticket(self.ticket.id).own_end
        self.links.ticket_ending(self.ticket.id, archive=archive)
        try:
            yield
        except Failure as failure:
            took_effect = had and not archive and not self.rows()
            if not (failure.uncertain or took_effect):
                self.links.ticket_not_ended(self.ticket.id, known)
            raise
        with _after_writing():
            new = self.context.reader.messages_after(self.ticket.id, before)
            ours = had or any(one.author.is_client for one in new)
            self.links.ticket_ended(self.ticket.id, max([before, *(one.id for one in new)]) if ours else known)

    def _take(self, person: Person, ended_after: int = 0) -> int:
        """Take the ticket for this employee. ``ended_after``: the last message of one that was ended, 0: it is open."""
        # Taking makes the ticket open, which is our own doing. It is written down before it happens: a run that dies in
        # between must neither take it for a decision of staff nor forget that they had ended the ticket.
        if ended_after:
            self.links.ticket_taken(self.ticket.id, ended_after, person.user)
        try:
            self.context.panel.take(self.ticket.id, person.login)
            # The table says which row that made: a number in the answer may be missing, or of something else.
            rows = self.rows()
            taken = [one.id for one in rows if one.user == person.user] or [one.id for one in rows]
            if not taken:
                raise Refused("panel_ignored", "ticket_all.edit", Phrase("said.nobody_has_it"))
            return taken[-1]
        except Failure as failure:
            if ended_after and not failure.uncertain:
                self.links.ticket_left(self.ticket.id)  # who has it next has taken it himself
            raise

    def end_all(self, action: do.EndAssignment) -> None:
        """End every assignment of the ticket, each in its employee's name (a department's in the replying one's)."""
        for row in self.rows():
            with self._ending(self._newest(), had=True):
                self.end(row.id, self._holder(row))
        log.info("ticket %s: nobody has it any more (%s)", self.ticket.id, action.why)

    def end(self, row: int, name: str) -> None:
        """End one assignment, by whichever way this panel takes; that is found out by trying, and remembered."""
        failure: Refused | None = None
        for way in self.context.panel.ways_to_end():
            try:
                self.context.panel.end_assignment(self.ticket.id, row, name, way)
            except Refused as refusal:
                failure = failure or refusal
            if all(one.id != row for one in self.rows()):
                self.context.panel.ended_by(way)
                return
            failure = failure or Refused("panel_ignored", way, Phrase("said.still_assigned", number=row))
        if failure is not None:
            raise failure

    def archive(self, action: do.Archive) -> None:
        """Move the ticket to the archive. Where this panel refuses it, the ticket stays ended, which is reported once.

        Somebody who has it by now (the client wrote) is left the ticket: then the plan is made again.
        """
        newest = self._newest()
        now = self.context.reader.ticket(self.ticket.id)
        if now is None or now.assignments:
            raise PlanAgain
        why = "" if now.status == "closed" else self._archive(newest)
        if why and self.rows():
            raise PlanAgain
        self.links.status_agreed(self.ticket.id, "waiting" if why else "closed", action.case)
        state = self.context.state
        if not why:
            state.forget_refusal(ARCHIVING)
            log.info("ticket %s: archived (%s)", self.ticket.id, action.why)
        elif not state.refusal(ARCHIVING):
            state.note_refusal(ARCHIVING, why)
            log.error("%s", Refused("not_archived", str(self.ticket.id), why).phrase.full())

    def _archive(self, newest: int) -> str:
        """Ask the panel for it; "" or why it is not in the archive."""
        client = self.ticket.client
        if client is None:
            return "clientticket.archive: su=?"
        try:
            with self._ending(newest, had=True, archive=True):
                self.context.panel.archive(self.ticket.id, client.login)
            why = "clientticket.archive: OK, ticket.status"
        except Refused as refusal:
            why = f"{refusal.object}: {refusal.value}"
        now = self.context.reader.ticket(self.ticket.id)
        return "" if now is not None and now.status == "closed" else why

    def has(self, user: int) -> bool:
        """Whether this employee or department has the ticket."""
        return any(one.user == user for one in self.rows())

    def move(self, row: Assignment, user: int, level: int, *, lasting: bool = False) -> Refused | None:
        """Hand one assignment to an employee or department; why the panel refuses it. The rows show whether it took
        effect. ``lasting``: the ticket is theirs also when it is opened again."""
        panel, speaker = self.context.panel, self.speaker().login
        try:
            panel.move(self.ticket.id, row.id, speaker, user, level, lasting=lasting)
        except Refused as refusal:
            return refusal
        return None

    def agree_assignee(self, staff: int, employee: int = 0) -> None:
        """Both sides agree on who works on it now: this employee if he has the ticket, else who took it last."""
        having = employees_of(self.rows(), speakers(self.context))
        last = employee if employee in having else next(reversed(having), 0)
        self.links.assignee_agreed(self.ticket.id, staff, last, named(having))

    def leave(self, row: Assignment) -> None:
        """End one assignment of a ticket that somebody else has as well."""
        self.end(row.id, self._holder(row))

    def _holder(self, row: Assignment) -> str:
        holder = self.context.reader.person(row.user) if row.level >= 29 else None
        return holder.login if holder is not None and holder.enabled else self.speaker().login

    def speaker(self) -> Person:
        speaker = self.context.reader.employee_by_email(self.context.settings.replying_employee)
        if speaker is None or not speaker.enabled:
            raise Refused("no_employee", self.context.settings.replying_employee)
        return speaker

    def reopen(self, action: do.Reopen) -> None:
        """Give the ticket back to whom it belonged, a department or employee; else to the replying employee.

        Where it is to be in another department that the panel refuses, it is opened all the same: to move it is
        planned again, and what is refused then is reported.
        """
        try:
            self._reopen(action.department or self.ticket.responsible, moves=bool(action.department))
        except Refused as refusal:
            if not action.department:
                raise
            log.warning("ticket %s: not reopened in department %s: %s", self.ticket.id, action.department, refusal)
            self._reopen(self.ticket.responsible, moves=False)
        log.info("ticket %s: reopened (%s)", self.ticket.id, action.why)

    def _reopen(self, whose: int, *, moves: bool) -> None:
        owner, speaker = self.context.reader.person(whose), self.speaker()
        if owner is None or owner.level < 28 or not owner.enabled:
            owner = speaker
        if moves:
            self.links.ticket_moving(self.ticket.id, owner.user)
        self.context.panel.reopen(self.ticket.id, speaker.login, owner.user, owner.level, lasting=moves)
        if not self.rows():
            raise Refused("panel_ignored", "support_tool_responsible", Phrase("said.nobody_has_it"))
