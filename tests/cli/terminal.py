"""The executable on a terminal, as an administrator has it."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from dataclasses import dataclass

from sandbox.world import World


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
    command = [str(world.root / "processing" / "pmomnidesk"), *map(str, arguments)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd="/") as process:
        os.close(theirs)
        if typed:
            os.write(ours, typed.encode())
        seen = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end was closed: it has ended
                break
            if not part:
                break
            seen += part
        process.wait(timeout=60)
    os.close(ours)
    return Seen(process.returncode, seen.decode("utf-8").replace("\r\n", "\n"))
