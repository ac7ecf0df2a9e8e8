"""Both products and the link tables as a few lists in memory: what the plan is made of and what carrying it out does.

No network, no database, no failures: what is tested with it is the plan alone. Time is a counter, two seconds an act.
What the module knows of the case can lag behind (``lagging``): then it learns only by polls, reads, and answers to its
own calls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from omnidesk.billmanager.models import Assignment, Person, Ticket, TicketMessage, TicketNote
from omnidesk.core.text import digest
from omnidesk.helpdesk.models import Message, StatusChange
from omnidesk.store.models import ENDING, MessageLink, OwnMessage, TicketLink
from omnidesk.sync import actions as do
from omnidesk.sync.plan import plan
from omnidesk.sync.status_merge import comes_after_the_client, is_answer
from omnidesk.sync.view import Policy, View

TICKET = 17
CLIENT = Person(5, "ivan", "Ivan", "ivan@example.com", 16, 3)
ANNA = Person(7, "anna", "Anna", "anna@example.com", 29)
POLICY = Policy(levels={1: "low", 2: "low", 3: "middle", 4: "high", 5: "high"})
EXTERNAL_CLIENT, STAFF = 5654846848, 7235
COMPATIBLE = {("open", "open"), *((a, b) for a in ("waiting", "closed") for b in ("waiting", "closed"))}


@dataclass
class Switches:
    """What accounts of Omnidesk differ in."""

    client_reopens: bool = True
    reply_sets_waiting: bool = False


class Model:
    """One ticket and its cases."""

    def __init__(self, switches: Switches | None = None, *, lagging: bool = False) -> None:
        self.switches = switches or Switches()
        self.lagging = lagging
        self.time = 1000.0
        self.ids = 0
        self.state = "open"
        self.messages: list[TicketMessage] = []
        self.notes: list[TicketNote] = []
        self.case_id = 0
        self.status = ""
        self.updated = 0.0
        self.closed = 0.0
        self.history: list[tuple[float, str, str]] = []  # when the case got which status, and by whom
        self.thread: list[Message] = []
        self.link = TicketLink(TICKET)
        self.links: list[MessageLink] = []
        self.done: list[do.Action] = []
        self.read: list[Message] = []  # the thread as the module read it last
        self.told_at = 0.0  # when the module was told the case's status
        self.history_read: tuple[StatusChange, ...] | None = None
        self.meanwhile: Callable[[], None] | None = None  # happens inside the next call that ends the ticket
        self.client_ids: list[int] = []  # what the client wrote, by the texts' numbers
        self.endings: list[set[int]] = []  # for each time that staff ended the ticket: what they could read by then

    def _next(self) -> int:
        self.time += 2
        self.ids += 1
        return self.ids

    # Acts of people

    def client_writes(self) -> None:
        id = self._next()
        self.messages.append(TicketMessage(id, TICKET, CLIENT, f"text {id}", self.time))
        self.client_ids.append(id)
        self.state = "open"

    def employee_writes(self, close: bool) -> None:
        id = self._next()
        self.messages.append(TicketMessage(id, TICKET, ANNA, f"text {id}", self.time))
        self._leaves("waiting" if close else "open")

    def employee_notes(self) -> None:
        id = self._next()
        self.notes.append(TicketNote(id, TICKET, ANNA, f"text {id}", self.time))
        self.state = "open"

    def set_state(self, state: str) -> None:
        self._next()
        self._leaves(state)

    def _leaves(self, state: str) -> None:
        """How somebody in BILLmanager leaves the ticket."""
        if state != "open":
            self.endings.append({_number(one.text) for one in self.messages})
        self.state = state

    def agent_writes(self, note: bool = False, status: str = "") -> None:
        if self.case_id:
            id = self._next()
            self.thread.append(Message(id, 0, STAFF, f"text {id}", "", note, False, self.time))
            self.updated = self.time
            if status or not note:
                self._agent_leaves(status or self.status)

    def client_writes_elsewhere(self) -> None:
        if self.case_id:
            id = self._next()
            self.thread.append(Message(id, EXTERNAL_CLIENT, 0, f"text {id}", "", False, False, self.time))
            self.client_ids.append(id)
            self.updated = self.time
            self._set("open" if self.switches.client_reopens else self.status, "user")

    def agent_sets(self, status: str) -> None:
        if self.case_id and status != self.status:
            self._next()
            self._agent_leaves(status)

    def _agent_leaves(self, status: str) -> None:
        if status != "open":
            self.endings.append({_number(one.content) for one in self.thread})
        self._set(status, f"staff_{STAFF}")

    def _set(self, status: str, by: str) -> None:
        if status != self.status:
            self.status, self.updated = status, self.time
            self.closed = self.time if status == "closed" else 0.0
            self.history.append((self.time, by, status))

    # The module

    def poll(self) -> None:
        """The list of changed cases tells the case's status, and has its messages read."""
        self._saw()
        self.fetch()
        self.told_at = self.time

    def fetch(self) -> None:
        """A webhook has the messages read; it tells no status."""
        self.read = list(self.thread)

    def _saw(self) -> None:
        """An answer tells of the case."""
        if self.case_id:
            covered = self.status == "open" and self.link.client_at <= self.updated
            self.link = replace(
                self.link, seen_status=self.status, seen_at=self.updated, closed_at=self.closed,
                client_at=0.0 if covered else self.link.client_at,
            )  # fmt: skip

    def view(self) -> View:
        """What the module knows; all that there is, unless that lags behind."""
        if not self.lagging:
            self.poll()
        if self.link.own_end == ENDING:
            self.link = replace(self.link, own_end=self.ids)
        done = [one for one in self.links if one.state != "intent"]
        here = {(one.kind, one.ticket_message) for one in done}
        there = {one.external_message for one in done}
        read = [one for one in self.read if one.message_id not in there]
        return View(
            ticket=Ticket(TICKET, "s", 3, self.state, CLIENT, 28, self._assignments()),
            link=self.link,
            messages=tuple(one for one in self.messages if ("message", one.id) not in here),
            notes=tuple(one for one in self.notes if ("note", one.id) not in here),
            openers=tuple(one for one in done if one.case_id == self.case_id and not one.external_message),
            replies=tuple(read),
            read_up_to=self.updated if not self.lagging else 0.0,
            read_covers=self.time,
            case_is_fresh=self.time - self.told_at < 5 or not self.lagging,
            history=self.history_read,
        )

    def _assignments(self) -> tuple[Assignment, ...]:
        return (Assignment(1, ANNA.user, 29),) if self.state == "open" else ()

    def plan(self) -> list[do.Action]:
        return plan(self.view(), POLICY)

    def settle(self, rounds: int = 10) -> int:
        """Plan and carry out until a plan is empty; after how many rounds it was."""
        self.history_read = None
        for number in range(rounds):
            actions = self.plan()
            if not actions:
                return number
            for action in actions:
                self.perform(action)
                self.done.append(action)
                if isinstance(action, do.CreateCase):
                    break
        raise AssertionError(f"not settling: {[action.title() for action in self.plan()]}")

    def work(self, dies_after: int) -> None:
        """A run that dies after so many actions."""
        self.history_read = None
        for action in self.plan()[:dies_after]:
            self.perform(action)
            if isinstance(action, do.CreateCase):
                return

    def rest(self) -> None:
        """Polls and runs until everything is known and done."""
        for _ in range(3):
            self.poll()
            self.settle()

    def _linked(self, kind: str, direction: str, here: int, there: int, staff: bool = False) -> None:
        id = len(self.links) + 1
        self.links.append(MessageLink(id, TICKET, kind, direction, "done", here, self.case_id, there, staff=staff))

    def perform(self, action: do.Action) -> None:
        """What carrying out an action does to both sides and to the links."""
        match action:
            case do.CreateCase():
                self._create(action)
            case do.SendMessage() | do.SendNote():
                self._send(action)
            case do.DeliverReply() | do.DeliverNote() | do.DeliverClientMessage():
                self._deliver(action)
            case do.UpdateCase():
                self._update(action.status)
            case do.EndAssignment():
                self._ends(had=True)
            case do.Reopen():
                self.state = "open"
            case _:
                self._remember(action)

    def _remember(self, action: do.Action) -> None:
        match action:
            case do.Agree(ticket=ticket, case=case):
                self.link = replace(self.link, ticket_status=ticket, case_status=case, agreed_at=self.link.seen_at)
                settled: dict[str, Any] = {"own_end": 0} if ticket == "open" else {"client_at": 0.0}
                if ticket == "open" and self.link.seen_status == "open" and self.link.client_at < self.link.seen_at:
                    settled["client_at"] = 0.0
                self.link = replace(self.link, taken_end=0, **settled)
            case do.Learn():
                at = self.links.index(action.link)
                self.links[at] = replace(action.link, external_message=action.message_id)
            case do.MarkRead():
                self.link = replace(self.link, read_at=action.updated_at, unread=False)
            case do.Skip():
                self._linked("message", "in", 0, action.message_id)
            case do.ReadCase():
                self.poll()  # what it shows to be new is read as well
            case do.ReadHistory():
                self._read_history()
            case _:
                raise AssertionError(action)

    def _read_history(self) -> None:
        self.history_read = tuple(StatusChange(at, by, status) for at, by, status in self.history)

    def _update(self, status: str) -> None:
        self._next()
        self._set(status, f"staff_{STAFF}")
        self._saw()
        self.told_at = self.time
        self.link = replace(self.link, case_status=status, own_write_at=self.updated, own_status_at=self.updated)

    def _ends(self, had: bool) -> None:
        """A call that ends the ticket, and whatever happens in the middle of it."""
        before, known = self.ids, self.link.own_end
        act, self.meanwhile = self.meanwhile, None
        if act is not None:
            act()
        self.state = "waiting"
        raced = any(id > before for id in self.client_ids)
        self.link = replace(self.link, own_end=self.ids if had or raced else known)

    def _create(self, action: do.CreateCase) -> None:
        id = self._next()
        self.case_id, self.status, self.updated = 900_000 + id, action.status, self.time
        self.closed = self.time if action.status == "closed" else 0.0
        text = action.message.text
        self.thread.append(Message(id, EXTERNAL_CLIENT, 0, text, "", False, False, self.time))
        self.links.append(
            MessageLink(
                len(self.links) + 1,
                TICKET,
                "message",
                "out",
                "done",
                action.message.id,
                self.case_id,
                digest=digest(text),
            )
        )
        self.link = replace(
            self.link, case_id=self.case_id, external_user=EXTERNAL_CLIENT, client_user=CLIENT.user,
            ticket_status=self.status, case_status=self.status, seen_status=self.status, seen_at=self.time,
            own_write_at=self.time, closed_at=self.closed, client_at=0.0, client_message=action.message.id,
        )  # fmt: skip

    def _send(self, action: do.SendMessage | do.SendNote) -> None:
        id = self._next()
        note = isinstance(action, do.SendNote)
        what = action.note if isinstance(action, do.SendNote) else action.message
        staff = not what.author.is_client
        author = (0, STAFF) if staff else (EXTERNAL_CLIENT, 0)
        self.thread.append(Message(id, *author, what.text, "", note, False, self.time))
        self.updated = self.time
        if not note and (self.switches.reply_sets_waiting if staff else self.switches.client_reopens):
            self._set("waiting" if staff else "open", f"staff_{STAFF}" if staff else "user")
        self._linked("note" if note else "message", "out", what.id, id, staff)
        self.link = replace(self.link, own_write_at=self.time, unread=True)
        if not note:
            own = (*self.link.own_messages, OwnMessage(id, self.time, STAFF if staff else 0))[-8:]
            self.link = replace(self.link, own_message_at=self.time, own_messages=own)
        if staff and not note:
            self.link = replace(self.link, own_reply_at=self.time)
        elif not note:
            self.link = replace(self.link, own_client_at=self.time)
            self._client_wrote(self.time, what.id, id)

    def _client_wrote(self, at: float, message: int = 0, external: int = 0) -> None:
        link = self.link
        self.link = replace(
            link,
            client_at=max(link.client_at, at),
            client_message=max(link.client_message, message),
            client_external=max(link.client_external, external),
        )

    def _deliver(self, action: do.DeliverReply | do.DeliverNote | do.DeliverClientMessage) -> None:
        reply, had = action.reply, self.state == "open"
        if isinstance(action, do.DeliverClientMessage):
            self.link = replace(self.link, ticket_status="open")
            self._client_wrote(reply.created_at, external=reply.message_id)
            self.state, ends = "open", False
        else:
            ends = action.end or (not had and isinstance(action, do.DeliverNote))
            if not had:
                self.link = replace(self.link, taken_end=self.ids)  # whoever writes takes the ticket first
            self.state = "open"
        if ends:
            self._ends(had)
        id = self._next()
        if isinstance(action, do.DeliverNote):
            self.notes.append(TicketNote(id, TICKET, ANNA, reply.content, self.time))
        else:
            author = CLIENT if isinstance(action, do.DeliverClientMessage) else ANNA
            self.messages.append(TicketMessage(id, TICKET, author, reply.content, self.time))
        self._linked("note" if reply.note else "message", "in", id, reply.message_id, bool(reply.staff_id))
        if isinstance(action, do.DeliverClientMessage):
            self._client_wrote(0.0, id)
        elif is_answer(reply) and comes_after_the_client(reply, self.link.client_at, self.link.client_external):
            self.link = replace(self.link, client_at=0.0)

    # What must be true

    def both_texts(self) -> tuple[list[str], list[str]]:
        """The texts of each side, sorted: they are the same when everything is on both sides once."""
        here = [one.text for one in self.messages] + [one.text for one in self.notes]
        return sorted(here), sorted(one.content for one in self.thread)

    def client_waits(self) -> bool:
        """Whether the client's last message is one that nobody of staff had before him when ending the ticket.

        Made from what people did alone: the module has no part in it.
        """
        last = max(self.client_ids, default=0)
        return bool(last) and not any(last in seen for seen in self.endings)


def _number(text: str) -> int:
    return int(text.removeprefix("text "))
