"""What an employee does with tickets: ``ticket*``, ``ticket_all*``, ``support_tool_*``."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from sandbox.billmanager import schema
from sandbox.billmanager.answer import PanelError, add, add_row
from sandbox.billmanager.functions import function
from sandbox.billmanager.functions.common import (
    add_message,
    add_note,
    assign,
    assignment_row,
    default_department,
    done,
    move,
    restate,
    set_priority,
    support_user,
    ticket_row,
    unarchive,
)
from sandbox.billmanager.functions.conversation import LAST_MESSAGE, RESPONSIBLE, add_conversation, ticket_state
from sandbox.billmanager.request import DEPARTMENT, EMPLOYEE, Actor, Context


@function("ticket")
def ticket_list(context: Context) -> None:
    """The queue of the acting employee and of the departments; ``id`` is the ``ticket2user`` row (documented)."""
    actor = context.staff()
    rows = context.rows(
        "SELECT t2u.id, t.id AS ticket, t.name, a.name AS client, u.realname AS responsible, "
        f"{LAST_MESSAGE} AS last_message FROM ticket2user t2u "
        "JOIN ticket t ON t.id=t2u.ticket JOIN user u ON u.id=t2u.user LEFT JOIN account a ON a.id=t.account_client "
        "WHERE t2u.user=%s OR u.level=%s ORDER BY t2u.id",
        actor.id,
        DEPARTMENT,
    )
    for row in rows:
        add_row(context.doc, row | {"unread": "on" if row["id"] in context.panel.unread else "off"})


@function("ticket.edit")
def ticket_edit(context: Context) -> None:
    """Answer, note, or end an assignment. ``elid`` is the *ticket2user* id, ``plid`` the ticket (documented).

    ``clicked_button=ok`` ends the assignment (the row vanishes), ``ok_message`` keeps it. Without ``sok`` the form is
    only read, which clears the employee's unread mark.
    """
    if not context.submitted:
        _show_conversation(context)
        return
    actor = context.staff()
    row = assignment_row(context)
    _refuse_other_peoples(context, actor, int(row["user"]))
    button = context.param("clicked_button") or ("ok_message" if context.param("sv_field") else "ok")
    if button not in ("ok", "ok_message"):
        raise PanelError("value", "clicked_button", button)
    text = context.param("message")
    note = context.param("note_message") if context.param("show_optional") == "on" else ""
    prioritised = set_priority(context, int(row["ticket"]))
    if text.strip():
        add_message(context, row["ticket"], text)
        context.change("UPDATE ticket SET client_read='off' WHERE id=%s", row["ticket"])
    elif context.request.uploads and note.strip() and context.panel.schema.note_files != "none":
        pass  # the files are the note's
    elif context.request.uploads and context.panel.options.file_alone:
        add_message(context, row["ticket"], text)
    elif context.request.uploads or (
        not note.strip() and not prioritised and (button == "ok_message" or context.panel.options.ends_by == "delete")
    ):
        raise PanelError("missed", "message")
    if note.strip():
        add_note(context, row["ticket"], note)
    if button == "ok":
        context.change("DELETE FROM ticket2user WHERE id=%s", row["id"])
    restate(context, row["ticket"])
    context.panel.unread.discard(int(row["id"]))
    done(context, f"func=ticket.edit&elid={row['id']}&plid={row['ticket']}" if button == "ok_message" else "")


@function("ticket.message.edit")
def ticket_message_edit(context: Context) -> None:
    """Another text for an employee's message ``elid`` of the ticket ``plid`` (the name is documented, no more)."""
    options = context.panel.options
    if options.message_edit == "absent":
        raise PanelError("missed", "func", context.request.func)
    actor = context.staff()
    row = context.row(
        "SELECT id, ticket, user FROM ticket_message WHERE id=%s AND ticket=%s",
        context.number("elid"),
        context.number("plid"),
    )
    if row is None:
        raise PanelError("value", "elid", context.param("elid"))
    if not context.submitted:
        return
    if options.message_edit == "refuses" or row["user"] != actor.id:
        raise PanelError("access", "ticket.message.edit", actor.name)
    text = context.required("message")
    if options.message_edit == "posts":
        add_message(context, row["ticket"], text)
    elif options.message_edit == "works":
        context.change("UPDATE ticket_message SET message=%s WHERE id=%s", text, row["id"])
        if options.edit_moves_date:
            context.change(
                "UPDATE ticket_message SET date_post=COALESCE(%s, NOW()) WHERE id=%s", context.created, row["id"]
            )
    done(context)


