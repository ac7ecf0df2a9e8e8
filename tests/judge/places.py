"""Where tickets and cases must be when all is at rest, by the routing table and who moved what since the last rest.

It shares nothing with the module: the table is given as a mapping of departments to groups, and what was done is noted
by who did it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Place:
    """A ticket's department, 0 when none has it, its case, and that one's group."""

    department: int
    case: int
    group: int


@dataclass
class Places:
    """``groups``: the group of each department's row. What was moved since the last rest, by tickets."""

    groups: Mapping[int, int]
    tickets: set[int] = field(default_factory=set)
    cases: dict[int, int] = field(default_factory=dict)  # the group that staff of Omnidesk chose last
    refused: set[int] = field(default_factory=set)  # tickets that the panel did not move: they stay until somebody does
    apart: set[int] = field(default_factory=set)  # tickets whose cases were merged: nothing follows from where they are
    before: Mapping[int, Place] = field(default_factory=dict)

    def ticket_moved(self, ticket: int) -> None:
        """An employee handed the ticket to a department."""
        self.tickets.add(ticket)
        self.refused.discard(ticket)

    def case_moved(self, ticket: int, group: int) -> None:
        """An agent moved its case to a group."""
        self.cases[ticket] = group
        self.refused.discard(ticket)

    def complaints(self, now: Mapping[int, Place]) -> list[str]:
        """What is not as it must be; then what was moved is history."""
        found = [one for ticket, place in now.items() if ticket not in self.apart for one in self._of(ticket, place)]
        self.before, self.tickets, self.cases = dict(now), set(), {}
        return found

    def _of(self, ticket: int, place: Place) -> Iterator[str]:
        departments = [one for one, group in self.groups.items() if group == place.group]
        routed = place.department and departments and self.groups.get(place.department)
        if routed and ticket not in self.refused and place.department not in departments:
            yield f"ticket {ticket} is in department {place.department}, its case {place.case} in group {place.group}"
        before = self.before.get(ticket)
        if ticket in self.tickets or before is None or before.case != place.case:
            return
        wanted = self.cases.get(ticket, before.group)
        if place.group != wanted:
            yield f"case {place.case} of ticket {ticket} is in group {place.group}, nobody took it out of {wanted}"
