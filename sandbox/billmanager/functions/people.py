"""Users and employees: read, change, create; and the list of installed plugins."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from sandbox.billmanager.answer import PanelError, add, add_row
from sandbox.billmanager.functions import function
from sandbox.billmanager.request import CLIENT, EMPLOYEE, Context

RIGHTS = ("support", "finance", "provider")
"""Groups of functions an employee may be given; the panel's own are more (assumed; docs/unverified.md)."""


@function("user.edit", "employee.edit")
def user_edit(context: Context) -> None:
    """One user or employee: read or change; without ``elid`` a new employee."""
    if context.actor.level < EMPLOYEE:
        raise PanelError("access", context.request.func, context.actor.name)
    wanted = CLIENT if context.request.func == "user.edit" else EMPLOYEE
    if wanted == EMPLOYEE and not context.param("elid"):
        _new_employee(context)
        return
    row = context.row(
        "SELECT id, account, name, realname, email, phone, level, language, enabled FROM user WHERE id=%s",
        context.number("elid"),
    )
    if row is None or row["level"] != wanted:
        raise PanelError("value", "elid", context.param("elid"))
    if context.submitted:
        _change(context, row)
        add(context.doc, "ok")
        return
    for name, value in row.items():
        add(context.doc, name, value)
    add(context.doc, "elid", row["id"])
    if wanted == EMPLOYEE:
        _offer_rights(context, context.panel.rights.get(int(row["id"]), frozenset(RIGHTS)))


def _new_employee(context: Context) -> None:
    if not context.submitted:
        add(context.doc, "enabled", "on")
        _offer_rights(context, frozenset())
        return
    name = context.required("name")
    if context.row("SELECT id FROM user WHERE name=%s", name) is not None:
        raise PanelError("exists", "name", name)
    user = context.change(
        "INSERT INTO user (name, realname, email, phone, level, password, enabled) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        name,
        context.required("realname"),
        context.required("email"),
        context.param("phone") or None,
        EMPLOYEE,
        context.required("password"),
        context.param("enabled", "on"),
    )
    context.panel.rights[user] = _chosen_rights(context)
    add(context.doc, "id", user)
    add(context.doc, "ok")


def _change(context: Context, row: dict[str, Any]) -> None:
    name = context.param("name", row["name"])
    if name != row["name"] and context.row("SELECT id FROM user WHERE name=%s", name) is not None:
        raise PanelError("exists", "name", name)
    for column in ("name", "realname", "email", "phone", "enabled"):
        if column in context.params:
            context.change(f"UPDATE user SET {column}=%s WHERE id=%s", context.param(column), row["id"])
    if context.param("password"):
        context.change("UPDATE user SET password=%s WHERE id=%s", context.param("password"), row["id"])
    if row["level"] == EMPLOYEE and "rights" in context.params:
        context.panel.rights[int(row["id"])] = _chosen_rights(context)


def _chosen_rights(context: Context) -> frozenset[str]:
    return frozenset(part.strip() for part in context.param("rights").split(",") if part.strip() in RIGHTS)


def _offer_rights(context: Context, given: frozenset[str]) -> None:
    texts = context.panel.descriptions.messages("rights", context.param("lang", "ru"))
    offered = ET.SubElement(context.doc, "slist", {"name": "rights"})
    for name in RIGHTS:
        add(offered, "val", texts.get(name, name), key=name)
    add(context.doc, "rights", ", ".join(name for name in RIGHTS if name in given))


@function("plugins")
def plugins(context: Context) -> None:
    """*Integrations → Modules*: what is installed, and ``settings``, the function its *Configure* opens.

    The real function's name and dispatch are not public (assumed: ``<name>.settings``; docs/unverified.md).
    """
    if context.actor.level < EMPLOYEE:
        raise PanelError("access", "plugins", context.actor.name)
    lang = context.param("lang", "ru")
    registered = {func for handler in context.panel.event_system.plugins.handlers() for func in handler.functions}
    for plugin in context.panel.descriptions.plugins:
        settings = f"{plugin.name}.settings"
        logo = context.panel.root / "skins/common/plugin-logo" / f"billmanager-plugin-{plugin.name}.png"
        add_row(
            context.doc,
            {
                "id": plugin.name,
                "name": plugin.name,
                "short": plugin.short.get(lang) or plugin.short.get("en") or "",
                "full": plugin.full.get(lang) or plugin.full.get("en") or "",
                "author": plugin.author,
                "logo": logo.name if logo.is_file() else "",
                "settings": settings if settings in registered else "",
            },
        )
    for name, reason in context.panel.event_system.plugins.broken.items():
        add(context.doc, "broken", reason, name=name)
