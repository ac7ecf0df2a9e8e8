"""What changed in Omnidesk, in one call for any number of tickets: statuses, lost webhooks, lost cases."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from omnidesk.context import Context
from omnidesk.core.logs import extinfo
from omnidesk.core.tables import TICKETS
from omnidesk.helpdesk.client import LONGEST_RANGE
from omnidesk.helpdesk.models import Case
from omnidesk.helpdesk.paging import Listing
from omnidesk.store.holds import CASE
from omnidesk.store.models import TicketLink
from omnidesk.store.state import POLLED
from omnidesk.sync import mass_change
from omnidesk.sync.case_state import answered, has_news, judge, why_gone
from omnidesk.sync.counterparts import is_news
from omnidesk.sync.merged_cases import merged
from omnidesk.sync.observations import CaseLost, record
from omnidesk.sync.spam import is_back

log = logging.getLogger("poll")
OVERLAP = 300.0  # seconds read again: the other side may commit late
RECHECK = 600.0  # seconds after which a case is read behind our own last write, when calls are plentiful
RECHECKS = 3  # of them in one poll
YOUNG = 600.0
PAGES = 4  # of one poll while calls are scarce
DAY = 86400.0
_EXPIRED = "expired"  # in the state table: when what is kept for days only was removed last
_PART = "poll_part"  # in the state table: what a poll that was interrupted has read


@dataclass
class _Part:
    """One poll as far as it has been read. What it found to be ended waits until all of it is there, for the guard."""

    start: float
    listing: Listing[int, Case]
    clock: float  # our time when it began
    began: float = 0.0  # Omnidesk's
    reached: float = 0.0
    seen: set[int] = field(default_factory=set)
    ended: dict[int, Case] = field(default_factory=dict)
    made_due: int = 0

    @property
    def until(self) -> float:
        """Where it ends if it would be too long a time to be asked for at once (nothing ran for a year); else 0.0."""
        return self.start + LONGEST_RANGE - OVERLAP if self.clock - self.start > LONGEST_RANGE - OVERLAP else 0.0

    def row(self) -> dict[str, Any]:
        ended = [asdict(replace(case, custom_fields={})) for case in self.ended.values()]
        return {"start": self.start, "key": self.listing.key, "page": self.listing.page, "clock": self.clock,
                "began": self.began, "reached": self.reached, "seen": sorted(self.seen), "ended": ended}  # fmt: skip


def poll(context: Context, *, allow_mass_change: bool = False) -> int:
    """Read the cases changed since the last poll, by Omnidesk's own clock; make their tickets due. How many."""
    state = context.state
    since = state.get("poll_since")
    part = _begun(context, float(since) if since is not None else context.clock())
    while not part.listing.ended:
        if part.listing.calls >= PAGES and _scarce(context):
            return part.made_due  # tickets have their turn before the rest is read
        _page(context, part)
        if not part.listing.ended:
            state.put(_PART, part.row())  # the next poll goes on from here, also if this one fails
    _ended(context, part, allow_mass_change)
    if part.until:  # the next poll reads the next year, but not what is still to come: our clock may be ahead
        state.put("poll_since", min(part.until, part.began or part.until))
        state.remove(_PART)
        return part.made_due
    # On with Omnidesk's clock although nothing changed, or the last busy minutes would be read again and again; but not
    # past the begin of this poll, which may have taken long.
    if part.began or part.seen:
        state.put("poll_since", part.began or part.reached)
    state.put(POLLED, part.clock)
    state.remove(_PART)
    _confirm(context, part.seen, part.start)
    _recheck(context)
    for ticket in context.blocked.to_be_asked():
        context.queue.make_due(ticket, "unblocking")
    _expire(context)
    extinfo(log, "%s cases checked, %s tickets made due", len(part.seen), part.made_due)
    return part.made_due


def _expire(context: Context) -> None:
    """Once a day: forget what is kept for days only."""
    age = context.state.age(_EXPIRED)
    if age is None or not 0 <= age < DAY:
        context.state.expire_unlinked()
        context.state.expire_ratings()
        context.staff_cases.expire()
        context.daily.expire()
        context.state.put(_EXPIRED, 1)


