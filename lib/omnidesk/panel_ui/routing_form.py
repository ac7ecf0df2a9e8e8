"""The form of one row of the routing table: which tickets it is about, and what their cases get.

Several departments, projects or labels may be chosen. A channel besides that of the settings has a secret of its own,
which is written into ``omnidesk.conf``.
"""

from __future__ import annotations

import logging
from typing import Any

from omnidesk.core.errors import Failure, Misconfigured, Refused
from omnidesk.core.phrase import with_cure
from omnidesk.core.settings import SETTINGS, Settings, parse
from omnidesk.core.text import shorten
from omnidesk.panel_ui import names, routing_known, settings_file
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.request import Request
from omnidesk.panel_ui.routing_known import Table
from omnidesk.panel_ui.routing_list import notices
from omnidesk.routing import saved
from omnidesk.routing.resolve import resolve
from omnidesk.routing.routes import Problem
from omnidesk.routing.table import SEVERAL, Row, row

log = logging.getLogger("panel")
CHOSEN = ("department", "project", "group", "channel", "priority", "labels", "language")
SECRETS = "OmnideskSecrets"


class _AtField(Exception):
    """``failure`` is to be shown at the form's field ``name``."""

    def __init__(self, name: str, failure: Failure) -> None:
        super().__init__(name)
        self.name = name
        self.failure = failure


def serve(desk: Desk, request: Request, document: Document) -> None:
    """Open, show again, or save. ``elid`` is the key of the row that is changed, empty for a new one."""
    try:
        settings = desk.settings
    except Misconfigured:
        if request.submitted:
            raise
        document.ok("form", f"func={names.SETTINGS}")
        return
    again = bool(request.changed_field) and not request.submitted
    table = routing_known.read(desk, routing_known.ANY_AGE if again else routing_known.FRESH)
    if table.broken is not None:
        raise table.broken
    before = table.rows.get(request.value("elid"))
    if request.value("elid") and before is None:
        raise Refused("no_route", value=shorten(request.value("elid"), 80))
    if not request.submitted:
        _show(request, document, settings, table, before)
        return
    try:
        _save(desk, request, settings, table, before)
    except _AtField as problem:
        document.error(problem.failure, request.language, problem.name)
        return
    document.ok()


def _show(request: Request, document: Document, settings: Settings, table: Table, before: Row | None) -> None:
    document.value("elid", request.value("elid"))
    for name in CHOSEN:
        chosen = _chosen(request, table, before, name)
        document.value(name, ", ".join(chosen))
        offered = table.offered(name)
        lost = [(one, one) for one in chosen if one not in dict(offered)]  # a name that nobody has stays to be seen
        nothing = [] if name in SEVERAL else [("", document.words("choose") or "—")]
        document.choices(name, [*nothing, *lost, *offered])
    comment = before.comment if before is not None else ""
    document.value("comment", request.value("comment") if request.has("comment") else comment)
    document.value("secret")
    known = {channel for channel, _ in settings.channel_secrets}
    if known & set(_chosen(request, table, before, "channel")):
        document.message("placeholder_secret", document.words("secret_kept"))
    note = " ".join(notices(table, request, document))
    document.value("note", note)
    if not note:
        document.leave_out("note")


def _chosen(request: Request, table: Table, before: Row | None, name: str) -> list[str]:
    """What stands in a field: as sent, else as the row has it."""
    if request.has(name):
        text = request.value(name)
        return [one for part in text.split(",") if (one := part.strip())] if name in SEVERAL else [text] if text else []
    given = getattr(before, name) if before is not None else ()
    return [table.number(name, one) for one in (given if isinstance(given, tuple) else (given,)) if one]


def _save(desk: Desk, request: Request, settings: Settings, table: Table, before: Row | None) -> None:
    made = _entry(request, table, before)
    number = before.number if before is not None else len(table.rows) + 1
    found = row(made, number)
    if found.problem is not None:
        raise _AtField(
            "priority" if made.get("priority") else "group", _refused(number, Problem(number, "", found.problem))
        )
    wrong = next((one for one in resolve([found], table.known).problems), None)
    if wrong is not None:
        if table.away is not None and wrong.said.key == "routing.not_read":
            raise _AtField(wrong.field, table.away)
        raise _AtField(wrong.field, _refused(number, wrong))
    _keep_secret(desk, request, settings, str(made.get("channel", "")))
    saved.put(desk.paths, made, request.value("elid"))
    log.info("row %s of the routing table was saved", number)


def _refused(number: int, wrong: Problem) -> Failure:
    return Refused("route", str(number), with_cure(wrong.said))


def _entry(request: Request, table: Table, before: Row | None) -> dict[str, Any]:
    """The row as it is written: what means the same as before stays as people wrote it."""
    found: dict[str, Any] = {}
    for name in CHOSEN:
        chosen = _chosen(request, table, before, name)
        given = getattr(before, name) if before is not None else ()
        kept = [one for one in (given if isinstance(given, tuple) else (given,)) if one]
        same = [table.number(name, one) for one in kept] == chosen
        values = kept if same else chosen
        if values:
            found[name] = values if name == "labels" or len(values) > 1 else values[0]
    comment = " ".join(request.value("comment").split())
    return {**found, "comment": comment} if comment else found


def _keep_secret(desk: Desk, request: Request, settings: Settings, channel: str) -> None:
    """The secret that was typed, among those of further channels; nothing typed leaves them as they are."""
    secret = request.value("secret")
    if not secret:
        return
    try:
        ((key, _),) = SETTINGS[SECRETS][1](f"{channel}:{secret}")
    except ValueError as problem:
        raise _AtField("secret" if channel else "channel", Refused("route_secret", channel, problem.args[0])) from None
    if key == settings.channel:
        raise _AtField("channel", Refused("route_secret_main", key))
    with settings_file.alone(desk.paths):
        kept = dict(parse(settings_file.read(desk.paths).text).channel_secrets)
        texts = {name: one.reveal() for name, one in kept.items()} | {key: secret}
        joined = ", ".join(f"{name}:{text}" for name, text in texts.items())
        settings_file.save(desk.paths, {SECRETS: joined})
