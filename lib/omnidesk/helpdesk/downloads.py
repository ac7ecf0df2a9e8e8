"""Where the files of messages are downloaded from, and which hosts get the credentials.

A file's address comes out of an answer, and whatever it leads to is put into a ticket that a client reads. So: the
address must lie on the account's own host, and not below its API; the login goes there and nowhere else. The account
may keep its files elsewhere and redirect to them: such a redirect is followed over https without any login, and only
to public addresses of the network. (Live integrations differ in whether the login is needed; no redirect was seen.)
"""

from __future__ import annotations

import ipaddress
import posixpath
import re
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

import requests
import urllib3
from urllib3.connection import HTTPSConnection

from omnidesk.core.deadline import DeadlineAdapter, Sockets
from omnidesk.core.errors import Refused, TryLater

MOST_REDIRECTS = 3
LONGEST_ADDRESS = 4096
_PORTS = {"https": 443, "http": 80}
# A name, or an IPv6 address without its brackets.
_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?|(?=[0-9a-f.]*:)[0-9a-f:.]+")
_REDIRECTS = (301, 302, 303, 307, 308)
_TRANSLATION = ipaddress.ip_network("64:ff9b::/96")  # NAT64: the last 32 bits are the address that is meant
# Never public, whatever the library's table says: IPv4-compatible and -translated addresses, NAT64 for local use, the
# site-local addresses of old, and the block of IETF protocols, about which Python's versions differ.
_LOCAL = tuple(map(ipaddress.ip_network, ("::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "fec0::/10", "192.0.0.0/24")))


@dataclass(frozen=True)
class Source:
    """The account that files are fetched from: its ``session`` carries the login, ``url`` is its address."""

    session: requests.Session
    sockets: Sockets
    url: str
    timeout: float


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port: what may see one another's credentials."""

    scheme: str
    host: str
    port: int


def origin(url: str) -> Origin | None:
    """The origin of a plain http(s) address.

    None for one that names a user, or that two parsers read differently: what is checked must be what is called.
    """
    if len(url) > LONGEST_ADDRESS or not url.isprintable() or any(sign in url for sign in " \\"):
        return None
    try:
        parts, other = urlsplit(url), urllib3.util.parse_url(url)
        port = parts.port
    except (ValueError, urllib3.exceptions.LocationParseError):
        return None
    host = (parts.hostname or "").lower()
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host) or "@" in parts.netloc or other.auth:
        return None
    if ((other.scheme or "").lower(), (other.host or "").lower().strip("[]"), other.port) != (parts.scheme, host, port):
        return None
    return Origin(parts.scheme, host, _PORTS[parts.scheme] if port is None else port) if port != 0 else None


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open network, also when it is wrapped into another."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner: list[ipaddress.IPv4Address | None] = []
    if isinstance(ip, ipaddress.IPv6Address):
        inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if ip in _TRANSLATION:
            inner.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    wrapped = [one for one in inner if one is not None]
    if any(one in network for one in (ip, *wrapped) for network in _LOCAL):
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        return all(one.is_global and not one.is_multicast for one in wrapped)
    return ip.is_global and not ip.is_multicast and all(one.is_global for one in wrapped)


def fetch(source: Source, url: str, translated: Callable[[], AbstractContextManager[None]]) -> requests.Response:
    """The answer with the file, as a stream; the caller closes it.

    ``translated`` turns the account's network errors into failures. Raises :class:`Refused` ``foreign_file`` for an
    address that nothing is fetched from.
    """
    home = origin(source.url)
    if home is None or origin(url) != home:
        raise Refused("foreign_file", value=url[:200])
    here, left = url, False
    for _ in range(MOST_REDIRECTS + 1):
        place = origin(here)
        if place == home and not left and not _is_api(here):
            with translated():
                answer = source.session.get(here, stream=True, timeout=source.timeout, allow_redirects=False)
        elif place is not None and place.scheme == "https" and place != home:
            left = True  # and never back: it would be somebody else who has the login sent
            answer = _without_login(source, here)
        else:
            break
        onward = answer.headers.get("Location", "") if answer.status_code in _REDIRECTS else ""
        if not onward:
            return answer
        answer.close()
        here = urljoin(here, onward)
    raise Refused("foreign_file", value=here[:200])


def _is_api(url: str) -> bool:
    """Whether a path leads into the API, however it is spelled: its answers are for us, not for clients."""
    path = urlsplit(url).path
    while (plain := unquote(path)) != path:
        path = plain
    return posixpath.normpath("/" + path.replace("\\", "/")).lstrip("/").partition("/")[0].lower() == "api"


def _without_login(source: Source, url: str) -> requests.Response:
    """One call by a session that knows nothing: no login, no cookies, no proxy. Its trouble is not the account's."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            session.verify = source.session.verify
            session.adapters.clear()
            session.mount("https://", PublicAdapter(source.sockets))
            session.headers["User-Agent"] = "pmomnidesk"
            return session.get(url, stream=True, timeout=source.timeout, allow_redirects=False)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise TryLater("omnidesk_no_answer", "file", type(error).__name__) from None


class _PublicConnection(HTTPSConnection):
    """A connection that is made to public addresses only; what the name meant a moment ago does not count."""

    def _new_conn(self) -> socket.socket:
        try:
            found = {str(info[4][0]) for info in socket.getaddrinfo(self.host.strip("[]"), self.port or 443)}
        except (OSError, UnicodeError) as error:
            raise urllib3.exceptions.NewConnectionError(self, f"{self.host[:200]}: {error}") from error
        connection: socket.socket | None = None
        if all(is_public(one) for one in found):
            connection = super()._new_conn()
            if is_public(str(connection.getpeername()[0])):
                return connection
            connection.close()
        raise Refused("foreign_file", value=self.host[:200])


class PublicAdapter(DeadlineAdapter):
    """https to public addresses; it is mounted for nothing else."""

    secure = _PublicConnection
