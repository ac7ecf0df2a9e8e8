"""Who may use which function of the module in the panel.

The panel says who asks: ``AUTH_LEVEL``, and in ``AUTH_USER`` the user's number (root: a name; docs/unverified.md).
Whether that is so, and whether the request is the user's own wish (CSRF), is the panel's to see to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnidesk.billmanager.models import Person
from omnidesk.billmanager.reader import Reader
from omnidesk.core import settings
from omnidesk.core.errors import Failure
from omnidesk.panel_ui import names
from omnidesk.panel_ui.request import ADMINISTRATOR, ROOT, Request

if TYPE_CHECKING:
    from omnidesk.panel_ui.desk import Desk

# What decides where tickets go and what of the database goes with them. Lists and repeating are every employee's.
# So is what clients wrote in tickets of any department.
RESTRICTED = frozenset(
    (
        names.SETTINGS,
        names.ALERTS,
        names.FIELDS_LINK,
        names.FIELDS_EDIT,
        names.FIELDS_DELETE,
        names.HEALTH_TICKET,
        names.ROUTING_EDIT,
        names.ROUTING_DELETE,
        names.ROUTING_UP,
        names.ROUTING_DOWN,
    )
)


def check(desk: Desk, request: Request) -> None:
    """Raise the :class:`Failure` that says who may, unless this user may."""
    if request.level < ADMINISTRATOR:
        raise Failure("access", request.func)
    if request.func in RESTRICTED:
        administrator(desk, request)


def administrator(desk: Desk, request: Request) -> None:
    """Raise the :class:`Failure` that says who may, unless this user administers the module."""
    if request.level >= ROOT:
        return
    person = _person(desk, request.user)
    if person is None or not _named(desk, person):
        raise Failure("access_settings", request.func, person.login if person else request.user)


def _named(desk: Desk, person: Person) -> bool:
    allowed = settings.administrators(desk.paths.settings)
    return person.enabled and person.level >= ADMINISTRATOR and person.login in allowed


def _person(desk: Desk, user: str) -> Person | None:
    """Who it is by the panel's own table: a login that somebody chose must not pass for another one's number."""
    if user.isascii() and user.isdigit() and len(user) < 19:
        return Reader(desk.db).person(int(user))
    return Reader(desk.db).employee_by_login(user) if user else None
