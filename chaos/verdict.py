"""What must hold at rest, judged by what the two products hold: all is there once, in order, and there is silence."""

from __future__ import annotations

import re
from dataclasses import replace

from chaos.people import LEVELS
from chaos.stage import Stage
from sandbox.demo.sides import Entry, normal, omnidesk_side, panel_side, same_text
from sandbox.omnidesk.state import Case

_CHANGE = re.compile(r"В Омнидеске (?:изменено|удалено) сообщение \d+")
_PART = re.compile(r"Файлы, часть \d+ из \d+\Z")


def violations(stage: Stage) -> list[str]:
    """Everything that is not as it must be; empty when all is well. Ends with one more run, which must do nothing."""
    found = []
    for ticket in stage.script.tickets:
        found += [f"ticket {ticket}: {one}" for one in _conversation(stage, ticket)]
        found += [f"ticket {ticket}: {one}" for one in _states(stage, ticket)]
    return found + _links(stage) + _strays(stage) + _silence(stage)


# One ticket


def _alive(stage: Stage, ticket: int) -> Case | None:
    cases = [stage.desk.cases[case] for case in stage.links.cases(ticket) if case in stage.desk.cases]
    living = [case for case in cases if not (case.deleted or case.spam or case.parent_case_id)]
    return living[-1] if living else None


def _conversation(stage: Stage, ticket: int) -> list[str]:
    here = panel_side(stage.world, ticket, {})
    cases = [case for case in stage.links.cases(ticket) if case in stage.desk.cases]
    there = [omnidesk_side(stage.world, case) for case in cases]
    found = []
    for kind in ("message", "note"):
        left = [one for one in (here.messages if kind == "message" else here.notes) if not _of_a_change(one)]
        right = [one for side in there for one in (side.messages if kind == "message" else side.notes)]
        right = _as_delivered(stage, right) if kind == "message" else right
        ours = _ids(stage, ticket, "B", kind)
        theirs = _ids(stage, ticket, "O", kind)
        found += _same(stage, "to Omnidesk", kind, _of(left, ours),
                       _whole([one for one in right if one.id not in theirs]))  # fmt: skip
        found += _same(stage, "to BILLmanager", kind, _of(right, theirs), [one for one in left if one.id not in ours])
    told = sum(_of_a_change(one) for one in here.notes)
    if told != stage.script.changes[ticket]:
        found.append(f"{stage.script.changes[ticket]} changes in Omnidesk, {told} notes of them")
    return found


def _of_a_change(entry: Entry) -> bool:
    return bool(_CHANGE.match(entry.text))


def _as_delivered(stage: Stage, there: list[Entry]) -> list[Entry]:
    """Messages as they were before staff changed or deleted them: the ticket keeps them so."""
    ids = {one.id for one in there}
    lost = [one for id, one in stage.script.former.items() if id not in ids]
    return [stage.script.former.get(one.id, one) for one in there] + (lost if ids else [])


def _ids(stage: Stage, ticket: int, side: str, kind: str) -> list[int]:
    return [one.id for one in stage.script.said if (one.side, one.kind, one.ticket) == (side, kind, ticket)]


def _of(entries: list[Entry], ids: list[int]) -> list[Entry]:
    """Those entries, in the order in which they were said."""
    known = {one.id: one for one in entries}
    return [known[id] for id in ids if id in known]


def _whole(copies: list[Entry]) -> list[Entry]:
    """Messages with more files of the one before as one with it."""
    found: list[Entry] = []
    for one in copies:
        if found and _PART.search(one.text.strip()) and (one.kind, one.author) == (found[-1].kind, found[-1].author):
            found[-1] = replace(found[-1], files=found[-1].files + one.files)
        else:
            found.append(one)
    return found


def _same(stage: Stage, way: str, kind: str, said: list[Entry], copies: list[Entry]) -> list[str]:
    """``copies`` are all that is on the other side and was not said there."""
    expected = [one for one in said if one.id not in stage.script.staying]
    if len(expected) != len(copies):
        shown = [[normal(one.text)[:30] for one in side] for side in (expected, copies)]
        return [f"{kind}s {way}: {len(expected)} said, {len(copies)} there: {shown[0]} and {shown[1]}"]
    found = []
    for number, (one, copy) in enumerate(zip(expected, copies, strict=True)):
        what = f"{kind} {number + 1} {way}"
        if one.kind != copy.kind or not same_text(one, copy):
            found.append(f"{what}: {one.kind} {one.author} {one.text[:40]!r}, not {copy.kind} {copy.author}"
                         f" {copy.text[:60]!r}")  # fmt: skip
        if one.files != copy.files:
            found.append(f"{what}: its files differ")
        found += _rating(stage, what, *((one, copy) if way == "to Omnidesk" else (copy, one)))
    return found


def _rating(stage: Stage, what: str, here: Entry, there: Entry) -> list[str]:
    wanted = stage.script.levels.get(here.id, "")
    if there.rating != wanted or (wanted and LEVELS[here.stars] != wanted):
        return [f"{what}: rated {here.stars} here, {there.rating!r} there, not {wanted!r}"]
    return []


def _states(stage: Stage, ticket: int) -> list[str]:
    case = _alive(stage, ticket)
    state = stage.panel.ticket_state(ticket).state
    if case is None:
        return []
    found = []
    if (state == "open") != (case.status == "open"):
        found.append(f"the ticket is {state}, the case {case.status}")
    wanted = stage.script.statuses.get(ticket)
    if wanted is not None and (state, case.status) != wanted:
        found.append(f"the ticket is {state} and the case {case.status}, not {wanted[0]} and {wanted[1]}")
    return found


# The whole


def _links(stage: Stage) -> list[str]:
    found = [f"a message is not finished: {row}" for row in stage.links.unfinished()]
    found += [f"a ticket waits: {row}" for row in stage.links.waiting()]
    return found + [f"a ring waits: {name}" for name in stage.links.spooled()]


def _strays(stage: Stage) -> list[str]:
    owned = {case for ticket in stage.script.tickets for case in stage.links.cases(ticket)}
    strays = [case for case in stage.desk.cases if case not in owned]
    downloads = stage.world.root / "var" / "omnidesk" / "files"
    left = list(downloads.iterdir()) if downloads.is_dir() else []
    return [f"case {case} belongs to no ticket" for case in strays] + [f"a download is left: {one}" for one in left]


def _silence(stage: Stage) -> list[str]:
    """One more run does nothing: no action, no write to Omnidesk, no call of the panel."""
    stage.tick(61)  # a fresh minute of calls
    calls, requests = len(stage.desk.calls), len(stage.panel.requests)
    done = stage.run()
    found = [f"with nothing to do, a run did {action}" for action in done.actions]
    found += [
        f"with nothing to do, a run called {call.method} {call.path}"
        for call in stage.desk.calls[calls:]
        if call.method != "GET"
    ]
    found += [f"with nothing to do, a run asked the panel for {one.func}" for one in stage.panel.requests[requests:]]
    return found + ([] if done.code == 0 else [f"with nothing to do, a run failed: {done.output}"])
