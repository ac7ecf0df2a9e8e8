"""Which column of ``ticket_message`` holds the clients' ratings, and what its values mean.

How the panel stores a rating is not public. A column is taken by its name, its type and the values that stand in it:
words, 1 and 0, 1 and -1, 1 and 2, or one to five stars. A rating event says what the value of that moment means, and
that is remembered. As a client chooses between good and bad only (seen), a lone 1 is good until a value above 2 shows
that the column counts stars.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from omnidesk.billmanager.columns import NUMBERS, TEXTS, Column, as_text
from omnidesk.core import ratings
from omnidesk.core.database import Database
from omnidesk.core.ratings import BAD, GOOD

log = logging.getLogger("panel")
STAFFS_OWN = "rate"  # the panel has a function selecttickets.rate: staff's quality control (documented)
NAMES = ("rating", "user_rating", "client_rating", "message_rating", "user_rate", "client_rate", STAFFS_OWN)
NEWEST = 2000  # messages whose values are looked at
LOOK_SECONDS = 3600.0
MOST_VALUES = 50
VALUES, MEANINGS = "rating_values", "rating_meanings"  # in the state table
PLACE = "rating_place"  # likewise: the column that a trial found, or OFF where it found none
OFF = "off"
_NOTHING = {"", "none", "null", "neutral", "unrated"}
_NUMBER = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True)
class Scale:
    """What the values of a column mean. ``numbers`` None: as many stars."""

    nothing: frozenset[str]
    numbers: Mapping[int, int] | None = None

    def read(self, text: str) -> int:
        """The rating; 0 where there is none."""
        if text in self.nothing:
            return 0
        if not _NUMBER.fullmatch(text):
            return ratings.word(text)
        number = int(text)
        if self.numbers is not None:
            return self.numbers.get(number, 0)
        return min(number, ratings.MOST_STARS) if number > 0 else 0


def scale_of(column: Column, seen: Mapping[str, bool], *, named: bool = False) -> Scale | None:
    """What the values mean; None when these are no ratings of clients.

    ``seen``: the values, and whether they stand at clients' own messages too, which are never rated. ``named``: an
    administrator has chosen the column.
    """
    nothing = _NOTHING | {column.default}
    values = {*seen, *(one.lower() for one in column.declared)} - nothing
    numbers = {int(value) for value in values if _NUMBER.fullmatch(value)}
    words = {value for value in values if ratings.word(value)}
    known = column.kind in (*NUMBERS, *TEXTS) and len(numbers) + len(words) == len(values)
    if known and numbers <= {-1, 0, 1, 2} and not numbers >= {-1, 2}:
        if column.name == STAFFS_OWN and not (named or words or column.flag or -1 in numbers):
            return None
        zero = 0 if numbers & {-1, 2} or seen.get("0") else BAD
        return Scale(frozenset(nothing), {1: GOOD, 0: zero, -1: BAD, 2: BAD})
    if named or (known and numbers <= set(range(6)) and column.name != STAFFS_OWN):
        return Scale(frozenset(nothing))
    return None


def shown(value: object) -> str:
    """A value of such a column for a report; ``?`` for a text that is none of the known words."""
    text = as_text(value)
    return text if _NUMBER.fullmatch(text) or ratings.word(text) or text in _NOTHING else "?"


class Memory(Protocol):
    """Where named values outlive a run (:class:`omnidesk.store.state.State`)."""

    def get(self, name: str, default: Any = None) -> Any: ...

    def age(self, name: str) -> float | None:
        """Seconds since the value was written; None when there is none."""

    def put(self, name: str, value: Any) -> None: ...


@dataclass
class RatingColumn:
    """Reads ratings from ``ticket_message``.

    ``setting``: a column's name, "" to look for one, "off" for none. ``keep``: what is learned is remembered.
    """

    db: Database
    state: Memory
    setting: str = ""
    keep: bool = True
    rejected: list[str] = field(default_factory=list)  # columns with such a name that hold something else
    _columns: list[Column] | None = None
    _seen: dict[str, dict[str, bool]] | None = None
    _looked: set[str] = field(default_factory=set)
    _meanings: dict[str, int] | None = None
    _settled: str | None = None
    _chosen: tuple[Column, Scale] | None = None
    _is_chosen: bool = False

    @property
    def name(self) -> str:
        """The column; "" when there is none that can be read."""
        chosen = self._choice()
        return chosen[0].name if chosen else ""

    @property
    def sql(self) -> str:
        """Its value in a row ``m`` of ``ticket_message``; what it means says :meth:`read`."""
        chosen = self._choice()
        return chosen[0].sql("m") if chosen else "NULL"

    @property
    def is_rated(self) -> str:
        """SQL for whether such a row has a rating, as far as its value was seen before."""
        rated = ", ".join(f"'{text}'" for text in self.means() if re.fullmatch(r"[a-z0-9+-]+", text))
        return f"LOWER(CAST({self.sql} AS CHAR)) IN ({rated})" if rated else "0"

    @property
    def is_filled(self) -> str:
        """SQL for whether anything stands in such a row's column that may be a rating."""
        chosen = self._choice()
        if chosen is None:
            return "0"
        nothing = ", ".join(f"'{text}'" for text in sorted(chosen[1].nothing) if re.fullmatch(r"[a-z0-9-]*", text))
        return f"LOWER(TRIM(CAST(COALESCE({chosen[0].sql('m')}, '') AS CHAR))) NOT IN ({nothing})"

    def of_ticket(self, ticket: int) -> dict[int, int]:
        """The ratings of the ticket's messages by their ids."""
        if not self.name:
            return {}
        sql = (
            f"SELECT m.id, {self.sql} AS raw FROM ticket_message m WHERE m.ticket = %s AND m.`{self.name}` IS NOT NULL"
        )
        return self.read({int(row["id"]): row["raw"] for row in self.db.rows(f"{sql} ORDER BY m.id", ticket)})

    def of_message(self, message: int) -> int:
        """The rating of a message; 0 when it has none that can be read."""
        return self.read({message: self._raw(message)}).get(message, 0)

    def read(self, raw: Mapping[int, object]) -> dict[int, int]:
        """The ratings among such values, by the same keys."""
        texts = {key: as_text(value) for key, value in raw.items() if value is not None}
        self._learn(texts.values())
        chosen, meanings = self._choice(), self._remembered()
        if chosen is None:
            return {}
        found = {key: meanings.get(text, chosen[1].read(text)) for key, text in texts.items()}
        return {key: rating for key, rating in found.items() if rating}

    def means(self) -> dict[str, str]:
        """What the values seen mean, for people."""
        chosen, meanings = self._choice(), self._remembered()
        if chosen is None:
            return {}
        read = {text: meanings.get(text, chosen[1].read(text)) for text in sorted(self._known(chosen[0]))}
        return {text: ratings.label(rating) for text, rating in read.items() if rating}

    def teach(self, message: int, rating: int) -> None:
        """An event has said just now how the message is rated: what stands in its row means that.

        A word means what it says, whatever the event: the client may have rated again meanwhile. A value of which
        events say both is not read any more: they contradict each other, or the column is another.
        """
        text = as_text(self._raw(message))[:64]
        chosen, meanings = self._choice(), self._remembered()
        if chosen is None or not text or text in chosen[1].nothing or ratings.word(text):
            return
        if meanings.get(text) in (rating, 0):
            return
        self._learn([text])
        if text in meanings:
            log.warning("ticket_message.%s: %r means both good and bad, it is ignored", chosen[0].name, text)
        if len(meanings) < MOST_VALUES:
            meanings[text] = 0 if text in meanings else rating
            if self.keep:
                self.state.put(MEANINGS, {"column": chosen[0].name, "values": meanings})

    def settle(self, column: str, values: Mapping[str, int]) -> None:
        """A trial has rated: its ratings stood in this column as these values (:data:`OFF`: in no column)."""
        self.state.put(PLACE, column)
        self.state.put(MEANINGS, {"column": column, "values": dict(values)})
        self._columns, self._meanings, self._settled, self._is_chosen = None, None, None, False

    def _raw(self, message: int) -> object:
        row = self.db.row(f"SELECT {self.sql} AS raw FROM ticket_message m WHERE m.id = %s", message)
        return row["raw"] if row else None

    # Which column

    def _choice(self) -> tuple[Column, Scale] | None:
        if not self._is_chosen:
            self._is_chosen, self.rejected = True, []
            self._chosen = next(filter(None, map(self._judged, self._candidates())), None)
        return self._chosen

    def _judged(self, column: Column) -> tuple[Column, Scale] | None:
        scale = scale_of(column, self._known(column), named=bool(self.setting) or column.name == self._place)
        if scale is None:
            self.rejected.append(column.name)
        return (column, scale) if scale else None

    def _candidates(self) -> list[Column]:
        if self._columns is None:
            wanted = (self.setting,) if self.setting else (*filter(None, (self._place,)), *NAMES)
            off = OFF in (self.setting.lower(), "" if self.setting else self._place)
            marks = ", ".join(["%s"] * len(wanted))
            rows = self.db.rows(
                "SELECT column_name AS name, data_type AS kind, column_type AS full, is_nullable AS nullable,"
                " column_default AS fallback FROM information_schema.columns WHERE table_schema = DATABASE()"
                f" AND table_name = 'ticket_message' AND column_name IN ({marks})",
                *wanted,
            ) if not off else []  # fmt: skip
            found = {str(row["name"]).lower(): Column.of(row) for row in rows}
            self._columns = [found[name.lower()] for name in dict.fromkeys(wanted) if name.lower() in found]
        return self._columns

    @property
    def _place(self) -> str:
        """The column in which a trial has found its ratings; "" without a trial."""
        if self._settled is None:
            self._settled = self.state.get(PLACE, "")
        return self._settled

    # What stands in it

    def _known(self, column: Column) -> dict[str, bool]:
        """The values seen in a column, and whether clients' own messages have them too."""
        if self._seen is None:
            age, kept = self.state.age(VALUES), self.state.get(VALUES, {})
            self._seen = {name: dict(values) for name, values in kept.items() if isinstance(values, dict)}
            self._looked = set(self._seen) if age is not None and 0 <= age < LOOK_SECONDS else set()
        if column.name not in self._looked:
            self._looked.add(column.name)
            self._seen[column.name] = {**self._seen.get(column.name, {}), **self._look(column)}
            self._keep()
        return self._seen[column.name]

    def _look(self, column: Column) -> dict[str, bool]:
        rows = self.db.rows(
            "SELECT r.v, COALESCE(MAX(u.level BETWEEN 1 AND 27), 0) AS clients"
            f" FROM (SELECT {column.sql('m')} AS v, m.user FROM ticket_message m ORDER BY m.id DESC LIMIT {NEWEST}) r"
            f" LEFT JOIN user u ON u.id = r.user WHERE r.v IS NOT NULL GROUP BY r.v LIMIT {MOST_VALUES}"
        )
        return {as_text(row["v"])[:64]: bool(row["clients"]) for row in rows}

    def _learn(self, texts: Iterable[str]) -> None:
        """Values that were not seen before may show another scale, or that these are no ratings."""
        chosen = self._choice()
        seen = self._known(chosen[0]) if chosen else {}
        new = {text[:64] for text in texts} - set(seen)
        if chosen is not None and new and len(seen) < MOST_VALUES:
            seen.update(dict.fromkeys(new, False))
            self._is_chosen = False
            self._keep()
            if self._choice() is None:
                log.warning("ticket_message.%s is no longer read: not all its values are ratings", chosen[0].name)

    def _keep(self) -> None:
        if self.keep:
            self.state.put(VALUES, self._seen)

    def _remembered(self) -> dict[str, int]:
        """What events have said of values of the column."""
        if self._meanings is None:
            kept = self.state.get(MEANINGS, {})
            values = kept.get("values") if kept.get("column") == self.name else {}
            self._meanings = {
                text: rating for text, rating in (values or {}).items() if isinstance(rating, int) and rating >= 0
            }
        return self._meanings
