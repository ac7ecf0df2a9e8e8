"""Files of BILLmanager's messages on their way to Omnidesk."""

from __future__ import annotations

import errno
import logging
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO

from omnidesk.attachments import file_types
from omnidesk.attachments.disk_space import no_room
from omnidesk.attachments.missing import Missing
from omnidesk.billmanager.models import TicketFile
from omnidesk.context import Context
from omnidesk.core import multipart
from omnidesk.core.errors import Failure, Refused, system_words
from omnidesk.core.filenames import safe
from omnidesk.core.paths import private_folder
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk.connection import FileUpload
from omnidesk.helpdesk.models import LARGEST_FILE

log = logging.getLogger("files")
_ELSEWHERE = ("gone", "unreadable")  # what may be different where the panel itself reads the file


@dataclass(frozen=True)
class Outgoing:
    """An open file of a message, by its number in BILLmanager."""

    id: int
    upload: FileUpload
    size: int

    @property
    def cost(self) -> int:
        """What it takes of a request, in bytes, at most."""
        return self.size + multipart.overhead("message[attachments][10]", self.upload.name)


def open_files(
    context: Context, files: Sequence[TicketFile], opened: ExitStack
) -> tuple[list[Outgoing], list[Missing]]:
    """The files in their order, open as long as ``opened`` is (see :func:`open_file`), and those that are not."""
    found, missing = [], []
    for one in files:
        try:
            found.append(opened.enter_context(open_file(context, one)))
        except Refused as refusal:
            log.warning("file %s is left out: %s", one.id, refusal)
            name = refusal.params.get("name") or str(one.id)
            size = int(refusal.params.get("size") or 0)
            missing.append(Missing(name, refusal.params.get("why") or "unreadable", size))
    return found, missing


@contextmanager
def open_file(context: Context, file: TicketFile) -> Iterator[Outgoing]:
    """The file open for reading.

    :class:`Refused` (``file``, with its name and ``why``, a reason of :mod:`omnidesk.attachments.missing`) when it
    cannot be had or is too large.
    """
    name, path = context.panel.file(file.id)
    name = safe(name, quotes=True)
    with ExitStack() as stack:
        try:
            content = stack.enter_context(_content(context, file, path, name))
            head = content.read(file_types.HEAD)
            size = content.seek(0, os.SEEK_END)
        except OSError as error:
            raise Refused("file", path, system_words(error), name=name, why="unreadable") from None
        if size > LARGEST_FILE:
            raise Refused("file", path, f"> {LARGEST_FILE // 1048576} MiB", name=name, why="large", size=str(size))
        yield Outgoing(file.id, FileUpload(name, content, file_types.of(head, name)), size)


def _content(context: Context, file: TicketFile, path: str, name: str) -> IO[bytes]:
    """The file as it lies on the disk; where it cannot be read there, a copy that the panel hands out."""
    try:
        return _opened(path, name)
    except Refused as refusal:
        if refusal.params["why"] not in _ELSEWHERE:
            raise
        try:
            return _handed_out(context, file)
        except Failure as failure:
            log.info("file %s: the panel does not return it either: %s", file.id, failure)
            if failure.params.get("why") == "large":
                raise Refused("file", path, failure.value, name=name, why="large") from None
            raise refusal from None


def _handed_out(context: Context, file: TicketFile) -> IO[bytes]:
    """What ``ticket.file`` gives over HTTP, in a file without a name. The path may be another host's, or a mount's."""
    private_folder(context.paths.downloads)
    if no_room(context.paths.downloads, LARGEST_FILE):
        raise Refused("file", str(file.id), Phrase("said.nearly_full"), why="unreadable")
    copy = tempfile.TemporaryFile(dir=context.paths.downloads)  # noqa: SIM115 - the caller closes it
    try:
        context.uploader.fetch("ticket.file", {"elid": str(file.id)}, copy, LARGEST_FILE)
        copy.flush()
        copy.seek(0)
    except BaseException:
        copy.close()
        raise
    return copy


def _opened(path: str, name: str) -> IO[bytes]:
    if not path:
        raise Refused("file", name, Phrase("said.no_path"), name=name, why="unreadable")
    try:  # a pipe in the place of a file would be waited for without end, and a link may lead anywhere
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise Refused("file", path, system_words(error), name=name, why=_reason(error)) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Refused("file", path, Phrase("said.not_a_file"), name=name, why="no_file")
    return open(descriptor, "rb")


def _reason(error: Exception) -> str:
    code = getattr(error, "errno", None)
    if code in (errno.ENOENT, errno.ENOTDIR):
        return "gone"
    return "no_file" if code in (errno.ELOOP, errno.ENXIO, errno.ENODEV) else "unreadable"
