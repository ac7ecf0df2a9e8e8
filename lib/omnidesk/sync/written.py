"""Which row of BILLmanager a call of ours has made: the panel does not say it."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Sequence

from omnidesk.billmanager.models import TicketMessage, TicketNote
from omnidesk.context import Context
from omnidesk.core import text as texts
from omnidesk.core.errors import Failure, TryLater
from omnidesk.core.phrase import Phrase
from omnidesk.store.models import MessageLink

log = logging.getLogger("billmanager")
ALIKE = 0.9  # the panel may tidy up a text; two this much alike by one author are the same
Written = TicketMessage | TicketNote


def written_by(context: Context, intent: MessageLink, body: str, write: Callable[[], None]) -> Written:
    """What the call ``write`` has written, whatever its answer says.

    An error proves nothing: it may be that of another plugin, which fails after the panel's commit.
    """
    try:
        write()
    except Failure as failure:
        written = _written_all_the_same(context, intent, body)
        if written is None:
            raise
        log.warning("ticket %s: %s %s is in the ticket although the call failed: %s",
                    intent.ticket, intent.kind, written.id, failure)  # fmt: skip
        return written
    written = found_written(context, intent, body, certain=True)
    if written is None:
        who = context.reader.person(int(intent.author))
        name = who.label if who else f"#{intent.author}"
        of_note = intent.kind == "note"
        said = Phrase("said.no_new_note", name=name) if of_note else Phrase("said.no_new_message", name=name)
        raise TryLater("panel_ignored", "ticket.edit", said, uncertain=True)
    return written


def _written_all_the_same(context: Context, intent: MessageLink, body: str) -> Written | None:
    try:
        return found_written(context, intent, body, certain=False)
    except Failure:  # of the database; what failed first says more
        return None


def found_written(context: Context, intent: MessageLink, body: str, *, certain: bool) -> Written | None:
    """What a call of ours wrote: a new message (or note) of the ticket by the author the call was made for.

    ``certain``: the call was answered, so something must be there and the nearest is taken. Otherwise only a text that
    is the same or nearly so is, or any by the integration employee, in whose name nobody else writes.
    """
    after = context.reader.messages_after if intent.kind == "message" else context.reader.notes_after
    candidates: Sequence[Written] = [
        one
        for one in after(intent.ticket, intent.mark)
        if str(one.author.user) == intent.author and context.links.message(intent.kind, one.id) is None
    ]
    for one in candidates:
        if texts.digest(one.text) == intent.digest:
            return one
    if not candidates:
        return None
    integration = context.integration_employee()
    ours = integration is not None and intent.author == str(integration.user)
    nearest = max(candidates, key=lambda one: _alike(one.text, body))
    if certain or ours or (body and _alike(nearest.text, body) >= ALIKE):
        return nearest
    return None


def found_moved(context: Context, intent: MessageLink) -> TicketMessage | None:
    """The message that a call wrote, in another ticket: staff split this one before the outcome of the call was known.

    Only the very text is taken, and none of a ticket that is looking for the same text itself.
    """
    for one in context.reader.elsewhere_after(intent.ticket, intent.mark) if intent.kind == "message" else ():
        if str(one.author.user) != intent.author or texts.digest(one.text) != intent.digest:
            continue
        known, waiting = context.links.message(intent.kind, one.id), context.links.messages(one.ticket, ("intent",))
        incoming = known is not None and known.direction == "in"
        if not incoming and all(link.digest != intent.digest or link.direction == "out" for link in waiting):
            return one
    return None


def _alike(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, texts.normal(one)[:4000], texts.normal(other)[:4000]).quick_ratio()
