"""Request bodies and query strings as PHP reads them: nested names, JSON, forms and uploads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from .wire import ApiError, Request

_PARAMETER = re.compile(rb';\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')


@dataclass(frozen=True)
class Upload:
    """A file that came with a request."""

    name: str
    mime_type: str
    data: bytes

    def __repr__(self) -> str:
        return f"Upload({self.name!r}, {self.mime_type!r}, {len(self.data)} bytes)"


def nest(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """``a[b][0]=x`` as ``{"a": {"b": {"0": "x"}}}``; ``a[]`` counts up. A later value replaces an earlier one."""
    root: dict[str, Any] = {}
    for name, value in pairs:
        head, _, tail = name.partition("[")
        keys = [head, *tail.rstrip("]").split("][")] if tail else [head]
        node = root
        for key in keys[:-1]:
            inner = node.get(key or str(len(node)))
            if not isinstance(inner, dict):
                inner = node[key or str(len(node))] = {}
            node = inner
        node[keys[-1] or str(len(node))] = value
    return root


def items(value: Any) -> list[Any]:
    """A list given as list, as numbered map, as single value or not at all."""
    if value is None or value == "":
        return []
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else [value]


def query(text: str) -> dict[str, Any]:
    """A query string as a nested map."""
    return nest(parse_qsl(text, keep_blank_values=True))


def parsed(request: Request) -> dict[str, Any]:
    """The body as a nested map with :class:`Upload` leaves; 400 when it cannot be read."""
    content_type = request.header("Content-Type")
    kind = content_type.partition(";")[0].strip().lower()
    if not request.body.strip():
        return {}
    if kind == "multipart/form-data":
        return nest(_multipart(content_type, request.body))
    if kind == "application/x-www-form-urlencoded":
        return query(request.body.decode("utf-8", "replace"))
    try:
        value = json.loads(request.body)
    except ValueError as problem:
        raise ApiError(400, "wrong_json") from problem
    return value if isinstance(value, dict) else {}


def _multipart(content_type: str, body: bytes) -> Iterable[tuple[str, Any]]:
    boundary = _parameters(b";" + content_type.encode("latin-1", "replace").partition(b";")[2]).get("boundary")
    if not boundary:
        raise ApiError(400, "wrong_multipart")
    _, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    if not parts or not parts[-1].startswith(b"--"):
        raise ApiError(400, "wrong_multipart")
    for part in parts[:-1]:
        head, blank, data = part.partition(b"\r\n\r\n")
        if not blank:
            raise ApiError(400, "wrong_multipart")
        yield _part(head, data)


def _part(head: bytes, data: bytes) -> tuple[str, Any]:
    headers: dict[str, bytes] = {}
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        headers[name.strip().decode("latin-1").lower()] = value.strip()
    given = _parameters(b";" + headers.get("content-disposition", b"").partition(b";")[2])
    # PHP knows only plain "filename": a part named by RFC 2231's "filename*" alone is an ordinary field to it.
    if "filename" not in given:
        return given.get("name", ""), data.decode("utf-8", "replace")
    file_name = re.split(r"[/\\]", given["filename"])[-1] or "file"
    mime_type = headers.get("content-type", b"application/octet-stream").decode("latin-1")
    return given.get("name", ""), Upload(file_name, mime_type, data)


def _parameters(text: bytes) -> dict[str, str]:
    found = {}
    for name, quoted, bare in _PARAMETER.findall(text):
        value = re.sub(rb"\\(.)", rb"\1", quoted) if quoted else bare
        found[name.decode("latin-1").lower()] = value.decode("utf-8", "replace")
    return found
