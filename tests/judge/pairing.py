"""Which of what was said is which of what the other side shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.judge import texts
from tests.judge.history import Said
from tests.judge.snapshot import Entry


@dataclass(frozen=True)
class Wanted:
    """Something that has to be on the other side. ``late``: it may have lost its place; ``optional``: it may be
    missing. ``source``: the ticket it was said in, 0 when that is not known. ``versions``: texts that it had later."""

    said: Said
    source: int
    optional: bool = False
    late: bool = False
    versions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """What a side shows and nobody said there: ``where`` is the ticket or case; ``opener``: a case began with it;
    ``gone``: its case takes no messages any more; ``client``: the client of its case; ``note``: it has a note's id in
    BILLmanager."""

    entry: Entry
    where: int
    opener: bool = False
    gone: bool = False
    client: int = 0
    note: bool = False

    @property
    def line(self) -> str:
        """Who is named above the text."""
        return texts.split(self.entry.text)[0]

    @property
    def text(self) -> str:
        """The text below that line."""
        return texts.split(self.entry.text)[1]


@dataclass
class Pairs:
    """The outcome: ``pairs`` that belong together, ``displaced`` those of them that are out of order, and the rest;
    ``notes``: all of them are notes."""

    pairs: list[tuple[Wanted, Shown]] = field(default_factory=list)
    displaced: list[tuple[Wanted, Shown]] = field(default_factory=list)
    missing: list[Wanted] = field(default_factory=list)
    surplus: list[Shown] = field(default_factory=list)
    notes: bool = False


Fits = Callable[[Wanted, Shown], bool]  # whether text, author and kind are right


def says(wanted: Wanted, shown: Shown) -> bool:
    """Whether the text is the same, whoever is named above it."""
    if wanted.said.files and texts.blank(wanted.said.text):
        return texts.same("Файлы: " + ", ".join(name for name, _ in wanted.said.files), shown.text)
    said = (wanted.said.text, *wanted.versions)
    return any(texts.same(one, shown.text) or texts.same(one, shown.entry.text) for one in said)


def in_order(wanted: list[Wanted], shown: list[Shown], fits: Fits) -> Pairs:
    """Pairs of one ticket: as many as keep the order, then those that do not."""
    found = Pairs()
    steady = [one for one in wanted if not one.late]
    found.pairs = _aligned(steady, shown, fits)
    _take_the_rest(found, wanted, shown, fits)
    return found


def in_any_order(wanted: list[Wanted], shown: list[Shown], fits: Fits) -> Pairs:
    """Pairs of several tickets that have a case together: the order is judged for texts that occur once."""
    found = Pairs()
    _take_the_rest(found, wanted, shown, fits)
    found.displaced = []
    written = Counter(texts.bare(one.said.text) for one in wanted)
    last: dict[tuple[int, int], int] = {}
    for one, other in sorted(found.pairs, key=lambda pair: pair[0].said.id):
        key = (one.source, other.where if one.said.side == "O" else 0)
        once = written[texts.bare(one.said.text)] == 1 and sum(says(one, each) for each in shown) == 1
        if one.late or not once:
            continue
        if other.entry.id < last.get(key, 0):
            found.displaced.append((one, other))
        last[key] = max(last.get(key, 0), other.entry.id)
    return found


def _take_the_rest(found: Pairs, wanted: list[Wanted], shown: list[Shown], fits: Fits) -> None:
    taken = {id(other) for _, other in found.pairs}
    paired = {id(one) for one, _ in found.pairs}
    left = [one for one in shown if id(one) not in taken]
    for one in sorted(wanted, key=lambda one: one.optional):  # what has to be there first
        if id(one) in paired:
            continue
        right = [other for other in left if fits(one, other)] or [other for other in left if says(one, other)]
        if not right:
            found.missing.append(one)
            continue
        left.remove(right[0])
        found.pairs.append((one, right[0]))
        if not one.late:
            found.displaced.append((one, right[0]))
    found.surplus = left


def _aligned(wanted: list[Wanted], shown: list[Shown], fits: Fits) -> list[tuple[Wanted, Shown]]:
    """The best pairs that keep both orders: right ones count most, then those with the right text."""
    rows, columns = len(wanted), len(shown)
    worth = [[0] * (columns + 1) for _ in range(rows + 1)]
    score = [[_score(one, other, fits) for other in shown] for one in wanted]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            best = max(worth[i + 1][j], worth[i][j + 1])
            if score[i][j]:
                best = max(best, worth[i + 1][j + 1] + score[i][j])
            worth[i][j] = best
    found, i, j = [], 0, 0
    while i < rows and j < columns:
        if score[i][j] and worth[i][j] == worth[i + 1][j + 1] + score[i][j]:
            found.append((wanted[i], shown[j]))
            i, j = i + 1, j + 1
        elif worth[i][j] == worth[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _score(one: Wanted, other: Shown, fits: Fits) -> int:
    if fits(one, other):
        return 20 if not one.optional else 19
    return 9 if says(one, other) else 0
