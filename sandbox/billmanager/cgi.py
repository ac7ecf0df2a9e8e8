"""Running ``cgi/NAME`` for ``/mancgi/NAME`` as the panel's web server does."""

from __future__ import annotations

import subprocess
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_OWN_LENGTH = ("content-length", "content-type")


@dataclass(frozen=True)
class CgiRequest:
    """What the web server got."""

    name: str
    method: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    address: str
    host: str


@dataclass(frozen=True)
class CgiRun:
    """What became of it; ``status`` 500 when the script printed nothing or nothing readable."""

    request: CgiRequest
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    stdout: bytes
    stderr: bytes


def environment(request: CgiRequest, length_variable: str | None) -> dict[str, str]:
    """A CGI's variables (seen in public integrations); ``length_variable`` tells the length, if anything does."""
    variables = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C",
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "ihttpd",
        "SCRIPT_NAME": f"/mancgi/{request.name}",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.query,
        "REMOTE_ADDR": request.address,
        "HTTPS": "on",
        "HTTP_HOST": request.host,
    }
    for name, value in request.headers.items():
        if name.lower() not in _OWN_LENGTH:
            variables["HTTP_" + name.upper().replace("-", "_")] = value
        elif name.lower() == "content-type":
            variables["CONTENT_TYPE"] = value
    if length_variable and (request.body or request.method == "POST"):
        variables[length_variable] = str(len(request.body))
    return variables


def run(root: Path, request: CgiRequest, length_variable: str | None, limit: float) -> CgiRun:
    """Start the script and read until it closes its output; FileNotFoundError when there is none to start."""
    script = root / "cgi" / request.name
    if "/" in request.name or request.name.startswith(".") or not script.is_file():
        raise FileNotFoundError(script)
    variables = environment(request, length_variable)
    with tempfile.TemporaryFile() as errors:  # a file, so that a child left behind with it keeps nobody waiting
        process = subprocess.Popen(
            [str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=root,
            env={name.encode(): value.encode("utf-8", "surrogateescape") for name, value in variables.items()},
        )
        stdout = _talk(process, request.body, limit)
        errors.seek(0)
        stderr = errors.read()
    status, headers, body = read_answer(stdout)
    return CgiRun(request, status, headers, body, stdout, stderr)


def _talk(process: subprocess.Popen[bytes], body: bytes, limit: float) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    stdin = process.stdin

    def feed() -> None:
        with suppress(BrokenPipeError):  # a script need not read what it does not want
            stdin.write(body)
        with suppress(BrokenPipeError):
            stdin.close()

    threading.Thread(target=feed, daemon=True).start()
    overtime = threading.Timer(limit, process.kill)
    overtime.start()
    try:
        with process.stdout as stdout:
            output = stdout.read()
    finally:
        overtime.cancel()
    threading.Thread(target=process.wait, daemon=True).start()  # the answer is complete; it may work on
    return output


def read_answer(output: bytes) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """(status, headers, body) of a CGI's output: ``Status:``, headers only, or a raw ``HTTP/1.1`` status line."""
    head, separator, body = output.partition(b"\n\n")
    crlf_head, crlf_separator, crlf_body = output.partition(b"\r\n\r\n")
    if crlf_separator and len(crlf_head) <= len(head):
        head, separator, body = crlf_head, crlf_separator, crlf_body
    if not separator:
        return 500, (), b"the script printed no complete answer"
    status, headers = 200, []
    for number, line in enumerate(head.decode("latin-1").splitlines()):
        if number == 0 and line.startswith("HTTP/"):
            status = int(line.split()[1])
            continue
        name, colon, value = line.partition(":")
        if not colon:
            return 500, (), b"the script printed a line that is no header"
        if name.lower() == "status":
            status = int(value.split()[0])
        else:
            headers.append((name, value.strip()))
    return status, tuple(headers), body
