"""The ``sbin/mgrctl`` of a sandbox: hands its arguments to the simulated panel and prints what comes back.

Standard library only, and as little of it as possible (``_socket`` without its Python half): tests and the worker
start it often. Usage as the real one's: ``mgrctl -m billmgr [-o FORMAT] FUNC [PARAM=VALUE]… [-e PARAM=$ENV]…``.
"""

import _socket
import os
import sys

TAKES_ENVIRONMENT = True  # the option -e; control.install_mgrctl writes False here for one that lacks it
SOCKET = os.path.join("var", "run", "billmgr.sock")


def _fields(arguments: list[str]) -> list[bytes]:
    """The call as the panel reads it: label, event in whose handler we run, then arguments with ``-e`` resolved."""
    fields = [os.environ.get("SSH_CONNECTION", "") or "localhost", os.environ.get("EVENT_TYPE", "")]
    position = 0
    while position < len(arguments):
        if TAKES_ENVIRONMENT and arguments[position] == "-e" and position + 1 < len(arguments):
            name, _, variable = arguments[position + 1].partition("=")
            fields.append(name + "=" + os.environ.get(variable.lstrip("$"), ""))
            position += 2
        else:
            fields.append(arguments[position])
            position += 1
    return [field.encode("utf-8", "surrogateescape") for field in fields]


def _exchange(root: str, message: bytes) -> bytes:
    # By way of the folder's descriptor, as a socket's own path may have 107 bytes at most.
    folder = os.open(os.path.dirname(os.path.join(root, SOCKET)), os.O_RDONLY)
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
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


def main() -> int:
    """Run the call; the panel's exit code, 1 when its answer got lost."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        answer = _exchange(root, b"\0".join(_fields(sys.argv[1:])))
    except OSError as error:
        os.write(2, f"mgrctl: {error}\n".encode())
        os.write(1, b'<?xml version="1.0" encoding="UTF-8"?>\n<doc><error type="client" object="open">')
        os.write(1, b'<param name="value">billmgr</param><msg>The panel does not run</msg></error></doc>\n')
        return 1
    head, _, body = answer.partition(b"\n")
    if not head:
        return 1
    code, length = (int(part) for part in head.split())
    for stream, content in ((1, body[:length]), (2, body[length:])):
        while content:
            content = content[os.write(stream, content) :]
    return code


if __name__ == "__main__":
    sys.exit(main())
