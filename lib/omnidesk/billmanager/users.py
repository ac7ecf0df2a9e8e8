"""Users, departments and projects of BILLmanager: clients, their users and employees are rows of the table ``user``."""

from __future__ import annotations

import logging

from omnidesk.billmanager.models import DEPARTMENT_LEVEL, EMPLOYEE_LEVEL, Person
from omnidesk.billmanager.values import number, words
from omnidesk.core import emails
from omnidesk.core.database import Database, Row

log = logging.getLogger("panel")
PERSON = (
    " u.id AS u_id, u.name AS u_login, u.realname AS u_name, u.email AS u_email, u.level AS u_level,"
    " u.account AS u_account, u.enabled AS u_enabled"
)
_DEPARTMENTS = "SELECT id, name, realname FROM user WHERE level = 28 ORDER BY id LIMIT 1000"
REGISTERED = "SELECT registration_date AS day FROM account WHERE id = {}"


class Users:
    """Who is who; read once a pass where no index is known."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._employees: list[Person] | None = None
        self._hinted: set[str] = set()  # e-mails that no employee has, and of which that was said

    def person(self, user: int) -> Person | None:
        """A user of either kind."""
        row = self.db.row(f"SELECT {PERSON} FROM user u WHERE u.id = %s", user)
        return person_of(row) if row else None

    def language_of(self, user: int) -> str:
        """The language in which a user reads the panel, such as "ru"; "" where that is not known."""
        if not self.db.has("user", "language"):
            return ""
        row = self.db.row("SELECT language FROM user WHERE id = %s", user)
        return words(row["language"]).strip().lower()[:2] if row else ""

    def somebody_enabled(self, account: int) -> bool:
        """Whether some user of a client's account can log in."""
        sql = "SELECT 1 AS yes FROM user WHERE account = %s AND level < 28 AND enabled = 'on' LIMIT 1"
        return self.db.row(sql, account) is not None

    def employee_by_email(self, email: str) -> Person | None:
        """The employee (level 29 and above) with this e-mail; enabled ones first."""
        wanted = emails.key(email)
        found = next((one for one in self._staff if wanted and emails.key(one.email) == wanted), None)
        if found is None and wanted not in self._hinted:
            self._hinted.add(wanted)
            for other in emails.near(email, [one.email for one in self._staff]):
                log.warning("no employee of BILLmanager has the e-mail %r; %r is similar, not the same", email, other)
        return found

    @property
    def _staff(self) -> list[Person]:
        """All employees, enabled ones first; read once a pass (:meth:`forget_people`), as no index for it is known."""
        if self._employees is None:
            sql = f"SELECT {PERSON} FROM user u WHERE u.level >= %s ORDER BY u.enabled = 'on' DESC, u.id"
            self._employees = [person_of(row) for row in self.db.rows(sql, EMPLOYEE_LEVEL)]
        return self._employees

    def employee_by_login(self, login: str) -> Person | None:
        """The employee (level 29 and above) who logs in by this name."""
        return self._by_login(login, f"u.level >= {EMPLOYEE_LEVEL}")

    def client_by_login(self, login: str) -> Person | None:
        """The client's user who logs in by this name."""
        return self._by_login(login, "u.level = 16")

    def _by_login(self, login: str, levels: str) -> Person | None:
        sql = f"SELECT {PERSON} FROM user u WHERE {_is('u.name', login)} AND {levels} ORDER BY u.id LIMIT 1"
        row = self.db.row(sql, login)
        return person_of(row) if row else None

    def clients_by_email(self, email: str) -> list[Person]:
        """The clients' users with this e-mail, by number; an e-mail need not be one user's only."""
        wanted = emails.key(email)
        if not wanted:
            return []
        sql = f"SELECT {PERSON} FROM user u WHERE {_is('u.email', email)} AND u.level < %s ORDER BY u.id LIMIT 20"
        found = [person_of(row) for row in self.db.rows(sql, email.strip(), DEPARTMENT_LEVEL)]
        return [one for one in found if emails.key(one.email) == wanted and one.account]

    def employees(self, limit: int = 5000) -> list[Person]:
        """The enabled employees (level 29 and above)."""
        return [one for one in self._staff if one.enabled][:limit]

    def departments(self) -> dict[int, str]:
        """Departments by id (level 28, documented to live in ``user``)."""
        rows = self.db.rows(_DEPARTMENTS)
        return {int(row["id"]): str(row["realname"] or row["name"] or "") for row in rows}

    def departments_named(self, wanted: str) -> list[int]:
        """The departments of this number, name or login."""
        rows = self.db.rows(_DEPARTMENTS) if wanted else []
        names = {int(row["id"]): {str(row["id"]), words(row["realname"]), words(row["name"])} for row in rows}
        return [one for one, known in names.items() if wanted.casefold() in {name.casefold() for name in known}]

    def projects(self) -> dict[int, str]:
        """Projects (brands) by id."""
        rows = self.db.rows("SELECT id, name FROM project ORDER BY id LIMIT 1000")
        return {int(row["id"]): words(row["name"]) for row in rows}

    def project(self, ticket: int) -> int:
        """The ticket's project, else the first of its client's account; 0 for none."""
        row = self.db.row(
            "SELECT COALESCE(t.project, (SELECT MIN(p.project) FROM account2project p WHERE p.account ="
            " t.account_client)) AS project FROM ticket t WHERE t.id = %s",
            ticket,
        )
        return number(row["project"]) if row else 0

    def project_of_account(self, account: int) -> int:
        """The first project of a client's account; 0 for none."""
        row = self.db.row("SELECT MIN(project) AS project FROM account2project WHERE account = %s", account)
        return number(row["project"]) if row else 0

    @property
    def dates_accounts(self) -> bool:
        """Whether accounts have a date of registration."""
        return self.db.has("account", "registration_date")

    def registered(self, account: int) -> str:
        """When an account was registered, as it stands there; "" where that is not known."""
        if not account or not self.dates_accounts:
            return ""
        row = self.db.row(REGISTERED.format("%s"), account)
        return str(row["day"] or "") if row else ""

    def account_of(self, user: int) -> int:
        """The account a user belongs to; 0 when there is no such user."""
        row = self.db.row("SELECT account FROM user WHERE id = %s", user)
        return int(row["account"] or 0) if row else 0

    def forget_people(self) -> None:
        """Ask for employees again: a new pass begins."""
        self._employees = None


def _is(column: str, text: str) -> str:
    """The condition that a column holds this text. One that stores fewer characters is not compared with others as it
    is (error 1267)."""
    return f"{column} = %s" if text.isascii() else f"CONVERT({column} USING utf8mb4) = %s"


def person_of(row: Row) -> Person:
    """A row with the columns of :data:`PERSON`."""
    return Person(
        user=int(row["u_id"]),
        login=words(row["u_login"]),
        name=words(row["u_name"]),
        email=words(row["u_email"]).strip().lower(),
        level=number(row["u_level"]),
        account=number(row["u_account"]),
        enabled=(words(row["u_enabled"]) or "on") == "on",
    )
