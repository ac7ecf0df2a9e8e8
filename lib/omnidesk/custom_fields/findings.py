"""Findings of ``check_connection`` about custom fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnidesk.core.phrase import Phrase
from omnidesk.custom_fields import sql_run
from omnidesk.custom_fields.problems import FieldProblem
from omnidesk.wording.findings import Finding

if TYPE_CHECKING:
    from omnidesk.custom_fields.sql_run import Connection

_READING = frozenset({"SELECT", "USAGE", "SHOW VIEW", "SHOW DATABASES", "PROXY"})
_GRANT = re.compile(r"GRANT (?P<what>.+?) ON (?P<where>\S+) TO ", re.DOTALL)


def of_problem(problem: FieldProblem, key: str, level: str = "error") -> Finding:
    """The finding that says ``problem``, about ``key`` (the file's own key when it is empty).

    ``error``: a linked field is not filled; ``warning``: something else deserves a look.
    """
    return Finding(level, key or "custom_fields", problem.said)


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
        return [of_problem(problem, "database", "warning")]
    if grants.file:
        return [of_problem(FieldProblem("file_privilege", word=grants.user), "database", "warning")]
    if grants.writes:
        return [of_problem(FieldProblem("may_write", word=grants.user), "database", "info")]
    return []


def layers_finding(connection: Connection, seconds: float) -> Finding:
    """Says that the four layers are in force; the session's were verified when it was prepared."""
    version = str(sql_run.execute(connection, "SELECT VERSION()")[0][0])
    return Finding("info", "custom_fields", Phrase("field.in_force", seconds=float(seconds), version=version))
