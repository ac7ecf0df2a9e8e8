"""The simulated account behind a real socket, and the thread that delivers its webhooks."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from .model import Omnidesk
from .webhooks import post_over_http
from .wire import Dropped, Hung, Request, Response

if TYPE_CHECKING:
    from typing_extensions import Self

    from .web import Pages

_KEPT = 64 * 1024 * 1024  # a body beyond this is read and thrown away


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024  # headers and body leave in one packet
    timeout = 120
    server: _Listener

    def do_GET(self) -> None:
        model = self.server.model
        path, _, query = self.path.partition("?")
        body, oversize = self._body()
        headers = dict(self.headers.items())
        request = Request(self.command, path, query, headers, body, oversize)
        if _is_page(path):
            self._answer(self.server.pages().handle(request))
            return
        try:
            answer = model.handle(request)
        except Dropped:
            self._hang_up()
            return
        except Hung as problem:
            problem.gate.wait()
            self._hang_up()
            return
        if answer.delay:
            self.server.stopped.wait(answer.delay)
        self._answer(answer)

    do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_GET

    def _body(self) -> tuple[bytes, bool]:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = int(self.headers.get("Content-Length") or 0)
        if length <= _KEPT:
            return self.rfile.read(length), False
        while length > 0:
            got = self.rfile.read(min(length, 1 << 20))
            if not got:
                break
            length -= len(got)
        return b"", True

    def _chunks(self) -> tuple[bytes, bool]:
        kept: list[bytes] = []
        size = 0
        while True:
            length = int(self.rfile.readline().split(b";")[0] or b"0", 16)
            chunk = self.rfile.read(length)
            self.rfile.readline()
            if not length:
                return b"".join(kept) if size <= _KEPT else b"", size > _KEPT
            size += length
            if size <= _KEPT:
                kept.append(chunk)

    def _answer(self, answer: Response) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        bare = answer.status in (204, 304)
        if not bare:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        body = b"" if self.command == "HEAD" or bare else answer.body
        self.wfile.write(body[: len(body) // 2] if answer.cut else body)
        if answer.cut:
            self.wfile.flush()
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        _shut(self.connection)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The header ``Date`` tells the account's time, as the dates in its answers do."""
        return super().date_time_string(self.server.model.clock() if timestamp is None else timestamp)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on stderr: the calls are on record in the model."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], model: Omnidesk, pages: Callable[[], Pages]) -> None:
        self.model = model
        self.pages = pages
        self.stopped = threading.Event()
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """As the base class, without its look-up of the host's name, which may take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no event worth a traceback; anything else is shown."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError, ValueError)):
            super().handle_error(request, client_address)

    def cut(self) -> None:
        """Ends every connection, kept-alive ones too."""
        self.stopped.set()
        with self._open_lock:
            for connection in self._open:
                _shut(connection)


def _is_page(path: str) -> bool:
    """Whether an address belongs to the pages for people; all others are the API's and the files'."""
    return path in ("", "/") or path.startswith(("/staff", "/static/"))


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # the client was faster
        return


class OmnideskServer:
    """Serves a model at ``url`` and delivers its webhooks; a context manager.

    ``url`` becomes the model's ``base_url``, so that attachments lie under it. :meth:`close_port` and
    :meth:`open_port` make the account unreachable and reachable again at the same address. People's pages begin at
    ``pages_url``; ``language`` (ru, en) is theirs where an address names none.
    """

    def __init__(self, model: Omnidesk, host: str = "127.0.0.1", port: int = 0, language: str = "ru") -> None:
        self.model = model
        self.language = language
        self._pages: Pages | None = None
        self._pages_lock = threading.Lock()
        self._address = (host, port)
        self._listener: _Listener | None = None
        self._threads: list[threading.Thread] = []
        self._stopped = threading.Event()
        self.url = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Opens the port and starts delivering webhooks."""
        self.open_port()
        self.model.base_url = self.url
        self._stopped.clear()
        deliverer = threading.Thread(target=self._deliver, name="omnidesk-webhooks", daemon=True)
        deliverer.start()
        self._threads.append(deliverer)

    def stop(self) -> None:
        """Closes the port, ends every connection and the delivery."""
        self._stopped.set()
        self.model.webhooks.wake()
        self.close_port()
        self.model.faults.release(carry_out=False)
        for thread in self._threads:
            thread.join(10)
        self._threads.clear()

    def open_port(self) -> None:
        """Listens, at the same port as before if there was one."""
        if self._listener is not None:
            return
        self._listener = _Listener(self._address, self.model, self._made_pages)
        self._address = (self._address[0], self._listener.server_address[1])
        self.url = f"http://{self._address[0]}:{self._address[1]}"
        thread = threading.Thread(
            target=self._listener.serve_forever, args=(0.05,), name="omnidesk-server", daemon=True
        )
        thread.start()

    def close_port(self) -> None:
        """Refuses connections and ends those that are open."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        listener.shutdown()
        listener.server_close()
        listener.cut()

    @property
    def pages_url(self) -> str:
        """Where a person begins in a browser."""
        return f"{self.url}/"

    def page(self, path: str = "cases", staff: int | str = 0, lang: str = "") -> str:
        """The address of an agent's page: ``cases``, ``cases/record/<number or id>``, ``settings/channels``, ``log``…

        ``staff``: who, by id or e-mail; nobody: the first active one. ``lang`` is kept by the links of the page.
        """
        who = staff or min(one.staff_id for one in self.model.staff.values() if one.active)
        query = f"?{urlencode({'lang': lang})}" if lang else ""
        return f"{self.url}/staff/{quote(str(who), safe='@')}/{path}{query}"

    def _made_pages(self) -> Pages:
        """The pages, made when somebody looks first: most tests never do, and templates take time to load."""
        with self._pages_lock:
            if self._pages is None:
                from .web import Pages

                self._pages = Pages(self.model)
            self._pages.language = self.language
            return self._pages

    def _deliver(self) -> None:
        while self.model.webhooks.wait_due(self._stopped):
            settings = self.model.settings
            self.model.webhooks.deliver(post_over_http(settings.webhook_timeout), settings.webhook_retries)
