"""What is assumed of the panel's database, read from its catalogue and by counting; no row of a person is read."""

from __future__ import annotations

from collections.abc import Iterator

from omnidesk.billmanager import rating_column
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
        self.db = db
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
            wanted = (*EXPECTED, *SERVICES, *MONEY)
            marks = ", ".join(["%s"] * len(wanted))
            rows = self.db.rows(
                "SELECT table_name AS t, column_name AS c, column_type AS type, character_set_name AS charset"
                f" FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name IN ({marks})"
                " ORDER BY table_name, ordinal_position",
                *wanted,
            )
            self._columns = {}
            for row in rows:
                self._columns.setdefault(str(row["t"]), {})[str(row["c"])] = (str(row["type"]), str(row["charset"]))
        return self._columns.get(table, {})

    def server(self) -> Iterator[Finding]:
        row = self.db.row("SELECT VERSION() AS version, @@sql_mode AS mode") or {}
        known = {
            str(one["Variable_name"])
            for name in ("max_execution_time", "max_statement_time", "transaction_read_only", "tx_read_only")
            for one in self.db.rows("SHOW VARIABLES LIKE %s", name)
        }
        limits = bool(known & {"max_execution_time", "max_statement_time"})
        read_only = bool(known & {"transaction_read_only", "tx_read_only"})
        found = f"{row.get('version')}; sql_mode {row.get('mode')}; {names(known)}"
        yield judged("tables.server", limits and read_only, found)

    def columns(self) -> Iterator[Finding]:
        yield self._held("tables.columns", {name: columns for name, columns in EXPECTED.items() if name != "user"})

    def _held(self, key: str, expected: dict[str, tuple[str, ...]]) -> Finding:
        """Tables held against what is assumed: what is missing, and what there is beside it."""
        told, right = [], True
        for table, wanted in expected.items():
            present = self._of(table)
            missing = [one for one in wanted if one not in present]
            right = right and not missing
            more = names(one for one in present if one not in wanted)
            if not present:
                told.append(f"{table}: no such table")
            else:
                told.append(f"{table}: {'missing ' + names(missing) if missing else 'complete'}; also {more}")
        return judged(key, right, " | ".join(told))

    def indexes(self) -> Iterator[Finding]:
        rows = self.db.rows(
            "SELECT table_name AS t, index_name AS i, column_name AS c FROM information_schema.statistics"
            " WHERE table_schema = DATABASE() AND table_name IN (%s, %s, %s) AND column_name = 'ticket'"
            " AND seq_in_index = 1",
            *_OF_TICKET,
        )
        indexed = {str(row["t"]) for row in rows}
        used = []
        for table in _OF_TICKET:
            plan = self.db.row(f"EXPLAIN SELECT id FROM {table} WHERE ticket = 1") or {}
            used.append(
                f"{table}: {'index' if table in indexed else 'no index'}, read by {plan.get('type') or 'const'}"
            )
        grows = self.db.rows(
            "SELECT table_name AS t FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name IN"
            " (%s, %s, %s) AND column_name = 'id' AND extra LIKE '%%auto_increment%%'",
            *_OF_TICKET,
        )
        told = " | ".join([*used, f"ids grow: {names(row['t'] for row in grows)}"])
        yield judged("tables.indexes", indexed == set(_OF_TICKET) and len(grows) == len(_OF_TICKET), told)

    def status(self) -> Iterator[Finding]:
        rows = self.db.rows("SELECT status, COUNT(*) AS n FROM ticket GROUP BY status ORDER BY n DESC LIMIT 20")
        found = {str(int(row["status"])): int(row["n"]) for row in rows if row["status"] is not None}
        yield judged("tables.status", True if str(ARCHIVED) in found else None, counted(found))

    def rating(self) -> Iterator[Finding]:
        rows = self.db.rows(
            "SELECT table_name AS t, column_name AS c, data_type AS kind FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND table_name NOT LIKE '%%2external%%' AND ("
            "(table_name LIKE 'ticket%%' AND column_name RLIKE 'rat|score|attit|star|mark|like|grade')"
            " OR column_name RLIKE 'rating|score|attitude') ORDER BY table_name LIKE 'ticket%%' DESC, table_name,"
            " column_name LIMIT 30"
        )
        candidates = [f"{row['t']}.{row['c']} {row['kind']}" for row in rows]
        wanted = (self.rating_column,) if self.rating_column else rating_column.NAMES
        ours = [str(row["c"]) for row in rows if row["t"] == "ticket_message" and row["c"] in wanted
                and row["kind"] in (*rating_column.NUMBERS, *rating_column.TEXTS)]  # fmt: skip
        told = "; ".join(candidates) or "no candidate"
        if ours:
            chosen = next(one for one in wanted if one in ours)
            told += f"; values of ticket_message.{chosen}: {self._values(chosen)}"
        yield judged("tables.rating", bool(ours), told)

    def _values(self, column: str) -> str:
        """How often each value stands in a column; texts that are no ratings are not shown."""
        rows = self.db.rows(
            f"SELECT `{column}` AS v, COUNT(*) AS n FROM (SELECT `{column}` FROM ticket_message ORDER BY id DESC"
            f" LIMIT 100000) newest GROUP BY v ORDER BY v LIMIT {FEW}"
        )
        found: dict[str, int] = {}
        for row in rows:
            name = "empty" if row["v"] is None else rating_column.shown(row["v"])
            found[name] = found.get(name, 0) + int(row["n"])
        return counted(found)

    def attachments(self) -> Iterator[Finding]:
        present = self._of("ticket_message_attach")
        told = ", ".join(f"{name} {type}" for name, (type, _) in present.items())
        yield judged("tables.attachments", {"id", "ticket_message"} <= set(present), told or "no such table")

    def people(self) -> Iterator[Finding]:
        missing = [one for one in EXPECTED["user"] if one not in self._of("user")]
        rows = self.db.rows(
            "SELECT level, COUNT(*) AS n, SUM(enabled = 'on') AS enabled, SUM(realname IS NOT NULL AND realname <> '')"
            " AS named FROM user GROUP BY level ORDER BY level LIMIT 30"
        )
        told = [f"level {int(row['level'])}: {row['n']}, enabled {row['enabled']}, with realname {row['named']}"
                for row in rows if row["level"] is not None]  # fmt: skip
        levels = {int(row["level"]) for row in rows if row["level"] is not None}
        right = not missing and 28 in levels and EMPLOYEE_LEVEL in levels
        told += [f"missing {names(missing)}"] if missing else []
        yield judged("tables.people", right, "; ".join(told))

    def charset(self) -> Iterator[Finding]:
        found = {f"{table}.{column}": self._of(table).get(column, ("", "none"))[1] for table, column in _TEXTS}
        right = all(one.lower() in ("utf8", "utf8mb3", "utf8mb4") for one in found.values())
        yield judged("tables.charset", right, ", ".join(f"{place} {one}" for place, one in found.items()))

    def time_zone(self) -> Iterator[Finding]:
        row = self.db.row(
            "SELECT @@session.time_zone AS zone, @@system_time_zone AS system_zone,"
            " TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), NOW()) AS off,"
            " (SELECT TIMESTAMPDIFF(SECOND, date_post, NOW()) FROM ticket_message ORDER BY id DESC LIMIT 1) AS age"
        ) or {}  # fmt: skip
        age = row.get("age")
        # A date in another zone would lie in the future, or be hours old right after a message was written.
        right = None if age is None else False if int(age) < -60 else True if int(age) < 1800 else None
        told = (
            f"{row.get('zone')}, system {row.get('system_zone')}, offset {row.get('off')} min,"
            f" newest message {'none' if age is None else f'{int(age)} s ago'}"
        )
        yield judged("tables.time_zone", right, told)

    def types(self) -> Iterator[Finding]:
        told = [f"{table}: " + ", ".join(f"{name} {type}" for name, (type, _) in self._of(table).items())
                for table in ("ticket", "ticket2user", "ticket_message", "ticket_note")]  # fmt: skip
        rows = self.db.rows(
            "SELECT table_name AS t, referenced_table_name AS r, delete_rule AS rule FROM"
            " information_schema.referential_constraints WHERE constraint_schema = DATABASE()"
            " AND table_name LIKE 'ticket%%' ORDER BY table_name, referenced_table_name LIMIT 30"
        )
        told.append("on delete: " + "; ".join(f"{row['t']} of {row['r']} {row['rule']}" for row in rows))
        ids = {self._of(table).get("id", ("", ""))[0].split("(")[0] for table in MAIN}
        rules = {(str(row["t"]), str(row["r"])): str(row["rule"]) for row in rows}
        right = ids == {"int"} and rules.get(("ticket", "account")) == "SET NULL"
        yield judged("tables.types", right, " | ".join(told))

    def original(self) -> Iterator[Finding]:
        rows = self.db.rows(
            "SELECT table_name AS t, table_comment AS c, table_rows AS n FROM information_schema.tables"
            " WHERE table_schema = DATABASE() AND (table_name LIKE '%%2external%%' OR table_name LIKE '%%omni%%')"
            " ORDER BY table_name LIMIT 30"
        )
        strangers = [row for row in rows if not str(row["c"] or "").startswith(MARK)]
        told = [f"{row['t']}: ours" for row in rows if row not in strangers]
        for row in strangers:
            columns = self.db.rows(
                "SELECT column_name AS c FROM information_schema.columns WHERE table_schema = DATABASE()"
                " AND table_name = %s ORDER BY ordinal_position LIMIT 50",
                row["t"],
            )
            listed = names(one["c"] for one in columns)
            told.append(f"{row['t']}: not ours, about {row['n']} rows, columns {listed}")
        clash = [row for row in strangers if row["t"] in TABLES]
        if not strangers:
            yield fact("tables.original", "; ".join(told) or "none")
        else:
            yield judged("tables.original", not clash, "; ".join(told))
