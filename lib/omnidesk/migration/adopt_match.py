"""Which ticket of a client belongs to which case of the client, by their texts. Pure except for reading the texts.

A ticket and a case belong together when at least two of three things agree: subject, first message, and time. The
match must be the only one, or clearly the best, for the ticket and for the case; whatever leaves a doubt is reported
and left alone, because a wrong match would show one conversation's answers in another.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from omnidesk.core.text import normal

DAY = 86400.0
_NUMBER = re.compile(r"[#№]\s*(\d{1,18})(?!\d)|(?<!\d)(\d{4,18})(?!\d)")
_REPLY = re.compile(r"^(?:\s*(?:re|fwd?|отв|ответ)\s*:)+", re.IGNORECASE)
COMPARED = 200  # characters of a subject: both products cut longer ones


@dataclass(frozen=True)
class Asked:
    """A ticket: when its first message was written, Unix seconds."""

    id: int
    subject: str
    at: float


@dataclass(frozen=True)
class Held:
    """A case. ``sure``: it certainly is this client's; else his number could be another's, and texts must agree."""

    id: int
    subject: str
    at: float
    sure: bool = True


@dataclass(frozen=True)
class Match:
    """A case and what speaks for it: of ``subject``, ``text``, ``time``."""

    case: int
    grounds: tuple[str, ...]


@dataclass
class Matches:
    """``found``: by ticket; ``doubtful``: the cases between which nothing decides, by ticket."""

    found: dict[int, Match] = field(default_factory=dict)
    doubtful: dict[int, tuple[int, ...]] = field(default_factory=dict)


SameText = Callable[[int, int], float]
"""How surely a ticket (its id) and a case (its id) begin with the same message: 0.0 not, 1.0 nearly the same text, more
for the same. Asking may cost a call a case."""


def match(tickets: Sequence[Asked], cases: Sequence[Held], same_text: SameText) -> Matches:
    """Match one client's tickets and cases."""
    edges = _edges(tickets, cases)
    of_case: dict[int, int] = {}
    for found in edges.values():
        for case in found:
            of_case[case] = of_case.get(case, 0) + 1
    sure = {case.id for case in cases if case.sure}
    strong: dict[int, dict[int, tuple[float, tuple[str, ...]]]] = {}
    for ticket, found in edges.items():
        for case, grounds in found.items():
            alone = len(found) == 1 and of_case[case] == 1 and case in sure and len(grounds) == 2
            text = 0.0 if alone else same_text(ticket, case)
            score = len(grounds) + text
            grounds = (*grounds, "text") if text else grounds
            if len(grounds) >= 2 and (case in sure or text):
                strong.setdefault(ticket, {})[case] = (score, grounds)
    return _decided(strong)


def _edges(tickets: Sequence[Asked], cases: Sequence[Held]) -> dict[int, dict[int, tuple[str, ...]]]:
    """What subject and time say, by ticket and case; by lookups, as a client may have thousands of either."""
    by_subject: dict[str, list[int]] = {}
    by_number: dict[int, list[int]] = {}
    ordered = sorted(cases, key=lambda case: case.at)
    times = [case.at for case in ordered]
    for case in cases:
        by_subject.setdefault(subject(case.subject), []).append(case.id)
        for number in numbers(case.subject):
            by_number.setdefault(number, []).append(case.id)
    found: dict[int, dict[int, tuple[str, ...]]] = {}
    for ticket in tickets:
        mine: dict[int, tuple[str, ...]] = {}
        name = subject(ticket.subject)
        for case_id in [*(by_subject.get(name, ()) if name else ()), *by_number.get(ticket.id, ())]:
            mine[case_id] = ("subject",)
        for case in ordered[bisect_left(times, ticket.at - DAY) : bisect_right(times, ticket.at + DAY)]:
            mine[case.id] = (*mine.get(case.id, ()), "time")
        if mine:
            found[ticket.id] = mine
    return found


def _decided(strong: dict[int, dict[int, tuple[float, tuple[str, ...]]]]) -> Matches:
    """What is best for both, with nothing else as good at either end."""
    of_case: dict[int, list[float]] = {}
    for found in strong.values():
        for case, (score, _) in found.items():
            of_case.setdefault(case, []).append(score)
    result = Matches()
    for ticket, found in strong.items():
        case, (score, grounds) = max(found.items(), key=lambda item: item[1][0])
        if _is_only(score, (one for one, _ in found.values())) and _is_only(score, of_case[case]):
            result.found[ticket] = Match(case, grounds)
        else:
            result.doubtful[ticket] = tuple(sorted(found))
    return result


def _is_only(score: float, scores: Iterable[float]) -> bool:
    others = sorted(scores, reverse=True)
    return others[0] == score and (len(others) == 1 or others[1] < score)


def subject(text: str) -> str:
    """What is compared of a subject; "" says nothing."""
    line = normal(_REPLY.sub("", text)).replace(" ", "")[:COMPARED]
    return line if any(sign.isalnum() for sign in line) else ""


def numbers(text: str) -> set[int]:
    """Numbers in a subject that may be a ticket's: behind a sign for numbers, or of four digits and more."""
    return {int(one or other) for one, other in _NUMBER.findall(text)}
