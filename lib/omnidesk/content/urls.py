"""Which addresses may become links and pictures, on either side."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urljoin, urlsplit

from omnidesk.content.dialect import SCHEMES

LONGEST = 4000  # characters; longer ones are shown as text
# Characters that browsers skip when they look for the scheme (as in "java\tscript:").
_SKIPPED = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060-\u2069\ufeff]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):")
_WITH_HOST = ("http", "https", "ftp")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#@!$&'+,;=%")
_HOST_NUMBER = re.compile(r"([a-z]+://)\[([0-9A-Fa-f:.]{2,45})\]", re.IGNORECASE)
_HOST = re.compile(r"[\w.-]+|[0-9a-f:.]+")
_ENTITY = re.compile(r"&(?=#?[A-Za-z0-9]{1,40};)")
_ADDRESS = re.compile(r"(?:https?|ftp)://\w[^\s<>\"'`|\\^{}\[\]()*;\x00-\x20\x7f-\xa0]*", re.IGNORECASE)
_MAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{2,63})+"
)


def scheme(address: str) -> str:
    """The scheme in lower case as a browser reads it; "" for a relative address."""
    found = _SCHEME.match(_SKIPPED.sub("", address[:LONGEST]))
    return found[1].lower() if found else ""


def may_link(address: str) -> bool:
    """Whether an address may be followed: a full one, of a scheme that shows or writes to somebody."""
    return len(address) <= LONGEST and scheme(address) in SCHEMES


def host(address: str) -> str:
    """The host of an address in lower case; "" where there is none."""
    try:
        return (urlsplit(address.strip()).hostname or "").lower()
    except ValueError:
        return ""


def may_show(address: str, own_host: str) -> bool:
    """Whether a picture of Omnidesk may be shown at once: https, the account's own host, the default port.

    From any other host it would tell who reads the ticket, and when.
    """
    try:
        parts = urlsplit(address.strip())
        own = bool(own_host) and (parts.hostname or "").lower() == own_host and parts.port in (None, 443)
    except ValueError:
        return False
    return own and scheme(address) == "https" and parts.scheme == "https" and "@" not in parts.netloc


def complete(address: str, base: str) -> str:
    """A full address that may be followed, as it stands in Markdown; "" if it is none.

    ``base``: the account's own address, which completes a relative one.
    """
    address = address.strip(" \t\n\r\x0b\x0c\x85\xa0\u2028\u2029\ufeff")
    if len(address) > LONGEST or address.startswith("#") or not address:
        return ""
    kind = scheme(address)
    if not kind:
        if not base:
            return ""
        try:
            address = urljoin(base + "/", address)
        except ValueError:
            return ""
        kind = scheme(address)
    if kind not in SCHEMES:
        return ""
    written = for_markdown(address)
    if kind in _WITH_HOST:
        return written if _HOST.fullmatch(host(written)) and written.lower().startswith(f"{kind}://") else ""
    return written if written.lower().startswith(f"{kind}:") and len(written) > len(kind) + 1 else ""


def for_markdown(address: str) -> str:
    """An address as it stands between the round brackets of a Markdown link: no sign in it is markup."""
    address = re.sub(r"[\t\n\r]", "", address.strip())  # as browsers do
    number = _HOST_NUMBER.match(address)
    start = number[0] if number else ""
    written = "".join(sign if _is_plain(sign) else _quoted(sign) for sign in address[len(start) :])
    return _ENTITY.sub("&amp;", start + written)


def _is_plain(sign: str) -> bool:
    return sign in _PLAIN if sign.isascii() else unicodedata.category(sign)[0] in "LMN"


def _quoted(sign: str) -> str:
    return quote(sign, safe="", errors="replace")


def autolink(text: str, address: str) -> str:
    """What may stand between angle brackets for a link whose text is its address; "" for any other.

    Only a complete address of the web or a mailbox: ``<script>`` is not one.
    """
    bare = re.sub("^mailto:", "", address, count=1, flags=re.IGNORECASE)
    if text.rstrip("/") != bare.rstrip("/"):
        return ""
    kind = scheme(address)
    if kind == "mailto":
        return bare if _MAIL.fullmatch(bare) else ""
    return address if kind in _WITH_HOST and _ADDRESS.fullmatch(address) else ""
