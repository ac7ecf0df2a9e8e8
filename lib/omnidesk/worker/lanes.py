"""Several tickets at the same time: threads, each with connections of its own, and who may run beside whom.

An answer of Omnidesk takes a third of a second, so a large account is used to its limit only by several calls at once.
The main thread hands out the tickets and does everything else. With one lane it works on the ticket itself.

A run that was asked to stop must be able to end while a lane hangs in a call (see :mod:`core.shutdown`). Only the main
thread gets the signal, so it raises :class:`Stopped` in the lanes, too, and ends what they wait for. The threads are
daemons: one that hangs even then ends with the process, which is as safe as being killed.
"""

from __future__ import annotations

import ctypes
import queue
import threading
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from omnidesk.billmanager import program
from omnidesk.context import Context
from omnidesk.core.shutdown import Stopped
from omnidesk.sync import clients

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")
TIDYING = 0.5  # seconds for lanes that are abandoned to remove what is half done
MOST_LOOKS = 16  # tickets that have to wait for others, before events and lanes that are done are looked at again
LOOK = 0.1  # seconds between two looks for new events while a lane is free
Claims = Mapping[tuple[str, int], bool]  # what a ticket's work concerns, and whether nothing else may at that time


def count(context: Context) -> int:
    """How many lanes there are to be now."""
    return context.settings.lanes or context.gate.budget().lanes


def claims(context: Context, ticket: int, proven: Set[int] = frozenset()) -> Claims:
    """What the work on a ticket concerns besides itself.

    Its case, which it may share with another ticket after a merge. Without one its client, for whom a case is made:
    that is the only one at a time while it may create his user in Omnidesk, while it is not known what became of an
    earlier such call (whose case would be found among his newest), or while his cases may start in spam. A user that is
    known may have been deleted there, so one ticket goes first; then the client is among the ``proven`` ones.
    """
    link = context.links.ticket(ticket)
    if link.has_case:
        return {("case", link.case_id): True}
    row = context.reader.ticket(ticket)
    client = row.client if row is not None else None
    if client is None:
        return {("client", link.client_user): True}
    known = clients.known(context, client)
    sure = known is not None and known.external_user and not link.intent_at and link.case_gone != "spam"
    sure = sure and client.user in proven
    return {("client", client.user): not sure or context.blocked.get(client.user) is not None}


@dataclass(frozen=True)
class Done(Generic[T]):
    """What became of a ticket in a lane: a result, or what was raised."""

    ticket: int
    result: T | None = None
    error: BaseException | None = None


class Lanes(Generic[T]):
    """Runs ``work`` for tickets, in threads if there are several lanes. Used by one thread."""

    def __init__(self, context: Context, work: Callable[[Context, int], T]) -> None:
        self.context = context
        self.working: dict[int, Claims] = {}
        self.proven: set[int] = set()  # clients of tickets that were worked on
        self._work = work
        self._done: queue.SimpleQueue[tuple[Context, Done[T]]] = queue.SimpleQueue()
        self._fresh: set[int] = set()
        self._threads: dict[threading.Thread, Context] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave no lane at work; what they bring is of no use any more when the pass ends early."""
        if isinstance(error, Stopped):
            self._abandon()
            return
        try:
            while self.working:
                self.finished(None)
        except Stopped:
            self._abandon()
            raise

    def _abandon(self) -> None:
        """The run ends now, whatever its lanes do."""
        for lane in self._threads.values():
            lane.interrupt()
        program.end_all()
        # Last, as a thread takes it only when it runs: until then the interpreter is busy with it (and, traced, with
        # nothing else).
        for thread in self._threads:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Stopped))
        for thread in self._threads:
            thread.join(TIDYING)

    @property
    def free(self) -> bool:
        """Whether another ticket can be taken on."""
        return not self.working or len(self.working) < count(self.context)

    def conflict(self, wanted: Claims) -> bool:
        """Whether a ticket with these claims has to wait for one that is worked on."""
        return any(
            key in held and (alone or held[key]) for held in self.working.values() for key, alone in wanted.items()
        )

    def give(self, ticket: int, wanted: Claims) -> None:
        """Have the ticket worked on. The only lane does it at once, and what it raises comes from here."""
        self.working[ticket] = wanted
        try:
            self._begin(ticket)
        except BaseException:
            del self.working[ticket]  # no lane has it, so none is to be waited for
            raise

    def _begin(self, ticket: int) -> None:
        if len(self.working) == 1 and count(self.context) == 1:
            self._done.put((self.context, Done(ticket, self._work(self.context, ticket))))
            return
        lane = self.context.lane()
        if id(lane) not in self._fresh:
            self._fresh.add(id(lane))
            lane.refresh()
        thread = threading.Thread(target=self._run, args=(lane, ticket), name=f"lane-{ticket}", daemon=True)
        self._threads = {one: its for one, its in self._threads.items() if one.is_alive()} | {thread: lane}
        thread.start()

    def _run(self, lane: Context, ticket: int) -> None:
        try:
            done = Done(ticket, self._work(lane, ticket))
        except BaseException as error:  # noqa: BLE001  the border of a thread: whoever waits for it raises it again
            done = Done[T](ticket, error=error)
        self._done.put((lane, done))

    def finished(self, seconds: float | None = 0.0) -> list[Done[T]]:
        """The tickets that lanes have done; waits up to ``seconds`` for one (None: until there is one)."""
        found: list[Done[T]] = []
        while self.working:
            try:
                lane, done = self._done.get(timeout=seconds) if seconds is None or seconds else self._done.get_nowait()
            except queue.Empty:
                break
            if lane is not self.context:
                self.context.lanes.append(lane)
            self.proven |= {number for kind, number in self.working.pop(done.ticket) if kind == "client"}
            found.append(done)
            seconds = 0.0
        return found


class Line(Protocol):
    """Tickets in their order (:class:`omnidesk.worker.fairness.Turns`, the pages of an import)."""

    def next(self, skip: Set[int]) -> int | None:
        """The next one that is not to be skipped."""

    def forget(self) -> None:
        """There was nothing more; some may have come since."""


class Handout(Generic[T]):
    """Gives lanes the tickets of a line, past those that have to wait for a ticket in a lane."""

    def __init__(self, lanes: Lanes[T], line: Line) -> None:
        self.lanes = lanes
        self.line = line
        self._behind: dict[int, Claims] = {}  # tickets that wait for others
        self._again: list[int] = []  # tickets that have waited
        self._ended = False  # the line had nothing more

    def give(self, skip: Set[int] = frozenset()) -> bool:
        """Have a lane take the next ticket; False when there is none for it now."""
        lanes = self.lanes
        for _ in range(MOST_LOOKS):
            ticket = self._next(skip)
            if ticket is None:
                return False
            wanted = claims(lanes.context, ticket, lanes.proven) if lanes.working or count(lanes.context) > 1 else {}
            if not lanes.conflict(wanted):
                lanes.give(ticket, wanted)
                return True
            self._behind[ticket] = wanted
        return False

    def _next(self, skip: Set[int]) -> int | None:
        while self._again:
            waited = self._again.pop(0)
            if waited not in skip:
                return waited
        found = self.line.next(skip | self.lanes.working.keys() | self._behind.keys())
        self._ended = found is None
        return found

    def done(self) -> None:
        """A lane is done with a ticket, which may be due again, and others need not wait for it any more."""
        self._again += [one for one, wanted in self._behind.items() if not self.lanes.conflict(wanted)]
        self._behind = {one: wanted for one, wanted in self._behind.items() if one not in self._again}
        if self._ended:
            self.line.forget()
