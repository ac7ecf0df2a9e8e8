"""Both products and the link tables as a few lists in memory: what the plan is made of and what carrying it out does.

No network, no database, no failures: what is tested with it is the plan alone. Time is a counter, a second an act.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from omnidesk import actions as do
from omnidesk.billing.objects import Assignment, Person, Ticket, TicketMessage, TicketNote
from omnidesk.helpdesk.objects import Message
from omnidesk.links.records import MessageLink, TicketLink
from omnidesk.plan import Policy, View, plan
from omnidesk.text import digest

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

    def __init__(self, switches: Switches | None = None) -> None:
        self.switches = switches or Switches()
        self.time = 1000.0
        self.ids = 0
        self.state = "open"
        self.messages: list[TicketMessage] = []
        self.notes: list[TicketNote] = []
        self.case_id = 0
        self.status = ""
        self.updated = 0.0
        self.thread: list[Message] = []
        self.link = TicketLink(TICKET)
        self.links: list[MessageLink] = []
        self.done: list[do.Action] = []

    def _next(self) -> int:
        self.time += 2
        self.ids += 1
        return self.ids

    # Acts of people

    def client_writes(self) -> None:
        id = self._next()
        self.messages.append(TicketMessage(id, TICKET, CLIENT, f"text {id}", self.time))
        self.state = "open"

    def employee_writes(self, close: bool) -> None:
        id = self._next()
        self.messages.append(TicketMessage(id, TICKET, ANNA, f"text {id}", self.time))
        self.state = "waiting" if close else "open"

    def employee_notes(self) -> None:
        id = self._next()
        self.notes.append(TicketNote(id, TICKET, ANNA, f"text {id}", self.time))
        self.state = "open"

    def set_state(self, state: str) -> None:
        self._next()
        self.state = state

    def agent_writes(self, note: bool = False, status: str = "") -> None:
        if self.case_id:
            id = self._next()
            self.thread.append(Message(id, 0, STAFF, f"text {id}", "", note, False, self.time))
            self.updated = self.time
            self._set(status or self.status)

    def client_writes_elsewhere(self) -> None:
        if self.case_id:
            id = self._next()
            self.thread.append(Message(id, EXTERNAL_CLIENT, 0, f"text {id}", "", False, False, self.time))
            self.updated = self.time
            self._set("open" if self.switches.client_reopens else self.status)

    def agent_sets(self, status: str) -> None:
        if self.case_id:
            self._next()
            self._set(status)

    def _set(self, status: str) -> None:
        if status != self.status:
            self.status, self.updated = status, self.time

    # The module

    def view(self) -> View:
        """All that there is, read in full, as after a poll and a webhook."""
        if self.case_id:
            self.link = replace(self.link, seen_status=self.status, seen_at=self.updated)
        done = [one for one in self.links if one.state != "intent"]
        here = {(one.kind, one.ticket_message) for one in done}
        there = {one.external_message for one in done}
        return View(
            ticket=Ticket(TICKET, "s", 3, self.state, CLIENT, 28, self._assignments()),
            link=self.link,
            messages=tuple(one for one in self.messages if ("message", one.id) not in here),
            notes=tuple(one for one in self.notes if ("note", one.id) not in here),
            openers=tuple(one for one in done if one.case_id == self.case_id and not one.external_message),
            replies=tuple(one for one in self.thread if one.message_id not in there),
            read_up_to=self.updated,
            read_covers=self.time,
        )

    def _assignments(self) -> tuple[Assignment, ...]:
        return (Assignment(1, ANNA.user, 29),) if self.state == "open" else ()

    def plan(self) -> list[do.Action]:
        return plan(self.view(), POLICY)

    def settle(self, rounds: int = 8) -> int:
        """Plan and carry out until a plan is empty; after how many rounds it was."""
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

    def _linked(self, kind: str, direction: str, here: int, there: int, staff: bool = False) -> None:
        id = len(self.links) + 1
        self.links.append(MessageLink(id, TICKET, kind, direction, "done", here, self.case_id, there, staff=staff))

    def perform(self, action: do.Action) -> None:
        """What carrying out an action does to both sides and to the links."""
        if isinstance(action, do.CreateCase):
            self._create(action)
        elif isinstance(action, (do.SendMessage, do.SendNote)):
            self._send(action)
        elif isinstance(action, (do.DeliverReply, do.DeliverClientMessage, do.DeliverNote)):
            self._deliver(action)
        elif isinstance(action, do.UpdateCase):
            self._next()
            self._set(action.status or self.status)
            self.link = replace(
                self.link, case_status=action.status or self.link.case_status, own_write_at=self.updated
            )
        elif isinstance(action, do.EndAssignment):
            self.state = "waiting"
        elif isinstance(action, do.Reopen):
            self.state = "open"
        elif isinstance(action, do.Agree):
            self.link = replace(self.link, ticket_status=action.ticket, case_status=action.case)
        elif isinstance(action, do.Learn):
            at = self.links.index(action.link)
            self.links[at] = replace(action.link, external_message=action.message_id)
        elif isinstance(action, do.MarkRead):
            self.link = replace(self.link, read_at=action.updated_at, unread=False)
        elif isinstance(action, do.Skip):
            self._linked("message", "in", 0, action.message_id)
        else:
            raise AssertionError(action)

    def _create(self, action: do.CreateCase) -> None:
        id = self._next()
        self.case_id, self.status, self.updated = 900_000 + id, action.status, self.time
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
            own_write_at=self.time,
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
            self._set("waiting" if staff else "open")
        self._linked("note" if note else "message", "out", what.id, id, staff)
        self.link = replace(self.link, own_write_at=self.time, own_message_at=self.time, unread=True)
        if staff:
            self.link = replace(self.link, own_reply_at=self.time)

    def _deliver(self, action: do.DeliverReply | do.DeliverNote | do.DeliverClientMessage) -> None:
        id = self._next()
        reply = action.reply
        client = isinstance(action, do.DeliverClientMessage)
        author = CLIENT if client else ANNA
        had = self.state == "open"
        if isinstance(action, do.DeliverNote):
            self.notes.append(TicketNote(id, TICKET, author, reply.content, self.time))
            self.state = "waiting" if action.end or not had else "open"
        else:
            self.messages.append(TicketMessage(id, TICKET, author, reply.content, self.time))
            self.state = "waiting" if isinstance(action, do.DeliverReply) and action.end else "open"
        if not client and not had:
            self.link = replace(self.link, ticket_status="open")  # whoever writes takes the ticket first
        self._linked("note" if reply.note else "message", "in", id, reply.message_id, not client)

    # What must be true

    def both_texts(self) -> tuple[list[str], list[str]]:
        """The texts of each side, sorted: they are the same when everything is on both sides once."""
        here = [one.text for one in self.messages] + [one.text for one in self.notes]
        return sorted(here), sorted(one.content for one in self.thread)
