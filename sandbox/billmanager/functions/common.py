"""What several ticket functions share: tickets, assignments, messages and their files."""

from __future__ import annotations

import shutil
from typing import Any

from sandbox.billmanager import schema, systemrows
from sandbox.billmanager.answer import PanelError, add
from sandbox.billmanager.request import DEPARTMENT, EMPLOYEE, Context

Row = dict[str, Any]


def ticket_row(context: Context, ticket: int) -> Row:
    """The ticket, or the panel's ``value`` error; a submitted form locks it, so that two do not deadlock."""
    lock = " FOR UPDATE" if context.submitted else ""
    row = context.row(f"SELECT * FROM ticket WHERE id=%s{lock}", ticket)
    if row is None:
        raise PanelError("value", "elid", str(ticket))
    return row


def own_ticket(context: Context) -> Row:
    """The ticket ``elid`` names, which must be the acting client's."""
    client = context.client()
    row = ticket_row(context, context.number("elid"))
    if row["account_client"] != client.account:
        raise PanelError("access", "ticket", str(row["id"]))
    return row


def assignment_row(context: Context) -> Row:
    """The ``ticket2user`` row that ``elid`` names; it must belong to the ticket ``plid``, when that is given.

    The id of a ticket, of a row that vanished or of another ticket's row is the ``value`` error.
    """
    assignment = context.number("elid")
    row = context.row("SELECT * FROM ticket2user WHERE id=%s", assignment)
    if row is not None:
        ticket_row(context, row["ticket"])
        row = context.row("SELECT * FROM ticket2user WHERE id=%s", assignment)  # it may have ended while we waited
    if row is None or (context.param("plid") and str(row["ticket"]) != context.param("plid")):
        raise PanelError("value", "elid", str(assignment))
    return row


def assign(context: Context, ticket: int, user: int) -> int:
    """Make sure ``user`` has the ticket; the id of the ``ticket2user`` row."""
    row = context.row("SELECT id FROM ticket2user WHERE ticket=%s AND user=%s", ticket, user)
    if row is not None:
        return int(row["id"])
    return context.change("INSERT INTO ticket2user (ticket, user) VALUES (%s, %s)", ticket, user)


def move(context: Context, assignment: int, ticket: int, user: int) -> int:
    """Hand an assignment over; merges into the row ``user`` has already."""
    row = context.row("SELECT id FROM ticket2user WHERE ticket=%s AND user=%s AND id<>%s", ticket, user, assignment)
    if row is not None:
        context.change("DELETE FROM ticket2user WHERE id=%s", assignment)
        return int(row["id"])
    context.change("UPDATE ticket2user SET user=%s WHERE id=%s", user, assignment)
    return assignment


def unarchive(context: Context, ticket: int) -> None:
    """An archived ticket comes back; any other status stays."""
    if context.row("SELECT id FROM ticket WHERE id=%s AND status=%s", ticket, schema.ARCHIVED):
        systemrows.write(context.panel, context.row, context.change, ticket, systemrows.RETURNED, context.created)
    context.change("UPDATE ticket SET status=%s WHERE id=%s AND status=%s", schema.REVIEWED, ticket, schema.ARCHIVED)


def restate(context: Context, ticket: int) -> None:
    """Bring the status of a ticket that is not archived up to date with who has it and who wrote last."""
    if not context.panel.options.status_codes:
        return
    holders = context.rows("SELECT u.level FROM ticket2user x JOIN user u ON u.id=x.user WHERE x.ticket=%s", ticket)
    last = context.row(
        "SELECT u.level FROM ticket_message m LEFT JOIN user u ON u.id=m.user WHERE m.ticket=%s "
        "ORDER BY m.id DESC LIMIT 1",
        ticket,
    )
    if holders:
        status = schema.REVIEWED if any(one["level"] == EMPLOYEE for one in holders) else schema.NEW
    else:
        status = schema.ANSWERED if last and (last["level"] or 0) >= DEPARTMENT else schema.ENDED
    context.change("UPDATE ticket SET status=%s WHERE id=%s AND status<>%s", status, ticket, schema.ARCHIVED)


