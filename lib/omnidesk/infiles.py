"""Files of Omnidesk's messages on their way to BILLmanager: streamed to a private folder, gone afterwards."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from types import TracebackType

import requests
import urllib3

from omnidesk import compose
from omnidesk.billing.panel import Upload
from omnidesk.context import Context
from omnidesk.errors import Failure, Paused, Refused, TryLater
from omnidesk.filenames import mime_type, safe
from omnidesk.helpdesk import streams
from omnidesk.helpdesk.objects import LARGEST_FILE, Attachment, Message

log = logging.getLogger("files")
LONGEST = 10  # times the timeout for a whole file


class Downloads:
    """The message's files as uploads for the panel; ``lost`` holds a sentence for each that could not be had.

    ``patient``: for a passing trouble (:class:`TryLater`) the message waits; a file never stops it for good. The folder
    is private and removed at the end; what a killed run left is removed by the next run (:func:`sweep`).
    """

    def __init__(self, context: Context, reply: Message, *, patient: bool = False) -> None:
        self.context = context
        self.reply = reply
        self.patient = patient
        self.uploads: list[Upload] = []
        self.lost: list[str] = []
        self._folder = ""

    def __enter__(self) -> Downloads:
        if self.reply.attachments:
            os.makedirs(self.context.paths.downloads, mode=0o700, exist_ok=True)
            self._folder = tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=self.context.paths.downloads)
        try:
            for number, one in enumerate(self.reply.attachments):
                self._take(number, one)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _take(self, number: int, one: Attachment) -> None:
        """One file, or a sentence in its place."""
        try:
            self.uploads.append(self._fetch(number, one))
        except (Failure, OSError) as error:
            if isinstance(error, Paused) or (self.patient and isinstance(error, TryLater)):
                raise
            why = str(error) if isinstance(error, Failure) else error.strerror or type(error).__name__
            log.warning("message %s: file %s is left out: %s", self.reply.message_id, number + 1, why)
            self.lost.append(compose.lost_file(self.context.settings, safe(one.name), one.url or why))

    def _fetch(self, number: int, one: Attachment) -> Upload:
        # The folder's own name for it: what the other side calls the file never becomes a path.
        path = os.path.join(self._folder, str(number))
        seconds = LONGEST * self.context.settings.request_timeout
        with self.context.client.download(one.url) as answer, open(path, "xb") as file:
            if answer.status_code != 200:
                raise _not_had(answer.status_code)
            try:
                for block in streams.blocks(answer, LARGEST_FILE, seconds):
                    file.write(block)
            except streams.TooLong:
                raise Refused("file", one.url[:200], f"> {LARGEST_FILE // 1048576} MiB") from None
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                raise TryLater("omnidesk_no_answer", "file", type(error).__name__) from None
        return Upload(path, safe(one.name), mime_type(one.mime_type))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = ""


def _not_had(code: int) -> Failure:
    """What a status other than 200 means for a file."""
    if code == 429 or code >= 500:
        return TryLater("omnidesk_trouble", "file", f"HTTP {code}")
    return Refused("omnidesk_refused", "file", f"HTTP {code}")


def sweep(context: Context) -> None:
    """Remove what killed runs left behind."""
    try:
        names = os.listdir(context.paths.downloads)
    except FileNotFoundError:
        return
    for name in names:
        owner = name.partition("-")[0]
        if not (owner.isdigit() and os.path.exists(f"/proc/{owner}")):
            shutil.rmtree(os.path.join(context.paths.downloads, name), ignore_errors=True)