def _begun(context: Context, start: float) -> _Part:
    """The poll from ``start`` on; what an interrupted one has read of it is not read again, if it can be used: another
    version of the module may have written it."""
    known = context.state.get(_PART)
    if isinstance(known, dict) and known.get("start") == start:
        try:
            return _resumed(known, start)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            log.warning("what an interrupted poll has read cannot be used and is read again: %r", error)
    return _Part(start, _listing(start), context.clock())


def _listing(start: float) -> Listing[int, Case]:
    return Listing[int, Case](lambda one: one.case_id, by=lambda one: one.updated_at, start=start - OVERLAP)


def _resumed(known: dict[str, Any], start: float) -> _Part:
    listing = _listing(start)
    listing.key, listing.page = float(known["key"]), int(known["page"])
    return _Part(
        start,
        listing,
        float(known["clock"]),
        float(known["began"]),
        float(known["reached"]),
        set(known["seen"]),
        {int(row["case_id"]): Case(**row) for row in known["ended"]},
    )


def _page(context: Context, part: _Part) -> None:
    """One page: replies are fetched at once, ends of cases are kept for the guard."""
    client, channel = context.client, _channel(context)
    # Of a list of all channels, those that are none of the module's are passed over.
    own = () if channel or context.settings.cases_from_omnidesk == "email" else context.channels
    rows = part.listing.add(client.changed_cases(channel, part.listing.key, part.listing.page, part.until))
    part.began = part.began or client.now
    known = context.links.tickets_of_cases([row.case_id for row in rows])
    for row in rows:
        part.seen.add(row.case_id)
        part.reached = max(part.reached, row.updated_at)
        part.ended.pop(row.case_id, None)  # it has changed again since it was read
        links = known.get(row.case_id, [])
        if not links and own and row.channel not in own:
            continue
        if not links:
            _unknown(context, row)
        elif any(is_end(link, row) for link in links):
            part.ended[row.case_id] = row
        else:
            part.made_due += sum(_notice(context, link, row) for link in links)


def _channel(context: Context) -> str:
    """The channel whose cases are read; "" for all, where any may become a ticket, or where several are the module's.

    That Omnidesk takes more than one channel is not documented; one call for all costs less than one for each.
    """
    channels = context.channels
    return channels[0] if len(channels) == 1 and context.settings.cases_from_omnidesk != "email" else ""


def is_end(link: TicketLink, case: Case) -> bool:
    """Whether the case was ended, or went away, since both sides agreed."""
    return not link.case_gone and (bool(why_gone(case)) or (link.case_base == "open" and case.status != "open"))


def _ended(context: Context, part: _Part, allowed: bool) -> None:
    """Cases that were ended or went away, all of them together: too many to be believed are held back."""
    known = context.links.tickets_of_cases(list(part.ended))
    fresh = {link.ticket for links in known.values() for link in links if not link.held}
    held = mass_change.cases(context, fresh, allowed=allowed)
    for case_id, links in known.items():
        for link in links:
            if held or (link.held == CASE and not allowed):
                part.made_due += _messages_only(context, link, part.ended[case_id])
            else:
                part.made_due += _notice(context, link, part.ended[case_id])


def _messages_only(context: Context, link: TicketLink, row: Case) -> int:
    """A held case: nothing of its end is applied, but what staff replied in it is delivered."""
    if why_gone(row) or not answered(link, row):
        return 0
    context.queue.make_due(link.ticket, "changed", look_messages=True, since=_ours(context, row.updated_at))
    return 1


def _ours(context: Context, at: float) -> float:
    """A time of Omnidesk's clock by ours."""
    return at + context.clock() - context.client.now


