"""Which old tickets are selected, and how many calls they will need: by index, in pages of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import datetime

from omnidesk.billmanager.history import Contents, Wanted
from omnidesk.context import Context
from omnidesk.core.errors import Failure

PAGE = 200
UNTOUCHED = "(k.ticket IS NULL OR (k.external_case IS NULL AND k.due_at IS NULL AND k.set_aside = 0))"


@dataclass(frozen=True)
class Selection:
    """What was asked for.

    ``since``: a local time of the panel's database, for tickets with a message from then on ("": all); ``departments``:
    ids (empty: all); ``open_only``: tickets that somebody has.
    """

    since: str = ""
    departments: frozenset[int] = frozenset()
    open_only: bool = False


@dataclass(frozen=True)
class Cost:
    """How much there is: tickets and what they hold, and the API calls for it (echoes and first reads included)."""

    tickets: int = 0
    messages: int = 0
    notes: int = 0
    calls: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.tickets + other.tickets,
            self.messages + other.messages,
            self.notes + other.notes,
            self.calls + other.calls,
        )


def select(context: Context, since: str, department: str, open_only: bool) -> Selection:
    """The selection that the command's options mean; :class:`Failure` ``bad_date`` or ``no_department``."""
    return Selection(_since(since), _departments(context, department), open_only)


def _since(text: str) -> str:
    if not text:
        return ""
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%d.%m.%Y"):
        try:
            return datetime.strptime(text.strip(), form).strftime("%Y-%m-%d %H:%M:%S")
        except ValueError:
            continue
    raise Failure("bad_date", "--since", text[:40])


def _departments(context: Context, wanted: str) -> frozenset[int]:
    """The settings' departments, or the one asked for by name or number."""
    if not wanted:
        return frozenset(context.departments)
    found = context.reader.departments_named(wanted)
    if not found:
        raise Failure("no_department", ", ".join(context.reader.departments().values())[:500], wanted[:80])
    return frozenset(found)


def pages(context: Context, wanted: Selection, free: str = UNTOUCHED) -> Iterator[list[int]]:
    """Tickets not linked yet, oldest first, some at a time. What is due already is the worker's.

    ``free``: which rows of the ticket's table (``k``) make a ticket one of them.
    """
    after, asked = 0, Wanted(free, wanted.since, wanted.departments, wanted.open_only)
    while tickets := context.history.tickets(asked, after, PAGE):
        after = tickets[-1]
        yield tickets
        if len(tickets) < PAGE:
            return


class Pages:
    """The tickets of pages one by one, past those that are to be skipped."""

    def __init__(self, found: Iterator[list[int]]) -> None:
        self._pages = found
        self._ready: list[int] = []

    def next(self, skip: Set[int]) -> int | None:
        """The next ticket; None when there are no more."""
        while not self._ready:
            page = next(self._pages, None)
            if page is None:
                return None
            self._ready = [one for one in page if one not in skip]
        return self._ready.pop(0)

    def forget(self) -> None:
        """A ticket is in one page only, so nothing comes again."""


def cost(context: Context, tickets: list[int]) -> Cost:
    """What these tickets hold and how many calls they take. Tickets without a message open no case."""
    if not tickets:
        return Cost()
    held = context.history.contents(tickets, context.rating_column)
    with_messages = [one.ticket for one in held]
    notes = _notes(context, with_messages)
    found = sum((_of_ticket(one, notes.get(one.ticket, 0)) for one in held), Cost())
    return found + Cost(calls=_new_clients(context, with_messages))


def _of_ticket(one: Contents, notes: int) -> Cost:
    ended = not one.open and one.messages > 1  # one message is sent with its case's status
    # Omnidesk calls the webhook for replies of staff, ours too; the case is then read once
    echo = 1 if one.staff else 0
    return Cost(1, one.messages, notes, one.messages + notes + one.rated + ended + echo)


def _notes(context: Context, tickets: list[int]) -> dict[int, int]:
    if not tickets or not context.settings.sync_notes:
        return {}
    return context.history.notes(tickets)


def _new_clients(context: Context, tickets: list[int]) -> int:
    """Clients whose user-level fields will be sent, one call each."""
    if not tickets or not context.field_links.current():
        return 0
    return context.history.new_clients(tickets)
