"""Files of BILLmanager's messages on their way to Omnidesk."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from omnidesk.billing.objects import TicketFile
from omnidesk.context import Context
from omnidesk.errors import Refused
from omnidesk.filenames import guessed_type, safe
from omnidesk.helpdesk.client import FileUpload
from omnidesk.helpdesk.objects import LARGEST_FILE


@contextmanager
def open_file(context: Context, file: TicketFile) -> Iterator[FileUpload]:
    """The file open for reading; :class:`Refused` (``file``, with its name) when it cannot be had or is too large."""
    name, path = context.panel.file(file.id)
    name = safe(name)
    try:  # a pipe in the place of a file would be waited for without end
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Refused("file", path, error.strerror or type(error).__name__, name=name) from None
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        raise Refused("file", path, "not a file", name=name)
    with open(descriptor, "rb") as content:
        size = facts.st_size
        if size > LARGEST_FILE:
            raise Refused("file", path, f"{size // 1048576} MiB > {LARGEST_FILE // 1048576} MiB", name=name)
        yield FileUpload(name, content, guessed_type(name))
