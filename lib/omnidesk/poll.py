"""What changed in Omnidesk, in one call however many tickets there are: statuses, lost webhooks, lost cases."""

from __future__ import annotations

import logging

from omnidesk.context import Context
from omnidesk.gather import has_news, judge, why_gone
from omnidesk.guard import unlikely
from omnidesk.helpdesk.objects import Case
from omnidesk.helpdesk.paging import Listing
from omnidesk.links.records import TicketLink
from omnidesk.links.schema import TICKETS
from omnidesk.links.state import POLLED
from omnidesk.logs import extinfo
from omnidesk.merges import merged
from omnidesk.observed import CaseLost, record
from omnidesk.spam import is_back

log = logging.getLogger("poll")
OVERLAP = 300.0  # seconds read again: the other side may commit late
INSURANCE = 600.0  # seconds after which our own last write is looked behind, when calls are plentiful
YOUNG = 600.0


def poll(context: Context, *, allow_mass_change: bool = False) -> int:
    """Read the cases changed since the last poll, by Omnidesk's own clock; make their tickets due. How many."""
    state, client, now = context.state, context.client, context.clock()
    since = state.get("poll_since")
    start = float(since) if since is not None else context.clock()
    # Before the first poll nothing is known of Omnidesk's clock, and ours may be far ahead of it.
    reached, seen, rung, held, began = start if since is not None else 0.0, set[int](), 0, False, 0.0
    listing = Listing[int, Case](lambda one: one.case_id, by=lambda one: one.updated_at, start=start - OVERLAP)
    while not listing.ended:
        rows = listing.add(client.changed_cases(context.settings.channel, listing.key, listing.page))
        began = began or client.now
        known = context.links.tickets_of_cases([row.case_id for row in rows])
        held = _too_many(context, rows, known, allow_mass_change) or held
        for row in rows:
            links = known.get(row.case_id, [])
            if not links:
                _unknown(context, row)
            elif not held:
                rung += sum(_notice(context, link, row) for link in links)
            seen.add(row.case_id)
            reached = max(reached, row.updated_at)
        if not held and (since is not None or rows):
            state.put("poll_since", reached)
    if not held and (since is None or began > reached):
        # On with Omnidesk's clock although nothing changed, or the last busy minutes would be read again and again.
        state.put("poll_since", max(reached, began) or start)
    if not held:
        state.put(POLLED, now)
    _confirm(context, seen, start)
    _insure(context)
    for ticket in context.blocked.to_be_asked():
        context.queue.ring(ticket, "its client may be unblocked")
    state.expire_orphans()
    extinfo(log, "%s cases looked at, %s tickets made due", len(seen), rung)
    return rung


def _too_many(context: Context, rows: list[Case], known: dict[int, list[TicketLink]], allowed: bool) -> bool:
    """Cases that were ended or went away since they were seen last."""
    ended = 0
    for row in rows:
        link = next(iter(known.get(row.case_id, ())), None)
        if link is not None and not link.case_gone:
            ended += bool(why_gone(row)) or (link.case_status == "open" and row.status != "open")
    return unlikely(context, ended, "cases", allowed=allowed)


def _notice(context: Context, link: TicketLink, row: Case) -> int:
    """Take over what a row says; 1 when its ticket has work now."""
    if link.case_gone:
        return _revived(context, link, row)
    if merged(row):
        context.queue.ring(link.ticket, "merged in Omnidesk", look_case=True)
        return 1
    found = judge(context, link, row)
    record(context, link.ticket, [found])
    if isinstance(found, CaseLost) and found.unseen:
        context.queue.ring(link.ticket, "changed in Omnidesk")
    after = context.links.ticket(link.ticket)
    if after.case_gone or not (after.look_messages or after.seen_status != after.case_status):
        return 0
    # What a run that died has noted here without making the ticket due is still to be done.
    if not (link.look_messages and link.due) or row.updated_at > link.seen_at:
        context.queue.ring(link.ticket, "changed in Omnidesk", look_messages=has_news(link, row))
        return 1
    return 0


def _revived(context: Context, link: TicketLink, row: Case) -> int:
    """A case that was taken out of the trash before its ticket got another one goes on where it was."""
    if why_gone(row):
        return 0
    is_back(context, link, row)
    context.queue.ring(link.ticket, "its case is back", look_messages=True)
    return 1


def _unknown(context: Context, row: Case) -> None:
    """A case no ticket has: perhaps one being made this moment; else one made in Omnidesk, which has no ticket."""
    if context.client.now - row.created_at < YOUNG:
        context.state.note_orphan(row.case_id)
        tickets = context.links.tickets_of_case(row.case_id)
        if tickets and context.state.take_orphan(row.case_id):
            context.queue.ring(tickets[0], "changed in Omnidesk", look_messages=True)
    elif _is_former(context, row):
        extinfo(log, "case %s is an earlier one of a ticket", row.case_number)
    else:
        extinfo(log, "case %s belongs to no ticket", row.case_number)


def _is_former(context: Context, row: Case) -> bool:
    """An earlier case of a ticket that was restored: what is written there reaches nobody, so it is looked at."""
    name = f"former:{row.case_id}"
    if why_gone(row) or float(context.state.get(name, 0)) >= row.updated_at:
        return False
    ticket = context.links.look_at_former(row.case_id)
    if ticket:
        context.queue.ring(ticket, "changed in Omnidesk")
        context.state.put(name, row.updated_at)
    return bool(ticket)


def _confirm(context: Context, seen: set[int], start: float) -> None:
    """A case we wrote into must show up as changed; one that does not may be in the trash: ask for it."""
    rows = context.db.rows(
        f"SELECT ticket, external_case AS c FROM {TICKETS} WHERE unconfirmed = 1"
        " AND own_write_at BETWEEN %s AND %s LIMIT 100",
        start - OVERLAP, context.client.now - 10,
    )  # fmt: skip
    for row in rows:
        if int(row["c"] or 0) in seen:
            context.links.set_ticket(int(row["ticket"]), unconfirmed=0)
        else:  # what the answer says settles it
            context.queue.ring(int(row["ticket"]), "not among the changed", look_case=True)


def _insure(context: Context) -> None:
    """A write of ours may have hidden what no webhook told of: look, late and only when calls abound."""
    budget = context.gate.budget()
    if any(context.state.get(f"held:{what}") for what in ("cases", "tickets")):
        return  # looking at them would carry out, three by three, what the guard holds back
    told = budget.left >= 0 and context.clock() < budget.window_ends
    if told and not budget.plentiful:
        return  # an account that tells of no limit has none to be spared
    rows = context.db.rows(
        f"SELECT ticket FROM {TICKETS} WHERE unread = 1 AND GREATEST(own_write_at, read_at) < %s AND case_gone = ''"
        " AND due_at IS NULL ORDER BY own_write_at LIMIT 3",
        context.client.now - INSURANCE,
    )
    for row in rows:
        context.queue.ring(int(row["ticket"]), "to be sure", look_messages=True)
