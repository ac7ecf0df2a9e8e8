"""Costs that nobody sees in the code: certificates loaded again and again, modules compiled at run time."""

from __future__ import annotations

import http.server
import json
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omnidesk.core.errors import Paused
from omnidesk.core.settings import Secret
from omnidesk.helpdesk import connection
from omnidesk.helpdesk.client import Client
from omnidesk.helpdesk.connection import trusted_certificates
from omnidesk.helpdesk.rate_limit import RateGate
from tests.support.clock import Clock

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")


class _Staff(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        body = json.dumps({"total_count": 0}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on stderr."""


@pytest.fixture
def https(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a web server that speaks TLS, and its certificate."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=omnidesk.example",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Staff)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}", certificate
    server.shutdown()
    server.server_close()
    thread.join()


def client_of(url: str, folder: Path) -> Client:
    return Client(url, "i@example.com", Secret("key"), RateGate(str(folder / "rate"), Clock()))


@needs_openssl
def test_certificates_are_loaded_once_a_process(
    https: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One connection for all calls, so one context; a bundle would cost some 50 ms each time."""
    loaded = []
    load = ssl.SSLContext.load_verify_locations

    def counted(self: ssl.SSLContext, *args: Any, **named: Any) -> None:
        loaded.append((args, named))
        load(self, *args, **named)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counted)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(https[1]))
    client = client_of(https[0], tmp_path)
    try:
        for _ in range(10):
            client.staff()
    finally:
        client.session.close()
    assert len(loaded) == 1


@needs_openssl
def test_a_certificate_that_is_not_trusted_is_named(https: tuple[str, Path], tmp_path: Path) -> None:
    """Nothing is sent to a host that cannot prove who it is; the administrator learns what to look at."""
    client = client_of(https[0], tmp_path)
    with pytest.raises(Paused) as caught:
        client.staff()
    client.session.close()
    assert caught.value.type == "omnidesk_certificate"


def test_where_certificates_come_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's, else a hashed folder, else the system's bundle; a folder of bundles verifies nothing."""
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    bundles, hashed, bundle = tmp_path / "bundles", tmp_path / "hashed", str(tmp_path / "ca.pem")
    bundles.mkdir()
    hashed.mkdir()
    (bundles / "ca-bundle.crt").touch()
    (hashed / "5ed36f99.0").touch()

    def system(cafile: str | None, capath: Path) -> None:
        found = ssl.DefaultVerifyPaths(cafile, str(capath), "", "", "", "")  # type: ignore[arg-type]  # it may be None
        monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: found)

    monkeypatch.setattr(connection, "_CERTIFICATES", str(bundles))
    system(bundle, bundles)
    assert trusted_certificates() == bundle
    system(None, bundles)
    assert trusted_certificates() is True
    system(bundle, hashed)
    assert trusted_certificates() == str(hashed)
    monkeypatch.setenv("SSL_CERT_FILE", "/private/ca.pem")
    assert trusted_certificates() == "/private/ca.pem"


def test_a_pass_imports_neither_click_nor_the_sql_parser() -> None:
    """The person's command line and the check of custom fields bring them; the worker has no use for either."""
    code = "import sys, omnidesk.cli.main, omnidesk.cli.commands, omnidesk.cli.sync; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )  # fmt: skip
    loaded = set(done.stdout.split())
    assert not loaded & {"click", "sqlglot", "markdown_it", "nh3", "omnidesk.content.html_reader"}
