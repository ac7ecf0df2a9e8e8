"""What was changed or deleted in Omnidesk after it had been delivered, and what has been done about it so far.

What was delivered is remembered as a fingerprint of what a reader sees, so that an address that is signed again each
time, or another way to write the same HTML, is no change. What the module does about an edit has a link of its own
whose mark says which message it is about, how many there were before, and what the message said then: the last of them
is what the other side knows.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from omnidesk.helpdesk.models import Message
from omnidesk.store.models import MessageLink

VERSION = "2:"  # of the way a fingerprint is made: one of another version says nothing
DELETED = "deleted"
MOST = 20  # edits of one message about which something is done: nobody corrects himself so often
_MARKUP = re.compile(r"<[^>]*>")
_LINK = re.compile(r"<a\b[^>]*\bhref\s*=\s*[\"']?([a-z]+://[^\s\"'>]+)", re.IGNORECASE)
_ADDRESS = re.compile(r"\b[a-z]+://[^\s<>\"']+", re.IGNORECASE)
MARK = re.compile(r"t(?P<link>[0-9]+):(?P<number>[0-9]+):(?P<state>.+)")
Files = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Known:
    """What the other side knows of a message. ``number``: of what was done about its edits so far."""

    state: str
    files: Files
    number: int = 0
    deleted: bool = False
    sent: bool = False  # the client was sent a later text as a message of its own


@dataclass(frozen=True)
class Edit:
    """A delivered message that says something else now. ``message`` None: it was deleted."""

    link: MessageLink
    message: Message | None
    known: Known
    state: str

    @property
    def mark(self) -> str:
        """By which what is done about it is known, so that it is done once."""
        return f"t{self.link.id}:{self.known.number}:{self.state}"

    @property
    def added(self) -> tuple[str, ...]:
        """The names of files that are new."""
        return _names(files(self.message), self.known.files) if self.message else ()

    @property
    def removed(self) -> tuple[str, ...]:
        """The names of files that are not there any more; one that was replaced is new."""
        now = files(self.message) if self.message else ()
        return tuple(one for one in _names(self.known.files, now) if one not in dict(now))


def fingerprint(message: Message, own_host: str = "") -> str:
    """What a reader sees of a message, as a short text: letters and digits without markup and blanks, where its links
    lead (not those to the account itself, which may be signed anew each time), and which files it has."""
    text = message.content_html or message.content
    seen = html.unescape(_MARKUP.sub(" ", text))
    given = [*map(html.unescape, _LINK.findall(text)), *_ADDRESS.findall(seen)]
    places = sorted({place for one in given if (place := _place(one, own_host))})
    words = "".join(_ADDRESS.sub(" ", seen).split())
    parts = [words, *places, *(f"{name}\0{size}" for name, size in sorted(files(message)))]
    return VERSION + hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def _place(address: str, own_host: str) -> str:
    """Where a link leads, without what may be signed; "" for one to the account itself."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
    except ValueError:
        return ""
    return "" if not host or host == own_host else f"{host}{parts.path}".rstrip("/.,;:!?)»")


def files(message: Message) -> Files:
    """Names and sizes of a message's files."""
    return tuple((one.name, one.size) for one in message.attachments)


def _names(some: Files, without: Files) -> tuple[str, ...]:
    left = list(without)
    found = []
    for one in some:
        if one in left:
            left.remove(one)
        else:
            found.append(one[0])
    return tuple(found)


def is_watched(link: MessageLink) -> bool:
    """Whether it was delivered to the ticket, and what Omnidesk held then is known."""
    return link.direction == "in" and link.state == "done" and link.source.startswith(VERSION)


def corrected(link: MessageLink) -> int:
    """The id of the link of the message that a correction is about; 0 for another link."""
    found = MARK.fullmatch(link.source) if link.is_correction else None
    return int(found["link"]) if found else 0


def known_of(links: Iterable[MessageLink], done: Iterable[MessageLink]) -> dict[int, Known]:
    """What the other side knows of these messages, by the ids of their links. ``done``: about their edits, in order."""
    about: dict[int, list[tuple[str, MessageLink]]] = defaultdict(list)
    for one in done:
        if found := MARK.fullmatch(one.source):
            about[int(found["link"])].append((found["state"], one))
    return {link.id: _known(link, about[link.id]) for link in links}


def _known(link: MessageLink, done: Sequence[tuple[str, MessageLink]]) -> Known:
    said = [(state, one) for state, one in done if state != DELETED]
    state, last = said[-1] if said else (link.source, link)
    sent = any(one.ticket_message and one.is_correction for _, one in done)
    return Known(state, last.attached, len(done), len(said) < len(done), sent)


def edited(
    rows: Iterable[Message], links: Mapping[int, MessageLink], known: Mapping[int, Known], own_host: str
) -> list[Edit]:
    """Which of these messages, delivered by these links, say something else than the other side knows."""
    found = []
    for row in rows:
        link = links.get(row.message_id)
        if link is None or not is_watched(link):
            continue
        now = fingerprint(row, own_host)
        if now != known[link.id].state and known[link.id].number < MOST:
            found.append(Edit(link, row, known[link.id], now))
    return found


def deleted(
    page: Sequence[Message], whole: bool, links: Iterable[MessageLink], known: Mapping[int, Known]
) -> list[Edit]:
    """Delivered messages that must be on this page of the thread, and are not.

    ``page``: one answer of the API, by id; ``whole``: nothing is older than it. An empty answer tells nothing.
    """
    if not page:
        return []
    there = {row.message_id for row in page}
    return [
        Edit(link, None, known[link.id], DELETED)
        for link in links
        if is_watched(link) and link.external_message not in there and link.external_message < page[-1].message_id
        and (whole or link.external_message > page[0].message_id) and not known[link.id].deleted
    ]  # fmt: skip
