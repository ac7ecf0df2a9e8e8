"""A BILLmanager message with its files, split over as many messages of Omnidesk as needed.

A file never stops its message: one that cannot be had, or that Omnidesk does not take, is named in the text instead.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeVar

from omnidesk.attachments import missing
from omnidesk.attachments.outgoing import Missing, Outgoing, open_files
from omnidesk.attachments.splitting import Division
from omnidesk.billmanager.models import TicketMessage
from omnidesk.content.outgoing import Body
from omnidesk.context import Context
from omnidesk.core.errors import Failure, Gone, Refused
from omnidesk.helpdesk.client import FileUpload
from omnidesk.store.intents import MOST_SENDS
from omnidesk.sync import compose

log = logging.getLogger("files")
# Failures of a ticket after which a message goes without its files, and they after it; before the circuit breaker.
TEXT_FIRST = MOST_SENDS - 1
PART_TRIES = 8  # so often a part with files is sent while Omnidesk answers everything else


@dataclass(frozen=True)
class Draft:
    """A BILLmanager message as it will stand in the case: who signs it, and what it says."""

    body: Body
    staff_id: int  # 0: the client signs
    files: tuple[FileUpload, ...] = ()


class FilesRefused(Exception):
    """Omnidesk refused a message with files, perhaps because of them; nothing was made of it."""


Sent = TypeVar("Sent")
Send = Callable[[Draft, list[list[int]]], Sent]


def may_be_of_files(failure: Failure) -> bool:
    """Whether it may be the files that were refused. The words for it are not public, so any refusal may mean them."""
    refused = isinstance(failure, Refused) and not isinstance(failure, Gone)
    return refused and failure.type in ("omnidesk_refused", "omnidesk_rejected")


@dataclass(frozen=True)
class Spread:
    """Who signs a message, the line that names its author, and how often its ticket failed; ``heading``: a line above.

    ``tries``: how often this very part with more files was sent; -1 for a message itself.
    """

    context: Context
    staff_id: int
    line: str
    failures: int
    tries: int = -1
    heading: str = ""

    def over(self, message: TicketMessage, send: Send[Sent]) -> Sent:
        """What ``send`` returns: it is given a draft, and the attachments that are left for each message after it.

        It raises :class:`FilesRefused` to be given one that is divided again: each file for itself, then without it.
        """
        with ExitStack() as opened:
            found, absent = open_files(self.context, message.files, opened)
            division = self._division(found, len(message.text.encode("utf-8", "replace")))
            while True:
                try:
                    draft = self._draft(message, found, absent, division)
                    return send(draft, [[file.id for file in group] for group in division.later])
                except FilesRefused as refusal:
                    log.warning("message %s with files: %s", message.id, refusal.__cause__)
                    division.again()

    def _division(self, found: list[Outgoing], text: int) -> Division[Outgoing]:
        if self.tries >= PART_TRIES:
            return Division([[]], found)
        if self.tries < 0 and self.failures >= TEXT_FIRST and found:
            return Division([[], *([one] for one in found)])
        # A text grows on its way: marks of Markdown become elements.
        return Division.of(found, [file.cost for file in found], 4 * text)

    def _draft(
        self,
        message: TicketMessage,
        found: Sequence[Outgoing],
        absent: Sequence[Missing],
        division: Division[Outgoing],
    ) -> Draft:
        settings, why = self.context.settings, "failed" if self.tries >= PART_TRIES else "refused"
        lost = [*absent, *(Missing(file.upload.name, why) for file in division.refused)]
        words = [missing.from_billing(settings, file.name, file.why, message.ticket) for file in lost]
        names = [file.upload.name for file in found]
        body = compose.to_omnidesk(settings, message.text, self.line, names, words, self.heading)
        return Draft(body, self.staff_id, tuple(file.upload for file in division.mine))
