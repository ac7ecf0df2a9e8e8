"""The acts of a random play. Each takes plain numbers and texts, so that hypothesis and a walk share them."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from sandbox.billmanager.schema import PRIORITY_VALUES
from sandbox.billmanager.views import Message
from tests.judge.history import (
    CLIENT,
    Act,
    CaseWent,
    Changed,
    Decided,
    Disturbed,
    Filled,
    Kind,
    Moved,
    Opened,
    Rated,
    Said,
)
from tests.judge.places import Place
from tests.stateful.stage import Fuse, Stage

T = TypeVar("T")

# The two sides never say the same: with faults about, two equal texts by one person from two sides at one moment are
# not told apart by anybody.
CLIENT_TEXTS = ("привет", "ок", "Спасибо!", "👍", "\u200b", "مرحبا بالعالم", "> цитата\n\n*важно*", "a\x07b & <b>c</b>",
                "строка\r\nвторая", "шалом \u202eשלום\u202c", "х" * 3000)  # fmt: skip
STAFF_TEXTS = ("сделано", "ждём", "**жирно**", "https://example.com/?a=1&b=2", "👩‍🔧 чиним", "1. раз\n2. два", "&amp;")
AGENT_TEXTS = ("Добрый день!", "готово", "🙂", "\u2060", "שלום", "a < b && c > d", "строка\nещё", "ж" * 3000)
MAILED_TEXTS = ("почтой: привет", "почтой: 🙂")
SUBJECTS = ("Сайт не открывается", "", "🔥", "т" * 1000, "   ", "سؤال")
HOOKS = ("now", "now", "lost", "twice", "late")
EVENTS = ("arrives", "arrives", "lost", "doubled")
MINUTE, MINUTES = 60.0, 4
MOST_TICKETS = 7  # after which no split makes a further one
STATUSES = (None, "open", "waiting", "closed")


@dataclass
class Play:
    """The means to act. Everything that is done is noted in the stage's history."""

    stage: Stage
    tickets: list[int] = field(default_factory=list)
    opened: dict[int, Opened] = field(default_factory=dict)
    edits: int = 0
    started: dict[str, int] = field(default_factory=dict)  # cases that staff opened: subject -> account

    def __post_init__(self) -> None:
        self.clients = (*self.stage.ivan.users, self.stage.petra.user)
        self.employees = (self.stage.anna, self.stage.boris)
        self.agents = (self.stage.anna_staff, self.stage.vera_staff, self.stage.integration_staff)

    # Helpers

    def ticket(self, number: int) -> int:
        return self.tickets[number % len(self.tickets)] if self.tickets else 0

    def case(self, number: int) -> int:
        """A case that somebody can act in: the ticket's newest, if it is there and alive."""
        ticket = self.ticket(number)
        return self.stage.watch.case_of(self.stage.history, self.opened[ticket]) if ticket else 0

    def cases(self, ticket: int) -> list[int]:
        """Every case a ticket has had, oldest first."""
        return self.stage.cases(ticket) if ticket else []

    def tell(self, text: str) -> None:
        self.stage.log.append(f"{self.stage.clock():.2f} {text}")

    def note(self, act: Act, text: str) -> None:
        """Remember an act and let it take a moment."""
        self.stage.history.acts.append(act)
        self.tell(text)
        self.stage.tick()

    def disturbed(self, what: str) -> None:
        """Something that may come between what the module reads and what it writes."""
        self.stage.history.acts.append(Disturbed(self.stage.now(), what))

    def in_panel(self, event: str, act: Callable[[], T]) -> T:
        """Carry out something in BILLmanager, its event arriving, lost or doubled."""
        self.stage.event_mode = event
        fuse, self.stage.fuse = self.stage.fuse, None
        try:
            return act()
        finally:
            self.stage.event_mode = "arrives"
            self.stage.fuse = fuse

    def state(self, ticket: int) -> str:
        return self.stage.panel.ticket_state(ticket).state

    def status(self, case: int) -> str:
        return self.stage.desk.cases[case].status

    def hooks(self, mode: str) -> None:
        """What becomes of the webhook that is due next."""
        faults = self.stage.desk.webhooks.faults
        if mode == "lost":
            faults.lose_next = 1
        elif mode == "twice":
            faults.double_next = 1

    def delivered(self, mode: str) -> None:
        faults = self.stage.desk.webhooks.faults
        faults.lose_next = faults.double_next = 0
        if mode in ("now", "twice"):
            self.stage.deliver_webhooks()

    # BILLmanager

    def said_here(self, ticket: int, kind: Kind, id: int, author: int, text: str, sees: int, how: str) -> None:
        watch, state = self.stage.watch, self.state(ticket)
        fresh, notes = watch.fresh_here(ticket), watch.notes_here(ticket)
        act = Said(self.stage.now(), "B", kind, id, author, text, state, ticket, sees=sees, fresh=fresh, notes=notes)
        self.note(act, f"{author} writes {kind} {id} in {ticket}: {text[:30]!r} {how}")

    def decided_here(self, ticket: int, sees: int, how: str, *, by_client: bool = False) -> None:
        watch, state = self.stage.watch, self.state(ticket)
        fresh, notes = watch.fresh_here(ticket), watch.notes_here(ticket)
        act = Decided(self.stage.now(), "B", state, ticket, 0, sees, by_client, fresh, notes)
        self.note(act, f"{how} {ticket}: it is {act.after}")

    def client_creates(self, who: int, subject: str, text: str, event: str) -> None:
        user = self.clients[who % len(self.clients)]
        panel = self.stage.panel
        subject = self.distinct(subject)
        ticket = self.in_panel(event, lambda: panel.client_creates_ticket(user, subject, text))
        account = self.stage.ivan.account if user in self.stage.ivan.users else self.stage.petra.account
        self.tickets.append(ticket)
        self.opened[ticket] = Opened(self.stage.now(), ticket, account, subject)
        self.stage.history.acts.append(self.opened[ticket])
        self.said_here(ticket, "message", panel.newest_message(ticket, user), user, text, 0, f"creating it, {event}")

    def distinct(self, subject: str) -> str:
        """Cases are told apart by their subjects."""
        return f"Тема {len(self.tickets) + len(self.started) + 1}: {subject}" if subject.strip() else subject

    def agent_starts(self, who: int, text: str, hook: str) -> None:
        """An agent writes first to a client whom Omnidesk knows; a ticket is to come of it."""
        desk, client, staff = self.stage.desk, self.clients[who % len(self.clients)], self.agents[who % 3]
        user = desk.find_user("custom", str(client))
        if user is None or not text.strip():
            return
        subject = self.distinct("от сотрудника")
        self.started[subject] = self.stage.ivan.account if client in self.stage.ivan.users else self.stage.petra.account
        self.hooks(hook)
        case = desk.agent_case(user.user_id, subject, f"<p>{html.escape(text)}</p>", staff).case_id
        self.delivered(hook)
        self.said_there(case, "message", max(desk.threads[case]), staff, text, 0, f"opening it (webhook {hook})")

    def look_for_started(self) -> None:
        """Tickets that have come of such cases: from now on anybody may act in them."""
        for subject, account in list(self.started.items()):
            rows = self.stage.panel.query("SELECT id FROM ticket WHERE name = %s ORDER BY id LIMIT 1", subject)
            for row in rows:
                ticket = int(row["id"])
                del self.started[subject]
                self.tickets.append(ticket)
                self.opened[ticket] = Opened(self.stage.now(), ticket, account, subject, by_staff=True)
                self.stage.history.acts.append(self.opened[ticket])

    def client_writes(self, number: int, second: bool, text: str, event: str) -> None:
        ticket = self.ticket(number)
        if not ticket or (self.state(ticket) == "closed" and not self.stage.panel.options.archived_takes_messages):
            return
        users = self.owners(ticket)
        user = users[-1] if second else users[0]
        message = self.in_panel(event, lambda: self.stage.panel.client_writes(user, ticket, text))
        self.said_here(ticket, "message", message, user, text, message, f"(event {event})")

    def owners(self, ticket: int) -> tuple[int, ...]:
        ivan = self.stage.ivan
        return ivan.users if self.opened[ticket].account == ivan.account else self.stage.petra.users

    def employee_replies(self, number: int, who: int, text: str, close: bool, event: str) -> None:
        ticket, employee = self.ticket(number), self.employees[who % 2]
        if not ticket:
            return
        sees = self.stage.watch.sees_here(ticket)
        message = self.in_panel(event, lambda: self.stage.panel.employee_replies(employee, ticket, text, close))
        self.said_here(ticket, "message", message, employee, text, sees, f"close={close} (event {event})")

    def employee_takes(self, number: int, who: int, event: str) -> None:
        ticket, employee = self.ticket(number), self.employees[who % 2]
        if ticket:
            self.in_panel(event, lambda: self.stage.panel.employee_takes(employee, ticket))
            self.decided_here(ticket, self.stage.watch.sees_here(ticket), f"{employee} takes (event {event})")

    def employee_prioritises(self, number: int, which: int, event: str) -> None:
        """Another priority of an open ticket; no event of a form has to take it first."""
        ticket, panel = self.ticket(number), self.stage.panel
        values = PRIORITY_VALUES[panel.schema.priority_values][1]
        if ticket and self.state(ticket) == "open" and panel.options.priority_by != "ticket.edit":
            value = values[which % len(values)]
            self.in_panel(event, lambda: panel.employee_prioritises(self.stage.anna, ticket, value))
            self.tell(f"{ticket} is made {value} (event {event})")
            self.stage.tick()

    def employee_passes(self, number: int, whom: int, event: str) -> None:
        """Whoever has the ticket passes it on to another employee or a department; it stays open."""
        ticket, stage = self.ticket(number), self.stage
        rows = stage.panel.query("SELECT id FROM ticket2user WHERE ticket = %s ORDER BY id DESC LIMIT 1", ticket)
        if not rows or not stage.panel.options.moves_assignments:
            return
        target = (f"e_{stage.anna}", f"e_{stage.boris}", f"d_{stage.support}", f"d_{stage.billing}")[whom % 4]
        params = {"elid": rows[0]["id"], "plid": ticket, "set_responsible": target, "sok": "ok"}
        self.in_panel(event, lambda: stage.panel.call("support_tool_responsible", params, stage.boris))
        self.decided_here(ticket, stage.watch.sees_here(ticket), f"passed to {target} (event {event})")

    def employee_ends(self, number: int, who: int, event: str) -> None:
        """Whoever has the ticket (``who`` takes it first) is done, without a word."""
        ticket, employee = self.ticket(number), self.employees[who % 2]
        if ticket:
            self.in_panel(event, lambda: self.stage.panel.employee_closes(employee, ticket))
            if self.state(ticket) == "open":  # somebody else has it as well, so nothing is decided
                self.tell(f"{employee} ends (event {event}) {ticket}: others have it")
                self.stage.tick()
                return
            self.decided_here(ticket, self.stage.watch.sees_here(ticket), f"{employee} ends (event {event})")

    def employee_notes(self, number: int, who: int, text: str, event: str) -> None:
        ticket, employee = self.ticket(number), self.employees[who % 2]
        if not ticket:
            return
        note = self.in_panel(event, lambda: self.stage.panel.employee_notes(employee, ticket, text))
        self.said_here(ticket, "note", note, employee, text, 0, f"(event {event})")

    def client_archives(self, number: int, event: str) -> None:
        ticket, options = self.ticket(number), self.stage.panel.options
        if ticket and (options.archives_assigned or self.state(ticket) != "open"):
            self.in_panel(event, lambda: self.stage.panel.client_archives(ticket))
            sees = self.stage.watch.sees_here(ticket)
            self.decided_here(ticket, sees, f"client archives (event {event})", by_client=True)

    def panel_archives(self) -> None:
        """What nobody has and nobody wrote in for long goes to the archive, if this panel does that."""
        for ticket in self.stage.panel.archive_inactive():
            self.decided_here(ticket, self.stage.watch.sees_here(ticket), "the panel archives", by_client=True)

    def messages_move(self, number: int, which: int, other: int) -> None:
        """A ticket is split: later messages go to a new ticket, or into another one of the same account. What it began
        with stays (seen: the new discussion begins with a later message)."""
        ticket, into, panel = self.ticket(number), self.ticket(other), self.stage.panel
        people = [one.id for one in panel.messages(ticket) if not one.system][1:] if ticket else []
        if not people:
            return
        opened, first = self.opened[ticket], people[which % len(people)]
        new = into == ticket or self.opened[into].account != opened.account
        if new and len(self.tickets) >= MOST_TICKETS:
            return
        rows = tuple(self._row(ticket, one) for one in panel.messages(ticket) if one.id >= first)
        into = self.in_panel("arrives", lambda: panel.split_ticket(ticket, first, 0 if new else into))
        if new:
            subject = self.distinct(opened.subject.partition(": ")[2] or opened.subject)
            panel.execute("UPDATE ticket SET name = %s WHERE id = %s", subject, into)
            self.tickets.append(into)
            self.opened[into] = Opened(self.stage.now(), into, opened.account, subject)
            self.stage.history.acts.append(self.opened[into])
        moved = Moved(self.stage.now(), ticket, into, rows, new)
        self.note(moved, f"messages {[one.id for one in rows]} of {ticket} move to {'new ' * new}{into}")

    def _row(self, ticket: int, one: Message) -> Said:
        kind: Kind = "note" if one.system else "message"
        files = tuple((file.name, file.content) for file in one.files)
        author = self.stage.integration if one.system else one.user or 0
        return Said(self.stage.now(), "B", kind, one.id, author, one.text, "", ticket, files=files)

    def client_rates(self, number: int, which: int, rating: str, event: str) -> None:
        ticket = self.ticket(number)
        messages = [one for one in self.stage.panel.messages(ticket) if one.staff] if ticket else []
        if not messages:
            return
        message = messages[which % len(messages)].id
        again = any(isinstance(act, Rated) and act.message == message for act in self.stage.history.acts)
        if again and not self.stage.rates_in_words:
            # The client area offers no second rating (seen). If its event were lost, its number would look like the
            # first one's in a panel that stores them the other way round.
            return
        self.in_panel(event, lambda: self.stage.panel.client_rates(message, rating))
        act = Rated(self.stage.now(), ticket, message, rating)
        self.note(act, f"client rates {message} in {ticket}: {rating} (event {event})")

    # Omnidesk

    def said_there(
        self, case: int, kind: Kind, id: int, author: int, text: str, sees: int, how: str, before: str = ""
    ) -> None:
        """``before``: the case's status before it, if leaving it decides nothing."""
        fresh = self.stage.watch.fresh_there(case)
        after = self.status(case) if self.status(case) != before else ""
        act = Said(self.stage.now(), "O", kind, id, author, text, after, 0, case, sees, fresh=fresh)
        self.note(act, f"agent {author} writes {kind} {id} in {case}: {text[:30]!r} {how}")

    def agent_replies(self, number: int, who: int, text: str, status: str | None, hook: str) -> None:
        case, staff = self.case(number), self.agents[who % 3]
        if not case:
            return
        if self._looks_like_ours(case, status, staff):
            self.tell(f"agent {staff} writes nothing in {case}")
            return
        sees = self.stage.watch.sees_there(case)
        self.hooks(hook)
        if status == "closed":
            self.fields_filled(case)
        markup = "".join(f"<p>{html.escape(line)}</p>" for line in text.split("\n")) or "<p></p>"
        message = self.stage.desk.agent_reply(case, staff, html=markup, status=status)
        self.delivered(hook)
        self.said_there(case, "message", message.message_id, staff, text, sees, f"{status} (webhook {hook})")

    def agent_notes(self, number: int, who: int, text: str, hook: str) -> None:
        """Whoever reads a note cannot see whether its author agrees with the status that the case has."""
        case, staff = self.case(number), self.agents[who % 3]
        if not case:
            return
        before = self.status(case)
        self.hooks(hook)
        message = self.stage.desk.agent_note(case, staff, html=f"<p>{html.escape(text)}</p>")
        self.delivered(hook)
        self.said_there(case, "note", message.message_id, staff, text, 0, f"(webhook {hook})", before)

    def agent_edits(self, number: int, which: int, new: bool) -> None:
        """An agent changes a message or note that somebody wrote in Omnidesk: into something new, or back to what it
        said at first. No webhook tells of it."""
        case = self.case(number)
        some = [one for one in self._written_in(case) if one.text.strip()] if case else []
        if not some:
            return
        said = some[which % len(some)]
        self.edits += 1
        text = f"правка {self.edits}" if new else said.text
        markup = "".join(f"<p>{html.escape(line)}</p>" for line in text.split("\n"))
        self.stage.desk.edit_message(case, said.id, html=markup)
        self.note(Changed(self.stage.now(), case, said.id, text), f"agent edits {said.id} in {case}: {text[:30]!r}")

    def agent_deletes(self, number: int, which: int) -> None:
        """An agent deletes what was delivered when both sides were equal last."""
        case, rests = self.case(number), self.stage.history.rests()
        some = [one for one in self._written_in(case) if rests and one.at < rests[-1].at] if case else []
        if some:
            said = some[which % len(some)]
            self.stage.desk.delete_message(case, said.id)
            self.note(Changed(self.stage.now(), case, said.id), f"agent deletes {said.id} in {case}")

    def _written_in(self, case: int) -> list[Said]:
        """What was written in a case and is there, by people of Omnidesk."""
        thread = self.stage.desk.threads[case]
        return [one for one in self.stage.history.said("O") if one.case == case and one.id in thread]

    def client_mails(self, number: int, text: str) -> None:
        """A client writes to Omnidesk by another way; no webhook tells of it (documented: staff messages only)."""
        case = self.case(number)
        if case:
            message = self.stage.desk.client_message(case, text).message_id
            self.said_there(case, "message", message, CLIENT, text, message, "by mail")

    def agent_sets(self, number: int, status: str) -> None:
        """No webhook tells of a status. Choosing the one that the case has leaves no trace, so nothing was decided."""
        case = self.case(number)
        if case and (self.status(case) == status or self._looks_like_ours(case, status, self.agents[0])):
            self.tell(f"agent leaves {case} {status}")
        elif case:
            sees = self.stage.watch.sees_there(case)
            if status == "closed":
                self.fields_filled(case)
            self.stage.desk.set_status(case, status, self.agents[0])
            fresh = self.stage.watch.fresh_there(case)
            act = Decided(self.stage.now(), "O", status, case=case, sees=sees, fresh=fresh)
            self.note(act, f"agent sets {case} to {status}")

    def agent_assigns(self, number: int, whom: int) -> None:
        """The case is given to one of Omnidesk's staff, or to nobody; no webhook tells of it."""
        case, staff = self.case(number), (*self.agents, 0)[whom % 4]
        if case:
            self.stage.desk.assign(case, staff)
            self.tell(f"agent gives {case} to {staff}")
            self.stage.tick()

    def agent_prioritises(self, number: int, which: int) -> None:
        case, level = self.case(number), ("low", "normal", "high", "critical")[which % 4]
        if case:
            self.stage.desk.prioritise(case, level)
            self.tell(f"agent makes {case} {level}")
            self.stage.tick()

    def _looks_like_ours(self, case: int, status: str | None, staff: int) -> bool:
        """Whether a reply from BILLmanager has just come, by this employee or, if his is the API key, by anybody: an
        account may set the case waiting with it, and its history would not tell his choice of that second from that."""
        fresh = self.stage.watch.fresh_there(case)
        authors = {one.staff_id for id, one in self.stage.desk.threads[case].items() if fresh and id >= fresh} - {0}
        return status == "waiting" and (
            staff in authors or (bool(authors) and staff == self.stage.desk.integration.staff_id)
        )

    def agent_fills(self, number: int) -> None:
        """What the account requires at closing is filled in; no webhook tells of it."""
        case = self.case(number)
        if case and self.fields_filled(case):
            self.tell(f"agent fills in the fields of {case}")
            self.stage.tick()

    def fields_filled(self, case: int) -> bool:
        """Omnidesk's page lets nobody close a case without them."""
        required = self.stage.desk.settings.required_at_closing
        if required:
            self.stage.desk.set_fields(case, dict.fromkeys(required, "решено"), staff_id=self.agents[0])
            self.stage.history.acts.append(Filled(self.stage.now(), case))
        return bool(required)

    def case_goes(self, number: int, how: str, other: int) -> None:
        """Into the trash or spam, deleted for good, or merged with another ticket's case (of the same account)."""
        case, target = self.case(number), self.case(other)
        if not case or (how == "merge" and (target in (0, case))):
            return
        holds, fresh = self.stage.watch.sees_there(case), self.stage.watch.fresh_there(case)
        if how == "merge":
            self.stage.desk.merge(case, target, self.agents[0])
        elif how == "delete":
            self.stage.watch.about_to_delete(case)
            self.stage.desk.delete(case)
        else:
            (self.stage.desk.trash if how == "trash" else self.stage.desk.spam)(case)
        if how == "merge" and self.stage.places is not None:
            self.stage.places.apart |= {self.ticket(number), self.ticket(other)}
        into = target if how == "merge" else 0
        self.note(CaseWent(self.stage.now(), case, how, into, holds, fresh), f"case {case}: {how} {into or ''}")

    # Departments and groups

    def ticket_moves(self, number: int, which: int, event: str) -> None:
        """An employee hands the ticket to a department, whose it is from then on."""
        ticket, places = self.ticket(number), self.stage.places
        if not ticket or places is None or self.state(ticket) == "closed":
            return
        if not self.stage.panel.options.moves_assignments:
            return
        department = (self.stage.support, self.stage.billing)[which % 2]
        panel, sees = self.stage.panel, self.stage.watch.sees_here(ticket)
        self.in_panel(event, lambda: panel.move_ticket(ticket, department, self.stage.boris, lasting=True))
        places.ticket_moved(ticket)
        self.decided_here(ticket, sees, f"to department {department} (event {event})")

    def case_moves(self, number: int, which: int) -> None:
        """An agent moves the case to another group; no webhook tells of it."""
        case, places = self.case(number), self.stage.places
        if not case or places is None:
            return
        groups = sorted(self.stage.desk.groups)
        group = groups[which % len(groups)]
        self.stage.desk.move(case, group, self.agents[0])
        places.case_moved(self.ticket(number), group)
        self.tell(f"agent moves {case} to group {group}")
        self.stage.tick()

    def placed(self) -> dict[int, Place]:
        """Where every ticket that has a living case is, and its case."""
        found = {}
        for number, ticket in enumerate(self.tickets):
            case = self.case(number)
            rows = self.stage.panel.query(
                "SELECT x.user FROM ticket2user x JOIN user u ON u.id = x.user AND u.level = 28 WHERE x.ticket = %s",
                ticket,
            )
            if case:
                department = int(rows[0]["user"]) if len(rows) == 1 else 0
                found[ticket] = Place(department, case, self.stage.desk.cases[case].group_id)
        return found

    # Events, time and trouble

    def late_webhooks(self, order: str) -> None:
        """What was held back comes at last, in whatever order; the spool keeps one event a case anyway."""
        webhooks = self.stage.desk.webhooks
        webhooks.hold()
        webhooks.release(order)
        self.stage.deliver_webhooks()
        self.tell(f"late webhooks ({order})")

    def time_passes(self, seconds: float, *, at_work: bool = False) -> None:
        """``at_work``: the module's timer starts a pass every minute of it, the first few and the last."""
        self.tell(f"{seconds:.1f} s pass{', the module is at work' if at_work else ''}")
        while at_work and seconds > MINUTE:
            for _ in range(MINUTES):
                if seconds > MINUTE:
                    self.stage.tick(MINUTE)
                    self.stage.run_pass()
                    seconds -= MINUTE
            self.stage.tick(max(0.0, seconds - 2 * MINUTE))
            seconds = min(seconds, 2 * MINUTE)
        self.stage.tick(seconds)
        self.panel_archives()

    def sync(self, force: bool = False) -> None:
        self.tell(f"pass (force={force})")
        report = self.stage.run_pass(force=force)
        if report.paused:
            self.tell(f"    paused: {report.paused}")

    def api_fault(self, kind: str, skip: int) -> None:
        """The API call after ``skip`` others meets a fault."""
        self.disturbed(f"API fault {kind}")
        faults = self.stage.desk.faults
        left = [skip]

        def on(request: object) -> bool:
            left[0] -= 1
            return left[0] < 0

        {
            "drop_before": partial(faults.drop_before, on),
            "drop_after": partial(faults.drop_after, on),
            "error": partial(faults.server_error, 502, on=on),
            "error_done": partial(faults.server_error, 502, committed=True, on=on),
            "rate": partial(faults.rate_limited, 30, on),
            "not_json": partial(faults.not_json, on=on),
            "truncated": partial(faults.truncated, on=on),
        }[kind]()
        self.tell(f"API fault {kind} after {skip} calls")

    def panel_fault(self, kind: str, skip: int) -> None:
        """The module's panel call after ``skip`` others meets a fault."""
        self.disturbed(f"panel fault {kind}")
        faults = self.stage.panel.faults
        left = [skip]

        def select(request: object) -> bool:
            if getattr(request, "via", "") != "mgrctl":
                return False
            left[0] -= 1
            return left[0] < 0

        {
            "refuse": partial(faults.refuse, select, 1),
            "value": partial(faults.fail, "value", "message", "x", select, 1),
            "db": partial(faults.fail, "db", "1213", "deadlock", select, 1),
            "lose": partial(faults.lose_request, select, 1),
            "die": partial(faults.die_after_commit, select, 1),
            "die_silent": partial(faults.die_after_commit, select, 1, False),
        }[kind]()
        self.tell(f"panel fault {kind} after {skip} calls")

    def worker_dies(self, steps: int, how: str) -> None:
        """A pass whose worker dies at its ``steps``-th step."""
        self.disturbed("the worker dies")
        self.tell(f"pass whose worker dies at step {steps} ({how})")
        self.stage.fuse = Fuse(steps, how)
        self.stage.run_pass()
        self.stage.fuse = None

    def meanwhile(self, steps: int, act: Callable[[], None]) -> None:
        """A pass in the middle of which somebody does something."""
        self.disturbed("an act in the middle of a pass")
        self.tell(f"pass with an act at step {steps}")
        self.stage.fuse = Fuse(steps, "meanwhile", act)
        self.stage.run_pass()
        self.stage.fuse = None
