"""What is known of the links, the catalogue and Omnidesk's fields, even if part of it is broken or unavailable.

A panel's function is a new process each time, so the last good state of the files is kept in the state table; the
account's fields are remembered there anyway.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pymysql

from omnidesk.core import database as database
from omnidesk.core.errors import Failure
from omnidesk.custom_fields.catalogue import Catalogue, Link, Value
from omnidesk.custom_fields.live import LiveCatalogue, LiveLinks
from omnidesk.custom_fields.sql_approval import ApprovalStore, MemoryApprovals
from omnidesk.custom_fields.values import FieldValues
from omnidesk.helpdesk.models import CustomField
from omnidesk.panel_ui.desk import Desk
from omnidesk.store.approvals import Approvals

log = logging.getLogger("panel")
GOOD_STATE = "panel:fields"
PATIENCE = 10  # seconds for Omnidesk's answer while somebody waits in the panel
FRESH = 60.0  # an administrator who has just added a field there wants to see it here
ANY_AGE = float("inf")


@dataclass(frozen=True)
class Known:
    """``fields`` by key, ``None`` when nobody knows them; ``links`` and ``catalogue`` as they are or were last good.

    ``broken`` tells each file that is broken at present, ``away`` why Omnidesk could not be asked.
    """

    links: tuple[Link, ...]
    catalogue: Catalogue
    fields: Mapping[str, CustomField] | None
    broken: tuple[Failure, ...] = ()
    away: Failure | None = None

    @property
    def is_set_up(self) -> bool:
        """Whether there are settings at all."""
        return self.away is None or self.away.type != "settings_file"

    def field(self, key: str) -> CustomField | None:
        return self.fields.get(key) if self.fields is not None else None

    def link(self, field: str) -> Link | None:
        """The field's link."""
        return next((one for one in self.links if one.field == field), None)


def read(desk: Desk, older: float = FRESH) -> Known:
    """Everything, from the files and from Omnidesk; the remembered list of fields when it is younger than ``older``."""
    links, catalogue = LiveLinks(desk.paths.field_links, _quiet), LiveCatalogue(desk.paths.catalogue, _quiet)
    now = Known(links.current(), catalogue.current(), None)
    broken = tuple(problem for problem in (links.problem, catalogue.problem) if problem is not None)
    now = replace(now, broken=broken)
    now = _with_good_state(desk, now, links.problem is not None)
    fields, away = _fields(desk, older)
    return replace(now, fields=fields, away=away)


def _quiet(problem: Failure) -> None:
    log.info("%s", problem)


def _with_good_state(desk: Desk, now: Known, links_broken: bool) -> Known:
    """``now`` with what was good before in the place of what is broken; remembers what is good."""
    try:
        kept: dict[str, Any] = desk.state.get(GOOD_STATE, {})
        if links_broken:
            now = replace(now, links=tuple(Link(*one) for one in kept.get("links", [])))
        values = dict(now.catalogue.values)
        if now.broken:
            for key, parts in kept.get("values", {}).items() if now.catalogue.problems else ():
                values.setdefault(key, Value(key, *parts))
            catalogue = Catalogue(values, now.catalogue.problems, now.catalogue.broken)
            return replace(now, catalogue=catalogue)
        linked = [values[one.value] for one in now.links if one.value in values]
        good = {
            "links": [[one.field, one.value] for one in now.links],
            "values": {one.key: [one.entity, one.name, one.sql, one.name_en] for one in linked},
        }
        if good != kept:
            desk.state.put(GOOD_STATE, good)
    except Failure as failure:
        log.warning("the last valid state of custom fields is not available: %s", failure)
    return now


def _fields(desk: Desk, older: float) -> tuple[Mapping[str, CustomField] | None, Failure | None]:
    try:
        state = desk.state  # brings the tables up to date, too
    except Failure as failure:
        return None, failure
    try:
        settings = desk.settings
        context = desk.context(replace(settings, request_timeout=min(settings.request_timeout, PATIENCE)))
        return {one.key: one for one in context.account.fields(older)}, None
    except Failure as failure:
        rows = state.get("account:fields")
        return ({row["key"]: CustomField(**row) for row in rows} if rows else None), failure


def values(desk: Desk, known: Known) -> FieldValues:
    """What runs statements as the worker does, with the settings' own database user if there is one; to be closed."""
    approvals: ApprovalStore
    try:
        approvals = Approvals(desk.state)
    except Failure:
        approvals = MemoryApprovals()
    return FieldValues(known.catalogue, known.links, approvals, _connector(desk), log)


def _connector(desk: Desk) -> Callable[[], pymysql.Connection[Any]]:
    def connect() -> pymysql.Connection[Any]:
        try:
            settings = desk.settings
        except Failure:
            return database.connect(database.address(desk.paths))
        password = settings.fields_db_password if settings.fields_db_user else None
        return database.connect(database.address(desk.paths), settings.fields_db_user, password)

    return connect
