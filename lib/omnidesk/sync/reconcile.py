"""One ticket from any state to equality: view, plan, carry out, until a plan is empty."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from omnidesk.billmanager.models import Ticket
from omnidesk.context import Context
from omnidesk.core.errors import Failure, Gone, TryLater
from omnidesk.core.logs import extinfo
from omnidesk.core.phrase import join
from omnidesk.sync import actions as do
from omnidesk.sync.apply import Applier
from omnidesk.sync.blocking import PARTIAL, READING, Course
from omnidesk.sync.merged_cases import merged
from omnidesk.sync.observations import CaseLost, record
from omnidesk.sync.observe import Observation, Observer
from omnidesk.sync.plan import plan
from omnidesk.sync.resolve import PlanAgain, lost

log = logging.getLogger("apply")
ROUNDS = 12  # in a row that carry nothing over
_INCOMING = (*do.TO_BILLMANAGER, do.Learn, do.Skip, do.Correct, do.KeepEdit)
ENDLESS = 10**9
_INTO_A_CASE = (*do.TO_OMNIDESK, do.UpdateCase)
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
        planned = [one for one in plan(view, observer.policy(view.ticket)) if wanted(one) and _takes(seen, one)]
        actions = course.ahead(planned)
        if not actions:
            course.end()
            return Result(tuple(done), missing=view.ticket is None)
        now, later = _turn(actions, most - _carried(done))
        row = None if seen.findings else view.link  # what was found has been written into it
        did = _carry_out(Applier(context, view.ticket or _deleted(ticket), row), now, stopping, course)
        done += did
        observer.follow(did, all_done=len(did) == len(now))
        if _carried(done) >= most and (later or len(did) < len(now)) and not course.failures:
            left = [*later, *now[len(did) :]]
            return Result(tuple(done), unfinished=True, turn=True, read=not any(map(_is_incoming, left)))
        # What carries something over can happen only so often; what only sets a state could go on for ever.
        idle = 0 if any(isinstance(one, do.CARRYING) for one in did) else idle + 1
    course.end()
    raise TryLater("not_settling", value=join([action.title() for action in actions[:10]]))


def _takes(seen: Observation, action: do.Action) -> bool:
    """Whether the case takes this: nothing is written into one that was merged and is only read to its end."""
    left = seen.case is not None and seen.case.case_id == seen.view.link.case_id and merged(seen.case)
    return not (left and isinstance(action, _INTO_A_CASE))


def _deleted(ticket: int) -> Ticket:
    """What stands for a ticket that BILLmanager does not have any more."""
    return Ticket(ticket, "", 0, "closed", None)


def _carried(done: Sequence[do.Action]) -> int:
    return sum(isinstance(one, do.CARRYING) for one in done)


def _is_incoming(action: do.Action) -> bool:
    return isinstance(action, _INCOMING) or (isinstance(action, do.Notify) and action.of_edit)


def _turn(actions: Sequence[do.Action], most: int) -> tuple[list[do.Action], list[do.Action]]:
    """The actions up to the last message that this turn has room for, and those that are left."""
    for place, action in enumerate(actions):
        most -= isinstance(action, do.CARRYING)
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
    applier: Applier, planned: Sequence[do.Action], stopping: Callable[[], bool], course: Course
) -> list[do.Action]:
    """Carry out a plan; what fails holds up its own strand. What was done."""
    context, ticket, done = applier.context, applier.ticket, list[do.Action]()
    for one in planned:
        action = course.allowed(one)
        if stopping():
            return done
        if action is None:
            continue
        extinfo(log, "ticket %s: %s (%s)", ticket.id, action.title(), action.why)
        try:
            applier.apply(action)
        except PlanAgain:
            return done
        except Gone as gone:
            if not isinstance(action, _INTO_A_CASE):
                course.action_failed(action, gone)
                continue
            # Omnidesk says itself that the case is not there: the next plan opens a new one with what is left.
            lost(context, context.links.ticket(ticket.id), gone)
            return done
        except Failure as failure:
            course.action_failed(action, failure)
            continue
        except Exception as error:  # an internal error in one action must not affect the others
            log.exception("ticket %s: %s", ticket.id, action.title())
            course.action_failed(action, TryLater("internal", str(ticket.id), type(error).__name__))
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
        action,
        (
            do.CreateCase,
            do.LookForUnblocking,
            do.LookForCase,
            do.LookForMessage,
            do.SendPart,
            do.ReadCase,
            do.ReadHistory,
        ),
    )
