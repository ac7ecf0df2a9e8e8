"""The type of a file, by its content, and by its name where the content is ambiguous.

A name comes from a stranger and may promise anything; but containers (ZIP, OLE) and texts are distinguished by it best.
"""

from __future__ import annotations

import puremagic

from omnidesk.core.filenames import UNKNOWN, guessed_type, mime_type

HEAD = 8192  # bytes at a file's beginning that are looked at
_CONTAINERS = {b"PK\x03\x04": "application/zip", b"\xd0\xcf\x11\xe0": "application/x-ole-storage"}
_MARKED = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf")  # these never lack their mark
_TEXTUAL = (
    "application/json",
    "application/javascript",
    "application/rtf",
    "application/sql",
    "application/x-sh",
    "application/xml",
    "application/yaml",
    "message/rfc822",
)
_BYTE_ORDER = (b"\xff\xfe", b"\xfe\xff")
_CONTROLS = bytes(set(range(32)) - {7, 8, 9, 10, 12, 13, 27}) + b"\x7f"


def of(head: bytes, name: str) -> str:
    """The type of a file that begins with ``head`` (:data:`HEAD` bytes); one that can stand in a header."""
    said = guessed_type(name)
    if not head:
        return said
    if is_text(head):
        if _textual(said):
            return said
        return said if said != UNKNOWN and _content(head, name) == said else "text/plain"
    container = next((kind for mark, kind in _CONTAINERS.items() if head.startswith(mark)), "")
    if container:
        return container if said == UNKNOWN or said in _MARKED or _textual(said) else said
    found = _content(head, name)
    if found != UNKNOWN and not _textual(found):
        return found
    return UNKNOWN if _textual(said) or said in _MARKED else said


def is_text(head: bytes) -> bool:
    """Whether these bytes are a text in whatever encoding: nothing in them that no text holds."""
    return head.startswith(_BYTE_ORDER) or head.translate(None, _CONTROLS) == head


def _textual(kind: str) -> bool:
    return kind.startswith("text/") or kind.endswith(("+xml", "+json")) or kind in _TEXTUAL


def _content(head: bytes, name: str) -> str:
    """What the bytes say; unknown when they say nothing, and whatever the library trips over."""
    try:
        return mime_type(puremagic.from_string(head, mime=True, filename=name))
    except (puremagic.PureError, ValueError, LookupError, TypeError):
        return UNKNOWN
