"""Values of custom fields for one ticket or client, ready to be sent, and the check of the whole configuration.

A broken field never stops a ticket: whatever goes wrong with one is logged with the field's and the value's key, and
the field is left out of the result.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from omnidesk.core.errors import Failure
from omnidesk.custom_fields import sql_approval, sql_run
from omnidesk.custom_fields.catalogue import Catalogue, Entity, Link, Value
from omnidesk.custom_fields.convert import Sent, to_omnidesk
from omnidesk.custom_fields.findings import grants_findings, layers_finding, of_problem
from omnidesk.custom_fields.problems import FieldProblem, Warn
from omnidesk.custom_fields.sql_approval import ApprovalStore
from omnidesk.helpdesk.models import CustomField
from omnidesk.wording.findings import Finding

if TYPE_CHECKING:
    from omnidesk.custom_fields.sql_run import Connection

SLOW_REST = 60.0  # seconds for which a statement that took too long is not run again: messages wait for it each time
LEVELS = ("user", "case")
"""What a field may belong to for the module to fill it. Omnidesk also has fields of companies."""


@dataclass(frozen=True)
class Preview:
    """What a statement yields (``raw``), what would be sent (``None``: nothing), and what deserves a look in it."""

    raw: sql_run.Raw
    sent: Sent | None
    warnings: tuple[FieldProblem, ...] = ()


class CatalogueSource(Protocol):
    """Where the catalogue in force comes from (:class:`omnidesk.custom_fields.live.LiveCatalogue`)."""

    def current(self) -> Catalogue:
        """The catalogue to use now."""


class LinkSource(Protocol):
    """Where the links in force come from (:class:`omnidesk.custom_fields.live.LiveLinks`)."""

    def current(self) -> tuple[Link, ...]:
        """The links to use now."""


class _Unreachable(Exception):
    """No statement can be run at present; ``problem`` says why."""

    def __init__(self, problem: FieldProblem) -> None:
        self.problem = problem
        super().__init__(problem.code)


class FieldValues:
    """Evaluates the linked values. Holds one connection of its own, opened when first needed; close it at the end.

    ``catalogue`` and ``links`` may be given as they are or as sources that read their files again; ``connect`` opens
    a connection to the panel's database; ``seconds`` is the time limit of one statement. Not for several threads.
    """

    def __init__(
        self,
        catalogue: Catalogue | CatalogueSource,
        links: Iterable[Link] | LinkSource,
        approvals: ApprovalStore,
        connect: Callable[[], Connection],
        log: logging.Logger | None = None,
        seconds: float = sql_run.SECONDS,
    ) -> None:
        self._catalogue = catalogue
        self._links = links if hasattr(links, "current") else tuple(links)
        self._approvals = approvals
        self._connect = connect
        self._log = log or logging.getLogger(__name__)
        self._seconds = seconds
        self._connection: Connection | None = None
        self._slow: dict[str, float] = {}  # statements that took too long, and until when they are not run

    def __enter__(self) -> FieldValues:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection; the next evaluation opens another."""
        connection, self._connection = self._connection, None
        if connection is not None and connection.open:
            connection.close()

    def for_case(self, ticket_id: int, fields: Iterable[CustomField]) -> dict[str, Sent]:
        """The case-level fields of the ticket, by ``cf_`` key. Never raises because of a field."""
        return self.values("case", ticket_id, fields)

    def for_user(self, user_id: int, fields: Iterable[CustomField]) -> dict[str, Sent]:
        """The user-level fields of the client's user, by ``cf_`` key. Never raises because of a field."""
        return self.values("user", user_id, fields)

    def values(self, entity: Entity, id: int, fields: Iterable[CustomField]) -> dict[str, Sent]:
        """The fields of one entity; those without a value, or broken, are not in the result."""
        described = {field.key: field for field in fields}
        found: dict[str, Sent] = {}
        known: dict[str, sql_run.Raw] = {}
        for link in self._current_links():
            try:
                sent = self._value(entity, id, link, described, known)
            except FieldProblem as problem:
                self._leave_out(link, problem)
            except _Unreachable as outage:
                self._log.error("custom fields of %s %s are not filled: %s", entity, id, outage.problem)
                return found
            except Exception:  # noqa: BLE001 - an error here or in the driver leaves only this field out
                self._log.exception("custom field %s (value %s) is not filled", link.field, link.value)
                self.close()  # it may be in the middle of an answer
            else:
                if sent is not None:
                    found[link.field] = sent
        return found

    def preview(self, value: Value, id: int, field: CustomField | None = None) -> Preview:
        """What the statement yields about this entity now, and what would be sent for ``field`` (``None``: nothing).

        Raises :class:`FieldProblem` for whatever is wrong, also when no statement can be run at present.
        """
        warnings: list[FieldProblem] = []
        try:
            raw = self._evaluate(value, id, warnings.append)
        except _Unreachable as outage:
            raise outage.problem from outage
        sent = to_omnidesk(field, raw, warnings.append) if field is not None else None
        return Preview(raw, sent, tuple(warnings))

    def check(self, fields: Iterable[CustomField], samples: Mapping[Entity, int] | None = None) -> list[Finding]:
        """Everything wrong with the catalogue, the links and the connection, and which layers are in force.

        Runs each statement once, about the entity ``samples`` names (id 0 without one, which finds wrong names of
        tables and columns but sees no value). Problems of values no field is linked to are only warnings.
        """
        described = {field.key: field for field in fields}
        catalogue, links = self.catalogue(), self._current_links()
        found = [of_problem(problem, "") for problem in catalogue.problems]
        found += [of_problem(problem, link.field) for link in links for problem in self._link_problems(link, described)]
        try:
            for value in catalogue:
                linked = [
                    described[link.field] for link in links if link.value == value.key and link.field in described
                ]
                found += self._trial(value, linked, (samples or {}).get(value.entity, 0))
            connection = self._session()
            found += grants_findings(connection)
            found.append(layers_finding(connection, self._seconds))
        except _Unreachable as outage:
            found.append(of_problem(outage.problem, "database"))
        return found

    def _trial(self, value: Value, linked: list[CustomField], id: int) -> list[Finding]:
        level = "error" if linked else "warning"
        found: list[Finding] = []

        def warn(problem: FieldProblem) -> None:
            found.append(of_problem(problem, value.key, "warning"))

        try:
            raw = self._evaluate(value, id, warn)
        except FieldProblem as problem:
            return [*found, of_problem(problem, value.key, level)]
        for field in linked:
            name = f"{field.key} ({value.key})"
            cut: list[FieldProblem] = []
            try:
                to_omnidesk(field, raw, cut.append)
            except FieldProblem as problem:
                found.append(of_problem(problem, name, level))
            found += [of_problem(problem, name, "warning") for problem in cut]
        return found

    def _link_problems(self, link: Link, described: Mapping[str, CustomField]) -> list[FieldProblem]:
        value, field = self.catalogue().get(link.value), described.get(link.field)
        problems = []
        if value is None:
            problems.append(FieldProblem("unknown_value", value=link.value))
        if field is None:
            problems.append(FieldProblem("unknown_field", field=link.field))
        elif not field.active:
            problems.append(FieldProblem("inactive_field", field=link.field))
        if field is not None and field.level not in LEVELS:
            problems.append(FieldProblem("unknown_level", field=link.field, level=field.level))
        elif value is not None and field is not None and value.entity != field.level:
            levels = {"entity": value.entity, "level": field.level}
            problems.append(FieldProblem("wrong_level", value=link.value, field=link.field, **levels))
        return problems

    def _value(
        self, entity: Entity, id: int, link: Link, described: Mapping[str, CustomField], known: dict[str, sql_run.Raw]
    ) -> Sent | None:
        """The value of one link, ``None`` if it has none or is about the other kind of entity."""
        value, field = self.catalogue().get(link.value), described.get(link.field)
        level = field.level if field is not None and field.level in LEVELS else value.entity if value else entity
        if level != entity:
            return None
        for problem in self._link_problems(link, described):
            raise problem
        if value is None or field is None:
            return None

        def warn(problem: FieldProblem) -> None:
            self._log.warning("custom field %s (value %s) of %s %s: %s", link.field, link.value, entity, id, problem)

        if value.key not in known:
            known[value.key] = self._in_time(value, id, warn)
        return to_omnidesk(field, known[value.key], warn)

    def _in_time(self, value: Value, id: int, warn: Warn) -> sql_run.Raw:
        """What the statement yields, unless it took too long a moment ago."""
        if time.monotonic() < self._slow.get(value.sql, 0.0):
            raise FieldProblem("too_slow", seconds=self._seconds)
        try:
            return self._evaluate(value, id, warn)
        except FieldProblem as problem:
            if problem.code == "too_slow":
                self._slow[value.sql] = time.monotonic() + SLOW_REST
            raise

    def _evaluate(self, value: Value, id: int, warn: Warn) -> sql_run.Raw:
        """Approves and runs one statement; a connection lost since the last one is reopened, once."""
        import pymysql

        sql_approval.ensure(sql_run.tidy(value.sql), self._approvals)
        while True:
            fresh = self._connection is None
            connection = self._session()
            try:
                return sql_run.evaluate(connection, value, id, warn)
            except pymysql.err.MySQLError as error:
                self.close()
                if fresh:  # the statement itself costs the connection, so it is at fault, not the database
                    raise FieldProblem("refused_by_server", reason=error.args[-1]) from error

    def _session(self) -> Connection:
        import pymysql

        if self._connection is not None and self._connection.open:
            return self._connection
        try:
            connection = self._connect()
            self._connection = connection
            sql_run.prepare(connection, self._seconds)
        except FieldProblem as problem:
            self.close()
            raise _Unreachable(problem) from problem
        except (pymysql.err.MySQLError, Failure, OSError) as error:
            self.close()
            reason = error.value if isinstance(error, Failure) else error.args[-1]
            raise _Unreachable(FieldProblem("no_database", reason=reason)) from error
        return connection

    def _leave_out(self, link: Link, problem: FieldProblem) -> None:
        self._log.warning("custom field %s (value %s) is not filled: %s", link.field, link.value, problem)

    def catalogue(self) -> Catalogue:
        """The catalogue in force."""
        return self._catalogue if isinstance(self._catalogue, Catalogue) else self._catalogue.current()

    def _current_links(self) -> tuple[Link, ...]:
        return self._links if isinstance(self._links, tuple) else self._links.current()
