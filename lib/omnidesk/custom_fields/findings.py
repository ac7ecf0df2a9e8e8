"""Findings of ``check_connection`` about custom fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from omnidesk.custom_fields import sql_run
from omnidesk.custom_fields.problems import FieldProblem

if TYPE_CHECKING:
    from omnidesk.custom_fields.sql_run import Connection

Severity = Literal["error", "warning", "info"]
_READING = frozenset({"SELECT", "USAGE", "SHOW VIEW", "SHOW DATABASES", "PROXY"})
_GRANT = re.compile(r"GRANT (?P<what>.+?) ON (?P<where>\S+) TO ", re.DOTALL)


@dataclass(frozen=True)
class Finding:
    """One line for the administrator: what about (``key``), what is wrong, how to fix it.

    ``error`` means that a linked field is not filled, ``warning`` that something else deserves a look, ``info`` that
    nothing is wrong.
    """

    key: str
    problem_en: str
    problem_ru: str
    cure_en: str
    cure_ru: str
    severity: Severity = "error"


def finding(problem: FieldProblem, key: str, severity: Severity = "error") -> Finding:
    """The finding that tells ``problem``, about ``key`` (the file's own key when it is empty)."""
    return Finding(key or "custom_fields", problem.en, problem.ru, problem.cure_en, problem.cure_ru, severity)


@dataclass(frozen=True)
class Grants:
    """What the database user may do that a reader need not."""

    user: str
    file: bool
    writes: bool


def read_grants(connection: Connection) -> Grants:
    """The rights of the connection's own user, from SHOW GRANTS; those a role brings are not looked at."""
    user = str(sql_run.execute(connection, "SELECT CURRENT_USER()")[0][0])
    file = writes = False
    for row in sql_run.execute(connection, "SHOW GRANTS"):
        match = _GRANT.match(str(row[0]))
        if not match:
            continue
        without_columns = re.sub(r"\([^)]*\)", "", match["what"])
        rights = {right.strip().upper() for right in without_columns.split(",")}
        everything = bool({"ALL", "ALL PRIVILEGES"} & rights)
        file |= match["where"] == "*.*" and (everything or "FILE" in rights)
        writes |= everything or bool(rights - _READING)
    return Grants(user, file, writes)


def grants_findings(connection: Connection) -> list[Finding]:
    """A warning when the user has FILE, a remark when it may write."""
    try:
        grants = read_grants(connection)
    except FieldProblem as problem:
        return [finding(problem, "database", "warning")]
    if grants.file:
        return [finding(FieldProblem("file_privilege", word=grants.user), "database", "warning")]
    if grants.writes:
        return [finding(FieldProblem("may_write", word=grants.user), "database", "info")]
    return []


def layers_finding(connection: Connection, seconds: float) -> Finding:
    """Says that the four layers are in force; the session's were verified when it was prepared."""
    version = str(sql_run.execute(connection, "SELECT VERSION()")[0][0])
    return Finding(
        "custom_fields",
        f"in force: approval of the text, guard, derived table, read-only session limited to {seconds:g} s ({version})",
        f"действуют: проверка текста, сторож, подзапрос, сессия только на чтение с пределом {seconds:g} с ({version})",
        "",
        "",
        "info",
    )
