"""Small worlds for the judge's own tests: a history, and both products as they look when all has gone well."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tests.judge import texts
from tests.judge.complaints import Complaint
from tests.judge.history import (
    Act,
    CaseWent,
    Changed,
    Decided,
    Disturbed,
    Habits,
    History,
    Opened,
    Person,
    Polled,
    Rated,
    Refused,
    Rested,
    Said,
)
from tests.judge.snapshot import Case, Entry, Snapshot, Ticket
from tests.judge.verdict import complaints, states

INTEGRATION = Person("Omnidesk", 1, 101)
ANNA = Person("Анна Ким", 2, 102)
BORIS = Person("Борис Лунин", 3)
VERA = Person("Вера Орлова", 0, 104)
IVAN = Person("Иван Петров", 5, 0, 50)
OLGA = Person("Ольга Петрова", 6, 0, 50)
PETRA = Person("Petra Maier", 7, 0, 70)


def _shown(text: str) -> str:
    """Nothing goes over as words for it."""
    return texts.NOTHING if texts.blank(text) else text


PEOPLE = (INTEGRATION, ANNA, BORIS, VERA, IVAN, OLGA, PETRA)


@dataclass
class World:
    """Acts that reach the other side at once. Ids grow with the clock, a second for each act."""

    history: History = field(default_factory=lambda: History(PEOPLE, Habits(INTEGRATION)))
    tickets: dict[int, Ticket] = field(default_factory=dict)
    cases: dict[int, Case] = field(default_factory=dict)
    now: float = 0.0

    def snapshot(self) -> Snapshot:
        return Snapshot(tuple(self.tickets.values()), tuple(self.cases.values()))

    def verdict(self) -> list[str]:
        """The rules that are violated."""
        return sorted(one.rule for one in self.complaints())

    def complaints(self) -> list[Complaint]:
        return complaints(self.history, self.snapshot())

    def act(self, act: Act) -> None:
        self.history.acts.append(act)

    def tick(self, seconds: float = 1.0) -> int:
        self.now += seconds
        return int(self.now * 10)

    # What both sides show

    def here(self, ticket: int, entry: Entry | None = None, state: str = "") -> None:
        one = self.tickets[ticket]
        entries = one.entries if entry is None else (*one.entries, entry)
        self.tickets[ticket] = replace(one, entries=entries, state=state or one.state)

    def there(self, case: int, entry: Entry | None = None, status: str = "") -> None:
        one = self.cases[case]
        entries = one.entries if entry is None else (*one.entries, entry)
        self.cases[case] = replace(one, entries=entries, status=status or one.status)

    def both(self, ticket: int, case: int, state: str) -> None:
        self.here(ticket, None, state)
        self.there(case, None, state)

    # Acts that reach the other side

    def opens(self, who: Person = IVAN, text: str = "Сайт не открывается", subject: str = "") -> tuple[int, int]:
        """A new ticket; (ticket, case)."""
        ticket = 300 + len(self.tickets)
        case = 900 + len(self.cases)
        subject = subject or f"Тема {ticket}"
        self.tick()
        self.act(Opened(self.now, ticket, who.account, subject))
        self.tickets[ticket] = Ticket(ticket, who.account, "open")
        self.cases[case] = Case(case, subject, who.billmanager, "open")
        self.client(ticket, case, text, who)
        return ticket, case

    def client(self, ticket: int, case: int, text: str, who: Person = IVAN, *, arrives: bool = True) -> int:
        id = self.tick()
        self.here(ticket, Entry(id, "client", who.billmanager, text), "open")
        self.act(Said(self.now, "B", "message", id, who.billmanager, text, "open", ticket, sees=id))
        if arrives:
            owner = self.cases[case].client
            line = "" if owner == who.billmanager else f"{who.name} пишет:\n\n"
            self.there(case, Entry(self.tick(), "client", owner, line + _shown(text)), "open")
        return id

    def staff(
        self, ticket: int, case: int, text: str, who: Person = ANNA, *, end: bool = False, kind: str = "message"
    ) -> int:
        id = self.tick()
        after = "waiting" if end else "open"
        sees = max(entry.id for entry in self.tickets[ticket].entries)
        shown = "note" if kind == "note" else "staff"
        self.here(ticket, Entry(id, shown, who.billmanager, text), after)
        self.act(Said(self.now, "B", kind, id, who.billmanager, text, after, ticket, sees=sees))  # type: ignore[arg-type]
        line = "" if who.omnidesk else f"**{who.name} пишет:**\n\n"
        self.there(case, Entry(self.tick(), shown, who.omnidesk or INTEGRATION.omnidesk, line + _shown(text)), after)
        return id

    def agent(
        self, ticket: int, case: int, text: str, who: Person = VERA, *, status: str = "", kind: str = "message"
    ) -> int:
        id = self.tick()
        sees = max(entry.id for entry in self.cases[case].entries)
        shown = "note" if kind == "note" else "staff"
        self.there(case, Entry(id, shown, who.omnidesk, text), status)
        after = self.cases[case].status
        self.act(Said(self.now, "O", kind, id, who.omnidesk, text, after, case=case, sees=sees))  # type: ignore[arg-type]
        line = "" if who.billmanager else f"{who.name} пишет:\n\n"
        state = "" if not status else "open" if status == "open" else "waiting"
        if self.tickets[ticket].state == "closed":
            state = state or "waiting"  # what staff write takes it out of the archive
        author = who.billmanager or INTEGRATION.billmanager
        self.here(ticket, Entry(self.tick(), shown, author, line + _shown(text)), state)
        return id

    def mails(self, ticket: int, case: int, text: str, *, after: str = "open") -> int:
        id = self.tick()
        owner = self.cases[case].client
        self.there(case, Entry(id, "client", owner, text), "open")
        self.act(Said(self.now, "O", "message", id, 0, text, after, case=case, sees=id))
        self.here(ticket, Entry(self.tick(), "client", owner, _shown(text)), "open")
        return id

    def sets(self, ticket: int, case: int, status: str) -> None:
        self.tick()
        sees = max(entry.id for entry in self.cases[case].entries)
        self.act(Decided(self.now, "O", status, case=case, sees=sees))
        self.there(case, None, status)
        if status == "open" or self.tickets[ticket].state == "open":
            self.here(ticket, None, "open" if status == "open" else "waiting")

    def ends(self, ticket: int, case: int) -> None:
        self.tick()
        sees = max(entry.id for entry in self.tickets[ticket].entries)
        self.act(Decided(self.now, "B", "waiting", ticket, sees=sees))
        self.both(ticket, case, "waiting")

    def archives(self, ticket: int, case: int) -> None:
        self.tick()
        sees = max(entry.id for entry in self.tickets[ticket].entries)
        self.act(Decided(self.now, "B", "closed", ticket, sees=sees, by_client=True))
        self.both(ticket, case, "closed")

    def rates(self, ticket: int, message: int, rating: str) -> None:
        self.tick()
        self.act(Rated(self.now, ticket, message, rating))

    def goes(self, case: int, how: str, into: int = 0) -> None:
        self.tick()
        holds = max(entry.id for entry in self.cases[case].entries)
        self.act(CaseWent(self.now, case, how, into, holds))
        self.cases[case] = replace(self.cases[case], fate=how, into=into)

    def edited(self, case: int, message: int, text: str | None = None) -> None:
        self.tick()
        self.act(Changed(self.now, case, message, text))

    def disturbed(self) -> None:
        self.act(Disturbed(self.now, "a death"))

    def refused(self, side: str, text: str, times: int = 3) -> None:
        for _ in range(times):
            self.act(Refused(self.now, side, text))  # type: ignore[arg-type]

    def polled(self) -> None:
        """Two minutes pass, and the module polls."""
        self.tick(120)
        self.act(Polled(self.now, self.now + 1))
        self.tick(2)

    def rested(self) -> None:
        self.tick(700)
        self.act(Rested(self.now, tuple(states(self.history, self.snapshot()).items())))

    # Mistakes

    def case_entries(self, case: int, entries: tuple[Entry, ...]) -> None:
        self.cases[case] = replace(self.cases[case], entries=entries)

    def ticket_entries(self, ticket: int, entries: tuple[Entry, ...]) -> None:
        self.tickets[ticket] = replace(self.tickets[ticket], entries=entries)