def _refuse_other_peoples(context: Context, actor: Actor, owner: int) -> None:
    """Whether one employee may answer in another's assignment is not public, so it is an option."""
    if not context.panel.options.others_assignments_refused or owner == actor.id:
        return
    row = context.row("SELECT level FROM user WHERE id=%s", owner)
    if row is not None and row["level"] != DEPARTMENT:
        raise PanelError("access", "ticket", context.param("elid"))


def _show_conversation(context: Context) -> None:
    context.supporter()
    row = assignment_row(context)
    ticket = ticket_row(context, row["ticket"])
    add(context.doc, "elid", row["id"])
    add(context.doc, "plid", ticket["id"])
    add(context.doc, "name", ticket["name"])
    add(context.doc, "client_department", ticket["responsible"])
    add_conversation(context, int(ticket["id"]), notes=True)
    context.panel.unread.discard(int(row["id"]))


@function("ticket_open.delete")
def ticket_open_delete(context: Context) -> None:
    """*Close ticket*: delete it from the queue without an answer; several rows are joined by ", " (documented)."""
    context.staff()
    if context.panel.options.ends_by == "answer":
        raise PanelError("access", "ticket_open.delete", context.actor.name)
    for part in context.required("elid").split(", "):
        row = context.row("SELECT ticket FROM ticket2user WHERE id=%s", part) if part.isdigit() else None
        if row is None:
            raise PanelError("value", "elid", part)
        context.change("DELETE FROM ticket2user WHERE id=%s", part)
        restate(context, row["ticket"])
        context.panel.unread.discard(int(part))
    done(context)


@function("ticket_all")
def ticket_all_list(context: Context) -> None:
    """Every ticket there is."""
    context.supporter()
    for row in context.rows(
        "SELECT t.id, t.name, t.status, t.client_read, a.name AS client, "
        f"{RESPONSIBLE} AS responsible, {LAST_MESSAGE} AS last_message "
        "FROM ticket t LEFT JOIN account a ON a.id=t.account_client ORDER BY t.id"
    ):
        state = ticket_state(row["status"], row["client_read"], bool(row["responsible"]), for_client=False)
        add_row(context.doc, row | {"tstate": state})


@function("ticket_all.edit")
def ticket_all_edit(context: Context) -> None:
    """Read a ticket, take it (``clicked_button=ok_get``) or create one for a client (seen in integrations)."""
    if not context.submitted:
        _show_ticket(context)
    elif context.param("clicked_button") == "ok_get":
        _take(context)
    elif context.param("elid"):
        context.staff()
        set_priority(context, int(ticket_row(context, context.number("elid"))["id"]))
        add(context.doc, "ok")
    else:
        _create_for_client(context)


def _show_ticket(context: Context) -> None:
    context.supporter()
    ticket = ticket_row(context, context.number("elid"))
    add(context.doc, "id", ticket["id"])
    add(context.doc, "elid", ticket["id"])
    add(context.doc, "name", ticket["name"])
    add(context.doc, "ticket_account", ticket["account_client"])
    add(context.doc, "item", ticket["item"])
    add(context.doc, "project", ticket["project"])
    add(context.doc, "client_department", ticket["responsible"])
    add(context.doc, "tstatus", ticket["status"])
    add(context.doc, "plid", ticket["id"])
    more = context.row(
        f"SELECT a.name AS client, {RESPONSIBLE} AS responsible FROM ticket t "
        "LEFT JOIN account a ON a.id=t.account_client WHERE t.id=%s",
        ticket["id"],
    )
    for name, value in (more or {}).items():
        add(context.doc, name, value)
    add_conversation(context, int(ticket["id"]), notes=True)


def _take(context: Context) -> None:
    """*Assign ticket to me*: the department's row becomes the employee's, or one is made; works on an archived one."""
    actor = context.staff()
    if context.required("plid") != context.required("elid"):
        raise PanelError("value", "plid", context.param("plid"))
    ticket = int(ticket_row(context, context.number("elid"))["id"])
    mine = context.row("SELECT id FROM ticket2user WHERE ticket=%s AND user=%s", ticket, actor.id)
    departments = context.row(
        "SELECT t.id FROM ticket2user t JOIN user u ON u.id=t.user WHERE t.ticket=%s AND u.level=%s ORDER BY t.id "
        "LIMIT 1",
        ticket,
        DEPARTMENT,
    )
    if mine is None and departments is not None:
        assignment = move(context, int(departments["id"]), ticket, actor.id)
    else:
        assignment = assign(context, ticket, actor.id)
    unarchive(context, ticket)
    restate(context, ticket)
    add(context.doc, "ok", f"func=ticket.edit&elid={assignment}&plid={ticket}", type="form")


