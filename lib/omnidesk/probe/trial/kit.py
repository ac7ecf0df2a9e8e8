"""What all steps of a trial share: who takes part, what was made so far, the two guarded adapters."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from omnidesk.billmanager import samples, trial_rows
from omnidesk.billmanager.models import Assignment, Person
from omnidesk.billmanager.trial_rows import TrialMessage
from omnidesk.context import Context
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk import answers
from omnidesk.probe.findings import NOTHING
from omnidesk.probe.trial.interrupts import Interrupts
from omnidesk.probe.trial.made import MESSAGES, TICKETS, Made, TrialClient, TrialPanel

TEXT = "pmomnidesk: test message, please ignore"
OTHER_TEXT = "pmomnidesk: changed test message"


class Missing(Exception):
    """What a step works with was not made."""

    def __init__(self, what: Phrase) -> None:
        super().__init__(str(what))
        self.what = what


@dataclass(frozen=True)
class People:
    """Who takes part, and where: the test client, the employee on both sides, the channel, a department or 0."""

    client: Person
    employee: Person
    staff_id: int
    channel: str
    department: int


@dataclass
class Kit:
    """``case``: the case under trial, 0 before it is there; ``user``: its client in Omnidesk."""

    context: Context
    people: People
    token: str
    made: Made
    panel: TrialPanel
    desk: TrialClient
    interrupts: Interrupts
    case: int = 0
    user: int = 0
    reply: int = 0  # staff's message in BILLmanager
    desk_reply: int = 0  # in Omnidesk
    doubt: bool = False  # a call got no answer and may still take effect

    @property
    def ticket(self) -> int:
        """The trial's ticket."""
        self.made.look(self.context.db)
        for one in sorted(self.made.panel[TICKETS]):
            return one
        raise Missing(Phrase("trial.the_ticket"))

    def there(self) -> int:
        """The trial's case."""
        if not self.case:
            raise Missing(Phrase("trial.the_case"))
        return self.case

    def own_user(self, number: int) -> bool:
        """Whether a user of Omnidesk was made by this trial: one that was there before must never be deleted."""
        answer = self.desk.ask("GET", f"users/{number}")
        return answer.succeeded and answers.one(answer.document, "user").get("user_custom_id") == self.made.name

    def rows(self) -> tuple[Assignment, ...]:
        """Who has the ticket."""
        return self.context.reader.assignments(self.ticket)

    def mine(self) -> int:
        """The employee's own assignment; the ticket is taken if he has none."""
        employee = self.people.employee
        if not any(one.user == employee.user for one in self.rows()):
            self.panel.take(self.ticket, employee.login)
        return next((one.id for one in self.rows() if one.user == employee.user), 0)

    def messages(self, after: int = 0) -> list[TrialMessage]:
        """The ticket's messages above a number."""
        return trial_rows.messages(self.context.db, self.ticket, after)

    def last(self) -> int:
        """The highest number of a message of the ticket."""
        ticket = self.ticket
        return max(self.made.panel[MESSAGES], default=0) if ticket else 0

    def notes(self) -> int:
        """How many notes the ticket has."""
        return trial_rows.notes(self.context.db, self.ticket)

    def status(self) -> int:
        """The ticket's status as it stands in the table."""
        return trial_rows.status(self.context.db, self.ticket)

    def levels(self) -> str:
        """Of what level those are who have the ticket."""
        return ", ".join(str(one.level) for one in self.rows()) or NOTHING


def make(context: Context, people: People, interrupts: Interrupts) -> Kit:
    """A kit for a new trial; the mark of its ticket is written."""
    token = secrets.token_hex(8)
    subject = context.trials.begin(token)
    made = Made(subject, f"pmomnidesk-trial-{token}", people.client.account, samples.newest_ticket(context.db))
    panel = TrialPanel(context.mgrctl, context.uploader.post, context.state)
    panel.made, panel.db, panel.interrupts = made, context.db, interrupts
    panel.events, panel.heard = context.paths.spool, set()
    desk = context.make_client(TrialClient)
    desk.made, desk.interrupts = made, interrupts
    return Kit(context, people, token, made, panel, desk, interrupts)
