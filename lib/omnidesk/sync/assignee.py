"""The three-way merge of who works on it: the employee who has the ticket, and the case's assignee.

A pure function of what both sides hold. Its base is in the ticket's row: who it was on either side when they were
merged last, and all employees who had the ticket then. The two sides need not know the same people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from omnidesk.core.phrase import Phrase
from omnidesk.store.models import NO_HOLDERS, TicketLink
from omnidesk.sync.actions import Assigned

NOT_KNOWN = -1  # of the case's assignee
LONGEST = 255  # characters of all holders in a row


@dataclass(frozen=True)
class Holder:
    """An employee who has the ticket; ``staff``: the same person in Omnidesk, 0 if there is none."""

    user: int
    staff: int


@dataclass(frozen=True)
class Holders:
    """Who works on it, as both sides show it. Employees who only speak for others (the integration's) are nobody.

    ``here``: by their assignments, the oldest first. ``staff``: the case's assignee, 0: nobody; ``employee``: the same
    person in BILLmanager, 0 if there is none. ``ours``: our own reply made the case's assignee, and nobody since.
    """

    here: tuple[Holder, ...] = ()
    staff: int = NOT_KNOWN
    employee: int = 0
    ours: bool = False

    def named(self) -> str:
        """All of them, as the row holds it."""
        return named(one.user for one in self.here)

    @property
    def known_there(self) -> tuple[Holder, ...]:
        """Those whom Omnidesk knows as well."""
        return tuple(one for one in self.here if one.staff)


def named(users: Iterable[int]) -> str:
    """Employees as a ticket's row holds them."""
    return ",".join(map(str, sorted(users)))[:LONGEST]


class Wanted(Enum):
    """What is to be done before both sides agree."""

    NOTHING = "nothing"
    READ = "read"  # the case's assignee has to be known
    WAIT = "wait"  # ... which the next poll reports
    PUT = "put"  # the case gets another assignee
    GIVE = "give"  # the ticket goes to another employee, or to its department


@dataclass(frozen=True)
class Merge:
    """What is wanted, and what both sides will have agreed on then."""

    wanted: Wanted
    assigned: Assigned
    why: Phrase


def merge(link: TicketLink, now: Holders) -> Merge:
    """The merge of an open ticket with its open case.

    What changed since both sides agreed counts, Omnidesk's change first; what our own reply made of the case is taken
    back. Where it is not known what they agreed on, the side that has nobody follows the other. An ended ticket has
    nobody, which nobody decided: when it is open again it goes to the case's assignee, unless somebody has taken it.
    """
    known, fresh, mine = link.agreed_staff != NOT_KNOWN, link.agreed_holders == NO_HOLDERS, _mine(link, now)
    as_it_is = Assigned(now.staff, _employee(link, now, mine), now.named())
    if now.staff == NOT_KNOWN:
        return Merge(_unknown(link, now, mine), as_it_is, Phrase("why.stale_assignee"))
    there = link.agreed_staff if known and now.ours and not fresh else now.staff
    changed = there != link.agreed_staff if known else bool(there) and not now.known_there
    if changed or (fresh and there and not now.here):
        return _follows_case(now, as_it_is)
    if _changed_here(link, now, mine) and (known or not there):
        return _put(replace(as_it_is, staff=mine.staff if mine else 0), now, Phrase("why.taken"))
    return _put(replace(as_it_is, staff=there), now, Phrase("why.own_reply"))


def as_ended(link: TicketLink, now: Holders) -> Assigned:
    """What is agreed on while the ticket is ended: nobody has it; the case keeps its assignee, whoever it is."""
    return Assigned(link.agreed_staff if now.staff == NOT_KNOWN else now.staff, 0, NO_HOLDERS)


def settled(link: TicketLink, wanted: Assigned) -> bool:
    """Whether the ticket's row says so."""
    return wanted == Assigned(link.agreed_staff, link.agreed_employee, link.agreed_holders) and not link.own_assignee


def _unknown(link: TicketLink, now: Holders, mine: Holder | None) -> Wanted:
    """The case's assignee is not known: since our own reply, which the next poll shows, or because nobody asked."""
    matters = _changed_here(link, now, mine) if link.agreed_staff != NOT_KNOWN else bool(now.known_there)
    return Wanted.READ if matters and not link.unconfirmed else Wanted.WAIT


def _mine(link: TicketLink, now: Holders) -> Holder | None:
    """Who of BILLmanager counts: who took it last, of those whom Omnidesk knows; else whoever it was. None: nobody."""
    before = link.agreed_holders.split(",")
    new = [one for one in now.known_there if str(one.user) not in before]
    if new:
        return new[-1]
    kept = [one for one in now.here if one.user == link.agreed_employee]
    return next(iter(kept or now.known_there[-1:]), None)


def _employee(link: TicketLink, now: Holders, mine: Holder | None) -> int:
    """The employee of the next base. One whom Omnidesk does not know leaves it as it was."""
    return mine.user if mine else link.agreed_employee if now.here else 0


def _changed_here(link: TicketLink, now: Holders, mine: Holder | None) -> bool:
    return _employee(link, now, mine) != link.agreed_employee


def _follows_case(now: Holders, as_it_is: Assigned) -> Merge:
    """The ticket goes to the case's assignee; where BILLmanager does not know him, it stays with whoever has it."""
    if now.staff and not now.employee:
        return Merge(Wanted.NOTHING, as_it_is, Phrase("why.no_employee"))
    has = any(one.user == now.employee for one in now.here) if now.employee else not now.known_there
    wanted = replace(as_it_is, employee=now.employee)
    return Merge(Wanted.NOTHING if has else Wanted.GIVE, wanted, Phrase("why.assigned"))


def _put(wanted: Assigned, now: Holders, why: Phrase) -> Merge:
    """The case gets this assignee, if it has another one."""
    return Merge(Wanted.PUT if wanted.staff != now.staff else Wanted.NOTHING, wanted, why)
