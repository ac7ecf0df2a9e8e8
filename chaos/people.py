"""What people do in a story; whatever is said is remembered, to be looked for on the other side."""

from __future__ import annotations

from chaos.stage import Said, Stage
from sandbox.demo.sides import omnidesk_side

File = tuple[str, bytes]
LEVELS = {1: "low", 2: "low", 3: "middle", 4: "high", 5: "high"}


class People:
    """The acts of one story, mostly in its newest ticket. Each takes a second."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.world = stage.world
        self.panel, self.desk = stage.panel, stage.desk

    @property
    def ticket(self) -> int:
        """The newest ticket."""
        return self.stage.script.tickets[-1]

    @property
    def case(self) -> int:
        """Its newest case."""
        return self.stage.links.cases(self.ticket)[-1]

    def _said(self, side: str, kind: str, id: int, stays: bool = False) -> int:
        self.stage.tick()
        self.stage.script.said.append(Said(side, kind, self.ticket, id))
        if stays:
            self.stage.script.staying.add(id)
        return id

    def wants(self, ticket: str, case: str = "") -> None:
        """The states that both sides must be in at the end."""
        self.stage.script.statuses[self.ticket] = (ticket, case or ticket)

    # BILLmanager

    def opens(self, text: str, files: tuple[File, ...] = (), user: int = 0) -> int:
        """A client's new ticket."""
        user = user or self.world.ivan.user
        ticket = self.panel.client_creates_ticket(user, f"О том, что {text}", text, files)
        self.stage.script.tickets.append(ticket)
        self._said("B", "message", self.panel.newest_message(ticket, user))
        return ticket

    def linked(self, text: str = "Сайт не открывается") -> int:
        """A client's new ticket whose case is there."""
        ticket = self.opens(text)
        self.stage.settle()
        return ticket

    def client(self, text: str, files: tuple[File, ...] = (), *, second: bool = False) -> int:
        """The client (or his second user) writes."""
        user = self.world.ivan.users[1 if second else 0]
        return self._said("B", "message", self.panel.client_writes(user, self.ticket, text, files))

    def staff(self, text: str, *, close: bool, who: int = 0, files: tuple[File, ...] = ()) -> int:
        """An employee (Anna, who is on both sides) replies in BILLmanager."""
        who = who or self.world.anna
        return self._said("B", "message", self.panel.employee_replies(who, self.ticket, text, close, files))

    def note(self, text: str, who: int = 0, *, stays: bool = False) -> int:
        """An employee writes a note in BILLmanager."""
        return self._said("B", "note", self.panel.employee_notes(who or self.world.anna, self.ticket, text), stays)

    def ends(self) -> None:
        """Anna ends her assignment without a word."""
        self.panel.employee_closes(self.world.anna, self.ticket)
        self.stage.tick()

    def archives(self) -> None:
        """The client archives the ticket."""
        self.panel.client_archives(self.ticket)
        self.stage.tick()

    def rates(self, message: int, stars: int, *, counts: bool = True) -> None:
        """The client rates a message; ``counts``: it is one that can be rated."""
        self.panel.client_rates(message, stars)
        if counts:
            self.stage.script.levels[message] = LEVELS[stars]
        self.stage.tick()

    def renames_client(self) -> None:
        """The client's data change: name and a value that a custom field shows."""
        user = self.world.ivan.user
        self.panel.execute("UPDATE user SET realname = 'Иван Сидоров', phone = '+7 999' WHERE id = %s", user)
        self.stage.tick()

    def renames_ticket(self) -> None:
        """The ticket's subject changes, which a custom field shows."""
        self.panel.execute("UPDATE ticket SET name = 'Другая тема' WHERE id = %s", self.ticket)
        self.stage.tick()

    # Omnidesk

    def agent(
        self, text: str, *, status: str | None = None, who: int = 0, files: tuple[tuple[str, str, bytes], ...] = ()
    ) -> int:
        """An employee (Anna) replies in Omnidesk."""
        who = who or self.world.anna_staff
        message = self.desk.agent_reply(self.case, who, text=text, status=status, attachments=files)
        return self._said("O", "message", message.message_id)

    def agent_note(self, text: str, who: int = 0, *, stays: bool = False) -> int:
        """An employee writes a note in Omnidesk."""
        message = self.desk.agent_note(self.case, who or self.world.anna_staff, text=text)
        return self._said("O", "note", message.message_id, stays)

    def edits(self, message: int, text: str) -> None:
        """An employee changes a message in Omnidesk that has been delivered."""
        self._is_told_of(message)
        self.desk.edit_message(self.case, message, text=text)
        self.stage.tick()

    def deletes(self, message: int) -> None:
        """An employee deletes a message in Omnidesk that has been delivered."""
        self._is_told_of(message)
        self.desk.delete_message(self.case, message)
        self.stage.tick()

    def _is_told_of(self, message: int) -> None:
        """The ticket keeps what was delivered; staff get a note of each change."""
        there = omnidesk_side(self.world, self.case).messages
        self.stage.script.former[message] = next(one for one in there if one.id == message)
        self.stage.script.changes[self.ticket] += 1

    def elsewhere(self, text: str) -> int:
        """The client writes into the case by another way than BILLmanager."""
        return self._said("O", "message", self.desk.client_message(self.case, text).message_id)

    def sets(self, status: str) -> None:
        """An employee chooses a status in Omnidesk."""
        self.desk.set_status(self.case, status, self.world.anna_staff)
        self.stage.tick()

    def webhooks_lost(self) -> None:
        """What Omnidesk wanted to tell does not arrive."""
        with self.desk.webhooks._changed:
            self.desk.webhooks._due.clear()
