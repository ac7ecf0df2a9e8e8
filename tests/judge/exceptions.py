"""Everything that is allowed although a rule of the failure policy speaks against it, each with its reason.

docs/reliability.md lists the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tests.judge import texts
from tests.judge.history import (
    CaseWent,
    Decided,
    Disturbed,
    Filled,
    History,
    Refused,
    Rested,
    Said,
    Side,
)
from tests.judge.moves import Moves
from tests.judge.snapshot import Case

GIVEN_UP = 3  # refusals after which the module goes on with the next message


class Exceptions:
    """The exceptions that a history gives rise to."""

    def __init__(self, history: History) -> None:
        self.history = history
        refusals = [act for act in history.acts if isinstance(act, Refused)]
        self._texts = Counter((act.side, texts.bare(texts.split(act.text)[1])) for act in refusals if act.text)
        self._tickets = Counter((act.side, act.ticket) for act in refusals if not act.text)

    def unread_in_a_case_that_went(self, said: Said) -> bool:
        """Nobody can read a case that is in the trash, in spam, merged or deleted: what was written into it since
        both sides were equal last need not arrive."""
        if said.side != "O":
            return False
        later = self.history.acts[self.history.acts.index(said) :]
        for act in later:
            if isinstance(act, Rested):
                return False
            if isinstance(act, CaseWent) and act.case == said.case:
                return True
        return False

    def written_where_nobody_reads(self, case: int, id: int) -> bool:
        """Some accounts take messages into a case that lies in trash or spam. Such a copy counts for nothing: the
        message has to be in a case that somebody reads, too."""
        return any(isinstance(act, CaseWent) and act.case == case and act.how in ("trash", "spam") and id > act.holds
                   for act in self.history.acts)  # fmt: skip

    def thrown_away_unread(self, case: int, id: int) -> bool:
        """What came a moment before its case went to trash or spam may be sent again: a case that lay there already
        when the message came looks the same."""
        return any(isinstance(act, CaseWent) and act.case == case and act.how in ("trash", "spam")
                   and 0 < act.fresh <= id for act in self.history.acts)  # fmt: skip

    def not_assigned(self, ticket: int) -> bool:
        """What the panel refused to hand over stays with whoever has it, until somebody changes it again."""
        return self._tickets["B", ticket] > 0

    def note_without_a_case(self, said: Said, alive: bool) -> bool:
        """A note alone opens no case: no client waits for it. It goes over with the next message."""
        return said.side == "B" and said.kind == "note" and not alive

    def lost_its_place(self, said: Said, ticket: int, to: Side) -> bool:
        """A message that was refused by name several times (or whose author was) is tried again later, and later ones
        do not wait for it: one bad message must not stop a ticket."""
        return self._texts[to, texts.sent(said.text)] + self._tickets[to, ticket] >= GIVEN_UP

    def was_refused(self, to: Side, text: str) -> bool:
        """A client's message that the panel did not take from him, his login being disabled, becomes a note there."""
        return self._texts[to, texts.sent(text)] > 0

    def answered_too_late(self) -> bool:
        """A case that went before the call into it was answered cannot be searched, so the message is sent again
        into the next case. Only faults and deaths leave a call without its answer."""
        return any(isinstance(act, Disturbed) for act in self.history.acts)

    def same_words(self, said: Said, others: Iterable[Said]) -> bool:
        """A client who writes a text into the ticket and mails the very same one, while the answer to a call is lost:
        nothing tells his mail from the copy that may have been made. Each side shows his words once, by himself.

        ``others``: what the ticket's clients said on the other side. What had arrived when all was right is no copy.
        """
        for other in others:
            first, last = sorted((said.at, other.at))
            rested = any(first <= rest.at <= last for rest in self.history.rests())
            disturbed = any(isinstance(act, Disturbed) and act.at <= last for act in self.history.acts)
            if disturbed and not rested and texts.same(texts.sent(said.text), texts.sent(other.text)):
                return True
        return False

    def notices(self, ticket_cases: set[int]) -> int:
        """How many notes of its own the module may write into a ticket and its case: one for each thing that somebody
        should know of (a case that went; a message that was refused, and that it was delivered later)."""
        went = sum(isinstance(act, CaseWent) and act.case in ticket_cases for act in self.history.acts)
        return went + 2 * (len(self._texts) + self._tickets.total())

    def of_blocked(self, others: set[int]) -> int:
        """The same where a case of another ticket of the client went to spam: he is blocked, and his message waits.

        ``others``: the cases of his other tickets.
        """
        return sum(isinstance(act, CaseWent) and act.how == "spam" and act.case in others for act in self.history.acts)

    def of_panel(self, tickets: set[int]) -> int:
        """The same of what happened in the panel: a split, and each end of a ticket whose case cannot be closed."""
        ends = [act for act in self.history.acts if isinstance(act, Decided) and act.ticket in tickets]
        told = sum(act.after == "closed" for act in ends) if self.history.habits.required else 0
        return told + len(Moves(self.history).continued(tickets))

    def cannot_close(self, case: int) -> bool:
        """Some accounts close no case whose required fields are empty: such a case stays as it is."""
        filled = any(isinstance(act, Filled) and act.case == case for act in self.history.acts)
        return self.history.habits.required and not filled

    def chosen_there(self, case: Case) -> bool:
        """An agent (or the account, with his reply) gave the case the status it has since both sides were equal last:
        then nothing tries to close it."""
        last = self.history.rests()[-1].at if self.history.rests() else 0.0
        return any(
            isinstance(act, (Decided, Said)) and act.case == case.id and act.after == case.status and act.at >= last
            for act in self.history.acts
        )
