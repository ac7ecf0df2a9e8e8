"""The acts of a random play. Each takes plain numbers and texts, so that hypothesis and a walk share them."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from tests.stateful.stage import Fuse, Stage

# The two sides never say the same: with faults about, two equal texts by one person from two sides at one moment are
# not told apart by anybody.
CLIENT_TEXTS = ("привет", "ок", "Спасибо!", "👍", "\u200b", "مرحبا بالعالم", "> цитата\n\n*важно*", "a\x07b & <b>c</b>",
                "строка\r\nвторая", "шалом \u202eשלום\u202c", "х" * 3000)  # fmt: skip
STAFF_TEXTS = ("сделано", "ждём", "**жирно**", "https://example.com/?a=1&b=2", "👩‍🔧 чиним", "1. раз\n2. два", "&amp;")
AGENT_TEXTS = ("Добрый день!", "готово", "🙂", "\u2060", "שלום", "a < b && c > d", "строка\nещё", "ж" * 3000)
MAILED_TEXTS = ("почтой: привет", "почтой: 🙂")
SUBJECTS = ("Сайт не открывается", "", "🔥", "т" * 1000, "   ", "سؤال")
HOOKS = ("now", "now", "lost", "twice", "late")
EVENTS = ("rings", "rings", "lost", "doubled")
STATUSES = (None, "open", "waiting", "closed")


@dataclass(frozen=True)
class Said:
    """One thing that somebody said: on which side, where, who, and what."""

    side: str  # B or O
    kind: str  # message or note
    ticket: int
    id: int
    author: int  # BILLmanager's user or Omnidesk's staff; 0: the client in Omnidesk
    text: str
    case: int = 0


@dataclass
class Play:
    """What was done, and the means to do more."""

    stage: Stage
    tickets: list[int] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    optional: set[int] = field(default_factory=set)  # messages of Omnidesk that need not arrive
    ratings: dict[int, int] = field(default_factory=dict)
    acts: list[tuple[int, str, str]] = field(
        default_factory=list
    )  # since the last rest: (ticket, act, expected status)
    troubled: bool = False  # faults or events in the middle of a pass since the last rest
    before: dict[int, tuple[str, str]] = field(default_factory=dict)  # states at the last rest, by ticket

    def __post_init__(self) -> None:
        self.clients = (*self.stage.ivan.users, self.stage.petra.user)
        self.employees = (self.stage.anna, self.stage.boris)
        self.agents = (self.stage.anna_staff, self.stage.vera_staff, self.stage.integration_staff)

    # Helpers

    def ticket(self, number: int) -> int:
        return self.tickets[number % len(self.tickets)] if self.tickets else 0

    def case(self, number: int) -> int:
        """A case that somebody can act in: the ticket's newest, if it is there and alive."""
        stage, ticket = self.stage, self.ticket(number)
        alive = [case for case in self.cases(ticket) if case in stage.desk.cases]
        case = stage.desk.cases[alive[-1]] if alive else None
        return case.case_id if case and not (case.deleted or case.spam or case.parent_case_id) else 0

    def cases(self, ticket: int) -> list[int]:
        """Every case a ticket has had, oldest first."""
        return self.stage.cases(ticket) if ticket else []

    def tell(self, text: str) -> None:
        self.stage.log.append(f"{self.stage.clock():.2f} {text}")

    def done(self, ticket: int, act: str, expected: str) -> None:
        self.acts.append((ticket, act, expected))
        self.stage.tick()

    def in_panel(self, event: str, act: Callable[[], int]) -> int:
        """Carry out something in BILLmanager, its event being rung, lost or doubled."""
        self.stage.event_mode = event
        fuse, self.stage.fuse = self.stage.fuse, None
        try:
            return act()
        finally:
            self.stage.event_mode = "rings"
            self.stage.fuse = fuse

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

    def client_creates(self, who: int, subject: str, text: str, event: str) -> None:
        user = self.clients[who % len(self.clients)]
        panel = self.stage.panel
        ticket = self.in_panel(event, lambda: panel.client_creates_ticket(user, subject, text))
        self.tickets.append(ticket)
        self.said.append(Said("B", "message", ticket, panel.newest_message(ticket, user), user, text))
        self.tell(f"client {user} creates ticket {ticket}: {text[:30]!r} (event {event})")
        self.done(ticket, "created", "open")

    def client_writes(self, number: int, second: bool, text: str, event: str) -> None:
        ticket = self.ticket(number)
        if not ticket:
            return
        users = self.owners(ticket)
        user = users[-1] if second else users[0]
        message = self.in_panel(event, lambda: self.stage.panel.client_writes(user, ticket, text))
        self.said.append(Said("B", "message", ticket, message, user, text))
        self.tell(f"client {user} writes {message} in {ticket}: {text[:30]!r} (event {event})")
        self.done(ticket, "client wrote", "open")

    def owners(self, ticket: int) -> tuple[int, ...]:
        row = self.stage.panel.query("SELECT account_client AS a FROM ticket WHERE id = %s", ticket)[0]
        ivan = self.stage.ivan
        return ivan.users if row["a"] == ivan.account else self.stage.petra.users

    def employee_replies(self, number: int, who: int, text: str, close: bool, event: str) -> None:
        ticket, employee = self.ticket(number), self.employees[who % 2]
        if not ticket:
            return
        message = self.in_panel(event, lambda: self.stage.panel.employee_replies(employee, ticket, text, close))
        self.said.append(Said("B", "message", ticket, message, employee, text))
        self.tell(f"employee {employee} replies {message} in {ticket}: {text[:30]!r} close={close} (event {event})")
        others = self.stage.panel.ticket_state(ticket).assignees
        self.done(ticket, "employee replied", "ended" if close and not others else "open")

    def employee_takes(self, number: int, who: int, event: str) -> None:
        ticket, employee = self.ticket(number), self.employees[who % 2]
        if ticket:
            self.in_panel(event, lambda: self.stage.panel.employee_takes(employee, ticket))
            self.tell(f"employee {employee} takes {ticket} (event {event})")
            self.done(ticket, "employee took", "open")

    def employee_notes(self, number: int, who: int, text: str, event: str) -> None:
        ticket, employee = self.ticket(number), self.employees[who % 2]
        if not ticket:
            return
        note = self.in_panel(event, lambda: self.stage.panel.employee_notes(employee, ticket, text))
        self.said.append(Said("B", "note", ticket, note, employee, text))
        self.tell(f"employee {employee} notes {note} in {ticket} (event {event})")
        self.done(ticket, "employee noted", "open")

    def client_archives(self, number: int, event: str) -> None:
        ticket = self.ticket(number)
        if not ticket:
            return

        def act() -> int:
            self.stage.panel.client_archives(ticket)
            return 0

        self.in_panel(event, act)
        self.tell(f"client archives {ticket} (event {event})")
        self.done(ticket, "client archived", "closed")

    def client_rates(self, number: int, which: int, stars: int, event: str) -> None:
        """Any message may get stars, a client's own as well: those stay where they are."""
        ticket = self.ticket(number)
        messages = self.stage.panel.messages(ticket) if ticket else []
        if not messages:
            return
        message = messages[which % len(messages)].id

        def act() -> int:
            self.stage.panel.client_rates(message, stars)
            return 0

        self.in_panel(event, act)
        self.ratings[message] = stars
        self.tell(f"client rates {message} in {ticket}: {stars} (event {event})")
        self.done(ticket, "client rated", "same")

    # Omnidesk

    def agent_replies(self, number: int, who: int, text: str, status: str | None, hook: str) -> None:
        case, staff = self.case(number), self.agents[who % 3]
        if not case:
            return
        self.hooks(hook)
        markup = "".join(f"<p>{html.escape(line)}</p>" for line in text.split("\n")) or "<p></p>"
        message = self.stage.desk.agent_reply(case, staff, html=markup, status=status)
        ticket = self.ticket(number)
        self.said.append(Said("O", "message", ticket, message.message_id, staff, text, case))
        self.tell(f"agent {staff} replies {message.message_id} in {case}: {text[:30]!r} {status} (webhook {hook})")
        self.delivered(hook)
        self.done(ticket, "agent replied", self.after_reply(status))

    def after_reply(self, status: str | None) -> str:
        if status is not None:
            return status
        return "waiting" if self.stage.desk.settings.staff_reply_sets_waiting else "same"

    def agent_notes(self, number: int, who: int, text: str, hook: str) -> None:
        case, staff = self.case(number), self.agents[who % 3]
        if not case:
            return
        self.hooks(hook)
        message = self.stage.desk.agent_note(case, staff, html=f"<p>{html.escape(text)}</p>")
        ticket = self.ticket(number)
        self.said.append(Said("O", "note", ticket, message.message_id, staff, text, case))
        self.tell(f"agent {staff} notes {message.message_id} in {case} (webhook {hook})")
        self.delivered(hook)
        self.done(ticket, "agent noted", "same")

    def client_mails(self, number: int, text: str) -> None:
        """A client writes to Omnidesk by another way; no webhook tells of it (documented: staff messages only)."""
        case = self.case(number)
        if not case:
            return
        message = self.stage.desk.client_message(case, text)
        ticket = self.ticket(number)
        self.said.append(Said("O", "message", ticket, message.message_id, 0, text, case))
        self.tell(f"client mails {message.message_id} into {case}")
        self.done(ticket, "client mailed", "open" if self.stage.desk.settings.client_message_reopens else "same")

    def agent_sets(self, number: int, status: str) -> None:
        case = self.case(number)
        if case:
            self.stage.desk.set_status(case, status, self.agents[0])
            self.tell(f"agent sets {case} to {status}")
            self.done(self.ticket(number), "agent set", status)

    def case_goes(self, number: int, how: str, other: int) -> None:
        """Into the trash or spam, deleted for good, or merged with another ticket's case (of the same account)."""
        case, target = self.case(number), self.case(other)
        if not case or (how == "merge" and (target in (0, case))):
            return
        ticket = self.ticket(number)
        self.optional |= {one.id for one in self.said if one.side == "O" and one.case == case}
        if how == "merge":
            self.stage.desk.merge(case, target, self.agents[0])
            self.done(self.ticket(other), "merged into", "?")
        elif how == "delete":
            self.stage.delete_case(case)
        else:
            (self.stage.desk.trash if how == "trash" else self.stage.desk.spam)(case)
        self.tell(f"case {case} of {ticket}: {how} {target if how == 'merge' else ''}")
        self.done(ticket, "case went", "?")

    # Events, time and trouble

    def late_webhooks(self, order: str) -> None:
        """What was held back comes at last, in whatever order; the spool keeps one ring a case anyway."""
        webhooks = self.stage.desk.webhooks
        webhooks.hold()
        webhooks.release(order)
        self.stage.deliver_webhooks()
        self.tell(f"late webhooks ({order})")

    def time_passes(self, seconds: float) -> None:
        self.stage.tick(seconds)
        self.tell(f"{seconds:.1f} s pass")

    def sync(self, force: bool) -> None:
        self.tell(f"pass (force={force})")
        report = self.stage.run_pass(force=force)
        if report.paused:
            self.tell(f"    paused: {report.paused}")

    def api_fault(self, kind: str, skip: int) -> None:
        """The API call after ``skip`` others meets a fault."""
        self.troubled = True
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
        self.troubled = True
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
        self.troubled = True
        self.tell(f"pass whose worker dies at step {steps} ({how})")
        self.stage.fuse = Fuse(steps, how)
        self.stage.run_pass()
        self.stage.fuse = None

    def meanwhile(self, steps: int, act: Callable[[], None]) -> None:
        """A pass in the middle of which somebody does something."""
        self.troubled = True
        self.tell(f"pass with an act at step {steps}")
        self.stage.fuse = Fuse(steps, "meanwhile", act)
        self.stage.run_pass()
        self.stage.fuse = None
