"""The verdict: everything that is not as the failure policy wants it, in words."""

from __future__ import annotations

from dataclasses import replace

from tests.judge.complaints import Complaint
from tests.judge.exceptions import Exceptions
from tests.judge.history import History
from tests.judge.snapshot import Bindings, Snapshot
from tests.judge.statuses import Copies, Model, agree, ends
from tests.judge.threads import Threads

PRIORITIES = ("low", "normal", "high", "critical")
POLL = "GET /api/cases.json"


def complaints(history: History, snapshot: Snapshot) -> list[Complaint]:
    """All that is wrong with what both products show, everything being at rest; empty when all is well."""
    bindings = Bindings(history, snapshot)
    threads = Threads(history, snapshot, bindings)
    found = threads.complaints() + _cases(bindings)
    copies: Copies = {}
    for said, shown in threads.copies:
        if said.kind == "message":
            copies[said.side, said.id] = (shown.entry.id, shown.note)
    for tickets in bindings.groups():
        for ticket in tickets:
            found += _status(history, bindings, ticket, copies, merged=len(tickets) > 1)
            found += _assignee(history, bindings, ticket) if history.habits.assignee and len(tickets) == 1 else []
            found += _priority(history, bindings, ticket) if history.habits.priority and len(tickets) == 1 else []
    return found


def _priority(history: History, bindings: Bindings, ticket: int) -> list[Complaint]:
    """An open ticket has its case's priority, or the nearest that the panel has."""
    here, case = bindings.snapshot.ticket[ticket], bindings.alive(ticket)
    if case is None or (here.state, case.status) != ("open", "open") or Exceptions(history).not_assigned(ticket):
        return []
    near = {("normal", "low"), ("high", "critical")} | {(one, one) for one in PRIORITIES}
    if (here.priority, case.priority) in near:
        return []
    return [Complaint("priority", ticket, f"it is {here.priority}, and {case.priority} in case {case.id}")]


def _assignee(history: History, bindings: Bindings, ticket: int) -> list[Complaint]:
    """An open ticket is its case's assignee's, as far as both sides know the same people; a department is nobody."""
    here, case = bindings.snapshot.ticket[ticket], bindings.alive(ticket)
    if case is None or (here.state, case.status) != ("open", "open") or Exceptions(history).not_assigned(ticket):
        return []
    people = [
        one for one in history.people if one.billmanager and not one.account and one != history.habits.integration
    ]
    having = [one for one in people if one.billmanager in here.holders]
    known = {one.omnidesk for one in having if one.omnidesk}
    there = 0 if case.staff == history.habits.integration.omnidesk else case.staff
    on_one_side = there not in {0, *(one.omnidesk for one in people)} or (bool(having) and not known)
    if on_one_side or there in known or (not known and (not there or not history.habits.takes_nobody)):
        return []
    words = f"employees {sorted(here.holders)} have the ticket, and {there or 'nobody'} case {case.id}"
    return [Complaint("assignee", ticket, words)]


def silence(calls: list[str], requests: list[str], *, reads: bool = False) -> list[Complaint]:
    """What one more run at rest did: it may poll, and nothing else (``reads``: and read)."""
    wrong = [one for one in calls if one != POLL and not (reads and one.startswith("GET "))]
    if not reads and calls.count(POLL) != 1:
        wrong.append(f"{calls.count(POLL)} polls")
    return [Complaint("silence", 0, f"it called {one}") for one in wrong] + [
        Complaint("silence", 0, f"it asked the panel for {one}") for one in requests
    ]


def states(history: History, snapshot: Snapshot) -> dict[int, tuple[str, str]]:
    """Each ticket's state and its living case's status, "" without one: for :class:`tests.judge.history.Rested`."""
    bindings = Bindings(history, snapshot)
    found = {}
    for ticket in snapshot.tickets:
        case = bindings.alive(ticket.id)
        found[ticket.id] = (ticket.state, case.status if case else "")
    return found


def _cases(bindings: Bindings) -> list[Complaint]:
    found = []
    for case in bindings.snapshot.cases:
        if not bindings.ticket_of[case.id] and not case.fate:
            found.append(Complaint("case", 0, f"case {case.id} ({case.subject[:30]!r}) belongs to no ticket"))
    for ticket, cases in bindings.cases_of.items():
        alive = [case.id for case in cases if not case.fate]
        if len(alive) > 1:
            found.append(Complaint("case", ticket, f"its cases {alive} are alive"))
    return found


def _status(history: History, bindings: Bindings, ticket: int, copies: Copies, *, merged: bool) -> list[Complaint]:
    case = bindings.alive(ticket)
    if case is None:
        return []
    state = bindings.snapshot.ticket[ticket].state
    words = f"the ticket is {state}, case {case.id} is {case.status}"
    wanted = None if merged else Model(history, ticket, {one.id for one in bindings.cases_of[ticket]}, copies).last()
    right = ends(wanted) if wanted else set()
    if right and all(one.unanswered for one in right):
        fine = (state, case.status) == ("open", "open")
        return [] if fine else [Complaint("client wins", ticket, words)]
    if state == "closed" and Exceptions(history).cannot_close(case.id):
        right |= {replace(one, case=case.status) for one in right if one.case == "closed"}
    elif not agree(state, case.status):
        return [Complaint("agreement", ticket, words)]
    # What staff write into an archived ticket takes it out of the archive, without anybody having decided so.
    if _answered_since(history, bindings, ticket):
        right |= {replace(one, case="waiting") for one in right if one.ticket == "closed"}
    if right and not any(agree(state, one.ticket) and case.status == one.case for one in right):
        expected = " or ".join(sorted({f"{one.ticket} and {one.case}" for one in right}))
        return [Complaint("status", ticket, f"{words}; right would be {expected}")]
    left = history.acts and right and all(one.ticket == "closed" for one in right) and state != "closed"
    if left and not _answered_since(history, bindings, ticket):
        return [Complaint("status", ticket, f"{words}; the client archived it")]
    return []


def _answered_since(history: History, bindings: Bindings, ticket: int) -> bool:
    """Whether anything written in Omnidesk can have taken the ticket out of the archive."""
    last = history.rests()[-1].at if history.rests() else 0.0
    return any(one.at >= last and bindings.ticket_of.get(one.case) == ticket for one in history.said("O"))
