"""Both products and the module in one process, without a child process or a socket beside the database's.

A test acts on either side (``workshop.panel``, ``workshop.desk``), lets the module work (:meth:`Workshop.sync`) and
compares (:meth:`Workshop.assert_equal`). Time passes only when something happens: a second for each act of this
class, a fraction for each API call. One test costs a few dozen milliseconds.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from email.utils import formatdate
from pathlib import Path
from typing import Any

import requests

from omnidesk.billmanager.program import Ran
from omnidesk.context import Context
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.errors import Paused
from omnidesk.core.locks import TicketLocks
from omnidesk.core.paths import Paths
from omnidesk.core.settings import Secret, Settings
from omnidesk.hooks import spool, webhook_body
from omnidesk.store.models import MessageLink, TicketLink
from omnidesk.sync.actions import Action, Learn, MarkRead
from omnidesk.sync.observe import Observer
from omnidesk.sync.plan import plan
from omnidesk.sync.reconcile import preview
from omnidesk.worker.one_pass import Pass, Report
from sandbox.billmanager.events import Event
from sandbox.billmanager.panel import Client, PanelOptions, SchemaOptions
from sandbox.mariadb import MariaDB
from sandbox.omnidesk import state as desk_state
from sandbox.omnidesk.adapter import OmnideskAdapter
from sandbox.omnidesk.model import Omnidesk
from sandbox.omnidesk.settings import Settings as DeskSettings
from tests.support.clock import START, Clock
from tests.support.hook import event_records
from tests.support.panels import ClockedPanel
from tests.support.rows import set_ticket
from tests.support.sides import Line, Sides, bare, differences, spoken

REPOSITORY = Path(__file__).resolve().parents[2]
INTEGRATION = "integration@example.com"
SECRET = "webhook-secret-7"
Notes = tuple[list[str], list[str]]
LEVELS = {"good": "high", "bad": "low", "1": "low", "2": "low", "3": "middle", "4": "high", "5": "high"}


class TickingAdapter(OmnideskAdapter):
    """Every API call takes a little of the clock's time."""

    def __init__(self, desk: Omnidesk, clock: Clock, seconds: float) -> None:
        super().__init__(desk)
        self.clock = clock
        self.seconds = seconds

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        self.clock.tick(self.seconds)
        answer = super().send(request, *args, **options)
        answer.headers.setdefault("Date", formatdate(int(self.clock()), usegmt=True))  # as every web server does
        return answer


