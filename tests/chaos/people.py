"""What people do in a story; all of it is noted in the history that the judge reads."""

from __future__ import annotations

import dataclasses
import json

from tests.chaos.stage import Stage
from tests.judge.history import CLIENT, CaseCame, CaseWent, Changed, Decided, Kind, Opened, Rated, Said
from tests.judge.history import File as File


class People:
    """The acts of one story, mostly in its newest ticket. Each takes a second."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.world = stage.world
        self.panel, self.desk = stage.panel, stage.desk

    @property
    def ticket(self) -> int:
        """The newest ticket."""
        return self.stage.script.opened[-1].ticket

    @property
    def case(self) -> int:
        """Its case."""
        script = self.stage.script
        return self.stage.watch.case_of(script.history, script.opened[-1])

    def _note(self, act: Said | Decided | Rated | Changed | CaseWent | CaseCame) -> None:
        self.stage.script.history.acts.append(act)
        self.stage.tick()

    def _said_here(
        self, kind: Kind, id: int, author: int, text: str, files: tuple[File, ...] = (), sees: int = 0
    ) -> int:
        state = self.panel.ticket_state(self.ticket).state
        now = self.stage.clock.now
        notes = self.stage.watch.notes_here(self.ticket)
        self._note(Said(now, "B", kind, id, author, text, state, self.ticket, sees=sees, files=files, notes=notes))
        return id

    def _said_there(
        self, kind: Kind, id: int, author: int, text: str, files: tuple[File, ...] = (), sees: int = 0
    ) -> int:
        case = self.case
        now, status = self.stage.clock.now, self.desk.cases[case].status
        self._note(Said(now, "O", kind, id, author, text, status, case=case, sees=sees, files=files))
        return id

    def _decided_here(self, *, by_client: bool = False) -> None:
        state, sees = self.panel.ticket_state(self.ticket).state, self.stage.watch.sees_here(self.ticket)
        notes = self.stage.watch.notes_here(self.ticket)
        self._note(Decided(self.stage.clock.now, "B", state, self.ticket, 0, sees, by_client, notes=notes))

    def wants(self, ticket: str, case: str = "") -> None:
        """The states that both sides must be in at the end; the judge's model may allow more."""
        self.stage.script.statuses[self.ticket] = (ticket, case or ticket)

    def sets_up(
        self,
        *,
        notes: bool = True,
        edits: str = "off",
        assignee: bool = False,
        archive: bool = False,
        priority: bool = False,
    ) -> None:
        """The module's settings are changed before the story begins."""
        self.world.write_settings(
            SyncNotes="on" if notes else "off",
            OmnideskEdits=edits,
            SyncAssignee="on" if assignee else "off",
            SyncPriority="on" if priority else "off",
            StatusMap=f"ended:waiting archived:closed closed:{'archived' if archive else 'ended'}",
        )
        history = self.stage.script.history
        history.habits = dataclasses.replace(
            history.habits, notes=notes, edits=edits, assignee=assignee, priority=priority
        )

    def routes(self) -> None:
        """A routing table: the departments and their groups."""
        world = self.world
        self.groups = {world.department: self.desk.add_group("Первая"), world.billing: self.desk.add_group("Вторая")}
        rows = [{"department": department, "group": group} for department, group in self.groups.items()]
        (world.root / "etc" / "omnidesk" / "routing.json").write_text(json.dumps(rows), encoding="utf-8")

    def wants_at(self, department: int, group: int) -> None:
        """Where both sides must be at the end."""
        self.stage.script.places[self.ticket] = (department, group)

    # BILLmanager

    def opens(self, text: str, files: tuple[File, ...] = (), user: int = 0) -> int:
        """A client's new ticket."""
        client = self.world.petra if user == self.world.petra.user else self.world.ivan
        subject = f"О том, что {text}"
        ticket = self.panel.client_creates_ticket(client.user, subject, text, files)
        opened = Opened(self.stage.clock.now, ticket, client.account, subject)
        self.stage.script.opened.append(opened)
        self.stage.script.history.acts.append(opened)
        self._said_here("message", self.panel.newest_message(ticket, client.user), client.user, text, files)
        return ticket

    def linked(self, text: str = "Сайт не открывается") -> int:
        """A client's new ticket whose case is there."""
        ticket = self.opens(text)
        self.stage.settle()
        return ticket

    def client(self, text: str, files: tuple[File, ...] = (), *, second: bool = False) -> int:
        """The client (or his second user) writes."""
        user = self.world.ivan.users[1 if second else 0]
        return self._said_here("message", self.panel.client_writes(user, self.ticket, text, files), user, text, files)

    def staff(self, text: str, *, close: bool, who: int = 0, files: tuple[File, ...] = ()) -> int:
        """An employee (Anna, who is on both sides) replies in BILLmanager."""
        who, sees = who or self.world.anna, self.stage.watch.sees_here(self.ticket)
        message = self.panel.employee_replies(who, self.ticket, text, close, files)
        return self._said_here("message", message, who, text, files, sees)

    def note(self, text: str, who: int = 0, files: tuple[File, ...] = ()) -> int:
        """An employee writes a note in BILLmanager."""
        who = who or self.world.anna
        return self._said_here("note", self.panel.employee_notes(who, self.ticket, text, files), who, text, files)

    def ends(self) -> None:
        """Anna ends her assignment without a word."""
        self.panel.employee_closes(self.world.anna, self.ticket)
        self._decided_here()

    def takes(self) -> None:
        """Anna takes the ticket without a word."""
        self.panel.employee_takes(self.world.anna, self.ticket)
        self._decided_here()

    def raises(self, value: str) -> None:
        """Anna gives the ticket another priority, a value of the panel's."""
        self.panel.employee_prioritises(self.world.anna, self.ticket, value)
        self.stage.tick()

    def prioritises(self, level: str) -> None:
        """The case gets another priority in Omnidesk."""
        self.desk.prioritise(self.case, level)
        self.stage.tick()

    def assigns(self, staff: int) -> None:
        """The case is given to somebody in Omnidesk."""
        self.desk.assign(self.case, staff)
        self.stage.tick()

    def passes_on(self) -> None:
        """Boris passes the ticket on to the other department."""
        self.panel.reassign(self.ticket, f"d_{self.world.billing}", self.world.boris)
        self._decided_here()

    def moves(self, department: int) -> None:
        """Boris hands the ticket to a department."""
        self.panel.move_ticket(self.ticket, department, self.world.boris, lasting=True)
        self._decided_here()

    def archives(self) -> None:
        """The client archives the ticket."""
        self.panel.client_archives(self.ticket)
        self._decided_here(by_client=True)

    def rates(self, message: int, rating: str) -> None:
        """The client rates a message."""
        self.panel.client_rates(message, rating)
        self._note(Rated(self.stage.clock.now, self.ticket, message, rating))

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
        who, sees = who or self.world.anna_staff, self.stage.watch.sees_there(self.case)
        message = self.desk.agent_reply(self.case, who, text=text, status=status, attachments=files).message_id
        given = tuple((name, content) for name, _, content in files)
        return self._said_there("message", message, who, text, given, sees)

    def agent_note(self, text: str, who: int = 0) -> int:
        """An employee writes a note in Omnidesk."""
        who = who or self.world.anna_staff
        return self._said_there("note", self.desk.agent_note(self.case, who, text=text).message_id, who, text)

    def edits(self, message: int, text: str) -> None:
        """An employee changes a message in Omnidesk that has been delivered."""
        self.desk.edit_message(self.case, message, text=text)
        self._note(Changed(self.stage.clock.now, self.case, message, text))

    def deletes(self, message: int) -> None:
        """An employee deletes a message in Omnidesk that has been delivered."""
        self.desk.delete_message(self.case, message)
        self._note(Changed(self.stage.clock.now, self.case, message))

    def elsewhere(self, text: str) -> int:
        """The client writes into the case by another way than BILLmanager."""
        message = self.desk.client_message(self.case, text).message_id
        return self._said_there("message", message, CLIENT, text, sees=message)

    def sets(self, status: str) -> None:
        """An employee chooses a status in Omnidesk."""
        case = self.case
        self.desk.set_status(case, status, self.world.anna_staff)
        sees = self.stage.watch.sees_there(case)
        self._note(Decided(self.stage.clock.now, "O", status, case=case, sees=sees))

    def regroups(self, group: int) -> None:
        """An employee moves the case to another group."""
        self.desk.move(self.case, group, self.world.anna_staff)
        self.stage.tick()

    def trashes(self) -> int:
        """An employee puts the case into the trash; which."""
        case = self.case
        holds = self.stage.watch.sees_there(case)
        self.desk.trash(case)
        self._note(CaseWent(self.stage.clock.now, case, "trash", holds=holds))
        return case

    def restores(self, case: int) -> None:
        """And takes it out again."""
        self.desk.restore(case)
        self._note(CaseCame(self.stage.clock.now, case))

    def webhooks_lost(self) -> None:
        """What Omnidesk wanted to tell does not arrive."""
        with self.desk.webhooks._changed:
            self.desk.webhooks._due.clear()
