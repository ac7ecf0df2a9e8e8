"""Files of BILLmanager's messages on their way to Omnidesk."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

from omnidesk.billing.objects import TicketFile
from omnidesk.context import Context
from omnidesk.errors import Refused
from omnidesk.helpdesk.client import FileUpload

LARGEST_FILE = 25 * 1024 * 1024  # documented


@contextmanager
def open_file(context: Context, file: TicketFile) -> Iterator[FileUpload]:
    """The file open for reading; :class:`Refused` (``file``, with its name) when it cannot be had or is too large."""
    name, path = context.panel.file(file.id)
    try:
        content = open(path, "rb")  # noqa: SIM115 - closed below, or handed out
    except OSError as error:
        raise Refused("file", path, error.strerror or type(error).__name__, name=name) from None
    with content:
        size = os.fstat(content.fileno()).st_size
        if size > LARGEST_FILE:
            raise Refused("file", path, f"{size // 1048576} MiB > {LARGEST_FILE // 1048576} MiB", name=name)
        yield FileUpload(name, content, mimetypes.guess_type(name)[0] or "application/octet-stream")