def _create_for_client(context: Context) -> None:
    context.staff()
    account = context.number("ticket_account")
    if context.row("SELECT id FROM account WHERE id=%s", account) is None:
        raise PanelError("value", "ticket_account", str(account))
    text = context.required("message")
    department = default_department(context)
    if context.param("client_department"):
        department = support_user(context, context.number("client_department"), "client_department")
    project = context.number("project") if context.param("project") else None
    ticket = context.change(
        "INSERT INTO ticket (name, account_client, responsible, project, client_read) VALUES (%s, %s, %s, %s, 'off')",
        context.required("subject"),
        account,
        department,
        project,
    )
    add_message(context, ticket, text)
    if department is not None:
        assign(context, ticket, department)
    restate(context, ticket)
    add(context.doc, "id", ticket)
    add(context.doc, "ok")


@function("ticket_all.delete")
def ticket_all_delete(context: Context) -> None:
    """Delete tickets with everything in them; several ids are joined by a comma and a blank (documented)."""
    context.supporter()
    for part in context.required("elid").split(", "):
        if not part.isdigit() or context.row("SELECT id FROM ticket WHERE id=%s", part) is None:
            raise PanelError("value", "elid", part)
        context.change("DELETE FROM ticket WHERE id=%s", part)
    add(context.doc, "ok")


@function("support_tool_responsible")
def support_tool_responsible(context: Context) -> None:
    """Reopen a ticket for somebody, or move an assignment.

    Reopen: the *ticket* in ``elid`` and no ``plid``. Move: the *ticket2user* id in ``elid``, the ticket in ``plid``
    (both seen in a public integration).
    """
    context.supporter()
    if not context.submitted:
        return
    target = context.required("set_responsible")
    kind, _, number = target.partition("_")
    if kind not in ("e", "d") or not number.isdigit():
        raise PanelError("value", "set_responsible", target)
    user = support_user(context, int(number), "set_responsible")
    if context.param("plid"):
        if not context.panel.options.moves_assignments:
            raise PanelError("value", "plid", context.param("plid"))
        row = assignment_row(context)
        ticket = int(row["ticket"])
        move(context, int(row["id"]), ticket, user)
    else:
        ticket = int(ticket_row(context, context.number("elid"))["id"])
        assign(context, ticket, user)
        unarchive(context, ticket)
    restate(context, ticket)
    if context.param("set_responsible_default") == "on":
        context.change("UPDATE ticket SET responsible=%s WHERE id=%s", user, ticket)
    add(context.doc, "ok")


@function("support_tool_note")
def support_tool_note(context: Context) -> None:
    """Keep the ticket's summary (seen in a public integration; where it is stored is not public)."""
    ticket = ticket_row(context, context.number("elid"))
    context.staff()
    if context.param("sv_field") == "save":
        context.panel.summaries[int(ticket["id"])] = context.param("summary")
        add(context.doc, "show_success", "yes")
    else:
        add(context.doc, "summary", context.panel.summaries.get(int(ticket["id"]), ""))


@function("ticket.file")
def ticket_file(context: Context) -> None:
    """Where an attachment lies: ``//content/name`` and ``//content/data``, a local path (seen in an integration)."""
    attachment = context.number("elid")
    row = context.row(
        f"SELECT f.{schema.ATTACHMENT_NAME} AS name, f.{schema.ATTACHMENT_FILE} AS path, t.account_client "
        "FROM ticket_message_attach f JOIN ticket_message m ON m.id=f.ticket_message JOIN ticket t ON t.id=m.ticket "
        "WHERE f.id=%s",
        attachment,
    )
    if row is None and context.panel.schema.note_files == "column" and context.actor.level >= EMPLOYEE:
        row = context.row(
            f"SELECT f.{schema.ATTACHMENT_NAME} AS name, f.{schema.ATTACHMENT_FILE} AS path, 0 AS account_client "
            "FROM ticket_message_attach f WHERE f.id=%s AND f.ticket_note IS NOT NULL",
            attachment,
        )
    if row is None:
        raise PanelError("value", "elid", str(attachment))
    if context.actor.level < EMPLOYEE and context.actor.account != row["account_client"]:
        raise PanelError("access", "ticket.file", str(attachment))
    content = ET.SubElement(context.doc, "content")
    add(content, "name", row["name"])
    if (paths := context.panel.options.file_paths) != "none":
        add(content, "data", (context.panel.root if paths == "local" else Path("/mnt/other-host")) / row["path"])
