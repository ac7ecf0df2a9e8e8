"""Files of Omnidesk's messages on their way to BILLmanager: streamed to a private folder of their message.

What has come whole stays there while its message waits for another try, so that nothing is fetched twice; the folder is
removed when the message is delivered, and :func:`sweep` removes what belongs to no message that waits.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
from types import TracebackType

import requests
import urllib3

from omnidesk.attachments import file_types, inline_pictures, missing
from omnidesk.attachments.disk_space import no_room, size_of
from omnidesk.attachments.missing import Missing
from omnidesk.billmanager.panel import Upload
from omnidesk.content import emoji
from omnidesk.context import Context
from omnidesk.core import streams
from omnidesk.core.errors import Failure, Refused, TryLater
from omnidesk.core.filenames import safe
from omnidesk.core.locks import TicketLocks
from omnidesk.core.paths import private_folder
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk.models import LARGEST_FILE, Attachment, Message
from omnidesk.store.models import TicketLink

log = logging.getLogger("files")
FETCH_TRIES = 3  # so often a message waits for a file that does not come for a passing reason
UPLOAD_TRIES = 6  # so often it waits for a panel that takes no uploads
MOST_KEPT = 1024 * 1024 * 1024  # bytes of all messages that wait
_FOLDER = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
_TRIES = "tries"
_NAMED = re.compile(r"\bfile_([0-9]{1,3})\b")


class Downloads:
    """The message's files as uploads for the panel; ``lost`` holds a sentence for each that could not be had.

    For a passing trouble (:class:`TryLater`) the message waits, a few times; a file never stops it for good.
    """

    def __init__(self, context: Context, link: TicketLink, reply: Message) -> None:
        self.context = context
        self.reply = reply
        self.uploads: list[Upload] = []
        self.lost: list[str] = []
        self._case, self._failures = link.case_number, link.attempts
        self._folder = _folder(context, link.ticket, reply.message_id)
        self._from: dict[str, Attachment] = {}

    def __enter__(self) -> Downloads:
        for number, one in enumerate(self.reply.attachments):
            try:
                self._take(number, one)
            except TryLater:
                self.failed()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            shutil.rmtree(self._folder, ignore_errors=True)

    # Fetching

    def _take(self, number: int, one: Attachment) -> None:
        """One file, or a sentence in its place."""
        place = hashlib.sha256(one.url.encode("utf-8", "replace")).hexdigest()[:16]
        # The folder's own name for it: what the other side calls the file never becomes a path.
        path = os.path.join(self._folder, f"{number}-{place}")
        try:
            if not os.path.exists(path):
                self._fetch(one, path)
            with open(path, "rb") as file:
                kind = file_types.of(file.read(file_types.HEAD), one.name)
            self.uploads.append(Upload(path, self._name(one), kind))
            self._from[path] = one
        except (Refused, OSError) as error:
            log.warning("message %s: file %s is left out: %s", self.reply.message_id, number + 1, error)
            self._lose(one, "failed" if isinstance(error, OSError) else error.params.get("why") or "withheld")
        except TryLater as trouble:
            if self.tries < FETCH_TRIES:
                raise
            log.warning("message %s: file %s is left out: %s", self.reply.message_id, number + 1, trouble)
            self._lose(one, trouble.params.get("why") or "failed")

    def _fetch(self, one: Attachment, path: str) -> None:
        if not one.url:
            raise Refused("file", one.name, Phrase("said.no_address"), why="failed")
        if one.size > LARGEST_FILE:
            raise Refused("file", one.url[:200], f"{one.size} bytes", why="large")
        if one.url.startswith(inline_pictures.DATA):
            self._unpack(one, path)
            return
        self._make_room(one)
        unfinished = f"{path}.part"
        try:
            with self.context.client.download(one.url) as answer, open(unfinished, "wb") as file:
                if answer.status_code != 200:
                    raise _not_had(answer.status_code)
                for block in streams.blocks(answer, LARGEST_FILE):
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
            os.rename(unfinished, path)
        except streams.TooLong:
            raise Refused("file", one.url[:200], f"> {LARGEST_FILE // 1048576} MiB", why="large") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise TryLater("omnidesk_no_answer", "file", type(error).__name__) from None
        except Refused as refusal:
            raise _elsewhere(refusal) from None
        finally:
            if os.path.exists(unfinished):
                os.remove(unfinished)

    def _unpack(self, one: Attachment, path: str) -> None:
        """A picture that stands in the text itself."""
        content = inline_pictures.content(one)
        self._make_room(Attachment(one.name, "", len(content)))
        with open(f"{path}.part", "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.rename(f"{path}.part", path)

    def _make_room(self, one: Attachment) -> None:
        self._make_folder()
        size = one.size or LARGEST_FILE
        if no_room(self._folder, size) or size_of(self.context.paths.downloads) + size > MOST_KEPT:
            raise TryLater("no_room", self.context.paths.downloads, why="no_room")

    def _name(self, one: Attachment) -> str:
        """The name as the panel's database can store it."""
        fitting = emoji.fit(one.name, self.context.reader.four_bytes)
        return safe(one.name if fitting == one.name else fitting.replace(":", ""))

    # Leaving out

    def _lose(self, one: Attachment, why: str, size: int = 0) -> None:
        file = Missing(safe(one.name), why, size or one.size)
        note = self.reply.note
        self.lost.append(missing.from_omnidesk(self.context.settings, file, address_of(one), self._case, note=note))

    def leave_out(self, failure: Failure) -> None:
        """The panel did not take the upload: without the file that it names, else without the largest."""
        named = _NAMED.search(failure.value)
        number = int(named[1]) - 1 if named else -1
        if not 0 <= number < len(self.uploads):
            number = max(range(len(self.uploads)), key=lambda place: os.path.getsize(self.uploads[place].path))
        upload = self.uploads.pop(number)
        log.warning("message %s: a file is left out: %s", self.reply.message_id, failure)
        self._lose(self._from[upload.path], "refused", os.path.getsize(upload.path))

    def leave_all_out(self) -> None:
        """The panel takes no uploads, or this one never gets through."""
        if self.uploads:
            log.warning("message %s: its files are left out after %s tries", self.reply.message_id, self.tries)
        while self.uploads:
            self._lose(self._from[self.uploads.pop(0).path], "failed")

    # Patience

    @property
    def tries(self) -> int:
        """How often this message has failed for its files. Where that cannot be noted, its ticket's failures count."""
        try:
            noted = os.path.getsize(os.path.join(self._folder, _TRIES))
        except OSError:
            noted = 0
        return noted if noted or not self._failures or self._notes() else self._failures

    def _notes(self) -> bool:
        """Whether there is room for a note."""
        try:
            self._make_folder()
            return not no_room(self._folder, 1)
        except OSError:
            return False

    def _make_folder(self) -> None:
        private_folder(self.context.paths.downloads)
        os.makedirs(self._folder, mode=0o700, exist_ok=True)

    def failed(self) -> None:
        """One more failure."""
        try:
            self._make_folder()
            with open(os.path.join(self._folder, _TRIES), "ab") as file:
                file.write(b".")
        except OSError as error:
            log.warning("message %s: %s", self.reply.message_id, error)


