"""Which column of ``ticket`` holds a ticket's priority, and what its values mean.

The panel's forms have ``priority`` and ``client_priority``, its lists a mark for a priority that was raised by hand
(documented); how they are stored is not public. A column is taken by its name, its type and the values that stand in
it: words, or a flag. Numbers do not say which of them is urgent, so they need a map of the administrator's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from omnidesk.billmanager.columns import NUMBERS, TEXTS, Column, as_text
from omnidesk.core.database import Database

LOW, NORMAL, HIGH, CRITICAL = LEVELS = ("low", "normal", "high", "critical")
FORM = ("priority", "client_priority")  # what the panel's forms call it (documented)
NAMES = ("priority", "ticket_priority", "highpriority", "high_priority", "client_priority")
NEWEST = 2000  # tickets whose values are looked at
MOST_VALUES = 50
LOOK_SECONDS = 3600.0
LONGEST = 32  # characters of a value
_WORDS = {
    LOW: ("low", "lowest", "minor"),
    NORMAL: ("normal", "medium", "middle", "default", "average", "usual"),
    HIGH: ("high", "raised", "important", "major"),
    CRITICAL: ("critical", "urgent", "highest", "immediate"),
}
_LEVEL_OF = {word: level for level, words in _WORDS.items() for word in words}
_NOTHING = frozenset({"", "none", "null"})
# The levels by which one is replaced where the panel has no value for it.
_NEAREST = {LOW: (LOW, NORMAL), NORMAL: (NORMAL,), HIGH: (HIGH, CRITICAL), CRITICAL: (CRITICAL, HIGH)}


@dataclass(frozen=True)
class Scale:
    """What the values of a column mean; what stands for nothing is a normal priority."""

    levels: Mapping[str, str]
    nothing: frozenset[str] = _NOTHING

    def read(self, text: str) -> str:
        """The level; "" for a value that is none."""
        return self.levels.get(text) or (NORMAL if text in self.nothing else "")

    def write(self, level: str) -> str | None:
        """The value for a level, or for the nearest one that there is; None where there is none."""
        values = {of: value for value, of in reversed(list(self.levels.items()))}
        if NORMAL not in values and "" in self.nothing:
            values[NORMAL] = ""
        return next((values[one] for one in _NEAREST.get(level, ()) if one in values), None)


def scale_of(column: Column, seen: set[str], given: Mapping[str, str]) -> Scale | None:
    """What the values mean; None when that is not known. ``given``: an administrator's map."""
    values = {*seen, *(one.lower() for one in column.declared)}
    values |= {column.default} if column.default in _LEVEL_OF else set()
    if column.kind not in (*NUMBERS, *TEXTS):
        return None
    if given:
        nothing = _NOTHING - given.keys()
        return Scale(given, nothing) if values - nothing <= given.keys() else None
    if (
        values - _NOTHING <= {"on", "off"}
        and column.kind in TEXTS
        and ("on" in values or "off" in {*values, column.default})
    ):
        return Scale({"on": HIGH, "off": NORMAL})
    if values - _NOTHING <= {"0", "1"} and (column.flag or (column.kind in NUMBERS and column.name.startswith("high"))):
        return Scale({"1": HIGH, "0": NORMAL})
    known = {value: _LEVEL_OF[value] for value in sorted(values) if value in _LEVEL_OF}
    several = len({*known.values(), *([NORMAL] if values & _NOTHING else [])}) > 1
    return Scale(known) if known.keys() == values - _NOTHING and several else None


@dataclass
class PriorityColumn:
    """Reads priorities from ``ticket``. ``given``: a map of values to levels, empty to recognise them."""

    db: Database
    clock: Callable[[], float]
    given: Mapping[str, str] = field(default_factory=dict)
    rejected: list[str] = field(default_factory=list)  # columns with such a name whose values are not understood
    _chosen: tuple[Column, Scale] | None = None
    _looked: float = -LOOK_SECONDS
    _values: dict[str, set[str]] = field(default_factory=dict)  # seen in a column, also those that no ticket has now

    @property
    def name(self) -> str:
        """The column; "" when there is none that can be read."""
        chosen = self._choice()
        return chosen[0].name if chosen else ""

    @property
    def scale(self) -> Scale:
        """What its values mean."""
        chosen = self._choice()
        return chosen[1] if chosen else Scale({})

    @property
    def form_field(self) -> str:
        """What the panel's form calls it."""
        return self.name if self.name in FORM else FORM[0]

    @property
    def sql(self) -> str:
        """Its value in a row ``t`` of ``ticket``, as :meth:`of_ticket` gives it; comparable with any other text."""
        chosen = self._choice()
        if chosen is None:
            return "''"
        # Without a named collation it is compared with texts of the connection's only, which an upgrade changes.
        text = f"LOWER(TRIM(CAST(COALESCE({chosen[0].sql('t')}, '') AS CHAR)))"
        return f"LEFT({text}, {LONGEST}) COLLATE utf8mb4_bin"

    def of_ticket(self, ticket: int) -> str:
        """What stands in the ticket's row."""
        row = self.db.row(f"SELECT {self.sql} AS raw FROM ticket t WHERE t.id = %s", ticket)
        raw = as_text(row["raw"])[:LONGEST] if row else ""
        if not self.scale.read(raw) and raw not in self._values.get(self.name, ()):  # new in this panel
            self._looked = -LOOK_SECONDS
        return raw

    def means(self) -> dict[str, str]:
        """What the values mean, for people."""
        return dict(self.scale.levels)

    def _choice(self) -> tuple[Column, Scale] | None:
        if self.clock() - self._looked >= LOOK_SECONDS:
            self._looked, self.rejected, self._chosen = self.clock(), [], None
            for column in self._candidates():
                scale = scale_of(column, self._seen(column), self.given)
                if scale is not None:
                    self._chosen = (column, scale)
                    break
                self.rejected.append(column.name)
        return self._chosen

    def _candidates(self) -> list[Column]:
        rows = self.db.rows(
            "SELECT column_name AS name, data_type AS kind, column_type AS full, is_nullable AS nullable,"
            " column_default AS fallback FROM information_schema.columns WHERE table_schema = DATABASE()"
            f" AND table_name = 'ticket' AND column_name IN ({', '.join(['%s'] * len(NAMES))})",
            *NAMES,
        )
        found = {str(row["name"]).lower(): Column.of(row) for row in rows}
        return [found[name] for name in NAMES if name in found]

    def _seen(self, column: Column) -> set[str]:
        newest = f"SELECT {column.sql('t')} AS v FROM ticket t ORDER BY t.id DESC LIMIT {NEWEST}"
        rows = self.db.rows(f"SELECT DISTINCT r.v FROM ({newest}) r LIMIT {MOST_VALUES}")
        known = self._values.setdefault(column.name, set())
        known |= {as_text(row["v"])[:LONGEST] for row in rows}
        return known
