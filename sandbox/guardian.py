"""Nothing stays behind: a small process that outlives this one by a moment and tidies up after it.

``atexit`` and signal handlers do not run when a process is killed outright, and a database server left running in a
deleted folder is the worst kind of leftover. So the first folder that is put under guard starts a helper process in a
session of its own (Ctrl-C does not reach it). It reads folder names from a pipe; when the pipe closes, however this
process ended, it kills what still runs out of those folders and removes them.

A process counts as running out of a folder when its program, its script or its data are in it; the folders are private
temporary ones, so nobody else's process qualifies.
"""

from __future__ import annotations

import atexit
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

_lock = threading.Lock()
_helper: subprocess.Popen[bytes] | None = None
_guarded: set[str] = set()


def guard(folder: Path) -> None:
    """Have ``folder`` and every process in it removed when this process ends, in whatever way."""
    global _helper
    with _lock:
        if _helper is None or _helper.poll() is not None:
            _helper = subprocess.Popen(
                [sys.executable, "-I", "-S", os.path.abspath(__file__)], stdin=subprocess.PIPE, start_new_session=True
            )
        _guarded.add(str(folder))
        _tell(f"+{folder}")


def release(folder: Path) -> None:
    """The owner has tidied ``folder`` up itself."""
    with _lock:
        if str(folder) in _guarded:
            _guarded.discard(str(folder))
            _tell(f"-{folder}")


def tidy(folder: Path) -> None:
    """Kill what runs out of ``folder`` and remove it, now."""
    end_processes(str(folder))
    shutil.rmtree(folder, ignore_errors=True)
    release(folder)


def _tell(line: str) -> None:
    if _helper is not None and _helper.stdin is not None:
        _helper.stdin.write(line.encode(errors="surrogateescape") + b"\n")
        _helper.stdin.flush()


def processes_in(folder: str) -> list[int]:
    """The ids of the processes that run out of ``folder`` (not this one)."""
    inside = folder.rstrip("/") + "/"
    return [
        int(name)
        for name in os.listdir("/proc")
        if name.isdigit() and int(name) != os.getpid() and _runs_in(int(name), inside)
    ]


def _runs_in(process: int, inside: str) -> bool:
    """A program or script of the folder, or a database server on it; not an editor somebody opened a file with."""
    try:
        with open(f"/proc/{process}/cmdline", "rb") as file:
            words = file.read().decode(errors="surrogateescape").split("\0")
    except OSError:  # it ended meanwhile, or belongs to somebody else
        return False
    program = os.path.basename(words[0])
    if words[0].startswith(inside):
        return True
    if program.startswith(("python", "sh", "dash", "bash")):
        return any(word.startswith(inside) for word in words[1:3])
    return program.startswith(("mariadbd", "mysqld")) and any(inside in word + "/" for word in words[1:])


def end_processes(folder: str) -> None:
    """Kill what runs out of ``folder``, and what that starts while we look."""
    for _ in range(5):
        running = processes_in(folder)
        if not running:
            return
        for process in running:
            _end(process)


def _end(process: int) -> None:
    """Kill one process and wait until it is gone, child of ours or not."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        select.select([handle], [], [], 5)
    except ProcessLookupError:
        return
    finally:
        os.close(handle)


def _close_helper() -> None:
    with _lock:
        if _helper is not None and _helper.stdin is not None:
            _helper.stdin.close()
            _helper.wait()


def _main() -> None:
    folders: dict[str, None] = {}
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for raw in sys.stdin.buffer:
        line = raw.decode(errors="surrogateescape").rstrip("\n")
        if line.startswith("+"):
            folders[line[1:]] = None
        else:
            folders.pop(line[1:], None)
    for folder in folders:
        end_processes(folder)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _main()
else:
    atexit.register(_close_helper)
