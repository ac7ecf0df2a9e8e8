"""A bound on the total duration of a call over HTTP.

A timeout of ``requests`` counts from one piece of data to the next: headers, ``100 Continue``, chunk extensions,
trailers and bodies that arrive a byte at a time reset it for ever. Here a timer shuts down the connection, wherever the
call is.
"""

from __future__ import annotations

import socket
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

LONGEST = 4  # times the timeout between two pieces, for the whole of an ordinary call


class Sockets:
    """The open connections of one or several sessions, which :func:`limited` can shut down."""

    def __init__(self) -> None:
        self._open: weakref.WeakSet[socket.socket] = weakref.WeakSet()

    def add(self, one: socket.socket) -> None:
        self._open.add(one)

    def shut_down(self) -> None:
        """Whoever reads from or writes to one of them gets an error or the end of the data at once."""
        for one in list(self._open):
            try:
                socket.socket.shutdown(one, socket.SHUT_RDWR)  # not SSLSocket's: that waits for nobody, but forgets TLS
            except OSError:
                continue  # closed already


class DeadlineAdapter(HTTPAdapter):
    """Makes connections that :func:`limited` can shut down, from the TCP connection on."""

    plain: type[HTTPConnection] = HTTPConnection
    secure: type[HTTPSConnection] = HTTPSConnection

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets
        super().__init__()

    def init_poolmanager(self, *given: Any, **options: Any) -> None:
        super().init_poolmanager(*given, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool(HTTPConnectionPool, _tracked(self.plain, self._sockets)),
            "https": _pool(HTTPSConnectionPool, _tracked(self.secure, self._sockets)),
        }


def _pool(kind: type[HTTPConnectionPool], connection: type[HTTPConnection]) -> type[HTTPConnectionPool]:
    return type(kind.__name__, (kind,), {"ConnectionCls": connection})


def _tracked(kind: type[HTTPConnection], sockets: Sockets) -> type[HTTPConnection]:
    class Tracked(kind):  # type: ignore[valid-type,misc]  # a base that is known only here
        _handshake: socket.socket | None = None

        def _new_conn(self) -> socket.socket:
            made: socket.socket = super()._new_conn()
            self._handshake = made.dup()  # wrapping it into TLS takes the original away while the handshake goes on
            sockets.add(self._handshake)
            return made

        def connect(self) -> None:
            try:
                super().connect()
            finally:
                if self._handshake is not None:
                    self._handshake.close()
                    self._handshake = None
            if self.sock is not None:
                sockets.add(self.sock)

    return Tracked


def guard(session: requests.Session) -> Sockets:
    """Have the session make its connections by a :class:`DeadlineAdapter`; what to give to :func:`limited`."""
    sockets = Sockets()
    for scheme in ("http://", "https://"):
        session.mount(scheme, DeadlineAdapter(sockets))
    return sockets


@contextmanager
def limited(sockets: Sockets, seconds: float) -> Iterator[None]:
    """Raise :class:`requests.ReadTimeout` when what is done in here takes longer than ``seconds``.

    Also when it seemed to end well: the end of a body without a length looks the same as a connection shut down.
    """
    ended = threading.Event()

    def cut() -> None:
        ended.set()
        sockets.shut_down()

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        if not ended.is_set():
            raise
        raise requests.ReadTimeout(f"not done within {seconds:.0f} s") from error
    finally:
        timer.cancel()
    if ended.is_set():
        raise requests.ReadTimeout(f"not done within {seconds:.0f} s")
