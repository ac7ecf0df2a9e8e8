"""Where a ticket is and where its case is: department and group, merged three-way like the statuses.

The base is what both sides agreed upon last (``routed_department``, ``routed_group``). What a call of ours may have
changed on a side (``department_begun``, ``group_begun``) is nobody's decision there. If both sides were moved, Omnidesk
wins. Pure functions of what both hold, but for :func:`place_of`, which reads.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from omnidesk.billmanager.models import DEPARTMENT_LEVEL, Ticket
from omnidesk.context import Context
from omnidesk.core.phrase import Phrase
from omnidesk.routing.routes import Place, Route
from omnidesk.store.models import TicketLink
from omnidesk.sync import actions as do


@dataclass(frozen=True)
class Wanted:
    """Where both are to be; ``by_ticket``: the case follows the ticket."""

    department: int
    group: int
    by_ticket: bool = False


def place_of(context: Context, ticket: Ticket, link: TicketLink) -> Place | None:
    """Where the ticket is; None without a table."""
    routes = context.routes.current()
    if not routes.rows:
        return None
    project = context.reader.project(ticket.id) if routes.by_project else 0
    return Place(routes, department_of(ticket, link, routes.departments), ticket.responsible, project)


def department_of(ticket: Ticket, link: TicketLink, departments: Collection[int]) -> int:
    """The ticket's department: one that has it; an employee who took it has not moved it.

    Of several the one whose it has become (``responsible``), else the one that is known already. With none, the one
    whose it is, if that was changed.
    """
    having = [one.user for one in ticket.assignments if one.level == DEPARTMENT_LEVEL]
    known = link.routed_department and ticket.responsible == link.routed_responsible
    if ticket.responsible in having and not known:
        return ticket.responsible
    for one in (link.department_begun, link.routed_department):
        if one in having:
            return one
    if having:
        return having[0]
    if link.routed_department and ticket.responsible == link.routed_responsible:
        return link.routed_department
    return ticket.responsible if ticket.responsible in departments else link.routed_department


def merge(link: TicketLink, place: Place) -> Wanted:
    """Where both sides are to be."""
    here, there = place.department, link.seen_group
    ticket_moved = bool(here and link.routed_department) and here not in (link.routed_department, link.department_begun)
    case_moved = bool(there and link.routed_group) and there not in (link.routed_group, link.group_begun)
    if case_moved:
        of_group = place.routes.departments_of(there, place.project)
        return Wanted(here if not of_group or here in of_group else of_group[0], there)
    if ticket_moved:
        return Wanted(here, place.route.group or there, by_ticket=True)
    ours = link.department_begun and here == link.department_begun
    return Wanted(link.routed_department if ours and link.routed_department else here, link.routed_group or there)


def routed(
    place: Place | None, link: TicketLink, planned: Sequence[do.Action], *, opened: bool, fresh: bool
) -> list[do.Action]:
    """The plan with what moves either side. ``opened``: people have the ticket; ``fresh``: its case was read now."""
    actions = list(planned)
    if place is None:
        return actions
    wanted = merge(link, place)
    if wanted.group and wanted.group != link.seen_group:
        return _case_moves(actions, place, wanted, fresh=fresh)
    if wanted.department != place.department and wanted.department in place.routes.departments:
        return _ticket_moves(actions, wanted.department, opened=opened)
    agreed = (link.routed_department, link.routed_group, link.routed_responsible)
    now = (place.department, link.seen_group, place.responsible)
    if now != agreed or link.department_begun or link.group_begun:
        actions.append(do.AgreePlace(Phrase("why.same_place"), *now))
    return actions


def _case_moves(actions: list[do.Action], place: Place, wanted: Wanted, *, fresh: bool) -> list[do.Action]:
    """One call, that of a status where one is due. The group that is written over is known just before."""
    if any(isinstance(one, do.ReadCase) for one in actions):
        return actions
    if not fresh:
        return [*actions, do.ReadCase(Phrase("why.stale_group"))]
    for at, one in enumerate(actions):
        if isinstance(one, do.UpdateCase):
            actions[at] = replace(one, group=wanted.group)
            return actions
    why = Phrase("why.ticket_moved" if wanted.by_ticket else "why.place_agreed")
    return [*actions, do.UpdateCase(why, group=wanted.group)]


def _ticket_moves(actions: list[do.Action], department: int, *, opened: bool) -> list[do.Action]:
    """Before anything is written into it, so that its end does not hide it. One that nobody has is moved when it is
    opened again: to give it to a department would open it."""
    if opened:
        return [do.MoveTicket(Phrase("why.case_moved"), department), *actions]
    return [replace(one, department=department) if isinstance(one, do.Reopen) else one for one in actions]


# A new case

_GIVEN = ("group_id", "priority", "labels", "language_id")  # what a case can be made without


def as_fields(route: Route) -> dict[str, Any]:
    """What a row gives a new case besides its channel."""
    values = {
        "group_id": route.group, "priority": route.priority, "labels": list(route.labels), "language_id": route.language
    }  # fmt: skip
    return {name: value for name, value in values.items() if value}


def lesser(whole: Mapping[str, Any], subject: str, channel: str, *, files: bool) -> list[dict[str, Any]]:
    """A new case with less and less of what it can do without; at last in the ``channel`` of the settings."""
    plain = {name: value for name, value in whole.items() if name not in _GIVEN}
    # Some accounts demand fields before a case is closed; and a later closing is separate from the message.
    opened = {**plain, "status": "open"}
    bare = {name: value for name, value in opened.items() if name not in ("custom_fields", "created_at")}
    bare["subject"] = subject
    home = {"channel": channel}
    # With files it may be these that were refused: for them there are other drafts.
    ways = [plain, plain | home] if files else [plain, opened, bare, bare | home]
    return [one for at, one in enumerate(ways) if one not in (whole, *ways[:at])]
