"""The executable on a terminal, as an administrator has it."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios
import threading
from dataclasses import dataclass
from pathlib import Path

from sandbox.world import World
from tests.support.commands import run_main


@dataclass(frozen=True)
class Seen:
    """Exit code and what stood on the terminal, stdout and stderr in one."""

    code: int
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


def terminal(
    world: World, *arguments: object, columns: int = 100, env: dict[str, str] | None = None, typed: str = ""
) -> Seen:
    """Run it on a pseudo-terminal of that width, in English unless ``env`` says otherwise; ``typed``: the answers."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LANG")}
    environment = {**kept, "TERM": "xterm", "LC_ALL": "C.UTF-8", **(env or {})}
    words = [str(world.root / "processing" / "pmomnidesk"), *map(str, arguments)]
    parts: list[bytes] = []
    reader = threading.Thread(target=_read, args=(ours, parts))
    reader.start()
    try:
        if typed:
            os.write(ours, typed.encode())
        with (
            open(os.dup(theirs), encoding="utf-8") as stdin,
            open(os.dup(theirs), "w", encoding="utf-8") as stdout,
            open(os.dup(theirs), "w", encoding="utf-8") as stderr,
        ):
            code = run_main(words, environment, Path("/"), stdin, stdout, stderr)
    finally:
        os.close(theirs)
        reader.join()
        os.close(ours)
    return Seen(code, b"".join(parts).decode("utf-8").replace("\r\n", "\n"))


def _read(terminal: int, parts: list[bytes]) -> None:
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # the other end was closed: the command has ended
            return
        if not part:
            return
        parts.append(part)
