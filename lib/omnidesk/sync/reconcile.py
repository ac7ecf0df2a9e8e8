"""One ticket from any state to equality: view, plan, carry out, until a plan is empty."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from omnidesk.billmanager.models import Ticket
from omnidesk.context import Context
from omnidesk.core import ratings
from omnidesk.core.errors import Failure, Gone, TryLater
from omnidesk.core.logs import extinfo
from omnidesk.store.models import MessageLink
from omnidesk.sync import actions as do
from omnidesk.sync import spam
from omnidesk.sync.blocking import PARTIAL, READING, Course, strand
from omnidesk.sync.case_changes import Changes, remember_rating
from omnidesk.sync.notify import Notifier
from omnidesk.sync.observations import CaseLost, record
from omnidesk.sync.observe import Observation, Observer
from omnidesk.sync.plan import plan
from omnidesk.sync.recovery import Recovery
from omnidesk.sync.resolve import PlanAgain, lost
from omnidesk.sync.to_billmanager import ToBillmanager
from omnidesk.sync.to_omnidesk import ToOmnidesk

log = logging.getLogger("apply")
ROUNDS = 12  # in a row that carry nothing over
CARRYING = (
    do.CreateCase,
    do.SendMessage,
    do.SendPart,
    do.SendNote,
    do.SendSystem,
    do.DeliverReply,
    do.DeliverNote,
    do.DeliverClientMessage,
)
_INCOMING = (do.DeliverReply, do.DeliverNote, do.DeliverClientMessage, do.Learn, do.Skip)
ENDLESS = 10**9
_INTO_A_CASE = (do.SendMessage, do.SendPart, do.SendNote, do.SendSystem, do.UpdateCase)
Filter = Callable[[do.Action], bool]


@dataclass(frozen=True)
class Result:
    """What a reconciliation did.

    ``missing``: BILLmanager has no such ticket; ``unfinished``: it was asked to stop between two actions, or (``turn``)
    its turn is over. ``read``: all that was read of its case is delivered.
    """

    done: tuple[do.Action, ...] = ()
    missing: bool = False
    unfinished: bool = False
    turn: bool = False
    read: bool = False


def everything(action: do.Action) -> bool:
    """The filter of a full reconciliation."""
    return True


def preview(context: Context, ticket: int, *, history: bool = False) -> tuple[Observation, list[do.Action]]:
    """Both sides read in full, and the plan as it stands now; nothing is written.

    If the case cannot be read, the plan is made from what is known without it; the observation holds the failure.
    ``history``: as if the ticket was asked for, although nobody has written in it since the module is there.
    """
    observer = Observer(context, ticket, full=True)
    seen = observer.observe()
    policy = observer.policy(seen.view.ticket)
    actions = plan(seen.view, replace(policy, history=0) if history else policy)
    return seen, [one for one in actions if not isinstance(one, do.MarkRead)]  # this very reading needs no note


def reconcile(
    context: Context,
    ticket: int,
    wanted: Filter = everything,
    stopping: Callable[[], bool] = lambda: False,
    most: int = ENDLESS,
) -> Result:
    """Carry out what the plan says (of the ``wanted`` kinds) until nothing is left; under the ticket's lock.

    ``most``: after so many messages and notes its turn is over.
    """
    observer, course = Observer(context, ticket), Course(ticket)
    done: list[do.Action] = []
    idle = 0
    while idle < ROUNDS and not course.in_doubt:
        if stopping():
            return Result(tuple(done), unfinished=True)
        seen = observer.observe()
        record(context, ticket, seen.findings)
        if seen.failure is not None:
            course.failed(READING, seen.failure)
        for failure in seen.partial:
            course.failed(PARTIAL, failure)
        if any(isinstance(one, CaseLost) and one.unseen for one in seen.findings):
            continue  # what had been sent into it waits again, which this view does not know
        view = seen.view
        actions = course.ahead([one for one in plan(view, observer.policy(view.ticket)) if wanted(one)])
        if not actions:
            course.end()
            return Result(tuple(done), missing=view.ticket is None)
        now, later = _turn(actions, most - _carried(done))
        did = _carry_out(context, view.ticket or _deleted(ticket), now, stopping, course)
        done += did
        observer.follow(did)
        if _carried(done) >= most and (later or len(did) < len(now)) and not course.failures:
            left = [*later, *now[len(did) :]]
            return Result(tuple(done), unfinished=True, turn=True, read=not any(map(_is_incoming, left)))
        # What carries something over can happen only so often; what only sets a state could go on for ever.
        idle = 0 if any(isinstance(one, CARRYING) for one in did) else idle + 1
    course.end()
    raise TryLater("not_settling", value="; ".join(action.title() for action in actions)[:300])


def _deleted(ticket: int) -> Ticket:
    """What stands for a ticket that BILLmanager does not have any more."""
    return Ticket(ticket, "", 0, "closed", None)


def _carried(done: Sequence[do.Action]) -> int:
    return sum(isinstance(one, CARRYING) for one in done)


def _is_incoming(action: do.Action) -> bool:
    return isinstance(action, _INCOMING)


def _turn(actions: Sequence[do.Action], most: int) -> tuple[list[do.Action], list[do.Action]]:
    """The actions up to the last message that this turn has room for, and those that are left."""
    for place, action in enumerate(actions):
        most -= isinstance(action, CARRYING)
        if not most:
            now, later = list(actions[: place + 1]), list(actions[place + 1 :])
            if not _carried(later):
                break
            if not any(map(_is_incoming, later)):  # then all that was read is delivered
                now += [one for one in later if isinstance(one, do.MarkRead)]
                later = [one for one in later if not isinstance(one, do.MarkRead)]
            return now, later
    return list(actions), []


def _carry_out(
    context: Context, ticket: Ticket, planned: Sequence[do.Action], stopping: Callable[[], bool], course: Course
) -> list[do.Action]:
    """Carry out a plan; what fails holds up its own strand. What was done."""
    done: list[do.Action] = []
    for one in planned:
        action = course.allowed(one)
        if stopping():
            return done
        if action is None:
            continue
        extinfo(log, "ticket %s: %s (%s)", ticket.id, action.title(), action.why)
        try:
            _perform(context, ticket, action)
        except PlanAgain:
            return done
        except Gone as gone:
            if not isinstance(action, _INTO_A_CASE):
                course.failed(strand(action), gone)
                continue
            # Omnidesk says itself that the case is not there: the next plan opens a new one with what is left.
            lost(context, context.links.ticket(ticket.id), gone)
            return done
        except Failure as failure:
            course.failed(strand(action), failure)
            continue
        except Exception as error:  # an internal error in one action must not affect the others
            log.exception("ticket %s: %s", ticket.id, action.title())
            course.failed(strand(action), TryLater("internal", str(ticket.id), type(error).__name__))
            continue
        done.append(action)
        course.done(action)
        if _leads_to_more(action) or _went(context, ticket.id, action):
            return done  # the rest was planned without knowing what this brings
    return done


def _went(context: Context, ticket: int, action: do.Action) -> bool:
    """Whether the answer shows that the case lies in trash or spam: what else was planned for it goes into the next."""
    return isinstance(action, do.UpdateCase) and bool(context.links.ticket(ticket).case_gone)


def _leads_to_more(action: do.Action) -> bool:
    """Whether the next thing to do may be one that was not planned; the files of one message may take several."""
    if isinstance(action, do.SendMessage):
        return len(action.message.files) > 0
    return isinstance(
        action, (do.CreateCase, do.LookForUnblocking, do.LookForCase, do.LookForMessage, do.SendPart, do.ReadHistory)
    )


def _perform(context: Context, ticket: Ticket, action: do.Action) -> None:
    """One action, recorded as soon as it is done."""
    there, here, doubt = ToOmnidesk(context, ticket), ToBillmanager(context, ticket), Recovery(context, ticket)
    changes = Changes(context, ticket)
    ways: dict[type[do.Action], Callable[[Any], None]] = {
        do.LookForCase: doubt.case,
        do.LookForMessage: doubt.message,
        do.LookForUnblocking: lambda one: spam.look(context, ticket, one.client),
        do.CreateCase: there.create_case,
        do.SendMessage: there.send_message,
        do.SendPart: there.send_part,
        do.SendNote: there.send_note,
        do.SendSystem: there.send_system,
        do.UpdateCase: changes.update_case,
        do.UpdateUser: changes.update_user,
        do.Rate: changes.rate,
        do.DeliverReply: here.deliver_reply,
        do.DeliverNote: here.deliver_note,
        do.DeliverClientMessage: here.deliver_client_message,
        do.Notify: Notifier(context, ticket).notify,
        do.EndAssignment: here.end_assignment,
        do.Reopen: here.reopen,
        do.Skip: here.skip,
    }
    way = ways.get(type(action))
    if way is not None:
        way(action)
    else:
        _remember(context, ticket, action)


def _remember(context: Context, ticket: Ticket, action: do.Action) -> None:
    """Actions that only write into the links."""
    links = context.links
    match action:
        case do.SkipOut():
            links.add_done(MessageLink(0, ticket.id, action.kind, "out", "skipped", action.id))
        case do.Learn():
            links.message_identified(action.link.id, action.message_id)
        case do.LeaveStray():
            for reply in action.replies:
                links.add_done(MessageLink(0, ticket.id, "message", "in", "skipped", 0, action.case_id, reply))
            links.former_case_read(ticket.id, [one for one in links.ticket(ticket.id).former if one != action.case_id])
        case do.DropNotice():
            links.drop_notice(action.link.id)
        case do.KeepRating():
            remember_rating(context, action.link, action.rating)
        case do.RefuseRating():
            which = action.link.ticket_message
            rating = ratings.label(action.rating)
            log.warning("ticket %s: rating %s of message %s: %s", ticket.id, rating, which, action.why)
            remember_rating(context, action.link, action.rating)
        case do.Agree():
            seen_at = links.ticket(ticket.id).seen_at
            links.status_agreed(ticket.id, action.ticket, action.case, seen_at)
        case do.ReadCase() | do.ReadHistory():
            pass  # the next look reads it
        case do.MarkRead():
            hidden = links.ticket(ticket.id).own_write_at > action.covers
            links.messages_read(ticket.id, action.updated_at, hidden=hidden)
        case _:
            raise AssertionError(f"no way to perform {action!r}")