def _notice(context: Context, link: TicketLink, row: Case) -> int:
    """Take over what a row says; 1 when its ticket has work now."""
    if link.case_gone:
        return _revived(context, link, row)
    if link.held == CASE:
        context.holds.put([link.ticket], "")  # let through, or the change is no longer there
        link = replace(link, held="")
    if merged(row):
        context.queue.make_due(link.ticket, "merged", look_case=True, since=_ours(context, row.updated_at))
        return 1
    found = judge(context, link, row)
    record(context, link.ticket, [found])
    if isinstance(found, CaseLost) and found.unseen:
        context.queue.make_due(link.ticket, "changed")
    after = context.links.ticket(link.ticket)
    again = bool(link.refused_status) and not after.refused_status
    again = again or is_news(context, link, after) or _is_elsewhere(context, link, after)
    if after.case_gone or not (after.look_messages or again or after.seen_status != after.case_base):
        return 0
    # What a run that died has noted here without making the ticket due is still to be done.
    if not (link.look_messages and link.due) or row.updated_at > link.seen_at:
        news = has_news(link, row)
        since = _ours(context, row.updated_at) if news else 0.0
        context.queue.make_due(link.ticket, "changed", look_messages=news, since=since)
        return 1
    return 0


def _is_elsewhere(context: Context, before: TicketLink, now: TicketLink) -> bool:
    """Whether the case was moved to another group, and tickets follow their cases. A ticket that nobody has waits."""
    if now.seen_group == now.routed_group or not context.routes.current().by_group:
        return False
    return before.seen_group != now.seen_group or now.ticket_status == "open"


def _revived(context: Context, link: TicketLink, row: Case) -> int:
    """A case that was taken out of the trash before its ticket got another one goes on where it was."""
    if why_gone(row):
        return 0
    is_back(context, link, row)
    since = _ours(context, row.updated_at)
    context.queue.make_due(link.ticket, "restored", look_messages=True, since=since)
    return 1


def _unknown(context: Context, row: Case) -> None:
    """A case no ticket has: perhaps one being made this moment; else one made in Omnidesk, which has no ticket."""
    if context.client.now - row.created_at < YOUNG:
        context.state.note_unlinked(row.case_id)
        tickets = context.links.tickets_of_case(row.case_id)
        if tickets and context.state.take_unlinked(row.case_id):
            since = _ours(context, row.updated_at)
            context.queue.make_due(tickets[0], "changed", look_messages=True, since=since)
    elif _is_former(context, row):
        extinfo(log, "case %s is an earlier one of a ticket", row.case_number)
        return
    else:
        extinfo(log, "case %s belongs to no ticket", row.case_number)
    if context.settings.cases_from_omnidesk != "off":
        context.staff_cases.note(row.case_id, row.updated_at)


def _is_former(context: Context, row: Case) -> bool:
    """An earlier case of a ticket that was restored: what is written there reaches nobody, so it is looked at."""
    name = f"former:{row.case_id}"
    if why_gone(row) or float(context.state.get(name, 0)) >= row.updated_at:
        return False
    ticket = context.links.former_case_changed(row.case_id)
    if ticket:
        context.queue.make_due(ticket, "changed")
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
            context.links.case_listed(int(row["ticket"]))
        else:  # what the answer says settles it
            context.queue.make_due(int(row["ticket"]), "recheck", look_case=True)


def _recheck(context: Context) -> None:
    """A write of ours may have hidden what no webhook reported: look, late, the newest first, when calls are plentiful.

    It is owed once, and however long the account could not be asked: from here on the due ticket keeps it in mind.
    """
    if _scarce(context):
        return
    quiet = context.client.now - RECHECK
    rows = context.db.rows(
        f"SELECT ticket FROM {TICKETS} WHERE unread = 1 AND own_write_at <= %s AND read_at <= %s"
        " AND case_gone = '' AND due_at IS NULL ORDER BY own_write_at DESC LIMIT %s",
        quiet, quiet, RECHECKS,
    )  # fmt: skip
    for row in rows:
        context.queue.make_due(int(row["ticket"]), "recheck", look_messages=True)
        context.links.recheck_requested(int(row["ticket"]))


def _scarce(context: Context) -> bool:
    """Whether calls are to be spared; an account that tells of no limit has none to be spared."""
    budget = context.gate.budget()
    return budget.left >= 0 and context.clock() < budget.window_ends and not budget.plentiful
