"""What clients and employees do, in one line each, for tests and the demo.

All go through :meth:`PanelCore.call`, so that rights, traps and events are those of a real call.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sandbox.billmanager import schema, systemrows
from sandbox.billmanager.answer import PanelAnswer, new_document
from sandbox.billmanager.people import People
from sandbox.billmanager.request import Actor, Context, Request, Upload

Files = Iterable[tuple[str, bytes]]


class RefusedByPanel(AssertionError):
    """An act that was meant to succeed was answered with an error."""


class Acts(People):
    """The acts; ``created`` dates what is written, else it is now."""

    def client_creates_ticket(
        self,
        user: int,
        subject: str,
        text: str,
        files: Files = (),
        *,
        department: int | None = None,
        item: int | None = None,
        created: datetime | None = None,
    ) -> int:
        """A new ticket; its id."""
        params: dict[str, object] = {"subject": subject, "message": text, "clicked_button": "ok"}
        if department is not None:
            params["client_department"] = department
        if item is not None:
            params["item"] = item
        return self._submit("clientticket.edit", params, user, files, created).id

    def client_writes(
        self, user: int, ticket: int, text: str, files: Files = (), *, created: datetime | None = None
    ) -> int:
        """A client's message in a ticket; its id."""
        self._submit("clientticket.edit", {"elid": ticket, "message": text}, user, files, created)
        return self.newest_message(ticket, user)

    def mail_arrives(self, user: int, ticket: int, text: str, files: Files = ()) -> int:
        """A client's message that came by the mail gateway; whether the form's event is fired is an option."""
        params = {"elid": ticket, "message": text, "sok": "ok"}
        self._expect(
            self.call("clientticket.edit", params, user, uploads=self.store(files), fire=self.options.mail_events)
        )
        return self.newest_message(ticket, user)

    def client_rates(self, message: int, rating: str, *, fire: bool = True) -> None:
        """The client rates an answer ``good`` or ``bad``; ``fire``: events happen."""
        ticket = self._number("SELECT ticket FROM ticket_message WHERE id=%s", message)
        params = {"elid": message, "plid": ticket}
        self._expect(self.call(f"ticket.message.rate.{rating}", params, self._client_of(ticket).id, fire=fire))

    def client_gives_stars(self, message: int, stars: int) -> None:
        """A rating of one to five stars stands in the column, and no event has told of it."""
        schema.store_rating(self.execute, self.schema, message, str(stars), stars)

    def client_archives(self, *tickets: int, fire: bool = True) -> None:
        """The client moves one or several tickets of his to the archive; ``fire``: events happen."""
        params = {"elid": ", ".join(map(str, tickets)), "sok": "ok"}
        self._expect(self.call("clientticket.archive", params, self._client_of(tickets[0]).id, fire=fire))

    def archive_inactive(self) -> list[int]:
        """The panel archives tickets that nobody has and nobody has written in for long; no event tells of it."""
        if self.options.archive_after is None:
            return []
        with self.database() as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT t.id FROM ticket t JOIN ticket_message m ON m.ticket=t.id WHERE t.status<>%s AND NOT EXISTS "
                "(SELECT 1 FROM ticket2user x WHERE x.ticket=t.id) GROUP BY t.id "
                "HAVING MAX(m.date_post) < NOW() - INTERVAL %s SECOND ORDER BY t.id",
                (schema.ARCHIVED, self.options.archive_after),
            )
            found = [int(row["id"]) for row in cursor.fetchall()]
        for ticket in found:
            self.execute("UPDATE ticket SET status=%s WHERE id=%s", schema.ARCHIVED, ticket)
            self.writes_itself(ticket, systemrows.EXPIRED)
        return found

    def writes_itself(self, ticket: int, text: str) -> None:
        """The panel adds a line of its own to the conversation, if ``options.system_rows`` says that it does."""
        with self.database() as connection:
            context = Context(self, Request("", {}, "call", "sandbox"), connection, new_document(""))
            systemrows.write(self, context.row, context.change, ticket, text)
            connection.commit()

    def employee_takes(self, employee: int, ticket: int) -> int:
        """*Assign ticket to me*; the id of the ``ticket2user`` row."""
        params = {"plid": ticket, "elid": ticket, "clicked_button": "ok_get"}
        answer = self._submit("ticket_all.edit", params, employee)
        found = re.search(r"func=ticket\.edit&elid=(\d+)", answer.text("ok"))
        assert found is not None, answer.xml
        return int(found[1])

    def employee_replies(
        self,
        employee: int,
        ticket: int,
        text: str,
        close: bool = True,
        files: Files = (),
        *,
        created: datetime | None = None,
    ) -> int:
        """An employee answers, taking the ticket first; ``close`` ends the assignment. The message's id."""
        params = {"message": text, "clicked_button": "ok" if close else "ok_message"}
        self._in_assignment(employee, ticket, params, files, created)
        return self.newest_message(ticket, employee)

    def employee_notes(
        self, employee: int, ticket: int, text: str, files: Files = (), *, created: datetime | None = None
    ) -> int:
        """An internal note, with files where this panel has such; its id."""
        params = {"show_optional": "on", "note_message": text, "message": "", "clicked_button": "ok_message"}
        self._in_assignment(employee, ticket, params, files, created)
        return self._number("SELECT MAX(id) FROM ticket_note WHERE ticket=%s", ticket)

    def employee_closes(self, employee: int, ticket: int) -> None:
        """End the employee's assignment without a word."""
        if self.options.ends_by == "delete":
            self._submit("ticket_open.delete", {"elid": self.employee_takes(employee, ticket)}, employee)
        else:
            self._in_assignment(employee, ticket, {"message": "", "clicked_button": "ok"}, (), None)

    def reassign(self, ticket: int, target: str, employee: int) -> None:
        """Reopen a ticket for ``e_<employee>`` or ``d_<department>``."""
        self._submit("support_tool_responsible", {"elid": ticket, "set_responsible": target}, employee)

    def move_ticket(self, ticket: int, department: int, employee: int, *, lasting: bool = False) -> None:
        """Hand the ticket on to a department: an assignment that is there, else by opening it for the department.

        ``lasting``: it is the department's also when it is opened again.
        """
        row = self._number("SELECT COALESCE(MIN(id), 0) FROM ticket2user WHERE ticket=%s", ticket)
        moves = bool(row) and self.options.moves_assignments
        where: dict[str, object] = {"elid": row, "plid": ticket} if moves else {"elid": ticket}
        target = {"set_responsible": f"d_{department}", "set_responsible_default": "on" if lasting else "off"}
        self._submit("support_tool_responsible", {**where, **target}, employee)

    def employee_prioritises(self, employee: int, ticket: int, value: str) -> None:
        """Another priority, chosen in a ticket's form: a value of :data:`schema.PRIORITY_VALUES`."""
        column = self.schema.priority_column
        field = column if column in ("priority", "client_priority") else "priority"
        if self.options.priority_by == "ticket.edit":
            params = {field: value, "show_optional": "on", "message": "", "clicked_button": "ok_message"}
            self._in_assignment(employee, ticket, params, (), None)
        else:
            self._submit("ticket_all.edit", {"elid": ticket, field: value}, employee)

    def priority(self, ticket: int) -> str:
        """The ticket's priority as its column has it."""
        with self.database() as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT `{self.schema.priority_column}` AS v FROM ticket WHERE id=%s", (ticket,))
            row = cursor.fetchone()
        return str(row["v"]) if row else ""

    def split_ticket(self, ticket: int, first: int, into: int = 0) -> int:
        """Messages from ``first`` on are moved to a new ticket, or to another one; they keep their ids. Its id.

        Seen in a client area's texts only: the function, its event, and what becomes of assignments are not known.
        """
        with self.database() as connection:
            context = Context(self, Request("", {}, "call", "sandbox"), connection, new_document(""))
            other = into or context.change(
                "INSERT INTO ticket (name, account_client, responsible, item, project, status, client_read)"
                " SELECT name, account_client, responsible, item, project, %s, client_read FROM ticket WHERE id=%s",
                schema.REVIEWED,
                ticket,
            )
            context.change("UPDATE ticket_message SET ticket=%s WHERE ticket=%s AND id>=%s", other, ticket, first)
            if not into:
                context.change(
                    "INSERT INTO ticket2user (ticket, user) SELECT %s, user FROM ticket2user WHERE ticket=%s",
                    other,
                    ticket,
                )
            for place, words, where in ((ticket, systemrows.SPLIT, other), (other, systemrows.CONTINUED, ticket)):
                systemrows.write(self, context.row, context.change, place, words.format(ticket=where))
            connection.commit()
        return other

    def delete_ticket(self, ticket: int) -> None:
        """The ticket is deleted by root."""
        self._submit("ticket_all.delete", {"elid": ticket}, None)

    def newest_message(self, ticket: int, user: int) -> int:
        """The id of the user's newest message in the ticket."""
        return self._number("SELECT MAX(id) FROM ticket_message WHERE ticket=%s AND user=%s", ticket, user)

    def store(self, files: Files) -> dict[str, Upload]:
        """Put files where an upload would, as ``file_1``, ``file_2`` …"""
        stored = {}
        for number, (name, content) in enumerate(files, 1):
            self.uploads.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.uploads, delete=False) as file:
                file.write(content)
            stored[f"file_{number}"] = Upload(name, Path(file.name))
        return stored

    def _in_assignment(
        self,
        employee: int,
        ticket: int,
        params: dict[str, object] | dict[str, str],
        files: Files,
        created: datetime | None,
    ) -> None:
        assignment = self.employee_takes(employee, ticket)
        self._submit("ticket.edit", {**params, "elid": assignment, "plid": ticket}, employee, files, created)

    def _submit(
        self,
        func: str,
        params: dict[str, object] | dict[str, int] | dict[str, object | int],
        user: int | None,
        files: Files = (),
        created: datetime | None = None,
    ) -> PanelAnswer:
        uploads = self.store(files)
        return self._expect(self.call(func, {**params, "sok": "ok"}, user, uploads=uploads, created=created))

    def _expect(self, answer: PanelAnswer) -> PanelAnswer:
        if not answer.ok:
            raise RefusedByPanel(answer.xml or "no answer")
        return answer

    def _client_of(self, ticket: int) -> Actor:
        with self.database() as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT u.id, u.name, u.level, u.account FROM user u JOIN ticket t ON t.account_client=u.account "
                "WHERE t.id=%s ORDER BY u.id LIMIT 1",
                (ticket,),
            )
            row = cursor.fetchone()
        assert row is not None, f"ticket {ticket} has no client"
        return Actor(row["id"], row["name"], row["level"], row["account"])

    def _number(self, sql: str, *values: object) -> int:
        rows = self.query(sql, *values)
        found = next(iter(rows[0].values())) if rows else None
        assert found is not None, f"nothing found: {sql} {values}"
        return int(found)
