"""A form with files (``multipart/form-data``) that is read from disk while it is sent, in blocks.

A file's name stands in it as raw UTF-8, which is what browsers send and PHP reads (RFC 2231's ``filename*`` is not
known to PHP). Browsers write a quotation mark as ``%22``, which PHP would leave standing; it reads ``\\"`` (PHP's
``main/rfc1867.c``).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from omnidesk.core.errors import TryLater

BLOCK = 64 * 1024
SLOWEST = 64 * 1024  # bytes a second: so fast a connection must be
_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\r": "%0D", "\n": "%0A"})


@dataclass(frozen=True)
class FilePart:
    """An open file under a field's name. ``size``: how many bytes of it are sent, from where it stands."""

    field: str
    name: str
    content: IO[bytes]
    size: int
    mime_type: str = "application/octet-stream"


def size_of(content: IO[bytes]) -> int:
    """How many bytes an open file has from where it stands."""
    here = content.tell()
    end = content.seek(0, os.SEEK_END)
    content.seek(here)
    return end - here


def overhead(field: str, name: str) -> int:
    """An upper bound of what a file takes in the form beside its content."""
    return 300 + len(field.encode()) + 2 * len(name.encode())


class Body:
    """The form as requests takes it: with a length, and block by block.

    Each iteration starts the files from their beginning. While it is read it raises :class:`TryLater` (``file``) when a
    file has not the length it was said to have: then the other side has got a part of the form, and what it does with
    that is not known.
    """

    def __init__(self, fields: Sequence[tuple[str, str]], files: Sequence[FilePart]) -> None:
        self._boundary = secrets.token_hex(16)
        self._begin = b"".join(
            self._head(f'name="{_escaped(name)}"', "") + value.encode("utf-8", "replace") + b"\r\n"
            for name, value in fields
        )
        self._files = [(self._file_head(file), file, file.content.tell()) for file in files]
        self._end = f"--{self._boundary}--\r\n".encode()
        self._length = (
            len(self._begin) + len(self._end) + sum(len(head) + file.size + 2 for head, file, _ in self._files)
        )

    @property
    def seconds(self) -> float:
        """How long sending it may take on a slow connection."""
        return self._length / SLOWEST

    @property
    def content_type(self) -> str:
        """The header ``Content-Type``."""
        return f"multipart/form-data; boundary={self._boundary}"

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        yield self._begin
        for head, file, start in self._files:
            yield head
            yield from _content(file, start)
            yield b"\r\n"
        yield self._end

    def _file_head(self, file: FilePart) -> bytes:
        named = f'name="{_escaped(file.field)}"; filename="{_escaped(file.name)}"'
        return self._head(named, f"Content-Type: {file.mime_type}\r\n")

    def _head(self, disposition: str, more: str) -> bytes:
        head = f"--{self._boundary}\r\nContent-Disposition: form-data; {disposition}\r\n{more}\r\n"
        return head.encode("utf-8", "replace")


def _escaped(name: str) -> str:
    return name.translate(_ESCAPES)


def _content(file: FilePart, start: int) -> Iterator[bytes]:
    """Exactly as many bytes as were promised."""
    left = file.size
    try:
        file.content.seek(start)
        while left:
            block = file.content.read(min(BLOCK, left))
            if not block:
                raise TryLater("file", file.name, "it became shorter while it was read", uncertain=True)
            left -= len(block)
            yield block
        if file.content.read(1):
            raise TryLater("file", file.name, "it became longer while it was read", uncertain=True)
    except OSError as error:
        raise TryLater("file", file.name, error.strerror or type(error).__name__, uncertain=True) from None
