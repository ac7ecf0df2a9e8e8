"""What comes in and goes out of the pages, apart from the server that carries it."""

from __future__ import annotations

import hashlib
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Pairs = Sequence[tuple[str, str]]

SECURITY = (
    ("Content-Security-Policy", "default-src 'self'; base-uri 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
)


@dataclass(frozen=True)
class WebRequest:
    """One request; ``path`` is not decoded yet, ``files`` are (field, file name, content).

    ``headers`` have names like ``If-None-Match``.
    """

    method: str
    path: str
    query: Pairs = ()
    form: Pairs = ()
    files: Sequence[tuple[str, str, bytes]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    address: str = "127.0.0.1"

    @property
    def segments(self) -> list[str]:
        return [urllib.parse.unquote(part) for part in self.path.strip("/").split("/") if part]

    @property
    def by_script(self) -> bool:
        """Sent by our own JavaScript, which goes where it is told instead of following a redirect."""
        return self.headers.get("X-Panel") == "script"

    @property
    def foreign(self) -> bool:
        """Sent by a page of another site: nothing is done for it, as there is no login to protect the panel."""
        return self.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")


@dataclass(frozen=True)
class WebResponse:
    """One answer."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def page(html: str, status: int = 200) -> WebResponse:
    """A page; never kept by the browser, as it may show what changes."""
    headers = (("Content-Type", "text/html; charset=UTF-8"), ("Cache-Control", "no-store"), *SECURITY)
    return WebResponse(status, html.encode("utf-8", "replace"), headers)


def fragment(html: str, request: WebRequest) -> WebResponse:
    """A part of a page, or 304 when the browser has this state of it already."""
    body = html.encode("utf-8", "replace")
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = (
        ("Content-Type", "text/html; charset=UTF-8"),
        ("ETag", tag),
        ("Cache-Control", "no-cache"),
        *SECURITY,
    )
    if request.headers.get("If-None-Match") == tag:
        return WebResponse(304, b"", headers)
    return WebResponse(200, body, headers)


def redirect(request: WebRequest, address: str, *, new_window: bool = False) -> WebResponse:
    """Go on at ``address``; our script is told by a header, as it must not follow by itself."""
    if request.by_script:
        kind = "X-Panel-Open" if new_window else "X-Panel-Location"
        return WebResponse(204, b"", ((kind, address), *SECURITY))
    return WebResponse(303, b"", (("Location", address), *SECURITY))
