"""Messages of both products in the form in which they are compared (:mod:`omnidesk.migration.adopt_pairing`)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from omnidesk.billmanager.models import Origin, Person, TicketMessage, TicketNote
from omnidesk.content.identity import readings
from omnidesk.content.incoming import of_message
from omnidesk.core.settings import Settings
from omnidesk.core.text import clean, digest, normal
from omnidesk.helpdesk.models import Message
from omnidesk.migration.adopt_pairing import Said
from omnidesk.sync import compose

MOST_WORDS = 4000  # characters of a text that are compared when it is not the same
_AUTHOR = re.compile(r"\A\s*[^\n]{1,120}:[ \t]*\n+(?=\s*\S)")  # a line above a text that names who wrote it


def of_ticket(messages: Iterable[TicketMessage], notes: Iterable[TicketNote], clients: frozenset[int]) -> list[Said]:
    """A ticket's messages and notes, oldest first. A note's id is below zero: they are numbered on their own.

    ``clients``: users that are clients although their accounts were deleted.
    """
    found = [
        replace(_written(one.id, _role(one.author, clients), one), system=one.origin is Origin.SYSTEM)
        for one in messages
    ]
    found += [_written(-one.id, "note", one) for one in notes]
    return sorted(found, key=lambda one: one.at)


def _role(author: Person, clients: frozenset[int]) -> str:
    return "client" if author.is_client or (not author.known and author.user in clients) else "staff"


def _written(id: int, role: str, one: TicketMessage | TicketNote) -> Said:
    text = clean(one.text)
    return Said(id, role, one.posted_at, _identities(text), normal(text)[:MOST_WORDS])


def of_case(rows: Iterable[Message], settings: Settings) -> list[Said]:
    """A case's messages, by id. Attachments alone are a message too."""
    return [_held(row, settings) for row in sorted(rows, key=lambda row: row.message_id)]


def _held(row: Message, settings: Settings) -> Said:
    text = of_message(row.content, row.content_html)
    same = _identities(text) | readings(row.content, row.content_html)
    shown = compose.to_billing(settings, row.content, row.content_html) if text else ""
    same |= {digest(shown)}  # as it would be delivered: without what was quoted
    role = "note" if row.note else "client" if row.user_id and not row.staff_id else "staff"
    nobody = row.is_system or not (row.content or row.content_html or row.attachments)
    return Said(row.message_id, role, row.created_at, frozenset(same), normal(text)[:MOST_WORDS], nobody)


def _identities(text: str) -> frozenset[str]:
    """The digest of a text, and of it without a line that names its author."""
    bare = _AUTHOR.sub("", text, count=1)
    return frozenset({digest(text), digest(bare)})
