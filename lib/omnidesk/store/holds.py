"""Changes that are on hold, one mark a ticket: they wait until an administrator confirms them."""

from __future__ import annotations

from collections.abc import Iterable

from omnidesk.core.database import Database
from omnidesk.core.tables import TICKETS

# What is held: the case's end or loss in Omnidesk, the ticket's state in BILLmanager, a case for a ticket without one.
CASE, TICKET, NEW = "case", "ticket", "new"
NAMES = {CASE: "cases", TICKET: "tickets", NEW: "new_cases"}
SOME = 500


class Holds:
    """The marks, kept with the tickets."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def put(self, tickets: Iterable[int], what: str) -> None:
        """Hold these tickets' changes back; ``what`` "" lets go of them."""
        wanted = sorted(tickets)
        for start in range(0, len(wanted), SOME):
            some = wanted[start : start + SOME]
            marks = ", ".join(["%s"] * len(some))
            self.db.write(f"UPDATE {TICKETS} SET held = %s WHERE ticket IN ({marks})", what, *some)

    def tickets(self, what: str) -> list[int]:
        rows = self.db.rows(f"SELECT ticket FROM {TICKETS} WHERE held = %s ORDER BY ticket", what)
        return [int(row["ticket"]) for row in rows]

    def counts(self) -> dict[str, int]:
        """How many tickets, by what is held: cases, tickets, new_cases; only those above zero."""
        rows = self.db.rows(f"SELECT held, COUNT(*) AS n FROM {TICKETS} WHERE held > '' GROUP BY held")
        found = {str(row["held"]): int(row["n"]) for row in rows}
        return {name: found[what] for what, name in NAMES.items() if what in found}
