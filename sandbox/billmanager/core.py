"""How the panel carries out one call: actor, faults, events, transaction, record."""

from __future__ import annotations

import copy
import hmac
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import DictCursor

from sandbox.billmanager import schema
from sandbox.billmanager.answer import (
    CORE_ERRORS,
    HOST,
    PanelAnswer,
    PanelError,
    add_request,
    error_document,
    new_document,
    render,
)
from sandbox.billmanager.descriptions import Descriptions
from sandbox.billmanager.events import Event, Events, without
from sandbox.billmanager.faults import AnswerLost, Faults
from sandbox.billmanager.functions import FUNCTIONS, admin, client, people, staff
from sandbox.billmanager.panellog import PanelLog
from sandbox.billmanager.request import EMPLOYEE, ROOT_ACTOR, Actor, Context, Request, Upload
from sandbox.billmanager.sessions import Sessions
from sandbox.mariadb import MariaDB

_ = (admin, client, people, staff)  # imported so that their functions are registered


@dataclass
class PanelOptions:
    """Where public sources leave a choice open, the sandbox can go either way.

    ``error_rc``: mgrctl's exit code with an error document (0 is possible too). ``others_assignments_refused``:
    an employee may not answer in another employee's assignment. ``handler_limit``, ``cgi_limit``: seconds.
    ``cgi_length``: which variable tells a CGI the length of its input, or none. ``mgrctl_environment``: mgrctl has the
    option ``-e`` (documented); without it, it is one unknown option. ``status_codes``: ``ticket.status`` tells new,
    reviewed, answered and ended tickets apart; without, only archived ones from the others. ``archive_after``: seconds
    without a message after which :meth:`~sandbox.billmanager.acts.Acts.archive_inactive` archives what nobody has.
    ``archived_takes_messages``: a client may write in an archived ticket, which takes it out of the archive.
    ``file_paths``: whether ``ticket.file`` names a path of this host ("local"), one of another host ("elsewhere"), or
    none ("none"). ``file_answer``: what it gives over HTTP without ``out=``: the content with its name in a header
    ("named"), the bare content ("bare"), or a page ("page").
    ``ends_by``: what ends an assignment without a text: "answer" (``ticket.edit``), "delete" (``ticket_open.delete``)
    or "both"; the other one is refused.
    ``system_rows``: whether the panel stores its own lines ("moved to the archive") in the conversation, and with
    which author: "none" (it does not), "null", "zero", "service" (a user of its own), or "client" (the ticket's).
    ``message_edit``: what ``ticket.message.edit`` does: "works" (the employee's message has another text), "ignores"
    (answers ok and changes nothing), "refuses", "posts" (writes another message), or there is none ("absent");
    ``edit_moves_date``: a message that is changed gets the time of the change.
    ``refused_types``: what names of files end with that the panel does not take.
    ``longest_name``: characters of a file's name that are kept, None: all. ``logs_private``: the log shows the
    values of private fields, too. ``shows_changes``: what a handler changes in messages and metadata is shown.
    ``form_buttons``: what a button of type ``setvalues`` in a plugin's form does: asks for the form anew with its name
    in ``sv_field`` ("sv_field"), submits it with its name in ``clicked_button`` ("clicked_button"), or is not drawn,
    nor any other button but Ok and Cancel ("none").
    ``mail_events``: messages that come by mail fire the events of their form. ``file_alone``: an answer may have files
    and no text. ``archives_for_client``: who acts as a client by ``su=`` may archive that client's tickets.
    ``priority_by``: which of a ticket's forms changes its priority: "ticket_all.edit", "ticket.edit" or "both".
    ``moves_assignments``: ``support_tool_responsible`` with a ticket in ``plid`` moves one assignment; else refused.
    ``archives_assigned``: a ticket that somebody has may be archived (the documentation says not). ``draws_html``: a
    form draws a field's HTML (``htmldata``); without, there is nothing in its place. ``rates_again``: what a second
    rating of an answer does: "changes", "ignores" (answers ok and changes nothing), or "refuses". ``subject_prefix``:
    what the panel puts before the subject of a new ticket.
    """

    error_rc: int = 1
    others_assignments_refused: bool = False
    handler_limit: float = 30.0
    cgi_limit: float = 30.0
    cgi_length: str | None = "CONTENT_LENGTH"
    mgrctl_environment: bool = True
    system_rows: str = "none"
    archived_takes_messages: bool = True
    ends_by: str = "both"
    status_codes: bool = True
    archive_after: float | None = None
    file_paths: str = "local"
    file_answer: str = "bare"
    message_edit: str = "refuses"
    edit_moves_date: bool = False
    refused_types: tuple[str, ...] = ()
    longest_name: int | None = None
    draws_html: bool = True
    logs_private: bool = False
    shows_changes: bool = True
    form_buttons: str = "sv_field"
    mail_events: bool = False
    file_alone: bool = False
    archives_for_client: bool = True
    archives_assigned: bool = True
    moves_assignments: bool = True
    priority_by: str = "both"
    rates_again: str = "changes"
    subject_prefix: str = ""


