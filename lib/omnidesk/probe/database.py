"""What is assumed of the panel's database, read from its catalogue and by counting; no row of a person is read."""

from __future__ import annotations

from collections.abc import Iterator

from omnidesk.billmanager import rating_column
from omnidesk.billmanager.columns import NUMBERS, TEXTS
from omnidesk.billmanager.inspection import Inspection
from omnidesk.billmanager.models import ARCHIVED, EMPLOYEE_LEVEL
from omnidesk.core.database import Database
from omnidesk.probe.findings import Check, Finding, counted, fact, judged, names
from omnidesk.store.schema import MARK, TABLES

EXPECTED = {
    "ticket": ("id", "name", "account_client", "responsible", "item", "project", "status", "client_read"),
    "ticket2user": ("id", "ticket", "user"),
    "ticket_message": ("id", "ticket", "user", "message", "date_post"),
    "ticket_note": ("id", "ticket", "user", "note", "date_post"),
    "ticket_message_attach": ("id", "ticket_message"),
    "user": ("id", "account", "name", "realname", "email", "phone", "level", "language", "enabled"),
    "account": ("id", "name", "registration_date", "country"),
}
SERVICES = {
    "item": ("id", "name", "account", "processingmodule", "pricelist", "status", "expiredate"),
    "itemparam": ("item", "intname", "value"),
    "itemtype": ("id", "name"),
    "pricelist": ("id", "name", "itemtype"),
    "project": ("id", "name"),
    "account2project": ("account", "project"),
}
MONEY = {
    "country": ("id", "name"),
    "currency": ("id", "iso"),
    "subaccount": ("id", "account", "balance", "currency"),
    "payment": ("subaccount", "paydate", "paymethodamount", "status"),
}
MAIN = ("ticket", "ticket2user", "ticket_message", "ticket_note", "ticket_message_attach")
_OF_TICKET = ("ticket2user", "ticket_message", "ticket_note")
_TEXTS = (("ticket", "name"), ("ticket_message", "message"), ("ticket_note", "note"), ("user", "realname"))
FEW = 12


