"""The panel's local door: the unix socket behind ``sbin/mgrctl`` (documented arguments)."""

from __future__ import annotations

import os
import socketserver
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.billmanager import mgrctl
from sandbox.billmanager.core import PanelCore
from sandbox.billmanager.events import Complaint
from sandbox.billmanager.functions import FUNCTIONS

_USAGE = "usage: mgrctl [-m mgr] [-u | -i | -l | [-o format] [-R | func [param=value]...] [-e param=$ENV]...]\n"


@dataclass
class CommandLine:
    """A parsed command line; ``func`` is empty when there is nothing to call."""

    manager: str = "billmgr"
    func: str = ""
    params: dict[str, str] = field(default_factory=dict)
    control: str = ""


def parse(arguments: list[str]) -> CommandLine:
    """Read mgrctl's arguments; ValueError for what it does not know."""
    line = CommandLine()
    rest = iter(arguments)
    for argument in rest:
        if argument == "-m":
            line.manager = next(rest, "")
        elif argument == "-o":
            line.params["out"] = next(rest, "text")
        elif argument in ("-R", "-l", "-u", "-i"):
            line.control = argument
        elif argument.startswith("-"):
            raise ValueError(f"unrecognized option: {argument}")
        elif not line.func and "=" not in argument:
            line.func = argument
        elif "=" in argument:
            name, _, value = argument.partition("=")
            line.params[name] = value
        else:
            raise ValueError(f"not a parameter: {argument}")
    if line.manager != "billmgr":
        raise ValueError(f"unknown manager: {line.manager}")
    return line


def install_mgrctl(root: Path, *, environment: bool = True) -> Path:
    """Put ``sbin/mgrctl`` into the panel's tree; ``environment``: one that has the option ``-e``."""
    target = root / "sbin" / "mgrctl"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(program(environment=environment), encoding="utf-8")
    target.chmod(0o755)
    return target


def program(*, environment: bool = True) -> str:
    """The text of ``sbin/mgrctl``."""
    interpreter = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    source = Path(mgrctl.__file__).read_text(encoding="utf-8")
    source = source.replace("TAKES_ENVIRONMENT = True", f"TAKES_ENVIRONMENT = {environment}")
    return f"#!{interpreter} -IS\n{source}"


class ControlSocket(socketserver.ThreadingUnixStreamServer):
    """Serves mgrctl; start with :meth:`start`, end with :meth:`stop`."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, panel: PanelCore) -> None:
        self.panel = panel
        self._path = panel.root / mgrctl.SOCKET
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        super().__init__(str(self._path), _Conversation)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def server_bind(self) -> None:
        folder = os.open(self._path.parent, os.O_RDONLY)  # a socket's own path may have 107 bytes at most
        try:
            self.socket.bind(f"/proc/self/fd/{folder}/{self._path.name}")
        finally:
            os.close(folder)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self._path.unlink(missing_ok=True)


class _Conversation(socketserver.StreamRequestHandler):
    server: ControlSocket

    def handle(self) -> None:
        head = self.rfile.readline()
        if not head:
            return
        fields = self.rfile.read(int(head)).decode("utf-8", "replace").split("\0")
        answer = self._answer(fields[0], fields[1], fields[2:])
        if answer is None:
            return
        code, stdout, stderr = answer
        content = stdout.encode("utf-8", "replace")
        try:
            self.wfile.write(b"%d %d\n" % (code, len(content)) + content + stderr.encode())
        except (BrokenPipeError, ConnectionResetError):  # mgrctl was killed while the panel worked
            return

    def _answer(self, label: str, event: str, arguments: list[str]) -> tuple[int, str, str] | None:
        """(exit code, stdout, stderr), or None when the answer gets lost."""
        panel = self.server.panel
        try:
            line = parse(arguments)
        except ValueError as error:
            return 1, "", f"{error}\n{_USAGE}"
        if event in ("before", "after"):
            panel.complaints.append(Complaint("mgrctl", event, line.func, "a handler calls the panel: deadlock"))
        if line.control == "-i":  # that the list has a function a line is assumed; docs/unverified.md
            return 0, "".join(f"{name}\n" for name in sorted(FUNCTIONS)), ""
        if line.control or not line.func:
            return (0, "OK\n", "") if line.control else (1, "", _USAGE)
        answer = panel.call(line.func, line.params, via="mgrctl", label=label)
        return (answer.rc, answer.xml, "") if answer.xml else None
