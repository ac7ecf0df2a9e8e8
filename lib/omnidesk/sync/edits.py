"""What staff changed or deleted in Omnidesk after it had been delivered, and the note about it.

A text that the client has read is never changed or taken back; staff in BILLmanager can be notified by an internal note
(setting ``OmnideskEdits``). What was delivered is remembered as a fingerprint of what a reader sees, so that an address
that is signed again each time, or another way to write the same HTML, is no change.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable, Sequence

from omnidesk.helpdesk.models import Message
from omnidesk.store.models import MessageLink

VERSION = "1:"  # of the way a fingerprint is made: one of another version says nothing
DELETED = "deleted"
_MARKUP = re.compile(r"<[^>]*>")
_ADDRESS = re.compile(r"\b[a-z]+://\S+", re.IGNORECASE)


def fingerprint(message: Message) -> str:
    """What a reader sees of a message, as a short text: letters and digits, without markup, addresses and blanks."""
    text = message.content_html or message.content
    seen = _ADDRESS.sub(" ", html.unescape(_MARKUP.sub(" ", text)))
    return VERSION + hashlib.sha256("".join(seen.split()).encode("utf-8", "replace")).hexdigest()[:16]


def mark(link: MessageLink, state: str) -> str:
    """What the note's own link is marked with (``source``), so that each change is reported once."""
    return f"t{link.id}:{state}"


def _watched(link: MessageLink) -> bool:
    """Whether it was delivered to the ticket, and what Omnidesk held then is known."""
    return link.direction == "in" and link.state == "done" and link.source.startswith(VERSION)


def edited(
    rows: Iterable[Message], links: dict[int, MessageLink], noted: set[str]
) -> list[tuple[MessageLink, Message]]:
    """Messages delivered to this ticket that now say something else, and of which no note says so yet."""
    found = []
    for row in rows:
        link = links.get(row.message_id)
        if link is None or not _watched(link):
            continue
        now = fingerprint(row)
        if now != link.source and mark(link, now) not in noted:
            found.append((link, row))
    return found


def deleted(page: Sequence[Message], whole: bool, links: Iterable[MessageLink], noted: set[str]) -> list[MessageLink]:
    """Delivered messages that must be on this page of the thread, and are not.

    ``page``: one answer of the API, by id; ``whole``: nothing is older than it. An empty answer tells nothing.
    """
    if not page:
        return []
    there = {row.message_id for row in page}
    return [
        link
        for link in links
        if _watched(link) and link.external_message not in there and link.external_message < page[-1].message_id
        and (whole or link.external_message > page[0].message_id) and mark(link, DELETED) not in noted
    ]  # fmt: skip
