"""Which message of a ticket is which message of its case, found out by what both hold: pure functions.

Pairs that somebody knows come first. Then each kind of speaker is a row of its own on both sides (what clients said,
what staff said, notes), and the rows are laid along each other without changing an order: first by texts that are the
same, then, in the gaps between those, by texts that are nearly so. Clients and staff may stand in another order on the
other side, as messages cross on their way.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

ALIKE = 0.9  # two texts this much alike are the same one, tidied up by either product
COMPARED = 2000  # characters: comparing costs their square, a third of a second
IN_COMMON = 0.4  # of the words of two texts of at least so many; with fewer they are not compared by characters
MANY_WORDS = 30
SHORTEST = 12  # shorter texts are alike only when they are the same ("да" and "на")
QUOTED = 30  # a text this long that stands at the end or beginning of another one was quoted or signed there
MOST_CELLS = 1_000_000  # of a table of all against all; longer conversations are laid along each other more coarsely
MOST_GAP = 2_500  # the same for the costly comparison of texts that are not the same
CLEARLY = 300.0  # seconds that a message must be newer than the other side's last to be surely not there
Pair = tuple[int, int]
Score = Callable[["Said", "Said"], float]


@dataclass(frozen=True)
class Said:
    """A message on one side. ``same``: identities of its text, any of which may be met; ``words``: its normal form.

    ``role``: client, staff or note; ``at`` in Unix seconds; ``system``: it has no author, so it has no other side.
    """

    id: int
    role: str
    at: float
    same: frozenset[str]
    words: str = ""
    system: bool = False


@dataclass(frozen=True)
class Pairing:
    """Ids of both sides: known from a table, of the same text, of nearly the same text."""

    known: tuple[Pair, ...] = ()
    same: tuple[Pair, ...] = ()
    alike: tuple[Pair, ...] = ()

    @property
    def pairs(self) -> list[Pair]:
        return sorted([*self.known, *self.same, *self.alike])


@dataclass(frozen=True)
class Rest:
    """What has no other side, on one side. ``fresh`` is to go over; ``past`` and ``doubtful`` are not.

    ``doubtful``: newer than all that has its other side, but not clearly newer than what the other side holds, so it
    may be there in other words.
    """

    past: tuple[int, ...] = ()
    doubtful: tuple[int, ...] = ()
    fresh: tuple[int, ...] = ()


def pair(here: Sequence[Said], there: Sequence[Said], known: Iterable[Pair] = ()) -> Pairing:
    """Pair two conversations, each by id. Every message is in one pair at most."""
    left, right = {one.id: one for one in here}, {one.id: one for one in there if not one.system}
    given: list[Pair] = []
    for one, other in known:
        if one in left and other in right and (left[one].role == "note") == (right[other].role == "note"):
            given.append((one, other))
            del left[one], right[other]
    same: list[Pair] = []
    alike: list[Pair] = []
    for role in ("client", "staff", "note"):
        rows = [one for one in left.values() if one.role == role], [one for one in right.values() if one.role == role]
        exact = _aligned(*rows, _same)
        same += exact
        for gap in _gaps(*rows, exact):
            alike += _aligned(*gap, _alike) if len(gap[0]) * len(gap[1]) <= MOST_GAP else []
    for one, other in (*same, *alike):
        del left[one], right[other]
    # Whoever opened a case signs it as its client, and an integration's employee may sign for others.
    rows = [one for one in left.values() if one.role != "note"], [one for one in right.values() if one.role != "note"]
    same += _aligned(*rows, _signed_by_another)
    return Pairing(tuple(sorted(given)), tuple(sorted(same)), tuple(sorted(alike)))


def rest(own: Sequence[Said], until: float, paired: Iterable[int]) -> Rest:
    """What becomes of one side's messages that are in no pair; ``until``: when the other side's last was written."""
    with_other = set(paired)
    newest = max((place for place, one in enumerate(own) if one.id in with_other), default=-1)
    past: list[int] = []
    doubtful: list[int] = []
    fresh: list[int] = []
    for place, one in enumerate(own):
        if one.id in with_other:
            continue
        if one.system or place < newest:
            past.append(one.id)
        else:
            (fresh if one.at > until + CLEARLY else doubtful).append(one.id)
    return Rest(tuple(past), tuple(doubtful), tuple(fresh))


def like(one: Said, other: Said) -> float:
    """1.5 for two messages that say the same, 1.0 for nearly so, 0.0 else. Texts with nothing in them say nothing."""
    if not (one.words and other.words):
        return 0.0
    return 1.5 if _same(one, other) else 1.0 if _alike(one, other) else 0.0


def _same(one: Said, other: Said) -> float:
    return 1.0 + _near(one, other) if not one.same.isdisjoint(other.same) else 0.0


def _signed_by_another(one: Said, other: Said) -> float:
    return _same(one, other) if one.role != other.role and len(one.words) >= SHORTEST else 0.0


def _alike(one: Said, other: Said) -> float:
    """How much alike; 0.0 when that is not enough."""
    short, long = sorted((one.words, other.words), key=len)
    if len(short) < SHORTEST:
        return 0.0
    if len(short) >= QUOTED and (long.startswith(short) or long.endswith(short)):
        return 1.0 + _near(one, other)
    if len(short) < len(long) * 0.8:  # the ratio could not reach ALIKE
        return 0.0
    if not _share_words(short[:COMPARED], long[:COMPARED]):
        return 0.0
    matcher = difflib.SequenceMatcher(None, short[:COMPARED], long[:COMPARED], autojunk=False)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    ratio = matcher.ratio()
    return ratio + _near(one, other) if ratio >= ALIKE else 0.0


def _share_words(one: str, other: str) -> bool:
    mine, there = one.split(), other.split()
    if min(len(mine), len(there)) < MANY_WORDS:
        return True
    common = (Counter(mine) & Counter(there)).values()
    return 2 * sum(common) >= IN_COMMON * (len(mine) + len(there))


def _near(one: Said, other: Said) -> float:
    """A little more for what was said at about the same time: it decides between equals."""
    return 0.1 / (1 + abs(one.at - other.at) / 3600)


def _aligned(rows: Sequence[Said], others: Sequence[Said], score: Score) -> list[Pair]:
    """Pairs of greatest total score, in the order of both."""
    if not rows or not others:
        return []
    if len(rows) * len(others) > MOST_CELLS:
        return _coarsely(rows, others, score)
    width = len(others) + 1
    best = [0.0] * width
    ways: list[bytearray] = []  # for each cell: 0 pair, 1 leave out of rows, 2 leave out of others
    for row in rows:
        line, way = [0.0] * width, bytearray(width)
        for place, other in enumerate(others, 1):
            line[place], way[place] = (best[place], 1) if best[place] >= line[place - 1] else (line[place - 1], 2)
            gain = score(row, other)
            if gain > 0 and best[place - 1] + gain > line[place]:
                line[place], way[place] = best[place - 1] + gain, 0
        best = line
        ways.append(way)
    return _traced(rows, others, ways)


def _traced(rows: Sequence[Said], others: Sequence[Said], ways: Sequence[bytearray]) -> list[Pair]:
    found: list[Pair] = []
    down, right = len(rows), len(others)
    while down and right:
        way = ways[down - 1][right]
        if way == 0:
            found.append((rows[down - 1].id, others[right - 1].id))
        down -= way != 2
        right -= way != 1
    return found[::-1]


def _coarsely(rows: Sequence[Said], others: Sequence[Said], score: Score) -> list[Pair]:
    """The same for thousands of messages, by runs of equal ones."""
    keys = [min(one.same) for one in rows], [min(one.same) for one in others]
    blocks = difflib.SequenceMatcher(None, *keys, autojunk=False).get_matching_blocks()
    return [
        (rows[block.a + place].id, others[block.b + place].id)
        for block in blocks
        for place in range(block.size)
        if score(rows[block.a + place], others[block.b + place]) > 0
    ]


def _gaps(
    rows: Sequence[Said], others: Sequence[Said], pairs: Sequence[Pair]
) -> Iterable[tuple[Sequence[Said], Sequence[Said]]]:
    """The runs between pairs, and before the first and behind the last."""
    here, there = {one.id: n for n, one in enumerate(rows)}, {one.id: n for n, one in enumerate(others)}
    start = start_there = 0
    for one, other in [*pairs, (0, 0)]:
        end, end_there = here.get(one, len(rows)), there.get(other, len(others))
        if end > start and end_there > start_there:
            yield rows[start:end], others[start_there:end_there]
        start, start_there = end + 1, end_there + 1
