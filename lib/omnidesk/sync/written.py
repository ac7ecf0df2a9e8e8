"""Which row of BILLmanager a call of ours has made: the panel does not say it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from omnidesk.billmanager.models import TicketMessage, TicketNote
from omnidesk.context import Context
from omnidesk.core import text as texts
from omnidesk.store.models import MessageLink

ALIKE = 0.9  # the panel may tidy up a text; two this much alike by one author are the same
Written = TicketMessage | TicketNote


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


def _alike(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, texts.normal(one)[:4000], texts.normal(other)[:4000]).quick_ratio()
