"""Who listens at a local address. Any user of the host can listen on a port above 1023 when the panel does not."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from omnidesk.core.errors import TryLater, system_words

log = logging.getLogger("panel")
TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_LISTEN = "0A"
_PORTS = {"http": 80, "https": 443}
_ANY = ("0.0.0.0", "::")  # noqa: S104  # compared with, not bound to


@dataclass(frozen=True)
class Listener:
    """A listening TCP socket: its address, port, and the user it belongs to."""

    address: str
    port: int
    uid: int


def check(url: str, tables: tuple[str, ...] = TABLES) -> None:
    """Raise :class:`TryLater` ``panel_listener`` when somebody else than root (or this very user) listens at ``url``.

    Where nobody listens, the connection fails by itself.
    """
    parts = urlsplit(url)
    port = parts.port or _PORTS[parts.scheme]
    try:
        addresses = {str(info[4][0]) for info in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)}
    except OSError:
        return  # the connection fails in the same way
    for one in listeners(tables):
        if one.port == port and one.uid not in (0, os.geteuid()) and one.address in (*addresses, *_ANY):
            raise TryLater("panel_listener", url, str(one.uid))


def listeners(tables: tuple[str, ...] = TABLES) -> Iterator[Listener]:
    """All listening TCP sockets of this network namespace (documented: proc(5), /proc/net/tcp)."""
    for table in tables:
        try:
            with open(table, encoding="ascii") as file:
                rows = file.readlines()[1:]
        except FileNotFoundError:
            continue  # a kernel without IPv6 has no second table
        except OSError as error:
            raise TryLater("panel_listener", table, system_words(error)) from None
        for row in rows:
            words = row.split()
            if len(words) > 7 and words[3] == _LISTEN:
                address, _, port = words[1].partition(":")
                yield Listener(_address(address), int(port, 16), int(words[7]))


def _address(digits: str) -> str:
    """The address of a table's hexadecimal digits: 32-bit words in the host's byte order."""
    raw = b"".join(int(digits[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(digits), 8))
    found = ipaddress.ip_address(raw)
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)
