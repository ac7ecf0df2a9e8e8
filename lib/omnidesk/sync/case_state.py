"""What an answer of Omnidesk says of a ticket's case: whether it takes messages, and whether it holds news."""

from __future__ import annotations

from omnidesk.context import Context
from omnidesk.helpdesk.models import NOT_SAID, Case
from omnidesk.store.holds import CASE
from omnidesk.store.models import TicketLink
from omnidesk.sync.fields import digest_of
from omnidesk.sync.merged_cases import follow, merged, survivor_of
from omnidesk.sync.observations import CaseLost, CaseSeen, Finding
from omnidesk.sync.spam import swallowed
from omnidesk.sync.status_merge import SAME_MOMENT, case_now


def why_gone(case: Case) -> str:
    """Why a case takes no more messages; "" when it does."""
    if case.deleted:
        return "trash"
    if case.spam:
        return "spam"
    return "merged" if merged(case) else ""


def judge(context: Context, link: TicketLink, case: Case) -> Finding:
    """What an answer says of the ticket's case. The case that a merge leads to is asked for."""
    if link.held == CASE and (why_gone(case) or case.status != "open"):  # what was written in it is sent all the same
        news = has_news(link, case) and not why_gone(case)
        return CaseSeen(
            link.seen_status, link.seen_at, news, staff=case.staff_id, group=case.group_id, priority=case.priority
        )
    why = why_gone(case)
    survivor = survivor_of(context, case) if why == "merged" else None
    joined = follow(context, link, case, survivor)
    if joined is not None:
        return joined
    if why:
        unseen = why in ("trash", "spam") and swallowed(link, case)
        return CaseLost(why, case.case_number or str(case.case_id), unseen, survivor.case_id if survivor else 0)
    filled = bool(link.refused_status) and digest_of(case.custom_fields) != link.refused_fields
    user = case.user_id if case.user_id != link.external_user else 0
    news = has_news(link, case)
    return CaseSeen(
        case.status, case.updated_at, news, case.closed_at, filled, user, case.staff_id, case.group_id, case.priority
    )


def has_news(link: TicketLink, case: Case) -> bool:
    """Whether the case may hold messages not read: it changed since it was read or written, or staff answered since.

    Our own writing moves ``updated_at`` over an earlier reply's time; ``last_response_at`` shows that reply all the
    same, unless our own write was a staff reply: for that case there is a later read.
    """
    return case.updated_at > max(link.read_at, link.own_write_at) or answered(link, case)


def answered(link: TicketLink, case: Case) -> bool:
    """Whether ``last_response_at`` is the time of a message that was neither read nor written by us.

    It is the time of the last reply of staff; on some accounts the client's messages move it, too. A reply in the very
    second of the client's message is recognised by what it does to the case.
    """
    at = case.last_response_at
    dated = abs(link.own_client_at - link.client_stamp) > SAME_MOMENT  # which of the two counts is not known then
    ours = at == link.client_stamp or (dated and 0 <= at - link.own_client_at <= SAME_MOMENT)
    return at > max(link.read_at, link.own_reply_at) and not (ours and not _was_touched(link, case))


def _was_touched(link: TicketLink, case: Case) -> bool:
    """Whether the case shows that staff did something in it: a reply makes its author the assignee, and may end the
    case. No message of a client does."""
    return case.staff_id not in (NOT_SAID, link.seen_staff) or (case.status != "open" and case.status != case_now(link))
