"""What is done about messages that were edited or deleted in Omnidesk after they had been delivered.

Setting ``OmnideskEdits``: nothing (``off``), a note to staff in the panel (``note``), or the client gets the new text
of a reply (``message``). A deletion, a note, and what a client wrote himself are always a matter of staff.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from omnidesk.billmanager.models import Ticket
from omnidesk.content import urls
from omnidesk.context import Context
from omnidesk.core.phrase import Phrase, join
from omnidesk.helpdesk.models import Message
from omnidesk.store.messages import ThreadLinks
from omnidesk.store.models import TicketLink
from omnidesk.sync import actions as do
from omnidesk.sync import compose, edits, notices
from omnidesk.sync.edits import Edit
from omnidesk.sync.read_case import Thread
from omnidesk.sync.view import Stray

OFF, NOTE, MESSAGE = "off", "note", "message"


def found(context: Context, link: TicketLink, thread: Thread | None, linked: ThreadLinks) -> list[Edit]:
    """What of the messages read just now is not as it was delivered; deletions only where one answer shows all."""
    watched = [one for one in linked.delivered if edits.is_watched(one)]
    if thread is None or not watched:
        return []
    known = edits.known_of(watched, linked.edits)
    delivered = {one.external_message: one for one in watched}
    changed = edits.edited(thread.messages, delivered, known, urls.host(context.settings.url))
    if thread.pages > 1 or thread.broken:
        return changed
    here = [one for one in watched if one.case_id == link.case_id]
    return [*changed, *edits.deleted(thread.messages, thread.whole, here, known)]


def observed(
    context: Context, ticket: Ticket, link: TicketLink, thread: Thread | None, linked: ThreadLinks
) -> Iterator[do.Action]:
    """What is to be done about edits of a ticket's messages, as far as its thread was read."""
    for one in found(context, link, thread, linked):
        yield _due(context, ticket, one)


def _due(context: Context, ticket: Ticket, edit: Edit) -> do.Action:
    mode = context.settings.omnidesk_edits
    if mode == OFF:
        return do.KeepEdit(Phrase("why.edits_off"), edit)
    if edit.message is None:
        return _deleted(context, edit)
    if mode == NOTE or not edit.link.staff or not _is_for_client(context, edit.message):
        return _edited(context, edit, edit.message)
    why = _stays(context, ticket, edit)
    if why:
        return _not_corrected(context, edit, edit.message, why)
    return do.Correct(Phrase("why.edited"), edit, edit.message)


def _is_for_client(context: Context, message: Message) -> bool:
    """What is a note by now is staff's own business, and so is a text that was taken away."""
    if message.note:
        return False
    return bool(message.attachments) or not compose.is_empty(context.settings, message.content, message.content_html)


def _stays(context: Context, ticket: Ticket, edit: Edit) -> str:
    """Why the client does not get the new text; "" when he does."""
    if ticket.status == "closed":
        return "archived"
    number = edit.link.ticket_message
    row = context.reader.message(number) if number else None
    return "" if row is not None and row.ticket == ticket.id else "moved"


def of_deleted_ticket(context: Context, some: Iterable[Edit]) -> Iterator[Stray]:
    """The same where the ticket was deleted, in whose case agents still edit what they wrote."""
    for one in some:
        if context.settings.omnidesk_edits == MESSAGE and one.message is not None and one.link.staff:
            notice = _not_corrected(context, one, one.message, "ticket_deleted")
            yield Stray(one.link.case_id, Phrase("why.ticket_deleted"), notice=notice)


def _not_corrected(context: Context, edit: Edit, message: Message, why: str) -> do.Notify:
    """The agent learns that the client does not get his edit."""
    text = Phrase("notice.not_corrected", ticket=edit.link.ticket, message=notices.quoted(context, message),
                  why=Phrase(f"notice.edit_{why}"))  # fmt: skip
    about = Phrase("about.not_corrected", message=message.message_id)
    return do.Notify(Phrase("why.edited"), "case", edit.mark, about, text, attached=edits.files(message))


def _edited(context: Context, edit: Edit, message: Message) -> do.Notify:
    """Staff in the panel learn what a message says now."""
    kind = "edited" if edit.link.kind == "message" else "edited_note"
    line = Phrase(f"notice.{kind}", message=message.message_id)
    text = compose.to_billing(context.settings, message.content, message.content_html, files=[
        name for name, _ in edits.files(message)])  # fmt: skip
    parts = [Phrase(f"message.files_{what}", names=", ".join(names))
             for what, names in (("added", edit.added), ("removed", edit.removed)) if names]  # fmt: skip
    said = join([*parts, line], "\n") if parts else line
    about = Phrase("about.edited", message=message.message_id)
    return do.Notify(Phrase("why.edited"), "ticket", edit.mark, about, said, text, attached=edits.files(message))


def _deleted(context: Context, edit: Edit) -> do.Notify:
    """Staff in the panel learn that a message is no longer in Omnidesk."""
    link = edit.link
    line = Phrase("notice.deleted" if link.kind == "message" else "notice.deleted_note", message=link.external_message)
    row = context.reader.message(link.ticket_message) if link.kind == "message" and link.ticket_message else None
    text = row.text if row is not None else ""
    about = Phrase("about.deleted", message=link.external_message)
    return do.Notify(Phrase("why.deleted"), "ticket", edit.mark, about, line, text, attached=edit.known.files)
