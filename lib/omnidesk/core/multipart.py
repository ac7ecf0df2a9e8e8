"""A form with files (``multipart/form-data``), put together in a temporary file before it is sent.

However large its files are, it takes no memory, and what happens to them while it is sent does not matter.

A file's name stands in it as raw UTF-8, which is what browsers send and PHP reads (RFC 2231's ``filename*`` is not
known to PHP). Browsers, requests and urllib3 write a quotation mark as ``%22``, which PHP would leave standing; it
reads ``\\"`` (PHP's ``main/rfc1867.c``).
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO

from omnidesk.core.errors import TryLater, system_words

SLOWEST = 64 * 1024  # bytes a second: so fast a connection must be
_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\r": "%0D", "\n": "%0A"})


@dataclass(frozen=True)
class FilePart:
    """An open file under a field's name; all of it is sent."""

    field: str
    name: str
    content: IO[bytes]
    mime_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Form:
    """An open form as requests takes it."""

    content: IO[bytes]
    headers: dict[str, str]
    seconds: float  # how long sending it may take on a slow connection


def overhead(field: str, name: str) -> int:
    """An upper bound of what a file takes in the form beside its content."""
    return 300 + len(field.encode()) + 2 * len(name.encode())


@contextmanager
def form(fields: Sequence[tuple[str, str]], files: Sequence[FilePart]) -> Iterator[Form]:
    """The form. Raises :class:`TryLater` (``file``) when a file cannot be read, or there is no room for it."""
    boundary = secrets.token_hex(16)
    try:
        content = _written(boundary, fields, files)
    except OSError as error:
        names = ", ".join(file.name for file in files)
        raise TryLater("file", names, system_words(error)) from None
    with content:
        size = content.tell()
        content.seek(0)
        yield Form(content, {"Content-Type": f"multipart/form-data; boundary={boundary}"}, size / SLOWEST)


def _written(boundary: str, fields: Sequence[tuple[str, str]], files: Sequence[FilePart]) -> IO[bytes]:
    with ExitStack() as opened:
        content = opened.enter_context(tempfile.TemporaryFile())
        for name, value in fields:
            content.write(_head(boundary, f'name="{_escaped(name)}"') + value.encode("utf-8", "replace") + b"\r\n")
        for file in files:
            named = f'name="{_escaped(file.field)}"; filename="{_escaped(file.name)}"'
            content.write(_head(boundary, named, f"Content-Type: {file.mime_type}\r\n"))
            file.content.seek(0)
            shutil.copyfileobj(file.content, content)
            content.write(b"\r\n")
        content.write(f"--{boundary}--\r\n".encode())
        content.flush()
        opened.pop_all()  # the caller closes it
        return content


def _head(boundary: str, disposition: str, more: str = "") -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n{more}\r\n"
    return head.encode("utf-8", "replace")


def _escaped(name: str) -> str:
    return name.translate(_ESCAPES)
