"""Marks of tickets that ``probe --trial`` makes: no run carries anything of them over.

The mark is written before the ticket is made and is recognised by the ticket's subject, so the worker never sees the
ticket without it. It stays for as long as the ticket does.
"""

from __future__ import annotations

import re

from omnidesk.store.state import State

SUBJECT = "pmomnidesk trial "
_MARK = re.compile(re.escape(SUBJECT) + r"(\w{1,40})")  # the panel may put something before or behind it
_NAME = "trial:"  # in the state table, followed by the trial's token


class Trials:
    """The marks, in the state table."""

    def __init__(self, state: State) -> None:
        self.state = state

    def begin(self, token: str) -> str:
        """Write the mark; the subject that the trial's ticket has."""
        self.state.put(_NAME + token, 1)
        return SUBJECT + token

    def forget(self, token: str) -> None:
        """The ticket of this trial does not exist any more."""
        self.state.remove(_NAME + token)

    def made(self, subject: str) -> bool:
        """Whether a ticket with this subject was made by a trial; only tickets that look like one cost a query."""
        found = _MARK.search(subject)
        return found is not None and self.state.get(_NAME + found[1], kind=int) is not None