class Workshop:
    """Everything of one test.

    Switches: ``charset``, ``rating_…``, ``priority_…``, ``message_type``, ``note_files`` (the panel's tables),
    ``desk`` (:class:`DeskSettings`), ``panel_options``, ``utc_offset``, ``hook`` (the panel's events arrive),
    ``call_seconds`` (what an API call takes), ``start`` (when the clock begins); any other is a setting of the
    module by its name in :class:`Settings` (``sync_notes=False``). One lane unless ``lanes`` says otherwise: what
    happens is then the same each time.

    People are those of :class:`sandbox.world.World`: ``anna`` on both sides, ``boris`` only in BILLmanager, ``vera``
    only in Omnidesk, ``ivan`` (two users) and ``petra``, departments ``support`` (takes new tickets) and ``billing``.
    """

    def __init__(
        self,
        mariadb: MariaDB,
        folder: Path,
        *,
        charset: str = "utf8mb4",
        rating_column: str | None = "rating",
        rating_values: str = "words",
        rating_required: bool = False,
        desk: DeskSettings | None = None,
        panel_options: PanelOptions | None = None,
        message_type: str = "",
        priority_column: str | None = None,
        priority_values: str = "words",
        note_files: str = "none",
        utc_offset: str = "+0300",
        hook: bool = True,
        call_seconds: float = 0.2,
        start: float = START,
        **settings: Any,
    ) -> None:
        self.mariadb = mariadb
        self.root = folder / "mgr5"
        self.clock = Clock(start)
        self.hook = hook
        self._ahead = 0.0
        schema = SchemaOptions(
            charset, rating_column, rating_values, rating_required, priority_column, priority_values,
            message_type=message_type, note_files=note_files,
        )  # fmt: skip
        self.panel = ClockedPanel(mariadb, self.root, self.clock, schema, panel_options or PanelOptions())
        self.desk = Omnidesk(self.clock, utc_offset, staff_email=INTEGRATION, settings=desk or DeskSettings())
        self.channel = self.desk.add_channel("BILLmanager", f"https://panel.example/mancgi/omnidesk_webhook?{SECRET}")
        self.adapter = TickingAdapter(self.desk, self.clock, call_seconds)
        self.paths = Paths(str(self.root))
        self.settings = Settings(
            url=self.desk.base_url,
            email=INTEGRATION,
            api_key=Secret(self.desk.api_key),
            channel=self.channel.key,
            secret=Secret(SECRET),
            **{"settle_seconds": 0, "lanes": 1, **settings},
        )
        self.command_lines: list[list[str]] = []  # what ps would have shown of each run of mgrctl
        self._lay_out()
        self._populate()
        self.panel.on_event(self._event)
        self.context = self._open()
        self.context.prepare()
        self.locks = TicketLocks(self.paths.ticket_locks)
        self.reports: list[Report] = []
        self._closed = False

    # Building

    def _lay_out(self) -> None:
        for name in ("etc/xml", "etc/billmgr.conf.d", "etc/omnidesk", "var/omnidesk"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / "etc" / "xml" / "billmgr_mod_omnidesk.xml", self.root / "etc" / "xml")
        shutil.copy(REPOSITORY / "etc" / "omnidesk" / "custom_fields_values.json", self.root / "etc" / "omnidesk")
        where = {"DBHost": "localhost", "DBSocket": self.mariadb.socket, "DBUser": "root"}
        where["DBName"] = self.panel.schema.database
        text = "".join(f"{name} {value}\n" for name, value in where.items())
        (self.root / "etc" / "billmgr.conf.d" / "db.conf").write_text(text, encoding="utf-8")

    def _populate(self) -> None:
        panel, desk = self.panel, self.desk
        desk.integration.name = "Omnidesk"
        project = panel.add_project("Provider")
        self.support = panel.add_department("support", "Техническая поддержка")
        self.billing = panel.add_department("billing", "Отдел оплаты")
        self.integration = panel.add_employee(INTEGRATION, realname="Omnidesk")
        self.anna = panel.add_employee("anna", "anna@example.com", "Анна Ким")
        self.boris = panel.add_employee("boris", "boris@example.com", "Борис Лунин")
        self.anna_staff = desk.add_staff("anna@example.com", "Анна Ким").staff_id
        self.vera_staff = desk.add_staff("vera@example.com", "Вера Орлова").staff_id
        self.integration_staff = desk.integration.staff_id
        self.ivan: Client = panel.add_client("Иван Петров", "ivan@example.com", 2, project=project)
        self.petra: Client = panel.add_client("Petra Maier", "petra@example.com", project=project, language="en")

    def _open(self) -> Context:
        ahead, clock = self._ahead, self.clock
        tools = Dependencies(
            lambda: clock() + ahead, self._mgrctl, self.adapter, sleep=lambda seconds: self.tick(seconds)
        )
        return Context(self.paths, self.settings, tools)

    def _mgrctl(self, arguments: Sequence[str], variables: Mapping[str, str], timeout: float) -> Ran:
        """What the real mgrctl does with these arguments, without its process."""
        self.command_lines.append(list(arguments))
        if "-e" in arguments and not self.panel.options.mgrctl_environment:
            return Ran(1, b"", b"unrecognized option: -e\n")
        _, manager, func, *rest = arguments
        assert manager == "billmgr", arguments
        params: dict[str, str] = {}
        while rest:
            argument = rest.pop(0)
            secret = argument == "-e"  # NAME=$VARIABLE: the value is in the environment
            name, _, value = (rest.pop(0) if secret else argument).partition("=")
            params[name] = variables[value.removeprefix("$")] if secret else value
        answer = self.panel.call(func, params, via="mgrctl", label="pmomnidesk")
        return Ran(answer.rc, answer.xml.encode(), b"")

    def restart(self, **settings: Any) -> None:
        """A new process: nothing is remembered but what is on disk and in the database; settings may change."""
        self.context.close()
        self.settings = dataclasses.replace(self.settings, **settings)
        self.context = self._open()

    def restart_clock(self, ahead: float) -> None:
        """A new process on a host whose clock is so many seconds ahead of everybody else's."""
        self._ahead = ahead
        self.restart()

    def close(self) -> None:
        """End the connections."""
        self.context.close()
        if not self._closed:
            self.locks.close()
        self._closed = True

    # Time and events

    def tick(self, seconds: float = 1.0) -> None:
        """Let time pass."""
        self.clock.tick(seconds)

    def moment(self, ago: float = 0.0) -> datetime:
        """The panel's local time so many seconds ago, to date what is written there."""
        row = self.panel.query("SELECT FROM_UNIXTIME(%s) AS at", int(self.clock() - ago))
        found: datetime = row[0]["at"]
        return found

    def utc(self, moment: float) -> datetime:
        """Unix seconds as UTC."""
        return datetime.fromtimestamp(moment, timezone.utc)

    def _event(self, event: Event) -> None:
        if event.stage == "final":
            self.tick()
        if self.hook and self.panel.event_system.plugins.for_event(event.func, event.stage):
            for name, fields in event_records(event).items():
                self._leave(name, fields)

    def _leave(self, name: str, fields: dict[str, str]) -> None:
        """A record in the spool, left at this clock's time."""
        spool.put(self.paths.spool, name, fields)
        with suppress(FileNotFoundError):  # the module was faster
            os.utime(os.path.join(self.paths.spool, name), (self.clock(), self.clock()))

    def deliver_webhooks(self, *, lose: int = 0, double: int = 0) -> int:
        """Hand the webhooks that are due to the hook: ``lose`` the first so many, bring the next ``double`` twice.

        How many arrived.
        """
        number = 0
        arrived = 0

        def post(url: str, headers: dict[str, str], body: bytes) -> int:
            nonlocal number, arrived
            number += 1
            if number <= lose:
                return 200
            for _ in range(2 if number <= lose + double else 1):
                arrived += 1
                self.receive_webhook(body, headers.get("Content-Type", ""))
            return 200

        self.desk.webhooks.deliver(post)
        return arrived

    def receive_webhook(self, body: bytes, content_type: str) -> None:
        """What cgi/omnidesk_webhook leaves in the spool for a body."""
        fields = webhook_body.read(body, content_type)
        for case in fields.pop("more", "").split():
            self._leave(f"case-{case}", {"case": case})
        if "case" in fields:
            self._leave(f"case-{fields['case']}", fields)

    def make_due(self, ticket: int) -> None:
        """What addon/omnidesk leaves in the spool."""
        self._leave(f"ticket-{ticket}", {})

    # The module's work

    def run_pass(self, *, force: bool = True, **options: Any) -> Report:
        """One pass by the module's own code."""
        self.tick()
        self._set_database_clock()
        report = Pass(self.context, self.locks, **options).run(force=force)
        self.reports.append(report)
        return report

    def _set_database_clock(self) -> None:
        try:
            self.context.db.write("SET SESSION timestamp = %s", self.clock())
        except Paused:
            pass  # the test has taken the database away; the pass meets that too

    def sync(self, *, force: bool = True, **options: Any) -> Report:
        """Passes until nothing is due now; what waits for a later time is left. ``force``: poll and scan each time."""
        total = Report()
        for _ in range(20):
            report = self.run_pass(force=force, **options)
            total.add(report)
            due = self.context.queue.next_due()
            if report.paused is not None or due is None or due > self.context.clock():
                return total
        raise AssertionError("tickets are due again and again: " + str(self.context.queue.listing()))

    def settle(self, limit: int = 60) -> None:
        """Webhooks, passes, and as much time as retries and pauses want, until nothing is left to do."""
        for _ in range(limit):
            self.deliver_webhooks()
            paused = self.sync().paused
            due = self.context.queue.next_due()
            if paused is not None:
                self.tick(paused.seconds + 1)
            elif due is not None:
                self.tick(max(0.0, due - self.context.clock()) + 0.1)
            elif not self.desk.webhooks.pending():
                return
        raise AssertionError("it does not settle: " + str(self.context.queue.listing()))

    def plan(self, ticket: int, *, look: bool = True) -> list[Action]:
        """What would be done now; ``look``: Omnidesk's side is read as well."""
        if look:
            set_ticket(self.context.db, ticket, look_case=1, look_messages=1)
            return preview(self.context, ticket)[1]
        observer = Observer(self.context, ticket)
        view = observer.observe().view
        return plan(view, observer.policy(view.ticket))

    def deeds(self, ticket: int) -> list[Action]:
        """What would be changed on either side now, both sides read; what would only be remembered is left out."""
        return [one for one in self.plan(ticket) if not isinstance(one, (Learn, MarkRead))]

    def spooled(self) -> list[str]:
        """The names of the events that wait."""
        return [event.name for event in spool.entries(self.paths.spool)]

    # Acts that are wanted often

    def new_ticket(
        self, text: str = "Сайт не открывается", subject: str = "Помогите", user: int = 0, **more: Any
    ) -> int:
        """A client's new ticket."""
        return self.panel.client_creates_ticket(user or self.ivan.user, subject, text, **more)

    def linked_ticket(self, text: str = "Сайт не открывается", **more: Any) -> int:
        """A client's new ticket that has its case already."""
        ticket = self.new_ticket(text, **more)
        self.sync()
        assert self.case(ticket), "no case was made"
        return ticket

    def client_writes(self, ticket: int, text: str, user: int = 0) -> int:
        """A client's message, sent by the first user of the ticket's account."""
        return self.panel.client_writes(user or self._owner(ticket), ticket, text)

    def agent_replies(self, ticket: int, text: str, staff: int = 0, **more: Any) -> desk_state.Message:
        """An employee's reply in Omnidesk (Anna's, when nobody is named)."""
        self.tick()
        return self.desk.agent_reply(self.case(ticket), staff or self.anna_staff, text=text, **more)

    def agent_notes(self, ticket: int, text: str, staff: int = 0) -> desk_state.Message:
        """An employee's note in Omnidesk."""
        self.tick()
        return self.desk.agent_note(self.case(ticket), staff or self.anna_staff, text=text)

    def agent_sets(self, ticket: int, status: str) -> None:
        """An employee chooses a status in Omnidesk."""
        self.tick()
        self.desk.set_status(self.case(ticket), status, self.anna_staff)

    def _owner(self, ticket: int) -> int:
        account = self.panel.query("SELECT account_client AS a FROM ticket WHERE id = %s", ticket)[0]["a"]
        return int(self.panel.query("SELECT MIN(id) AS id FROM user WHERE account = %s", account)[0]["id"])

    # What the links say

    def link(self, ticket: int) -> TicketLink:
        """The ticket's row."""
        return self.context.links.ticket(ticket)

    def message_links(self, ticket: int, *states: str) -> list[MessageLink]:
        """The ticket's message rows."""
        return self.context.links.messages(ticket, states)

    def case(self, ticket: int) -> int:
        """The id of the ticket's case, 0 when it has none."""
        return self.link(ticket).case_id

    def cases(self, ticket: int) -> list[int]:
        """Every case the ticket has had, oldest first."""
        ids = {one.case_id for one in self.message_links(ticket) if one.case_id} | {self.case(ticket)}
        return sorted(ids - {0})

    # API calls

    def calls(self, act: Callable[[], Any] | None = None) -> list[str]:
        """``METHOD path`` of every API call there was, or of those that an act causes."""
        before = len(self.desk.calls) if act is not None else 0
        if act is not None:
            act()
        return [f"{call.method} {call.path}" for call in self.desk.calls[before:]]

    def posted(self, *, notes: bool = True) -> int:
        """How many creating calls (cases, messages, and ``notes``) Omnidesk has answered with success."""
        done = [call for call in self.desk.calls if call.method == "POST" and call.status in (200, 201)]
        return len([call for call in done if notes or "/note" not in call.path])

    # Comparing

    def both_sides(self, ticket: int, *, all_cases: bool = False) -> Sides:
        """Both conversations. ``all_cases``: of every case the ticket has had that still is there."""
        cases = self.cases(ticket) if all_cases else [self.case(ticket)]
        there = [line for case in cases if case in self.desk.cases for line in self._there(ticket, case)]
        case = self.desk.cases.get(self.case(ticket))
        state = self.panel.ticket_state(ticket).state
        return Sides(self._here(ticket), there, state, case.status if case else "no case")

    def notes_to_staff(self, ticket: int) -> Notes:
        """The module's own notes: (in the ticket, in the case), in order."""
        links = [one for one in self.message_links(ticket, "done") if one.is_notice]
        texts = {note.id: note.text for note in self.panel.notes(ticket)}
        here = [texts[one.ticket_message] for one in links if one.direction == "in"]
        threads = self.desk.threads.values()
        said = {one.message_id: one.content or one.content_html for each in threads for one in each.values()}
        return here, [said[one.external_message] for one in links if one.direction == "out"]

    def _here(self, ticket: int) -> list[Line]:
        links = self.message_links(ticket)
        own = {one.ticket_message for one in links if one.is_notice}
        origin = {(one.kind, one.ticket_message): one.direction for one in links}
        found: list[tuple[datetime, int, Line]] = []
        for message in self.panel.messages(ticket):
            who, text = spoken(message.text, message.author)
            kind = "client"
            if message.staff or (who != message.author and not message.author):
                kind = "staff" if message.staff else "client"
            found.append(
                (
                    message.date,
                    0,
                    Line(
                        kind,
                        who,
                        bare(text),
                        tuple((file.name, file.content) for file in message.files),
                        LEVELS.get(message.rating, ""),
                        origin.get(("message", message.id), ""),
                        message.id,
                    ),
                )
            )
        names = {row["id"]: row["realname"] for row in self.panel.query("SELECT id, realname FROM user")}
        for note in self.panel.notes(ticket):
            if note.id in own:
                continue
            who, text = spoken(note.text, names.get(note.user, ""))
            line = Line("note", who, bare(text), (), "", origin.get(("note", note.id), ""), note.id)
            found.append((note.date, 1, line))
        found.sort(key=lambda row: (row[0], row[1], row[2].id))
        return [line for _, _, line in found]

    def _there(self, ticket: int, case: int) -> list[Line]:
        origin = {one.external_message: one.direction for one in self.message_links(ticket) if one.external_message}
        found = []
        own = {one.external_message for one in self.message_links(ticket) if one.is_notice}
        for message in self.desk.messages(case):
            if message.kind == "system" or message.message_id in own:
                continue
            sender = (
                self.desk.users[message.user_id].full_name
                if message.user_id
                else self.desk.staff[message.staff_id].name
            )
            who, text = spoken(message.content or message.content_html, sender)
            found.append(
                Line(
                    "note" if message.note else "client" if message.user_id else "staff",
                    who,
                    bare(text),
                    tuple((file.name, file.data) for file in message.files),
                    message.rating,
                    origin.get(message.message_id, "out"),
                    message.message_id,
                )
            )
        return found

    def assert_equal(self, ticket: int, *, in_order: bool = True, all_cases: bool = False) -> Sides:
        """Everything is on both sides exactly once, by the right author, in order, and the states agree.

        ``in_order``: both conversations as a whole have the same order; without, what was written on one side has.
        """
        sides = self.both_sides(ticket, all_cases=all_cases)
        found = differences(sides, in_order=in_order)
        assert not found, "; ".join(found) + f"\n{sides}"
        left = self.message_links(ticket, "intent", "refused")
        assert not left, f"not finished: {left}\n{sides}"
        return sides

    def assert_all_equal(self, tickets: Iterable[int], *, in_order: bool = True) -> None:
        """The same for several tickets."""
        for ticket in tickets:
            self.assert_equal(ticket, in_order=in_order)
