"""The three-way merge of the priority: the ticket's, in whatever values the panel has, and the case's.

A pure function of what both sides hold. The two have not the same levels, so each has its own base in the ticket's row.
"""

from __future__ import annotations

from dataclasses import dataclass

from omnidesk.billmanager.priority_column import NORMAL
from omnidesk.core.phrase import Phrase
from omnidesk.store.models import NO_PRIORITY, TicketLink
from omnidesk.sync.actions import Prioritised
from omnidesk.sync.assignee import Wanted


@dataclass(frozen=True)
class Priorities:
    """``raw``: what stands in BILLmanager, and the level that it means ("": none). ``there``: the case's, "" when it is
    not known. ``instead``: what BILLmanager has for the case's level, None for nothing."""

    raw: str
    here: str
    there: str
    instead: str | None = None


@dataclass(frozen=True)
class Merge:
    """What is wanted, and what both sides will have agreed on then."""

    wanted: Wanted
    agreed: Prioritised
    why: Phrase


def merge(link: TicketLink, now: Priorities) -> Merge:
    """What changed since both sides agreed counts, Omnidesk's change first. Where they have not agreed yet, the side
    with a normal priority follows the other: a new case may have one by the routing table or by a rule of the account.
    """
    as_it_is = Prioritised(now.there, now.raw)
    known = link.agreed_priority != NO_PRIORITY
    before = link.agreed_priority_here
    changed_here = now.raw != before if before != NO_PRIORITY else now.here not in ("", NORMAL)
    if not now.there:
        return Merge(Wanted.READ if changed_here else Wanted.WAIT, as_it_is, Phrase("why.stale_priority"))
    changed_there = (known and now.there != link.agreed_priority) or (
        before == NO_PRIORITY and now.there != NORMAL == now.here
    )
    if changed_there:
        same = now.instead is None or now.instead == now.raw
        wanted = as_it_is if same else Prioritised(now.there, now.instead or "")
        return Merge(Wanted.NOTHING if same else Wanted.GIVE, wanted, Phrase("why.priority_there"))
    if changed_here and now.here and (known or now.there == NORMAL):
        wanted = Prioritised(now.here, now.raw)
        return Merge(Wanted.PUT if now.here != now.there else Wanted.NOTHING, wanted, Phrase("why.priority_here"))
    return Merge(Wanted.NOTHING, as_it_is, Phrase("why.same_priority"))


def settled(link: TicketLink, agreed: Prioritised) -> bool:
    """Whether the ticket's row says so."""
    return agreed == Prioritised(link.agreed_priority, link.agreed_priority_here)
