"""Where a client's rating is stored: the test client rates the answer good, then bad, and its row is compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from omnidesk.billmanager import trial_rows
from omnidesk.billmanager.columns import as_text
from omnidesk.billmanager.inspection import Inspection
from omnidesk.billmanager.rating_column import OFF, shown
from omnidesk.core import ratings
from omnidesk.core.ratings import BAD, GOOD
from omnidesk.probe.findings import Finding, judged, name, names
from omnidesk.probe.trial.kit import Kit, Missing

LONGEST_WORD = 32
Column = tuple[str, str, str]  # its name, its values for good and for bad


class RatingSteps:
    """The rating of the trial's own answer."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    def rate(self) -> Iterator[Finding]:
        if not self.kit.reply:
            raise Missing("answer")
        before, elsewhere = self._row(), self._elsewhere()
        good, there = self._rated("good"), self._elsewhere()
        bad = self._rated("bad")
        columns = _columns(before, good, bad)
        others = [table for table in there if there[table] > elsewhere[table]]
        setting = self.kit.context.settings.rating_column
        if columns:
            place, of_good, of_bad = columns[0]
            self.kit.context.rating_column.settle(place, {of_good: GOOD, of_bad: BAD})
            found = f"ticket_message.{name(place)}: good {shown(of_good)}, bad {shown(of_bad)}"
        else:
            self.kit.context.rating_column.settle(OFF, {})
            found = f"no column of ticket_message; tables with a new row: {names(others)}"
        readable = bool(columns) and setting.lower() in ("", columns[0][0].lower())
        yield judged("trial.rating", readable or not columns, found)

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


def _columns(before: Mapping[str, object], good: Mapping[str, object], bad: Mapping[str, object]) -> list[Column]:
    """The columns that tell good from bad, those with a rating's words or a likely name first."""
    found = [(column, _value(good.get(column)), _value(bad.get(column))) for column in before]
    telling = [one for one in found if one[1] and one[2] and one[1] != one[2]]
    return sorted(telling, key=lambda one: (not ratings.word(one[1]), "rat" not in one[0].lower()))


def _value(value: object) -> str:
    """A value that can be a rating: a short word or a small number, no time; "" for any other."""
    if isinstance(value, bytes) and not value.isalnum():
        value = int.from_bytes(value, "big")  # of a column of bits
    if isinstance(value, int):
        return str(value) if abs(value) <= ratings.MOST_STARS else ""
    text = as_text(value) if isinstance(value, (str, bytes)) else ""
    return text if len(text) <= LONGEST_WORD else ""
