"""What each command does. All that touch a ticket go through the same plan and apply, limited to their part."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from omnidesk.alerts.watch import send_test
from omnidesk.billmanager.models import TicketMessage
from omnidesk.context import Context
from omnidesk.core import ratings
from omnidesk.core.errors import Failure, Misconfigured, Refused
from omnidesk.core.locks import TicketLocks
from omnidesk.core.phrase import Phrase, full
from omnidesk.health import check_connection as checking
from omnidesk.store import schema
from omnidesk.sync import actions as do
from omnidesk.sync import clients
from omnidesk.sync.agreement import agreement
from omnidesk.sync.case_changes import Changes
from omnidesk.sync.fields import user_data
from omnidesk.sync.reconcile import Filter, Result, everything, preview, reconcile
from omnidesk.wording.answer import Answer
from omnidesk.wording.arguments import Arguments

log = logging.getLogger("command")
_DOUBTS = (do.LookForCase, do.LookForMessage)
_CASE_STATUS = (do.ReadCase, do.ReadHistory, do.UpdateCase, do.Agree)
_OUTGOING = (*_DOUBTS, do.CreateCase, *do.TO_OMNIDESK, do.SkipOut, *_CASE_STATUS, do.UpdateUser)
_STATUS = (
    *_DOUBTS,
    *_CASE_STATUS,
    do.EndAssignment,
    do.Archive,
    do.Reopen,
    do.AssignTicket,
    do.AgreeAssignee,
    do.SetPriority,
    do.AgreePriority,
)


@contextmanager
def ticket_lock(context: Context, ticket: int) -> Iterator[None]:
    """Hold a ticket's lock, waiting for whoever has it."""
    locks = TicketLocks(context.paths.ticket_locks)
    try:
        with locks.held(ticket, wait=True):
            yield
    finally:
        locks.close()


def check_connection(context: Context, given: Arguments) -> Answer:
    """Check everything that must be right; each finding says how to fix it."""
    return checking.answer(checking.check(context), given.language)


def test_alert(context: Context, given: Arguments) -> Answer:
    """Send a test by every channel of the alerts that is set."""
    answer = Answer()
    found = send_test(context.settings, context.dependencies)
    for name, why in found.items():
        channel = Phrase(f"alert.{name}")
        answer.say(Phrase("alert.not_sent", channel=channel, why=why) if why else Phrase("alert.sent", channel=channel))
        answer.element("channel", why.text(given.language) if why else "", name=name, sent=int(why is None))
    if not found:
        answer.say(Phrase("alert.none"))
    failed = sum(why is not None for why in found.values())
    if failed:
        answer.failed = Misconfigured("check_failed", value=str(failed))
    return answer


def create_case(context: Context, given: Arguments) -> Answer:
    """A new case for the ticket, with its messages; a ticket that has one keeps it."""
    answer = _ticket_part(context, given.id, lambda action: isinstance(action, _OUTGOING), history=True)
    link = context.links.ticket(given.id)
    if not link.has_case:
        raise Refused("nothing_to_send", value=str(given.id))
    answer.say(Phrase("answer.case", ticket=given.id, case=link.case_number))
    answer.element("case", id=link.case_id, number=link.case_number)
    return answer


def update_status(context: Context, given: Arguments) -> Answer:
    """Bring the case's status up to date (and the ticket's, where Omnidesk decides)."""
    return _ticket_part(context, given.id, lambda action: isinstance(action, _STATUS))


def add_message(context: Context, given: Arguments) -> Answer:
    """Send that ticket message, after those before it that have not gone over: their order is never changed."""
    message = context.reader.message(given.id)
    if message is None:
        raise Refused("no_message", value=str(given.id))

    def wanted(action: do.Action) -> bool:
        if isinstance(action, (do.SendMessage, do.SendSystem, do.CreateCase)):
            return action.message.id <= given.id
        return isinstance(action, (*_DOUBTS, *_CASE_STATUS, do.SendPart))

    return _ticket_part(context, message.ticket, wanted, history=True)


def sync_user(context: Context, given: Arguments) -> Answer:
    """Bring the client's name and user-level fields up to date."""
    person = context.reader.person(given.id)
    if person is None:
        raise Refused("no_user", value=str(given.id))
    known = clients.known(context, person)
    answer = Answer()
    if known is None or not known.external_user:
        answer.say(Phrase("answer.user_without_case", user=given.id))
        return answer
    data = user_data(context, person, known.external_user, known.digest)
    if data.digest == known.digest:
        answer.say(Phrase("answer.user_current", user=given.id))
        return answer
    fields = {"user_full_name": data.name, **({"custom_fields": data.fields} if data.fields else {})}
    context.client.update_user(known.external_user, fields)
    clients.remember(context, person, known.external_user, data.digest)
    answer.say(Phrase("answer.user_sent", user=given.id, count=len(data.fields)))
    answer.element("user", id=given.id, fields=len(data.fields))
    return answer


