"""Reading ``multipart/form-data``, as far as the panel's uploads need it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PARAMETER = re.compile(r'(\w+\*?)=(?:"((?:\\.|[^"\\])*)"|([^;]*))')


@dataclass(frozen=True)
class Part:
    """A field; ``filename`` is None for one that is no file."""

    name: str
    filename: str | None
    content: bytes


class NotMultipart(ValueError):
    """The body is not what its content type says."""


def parse(content_type: str, body: bytes) -> list[Part]:
    """The fields of a form in their order.

    ``filename*=`` (RFC 5987) is not understood, as browsers do not send it here (assumed; docs/unverified.md).
    """
    found = re.search(r'boundary=(?:"([^"]+)"|([^;\s]+))', content_type)
    if found is None:
        raise NotMultipart("no boundary")
    boundary = b"--" + (found[1] or found[2]).encode()
    pieces = (b"\r\n" + body).split(b"\r\n" + boundary)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise NotMultipart("the closing boundary is missing")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> Part:
    head, separator, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    if not separator:
        raise NotMultipart("a part without an end of its headers")
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            values = {m[1]: _unquote(m[2]) if m[2] is not None else m[3].strip() for m in _PARAMETER.finditer(value)}
            filename = "" if "filename*" in values and "filename" not in values else values.get("filename")
            return Part(values.get("name", ""), filename, content)
    raise NotMultipart("a part without a name")


def _unquote(value: str) -> str:
    """Undo what HTML forms do to a name: ``%22`` for a quote, ``%0D%0A`` for a line end."""
    value = re.sub(r"\\(.)", r"\1", value)
    return value.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
