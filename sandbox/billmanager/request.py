"""One call of a panel function: who, what, and the hands the function works with."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pymysql.connections import Connection

from sandbox.billmanager.answer import PanelError

if TYPE_CHECKING:
    from sandbox.billmanager.core import PanelCore

CLIENT, DEPARTMENT, EMPLOYEE, ROOT = 16, 28, 29, 30
"""Access levels (documented)."""


@dataclass(frozen=True)
class Actor:
    """Who acts: a row of ``user``, or root (id 0), who has none."""

    id: int
    name: str
    level: int
    account: int | None = None

    @property
    def auth_user(self) -> str:
        """What a handler sees as AUTH_USER: the id; for root, who has none, the name (assumed)."""
        return str(self.id) if self.id else self.name


ROOT_ACTOR = Actor(0, "root", ROOT)


@dataclass(frozen=True)
class Upload:
    """A file sent along with a call, already on the panel's disk."""

    name: str
    path: Path


@dataclass
class Request:
    """A call as recorded: ``via`` is call, mgrctl or http; ``label`` the caller's SSH_CONNECTION or address.

    ``quiet``: a page only looks again at what it shows; that is neither recorded nor an event.
    """

    func: str
    params: dict[str, str]
    via: str
    label: str
    uploads: dict[str, Upload] = field(default_factory=dict)
    actor: Actor = ROOT_ACTOR
    time: float = 0.0
    rc: int | None = None
    xml: str = ""
    error: tuple[str, str, str] | None = None
    quiet: bool = False

    @property
    def submitted(self) -> bool:
        """A form is sent, not only opened."""
        return self.params.get("sok") == "ok" or self.params.get("sv_field") == "ok_message"


@dataclass
class Context:
    """What a panel function gets: the request, the actor, one transaction, and the document to fill."""

    panel: PanelCore
    request: Request
    connection: Connection[Any]
    doc: ET.Element
    created: datetime | None = None

    @property
    def actor(self) -> Actor:
        return self.request.actor

    @property
    def params(self) -> Mapping[str, str]:
        return self.request.params

    @property
    def submitted(self) -> bool:
        return self.request.submitted

    def param(self, name: str, default: str = "") -> str:
        return self.request.params.get(name, default)

    def required(self, name: str) -> str:
        """The parameter's value, or the panel's ``missed`` error (seen in public integrations)."""
        value = self.param(name)
        if not value.strip():
            raise PanelError("missed", name)
        return value

    def number(self, name: str) -> int:
        """A required numeric parameter, or the panel's ``value`` error."""
        value = self.required(name)
        if not value.isascii() or not value.isdigit():
            raise PanelError("value", name, value)
        return int(value)

    def row(self, sql: str, *values: object) -> dict[str, Any] | None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)
            found: dict[str, Any] | None = cursor.fetchone()
        return found

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    def change(self, sql: str, *values: object) -> int:
        """Run a writing statement; the id it generated, if any."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)
            return int(cursor.lastrowid or 0)

    def supporter(self) -> Actor:
        """Who may use the group Support: root, and employees with a right to it; others are refused."""
        if self.actor.level < EMPLOYEE:
            raise PanelError("access", self.request.func, self.actor.name)
        if "support" not in self.panel.rights.get(self.actor.id, ("support",)):
            raise PanelError("access", self.request.func, self.actor.name)
        return self.actor

    def staff(self) -> Actor:
        """The acting employee; root without ``su=`` is nobody who could answer."""
        actor = self.supporter()
        if not actor.id:
            raise PanelError("access", self.request.func, actor.name)
        return actor

    def client(self) -> Actor:
        """The acting client; staff are refused."""
        if self.actor.level != CLIENT or self.actor.account is None:
            raise PanelError("access", self.request.func, self.actor.name)
        return self.actor
