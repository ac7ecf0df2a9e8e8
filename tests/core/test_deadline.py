"""A call ends although something arrives all the time, wherever in the answer it arrives."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from omnidesk.core import deadline, streams
from sandbox.billmanager import server

PLACES = {
    "status line": b"HTTP/1.1 20",
    "header": b"HTTP/1.1 200 OK\r\nX-A: ",
    "body with a length": b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n",
    "body without a length": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
    "chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
    "chunk extension": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;",
    "trailer": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: ",
    "100 Continue": b"",
}


@contextmanager
def dripping(start: bytes, drop: bytes = b"a") -> Iterator[tuple[str, threading.Event]]:
    """A server that begins an answer and goes on a few bytes at a time; the event: the client ended the connection."""
    over, ended = threading.Event(), threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                connection.recv(65536)
                connection.sendall(start)
                while not over.wait(0.01):
                    connection.sendall(drop)
            except OSError:
                ended.set()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/", ended
    finally:
        over.set()
        thread.join()
        listener.close()


def fetch(url: str, seconds: float) -> bytes:
    with requests.Session() as session:
        session.trust_env = False
        sockets = deadline.guard(session)
        with deadline.limited(sockets, seconds):
            answer = session.get(url, timeout=60, stream=True)
            return b"".join(streams.blocks(answer, 1 << 20))


@pytest.mark.parametrize("place", PLACES)
def test_a_dripping_answer_is_given_up_wherever_it_drips(place: str) -> None:
    drop = b"HTTP/1.1 100 Continue\r\n\r\n" if place == "100 Continue" else b"a"
    with dripping(PLACES[place], drop) as (url, ended):
        with pytest.raises(requests.ReadTimeout, match="not done within"):
            fetch(url, 0.2)
        assert ended.wait(60)


def test_a_dripping_tls_handshake_is_given_up() -> None:
    with dripping(b"\x16\x03\x03\x0f\xff", b"\0") as (url, ended):
        with pytest.raises(requests.ReadTimeout):
            fetch(url.replace("http://", "https://"), 0.2)
        assert ended.wait(60)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS")
@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the program openssl")
def test_an_answer_over_tls_is_given_up(tmp_path: Path) -> None:
    """The connection is shut down beneath TLS, which another thread may be reading."""
    context = server.self_signed_context(tmp_path)
    over, talking = threading.Event(), threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        try:
            with context.wrap_socket(connection, server_side=True) as secure:
                secure.recv(65536)
                secure.sendall(PLACES["header"])
                talking.set()
                while not over.wait(0.01):
                    secure.sendall(b"a")
        except OSError:
            return

    with requests.Session() as session:
        session.trust_env = False  # REQUESTS_CA_BUNDLE would have the certificate checked all the same
        session.verify = False
        sockets = deadline.guard(session)

        def shut_down() -> None:
            talking.wait(60)
            sockets.shut_down()

        threads = [threading.Thread(target=serve), threading.Thread(target=shut_down)]
        for thread in threads:
            thread.start()
        with pytest.raises(requests.ConnectionError) as caught:
            session.get(f"https://127.0.0.1:{listener.getsockname()[1]}/", timeout=60)
    assert talking.is_set() and not isinstance(caught.value, requests.exceptions.SSLError)
    over.set()
    for thread in threads:
        thread.join()
    listener.close()


def test_what_ends_in_time_is_left_alone() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            for _ in range(2):  # the connection is used again
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    thread = threading.Thread(target=serve)
    thread.start()
    with requests.Session() as session:
        session.trust_env = False
        sockets = deadline.guard(session)
        for _ in range(2):
            with deadline.limited(sockets, 60):
                assert session.get(f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout=60).text == "ok"
    thread.join()
    listener.close()
