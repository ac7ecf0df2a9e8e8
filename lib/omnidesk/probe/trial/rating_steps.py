"""Where a client's rating is stored: the test client rates the answer good, then bad, and its row is compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from omnidesk.billmanager import trial_rows
from omnidesk.billmanager.columns import as_text
from omnidesk.billmanager.inspection import Inspection
from omnidesk.billmanager.rating_column import OFF, shown
from omnidesk.core import ratings
from omnidesk.core.errors import Refused
from omnidesk.core.phrase import Phrase
from omnidesk.core.ratings import BAD, GOOD
from omnidesk.probe.findings import Finding, judged, name, names
from omnidesk.probe.trial.kit import Kit, Missing

LONGEST_WORD = 32


@dataclass(frozen=True)
class Column:
    """A column and its values for good and for bad; "" for one that is not known."""

    name: str
    good: str
    bad: str = ""

    @property
    def is_likely(self) -> bool:
        """Whether it is one of ratings by its words or its name."""
        return ratings.word(self.good) == GOOD or "rat" in self.name.lower()


class RatingSteps:
    """The rating of the trial's own answer."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    def rate(self) -> Iterator[Finding]:
        if not self.kit.reply:
            raise Missing(Phrase("trial.the_answer"))
        before, elsewhere = self._row(), self._elsewhere()
        good, there = self._rated("good"), self._elsewhere()
        column = _column(before, good, self._rated_again())
        others = [table for table in there if there[table] > elsewhere[table]]
        setting, place = self.kit.context.settings.rating_column, self.kit.context.rating_column
        if column is not None:
            unrated = _value(before.get(column.name))  # means that nobody has rated, whatever else
            means = {column.good: GOOD, column.bad: BAD}
            place.settle(column.name, {value: rating for value, rating in means.items() if value not in ("", unrated)})
            found = Phrase(
                "trial.rated" if column.bad else "trial.rated_once",
                column=f"ticket_message.{name(column.name)}", good=shown(column.good), bad=shown(column.bad),
            )  # fmt: skip
            yield judged("trial.rating", setting.lower() in ("", column.name.lower()), found)
        elif others:
            place.settle(OFF, {})
            yield judged("trial.rating", True, Phrase("trial.rated_elsewhere", tables=names(others)))
        else:  # that nothing changed says nothing of where ratings are
            yield judged("trial.rating", None, Phrase("trial.rated_nowhere"))

    def _rated_again(self) -> Mapping[str, object]:
        """The row after the second rating; a panel may take only one."""
        try:
            return self._rated("bad")
        except Refused:
            return self._row()

    def _rated(self, word: str) -> Mapping[str, object]:
        kit = self.kit
        given = {"elid": kit.reply, "plid": kit.ticket, "su": kit.people.client.login}
        kit.panel.call(f"ticket.message.rate.{word}", given)
        return self._row()

    def _row(self) -> Mapping[str, object]:
        return trial_rows.message_columns(self.kit.context.db, self.kit.reply)

    def _elsewhere(self) -> dict[str, int]:
        """How many rows other tables have that refer to the answer."""
        db = self.kit.context.db
        tables = Inspection(db).referring_to_messages()
        return {one: trial_rows.referring(db, one, self.kit.reply) for one in tables if "external" not in one}


def _column(before: Mapping[str, object], good: Mapping[str, object], bad: Mapping[str, object]) -> Column | None:
    """The column that tells good from bad, one with a rating's words or a likely name first.

    Where the second rating changed nothing, only such a one counts, by what the first one has changed.
    """
    found = [
        (Column(one, _value(good.get(one)), _value(bad.get(one))), _value(before.get(one)))
        for one in before
        if _value(good.get(one))
    ]
    telling = [one for one, _ in found if one.bad and one.bad != one.good]
    if not telling:
        telling = [Column(one.name, one.good) for one, was in found if one.good not in (was, "") and one.is_likely]
    return min(telling, key=lambda one: (not ratings.word(one.good), "rat" not in one.name.lower()), default=None)


def _value(value: object) -> str:
    """A value that can be a rating: a short word or a small number, no time; "" for any other."""
    if isinstance(value, bytes) and not value.isalnum():
        value = int.from_bytes(value, "big")  # of a column of bits
    if isinstance(value, int):
        return str(value) if abs(value) <= ratings.MOST_STARS else ""
    text = as_text(value) if isinstance(value, (str, bytes)) else ""
    return text if len(text) <= LONGEST_WORD else ""
