"""What the judge says when something is wrong."""

from __future__ import annotations

from dataclasses import dataclass

RULES = {
    "lost": "what was said is not on the other side",
    "repeated": "it is there more than once",
    "stranger": "something is there that nobody said",
    "order": "what one side said is in another order",
    "author": "somebody else is shown as its author",
    "client": "it is in the name, or in the case, of another client",
    "ticket": "it is in another ticket, or in another ticket's case",
    "kind": "a note is shown as a message, or the reverse",
    "text": "its words differ",
    "files": "its files differ",
    "rating": "its rating differs",
    "notice": "staff were not told of a change, or were told too often",
    "correction": "the client does not read what an agent made of a reply",
    "case": "a ticket has two cases that are alive, or a case belongs to no ticket",
    "agreement": "one side is open and the other has ended",
    "client wins": "a client wrote last, nobody has ended the ticket since, and it is not open on both sides",
    "status": "the state is none that the decisions lead to",
    "assignee": "an open ticket and its case are two people's",
    "priority": "an open ticket and its case have two priorities",
    "silence": "a run with nothing to do did something",
}


@dataclass(frozen=True)
class Complaint:
    """A violated rule, one of :data:`RULES`, with its ticket (0: none)."""

    rule: str
    ticket: int
    words: str

    def __str__(self) -> str:
        where = f"ticket {self.ticket}: " if self.ticket else ""
        return f"[{self.rule}] {where}{self.words} ({RULES[self.rule]})"
