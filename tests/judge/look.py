"""Reading both simulated products into a snapshot: nothing of the module is asked."""

from __future__ import annotations

from sandbox.billmanager.panel import Panel
from sandbox.omnidesk.model import Omnidesk
from sandbox.omnidesk.state import Case as DeskCase
from sandbox.omnidesk.state import Message
from sandbox.omnidesk.wire import Call
from tests.judge import texts
from tests.judge.history import CLIENT, History, Opened
from tests.judge.snapshot import Bindings, Case, Entry, Snapshot, Ticket
from tests.judge.statuses import READING

PRIORITIES = {"low": "low", "high": "high", "urgent": "critical", "on": "high", "1": "high"}
KINDS = {"reply_user": "client", "reply_staff": "staff", "note_regular": "note"}


class Watch:
    """Looks at both products. It remembers cases that are deleted for good, as they were then."""

    def __init__(self, panel: Panel, desk: Omnidesk) -> None:
        self.panel = panel
        self.desk = desk
        self._deleted: dict[int, Case] = {}
        self._came: list[tuple[float, int]] = []  # when a call was answered, and the highest message id then
        desk.on_call(self._called)

    def snapshot(self) -> Snapshot:
        """Both products as they are now."""
        tickets = tuple(self._ticket(ticket) for ticket in self.panel.tickets())
        cases = [self._case(case) for case in self.desk.cases.values()]
        return Snapshot(tickets, (*self._deleted.values(), *cases))

    def about_to_delete(self, case: int) -> None:
        """Remember a case that is deleted for good in the next moment."""
        found = self._case(self.desk.cases[case])
        self._deleted[case] = Case(found.id, found.subject, found.client, found.status, found.entries, "delete")

    def case_of(self, history: History, opened: Opened) -> int:
        """The ticket's case in which an agent can act, 0 when there is none."""
        cases = tuple(Case(one.case_id, one.subject, 0, one.status, (), _fate(one), one.parent_case_id)
                      for one in self.desk.cases.values())  # fmt: skip
        found = Bindings(history, Snapshot((), cases)).cases_of[opened.ticket]
        alive = [case.id for case in found if not case.fate]
        return alive[-1] if alive and found[-1].id == alive[-1] else 0

    # Reading

    def sees_here(self, ticket: int) -> int:
        """The highest message id that is in the ticket."""
        return int(self.panel.query("SELECT MAX(id) AS id FROM ticket_message WHERE ticket = %s", ticket)[0]["id"] or 0)

    def fresh_here(self, ticket: int) -> int:
        """The lowest message id that came into the ticket within the last seconds, 0 if none did."""
        return self._fresh("ticket_message", ticket)

    def notes_here(self, ticket: int) -> tuple[int, int]:
        """The highest note id that is in the ticket, and the lowest that came within the last seconds; 0: none."""
        row = self.panel.query("SELECT MAX(id) AS id FROM ticket_note WHERE ticket = %s", ticket)[0]
        return int(row["id"] or 0), self._fresh("ticket_note", ticket)

    def _fresh(self, table: str, ticket: int) -> int:
        rows = self.panel.query(
            f"SELECT MIN(id) AS id FROM {table} WHERE ticket = %s AND date_post > NOW() - INTERVAL %s SECOND",
            ticket,
            READING,
        )
        return int(rows[0]["id"] or 0)

    def fresh_there(self, case: int) -> int:
        """The same of a case."""
        before = max((id for at, id in self._came if at <= self.desk.clock() - READING), default=0)
        return min((id for id in self.desk.threads[case] if id > before), default=0)

    def _called(self, call: Call) -> None:
        if call.method == "POST":
            highest = max((max(thread, default=0) for thread in self.desk.threads.values()), default=0)
            self._came.append((self.desk.clock(), highest))

    def sees_there(self, case: int) -> int:
        """The highest message id that is in the case."""
        return max(self.desk.threads[case], default=0)

    def _ticket(self, ticket: int) -> Ticket:
        account = self.panel.query("SELECT account_client AS a FROM ticket WHERE id = %s", ticket)[0]["a"]
        messages = [
            Entry(one.id, "system" if one.system else "staff" if one.staff else "client", one.user or 0, one.text,
                  tuple((file.name, file.content) for file in one.files))
            for one in self.panel.messages(ticket)
        ]  # fmt: skip
        notes = [
            Entry(one.id, "note", one.user or 0, one.text, tuple((file.name, file.content) for file in one.files))
            for one in self.panel.notes(ticket)
        ]
        now = self.panel.ticket_state(ticket)
        return Ticket(ticket, int(account), now.state, (*messages, *notes), now.assignees, self._priority(ticket))

    def _priority(self, ticket: int) -> str:
        if self.panel.schema.priority_column is None:
            return ""
        return PRIORITIES.get(self.panel.priority(ticket), "normal")

    def _case(self, case: DeskCase) -> Case:
        thread = sorted(self.desk.threads[case.case_id].values(), key=lambda one: one.message_id)
        entries = tuple(self._entry(one) for one in thread if one.kind in KINDS)
        client = self._client(case.user_id)
        fate, into = _fate(case), case.parent_case_id
        return Case(case.case_id, case.subject, client, case.status, entries, fate, into, case.staff_id, case.priority)

    def _entry(self, message: Message) -> Entry:
        author = self._client(message.user_id) if message.user_id else message.staff_id
        text = message.content or texts.read(message.content_html)
        files = tuple((file.name, file.data) for file in message.files)
        return Entry(message.message_id, KINDS[message.kind], author, text, files, message.rating)

    def _client(self, user: int) -> int:
        """The client's ``user.id``, which the module gives as his identity."""
        identity = self.desk.users[user].identity
        return int(identity) if identity.isdigit() else CLIENT


def _fate(case: DeskCase) -> str:
    if case.parent_case_id:
        return "merge"
    return "trash" if case.deleted else "spam" if case.spam else ""