def address_of(one: Attachment) -> str:
    """Where a file can be had; a picture that stands in the text is nowhere else."""
    return "" if one.url.startswith(inline_pictures.DATA) else one.url


def named_only(context: Context, link: TicketLink, note: Message) -> list[str]:
    """Words for the files of a note where the panel is not known to take any with it."""
    files = [(Missing(safe(one.name), "note", one.size), address_of(one)) for one in note.attachments]
    return [missing.from_omnidesk(context.settings, one, url, link.case_number, note=True) for one, url in files]


def _folder(context: Context, ticket: int, message: int) -> str:
    return os.path.join(context.paths.downloads, f"{ticket}-{message}")


def forget(context: Context, ticket: int, message: int) -> None:
    """A message was delivered, so its files are not needed any more."""
    shutil.rmtree(_folder(context, ticket, message), ignore_errors=True)


def _not_had(code: int) -> Failure:
    """What a status other than 200 means for a file."""
    if code == 429 or code >= 500:
        return TryLater("omnidesk_trouble", "file", f"HTTP {code}")
    return Refused("omnidesk_refused", "file", f"HTTP {code}", why="gone" if code in (404, 410) else "withheld")


def _elsewhere(refusal: Refused) -> Refused:
    if refusal.type != "foreign_file":
        return refusal
    return Refused(refusal.type, refusal.object, refusal.words, why="elsewhere")


def sweep(context: Context, locks: TicketLocks) -> None:
    """Remove what no message that waits owns: it was delivered, given up, or belongs to a killed run's past."""
    try:
        names = os.listdir(context.paths.downloads)
    except FileNotFoundError:
        return
    for name in names:
        owner = _FOLDER.fullmatch(name)
        path = os.path.join(context.paths.downloads, name)
        if owner is None:
            shutil.rmtree(path, ignore_errors=True)
            continue
        with locks.held(int(owner[1])) as mine:
            if mine and not _waits(context, int(owner[1]), int(owner[2])):
                shutil.rmtree(path, ignore_errors=True)


def _waits(context: Context, ticket: int, message: int) -> bool:
    """Whether a message is still to be delivered: its ticket is due, and nothing says what became of it."""
    link = context.links.ticket(ticket)
    return link.due and not link.set_aside and not context.links.known_external([message])
