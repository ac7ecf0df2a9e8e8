"""Which addresses may become links and pictures, on either side."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from omnidesk.formatting.dialect import SCHEMES

LONGEST = 4000  # characters; longer ones are shown as text
# Characters that browsers skip when they look for the scheme (as in "java\tscript:").
_SKIPPED = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060-\u2069\ufeff]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):")


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


def for_markdown(address: str) -> str:
    """An address as it stands between the round brackets of a Markdown link."""
    address = address.strip()
    for sign, code in ((" ", "%20"), ("(", "%28"), (")", "%29"), ("<", "%3C"), (">", "%3E"), ("\\", "%5C"),
                       ("\n", ""), ("\r", ""), ("\t", ""), ("*", "%2A"), ("`", "%60"), ('"', "%22")):  # fmt: skip
        address = address.replace(sign, code)
    return address