def set_rating(context: Context, given: Arguments) -> Answer:
    """Send the client's rating of that staff message."""
    if given.rating and not ratings.parse(given.rating):
        raise Failure("bad_rating", value=given.rating[:40])
    message = context.reader.message(given.id)
    if message is None:
        raise Refused("no_message", value=str(given.id))
    rating = ratings.parse(given.rating) or _stored_rating(context, message)
    if message.author.is_client:
        raise Refused("rating_not_staff", value=str(given.id))
    if not rating:
        raise Refused("rating_missing", value=str(given.id))
    level = context.levels.get(rating, "")
    if not level:
        raise Refused("rating_level", value=ratings.label(rating))
    with ticket_lock(context, message.ticket):
        link = context.links.message("message", given.id)
        if link is None or not link.external_message:
            raise Refused("not_linked", value=str(given.id))
        if not link.staff:
            raise Refused("rating_not_staff", value=str(given.id))
        answer = Answer()
        ticket = context.reader.ticket(message.ticket)
        if ticket is not None and level != context.levels.get(link.rating):
            Changes(context, ticket).rate(do.Rate(Phrase("why.command"), link, rating, level))
            answer.say(Phrase("answer.rated", message=given.id, level=level))
        else:
            answer.say(Phrase("answer.rated_before", message=given.id))
        answer.element("rating", message=given.id, level=level)
        return answer


def _stored_rating(context: Context, message: TicketMessage) -> int:
    """What an event has brought, else what can be read; 0 when the message has no rating."""
    noted = context.state.noted_ratings(message.ticket).get(message.id, 0)
    return noted or context.rating_column.of_message(message.id)


def sync_ticket(context: Context, given: Arguments) -> Answer:
    """Reconcile one ticket both ways, reading both sides in full; dry: print the plan and why."""
    if context.reader.ticket(given.id) is None:
        raise Refused("no_ticket", value=str(given.id))
    if given.dry_run:
        return _dry_run(context, given)
    context.queue.make_due(given.id, "command", look_case=True, look_messages=True)
    return _ticket_part(context, given.id, everything, whole=True, history=True)


def _dry_run(context: Context, given: Arguments) -> Answer:
    answer = Answer()
    if not schema.up_to_date(context.db):
        raise Refused("tables_missing")
    seen, actions = preview(context, given.id, history=True)
    if seen.failure is not None:
        raise seen.failure
    for action in actions:
        answer.say(action.line())
        answer.element("action", str(action.why), name=type(action).__name__, title=action.title())
    found = agreement(context, seen, actions)
    answer.element("agreement", str(found.said), state=found.state)
    answer.say(found.said)
    return answer


def _ticket_part(
    context: Context, ticket: int, wanted: Filter, *, whole: bool = False, history: bool = False
) -> Answer:
    """``history``: what is older than the module is sent too, as the ticket was asked for by its number."""
    if context.reader.ticket(ticket) is None:
        raise Refused("no_ticket", value=str(ticket))
    with ticket_lock(context, ticket):
        context.links.ensure_ticket(ticket)
        if history:
            context.links.history_requested(ticket)
        due_seq, began = context.links.ticket(ticket).due_seq, context.clock()
        try:
            result = reconcile(context, ticket, wanted)
        except Failure as failure:
            # Nothing is dropped: what a command could not do, the worker goes on trying.
            context.queue.failed(ticket, failure, due_seq=due_seq)
            raise
        if whole:
            context.queue.done(ticket, due_seq, began)
    return _answer(ticket, result)


def _answer(ticket: int, result: Result) -> Answer:
    answer = Answer()
    for action in result.done:
        answer.say(action.line())
        answer.element("action", str(action.why), name=type(action).__name__, title=action.title())
    if not result.done:
        answer.say(Phrase("answer.nothing_to_do", ticket=ticket))
    return answer


def retry(context: Context, given: Arguments) -> Answer:
    """Try again now what failed or was set aside: one ticket, or all."""
    context.gate.unblock()
    count = context.queue.retry(given.id)
    if given.id and not count and context.reader.ticket(given.id) is None:
        raise Refused("no_ticket", value=str(given.id))
    answer = Answer([Phrase("answer.retry", count=count)])
    paused = context.state.get("paused", None, dict)
    if count and paused and float(paused.get("until", 0)) > context.clock():
        answer.say(Phrase("answer.retry_when", why=full(Phrase.of(paused, paused.get("text")))))
    answer.element("retry", tickets=count)
    return answer


def drop_tables(context: Context, given: Arguments) -> Answer:
    """Remove the module's own tables; asks for ``--yes`` because what was linked cannot be known again."""
    answer = Answer()
    if not given.yes:
        answer.say(Phrase("answer.drop_tables"))
        return answer
    for name in schema.drop(context.db):
        answer.say(Phrase("answer.table_dropped", table=name))
        answer.element("table", name=name)
    return answer