class PanelCore:
    """The panel's state and its one entrance, :meth:`call`; mgrctl and the web server come in by it too."""

    def __init__(
        self,
        mariadb: MariaDB,
        root: Path,
        *,
        schema_options: schema.SchemaOptions | None = None,
        options: PanelOptions | None = None,
        events: bool = True,
        create: bool = True,
    ) -> None:
        self.mariadb = mariadb
        self.root = Path(root).resolve()
        self.schema = schema_options or schema.SchemaOptions(charset=mariadb.charset)
        self.options = options or PanelOptions()
        self.faults = Faults()
        self.event_system = Events(self.root, events, self.options.handler_limit)
        self.sessions = Sessions()
        self.requests: list[Request] = []
        self.parameters: dict[str, str] = {"DBName": self.schema.database, "DBHost": "localhost"}
        self.root_password = "root-password"
        self.host = HOST  # the panel's address in its documents; its web server's own once that runs
        self.balances: dict[int, str] = {}
        self.unread: set[int] = set()
        self.summaries: dict[int, str] = {}
        self.system_rows: set[int] = set()  # messages that the panel itself wrote
        self.rights: dict[int, frozenset[str]] = {}  # of employees made by the form; all others have every right
        self.forbidden: dict[int, frozenset[str]] = {}  # single functions that an employee may not use
        self.attachments = self.root / "var" / "sim-files-7f3a"
        self.uploads = self.root / "var" / "sim-uploads"
        self.log = PanelLog(self.root / "var" / "billmgr.log")
        self._lock = threading.Lock()
        (self.root / "var").mkdir(parents=True, exist_ok=True)
        if create:
            with mariadb.connect() as connection:
                schema.create(connection, self.schema)

    # The record, and the switch of the event handlers.

    @property
    def events(self) -> bool:
        """Whether registered handlers are run as processes; hooks are always called."""
        return self.event_system.enabled

    @events.setter
    def events(self, enabled: bool) -> None:
        self.event_system.enabled = enabled

    @property
    def event_runs(self) -> list[Any]:
        return self.event_system.runs

    @property
    def complaints(self) -> list[Any]:
        return self.event_system.complaints

    @property
    def descriptions(self) -> Descriptions:
        """What forms, lists and texts the core and the installed plugins have."""
        return self.event_system.plugins.descriptions()

    def on_event(self, hook: Callable[[Event], None]) -> None:
        """Call ``hook`` for each event, in this process."""
        self.event_system.hooks.append(hook)

    def database(self, kind: type[Connection[Any]] = Connection) -> Connection[Any]:
        """A connection of the panel's own: no autocommit, rows as dicts, and no view of the past beside a lock."""
        start = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
        if self.faults.read_only:
            start += ", READ ONLY"
        return self.mariadb.connect(
            self.schema.database, kind=kind, autocommit=False, cursorclass=DictCursor, init_command=start
        )

    def query(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """The rows that a reading statement gives, past all rights and events."""
        with self.database() as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    def set_read_only(self, on: bool = True) -> None:
        """The database takes no writes, neither the panel's nor anybody's who is not its root."""
        self.faults.read_only = on
        with self.mariadb.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SET GLOBAL read_only=%s", (int(on),))

    # One call.

    def call(
        self,
        func: str,
        params: Mapping[str, object] | None = None,
        as_user: int | str | None = None,
        *,
        uploads: Mapping[str, Upload] | None = None,
        via: str = "call",
        label: str = "sandbox",
        session: Actor = ROOT_ACTOR,
        created: datetime | None = None,
        fire: bool = True,
        quiet: bool = False,
    ) -> PanelAnswer:
        """Carry out ``func``; ``as_user`` is ``su=``. ``created`` dates what is written; ``fire``: events happen.

        ``quiet``: a page looks again at what it shows: no event, no record, no line in the log.
        """
        texts = {name: str(value) for name, value in (params or {}).items()}
        if as_user is not None:
            texts["su"] = str(as_user)
        request = Request(func, texts, via, label, dict(uploads or {}), session, time.time(), quiet=quiet)
        if not quiet:
            self.requests.append(request)
            hidden = frozenset[str]() if self.options.logs_private else self.descriptions.private(func)
            self.log.request(request, hidden)
        try:
            doc = self._carry_out(request, created, fire and not quiet)
            answer = PanelAnswer(0, render(self._finished(request, doc), self._format(request)))
        except PanelError as error:
            request.error = (error.type, error.object, error.value)
            self._put_into_words(error, request)
            if not quiet:
                self.log.error(error)
            doc = error_document(error, func, request.actor.name, request.actor.level, texts.get("lang", "ru"))
            answer = PanelAnswer(self.options.error_rc, render(doc, self._format(request)))
        except AnswerLost:
            answer = PanelAnswer(1, "")
        request.rc, request.xml = answer.rc, answer.xml
        return answer

    def _carry_out(self, request: Request, created: datetime | None, fire: bool) -> ET.Element:
        self.faults.before_work(request)
        try:
            with self.database() as connection:
                doc = self._in_transaction(connection, request, created, fire)
        except pymysql.MySQLError as error:
            number, text = (error.args[0], error.args[-1]) if len(error.args) > 1 else (0, str(error))
            raise PanelError("db", str(number), str(text)) from error
        lost = self.faults.after_commit(request)
        if fire and (lost is None or lost.events):
            doc = self.event_system.fire("final", request, doc)
        if lost is not None:
            raise lost.error or AnswerLost
        return doc

    def _in_transaction(
        self, connection: Connection[Any], request: Request, created: datetime | None, fire: bool
    ) -> ET.Element:
        """Everything up to the commit; an error on the way closes the connection, which rolls back."""
        request.actor = self._acting(connection, request)
        if request.func in self.forbidden.get(request.actor.id, ()):
            raise PanelError("access", request.func, request.actor.name)
        lang = request.params.get("lang", "ru")
        doc = new_document(request.func, lang)
        doc.set("host", self.host)
        self.descriptions.describe(doc, request.func, lang)
        if fire:
            doc = self.event_system.fire("before", request, doc)
        implementation = FUNCTIONS.get(request.func)
        plugin = self.event_system.plugins.for_function(request.func)
        if implementation is not None:
            implementation(Context(self, request, connection, doc, created))
        elif plugin is not None:
            if not self.descriptions.allows(request.func, request.actor.level):
                raise PanelError("access", request.func, request.actor.name)
            doc = self.event_system.function(plugin, request, doc)
            if not self.options.shows_changes:  # its rows and fields alone
                without(doc, ("metadata", "messages"))
                self.descriptions.describe(doc, request.func, lang)
        else:
            raise PanelError("missed", "func", request.func)
        if fire:
            doc = self.event_system.fire("after", request, doc)
        connection.commit()
        return doc

    def _finished(self, request: Request, doc: ET.Element) -> ET.Element:
        full = copy.deepcopy(doc)
        if self._format(request) != "devel":
            without(full, ("metadata", "messages"))
        add_request(full, {"func": request.func, **request.params})
        return full

    def _format(self, request: Request) -> str:
        return request.params.get("out", "text" if request.via == "mgrctl" else "xml")

    def _put_into_words(self, error: PanelError, request: Request) -> None:
        """Take the text from the descriptions (``msg_error_<type>``, documented) when the error brought none.

        The core's own types are put into another language than English only for who asks for one by ``lang``.
        """
        lang = request.params.get("lang", "")
        text = self.descriptions.messages("msgerror", lang or "ru").get(f"msg_error_{error.type}")
        if error.given or not text or (error.type in CORE_ERRORS and not lang):
            return
        names = self.descriptions.messages(request.func, lang)
        shown = error.params | {"object": names.get(error.object, error.object)}
        error.put_into_words(text, shown if error.type in CORE_ERRORS else error.params)

    # Who acts.

    def _acting(self, connection: Connection[Any], request: Request) -> Actor:
        wanted = request.params.get("su")
        if not wanted:
            return request.actor
        if request.actor.level < EMPLOYEE or wanted in self.faults.denied:
            raise PanelError("access", "su", wanted)
        actor = self.find_actor(connection, wanted)
        if str(actor.id) in self.faults.denied or actor.name in self.faults.denied or actor.level > request.actor.level:
            raise PanelError("access", "su", wanted)
        return actor

    def find_actor(self, connection: Connection[Any], user: str) -> Actor:
        """A user by login or by id; unknown and disabled ones are an ``access`` error (assumed; docs/unverified.md)."""
        if user == ROOT_ACTOR.name:
            return ROOT_ACTOR
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, name, level, account, enabled FROM user WHERE name=%s OR (%s AND id=%s) "
                "ORDER BY name=%s DESC LIMIT 1",
                (user, int(user.isdigit()), user if user.isdigit() else 0, user),
            )
            row = cursor.fetchone()
        if row is None or row["enabled"] != "on":
            raise PanelError("access", "su", user)
        return Actor(row["id"], row["name"], row["level"], row["account"])

    def check_password(self, connection: Connection[Any], user: str, password: str) -> Actor:
        """The user with this password, or the ``auth`` error."""
        known: str | None = self.root_password
        actor = ROOT_ACTOR
        if user != ROOT_ACTOR.name:
            with connection.cursor() as cursor:
                cursor.execute("SELECT password FROM user WHERE name=%s AND enabled='on'", (user,))
                row = cursor.fetchone()
            known = row["password"] if row else None
            actor = self.find_actor(connection, user) if row else actor
        if not known or not hmac.compare_digest(known.encode(), password.encode()):
            raise PanelError("auth", "password")
        return actor
