"""What a value would be for one client or ticket, as Omnidesk takes it: shown before a link is saved."""

from __future__ import annotations

from dataclasses import dataclass

from omnidesk.billmanager import samples
from omnidesk.core.database import Database
from omnidesk.core.errors import Failure
from omnidesk.core.text import shorten
from omnidesk.custom_fields.catalogue import Entity, Value
from omnidesk.custom_fields.convert import Sent, plain
from omnidesk.custom_fields.problems import FieldProblem
from omnidesk.custom_fields.sql_run import Raw
from omnidesk.custom_fields.values import FieldValues
from omnidesk.helpdesk.models import CustomField

LONGEST_SHOWN = 1000


@dataclass(frozen=True)
class Sample:
    """A client's user or a ticket to try a statement on; ``id`` 0 when there is none at all."""

    id: int
    who: str = ""


@dataclass(frozen=True)
class Shown:
    """What would be sent (``nothing``: the field is left as it is) and what the statement yielded, in words.

    ``option`` is the text of the chosen option or options, ``warnings`` what deserves a look in the value.
    """

    sent: str = ""
    yielded: str = ""
    nothing: bool = False
    option: str = ""
    warnings: tuple[FieldProblem, ...] = ()


def sample(db: Database, entity: Entity, given: str) -> Sample:
    """The client or ticket of this number; the newest for "". Raises ``bad_value``, ``no_user``, ``no_ticket``."""
    if not given:
        return _newest(db, entity)
    if not (given.isascii() and given.isdigit() and len(given) <= 18):
        raise Failure("bad_value", "sample", shorten(given, 40))
    found = _find(db, entity, int(given))
    if found is None:
        missing = {"user": "no_user", "case": "no_ticket"}[entity]
        raise Failure(missing, "sample", str(int(given)))
    return found


def _newest(db: Database, entity: Entity) -> Sample:
    newest = samples.newest_client(db) if entity == "user" else samples.newest_ticket(db)
    found = _find(db, entity, newest) if newest else None
    return found or Sample(0)


def _find(db: Database, entity: Entity, id: int) -> Sample | None:
    who = samples.subject(db, id) if entity == "case" else samples.client_name(db, id)
    return None if who is None else Sample(id, shorten(" ".join(who.split()), 100))


def preview(values: FieldValues, value: Value, field: CustomField, about: Sample) -> Shown:
    """What would be sent for ``field``; raises :class:`FieldProblem` with the reason when it cannot be filled."""
    found = values.preview(value, about.id, field)
    keys = found.sent if isinstance(found.sent, list) else [found.sent]
    option = ", ".join(field.options.get(key, "") for key in keys if isinstance(key, str))
    return Shown(_text(found.sent), _yielded(found.raw), found.sent is None, option, found.warnings)


def _text(sent: Sent | None) -> str:
    if isinstance(sent, bool):
        return "true" if sent else "false"
    return shorten((", ".join(sent) if isinstance(sent, list) else sent) or "", LONGEST_SHOWN)


def _yielded(raw: Raw) -> str:
    try:
        return shorten(plain(raw), LONGEST_SHOWN)
    except FieldProblem:
        return ""
