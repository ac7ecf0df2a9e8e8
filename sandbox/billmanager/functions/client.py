"""What a client does in the client area: ``clientticket*``."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from sandbox.billmanager import schema, systemrows
from sandbox.billmanager.answer import PanelError, add, add_row
from sandbox.billmanager.functions import function
from sandbox.billmanager.functions.common import (
    add_message,
    assign,
    default_department,
    done,
    mark_unread,
    own_ticket,
    restate,
    support_user,
    ticket_row,
    unarchive,
)
from sandbox.billmanager.functions.conversation import LAST_MESSAGE, add_conversation, ticket_state
from sandbox.billmanager.request import DEPARTMENT, Context


@function("clientticket")
def clientticket(context: Context) -> None:
    """The client's own tickets."""
    client = context.client()
    for row in context.rows(
        f"SELECT t.id, t.name, t.status, t.client_read, {LAST_MESSAGE} AS last_message, "
        "EXISTS (SELECT 1 FROM ticket2user x WHERE x.ticket=t.id) AS assigned FROM ticket t WHERE t.account_client=%s "
        "ORDER BY last_message DESC, t.id DESC",
        client.account,
    ):
        state = ticket_state(row["status"], row["client_read"], bool(row.pop("assigned")), for_client=True)
        add_row(context.doc, row | {"tstate": state})


@function("clientticket.edit")
def clientticket_edit(context: Context) -> None:
    """Create a ticket, answer in one (``elid``), or open the form (documented)."""
    context.client()
    if not context.submitted:
        _show(context)
    elif context.param("elid"):
        _answer(context)
    else:
        _create(context)


def _show(context: Context) -> None:
    if not context.param("elid"):
        _offer(context)
        return
    ticket = own_ticket(context)
    assigned = context.row("SELECT id FROM ticket2user WHERE ticket=%s LIMIT 1", ticket["id"]) is not None
    add(context.doc, "elid", ticket["id"])
    add(context.doc, "name", ticket["name"])
    add(context.doc, "subject", ticket["name"])
    add(context.doc, "tstate", ticket_state(ticket["status"], ticket["client_read"], assigned, for_client=True))
    add_conversation(context, ticket["id"], notes=False)
    context.change("UPDATE ticket SET client_read='on' WHERE id=%s", ticket["id"])


def _offer(context: Context) -> None:
    """What the form of a new ticket lets the client choose from."""
    departments = ET.SubElement(context.doc, "slist", {"name": "client_department"})
    for row in context.rows(
        "SELECT id, realname FROM user WHERE level=%s AND support_department='on' AND enabled='on' ORDER BY id",
        DEPARTMENT,
    ):
        add(departments, "val", row["realname"], key=str(row["id"]))
    items = ET.SubElement(context.doc, "slist", {"name": "item"})
    add(items, "val", "—", key="")
    for row in context.rows("SELECT id, name FROM item WHERE account=%s ORDER BY id", context.actor.account):
        add(items, "val", row["name"], key=str(row["id"]))


def _create(context: Context) -> None:
    text = context.required("message")
    department = _department(context)
    item = _item(context)
    ticket = context.change(
        "INSERT INTO ticket (name, account_client, responsible, item, project, client_read) "
        "VALUES (%s, %s, %s, %s, %s, 'on')",
        context.panel.options.subject_prefix + context.param("subject"),
        context.actor.account,
        department,
        item,
        _project(context),
    )
    add_message(context, ticket, text)
    if department is not None:
        assign(context, ticket, department)
    mark_unread(context, ticket)
    restate(context, ticket)
    add(context.doc, "id", ticket)
    done(context, f"func=clientticket.edit&elid={ticket}")


def _answer(context: Context) -> None:
    ticket = own_ticket(context)
    if ticket["status"] == schema.ARCHIVED and not context.panel.options.archived_takes_messages:
        raise PanelError("ticket_archived", "elid", str(ticket["id"]))
    add_message(context, ticket["id"], context.required("message"))
    unarchive(context, ticket["id"])
    context.change("UPDATE ticket SET client_read='on' WHERE id=%s", ticket["id"])
    if not context.rows("SELECT id FROM ticket2user WHERE ticket=%s", ticket["id"]):
        responsible = ticket["responsible"] or default_department(context)
        if responsible is not None:
            assign(context, ticket["id"], responsible)
    mark_unread(context, ticket["id"])
    restate(context, ticket["id"])
    done(context, f"func=clientticket.edit&elid={ticket['id']}")


@function("ticket.message.rate.good", "ticket.message.rate.bad")
def rate(context: Context) -> None:
    """Rate an answer: the message in ``elid``, its ticket in ``plid``, no ``sok`` (seen in a client area)."""
    client = context.client()
    row = context.row(
        "SELECT m.id FROM ticket_message m JOIN ticket t ON t.id=m.ticket "
        "WHERE m.id=%s AND m.ticket=%s AND t.account_client=%s",
        context.number("elid"),
        context.number("plid"),
        client.account,
    )
    if row is None:
        raise PanelError("value", "elid", context.param("elid"))
    again = context.panel.options.rates_again
    rated = context.row(f"SELECT name FROM {schema.RATINGS_TABLE} WHERE ticket_message=%s", row["id"])
    if rated is not None and again == "refuses":
        raise PanelError("value", "elid", context.param("elid"))
    if rated is not None and again == "ignores":
        add(context.doc, "ok")
        return
    name = context.request.func.rpartition(".")[2]
    good, bad = schema.RATING_VALUES[context.panel.schema.rating_values]
    value = good if name == "good" else bad
    schema.store_rating(context.change, context.panel.schema, int(row["id"]), name, value)
    add(context.doc, "ok")


@function("clientticket.archive")
def archive(context: Context) -> None:
    """Move tickets to the archive; several ids are joined by a comma and a blank (seen in a client area)."""
    client = context.client()
    if not context.submitted:
        return
    for part in context.required("elid").split(", "):
        row = ticket_row(context, int(part) if part.isdigit() else 0)
        if row["account_client"] != client.account:
            raise PanelError("access", "ticket", part)
        if context.request.via == "mgrctl" and not context.panel.options.archives_for_client:
            raise PanelError("access", "clientticket.archive", client.name)
        had = context.row("SELECT id FROM ticket2user WHERE ticket=%s LIMIT 1", row["id"]) is not None
        if had and not context.panel.options.archives_assigned:
            raise PanelError("ticket_in_progress", "elid", part)
        context.change("UPDATE ticket SET status=%s WHERE id=%s", schema.ARCHIVED, row["id"])
        context.change("DELETE FROM ticket2user WHERE ticket=%s", row["id"])
        systemrows.write(context.panel, context.row, context.change, row["id"], systemrows.ARCHIVED, context.created)
    add(context.doc, "ok")


def _department(context: Context) -> int | None:
    if context.param("client_department"):
        return support_user(context, context.number("client_department"), "client_department")
    return default_department(context)


def _item(context: Context) -> int | None:
    if not context.param("item"):
        return None
    item = context.number("item")
    if context.row("SELECT id FROM item WHERE id=%s AND account=%s", item, context.actor.account) is None:
        raise PanelError("value", "item", str(item))
    return item


def _project(context: Context) -> int | None:
    row = context.row("SELECT project FROM account2project WHERE account=%s ORDER BY id LIMIT 1", context.actor.account)
    return int(row["project"]) if row else None
