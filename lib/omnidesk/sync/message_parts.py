"""How a BILLmanager message is sent to Omnidesk: the calls that may be made for it, worked out before the first is.

A file never stops its message: one that cannot be had, or that Omnidesk does not take, is named in the text instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from omnidesk.attachments import missing
from omnidesk.attachments.missing import Missing
from omnidesk.attachments.outgoing import Outgoing, open_files
from omnidesk.attachments.splitting import Division, divide, divisions
from omnidesk.billmanager.models import TicketMessage, TicketNote
from omnidesk.content.outgoing import Body
from omnidesk.context import Context
from omnidesk.core.errors import Failure, Gone, Refused
from omnidesk.core.settings import Settings
from omnidesk.helpdesk.connection import FileUpload
from omnidesk.store.intents import MOST_SENDS
from omnidesk.sync import compose

# Calls without a result after which a message goes without its files, and they after it; before the circuit breaker.
TEXT_FIRST = MOST_SENDS - 1
PART_TRIES = 8  # so often a part with files is sent while Omnidesk answers everything else


@dataclass(frozen=True)
class Letter:
    """A BILLmanager message to be sent: who signs it, and the lines above its text.

    ``line`` names its author, ``heading`` stands above all. ``failures``: how often it was sent and
    nothing came of it. ``tries``: how often this very part with more files was sent; -1 for a message itself.
    """

    message: TicketMessage
    staff_id: int  # 0: the client signs
    line: str
    heading: str = ""
    failures: int = 0
    tries: int = -1


@dataclass(frozen=True)
class Draft:
    """What one call writes into the case. ``later``: the attachments that are left for each message after it."""

    body: Body
    staff_id: int  # 0: the client signs
    files: tuple[FileUpload, ...] = ()
    later: tuple[tuple[int, ...], ...] = ()


def refused_for_files(draft: Draft, failure: Failure) -> bool:
    """Whether it may be the files that were refused. The words for it are not public, so any refusal may mean them."""
    refused = isinstance(failure, Refused) and not isinstance(failure, Gone)
    return bool(draft.files) and refused and failure.type in ("omnidesk_refused", "omnidesk_rejected")


@contextmanager
def send_plan(context: Context, letter: Letter) -> Iterator[list[Draft]]:
    """The calls for a message, each for when the one before it was refused because of its files; the last has none.

    The files are open as long as the plan is in use.
    """
    with ExitStack() as opened:
        found, absent = open_files(context, letter.message.files, opened)
        yield [_draft(context.settings, letter, found, absent, one) for one in _divisions(letter, found)]


def _divisions(letter: Letter, found: list[Outgoing]) -> list[Division[Outgoing]]:
    if letter.tries >= PART_TRIES:
        return [Division([], [], found)]
    if letter.tries < 0 and letter.failures >= TEXT_FIRST and found:
        return divisions([[], *([one] for one in found)])
    # A text grows on its way: marks of Markdown become elements.
    text = 4 * len(letter.message.text.encode("utf-8", "replace"))
    places = divide([file.cost for file in found], text)
    return divisions([[found[place] for place in group] for group in places])


def _draft(
    settings: Settings,
    letter: Letter,
    found: Sequence[Outgoing],
    absent: Sequence[Missing],
    division: Division[Outgoing],
) -> Draft:
    why = "failed" if letter.tries >= PART_TRIES else "refused"
    lost = [*absent, *(Missing(file.upload.name, why, file.size) for file in division.refused)]
    words = [missing.from_billing(settings, file, letter.message.ticket) for file in lost]
    names = [file.upload.name for file in found]
    body = compose.to_omnidesk(settings, letter.message.text, letter.line, names, words, letter.heading)
    files = tuple(file.upload for file in division.mine)
    return Draft(body, letter.staff_id, files, tuple(tuple(file.id for file in group) for group in division.later))


@contextmanager
def note_plan(context: Context, note: TicketNote, draft: NoteDraft, failures: int) -> Iterator[list[Draft]]:
    """The calls for a note, each for when the one before it was refused because of its files: each time without the
    largest. What one request does not take is named in the text."""
    with ExitStack() as opened:
        found, absent = open_files(context, note.files, opened)
        if failures >= TEXT_FIRST:
            absent, found = [*absent, *(Missing(one.upload.name, "failed", one.size) for one in found)], []
        places = divide([one.cost for one in found], 4 * len(note.text.encode("utf-8", "replace")))[0]
        fitting = [found[place] for place in places]
        absent += [Missing(one.upload.name, "many", one.size) for one in found if one not in fitting]
        largest = sorted(fitting, key=lambda one: one.size, reverse=True)
        tries = [largest[:left_out] for left_out in range(len(largest) + 1)]
        yield [draft.of(context.settings, note, fitting, absent, refused) for refused in tries]


@dataclass(frozen=True)
class NoteDraft:
    """How a note of BILLmanager is signed; see :class:`Letter`."""

    staff_id: int
    line: str
    heading: str

    def of(
        self,
        settings: Settings,
        note: TicketNote,
        files: Sequence[Outgoing],
        absent: Sequence[Missing],
        refused: Sequence[Outgoing],
    ) -> Draft:
        """The note without the files that are refused."""
        lost = [*absent, *(Missing(one.upload.name, "refused", one.size) for one in refused)]
        words = [missing.from_billing(settings, one, note.ticket) for one in lost]
        if note.unread_files:
            words.append(missing.of_note(settings, note.unread_files, note.ticket))
        kept = [one.upload for one in files if one not in refused]
        names = [one.upload.name for one in files]
        body = compose.to_omnidesk(settings, note.text, self.line, names, words, self.heading)
        return Draft(body, self.staff_id, tuple(kept))
