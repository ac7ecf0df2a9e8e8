"""Employees as they are offered for choice."""

from __future__ import annotations

from dataclasses import dataclass

from omnidesk.billmanager.models import EMPLOYEE_LEVEL
from omnidesk.core.database import Database


@dataclass(frozen=True)
class Employee:
    """An enabled employee. ``name``: the real name, else the login, else the e-mail."""

    email: str
    name: str


def employees(db: Database) -> list[Employee]:
    """Enabled employees with an e-mail, by e-mail."""
    rows = db.rows(
        "SELECT email, name AS login, realname AS name FROM user"
        " WHERE level >= %s AND enabled = 'on' AND email <> '' ORDER BY email, id LIMIT 1000",
        EMPLOYEE_LEVEL,
    )
    found: list[Employee] = []
    for row in rows:
        email = str(row["email"]).strip().lower()
        found.append(Employee(email, str(row["name"] or row["login"] or email)))
    return found
