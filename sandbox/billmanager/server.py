"""The panel's web server: ``/billmgr`` (API with uploads), ``/mancgi/NAME`` (CGI), pages; and mgrctl's socket."""

from __future__ import annotations

import mimetypes
import shutil
import ssl
import subprocess
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from sandbox.billmanager import cgi, multipart, schema
from sandbox.billmanager.answer import PanelAnswer, PanelError, error_document, render
from sandbox.billmanager.control import ControlSocket, install_mgrctl
from sandbox.billmanager.panel import Panel
from sandbox.billmanager.request import ROOT_ACTOR, Actor, Upload
from sandbox.billmanager.web import Pages, WebRequest

_CONTENT_TYPES = {"xml": "text/xml", "devel": "text/xml", "text": "text/plain"}


class PanelServer:
    """Serves a panel on a free port of 127.0.0.1; a context manager.

    ``tls``: https with a certificate nobody signed, as the real panel has out of the box (needs the openssl program).
    """

    def __init__(self, panel: Panel, *, tls: bool = False, port: int = 0) -> None:
        self.panel = panel
        self.pages = Pages(panel)
        self.cgi_runs: list[cgi.CgiRun] = []
        self._http = _Server(("127.0.0.1", port), _Handler)
        self._http.owner = self
        self.tls = tls
        if tls:
            self._http.socket = self_signed_context(panel.root / "etc").wrap_socket(self._http.socket, server_side=True)
        panel.host = self.base
        self._control = ControlSocket(panel)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def base(self) -> str:
        """The address without a path, for example ``http://127.0.0.1:40123``."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The API's address: the setting ``PanelUrl``."""
        return f"{self.base}/billmgr"

    @property
    def pages_url(self) -> str:
        """Where a person starts in a browser."""
        return f"{self.base}/"

    def page(self, login: str, func: str = "", lang: str = "ru", **params: object) -> str:
        """The address of a function's page as this user (``root``: the administrator); without one, their first."""
        who = f"{self.base}/panel/{urllib.parse.quote(login, safe='@')}"
        query = urllib.parse.urlencode({"lang": lang, **params})
        return f"{who}/f/{urllib.parse.quote(func)}?{query}" if func else f"{who}/?{query}"

    def cgi_url(self, name: str, query: str = "") -> str:
        """The address of a script in ``cgi/``."""
        return f"{self.base}/mancgi/{name}" + (f"?{query}" if query else "")

    def __enter__(self) -> PanelServer:
        install_mgrctl(self.panel.root, environment=self.panel.options.mgrctl_environment)
        self._control.start()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.panel.faults.clear()  # nobody may hang in a fault for ever
        self._http.stopping = True
        self._http.shutdown()
        self._http.server_close()
        self._control.stop()


