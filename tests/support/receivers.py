"""Where alerts arrive in tests: a mail server, a sendmail that delivers to it, and a web server, all on loopback."""

from __future__ import annotations

import json
import socketserver
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_SENDMAIL = """#!{python} -I
import email, email.policy, smtplib, sys
assert sys.argv[1:] == ["-i", "-t"], sys.argv
content = sys.stdin.buffer.read()
message = email.message_from_bytes(content, policy=email.policy.default)
people = [one.addr_spec for one in message["To"].addresses]
with smtplib.SMTP("127.0.0.1", {port}) as server:
    server.sendmail("root@panel.example", people, content)
"""


@dataclass
class Mailbox:
    """A mail server: what it took, with the recipients of each; ``refuses``: it takes nothing."""

    mails: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    refuses: bool = False

    @property
    def texts(self) -> list[str]:
        return [str(mail.get_content()) for _, mail in self.mails]


def _smtp(box: Mailbox) -> type[socketserver.StreamRequestHandler]:
    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            people: list[str] = []
            self._say("220 here")
            for raw in self.rfile:
                line = raw.decode("utf-8", "replace").strip()
                verb = line[:4].upper()
                if verb == "RCPT":
                    people.append(line.partition("<")[2].partition(">")[0])
                    self._say("550 no" if box.refuses else "250 ok")
                elif verb == "DATA":
                    self._say("354 go on")
                    box.mails.append((people, self._mail()))
                    self._say("250 ok")
                elif verb == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 ok")

        def _mail(self) -> EmailMessage:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            return message_from_bytes(b"".join(lines), policy=default)

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    return Talk


@contextmanager
def mailbox(folder: Path) -> Iterator[tuple[Mailbox, str]]:
    """A mail server and the path of a sendmail that hands everything to it."""
    box = Mailbox()
    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), _smtp(box))) as port:
        program = folder / "sendmail"
        program.write_text(_SENDMAIL.format(python=sys.executable, port=port), encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        yield box, str(program)


@dataclass
class Web:
    """A web server: what was posted to it, by path; ``answer`` decides about the status and the answer's JSON."""

    base: str = ""
    posts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answer: Callable[[str], tuple[int, Any]] = lambda path: (200, {"ok": True})

    def to(self, part: str) -> list[dict[str, Any]]:
        """What was posted to addresses with this in them."""
        return [body for path, body in self.posts if part in path]


@contextmanager
def web() -> Iterator[Web]:
    """A web server on loopback."""
    found = Web()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.posts.append((self.path, body))
            status, said = found.answer(self.path)
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *given: Any) -> None:
            pass

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Answer)) as port:
        found.base = f"http://127.0.0.1:{port}"
        yield found


@contextmanager
def _serving(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
