"""Who is who on both sides, by e-mail: the employees who have a ticket, and its case's assignee."""

from __future__ import annotations

from omnidesk.billmanager.models import EMPLOYEE_LEVEL, Assignment, Ticket
from omnidesk.context import Context
from omnidesk.store.models import TicketLink
from omnidesk.sync.assignee import NOT_KNOWN, Holder, Holders


def speakers(context: Context) -> frozenset[int]:
    """The employees of BILLmanager who only speak for others, and are nobody's assignee."""
    found = [context.reader.employee_by_email(one) for one in _emails(context)]
    return frozenset(one.user for one in found if one)


def _emails(context: Context) -> set[str]:
    return {context.settings.email, context.settings.replying_employee}


def somebody(context: Context, staff_id: int) -> int:
    """The case's assignee; 0 for staff of Omnidesk who only speak for others."""
    found = [context.account.staff_by_email(one) for one in _emails(context)] if staff_id else []
    return 0 if any(one and one.staff_id == staff_id for one in found) else staff_id


def employees_of(assignments: tuple[Assignment, ...], nobody: frozenset[int]) -> list[int]:
    """The employees among those who have a ticket, by their assignments."""
    found = [one.user for one in assignments if one.level >= EMPLOYEE_LEVEL and one.user not in nobody]
    return list(dict.fromkeys(found))


def staff_of(context: Context, user: int) -> int:
    """The employee's counterpart in Omnidesk, 0 if there is none."""
    person = context.reader.person(user)
    found = context.account.staff_by_email(person.email) if person and person.email else None
    return found.staff_id if found else 0


def employee_of(context: Context, staff_id: int) -> int:
    """The counterpart of one of Omnidesk's staff who can take a ticket, 0 if there is none."""
    staff = context.account.staff_by_id(staff_id) if staff_id > 0 else None
    found = context.reader.employee_by_email(staff.email) if staff and staff.active else None
    return found.user if found and found.enabled else 0


def holders(context: Context, ticket: Ticket, link: TicketLink) -> Holders:
    """Who works on the ticket, as both sides show it."""
    nobody = speakers(context)
    staff = somebody(context, link.seen_staff) if link.staff_known else NOT_KNOWN
    return Holders(
        here=tuple(Holder(one, staff_of(context, one)) for one in employees_of(ticket.assignments, nobody)),
        staff=staff,
        employee=employee_of(context, staff),
        ours=bool(link.own_assignee) and link.own_assignee == link.seen_staff,
    )


def is_news(context: Context, before: TicketLink, after: TicketLink) -> bool:
    """Whether an answer has shown an assignee or a priority of the case that its ticket has not been merged with."""
    other = after.ticket_status == "open" and after.seen_priority not in ("", after.agreed_priority)
    if other and context.settings.sync_priority is not None and context.priority_column.name:
        return True
    if not (context.settings.sync_assignee and after.staff_known):
        return False
    return not before.staff_known or somebody(context, after.seen_staff) != after.agreed_staff
