"""What agents edited in Omnidesk after they had written it: what the client of the ticket has to know in the end."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from tests.judge import texts
from tests.judge.complaints import Complaint
from tests.judge.history import CLIENT, CaseWent, Changed, Decided, History, Polled, Rested, Said
from tests.judge.moves import Moves
from tests.judge.pairing import Shown

_HEADING = re.compile(r"\A(?:\*\*)?(?:Исправление|Correction):(?:\*\*)?\s+(.*)\Z", re.DOTALL)


@dataclass
class Edits:
    """The edits of a history. ``history.habits.edits`` says what follows from them: nothing, a note, or a message."""

    history: History
    moves: Moves
    corrections: dict[int, list[Shown]] = field(default_factory=lambda: defaultdict(list))  # by what they correct

    def __post_init__(self) -> None:
        self._changes: dict[int, list[Changed]] = defaultdict(list)
        for act in self.history.acts:
            if isinstance(act, Changed):
                self._changes[act.message].append(act)

    def versions(self, said: Said) -> tuple[str, ...]:
        """The later texts of a message, oldest first."""
        if said.side != "O":
            return ()
        return tuple(one.text for one in self._changes.get(said.id, ()) if one.text is not None)

    def without_corrections(self, shown: Iterable[Shown], said: Iterable[Said]) -> list[Shown]:
        """What a ticket shows, without the messages that correct others, which are remembered."""
        edited = [one for one in said if self._is_corrected(one) and self.versions(one)]
        left = []
        for one in shown:
            found = _HEADING.match(one.text.strip()) if one.entry.kind == "staff" else None
            of = found and next((each for each in edited if self._says(each, found[1])), None)
            if found and of:
                self.corrections[of.id].append(replace(one, entry=replace(one.entry, text=_below(one, found[1]))))
            else:
                left.append(one)
        return left

    def rows_of_corrections(self, said: Said) -> set[int]:
        """The messages that say an edited reply anew: who rates one of them rates the reply."""
        return {one.entry.id for one in self.corrections.get(said.id, ())} if said.side == "O" else set()

    def _is_corrected(self, said: Said) -> bool:
        return self.history.habits.edits == "message" and said.kind == "message" and said.author != CLIENT

    def _says(self, said: Said, text: str) -> bool:
        return any(texts.same(one, text) for one in (said.text, *self.versions(said)))

    def complaints(self, copies: Iterable[tuple[Said, Shown]]) -> Iterator[Complaint]:
        """What a client was told twice, or reads wrongly in the end."""
        for said, copy in copies:
            if not self._is_corrected(said) or not self.versions(said):
                continue
            known = [one.text for one in sorted([copy, *self.corrections[said.id]], key=lambda one: one.entry.id)]
            about = f"message {said.id} of case {said.case}: the client reads {known}"
            if any(texts.same(one, other) for one, other in pairwise(known)):
                yield Complaint("repeated", copy.where, about)
            if len(known) > 1 + len(self._changes[said.id]):
                yield Complaint("repeated", copy.where, f"{about} after {len(self._changes[said.id])} changes")
            last = self.versions(said)[-1]
            if not texts.same(last, known[-1]) and not self._may_stay(said, copy):
                yield Complaint("correction", copy.where, f"{about}, not {last!r}")

    def _may_stay(self, said: Said, copy: Shown) -> bool:
        """Whether the client need not get the last text: the ticket was in the archive (an agent is told), the message
        was moved, nobody reads the case any more, or the message was deleted."""
        ticket = self.moves.home(copy.entry.id, copy.where)
        if self.moves.now(copy.entry.id, ticket) != ticket or self._changes[said.id][-1].text is None:
            return True
        return any(
            (isinstance(act, CaseWent) and said.case in (act.case, act.into))
            or (isinstance(act, (Decided, Said)) and act.after == "closed" and self._is_of(act, ticket, said.case))
            for act in self.history.acts
        )

    def _is_of(self, act: Decided | Said, ticket: int, case: int) -> bool:
        return act.ticket == ticket if act.side == "B" else act.case == case

    # Notes

    def notices(self, cases: set[int]) -> int:
        """How many notes there may be about edits in these cases, in the ticket and in the case."""
        return sum(len(some) for some in self._changes.values() if some[0].case in cases) if self._told else 0

    def due(self, cases: set[int]) -> int:
        """How many notes there have to be in the ticket: for each message that was certainly delivered before it was
        changed once, in a case that is still there. Several changes in a row need only one."""
        if not self._told:
            return 0
        said = {one.id: one for one in self.history.said("O")}
        return sum(self._needs_note(said.get(message), some) for message, some in self._changes.items()
                   if some[0].case in cases)  # fmt: skip

    @property
    def _told(self) -> bool:
        return self.history.habits.edits in ("note", "message")

    def _needs_note(self, said: Said | None, some: list[Changed]) -> bool:
        if said is None or len(some) > 1 or (self._is_corrected(said) and some[0].text is not None):
            return False
        acts = self.history.acts
        if any(isinstance(act, Polled) for act in acts):  # a random play: a note in an archived ticket waits, say
            return False
        rested = [act for act in acts if isinstance(act, Rested) and said.at < act.at < some[0].at]
        return bool(rested) or not any(isinstance(act, Rested) for act in acts)


def _below(one: Shown, text: str) -> str:
    """A correction's text under the line that names its author."""
    return f"{one.line} пишет:\n\n{text}" if one.line else text