def self_signed_context(folder: Path) -> ssl.SSLContext:
    """A TLS context with a fresh self-signed certificate; RuntimeError without the openssl program."""
    program = shutil.which("openssl")
    if program is None:
        raise RuntimeError("tls=True needs the program openssl to make a certificate")
    folder.mkdir(parents=True, exist_ok=True)
    key, certificate = folder / "ihttpd.key", folder / "ihttpd.crt"
    command = [program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=billmgr.example"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    owner: PanelServer
    stopping = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up in the middle is none of our business; anything else is shown.

        A browser that is left open goes on asking on its kept connection while the database goes away.
        """
        if not self.stopping and not isinstance(sys.exc_info()[1], ConnectionError | ssl.SSLError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer on a kept connection waits 40 ms for an acknowledgement
    wbufsize = 1 << 16
    server: _Server

    def do_GET(self) -> None:
        self._serve(b"")

    def do_HEAD(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    do_PUT = do_DELETE = do_POST

    def log_message(self, format: str, *args: Any) -> None:
        """The record of calls says more."""

    def _serve(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        if path.rstrip("/") == "/billmgr" and "startform=" in query and self.command in ("GET", "HEAD"):
            self._send(303, [("Location", f"/?{query}")], b"")  # a link into the pages (seen in an integration)
        elif path.rstrip("/") == "/billmgr":
            self._api(query, body)
        elif path.startswith("/mancgi/"):
            self._cgi(path.removeprefix("/mancgi/"), query, body)
        elif self.server.owner.pages.serves(path):
            self._page(path, query, body)
        else:
            self._send(404, [("Content-Type", "text/html")], b"<html>not found</html>")

    # The pages.

    def _page(self, path: str, query: str, body: bytes) -> None:
        form, files = [], []
        kind = self.headers.get("Content-Type", "")
        try:
            if kind.startswith("multipart/form-data"):
                for part in multipart.parse(kind, body):
                    if part.filename is None:
                        form.append((part.name, part.content.decode("utf-8", "replace").replace("\r\n", "\n")))
                    else:
                        files.append((part.name, part.filename, part.content))
            elif body:
                text = body.decode("utf-8", "replace")
                form = urllib.parse.parse_qsl(text, keep_blank_values=True)
        except multipart.NotMultipart as error:
            self._send(400, [("Content-Type", "text/plain")], str(error).encode())
            return
        asked = urllib.parse.parse_qsl(query, keep_blank_values=True)
        headers = {name.title(): value for name, value in self.headers.items()}
        request = WebRequest(self.command, path, asked, form, files, headers, self._address())
        answer = self.server.owner.pages.handle(request)
        self._send(answer.status, list(answer.headers), answer.body)

    # The API.

    def _api(self, query: str, body: bytes) -> None:
        panel = self.server.owner.panel
        params = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        try:
            posted, uploads = self._form(body)
        except multipart.NotMultipart as error:
            self._send(400, [("Content-Type", "text/html")], f"<html>{error}</html>".encode())
            return
        params |= posted
        func = params.pop("func", "")
        try:
            session = self._session(params, func)
        except PanelError as error:
            doc = error_document(error, func, "", 0)
            answer = PanelAnswer(1, render(doc, params.get("out", "xml")))
        else:
            if func == "ticket.file" and "out" not in params:
                self._file(params, session)
                return
            answer = panel.call(func, params, uploads=uploads, via="http", label=self._address(), session=session)
        if not answer.xml:
            self.close_connection = True  # the answer got lost: the connection just ends
            return
        kind = _CONTENT_TYPES.get(params.get("out", "xml"), "application/json")
        self._send(200, [("Content-Type", f"{kind}; charset=UTF-8")], answer.xml.encode())

    def _file(self, params: dict[str, str], session: Actor) -> None:
        """A ticket's file itself (seen in an integration); its headers are not public, nor what an error looks like."""
        panel = self.server.owner.panel
        answer = panel.call("ticket.file", params, via="http", label=self._address(), session=session)
        columns = f"{schema.ATTACHMENT_NAME} AS name, {schema.ATTACHMENT_FILE} AS path"
        select = f"SELECT {columns} FROM ticket_message_attach WHERE id=%s"
        row = panel.query(select, params.get("elid", 0)) if answer.ok else []
        path = panel.root / row[0]["path"] if row else None
        how = panel.options.file_answer
        if path is None or not path.is_file() or how == "page":
            self._send(200, [("Content-Type", "text/html; charset=UTF-8")], b"<!DOCTYPE html><html>BILLmanager</html>")
            return
        headers = [("Content-Type", mimetypes.guess_type(row[0]["name"])[0] or "application/octet-stream")]
        if how == "named":
            name = urllib.parse.quote(row[0]["name"])
            headers = [("Content-Type", "text/html"), ("Content-Disposition", f"attachment; filename*=UTF-8''{name}")]
        self._send(200, headers, path.read_bytes())

    def _form(self, body: bytes) -> tuple[dict[str, str], dict[str, Upload]]:
        kind = self.headers.get("Content-Type", "")
        if not kind.startswith("multipart/form-data"):
            return dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)), {}
        params, files = {}, []
        for part in multipart.parse(kind, body):
            if part.filename is None:
                params[part.name] = part.content.decode("utf-8", "replace")
            else:
                files.append(part)
        stored = self.server.owner.panel.store([(part.filename or part.name, part.content) for part in files])
        return params, {part.name: upload for part, upload in zip(files, stored.values(), strict=True)}

    def _session(self, params: dict[str, str], func: str) -> Actor:
        """Whose call it is; only ``func=auth`` needs no session."""
        panel = self.server.owner.panel
        if "auth" in params:
            return panel.sessions.actor(params.pop("auth"), self._address())
        if "authinfo" in params:
            user, _, password = params.pop("authinfo").partition(":")
            with panel.database() as connection:
                return panel.check_password(connection, user, password)
        if func == "auth":
            return ROOT_ACTOR
        raise PanelError("auth", "session")

    def _address(self) -> str:
        return str(self.client_address[0])

    # CGI.

    def _cgi(self, name: str, query: str, body: bytes) -> None:
        owner = self.server.owner
        host = self.headers.get("Host", "")
        request = cgi.CgiRequest(name, self.command, query, dict(self.headers), body, self._address(), host)
        options = owner.panel.options
        try:
            run = cgi.run(owner.panel.root, request, options.cgi_length, options.cgi_limit)
        except FileNotFoundError:
            self._send(404, [("Content-Type", "text/html")], b"<html>no such script</html>")
            return
        except PermissionError:
            self._send(403, [("Content-Type", "text/html")], b"<html>not executable</html>")
            return
        owner.cgi_runs.append(run)
        self._send(run.status, list(run.headers), run.body)

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "connection"):
                self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
