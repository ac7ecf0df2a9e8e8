"""What is assumed of the panel's database, read from its catalogue and by counting; no row of a person is read."""

from __future__ import annotations

from collections.abc import Iterator

from omnidesk.billmanager import rating_column
from omnidesk.billmanager.columns import NUMBERS, TEXTS
from omnidesk.billmanager.inspection import Inspection
from omnidesk.billmanager.models import ARCHIVED, EMPLOYEE_LEVEL
from omnidesk.core.database import Database
from omnidesk.core.phrase import Phrase, join, plain
from omnidesk.probe.findings import NOTHING, PARTS, Check, Finding, counted, fact, judged, names
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
        found = Phrase("probe.server", version=server.version, mode=server.mode, variables=names(server.variables))
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
            held = Phrase("probe.columns", table=table, missing=names(missing), more=more)
            result.append(held if present else Phrase("probe.no_table", table=table))
        return judged(key, right, join(result, PARTS))

    def _typed(self, table: str) -> Phrase:
        """The columns of a table with their types."""
        columns = ", ".join(f"{name} {type}" for name, (type, _) in self._of(table).items())
        return plain(f"{table}: {columns}") if columns else Phrase("probe.no_table", table=table)

    def indexes(self) -> Iterator[Finding]:
        indexed = self.inspection.indexed_by_ticket(_OF_TICKET)
        found = []
        for table in _OF_TICKET:
            way = self.inspection.read_by_ticket(table)
            found.append(Phrase("probe.index" if table in indexed else "probe.no_index", table=table, way=way))
        grows = self.inspection.numbering(_OF_TICKET)
        found.append(Phrase("probe.grows", tables=names(grows)))
        yield judged("tables.indexes", indexed == set(_OF_TICKET) and len(grows) == len(_OF_TICKET), join(found, PARTS))

    def status(self) -> Iterator[Finding]:
        found = self.inspection.statuses()
        yield judged(
            "tables.status", True if str(ARCHIVED) in found else None, Phrase("probe.statuses", counts=counted(found))
        )

    def rating(self) -> Iterator[Finding]:
        columns = self.inspection.rating_candidates()
        candidates = [f"{one.table}.{one.name} {one.type}" for one in columns]
        wanted = (self.rating_column,) if self.rating_column else rating_column.NAMES
        ours = [one.name for one in columns if one.table == "ticket_message" and one.name in wanted
                and one.type in (*NUMBERS, *TEXTS)]  # fmt: skip
        result = [Phrase("probe.candidates", columns="; ".join(candidates) or NOTHING)]
        if ours:
            chosen = next(one for one in wanted if one in ours)
            result.append(Phrase("probe.values_of", column=f"ticket_message.{chosen}", counts=self._values(chosen)))
        yield judged("tables.rating", bool(ours), join(result))

    def _values(self, column: str) -> str:
        """How often each value stands in a column; texts that are no ratings are not shown."""
        found: dict[str, int] = {}
        for value, count in self.inspection.values(column, FEW):
            name = "NULL" if value is None else rating_column.shown(value)
            found[name] = found.get(name, 0) + count
        return counted(found)

    def attachments(self) -> Iterator[Finding]:
        table = "ticket_message_attach"
        yield judged("tables.attachments", {"id", "ticket_message"} <= set(self._of(table)), self._typed(table))

    def people(self) -> Iterator[Finding]:
        missing = [one for one in EXPECTED["user"] if one not in self._of("user")]
        found = self.inspection.levels()
        result = [
            Phrase("probe.level", level=one.level, users=one.users, enabled=one.enabled, named=one.named)
            for one in found
        ]
        levels = {one.level for one in found}
        right = not missing and 28 in levels and EMPLOYEE_LEVEL in levels
        result += [Phrase("probe.missing", names=names(missing))] if missing else []
        yield judged("tables.people", right, join(result))

    def charset(self) -> Iterator[Finding]:
        found = {f"{table}.{column}": self._of(table).get(column, ("", NOTHING))[1] for table, column in _TEXTS}
        right = all(one.lower() in ("utf8", "utf8mb3", "utf8mb4") for one in found.values())
        yield judged("tables.charset", right, plain(", ".join(f"{place} {one}" for place, one in found.items())))

    def time_zone(self) -> Iterator[Finding]:
        clock = self.inspection.clock()
        age = clock.age
        # A date in another zone would lie in the future, or be hours old right after a message was written.
        right = None if age is None else False if age < -60 else True if age < 1800 else None
        newest = Phrase("probe.no_message") if age is None else Phrase("probe.newest", age=age)
        zones = Phrase("probe.zones", zone=clock.zone, system=clock.system_zone, offset=clock.offset)
        yield judged("tables.time_zone", right, join([zones, newest]))

    def types(self) -> Iterator[Finding]:
        result = [self._typed(table) for table in ("ticket", *_OF_TICKET)]
        found = self.inspection.delete_rules()
        shown = "; ".join(f"{one.table} → {one.refers_to}: {one.rule}" for one in found)
        result.append(Phrase("probe.on_delete", rules=shown or NOTHING))
        ids = {self._of(table).get("id", ("", ""))[0].split("(")[0] for table in MAIN}
        rules = {(one.table, one.refers_to): one.rule for one in found}
        right = ids == {"int"} and rules.get(("ticket", "account")) == "SET NULL"
        yield judged("tables.types", right, join(result, PARTS))

    def original(self) -> Iterator[Finding]:
        found = self.inspection.other_tables()
        strangers = [one for one in found if not one.comment.startswith(MARK)]
        result = [Phrase("probe.our_table", table=one.name) for one in found if one not in strangers]
        for one in strangers:
            listed = names(self.inspection.names_of_columns(one.name))
            result.append(Phrase("probe.other_table", table=one.name, rows=one.rows, columns=listed))
        clash = [one for one in strangers if one.name in TABLES]
        said = join(result or [Phrase("probe.none")])
        yield judged("tables.original", not clash, said) if strangers else fact("tables.original", said)
