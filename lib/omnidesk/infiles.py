"""Files of Omnidesk's messages on their way to BILLmanager: streamed to a private folder, gone afterwards."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from types import TracebackType

import requests

from omnidesk import compose
from omnidesk.billing.panel import Upload
from omnidesk.context import Context
from omnidesk.errors import Failure, Paused
from omnidesk.helpdesk.objects import Attachment, Message

log = logging.getLogger("files")
LARGEST_FILE = 25 * 1024 * 1024  # documented limit of Omnidesk
BLOCK = 64 * 1024


class Downloads:
    """The message's files as uploads for the panel; ``lost`` holds a sentence for each that could not be had.

    A file never stops its message. The folder is private and removed at the end; what a killed run left is removed by
    the next run (:func:`sweep`).
    """

    def __init__(self, context: Context, reply: Message) -> None:
        self.context = context
        self.reply = reply
        self.uploads: list[Upload] = []
        self.lost: list[str] = []
        self._folder = ""

    def __enter__(self) -> Downloads:
        if self.reply.attachments:
            os.makedirs(self.context.paths.downloads, mode=0o700, exist_ok=True)
            self._folder = tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=self.context.paths.downloads)
        for number, one in enumerate(self.reply.attachments):
            try:
                self.uploads.append(self._fetch(number, one))
            except Paused:
                self.__exit__(None, None, None)
                raise
            except (Failure, OSError, requests.RequestException) as error:
                why = str(error) if isinstance(error, Failure) else type(error).__name__
                log.warning("message %s: file %s is left out: %s", self.reply.message_id, number + 1, why)
                self.lost.append(compose.lost_file(self.context.settings, one.name, one.url))
        return self

    def _fetch(self, number: int, one: Attachment) -> Upload:
        # The folder's own name for it: what the other side calls the file never becomes a path.
        path = os.path.join(self._folder, str(number))
        size = 0
        with self.context.client.download(one.url) as answer, open(path, "xb") as file:
            if answer.status_code != 200:
                raise requests.HTTPError(f"HTTP {answer.status_code}")
            for block in answer.iter_content(BLOCK):
                size += len(block)
                if size > LARGEST_FILE:
                    raise requests.HTTPError("too large")
                file.write(block)
        return Upload(path, os.path.basename(one.name) or "file", one.mime_type or "application/octet-stream")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = ""


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