class DatabaseChecks:
    """The checks of one connection, which only reads."""

    def __init__(self, db: Database, rating_column: str = "") -> None:
        self.inspection = Inspection(db)
        self.rating_column = rating_column
        self._columns: dict[str, dict[str, tuple[str, str]]] | None = None

    def checks(self) -> list[tuple[str, Check]]:
        """Each with the key that is not settled when it fails."""
        return [
            ("tables.server", self.server),
            ("tables.columns", self.columns),
            ("tables.indexes", self.indexes),
            ("tables.status", self.status),
            ("tables.rating", self.rating),
            ("tables.attachments", self.attachments),
            ("tables.people", self.people),
            ("tables.charset", self.charset),
            ("tables.time_zone", self.time_zone),
            ("tables.types", self.types),
            ("tables.services", lambda: [self._held("tables.services", SERVICES)]),
            ("tables.money", lambda: [self._held("tables.money", MONEY)]),
            ("tables.original", self.original),
        ]

    def _of(self, table: str) -> dict[str, tuple[str, str]]:
        """The columns of a table: type and character set by name; empty when there is no such table."""
        if self._columns is None:
            self._columns = {}
            for one in self.inspection.columns((*EXPECTED, *SERVICES, *MONEY)):
                self._columns.setdefault(one.table, {})[one.name] = (one.type, one.charset)
        return self._columns.get(table, {})

    def server(self) -> Iterator[Finding]:
        one_of_limits = ("max_execution_time", "max_statement_time")
        one_of_read_only = ("transaction_read_only", "tx_read_only")
        server = self.inspection.server((*one_of_limits, *one_of_read_only))
        limits = not server.variables.isdisjoint(one_of_limits)
        read_only = not server.variables.isdisjoint(one_of_read_only)
        found = f"{server.version}; sql_mode {server.mode}; {names(server.variables)}"
        yield judged("tables.server", limits and read_only, found)

    def columns(self) -> Iterator[Finding]:
        yield self._held("tables.columns", {name: columns for name, columns in EXPECTED.items() if name != "user"})

    def _held(self, key: str, expected: dict[str, tuple[str, ...]]) -> Finding:
        """Tables held against what is assumed: what is missing, and what there is beside it."""
        result, right = [], True
        for table, wanted in expected.items():
            present = self._of(table)
            missing = [one for one in wanted if one not in present]
            right = right and not missing
            more = names(one for one in present if one not in wanted)
            if not present:
                result.append(f"{table}: no such table")
            else:
                result.append(f"{table}: {'missing ' + names(missing) if missing else 'complete'}; also {more}")
        return judged(key, right, " | ".join(result))

    def indexes(self) -> Iterator[Finding]:
        indexed = self.inspection.indexed_by_ticket(_OF_TICKET)
        used = [
            f"{table}: {'index' if table in indexed else 'no index'}, read by {self.inspection.read_by_ticket(table)}"
            for table in _OF_TICKET
        ]
        grows = self.inspection.numbering(_OF_TICKET)
        result = " | ".join([*used, f"ids grow: {names(grows)}"])
        yield judged("tables.indexes", indexed == set(_OF_TICKET) and len(grows) == len(_OF_TICKET), result)

    def status(self) -> Iterator[Finding]:
        found = self.inspection.statuses()
        yield judged("tables.status", True if str(ARCHIVED) in found else None, counted(found))

    def rating(self) -> Iterator[Finding]:
        columns = self.inspection.rating_candidates()
        candidates = [f"{one.table}.{one.name} {one.type}" for one in columns]
        wanted = (self.rating_column,) if self.rating_column else rating_column.NAMES
        ours = [one.name for one in columns if one.table == "ticket_message" and one.name in wanted
                and one.type in (*NUMBERS, *TEXTS)]  # fmt: skip
        result = "; ".join(candidates) or "no candidate"
        if ours:
            chosen = next(one for one in wanted if one in ours)
            result += f"; values of ticket_message.{chosen}: {self._values(chosen)}"
        yield judged("tables.rating", bool(ours), result)

    def _values(self, column: str) -> str:
        """How often each value stands in a column; texts that are no ratings are not shown."""
        found: dict[str, int] = {}
        for value, count in self.inspection.values(column, FEW):
            name = "empty" if value is None else rating_column.shown(value)
            found[name] = found.get(name, 0) + count
        return counted(found)

    def attachments(self) -> Iterator[Finding]:
        present = self._of("ticket_message_attach")
        result = ", ".join(f"{name} {type}" for name, (type, _) in present.items())
        yield judged("tables.attachments", {"id", "ticket_message"} <= set(present), result or "no such table")

    def people(self) -> Iterator[Finding]:
        missing = [one for one in EXPECTED["user"] if one not in self._of("user")]
        found = self.inspection.levels()
        result = [f"level {one.level}: {one.users}, enabled {one.enabled}, with realname {one.named}" for one in found]
        levels = {one.level for one in found}
        right = not missing and 28 in levels and EMPLOYEE_LEVEL in levels
        result += [f"missing {names(missing)}"] if missing else []
        yield judged("tables.people", right, "; ".join(result))

    def charset(self) -> Iterator[Finding]:
        found = {f"{table}.{column}": self._of(table).get(column, ("", "none"))[1] for table, column in _TEXTS}
        right = all(one.lower() in ("utf8", "utf8mb3", "utf8mb4") for one in found.values())
        yield judged("tables.charset", right, ", ".join(f"{place} {one}" for place, one in found.items()))

    def time_zone(self) -> Iterator[Finding]:
        clock = self.inspection.clock()
        age = clock.age
        # A date in another zone would lie in the future, or be hours old right after a message was written.
        right = None if age is None else False if age < -60 else True if age < 1800 else None
        result = (
            f"{clock.zone}, system {clock.system_zone}, offset {clock.offset} min,"
            f" newest message {'none' if age is None else f'{age} s ago'}"
        )
        yield judged("tables.time_zone", right, result)

    def types(self) -> Iterator[Finding]:
        result = [f"{table}: " + ", ".join(f"{name} {type}" for name, (type, _) in self._of(table).items())
                for table in ("ticket", "ticket2user", "ticket_message", "ticket_note")]  # fmt: skip
        found = self.inspection.delete_rules()
        result.append("on delete: " + "; ".join(f"{one.table} of {one.refers_to} {one.rule}" for one in found))
        ids = {self._of(table).get("id", ("", ""))[0].split("(")[0] for table in MAIN}
        rules = {(one.table, one.refers_to): one.rule for one in found}
        right = ids == {"int"} and rules.get(("ticket", "account")) == "SET NULL"
        yield judged("tables.types", right, " | ".join(result))

    def original(self) -> Iterator[Finding]:
        found = self.inspection.other_tables()
        strangers = [one for one in found if not one.comment.startswith(MARK)]
        result = [f"{one.name}: ours" for one in found if one not in strangers]
        for one in strangers:
            listed = names(self.inspection.names_of_columns(one.name))
            result.append(f"{one.name}: not ours, about {one.rows} rows, columns {listed}")
        clash = [one for one in strangers if one.name in TABLES]
        if not strangers:
            yield fact("tables.original", "; ".join(result) or "none")
        else:
            yield judged("tables.original", not clash, "; ".join(result))