def support_user(context: Context, user: int, parameter: str) -> int:
    """The id of an enabled employee or department, or the ``value`` error."""
    row = context.row("SELECT level, enabled FROM user WHERE id=%s", user)
    if row is None or row["level"] not in (DEPARTMENT, EMPLOYEE) or row["enabled"] != "on":
        raise PanelError("value", parameter, str(user))
    return user


def default_department(context: Context) -> int | None:
    """Who gets a ticket that names nobody: the first support department (assumed)."""
    row = context.row(
        "SELECT id FROM user WHERE level=%s AND support_department='on' AND enabled='on' ORDER BY id LIMIT 1",
        DEPARTMENT,
    )
    return int(row["id"]) if row else None


def set_priority(context: Context, ticket: int) -> bool:
    """The priority given in a ticket's form, if this form is one that changes it; whether it did."""
    column, form = context.panel.schema.priority_column, context.request.func
    field = column if column in ("priority", "client_priority") else "priority"
    if column is None or field not in context.request.params or context.panel.options.priority_by not in (form, "both"):
        return False
    if context.param(field) not in schema.PRIORITY_VALUES[context.panel.schema.priority_values][1]:
        raise PanelError("value", field, context.param(field))
    context.change(f"UPDATE ticket SET `{column}`=%s WHERE id=%s", context.param(field), ticket)
    return True


def done(context: Context, stay: str = "") -> None:
    """The end of a form; pages (``sfrom=ajax``, documented) stay in the conversation at ``stay`` (assumed)."""
    if stay and context.param("sfrom") == "ajax":
        add(context.doc, "ok", stay, type="form")
    else:
        add(context.doc, "ok")


def add_message(context: Context, ticket: int, text: str) -> int:
    """Store a message of the acting user with the files sent along."""
    message = context.change(
        "INSERT INTO ticket_message (ticket, user, message, date_post) VALUES (%s, %s, %s, COALESCE(%s, NOW()))",
        ticket,
        context.actor.id or None,
        text,
        context.created,
    )
    if context.panel.schema.message_type:
        context.change("UPDATE ticket_message SET `type`=%s WHERE id=%s", _type(context), message)
    _keep_files(context, "ticket_message_attach", "ticket_message", message)
    return message


def add_note(context: Context, ticket: int, text: str) -> int:
    """Store a note of the acting employee, with the files sent along where this panel keeps such."""
    note = context.change(
        "INSERT INTO ticket_note (ticket, user, note, date_post) VALUES (%s, %s, %s, COALESCE(%s, NOW()))",
        ticket,
        context.actor.id,
        text,
        context.created,
    )
    if context.panel.schema.note_files == "column":
        _keep_files(context, "ticket_message_attach", "ticket_note", note)
    elif context.panel.schema.note_files == "table":
        _keep_files(context, "ticket_note_attach", "ticket_note", note)
    return note


def _keep_files(context: Context, table: str, column: str, owner: int) -> None:
    for position, upload in enumerate(context.request.uploads.values()):
        if upload.name.lower().endswith(context.panel.options.refused_types):
            raise PanelError("value", f"file_{position + 1}", upload.name)
        folder = context.panel.attachments
        folder.mkdir(parents=True, exist_ok=True)
        letter = "" if column == "ticket_message" else "n"
        stored = folder / f"{letter}{owner:08d}.{position}.blob"  # the name says nothing, as in the real panel
        shutil.copyfile(upload.path, stored)
        context.change(
            f"INSERT INTO {table} ({column}, {schema.ATTACHMENT_NAME}, {schema.ATTACHMENT_FILE}) VALUES (%s, %s, %s)",
            owner,
            upload.name[: context.panel.options.longest_name],
            str(stored.relative_to(context.panel.root)),
        )


def _type(context: Context) -> str:
    """What the acting user's messages are called."""
    client = context.panel.schema.message_type
    others = "outcoming" if client == "incoming" else "incoming"
    return client if context.actor.level < DEPARTMENT else others


def mark_unread(context: Context, ticket: int) -> None:
    """Every assignment of the ticket shows something new."""
    for row in context.rows("SELECT id FROM ticket2user WHERE ticket=%s", ticket):
        context.panel.unread.add(int(row["id"]))
