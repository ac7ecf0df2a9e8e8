"""What an adoption found and did, for people: a line a ticket, totals, and why tickets were left alone.

The whole report is a file; the answer holds its beginning, so that memory stays the same for any number of tickets.
It holds numbers only, no names, subjects or texts.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime
from types import TracebackType
from typing import IO, Any

from omnidesk.core.errors import Failure
from omnidesk.core.paths import Paths, private_folder
from omnidesk.core.phrase import Phrase, join, plain
from omnidesk.migration.adopt_cases import TABLE, LeftAlone
from omnidesk.migration.adopt_tables import Original
from omnidesk.migration.adopt_takeover import Takeover

SHOWN = 500  # lines and elements in the answer
NAMED = 10  # messages of a ticket that are named


class Report:
    """Takes what came of each ticket, and says it. A context manager: the file is closed at its end."""

    def __init__(self, paths: Paths, language: str, *, dry: bool, syncing: bool, now: float) -> None:
        self.language = language
        self.dry = dry
        self.syncing = syncing
        self.path = paths.adopt_dry_run if dry else paths.adopt_report
        self.lines: list[Phrase] = []
        self.elements: list[dict[str, Any]] = []
        self.reasons: Counter[str] = Counter()
        self.totals: Counter[str] = Counter()
        self.cut = 0
        private_folder(paths.var)
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | (os.O_TRUNC if dry else os.O_APPEND)
        self._file: IO[str] = open(os.open(self.path, flags, 0o600), "w", encoding="utf-8")  # noqa: SIM115
        self._put(plain(f"pmomnidesk adopt, {datetime.fromtimestamp(now):%Y-%m-%d %H:%M}"))

    def __enter__(self) -> Report:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _put(self, line: Phrase) -> None:
        self._file.write(line.text(self.language) + "\n")
        self._file.flush()

    def _say(self, line: Phrase, **element: Any) -> None:
        self._put(line)
        if len(self.lines) < SHOWN:
            self.lines.append(line)
            self.elements.append(element)
        else:
            self.cut += 1

    # Tickets

    def tables(self, original: Original) -> None:
        """Which columns of the original's tables were taken, and why these."""
        for taken in original.taken.values():
            how = [Phrase(f"adopt.as_{one}") for one in taken.how]
            columns = {"here": taken.here, "there": taken.there}
            line = Phrase("adopt.columns", table=taken.table, **columns, by_here=how[0], by_there=how[1])
            self._say(line, table=taken.table, **columns)

    def adopted(self, taken: Takeover) -> None:
        """A ticket that is taken over, or would be."""
        case, pairs = taken.found.case, taken.pairing.pairs
        here = len(taken.here.past) + len(taken.here.doubtful)
        there = len(taken.there.past) + len(taken.there.doubtful) - taken.silent
        fresh = len(taken.here.fresh) + len(taken.there.fresh)
        number = case.case_number or str(case.case_id)
        figures = {"paired": len(pairs), "here": here, "there": there}
        line = Phrase(
            "adopt.adopted",
            ticket=taken.ticket.id,
            case=number,
            by=Phrase(f"adopt.by_{taken.found.by}"),
            grounds=join([Phrase(f"adopt.ground_{one}") for one in taken.found.grounds], ", "),
            fresh=Phrase("adopt.fresh", count=fresh) if fresh else "",
            doubts=join(self._doubts(taken), ""),
            **figures,
        )
        self._say(
            line, ticket=taken.ticket.id, case=number, by=taken.found.by, grounds=" ".join(taken.found.grounds),
            **figures, fresh=fresh,
        )  # fmt: skip
        self.totals.update(tickets=1, paired=len(pairs), here=here, there=there, fresh=fresh)
        self.totals["by_table" if taken.found.by == TABLE else "by_search"] += 1
        self.totals["apart"] += (taken.ticket.status == "open") != (case.status == "open")

    def _doubts(self, taken: Takeover) -> list[Phrase]:
        """Newer messages that stay because the other side may have them in other words: a person should look."""
        found = []
        for ids, key in ((taken.here.doubtful, "adopt.look_here"), (taken.there.doubtful, "adopt.look_there")):
            if ids:
                self.totals["doubtful"] += len(ids)
                more = "…" if len(ids) > NAMED else ""
                found.append(Phrase(key, ids=", ".join(_message(id) for id in ids[:NAMED]) + more))
        return found

    def left(self, ticket: int, why: LeftAlone) -> None:
        """A ticket that is left alone."""
        self.reasons[why.reason] += 1
        line = Phrase("adopt.left", ticket=ticket, why=Phrase(f"left.{why.reason}", value=why.value))
        if why.reason == "no_case":  # a panel has thousands of those, and import is for them
            self._put(line)
        else:
            self._say(line, ticket=ticket, left=why.reason, value=why.value)

    def failed(self, ticket: int, failure: Failure) -> None:
        """A ticket of which one side could not be read."""
        self.left(ticket, LeftAlone("failed", failure.phrase.text(self.language)))

    # Totals

    def summary(self) -> list[Phrase]:
        """What all of it comes to."""
        names = ("tickets", "by_table", "by_search", "paired", "here", "there", "fresh")
        figures = {name: self.totals[name] for name in names}
        lines = [
            Phrase("adopt.total", were=Phrase("adopt.would_be" if self.dry else "adopt.were"), **figures),
            *self._notes(),
        ]
        if self.reasons:
            lines.append(Phrase("adopt.all_left"))
            for reason, count in self.reasons.most_common():
                lines.append(Phrase("adopt.left_count", count=f"{count:6}", why=Phrase(f"left.{reason}", value="…")))
        for line in lines:
            self._put(line)
        return lines

    def _notes(self) -> list[Phrase]:
        found = [Phrase("adopt.syncing")] if self.syncing else []
        counted = ((one, self.totals[one]) for one in ("doubtful", "apart"))
        return found + [Phrase(f"adopt.{name}", count=count) for name, count in counted if count]


def _message(id: int) -> str:
    return str(id) if id > 0 else f"n{-id}"
