"""nginx and fcgiwrap of one's own, serving a panel's ``cgi/`` as ``/mancgi/NAME`` on a free port of loopback.

Private in everything: configuration, folder, socket, port, user; what the machine runs itself is not touched, and
nothing is left behind (see :mod:`sandbox.guardian`). The programs are the system's, or those that
``bench/get-webserver`` has unpacked into ``build/webserver``.
"""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

from sandbox import guardian

REPOSITORY = Path(__file__).resolve().parent.parent
UNPACKED = REPOSITORY / "build" / "webserver"
CHILDREN = 16  # CGI programs at the same time; the rest wait in nginx
START_LIMIT = 15.0

# One process (no `user` and no second title to find it by): nginx's share of a call is a hundredth of the CGI's.
CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    fastcgi_temp_path {folder}/fastcgi;
    proxy_temp_path {folder}/proxy;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location ~ ^/mancgi/([A-Za-z_]+)$ {{
            fastcgi_pass unix:{folder}/fcgi.sock;
            fastcgi_param GATEWAY_INTERFACE CGI/1.1;
            fastcgi_param SERVER_PROTOCOL $server_protocol;
            fastcgi_param SCRIPT_FILENAME {root}/cgi/$1;
            fastcgi_param SCRIPT_NAME /mancgi/$1;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param REMOTE_ADDR $remote_addr;
            fastcgi_param PATH /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin;
        }}
    }}
}}
"""


class NotHere(RuntimeError):
    """nginx or fcgiwrap is not on this machine, or does not start."""


def find(name: str) -> Path:
    """The program: the one unpacked for the bench, else the system's."""
    unpacked = UNPACKED / "usr" / "sbin" / name
    if unpacked.is_file():
        return unpacked
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin")
    if found is None:
        raise NotHere(f"{name} is not on this machine")
    return Path(found)


def get() -> None:
    """Fetch what is missing, if that can be done without changing the machine; else leave it: :func:`find` tells."""
    subprocess.run([str(REPOSITORY / "bench" / "get-webserver")], check=False)


class WebServer:
    """Both programs running below ``folder`` for the scripts of ``root``; a context manager."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder = folder / "web"
        self.root = root
        self.port = 0
        self._running: list[subprocess.Popen[bytes]] = []

    def url(self, script: str, query: str = "") -> str:
        """The address of a script in ``cgi/``."""
        return f"http://127.0.0.1:{self.port}/mancgi/{script}?{query}"

    def __enter__(self) -> WebServer:
        programs = {name: find(name) for name in ("nginx", "fcgiwrap")}
        self.folder.mkdir()
        guardian.guard(self.folder)
        try:
            for name, program in programs.items():
                (self.folder / name).symlink_to(program.resolve())  # run out of the folder, the guardian knows it by
            self._start_fcgiwrap()
            self._start_nginx()
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End both and remove their folder."""
        for process in reversed(self._running):
            process.terminate()
        for process in self._running:
            process.wait()
        self._running.clear()
        guardian.tidy(self.folder)

    def complaints(self) -> list[str]:
        """What nginx has logged."""
        return (self.folder / "error.log").read_text(errors="replace").splitlines()

    def _start_fcgiwrap(self) -> None:
        """Processes that share a socket. Its own ``-c`` would leave those processes to nobody when it ends."""
        with socket.socket(socket.AF_UNIX) as shared:
            shared.bind(f"{self.folder}/fcgi.sock")
            shared.listen(511)
            for _ in range(CHILDREN):
                self._start("fcgiwrap", stdin=shared.fileno())

    def _start_nginx(self) -> None:
        self.port = _free_port()
        text = CONFIGURATION.format(folder=self.folder, root=self.root, port=self.port)
        (self.folder / "nginx.conf").write_text(text)
        arguments = ["-p", str(self.folder), "-c", f"{self.folder}/nginx.conf"]
        if _knows_error_log(self.folder / "nginx"):
            arguments += ["-e", f"{self.folder}/error.log"]
        self._start("nginx", *arguments)

    def _start(self, name: str, *arguments: str, stdin: int = subprocess.DEVNULL) -> None:
        with open(self.folder / f"{name}.out", "ab") as output:
            process = subprocess.Popen(
                [str(self.folder / name), *arguments],
                stdin=stdin,
                stdout=output,
                stderr=output,
                env=_environment(),
                cwd=self.folder,
            )
        self._running.append(process)

    def _wait_until_ready(self) -> None:
        """Until a script that is not there is refused through both programs."""
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline:
            if any(process.poll() is not None for process in self._running):
                break
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/mancgi/none")
                if connection.getresponse().status in (403, 404):  # 502: fcgiwrap is not ready yet
                    return
            except (OSError, http.client.HTTPException):
                pass  # not ready yet: that is what is waited for
            finally:
                connection.close()
            time.sleep(0.02)
        said = "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.out")))
        raise NotHere(f"nginx and fcgiwrap do not start: {said[-500:]}")


def _environment() -> dict[str, str]:
    """A neutral environment; programs unpacked into the checkout bring their libraries along."""
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
    libraries = [str(folder) for folder in (UNPACKED / "usr" / "lib").glob("*-linux-*")]
    if libraries:
        environment["LD_LIBRARY_PATH"] = ":".join(libraries)
    return environment


def _knows_error_log(nginx: Path) -> bool:
    """Whether nginx takes ``-e`` (1.19.5): without it, it first tries the system's log."""
    done = subprocess.run([str(nginx), "-h"], capture_output=True, text=True, check=False)
    return " -e " in done.stderr + done.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
