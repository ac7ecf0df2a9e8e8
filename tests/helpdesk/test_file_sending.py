"""Large forms over a real socket: what is made of a server that does not read them."""

from __future__ import annotations

import socketserver
import threading
from pathlib import Path

import pytest

from omnidesk.core.errors import Failure, Refused
from omnidesk.core.settings import Secret
from omnidesk.helpdesk.client import Client
from omnidesk.helpdesk.connection import FileUpload
from omnidesk.helpdesk.rate_limit import RateGate
from tests.support.clock import Clock


class _Hasty(socketserver.BaseRequestHandler):
    """A web server that refuses a large form by its head, without reading it, and hangs up."""

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.request.recv(4096)
        self.request.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def test_a_form_refused_before_it_was_read_is_a_refusal_or_unclear_but_pauses_nothing(tmp_path: Path) -> None:
    """Whether the answer is still to be had depends on the network; nobody concludes that the account is not there."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Hasty) as server, open(tmp_path / "f", "w+b") as file:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        file.truncate(20_000_000)
        url = f"http://127.0.0.1:{server.server_address[1]}"
        found = Client(url, "i@example.com", Secret("key"), RateGate(str(tmp_path / "rate"), Clock()), timeout=5.0)
        with pytest.raises(Failure) as caught:
            found.add_message(7, {"content": "x"}, [FileUpload("f", file)])
        server.shutdown()
        found.session.close()
    assert isinstance(caught.value, Refused) or caught.value.uncertain, caught.value
    assert found.gate.budget().blocked_until == 0.0
