"""Messages that were moved to another ticket in BILLmanager: whose they were, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator

from tests.judge import texts
from tests.judge.history import History, Moved, Said


class Moves:
    """The ways that rows of BILLmanager went. What was moved keeps its id."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.acts = [act for act in history.acts if isinstance(act, Moved)]
        self._ways: dict[int, list[int]] = {}
        self._rows: dict[int, Said] = {}
        self._joined: set[tuple[int, int]] = set()  # (row, ticket) where other messages stood already
        for act in self.acts:
            for row in act.rows:
                self._ways.setdefault(row.id, [act.ticket]).append(act.into)
                self._rows.setdefault(row.id, row)
                if not act.new:
                    self._joined.add((row.id, act.into))
        self._said = {one.id for one in history.said("B", "message")}

    def home(self, row: int, ticket: int) -> int:
        """The ticket in which it was written; ``ticket`` if it was never moved."""
        return self._ways.get(row, [ticket])[0]

    def now(self, row: int, ticket: int) -> int:
        """The ticket in which it stands."""
        return self._ways.get(row, [ticket])[-1]

    def places(self, said: Said) -> list[int]:
        """All tickets in which it has stood, each once."""
        return list(dict.fromkeys(self._ways.get(said.id, []) if said.kind == "message" else ())) or [said.ticket]

    def joined(self, row: int, ticket: int) -> bool:
        """Whether it came to messages that may have gone over before it."""
        return (row, ticket) in self._joined

    def copies(self, ticket: int) -> Iterator[Said]:
        """Rows that are, or were, in the ticket, came from another one and were not written in BILLmanager: what the
        module has delivered there, and the panel's own lines (as notes)."""
        for id, way in self._ways.items():
            row = self._rows[id]
            here = way[-1] if row.kind == "note" else way[0]  # where its ticket, or the case it is from, shows it
            if ticket in way and ticket != here and id not in self._said:
                yield row

    def line(self, said: Said) -> str:
        """Who is named in what was delivered and then moved: it goes over as it stands in the ticket."""
        return texts.split(said.text)[0] if said.id in self._ways and said.kind == "message" else ""

    def continued(self, tickets: set[int]) -> set[tuple[int, int]]:
        """(one of the tickets, one to which messages went from it, directly or by way of others)."""
        ways = self._ways.values()
        return {(way[at], other) for way in ways for at in range(len(way)) for other in way[at + 1 :]
                if way[at] in tickets and other != way[at]}  # fmt: skip

    def away(self, ticket: int) -> Iterator[tuple[int, list[int]]]:
        """Messages that were written in the ticket and stand in another one now, and the tickets they went through."""
        for id, way in self._ways.items():
            if way[0] == ticket != way[-1] and self._rows[id].kind == "message":
                yield id, way
