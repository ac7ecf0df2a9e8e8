"""The ``sbin/mgrctl`` of a sandbox: hands its arguments to the simulated panel and prints what comes back.

Standard library only, and as little of it as possible (``_socket`` without its Python half): tests and the worker
start it often. Usage as the real one's: ``mgrctl -m billmgr [-o FORMAT] FUNC [PARAM=VALUE]… [-e PARAM=$ENV]…``.
"""

import _socket
import os
import sys

TAKES_ENVIRONMENT = True  # the option -e; control.install_mgrctl writes False here for one that lacks it
SOCKET = os.path.join("var", "run", "billmgr.sock")


def _fields(arguments: list[str], environment: dict[str, str]) -> list[bytes]:
    """The call as the panel reads it: label, event in whose handler we run, then arguments with ``-e`` resolved."""
    fields = [environment.get("SSH_CONNECTION", "") or "localhost", environment.get("EVENT_TYPE", "")]
    position = 0
    while position < len(arguments):
        if TAKES_ENVIRONMENT and arguments[position] == "-e" and position + 1 < len(arguments):
            name, _, variable = arguments[position + 1].partition("=")
            fields.append(name + "=" + environment.get(variable.lstrip("$"), ""))
            position += 2
        else:
            fields.append(arguments[position])
            position += 1
    return [field.encode("utf-8", "surrogateescape") for field in fields]


def _exchange(root: str, message: bytes, limit: float | None) -> bytes:
    # By way of the folder's descriptor, as a socket's own path may have 107 bytes at most.
    folder = os.open(os.path.dirname(os.path.join(root, SOCKET)), os.O_RDONLY)
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.settimeout(limit)
        connection.connect(f"/proc/self/fd/{folder}/{os.path.basename(SOCKET)}")
        connection.sendall(b"%d\n" % len(message) + message)
        received: list[bytes] = []
        while True:
            part = connection.recv(65536)
            if not part:
                return b"".join(received)
            received.append(part)
    finally:
        connection.close()
        os.close(folder)


def call(
    root: str, arguments: list[str], environment: dict[str, str], limit: float | None = None
) -> tuple[int, bytes, bytes]:
    """The panel's exit code, 1 when its answer got lost, and what is printed; TimeoutError after ``limit`` seconds."""
    try:
        answer = _exchange(root, b"\0".join(_fields(arguments, environment)), limit)
    except TimeoutError:
        raise
    except OSError as error:
        page = b'<?xml version="1.0" encoding="UTF-8"?>\n<doc><error type="client" object="open">'
        page += b'<param name="value">billmgr</param><msg>The panel does not run</msg></error></doc>\n'
        return 1, page, f"mgrctl: {error}\n".encode()
    head, _, body = answer.partition(b"\n")
    if not head:
        return 1, b"", b""
    code, length = (int(part) for part in head.split())
    return code, body[:length], body[length:]


def main() -> int:
    """Run the call and print its answer."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    code, *contents = call(root, sys.argv[1:], dict(os.environ))
    for stream, content in enumerate(contents, start=1):
        while content:
            content = content[os.write(stream, content) :]
    return code


if __name__ == "__main__":
    sys.exit(main())
