"""A panel's tree in a temporary folder, with the real hooks and a worker that only tells what it sees."""

from __future__ import annotations

import compileall
import contextlib
import functools
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from omnidesk.core.paths import Paths
from omnidesk.hooks import worker_start
from sandbox import guardian

REPOSITORY = Path(__file__).resolve().parents[2]
SECRET = "Zx-secret.Ключ!%7E+q"
PATIENCE = 60.0  # seconds until a test gives up waiting for an event; never part of what is tested

# Writes one JSON line into the FIFO that the test reads, then ends.
TELLS_START = """
import json, os, sys
root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
held = {name: os.readlink("/proc/self/fd/" + name) for name in os.listdir("/proc/self/fd")
        if os.path.lexists("/proc/self/fd/" + name)}
tell = os.open(root + "/told", os.O_WRONLY | os.O_NONBLOCK)  # the test may be over: then nobody reads, and this ends
facts = {"event": "started", "argv": sys.argv[1:], "env": dict(os.environ), "fds": held, "sid": os.getsid(0),
         "pid": os.getpid(), **{key: open("/proc/self/status").read().split(word)[1].split()[0]
            for key, word in (("ignored", "SigIgn:"), ("blocked", "SigBlk:"))}}
os.write(tell, (json.dumps(facts) + "\\n").encode())
"""

# A worker that keeps to the protocol of omnidesk.hooks.worker_start. With LINGER it stays until the file `finish` is
# there.
FOLLOWS_PROTOCOL = """
import json, os, sys
root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, root + "/lib")
from omnidesk.hooks import spool, worker_start as wake
from omnidesk.core.paths import Paths
paths = Paths(root)
tell = os.open(root + "/told", os.O_WRONLY | os.O_NONBLOCK)  # the test may be over: then nobody reads, and this ends
def say(event, **facts):
    os.write(tell, (json.dumps({"event": event, "pid": os.getpid(), **facts}) + "\\n").encode())
lock = wake.acquire(paths)
if lock is None:
    say("refused")
    sys.exit(0)
say("started")
pipe = wake.open_pipe(paths)
while lock is not None:
    while True:
        for event in spool.entries(paths.spool):
            spool.drop(event)
            say("seen", name=event.name)
        if not LINGER or os.path.exists(root + "/finish"):
            break
        wake.wait(pipe, 60)
    say("leaving")
    lock = wake.leave(paths, lock)
    if lock is not None:
        say("returned")
say("ended")
"""


@functools.cache
def _library() -> Path:
    """What the hooks import, compiled, as it is when it is installed; one for all trees."""
    folder = Path(tempfile.mkdtemp(prefix="omnidesk-hooks-")).resolve()
    guardian.guard(folder)
    for name in ("__init__.py", "core", "hooks"):
        source, target = REPOSITORY / "lib/omnidesk" / name, folder / "omnidesk" / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir()
            shutil.copy2(source, target)
    compileall.compile_dir(folder, quiet=1)
    return folder


class Tree:
    """The tree below ``root``. ``told`` gives what the stub workers say, as dicts, in order."""

    def __init__(self, root: Path, secret: str = SECRET) -> None:
        self.root = root
        for folder in ("cgi", "addon", "processing", "etc/omnidesk", "var"):
            (root / folder).mkdir(parents=True)
        (root / "lib").symlink_to(_library())
        for name in ("cgi/omnidesk_webhook", "addon/omnidesk"):
            first, text = (REPOSITORY / name).read_text().split("\n", 1)
            assert first == "#!/usr/bin/python3 -IS"
            self.executable(name, text)
        self.settings = root / "etc/omnidesk/omnidesk.conf"
        self.settings.write_text(f"# settings\nOmnideskUrl acme\nOmnideskSecret {secret}\n")
        os.mkfifo(root / "told")
        self._told = os.open(root / "told", os.O_RDWR | os.O_NONBLOCK)
        self._rest = b""
        self.worker(TELLS_START)

    def close(self) -> None:
        """End the stub workers that still wait, and let those that start only now find nobody to tell."""
        os.close(self._told)
        (self.root / "finish").touch()
        with contextlib.suppress(OSError):  # a test may have left something else in the FIFO's place
            worker_start.nudge(Paths(str(self.root)))

    def executable(self, name: str, text: str) -> None:
        """Put a Python program into the tree, run as the installed ones are."""
        path = self.root / name
        path.write_text(f"#!{sys.executable} -IS\n{text}")
        path.chmod(0o755)

    def worker(self, text: str) -> None:
        """Replace the worker by this program."""
        self.executable("processing/pmomnidesk", text)

    def library(self) -> Path:
        """The package in a copy of this tree's own, to change something in it."""
        folder = self.root / "lib"
        folder.unlink()
        shutil.copytree(_library(), folder)
        return folder / "omnidesk"

    @property
    def spool(self) -> Path:
        return self.root / "var/omnidesk/spool"

    def events(self) -> list[str]:
        """The names in the spool."""
        return sorted(entry.name for entry in self.spool.iterdir()) if self.spool.exists() else []

    def log(self, name: str = "omnidesk_webhook") -> str:
        path = self.root / f"var/{name}.log"
        return path.read_text() if path.exists() else ""

    def start(
        self, name: str, env: dict[str, str], stdin: Any = subprocess.PIPE, **more: Any
    ) -> subprocess.Popen[bytes]:
        """Start a hook with exactly this environment."""
        command = [str(self.root / name)]
        pipes = {"stdin": stdin, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, env={"PATH": os.environ["PATH"], **env}, **{**pipes, **more})

    def webhook(self, body: bytes = b"", query: str | None = None, **env: str) -> tuple[str, dict[str, str], str]:
        """Call the webhook: the status, the headers and the body of its answer. ``env`` without a value is unset."""
        given = {
            "REQUEST_METHOD": "POST",
            "QUERY_STRING": SECRET if query is None else query,
            "REMOTE_ADDR": "192.0.2.7",
        }
        given.setdefault("CONTENT_LENGTH", str(len(body)))
        given = {name: value for name, value in {**given, **env}.items() if value != "unset"}
        process = self.start("cgi/omnidesk_webhook", given)
        out, err = process.communicate(body, PATIENCE)
        assert (process.returncode, err) == (0, b"")
        head, _, content = out.decode().partition("\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.split("\r\n"))
        return headers.pop("Status"), headers, content

    def event(self, document: bytes = b"<doc/>", **env: str) -> bytes:
        """Run the event handler: what it printed."""
        process = self.start("addon/omnidesk", {"EVENT_TYPE": "final", **env})
        out, err = process.communicate(document, PATIENCE)
        assert (process.returncode, err) == (0, b"")
        return out

    def told(self, event: str = "") -> dict[str, Any]:
        """The next thing that a stub worker says (the next ``event``, when named). Waits for it."""
        while True:
            while b"\n" not in self._rest:
                if not select.select([self._told], [], [], PATIENCE)[0]:
                    raise TimeoutError(f"no worker said {event or 'anything'}")
                self._rest += os.read(self._told, 65536)
            line, _, self._rest = self._rest.partition(b"\n")
            said: dict[str, Any] = json.loads(line)
            if not event or said["event"] == event:
                return said
