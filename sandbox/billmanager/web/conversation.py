"""The one widget of the core's own: a ticket's conversation with files, notes and ratings."""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ET
from dataclasses import dataclass

from markupsafe import Markup

from sandbox.billmanager.web.markup import markdown
from sandbox.billmanager.web.visitor import Visitor


@dataclass(frozen=True)
class Entry:
    """A message or a note; ``mark`` changes when anything shown of it does."""

    key: str
    kind: str  # client, staff or note
    author: str
    date: str
    html: Markup
    files: tuple[tuple[str, str], ...]  # name, address
    rating: str
    rate_address: str
    mark: str


@dataclass(frozen=True)
class Conversation:
    """Everything said in a ticket; ``archive_address`` is empty when the client may not archive it now."""

    entries: tuple[Entry, ...]
    archive_address: str


def conversation(visitor: Visitor, doc: ET.Element) -> Conversation:
    """The conversation in the document, notes among the messages by their dates."""
    mlist = doc.find("mlist")
    ticket = doc.findtext("plid") or doc.findtext("elid") or ""
    nodes = [] if mlist is None else list(mlist)
    nodes.sort(key=lambda node: (node.findtext("date_post") or "", node.tag == "note", int(node.get("id", "0"))))
    entries = tuple(_entry(visitor, node, ticket) for node in nodes)
    may_archive = visitor.is_client and doc.findtext("tstate") in ("unread", "reviewed")
    return Conversation(entries, visitor.path("archive", ticket) if may_archive else "")


def _entry(visitor: Visitor, node: ET.Element, ticket: str) -> Entry:
    number = node.get("id", "")
    kind = "note" if node.tag == "note" else "staff" if node.get("type") == "outcoming" else "client"
    given = node.find("rates/rate")
    rating = given.get("name", "") if given is not None else ""
    files = tuple(
        (one.text or "", visitor.path("file", one.get("id", ""), one.text or "file")) for one in node.findall("file")
    )
    rate = visitor.path("rate", ticket, number) if visitor.is_client and kind == "staff" and not rating else ""
    return Entry(
        f"{node.tag}-{number}",
        kind,
        node.findtext("user_realname") or "",
        (node.findtext("date_post") or "")[:16],
        markdown(node.findtext("body") or ""),
        files,
        rating,
        rate,
        hashlib.sha256(ET.tostring(node)).hexdigest()[:12],
    )
