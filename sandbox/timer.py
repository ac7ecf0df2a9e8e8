"""The panel host's cron: runs the command of the installed cron file, exactly as written there."""

from __future__ import annotations

import re
import subprocess
import threading
from pathlib import Path

_FIELDS = re.compile(r"(?:\S+\s+){5}(?P<user>\S+)\s+(?P<command>.+)")


def cron_command(root: Path) -> str:
    """The command of ``etc/cron.d/omnidesk``; ``%`` would be a line break to cron, so none may be in it."""
    lines = (root / "etc" / "cron.d" / "omnidesk").read_text(encoding="utf-8").splitlines()
    jobs = [
        found for line in lines if line and not line.startswith(("#", "MAILTO=")) and (found := _FIELDS.match(line))
    ]
    if len(jobs) != 1 or "%" in jobs[0]["command"]:
        raise ValueError(f"one job without % is expected: {lines}")
    return jobs[0]["command"]


def run_cron(root: Path, timeout: float = 120.0) -> subprocess.CompletedProcess[bytes]:
    """What cron does once a minute: the command through sh, in cron's poor environment, from the home folder."""
    environment = {"HOME": "/", "LOGNAME": "root", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
    return subprocess.run(
        ["/bin/sh", "-c", cron_command(root)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd="/",
        env=environment,
        timeout=timeout,
        check=False,
    )


class Cron:
    """Runs the job every so many seconds, in a thread, while the context lasts."""

    def __init__(self, root: Path, seconds: float = 60.0) -> None:
        self.root = root
        self.seconds = seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._tick, name="cron", daemon=True)

    def __enter__(self) -> Cron:
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._stopped.set()

    def _tick(self) -> None:
        while not self._stopped.wait(self.seconds):
            try:
                run_cron(self.root)
            except (OSError, ValueError, subprocess.TimeoutExpired):  # the tree is being taken away or looked into
                continue
