"""The note that a new case begins with, if the setting ``CaseNote`` wants one: what an agent needs to know of it.

Its parts: a link to the ticket in the panel, the client's card (values of the catalogue, as in custom fields), and of a
case that replaces a lost one the conversation so far. One note for each case, of which what cannot be read is missing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Set

from omnidesk.billmanager.models import Ticket, TicketMessage
from omnidesk.context import Context
from omnidesk.core import text as texts
from omnidesk.core.phrase import Phrase, join, plain
from omnidesk.custom_fields import convert
from omnidesk.custom_fields.problems import FieldProblem
from omnidesk.store.models import TicketLink
from omnidesk.sync import actions as do
from omnidesk.sync import compose

log = logging.getLogger("notices")
LINK, CARD, THREAD = "link", "card", "thread"
RECENT = 86400.0
MOST_MESSAGES = 30  # of a conversation, the newest
LONGEST_MESSAGE = 1000  # characters
LONGEST_THREAD = 12000


def due(context: Context, ticket: Ticket, link: TicketLink, notified: Callable[[], Set[str]]) -> Iterator[do.Notify]:
    """The note of a case that is new: it has not been read yet, and was not made for a ticket of the past.

    ``notified``: the marks of the notes that there are.
    """
    if not context.settings.case_note or not link.has_case or link.read_at or link.joined_at:
        return
    mark = f"n:case:{link.case_id}"
    if mark in notified() or _is_past(context, ticket):
        return
    parts = _parts(context, ticket, link)
    if parts:
        yield do.Notify(Phrase("why.new_case"), "case", mark, Phrase("about.case_note"), join(parts, "\n\n"))


def _is_past(context: Context, ticket: Ticket) -> bool:
    """Whether nobody has written in it lately: its case was asked for, say by an import."""
    newest = context.reader.newest_message(ticket.id)
    return newest is None or context.clock() - newest.posted_at > RECENT


def _parts(context: Context, ticket: Ticket, link: TicketLink) -> list[Phrase]:
    """What the note says now."""
    parts: list[Phrase] = []
    wanted = context.settings.case_note
    if LINK in wanted:
        parts.append(_link(context, ticket))
    if CARD in wanted:
        parts += _card(context, ticket)
    if THREAD in wanted:
        parts += _thread(context, ticket, link)
    return parts


def _link(context: Context, ticket: Ticket) -> Phrase:
    base = context.settings.public_url
    name = texts.shorten(ticket.subject, 200)
    if not base:
        return Phrase("notice.case_of", ticket=ticket.id, subject=name)
    address = f"{base}/billmgr?startform=ticket_all.edit&elid={ticket.id}"
    return Phrase("notice.case_link", ticket=ticket.id, subject=name, address=address)


def _card(context: Context, ticket: Ticket) -> list[Phrase]:
    """Values of the catalogue, each for itself: one that cannot be had is missing, and its reason is in the log."""
    lines: list[Phrase] = []
    known = {value.key: value for value in context.fields.catalogue()}
    for name in context.settings.case_note_values:
        value = known.get(name)
        if value is None:
            log.warning("ticket %s: the catalogue has no value %s (setting CaseNoteValues)", ticket.id, name)
            continue
        id = ticket.id if value.entity == "case" else ticket.client.user if ticket.client else 0
        try:
            shown = convert.plain(context.fields.preview(value, id).raw) if id else ""
        except FieldProblem as problem:
            log.warning("ticket %s: %s is missing in the case's note: %s", ticket.id, name, problem)
            continue
        if shown.strip():
            lines.append(
                plain(f"{value.title(context.settings.language)}: {texts.shorten(texts.clean(shown), LONGEST_MESSAGE)}")
            )
    return [Phrase("notice.case_card", lines=join(lines, "\n"))] if lines else []


def _thread(context: Context, ticket: Ticket, link: TicketLink) -> list[Phrase]:
    """What was said in the ticket's earlier cases, the newest last."""
    before = {one.ticket_message for one in context.links.messages(ticket.id, ("done",))
              if one.kind == "message" and one.ticket_message and one.case_id not in (0, link.case_id)}  # fmt: skip
    if not before:
        return []
    lines: list[str] = []
    for id in sorted(before, reverse=True)[:MOST_MESSAGES]:
        message = context.reader.message(id)
        line = _said(context, message) if message is not None else ""
        if sum(map(len, lines)) + len(line) > LONGEST_THREAD:
            break
        lines.insert(0, line)
    left = len(before) - len(lines)
    head = Phrase("notice.case_thread_cut", case=link.replaced, count=left) if left else Phrase(
        "notice.case_thread", case=link.replaced
    )  # fmt: skip
    return [Phrase("notice.case_said", head=head, said=plain("\n\n".join(lines)))]


def _said(context: Context, one: TicketMessage) -> str:
    when = time.strftime("%d.%m.%Y %H:%M", time.localtime(one.posted_at)) if one.posted_at else ""
    name = compose.author_name(context.settings, one.author)
    return f"{when} {name}:\n{texts.shorten(texts.clean(one.text), LONGEST_MESSAGE)}".strip()
