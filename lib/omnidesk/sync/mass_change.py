"""The guard against mass changes: a restored backup or a wrong database must not close or recreate everything.

It judges what a complete poll or scan found, before any of it is applied. What it holds back stays so, each ticket by a
mark of its own, until an administrator lets it through (``sync --allow-mass-change``) or the change is no longer there.
Messages of a held ticket go over all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from omnidesk.billmanager.changes import Caseless
from omnidesk.context import Context
from omnidesk.store.holds import CASE, NAMES, NEW, TICKET

log = logging.getLogger("guard")
SHARE = 0.2
OLD = 3 * 86400.0  # seconds: a ticket nobody wrote in for so long is not what an outage left to be caught up with
RECENT = 3600.0  # seconds during which cases made for old tickets are counted together
_COUNTED = "old_cases"  # in the state table: when such cases were made


def made_lately(context: Context, counted: str) -> list[float]:
    """When the things that the state table counts under this name were made, within the last :data:`RECENT` seconds."""
    now = context.clock()
    return [at for at in context.state.get(counted, [], list) if now - RECENT < at <= now]


def unlikely(context: Context, count: int, looked_at: int = 0) -> bool:
    """Whether so many changes at once cannot be believed: more than MassChangeLimit and a fifth of the open tickets.

    ``looked_at``: how many of these were compared, if that were not all.
    """
    if count <= context.settings.mass_change_limit:
        return False
    return count > SHARE * (looked_at or context.links.open_tickets())


def hold(context: Context, tickets: Iterable[int], what: str) -> None:
    """Hold these changes back, and say so."""
    wanted = set(tickets)
    context.holds.put(wanted, what)
    log.error("%s changes of %s at once are on hold as a possible mistake. If they are intended, run: "
              "pmomnidesk sync --allow-mass-change", len(wanted), NAMES[what].replace("_", " "))  # fmt: skip


def cases(context: Context, changed: set[int], *, allowed: bool) -> bool:
    """Whether the tickets whose cases were ended or went away are held back. ``allowed``: those held go on, too."""
    if allowed:
        for ticket in context.holds.tickets(CASE):
            context.queue.make_due(ticket, "released", look_case=True)
        context.holds.put(context.holds.tickets(CASE), "")
        return False
    if not unlikely(context, len(changed)):
        return False
    hold(context, changed, CASE)
    return True


def tickets(context: Context, changed: set[int], *, allowed: bool, looked_at: int) -> set[int]:
    """Those of the tickets whose state changed that are not held back; ``looked_at`` as for :func:`unlikely`."""
    held = _still_changed(context)
    if allowed:
        context.holds.put(held, "")
        return changed | held
    if not unlikely(context, len(changed), looked_at):
        return changed
    hold(context, changed, TICKET)
    return set()


def _still_changed(context: Context) -> set[int]:
    """The held tickets; those that are again as agreed are let go of."""
    held = context.changes.states_of_held(TICKET)
    changed = {one.ticket for one in held if one.state != one.agreed}
    context.holds.put({one.ticket for one in held} - changed, "")
    return changed


# Cases for tickets that have none


def new_cases(context: Context, *, allowed: bool) -> None:
    """Hold back cases for many old tickets at once: they have them already, and the links were lost or restored.

    A ticket is old when nobody has written in it for days before it became due. So what an outage left, however much it
    is, is not counted: its tickets became due when they were written in.
    """
    if allowed:
        for ticket in context.holds.tickets(NEW):
            context.links.history_requested(ticket)
            context.queue.make_due(ticket, "released")
        context.holds.put(context.holds.tickets(NEW), "")
        return
    due = _due_without_case(context)
    old = {one.ticket for one in due if _is_old(context, one)}
    context.holds.put({one.ticket for one in due if one.held} - old, "")  # somebody wrote in it
    fresh = {one.ticket for one in due if one.ticket in old and not one.held}
    counted = made_lately(context, _COUNTED) if fresh else []
    if fresh and unlikely(context, len(fresh) + len(counted)):
        hold(context, fresh, NEW)
        fresh = set()
    context.queue.put_off(old - fresh)
    for ticket in fresh:
        context.links.history_requested(ticket)  # not to be counted again
    if fresh:
        context.state.put(_COUNTED, [*counted, *([context.clock()] * len(fresh))])


def _due_without_case(context: Context) -> list[Caseless]:
    due = context.changes.due_without_case(context.clock())
    first = context.first_message() if due else 0
    return [one for one in due if one.newest > first]  # what is older than the baseline gets no case anyway


def _is_old(context: Context, one: Caseless) -> bool:
    """Whether it is old and gets a case at all, which one outside the setting Departments does not."""
    old = (context.clock() if one.since is None else one.since) - one.at > OLD
    return old and context.covers(context.reader.ticket(one.ticket))
