"""Everything beside tickets that an integration asks for: parameters, sessions, people."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from sandbox.billmanager.answer import PanelError, add, add_row
from sandbox.billmanager.functions import function
from sandbox.billmanager.request import CLIENT, DEPARTMENT, EMPLOYEE, ROOT, Context


def _staff_only(context: Context) -> None:
    if context.actor.level < EMPLOYEE:
        raise PanelError("access", context.request.func, context.actor.name)


@function("paramlist")
def paramlist(context: Context) -> None:
    """The panel's parameters, one element a row, named as the parameter (documented)."""
    if context.actor.level < ROOT:
        raise PanelError("access", "paramlist", context.actor.name)
    for name, value in context.panel.parameters.items():
        add_row(context.doc, {name: value})


@function("session.newkey")
def session_newkey(context: Context) -> None:
    """Store a key with which ``func=auth&key=`` opens a session (seen in public integrations)."""
    if context.actor.level < ROOT:
        raise PanelError("access", "session.newkey", context.actor.name)
    user = context.param("username") or "root"
    context.panel.sessions.add_key(context.required("key"), context.panel.find_actor(context.connection, user))
    add(context.doc, "ok")


@function("auth")
def auth(context: Context) -> None:
    """Open a session by user name and password or by a key; answers with its id (documented)."""
    if context.param("key"):
        actor = context.panel.sessions.use_key(context.param("key"))
    else:
        actor = context.panel.check_password(context.connection, context.param("username"), context.param("password"))
    session = context.panel.sessions.open(actor, context.request.label)
    add(context.doc, "auth", session, id=session, level=str(actor.level))
    add(context.doc, "ok")


@function("session.delete")
def session_delete(context: Context) -> None:
    """End a session named by its id (seen in a public script); one's own, or as root any."""
    context.panel.sessions.close(context.required("elid"), context.actor)
    add(context.doc, "ok")


@function("whoami")
def whoami(context: Context) -> None:
    """Who the caller is; the shape of the answer is assumed (docs/unverified.md)."""
    add(context.doc, "user", "", name=context.actor.name, level=str(context.actor.level), id=context.actor.auth_user)


@function("exit", "longtask")
def nothing_to_show(context: Context) -> None:
    """``exit`` restarts the panel, which here has nothing to lose; no background task is ever left over."""
    add(context.doc, "ok")


@function("user", "employee", "department")
def people(context: Context) -> None:
    """Users of clients, employees or departments."""
    _staff_only(context)
    level = {"user": CLIENT, "employee": EMPLOYEE, "department": DEPARTMENT}[context.request.func]
    for row in context.rows(
        "SELECT id, name, realname, email, account, enabled FROM user WHERE level=%s ORDER BY id", level
    ):
        add_row(context.doc, row)


@function("account", "project")
def simple_list(context: Context) -> None:
    """Accounts or projects."""
    _staff_only(context)
    for row in context.rows(f"SELECT id, name FROM {context.request.func} ORDER BY id"):
        add_row(context.doc, row)


@function("account.edit")
def account_edit(context: Context) -> None:
    """One account with its balance, which has no public column (seen in public integrations)."""
    _staff_only(context)
    row = context.row("SELECT id, name, registration_date, country FROM account WHERE id=%s", context.number("elid"))
    if row is None:
        raise PanelError("value", "elid", context.param("elid"))
    for name, value in row.items():
        add(context.doc, name, value)
    balance: ET.Element = add(context.doc, "balance", context.panel.balances.get(int(row["id"]), "0.00"))
    balance.set("currency", "RUB")
