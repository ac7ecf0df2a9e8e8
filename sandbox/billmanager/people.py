"""Filling the panel with departments, employees, clients and services.

These are set-up, not behaviour: they write the tables directly and fire no events.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.billmanager.core import PanelCore
from sandbox.billmanager.request import CLIENT, DEPARTMENT, EMPLOYEE


@dataclass(frozen=True)
class Client:
    """An account with its users; the first is the primary one."""

    account: int
    users: tuple[int, ...]

    @property
    def user(self) -> int:
        return self.users[0]


class People(PanelCore):
    """Who is there."""

    def execute(self, sql: str, *values: object) -> int:
        """Run one statement on the panel's database; the id it generated, if any."""
        with self.mariadb.connect(self.schema.database) as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return int(cursor.lastrowid or 0)

    def add_project(self, name: str = "Provider") -> int:
        return self.execute("INSERT INTO project (name, billurl) VALUES (%s, 'https://my.example.com')", name)

    def add_department(self, name: str = "support", realname: str | None = None) -> int:
        """A support department; the first one gets the tickets that name none."""
        return self.execute(
            "INSERT INTO user (name, realname, level, support_department) VALUES (%s, %s, %s, 'on')",
            name,
            realname or name,
            DEPARTMENT,
        )

    def add_employee(
        self, name: str, email: str | None = None, realname: str | None = None, password: str | None = None
    ) -> int:
        """An employee; ``name`` is the login and, when no other is given, the e-mail."""
        return self.execute(
            "INSERT INTO user (name, realname, email, level, password) VALUES (%s, %s, %s, %s, %s)",
            name,
            realname or name,
            email or name,
            EMPLOYEE,
            password,
        )

    def add_client(
        self,
        name: str,
        email: str | None,
        users: int = 1,
        *,
        phone: str | None = None,
        project: int | None = None,
        registered: str = "2020-02-29",
        language: str = "ru",
    ) -> Client:
        """An account with ``users`` users; the second's e-mail is ``2.`` + the first's, and so on."""
        account = self.execute("INSERT INTO account (name, registration_date) VALUES (%s, %s)", name, registered)
        if project is not None:
            self.execute("INSERT INTO account2project (account, project) VALUES (%s, %s)", account, project)
        made = []
        for number in range(1, users + 1):
            prefix = "" if number == 1 else f"{number}."
            made.append(
                self.execute(
                    "INSERT INTO user (account, name, realname, email, phone, level, language) "
                    "VALUES (%s, %s, %s, %s, %s, %s, %s)",
                    account,
                    f"{prefix}{email}" if email else f"client{account}.{number}",
                    name if number == 1 else f"{name} {number}",
                    f"{prefix}{email}" if email else None,
                    phone,
                    CLIENT,
                    language,
                )
            )
        return Client(account, tuple(made))

    def add_item(self, account: int, name: str, tariff: str = "VPS-1", expires: str = "2030-01-01") -> int:
        """A service of the account, of a tariff made for it."""
        pricelist = self.execute("INSERT INTO pricelist (name) VALUES (%s)", tariff)
        return self.execute(
            "INSERT INTO item (name, account, pricelist, status, expiredate) VALUES (%s, %s, %s, 2, %s)",
            name,
            account,
            pricelist,
            expires,
        )

    def delete_client(self, client: Client, dangling: bool = False) -> None:
        """The account goes with its users; its tickets stay without a client.

        ``dangling``: they keep the numbers of what is no longer there, as tables without foreign keys would.
        """
        with self.mariadb.connect(self.schema.database) as connection, connection.cursor() as cursor:
            if dangling:
                cursor.execute("SET SESSION foreign_key_checks=0")
                cursor.execute("DELETE FROM user WHERE account=%s", (client.account,))
            cursor.execute("DELETE FROM account WHERE id=%s", (client.account,))

    def disable(self, user: int) -> None:
        """The user is switched off: ``su=`` to it is refused."""
        self.execute("UPDATE user SET enabled='off' WHERE id=%s", user)
