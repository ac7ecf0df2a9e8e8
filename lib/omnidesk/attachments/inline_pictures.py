"""Pictures that stand within Omnidesk's HTML itself (``data:``) or were files of its mail (``cid:``), as attachments.

Those whose content is there go over as files of the message. One that is nowhere to be had becomes an attachment
without an address, so that the message says what is missing and where it can be seen.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import replace
from urllib.parse import unquote

from omnidesk.core.errors import Refused
from omnidesk.core.filenames import safe
from omnidesk.core.phrase import Phrase
from omnidesk.helpdesk.models import LARGEST_FILE, Attachment, Message

MOST_PICTURES = 20  # of one message
SMALLEST = 100  # bytes; what is less shows nothing, and only counts who reads
LONGEST_TAG = 5000  # characters before a picture's address
DATA = "data:"
_KINDS = {"png": "png", "jpeg": "jpg", "jpg": "jpg", "gif": "gif", "webp": "webp", "bmp": "bmp"}
_INLINE = re.compile(
    r"(=\s{0,5}(?P<quote>[\"'])?\s{0,5})data:image/(?P<kind>[a-z0-9.+-]{1,40})(?:;[a-z0-9=._+-]{1,60}){0,3}"
    r";base64,(?P<digits>(?(quote)[A-Za-z0-9+/=%\s]*|[A-Za-z0-9+/=%]*))",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_CID = re.compile(r"\bsrc\s{0,5}=\s{0,5}[\"']?\s{0,5}cid:([^\s\"'<>]{1,300})", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"omni_orig_reply|gmail_quote|yahoo_quoted|moz-cite-prefix|divRplyFwdMsg|appendonsend|<blockquote", re.IGNORECASE
)


def as_files(reply: Message, *, cut_quotes: bool) -> Message:
    """The message with its inner pictures among its attachments; those of an original that is cut are not.

    The pictures' digits leave the text, where they would be taken for a message of megabytes.
    """
    found = _Pictures(reply, cut_quotes)
    if not found.files and found.markup == reply.content_html:
        return reply
    return replace(reply, content_html=found.markup, attachments=(*reply.attachments, *found.files))


class _Pictures:
    """What one message holds of them."""

    def __init__(self, reply: Message, cut_quotes: bool) -> None:
        self.files: list[Attachment] = []
        self.markup = reply.content_html
        original = _ORIGINAL.search(self.markup) if cut_quotes else None
        self.end = original.start() if original and original.start() else len(self.markup)
        named = [name for found in _CID.finditer(self.markup, 0, self.end) if (name := _name(found[1]))]
        self.markup = _INLINE.sub(self._taken, self.markup)
        self._missing(named, reply.attachments)

    def _taken(self, found: re.Match[str]) -> str:
        if self._in_text(found.start()):
            return found[0]
        kind, digits = found["kind"].lower(), found["digits"]
        if found.start() >= self.end or len(digits) * 3 // 4 < SMALLEST:
            return found[1] if found["quote"] else f'{found[1]}""'  # no picture that the text is to name
        name = f"picture-{len(self.files) + 1}.{_KINDS.get(kind, 'img')}"
        has_room = len(self.files) < MOST_PICTURES and kind in _KINDS
        self.files.append(Attachment(name, f"{DATA}image/{kind};base64,{digits}" if has_room else ""))
        return f"{found[1]}cid:{name}"

    def _in_text(self, place: int) -> bool:
        """Whether what stands there is no tag's attribute: somebody shows how such a picture is written."""
        tag = self.markup.rfind("<", max(0, place - LONGEST_TAG), place)
        return tag >= 0 and ">" in _QUOTED.sub("", self.markup[tag:place])

    def _missing(self, named: list[str], attached: tuple[Attachment, ...]) -> None:
        """Which of the mail's pictures did not come as files; a file of another name may be any of them."""
        names = {one.name.lower() for one in attached}
        others = sum(1 for one in attached if one.name.lower() not in {name.lower() for name in named})
        missing = [name for name in dict.fromkeys(named) if name.lower() not in names]
        self.files += [Attachment(name, "") for name in missing[others : others + MOST_PICTURES]]


def _name(cid: str) -> str:
    return safe(unquote(cid).partition("@")[0][:100])


def content(picture: Attachment) -> bytes:
    """The bytes of a picture that stands in the text; :class:`Refused` with the reason."""
    digits = re.sub(r"\s+", "", unquote(picture.url.partition(",")[2]))
    if len(digits) * 3 // 4 > LARGEST_FILE + 3:
        raise Refused("file", picture.name, f"{len(digits) * 3 // 4} bytes", why="large")
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Refused("file", picture.name, Phrase("said.not_base64"), why="unreadable") from None
